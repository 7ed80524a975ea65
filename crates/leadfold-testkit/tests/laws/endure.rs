//! Law 9: nothing that parses makes the fold fail, or slow down more than in proportion.

use std::time::Instant;

use leadfold_core::metrics::{FunnelQuery, anomalies, funnel};
use leadfold_core::{Bounds, Playbook, Tables, Timestamp, fold_pages};
use serde_json::json;

use super::mill::Mill;

type History = fn(usize) -> Mill;

/// Histories that would cost the square of their length if anybody searched them: name, what to
/// feed for a size.
const HISTORIES: [(&str, History); 18] = [
    ("many opportunities", many_opportunities),
    ("won and reopened without a key", won_and_reopened),
    ("all open, closed without a key", closed_without_a_key),
    ("many corrections of one event", corrections_of_one),
    ("a chain of corrections", chain_of_corrections),
    ("corrections before their target", early_corrections),
    ("many hand-offs", handoffs),
    ("all events late", late_events),
    ("captures with new attributes", new_attributes),
    ("one event with many attributes, twice", many_attributes),
    ("one external id", one_external_id),
    ("a chain of merges", |n| chain_of_merges(n, false)),
    ("a chain of merges from its end", |n| chain_of_merges(n, true)),
    ("pairs merged into a chain's bottom", pairs_into_the_bottom),
    ("all merged into one", |n| all_into_one(n, false, false)),
    ("all merged into one and undone", |n| all_into_one(n, true, false)),
    ("all erased, then merged", |n| all_into_one(n, false, true)),
    ("merges and their undoing in turn at a chain's bottom", toggled_bottom),
];

fn many_opportunities(n: usize) -> Mill {
    let mut mill = Mill::default();
    let key = |i: usize| json!({"opportunity": format!("k{i}"), "amount": i, "currency": "EUR"});
    (0..n / 2).for_each(|i| mill.add("a", i as i64, "opportunity_opened", &key(i)));
    (0..n / 2).rev().for_each(|i| mill.add("a", n as i64, "lost", &key(i)));
    mill
}

fn won_and_reopened(n: usize) -> Mill {
    let mut mill = Mill::default();
    (0..40).for_each(|i| {
        mill.add("a", 0, "opportunity_opened", &json!({"opportunity": format!("k{i}")}))
    });
    for i in 0..n / 2 {
        mill.add("a", i as i64, "won", &json!({"amount": i}));
        mill.add("a", i as i64, "opportunity_reopened", &json!({}));
    }
    mill
}

fn closed_without_a_key(n: usize) -> Mill {
    let mut mill = Mill::default();
    let key = |i: usize| json!({"opportunity": format!("k{i}")});
    (0..n / 2).for_each(|i| mill.add("a", i as i64, "opportunity_opened", &key(i)));
    (0..n / 2).for_each(|_| mill.add("a", n as i64, "won", &json!({})));
    mill
}

fn correction(mill: &mut Mill, second: usize, target: usize, action: &str) {
    let data = json!({
        "target": Mill::id(target), "action": action, "reason": "typo",
        "data": {"source": format!("s{second}")},
    });
    mill.add("a", second as i64, "corrected", &data);
}

fn corrections_of_one(n: usize) -> Mill {
    let mut mill = Mill::default();
    mill.add("a", 0, "captured", &json!({}));
    (1..n).for_each(|i| correction(&mut mill, i, 1, "replace"));
    mill
}

fn chain_of_corrections(n: usize) -> Mill {
    let mut mill = Mill::default();
    mill.add("a", 0, "captured", &json!({}));
    (1..n).for_each(|i| correction(&mut mill, i, i, "retract"));
    mill
}

fn early_corrections(n: usize) -> Mill {
    let mut mill = Mill::default();
    (1..n / 2).for_each(|i| correction(&mut mill, i, n / 2, "replace"));
    mill.add("a", 0, "captured", &json!({}));
    (n / 2..n).for_each(|i| correction(&mut mill, i, 1, "retract"));
    mill
}

fn handoffs(n: usize) -> Mill {
    let mut mill = Mill::default();
    for i in 0..n {
        let data = json!({"to": format!("p{}", i % 3), "handoff": format!("h{i}")});
        mill.add("a", i as i64, "handed_off", &data);
    }
    mill
}

fn late_events(n: usize) -> Mill {
    let mut mill = Mill::default();
    for i in 0..n {
        let level = if i % 2 == 0 { "mql" } else { "sql" };
        mill.add("a", (n - i) as i64, "qualified", &json!({"level": level}));
    }
    mill
}

fn new_attributes(n: usize) -> Mill {
    let mut mill = Mill::default();
    for i in 0..n {
        mill.add("a", i as i64, "captured", &json!({"attributes": {format!("name{i}"): i}}));
    }
    mill
}

