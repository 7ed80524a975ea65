//! Visits of states: how long a lead was where.

use super::{LeadRow, OPEN_IMPLIED, OPEN_UNKNOWN};
use crate::{State, Timestamp};

/// A visit that has ended, as it is stored: there are more of them than of anything else. It
/// began when the lead's visit before it ended, or with the lead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClosedVisit {
    pub(crate) left_at: i64,
    pub(crate) cycle: u32,
    pub(crate) state: State,
    /// [`OPEN_IMPLIED`] and [`OPEN_UNKNOWN`] as the lead's row had them.
    pub(crate) flags: u8,
}

impl ClosedVisit {
    pub(crate) fn is_implied(&self) -> bool {
        u16::from(self.flags) & OPEN_IMPLIED != 0
    }

    pub(super) fn visit(&self, elder: Option<&Self>, row: &LeadRow) -> Visit {
        let entered_at = elder.map_or(row.began_at, |elder| elder.left_at);
        Visit {
            state: self.state,
            is_implied: self.is_implied(),
            is_unknown: u16::from(self.flags) & OPEN_UNKNOWN != 0,
            cycle: self.cycle,
            entered_at: Timestamp::from_micros(entered_at),
            left_at: Some(Timestamp::from_micros(self.left_at)),
        }
    }
}

/// A visit of a state: how long a lead was there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Visit {
    /// The state.
    pub state: State,
    /// Not in the log: implied by a later step.
    pub is_implied: bool,
    /// Nobody knows when it began or ended: left out of durations.
    pub is_unknown: bool,
    /// The round of the lead.
    pub cycle: u32,
    /// When it began.
    pub entered_at: Timestamp,
    /// When it ended; `None` while it lasts.
    pub left_at: Option<Timestamp>,
}

impl Visit {
    /// How long a closed visit lasted, microseconds; none for an open, implied or unknown one.
    pub fn duration(&self) -> Option<i64> {
        let left_at = self.left_at?;
        (!self.is_implied && !self.is_unknown).then(|| left_at.micros() - self.entered_at.micros())
    }
}
