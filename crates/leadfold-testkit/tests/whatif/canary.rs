//! The suite itself: readings that cheat or forget something have to be noticed.

use leadfold_core::metrics::{Judged, auc};
use serde_json::{Value, json};

use super::desk::{Desk, playbook, question};
use super::golden::{AS_OF, by_hand, line, log, scored};
use super::naive::{Flaw, read, rows};

fn is_noticed(book: &Value, as_of: &str, flaw: Option<Flaw>) -> bool {
    let (desk, book, question) = (Desk::of(&log()), playbook(book), question(as_of, 90));
    let trial = desk.try_out(&book, &question).trial;
    rows(&desk, &trial) != read(&desk.exported(), &book, &question, flaw)
}

#[test]
fn a_reading_without_flaws_is_the_trial() {
    for book in [scored(), by_hand()] {
        for as_of in [AS_OF, "2024-04-10", "2024-01-05", "2023-12-31"] {
            assert!(!is_noticed(&book, as_of, None), "{as_of}");
        }
    }
}

#[test]
fn every_flaw_is_noticed() {
    for (book, as_of, flaw) in [
        (scored(), AS_OF, Flaw::PeeksPastTheOutcome),
        (scored(), AS_OF, Flaw::CountsTheYoung),
        (scored(), AS_OF, Flaw::KeepsTheRetracted),
        (scored(), AS_OF, Flaw::ForgetsMerges),
        (scored(), AS_OF, Flaw::HandsOffTheClosed),
        (scored(), "2024-04-10", Flaw::LooksPastTheAsOf),
        (by_hand(), AS_OF, Flaw::TakesTheIllegal),
    ] {
        assert!(is_noticed(&book, as_of, Some(flaw)), "{flaw:?}");
    }
}

/// Customers are welcomed with touches that the model gives points for, so that a score from
/// after the win separates them from the others, and one from before does not.
fn welcomed() -> Vec<Value> {
    let touch = |lead: &str, day: &str| {
        line(lead, day, "touched", json!({"side": "prospect", "activity": "pricing"}))
    };
    let mut log = Vec::new();
    for number in 0..4 {
        let (customer, other) = (format!("customer {number}"), format!("other {number}"));
        for lead in [&customer, &other] {
            log.push(line(lead, "01-01", "captured", json!({})));
            if number % 2 == 0 {
                log.push(touch(lead, "01-02"));
            }
        }
        log.push(line(&customer, "01-10", "won", json!({})));
        log.push(touch(&customer, "01-11"));
        log.push(touch(&customer, "01-12"));
    }
    log
}

#[test]
fn a_score_from_after_the_outcome_would_change_the_auc_and_is_noticed() {
    let mut book = scored();
    book["scoring"]["behaviour"][0].as_object_mut().expect("a rule").remove("decay");
    let (desk, book, question) = (Desk::of(&welcomed()), playbook(&book), question(AS_OF, 90));
    let trial = desk.try_out(&book, &question).trial;
    let lines = desk.exported();
    let peeking = read(&lines, &book, &question, Some(Flaw::PeeksPastTheOutcome));
    assert_ne!(rows(&desk, &trial), peeking);
    assert_eq!(rows(&desk, &trial), read(&lines, &book, &question, None));
    let judged: Vec<Judged> = peeking
        .values()
        .filter_map(|row| row.matured.clone())
        .map(|(is_won, _, _, score)| {
            let score = score.expect("there is a model").parse().expect("points are a number");
            Judged { score, is_won }
        })
        .collect();
    let honest = trial.score_quality().expect("there is a model").auc.expect("there are both");
    assert_eq!(honest.ratio(), Some(0.5));
    assert_eq!(auc(&judged).expect("there are both").ratio(), Some(1.0));
}
