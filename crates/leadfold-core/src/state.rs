//! The states of a lead, in the order of its life.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::word::read_from_strings;

/// Where a lead stands between marketing and sales.
///
/// Owner, consent and score are no states, and neither is the stage of a deal.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(remote = "Self", rename_all = "snake_case")]
#[repr(u8)]
pub enum State {
    /// Captured: an inquiry.
    #[default]
    New,
    /// Meets marketing's definition: sales-ready.
    Mql,
    /// Offered to sales, decision pending.
    HandedOff,
    /// Accepted by sales (SAL).
    Accepted,
    /// Meets sales' definition.
    Sql,
    /// At least one deal is open and none is won.
    Opportunity,
    /// At least one deal is won.
    Customer,
    /// Returned to marketing to ripen.
    Nurturing,
    /// Does not fit; may be reopened.
    Disqualified,
    /// The last open deal was lost.
    Lost,
    /// Part of another lead.
    Merged,
    /// Forgotten on request.
    Erased,
}

read_from_strings!(State);

impl State {
    /// All states.
    pub const ALL: [Self; 12] = [
        Self::New,
        Self::Mql,
        Self::HandedOff,
        Self::Accepted,
        Self::Sql,
        Self::Opportunity,
        Self::Customer,
        Self::Nurturing,
        Self::Disqualified,
        Self::Lost,
        Self::Merged,
        Self::Erased,
    ];

    /// The stages of the funnel, from the first to the last.
    pub const LADDER: [Self; 7] = [
        Self::New,
        Self::Mql,
        Self::HandedOff,
        Self::Accepted,
        Self::Sql,
        Self::Opportunity,
        Self::Customer,
    ];

    /// The name in logs and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Mql => "mql",
            Self::HandedOff => "handed_off",
            Self::Accepted => "accepted",
            Self::Sql => "sql",
            Self::Opportunity => "opportunity",
            Self::Customer => "customer",
            Self::Nurturing => "nurturing",
            Self::Disqualified => "disqualified",
            Self::Lost => "lost",
            Self::Merged => "merged",
            Self::Erased => "erased",
        }
    }

    /// The rung of the funnel's ladder, 0 for `new` to 6 for `customer`; none off the ladder.
    pub const fn rung(self) -> Option<u8> {
        if (self as u8) <= Self::Customer as u8 { Some(self as u8) } else { None }
    }

    /// Whether the lead is still being worked: neither won, lost, disqualified, merged nor erased.
    pub const fn is_open(self) -> bool {
        !matches!(
            self,
            Self::Customer | Self::Disqualified | Self::Lost | Self::Merged | Self::Erased
        )
    }

    /// In the hands of sales: it counts against its owner's capacity.
    pub(crate) const fn is_with_sales(self) -> bool {
        matches!(self, Self::HandedOff | Self::Accepted | Self::Sql | Self::Opportunity)
    }

    /// Still marketing's.
    pub(crate) const fn is_with_marketing(self) -> bool {
        matches!(self, Self::New | Self::Mql | Self::Nurturing)
    }

    /// Out of the running for now: a move from here back onto the ladder begins a new cycle.
    pub(crate) const fn is_resting(self) -> bool {
        matches!(self, Self::Nurturing | Self::Disqualified | Self::Lost)
    }

    /// How far a state stands, to weigh two histories of a merged lead against each other.
    pub(crate) const fn standing(self) -> u8 {
        match self {
            Self::New | Self::Nurturing => 0,
            Self::Lost | Self::Disqualified => 5,
            Self::Merged | Self::Erased => 7,
            _ => self as u8,
        }
    }

    pub(crate) const fn bit(self) -> u16 {
        1 << self as u8
    }

    pub(crate) fn from_code(code: u8) -> Self {
        Self::ALL[usize::from(code) % Self::ALL.len()]
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
