//! Faults of one caller at a time.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use leadfold_core::event::{Body, RecordedEvent};
use leadfold_core::{Code, EventId, Facts, LeadIndex, LeadKey, LeadPage, Timestamp};
use leadfold_store::{
    Append, AppendError, Appended, Blocking, EventStore, LeadEntry, MemoryStore, StoreFuture,
};
use leadfold_testkit::conformance::support::NOW;
use uuid::Uuid;

use super::broken::{Fault, assert_caught, caught_by, done, sound};

/// The append that a store hears instead of the one that it was given.
struct Hears(fn(&mut Append));

impl Fault for Hears {
    fn append<'a>(
        &'a self,
        log: &'a MemoryStore,
        mut append: Append,
    ) -> StoreFuture<'a, Appended, AppendError> {
        (self.0)(&mut append);
        log.append(append)
    }
}

#[test]
fn store_without_a_fault_is_not_caught() {
    assert_eq!(caught_by(|| Hears(|_| {})), [""; 0]);
}

#[test]
fn store_that_forgets_the_version_check_is_caught() {
    let expected = [
        "stale_expectation_is_refused_and_changes_nothing",
        "retried_command_succeeds_although_its_expectation_is_stale",
        "expectations_of_any_size_are_compared",
    ];
    assert_caught(|| Hears(|append| append.expected.clear()), &expected);
}

/// As it was before families could be expected.
#[test]
fn store_that_overlooks_merges_is_caught() {
    let expected = [
        "family_of_another_size_is_refused_and_changes_nothing",
        "merge_from_outside_makes_an_expectation_of_the_family_stale",
        "expectations_of_any_size_are_compared",
    ];
    assert_eq!(caught_by(|| Hears(|append| append.family = None)), expected);
}

#[test]
fn store_that_keeps_expectations_in_32_bits_is_caught() {
    let cut = |append: &mut Append| {
        append.expected.iter_mut().for_each(|one| one.sequence &= u64::from(u32::MAX));
    };
    assert_eq!(caught_by(|| Hears(cut)), ["expectations_of_any_size_are_compared"]);
}

#[test]
fn store_that_does_not_believe_a_clock_that_goes_back_is_caught() {
    let forward = |append: &mut Append| {
        append.recorded_at = append.recorded_at.max(NOW);
    };
    assert_caught(|| Hears(forward), &["clock_that_jumps_reorders_nothing"]);
}

/// As a draft does that notes names down by their leads, before anything is refused.
#[test]
fn store_that_takes_the_key_of_a_refused_event_is_caught() {
    let respell = |append: &mut Append| {
        let mut first = BTreeMap::new();
        for event in &mut append.events {
            if let (Some(id), Some(key)) = (event.event.lead_id(), &mut event.event.lead) {
                key.clone_from(first.entry(id).or_insert_with(|| key.clone()));
            }
        }
    };
    let expected = ["lead_has_the_key_that_its_first_event_wrote"];
    assert_eq!(caught_by(|| Hears(respell)), expected);
}

/// Events in the order of their times, as a query that sorts by them gives them.
struct SortsByTime;

impl Fault for SortsByTime {
    fn events<'a>(
        &'a self,
        log: &'a MemoryStore,
        after: u64,
        events_max: usize,
    ) -> StoreFuture<'a, Vec<RecordedEvent>> {
        let mut events = Blocking(log).events(after, events_max).expect("memory reads");
        events.sort_by_key(|event| event.recorded_at);
        done(Ok(events))
    }
}

#[test]
fn store_that_sorts_by_time_is_caught() {
    assert_caught(|| SortsByTime, &["clock_that_jumps_reorders_nothing"]);
}

fn takes_content_into_the_id(append: &mut Append) {
    for event in &mut append.events {
        let name = format!("{}{}", event.id, event.event.content());
        event.id = EventId(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()));
    }
}

#[test]
fn store_that_accepts_other_content_is_caught() {
    let expected = [
        "other_content_under_one_id_refuses_the_batch",
        "other_content_under_one_id_is_refused_singly_on_import",
        "different_twins_in_one_batch_are_a_conflict",
    ];
    assert_caught(|| Hears(takes_content_into_the_id), &expected);
}

/// A reader of texts as C writes them.
fn ends_texts_at_nul(append: &mut Append) {
    for event in &mut append.events {
        if let Body::Captured(captured) = &mut event.event.body
            && let Some(source) = &mut captured.source
        {
            source.truncate(source.find('\0').unwrap_or(source.len()));
        }
    }
}

