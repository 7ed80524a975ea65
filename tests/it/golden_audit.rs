//! The hand-off audit of the hand-checkable story, under its three playbooks.

use leadfold::core::audit::AuditCode::{
    AcceptedWithoutHandoff, DecisionLate, DecisionMissing, HandedOffUnqualified, Leaked, PingPong,
    ReassignedWithoutTouch,
};
use leadfold::core::audit::{Audit, AuditCode, Figures};
use leadfold::core::metrics::Rate;
use leadfold::core::{Bounds, Calendar, Illegal, Playbook, Rules, Timestamp};
use serde_json::Value;

use crate::data::{Log, folder, reference};

fn story() -> Option<(Log, Value)> {
    let folder = folder("golden")?;
    let text = std::fs::read_to_string(folder.join("log.ndjson")).expect("the story is there");
    Some((Log::of_lines(&text), reference(&folder, "expected.json")))
}

/// The playbook of a case, and its numbers: the key says what it is.
fn case(expected: &Value, illegal: Illegal, hand_raiser: bool) -> (Playbook, Value) {
    let rules = Rules { illegal, hand_raiser, ..Rules::default() };
    let marks: &[&str] = match (illegal, hand_raiser) {
        (Illegal::Apply, _) => &["illegal = apply"],
        (Illegal::Skip, true) => &["illegal = skip", "hand_raiser = true"],
        (Illegal::Skip, false) => &["illegal = skip", "hand_raiser = false"],
    };
    let cases = expected["playbooks"].as_object().expect("an object");
    let is_meant = |(key, _): &(&String, &Value)| marks.iter().all(|mark| key.contains(mark));
    let (_, numbers) = cases.iter().find(is_meant).expect("the case is there");
    (Playbook { rules, ..Playbook::default() }, numbers.clone())
}

fn as_of(expected: &Value) -> Timestamp {
    expected["as_of"].as_str().expect("a text").parse().expect("a time")
}

fn pair(rate: Rate) -> Value {
    serde_json::json!([rate.num, rate.den])
}

fn assert_hours(stat: leadfold::core::metrics::DurationStat, expected: &Value) {
    let hours: Vec<f64> =
        expected.as_array().expect("hours").iter().filter_map(Value::as_f64).collect();
    assert_eq!(stat.n as usize, hours.len());
    let mean = hours.iter().sum::<f64>() / hours.len() as f64;
    let max = hours.iter().copied().fold(0.0, f64::max);
    assert!((stat.mean_s.expect("there are some") / 3600.0 - mean).abs() < 1e-9);
    assert!((stat.max_s.expect("there are some") / 3600.0 - max).abs() < 1e-9);
}

fn assert_figures(found: &Figures, expected: &Value) {
    assert_eq!(found.offered, expected["handoffs"].as_u64().expect("a number"));
    assert_eq!(found.accepted, expected["accepted"].as_u64().expect("a number"));
    assert_eq!(found.rejected, expected["rejected"].as_u64().expect("a number"));
    assert_eq!(found.pending, expected["pending"].as_u64().expect("a number"));
    assert_eq!(pair(found.acceptance_of_decided), expected["acceptance_of_decided"]);
    assert_eq!(pair(found.acceptance_of_offered), expected["acceptance_of_offered"]);
    assert_eq!(pair(found.decision_in_time), expected["decision_in_time"]);
    assert_eq!(pair(found.leaked), expected["leaked"]);
    assert_eq!(found.ping_pong, expected["ping_pong"].as_u64().expect("a number"));
    assert_hours(found.time_to_decision, &expected["hours_to_decision"]);
    assert_hours(found.time_to_first_attempt, &expected["hours_to_first_attempt"]);
    assert_hours(found.time_to_first_contact, &expected["hours_to_first_contact"]);
}

