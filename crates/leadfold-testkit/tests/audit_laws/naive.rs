//! The second reading: what the audit should say, worked out slowly and literally from the lives
//! that the oracle of the fold tells. It shares no code with `leadfold_core::audit`.
//!
//! It can be told to make a mistake ([`Flaw`]), to show that the comparison notices.

mod desk;
mod episode;
mod event;
mod figure;
mod hours;
mod owner;
mod row;
mod rule;

use leadfold_core::audit::AuditCode;
use serde_json::Value;

pub(crate) use self::figure::{BySource, Counts, by_source, count, told_by_source};
use super::book::Book;
use super::told::{PlainEpisode, Told};
use hours::Hours;
use row::Row;

/// What the audit should say.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) findings: Vec<Expected>,
    pub(crate) episodes: Vec<PlainEpisode>,
    pub(crate) counts: Counts,
    pub(crate) by_source: BySource,
}

/// A finding (without its evidence), and the evidence that it may have. None: not told here; the
/// law of evidence tells.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Expected {
    pub(crate) told: Told,
    pub(crate) proofs: Option<Vec<Vec<u64>>>,
}

/// Something that a broken audit could do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Flaw {
    /// A campaign's touch counts as an attempt of sales.
    CampaignsAreAttempts,
    /// So does what automation sent.
    AutomationAttempts,
    /// Whoever was offered the lead is asked for it for ever.
    HolderStays,
    /// Whoever gets a lead back that nobody had has it since they had it before.
    GivenBackIsKept,
    /// What is done at the instant that it is due is late.
    DueIsLate,
    /// The decision is missing at the instant that it is due.
    MissingWhenDue,
    /// A reassignment never restarts the clock.
    ClockNeverRestarts,
    /// Due times of events are not looked at.
    OwnDueIgnored,
    /// All time is working time.
    NoCalendar,
    /// A rejected hand-off still wants an attempt.
    RejectedStillDue,
    /// An attempt after the end of an episode counts for it.
    LateAttemptsCount,
    /// An attempt before the hand-off counts for it.
    EarlyAttemptsCount,
    /// Queues are people: who loses a lead from one should have touched it.
    QueuesArePeople,
    /// A withdrawal is lifted by a grant of any purpose.
    AnyGrantLifts,
    /// A consent that has ended goes on.
    ConsentsNeverEnd,
    /// A grant at the time of the withdrawal lifts it.
    GrantWinsTies,
    /// Only the playbook's limit says when a recycled lead is forgotten.
    UntilIgnored,
    /// An automated touch is no touch: a recycled lead is forgotten in spite of it.
    CampaignsDoNotRemember,
    /// Leads count against an owner's capacity after sales has done with them.
    CustomersFillDesks,
    /// Only leads that sales got at once take of the day's quota.
    OnlySalesCounts,
    /// A lead that its recipient had before takes of the day's quota for itself.
    OwnLeadCounts,
    /// What came to an owner between a lead and its hand-off was there before it.
    LatecomersCount,
    /// A hand-off takes of the day's quota though the lead was the owner's for days.
    OldLeadsCount,
    /// An absorbed lead's breaches are told of its survivor again.
    QuietIsLoud,
    /// Fields that came with the hand-off's own lead later count for its gate.
    GatesLookAhead,
    /// Of the fields of a hand-off only the mandatory ones are told.
    DesirableLeftOut,
    /// Only captures and profiles fill gates.
    AttributionFillsNothing,
    /// A snapshot of a lead that has begun fills gates.
    SnapshotsFill,
    /// What begins a lead passes no gate.
    FirstStepIsFree,
    /// Whatever begins a lead passes the gate of new.
    AnythingBegins,
    /// Ownership by A, B, A counts even if a queue is one of them.
    PingPongThroughQueues,
    /// A deal that is opened after an episode has ended is of it, too.
    LaterDealsCount,
    /// Whatever ends an episode gives the lead back.
    EveryEndReturns,
    /// Leads that others stand for have episodes of their own.
    MergedHaveEpisodes,
    /// Whoever has left should have touched the leads that are taken from them.
    LeaversAreThere,
    /// Only the playbook says who has left.
    CauseIgnored,
}

