//! `evolve`: folds one effective event into the tables. Total: it cannot fail, and what breaks
//! the rules becomes a finding.

use super::deals::{Deal, Deals};
use super::judge::{Court, Verdict};
use super::observer::{Observer, Seen};
use super::stages::Stages;
use super::step::{Step, natural_target, set_churned};
use crate::fact::{Code, Field};
use crate::machine::Kind;
use crate::playbook::{Illegal, Rules};
use crate::tables::{
    Attribute, BEGUN, CAPTURED, CAPTURED_ITSELF, Cost, Decision, External, Finding, FindingCode,
    Handoff, LeadRow, OPEN_IMPLIED, OPEN_UNKNOWN, Opportunity, Outcome, Profile, Revenue, Tables,
    WATCHED,
};
use crate::{Currency, Reason, State, Timestamp, event::RevenueKind};

/// The tables in the hands of the fold.
pub(crate) struct Evolve<'a, O> {
    pub(crate) tables: &'a mut Tables,
    pub(crate) deals: &'a mut Deals,
    pub(crate) stages: &'a Stages,
    pub(crate) rules: &'a Rules,
    pub(crate) queues: &'a [Code],
    pub(crate) observer: &'a mut O,
}

impl<O: Observer> Evolve<'_, O> {
    pub(crate) fn apply(&mut self, step: &Step<'_>) {
        if !O::WATCHES {
            return self.fold(step);
        }
        let before = *self.row(step);
        let findings_before = self.tables.findings.len();
        self.fold(step);
        let seen = Seen { step: *step, before, findings_before, tables: self.tables };
        let is_watched = self.observer.saw(&seen);
        self.watch(step, is_watched);
    }

    /// Shows the observer an event that does nothing to the tables.
    pub(crate) fn show(&mut self, step: &Step<'_>) {
        let row = self.row(step);
        row.last_at = row.last_at.max(step.at);
        let before = *row;
        let findings_before = self.tables.findings.len();
        let seen = Seen { step: *step, before, findings_before, tables: self.tables };
        let is_watched = self.observer.saw(&seen);
        self.watch(step, is_watched);
    }

    fn watch(&mut self, step: &Step<'_>, is_watched: bool) {
        let row = self.row(step);
        row.flags = row.flags & !WATCHED | if is_watched { WATCHED } else { 0 };
    }

    #[inline]
    fn fold(&mut self, step: &Step<'_>) {
        self.row(step).last_at = step.at;
        note_external(self.tables, step);
        if step.kind() == Kind::Other {
            let from = self.state_if_begun(step);
            return self.report(step, FindingCode::UnknownType, None, from);
        }
        if step.kind() == Kind::CostRecorded {
            return self.cost(step);
        }
        if !self.row(step).has(BEGUN) && self.begin(step) {
            return;
        }
        self.check_reason(step);
        let Self { tables, deals, rules, queues, .. } = self;
        let court = Court { tables, deals, rules, queues };
        match court.judge(step) {
            Verdict::Nop => {}
            Verdict::Legal { to, implies, deal } => {
                if self.check_details(step, deal) {
                    self.legal(step, to, implies, deal);
                }
            }
            Verdict::Illegal { reason, deal } => self.illegal(step, reason, deal),
        }
    }

    fn row(&mut self, step: &Step<'_>) -> &mut LeadRow {
        &mut self.tables.leads[step.lead as usize]
    }

    fn profile(&mut self, step: &Step<'_>) -> &mut Profile {
        &mut self.tables.profiles[step.lead as usize]
    }

    fn state_if_begun(&mut self, step: &Step<'_>) -> Option<State> {
        let row = self.row(step);
        row.has(BEGUN).then_some(row.state)
    }

    /// Begins a lead. True if the event did nothing else than that.
    fn begin(&mut self, step: &Step<'_>) -> bool {
        let kind = step.kind();
        let state = if kind == Kind::SnapshotImported { step.route() } else { State::New };
        let is_captured = kind == Kind::Captured;
        if !is_captured {
            self.report(step, FindingCode::HistoryGap, None, None);
        }
        let row = self.row(step);
        row.flags |= BEGUN | if is_captured { 0 } else { OPEN_UNKNOWN };
        row.began_at = step.at;
        row.entered_at = step.at;
        row.state = state;
        row.entered = state.bit();
        row.reached = state.rung().unwrap_or(0);
        if is_captured {
            self.capture(step);
        } else if kind == Kind::SnapshotImported {
            self.profile_fields(step);
            let owner = step.code_of(Field::Owner);
            self.row(step).owner = owner;
        }
        is_captured || kind == Kind::SnapshotImported
    }

    fn report(
        &mut self,
        step: &Step<'_>,
        code: FindingCode,
        reason: Option<Reason>,
        from: Option<State>,
    ) {
        if step.is_quiet {
            return;
        }
        let at = Timestamp::from_micros(step.at);
        let finding =
            Finding { code, reason, kind: step.kind(), from, at, position: step.position };
        report(self.tables, step.lead, finding);
    }

    /// What the playbook asks of an event beside its legality. False if the event is skipped.
    fn check_details(&mut self, step: &Step<'_>, deal: Deal) -> bool {
        if !self.stages.is_described() {
            return true;
        }
        let from = Some(self.row(step).state);
        let known = match step.kind() {
            Kind::OpportunityOpened => self.stages.know(step.code_of(Field::Pipeline), step.b()),
            Kind::OpportunityStageChanged => {
                let current = match deal {
                    Deal::Open(row) | Deal::Closed(row) => {
                        self.tables.opportunities.at(row).pipeline
                    }
                    Deal::Ambiguous(_) | Deal::Absent => Code::NONE,
                };
                self.stages.know(step.code_of(Field::Pipeline).or(current), step.b())
            }
            _ => true,
        };
        if known {
            return true;
        }
        self.report(step, FindingCode::UnknownStage, None, from);
        step.is_quiet || self.rules.illegal == Illegal::Apply
    }

    fn check_reason(&mut self, step: &Step<'_>) {
        if !self.rules.lacks_reason(step) {
            return;
        }
        let state = self.row(step).state;
        if state != State::Erased {
            self.report(step, FindingCode::MissingReason, None, Some(state));
        }
    }

    fn legal(&mut self, step: &Step<'_>, to: Option<State>, implies: bool, deal: Deal) {
        let stage_at_loss = self.row(step).state;
        if implies {
            self.imply_steps(step);
        }
        self.effects(step, deal, stage_at_loss);
        let to = to.map(|to| self.unless_customer(step, to)).or_else(|| self.by_deals(step, true));
        if let Some(to) = to {
            self.enter(step, to, false);
        }
    }

    fn unless_customer(&mut self, step: &Step<'_>, to: State) -> State {
        let is_opening = step.kind() == Kind::OpportunityOpened;
        if is_opening && self.row(step).state == State::Customer { State::Customer } else { to }
    }

    fn illegal(&mut self, step: &Step<'_>, reason: Reason, deal: Deal) {
        let from = self.row(step).state;
        let (code, reason) = match (reason, step.kind()) {
            (Reason::NoHandoff, Kind::Accepted) => (FindingCode::AcceptedWithoutHandoff, reason),
            (Reason::NotCustomer, Kind::RevenueRecorded | Kind::Refunded) => {
                (FindingCode::RevenueBeforeWon, reason)
            }
            _ => (FindingCode::Illegal, reason),
        };
        self.report(step, code, Some(reason), Some(from));
        let applies = step.is_quiet || self.rules.illegal == Illegal::Apply;
        if !applies || from == State::Erased || has_no_effect(step.kind(), reason, deal) {
            return;
        }
        if !self.check_details(step, deal) {
            return;
        }
        self.effects(step, deal, from);
        let row = self.row(step);
        let to = natural_target(step, row).or_else(|| self.by_deals(step, false));
        if let Some(to) = to.filter(|to| !step.is_quiet || to.standing() > from.standing()) {
            self.enter(step, to, false);
        }
    }

    /// The state that the deals make, after an outcome or a reopening.
    fn by_deals(&mut self, step: &Step<'_>, is_legal: bool) -> Option<State> {
        let state = self.row(step).state;
        let profile = self.profile(step);
        match step.kind() {
            Kind::Won => Some(State::Customer),
            Kind::Lost if state == State::Customer => None,
            Kind::Lost if profile.n_won > 0 => Some(State::Customer),
            Kind::Lost if profile.n_open > 0 => Some(State::Opportunity),
            Kind::Lost => Some(State::Lost),
            Kind::OpportunityReopened if !is_legal || state == State::Lost => {
                Some(State::Opportunity)
            }
            Kind::OpportunityReopened if state == State::Customer && profile.n_won == 0 => {
                Some(State::Opportunity)
            }
            Kind::OpportunityOpened if state != State::Customer => Some(State::Opportunity),
            _ => None,
        }
    }

    /// Zero-length visits of the steps that the event takes for granted.
    fn imply_steps(&mut self, step: &Step<'_>) {
        let last = match step.kind() {
            Kind::QualifiedSql => State::Accepted,
            Kind::OpportunityOpened => State::Sql,
            Kind::Won | Kind::Lost => State::Opportunity,
            _ => return,
        };
        let from = self.row(step).state;
        if from == State::HandedOff {
            self.decide_handoff(step, Decision::Accepted, Code::NONE, Code::NONE, true);
        }
        // A sales-generated lead enters at SQL: nothing before it is implied.
        if from >= State::HandedOff {
            for state in State::LADDER.into_iter().filter(|state| *state > from && *state <= last) {
                self.enter(step, state, true);
            }
        }
    }

    fn enter(&mut self, step: &Step<'_>, to: State, is_implied: bool) {
        if self.row(step).state == to {
            return;
        }
        self.tables.close_visit(step.lead, step.at);
        let row = &mut self.tables.leads[step.lead as usize];
        if row.state.is_resting() && begins_cycle(step.kind()) && to.rung().is_some() {
            row.cycle = row.cycle.saturating_add(1);
        }
        row.state = to;
        row.entered_at = step.at;
        row.flags &= !(OPEN_IMPLIED | OPEN_UNKNOWN);
        row.reached = row.reached.max(to.rung().unwrap_or(0));
        if is_implied {
            row.flags |= OPEN_IMPLIED;
        } else {
            row.entered |= to.bit();
        }
    }

    /// All that an event does beside moving the lead.
    fn effects(&mut self, step: &Step<'_>, deal: Deal, stage_at_loss: State) {
        match step.kind() {
            Kind::Captured => self.late_capture(step),
            Kind::HandedOff => self.offer(step),
            Kind::Accepted => {
                self.decide_handoff(step, Decision::Accepted, step.a(), Code::NONE, false);
                let row = self.row(step);
                row.owner = step.a().or(row.owner);
            }
            Kind::Rejected | Kind::Returned => self.give_back(step),
            Kind::Recycled => {
                self.decide_handoff(step, Decision::Closed, Code::NONE, Code::NONE, false);
                self.row(step).owner = Code::NONE;
            }
            Kind::Disqualified => {
                self.decide_handoff(step, Decision::Closed, Code::NONE, Code::NONE, false);
                self.profile(step).disqualified = step.b();
            }
            Kind::Assigned | Kind::Reassigned => self.row(step).owner = step.a(),
            Kind::Unassigned => self.row(step).owner = Code::NONE,
            Kind::OpportunityOpened => self.open_deal(step, step.a(), false),
            Kind::OpportunityStageChanged | Kind::OpportunityAmended => self.amend(step, deal),
            Kind::Won | Kind::Lost => self.close(step, deal, stage_at_loss),
            Kind::OpportunityReopened => self.reopen(step, deal),
            Kind::RevenueRecorded | Kind::Refunded => self.revenue(step),
            kind @ (Kind::Churned | Kind::Reactivated) => set_churned(self.row(step), kind),
            Kind::AttributionResolved => {
                let profile = self.profile(step);
                profile.source = step.a();
                profile.campaign = step.b().or(profile.campaign);
            }
            Kind::SnapshotImported => self.snapshot(step),
            _ => {}
        }
    }

    fn capture(&mut self, step: &Step<'_>) {
        let row = self.row(step);
        row.flags |= CAPTURED;
        if step.stream == step.lead {
            row.flags |= CAPTURED_ITSELF;
        }
        row.captured_at = step.at;
        self.profile_fields(step);
    }

    /// A capture after other events, or a second one.
    fn late_capture(&mut self, step: &Step<'_>) {
        let row = *self.row(step);
        if row.has(CAPTURED) {
            if step.stream == step.lead {
                self.row(step).flags |= CAPTURED_ITSELF;
            }
            return self.profile_fields(step);
        }
        self.report(step, FindingCode::OutOfOrder, None, Some(row.state));
        if row.reached == State::Customer as u8 {
            self.report(step, FindingCode::NegativeDuration, None, Some(row.state));
        }
        self.capture(step);
    }

    /// Fills the blanks of what is known about where the lead came from.
    fn profile_fields(&mut self, step: &Step<'_>) {
        let medium = step.code_of(Field::Medium);
        let channel = step.code_of(Field::Channel);
        let origin = if step.kind() == Kind::Captured { step.sub() } else { 0 };
        let profile = self.profile(step);
        profile.source = profile.source.or(step.a());
        profile.campaign = profile.campaign.or(step.b());
        profile.medium = profile.medium.or(medium);
        profile.channel = profile.channel.or(channel);
        profile.origin = if profile.origin == 0 { origin } else { profile.origin };
        let chain = &mut self.tables.profiles[step.lead as usize].attributes;
        for (_, index) in step.details().filter(|(field, _)| *field == Field::Attribute) {
            let (name, value) = (Code(step.facts.a[index]), Code(step.facts.b[index]));
            self.tables.attributes.push(step.lead, chain, Attribute { name, value });
        }
    }

    fn snapshot(&mut self, step: &Step<'_>) {
        let from = self.row(step).state;
        self.report(step, FindingCode::HistoryGap, None, Some(from));
        if from != step.route() {
            // Nobody knows when the one ended and the other began.
            self.row(step).flags |= OPEN_UNKNOWN;
            self.enter(step, step.route(), false);
            self.row(step).flags |= OPEN_UNKNOWN;
        }
    }

    fn offer(&mut self, step: &Step<'_>) {
        self.decide_handoff(step, Decision::Superseded, Code::NONE, Code::NONE, false);
        let time = |field| step.number_of(field).map(Timestamp::from_micros);
        let cycle = self.cycle_behind(step, State::HandedOff);
        let row = &mut self.tables.leads[step.lead as usize];
        let handoff = Handoff {
            to: step.a(),
            key: step.b(),
            offered_at: Timestamp::from_micros(step.at),
            decided_at: None,
            decision_due: time(Field::DecisionDue),
            touch_due: time(Field::TouchDue),
            decision: Decision::Pending,
            by: Code::NONE,
            reason: Code::NONE,
            is_implied: false,
            cycle,
            position: step.position,
        };
        self.tables.handoffs.push(step.lead, &mut row.handoffs, handoff);
        row.owner = step.a();
    }

    /// The lead's round once the event has moved it, if it does.
    fn cycle_behind(&mut self, step: &Step<'_>, to: State) -> u32 {
        let row = self.row(step);
        let moves = row.state != to && (!step.is_quiet || to.standing() > row.state.standing());
        row.cycle.saturating_add(u32::from(moves && row.state.is_resting()))
    }

    fn decide_handoff(
        &mut self,
        step: &Step<'_>,
        decision: Decision,
        by: Code,
        reason: Code,
        is_implied: bool,
    ) {
        let row = self.tables.leads[step.lead as usize];
        if self.tables.pending_handoff(&row).is_some() {
            let pending = self.tables.handoffs.at_mut(row.handoffs);
            pending.decision = decision;
            pending.decided_at = Some(Timestamp::from_micros(step.at));
            pending.by = by;
            pending.reason = reason;
            pending.is_implied = is_implied;
        }
    }

    fn give_back(&mut self, step: &Step<'_>) {
        let row = *self.row(step);
        self.decide_handoff(step, Decision::Rejected, step.a(), step.b(), false);
        let was_accepted = matches!(row.state, State::Accepted | State::Sql);
        if was_accepted && row.handoffs != crate::tables::NO_ROW {
            let last = self.tables.handoffs.at_mut(row.handoffs);
            if last.decision == Decision::Accepted {
                last.decision = Decision::Returned;
                last.reason = step.b();
            }
        }
        self.row(step).owner = Code::NONE;
    }

    fn open_deal(&mut self, step: &Step<'_>, key: Code, is_implied: bool) {
        let is_opening = !is_implied;
        let opened = if is_opening { State::Opportunity } else { self.row(step).state };
        let cycle = self.cycle_behind(step, opened);
        let row = &mut self.tables.leads[step.lead as usize];
        let profile = &mut self.tables.profiles[step.lead as usize];
        let deal = Opportunity {
            key,
            ordinal: profile.n_opportunities,
            pipeline: step.code_of(Field::Pipeline),
            stage: if is_opening { step.b() } else { Code::NONE },
            product: step.code_of(Field::Product),
            owner: row.owner,
            reason: Code::NONE,
            competitor: Code::NONE,
            amount: step.x().filter(|_| is_opening),
            currency: if is_opening { step.currency() } else { 0 },
            opened_at: Timestamp::from_micros(step.at),
            closed_at: None,
            outcome: Outcome::Open,
            stage_at_loss: None,
            is_implied,
            cycle,
            reopened: 0,
            closing: 0,
        };
        profile.product = profile.product.or(deal.product);
        profile.n_opportunities += 1;
        profile.n_open += 1;
        let at = self.tables.opportunities.push(step.lead, &mut row.opportunities, deal);
        self.deals.insert(self.tables, step.lead, at);
    }

    fn amend(&mut self, step: &Step<'_>, deal: Deal) {
        let (Deal::Open(at) | Deal::Closed(at)) = deal else { return };
        let pipeline = step.code_of(Field::Pipeline);
        let deal = self.tables.opportunities.at_mut(at);
        if step.kind() == Kind::OpportunityStageChanged {
            deal.stage = step.b();
            deal.pipeline = pipeline.or(deal.pipeline);
        } else {
            deal.amount = step.x().or(deal.amount);
            deal.currency = if step.currency() == 0 { deal.currency } else { step.currency() };
        }
    }

    fn close(&mut self, step: &Step<'_>, deal: Deal, stage_at_loss: State) {
        if deal == Deal::Absent {
            self.open_deal(step, step.a(), true);
        }
        let row = self.tables.leads[step.lead as usize];
        let at = match deal {
            Deal::Open(at) | Deal::Closed(at) | Deal::Ambiguous(at) => at,
            Deal::Absent => row.opportunities,
        };
        self.deals.remove(self.tables, step.lead, at);
        self.count_out(step, at);
        let competitor = step.code_of(Field::Competitor);
        let profile = &mut self.tables.profiles[step.lead as usize];
        profile.n_closings += 1;
        let deal = self.tables.opportunities.at_mut(at);
        deal.closing = profile.n_closings;
        deal.closed_at = Some(Timestamp::from_micros(step.at));
        deal.owner = row.owner;
        if step.kind() == Kind::Won {
            deal.outcome = Outcome::Won;
            deal.amount = step.x().or(deal.amount);
            deal.currency = if step.currency() == 0 { deal.currency } else { step.currency() };
            deal.product = step.b().or(deal.product);
            (deal.reason, deal.competitor, deal.stage_at_loss) = (Code::NONE, Code::NONE, None);
            profile.n_won += 1;
            profile.product = profile.product.or(deal.product);
        } else {
            deal.outcome = Outcome::Lost;
            deal.reason = step.b();
            deal.competitor = competitor;
            deal.stage_at_loss = Some(stage_at_loss);
        }
        self.deals.insert(self.tables, step.lead, at);
    }

    /// Takes a deal out of the lead's counts, before it changes.
    fn count_out(&mut self, step: &Step<'_>, at: u32) {
        let outcome = self.tables.opportunities.at(at).outcome;
        let profile = self.profile(step);
        match outcome {
            Outcome::Open => profile.n_open -= 1,
            Outcome::Won => profile.n_won -= 1,
            Outcome::Lost => {}
        }
    }

    fn reopen(&mut self, step: &Step<'_>, deal: Deal) {
        let Deal::Closed(at) = deal else { return };
        self.deals.remove(self.tables, step.lead, at);
        self.count_out(step, at);
        self.profile(step).n_open += 1;
        let owner = self.row(step).owner;
        let deal = self.tables.opportunities.at_mut(at);
        deal.outcome = Outcome::Open;
        deal.closed_at = None;
        deal.closing = 0;
        deal.reopened += 1;
        deal.owner = owner;
        (deal.reason, deal.competitor, deal.stage_at_loss) = (Code::NONE, Code::NONE, None);
        self.deals.insert(self.tables, step.lead, at);
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
        let row = &mut self.tables.leads[step.lead as usize];
        self.tables.revenue.push(step.lead, &mut row.revenue, revenue);
        let profile = self.profile(step);
        profile.product = profile.product.or(revenue.product);
    }

    fn cost(&mut self, step: &Step<'_>) {
        // An absorbed lead's costs stand in its own row.
        if !step.is_quiet {
            let mut chain = self.profile(step).costs;
            self.tables.costs.push(step.lead, &mut chain, cost_of(step));
            self.profile(step).costs = chain;
        }
    }
}

