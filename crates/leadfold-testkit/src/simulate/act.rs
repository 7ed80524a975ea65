//! What happens to a lead, in a few bytes: a life is planned in these and written out as events
//! only when its turn in the log comes.

use leadfold_core::event::{OpportunityKind, ReturnTarget, RevenueKind, TouchResult};

/// One event to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Act {
    /// When it happens, seconds since the epoch.
    pub(super) at: i64,
    /// When it reaches the log, seconds since the epoch.
    pub(super) recorded_at: i64,
    /// Its number in the life of its lead; with the lead it makes the event's id.
    pub(super) number: u32,
    pub(super) what: What,
}

/// The index of somebody in the team of the lead's region.
pub(super) type Owner = u8;

/// What happens. Small numbers are indices into the tables of the company; amounts are minor
/// units.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    Captured,
    ConsentGranted,
    ConsentWithdrawn,
    AttributionResolved,
    ProfileUpdated,
    /// The prospect looked at a page.
    Visit {
        page: u8,
    },
    /// Marketing wrote.
    Mailing {
        campaign: u8,
    },
    /// Sales called or met.
    Sales {
        by: Owner,
        result: TouchResult,
    },
    Scored {
        total: u8,
    },
    QualifiedMql,
    QualifiedSql {
        by: Owner,
    },
    Disqualified {
        reason: u8,
    },
    HandedOff {
        to: Owner,
    },
    HandedToQueue,
    Accepted {
        by: Owner,
    },
    Rejected {
        by: Owner,
        reason: u8,
        to: Option<ReturnTarget>,
    },
    Returned {
        by: Owner,
        reason: u8,
    },
    Recycled,
    Reopened,
    Assigned {
        to: Owner,
    },
    Reassigned {
        from: Owner,
        to: Owner,
    },
    FollowUpScheduled {
        number: u8,
        by: Owner,
        due_in_days: u8,
    },
    FollowUpDone {
        number: u8,
        by: Owner,
    },
    Opened {
        deal: u8,
        kind: OpportunityKind,
        amount: u32,
        close_in_days: u8,
    },
    Stage {
        deal: u8,
        to: u8,
    },
    Amended {
        deal: u8,
        amount: u32,
    },
    Won {
        deal: u8,
        amount: u32,
    },
    Lost {
        deal: u8,
        reason: u8,
    },
    OpportunityReopened {
        deal: u8,
    },
    Revenue {
        order: u16,
        amount: u32,
        kind: RevenueKind,
    },
    Refunded {
        order: u16,
        amount: u32,
    },
    Churned {
        reason: u8,
    },
    Reactivated,
    Merged {
        into: u32,
    },
    Unmerged {
        from: u32,
    },
    /// An act of the same lead, so many seconds ago, did not happen.
    Retracted {
        number: u32,
        ago: u32,
    },
    /// An amended amount was a typing error.
    AmountReplaced {
        number: u32,
        ago: u32,
        deal: u8,
        amount: u32,
    },
    /// The money for one source in a month that had begun so many seconds ago.
    Cost {
        source: u8,
        amount: u32,
        ago: u32,
    },
    /// A type that no version of leadfold knows.
    Teleported,
}
