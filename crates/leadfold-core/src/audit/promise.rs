//! Episodes as they are read: what was promised, and whether it was kept.

use serde::Serialize;

use super::Audit;
use super::episode::{EpisodeRow, Holding, NEVER, Tenure};
use crate::playbook::Clock;
use crate::{Code, Decision, Handoff, LeadIndex, Outcome, SECOND, Timestamp};

/// One hand-off episode.
#[derive(Clone, Copy, Debug)]
pub struct Episode<'a> {
    /// The lead.
    pub lead: LeadIndex,
    /// The hand-off.
    pub handoff: &'a Handoff,
    /// The definition by which the lead was qualified before it, if an event named one.
    pub definition: Code,
    /// When the decision was due; `None` if the calendar has no such time.
    pub decision_due: Option<Timestamp>,
    /// When the first attempt was due; `None` if the calendar has no such time.
    pub attempt_due: Option<Timestamp>,
    /// When sales first tried to reach the prospect.
    pub attempted_at: Option<Timestamp>,
    /// When sales first reached them.
    pub contacted_at: Option<Timestamp>,
    /// When sales had done with it.
    pub ended_at: Option<Timestamp>,
    /// How often it changed hands.
    pub reassigned: u32,
    /// Marketing took it up after sales gave it back.
    pub was_recycled: bool,
    /// It was qualified again after that.
    pub was_requalified: bool,
    pub(super) row: &'a EpisodeRow,
    audit: &'a Audit<'a>,
    pub(super) decision: Kept,
    pub(super) attempt: Kept,
}

/// Whether a promise was kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// Done by the time that it was due.
    InTime,
    /// Done, after that.
    Late,
    /// Not done, and the time has passed.
    Missed,
    /// Not done, and not due yet; or nobody waits for it any more.
    Open,
}

impl Kept {
    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InTime => "in_time",
            Self::Late => "late",
            Self::Missed => "missed",
            Self::Open => "open",
        }
    }
}

impl Episode<'_> {
    /// Who has the lead, or had it when the episode ended. Where nobody has, who had it last.
    pub fn holder(&self) -> Code {
        self.held(self.row.held).owner
    }

    /// When the holder got it, the last time.
    pub fn held_at(&self) -> Timestamp {
        Timestamp::from_micros(self.held(self.row.held).at)
    }

    /// Who had the lead at the first attempt.
    pub(super) fn attempt_held(&self) -> Holding {
        self.held(self.row.attempt_held)
    }

    fn held(&self, tenure: u32) -> Holding {
        self.audit.ledger.rows.holding(tenure, self.handoff)
    }

    /// The fields that the lead had when it was offered, of those that the playbook's gate of
    /// `handed_off` names: mandatory and desirable ones.
    pub fn fields(&self) -> Vec<String> {
        self.audit.ledger.book.fields.offered(self.row.fields)
    }

    /// The fields of that gate that it did not have.
    pub fn missing(&self) -> Vec<String> {
        self.audit.ledger.book.fields.offered(!self.row.fields)
    }

    /// When sales gave it back after having accepted it.
    pub fn returned_at(&self) -> Option<Timestamp> {
        self.ended_at.filter(|_| self.row.is_returned)
    }

    /// What came of it, by the deals that were opened while it lasted, as they stand: won if any
    /// of them is, else open if any is, else lost. None without a deal.
    pub fn outcome(&self) -> Option<Outcome> {
        let [first, n] = self.row.deals;
        if n == 0 {
            return None;
        }
        let lead = self.audit.tables.lead(self.lead)?;
        let own = lead.deals().filter(|deal| (first..first + n).contains(&deal.ordinal));
        own.map(|deal| deal.outcome).max_by_key(|outcome| match outcome {
            Outcome::Won => 2,
            Outcome::Open => 1,
            Outcome::Lost => 0,
        })
    }

    /// Whether sales accepted or rejected it.
    pub fn is_decided(&self) -> bool {
        matches!(
            self.handoff.decision,
            Decision::Accepted | Decision::Rejected | Decision::Returned
        )
    }

    /// Whether sales accepted it, whatever became of it later.
    pub fn is_accepted(&self) -> bool {
        matches!(self.handoff.decision, Decision::Accepted | Decision::Returned)
    }

    /// The promise of a decision.
    pub fn decision(&self) -> Kept {
        self.decision
    }

    /// The promise of a first attempt. A rejected hand-off promises none.
    pub fn attempt(&self) -> Kept {
        self.attempt
    }

    /// Whether it counts for leakage (P18): not rejected, and old enough that an attempt was due.
    pub fn is_matured(&self, as_of: Timestamp) -> bool {
        self.handoff.decision != Decision::Rejected
            && self.attempt_due.is_some_and(|due| due <= as_of)
            && self.attempt != Kept::Open
    }

    /// Whether nobody in sales tried (P18).
    pub fn is_leaked(&self) -> bool {
        self.attempt == Kept::Missed
    }
}

