//! The two doors agree: what `decide` lets through, the fold never reports (law 8).

mod decide {
    mod door;
}

use std::collections::{BTreeMap, BTreeSet};

use leadfold_core::event::{Body, CostRecorded, Event, EventLine, NewEvent, Origin, RecordedEvent};
use leadfold_core::metrics::anomalies;
use leadfold_core::{
    Bounds, Case, EventId, Gate, Illegal, LeadId, Pipeline, Playbook, Reason, Rules, SECOND, State,
    Timestamp, When, decide,
};
use leadfold_testkit::simulate::Simulation;
use leadfold_testkit::story::Story;
use leadfold_testkit::strategies::adversarial_log;
use proptest::bool;
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, Strategy, any, proptest};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use uuid::Uuid;

/// A log that only `decide` writes to.
#[derive(Default)]
struct Desk {
    recorded: Vec<RecordedEvent>,
    sequences: BTreeMap<Option<LeadId>, u64>,
    refused: Vec<Reason>,
    attempts: u32,
}

impl Desk {
    /// Tries to record an event, at the time of the last one if it lies before that; of some
    /// events at their own time all the same.
    fn attempt(&mut self, playbook: &Playbook, new: NewEvent) {
        let NewEvent { id, mut event, .. } = new;
        let last = self.recorded.iter().map(|recorded| recorded.event.occurred_at.at).max();
        self.attempts += 1;
        if !self.attempts.is_multiple_of(5) {
            event.occurred_at.at = event.occurred_at.at.max(last.unwrap_or_default());
        }
        if self.recorded.iter().any(|recorded| recorded.id == id) {
            return;
        }
        let case = Case::open(playbook.clone(), Bounds::default(), &self.recorded);
        match decide(&case, event) {
            Ok(Some(event)) => self.append(id, event),
            Ok(None) => {}
            Err(refusal) => {
                assert!(!refusal.to_string().is_empty());
                self.refused.push(refusal.reason);
            }
        }
    }

    /// Random histories seldom begin at the beginning. Of some leads a cost is known before, which
    /// begins none, and may be of a later time.
    fn capture_first(&mut self, playbook: &Playbook, new: &NewEvent) {
        let is_known = self.recorded.iter().any(|e| e.event.lead_id() == new.event.lead_id());
        if let Some(lead) = new.event.lead.clone().filter(|_| !is_known) {
            let story = Story::new().lead(lead.as_str()).captured("web");
            let captured = story.events().remove(0);
            // The same tenant and system: they are part of a lead's identity.
            let (tenant, origin) = (new.event.tenant.clone(), new.event.origin.clone());
            let event = Event { tenant, origin, ..captured.event };
            if self.recorded.len().is_multiple_of(2) {
                let at = Timestamp::from_micros(event.occurred_at.at.micros() + SECOND);
                let body = cost();
                self.append(
                    self.next_id(),
                    Event { occurred_at: at.into(), body, ..event.clone() },
                );
            }
            let origin = event.origin.clone().map(|origin| Origin { id: None, ..origin });
            let without_id = Event { origin, ..event.clone() };
            for event in [event, without_id] {
                self.attempt(playbook, NewEvent { id: self.next_id(), event, ..captured });
            }
        }
    }

    fn next_id(&self) -> EventId {
        EventId(Uuid::from_u128(self.recorded.len() as u128 + 1))
    }

    fn append(&mut self, id: EventId, event: Event) {
        let sequence = self.sequences.entry(event.lead_id()).or_default();
        *sequence += 1;
        self.recorded.push(RecordedEvent {
            position: self.recorded.len() as u64 + 1,
            sequence: *sequence,
            id,
            recorded_at: Timestamp::default(),
            event,
        });
    }

    fn assert_clean(&self, playbook: &Playbook) {
        let case = Case::open(playbook.clone(), Bounds::default(), &self.recorded);
        let found = anomalies(case.tables());
        assert!(found.is_empty(), "{found:?}\n{:#?}", self.recorded);
    }
}

