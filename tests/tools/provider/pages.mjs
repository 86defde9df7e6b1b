// What a person in a browser sees: plain HTML that loads nothing and runs nothing.

export function loginPage(client) {
    return page(
        'Sign in',
        `<p>Sign in for ${escape(client)}.</p>
<form method="post">
<label for="login">Name</label>
<input id="login" name="login" required autofocus autocomplete="off">
<button name="do" value="continue">Continue</button>
<button name="do" value="cancel" formnovalidate>Cancel</button>
</form>`,
    );
}

export function consentPage(client) {
    return page(
        'Consent',
        `<p>Allow ${escape(client)} to know your name and e-mail address?</p>
<form method="post">
<button name="do" value="allow">Allow</button>
<button name="do" value="cancel">Cancel</button>
</form>`,
    );
}

// oidc-provider hands over the form; the buttons belong to it by its name.
export function signOutPage(form) {
    return page(
        'Sign out',
        `<p>Sign out of the provider as well?</p>
${form}
<button name="logout" value="yes" form="op.logoutForm">Sign out</button>
<button form="op.logoutForm">Stay signed in</button>`,
    );
}

export function signedOutPage() {
    return page('Signed out', '<p>You are signed out.</p>');
}

export function errorPage(answer) {
    const rows = Object.entries(answer).map(([name, value]) => `<p>${escape(name)}: ${escape(value)}</p>`);
    return page('Error', rows.join('\n'));
}

function page(title, body) {
    return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${title} – test provider</title>
<h1>${title}</h1>
${body}
</html>
`;
}

function escape(text) {
    return String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
