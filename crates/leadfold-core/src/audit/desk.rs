//! One lead on the audit's desk: what an event adds to what is known of it.

use super::AuditCode;
use super::breach::Breach;
use super::episode::{EpisodeRow, Mark, NEVER, Past, Rest, Tenure, Trail, is_with_sales};
use super::ledger::{Book, LedgerRows};
use crate::event::{AssignmentCause, CaptureOrigin};
use crate::fold::{Seen, Touch};
use crate::machine::Kind;
use crate::tables::NO_ROW;
use crate::{Code, Decision, Illegal, SECOND, State};

/// An event, and all that its lead has in the ledger.
pub(super) struct Desk<'a> {
    pub(super) seen: &'a Seen<'a>,
    pub(super) book: &'a Book,
    pub(super) mark: &'a mut Mark,
    pub(super) trail: &'a mut Trail,
    pub(super) rows: &'a mut LedgerRows,
}

impl Desk<'_> {
    /// Takes the event in.
    pub(super) fn take(&mut self) {
        if self.seen.has_findings() {
            self.explain();
        }
        match self.seen.kind() {
            _ if self.seen.from() == Some(State::Erased) => {}
            Kind::Touched if self.seen.from().is_some() => self.follow_touch(),
            _ => self.follow(),
        }
        self.trail.is_worked = self.is_worked();
    }

    /// Whether one attempt more, behind this event, would change nothing.
    fn is_worked(&self) -> bool {
        let may_be_early = is_with_marketing(self.seen.state())
            && !self.book.playbook.conduct.sales_touches_before_handoff;
        self.trail.is_touched && !self.trail.is_awaited && !may_be_early
    }

    fn follow(&mut self) {
        self.check_rejection();
        self.follow_decision();
        self.follow_offer();
        self.follow_owner();
        match self.seen.kind() {
            Kind::Touched => self.follow_touch(),
            Kind::ConsentGranted | Kind::ConsentWithdrawn => self.follow_consent(),
            Kind::Captured
            | Kind::ProfileUpdated
            | Kind::AttributionResolved
            | Kind::SnapshotImported => self.follow_fields(),
            Kind::QualifiedMql => self.follow_qualification(),
            Kind::Recycled => self.follow_recycling(),
            Kind::OpportunityOpened
            | Kind::OpportunityReopened
            | Kind::OpportunityStageChanged
            | Kind::Won
            | Kind::Lost => self.rows.deals.follow(self.seen),
            _ => {}
        }
        self.follow_move();
    }

    /// Whoever declines a lead had it until then.
    fn check_rejection(&mut self) {
        let is_answer = matches!(self.seen.kind(), Kind::Rejected | Kind::Returned);
        if is_answer && !self.seen.step().b().is_some() {
            let owner = self.seen.step().a().or(self.seen.owner_before());
            let breach = self.broken(AuditCode::RejectedWithoutReason, &[]);
            self.note(Breach { owner, ..breach });
        }
    }

    fn follow_fields(&mut self) {
        let seen = self.seen;
        if seen.kind() == Kind::Captured && seen.from().is_some() {
            let is_refused = seen.findings().any(|finding| finding.reason.is_some());
            if is_refused && self.book.playbook.rules.illegal == Illegal::Skip {
                return;
            }
            let is_own = seen.step().stream == seen.lead().0;
            if is_own && !is_refused && self.past().captured == 0 {
                self.past_mut().captured = seen.position();
            }
        }
        let filled = self.book.fields.filled_by(seen);
        if filled != 0 {
            self.past_mut().fields |= filled;
        }
    }

    /// Notes a rule that the event broke.
    fn breach(&mut self, code: AuditCode, before: &[u64]) {
        let breach = self.broken(code, before);
        self.note(breach);
    }

    /// A rule that the event broke, while the lead's owner had it.
    fn broken(&mut self, code: AuditCode, before: &[u64]) -> Breach {
        let seen = self.seen;
        let handoff = self.open_episode().map_or(NO_ROW, |episode| episode.handoff);
        let breach = Breach::new(code, seen.at(), seen.position(), before);
        Breach { owner: seen.owner(), handoff, ..breach }
    }

    /// An absorbed lead's own row tells of its breaches.
    fn note(&mut self, breach: Breach) {
        if !self.seen.is_quiet() {
            let lead = self.seen.lead().0;
            self.rows.breaches.push(lead, &mut self.trail.breaches, breach);
        }
    }

    fn newest_episode(&mut self) -> Option<&mut EpisodeRow> {
        let row = self.trail.episodes;
        (row != NO_ROW).then(|| self.rows.episodes.at_mut(row))
    }

    fn open_episode(&mut self) -> Option<&mut EpisodeRow> {
        self.newest_episode().filter(|episode| episode.is_open())
    }

    /// What few leads have had, as far as this one has.
    pub(super) fn past(&self) -> Past {
        self.rows.pasts.newest(self.trail.past).copied().unwrap_or_default()
    }

    fn past_mut(&mut self) -> &mut Past {
        self.rows.pasts.only_mut(self.seen.lead().0, &mut self.trail.past)
    }

    /// Keeps what made a finding of the fold so.
    fn explain(&mut self) {
        let seen = self.seen;
        for finding in seen.findings() {
            let code = AuditCode::of_history(finding.code);
            let breach = Breach::new(code, seen.at(), seen.position(), &self.causes(finding));
            // A hand-off is about whoever it was offered to.
            let is_offer = seen.kind() == Kind::HandedOff;
            let owner = if is_offer { seen.step().a() } else { seen.owner_before() };
            let is_context = true;
            self.note(Breach { owner, is_context, ..breach });
        }
    }

    fn follow_decision(&mut self) {
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

    fn follow_offer(&mut self) {
        let seen = self.seen;
        let Some(row) = seen.offered() else { return };
        if let Some(episode) = self.open_episode() {
            episode.ended_at = seen.step().at;
        }
        let episode = EpisodeRow::offered(row, self.trail);
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
    fn check_gate(&mut self, state: State) {
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

    /// Turns of owners, who had it before, and who lost it untouched.
    fn follow_owner(&mut self) {
        let seen = self.seen;
        let (owner, is_work) = (seen.owner(), is_with_sales(seen.state()));
        let is_given = owner != seen.owner_before();
        if !is_given && seen.from().map(is_with_sales) == Some(is_work) {
            return;
        }
        let row = self.trail.tenures;
        let last = self.rows.tenures.newest(row).filter(|tenure| tenure.until_at == NEVER).copied();
        if last.is_some_and(|last| last.owner == owner && last.is_work == is_work) {
            return;
        }
        if let Some(last) = last {
            let tenure = self.rows.tenures.at_mut(row);
            (tenure.until_at, tenure.until) = (seen.step().at, seen.position());
            self.check_loss(last);
        }
        if owner.is_some() {
            let tenure = Tenure::begun(seen, is_work, is_given);
            self.rows.tenures.push(seen.lead().0, &mut self.trail.tenures, tenure);
            self.trail.is_touched = false;
            if is_given {
                self.follow_holder(owner);
            }
        }
    }

    /// An owner who loses a lead in the hands of sales should have touched it. A queue is nobody,
    /// and whoever has left can touch nothing any more.
    fn check_loss(&mut self, lost: Tenure) {
        let seen = self.seen;
        let is_taken = matches!(seen.kind(), Kind::Assigned | Kind::Reassigned | Kind::Unassigned)
            && lost.owner != seen.owner();
        if !is_taken || self.book.roster.queues.contains(&lost.owner) {
            return;
        }
        let is_excused = self.trail.is_touched || self.is_of_leaver(lost.owner);
        let tenures = self.trail.tenures;
        let Some(episode) = self.open_episode() else { return };
        episode.reassigned += 1;
        if !is_excused {
            // The offer gave the lead to them, whoever had done so before.
            let from = if episode.tenure == tenures { 0 } else { lost.from };
            let before = [seen.handoff(episode.handoff).position, from];
            let breach = self.broken(AuditCode::ReassignedWithoutTouch, &before);
            self.note(Breach { owner: lost.owner, ..breach });
        }
    }

    /// Whether the owner had left by then, as the playbook or the event itself says.
    fn is_of_leaver(&self, owner: Code) -> bool {
        let seat = self.book.roster.seats.get(&owner);
        seat.is_some_and(|seat| seat.has_left(self.seen.at()))
            || AssignmentCause::from_code(self.seen.step().sub()) == Some(AssignmentCause::Leaver)
    }

    /// The newest turn gave the lead to an owner.
    fn follow_holder(&mut self, owner: Code) {
        let (newest, seen) = (self.trail.tenures, self.seen);
        if let Some(episode) = self.open_episode().copied() {
            let held = self.rows.holding(episode.held, seen.handoff(episode.handoff));
            // Whoever gets it back from nobody has it since then.
            let is_given_back = !seen.owner_before().is_some() && seen.offered().is_none();
            if held.owner != owner || is_given_back {
                self.rows.episodes.at_mut(self.trail.episodes).held = newest;
            }
        }
        if self.book.roster.queues.contains(&owner) {
            return;
        }
        let [last, before] = self.trail.owners;
        if self.is_of(last, owner) {
            self.trail.owners[0] = newest;
            return;
        }
        self.trail.owners = [newest, last];
        if self.is_of(before, owner) {
            let from = [before, last].map(|row| self.rows.tenures.at(row).from);
            self.breach(AuditCode::PingPong, &from);
        }
    }

    fn is_of(&self, tenure: u32, owner: Code) -> bool {
        self.rows.tenures.newest(tenure).is_some_and(|tenure| tenure.owner == owner)
    }

    fn follow_touch(&mut self) {
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
    fn wake(&mut self) {
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
        if !is_with_marketing(seen.state()) || may {
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
            let entered = if is_with_marketing(before) { 0 } else { self.mark.came() };
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

    fn follow_consent(&mut self) {
        let step = self.seen.step();
        let (lead, at, position) = (step.lead, step.at, step.position);
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

    fn follow_qualification(&mut self) {
        if self.seen.state() != State::Mql {
            return;
        }
        self.trail.definition = self.seen.step().b();
        if let Some(episode) = self.newest_episode() {
            episode.was_requalified |= episode.was_recycled;
        }
    }

    /// A lead that sales gave back is recycled when marketing takes it up, even in the same
    /// instant.
    fn follow_recycling(&mut self) {
        let seen = self.seen;
        if seen.state() != State::Nurturing {
            return;
        }
        self.wake();
        let until_at = seen.step().x().unwrap_or(NEVER);
        let rest = Rest { by: seen.position(), at: seen.step().at, until_at };
        self.rows.rests.push(seen.lead().0, &mut self.trail.rest, rest);
        if let Some(episode) = self.newest_episode() {
            let is_given_back = matches!(episode.decision, Decision::Rejected | Decision::Returned);
            episode.was_recycled |= is_given_back && !episode.was_requalified;
        }
    }

    fn follow_move(&mut self) {
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
        if !is_with_sales(state)
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

/// Whether a lead in this state is still marketing's.
fn is_with_marketing(state: State) -> bool {
    matches!(state, State::New | State::Mql | State::Nurturing)
}

pub(super) fn is_sales_generated(seen: &Seen<'_>) -> bool {
    let lead = seen.tables().lead(seen.lead());
    lead.and_then(|lead| lead.origin()) == Some(CaptureOrigin::SalesGenerated)
}
