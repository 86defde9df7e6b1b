//! Sending a browser to a provider.

use url::Url;

use super::{OauthError, OauthLogin};
use crate::domain::flow::{BrowserKey, Claim, Secrets, State};
use crate::domain::ids::{PoolId, ProviderId, UserId};
use crate::domain::return_to::ReturnTo;
use crate::providers::Errand;
use crate::services::Failure;
use crate::storage::sign_ins::{self, SignIn};

/// A sign-in that is to begin.
#[derive(Debug)]
pub struct Beginning<'a> {
    /// Where.
    pub provider: &'a ProviderId,
    /// Whose users sign in.
    pub pool: &'a PoolId,
    /// The exact address of the callback.
    pub redirect_uri: String,
    /// Where to go afterwards.
    pub return_to: Option<ReturnTo>,
    /// The key that the browser came with.
    pub browser: Option<BrowserKey>,
    /// What for.
    pub purpose: Purpose,
}

/// What a sign-in is for.
#[derive(Debug, Clone, Copy)]
pub enum Purpose {
    /// To sign in.
    SignIn,
    /// To link the identity to the account of this user, who is signed in.
    Link(UserId),
    /// To prove whose account it is that has the address of this claim.
    Prove(Claim),
}

/// A sign-in that has begun.
#[derive(Debug)]
pub struct Begun {
    /// Where the browser has to go.
    pub url: Url,
    /// The key that it has to keep.
    pub browser: BrowserKey,
}

impl OauthLogin {
    /// Begins a sign-in at a provider.
    ///
    /// # Errors
    ///
    /// [`OauthError::NotOffered`], [`OauthError::Unavailable`], and [`OauthError::Failure`].
    pub async fn begin(&self, beginning: Beginning<'_>) -> Result<Begun, OauthError> {
        let id = beginning.provider;
        let offered = self.providers.find(beginning.pool, id);
        let offered = offered.ok_or(OauthError::NotOffered)?;
        let browser = match beginning.browser {
            // One for all tabs: a new one would end the sign-ins that are under way in others.
            Some(browser) => browser,
            None => BrowserKey::generate(self.random.as_ref()).map_err(Failure::from)?,
        };
        let state = State::generate(self.random.as_ref()).map_err(Failure::from)?;
        let errand = Errand {
            secrets: Secrets { browser, state },
            redirect_uri: &beginning.redirect_uri,
        };
        let url = offered.provider.authorization_url(errand).await;
        let url = url.map_err(|error| {
            tracing::info!(provider = %id, %error, "no sign-in can begin at the provider");
            OauthError::from(&error)
        })?;
        let (link_user, claim) = match beginning.purpose {
            Purpose::SignIn => (None, None),
            Purpose::Link(user) => (Some(user), None),
            Purpose::Prove(claim) => (None, Some(claim)),
        };
        let sign_in = SignIn {
            browser_hash: browser.hash(),
            provider: id.clone(),
            return_to: beginning.return_to.map(|rd| rd.as_str().to_owned()),
            link_user,
            claim_hash: claim.map(|claim| claim.hash()),
            begun_at: self.common_clock.now(),
            redirect_uri: beginning.redirect_uri,
        };
        let mut db = self.database.acquire().await?;
        sign_ins::insert(&mut db, &state.hash(), &sign_in).await?;
        Ok(Begun { url, browser })
    }
}
