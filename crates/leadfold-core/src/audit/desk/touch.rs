//! Touches: first attempts and contacts, campaigns, and the consents that they need.

use super::super::AuditCode;
use super::{Desk, is_sales_generated};
use crate::fold::Touch;
use crate::machine::Kind;
use crate::tables::NO_ROW;
use crate::{Code, Outcome, State};

/// Of a lead's older deals it is not asked whether one of them keeps it in its state: no history is
/// to make a touch slower than a few events.
const DEALS_LOOKED_AT: usize = 64;

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
        match seen.state() {
            State::Customer if !conduct.marketing_touches_customers => {
                let kept = self.kept_by(Outcome::Won);
                self.breach(AuditCode::MarketingTouchToCustomer, &kept);
            }
            State::Opportunity if !conduct.marketing_touches_opportunities => {
                let kept = self.kept_by(Outcome::Open);
                self.breach(AuditCode::MarketingTouchToOpportunity, &kept);
            }
            _ => {}
        }
        if self.trail.has_withdrawn {
            self.check_consent(touch.channel);
        }
    }

    /// What keeps the lead in a state that a deal of that outcome makes: what brought it there, or,
    /// where that was about a deal which has turned since, the deal that has been so the longest.
    /// What brought the lead there counts beside that only if it came later.
    fn kept_by(&self, outcome: Outcome) -> [u64; 2] {
        let came = self.mark.came();
        let (mut longest, mut has_turned) = (u64::MAX, false);
        for (row, deal) in self.seen.opportunities().take(DEALS_LOOKED_AT) {
            let Some(trace) = self.rows.deals.at(row) else { continue };
            match deal.outcome == outcome {
                true if trace.moved == came => return [came, 0],
                true => longest = longest.min(trace.turned),
                false => has_turned |= trace.moved == came,
            }
        }
        match longest {
            longest if !has_turned || longest == u64::MAX => [came, 0],
            longest if longest < came => [came, longest],
            longest => [longest, 0],
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
