//! The memory store keeps the contract, and stores that break it are caught.

#[path = "shared/clauses.rs"]
mod clauses;

use std::panic::{AssertUnwindSafe, catch_unwind};

use leadfold_core::event::RecordedEvent;
use leadfold_core::{Code, EventId, Facts, LeadFacts, LeadId, LeadIndex, LeadKey};
use leadfold_store::{
    Append, AppendError, Appended, Damage, EventStore, LeadEntry, MemoryStore, StoreFuture,
    block_on,
};
use uuid::Uuid;

#[test]
fn memory_store_keeps_the_contract() {
    clauses::run_all(|| Box::new(MemoryStore::new()));
}

#[test]
fn contract_holds_behind_pointers_and_inside_an_executor() {
    let store = std::sync::Arc::new(MemoryStore::new());
    let nested = async {
        clauses::support::fill(&store);
        block_on(store.head())
    };
    assert_eq!(block_on(nested).expect("the head reads"), 293);
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    AcceptsOtherContent,
    ForgetsALead,
    ForgetsExpectations,
    KnowsOneLeadAKey,
    LosesTheTail,
    OverlooksMerges,
}

/// A store with one fault.
struct Broken {
    inner: MemoryStore,
    fault: Fault,
}

impl Broken {
    fn visible(&self, after: u64, events_max: usize) -> usize {
        let Fault::LosesTheTail = self.fault else { return events_max };
        let head = block_on(self.inner.head()).expect("memory does not fail");
        let left = head.saturating_sub(1).saturating_sub(after);
        events_max.min(usize::try_from(left).expect("a short log"))
    }
}

impl EventStore for Broken {
    fn append(&self, mut append: Append) -> StoreFuture<'_, Appended, AppendError> {
        match self.fault {
            Fault::AcceptsOtherContent => {
                for event in &mut append.events {
                    let content = event.event.content();
                    let name = format!("{}{content}", event.id);
                    event.id = EventId(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()));
                }
            }
            Fault::ForgetsExpectations => append.expected.clear(),
            // As it was before families could be expected.
            Fault::OverlooksMerges => append.family = None,
            Fault::ForgetsALead | Fault::KnowsOneLeadAKey | Fault::LosesTheTail => {}
        }
        self.inner.append(append)
    }
    fn head(&self) -> StoreFuture<'_, u64> {
        self.inner.head()
    }
    fn facts(&self, after: u64, events_max: usize) -> StoreFuture<'_, Facts> {
        self.inner.facts(after, self.visible(after, events_max))
    }
    fn sealed(&self) -> StoreFuture<'_, u64> {
        self.inner.sealed()
    }
    fn lead_facts(
        &self,
        from: LeadIndex,
        until: u64,
        events_max: usize,
    ) -> StoreFuture<'_, LeadFacts> {
        let from = if matches!(self.fault, Fault::ForgetsALead) && from.0 > 0 {
            LeadIndex(from.0.saturating_add(1))
        } else {
            from
        };
        self.inner.lead_facts(from, until, events_max)
    }
    fn events(&self, after: u64, events_max: usize) -> StoreFuture<'_, Vec<RecordedEvent>> {
        self.inner.events(after, self.visible(after, events_max))
    }
    fn lead(&self, id: LeadId) -> StoreFuture<'_, Option<LeadEntry>> {
        self.inner.lead(id)
    }
    fn leads(&self, from: LeadIndex, leads_max: usize) -> StoreFuture<'_, Vec<LeadEntry>> {
        self.inner.leads(from, leads_max)
    }
    fn leads_by_key<'a>(&'a self, key: &'a LeadKey) -> StoreFuture<'a, Vec<LeadEntry>> {
        let Fault::KnowsOneLeadAKey = self.fault else { return self.inner.leads_by_key(key) };
        let found = block_on(self.inner.leads_by_key(key));
        Box::pin(std::future::ready(found.map(|found| found.into_iter().take(1).collect())))
    }
    fn lead_events(&self, lead: LeadIndex) -> StoreFuture<'_, Vec<RecordedEvent>> {
        self.inner.lead_events(lead)
    }
    fn history<'a>(&'a self, leads: &'a [LeadIndex]) -> StoreFuture<'a, Facts> {
        self.inner.history(leads)
    }
    fn family<'a>(&'a self, leads: &'a [LeadIndex]) -> StoreFuture<'a, Vec<LeadIndex>> {
        self.inner.family(leads)
    }
    fn strings<'a>(&'a self, codes: &'a [Code]) -> StoreFuture<'a, Vec<String>> {
        self.inner.strings(codes)
    }
    fn string_count(&self) -> StoreFuture<'_, u32> {
        self.inner.string_count()
    }
    fn code<'a>(&'a self, text: &'a str) -> StoreFuture<'a, Option<Code>> {
        self.inner.code(text)
    }
    fn event_ids<'a>(&'a self, positions: &'a [u64]) -> StoreFuture<'a, Vec<EventId>> {
        self.inner.event_ids(positions)
    }
    fn verify<'a>(
        &'a self,
        progress: &'a mut (dyn FnMut(u64, u64) + Send),
    ) -> StoreFuture<'a, Vec<Damage>> {
        self.inner.verify(progress)
    }
}

/// The names of the clauses that a fault breaks.
fn caught(fault: Fault) -> Vec<&'static str> {
    let breaks = |clause: fn(&dyn EventStore)| {
        let store = Broken { inner: MemoryStore::new(), fault };
        catch_unwind(AssertUnwindSafe(|| clause(&store))).is_err()
    };
    clauses::CLAUSES.iter().filter(|(_, clause)| breaks(*clause)).map(|(name, _)| *name).collect()
}

#[test]
fn store_that_forgets_expectations_is_caught() {
    let expected = [
        "stale_expectation_is_refused_and_changes_nothing",
        "retried_command_succeeds_although_its_expectation_is_stale",
    ];
    assert_eq!(caught(Fault::ForgetsExpectations), expected);
}

#[test]
fn store_that_overlooks_merges_is_caught() {
    let expected = [
        "family_of_another_size_is_refused_and_changes_nothing",
        "merge_from_outside_makes_an_expectation_of_the_family_stale",
    ];
    assert_eq!(caught(Fault::OverlooksMerges), expected);
}

#[test]
fn store_that_knows_one_lead_a_key_is_caught() {
    assert_eq!(caught(Fault::KnowsOneLeadAKey), ["leads_of_one_key_are_found_by_it"]);
}

#[test]
fn store_that_forgets_a_lead_between_pages_is_caught() {
    assert_eq!(caught(Fault::ForgetsALead), ["facts_by_lead_are_those_of_the_log"]);
}

#[test]
fn store_that_loses_the_tail_is_caught() {
    let caught = caught(Fault::LosesTheTail);
    assert!(caught.contains(&"pages_of_any_size_say_the_same"), "{caught:?}");
    assert!(caught.contains(&"positions_and_sequences_have_no_gaps"), "{caught:?}");
}

#[test]
fn store_that_accepts_other_content_is_caught() {
    let caught = caught(Fault::AcceptsOtherContent);
    for clause in [
        "other_content_under_one_id_refuses_the_batch",
        "other_content_under_one_id_is_refused_singly_on_import",
        "different_twins_in_one_batch_are_a_conflict",
    ] {
        assert!(caught.contains(&clause), "{caught:?}");
    }
}
