//! One lead on the desk: what an event does to its rows. Total: it cannot fail, and what breaks
//! the rules becomes a finding.

use super::deals::{Deal, Deals};
use super::judge::{Court, Verdict};
use super::law::Law;
use super::step::{Step, natural_target};
use crate::fact::{Code, Field};
use crate::machine::Kind;
use crate::playbook::{Illegal, Rules};
use crate::tables::{
    AllRows, BEGUN, Decision, External, Finding, FindingCode, LeadRow, OPEN_IMPLIED, OPEN_UNKNOWN,
    Profile,
};
use crate::{Reason, State, Timestamp};

/// A lead's own rows, and the tables to which its events add rows.
pub(super) struct Desk<'a> {
    pub(super) row: &'a mut LeadRow,
    pub(super) profile: &'a mut Profile,
    pub(super) rows: &'a mut AllRows,
    pub(super) deals: &'a mut Deals,
    pub(super) law: &'a Law,
}

impl Desk<'_> {
    /// Folds an event of this lead, and tells which deal it meant, as the lead stood before it.
    pub(super) fn fold(&mut self, step: &Step<'_>) -> Deal {
        self.row.last_at = step.at;
        if step.external.is_some() {
            note_external(self.rows, self.profile, step);
        }
        match step.kind() {
            Kind::Other => {
                let from = self.row.has(BEGUN).then_some(self.row.state);
                self.report(step, FindingCode::UnknownType, None, from);
                return Deal::Absent;
            }
            Kind::CostRecorded => {
                self.cost(step);
                return Deal::Absent;
            }
            _ => {}
        }
        if !self.row.has(BEGUN) && self.begin(step) {
            return Deal::Absent;
        }
        self.check_reason(step);
        match self.court().judge(step) {
            Verdict::Nop => Deal::Absent,
            Verdict::Legal { to, implies, deal } => {
                if self.check_stage(step, deal) {
                    self.legal(step, to, implies, deal);
                }
                deal
            }
            Verdict::Illegal { reason, deal } => {
                self.illegal(step, reason, deal);
                deal
            }
        }
    }

    /// Folds an event that begins its lead by a plain capture, as nearly all begin, and tells
    /// whether it is one: if not, nothing is done, and [`Desk::fold`] has to be asked.
    #[inline]
    pub(super) fn capture_first(&mut self, step: &Step<'_>) -> bool {
        let is_plain = step.kind() == Kind::Captured && step.external.is_none();
        if !is_plain || self.row.has(BEGUN) {
            return false;
        }
        self.row.last_at = step.at;
        self.begin(step)
    }

    #[inline]
    fn court(&self) -> Court<'_> {
        let Self { row, profile, rows, deals, law } = self;
        Court { row, profile, rows, deals, law }
    }

    /// Begins a lead. True if the event did nothing else than that.
    #[inline]
    fn begin(&mut self, step: &Step<'_>) -> bool {
        let kind = step.kind();
        let state = if kind == Kind::SnapshotImported { step.route() } else { State::New };
        let is_captured = kind == Kind::Captured;
        if !is_captured {
            self.report(step, FindingCode::HistoryGap, None, None);
        }
        self.row.flags |= BEGUN | if is_captured { 0 } else { OPEN_UNKNOWN };
        self.row.began_at = step.at;
        self.row.entered_at = step.at;
        self.row.state = state;
        self.row.entered = state.bit();
        self.row.reached = state.rung().unwrap_or(0);
        if is_captured {
            self.capture(step);
        } else if kind == Kind::SnapshotImported {
            self.profile_fields(step);
            self.row.owner = step.code_of(Field::Owner);
        }
        is_captured || kind == Kind::SnapshotImported
    }

    #[cold]
    pub(super) fn report(
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
        self.rows.add_finding(step.lead, self.profile, finding);
    }

    /// What the playbook's pipelines say of an event beside its legality. False if the event is
    /// skipped.
    #[inline]
    fn check_stage(&mut self, step: &Step<'_>, deal: Deal) -> bool {
        !self.law.stages.is_described() || self.check_described_stage(step, deal)
    }

    fn check_described_stage(&mut self, step: &Step<'_>, deal: Deal) -> bool {
        let stages = &self.law.stages;
        let known = match step.kind() {
            Kind::OpportunityOpened => stages.know(step.code_of(Field::Pipeline), step.b()),
            Kind::OpportunityStageChanged => {
                let current = match deal {
                    Deal::Open(row) | Deal::Closed(row) => self.rows.opportunities.at(row).pipeline,
                    Deal::Ambiguous(_) | Deal::Absent => Code::NONE,
                };
                stages.know(step.code_of(Field::Pipeline).or(current), step.b())
            }
            _ => true,
        };
        if known {
            return true;
        }
        self.report(step, FindingCode::UnknownStage, None, Some(self.row.state));
        step.is_quiet || self.law.rules.illegal == Illegal::Apply
    }

    #[inline]
    fn check_reason(&mut self, step: &Step<'_>) {
        if self.law.rules.lacks_reason(step) && self.row.state != State::Erased {
            self.report(step, FindingCode::MissingReason, None, Some(self.row.state));
        }
    }

    #[inline]
    fn legal(&mut self, step: &Step<'_>, to: Option<State>, implies: bool, deal: Deal) {
        let stage_at_loss = self.row.state;
        if implies {
            self.imply_steps(step);
        }
        self.effects(step, deal, stage_at_loss);
        let to = to.map(|to| self.unless_customer(step, to)).or_else(|| self.by_deals(step, true));
        if let Some(to) = to {
            self.enter(step, to, false);
        }
    }

    fn unless_customer(&self, step: &Step<'_>, to: State) -> State {
        let is_opening = step.kind() == Kind::OpportunityOpened;
        if is_opening && self.row.state == State::Customer { State::Customer } else { to }
    }

    #[cold]
    fn illegal(&mut self, step: &Step<'_>, reason: Reason, deal: Deal) {
        let from = self.row.state;
        let (code, reason) = match (reason, step.kind()) {
            (Reason::NoHandoff, Kind::Accepted) => (FindingCode::AcceptedWithoutHandoff, reason),
            (Reason::NotCustomer, Kind::RevenueRecorded | Kind::Refunded) => {
                (FindingCode::RevenueBeforeWon, reason)
            }
            _ => (FindingCode::Illegal, reason),
        };
        self.report(step, code, Some(reason), Some(from));
        let applies = step.is_quiet || self.law.rules.illegal == Illegal::Apply;
        if !applies || from == State::Erased || has_no_effect(step.kind(), reason, deal) {
            return;
        }
        if !self.check_stage(step, deal) {
            return;
        }
        self.effects(step, deal, from);
        let to = natural_target(step, self.row).or_else(|| self.by_deals(step, false));
        if let Some(to) = to.filter(|to| !step.is_quiet || to.standing() > from.standing()) {
            self.enter(step, to, false);
        }
    }

    /// The state that the deals make, after an outcome or a reopening.
    #[inline]
    fn by_deals(&self, step: &Step<'_>, is_legal: bool) -> Option<State> {
        let state = self.row.state;
        let rare = || self.rows.rare(self.profile);
        match step.kind() {
            Kind::Won => Some(State::Customer),
            Kind::Lost if state == State::Customer => None,
            Kind::Lost if rare().n_won > 0 => Some(State::Customer),
            Kind::Lost if rare().n_open > 0 => Some(State::Opportunity),
            Kind::Lost => Some(State::Lost),
            Kind::OpportunityReopened if !is_legal || state == State::Lost => {
                Some(State::Opportunity)
            }
            Kind::OpportunityReopened if state == State::Customer && rare().n_won == 0 => {
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
        let from = self.row.state;
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

    pub(super) fn enter(&mut self, step: &Step<'_>, to: State, is_implied: bool) {
        let row = &mut *self.row;
        if row.state == to {
            return;
        }
        self.rows.close_visit(step.lead, row, step.at);
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
pub(super) fn note_external(rows: &mut AllRows, profile: &mut Profile, step: &Step<'_>) {
    if let Some((system, hash)) = step.external.filter(|_| !step.is_quiet) {
        let (stream, at, position) = (step.stream, step.at, step.position);
        let external = External { stream, system, hash, at, position };
        rows.add_external(step.lead, profile, external);
    }
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
