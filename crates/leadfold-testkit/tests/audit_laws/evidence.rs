//! Over any history the evidence is no more than enough: what is left of it without one of its
//! events proves the finding no longer. And it is enough: the finding stands without any other
//! event that moves nothing.
//!
//! Other events may prove it then. Where two would each have been enough (two withdrawals, two
//! captures), the audit names one, and without it the other. Without an event that moves
//! something, another one of the evidence may come to nothing: a lead that was never rejected is
//! not handed off a second time.

use std::collections::{BTreeMap, BTreeSet};

use leadfold_core::EventId;
use leadfold_core::audit::AuditCode;
use leadfold_core::event::{Body, NewEvent};
use leadfold_testkit::simulate::Simulation;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestCaseResult, TestRng, TestRunner};

use super::book::{Book, DAY, Week, any_book, config};
use super::draw::{Taste, lives, strange};
use super::log::Log;
use super::told::{Told, findings};

/// A finding by what does not depend on positions, and its evidence.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Claim {
    code: AuditCode,
    lead: Option<String>,
    event: EventId,
    at: i64,
    owner: Option<String>,
    detail: String,
    evidence: BTreeSet<EventId>,
}

fn claims(events: &[NewEvent], book: &Book) -> Vec<Claim> {
    let log = Log::of(events.to_vec());
    let (tables, ledger) = log.audited(&book.playbook, book.bounds());
    let audit = book.audit(&tables, &ledger);
    findings(&audit, &log.names).into_iter().map(|told| claim(told, &log)).collect()
}

fn claim(told: Told, log: &Log) -> Claim {
    let id = |position: &u64| log.events[*position as usize - 1].id;
    Claim {
        code: told.code,
        lead: told.lead,
        event: id(&told.position),
        at: told.at,
        owner: told.owner,
        detail: told.detail,
        evidence: told.evidence.iter().map(id).collect(),
    }
}

/// Whether it stands as it did, by events that proved it before.
fn is_still_proven(claim: &Claim, left: &[Claim]) -> bool {
    let bare = |claim: &Claim| Claim { evidence: BTreeSet::new(), ..claim.clone() };
    left.iter().any(|other| bare(other) == bare(claim) && other.evidence.is_subset(&claim.evidence))
}

/// Promises are somebody's: who it is belongs to what is proven.
fn is_of_a_person(code: AuditCode) -> bool {
    use AuditCode::{AttemptLate, DecisionLate, DecisionMissing, Leaked, ReassignedWithoutTouch};
    let promises = [AttemptLate, DecisionLate, DecisionMissing, Leaked, ReassignedWithoutTouch];
    promises.contains(&code) || code == AuditCode::PingPong
}

fn stands(claim: &Claim, left: &[Claim]) -> bool {
    let key = |claim: &Claim| {
        let owner = claim.owner.clone().filter(|_| is_of_a_person(claim.code));
        (claim.code, claim.lead.clone(), claim.event, claim.at, owner)
    };
    left.iter().any(|other| key(other) == key(claim))
}

/// No event of the evidence is spare, whatever the history and the rules.
fn is_no_more_than_enough(events: &[NewEvent], book: &Book) -> TestCaseResult {
    let claims_of_all = claims(events, book);
    for id in claims_of_all.iter().flat_map(|claim| &claim.evidence).collect::<BTreeSet<_>>() {
        let left = claims(&without(events, *id), book);
        for claim in claims_of_all.iter().filter(|claim| claim.evidence.contains(id)) {
            prop_assert!(!is_still_proven(claim, &left), "{:?} is proven without {}", claim, id);
        }
    }
    Ok(())
}

