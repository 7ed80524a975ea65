//! The evidence of every fault is exact: without any event of it the finding is another one or
//! none, and without any other event of the log it stands as it is.

use leadfold_core::audit::AuditCode;
use leadfold_core::event::NewEvent;
use leadfold_playbook::calendar;
use leadfold_testkit::audit::Found;
use leadfold_testkit::plant::{Fault, Plant, Planted};

use super::removal::{Desk, is_still_proven, stands, stands_with_fewer};

/// The lead with the fault, and some others.
const LEADS: u32 = 5;

/// Events of the lead that are no evidence, but without which some of the evidence is none. The
/// recycling of a lead that was never qualified does not make its hand-off wrong. An acceptance is
/// no matter to a leak if the lead was not given back. An attempt in the second round is early
/// whatever the round, if there was no hand-off in the first.
const MAKES_EVIDENCE: [(AuditCode, u32, &str); 4] = [
    (AuditCode::HandedOffUnqualified, 1, "qualified"),
    (AuditCode::Leaked, 3, "returned"),
    (AuditCode::WorkedBeforeHandoff, 1, "handed_off"),
    (AuditCode::WorkedBeforeHandoff, 2, "handed_off"),
];

fn desk() -> Desk {
    let playbook = Plant::playbook();
    let calendar = calendar(&playbook).expect("UTC is a zone");
    Desk { playbook, calendar, as_of: Plant::as_of() }
}

fn found_of<'a>(fault: &Fault, found: &'a [Found]) -> &'a Found {
    let is_it = |found: &&Found| {
        let mut ids = found.ids.clone();
        ids.sort_unstable();
        (found.code, found.lead.as_ref(), &ids) == (fault.code, Some(&fault.lead), &fault.evidence)
    };
    found.iter().find(is_it).expect("the fault is found")
}

/// A planted fault, and the finding of it.
struct Case<'a> {
    variant: u32,
    fault: &'a Fault,
    finding: &'a Found,
}

impl Case<'_> {
    fn makes_evidence(&self, event: &NewEvent) -> bool {
        let what = event.event.body.type_name();
        event.event.lead.as_ref() == Some(&self.fault.lead)
            && MAKES_EVIDENCE.contains(&(self.fault.code, self.variant, what))
    }

    /// What is wrong with the evidence, by what is left of the findings without an event.
    fn flaw(&self, event: &NewEvent, left: &[Found]) -> Option<String> {
        let what = event.event.body.type_name();
        let (is_flawed, flaw) = if self.fault.evidence.contains(&event.id) {
            (is_still_proven(self.finding, left), "is proven")
        } else if self.makes_evidence(event) {
            let is_less = !stands(self.finding, left) && stands_with_fewer(self.finding, left);
            (!is_less, "does not lose evidence")
        } else {
            (!stands(self.finding, left), "does not stand")
        };
        let line = || {
            format!("variant {}: {} {flaw} without {what} {}", self.variant, self.fault, event.id)
        };
        is_flawed.then(line)
    }
}

/// What is wrong with the evidence of a log's faults.
fn flaws(planted: &Planted, variant: u32, desk: &Desk) -> Vec<String> {
    let found = desk.findings(&planted.events);
    planted.check(&found).expect("the audit finds what was planted");
    let of_fault = |fault| Case { variant, fault, finding: found_of(fault, &found) };
    let cases: Vec<Case<'_>> = planted.faults.iter().map(of_fault).collect();
    let of_event = |event: &NewEvent| -> Vec<String> {
        let left = desk.findings_without(&planted.events, event.id);
        cases.iter().filter_map(|case| case.flaw(event, &left)).collect()
    };
    planted.events.iter().flat_map(of_event).collect()
}

#[test]
fn without_an_event_of_the_evidence_the_finding_changes_and_without_any_other_it_stands() {
    let desk = desk();
    let of_variant = |(code, variant)| {
        let plant = Plant { seed: u64::from(variant), leads: LEADS, each: 0 };
        flaws(&plant.grow_one(code, variant), variant, &desk)
    };
    let variants = |code: &AuditCode| {
        let code = *code;
        (0..Plant::variants(code)).map(move |variant| (code, variant))
    };
    let flaws: Vec<String> =
        AuditCode::ALL.iter().flat_map(variants).flat_map(of_variant).collect();
    assert!(flaws.is_empty(), "{}", flaws.join("\n"));
}
