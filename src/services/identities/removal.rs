//! Ways into an account that lead in no more: removed by its owner, by an operator, or by the proof of an address.

use super::{Acting, Identities, rows, still_acting};
use crate::domain::identity::ProviderSession;
use crate::domain::ids::{ProviderId, UserId};
use crate::services::Failure;
use crate::services::sessions::{Begun, Entrance, Proven};
use crate::storage::{StorageError, provider_sessions, users};

/// Why a way in was not removed.
#[derive(Debug, thiserror::Error)]
pub enum UnlinkError {
    /// The session has ended meanwhile.
    #[error("nobody is signed in")]
    SignedOut,
    /// The account has no such way in.
    #[error("the account has no such way in")]
    NotFound,
    /// It is the only one; what people call its provider.
    #[error("it is the last way into the account")]
    LastWay(String),
    /// Something of ours failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<StorageError> for UnlinkError {
    fn from(error: StorageError) -> Self {
        Self::Failure(error.into())
    }
}

impl Identities {
    /// Removes a way into the account of a signed-in user. Every session of theirs ends, and one begins here anew: whoever
    /// came in by that way is out.
    ///
    /// # Errors
    ///
    /// As [`UnlinkError`]; then nothing has changed. But for a store that fails when the way in is gone already: then all
    /// sessions have ended, this one too.
    pub async fn unlink(
        &self,
        acting: Acting,
        wanted: &str,
        entrance: Entrance,
    ) -> Result<Begun, UnlinkError> {
        let user = acting.user;
        let mut db = self.database.begin().await?;
        let still = still_acting(&mut db, acting).await?;
        let (account, session) = still.ok_or(UnlinkError::SignedOut)?;
        let epoch = account.epoch;
        let elsewhere = provider_sessions::find(&mut db, &acting.id_hash).await?;
        let identities = rows::of_user(&mut db, user).await?;
        let named = identities
            .iter()
            .find(|identity| identity.handle() == wanted);
        let subject = named.map(|identity| identity.subject.clone());
        let ways = self.told(account, identities);
        let way = ways.identities.iter().find(|way| way.handle == wanted);
        let (subject, way) = subject.zip(way).ok_or(UnlinkError::NotFound)?;
        if !ways.is_removable(way) {
            return Err(UnlinkError::LastWay(way.name.clone()));
        }
        rows::delete(&mut db, user, &subject).await?;
        users::raise_epoch(&mut db, user).await?;
        self.sessions.end_all(db, user).await?;
        let proven = Proven {
            user,
            epoch: epoch + 1,
            factors: session.factors.clone(),
            continues: Some(session),
        };
        let begun = self.sessions.begin(proven, entrance).await?;
        if let Some((provider, session)) = elsewhere {
            self.note_elsewhere(&begun, (&provider, &session)).await?;
        }
        Ok(begun)
    }

    /// Notes with which session at a provider one of ours began. One of which that can't be noted ends: the provider could
    /// not end it.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub(in crate::services) async fn note_elsewhere(
        &self,
        begun: &Begun,
        (provider, session): (&ProviderId, &ProviderSession),
    ) -> Result<(), Failure> {
        let noted = async {
            let mut db = self.database.acquire().await?;
            provider_sessions::insert(&mut db, &begun.token.hash(), (provider, session)).await
        };
        if let Err(error) = noted.await {
            self.sessions.revoke(begun.token).await?;
            return Err(error.into());
        }
        Ok(())
    }

    /// Removes a way into an account, or with no handle every one, for an operator; all sessions end. Yields how many ways
    /// and sessions there were.
    ///
    /// # Errors
    ///
    /// When a store fails; then nothing has changed.
    pub async fn evict(&self, user: UserId, wanted: Option<&str>) -> Result<(u64, u64), Failure> {
        let mut db = self.database.begin().await?;
        users::raise_epoch(&mut db, user).await?;
        let mut removed = 0;
        for identity in rows::of_user(&mut db, user).await? {
            if wanted.is_none_or(|wanted| identity.handle().starts_with(wanted)) {
                removed += u64::from(rows::delete(&mut db, user, &identity.subject).await?);
            }
        }
        if removed == 0 {
            return Ok((0, 0));
        }
        let sessions = self.sessions.end_all(db, user).await?;
        Ok((removed, sessions))
    }

    /// Notes that the address of an account was proven to be its owner's by other means than a provider. What was set
    /// before without that proof dies: the password, the identities, the sessions (THREATS 38). Yields how many identities
    /// and sessions there were; nothing where the proof was there already, or there is no address.
    ///
    /// # Errors
    ///
    /// When a store fails; then nothing has changed.
    pub async fn prove_email(&self, user: UserId) -> Result<Option<(u64, u64)>, Failure> {
        let mut db = self.database.begin().await?;
        if !users::prove_email(&mut db, user, self.common_clock.now(), true).await? {
            return Ok(None);
        }
        let identities = rows::delete_of_user(&mut db, user).await?;
        let sessions = self.sessions.end_all(db, user).await?;
        Ok(Some((identities, sessions)))
    }
}