/// No finding rests on another event that moves nothing, not even by beginning the lead.
fn is_enough(events: &[NewEvent], book: &Book) -> TestCaseResult {
    let claims_of_all = claims(events, book);
    let began = claims_of_all.iter().filter(|claim| claim.code == AuditCode::HistoryGap);
    let began: BTreeSet<EventId> = began.map(|claim| claim.event).collect();
    let is_other = |event: &&NewEvent| moves_nothing(event) && !began.contains(&event.id);
    for event in events.iter().filter(is_other) {
        let left = claims(&without(events, event.id), book);
        for claim in claims_of_all.iter().filter(|claim| !claim.evidence.contains(&event.id)) {
            prop_assert!(stands(claim, &left), "{:?} does not stand without {}", claim, event.id);
        }
    }
    Ok(())
}

fn without(events: &[NewEvent], id: EventId) -> Vec<NewEvent> {
    events.iter().filter(|event| event.id != id).cloned().collect()
}

/// State, owner, deals and hand-offs stay as they are.
fn moves_nothing(event: &NewEvent) -> bool {
    matches!(
        event.event.body,
        Body::Touched(_)
            | Body::Scored(_)
            | Body::ProfileUpdated(_)
            | Body::ConsentGranted(_)
            | Body::ConsentWithdrawn(_)
            | Body::FollowUpScheduled(_)
            | Body::FollowUpDone(_)
            | Body::AttributionResolved(_)
            | Body::CostRecorded(_)
            | Body::Other(_)
    )
}

/// Tries a law on histories from a fixed seed.
///
/// In a history that breaks the rules, an event that is taken out may let others take its place
/// that had come to nothing before. Such are rare, and no seed has to bring them up by chance.
fn hold(cases: u32, taste: Taste, law: fn(&[NewEvent], &Book) -> TestCaseResult) {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[1; 32]);
    let mut runner = TestRunner::new_with_rng(config(cases), rng);
    let tried = runner.run(&(lives(taste), any_book(true)), |(drawn, book)| law(&drawn.0, &book));
    tried.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn no_evidence_is_spare() {
    hold(1_000, Taste::ALL, is_no_more_than_enough);
}

proptest! {
    #![proptest_config(config(100))]

    #[test]
    fn evidence_of_lives_is_enough(drawn in lives(Taste::ALL), book in any_book(true)) {
        is_enough(&drawn.0, &book)?;
    }

    #[test]
    fn evidence_of_strange_logs_is_enough(drawn in strange(30), book in any_book(true)) {
        is_enough(&drawn.0, &book)?;
    }
}

/// The leads of a simulated company one by one, with and without broken rules.
#[test]
fn evidence_of_a_company_is_exact() {
    for (seed, rule_breaks) in [(1, 0.0), (2, 0.3)] {
        let company = Simulation { merges: 0.0, rule_breaks, ..Simulation::new(seed, 200) };
        let as_of = company.start.micros() + 365 * DAY;
        let playbook = leadfold_core::Playbook::default();
        let book = Book { playbook, week: Week::Office, as_of };
        let mut lives: BTreeMap<Option<String>, Vec<NewEvent>> = BTreeMap::new();
        for event in company.events() {
            let lead = event.event.lead.as_ref().map(ToString::to_string);
            lives.entry(lead).or_default().push(event);
        }
        for life in lives.values() {
            is_no_more_than_enough(life, &book).expect("no evidence is spare");
            is_enough(life, &book).expect("the evidence is enough");
        }
    }
}

/// The law notices an event too many.
#[test]
fn spare_evidence_is_noticed() {
    let event = |index: usize| EventId(uuid::Uuid::from_u128(index as u128));
    let claim = |evidence: &[usize]| Claim {
        code: AuditCode::Leaked,
        lead: None,
        event: event(1),
        at: 0,
        owner: None,
        detail: String::new(),
        evidence: evidence.iter().map(|index| event(*index)).collect(),
    };
    assert!(is_still_proven(&claim(&[1, 2]), &[claim(&[1])]));
    assert!(!is_still_proven(&claim(&[1, 2]), &[claim(&[1, 3])]));
    assert!(!is_still_proven(&claim(&[1, 2]), &[Claim { at: 1, ..claim(&[1]) }]));
}
