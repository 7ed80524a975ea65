//! Commands without a lead: costs and playbooks go through, what nobody can decide on does not.

use leadfold_core::event::{Event, EventLine, PlaybookPublished};
use leadfold_core::{EventId, Playbook, Reason, Timestamp};
use leadfold_engine::{Attempt, Engine, HandleError, Handled};
use leadfold_store::{EventStore, MemoryStore, block_on};
use uuid::Uuid;

const COST: &str = r#"{"type":"cost_recorded","occurred_at":"2024-02-01T09:00:00Z","data":
    {"amount":1,"currency":"EUR","scope":{},"from":"2024-01-01","to":"2024-01-31"}}"#;
const CORRECTION: &str = r#"{"type":"corrected","occurred_at":"2024-02-01T09:00:00Z","data":
    {"target":"00000000-0000-0000-0000-000000000001","action":"retract","reason":"typo"}}"#;
const UNKNOWN: &str = r#"{"type":"teleported","occurred_at":"2024-02-01T09:00:00Z"}"#;

fn attempt(n: u128, event: Event) -> Attempt {
    let recorded_at = event.occurred_at.at;
    Attempt { id: EventId(Uuid::from_u128(n)), event, recorded_at }
}

fn line(n: u128, line: &str) -> Attempt {
    attempt(n, EventLine::parse(line.as_bytes()).expect("the line is an event").event)
}

#[test]
fn a_command_without_a_lead_is_decided_too() {
    let engine = Engine::new(MemoryStore::new(), Playbook::default());
    let handle = |attempt| block_on(engine.handle(attempt));
    assert!(matches!(handle(line(1, COST)), Ok(Handled::Executed { position: 1, .. })));
    assert!(matches!(handle(line(1, COST)), Ok(Handled::AlreadyApplied { position: 1 })));
    let published = PlaybookPublished { playbook: Playbook::default().into() };
    let published = attempt(2, Event::without_lead(Timestamp::default(), published));
    assert!(matches!(handle(published), Ok(Handled::Executed { position: 2, .. })));
    for refused in [line(3, CORRECTION), line(4, UNKNOWN)] {
        let Err(HandleError::Refused(refusal)) = handle(refused) else { panic!("it is refused") };
        assert_eq!((refusal.reason, &refusal.lead), (Reason::NotACommand, &None));
    }
    assert_eq!(block_on(engine.store().head()).expect("memory does not fail"), 2);
}
