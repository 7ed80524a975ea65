//! A wish to stop wakes every wait that is not over, and keeps nothing of those that are.

use std::future::{pending, ready};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use leadfold_engine::Stop;

/// How often it was woken. Each clone of its waker that somebody keeps is a strong reference.
#[derive(Default)]
struct Woken(AtomicU32);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn poll<T>(future: impl Future<Output = T>, woken: &Arc<Woken>) -> Poll<T> {
    let waker = Waker::from(Arc::clone(woken));
    pin!(future).poll(&mut Context::from_waker(&waker))
}

#[test]
fn waits_that_are_over_leave_no_waker_behind() {
    let stop = Stop::new();
    for _ in 0..100 {
        let (done, dropped) = (Arc::new(Woken::default()), Arc::new(Woken::default()));
        assert_eq!(poll(stop.or(ready(7)), &done), Poll::Ready(Some(7)));
        assert_eq!(poll(stop.or(pending::<u32>()), &dropped), Poll::Pending);
        let kept = [&done, &dropped].map(|woken| Arc::strong_count(woken) - 1);
        assert_eq!(kept, [0, 0], "wakers that are kept");
    }
}

#[test]
fn wish_wakes_each_wait_by_its_latest_waker() {
    let (stop, old, new, other) =
        (Stop::new(), Arc::default(), Arc::<Woken>::default(), Arc::<Woken>::default());
    let (mut first, mut second) = (pin!(stop.or(pending::<()>())), pin!(stop.or(pending::<()>())));
    assert!(poll(first.as_mut(), &old).is_pending());
    assert!(poll(second.as_mut(), &other).is_pending());
    assert!(poll(first.as_mut(), &new).is_pending());
    stop.clone().request();
    let counts = [&old, &new, &other].map(|woken| woken.0.load(Ordering::Relaxed));
    assert_eq!(counts, [0, 1, 1]);
    assert_eq!(poll(first.as_mut(), &new), Poll::Ready(None));
    assert_eq!(poll(second.as_mut(), &other), Poll::Ready(None));
    assert_eq!(poll(stop.or(ready(7)), &other), Poll::Ready(None), "for good");
}
