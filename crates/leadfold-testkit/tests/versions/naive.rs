//! The version in force, read off exported lines as docs/LIFECYCLE.md says, with a search for
//! everything and no order kept.

use serde_json::Value;

/// Position and version.
pub(crate) type InForce = Option<(u64, String)>;

/// The version in force at `at` as known at `known_at`.
pub(crate) fn in_force(lines: &[Value], known_at: Option<&str>, at: &str) -> InForce {
    let known: Vec<&Value> = lines
        .iter()
        .filter(|line| line.get("lead").is_none())
        .filter(|line| known_at.is_none_or(|bound| text(line, "recorded_at") <= bound))
        .collect();
    let mut best: Option<(&str, u64, String)> = None;
    for line in known.iter().filter(|line| is(line, "playbook_published")) {
        let (from, position) = (text(line, "occurred_at"), position(line));
        let Some(version) = version(line, &known) else { continue };
        let is_later = best.as_ref().is_none_or(|(f, p, _)| (from, position) > (*f, *p));
        if from <= at && is_later {
            best = Some((from, position, version));
        }
    }
    best.map(|(_, position, version)| (position, version))
}

/// The version that a publication says in the end; none if it was taken back.
fn version(line: &Value, known: &[&Value]) -> Option<String> {
    let mut last: Option<&Value> = None;
    for other in known.iter().filter(|other| names(other, line) && is_active(other, known)) {
        let counts = is_retraction(other) || reads(&other["data"]["data"]);
        if counts && last.is_none_or(|last| position(other) > position(last)) {
            last = Some(other);
        }
    }
    match last {
        None => Some(text(&line["data"]["playbook"], "version").to_owned()),
        Some(taken_back) if is_retraction(taken_back) => None,
        Some(other) => Some(text(&other["data"]["data"]["playbook"], "version").to_owned()),
    }
}

/// Whether no later correction that is active itself takes this one back.
fn is_active(correction: &Value, known: &[&Value]) -> bool {
    !known.iter().any(|later| {
        names(later, correction)
            && position(later) > position(correction)
            && is_retraction(later)
            && is_active(later, known)
    })
}

fn names(correction: &Value, target: &Value) -> bool {
    is(correction, "corrected") && correction["data"]["target"] == target["id"]
}

fn is_retraction(correction: &Value) -> bool {
    correction["data"]["action"] == "retract"
}

fn reads(data: &Value) -> bool {
    let playbook = data.get("playbook").and_then(Value::as_object);
    playbook.is_some_and(|keys| keys.keys().all(|key| ["version", "sla"].contains(&key.as_str())))
}

fn is(line: &Value, kind: &str) -> bool {
    line["type"] == kind && line.get("v").is_none_or(|v| v == 1)
}

fn position(line: &Value) -> u64 {
    line["position"].as_u64().expect("an exported line has it")
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or("1")
}
