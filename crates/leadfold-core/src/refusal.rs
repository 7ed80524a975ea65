//! Why something is refused: the same reasons for commands and for findings.

use std::fmt;

/// Declares the reasons with their names and the advice that goes with each.
macro_rules! reasons {
    ($( $(#[$doc:meta])* $name:ident = $text:literal : $advice:literal, )*) => {
        /// Why a command is refused, or why history broke the rules.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[repr(u8)]
        pub enum Reason { $( $(#[$doc])* $name, )* }

        impl Reason {
            /// All reasons.
            pub const ALL: &'static [Self] = &[$( Self::$name, )*];

            /// The name in JSON.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$name => $text, )* }
            }

            /// What to do about it.
            pub const fn advice(self) -> &'static str {
                match self { $( Self::$name => $advice, )* }
            }
        }
    };
}

reasons! {
    /// The lead has been accepted or is further on.
    AlreadyAccepted = "already_accepted": "return the lead before it is handed off again",
    /// The lead exists.
    AlreadyCaptured = "already_captured": "record a touch, or capture another lead",
    /// The lead is with sales.
    AlreadyHandedOff = "already_handed_off": "wait for the decision of sales",
    /// The event would lie before events that the lead already has.
    BackDated = "back_dated": "record it as history by an append, not by a command",
    /// The history as a whole would break the rules.
    BreaksHistory = "breaks_history": "correct or undo what depends on it first",
    /// The lead is lost or disqualified.
    ClosedLead = "closed_lead": "reopen the lead first",
    /// Consent for touches on the channel was withdrawn, or has ended.
    ConsentWithdrawn = "consent_withdrawn": "leave the lead out of the campaign, or record a new consent",
    /// The lead has an event with the same id in the same system of origin.
    DuplicateExternalId = "duplicate_external_id": "leave it out: it is recorded",
    /// The lead is erased.
    ErasedLead = "erased_lead": "capture the person anew, under another key and with their consent",
    /// Fields are missing that a gate of the playbook demands.
    GateFailed = "gate_failed": "fill the missing fields first",
    /// Another hand-off is pending.
    HandoffPending = "handoff_pending": "have it accepted or rejected first",
    /// The lead is a customer.
    IsCustomer = "is_customer": "open an opportunity of the kind expansion or renewal",
    /// Merging would make a ring.
    MergeCycle = "merge_cycle": "merge into a lead outside the family",
    /// The lead is part of another.
    MergedInto = "merged_into": "send the command to the survivor",
    /// A reason is missing that the playbook demands.
    MissingReason = "missing_reason": "say why",
    /// No hand-off is pending.
    NoHandoff = "no_handoff": "hand the lead off first",
    /// Sales has not accepted the lead.
    NotAccepted = "not_accepted": "have the hand-off accepted first",
    /// It tells history: an unknown type, or what another system shows.
    NotACommand = "not_a_command": "record it as history by an append",
    /// The lead has not been captured.
    NotCaptured = "not_captured": "capture the lead first",
    /// The lead is open.
    NotClosed = "not_closed": "only lost and disqualified leads are reopened",
    /// The lead is no customer.
    NotCustomer = "not_customer": "win an opportunity first",
    /// The lead is not part of the other.
    NotMerged = "not_merged": "name the lead that it was merged into",
    /// Somebody else owns the lead.
    NotOwner = "not_owner": "assign the lead to whoever accepts it",
    /// The lead does not meet the definition.
    NotQualified = "not_qualified": "qualify the lead first",
    /// A deal is open.
    OpenOpportunity = "open_opportunity": "win or lose the opportunity first",
    /// The deal is closed.
    OpportunityClosed = "opportunity_closed": "reopen the opportunity first",
    /// The recipient has left.
    OwnerGone = "owner_gone": "hand the lead off to somebody who is there",
    /// The lead is further on.
    StageRegression = "stage_regression": "return or recycle the lead to go back",
    /// The playbook forbids marketing to touch the lead.
    TouchForbidden = "touch_forbidden": "leave the lead out of the campaign",
    /// The lead has no such deal, or several are open and none is named.
    UnknownOpportunity = "unknown_opportunity": "open the opportunity first, or name it",
    /// The playbook's pipeline has no such stage.
    UnknownStage = "unknown_stage": "use a stage of the pipeline, or add it to the playbook",
    /// The lead's stream has no such event, or the replacement does not fit it.
    UnknownTarget = "unknown_target": "name the id of an event of this lead",
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
