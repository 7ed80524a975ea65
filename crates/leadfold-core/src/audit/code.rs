//! The finding codes of the audit: what each means, why it matters, what to do.
//!
//! `docs/FINDINGS.md` is drawn from this table, and a test compares them.

use std::fmt::{self, Write};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::word::read_from_strings;
use crate::{FindingCode, Reason};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A promise at risk, or a history that is not all there.
    Warning,
    /// A promise was broken, or a rule.
    Error,
}

impl Severity {
    /// All of them, the mildest first.
    pub const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Error];

    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Declares the codes with all that is to be said of each.
macro_rules! codes {
    ($( $name:ident = $text:literal, $severity:ident, $proof:literal,
        $means:literal, $matters:literal, $advice:literal; )*) => {
        /// What kind of finding it is. The names are fixed: builds are failed by them.
        #[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
        #[repr(u8)]
        #[serde(remote = "Self", rename_all = "snake_case")]
        pub enum AuditCode { $( #[doc = $means] $name, )* }

        read_from_strings!(AuditCode);

        impl AuditCode {
            /// All codes, by name.
            pub const ALL: &'static [Self] = &[$( Self::$name, )*];

            /// The name in JSON and on the command line.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$name => $text, )* }
            }

            /// How bad it is.
            pub const fn severity(self) -> Severity {
                match self { $( Self::$name => Severity::$severity, )* }
            }

            /// What it means.
            pub const fn meaning(self) -> &'static str {
                match self { $( Self::$name => $means, )* }
            }

            /// Why it matters.
            pub const fn matter(self) -> &'static str {
                match self { $( Self::$name => $matters, )* }
            }

            /// What to do about it.
            pub const fn advice(self) -> &'static str {
                match self { $( Self::$name => $advice, )* }
            }

            /// Which events prove it.
            pub const fn proof(self) -> &'static str {
                match self { $( Self::$name => $proof, )* }
            }
        }
    };
}

