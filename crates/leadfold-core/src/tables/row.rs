//! What each lead has one of: a hot row, a cold one, and what most leads have none of.

use super::NO_ROW;
use crate::State;
use crate::fact::{Code, NO_X};

/// The hot row: what nearly every event of a lead touches, in one cache line.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct LeadRow {
    /// Time of the last event, to see that the next one is not late.
    pub(crate) last_at: i64,
    /// When the state was entered.
    pub(crate) entered_at: i64,
    pub(crate) captured_at: i64,
    pub(crate) began_at: i64,
    pub(crate) owner: Code,
    pub(crate) cycle: u32,
    pub(crate) visits: u32,
    pub(crate) handoffs: u32,
    pub(crate) opportunities: u32,
    pub(crate) revenue: u32,
    pub(crate) entered: u16,
    pub(crate) flags: u16,
    pub(crate) state: State,
    pub(crate) reached: u8,
}

/// The lead has had an event.
pub(crate) const BEGUN: u16 = 1;
/// It was captured.
pub(crate) const CAPTURED: u16 = 1 << 1;
/// It was captured under its own key, not only under that of a lead that it absorbed.
pub(crate) const CAPTURED_ITSELF: u16 = 1 << 7;
/// The open visit was implied.
pub(crate) const OPEN_IMPLIED: u16 = 1 << 2;
/// The open visit began nobody knows when.
pub(crate) const OPEN_UNKNOWN: u16 = 1 << 3;
/// A customer that left.
pub(crate) const CHURNED: u16 = 1 << 4;
/// Corrected or part of a family: always folded from its whole history.
pub(crate) const COMPLEX: u16 = 1 << 5;
/// Waits to be folded anew.
pub(crate) const DIRTY: u16 = 1 << 6;
/// An observer wants all that happens to it.
pub(crate) const WATCHED: u16 = 1 << 8;

const _: () = assert!(size_of::<LeadRow>() == 64, "a hot row is one cache line");

impl Default for LeadRow {
    fn default() -> Self {
        Self {
            last_at: i64::MIN,
            entered_at: 0,
            captured_at: NO_X,
            began_at: 0,
            owner: Code::NONE,
            cycle: 1,
            visits: NO_ROW,
            handoffs: NO_ROW,
            opportunities: NO_ROW,
            revenue: NO_ROW,
            entered: 0,
            flags: 0,
            state: State::New,
            reached: 0,
        }
    }
}

impl LeadRow {
    pub(crate) fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }
}

/// The cold row of a lead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Profile {
    pub(crate) source: Code,
    pub(crate) medium: Code,
    pub(crate) campaign: Code,
    pub(crate) channel: Code,
    /// The product of the first opportunity, purchase or win that names one.
    pub(crate) product: Code,
    pub(crate) attributes: u32,
    /// Its [`Rare`], once it has one.
    pub(crate) rare: u32,
    pub(crate) origin: u8,
}

const _: () = assert!(size_of::<Profile>() == 32, "two cold rows are one cache line");

impl Default for Profile {
    fn default() -> Self {
        Self {
            source: Code::NONE,
            medium: Code::NONE,
            campaign: Code::NONE,
            channel: Code::NONE,
            product: Code::NONE,
            attributes: NO_ROW,
            rare: NO_ROW,
            origin: 0,
        }
    }
}

/// What most leads have none of: deals, findings, costs, ids of other systems, an end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Rare {
    pub(crate) merged_into: u32,
    pub(crate) findings: u32,
    pub(crate) costs: u32,
    pub(crate) externals: u32,
    pub(crate) n_opportunities: u32,
    pub(crate) n_open: u32,
    pub(crate) n_won: u32,
    pub(crate) n_closings: u32,
    pub(crate) disqualified: Code,
}

impl Rare {
    pub(super) const NONE: Self = Self {
        merged_into: NO_ROW,
        findings: NO_ROW,
        costs: NO_ROW,
        externals: NO_ROW,
        n_opportunities: 0,
        n_open: 0,
        n_won: 0,
        n_closings: 0,
        disqualified: Code::NONE,
    };
}

impl Default for Rare {
    fn default() -> Self {
        Self::NONE
    }
}

/// Chains of the rows without a lead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoLead {
    pub(crate) costs: u32,
    pub(crate) findings: u32,
}

impl Default for NoLead {
    fn default() -> Self {
        Self { costs: NO_ROW, findings: NO_ROW }
    }
}
