//! The strict door, case by case: what passes it, and what the fold says of the same.

use leadfold_core::event::{Event, EventLine, NewEvent, RecordedEvent};
use leadfold_core::metrics::anomalies;
use leadfold_core::{
    Bounds, Case, FindingCode, Gate, Pipeline, Playbook, Reason, State, Timestamp, decide,
};
use serde_json::{Value, json};

/// The event of a line that happens in an hour.
fn event(hour: usize, mut line: Value) -> NewEvent {
    line["occurred_at"] = json!(format!("2024-02-01T{hour:02}:00:00Z"));
    EventLine::parse(line.to_string().as_bytes()).expect("a line").identify(|_| hour as u64)
}

/// What lines tell, an hour one after the other.
fn history(lines: &[Value]) -> Vec<RecordedEvent> {
    let recorded = |(hour, line): (usize, &Value)| {
        let NewEvent { id, event, .. } = event(hour, line.clone());
        let position = hour as u64 + 1;
        RecordedEvent { position, sequence: 0, id, recorded_at: Timestamp::default(), event }
    };
    lines.iter().enumerate().map(recorded).collect()
}

fn case(playbook: &Playbook, lines: &[Value]) -> Case {
    Case::open(playbook.clone(), Bounds::default(), &history(lines))
}

fn found(lines: &[Value]) -> Vec<FindingCode> {
    let case = case(&Playbook::default(), lines);
    anomalies(case.tables()).into_iter().map(|anomaly| anomaly.finding.code).collect()
}

/// What the door says to a line after others: no reason where it is let through.
fn asked(playbook: &Playbook, lines: &[Value], line: Value) -> Result<Option<Event>, Reason> {
    let command = event(lines.len(), line).event;
    decide(&case(playbook, lines), command).map_err(|refusal| refusal.reason)
}

fn refused(lines: &[Value], line: Value) -> Option<Reason> {
    asked(&Playbook::default(), lines, line).err()
}

fn of_lead(lead: &str, kind: &str, data: Value) -> Value {
    json!({"lead": lead, "type": kind, "data": data})
}

fn cost(lead: &str) -> Value {
    let data = json!({
        "amount": 5, "currency": "EUR", "scope": {}, "from": "2024-01-01", "to": "2024-01-31",
    });
    of_lead(lead, "cost_recorded", data)
}

fn captured(lead: &str) -> Value {
    of_lead(lead, "captured", json!({}))
}

fn with_origin(mut line: Value, id: &str) -> Value {
    line["origin"] = json!({"system": "crm", "id": id});
    line
}

/// A correction of the event with an id that ends with a number.
fn corrected(lead: &str, target: u8, data: Option<Value>) -> Value {
    let action = if data.is_some() { "replace" } else { "retract" };
    let target = format!("00000000-0000-0000-0000-{target:012x}");
    let data = json!({"target": target, "action": action, "reason": "typo", "data": data});
    of_lead(lead, "corrected", data)
}

fn numbered(mut line: Value, id: u8) -> Value {
    line["id"] = json!(format!("00000000-0000-0000-0000-{id:012x}"));
    line
}

#[test]
fn a_capture_with_the_identity_of_what_came_before_it_is_refused() {
    let cost = with_origin(cost("L1"), "1");
    let capture = with_origin(captured("L1"), "1");
    assert_eq!(refused(std::slice::from_ref(&cost), capture), Some(Reason::DuplicateExternalId));
    assert_eq!(refused(&[cost], with_origin(captured("L1"), "2")), None);
}

/// Neither a cost nor what nobody knows begins a lead, whatever time it is of.
#[test]
fn a_capture_may_lie_before_what_begins_no_lead() {
    let unknown = of_lead("L1", "teleported", json!({}));
    for before in [cost("L1"), unknown] {
        let at_noon = event(12, before);
        let recorded = RecordedEvent {
            position: 1,
            sequence: 1,
            id: at_noon.id,
            recorded_at: Timestamp::default(),
            event: at_noon.event,
        };
        let gate = Gate { mandatory: vec!["size".into()], desirable: Vec::new() };
        let strict = Playbook { gates: [(State::New, gate)].into(), ..Playbook::default() };
        let in_the_morning = |playbook: Playbook| {
            let case = Case::open(playbook, Bounds::default(), [&recorded]);
            decide(&case, event(9, captured("L1")).event).map_err(|refusal| refusal.reason)
        };
        assert!(matches!(in_the_morning(Playbook::default()), Ok(Some(_))));
        assert_eq!(in_the_morning(strict), Err(Reason::GateFailed));
    }
}

