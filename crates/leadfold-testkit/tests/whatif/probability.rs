//! The probabilities that a log states, held against what became of the deals.

use leadfold_core::metrics::{Rate, Unmeasured};
use leadfold_core::whatif::StatedQuality;
use serde_json::{Value, json};

use super::desk::{Desk, playbook, question};
use super::golden::{AS_OF, line};

fn quality(events: &[(&str, &str, Value)]) -> StatedQuality {
    let start = [
        line("L", "01-01", "captured", json!({"origin": "sales_generated"})),
        line("L", "01-01", "qualified", json!({"level": "sql"})),
    ];
    let events = events.iter().map(|(day, kind, data)| line("L", day, kind, data.clone()));
    let log: Vec<Value> = start.into_iter().chain(events).collect();
    let book = playbook(&json!({}));
    Desk::of(&log).try_out(&book, &question(AS_OF, 90)).trial.stated
}

fn opened(day: &'static str, deal: &str, p: Option<f64>) -> (&'static str, &'static str, Value) {
    (day, "opportunity_opened", json!({"opportunity": deal, "probability": p}))
}

fn amended(day: &'static str, deal: &str, p: f64) -> (&'static str, &'static str, Value) {
    (day, "opportunity_amended", json!({"opportunity": deal, "probability": p}))
}

fn closed(
    day: &'static str,
    kind: &'static str,
    deal: &str,
) -> (&'static str, &'static str, Value) {
    (day, kind, json!({"opportunity": deal}))
}

#[test]
fn the_last_one_before_the_outcome_counts() {
    let quality = quality(&[
        opened("01-02", "a", Some(0.5)),
        amended("01-05", "a", 0.75),
        // Written with the outcome, and after it.
        amended("01-10", "a", 0.99),
        closed("01-10", "won", "a"),
        amended("01-11", "a", 0.01),
        opened("01-02", "b", Some(0.25)),
        closed("01-12", "lost", "b"),
        // Still open.
        opened("01-03", "c", Some(0.9)),
    ]);
    assert_eq!((quality.closed, quality.stated, quality.certain), (2, 2, 0));
    assert_eq!(quality.brier, Ok(0.0625));
    let expected = -(0.75_f64.ln() + 0.75_f64.ln()) / 2.0;
    let found = quality.log_loss.expect("none is certain");
    assert!((found - expected).abs() < 1e-15, "{found}");
    let bins = quality.calibration.expect("they are probabilities");
    assert_eq!(bins.len(), 10);
    assert_eq!((bins[7].mean, bins[7].won), (Some(0.75), Rate { num: 1, den: 1 }));
    assert_eq!((bins[2].mean, bins[2].won), (Some(0.25), Rate { num: 0, den: 1 }));
}

#[test]
fn what_says_the_outcome_is_left_out() {
    let quality = quality(&[
        opened("01-02", "a", Some(1.0)),
        closed("01-10", "won", "a"),
        opened("01-02", "b", None),
        closed("01-10", "lost", "b"),
    ]);
    assert_eq!((quality.closed, quality.stated, quality.certain), (2, 0, 1));
    assert_eq!(quality.brier, Err(Unmeasured::Empty));
}

#[test]
fn a_deal_that_was_reopened_counts_with_its_last_outcome() {
    let quality = quality(&[
        opened("01-02", "a", Some(0.5)),
        closed("01-10", "lost", "a"),
        ("01-12", "opportunity_reopened", json!({"opportunity": "a"})),
        amended("01-13", "a", 0.8),
        closed("01-20", "won", "a"),
    ]);
    assert_eq!((quality.closed, quality.stated), (1, 1));
    let brier = quality.brier.expect("it is a probability");
    assert!((brier - 0.04).abs() < 1e-15, "{brier}");
}

#[test]
fn what_is_no_probability_is_said_to_be_none() {
    let quality = quality(&[
        opened("01-02", "a", Some(80.0)),
        closed("01-10", "won", "a"),
        opened("01-02", "b", Some(0.7)),
        amended("01-03", "b", 60.0),
        closed("01-10", "won", "b"),
    ]);
    assert_eq!((quality.closed, quality.stated, quality.outside), (2, 1, 2));
    let brier = quality.brier.expect("one is a probability");
    assert!((brier - 0.09).abs() < 1e-15, "{brier}");
}