codes! {
    AcceptedByOther = "accepted_by_other", Error,
        "the acceptance, the event that gave the lead to its owner, and the hand-off if that is another one (after a reassignment)",
        "Somebody accepted a lead that another person owns.",
        "Two people believe that the lead is theirs, or nobody does: the prospect hears from both or from none.",
        "Assign the lead to whoever accepts it, or list the recipient as a queue in the playbook's routing.";
    AcceptedWithoutHandoff = "accepted_without_handoff", Error,
        "the acceptance (and what ended the hand-off that waited, or put another key in its place)",
        "Sales accepted a lead that nobody had handed off, or under another key than that of the hand-off that waited.",
        "Marketing does not know that the lead is being worked, so it goes on mailing; the acceptance rate has no offer to stand on.",
        "Record the hand-off before the acceptance, with the same key if they have one, or have the source say who handed it off.";
    AttemptLate = "attempt_late", Warning,
        "the hand-off (and what gave the lead to whoever had it at the attempt), and the first attempt",
        "The first attempt of sales came after it was due.",
        "The chance to reach a prospect falls with every hour after the hand-off.",
        "Look at the owner's load at the time, and at how long the lead waited for an owner.";
    BackDatedHandoff = "back_dated_handoff", Warning,
        "the hand-off",
        "A hand-off was recorded long after the time that it claims.",
        "A hand-off written into the past makes waiting times look like what somebody wanted them to be.",
        "Record hand-offs when they happen; if an import is late by nature, raise `back_dated_seconds`.";
    DecisionLate = "decision_late", Warning,
        "the hand-off (and what gave the lead to whoever decided, if the decision does not say who did), and the decision",
        "Sales accepted or rejected a hand-off after the decision was due.",
        "A lead that waits for a decision is worked by nobody.",
        "Look at who held the lead, and agree on a time that sales can keep.";
    DecisionMissing = "decision_missing", Error,
        "the hand-off (and what gave the lead to its present owner)",
        "A hand-off was not decided by the time that it was due.",
        "Neither side works the lead: marketing has given it away, and sales has not taken it.",
        "Have it accepted or rejected, or reassign it.";
    DuplicateExternalId = "duplicate_external_id", Warning,
        "both events",
        "Two events of a lead have the same identity in their system of origin.",
        "If they are one event, everything that it did is counted twice.",
        "Retract one of them if they are the same.";
    GateNotMet = "gate_not_met", Error,
        "the event that passed the gate",
        "A lead passed a gate of the playbook without the fields that the gate demands.",
        "Sales gets leads that it cannot work, and rejects them later for what was missing from the start.",
        "Fill the named fields before the hand-off, or take them out of the gate.";
    HandedOffUnqualified = "handed_off_unqualified", Error,
        "the hand-off, and the event that brought the lead into a state from which there is none",
        "A lead was handed off that marketing had not qualified.",
        "Sales loses trust in what marketing hands over, and works leads that do not meet the definition.",
        "Qualify the lead first, or allow hand-raisers in the playbook.";
    HistoryGap = "history_gap", Warning,
        "the first event that is there",
        "The lead's history does not begin with its capture, or a part of it is missing.",
        "Its first stage has no duration, and it is in no cohort.",
        "Import what came before.";
    Illegal = "illegal", Error,
        "the event, and the one that made it illegal",
        "The state machine has no such move.",
        "Either something happened that should not have, or the source told it in the wrong order.",
        "Read the reason: it says what was expected and what to do.";
    Leaked = "leaked", Error,
        "the hand-off (and what gave the lead to its present owner, and the acceptance if sales gave the lead back after it)",
        "A lead was handed off and nobody in sales has tried to reach it by the time that was due.",
        "Money was spent to get this lead, and it is lost without a call.",
        "Call it now, or return it to marketing.";
    MarketingTouchToCustomer = "marketing_touch_to_customer", Warning,
        "the touch, and the event that made the lead a customer (or, once the deal of that event is open again, the win that keeps it one)",
        "Marketing touched a customer, which the playbook forbids.",
        "Prospects and customers are two bases: an offer for new buyers annoys those who have paid more.",
        "Take customers out of the campaign's audience.";
    MarketingTouchToOpportunity = "marketing_touch_to_opportunity", Warning,
        "the touch, and the event that opened the opportunity (or, once that deal is closed, what opened the one that keeps the lead there)",
        "Marketing touched a lead in state opportunity, which the playbook forbids.",
        "A campaign in the middle of a negotiation contradicts what the salesperson says.",
        "Take leads with an open opportunity out of the campaign's audience.";
    MissingReason = "missing_reason", Warning,
        "the event",
        "A reason is missing that the playbook demands. A rejection or a return without one is `rejected_without_reason`, whatever the playbook demands.",
        "Nobody can learn from a loss without a reason.",
        "Say why.";
    NegativeDuration = "negative_duration", Error,
        "the capture, and the event that made the lead a customer",
        "The lead was a customer before it was captured.",
        "Its time to win is negative, and every average with it is wrong.",
        "Check the times of the source.";
    OutOfOrder = "out_of_order", Warning,
        "the capture, and the event that came before it",
        "The capture comes after other events of the lead.",
        "The time in the first stage is not known.",
        "Check the times of the source.";
    OverCapacity = "over_capacity", Warning,
        "the hand-off, and the events that gave the owner the leads that were open then, or, if it is the day's quota, the first that gave them each of the leads of the 24 hours before this one came, and the first that gave them this one if it would be other leads without it; none of the leads where there are more than the limit, or where the limit is above 256",
        "A lead was handed off to an owner who had no room for it.",
        "The lead waits behind others, and the owner's other leads wait longer too.",
        "Route by load, or raise the owner's capacity.";
    OwnerGone = "owner_gone", Error,
        "the hand-off",
        "A lead was handed off to somebody who had left.",
        "Nobody will see it.",
        "Take the person out of the routing, and reassign their leads: to take a lead from somebody who has left is no `reassigned_without_touch`.";
    PingPong = "ping_pong", Warning,
        "the three events that gave the lead to the owner, to the next one, and to the owner again",
        "The lead came back to an owner who had it before the last one.",
        "The prospect is passed around, and each hand starts from nothing.",
        "Find out why neither kept it: territory, product or load.";
    ReassignedWithoutTouch = "reassigned_without_touch", Warning,
        "the hand-off, the event that gave the lead to the owner, and the one that took it away",
        "An owner who had not left lost the lead without having touched it since they had it in the hands of sales.",
        "The time that the lead spent with that owner was lost for the prospect.",
        "Look at the owner's load, or at the rule that assigned it.";
    RecycledAndForgotten = "recycled_and_forgotten", Warning,
        "the recycling",
        "A recycled lead has not been touched since, for longer than the playbook allows.",
        "Nurturing is a promise to come back; most buyers buy later than the first call.",
        "Put it into a programme, or disqualify it.";
    RejectedWithoutReason = "rejected_without_reason", Warning,
        "the rejection or return",
        "Sales rejected or returned a lead and did not say why.",
        "Marketing cannot mend what it is not told.",
        "Have sales choose a reason when it declines.";
    RevenueBeforeWon = "revenue_before_won", Error,
        "the event",
        "Money was recorded for a lead that is no customer.",
        "The win is missing, and with it the cycle and the win rate.",
        "Record the win.";
    TouchedAfterWithdrawal = "touched_after_withdrawal", Error,
        "the withdrawal, or the consent that has ended, and the touch",
        "Marketing touched a lead after consent for that channel was withdrawn, or had ended.",
        "It breaks the law in most places, and the prospect's trust everywhere.",
        "Stop the campaign, and check the suppression list.";
    UnknownStage = "unknown_stage", Warning,
        "the event, and those that opened the deal and put it into its pipeline",
        "An opportunity is in a stage that the playbook's pipeline does not have.",
        "It is missing from every figure by stage.",
        "Use a stage of the pipeline, or add it to the playbook.";
    UnknownTarget = "unknown_target", Warning,
        "the correction",
        "A correction names an event that the lead does not have, or data that do not fit it.",
        "What was to be corrected still stands.",
        "Name the id of an event of this lead.";
    UnknownType = "unknown_type", Info,
        "the event",
        "An event has a type or version that leadfold does not know.",
        "It is kept and has no effect.",
        "Update leadfold, or map the event to a known type.";
    WonWithoutHandoff = "won_without_handoff", Warning,
        "the win",
        "A lead was won that had never been handed off.",
        "Either sales worked around the process, or hand-offs are not recorded: in both cases marketing's share cannot be told.",
        "Record the hand-off, or capture the lead as generated by sales.";
    WorkedBeforeHandoff = "worked_before_handoff", Warning,
        "the touch (and what brought the lead back to marketing, and the events that ended the round before and began this one, where it would have been no finding without them)",
        "Sales tried to reach a lead before it was handed off.",
        "Nurturing is interrupted, and the speed to lead cannot be measured from an offer.",
        "Hand the lead off first, or capture it as generated by sales.";
}