#[test]
fn store_that_ends_texts_at_nul_is_caught() {
    let expected = ["texts_come_back_to_the_byte", "strings_are_compared_to_the_byte"];
    assert!(caught_by(|| Hears(ends_texts_at_nul)).starts_with(&expected[..1]));
}

/// A column for 65,535 bytes.
fn cuts_long_texts(append: &mut Append) {
    for event in &mut append.events {
        if let Body::Lost(lost) = &mut event.event.body
            && let Some(reason) = &mut lost.reason
        {
            let fits = |end: &usize| reason.is_char_boundary(*end);
            let end = (0..=reason.len().min(65_535)).rev().find(fits).unwrap_or(0);
            reason.truncate(end);
        }
    }
}

#[test]
fn store_that_cuts_long_texts_is_caught() {
    assert_eq!(caught_by(|| Hears(cuts_long_texts)), ["texts_come_back_to_the_byte"]);
}

/// A column of floating point numbers.
fn rounds_amounts(append: &mut Append) {
    for event in &mut append.events {
        if let Body::RevenueRecorded(revenue) = &mut event.event.body {
            revenue.amount = revenue.amount as f64 as i64;
        }
    }
}

#[test]
fn store_that_keeps_amounts_as_floats_is_caught() {
    assert_eq!(caught_by(|| Hears(rounds_amounts)), ["amounts_of_any_size_are_kept"]);
}

/// A column of nanoseconds, which ends in the year 2262.
fn ends_in_2262(append: &mut Append) {
    const LAST: Timestamp = Timestamp::from_micros(i64::MAX / 1_000);
    for event in &mut append.events {
        event.recorded_at = event.recorded_at.map(|at| at.min(LAST));
    }
}

#[test]
fn store_whose_calendar_ends_too_early_is_caught() {
    let expected = ["times_at_the_ends_of_the_calendar_are_kept"];
    assert_caught(|| Hears(ends_in_2262), &expected);
}

/// The first half of an id only.
fn halves_ids(append: &mut Append) {
    for event in &mut append.events {
        event.id = EventId(Uuid::from_u64_pair(event.id.0.as_u64_pair().0, 0));
    }
}

#[test]
fn store_that_halves_ids_is_caught() {
    assert_caught(|| Hears(halves_ids), &["ids_of_any_bits_are_kept"]);
}

/// Says less or more of the log than there is.
struct Reads {
    /// The last event is not told.
    is_short: bool,
    /// Pages begin with the last event of the page before.
    repeats: bool,
    /// Positions are signed.
    is_signed: bool,
    /// Pages hold one more than was asked for.
    is_wide: bool,
}

const SOUND: Reads = Reads { is_short: false, repeats: false, is_signed: false, is_wide: false };

impl Reads {
    fn page(&self, log: &MemoryStore, after: u64, max: usize) -> (u64, usize) {
        let after = if self.repeats && max > 1 { after.saturating_sub(1) } else { after };
        let after = if self.is_signed && after > i64::MAX as u64 { 0 } else { after };
        let max = if self.is_wide && max > 1 { max.saturating_add(1) } else { max };
        let head = sound(Blocking(log).head());
        let left = usize::try_from(head.saturating_sub(1).saturating_sub(after));
        (after, if self.is_short { max.min(left.expect("a short log")) } else { max })
    }
}

impl Fault for Reads {
    fn facts<'a>(&'a self, log: &'a MemoryStore, after: u64, max: usize) -> StoreFuture<'a, Facts> {
        let (after, max) = self.page(log, after, max);
        log.facts(after, max)
    }
    fn events<'a>(
        &'a self,
        log: &'a MemoryStore,
        after: u64,
        max: usize,
    ) -> StoreFuture<'a, Vec<RecordedEvent>> {
        let (after, max) = self.page(log, after, max);
        log.events(after, max)
    }
}

#[test]
fn store_that_loses_the_tail_is_caught() {
    let expected = [
        "pages_of_any_size_say_the_same",
        "positions_and_sequences_have_no_gaps",
        "head_beside_writers_is_not_beyond_what_can_be_read",
    ];
    assert_caught(|| Reads { is_short: true, ..SOUND }, &expected);
}

#[test]
fn store_that_repeats_a_page_is_caught() {
    let expected = [
        "pages_of_any_size_say_the_same",
        "pages_end_where_they_were_asked_to_end",
        "pages_of_a_long_log_meet_without_gap_or_overlap",
        "reader_beside_writers_sees_every_event_in_order",
    ];
    assert_caught(|| Reads { repeats: true, ..SOUND }, &expected);
}

