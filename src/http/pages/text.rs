//! Every word of Doorward's pages, in one place, so that a translation is one more value of [`Text`].
//!
//! The words are in `text/<language>.rs`; here is what there is to say. Templates hold no words of their own. Nothing here is
//! markup: every string is escaped like any other.

mod english;

pub(crate) use english::ENGLISH;

/// All words in one language.
#[derive(Debug)]
pub(crate) struct Text {
    /// The language, for `<html lang>` (BCP 47).
    pub lang: &'static str,
    /// Words on more than one page.
    pub common: CommonText,
    /// Words of forms.
    pub form: FormText,
    /// The sign-in form.
    pub sign_in: SignInText,
    /// The form for a new account.
    pub register: RegisterText,
    /// Signing out.
    pub sign_out: SignOutText,
    /// The account page.
    pub account: AccountText,
    /// The page that ends a redirect loop.
    pub redirect_loop: RedirectLoopText,
    /// The page after a form was sent without a session.
    pub sign_in_to_continue: SignInToContinueText,
    /// Providers of identities.
    pub providers: ProvidersText,
    /// Refusals and failures.
    pub errors: ErrorsText,
}

/// Words on more than one page.
#[derive(Debug)]
pub(crate) struct CommonText {
    /// The name of this product, at the foot of a page.
    pub product: &'static str,
    /// Before the name of the product.
    pub kept_by: &'static str,
    /// Before a window title, when something is wrong: it is what a screen reader says first.
    pub error_prefix: &'static str,
    /// Before the request id.
    pub reference: &'static str,
    /// Before the address of who is signed in.
    pub signed_in_as: &'static str,
}

/// Words of forms.
#[derive(Debug)]
pub(crate) struct FormText {
    /// Label.
    pub email: &'static str,
    /// Field error.
    pub email_missing: &'static str,
    /// Field error.
    pub email_invalid: &'static str,
    /// No room on the hashing pool.
    pub busy: &'static str,
}

/// The sign-in form.
#[derive(Debug)]
pub(crate) struct SignInText {
    /// Heading, and the link to this page from others.
    pub title: &'static str,
    /// Label.
    pub password: &'static str,
    /// Field error.
    pub password_missing: &'static str,
    /// Label of the box.
    pub remember: &'static str,
    /// The button.
    pub submit: &'static str,
    /// Address, password or account not right; must not say which.
    pub wrong_credentials: &'static str,
    /// Too many attempts with an address; must not say whether somebody has it. When to try again follows.
    pub too_many_attempts: &'static str,
    /// Before the link to registering.
    pub no_account_yet: &'static str,
    /// The link to registering.
    pub create_account: &'static str,
}

/// The form for a new account.
#[derive(Debug)]
pub(crate) struct RegisterText {
    /// Heading.
    pub title: &'static str,
    /// Label.
    pub password: &'static str,
    /// What is asked of a password.
    pub password_hint: &'static str,
    /// The button.
    pub submit: &'static str,
    /// Field error.
    pub email_taken: &'static str,
    /// After it: the link to signing in.
    pub email_taken_link: &'static str,
    /// Field error.
    pub password_missing: &'static str,
    /// Field error.
    pub email_domain_not_allowed: &'static str,
    /// Field error.
    pub password_too_short: &'static str,
    /// Field error.
    pub password_too_long: &'static str,
    /// Field error.
    pub password_control_character: &'static str,
    /// Field error; a suggestion may follow.
    pub password_too_weak: &'static str,
    /// Before the link to signing in.
    pub have_account: &'static str,
    /// Heading where registration is closed.
    pub closed_title: &'static str,
    /// What that means.
    pub closed_message: &'static str,
    /// What to do next.
    pub closed_next: &'static str,
}

/// Signing out.
#[derive(Debug)]
pub(crate) struct SignOutText {
    /// The question.
    pub title: &'static str,
    /// What signing out does.
    pub message: &'static str,
    /// The button.
    pub submit: &'static str,
    /// The link that does nothing.
    pub stay: &'static str,
    /// Heading afterwards.
    pub done_title: &'static str,
    /// What that means.
    pub done_message: &'static str,
    /// The link to signing in.
    pub sign_in_again: &'static str,
}

/// The account page.
#[derive(Debug)]
pub(crate) struct AccountText {
    /// Heading.
    pub title: &'static str,
    /// Before the time of signing in.
    pub since: &'static str,
    /// Before the time at which the session ends.
    pub until: &'static str,
    /// The link to the app.
    pub back_to_app: &'static str,
    /// The button.
    pub sign_out: &'static str,
    /// Heading of the ways in.
    pub ways: &'static str,
    /// The way in that needs a password.
    pub password: &'static str,
    /// Since when a way leads in.
    pub way_since: fn(&str) -> String,
    /// The button that removes a way in.
    pub remove: &'static str,
    /// The same, with the name of the provider: what a screen reader says.
    pub remove_way: fn(&str) -> String,
    /// The link that adds a provider.
    pub add_way: fn(&str) -> String,
    /// The same for one that leads in already.
    pub add_another_way: fn(&str) -> String,
}

