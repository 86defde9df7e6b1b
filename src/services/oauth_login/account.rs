//! Which account an identity belongs to, and what becomes of one that belongs to none (THREATS 38).
//!
//! An address is never what names somebody: it finds an account whose owner has to say that both are theirs. Must not
//! believe an address that the provider does not vouch for, or whose word does not count.

use super::{Callback, Finished, OauthError, OauthLogin};
use crate::domain::email::Email;
use crate::domain::flow::{Claim, SecretHash};
use crate::domain::identity::Identified;
use crate::domain::ids::{ProviderId, UserId};
use crate::domain::random;
use crate::domain::session::Factor;
use crate::domain::user::User;
use crate::services::Failure;
use crate::services::identities::{Acting, still_acting, still_open};
use crate::services::sessions::{Begun, Entrance, Proven};
use crate::storage::claims::{self, Waiting};
use crate::storage::identities::{self, Identity};
use crate::storage::sign_ins::SignIn;
use crate::storage::users::{self, Account};

/// How often it is looked again whose an identity is, after somebody else was quicker.
const ATTEMPTS: usize = 3;

/// What was found about an identity.
enum Whose {
    /// An account that it belongs to.
    Known(UserId, i64),
    /// An account that was made for it now.
    New(UserId),
    /// An account that has its verified address.
    Claimed(UserId, Email),
    /// Something has changed in between.
    Changed,
}

impl OauthLogin {
    pub(super) async fn sign_in(
        &self,
        sign_in: SignIn,
        told: Identified,
        callback: Callback<'_>,
        entrance: Entrance,
    ) -> Result<Finished, OauthError> {
        for _ in 0..ATTEMPTS {
            let (user, epoch, registered) = match self.whose(&told, callback).await? {
                Whose::Known(user, epoch) => (user, epoch, false),
                Whose::New(user) => (user, 0, true),
                Whose::Claimed(user, email) => {
                    let claim = self
                        .let_wait(&sign_in, (user, email), told, callback)
                        .await?;
                    return Ok(Finished::Claimed(claim));
                }
                Whose::Changed => continue,
            };
            let begun = self
                .enter((user, epoch), (callback.provider, told), entrance)
                .await?;
            return Ok(Finished::SignedIn {
                begun: Box::new(begun),
                registered,
                return_to: sign_in.return_to,
            });
        }
        let reason = "the owner of an identity keeps changing".into();
        Err(Failure::Internal(reason).into())
    }

    /// The account that an identity belongs to, with its epoch.
    pub(super) async fn known(
        &self,
        told: &Identified,
        callback: Callback<'_>,
    ) -> Result<Option<(UserId, i64)>, OauthError> {
        let mut db = self.database.acquire().await?;
        let Some(identity) = identities::find(&mut db, callback.pool, &told.subject).await? else {
            return Ok(None);
        };
        let Some(account) = users::by_id(&mut db, identity.user).await? else {
            return Ok(None);
        };
        if account.user.disabled {
            return Err(OauthError::Disabled);
        }
        let email = told.email.as_ref().map(|email| email.address.as_str());
        let now = self.common_clock.now();
        let owner = (callback.pool, account.user.id);
        let used = (callback.provider, email);
        // Where it was removed meanwhile the epoch that was read may be that of after the removal.
        let used = identities::note_use(&mut db, owner, &told.subject, used, now).await?;
        Ok(used.then_some((account.user.id, account.epoch)))
    }

    async fn whose(&self, told: &Identified, callback: Callback<'_>) -> Result<Whose, OauthError> {
        if let Some((user, epoch)) = self.known(told, callback).await? {
            return Ok(Whose::Known(user, epoch));
        }
        let verified = self.is_verified(told, callback);
        let address = told.email.as_ref().map(|email| &email.address);
        let holder = match address {
            Some(address) => {
                let mut db = self.database.acquire().await?;
                users::by_email(&mut db, callback.pool, address).await?
            }
            None => None,
        };
        match (holder, address) {
            (Some(_), _) if !verified => {
                // Where nobody may register, nobody learns who has an account.
                self.admit(address, verified)?;
                Err(OauthError::EmailTaken)
            }
            (Some(account), _) if account.user.disabled => Err(OauthError::Disabled),
            (Some(account), Some(address)) => {
                self.of_holder(account, address, told, callback).await
            }
            _ => self.register(told, verified, callback).await,
        }
    }

    fn is_verified(&self, told: &Identified, callback: Callback<'_>) -> bool {
        let offered = self.providers.find(callback.pool, callback.provider);
        let trusted = offered.is_some_and(|offered| offered.trust_email);
        trusted && told.email.as_ref().is_some_and(|email| email.verified)
    }

    /// An account with the verified address of somebody new. One that has no way in yet was made for its owner, who comes
    /// here; whoever is signed in to it has said already that it is theirs.
    async fn of_holder(
        &self,
        account: Account,
        address: &Email,
        told: &Identified,
        callback: Callback<'_>,
    ) -> Result<Whose, OauthError> {
        let user = account.user.id;
        let mut db = self.database.begin().await?;
        let account = match callback.acts_for(user) {
            // Whoever is signed in has not proven the address before, where nobody has: the account may have been made by
            // somebody else for its owner to walk into.
            Some(acting) if account.user.email_proven_at.is_some() => {
                let still = still_acting(&mut db, acting).await?;
                still.map(|(account, _)| account)
            }
            _ => {
                let account = still_open(&mut db, user).await?;
                let known = identities::of_user(&mut db, user).await?;
                account.filter(|account| account.password_hash.is_none() && known.is_empty())
            }
        };
        let Some(account) = account else {
            return Ok(Whose::Claimed(user, address.clone()));
        };
        if !identities::insert(&mut db, callback.pool, &self.identity(user, told, callback)).await?
        {
            return Ok(Whose::Changed);
        }
        users::prove_email(&mut db, user, self.common_clock.now(), false).await?;
        db.commit().await?;
        Ok(Whose::Known(user, account.epoch))
    }

