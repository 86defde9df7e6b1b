//! Attempts at one account take turns on this node.
//!
//! So many right ones at once, of a test or of a program, are no storm of guesses: each is given back before the next is
//! counted. And an attack on one account can't take up all connections to the database, waiting for one row. Must not
//! count anything: that is for the database.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::domain::throttle::Key;

/// Attempts at one account that are under way at once: fewer than are free, so that none of them has to wait a step.
const AT_ONCE: usize = 4;
/// Attempts at one account that may wait for their turn.
const WAITING: usize = 60;
/// How many accounts are remembered before those are forgotten that nobody is signing in to.
const FORGET_FROM: usize = 1024;

/// Who is at which account.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<Accounts>);

#[derive(Debug, Default)]
struct Accounts {
    turns: HashMap<Key, Weak<Semaphore>>,
    forget_at: usize,
}

impl Turns {
    /// Waits for a turn at this account. Nothing when too many are waiting.
    pub(super) async fn take(&self, account: Key) -> Option<OwnedSemaphorePermit> {
        let turns = self.of(account);
        // Whoever holds or awaits a turn holds one of these.
        if Arc::strong_count(&turns) > AT_ONCE + WAITING {
            return None;
        }
        turns.acquire_owned().await.ok()
    }

    fn of(&self, account: Key) -> Arc<Semaphore> {
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turns) = accounts.turns.get(&account).and_then(Weak::upgrade) {
            return turns;
        }
        if accounts.turns.len() >= accounts.forget_at.max(FORGET_FROM) {
            accounts.turns.retain(|_, turns| turns.strong_count() > 0);
            accounts.forget_at = 2 * accounts.turns.len();
        }
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        accounts.turns.insert(account, Arc::downgrade(&turns));
        turns
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn account(number: usize) -> Key {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&number.to_le_bytes());
        key
    }

    #[tokio::test]
    async fn attempts_at_one_account_take_turns_and_others_go_on() {
        let turns = Turns::default();
        let mut held = Vec::new();
        for _ in 0..AT_ONCE {
            held.push(turns.take(account(1)).await.unwrap());
        }
        let next = turns.take(account(1));
        tokio::pin!(next);
        assert!(next.as_mut().now_or_never().is_none());
        assert!(turns.take(account(2)).await.is_some());
        held.pop();
        assert!(next.await.is_some());
    }

    #[tokio::test]
    async fn threat_32_the_queue_at_one_account_is_bounded() {
        let turns = Arc::new(Turns::default());
        let mut held = Vec::new();
        for _ in 0..AT_ONCE {
            held.push(turns.take(account(1)).await.unwrap());
        }
        let mut waiting: Vec<_> = (0..WAITING)
            .map(|_| Box::pin(turns.take(account(1))))
            .collect();
        for one in &mut waiting {
            assert!(one.as_mut().now_or_never().is_none());
        }
        assert!(turns.take(account(1)).await.is_none());
        waiting.pop();
        let last = Box::pin(turns.take(account(1)));
        assert!(last.now_or_never().is_none(), "there is room again");
        drop((held, waiting));
        assert!(turns.take(account(1)).await.is_some());
    }

    #[tokio::test]
    async fn accounts_that_nobody_signs_in_to_are_forgotten() {
        let turns = Turns::default();
        let held = turns.take(account(0)).await.unwrap();
        for number in 1..4 * FORGET_FROM {
            drop(turns.take(account(number)).await.unwrap());
        }
        let known = turns.0.lock().unwrap().turns.len();
        assert!(known <= FORGET_FROM, "{known}");
        assert_eq!(held.num_permits(), 1);
        assert!(
            Arc::strong_count(&turns.of(account(0))) > 1,
            "still the same"
        );
    }
}
