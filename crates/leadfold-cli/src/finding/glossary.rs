//! What the log calls the leads, people, hand-offs and events that findings name.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use leadfold_core::audit::AuditFinding;
use leadfold_core::{Code, EventId, LeadId, LeadIndex, LeadKey};
use leadfold_engine::LoadedCase;
use leadfold_store::{EventStore, StoreError, block_on};

use super::FindingReport;
use crate::handoff::{HandoffReport, Offers, codes};
use crate::leads;
use crate::reading::Reading;
use crate::store::Store;

/// Ids asked for at once.
const IDS_PAGE: usize = 10_000;

/// The names of what some findings are about.
#[derive(Debug, Default)]
pub(crate) struct Glossary {
    leads: BTreeMap<LeadIndex, (LeadId, LeadKey)>,
    strings: BTreeMap<Code, String>,
    offers: Offers,
    /// Events by position, in order.
    events: Vec<(u64, EventId)>,
}

impl Glossary {
    /// From a store that has been folded.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn of_log(reading: &Reading, found: &[&AuditFinding]) -> Result<Self, StoreError> {
        let (store, offers) = (&reading.store, Offers::of(&reading.tables, found));
        let leads: BTreeSet<LeadIndex> = found.iter().filter_map(|found| found.lead).collect();
        let wanted = named(found, &offers);
        // Of a large log both are hundreds of thousands.
        let (names, events) = thread::scope(|scope| {
            let events = scope.spawn(|| events(store, found));
            let names = leads::named(store, leads.iter().copied());
            (names, events.join().expect("a lookup is total"))
        });
        let (mut names, events) = (names?, events?);
        block_on(names.load(store, wanted.iter().copied()))?;
        let lead = |index| names.entry(index).map(|entry| (index, (entry.id, entry.key.clone())));
        let string = |code| names.string(code).map(|string| (code, string.to_owned()));
        Ok(Self {
            leads: leads.into_iter().filter_map(lead).collect(),
            strings: wanted.into_iter().filter_map(string).collect(),
            events,
            offers,
        })
    }

    /// From the history of a lead and its family.
    pub(crate) fn of_case(
        LoadedCase { case, events, .. }: &LoadedCase,
        found: &[&AuditFinding],
    ) -> Self {
        let offers = Offers::of(case.tables(), found);
        let lead = |(id, index)| case.key(index).map(|key| (index, (id, key.clone())));
        let string = |code| case.name(code).map(|string| (code, string.to_owned()));
        Self {
            leads: case.leads().filter_map(lead).collect(),
            strings: named(found, &offers).into_iter().filter_map(string).collect(),
            events: events.iter().map(|event| (event.position, event.id)).collect(),
            offers,
        }
    }

    /// A finding with its names.
    pub(crate) fn report(&self, finding: &AuditFinding) -> FindingReport {
        let name = |code: Code| self.strings.get(&code).cloned();
        let lead = finding.lead.and_then(|lead| self.leads.get(&lead));
        let offer = self.offers.get(finding);
        let (key, owner) = (lead.map(|(_, key)| key.to_string()), name(finding.owner));
        FindingReport {
            lead: lead.map(|(id, _)| *id),
            handoff: offer.map(|(index, handoff)| HandoffReport::new(*index, handoff, name)),
            evidence: finding
                .evidence
                .iter()
                .filter_map(|position| self.event(*position))
                .collect(),
            ..FindingReport::new(finding, key, owner)
        }
    }

    fn event(&self, position: u64) -> Option<EventId> {
        let found = self.events.binary_search_by_key(&position, |(position, _)| *position);
        found.ok().map(|index| self.events[index].1)
    }
}

/// The codes that findings and their hand-offs name.
fn named(found: &[&AuditFinding], offers: &Offers) -> BTreeSet<Code> {
    let of_offers = found.iter().filter_map(|found| offers.get(found));
    let of_offers = of_offers.flat_map(|(_, handoff)| codes(handoff));
    found.iter().map(|found| found.owner).chain(of_offers).collect()
}

fn events(store: &Store, found: &[&AuditFinding]) -> Result<Vec<(u64, EventId)>, StoreError> {
    let mut positions: Vec<u64> =
        found.iter().flat_map(|found| found.evidence.iter().copied()).collect();
    positions.sort_unstable();
    positions.dedup();
    let mut events = Vec::with_capacity(positions.len());
    for page in positions.chunks(IDS_PAGE) {
        let ids = block_on(store.event_ids(page))?;
        events.extend(page.iter().copied().zip(ids));
    }
    Ok(events)
}
