//! Touches: first attempts and contacts, campaigns, and the consents that they need.

use super::super::AuditCode;
use super::{Desk, is_sales_generated};
use crate::fold::Touch;
use crate::machine::Kind;
use crate::tables::NO_ROW;
use crate::{Code, State};

impl Desk<'_> {
    pub(super) fn follow_touch(&mut self) {
        let Some(touch) = self.seen.touch() else { return };
        self.wake();
        if touch.is_attempt() {
            self.follow_attempt(&touch);
        }
        if touch.is_campaign() {
            self.check_campaign(&touch);
        }
    }

    /// It waits for a touch no more.
    pub(super) fn wake(&mut self) {
        if self.trail.rest != NO_ROW {
            self.rows.rests.drop_chain(self.trail.rest);
            self.trail.rest = NO_ROW;
        }
    }

    fn follow_attempt(&mut self, touch: &Touch) {
        let (at, position) = (self.seen.step().at, self.seen.position());
        self.trail.first_attempt_at = self.trail.first_attempt_at.min(at);
        self.trail.is_touched = true;
        if !self.trail.is_awaited {
            return self.check_early_work();
        }
        let Some(episode) = self.open_episode() else {
            return self.check_early_work();
        };
        if episode.attempt == 0 {
            (episode.attempt_at, episode.attempt) = (at, position);
            episode.attempt_held = episode.held;
        }
        if touch.is_contact() {
            episode.contact_at = at;
            self.trail.is_awaited = false;
        }
    }

    /// Once a round: the first touch of sales in it, if nobody has handed the lead off in it.
    fn check_early_work(&mut self) {
        let seen = self.seen;
        let may = self.book.playbook.conduct.sales_touches_before_handoff;
        if !seen.state().is_with_marketing() || may {
            return;
        }
        let cycle = seen.cycle();
        let offered_in = self.newest_episode().map_or(0, |e| seen.handoff(e.handoff).cycle);
        let worked_in = std::mem::replace(&mut self.past_mut().worked_early_in, cycle);
        if offered_in != cycle && worked_in != cycle && !is_sales_generated(seen) {
            // In the round before, the touch would have been no matter.
            let was_free = [offered_in, worked_in].contains(&(cycle - 1));
            let [rested, round] = if was_free { self.past().round } else { [0; 2] };
            let before = seen.state_before_visit().unwrap_or(State::New);
            let entered = if before.is_with_marketing() { 0 } else { self.mark.came() };
            self.breach(AuditCode::WorkedBeforeHandoff, &[rested, round, entered]);
        }
    }

    fn check_campaign(&mut self, touch: &Touch) {
        let (seen, conduct) = (self.seen, self.book.playbook.conduct);
        let entered = self.mark.came();
        match seen.state() {
            State::Customer if !conduct.marketing_touches_customers => {
                self.breach(AuditCode::MarketingTouchToCustomer, &[entered]);
            }
            State::Opportunity if !conduct.marketing_touches_opportunities => {
                self.breach(AuditCode::MarketingTouchToOpportunity, &[entered]);
            }
            _ => {}
        }
        if self.trail.has_withdrawn {
            self.check_consent(touch.channel);
        }
    }

    fn check_consent(&mut self, channel: Code) {
        let (lead, consents) = (self.seen.lead().0, &mut self.rows.consents);
        consents.pass(lead, self.seen.step().at);
        if let Some(withdrawn) = consents.against(lead, channel) {
            self.breach(AuditCode::TouchedAfterWithdrawal, &[withdrawn]);
        }
    }

    pub(super) fn follow_consent(&mut self) {
        let step = self.seen.step();
        let (lead, at, position) = (self.seen.lead().0, step.at, step.position);
        let (purpose, channel) = (step.a(), step.b());
        self.rows.consents.pass(lead, at);
        if self.seen.kind() == Kind::ConsentWithdrawn {
            self.trail.has_withdrawn = true;
            return self.rows.consents.withdraw(lead, purpose, channel, (at, position));
        }
        let ends_at = step.x();
        self.trail.has_withdrawn |= ends_at.is_some();
        // What nobody withdrew before it and does not end lifts nothing, and would outlive a lead
        // that is folded anew.
        if self.trail.has_withdrawn {
            self.rows.consents.grant(lead, purpose, channel, (at, position), ends_at);
        }
    }
}
