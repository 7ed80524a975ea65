//! An answer that another thread will give: a future without a runtime.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Waits for the answer; `None` if the thread ended without one.
pub struct Ticket<T>(Arc<Shared<T>>);

/// Gives the answer. Dropping it without one wakes the waiting side too.
pub struct Reply<T>(Arc<Shared<T>>);

struct Shared<T>(Mutex<Slot<T>>);

struct Slot<T> {
    answer: Option<T>,
    progress: Option<(u64, u64)>,
    is_closed: bool,
    waker: Option<Waker>,
}

/// A question: where its answer goes, and where it comes.
pub fn ticket<T>() -> (Reply<T>, Ticket<T>) {
    let slot = Slot { answer: None, progress: None, is_closed: false, waker: None };
    let shared = Arc::new(Shared(Mutex::new(slot)));
    (Reply(Arc::clone(&shared)), Ticket(shared))
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, Slot<T>> {
        // Nothing panics while the lock is held but a waker, and then the slot is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Slot<T>)) {
        let mut slot = self.lock();
        change(&mut slot);
        let waker = slot.waker.take();
        drop(slot);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> fmt::Debug for Ticket<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket")
    }
}

impl<T> fmt::Debug for Reply<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reply")
    }
}

impl<T> Reply<T> {
    /// Answers.
    pub fn send(self, answer: T) {
        self.0.change(|slot| slot.answer = Some(answer));
    }

    /// Whether somebody still waits for the answer.
    pub fn is_wanted(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    /// Says how much of how much is done.
    pub fn progress(&self, done: u64, total: u64) {
        self.0.change(|slot| slot.progress = Some((done, total)));
    }
}

impl<T> Drop for Reply<T> {
    fn drop(&mut self) {
        self.0.change(|slot| slot.is_closed = true);
    }
}

impl<T> Ticket<T> {
    /// The next report of progress, or the answer.
    fn poll_step(&self, context: &Context<'_>) -> Poll<Step<T>> {
        let mut slot = self.0.lock();
        if let Some((done, total)) = slot.progress.take() {
            return Poll::Ready(Step::Progress(done, total));
        }
        if slot.answer.is_some() || slot.is_closed {
            return Poll::Ready(Step::Answer(slot.answer.take()));
        }
        slot.waker = Some(context.waker().clone());
        Poll::Pending
    }

    /// Waits, and hands reports of progress on.
    pub async fn watch(self, progress: &mut (dyn FnMut(u64, u64) + Send)) -> Option<T> {
        loop {
            match std::future::poll_fn(|context| self.poll_step(context)).await {
                Step::Progress(done, total) => progress(done, total),
                Step::Answer(answer) => return answer,
            }
        }
    }
}

impl<T> Future for Ticket<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        loop {
            match self.poll_step(context) {
                Poll::Ready(Step::Progress(..)) => {}
                Poll::Ready(Step::Answer(answer)) => return Poll::Ready(answer),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

enum Step<T> {
    Progress(u64, u64),
    Answer(Option<T>),
}
