//! What the engine finds equals the naive search, at every instant and every known-at.

use leadfold_core::event::{EventLine, NewEvent};
use leadfold_core::{Bounds, Playbook, Published, Timestamp, Versions, fold_pages};
use leadfold_engine::versions;
use leadfold_store::{Append, Blocking, MemoryStore, block_on};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use serde_json::Value;

use super::draw::{HOURS, lines, time};
use super::naive::{self, InForce};

/// A way to find the version in force: the engine's, or a broken one.
pub(crate) type Finder = fn(&Blocking<MemoryStore>, Option<Timestamp>, Timestamp) -> InForce;

pub(crate) fn engine(
    store: &Blocking<MemoryStore>,
    known_at: Option<Timestamp>,
    at: Timestamp,
) -> InForce {
    shown(all(store, known_at).in_force(at))
}

pub(crate) fn all(store: &Blocking<MemoryStore>, known_at: Option<Timestamp>) -> Versions {
    block_on(versions(&store.0, known_at)).expect("memory does not fail")
}

pub(crate) fn shown(published: Option<&Published>) -> InForce {
    published.map(|found| (found.publication.position, found.playbook.version.clone()))
}

fn event(line: &Value) -> NewEvent {
    let line = EventLine::parse(line.to_string().as_bytes()).expect("a sound line");
    line.identify(|_| 0)
}

pub(crate) fn store(lines: &[Value]) -> Blocking<MemoryStore> {
    let store = Blocking(MemoryStore::new());
    let events = lines.iter().map(event).collect();
    store.append(Append::new(events, Timestamp::default())).expect("sound events go in");
    store
}

/// The log as an export writes it.
fn exported(store: &Blocking<MemoryStore>) -> Vec<Value> {
    let events = store.events(0, usize::MAX).expect("memory does not fail");
    let line = |event: &leadfold_core::event::RecordedEvent| {
        let mut out = Vec::new();
        event.write_line(&mut out).expect("memory does not fail");
        serde_json::from_slice(&out).expect("JSON")
    };
    events.iter().map(line).collect()
}

pub(crate) fn agrees(lines: &[Value], find: Finder) -> TestCaseResult {
    let store = store(lines);
    let exported = exported(&store);
    let instants: Vec<String> = (0..HOURS).map(time).collect();
    for known_at in std::iter::once(None).chain(instants.iter().map(Some)) {
        for at in &instants {
            let known_at = known_at.map(String::as_str);
            let expected = naive::in_force(&exported, known_at, at);
            let parse = |text: &str| text.parse::<Timestamp>().expect("a time");
            let found = find(&store, known_at.map(parse), parse(at));
            prop_assert_eq!(found, expected, "at {}, known at {:?}", at, known_at);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_version_in_force_is_what_a_naive_search_finds(lines in lines()) {
        agrees(&lines, engine)?;
    }

    /// An exported log, imported elsewhere, has the same versions.
    #[test]
    fn versions_survive_export_and_import(lines in lines()) {
        let here = store(&lines);
        let there = store(&exported(&here));
        prop_assert_eq!(all(&here, None), all(&there, None));
        prop_assert_eq!(exported(&here), exported(&there));
    }

    /// The fold leaves publications alone: without them the leads' tables are the same.
    #[test]
    fn publications_change_no_lead_and_are_no_finding(lines in lines()) {
        let sound = |line: &&Value| line["type"] != "playbook_published" || line["v"] == 1;
        let lines: Vec<Value> = lines.iter().filter(sound).cloned().collect();
        let facts = store(&lines).facts(0, usize::MAX).expect("memory does not fail");
        let tables = fold_pages(&[facts], &Playbook::default(), Bounds::default());
        let at = |line: &Value| line["occurred_at"].as_str().map(str::to_owned);
        let others = lines.iter().filter(|line| line["type"] != "playbook_published");
        let last = others.filter_map(at).max().map(|at| at.parse().expect("a time"));
        prop_assert_eq!(tables.last_at(), last);
        let found = leadfold_core::metrics::anomalies(&tables);
        prop_assert!(!format!("{found:?}").contains("UnknownType"), "{:?}", found);
    }
}