/// Providers of identities. Each function is given what people call the provider.
#[derive(Debug)]
pub(crate) struct ProvidersText {
    /// The link to the provider.
    pub sign_in_with: fn(&str) -> String,
    /// An account has the address that the provider told; after the provider, the address.
    pub claim: fn(&str, &str) -> String,
    /// After it: no way into that account is open.
    pub claim_stuck: &'static str,
    /// The session at the provider ends too.
    pub sign_out: fn(&str) -> String,
    /// The link that ends it.
    pub sign_out_link: fn(&str) -> String,
    /// Cancelled there.
    pub cancelled: fn(&str) -> String,
    /// Too late, once more, or elsewhere.
    pub expired: fn(&str) -> String,
    /// No answer.
    pub unavailable: fn(&str) -> String,
    /// Refused, or not believed.
    pub failed: fn(&str) -> String,
    /// No account, and none can be made.
    pub registration_closed: fn(&str) -> String,
    /// No account, and not with this address.
    pub domain_not_allowed: fn(&str) -> String,
    /// An account has the address, and nobody vouches for it.
    pub email_taken: fn(&str) -> String,
    /// Too many accounts from one address.
    pub too_many: fn(&str) -> String,
    /// The account is disabled.
    pub disabled: fn(&str) -> String,
    /// The identity belongs to another account.
    pub identity_taken: fn(&str) -> String,
    /// Somebody is the owner of another account.
    pub other_account: fn(&str) -> String,
    /// The last way in stays.
    pub last_way: fn(&str) -> String,
}

/// The page that ends a redirect loop.
#[derive(Debug)]
pub(crate) struct RedirectLoopText {
    /// Heading.
    pub title: &'static str,
    /// What happened.
    pub message: &'static str,
    /// Heading of what a visitor can do.
    pub visitor_title: &'static str,
    /// What a visitor can do, one step each.
    pub visitor_steps: &'static [&'static str],
    /// The link to where the visitor wanted to go.
    pub try_again: &'static str,
    /// The button.
    pub sign_out: &'static str,
    /// Heading of what the operator can check; opens the list.
    pub operator_title: &'static str,
    /// Before the list.
    pub operator_message: &'static str,
    /// What to check, likeliest first.
    pub operator_checks: &'static [Check],
    /// Before the matched entry of `hosts`.
    pub site: &'static str,
    /// Before the name of the cookie.
    pub cookie: &'static str,
}

/// Something an operator can check.
#[derive(Debug)]
pub(crate) struct Check {
    /// What it is about.
    pub subject: &'static str,
    /// What should be so.
    pub detail: &'static str,
}

/// The page after a form was sent without a session.
#[derive(Debug)]
pub(crate) struct SignInToContinueText {
    /// Heading.
    pub title: &'static str,
    /// What happened.
    pub message: &'static str,
    /// What to do, one step each.
    pub steps: &'static [&'static str],
    /// The link to the sign-in form, which opens a new tab.
    pub sign_in: &'static str,
    /// Said after it.
    pub new_tab: &'static str,
}

/// Refusals and failures, with what their buttons say.
#[derive(Debug)]
pub(crate) struct ErrorsText {
    /// To the app's start page.
    pub home: &'static str,
    /// To the sign-in form.
    pub sign_in: &'static str,
    /// To the same address again.
    pub try_again: &'static str,
    /// What to do next, where it is known in how many seconds.
    pub try_again_in: fn(u64) -> String,
    /// 400.
    pub bad_request: ErrorWords,
    /// 403.
    pub unknown_host: ErrorWords,
    /// 403.
    pub cross_site: ErrorWords,
    /// 403.
    pub not_allowed: ErrorWords,
    /// 404.
    pub not_found: ErrorWords,
    /// 405.
    pub method_not_allowed: ErrorWords,
    /// 413.
    pub too_large: ErrorWords,
    /// 415.
    pub unsupported_media_type: ErrorWords,
    /// 429.
    pub too_many: ErrorWords,
    /// 500.
    pub internal: ErrorWords,
    /// 502.
    pub app_unreachable: ErrorWords,
    /// 503.
    pub unavailable: ErrorWords,
    /// 504.
    pub app_late: ErrorWords,
}

/// The words for one refusal or failure.
#[derive(Debug)]
pub(crate) struct ErrorWords {
    /// Heading: what happened.
    pub title: &'static str,
    /// What that means.
    pub message: &'static str,
    /// What to do next.
    pub next: &'static str,
}