impl AuditCode {
    /// The refusal of a command that would come to this, where the rule is about the event itself.
    /// Promises that time breaks, and patterns of many events, are no ground to refuse what
    /// happened: a late acceptance is better than none.
    pub const fn refusal(self) -> Option<Reason> {
        match self {
            Self::GateNotMet => Some(Reason::GateFailed),
            Self::OwnerGone => Some(Reason::OwnerGone),
            Self::RejectedWithoutReason => Some(Reason::MissingReason),
            Self::MarketingTouchToCustomer | Self::MarketingTouchToOpportunity => {
                Some(Reason::TouchForbidden)
            }
            Self::TouchedAfterWithdrawal => Some(Reason::ConsentWithdrawn),
            _ => None,
        }
    }

    /// The code of what the fold found.
    pub(crate) fn of_history(code: FindingCode) -> Self {
        match code {
            FindingCode::AcceptedWithoutHandoff => Self::AcceptedWithoutHandoff,
            FindingCode::DuplicateExternalId => Self::DuplicateExternalId,
            FindingCode::HistoryGap => Self::HistoryGap,
            FindingCode::Illegal => Self::Illegal,
            FindingCode::MissingReason => Self::MissingReason,
            FindingCode::NegativeDuration => Self::NegativeDuration,
            FindingCode::OutOfOrder => Self::OutOfOrder,
            FindingCode::RevenueBeforeWon => Self::RevenueBeforeWon,
            FindingCode::UnknownStage => Self::UnknownStage,
            FindingCode::UnknownTarget => Self::UnknownTarget,
            FindingCode::UnknownType => Self::UnknownType,
        }
    }
}

impl fmt::Display for AuditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no finding code.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected a finding code, found {found:?}; the codes are {}", all_names())]
pub struct UnknownCode {
    /// What was found.
    pub found: String,
}

fn all_names() -> String {
    AuditCode::ALL.iter().map(|code| code.name()).collect::<Vec<_>>().join(", ")
}

impl FromStr for AuditCode {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        let found = Self::ALL.iter().find(|code| code.name() == text);
        found.copied().ok_or_else(|| UnknownCode { found: text.to_owned() })
    }
}

/// The codes as Markdown: `docs/FINDINGS.md` ends with this, and a test compares them.
pub fn draw() -> String {
    let mut out = String::new();
    for code in AuditCode::ALL {
        write!(
            out,
            "## `{code}`\n\nSeverity: {}.\n\n**What it means.** {}\n\n**Why it matters.** {}\n\n\
             **What to do.** {}\n\n**Evidence.** It names {}.\n\n",
            code.severity().name(),
            code.meaning(),
            code.matter(),
            code.advice(),
            code.proof(),
        )
        .expect("a string takes all");
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}
