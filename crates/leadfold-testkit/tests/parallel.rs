//! A replay on several threads says what one says, can be broken off, and goes on.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

use leadfold_core::{Bounds, Playbook, Timestamp};
use leadfold_engine::{View, replay};
use leadfold_store::{Append, Blocking, EventStore, MemoryStore, block_on};
use leadfold_testkit::simulate::Simulation;

fn filled(leads: u32) -> MemoryStore {
    let store = MemoryStore::new();
    let events = Simulation::new(11, leads).events().collect();
    Blocking(&store).append(Append::new(events, Timestamp::from_micros(0))).expect("it is valid");
    store
}

fn threads(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).expect("some threads")
}

#[test]
fn any_number_of_threads_makes_the_same_tables() {
    for leads in [1, 2, 3, 400] {
        let store = filled(leads);
        for as_of in [None, Some("2024-03-01".parse().expect("a date"))] {
            let bounds = Bounds { as_of, known_at: None };
            let one = block_on(replay(&store, Playbook::default(), bounds, |_, _| {}));
            let one = one.expect("it reads").encode();
            for count in [1, 2, 3, 16] {
                let most = AtomicU64::new(0);
                let mut view = View::new(&store, Playbook::default(), bounds);
                let watch = |done: u64, all: u64| {
                    assert!(done <= all, "{done} of {all}");
                    most.fetch_max(done, Ordering::Relaxed);
                    ControlFlow::Continue(())
                };
                let flow = view.catch_up_on(threads(count), &watch).expect("it reads");
                assert!(flow.is_continue());
                assert_eq!(view.tables().encode(), one, "{leads} leads on {count} threads");
                let head = block_on(store.head()).expect("it reads");
                assert_eq!((view.position(), most.into_inner()), (head, head));
            }
        }
    }
}

#[test]
fn a_replay_that_is_broken_off_goes_on_where_it_stands() {
    let store = filled(300);
    let whole = block_on(replay(&store, Playbook::default(), Bounds::default(), |_, _| {}));
    let whole = whole.expect("it reads").encode();
    for count in [1, 2] {
        let mut view = View::new(&store, Playbook::default(), Bounds::default());
        let stop = |_, _| ControlFlow::Break(());
        assert!(view.catch_up_on(threads(count), &stop).expect("it reads").is_break());
        let go = |_, _| ControlFlow::Continue(());
        assert!(view.catch_up_on(threads(count), &go).expect("it reads").is_continue());
        assert_eq!(view.tables().encode(), whole, "{count} threads");
    }
}
