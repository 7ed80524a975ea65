//! The lead state machine as one table: what each kind of event means in each state.
//!
//! Both doors read it. `decide` refuses what the table refuses; the fold records it as a finding
//! and follows the playbook. There is no second copy of these rules anywhere.

use std::fmt::Write;

use crate::State;
use crate::playbook::Rules;
use crate::refusal::Reason::{self, *};

/// Kinds of events as the fold tells them apart: one row of the table each.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum Kind {
    /// `captured`
    Captured,
    /// `profile_updated`
    ProfileUpdated,
    /// `touched`
    Touched,
    /// `scored`
    Scored,
    /// `qualified` at level `mql`
    QualifiedMql,
    /// `handed_off`
    HandedOff,
    /// `accepted`
    Accepted,
    /// `rejected`
    Rejected,
    /// `returned`
    Returned,
    /// `qualified` at level `sql`
    QualifiedSql,
    /// `opportunity_opened`
    OpportunityOpened,
    /// `opportunity_stage_changed`
    OpportunityStageChanged,
    /// `opportunity_amended`
    OpportunityAmended,
    /// `won`
    Won,
    /// `lost`
    Lost,
    /// `opportunity_reopened`
    OpportunityReopened,
    /// `recycled`
    Recycled,
    /// `disqualified`
    Disqualified,
    /// `reopened`
    Reopened,
    /// `assigned`
    Assigned,
    /// `reassigned`
    Reassigned,
    /// `unassigned`
    Unassigned,
    /// `revenue_recorded`
    RevenueRecorded,
    /// `refunded`
    Refunded,
    /// `churned`
    Churned,
    /// `reactivated`
    Reactivated,
    /// `attribution_resolved`
    AttributionResolved,
    /// `follow_up_scheduled`
    FollowUpScheduled,
    /// `follow_up_done`
    FollowUpDone,
    /// `consent_granted`
    ConsentGranted,
    /// `consent_withdrawn`
    ConsentWithdrawn,
    /// `erased`
    Erased,
    /// `snapshot_imported`
    SnapshotImported,
    // From here on the kinds are no moves of one lead and have no row.
    /// `merged`
    Merged,
    /// `unmerged`
    Unmerged,
    /// `corrected`
    Corrected,
    /// `cost_recorded`
    CostRecorded,
    /// A type that this version does not know.
    Other,
    /// No event: one more field of the event before.
    Detail,
    /// No event: what follows replaces the event before, by a correction that came first.
    Amendment,
    // Stored facts hold the place in this list: what is new comes last.
    /// `playbook_published`
    PlaybookPublished,
}

/// What an event means in a state.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cell {
    /// Legal; the lead goes there.
    To(State),
    /// Legal; the state stays.
    Stay,
    /// Already so: nothing to do, nothing to store.
    Nop,
    /// Refused.
    No(Reason),
    /// Legal under a shortcut that the playbook has to allow; else refused.
    If(Shortcut, State, Reason),
    /// Depends on the pending hand-off: the same recipient is nothing, another is refused.
    Pending,
    /// Legal for the owner, who goes there.
    Owner(State),
    /// Legal; the event names the state.
    Route,
    /// Legal for a deal that the lead has; the deals decide the state.
    Deal,
}

/// A shortcut of the playbook.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shortcut {
    /// Hand off straight from `new`.
    HandRaiser,
    /// Imply acceptance, SQL and opportunity.
    ImpliedSteps,
    /// Sales found the lead: it enters at SQL.
    SalesGenerated,
}

impl Shortcut {
    /// Whether the playbook and the lead allow it.
    pub(crate) fn is_open(self, rules: &Rules, is_sales_generated: bool) -> bool {
        match self {
            Self::HandRaiser => rules.hand_raiser,
            Self::ImpliedSteps => rules.implied_steps,
            Self::SalesGenerated => rules.sales_generated && is_sales_generated,
        }
    }
}

/// States with a column: those that a lead can leave.
const COLUMNS: usize = 10;
/// Kinds with a row.
const ROWS: usize = Kind::SnapshotImported as usize + 1;

type Row = [Cell; COLUMNS];

const STAY: Row = [Cell::Stay; COLUMNS];

