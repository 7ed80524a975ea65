//! Every row of every file, against the library's answers.

use leadfold_core::event::{EventLine, NewEvent};
use leadfold_testkit::simulate::Simulation;
use leadfold_testkit::strategies::{adversarial_log, valid_log};
use proptest::prelude::*;

use crate::expected;
use crate::support::{Found, Log, Row, Value, cases, read};

/// The first table that is not as it should be.
pub(crate) fn difference(log: &Log, found: &Found) -> Option<String> {
    let expected = expected::tables(log);
    found.iter().filter(|(name, _)| *name != "events").find_map(|(name, rows)| {
        let expected = expected.get(name).map_or(&[][..], Vec::as_slice);
        (rows != expected).then(|| format!("{name}: expected {expected:#?}, found {rows:#?}"))
    })
}

fn without_data(rows: &[Row]) -> Vec<Row> {
    let mut rows = rows.to_vec();
    rows.iter_mut().for_each(|row| drop(row.insert("data".into(), Value::Null)));
    rows
}

fn check(events: Vec<NewEvent>) {
    let log = Log::of(events);
    let found = log.exported();
    assert_eq!(difference(&log, &found), None);
    assert_eq!(without_data(&found["events"]), expected::events(&log, false));
    let dir = tempfile::tempdir().expect("a temporary directory");
    let audit = log.audit();
    let export = log.export(&audit).including_personal_data();
    export.write(dir.path(), |_, _| {}).expect("files");
    assert_eq!(read(dir.path())["events"], expected::events(&log, true));
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn a_company_is_exported_row_by_row(events in valid_log(1..25, 0..1_000)) {
        check(events);
    }

    #[test]
    fn what_nobody_would_want_to_read_is_exported_row_by_row(events in adversarial_log(60)) {
        check(events);
    }
}

#[test]
fn a_dropped_row_and_a_swapped_column_are_noticed() {
    let simulation = Simulation { rule_breaks: 0.2, ..Simulation::new(11, 300) };
    let log = Log::of(simulation.events());
    let sound = log.exported();
    assert_eq!(difference(&log, &sound), None);
    for (table, one, other) in [
        ("leads", "source", "medium"),
        ("visits", "valid_from", "valid_to"),
        ("handoffs", "offered_at", "decided_at"),
        ("opportunities", "opened_at", "closed_at"),
        ("opportunities", "amount_minor", "amount_at_loss_minor"),
        ("opportunities", "currency", "currency_at_loss"),
        ("revenue", "amount_minor", "margin_minor"),
        ("costs", "source", "campaign"),
        ("findings", "code", "reason"),
        ("episodes", "attempted_at", "contacted_at"),
        ("episodes", "fields", "missing"),
        ("episodes", "decision_kept", "attempt_kept"),
        ("audit_findings", "position", "handoff"),
        ("audit_findings", "at", "due"),
    ] {
        let mut dropped = sound.clone();
        dropped.get_mut(table).expect("the table is there").pop().expect("it has rows");
        assert!(difference(&log, &dropped).is_some(), "{table}");
        let mut swapped = sound.clone();
        swapped.get_mut(table).expect("the table is there").iter_mut().for_each(|row| {
            let (a, b) = (row[one].clone(), row[other].clone());
            row.extend([(one.to_owned(), b), (other.to_owned(), a)]);
        });
        assert!(difference(&log, &swapped).is_some(), "{table}");
    }
}

#[test]
fn equal_logs_make_equal_files() {
    let log = Log::of(Simulation::new(5, 60).events());
    let (one, other) = (tempfile::tempdir(), tempfile::tempdir());
    let (one, other) = (one.expect("a directory"), other.expect("a directory"));
    log.write(one.path());
    log.write(other.path());
    for table in leadfold_export::TABLES {
        let bytes = |dir: &std::path::Path| {
            std::fs::read(dir.join(format!("{}.parquet", table.name))).expect("the file is there")
        };
        assert_eq!(bytes(one.path()), bytes(other.path()), "{}", table.name);
    }
}

/// A deal of 70 EUR that was lost, amended to 90 USD, reopened and lost again.
#[test]
fn what_was_lost_stands_beside_what_is_said_of_it_since() {
    let deal = |day: u32, kind: &str, data: &str| {
        let line = format!(
            r#"{{"lead":"a","type":"{kind}","occurred_at":"2024-01-0{day}T09:00:00Z",
                "data":{{{data}}}}}"#
        );
        EventLine::parse(line.as_bytes()).expect("a valid line").identify(|_| 0)
    };
    let events = [
        deal(1, "captured", r#""origin":"sales_generated""#),
        deal(2, "qualified", r#""level":"sql""#),
        deal(3, "opportunity_opened", r#""opportunity":"D","amount":70,"currency":"EUR""#),
        deal(4, "lost", r#""opportunity":"D""#),
        deal(5, "opportunity_amended", r#""opportunity":"D","amount":90,"currency":"USD""#),
        deal(6, "opportunity_reopened", r#""opportunity":"D""#),
        deal(7, "lost", r#""opportunity":"D""#),
    ];
    let (none, text) = (|| Value::Null, |text: &str| Value::Text(text.into()));
    let money_after = |days: usize| {
        let row = &Log::of(events[..days].to_vec()).exported()["opportunities"][0];
        let columns = ["amount_minor", "currency", "amount_at_loss_minor", "currency_at_loss"];
        columns.map(|column| row[column].clone())
    };
    let [seventy, ninety] = [70, 90].map(Value::Int);
    let (eur, usd) = (|| text("EUR"), || text("USD"));
    assert_eq!(money_after(3), [seventy.clone(), eur(), none(), none()]);
    assert_eq!(money_after(4), [seventy.clone(), eur(), seventy.clone(), eur()]);
    assert_eq!(money_after(5), [ninety.clone(), usd(), seventy, eur()]);
    assert_eq!(money_after(6), [ninety.clone(), usd(), none(), none()]);
    assert_eq!(money_after(7), [ninety.clone(), usd(), ninety, usd()]);
}