#[test]
fn an_empty_id_is_no_identity() {
    let lines = [with_origin(captured("L1"), ""), with_origin(cost("L1"), "")];
    assert_eq!(found(&lines), []);
    let touch = of_lead("L1", "touched", json!({"side": "sales"}));
    assert_eq!(refused(&lines, with_origin(touch, "")), None);
}

/// The playbook's word on an event is not lost where another event was meant.
#[test]
fn a_correction_of_an_event_that_is_not_there_is_none_of_the_command() {
    let withdrawn = of_lead("L1", "consent_withdrawn", json!({"purpose": "marketing"}));
    let touch = of_lead("L1", "touched", json!({"side": "marketing", "direction": "out"}));
    let data = json!({"side": "sales"});
    for stray in [corrected("L1", 0, None), corrected("L1", 0, Some(data))] {
        let lines = [captured("L1"), withdrawn.clone(), stray];
        assert_eq!(refused(&lines, touch.clone()), Some(Reason::ConsentWithdrawn));
    }
}

fn erased() -> [Value; 2] {
    [numbered(captured("L1"), 1), numbered(of_lead("L1", "erased", json!({"request": "R1"})), 2)]
}

#[test]
fn an_erased_lead_takes_nothing_back() {
    let lines = erased();
    let replacement = Some(json!({"source": "web"}));
    for correction in [corrected("L1", 2, None), corrected("L1", 1, replacement)] {
        assert_eq!(refused(&lines, correction), Some(Reason::ErasedLead));
    }
    let again = of_lead("L1", "erased", json!({"request": "R2"}));
    assert_eq!(asked(&Playbook::default(), &lines, again), Ok(None));
}

#[test]
fn an_erased_lead_is_not_captured_again() {
    let command = event(2, captured("L1")).event;
    let refusal =
        decide(&case(&Playbook::default(), &erased()), command).expect_err("it is refused");
    assert_eq!(refusal.reason, Reason::ErasedLead);
    assert_eq!(
        refusal.to_string(),
        "cannot record `captured` for lead L1: expected a lead that is there, found an erased one \
         (erased_lead): capture the person anew, under another key and with their consent",
    );
}

/// Else a lead that was forgotten for good would be there again, with all that it had.
#[test]
fn a_lead_is_not_taken_out_of_an_erased_family() {
    let merged = |lead, into| of_lead(lead, "merged", json!({"into": into}));
    let unmerged = |lead, from| of_lead(lead, "unmerged", json!({"from": from}));
    let family =
        [captured("L1"), captured("L2"), captured("L3"), merged("L1", "L2"), merged("L2", "L3")];
    assert_eq!(refused(&family, unmerged("L1", "L2")), None);
    let erased = of_lead("L3", "erased", json!({"request": "R1"}));
    let lines: Vec<Value> = family.into_iter().chain([erased]).collect();
    for (lead, from) in [("L1", "L2"), ("L1", "L3"), ("L2", "L3")] {
        assert_eq!(refused(&lines, unmerged(lead, from)), Some(Reason::ErasedLead));
        // What was imported counts as everywhere.
        let history: Vec<Value> = lines.iter().cloned().chain([unmerged(lead, from)]).collect();
        assert_eq!(found(&history), []);
    }
    let command = event(lines.len(), unmerged("L1", "L2")).event;
    let refusal = decide(&case(&Playbook::default(), &lines), command).expect_err("it is refused");
    assert_eq!(
        refusal.to_string(),
        "cannot record `unmerged` for lead L1: expected a survivor that is there, found L3 erased \
         (erased_lead): capture the person anew, under another key and with their consent",
    );
}

#[test]
fn a_merge_that_is_known_at_its_origin_is_told_as_that() {
    let lines = [with_origin(captured("L1"), "1"), captured("L2")];
    let merged = of_lead("L1", "merged", json!({"into": "L2"}));
    let again = with_origin(merged.clone(), "1");
    assert_eq!(refused(&lines, again), Some(Reason::DuplicateExternalId));
    assert_eq!(refused(&lines, with_origin(merged.clone(), "2")), None);
    let [first, second] = lines;
    let lines = [first, second, with_origin(merged, "2")];
    let unmerged = of_lead("L1", "unmerged", json!({"from": "L2"}));
    for id in ["1", "2"] {
        let again = with_origin(unmerged.clone(), id);
        assert_eq!(refused(&lines, again), Some(Reason::DuplicateExternalId), "{id}");
    }
    assert_eq!(refused(&lines, with_origin(unmerged, "3")), None);
}

