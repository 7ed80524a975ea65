//! A hand-off and what came of it, as a row.

use leadfold_core::audit::{Episode, Kept};
use leadfold_core::{Calendar, Code, LeadId, Outcome, SECOND, Tables, Timestamp};
use leadfold_engine::Names;
use serde::Serialize;

use crate::handoff::HandoffReport;
use crate::text::promised;

/// Episodes, and what their rows are made of.
pub(super) struct Rows<'a> {
    pub(super) tables: &'a Tables,
    pub(super) calendar: &'a Calendar,
    pub(super) episodes: Vec<Episode<'a>>,
    pub(super) names: Names,
}

/// One episode.
#[derive(Serialize)]
pub(super) struct EpisodeRow<'a> {
    lead: Option<LeadId>,
    key: Option<String>,
    handoff: HandoffReport,
    cycle: u32,
    position: u64,
    definition: Option<&'a str>,
    fields: Vec<String>,
    missing: Vec<String>,
    owner: Option<&'a str>,
    reassigned: u32,
    decision: Promise,
    attempt: Promise,
    contacted_at: Option<Timestamp>,
    #[serde(skip)]
    contacted_after_s: Option<f64>,
    returned_at: Option<Timestamp>,
    recycled: bool,
    requalified: bool,
    ended_at: Option<Timestamp>,
    outcome: Option<&'static str>,
}

/// What was to be done by when, and when it was.
#[derive(Serialize)]
struct Promise {
    due: Option<Timestamp>,
    at: Option<Timestamp>,
    /// Seconds from the offer until then, of working time.
    after_s: Option<f64>,
    kept: Kept,
}

impl Promise {
    fn cell(&self, is_working_time: bool) -> String {
        let after = promised(self.after_s, is_working_time);
        match self.kept {
            Kept::Missed => "missed".to_owned(),
            Kept::Late => format!("{after} late"),
            Kept::InTime | Kept::Open => after,
        }
    }
}

impl Rows<'_> {
    pub(super) fn iter(&self) -> impl Iterator<Item = EpisodeRow<'_>> {
        self.episodes.iter().map(|episode| self.row(episode))
    }

    fn row(&self, episode: &Episode<'_>) -> EpisodeRow<'_> {
        let (handoff, entry) = (episode.handoff, self.names.entry(episode.lead));
        let name = |code: Code| self.names.string(code);
        let own = self.tables.lead(episode.lead).map(|lead| lead.handoffs()).unwrap_or_default();
        let index = own.iter().position(|other| other.position == handoff.position);
        let since = |at: Option<Timestamp>| {
            at.map(|at| self.calendar.working(handoff.offered_at, at) as f64 / SECOND as f64)
        };
        let promise = |due, at, kept| Promise { due, at, after_s: since(at), kept };
        let decided_at = handoff.decided_at.filter(|_| episode.is_decided());
        EpisodeRow {
            lead: entry.map(|entry| entry.id),
            key: entry.map(|entry| entry.key.to_string()),
            handoff: HandoffReport::new(index.unwrap_or_default(), handoff, |code| {
                name(code).map(str::to_owned)
            }),
            cycle: handoff.cycle,
            position: handoff.position,
            definition: name(episode.definition),
            fields: episode.fields(),
            missing: episode.missing(),
            owner: name(episode.holder()),
            reassigned: episode.reassigned,
            decision: promise(episode.decision_due, decided_at, episode.decision()),
            attempt: promise(episode.attempt_due, episode.attempted_at, episode.attempt()),
            contacted_at: episode.contacted_at,
            contacted_after_s: since(episode.contacted_at),
            returned_at: episode.returned_at(),
            recycled: episode.was_recycled,
            requalified: episode.was_requalified,
            ended_at: episode.ended_at,
            outcome: episode.outcome().map(Outcome::name),
        }
    }
}

impl EpisodeRow<'_> {
    /// For people.
    pub(super) fn cells(&self, is_working_time: bool) -> [String; 8] {
        [
            self.handoff.offered_at().to_string(),
            self.key.clone().unwrap_or_else(|| "-".to_owned()),
            self.owner.unwrap_or("-").to_owned(),
            self.handoff.decision().to_owned(),
            self.outcome.unwrap_or("-").to_owned(),
            self.decision.cell(is_working_time),
            self.attempt.cell(is_working_time),
            promised(self.contacted_after_s, is_working_time),
        ]
    }
}