impl Flaw {
    pub(crate) const ALL: [Self; 36] = [
        Self::CampaignsAreAttempts,
        Self::AutomationAttempts,
        Self::HolderStays,
        Self::GivenBackIsKept,
        Self::DueIsLate,
        Self::MissingWhenDue,
        Self::ClockNeverRestarts,
        Self::OwnDueIgnored,
        Self::NoCalendar,
        Self::RejectedStillDue,
        Self::LateAttemptsCount,
        Self::EarlyAttemptsCount,
        Self::QueuesArePeople,
        Self::AnyGrantLifts,
        Self::ConsentsNeverEnd,
        Self::GrantWinsTies,
        Self::UntilIgnored,
        Self::CampaignsDoNotRemember,
        Self::CustomersFillDesks,
        Self::OnlySalesCounts,
        Self::OwnLeadCounts,
        Self::LatecomersCount,
        Self::OldLeadsCount,
        Self::QuietIsLoud,
        Self::GatesLookAhead,
        Self::DesirableLeftOut,
        Self::AttributionFillsNothing,
        Self::SnapshotsFill,
        Self::FirstStepIsFree,
        Self::AnythingBegins,
        Self::PingPongThroughQueues,
        Self::LaterDealsCount,
        Self::EveryEndReturns,
        Self::MergedHaveEpisodes,
        Self::LeaversAreThere,
        Self::CauseIgnored,
    ];
}

/// What a reading is made under.
#[derive(Clone, Copy)]
pub(crate) struct Desk<'a> {
    pub(crate) book: &'a Book,
    pub(crate) hours: &'a Hours,
    pub(crate) flaw: Option<Flaw>,
}

impl Desk<'_> {
    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    fn is_queue(&self, owner: &str) -> bool {
        self.book.is_queue(owner)
    }
}

/// Reads exported lines.
pub(crate) fn read(lines: &[Value], book: &Book, flaw: Option<Flaw>) -> Reading {
    let shifts = book.week.shifts().filter(|_| flaw != Some(Flaw::NoCalendar));
    let hours = Hours::of(shifts.as_deref());
    let desk = Desk { book, hours: &hours, flaw };
    let (rows, outcome) = row::read(lines, book);
    let mut findings: Vec<Expected> = rule::of_history(&rows, &outcome);
    let mut episodes = Vec::new();
    for row in &rows {
        findings.extend(rule::of_row(row, &desk));
        if row.is_merged && !desk.has(Flaw::MergedHaveEpisodes) {
            continue;
        }
        let of_row = episode::of_row(row, &desk);
        findings.extend(of_row.iter().flat_map(|episode| episode::findings(episode, &desk)));
        findings.extend(rule::forgotten(row, &desk));
        episodes.extend(of_row);
    }
    findings.extend(desk::overloads(&rows, &desk));
    findings.sort();
    let counts = count(&episodes, &rows, &findings, &desk);
    let by_source = by_source(&episodes, &rows, &findings);
    let mut episodes: Vec<PlainEpisode> = episodes.into_iter().map(|e| e.plain).collect();
    episodes.sort();
    Reading { findings, episodes, counts, by_source }
}

/// A finding about a moment of a row.
fn expected(
    code: AuditCode,
    row: &Row,
    about: (u64, i64),
    owner: Option<&str>,
    handoff: Option<u64>,
    detail: String,
    proofs: Option<Vec<Vec<u64>>>,
) -> Expected {
    let (position, at) = about;
    let told = Told {
        position,
        code,
        lead: Some(row.lead.clone()),
        handoff,
        owner: owner.map(str::to_owned),
        at,
        detail,
        evidence: Vec::new(),
    };
    Expected { told, proofs }
}