#[test]
fn store_with_signed_positions_is_caught() {
    let expected = [
        "pages_of_any_size_say_the_same",
        "pages_end_where_they_were_asked_to_end",
        "what_is_beyond_the_log_is_empty_or_not_found",
    ];
    assert_eq!(caught_by(|| Reads { is_signed: true, ..SOUND }), expected);
}

#[test]
fn store_with_pages_that_are_too_long_is_caught() {
    let expected = ["pages_of_any_size_say_the_same", "pages_end_where_they_were_asked_to_end"];
    assert_caught(|| Reads { is_wide: true, ..SOUND }, &expected);
}

/// Finds other leads than there are.
#[derive(Clone, Copy, PartialEq)]
enum Finds {
    OneLeadAKey,
    NotTheNextLead,
    NotEveryLinkedLead,
    KeysWithoutCase,
    TextsWithoutSpace,
}

impl Fault for Finds {
    fn lead_facts<'a>(
        &'a self,
        log: &'a MemoryStore,
        from: LeadIndex,
        positions: RangeInclusive<u64>,
        max: usize,
    ) -> StoreFuture<'a, LeadPage> {
        let skips = *self == Self::NotTheNextLead && from.0 > 0;
        log.lead_facts(LeadIndex(from.0.saturating_add(u32::from(skips))), positions, max)
    }
    fn linked<'a>(&'a self, log: &'a MemoryStore) -> StoreFuture<'a, Vec<LeadIndex>> {
        let mut leads = sound(Blocking(log).linked());
        if *self == Self::NotEveryLinkedLead {
            leads.pop();
        }
        done(Ok(leads))
    }
    fn leads_by_key<'a>(
        &'a self,
        log: &'a MemoryStore,
        key: &'a LeadKey,
    ) -> StoreFuture<'a, Vec<LeadEntry>> {
        let all = || sound(Blocking(log).leads(LeadIndex(0), usize::MAX)).into_iter();
        match self {
            Self::OneLeadAKey => {
                let found = sound(Blocking(log).leads_by_key(key));
                done(Ok(found.into_iter().take(1).collect()))
            }
            Self::KeysWithoutCase => {
                let is_like = |entry: &LeadEntry| {
                    entry.key.as_str().to_lowercase() == key.as_str().to_lowercase()
                };
                done(Ok(all().filter(is_like).collect()))
            }
            Self::NotTheNextLead | Self::NotEveryLinkedLead | Self::TextsWithoutSpace => {
                log.leads_by_key(key)
            }
        }
    }
    fn code<'a>(&'a self, log: &'a MemoryStore, text: &'a str) -> StoreFuture<'a, Option<Code>> {
        let found = sound(Blocking(log).code(text));
        let trims = *self == Self::TextsWithoutSpace;
        let like = || sound(Blocking(log).code(text.trim()));
        done(Ok(found.or_else(|| if trims { like() } else { None })))
    }
}

#[test]
fn store_that_knows_one_lead_a_key_is_caught() {
    let expected = ["leads_of_one_key_are_found_by_it", "tenants_and_systems_keep_leads_apart"];
    assert_eq!(caught_by(|| Finds::OneLeadAKey), expected);
}

#[test]
fn store_that_forgets_a_lead_between_pages_by_lead_is_caught() {
    let expected = [
        "facts_by_lead_are_those_of_the_log",
        "pages_end_where_they_were_asked_to_end",
        "reads_by_lead_beside_writers_are_whole",
    ];
    assert_eq!(caught_by(|| Finds::NotTheNextLead), expected);
}

#[test]
fn store_that_forgets_a_linked_lead_is_caught() {
    let expected = ["linked_leads_are_all_that_merges_name_or_none"];
    assert_eq!(caught_by(|| Finds::NotEveryLinkedLead), expected);
}

#[test]
fn store_that_finds_keys_without_their_case_is_caught() {
    let expected = ["leads_of_one_key_are_found_by_it", "keys_are_compared_to_the_byte"];
    assert_eq!(caught_by(|| Finds::KeysWithoutCase), expected);
}

#[test]
fn store_that_compares_texts_without_space_is_caught() {
    assert_eq!(caught_by(|| Finds::TextsWithoutSpace), ["strings_are_compared_to_the_byte"]);
}
