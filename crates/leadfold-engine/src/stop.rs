//! A wish to end what runs on another thread.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// Ends a runner from another thread, also while it waits for events. Clones are the same wish.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Mutex<Wish>>);

#[derive(Debug, Default)]
struct Wish {
    is_requested: bool,
    /// Of the waits that are not over, by the numbers of their places.
    wakers: BTreeMap<u64, Waker>,
    /// The place of the next wait.
    next: u64,
}

impl Stop {
    /// A wish that nobody has yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn wish(&self) -> MutexGuard<'_, Wish> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks to end, for good.
    pub fn request(&self) {
        let mut wish = self.wish();
        wish.is_requested = true;
        let wakers = std::mem::take(&mut wish.wakers);
        drop(wish);
        wakers.into_values().for_each(Waker::wake);
    }

    /// Whether somebody has asked to end.
    pub fn is_requested(&self) -> bool {
        self.wish().is_requested
    }

    /// A future's value, or none if somebody asked to end before it was there.
    pub async fn or<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let place = Place::new(self);
        let mut future = pin!(future);
        std::future::poll_fn(|context| {
            if place.is_over(context.waker()) {
                return Poll::Ready(None);
            }
            future.as_mut().poll(context).map(Some)
        })
        .await
    }
}

/// A wait's place among those that a wish wakes. It goes with the wait, whichever way that ends:
/// who follows a log waits once for every append, each time with another waker.
struct Place<'s> {
    stop: &'s Stop,
    number: u64,
}

impl<'s> Place<'s> {
    fn new(stop: &'s Stop) -> Self {
        let mut wish = stop.wish();
        let number = wish.next;
        wish.next += 1;
        Self { stop, number }
    }

    /// Whether somebody has asked to end; if not, the waker hears of it.
    fn is_over(&self, waker: &Waker) -> bool {
        let mut wish = self.stop.wish();
        if !wish.is_requested {
            wish.wakers.insert(self.number, waker.clone());
        }
        wish.is_requested
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.stop.wish().wakers.remove(&self.number);
    }
}
