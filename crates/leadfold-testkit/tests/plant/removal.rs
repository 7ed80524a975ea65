//! What becomes of a finding when an event is taken out of the log.

use leadfold_core::event::NewEvent;
use leadfold_core::{Calendar, EventId, Playbook, Timestamp};
use leadfold_testkit::Log;
use leadfold_testkit::audit::Found;

/// How logs are audited.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) playbook: Playbook,
    pub(crate) calendar: Calendar,
    pub(crate) as_of: Timestamp,
}

impl Desk {
    pub(crate) fn findings(&self, events: &[NewEvent]) -> Vec<Found> {
        let log = Log::of(events.to_vec()).expect("the events make a log");
        let audit = log.audit(&self.playbook).calendar(self.calendar.clone()).as_of(self.as_of);
        audit.findings().to_vec()
    }

    pub(crate) fn findings_without(&self, events: &[NewEvent], id: EventId) -> Vec<Found> {
        let rest = events.iter().filter(|event| event.id != id).cloned();
        self.findings(&rest.collect::<Vec<_>>())
    }
}

/// Whether the finding stands as it did, proven by events that proved it before.
pub(crate) fn is_still_proven(finding: &Found, found: &[Found]) -> bool {
    found.iter().any(|other| {
        let is_same = other.sentence == finding.sentence && stands_as(other, finding);
        is_same && other.ids.iter().all(|id| finding.ids.contains(id))
    })
}

/// Whether the finding stands: of the same code, lead, owner and time, by the same events.
pub(crate) fn stands(finding: &Found, found: &[Found]) -> bool {
    found.iter().any(|other| stands_as(other, finding) && other.ids == finding.ids)
}

/// The same, but proven by fewer of the events: without what was taken out the others were not
/// needed.
pub(crate) fn stands_with_fewer(finding: &Found, found: &[Found]) -> bool {
    found.iter().any(|other| {
        stands_as(other, finding) && other.ids.iter().all(|id| finding.ids.contains(id))
    })
}

fn stands_as(one: &Found, other: &Found) -> bool {
    let key = |found: &Found| (found.code, found.lead.clone(), found.owner.clone(), found.at);
    key(one) == key(other)
}