/// The table. Columns: new, mql, handed_off, accepted, sql, opportunity, customer, nurturing,
/// disqualified, lost.
#[rustfmt::skip]
const TABLE: [Row; ROWS] = {
    use Cell::{Deal, If, No, Nop, Owner, Pending, Route, Stay, To};
    use Shortcut::{HandRaiser, ImpliedSteps, SalesGenerated};
    use State::{Accepted, Disqualified, HandedOff, Mql, New, Nurturing, Opportunity, Sql};
    const E: State = State::Erased;
    const OUTCOME: Cell = If(ImpliedSteps, Opportunity, UnknownOpportunity);
    const NO_DEAL: Cell = No(UnknownOpportunity);
    const STEP: Row = [NO_DEAL, NO_DEAL, NO_DEAL, NO_DEAL, NO_DEAL, Deal, Deal, NO_DEAL, NO_DEAL, NO_DEAL];
    const CLOSE: Row = [NO_DEAL, NO_DEAL, OUTCOME, OUTCOME, OUTCOME, Deal, Deal, NO_DEAL, NO_DEAL, NO_DEAL];
    const BACK: Row = [No(NoHandoff), No(NoHandoff), Route, To(Nurturing), To(Nurturing), No(OpenOpportunity), No(IsCustomer), Nop, No(ClosedLead), No(ClosedLead)];
    const OWN: Row = [Stay, Stay, Stay, Stay, Stay, Stay, Stay, Stay, No(ClosedLead), No(ClosedLead)];
    const MONEY: Row = [No(NotCustomer), No(NotCustomer), No(NotCustomer), No(NotCustomer), No(NotCustomer), No(NotCustomer), Stay, No(NotCustomer), No(NotCustomer), No(NotCustomer)];
    [
        /* captured */                  [No(AlreadyCaptured); COLUMNS],
        /* profile_updated */           STAY,
        /* touched */                   STAY,
        /* scored */                    STAY,
        /* qualified(mql) */            [To(Mql), Nop, No(AlreadyHandedOff), No(AlreadyHandedOff), No(StageRegression), No(StageRegression), No(IsCustomer), To(Mql), No(ClosedLead), No(ClosedLead)],
        /* handed_off */                [If(HandRaiser, HandedOff, NotQualified), To(HandedOff), Pending, No(AlreadyAccepted), No(AlreadyAccepted), No(AlreadyAccepted), No(IsCustomer), No(NotQualified), No(ClosedLead), No(ClosedLead)],
        /* accepted */                  [No(NoHandoff), No(NoHandoff), Owner(Accepted), Nop, No(NoHandoff), No(NoHandoff), No(NoHandoff), No(NoHandoff), No(NoHandoff), No(NoHandoff)],
        /* rejected */                  BACK,
        /* returned */                  BACK,
        /* qualified(sql) */            [If(SalesGenerated, Sql, NotAccepted), No(NotAccepted), If(ImpliedSteps, Sql, NotAccepted), To(Sql), Nop, Nop, No(IsCustomer), No(NotAccepted), No(ClosedLead), No(ClosedLead)],
        /* opportunity_opened */        [No(NotQualified), No(NotQualified), If(ImpliedSteps, Opportunity, NotQualified), If(ImpliedSteps, Opportunity, NotQualified), To(Opportunity), Stay, Stay, No(NotQualified), No(ClosedLead), No(ClosedLead)],
        /* opportunity_stage_changed */ STEP,
        /* opportunity_amended */       STEP,
        /* won */                       CLOSE,
        /* lost */                      CLOSE,
        /* opportunity_reopened */      [NO_DEAL, NO_DEAL, NO_DEAL, NO_DEAL, NO_DEAL, Deal, Deal, NO_DEAL, NO_DEAL, Deal],
        /* recycled */                  [To(Nurturing), To(Nurturing), No(HandoffPending), To(Nurturing), To(Nurturing), No(OpenOpportunity), No(IsCustomer), Nop, To(Nurturing), To(Nurturing)],
        /* disqualified */              [To(Disqualified), To(Disqualified), To(Disqualified), To(Disqualified), To(Disqualified), No(OpenOpportunity), No(IsCustomer), To(Disqualified), Nop, No(ClosedLead)],
        /* reopened */                  [No(NotClosed), No(NotClosed), No(NotClosed), No(NotClosed), No(NotClosed), No(NotClosed), No(NotClosed), No(NotClosed), To(New), To(Nurturing)],
        /* assigned */                  OWN,
        /* reassigned */                OWN,
        /* unassigned */                OWN,
        /* revenue_recorded */          MONEY,
        /* refunded */                  MONEY,
        /* churned */                   MONEY,
        /* reactivated */               MONEY,
        /* attribution_resolved */      STAY,
        /* follow_up_scheduled */       STAY,
        /* follow_up_done */            STAY,
        /* consent_granted */           STAY,
        /* consent_withdrawn */         STAY,
        /* erased */                    [To(E); COLUMNS],
        /* snapshot_imported */         [Route; COLUMNS],
    ]
};

impl Kind {
    /// The kinds with a row in the table, in its order.
    pub const MOVES: [Self; ROWS] = {
        let mut moves = [Self::Captured; ROWS];
        let mut row = 0;
        while row < ROWS {
            moves[row] = Self::ALL[row];
            row += 1;
        }
        moves
    };

    /// All kinds.
    pub const ALL: [Self; 41] = [
        Self::Captured,
        Self::ProfileUpdated,
        Self::Touched,
        Self::Scored,
        Self::QualifiedMql,
        Self::HandedOff,
        Self::Accepted,
        Self::Rejected,
        Self::Returned,
        Self::QualifiedSql,
        Self::OpportunityOpened,
        Self::OpportunityStageChanged,
        Self::OpportunityAmended,
        Self::Won,
        Self::Lost,
        Self::OpportunityReopened,
        Self::Recycled,
        Self::Disqualified,
        Self::Reopened,
        Self::Assigned,
        Self::Reassigned,
        Self::Unassigned,
        Self::RevenueRecorded,
        Self::Refunded,
        Self::Churned,
        Self::Reactivated,
        Self::AttributionResolved,
        Self::FollowUpScheduled,
        Self::FollowUpDone,
        Self::ConsentGranted,
        Self::ConsentWithdrawn,
        Self::Erased,
        Self::SnapshotImported,
        Self::Merged,
        Self::Unmerged,
        Self::Corrected,
        Self::CostRecorded,
        Self::Other,
        Self::Detail,
        Self::Amendment,
        Self::PlaybookPublished,
    ];