/// A cost as a row.
pub(crate) fn cost_of(step: &Step<'_>) -> Cost {
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

impl Rules {
    /// Whether an event lacks a reason that the playbook demands.
    pub(crate) fn lacks_reason(&self, step: &Step<'_>) -> bool {
        let needs_one = matches!(
            step.kind(),
            Kind::Lost | Kind::Rejected | Kind::Returned | Kind::Disqualified
        );
        self.require_reasons && needs_one && !step.b().is_some()
    }
}

/// Notes an event's identity in its system of origin, to find its double.
pub(crate) fn note_external(tables: &mut Tables, step: &Step<'_>) {
    if let Some((system, hash)) = step.external.filter(|_| !step.is_quiet) {
        let (stream, at, position) = (step.stream, step.at, step.position);
        let external = External { stream, system, hash, at, position };
        let chain = &mut tables.profiles[step.lead as usize].externals;
        tables.externals.push(step.lead, chain, external);
    }
}

/// Adds a finding to a lead.
pub(crate) fn report(tables: &mut Tables, lead: u32, finding: Finding) {
    let mut chain = tables.profiles[lead as usize].findings;
    tables.findings.push(lead, &mut chain, finding);
    tables.profiles[lead as usize].findings = chain;
}

/// Illegal events that cannot be applied, because there is nothing to apply them to.
fn has_no_effect(kind: Kind, reason: Reason, deal: Deal) -> bool {
    match kind {
        Kind::Reopened => true,
        Kind::OpportunityOpened => reason == Reason::OpportunityClosed,
        Kind::OpportunityStageChanged | Kind::OpportunityAmended | Kind::OpportunityReopened => {
            deal == Deal::Absent
        }
        _ => false,
    }
}

fn begins_cycle(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::QualifiedMql
            | Kind::QualifiedSql
            | Kind::HandedOff
            | Kind::Accepted
            | Kind::OpportunityOpened
            | Kind::Reopened
    )
}
