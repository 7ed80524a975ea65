//! What must not pass unnoticed, made to happen.

use leadfold_core::event::{Body, NewEvent};
use leadfold_core::machine::Kind;
use leadfold_core::{Code, FOLD, Fact, Facts, LOWERING, RawJson};
use serde_json::json;

use super::holds::forgotten;
use super::judge::{Change, changes, is_broken};
use super::measure::{events, facts, folded, log, lowered, measured, strings, text};
use super::shape::shapes;

const FILE: &str = "corrections";

fn written() -> String {
    text(FILE, "digests")
}

fn found_with(change: impl FnOnce(&mut Vec<NewEvent>)) -> Vec<Change> {
    let mut events = events(FILE);
    change(&mut events);
    changes(&written(), &measured(events))
}

#[test]
fn a_line_that_reads_as_something_else_is_noticed() {
    let found = found_with(|events| match &mut events[0].event.body {
        Body::Captured(captured) => captured.campaign = None,
        other => panic!("expected captured, found {other:?}"),
    });
    assert!(found.iter().any(is_broken), "{found:?}");
    assert!(matches!(&found[0], Change::Broken(text) if text.starts_with("facts")), "{found:?}");
    let line = |change: &Change| matches!(change, Change::Broken(t) if t.starts_with("line 1 "));
    assert!(found.iter().any(line), "{found:?}");
}

#[test]
fn a_line_that_was_taken_away_is_noticed() {
    let found = found_with(|events| drop(events.pop()));
    let gone = "line 16 is gone: what was written once stays in the corpus";
    assert!(found.contains(&Change::Broken(gone.to_owned())), "{found:?}");
}

/// The facts of a leadfold that does not say which channel a touch was on.
fn without_channels(facts: &Facts) -> Facts {
    let mut out = Facts::default();
    for row in 0..facts.len() {
        let fact = facts.row(row);
        let b = if fact.kind == Kind::Touched { Code::NONE } else { fact.b };
        out.push(Fact { b, ..fact });
    }
    out
}

/// Stores would keep facts of both kinds, side by side.
#[test]
fn another_lowering_that_was_not_counted_is_noticed() {
    let store = log(events(FILE));
    let other = without_channels(&facts(&store));
    let with = |version: u32| {
        let facts = lowered(version, &other, &strings(&store));
        changes(
            &written(),
            &(entries("line ") + &facts + &entries("tables ") + &entries("snapshot ")),
        )
    };
    let found = with(LOWERING);
    assert!(
        matches!(&found[..], [Change::Broken(text)] if text.contains("count LOWERING up")),
        "{found:?}"
    );
    let found = with(LOWERING + 1);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(!found.iter().any(is_broken), "{found:?}");
}

/// What was written down of one kind.
fn entries(kind: &str) -> String {
    written().split_inclusive('\n').filter(|line| line.starts_with(kind)).collect()
}

/// One that overlooks what unmerges: snapshots that stores have would be gone on with.
#[test]
fn another_fold_that_was_not_counted_is_noticed() {
    let seen = events(FILE).into_iter().filter(|new| new.event.body.type_name() != "unmerged");
    let other = log(seen.collect());
    let with = |version: u32| {
        changes(&written(), &(entries("line ") + &entries("facts ") + &folded(version, &other)))
    };
    let found = with(FOLD);
    let is_told =
        |change: &Change| matches!(change, Change::Broken(text) if text.contains("count FOLD up"));
    assert!(found.len() == 4 && found.iter().all(is_told), "{found:?}");
    let found = with(FOLD + 1);
    assert_eq!(found.len(), 8, "{found:?}");
    assert!(!found.iter().any(is_broken), "{found:?}");
}

#[test]
fn a_field_more_in_a_shape_that_was_written_is_noticed() {
    let line = r#"{"lead":"L","type":"churned","occurred_at":"2024-02-01T09:00:00Z","data":{"reason":"price"}}"#;
    let found = shapes(line);
    assert_eq!(found, "churned 1: reason?\n");
    let more = found.replace("reason?", "reason? notice?");
    assert!(changes(&found, &more).iter().all(is_broken));
    assert!(changes(&found, &found.replace('?', "")).iter().all(is_broken));
    assert_eq!(changes(&found, &found), []);
}

/// No type has a second version yet, so its old text stands beside a body of today's.
#[test]
fn an_upcaster_that_forgets_a_field_is_noticed() {
    let mut event = events(FILE).swap_remove(0).event;
    let said = r#"{"source":"partnr","campaign":"spring"}"#;
    event.as_written = Some(RawJson::parse(said).expect("it is JSON"));
    assert_eq!(forgotten(&event), [] as [serde_json::Value; 0]);
    if let Body::Captured(captured) = &mut event.body {
        captured.campaign = None;
    }
    assert_eq!(forgotten(&event), [json!("spring")]);
}
