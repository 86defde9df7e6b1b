//! The words in English. Plain and kind: say what happened and what to do next, and never whose fault it was.

use super::*;

/// English.
pub(crate) static ENGLISH: Text = Text {
    lang: "en",
    common: CommonText {
        product: "Doorward",
        kept_by: "The door is kept by",
        error_prefix: "Error: ",
        reference: "Reference:",
        signed_in_as: "Signed in as",
    },
    form: FormText {
        email: "E-mail address",
        email_missing: "Please enter your e-mail address.",
        email_invalid: "Please enter a whole e-mail address, such as name@example.com.",
        busy: "Many people are coming in right now. Please try again in a few seconds.",
    },
    sign_in: SignInText {
        title: "Sign in",
        password: "Password",
        password_missing: "Please enter your password.",
        remember: "Keep me signed in on this device",
        submit: "Sign in",
        wrong_credentials: "This e-mail address and password do not match an account. \
                            Please check both and try again.",
        too_many_attempts: "Somebody has tried to sign in with this e-mail address several times in a row. \
                            To keep accounts safe, we take a short break after that.",
        no_account_yet: "New here?",
        create_account: "Create an account",
    },
    register: RegisterText {
        title: "Create an account",
        password: "New password",
        password_hint: "At least 8 characters. A few unrelated words make a good one.",
        submit: "Create account",
        email_taken: "There is already an account with this e-mail address.",
        email_taken_link: "Sign in instead",
        email_domain_not_allowed: "Accounts here are for addresses of certain domains only. Please use one of those.",
        password_missing: "Please choose a password.",
        password_too_short: "Please make it a little longer: at least 8 characters.",
        password_too_long: "Please make it shorter: up to 1,024 characters fit.",
        password_control_character: "Please leave out tabs and other control characters.",
        password_too_weak: "This password is easy to guess. Please choose another one.",
        have_account: "Already have an account?",
        closed_title: "New accounts are closed",
        closed_message: "At the moment, accounts for this site are set up by the people who run it.",
        closed_next: "If you would like one, please ask them. If you already have an account, you can sign in.",
    },
    sign_out: SignOutText {
        title: "Sign out?",
        message: "This ends your session on this device. Nothing you saved is lost.",
        submit: "Sign out",
        stay: "Stay signed in",
        done_title: "You are signed out",
        done_message: "Your session on this device has ended. If others use this device too, you can now safely leave it.",
        sign_in_again: "Sign in again",
    },
    account: AccountText {
        title: "You are signed in",
        since: "Since",
        until: "Until, at the latest",
        back_to_app: "Go to the app",
        sign_out: "Sign out",
        ways: "Ways to sign in",
        password: "Password",
        way_since: |since| format!("since {since}"),
        remove: "Remove",
        remove_way: |provider| format!("Remove {provider}"),
        add_way: |provider| format!("Add {provider}"),
        add_another_way: |provider| format!("Add another {provider} account"),
    },
    redirect_loop: RedirectLoopText {
        title: "You are signed in, but the app keeps asking",
        message: "You were sent back and forth between the app and this page, so we stopped here. \
                  Your account and your password are fine.",
        visitor_title: "What you can do",
        visitor_steps: &[
            "Allow cookies for this site, then try again.",
            "Check that the address starts the way it usually does: http and https count as two different sites.",
            "Sign out here and sign in once more.",
            "If that does not help, tell the people who run this site. The list below is for them.",
        ],
        try_again: "Try again",
        sign_out: "Sign out",
        operator_title: "For the people who run this site",
        operator_message: "Doorward finds a live session when the browser comes here, and none when the proxy asks. \
                           Likely causes:",
        operator_checks: &[
            Check {
                subject: "Cookie",
                detail: "The proxy must pass the Cookie header on to the verify request, under the name below. \
                         A second server with another cookie_name looks for another cookie.",
            },
            Check {
                subject: "http or https",
                detail: "The entry in hosts decides the scheme and the name of the cookie, and browsers drop a Secure \
                         cookie on plain http. The entry has to be what visitors see in their address bar.",
            },
            Check {
                subject: "Routes",
                detail: "/login, /logout, /register and /account (behind base_path, if that is set) and everything below \
                         them must go from this host to this server, not to the app and not to another server.",
            },
            Check {
                subject: "App",
                detail: "If the verify URL names an app, it has to be the app of this host: the session of one app is \
                         no session in another.",
            },
            Check {
                subject: "Store",
                detail: "If there are several servers, all of them need the same session store.",
            },
        ],
        site: "Entry in hosts:",
        cookie: "Session cookie:",
    },
    sign_in_to_continue: SignInToContinueText {
        title: "Sign in to continue",
        message: "You are no longer signed in, so your form was not sent. You can still send it:",
        steps: &[
            "Sign in, in a new tab.",
            "Come back to this tab and reload the page.",
            "Your browser asks whether to send the form again. Say yes.",
        ],
        sign_in: "Sign in",
        new_tab: "(opens a new tab)",
    },
    providers: PROVIDERS,
    errors: ERRORS,
};

