//! What comes back from a provider.

use std::fmt;

use super::{Finished, OauthError, OauthLogin, Offered, SIGN_IN_LIFETIME, Unfinished};
use crate::domain::flow::{BrowserKey, Secrets, State};
use crate::domain::identity::Identified;
use crate::domain::ids::{PoolId, ProviderId, UserId};
use crate::providers::{Errand, ProviderError, Reply};
use crate::services::Failure;
use crate::services::identities::{Acting, Proof};
use crate::services::sessions::Entrance;
use crate::storage::sign_ins::{self, Return, SignIn};

/// What a browser brings back, as far as it can be read.
#[derive(Clone, Copy)]
pub struct Callback<'a> {
    /// The provider whose callback was asked for.
    pub provider: &'a ProviderId,
    /// Whose users sign in there.
    pub pool: &'a PoolId,
    /// The address of the callback.
    pub redirect_uri: &'a str,
    /// The key that the browser came with.
    pub browser: Option<BrowserKey>,
    /// The parameter `state`.
    pub state: Option<State>,
    /// The parameter `code`.
    pub code: Option<&'a str>,
    /// The parameter `error`.
    pub error: Option<&'a str>,
    /// The parameter `iss`.
    pub issuer: Option<&'a str>,
    /// The session of whoever is signed in already.
    pub signed_in: Option<Acting>,
    /// Whether another account may be made from where the browser is. Asked only where one would be.
    pub may_register: &'a (dyn Fn() -> bool + Sync),
}

impl Callback<'_> {
    /// Whether this user is signed in.
    pub(super) fn acts_for(&self, user: UserId) -> Option<Acting> {
        self.signed_in.filter(|acting| acting.user == user)
    }
}

impl fmt::Debug for Callback<'_> {
    /// Code and state are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback")
            .field("provider", &self.provider)
            .field("pool", &self.pool)
            .finish_non_exhaustive()
    }
}

impl OauthLogin {
    /// Ends a sign-in that comes back from a provider.
    ///
    /// # Errors
    ///
    /// As [`OauthError`], with what is known of the sign-in.
    pub async fn finish(
        &self,
        callback: Callback<'_>,
        entrance: Entrance,
    ) -> Result<Finished, Unfinished> {
        let offered = self.providers.find(callback.pool, callback.provider);
        let offered = offered.ok_or_else(|| Unfinished::at_once(OauthError::NotOffered))?;
        let (Some(browser), Some(state)) = (callback.browser, callback.state) else {
            return repeated(None, callback);
        };
        let (browser_hash, state_hash) = (browser.hash(), state.hash());
        let back = Return {
            state_hash: &state_hash,
            browser_hash: &browser_hash,
            provider: callback.provider,
            redirect_uri: callback.redirect_uri,
        };
        let taken = self.take(back).await.map_err(Unfinished::at_once)?;
        let Some(sign_in) = taken else {
            let past = self.past(back).await.map_err(Unfinished::at_once)?;
            return repeated(past, callback);
        };
        let (return_to, linking) = (sign_in.return_to.clone(), sign_in.link_user.is_some());
        let errand = Errand {
            secrets: Secrets { browser, state },
            redirect_uri: callback.redirect_uri,
        };
        let ended = async {
            let told = identify(offered, errand, callback).await?;
            self.conclude(sign_in, told, callback, entrance).await
        };
        ended.await.map_err(|reason| Unfinished {
            reason,
            return_to,
            linking,
        })
    }

    async fn take(&self, back: Return<'_>) -> Result<Option<SignIn>, Failure> {
        let now = self.common_clock.now();
        let mut db = self.database.acquire().await?;
        Ok(sign_ins::take(&mut db, back, (now - SIGN_IN_LIFETIME, now)).await?)
    }

    async fn past(&self, back: Return<'_>) -> Result<Option<SignIn>, Failure> {
        let mut db = self.database.acquire().await?;
        Ok(sign_ins::past(&mut db, back).await?)
    }

    /// What becomes of somebody whom a provider has named.
    async fn conclude(
        &self,
        sign_in: SignIn,
        told: Identified,
        callback: Callback<'_>,
        entrance: Entrance,
    ) -> Result<Finished, OauthError> {
        let provider = callback.provider;
        if let Some(user) = sign_in.link_user {
            // Somebody else may have signed in meanwhile, or nobody be.
            let acting = callback.acts_for(user).ok_or(OauthError::Expired)?;
            self.link(acting, &told, callback).await?;
            return Ok(Finished::Linked);
        }
        let Some(claim) = sign_in.claim_hash else {
            return self.sign_in(sign_in, told, callback, entrance).await;
        };
        let (user, epoch) = self
            .known(&told, callback)
            .await?
            .ok_or(OauthError::OtherAccount)?;
        let proof = Proof {
            claim_hash: &claim,
            browser_hash: &sign_in.browser_hash,
            user,
            epoch,
        };
        let return_to = self.identities.prove(proof).await?;
        let begun = self
            .enter((user, epoch), (provider, told), entrance)
            .await?;
        Ok(Finished::SignedIn {
            begun: Box::new(begun),
            registered: false,
            return_to,
        })
    }
}

/// Who it is, by the provider's word.
async fn identify(
    offered: &Offered,
    errand: Errand<'_>,
    callback: Callback<'_>,
) -> Result<Identified, OauthError> {
    let told = async {
        // Before an error is believed too: another provider might send one in this one's name. Not every provider names
        // itself in one, and an error without a name does no harm.
        if callback.issuer.is_some() || callback.error.is_none() {
            offered.provider.check_issuer(callback.issuer).await?;
        }
        if let Some(error) = callback.error {
            return Ok(Err(error));
        }
        let missing = || ProviderError::Refused("the answer holds no code".to_owned());
        let reply = Reply {
            code: callback
                .code
                .filter(|code| !code.is_empty())
                .ok_or_else(missing)?,
        };
        offered.provider.identify(errand, reply).await.map(Ok)
    };
    match told.await {
        Ok(Ok(told)) => Ok(told),
        Ok(Err(error)) => Err(of_word(callback.provider, error)),
        Err(error) => {
            tracing::warn!(provider = %callback.provider, %error, "a sign-in at the provider failed");
            Err(OauthError::from(&error))
        }
    }
}

/// The provider's own word for why (RFC 6749, section 4.1.2.1; OpenID Connect Core, section 3.1.2.6).
fn of_word(provider: &ProviderId, error: &str) -> OauthError {
    let known = |words: &[&str]| words.contains(&error);
    if known(&[
        "access_denied",
        "user_cancelled_login",
        "user_cancelled_authorize",
        "consent_required",
    ]) {
        return OauthError::Cancelled;
    }
    let word = crate::providers::as_word(error);
    tracing::warn!(%provider, error = word, "the provider sent an error");
    if known(&["server_error", "temporarily_unavailable"]) {
        OauthError::Unavailable
    } else {
        OauthError::Failed
    }
}

/// A sign-in that comes back once more, too late, or to another browser. Whoever is signed in just goes on.
fn repeated(past: Option<SignIn>, callback: Callback<'_>) -> Result<Finished, Unfinished> {
    let linking = past
        .as_ref()
        .is_some_and(|sign_in| sign_in.link_user.is_some());
    let return_to = past.and_then(|sign_in| sign_in.return_to);
    match callback.signed_in {
        Some(_) => Ok(Finished::Repeated { return_to }),
        None => Err(Unfinished {
            reason: OauthError::Expired,
            return_to,
            linking,
        }),
    }
}
