//! Lowering: what it leaves behind where a string cannot be interned, what no page of facts is, and
//! what a replacement is in facts.

use std::convert::Infallible;

use leadfold_core::event::{Body, Event, EventLine};
use leadfold_core::machine::Kind;
use leadfold_core::{
    Code, DecodeError, EarlyCorrection, EventId, Fact, Facts, Intern, LeadId, LeadIndex, LeadKey,
    Place, Target, lower,
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

/// Numbers for whatever is named, and the one event that a correction asks for.
#[derive(Default)]
struct Numbers {
    strings: Vec<String>,
    leads: Vec<LeadId>,
    target: Option<Target>,
}

fn number_of<T: PartialEq>(known: &mut Vec<T>, one: T) -> u32 {
    let found = known.iter().position(|other| *other == one);
    found.unwrap_or_else(|| {
        known.push(one);
        known.len() - 1
    }) as u32
}

impl Intern for Numbers {
    type Error = Infallible;

    fn string(&mut self, text: &str) -> Result<Code, Infallible> {
        Ok(Code(number_of(&mut self.strings, text.to_owned()) + 1))
    }

    fn lead(&mut self, id: LeadId, _: &LeadKey) -> Result<LeadIndex, Infallible> {
        Ok(LeadIndex(number_of(&mut self.leads, id)))
    }

    fn target(&mut self, _: EventId) -> Result<Option<Target>, Infallible> {
        Ok(self.target.clone())
    }
}

fn event(line: &str) -> Event {
    EventLine::parse(line.as_bytes()).expect("an event").identify(|_| 0).event
}

/// What a replacement is in facts: of a correction that comes behind its target, and of one that
/// comes before it.
fn replacements(target: &Event, correction: &Event) -> [Vec<Fact>; 2] {
    let Body::Corrected(corrected) = &correction.body else { panic!("a correction") };
    let mut numbers = Numbers::default();
    let mut facts = [Facts::default(), Facts::default()];
    let place = |position| Place { position, recorded_at: 0, lead: LeadIndex(0) };
    let early = [EarlyCorrection { position: 1, corrected: corrected.clone() }];
    let Ok(()) = lower(target, place(2), &early, &mut numbers, &mut facts[1]);
    numbers.target = Some(Target::new(1, target));
    let Ok(()) = lower(correction, place(2), &[], &mut numbers, &mut facts[0]);
    let behind = |facts: &Facts, kind: Kind| {
        let mut rows = facts.rows().skip_while(|fact| fact.kind != kind);
        assert!(rows.next().is_some(), "there is a {}", kind.name());
        rows.map(|fact| Fact { at: 0, ..fact }).collect()
    };
    [behind(&facts[0], Kind::Corrected), behind(&facts[1], Kind::Amendment)]
}

/// Data are exchanged, and nothing else: by whom an event was, and in which tenant and system the
/// leads are that it names, is not up to its correction.
#[test]
fn a_replacement_is_of_its_target_whichever_comes_first() {
    let lead = "018d6424-2a80-7000-8000-000000000001";
    let time = "2024-02-01T00:00:00Z";
    let line = |kind: &str, envelope: &str, data: &str| {
        event(&format!(
            r#"{{"lead":"{lead}","type":"{kind}","occurred_at":"{time}"{envelope},"data":{data}}}"#
        ))
    };
    let correction = |envelope: &str, data: &str| {
        let id = "00000000-0000-0000-0000-000000000001";
        let data =
            format!(r#"{{"target":"{id}","action":"replace","reason":"typo","data":{data}}}"#);
        line("corrected", envelope, &data)
    };
    let envelopes = [
        "",
        r#","actor":{"kind":"automation"}"#,
        r#","actor":{"kind":"user"},"origin":{"system":"crm"}"#,
        r#","tenant":"north""#,
    ];
    let touched = r#"{"side":"sales"}"#;
    for of_target in envelopes {
        for of_correction in envelopes {
            let case = format!("{of_target} corrected by {of_correction}");
            let target = line("touched", of_target, touched);
            let [behind, before] = replacements(&target, &correction(of_correction, touched));
            assert_eq!(behind, before, "{case}");
            let target = line("merged", of_target, r#"{"into":"17"}"#);
            let by = correction(of_correction, r#"{"into":"18"}"#);
            let [behind, before] = replacements(&target, &by);
            assert_eq!(behind, before, "{case}");
        }
    }
}