const PROVIDERS: ProvidersText = ProvidersText {
    sign_in_with: |provider| format!("Sign in with {provider}"),
    claim: |provider, email| {
        format!(
            "{provider} says that you are {email}, and there is already an account with this address. Please sign in to \
             it once, the way you did before. From then on {provider} leads to it too."
        )
    },
    claim_stuck: "The ways into that account are closed at the moment. Please ask the people who run this site.",
    sign_out: |provider| format!("Your session at {provider} is being ended too."),
    sign_out_link: |provider| format!("Sign out at {provider}"),
    cancelled: |provider| {
        format!(
            "You did not finish at {provider}, and nothing has changed. You can try again, or come in another way."
        )
    },
    expired: |provider| {
        format!(
            "This sign-in at {provider} took too long, was used already, or began in another browser. \
             Please begin it again here."
        )
    },
    unavailable: |provider| {
        format!(
            "{provider} does not answer right now. Please try again in a few minutes, or come in another way."
        )
    },
    failed: |provider| {
        format!(
            "{provider} could not tell us who you are. Please try again. If it happens again, tell the people who run \
             this site, or come in another way."
        )
    },
    registration_closed: |provider| {
        format!(
            "No account here belongs to this account at {provider}, and new accounts are set up by the people who run \
             this site. If you have one, sign in the way you did before; then you can add {provider}."
        )
    },
    domain_not_allowed: |provider| {
        format!(
            "Accounts here are for addresses of certain domains only, and {provider} has not confirmed that you have one. \
             If you have an account, sign in the way you did before; then you can add {provider}."
        )
    },
    email_taken: |provider| {
        format!(
            "There is already an account with the address that {provider} told us, but {provider} does not confirm that \
             the address is yours. Sign in the way you did before; then you can add {provider} on your account page."
        )
    },
    too_many: |_| {
        "Many new accounts came from your network in a short time, so new ones are taking a break. \
         Please try again in an hour."
            .to_owned()
    },
    disabled: |_| {
        "This account is closed. If you think it should be open, please ask the people who run this site.".to_owned()
    },
    identity_taken: |provider| {
        format!(
            "This account at {provider} already leads to another account here. To add it to this one, sign in with it \
             and remove it there first."
        )
    },
    other_account: |provider| {
        format!(
            "This account at {provider} does not lead to the account that you were asked to sign in to. \
             Please begin again."
        )
    },
    last_way: |provider| {
        format!("{provider} is the only way into this account, so it stays. Add another way first.")
    },
};

const ERRORS: ErrorsText = ErrorsText {
    home: "Go to the start page",
    sign_in: "Go to sign-in",
    try_again: "Try again",
    try_again_in,
    bad_request: ErrorWords {
        title: "This request could not be read",
        message: "Something in the address or in the form was not in order.",
        next: "Please go back, reload the page and try again.",
    },
    unknown_host: ErrorWords {
        title: "Nothing lives at this address",
        message: "This server keeps the door for other addresses than the one in your address bar.",
        next: "Please check the address. If you run this site, add its host to the hosts of an app.",
    },
    cross_site: ErrorWords {
        title: "This form came from another site",
        message: "To keep your account safe, we only take forms that were filled in here.",
        next: "Please open the page itself and fill in the form there.",
    },
    not_allowed: ErrorWords {
        title: "This door is not open to you",
        message: "This page is closed, or it is for other accounts than yours.",
        next: "If you think it should be open to you, please ask the people who run this site.",
    },
    not_found: ErrorWords {
        title: "There is no such page",
        message: "The address may be misspelt, or the page may have moved.",
        next: "Please check the address, or begin again at the start page.",
    },
    method_not_allowed: ErrorWords {
        title: "This page cannot be used that way",
        message: "The address is right, but it does not take this kind of request.",
        next: "Please open the page itself and continue from there.",
    },
    too_large: ErrorWords {
        title: "That was too much at once",
        message: "What was sent is larger than this page takes.",
        next: "Please go back, shorten what you filled in and send it again.",
    },
    unsupported_media_type: ErrorWords {
        title: "This was sent in a form we do not read",
        message: "This page takes ordinary forms and JSON.",
        next: "Please open the page itself and fill in the form there.",
    },
    too_many: ErrorWords {
        title: "One moment, please",
        message: "Many requests came in a short time, from you or from others on the same network, \
                  so this page is taking a short break. If you were signed in, you still are.",
        next: "Please try again in a few minutes.",
    },
    internal: ErrorWords {
        title: "Something went wrong here",
        message: "It was not your doing. The people who run this site can find out more with the reference below.",
        next: "Please try again. If it happens again, tell them the reference.",
    },
    app_unreachable: ErrorWords {
        title: "Nobody answers behind this door",
        message: "You may come in, but the app that belongs here cannot be reached right now.",
        next: "Please try again in a few seconds.",
    },
    unavailable: ErrorWords {
        title: "We will be back in a moment",
        message: "This page cannot be shown right now. If you were signed in, you still are.",
        next: "Please try again in a few seconds.",
    },
    app_late: ErrorWords {
        title: "This is taking too long",
        message: "The app behind this door did not answer in time.",
        next: "Please try again in a few minutes.",
    },
};

/// Whole minutes and hours are rounded up: whoever comes back then is let in.
fn try_again_in(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..=1 => return "Please try again in a second.".to_owned(),
        2..=90 => (seconds, "seconds"),
        91..=5400 => (seconds.div_ceil(60), "minutes"),
        _ => (seconds.div_ceil(3600), "hours"),
    };
    format!("Please try again in {count} {unit}.")
}
