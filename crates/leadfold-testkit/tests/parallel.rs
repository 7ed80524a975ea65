//! A replay on several threads says what one says, whoever watches it, can be broken off, and goes
//! on.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

use leadfold_core::audit::{Audit, GroupBy, Ledger};
use leadfold_core::due::{Diary, due};
use leadfold_core::metrics::{By, DealTrail, pipeline};
use leadfold_core::routing::{Roll, Routing};
use leadfold_core::whatif::{Question, Trial, Watch};
use leadfold_core::{Bounds, Calendar, Code, Playbook, Sharded, Tables, Timestamp, Zone};
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
                assert_eq!(
                    view.tables().expect("current").encode(),
                    one,
                    "{leads} leads on {count} threads"
                );
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
        assert_eq!(view.tables().expect("current").encode(), whole, "{count} threads");
    }
}

/// A year in which little is in order.
fn disturbed() -> MemoryStore {
    let store = MemoryStore::new();
    let company = Simulation {
        merges: 0.1,
        late: 0.1,
        corrections: 0.1,
        rule_breaks: 0.1,
        ..Simulation::new(3, 150)
    };
    let events = company.events().collect();
    Blocking(&store).append(Append::new(events, Timestamp::from_micros(0))).expect("it is valid");
    store
}

/// However many threads show an observer a log, it has the same to say.
fn are_alike<O: Sharded + Send>(
    playbook: &Playbook,
    observer: impl Fn() -> O,
    say: impl Fn(&Tables, &O) -> String,
) {
    let store = disturbed();
    for as_of in [None, Some("2024-08-01".parse().expect("a date"))] {
        let said_on = |count| {
            let bounds = Bounds { as_of, known_at: None };
            let mut view = View::watched(&store, playbook.clone(), bounds, observer());
            let go = |_, _| ControlFlow::Continue(());
            assert!(view.catch_up_on(threads(count), &go).expect("it reads").is_continue());
            say(view.tables().expect("current"), view.observer().expect("current"))
        };
        let one = said_on(1);
        assert!(one.len() > 100, "{one}");
        // Of so many shards the rows of the last ones are copied.
        for count in [2, 3, 40] {
            assert_eq!(said_on(count), one, "on {count} threads");
        }
    }
}

fn last(tables: &Tables) -> Timestamp {
    tables.last_at().expect("something happened")
}

#[test]
fn the_ledger_is_the_same_on_any_number_of_threads() {
    let playbook = Playbook::default();
    are_alike(
        &playbook,
        || Ledger::new(playbook.clone()),
        |tables, ledger| {
            let audit = Audit::of(tables, ledger, &Calendar::always(), last(tables));
            let figures = audit.figures(Some(&GroupBy::Owner));
            format!("{:?} {figures:?} {:?}", audit.findings(), audit.workload())
        },
    );
}

#[test]
fn the_diary_is_the_same_on_any_number_of_threads() {
    let playbook = Playbook::default();
    are_alike(
        &playbook,
        || Diary::new(playbook.clone()),
        |tables, diary| {
            let (now, later) = (last(tables), "2026-01-01".parse().expect("a date"));
            format!("{:?}", due(tables, diary, &Calendar::always(), now, later))
        },
    );
}

#[test]
fn the_trail_of_deals_is_the_same_on_any_number_of_threads() {
    let trail = || DealTrail::under(Playbook::default().rules.illegal);
    are_alike(&Playbook::default(), trail, |tables, trail| {
        format!("{:?}", pipeline(tables, trail, &[By::Owner, By::Source]))
    });
}

#[test]
fn the_roll_is_the_same_on_any_number_of_threads() {
    let spec = r#"{ "version": "1", "otherwise": { "owner": "1" },
        "owners": [{ "name": "1" }, { "name": "2" }, { "name": "3" }, { "name": "4" }] }"#;
    let routing: Routing = serde_json::from_str(spec).expect("a routing");
    let names: Vec<String> = (1..1_000).map(|code: u32| code.to_string()).collect();
    are_alike(&Playbook::default(), Roll::default, |tables, roll| {
        let name = |code: Code| names.get(code.0 as usize - 1).map(String::as_str);
        format!("{:?}", roll.load(&routing, tables, name))
    });
}

#[test]
fn a_trial_is_the_same_on_any_number_of_threads() {
    let book = serde_json::json!({
        "scoring": {
            "name": "any", "version": "1", "fit": [],
            "behaviour": [{ "name": "touches", "points": 5, "on": { "side": ["prospect", "sales"] } }],
            "definitions": [{ "name": "warm", "version": "1", "points_min": 10 }],
        },
    });
    let book: Playbook = serde_json::from_value(book).expect("a playbook");
    let watch = || Watch::new(book.clone()).expect("it hands off by a definition");
    are_alike(&book, watch, |tables, watch| {
        let question = Question { as_of: last(tables), within_days: 30, zone: Zone::utc() };
        format!("{:?} {:?}", watch.codes(), Trial::of(tables, watch, |_| None, &question))
    });
}