fn check(illegal: Illegal, hand_raiser: bool, findings: &[(AuditCode, u64, &[u64])]) {
    let Some((log, expected)) = story() else { return };
    let as_of = as_of(&expected);
    let (playbook, numbers) = case(&expected, illegal, hand_raiser);
    let bounds = Bounds { as_of: Some(as_of), known_at: None };
    let (tables, ledger) = log.audited(&playbook, bounds);
    let audit = Audit::of(&tables, &ledger, &Calendar::always(), as_of);
    let rows = audit.figures(None);
    assert_eq!(rows.len(), 1);
    assert_figures(&rows[0].figures, &numbers);
    let found = audit.findings();
    let told: Vec<(AuditCode, u64, &[u64])> =
        found.iter().map(|f| (f.code, f.position, &f.evidence[..])).collect();
    assert_eq!(told, findings);
    let leaked = audit.episodes().filter(|episode| episode.is_leaked());
    let entries = log.store.leads(leadfold::core::LeadIndex(0), 10).expect("memory does not fail");
    let key = |lead| entries.iter().find(|entry| entry.index == lead).map(|e| e.key.to_string());
    let mut leaked: Vec<String> = leaked.filter_map(|episode| key(episode.lead)).collect();
    leaked.sort();
    assert_eq!(serde_json::json!(leaked), numbers["leaked_leads"]);
}

#[test]
fn the_default_playbook_tells_history_as_it_was() {
    check(
        Illegal::Apply,
        false,
        &[
            (DecisionLate, 13, &[12, 13]),
            (DecisionMissing, 24, &[24]),
            (Leaked, 24, &[24]),
            (HandedOffUnqualified, 26, &[26]),
            (Leaked, 26, &[26, 28]),
            (ReassignedWithoutTouch, 27, &[26, 27]),
            (PingPong, 28, &[26, 27, 28]),
            (ReassignedWithoutTouch, 28, &[26, 27, 28]),
            (DecisionLate, 29, &[26, 29]),
            (DecisionMissing, 32, &[32]),
            (HandedOffUnqualified, 32, &[31, 32]),
            (Leaked, 32, &[32]),
        ],
    );
}

#[test]
fn hand_raisers_may_be_handed_off_and_the_rest_is_skipped() {
    check(
        Illegal::Skip,
        true,
        &[
            (DecisionLate, 13, &[12, 13]),
            (DecisionMissing, 24, &[24]),
            (Leaked, 24, &[24]),
            (Leaked, 26, &[26, 28]),
            (ReassignedWithoutTouch, 27, &[26, 27]),
            (PingPong, 28, &[26, 27, 28]),
            (ReassignedWithoutTouch, 28, &[26, 27, 28]),
            (DecisionLate, 29, &[26, 29]),
            (HandedOffUnqualified, 32, &[31, 32]),
        ],
    );
}

#[test]
fn a_strict_playbook_skips_what_breaks_the_rules() {
    check(
        Illegal::Skip,
        false,
        &[
            (DecisionLate, 13, &[12, 13]),
            (DecisionMissing, 24, &[24]),
            (Leaked, 24, &[24]),
            (HandedOffUnqualified, 26, &[26]),
            (AcceptedWithoutHandoff, 29, &[29]),
            (HandedOffUnqualified, 32, &[31, 32]),
        ],
    );
}

#[test]
fn what_marketing_takes_up_again_is_counted() {
    let Some((log, expected)) = story() else { return };
    let as_of = as_of(&expected);
    let bounds = Bounds { as_of: Some(as_of), known_at: None };
    // Told as it was, L5 enters a second round too, by the hand-off that the rules forbid.
    let (strict, _) = case(&expected, Illegal::Skip, false);
    let (tables, ledger) = log.audited(&strict, bounds);
    let audit = Audit::of(&tables, &ledger, &Calendar::always(), as_of);
    let figures = audit.figures(None).remove(0).figures;
    assert_eq!(pair(figures.recycled_of_given_back), serde_json::json!([1, 1]));
    assert_eq!(pair(figures.requalified_of_recycled), serde_json::json!([1, 1]));
    assert_eq!(pair(audit.recycled_win_rate()), serde_json::json!([0, 1]));
}
