//! Waiting until a log has a position.

use std::cell::Cell;
use std::thread;
use std::time::Duration;

use leadfold_store::{Blocking, EventStore, StoreFuture, block_on_for};

use super::support::{append, captured, head, lost};

thread_local! {
    /// Nobody waits so long, unless the store is broken.
    static PATIENCE: Cell<Duration> = const { Cell::new(Duration::from_secs(60)) };
}

/// Runs clauses that wait no longer than this, instead of a minute, for what a store has to do by
/// itself: for stores that are broken on purpose, of which nothing comes.
pub fn with_patience<T>(patience: Duration, run: impl FnOnce() -> T) -> T {
    struct Before(Duration);
    impl Drop for Before {
        fn drop(&mut self) {
            PATIENCE.set(self.0);
        }
    }
    let _before = Before(PATIENCE.replace(patience));
    run()
}

fn end(wait: StoreFuture<'_, u64>) -> u64 {
    block_on_for(wait, PATIENCE.get()).expect("the wait ends").expect("the log reads")
}

pub(super) fn wait_for_what_is_there_ends(store: &dyn EventStore) {
    assert_eq!(end(store.wait_for(0)), 0);
    append(store, vec![captured(1, "A", "x"), lost(2, "A", "x")]);
    for position in 0..=2 {
        assert_eq!(end(store.wait_for(position)), 2);
        assert_eq!(Blocking(store).wait_for(position, PATIENCE.get()).expect("reads"), Some(2));
    }
}

pub(super) fn append_ends_the_waits_for_its_events_and_no_others(store: &dyn EventStore) {
    let (second, first, third) = (store.wait_for(2), store.wait_for(1), store.wait_for(3));
    append(store, vec![captured(1, "A", "x"), lost(2, "A", "x")]);
    assert_eq!((end(first), end(second)), (2, 2));
    let waited = Blocking(store).wait_for(3, Duration::from_millis(1)).expect("reads");
    assert_eq!(waited, None, "nobody has appended it");
    append(store, vec![lost(3, "A", "x")]);
    assert_eq!(end(third), 3);
}

pub(super) fn waits_that_are_dropped_are_nobodys_matter(store: &dyn EventStore) {
    for n in 1..=5 {
        drop(store.wait_for(n));
        drop(store.wait_for(u64::MAX));
        let wait = store.wait_for(n);
        append(store, vec![lost(n, "A", "x")]);
        assert_eq!(end(wait), n);
    }
}

/// Two readers follow a writer step by step: each step is a wait that an append has to end.
pub(super) fn waits_beside_a_writer_see_what_they_waited_for(store: &dyn EventStore) {
    const N_EVENTS: u64 = 60;
    thread::scope(|scope| {
        for step in [1, 3] {
            scope.spawn(move || {
                let mut seen = 0;
                while seen < N_EVENTS {
                    let found = end(store.wait_for((seen + step).min(N_EVENTS)));
                    assert!(found > seen, "told {found} after {seen}");
                    let page = Blocking(store).events(seen, usize::MAX).expect("reads");
                    assert!(page.last().is_some_and(|last| last.position >= found), "not there");
                    seen = found;
                }
            });
        }
        for n in 1..=N_EVENTS {
            append(store, vec![lost(n, "A", "x")]);
        }
    });
    assert_eq!(head(store), N_EVENTS);
}
