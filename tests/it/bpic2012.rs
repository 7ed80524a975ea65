//! BPI Challenge 2012, the application log: 13,087 real loan applications.

use leadfold::core::audit::Audit;
use leadfold::core::metrics::{FunnelQuery, FunnelRow, Rate, anomalies, funnel, quantile, status};
use leadfold::core::{Bounds, Calendar, Playbook, State, Tables};
use leadfold::store::Append;

use crate::data::{Log, assert_days, folder, reference};

fn row(tables: &Tables) -> FunnelRow {
    funnel(tables, &FunnelQuery::as_of(tables.last_at().expect("there are events"))).remove(0)
}

#[test]
fn the_counts_and_the_days_to_won_are_those_of_the_reference() {
    let Some(folder) = folder("bpic2012") else { return };
    let expected = reference(&folder, "reference.json");
    let log = Log::of_csv("bpic2012.toml", &folder);
    let tables = log.tables();
    let row = row(&tables);
    assert_eq!(row.captured, expected["cases"]);
    assert_eq!(row.won.num, expected["outcome"]["won"]);
    assert_eq!(row.still_open, expected["outcome"]["open"]);
    let counts = status(&tables);
    assert_eq!(counts.of(State::Disqualified), expected["outcome"]["declined"]);
    assert_eq!(counts.of(State::Lost), expected["outcome"]["cancelled"]);
    assert_eq!(row.captured, row.won.num + row.lost + row.erased + row.still_open);

    let reached = &expected["reached_at_least_once"];
    for (state, activity) in [
        (State::New, "A_SUBMITTED"),
        (State::Mql, "A_PREACCEPTED"),
        (State::HandedOff, "A_PREACCEPTED"),
        (State::Accepted, "A_ACCEPTED"),
        (State::Sql, "A_FINALIZED"),
        (State::Customer, "A_ACTIVATED"),
    ] {
        assert_eq!(row.stages[state as usize].entered, reached[activity], "{state}");
    }
    let days = &expected["days_submitted_to_activated"];
    assert_eq!(row.days_to_won.n, days["n"]);
    assert_days(row.days_to_won.p50_s, &days["median"]);
    assert_days(row.days_to_won.mean_s, &days["mean"]);
    assert_days(row.days_to_won.max_s, &days["max"]);
    // The one application that was cancelled before anybody had looked at it.
    let found = anomalies(&tables);
    assert_eq!(found.len(), 1, "{found:?}");
}

/// Rows of one case that share a timestamp come in either order; nothing may depend on which.
#[test]
fn rows_that_share_a_timestamp_change_nothing() {
    let Some(folder) = folder("bpic2012") else { return };
    let log = Log::of_csv("bpic2012.toml", &folder);
    let events = log.store.events(0, usize::MAX).expect("memory does not fail");
    let in_order = row(&log.tables());
    // The other order of every tie that the rows leave open: neighbours of one lead and instant
    // that come from different rows, swapped.
    let mut swapped: Vec<_> = events.clone();
    let mut n_swapped = 0;
    let mut index = 1;
    while index < swapped.len() {
        let (a, b) = (&swapped[index - 1].event, &swapped[index].event);
        let ties = a.lead == b.lead && a.occurred_at == b.occurred_at;
        let is_touch = |e: &leadfold::core::event::Event| e.body.type_name() == "touched";
        if ties && (is_touch(a) || is_touch(b)) && a.body.type_name() != "captured" {
            swapped.swap(index - 1, index);
            n_swapped += 1;
            index += 1;
        }
        index += 1;
    }
    assert!(n_swapped > 1_000, "the log has ties: {n_swapped}");
    let new = swapped.into_iter().map(|e| leadfold::core::event::NewEvent {
        id: e.id,
        recorded_at: Some(e.recorded_at),
        event: e.event,
    });
    let other = Log::of(Vec::new());
    let append = Append::new(new.collect(), "2026-01-01".parse().expect("a date"));
    other.store.append(append).expect("the events are valid");
    assert_eq!(row(&other.tables()), in_order);
}

/// Microseconds from the one activity of a case to the other, straight from the file.
fn spans(folder: &std::path::Path, from: &str, to: &str) -> Vec<i64> {
    let text = std::fs::read_to_string(folder.join("BPI_Challenge_2012_A.csv"));
    let text = text.expect("the log is there");
    let mut since = std::collections::BTreeMap::new();
    let mut spans = Vec::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let at = cells[2].replace('/', "-").replacen(' ', "T", 1) + "Z";
        let at: leadfold::core::Timestamp = at.parse().expect("a time");
        if cells[1] == from {
            since.insert(cells[0].to_owned(), at.micros());
        } else if let Some(since) = since.get(cells[0]).filter(|_| cells[1] == to) {
            spans.push(at.micros() - since);
        }
    }
    spans
}

#[test]
fn the_hand_offs_to_the_desk_are_those_of_the_page() {
    let Some(folder) = folder("bpic2012") else { return };
    let expected = reference(&folder, "reference.json");
    let log = Log::of_csv("bpic2012_handoffs.toml", &folder);
    let (tables, ledger) = log.audited(&Playbook::default(), Bounds::default());
    let as_of = tables.last_at().expect("there are events");
    let audit = Audit::of(&tables, &ledger, &Calendar::always(), as_of);
    let figures = audit.figures(None).remove(0).figures;
    assert_eq!(figures.offered, expected["activity_counts"]["A_PREACCEPTED"]);
    assert_eq!(figures.accepted, expected["activity_counts"]["A_ACCEPTED"]);
    let mut spans = spans(&folder, "A_PREACCEPTED", "A_ACCEPTED");
    let median = quantile(&mut spans, 1, 2).map(|micros| micros / 1e6);
    assert_eq!(figures.time_to_decision.p50_s, median);
    let page = include_str!("../../docs/CASE_BPI2012.md");
    let percent = |rate: Rate| format!("{:.1}%", rate.ratio().expect("some") * 100.0);
    for (name, rate) in [
        ("decided in time", figures.decision_in_time),
        ("first attempt in time", figures.attempt_in_time),
        ("leaked", figures.leaked),
    ] {
        let line = page.lines().find(|line| line.starts_with(name)).expect("the line is there");
        assert!(line.contains(&percent(rate)), "{name}: {}, {line}", percent(rate));
    }
}
