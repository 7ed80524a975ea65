//! What is offered to sales, and what sales decides.

use super::super::AuditCode;
use super::super::breach::Breach;
use super::super::episode::EpisodeRow;
use super::Desk;
use crate::machine::Kind;
use crate::{Code, Decision, SECOND, State};

impl Desk<'_> {
    /// Whoever declines a lead had it until then.
    pub(super) fn check_rejection(&mut self) {
        let is_answer = matches!(self.seen.kind(), Kind::Rejected | Kind::Returned);
        if is_answer && !self.seen.step().b().is_some() {
            let owner = self.seen.step().a().or(self.seen.owner_before());
            let breach = self.broken(AuditCode::RejectedWithoutReason, &[]);
            self.note(Breach { owner, ..breach });
        }
    }

    pub(super) fn follow_decision(&mut self) {
        let seen = self.seen;
        let Some(episode) = self.newest_episode() else { return };
        let decision = seen.handoff(episode.handoff).decision;
        if decision == episode.decision {
            return;
        }
        if episode.decision == Decision::Pending {
            (episode.decided, episode.decision_held) = (seen.position(), episode.held);
        }
        episode.decision = decision;
        if decision != Decision::Accepted && episode.is_open() {
            episode.is_returned = decision == Decision::Returned;
            episode.ended_at = seen.step().at;
        }
    }

    pub(super) fn follow_offer(&mut self) {
        let seen = self.seen;
        let Some(row) = seen.offered() else { return };
        if let Some(episode) = self.open_episode() {
            episode.ended_at = seen.step().at;
        }
        // What few leads have had is elsewhere, and to look it up is to wait for it.
        let fields = if self.book.fields.is_empty() { 0 } else { self.past().fields };
        let episode = EpisodeRow::offered(row, self.trail, fields);
        self.rows.episodes.push(seen.lead().0, &mut self.trail.episodes, episode);
        self.trail.is_awaited = true;
        self.check_offer(seen.handoff(row).to);
    }

    fn check_offer(&mut self, to: Code) {
        let seen = self.seen;
        if self.book.roster.seats.get(&to).is_some_and(|seat| seat.has_left(seen.at())) {
            self.breach(AuditCode::OwnerGone, &[]);
        }
        let waited = seen.recorded_at().micros().saturating_sub(seen.step().at);
        let limit = self.book.playbook.audit.back_dated_seconds;
        if limit.is_some_and(|limit| i128::from(waited) > i128::from(limit) * i128::from(SECOND)) {
            self.breach(AuditCode::BackDatedHandoff, &[]);
        }
        self.check_gate(State::HandedOff);
    }

    #[inline]
    pub(super) fn check_gate(&mut self, state: State) {
        if !self.book.fields.is_empty() {
            self.check_fields(state);
        }
    }

    fn check_fields(&mut self, state: State) {
        let missing = self.book.fields.missing(state, self.past().fields);
        if missing != 0 {
            let breach = self.broken(AuditCode::GateNotMet, &[]);
            self.note(Breach { missing, ..breach });
        }
    }
}
