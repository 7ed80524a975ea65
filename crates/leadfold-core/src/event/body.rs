//! What can happen to a lead: one struct an event type, with the fields of the log format.
//!
//! The order is the order of a lead's life. Every field that the format calls optional is an
//! `Option`, and a field that is absent is not written.

use serde::{Deserialize, Serialize};

use super::attribute::{Attributes, Scope, Version};
use super::reads_back::ReadsBack;
use super::shape::{Beginning, Read, Shape, read};
use super::word::{
    AssignmentCause, CaptureOrigin, CorrectionAction, Direction, DisqualifiedClass, Level,
    OpportunityKind, ReturnTarget, RevenueKind, Side, TouchResult,
};
use super::written_playbook::WrittenPlaybook;
use crate::json::{RawJson, Source, Unknown};
use crate::{Currency, EventId, LeadKey, Pii, State, When};

/// Declares the payload structs, [`Body`] and the table that leads from a type's name to both.
///
/// A type whose shape has changed says which came before, `Won = "won" after WonV1 { ... }`, and
/// `From<WonV1> for Won` is the upcaster; without it nothing compiles. See [`Shape`].
macro_rules! bodies {
    ($(
        $(#[$doc:meta])*
        $name:ident = $tag:literal $(after $before:ident)? {
            $( $(#[$rdoc:meta])* $req:ident : $rty:ty, )*
            $( ? $(#[$odoc:meta])* $opt:ident : $oty:ty, )*
        }
    )*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
            pub struct $name {
                $( $(#[$rdoc])* pub $req: $rty, )*
                $(
                    $(#[$odoc])*
                    #[serde(default, skip_serializing_if = "Option::is_none")]
                    pub $opt: Option<$oty>,
                )*
            }

            impl From<$name> for Body {
                fn from(body: $name) -> Self {
                    Self::$name(body)
                }
            }

            bodies! { @past $name $($before)? }
        )*

        /// What happened: the `type` and the `data` of an event.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Body {
            $( $(#[$doc])* $name($name), )*
            /// A type, or a version of a type, that this version of leadfold does not know.
            /// It is kept as it came and never stops a replay.
            Other(Other),
        }

        impl Body {
            /// Every type that leadfold knows, in the order of a lead's life.
            pub const TYPES: &'static [&'static str] = &[$( $tag, )*];

            /// The event's `type`.
            pub fn type_name(&self) -> &str {
                match self {
                    $( Self::$name(_) => $tag, )*
                    Self::Other(other) => &other.type_name,
                }
            }

            /// The schema version in which it is written; none for one that leadfold does not know.
            pub(super) fn version(&self) -> Option<u32> {
                match self {
                    $( Self::$name(_) => Some($name::VERSION), )*
                    Self::Other(_) => None,
                }
            }

            /// The schema version in which events of a type are written; none for a type that
            /// leadfold does not know.
            ///
            /// ```
            /// # use leadfold_core::event::Body;
            /// assert_eq!(Body::version_of("won"), Some(1));
            /// assert_eq!(Body::version_of("danced"), None);
            /// ```
            pub fn version_of(type_name: &str) -> Option<u32> {
                match type_name {
                    $( $tag => Some($name::VERSION), )*
                    _ => None,
                }
            }

            /// Reads `data` of a known type in any version up to the one that is written now; the
            /// fields beside the known ones come back apart.
            pub(super) fn read<'de, D: Source<'de>>(
                type_name: &str,
                version: u32,
                data: D,
            ) -> Option<Result<Read<Self>, D::Error>> {
                match type_name {
                    $( $tag if version <= $name::VERSION => {
                        Some(read::<$name, D>(version, data).map(Read::into))
                    } )*
                    _ => None,
                }
            }

            /// Writes `data` as one object, the unknown fields after the known ones.
            pub(crate) fn write(
                &self,
                unknown: &Unknown,
                out: &mut Vec<u8>,
            ) -> serde_json::Result<()> {
                match self {
                    $( Self::$name(body) => serde_json::to_writer(&mut *out, body)?, )*
                    // Its data may be no object, and then has no place for further fields.
                    Self::Other(other) => {
                        let data = other.data.as_ref().map_or("{}", RawJson::as_str);
                        out.extend_from_slice(data.as_bytes());
                        return Ok(());
                    }
                }
                crate::event::write_unknown(unknown, out)
            }
        }

        impl ReadsBack for Body {
            fn reads_back(&self) -> bool {
                match self {
                    $(
                        Self::$name(body) => {
                            $( body.$req.reads_back() && )* $( body.$opt.reads_back() && )* true
                        }
                    )*
                    // Its type and its data may be anything.
                    Self::Other(_) => false,
                }
            }
        }
    };
    (@past $name:ident) => {
        impl Shape for $name {
            type Before = Beginning;
        }

        impl From<Beginning> for $name {
            fn from(nothing: Beginning) -> Self {
                match nothing {}
            }
        }
    };
    (@past $name:ident $before:ident) => {
        impl Shape for $name {
            type Before = $before;
        }
    };
}

bodies! {
    /// Somebody showed interest. An inquiry is not yet a lead that sales should see.
    Captured = "captured" {
        ? /// Where it came from: `paid_search`, `referral`, a portal.
        source: String,
        ? /// The medium: `cpc`, `email`.
        medium: String,
        ? /// The campaign.
        campaign: String,
        ? /// The channel.
        channel: String,
        ? /// Which side began.
        origin: CaptureOrigin,
        ? /// What the lead is like: industry, size, region.
        attributes: Attributes,
        ? /// Personal data.
        pii: Pii,
    }
    /// What is known about the lead changed.
    ProfileUpdated = "profile_updated" {
        /// The new values.
        attributes: Attributes,
        ? /// Personal data.
        pii: Pii,
        ? /// Names of the attributes that somebody checked.
        verified: Vec<String>,
    }
    /// One interaction.
    Touched = "touched" {
        /// Who touched.
        side: Side,
        ? /// Seen from the company.
        direction: Direction,
        ? /// Mail, phone, web.
        channel: String,
        ? /// What came of it. An attempt is not a contact.
        result: TouchResult,
        ? /// The person or automation that touched, as a key.
        by: String,
        ? /// The campaign.
        campaign: String,
        ? /// Page, asset or event.
        activity: String,
    }
    /// A model weighed the lead.
    Scored = "scored" {
        /// The model.
        model: String,
        /// Its version.
        model_version: Version,
        /// The total.
        total: f64,
        ? /// Who they are.
        fit: f64,
        ? /// What they did.
        behaviour: f64,
        ? /// The grade that the model gives, such as `A1`.
        band: String,
    }
    /// The lead meets the agreed definition: of marketing (`mql`) or of sales (`sql`).
    Qualified = "qualified" {
        /// Whose definition.
        level: Level,
        ? /// Name and version of the definition.
        definition: String,
        ? /// Who says so.
        by: String,
    }
    /// The lead does not fit; it may be reopened.
    Disqualified = "disqualified" {
        /// Why.
        reason: String,
        ? /// What kind of reason.
        class: DisqualifiedClass,
    }
    /// The lead was offered to sales: somebody now owes an answer.
    HandedOff = "handed_off" {
        /// The owner or queue that it was offered to.
        to: String,
        ? /// Key of the hand-off.
        handoff: String,
        ? /// When the decision is due.
        decision_due: When,
        ? /// When the first attempt is due.
        touch_due: When,
        ? /// Why now, why there.
        reason: String,
    }
    /// The receiver agreed to work the lead.
    Accepted = "accepted" {
        ? /// Who accepted.
        by: String,
        ? /// Key of the hand-off.
        handoff: String,
    }
    /// The receiver declined the lead.
    Rejected = "rejected" {
        /// Why.
        reason: String,
        ? /// Who declined.
        by: String,
        ? /// Key of the hand-off.
        handoff: String,
        ? /// Where the lead goes.
        to: ReturnTarget,
    }
    /// Sales gave an accepted lead back to ripen. Returned is not lost.
    Returned = "returned" {
        /// Why.
        reason: String,
        ? /// Who gave it back.
        by: String,
        ? /// Key of the hand-off.
        handoff: String,
        ? /// Where the lead goes.
        to: ReturnTarget,
    }
    /// The lead went into nurture; its next qualification begins a new cycle.
    Recycled = "recycled" {
        ? /// The nurture programme.
        programme: String,
        ? /// Until when.
        until: When,
        ? /// Why.
        reason: String,
    }
    /// The lead got its owner.
    Assigned = "assigned" {
        ? /// The new owner.
        to: String,
        ? /// The owner before.
        from: String,
        ? /// What decided it.
        cause: AssignmentCause,
    }
    /// The lead changed its owner.
    Reassigned = "reassigned" {
        ? /// The new owner.
        to: String,
        ? /// The owner before.
        from: String,
        ? /// What decided it.
        cause: AssignmentCause,
    }
    /// The lead lost its owner.
    Unassigned = "unassigned" {
        ? /// Always absent in practice; kept because the format allows it.
        to: String,
        ? /// The owner before.
        from: String,
        ? /// What decided it.
        cause: AssignmentCause,
    }
    /// A deal with an expected value began.
    OpportunityOpened = "opportunity_opened" {
        /// Its key within the lead.
        opportunity: String,
        ? /// The pipeline.
        pipeline: String,
        ? /// The stage of the pipeline.
        stage: String,
        ? /// Expected value, minor units.
        amount: i64,
        ? /// ISO 4217.
        currency: Currency,
        ? /// When it should close.
        expected_close: When,
        ? /// Own probability, 0 to 1.
        probability: f64,
        ? /// New business, or more from a customer.
        kind: OpportunityKind,
        ? /// The product.
        product: String,
    }
    /// A deal moved within, or between, pipelines.
    OpportunityStageChanged = "opportunity_stage_changed" {
        /// Its key.
        opportunity: String,
        /// The stage it came to.
        to: String,
        ? /// The stage it left.
        from: String,
        ? /// The pipeline it came to.
        pipeline_to: String,
        ? /// The pipeline it left.
        pipeline_from: String,
    }
    /// A deal's terms changed.
    OpportunityAmended = "opportunity_amended" {
        /// Its key.
        opportunity: String,
        ? /// Expected value, minor units.
        amount: i64,
        ? /// ISO 4217.
        currency: Currency,
        ? /// When it should close.
        expected_close: When,
        ? /// Own probability, 0 to 1.
        probability: f64,
    }
    /// They bought.
    Won = "won" {
        ? /// Key of the deal; absent where a business has one deal a lead.
        opportunity: String,
        ? /// What they agreed to pay, minor units.
        amount: i64,
        ? /// ISO 4217.
        currency: Currency,
        ? /// The product.
        product: String,
    }
    /// They did not buy.
    Lost = "lost" {
        ? /// Key of the deal; absent where a business has one deal a lead.
        opportunity: String,
        ? /// Why.
        reason: String,
        ? /// Who won instead.
        competitor: String,
    }
    /// A closed deal is open again.
    OpportunityReopened = "opportunity_reopened" {
        ? /// Key of the deal; absent for the one closed last.
        opportunity: String,
        ? /// Why.
        reason: String,
    }
    /// A closed lead is open again.
    Reopened = "reopened" {
        ? /// Why.
        reason: String,
    }
    /// A customer paid.
    RevenueRecorded = "revenue_recorded" {
        /// Minor units, not negative.
        amount: i64,
        /// ISO 4217.
        currency: Currency,
        ? /// What of it is margin, minor units; negative for a loss.
        margin: i64,
        ? /// Key of the order.
        order: String,
        ? /// First purchase, repeat or renewal.
        kind: RevenueKind,
        ? /// The product.
        product: String,
    }
    /// A customer got money back.
    Refunded = "refunded" {
        /// Minor units, not negative.
        amount: i64,
        /// ISO 4217.
        currency: Currency,
        ? /// What of it is margin, minor units.
        margin: i64,
        ? /// Key of the order.
        order: String,
        ? /// First purchase, repeat or renewal.
        kind: RevenueKind,
        ? /// The product.
        product: String,
    }
    /// Money was spent on getting leads. It needs no lead.
    CostRecorded = "cost_recorded" {
        /// Minor units, not negative.
        amount: i64,
        /// ISO 4217.
        currency: Currency,
        /// What it was spent on: `source`, `campaign`, `channel`, `programme`.
        scope: Scope,
        /// First day.
        from: When,
        /// Last day.
        to: When,
        ? /// Kind of cost.
        kind: String,
    }
    /// Two leads turned out to be one: this one is now part of another.
    Merged = "merged" {
        /// The survivor's key.
        into: LeadKey,
    }
    /// A merge was a mistake.
    Unmerged = "unmerged" {
        /// The former survivor's key.
        from: LeadKey,
    }
    /// The person allows a use of their data.
    ConsentGranted = "consent_granted" {
        /// What for.
        purpose: String,
        ? /// On which channel.
        channel: String,
        ? /// Legal basis.
        basis: String,
        ? /// When it ends.
        expires_at: When,
    }
    /// The person forbids a use of their data.
    ConsentWithdrawn = "consent_withdrawn" {
        /// What for.
        purpose: String,
        ? /// On which channel.
        channel: String,
        ? /// Legal basis.
        basis: String,
        ? /// When it ends.
        expires_at: When,
    }
    /// It became known where a lead came from.
    AttributionResolved = "attribution_resolved" {
        /// The source.
        source: String,
        ? /// The campaign.
        campaign: String,
        ? /// How it became known.
        evidence: RawJson,
    }
    /// Somebody promised to come back.
    FollowUpScheduled = "follow_up_scheduled" {
        /// Key of the follow-up.
        follow_up: String,
        ? /// When.
        due: When,
        ? /// Renewal, recall.
        kind: String,
        ? /// Who promised.
        owner: String,
    }
    /// A promise was kept.
    FollowUpDone = "follow_up_done" {
        /// Key of the follow-up.
        follow_up: String,
        ? /// When it was due.
        due: When,
        ? /// Renewal, recall.
        kind: String,
        ? /// Who did it.
        owner: String,
    }
    /// An earlier event was wrong. The log keeps both.
    Corrected = "corrected" {
        /// The event that was wrong.
        target: EventId,
        /// What to do about it.
        action: CorrectionAction,
        /// Why.
        reason: String,
        ? /// The data that replaces the target's.
        data: RawJson,
        ? /// Who corrected.
        by: String,
    }
    /// The person asked to be forgotten.
    Erased = "erased" {
        /// Key of the request.
        request: String,
        ? /// Legal basis.
        basis: String,
    }
    /// What a CRM shows now, where its history is not to be had.
    SnapshotImported = "snapshot_imported" {
        /// The state as shown.
        state: State,
        /// From when on the history is known.
        history_known_from: When,
        ? /// The owner as shown.
        owner: String,
        ? /// The source as shown.
        source: String,
        ? /// The medium as shown.
        medium: String,
        ? /// The campaign as shown.
        campaign: String,
        ? /// The channel as shown.
        channel: String,
        ? /// Attributes as shown.
        attributes: Attributes,
        ? /// Personal data.
        pii: Pii,
    }
    /// A customer stopped being one.
    Churned = "churned" {
        ? /// Why.
        reason: String,
    }
    /// A churned customer came back.
    Reactivated = "reactivated" {
        ? /// Why.
        reason: String,
    }
    /// The business put a version of its playbook in force, from when the event occurred. It
    /// concerns no single lead.
    PlaybookPublished = "playbook_published" {
        /// The whole playbook.
        playbook: WrittenPlaybook,
    }
}

/// An event that this version of leadfold does not know, untouched.
#[derive(Clone, Debug, PartialEq)]
pub struct Other {
    /// Its `type`.
    pub type_name: String,
    /// Its `data`, to the letter.
    pub data: Option<RawJson>,
}
