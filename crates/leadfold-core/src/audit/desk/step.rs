//! Moves from state to state: qualification, rests and rounds, the first win.

use super::super::AuditCode;
use super::super::episode::{NEVER, Rest};
use super::{Desk, is_sales_generated};
use crate::machine::Kind;
use crate::tables::NO_ROW;
use crate::{Illegal, State};

impl Desk<'_> {
    pub(super) fn follow_qualification(&mut self) {
        if self.seen.state() != State::Mql {
            return;
        }
        self.trail.definition = self.seen.step().b();
        if let Some(episode) = self.newest_episode() {
            episode.is_settled |= episode.was_given_back();
        }
    }

    /// A lead that sales gave back is recycled when marketing takes it up, even in the same
    /// instant.
    pub(super) fn follow_recycling(&mut self) {
        let seen = self.seen;
        if seen.state() != State::Nurturing {
            return;
        }
        self.wake();
        let until_at = seen.step().x().unwrap_or(NEVER);
        let rest = Rest { by: seen.position(), at: seen.step().at, until_at };
        self.rows.rests.push(seen.lead().0, &mut self.trail.rest, rest);
        if let Some(episode) = self.newest_episode() {
            episode.was_recycled |= episode.was_given_back() && !episode.is_settled;
        }
    }

    pub(super) fn follow_move(&mut self) {
        let (seen, state) = (self.seen, self.seen.state());
        if seen.from() == Some(state) || !seen.has_begun() {
            return;
        }
        if seen.from().is_some() {
            self.follow_step(state);
        }
        self.keep_off(state);
        if state == State::Customer {
            self.follow_win();
        }
        // What is known of first is not what brought the lead in: a snapshot, nor any event that a
        // lead is new before.
        let is_told = match seen.kind() {
            Kind::Captured => true,
            Kind::SnapshotImported => false,
            _ => state != State::New || seen.from().is_some(),
        };
        if state != State::HandedOff && is_told {
            self.check_gate(state);
        }
    }

    /// A lead that has begun comes from another state.
    fn follow_step(&mut self, state: State) {
        let seen = self.seen;
        self.follow_round();
        self.mark.entered = seen.position();
        if state == State::Customer && self.past().customer == 0 {
            self.past_mut().customer = seen.position();
        }
        if !state.is_with_sales()
            && let Some(episode) = self.open_episode()
        {
            episode.ended_at = seen.step().at;
        }
    }

    /// What waits for a touch, and what began the round.
    fn follow_round(&mut self) {
        if self.seen.state() != State::Nurturing {
            self.wake();
        }
        if self.seen.begins_round() {
            self.past_mut().round = [self.rested(), self.seen.position()];
        }
    }

    /// What brought the lead to rest before the event that begins a round, unless it would have
    /// been at rest without that too.
    fn rested(&self) -> u64 {
        let is_at_rest = |s| matches!(s, State::Nurturing | State::Disqualified | State::Lost);
        let was_before = self.seen.state_before_visit().is_some_and(is_at_rest);
        let is_enough = was_before && self.book.playbook.rules.illegal == Illegal::Apply;
        if is_enough { 0 } else { self.mark.came() }
    }

    /// The first win of a lead that had never been handed off.
    fn follow_win(&mut self) {
        let seen = self.seen;
        let is_first = seen.kind() == Kind::Won && !self.trail.was_won;
        self.trail.was_won |= is_first;
        if is_first && seen.row().handoffs == NO_ROW && !is_sales_generated(seen) {
            self.breach(AuditCode::WonWithoutHandoff, &[]);
        }
    }

    /// Notes a lead that the playbook forbids campaigns to touch, from here on: a touch that comes
    /// to be known late may have been in that time.
    fn keep_off(&mut self, state: State) {
        let conduct = &self.book.playbook.conduct;
        self.trail.was_off_limits |= match state {
            State::Customer => !conduct.marketing_touches_customers,
            State::Opportunity => !conduct.marketing_touches_opportunities,
            _ => false,
        };
    }
}
