//! What a product asks for. A command is an intention; the event is what came of it.

use crate::event::{
    Accepted, Assigned, AttributionResolved, Body, Captured, Churned, ConsentGranted,
    ConsentWithdrawn, Corrected, Disqualified, Erased, FollowUpDone, FollowUpScheduled, HandedOff,
    Lost, Merged, OpportunityAmended, OpportunityOpened, OpportunityReopened,
    OpportunityStageChanged, ProfileUpdated, Qualified, Reactivated, Reassigned, Recycled,
    Refunded, Rejected, Reopened, Returned, RevenueRecorded, Scored, Touched, Unassigned, Unmerged,
    Won,
};

/// Declares the commands and the event that each becomes.
macro_rules! commands {
    ($( $(#[$doc:meta])* $name:ident($event:ident), )*) => {
        /// A command to one lead. It carries the fields of the event that it becomes.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Command { $( $(#[$doc])* $name($event), )* }

        impl Command {
            /// The name, as refusals give it.
            pub const fn name(&self) -> &'static str {
                match self { $( Self::$name(_) => stringify!($name), )* }
            }

            /// What happened, once it has.
            pub fn into_body(self) -> Body {
                match self { $( Self::$name(event) => event.into(), )* }
            }
        }
    };
}

commands! {
    /// Begin a lead.
    Capture(Captured),
    /// Change what is known about it.
    UpdateProfile(ProfileUpdated),
    /// Note an interaction.
    Touch(Touched),
    /// Note a score.
    Score(Scored),
    /// Say that it meets a definition.
    Qualify(Qualified),
    /// Say that it does not fit.
    Disqualify(Disqualified),
    /// Offer it to sales.
    HandOff(HandedOff),
    /// Take it.
    Accept(Accepted),
    /// Decline it.
    Reject(Rejected),
    /// Give it back after having taken it.
    Return(Returned),
    /// Put it into nurture.
    Recycle(Recycled),
    /// Give it an owner.
    Assign(Assigned),
    /// Give it another owner.
    Reassign(Reassigned),
    /// Take its owner away.
    Unassign(Unassigned),
    /// Begin a deal.
    OpenOpportunity(OpportunityOpened),
    /// Move a deal.
    ChangeStage(OpportunityStageChanged),
    /// Change a deal's terms.
    AmendOpportunity(OpportunityAmended),
    /// Close a deal: they bought.
    Win(Won),
    /// Close a deal: they did not.
    Lose(Lost),
    /// Open a closed deal again.
    ReopenOpportunity(OpportunityReopened),
    /// Open a closed lead again.
    Reopen(Reopened),
    /// Note a payment.
    RecordRevenue(RevenueRecorded),
    /// Note money given back.
    Refund(Refunded),
    /// Make it part of another lead.
    Merge(Merged),
    /// Undo that.
    Unmerge(Unmerged),
    /// Note a consent.
    GrantConsent(ConsentGranted),
    /// Note that a consent was withdrawn.
    WithdrawConsent(ConsentWithdrawn),
    /// Say where it came from.
    ResolveAttribution(AttributionResolved),
    /// Promise to come back.
    ScheduleFollowUp(FollowUpScheduled),
    /// Keep the promise.
    CompleteFollowUp(FollowUpDone),
    /// Take an event back, or replace it.
    Correct(Corrected),
    /// Forget the person.
    Erase(Erased),
    /// Note that a customer left.
    Churn(Churned),
    /// Note that a customer came back.
    Reactivate(Reactivated),
}