/// As many as one line can hold.
fn many_attributes(n: usize) -> Mill {
    let mut mill = Mill::default();
    for copy in 0..(n / 40_000).max(2) {
        let names = (0..n.min(40_000)).map(|i| (format!("n{i}"), json!(copy)));
        let attributes: serde_json::Map<_, _> = names.collect();
        mill.add("a", copy as i64, "captured", &json!({"attributes": attributes}));
    }
    mill
}

fn one_external_id(n: usize) -> Mill {
    let mut mill = Mill::default();
    let line = r#"{"lead":"a","type":"touched","data":{"side":"sales"},
        "occurred_at":"2024-01-01T00:00:00Z","origin":{"system":"crm","id":"1"}}"#;
    (0..n).for_each(|i| mill.add_line(line, i as i64));
    mill
}

fn merge(mill: &mut Mill, second: usize, from: usize, into: usize) {
    let into = json!({"into": format!("l{into}")});
    mill.add(&format!("l{from}"), second as i64, "merged", &into);
}

fn chain_of_merges(n: usize, from_the_end: bool) -> Mill {
    let mut mill = Mill::default();
    let n = n / 10;
    for i in 0..n {
        let from = if from_the_end { n - i } else { i };
        merge(&mut mill, i, from, from + 1);
    }
    mill
}

/// Every root of a pair is asked for the far root of a long chain.
fn pairs_into_the_bottom(n: usize) -> Mill {
    let mut mill = chain_of_merges(n / 2, true);
    let n = n / 20;
    for i in 0..n {
        merge(&mut mill, n + i, 3 * n + 2 * i, 3 * n + 2 * i + 1);
        merge(&mut mill, 2 * n + i, 3 * n + 2 * i + 1, 1);
    }
    mill
}

fn all_into_one(n: usize, is_undone: bool, are_erased: bool) -> Mill {
    let mut mill = Mill::default();
    let n = n / 10;
    for i in 1..n {
        let lead = format!("l{i}");
        mill.add(&lead, 0, "captured", &json!({"source": "web"}));
        if are_erased {
            mill.add(&lead, 1, "erased", &json!({"request": "r"}));
        }
    }
    (1..n).for_each(|i| merge(&mut mill, i, i, 0));
    if are_erased {
        (0..n).for_each(|i| merge(&mut mill, 2 * n + i, n + i, n + i + 1));
    }
    if is_undone {
        for i in 1..n {
            mill.add(&format!("l{i}"), 2 * n as i64, "unmerged", &json!({"from": "l0"}));
        }
    }
    mill
}

fn toggled_bottom(n: usize) -> Mill {
    let mut mill = chain_of_merges(n / 2, true);
    let n = n / 20;
    for i in 0..n {
        mill.add("l1", (2 * n + i) as i64, "unmerged", &json!({"from": "l2"}));
        merge(&mut mill, 2 * n + i, 1, 2);
    }
    mill
}

fn fold(mill: &Mill) -> Tables {
    let pages = std::slice::from_ref(&mill.facts);
    let tables = fold_pages(pages, &Playbook::default(), Bounds::default());
    let as_of = FunnelQuery::as_of(Timestamp::from_micros(i64::MAX / 2));
    let rows = funnel(&tables, &FunnelQuery { within_days: Some(u32::MAX), ..as_of });
    let within = rows[0].within.expect("it was asked for");
    assert_eq!(within.rate.den, 0, "no window of eleven million years is over");
    assert_eq!(rows.len(), 1);
    assert!(anomalies(&tables).len() <= 3 * mill.facts.len());
    tables
}

/// Whoever searches a history of this length for each of its events does not come back in time.
#[test]
fn law_9_no_history_of_200_000_events_holds_the_fold_up() {
    for (name, history) in HISTORIES {
        let tables = fold(&history(200_000));
        assert!(tables.lead_count() > 0, "{name}");
    }
}

/// Prints the seconds of n and 4n events and judges nothing: `LEADFOLD_MEASURE=50000 cargo test
/// --release -p leadfold-testkit --test laws how_the_time_grows -- --nocapture`.
#[test]
fn how_the_time_grows() {
    let size = std::env::var("LEADFOLD_MEASURE").ok().and_then(|n| n.parse().ok());
    let size: usize = size.unwrap_or(500);
    for (name, history) in HISTORIES {
        let seconds = [size, 4 * size].map(|n| {
            let mill = history(n);
            let start = Instant::now();
            drop(fold(&mill));
            start.elapsed().as_secs_f64()
        });
        println!(
            "{:>8.4} {:>8.4} x{:<5.1} {name}",
            seconds[0],
            seconds[1],
            seconds[1] / seconds[0]
        );
    }
}
