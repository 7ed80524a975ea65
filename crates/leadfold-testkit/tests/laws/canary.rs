//! The comparison itself: it has to notice a fold that is broken, however slightly.

use leadfold_core::{Bounds, Fact, Facts, Playbook, fold_pages};
use leadfold_testkit::oracle;
use serde_json::{Value, json};

use super::book::playbook;
use super::draw::{Lines, time};
use super::log::Log;
use super::plain::{expected, outcome};

fn lines(events: &[(&str, &str, Value)]) -> Lines {
    let line = |(day, (lead, kind, data)): (usize, &(&str, &str, Value))| {
        let at = time((19_742 + day as i64) * leadfold_core::DAY);
        json!({
            "id": format!("00000000-0000-7000-8000-{day:012}"), "lead": lead, "type": kind,
            "occurred_at": at, "recorded_at": at, "origin": {"system": "crm"}, "data": data,
        })
    };
    Lines(events.iter().enumerate().map(line).collect())
}

/// A life in which every event counts.
fn life() -> Lines {
    lines(&[
        ("a", "captured", json!({"source": "web"})),
        ("a", "qualified", json!({"level": "mql"})),
        ("a", "handed_off", json!({"to": "ann"})),
        ("a", "accepted", json!({"by": "ann"})),
        ("a", "qualified", json!({"level": "sql"})),
        ("a", "opportunity_opened", json!({"opportunity": "p", "amount": 70, "currency": "EUR"})),
        ("a", "lost", json!({"opportunity": "p", "reason": "price"})),
        ("a", "opportunity_reopened", json!({"opportunity": "p"})),
        ("a", "won", json!({"opportunity": "p", "amount": 80})),
        ("a", "revenue_recorded", json!({"amount": 80, "currency": "EUR"})),
        ("a", "refunded", json!({"amount": 5, "currency": "EUR"})),
        // What has no time in the tables.
        ("a", "opportunity_stage_changed", json!({"opportunity": "p", "to": "s2"})),
        ("a", "opportunity_amended", json!({"opportunity": "p", "currency": "USD"})),
        ("a", "attribution_resolved", json!({"source": "fair"})),
        ("a", "assigned", json!({"to": "bob"})),
        ("a", "churned", json!({})),
        ("a", "touched", json!({"side": "sales"})),
    ])
}

/// How many of the events of a life have their time in the tables.
const TIMED: u64 = 11;

/// A log in which every rule has something to decide.
fn every_rule() -> Lines {
    lines(&[
        ("a", "captured", json!({"origin": "sales_generated"})),
        ("a", "qualified", json!({"level": "sql"})),
        ("a", "opportunity_opened", json!({"opportunity": "p", "stage": "s9"})),
        ("a", "lost", json!({"opportunity": "p"})),
        ("b", "captured", json!({})),
        ("b", "handed_off", json!({"to": "ann"})),
        ("b", "won", json!({})),
    ])
}

fn is_noticed(log: &Log, facts: &[Facts]) -> bool {
    let tables = fold_pages(facts, &Playbook::default(), Bounds::default());
    let rules = oracle::Rules::default();
    outcome(log, &tables) != expected(&log.exported(), &rules, oracle::Bounds::default())
}

/// The facts of a log, changed one by one.
fn changed(log: &Log, mut change: impl FnMut(Fact) -> Option<Fact>) -> Facts {
    let mut facts = Facts::default();
    for page in &log.facts {
        let rows = page.rows();
        rows.filter_map(&mut change).for_each(|fact| facts.push(fact));
    }
    facts
}

#[test]
fn a_whole_log_is_found_to_be_whole() {
    let log = Log::of(&life());
    assert!(!is_noticed(&log, &log.facts));
    assert!(!is_noticed(&log, &[changed(&log, Some)]));
}

#[test]
fn a_lost_event_is_noticed() {
    let log = Log::of(&life());
    for lost in 1..log.head() {
        let facts = changed(&log, |fact| (fact.position != lost).then_some(fact));
        assert!(is_noticed(&log, &[facts]), "event {lost}");
    }
}

#[test]
fn swapped_times_are_noticed() {
    let log = Log::of(&life());
    let at = |position: u64| log.facts[position as usize - 1].row(0).at;
    for first in 1..TIMED {
        let second = first + 1;
        let swap = |fact: Fact| match fact.position {
            position if position == first => Fact { at: at(second), ..fact },
            position if position == second => Fact { at: at(first), ..fact },
            _ => fact,
        };
        let facts = changed(&log, |fact| Some(swap(fact)));
        assert!(is_noticed(&log, &[facts]), "events {first} and {second}");
    }
}

#[test]
fn a_time_that_is_off_by_a_microsecond_is_noticed() {
    let log = Log::of(&life());
    for off in 1..=TIMED {
        let at = |fact: Fact| if fact.position == off { fact.at + 1 } else { fact.at };
        let facts = changed(&log, |fact| Some(Fact { at: at(fact), ..fact }));
        assert!(is_noticed(&log, &[facts]), "event {off}");
    }
}

#[test]
fn an_event_of_another_lead_is_noticed() {
    let mut events = life();
    events.0.push(lines(&[("b", "captured", json!({}))]).0.remove(0));
    events.0.last_mut().expect("one was added")["id"] =
        json!("00000000-0000-7000-8000-ffffffffffff");
    let log = Log::of(&events);
    for moved in 1..log.head() - 1 {
        let lead = |fact: Fact| match fact.position == moved {
            true => leadfold_core::LeadIndex(1),
            false => fact.lead,
        };
        let facts = changed(&log, |fact| Some(Fact { lead: lead(fact), ..fact }));
        assert!(is_noticed(&log, &[facts]), "event {moved}");
    }
}

#[test]
fn a_page_that_is_fed_twice_is_noticed() {
    let log = Log::of(&life());
    let whole = changed(&log, Some);
    assert!(is_noticed(&log, &[whole.clone(), whole]));
    let money = |position: u64| log.facts[position as usize - 1].clone();
    for twice in [10, 11] {
        let mut pages = log.facts.clone();
        pages.insert(twice as usize, money(twice));
        assert!(is_noticed(&log, &pages), "event {twice}");
    }
}

#[test]
fn another_rule_is_noticed() {
    let default = oracle::Rules::default();
    let pipelines = vec![("new".to_owned(), vec!["s1".to_owned()])];
    let others = [
        oracle::Rules { illegal: oracle::Illegal::Skip, ..default.clone() },
        oracle::Rules { hand_raiser: true, ..default.clone() },
        oracle::Rules { implied_steps: false, ..default.clone() },
        oracle::Rules { sales_generated: false, ..default.clone() },
        oracle::Rules { require_reasons: true, ..default.clone() },
        oracle::Rules { pipelines, ..default.clone() },
    ];
    let log = Log::of(&every_rule());
    let expected = expected(&log.exported(), &default, oracle::Bounds::default());
    for other in others {
        let found = outcome(&log, &log.tables(&playbook(&other), Bounds::default()));
        assert_ne!(found, expected, "{other:?}");
        let again = super::plain::expected(&log.exported(), &other, oracle::Bounds::default());
        assert_eq!(found, again, "{other:?}");
    }
}
