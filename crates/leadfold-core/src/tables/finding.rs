//! What is wrong with a history.

use crate::machine::Kind;
use crate::{Reason, State, Timestamp};

/// History that breaks the rules, or that is not all there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Finding {
    /// What kind of finding.
    pub code: FindingCode,
    /// The refusal that a command would have got, where that is the finding.
    pub reason: Option<Reason>,
    /// What the event wanted.
    pub kind: Kind,
    /// The state before; none before the lead began.
    pub from: Option<State>,
    /// When the event happened.
    pub at: Timestamp,
    /// The event.
    pub position: u64,
}

/// Kinds of findings (P32 of the metrics).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum FindingCode {
    /// Sales accepted what nobody had handed off.
    AcceptedWithoutHandoff,
    /// Two events of a lead are the same event of the source.
    DuplicateExternalId,
    /// The lead's history does not begin with its capture.
    HistoryGap,
    /// The state machine has no such move.
    Illegal,
    /// A reason is missing that the playbook demands.
    MissingReason,
    /// The lead was a customer before it was captured.
    NegativeDuration,
    /// The capture comes after other events of the lead.
    OutOfOrder,
    /// Money from a lead that is no customer.
    RevenueBeforeWon,
    /// The playbook's pipeline has no such stage.
    UnknownStage,
    /// A correction of what the lead's stream does not have, or by what does not fit it.
    UnknownTarget,
    /// An event of a type or version that leadfold does not know.
    UnknownType,
}

impl FindingCode {
    /// All codes.
    pub const ALL: [Self; 11] = [
        Self::AcceptedWithoutHandoff,
        Self::DuplicateExternalId,
        Self::HistoryGap,
        Self::Illegal,
        Self::MissingReason,
        Self::NegativeDuration,
        Self::OutOfOrder,
        Self::RevenueBeforeWon,
        Self::UnknownStage,
        Self::UnknownTarget,
        Self::UnknownType,
    ];

    /// The name in JSON and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AcceptedWithoutHandoff => "accepted_without_handoff",
            Self::DuplicateExternalId => "duplicate_external_id",
            Self::HistoryGap => "history_gap",
            Self::Illegal => "illegal",
            Self::MissingReason => "missing_reason",
            Self::NegativeDuration => "negative_duration",
            Self::OutOfOrder => "out_of_order",
            Self::RevenueBeforeWon => "revenue_before_won",
            Self::UnknownStage => "unknown_stage",
            Self::UnknownTarget => "unknown_target",
            Self::UnknownType => "unknown_type",
        }
    }
}
