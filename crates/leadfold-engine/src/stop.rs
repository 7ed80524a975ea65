//! A wish to end what runs on another thread.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// Ends a runner from another thread, also while it waits for events. Clones are the same wish.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Mutex<Wish>>);

#[derive(Debug, Default)]
struct Wish {
    is_requested: bool,
    wakers: Vec<Waker>,
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
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Whether somebody has asked to end.
    pub fn is_requested(&self) -> bool {
        self.wish().is_requested
    }

    /// A future's value, or none if somebody asked to end before it was there.
    pub async fn or<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let mut future = pin!(future);
        std::future::poll_fn(|context| {
            let mut wish = self.wish();
            if wish.is_requested {
                return Poll::Ready(None);
            }
            wish.wakers.retain(|waker| !waker.will_wake(context.waker()));
            wish.wakers.push(context.waker().clone());
            drop(wish);
            future.as_mut().poll(context).map(Some)
        })
        .await
    }
}