/// What was spent stays spent.
#[test]
fn a_cost_of_an_erased_lead_is_no_command_and_counts_in_a_history() {
    assert_eq!(refused(&erased(), cost("L1")), Some(Reason::ErasedLead));
    let [first, second] = erased();
    let lines = [first, second, cost("L1")];
    assert_eq!(found(&lines), []);
    let case = case(&Playbook::default(), &lines);
    assert_eq!(case.tables().costs().count(), 1);
}

#[test]
fn a_survivor_may_be_captured_itself() {
    let lines = [captured("L2"), of_lead("L2", "merged", json!({"into": "L3"}))];
    assert_eq!(refused(&lines, captured("L3")), None);
    let [first, second] = lines;
    let lines = [first, second, captured("L3")];
    assert_eq!(found(&lines), []);
    assert_eq!(refused(&lines, captured("L3")), Some(Reason::AlreadyCaptured));
    // Nobody was captured: that would be out of order.
    let touched = of_lead("L2", "touched", json!({"side": "sales"}));
    let lines = [touched, of_lead("L2", "merged", json!({"into": "L3"}))];
    assert_eq!(refused(&lines, captured("L3")), Some(Reason::AlreadyCaptured));
}

#[test]
fn no_stage_is_no_unknown_stage() {
    let pipeline = Pipeline { name: "b2b".into(), stages: vec!["demo".into()] };
    let playbook = Playbook { pipelines: vec![pipeline], ..Playbook::default() };
    let lines = [
        captured("L1"),
        of_lead("L1", "qualified", json!({"level": "mql"})),
        of_lead("L1", "handed_off", json!({"to": "ann"})),
        of_lead("L1", "accepted", json!({"by": "ann"})),
        of_lead("L1", "opportunity_opened", json!({"opportunity": "O1", "pipeline": "b2b"})),
    ];
    let moved = |to: &str| {
        let data = json!({"opportunity": "O1", "to": to});
        asked(&playbook, &lines, of_lead("L1", "opportunity_stage_changed", data)).err()
    };
    assert_eq!(moved("nowhere"), Some(Reason::UnknownStage));
    assert_eq!(moved(""), None);
}

#[test]
fn an_acceptance_under_another_key_is_told_the_one_that_is_pending() {
    let lines = [
        captured("L1"),
        of_lead("L1", "qualified", json!({"level": "mql"})),
        of_lead("L1", "handed_off", json!({"to": "ann", "handoff": "H1"})),
    ];
    let accepted = of_lead("L1", "accepted", json!({"by": "ann", "handoff": "H2"}));
    let command = event(3, accepted).event;
    let refusal = decide(&case(&Playbook::default(), &lines), command).expect_err("it is refused");
    assert_eq!(
        refusal.to_string(),
        "cannot record `accepted` for lead L1: expected the pending hand-off H1, found another \
         (no_handoff): name the hand-off that is pending, or none"
    );
}

/// Sales puts a lead to rest by giving it back; that marketing takes it up is another event, once.
#[test]
fn marketing_takes_up_once_what_sales_gave_back() {
    let playbook = Playbook::default();
    let mut lines = vec![
        captured("L1"),
        of_lead("L1", "qualified", json!({"level": "mql"})),
        of_lead("L1", "handed_off", json!({"to": "ann"})),
        of_lead("L1", "accepted", json!({"by": "ann"})),
        of_lead("L1", "returned", json!({"reason": "no project yet"})),
    ];
    let recycled = || of_lead("L1", "recycled", json!({"until": "2024-08-01"}));
    let is_stored = |lines: &[Value]| asked(&playbook, lines, recycled()).expect("legal").is_some();
    assert!(is_stored(&lines), "sales gave it back");
    lines.push(recycled());
    assert!(!is_stored(&lines), "it is taken up");
    lines.push(of_lead("L1", "qualified", json!({"level": "mql"})));
    lines.push(recycled());
    assert!(!is_stored(&lines), "marketing put it to rest itself");
}