impl Audit<'_> {
    /// The episodes of the leads that stand for themselves; an absorbed lead's are its survivor's.
    pub fn episodes(&self) -> impl Iterator<Item = Episode<'_>> {
        let own = self.ledger.rows.episodes.iter().filter(|(_, row)| !row.is_absorbed);
        let own = own.filter(|(lead, _)| self.is_of(*lead));
        own.map(|(lead, row)| self.episode(lead, row))
    }

    #[inline]
    fn episode<'s>(&'s self, lead: LeadIndex, row: &'s EpisodeRow) -> Episode<'s> {
        let handoff = self.tables.rows.handoffs.at(row.handoff);
        let decision_due = self.decision_due(handoff);
        let attempt_due = self.attempt_due(handoff, row);
        let instant = |at: i64| (at != NEVER).then(|| Timestamp::from_micros(at));
        Episode {
            lead,
            handoff,
            definition: row.definition,
            decision_due,
            attempt_due,
            attempted_at: instant(row.attempt_at),
            contacted_at: instant(row.contact_at),
            ended_at: instant(row.ended_at),
            reassigned: row.reassigned,
            was_recycled: row.was_recycled,
            was_requalified: row.was_requalified(),
            row,
            audit: self,
            decision: self.kept_decision(handoff, row, decision_due),
            attempt: self.kept_attempt(handoff, row, attempt_due),
        }
    }

    /// What made the lead its holder's: the first of their turns, if between them nobody had it.
    pub(super) fn first_held(&self, handoff: &Handoff, held: u32) -> Holding {
        let offered = Holding::offered(handoff);
        let mut first = self.ledger.rows.holding(held, handoff);
        let is_later = |turn: &&Tenure| (turn.from_at, turn.from) > (offered.at, offered.by);
        let turns = self.ledger.rows.tenures.chain(held).take_while(is_later);
        for turn in turns.filter(|turn| turn.owner.is_some()) {
            if turn.owner != first.owner {
                return first;
            }
            if turn.is_given {
                first = Holding::of(turn);
            }
        }
        if offered.owner == first.owner { offered } else { first }
    }

    /// What made the first attempt its holder's to make: the turn with which the clock began anew,
    /// if it did, else what made the lead theirs.
    pub(super) fn asked(&self, episode: &Episode<'_>, held: u32) -> Holding {
        let handoff = episode.handoff;
        let (first, last) =
            (self.first_held(handoff, held), self.ledger.rows.holding(held, handoff));
        // Nearly always there is but one, and no time to be counted again.
        let is_later =
            first.by != last.by && self.attempt_due_of(handoff, || first) != episode.attempt_due;
        if is_later { last } else { first }
    }

    fn decision_due(&self, handoff: &Handoff) -> Option<Timestamp> {
        let promised = self.ledger.book.playbook.sla.decision_seconds;
        handoff.decision_due.or_else(|| self.calendar.due(handoff.offered_at, micros(promised)))
    }

    fn attempt_due(&self, handoff: &Handoff, row: &EpisodeRow) -> Option<Timestamp> {
        let held = if row.attempt == 0 { row.held } else { row.attempt_held };
        self.attempt_due_of(handoff, || self.ledger.rows.holding(held, handoff))
    }

    /// Most promises do not ask who has the lead, and a turn that is not looked up is not waited
    /// for.
    #[inline]
    fn attempt_due_of(&self, handoff: &Handoff, held: impl Fn() -> Holding) -> Option<Timestamp> {
        if handoff.touch_due.is_some() {
            return handoff.touch_due;
        }
        let sla = &self.ledger.book.playbook.sla;
        let from = match sla.on_reassignment {
            Clock::Keep => handoff.offered_at,
            Clock::Restart => Timestamp::from_micros(held().at),
        };
        self.calendar.due(from, micros(sla.first_attempt_seconds))
    }

    /// An episode that ended without an answer waits for none from then on.
    fn kept_decision(&self, handoff: &Handoff, row: &EpisodeRow, due: Option<Timestamp>) -> Kept {
        let Some(due) = due else { return Kept::Open };
        let is_answered = !matches!(
            handoff.decision,
            Decision::Pending | Decision::Superseded | Decision::Closed
        );
        let until = handoff.decided_at.unwrap_or(self.as_of);
        let watched_until = Timestamp::from_micros(row.ended_at).min(until);
        match (is_answered, if is_answered { until } else { watched_until } > due) {
            (true, false) => Kept::InTime,
            (true, true) => Kept::Late,
            (false, true) => Kept::Missed,
            (false, false) => Kept::Open,
        }
    }

    fn kept_attempt(&self, handoff: &Handoff, row: &EpisodeRow, due: Option<Timestamp>) -> Kept {
        let Some(due) = due.map(Timestamp::micros) else { return Kept::Open };
        let watched_until = row.ended_at.min(self.as_of.micros());
        match row.attempt {
            0 if handoff.decision == Decision::Rejected => Kept::Open,
            0 if watched_until >= due => Kept::Missed,
            0 => Kept::Open,
            _ if row.attempt_at <= due => Kept::InTime,
            _ => Kept::Late,
        }
    }
}

/// Seconds of a playbook in microseconds. What is longer than time itself is never due.
fn micros(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(SECOND)
}
