//! Those who wait until a log has a position, and what wakes them.

use std::fmt;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Reply, Ticket, ticket};
use crate::StoreError;

/// Wakes those who wait for positions.
///
/// Whoever waits is noted down first, and the log is looked at then: an append between the two is
/// seen by the one or by the other.
#[derive(Default)]
pub struct Bell {
    room: Mutex<Room>,
    changed: Condvar,
}

#[derive(Default)]
struct Room {
    waiters: Vec<Waiter>,
    is_closed: bool,
}

struct Waiter {
    position: u64,
    reply: Reply<Result<u64, StoreError>>,
}

impl fmt::Debug for Bell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bell").field("waiters", &self.room().waiters.len()).finish()
    }
}

impl Bell {
    fn room(&self) -> MutexGuard<'_, Room> {
        // Nothing panics in it.
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes somebody down who waits for a position. Look at the log, and [`ring`](Self::ring),
    /// afterwards.
    pub fn wait(&self, position: u64) -> Ticket<Result<u64, StoreError>> {
        let (reply, ticket) = ticket();
        let mut room = self.room();
        if !room.is_closed {
            room.waiters.push(Waiter { position, reply });
            self.changed.notify_all();
        }
        ticket
    }

    /// Answers those whose position the log has.
    pub fn ring(&self, head: u64) {
        self.answer(|waiter| (waiter.position <= head).then_some(Ok(head)));
    }

    /// Tells all who wait that the log cannot be looked at.
    pub fn fail(&self, error: &StoreError) {
        self.answer(|_| Some(Err(error.clone())));
    }

    /// Answers, and forgets who has gone, outside the lock: both wake, and a waker may do anything.
    fn answer(&self, answer: impl Fn(&Waiter) -> Option<Result<u64, StoreError>>) {
        let (mut answers, mut gone) = (Vec::new(), Vec::new());
        let mut room = self.room();
        for waiter in std::mem::take(&mut room.waiters) {
            match answer(&waiter) {
                Some(answer) => answers.push((waiter, answer)),
                None if waiter.reply.is_wanted() => room.waiters.push(waiter),
                None => gone.push(waiter),
            }
        }
        drop(room);
        drop(gone);
        answers.into_iter().for_each(|(waiter, answer)| waiter.reply.send(answer));
    }

    /// For a thread that looks at the log now and then: returns after so long while somebody waits,
    /// and not at all while nobody does. False once the bell is closed.
    pub fn is_needed_after(&self, interval: Duration) -> bool {
        let idle = |room: &mut Room| room.waiters.is_empty() && !room.is_closed;
        let open = |room: &mut Room| !room.is_closed;
        let room = self.changed.wait_while(self.room(), idle);
        let room = room.unwrap_or_else(PoisonError::into_inner);
        let room = self.changed.wait_timeout_while(room, interval, open);
        !room.unwrap_or_else(PoisonError::into_inner).0.is_closed
    }

    /// Nobody is answered any more: all who wait are told that the store is closed.
    pub fn close(&self) {
        let mut room = self.room();
        room.is_closed = true;
        let waiters = std::mem::take(&mut room.waiters);
        self.changed.notify_all();
        drop(room);
        drop(waiters);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::{Context, Wake};

    use super::*;

    /// Whoever is woken waits again.
    struct Waits(Arc<Bell>);

    impl Wake for Waits {
        fn wake(self: Arc<Self>) {
            drop(self.0.wait(9));
        }
    }

    #[test]
    fn who_has_gone_may_do_anything_when_it_is_forgotten() {
        let bell = Arc::new(Bell::default());
        let waker = Arc::new(Waits(Arc::clone(&bell))).into();
        let mut ticket = Box::pin(bell.wait(5));
        assert!(ticket.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        drop(ticket);
        bell.ring(1);
        assert!(bell.room.try_lock().is_ok(), "nobody holds it");
    }
}
