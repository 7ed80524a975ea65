//! Events without what may be personal.

use leadfold_core::event::{Body, Event};

/// The event without personal data, and without all that leadfold keeps to the letter because it
/// does not know what it is: unknown fields, data of unknown types, evidence, and replacements.
pub(crate) fn withhold(mut event: Event) -> Event {
    event.unknown_data.clear();
    // What an old version says to the letter holds all that is taken out of the body below.
    if event.as_written.take().is_some()
        && let Some(current) = Body::version_of(event.body.type_name())
    {
        event.version = current;
    }
    match &mut event.body {
        Body::Captured(body) => body.pii = None,
        Body::ProfileUpdated(body) => body.pii = None,
        Body::SnapshotImported(body) => body.pii = None,
        Body::AttributionResolved(body) => body.evidence = None,
        Body::Corrected(body) => body.data = None,
        Body::Other(body) => body.data = None,
        // By name, so that a new type has to be thought about.
        Body::Touched(_)
        | Body::Scored(_)
        | Body::Qualified(_)
        | Body::Disqualified(_)
        | Body::HandedOff(_)
        | Body::Accepted(_)
        | Body::Rejected(_)
        | Body::Returned(_)
        | Body::Assigned(_)
        | Body::Reassigned(_)
        | Body::Unassigned(_)
        | Body::Recycled(_)
        | Body::Reopened(_)
        | Body::OpportunityOpened(_)
        | Body::OpportunityStageChanged(_)
        | Body::OpportunityAmended(_)
        | Body::OpportunityReopened(_)
        | Body::Won(_)
        | Body::Lost(_)
        | Body::RevenueRecorded(_)
        | Body::Refunded(_)
        | Body::CostRecorded(_)
        | Body::ConsentGranted(_)
        | Body::ConsentWithdrawn(_)
        | Body::FollowUpScheduled(_)
        | Body::FollowUpDone(_)
        | Body::Merged(_)
        | Body::Unmerged(_)
        | Body::Erased(_)
        | Body::Churned(_)
        | Body::Reactivated(_)
        | Body::PlaybookPublished(_) => {}
    }
    event
}
