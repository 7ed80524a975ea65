//! Section 2: which events stand after the corrections of one stream, and with what data.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{event::Event, schema};

/// What the correction that counts does to its target.
enum Change {
    Retract,
    Replace(Map<String, Value>),
}

/// The events of one stream after its corrections. Of the corrections themselves only those stay
/// that found no target, marked so: their places have a finding.
pub(super) fn effective(stream: &[Event]) -> Vec<Event> {
    let mut changes: BTreeMap<&str, Change> = BTreeMap::new();
    let mut without_target = Vec::new();
    let mut corrections: Vec<&Event> = stream.iter().filter(|e| e.is("corrected")).collect();
    // From the last to the first: what becomes of a correction is decided before it is read.
    corrections.sort_by_key(|correction| std::cmp::Reverse(correction.position));
    for correction in corrections {
        if changes.contains_key(correction.id.as_str()) {
            // Taken back: nothing but a retraction changes a correction.
            continue;
        }
        let data = &correction.data;
        let target = data.get("target").and_then(Value::as_str);
        let Some(target) = stream.iter().find(|event| Some(event.id.as_str()) == target) else {
            without_target.push(correction.position);
            continue;
        };
        let comes_too_late = target.is("corrected") && target.position >= correction.position;
        match change(target, data).filter(|_| !comes_too_late) {
            Some(change) => {
                changes.entry(&target.id).or_insert(change);
            }
            None => without_target.push(correction.position),
        }
    }
    stream.iter().filter_map(|event| corrected(event, &changes, &without_target)).collect()
}

fn change(target: &Event, data: &Map<String, Value>) -> Option<Change> {
    match data.get("action").and_then(Value::as_str) {
        Some("retract") => Some(Change::Retract),
        Some("replace") => {
            let replacement = match data.get("data") {
                None | Some(Value::Null) => Map::new(),
                Some(replacement) => replacement.as_object()?.clone(),
            };
            let is_fixed = !target.known || target.is("corrected");
            let reads = !is_fixed && schema::reads_as(&target.kind, &replacement);
            reads.then_some(Change::Replace(replacement))
        }
        _ => None,
    }
}

fn corrected(
    event: &Event,
    changes: &BTreeMap<&str, Change>,
    without_target: &[u64],
) -> Option<Event> {
    if event.is("corrected") {
        let marked = Event { without_target: true, ..event.clone() };
        return without_target.contains(&event.position).then_some(marked);
    }
    match changes.get(event.id.as_str()) {
        None => Some(event.clone()),
        Some(Change::Retract) => None,
        Some(Change::Replace(data)) => Some(Event { data: data.clone(), ..event.clone() }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn line(position: u64, kind: &str, data: Value) -> Event {
        let line = json!({
            "id": format!("e{position}"), "lead": "L", "type": kind, "position": position,
            "occurred_at": "2024-01-01T00:00:00Z", "data": data,
        });
        Event::read(&line, 0)
    }

    fn retract(position: u64, target: &str) -> Event {
        line(position, "corrected", json!({"target": target, "action": "retract", "reason": "x"}))
    }

    fn positions(stream: &[Event]) -> Vec<u64> {
        effective(stream).iter().map(|event| event.position).collect()
    }

    #[test]
    fn a_retraction_that_is_taken_back_leaves_its_target() {
        let touched = line(1, "touched", json!({"side": "sales"}));
        assert_eq!(positions(&[touched.clone(), retract(2, "e1")]), Vec::<u64>::new());
        assert_eq!(positions(&[touched.clone(), retract(2, "e1"), retract(3, "e2")]), [1]);
        // The taking back is taken back.
        let chain = [touched, retract(2, "e1"), retract(3, "e2"), retract(4, "e3")];
        assert_eq!(positions(&chain), Vec::<u64>::new());
    }

    #[test]
    fn a_correction_of_a_later_correction_has_no_effect_and_is_found() {
        let stream = [retract(1, "e3"), line(2, "erased", json!({})), retract(3, "e2")];
        assert_eq!(positions(&stream), [1]);
    }

    #[test]
    fn the_highest_correction_that_reads_counts() {
        let replace = |position, data| {
            let data = json!({"target": "e1", "action": "replace", "data": data, "reason": "x"});
            line(position, "corrected", data)
        };
        let stream = [
            line(1, "qualified", json!({"level": "mql"})),
            retract(2, "e1"),
            replace(3, json!({"level": "sql"})),
            replace(4, json!({"level": "no such level"})),
        ];
        let found = effective(&stream);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].text("level"), Some("sql"));
        assert!(found[1].without_target);
        assert_eq!(found[1].position, 4);
    }
}
