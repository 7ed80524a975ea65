//! Lowering: what it leaves behind where a string cannot be interned, and what no page of facts is.

use leadfold_core::event::EventLine;
use leadfold_core::{
    Code, DecodeError, EventId, Facts, Intern, LeadId, LeadIndex, LeadKey, Place, Target, lower,
};

/// Interns so many strings and leads, and then fails.
struct Failing {
    left: usize,
}

#[derive(Debug)]
struct Full;

impl Failing {
    fn take(&mut self) -> Result<(), Full> {
        self.left = self.left.checked_sub(1).ok_or(Full)?;
        Ok(())
    }
}

impl Intern for Failing {
    type Error = Full;

    fn string(&mut self, _: &str) -> Result<Code, Full> {
        self.take().map(|()| Code(1))
    }

    fn lead(&mut self, _: LeadId, _: &LeadKey) -> Result<LeadIndex, Full> {
        self.take().map(|()| LeadIndex(0))
    }

    fn target(&mut self, _: EventId) -> Result<Option<Target>, Full> {
        self.take().map(|()| None)
    }
}

const LINE: &str = r#"{"lead":"L1","type":"captured","occurred_at":"2024-02-01T00:00:00Z",
    "data":{"source":"web","campaign":"spring","medium":"mail","attributes":{"size":"10","land":"de"}}}"#;

fn lowered(position: u64, strings: usize, out: &mut Facts) -> Result<(), Full> {
    let line = LINE.replace('\n', " ");
    let event = EventLine::parse(line.as_bytes()).expect("an event").identify(|_| 0).event;
    let place = Place { position, recorded_at: 0, lead: LeadIndex(0) };
    lower(&event, place, &[], &mut Failing { left: strings }, out)
}

#[test]
fn half_an_event_is_not_left_behind() {
    let mut facts = Facts::default();
    lowered(1, usize::MAX, &mut facts).expect("nothing fails");
    assert!(facts.len() > 3, "the event has details");
    let before = facts.clone();
    let failures = (0..20).take_while(|strings| {
        let failed = lowered(2, *strings, &mut facts).is_err();
        assert!(!failed || facts == before, "after {strings} strings");
        failed
    });
    assert!(failures.count() > 3);
    assert_eq!(facts.event_count(), 2, "at last all strings are there");
}

#[test]
fn facts_of_one_event_are_of_one_lead_and_time() {
    let mut facts = Facts::default();
    lowered(7, usize::MAX, &mut facts).expect("nothing fails");
    let (bytes, n) = (facts.encode(), facts.len());
    let mut read = Facts::default();
    read.decode(&bytes).expect("it was encoded");
    assert_eq!(read, facts);
    // Both times, and the lead, of the second fact.
    for at in [8 * n + 8, 16 * n + 8, 32 * n + 4] {
        let mut torn = bytes.clone();
        torn[at] ^= 1;
        assert_eq!(read.decode(&torn), Err(DecodeError::Torn { position: 7 }), "byte {at}");
        assert_eq!(read, facts, "nothing is added");
    }
}