    /// What this kind means in a state that a lead can leave; an erased or merged lead takes
    /// nothing.
    pub fn cell(self, state: State) -> Cell {
        match state {
            State::Erased if self == Self::Erased => Cell::Nop,
            State::Erased => Cell::No(ErasedLead),
            State::Merged => Cell::No(MergedInto),
            _ => TABLE.get(self as usize).map_or(Cell::Stay, |row| row[state as usize]),
        }
    }

    /// The name, with the level of `qualified` in brackets.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Captured => "captured",
            Self::ProfileUpdated => "profile_updated",
            Self::Touched => "touched",
            Self::Scored => "scored",
            Self::QualifiedMql => "qualified(mql)",
            Self::HandedOff => "handed_off",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Returned => "returned",
            Self::QualifiedSql => "qualified(sql)",
            Self::OpportunityOpened => "opportunity_opened",
            Self::OpportunityStageChanged => "opportunity_stage_changed",
            Self::OpportunityAmended => "opportunity_amended",
            Self::Won => "won",
            Self::Lost => "lost",
            Self::OpportunityReopened => "opportunity_reopened",
            Self::Recycled => "recycled",
            Self::Disqualified => "disqualified",
            Self::Reopened => "reopened",
            Self::Assigned => "assigned",
            Self::Reassigned => "reassigned",
            Self::Unassigned => "unassigned",
            Self::RevenueRecorded => "revenue_recorded",
            Self::Refunded => "refunded",
            Self::Churned => "churned",
            Self::Reactivated => "reactivated",
            Self::AttributionResolved => "attribution_resolved",
            Self::FollowUpScheduled => "follow_up_scheduled",
            Self::FollowUpDone => "follow_up_done",
            Self::ConsentGranted => "consent_granted",
            Self::ConsentWithdrawn => "consent_withdrawn",
            Self::Erased => "erased",
            Self::SnapshotImported => "snapshot_imported",
            Self::Merged => "merged",
            Self::Unmerged => "unmerged",
            Self::Corrected => "corrected",
            Self::CostRecorded => "cost_recorded",
            Self::Other => "unknown type",
            Self::Detail => "detail",
            Self::Amendment => "amendment",
            Self::PlaybookPublished => "playbook_published",
        }
    }

    /// Whether an event of this kind changes nothing in the tables of a lead that has begun and
    /// is not erased, whatever its state.
    #[inline]
    pub(crate) fn is_passive(self) -> bool {
        matches!(
            self,
            Self::ProfileUpdated
                | Self::Touched
                | Self::Scored
                | Self::FollowUpScheduled
                | Self::FollowUpDone
                | Self::ConsentGranted
                | Self::ConsentWithdrawn
        )
    }

    /// Whether an event of this kind can only be folded with the whole history of all whom it
    /// concerns.
    #[inline]
    pub(crate) fn is_complex(self) -> bool {
        matches!(self, Self::Corrected | Self::Merged | Self::Unmerged)
    }

    pub(crate) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}

/// The table as Markdown: `docs/MACHINE.md` is this, and a test compares them.
pub fn draw() -> String {
    let mut out = String::from("| event \\ state |");
    let columns = &State::ALL[..COLUMNS];
    columns.iter().for_each(|state| write!(out, " {state} |").expect("a string takes all"));
    out.push_str("\n| --- |");
    columns.iter().for_each(|_| out.push_str(" --- |"));
    for kind in Kind::MOVES {
        write!(out, "\n| {} |", kind.name()).expect("a string takes all");
        for state in columns {
            write!(out, " {} |", draw_cell(kind.cell(*state))).expect("a string takes all");
        }
    }
    out.push('\n');
    out
}

fn draw_cell(cell: Cell) -> String {
    match cell {
        Cell::To(state) => format!("**{state}**"),
        Cell::Stay => "=".into(),
        Cell::Nop => "nothing".into(),
        Cell::No(reason) => format!("`{reason}`"),
        Cell::If(shortcut, state, reason) => {
            let name = match shortcut {
                Shortcut::HandRaiser => "hand-raiser",
                Shortcut::ImpliedSteps => "implied",
                Shortcut::SalesGenerated => "sales-generated",
            };
            format!("{name}: **{state}**, else `{reason}`")
        }
        Cell::Pending => "same recipient: nothing, else `handoff_pending`".into(),
        Cell::Owner(state) => format!("**{state}**, another: `not_owner`"),
        Cell::Route => "as it says".into(),
        Cell::Deal => "by its deals".into(),
    }
}
