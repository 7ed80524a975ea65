//! Broken ways to find the version in force. The law has to notice each.

use leadfold_core::event::Body;
use leadfold_core::{Publication, Published, Timestamp, Versions};
use leadfold_store::{Blocking, MemoryStore};
use proptest::test_runner::{Config, TestRunner};

use super::draw::lines;
use super::law::{Finder, agrees, all, engine, shown};
use super::naive::InForce;

type Store = Blocking<MemoryStore>;

fn is_noticed(find: Finder) -> bool {
    let config = Config { failure_persistence: None, ..Config::with_cases(400) };
    let mut runner = TestRunner::new_with_rng(config, TestRunner::deterministic().rng().clone());
    runner.run(&lines(), |lines| agrees(&lines, find)).is_err()
}

fn overlooks_known_at(store: &Store, _: Option<Timestamp>, at: Timestamp) -> InForce {
    engine(store, None, at)
}

fn begins_too_late(store: &Store, known_at: Option<Timestamp>, at: Timestamp) -> InForce {
    engine(store, known_at, Timestamp::from_micros(at.micros() - 1))
}

fn takes_the_first_of_a_tie(store: &Store, known_at: Option<Timestamp>, at: Timestamp) -> InForce {
    let versions = all(store, known_at);
    let found = versions.in_force(at)?;
    let from = found.publication.from;
    shown(versions.all().iter().find(|version| version.publication.from == from))
}

fn takes_the_one_recorded_last(
    store: &Store,
    known_at: Option<Timestamp>,
    at: Timestamp,
) -> InForce {
    let versions = all(store, known_at);
    let begun = versions.all().iter().filter(|version| version.publication.from <= at);
    shown(begun.max_by_key(|version| version.publication.position))
}

fn overlooks_corrections(store: &Store, known_at: Option<Timestamp>, at: Timestamp) -> InForce {
    let events = store.events(0, usize::MAX).expect("memory does not fail");
    let known = events.iter().filter(|e| known_at.is_none_or(|bound| e.recorded_at <= bound));
    let published = known.filter_map(|event| {
        let Body::PlaybookPublished(body) = &event.event.body else { return None };
        let publication = Publication {
            from: event.event.occurred_at.at,
            position: event.position,
            recorded_at: event.recorded_at,
            text_at: event.position,
        };
        Some(Published { publication, playbook: body.playbook.playbook().clone() })
    });
    shown(Versions::new(published).in_force(at))
}

#[test]
fn every_broken_reading_is_noticed() {
    let broken: [(&str, Finder); 5] = [
        ("overlooks known-at", overlooks_known_at),
        ("begins too late", begins_too_late),
        ("takes the first of a tie", takes_the_first_of_a_tie),
        ("takes the one recorded last", takes_the_one_recorded_last),
        ("overlooks corrections", overlooks_corrections),
    ];
    for (name, find) in broken {
        assert!(is_noticed(find), "{name}");
    }
    assert!(!is_noticed(engine));
}
