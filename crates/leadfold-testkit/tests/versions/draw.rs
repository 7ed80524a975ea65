//! Small logs of publications and corrections that meet: few instants, ties, late arrivals.

use proptest::prelude::*;
use serde_json::{Value, json};

/// Instants of the log: hours of one day.
pub(crate) const HOURS: u8 = 6;

/// One event, before it is known which others there are.
#[derive(Clone, Debug)]
struct Draft {
    act: Act,
    hour: u8,
    /// The hour at which it became known; none: in its turn, after all hours.
    known: Option<u8>,
}

#[derive(Clone, Debug)]
enum Act {
    Publish { version: u8, is_of_tomorrow: bool },
    Correct { target: usize, replacement: Option<&'static str>, is_of_a_lead: bool },
    Cost,
    Touch,
}

/// Replacements: two that read, and three that do not.
const REPLACEMENTS: [&str; 5] = [
    r#"{"playbook":{"version":"replaced"}}"#,
    r#"{"playbook":{"version":"replaced again","sla":{"decision_seconds":5}},"x":1}"#,
    r#"{"playbook":{"verison":"9"}}"#,
    r#"{"playbook":null}"#,
    r#"["no","object"]"#,
];

/// The lines of a log, each with an id, in the order in which they are appended.
pub(crate) fn lines() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(draft(), 1..14)
        .prop_map(|drafts| drafts.iter().enumerate().map(|(at, draft)| line(at, draft)).collect())
}

fn draft() -> impl Strategy<Value = Draft> {
    let publish = (0_u8..9, prop::bool::weighted(0.1))
        .prop_map(|(version, is_of_tomorrow)| Act::Publish { version, is_of_tomorrow });
    let replacement = prop::option::weighted(0.6, prop::sample::select(REPLACEMENTS.to_vec()));
    // A target may come later, be the correction itself, or be in no log.
    let correct = (0_usize..14, replacement, prop::bool::weighted(0.1)).prop_map(
        |(target, replacement, is_of_a_lead)| Act::Correct { target, replacement, is_of_a_lead },
    );
    let act = prop_oneof![5 => publish, 4 => correct, 1 => Just(Act::Cost), 1 => Just(Act::Touch)];
    let known = prop::option::weighted(0.4, 0..HOURS);
    (act, 0..HOURS, known).prop_map(|(act, hour, known)| Draft { act, hour, known })
}

fn id(at: usize) -> String {
    format!("00000000-0000-4000-8000-{at:012}")
}

pub(crate) fn time(hour: u8) -> String {
    format!("2024-03-01T{hour:02}:00:00Z")
}

fn line(at: usize, draft: &Draft) -> Value {
    let known = draft.known.map_or_else(|| format!("2024-03-02T00:00:{at:02}Z"), time);
    let mut line = json!({"id": id(at), "occurred_at": time(draft.hour), "recorded_at": known});
    let parts = match &draft.act {
        Act::Publish { version, is_of_tomorrow } => json!({
            "type": "playbook_published",
            "v": if *is_of_tomorrow { 2 } else { 1 },
            "data": {"playbook": {"version": version.to_string()}},
        }),
        Act::Correct { target, replacement, is_of_a_lead } => json!({
            "type": "corrected",
            "lead": is_of_a_lead.then_some("L1"),
            "data": correction(*target, *replacement),
        }),
        Act::Cost => json!({"type": "cost_recorded", "data": {
            "amount": 1, "currency": "EUR", "scope": {}, "from": "2024-03-01", "to": "2024-03-01",
        }}),
        Act::Touch => json!({"type": "touched", "lead": "L1", "data": {"side": "sales"}}),
    };
    let fields = parts.as_object().expect("an object").clone();
    line.as_object_mut().expect("an object").extend(fields);
    line
}

fn correction(target: usize, replacement: Option<&str>) -> Value {
    let action = if replacement.is_some() { "replace" } else { "retract" };
    let data = replacement.map(|text| serde_json::from_str::<Value>(text).expect("JSON"));
    json!({"target": id(target), "action": action, "reason": "wrong", "data": data})
}