    /// Makes an account for somebody new, if registration lets it.
    async fn register(
        &self,
        told: &Identified,
        verified: bool,
        callback: Callback<'_>,
    ) -> Result<Whose, OauthError> {
        let address = told.email.as_ref().map(|email| &email.address);
        self.admit(address, verified)?;
        // Whoever a provider vouches for is somebody; of others one network could make any number.
        if !verified && !(callback.may_register)() {
            return Err(OauthError::TooMany);
        }
        let now = self.common_clock.now();
        let user = User {
            id: UserId(random::uuid(self.random.as_ref()).map_err(Failure::from)?),
            pool: callback.pool.clone(),
            email: address.cloned(),
            email_proven_at: verified.then_some(now),
            roles: Vec::new(),
            disabled: false,
            created_at: now,
        };
        let mut db = self.database.begin().await?;
        if users::insert(&mut db, &user, None).await?
            && identities::insert(&mut db, &user.pool, &self.identity(user.id, told, callback))
                .await?
        {
            db.commit().await?;
            return Ok(Whose::New(user.id));
        }
        Ok(Whose::Changed)
    }

    /// Whether somebody with this address may have an account.
    fn admit(&self, address: Option<&Email>, verified: bool) -> Result<(), OauthError> {
        let rules = &self.registration;
        if !rules.open {
            return Err(OauthError::RegistrationClosed);
        }
        // Anybody can say that an address is theirs: what lets in a domain is an address that is.
        let allowed = address.is_some_and(|address| verified && rules.allows(address));
        if rules.allowed_domains.is_empty() || allowed {
            Ok(())
        } else {
            Err(OauthError::DomainNotAllowed)
        }
    }

    fn identity(&self, user: UserId, told: &Identified, callback: Callback<'_>) -> Identity {
        let now = self.common_clock.now();
        let email = told.email.as_ref();
        Identity {
            subject: told.subject.clone(),
            user,
            provider: callback.provider.clone(),
            email: email.map(|email| email.address.as_str().to_owned()),
            linked_at: now,
            last_used_at: now,
        }
    }

    async fn let_wait(
        &self,
        sign_in: &SignIn,
        (user, email): (UserId, Email),
        told: Identified,
        callback: Callback<'_>,
    ) -> Result<Claim, OauthError> {
        let claim = Claim::generate(self.random.as_ref()).map_err(Failure::from)?;
        let waiting = Waiting {
            user,
            pool: callback.pool.clone(),
            subject: told.subject,
            provider: callback.provider.clone(),
            email,
            return_to: sign_in.return_to.clone(),
            made_at: self.common_clock.now(),
        };
        let keys: (&SecretHash, &SecretHash) = (&claim.hash(), &sign_in.browser_hash);
        let mut db = self.database.acquire().await?;
        claims::insert(&mut db, keys, &waiting).await?;
        Ok(claim)
    }

    /// Links an identity to the account of somebody who is signed in.
    pub(super) async fn link(
        &self,
        acting: Acting,
        told: &Identified,
        callback: Callback<'_>,
    ) -> Result<(), OauthError> {
        let mut db = self.database.begin().await?;
        let still = still_acting(&mut db, acting).await?;
        let (account, _) = still.ok_or(OauthError::Expired)?;
        let user = account.user.id;
        if !identities::insert(&mut db, callback.pool, &self.identity(user, told, callback)).await?
        {
            let owner = identities::find(&mut db, callback.pool, &told.subject).await?;
            return match owner {
                Some(identity) if identity.user == user => Ok(()),
                _ => Err(OauthError::IdentityTaken),
            };
        }
        let own = account.user.email.as_ref();
        let told_email = told.email.as_ref().map(|email| &email.address);
        // Whoever is signed in to an account and has its address at a provider that is believed has proven both.
        if own.is_some() && own == told_email && self.is_verified(told, callback) {
            users::prove_email(&mut db, user, self.common_clock.now(), false).await?;
        }
        Ok(db.commit().await?)
    }

    /// Begins the session, and notes with which session at the provider.
    pub(super) async fn enter(
        &self,
        (user, epoch): (UserId, i64),
        (provider, told): (&ProviderId, Identified),
        entrance: Entrance,
    ) -> Result<Begun, OauthError> {
        let proven = Proven {
            user,
            epoch,
            factors: vec![Factor::Provider],
            continues: None,
        };
        let sign_out = self
            .providers
            .all
            .get(provider)
            .is_some_and(|offered| offered.sign_out);
        let begun = self.sessions.begin(proven, entrance).await?;
        let Some(mut session) = told.session else {
            return Ok(begun);
        };
        if !sign_out {
            session.id_token.clear();
        }
        self.identities
            .note_elsewhere(&begun, (provider, &session))
            .await?;
        Ok(begun)
    }
}
