//! What fills a gate's fields, and at which step a gate is asked.

use leadfold_core::audit::AuditCode::{self, GateNotMet, WonWithoutHandoff};
use leadfold_core::{Gate, Illegal, Playbook, Rules, State};
use serde_json::{Value, json};

use super::life::log;

fn playbook(state: State, fields: &[&str]) -> Playbook {
    let mandatory = fields.iter().map(|field| (*field).to_owned()).collect();
    let gate = Gate { mandatory, desirable: Vec::new() };
    Playbook { gates: [(state, gate)].into(), ..Playbook::default() }
}

/// The positions at which a rule is broken.
fn broken(
    code: AuditCode,
    playbook: &Playbook,
    events: &[(&str, &str, &str, Value)],
) -> Vec<Vec<u64>> {
    let log = log(events);
    let audit = log.audit(playbook);
    let found = audit.findings().iter().filter(|found| found.code == code);
    found.map(|found| found.evidence.clone()).collect()
}

#[test]
fn a_resolved_attribution_fills_source_and_campaign() {
    let events = |data| {
        [
            ("L1", "01T09:00", "captured", json!({})),
            ("L1", "02T09:00", "attribution_resolved", data),
            ("L1", "03T09:00", "qualified", json!({"level": "mql"})),
        ]
    };
    let both = json!({"source": "fair", "campaign": "spring"});
    let gate = playbook(State::Mql, &["source", "campaign"]);
    assert_eq!(broken(GateNotMet, &gate, &events(both)), [[0_u64; 0]; 0]);
    assert_eq!(broken(GateNotMet, &gate, &events(json!({"source": "fair"}))), [[3]]);
    let other = playbook(State::Mql, &["medium"]);
    assert_eq!(broken(GateNotMet, &other, &events(json!({"source": "fair"}))), [[3]]);
}

/// A lead takes nothing from it but its state.
#[test]
fn a_snapshot_of_a_lead_that_has_begun_fills_nothing() {
    let snapshot = json!({
        "state": "new", "source": "fair", "attributes": {"size": "9"},
        "history_known_from": "2024-01-01",
    });
    let begins = [
        ("L1", "02T09:00", "snapshot_imported", snapshot.clone()),
        ("L1", "03T09:00", "qualified", json!({"level": "mql"})),
    ];
    let mut comes = vec![("L1", "01T09:00", "captured", json!({}))];
    comes.extend(begins.clone());
    for field in ["source", "size"] {
        let gate = playbook(State::Mql, &[field]);
        assert_eq!(broken(GateNotMet, &gate, &begins), [[0_u64; 0]; 0]);
        assert_eq!(broken(GateNotMet, &gate, &comes), [[3]]);
    }
}

#[test]
fn the_event_that_begins_a_lead_passes_gates_too() {
    let qualified = [("L1", "01T09:00", "qualified", json!({"level": "mql"}))];
    let gate = playbook(State::Mql, &["source"]);
    assert_eq!(broken(GateNotMet, &gate, &qualified), [[1]]);
    let captured = |data| [("L1", "01T09:00", "captured", data)];
    let gate = playbook(State::New, &["source"]);
    assert_eq!(broken(GateNotMet, &gate, &captured(json!({}))), [[1]]);
    assert_eq!(broken(GateNotMet, &gate, &captured(json!({"source": "fair"}))), [[0_u64; 0]; 0]);
    // Nobody says what a lead had when it came into the state of a snapshot.
    let snapshot = json!({"state": "mql", "history_known_from": "2024-01-01"});
    let snapshot = [("L1", "01T09:00", "snapshot_imported", snapshot)];
    let gate = playbook(State::Mql, &["source"]);
    assert_eq!(broken(GateNotMet, &gate, &snapshot), [[0_u64; 0]; 0]);
}

/// Where a history does not begin with the capture, nobody says how its lead came to be new.
#[test]
fn the_gate_of_new_is_asked_of_captures_alone() {
    let gate = playbook(State::New, &["source"]);
    for (kind, data) in [
        ("touched", json!({"side": "sales"})),
        ("assigned", json!({"to": "ann"})),
        ("scored", json!({"model": "m", "model_version": "1", "total": 5})),
    ] {
        let events = [
            ("L1", "01T09:00", kind, data),
            ("L1", "02T09:00", "captured", json!({"source": "fair"})),
        ];
        assert_eq!(broken(GateNotMet, &gate, &events), [[0_u64; 0]; 0], "{kind}");
    }
}

#[test]
fn a_win_that_begins_a_lead_was_never_handed_off() {
    let won = [("L1", "01T09:00", "won", json!({"opportunity": "D1"}))];
    let apply = Rules { illegal: Illegal::Apply, ..Rules::default() };
    let playbook = Playbook { rules: apply, ..Playbook::default() };
    assert_eq!(broken(WonWithoutHandoff, &playbook, &won), [[1]]);
}
