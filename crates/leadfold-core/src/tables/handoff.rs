//! Hand-offs to sales.

use crate::Timestamp;
use crate::fact::Code;

/// A hand-off: an offer to sales and what became of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Handoff {
    /// The recipient.
    pub to: Code,
    /// Its key, if it has one.
    pub key: Code,
    /// When it was offered.
    pub offered_at: Timestamp,
    /// When it was decided or closed.
    pub decided_at: Option<Timestamp>,
    /// When the decision was due, if the event said so.
    pub decision_due: Option<Timestamp>,
    /// When the first attempt was due, if the event said so.
    pub touch_due: Option<Timestamp>,
    /// What became of it.
    pub decision: Decision,
    /// Who decided.
    pub by: Code,
    /// Why it was rejected or returned.
    pub reason: Code,
    /// The acceptance was implied by a later step.
    pub is_implied: bool,
    /// The round of the lead.
    pub cycle: u32,
    /// Position of the event that offered it.
    pub position: u64,
}

const _: () = assert!(size_of::<Handoff>() == 64, "a hand-off takes one cache line");

/// What became of a hand-off.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Decision {
    /// Nobody has answered.
    Pending,
    /// Sales took it.
    Accepted,
    /// Sales declined it.
    Rejected,
    /// Sales took it and gave it back later.
    Returned,
    /// Another hand-off took its place.
    Superseded,
    /// The lead was recycled or disqualified meanwhile.
    Closed,
}

impl Decision {
    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Returned => "returned",
            Self::Superseded => "superseded",
            Self::Closed => "closed",
        }
    }
}
