//! What an event does beside moving its lead: hand-offs, owners, deals, money, what is known.

use super::deals::{Deal, Owned};
use super::desk::Desk;
use super::step::{Step, set_churned};
use crate::fact::{Code, Field, NO_X};
use crate::machine::Kind;
use crate::tables::{
    Attribute, CAPTURED, CAPTURED_ITSELF, Cost, Decision, FindingCode, Handoff, NO_ROW,
    OPEN_UNKNOWN, Opportunity, Outcome, Revenue,
};
use crate::{Currency, State, Timestamp, event::RevenueKind};

impl Desk<'_> {
    pub(super) fn effects(&mut self, step: &Step<'_>, deal: Deal, stage_at_loss: State) {
        match step.kind() {
            Kind::Captured => self.late_capture(step),
            Kind::HandedOff => self.offer(step),
            Kind::Accepted => {
                self.decide_handoff(step, Decision::Accepted, step.a(), Code::NONE, false);
                self.row.owner = step.a().or(self.row.owner);
            }
            Kind::Rejected | Kind::Returned => self.give_back(step),
            Kind::Recycled => {
                self.decide_handoff(step, Decision::Closed, Code::NONE, Code::NONE, false);
                self.row.owner = Code::NONE;
            }
            Kind::Disqualified => {
                self.decide_handoff(step, Decision::Closed, Code::NONE, Code::NONE, false);
                self.rows.rare_mut(step.lead, self.profile).disqualified = step.b();
            }
            Kind::Assigned | Kind::Reassigned => self.row.owner = step.a(),
            Kind::Unassigned => self.row.owner = Code::NONE,
            Kind::OpportunityOpened => self.open_deal(step, false),
            Kind::OpportunityStageChanged | Kind::OpportunityAmended => self.amend(step, deal),
            Kind::Won | Kind::Lost => self.close(step, deal, stage_at_loss),
            Kind::OpportunityReopened => self.reopen(step, deal),
            Kind::RevenueRecorded | Kind::Refunded => self.revenue(step),
            kind @ (Kind::Churned | Kind::Reactivated) => set_churned(self.row, kind),
            Kind::AttributionResolved => {
                self.profile.source = step.a();
                self.profile.campaign = step.b().or(self.profile.campaign);
            }
            Kind::SnapshotImported => self.snapshot(step),
            _ => {}
        }
    }

    pub(super) fn capture(&mut self, step: &Step<'_>) {
        let is_own = step.stream == step.lead;
        self.row.flags |= CAPTURED | if is_own { CAPTURED_ITSELF } else { 0 };
        self.row.captured_at = step.at;
        self.profile_fields(step);
    }

    /// A capture after other events, or a second one.
    fn late_capture(&mut self, step: &Step<'_>) {
        if self.row.has(CAPTURED) {
            if step.stream == step.lead {
                self.row.flags |= CAPTURED_ITSELF;
            }
            return self.profile_fields(step);
        }
        let state = Some(self.row.state);
        self.report(step, FindingCode::OutOfOrder, None, state);
        if self.row.reached == State::Customer as u8 {
            self.report(step, FindingCode::NegativeDuration, None, state);
        }
        self.capture(step);
    }

    /// Fills the blanks of what is known about where the lead came from.
    pub(super) fn profile_fields(&mut self, step: &Step<'_>) {
        let profile = &mut *self.profile;
        if profile.origin == 0 && step.kind() == Kind::Captured {
            profile.origin = step.sub();
        }
        profile.source = profile.source.or(step.a());
        profile.campaign = profile.campaign.or(step.b());
        for (field, term) in step.details() {
            let (name, value) = (Code(term.a), Code(term.b));
            match field {
                Field::Medium => profile.medium = profile.medium.or(name),
                Field::Channel => profile.channel = profile.channel.or(name),
                Field::Attribute => {
                    let attribute = Attribute { name, value };
                    self.rows.attributes.push(step.lead, &mut profile.attributes, attribute);
                }
                _ => {}
            }
        }
    }

    fn snapshot(&mut self, step: &Step<'_>) {
        let from = self.row.state;
        self.report(step, FindingCode::HistoryGap, None, Some(from));
        if from != step.route() {
            // Nobody knows when the one ended and the other began.
            self.row.flags |= OPEN_UNKNOWN;
            self.enter(step, step.route(), false);
            self.row.flags |= OPEN_UNKNOWN;
        }
    }

    fn offer(&mut self, step: &Step<'_>) {
        self.decide_handoff(step, Decision::Superseded, Code::NONE, Code::NONE, false);
        let (mut decision_due, mut touch_due) = (None, None);
        for (field, term) in step.details() {
            let time = Timestamp::from_micros(term.x);
            match field {
                Field::DecisionDue => decision_due = decision_due.or(Some(time)),
                Field::TouchDue => touch_due = touch_due.or(Some(time)),
                _ => {}
            }
        }
        let handoff = Handoff {
            to: step.a(),
            key: step.b(),
            offered_at: Timestamp::from_micros(step.at),
            decided_at: None,
            decision_due,
            touch_due,
            decision: Decision::Pending,
            by: Code::NONE,
            reason: Code::NONE,
            is_implied: false,
            cycle: self.cycle_behind(step, State::HandedOff),
            position: step.position,
        };
        self.rows.handoffs.push(step.lead, &mut self.row.handoffs, handoff);
        self.row.owner = step.a();
    }

    /// The lead's round once the event has moved it, if it does.
    fn cycle_behind(&self, step: &Step<'_>, to: State) -> u32 {
        let row = &*self.row;
        let moves = row.state != to && (!step.is_quiet || to.standing() > row.state.standing());
        row.cycle.saturating_add(u32::from(moves && row.state.is_resting()))
    }

    pub(super) fn decide_handoff(
        &mut self,
        step: &Step<'_>,
        decision: Decision,
        by: Code,
        reason: Code,
        is_implied: bool,
    ) {
        if self.rows.pending_handoff(self.row).is_some() {
            let pending = self.rows.handoffs.at_mut(self.row.handoffs);
            pending.decision = decision;
            pending.decided_at = Some(Timestamp::from_micros(step.at));
            pending.by = by;
            pending.reason = reason;
            pending.is_implied = is_implied;
        }
    }

    fn give_back(&mut self, step: &Step<'_>) {
        let state = self.row.state;
        self.decide_handoff(step, Decision::Rejected, step.a(), step.b(), false);
        let was_accepted = matches!(state, State::Accepted | State::Sql);
        if was_accepted && self.row.handoffs != NO_ROW {
            let last = self.rows.handoffs.at_mut(self.row.handoffs);
            if last.decision == Decision::Accepted {
                last.decision = Decision::Returned;
                last.reason = step.b();
            }
        }
        self.row.owner = Code::NONE;
    }

    fn open_deal(&mut self, step: &Step<'_>, is_implied: bool) {
        let is_opening = !is_implied;
        let opened = if is_opening { State::Opportunity } else { self.row.state };
        let deal = Opportunity {
            key: step.a(),
            ordinal: self.rows.rare(self.profile).n_opportunities,
            pipeline: step.code_of(Field::Pipeline),
            stage: if is_opening { step.b() } else { Code::NONE },
            product: step.code_of(Field::Product),
            owner: self.row.owner,
            reason: Code::NONE,
            competitor: Code::NONE,
            amount: step.x().filter(|_| is_opening),
            currency: if is_opening { step.currency() } else { 0 },
            currency_at_loss: 0,
            amount_at_loss: NO_X,
            opened_at: Timestamp::from_micros(step.at),
            closed_at: NO_X,
            outcome: Outcome::Open,
            stage_at_loss: None,
            is_implied,
            cycle: self.cycle_behind(step, opened),
            reopened: 0,
            closing: 0,
        };
        self.profile.product = self.profile.product.or(deal.product);
        let rare = self.rows.rare_mut(step.lead, self.profile);
        rare.n_opportunities += 1;
        rare.n_open += 1;
        let at = self.rows.opportunities.push(step.lead, &mut self.row.opportunities, deal);
        self.note_deal(step, at);
    }

    fn amend(&mut self, step: &Step<'_>, deal: Deal) {
        let (Deal::Open(at) | Deal::Closed(at)) = deal else { return };
        let deal = self.rows.opportunities.at_mut(at);
        if step.kind() == Kind::OpportunityStageChanged {
            deal.stage = step.b();
            deal.pipeline = step.code_of(Field::Pipeline).or(deal.pipeline);
        } else {
            deal.amount = step.x().or(deal.amount);
            deal.currency = if step.currency() == 0 { deal.currency } else { step.currency() };
        }
    }

    fn close(&mut self, step: &Step<'_>, deal: Deal, stage_at_loss: State) {
        if deal == Deal::Absent {
            self.open_deal(step, true);
        }
        let at = match deal {
            Deal::Open(at) | Deal::Closed(at) | Deal::Ambiguous(at) => at,
            Deal::Absent => self.row.opportunities,
        };
        self.take_deal_out(step, at);
        let rare = self.rows.rare_mut(step.lead, self.profile);
        rare.n_closings += 1;
        rare.n_won += u32::from(step.kind() == Kind::Won);
        let closing = rare.n_closings;
        let deal = self.rows.opportunities.at_mut(at);
        deal.closing = closing;
        deal.closed_at = step.at;
        deal.owner = self.row.owner;
        if step.kind() == Kind::Won {
            deal.outcome = Outcome::Won;
            deal.amount = step.x().or(deal.amount);
            deal.currency = if step.currency() == 0 { deal.currency } else { step.currency() };
            deal.product = step.b().or(deal.product);
            forget_loss(deal);
            self.profile.product = self.profile.product.or(deal.product);
        } else {
            deal.outcome = Outcome::Lost;
            deal.reason = step.b();
            deal.competitor = step.code_of(Field::Competitor);
            deal.stage_at_loss = Some(stage_at_loss);
            // Kept apart from what the deal is worth, which may be amended after the loss.
            deal.amount_at_loss = deal.amount.unwrap_or(NO_X);
            deal.currency_at_loss = deal.currency;
        }
        self.note_deal(step, at);
    }

    fn note_deal(&mut self, step: &Step<'_>, at: u32) {
        let (row, rare) = (&*self.row, self.rows.rare(self.profile));
        let opportunities = &self.rows.opportunities;
        self.deals.insert(&Owned { lead: step.lead, row, rare, opportunities }, at);
    }

    /// Takes a deal out of the lead's counts, before it changes.
    fn take_deal_out(&mut self, step: &Step<'_>, at: u32) {
        let deal = self.rows.opportunities.at(at);
        self.deals.remove(step.lead, at, deal);
        let outcome = deal.outcome;
        let rare = self.rows.rare_mut(step.lead, self.profile);
        match outcome {
            Outcome::Open => rare.n_open -= 1,
            Outcome::Won => rare.n_won -= 1,
            Outcome::Lost => {}
        }
    }

    fn reopen(&mut self, step: &Step<'_>, deal: Deal) {
        let Deal::Closed(at) = deal else { return };
        self.take_deal_out(step, at);
        self.rows.rare_mut(step.lead, self.profile).n_open += 1;
        let deal = self.rows.opportunities.at_mut(at);
        deal.outcome = Outcome::Open;
        deal.closed_at = NO_X;
        deal.closing = 0;
        deal.reopened += 1;
        deal.owner = self.row.owner;
        forget_loss(deal);
        self.note_deal(step, at);
    }

    fn revenue(&mut self, step: &Step<'_>) {
        let revenue = Revenue {
            at: Timestamp::from_micros(step.at),
            amount: step.x().unwrap_or(0),
            margin: step.number_of(Field::Margin),
            product: step.a(),
            currency: Currency::from_code(step.currency()).unwrap_or(Currency::NONE),
            kind: RevenueKind::from_code(step.sub()),
            is_refund: step.kind() == Kind::Refunded,
        };
        self.rows.revenue.push(step.lead, &mut self.row.revenue, revenue);
        self.profile.product = self.profile.product.or(revenue.product);
    }

    pub(super) fn cost(&mut self, step: &Step<'_>) {
        // An absorbed lead's costs stand in its own row.
        if !step.is_quiet {
            self.rows.add_cost(step.lead, self.profile, cost_of(step));
        }
    }
}

/// Takes away what is told of a deal only while it is lost.
fn forget_loss(deal: &mut Opportunity) {
    (deal.reason, deal.competitor, deal.stage_at_loss) = (Code::NONE, Code::NONE, None);
    (deal.amount_at_loss, deal.currency_at_loss) = (NO_X, 0);
}

/// A cost as a row.
pub(super) fn cost_of(step: &Step<'_>) -> Cost {
    let time = |field| Timestamp::from_micros(step.number_of(field).unwrap_or(step.at));
    Cost {
        at: Timestamp::from_micros(step.at),
        amount: step.x().unwrap_or(0),
        currency: Currency::from_code(step.currency()).unwrap_or(Currency::NONE),
        source: step.a(),
        campaign: step.b(),
        channel: step.code_of(Field::Channel),
        programme: step.code_of(Field::Programme),
        kind: step.code_of(Field::CostKind),
        from: time(Field::CostFrom),
        to: time(Field::CostTo),
    }
}