fn cost() -> Body {
    let when = When::parse("2024-01-01").expect("a date");
    let currency = "EUR".parse().expect("a currency");
    let scope = [("source", "web")].into_iter().collect();
    CostRecorded { amount: 1, currency, scope, from: when, to: when, kind: None }.into()
}

fn playbook(switches: u8) -> Playbook {
    let on = |bit: u8| switches & (1 << bit) != 0;
    let rules = Rules {
        illegal: if on(0) { Illegal::Skip } else { Illegal::Apply },
        hand_raiser: on(1),
        implied_steps: on(2),
        sales_generated: on(3),
        require_reasons: on(4),
    };
    let pipeline = Pipeline { name: "b2b".into(), stages: vec!["demo".into(), "offer".into()] };
    let pipelines = if on(5) { vec![pipeline] } else { Vec::new() };
    Playbook { rules, pipelines, ..Playbook::default() }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 192,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn decide_never_records_what_the_fold_reports(
        events in adversarial_log(60),
        switches in any::<u8>(),
    ) {
        let playbook = playbook(switches);
        let mut desk = Desk::default();
        for event in events {
            desk.capture_first(&playbook, &event);
            desk.attempt(&playbook, event);
            desk.assert_clean(&playbook);
        }
    }

    /// Deep in the life of a lead: a company's year of which every fourth event or so is missing.
    #[test]
    fn nor_where_the_events_before_are_missing(
        seed in any::<u64>(),
        dropped in vec(bool::weighted(0.25), 400),
        switches in any::<u8>(),
    ) {
        let playbook = playbook(switches);
        let mut desk = Desk::default();
        let company = Simulation { merges: 0.3, ..Simulation::new(seed, 6) };
        for (event, is_dropped) in company.events().zip(dropped) {
            if !is_dropped {
                desk.capture_first(&playbook, &event);
                desk.attempt(&playbook, event);
            }
        }
        desk.assert_clean(&playbook);
    }
}

/// The properties mean something only if many commands go through and many are refused, for many
/// reasons.
#[test]
fn the_property_tries_what_it_claims_to_try() {
    let mut runner = TestRunner::deterministic();
    let strategy = adversarial_log(60);
    let (mut recorded, mut kinds, mut reasons) = (0, BTreeSet::new(), BTreeSet::new());
    for switches in 0..160 {
        let events = strategy.new_tree(&mut runner).expect("a log is drawn").current();
        let mut desk = Desk::default();
        for event in events {
            desk.capture_first(&playbook(switches), &event);
            desk.attempt(&playbook(switches), event);
        }
        recorded += desk.recorded.len();
        kinds.extend(desk.recorded.iter().map(|e| e.event.body.type_name().to_owned()));
        reasons.extend(desk.refused);
    }
    assert!(recorded > 1_000, "{recorded}");
    assert!(kinds.len() > 25, "{kinds:?}");
    assert!(reasons.len() > 14, "{reasons:?}");
}

fn first_refusal(story: Story, playbook: &Playbook) -> String {
    let mut desk = Desk::default();
    for NewEvent { id, event, .. } in story.events() {
        let case = Case::open(playbook.clone(), Bounds::default(), &desk.recorded);
        match decide(&case, event) {
            Ok(Some(event)) => desk.append(id, event),
            Ok(None) => {}
            Err(refusal) => return refusal.to_string(),
        }
    }
    "nothing was refused".into()
}

fn begin() -> Story {
    Story::new().at("2024-02-01T09:00:00Z").lead("L1").captured("web").hours(1)
}

#[test]
fn refusals_say_what_was_expected_what_was_found_and_what_to_do() {
    let default = Playbook::default();
    let check = |story: Story, expected: &str| assert_eq!(first_refusal(story, &default), expected);
    check(
        begin().handed_off("ann"),
        "cannot record `handed_off` for lead L1: expected mql or handed_off, found new \
         (not_qualified): qualify the lead first",
    );
    check(
        begin().qualified_mql().handed_off("ann").accepted("bob"),
        "cannot record `accepted` for lead L1: expected its owner ann, found another \
         (not_owner): assign the lead to whoever accepts it",
    );
    check(
        begin().qualified_mql().handed_off("ann").handed_off("bob"),
        "cannot record `handed_off` for lead L1: expected no pending hand-off, found one to ann \
         (handoff_pending): have it accepted or rejected first",
    );
    check(
        begin().won("O1"),
        "cannot record `won` for lead L1: expected an opportunity, found none in state new \
         (unknown_opportunity): open the opportunity first, or name it",
    );
    check(
        begin().captured("web"),
        "cannot record `captured` for lead L1: expected a history that allows it, found a lead \
         in new (already_captured): record a touch, or capture another lead",
    );
    check(
        begin().merged("L1"),
        "cannot record `merged` for lead L1: expected a history that allows it, found a lead in \
         new (merge_cycle): merge into a lead outside the family",
    );
    check(
        begin().at("2024-01-01T00:00:00Z").qualified_mql(),
        "cannot record `qualified(mql)` for lead L1: expected a time from 2024-02-01T09:00:00Z \
         on, found 2024-01-01T00:00:00Z (back_dated): record it as history by an append, not by \
         a command",
    );
    check(
        Story::new()
            .at("2024-02-01T09:00:00Z")
            .lead("L2")
            .captured("web")
            .lead("L1")
            .captured("web")
            .merged("L2")
            .qualified_mql(),
        "cannot record `qualified(mql)` for lead L1: expected the survivor L2, found a merged \
         lead (merged_into): send the command to the survivor",
    );
    assert_eq!(
        first_refusal(begin().qualified_mql().handed_off("ann").hours(1).won("O1"), &playbook(0)),
        "cannot record `won` for lead L1: expected an opportunity, found none in state \
         handed_off (unknown_opportunity): open the opportunity first, or name it",
    );
}

/// What the audit would report of a capture is no lead yet.
#[test]
fn a_capture_without_what_the_gate_of_new_demands_is_refused() {
    let gate = Gate { mandatory: vec!["source".into(), "size".into()], desirable: Vec::new() };
    let playbook = Playbook { gates: [(State::New, gate)].into(), ..Playbook::default() };
    assert_eq!(
        first_refusal(begin(), &playbook),
        "cannot record `captured` for lead L1: expected size, found none of that (gate_failed): \
         fill the missing fields first",
    );
    let gate = Gate { mandatory: vec!["source".into()], desirable: Vec::new() };
    let playbook = Playbook { gates: [(State::New, gate)].into(), ..Playbook::default() };
    assert_eq!(first_refusal(begin(), &playbook), "nothing was refused");
}

/// Nobody can decide on what no case shows.
#[test]
fn without_a_lead_only_costs_and_playbooks_are_commands() {
    let case = Case::open(Playbook::default(), Bounds::default(), &[]);
    let at: Timestamp = "2024-02-01".parse().expect("a time");
    let refusal = |line: &str| {
        let new = EventLine::parse(line.as_bytes()).expect("a line").identify(|_| 0);
        decide(&case, Event { lead: None, ..new.event }).expect_err("it is refused").to_string()
    };
    let history = "expected an event that a command may record, found history (not_a_command): \
                   record it as history by an append";
    let id = "00000000-0000-0000-0000-000000000001";
    let corrected = format!(
        r#"{{"type":"corrected","occurred_at":"{at}","data":{{"target":"{id}","action":"retract","reason":"typo"}}}}"#
    );
    let told = refusal(&corrected);
    assert_eq!(told, format!("cannot record `corrected` without a lead: {history}"));
    let told = refusal(&format!(r#"{{"type":"teleported","occurred_at":"{at}"}}"#));
    assert!(told.ends_with(history), "{told}");
    let told = refusal(&format!(r#"{{"lead":"L1","type":"accepted","occurred_at":"{at}"}}"#));
    assert!(told.contains("without a lead: expected a captured lead, found none"), "{told}");
}
