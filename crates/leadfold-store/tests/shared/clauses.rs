//! What every store must do, clause by clause. Written once; run on each store, and on broken
//! stores that it must catch.

mod appending;
mod correcting;
mod reading;
pub(crate) mod support;

use leadfold_store::EventStore;

/// A clause: it is given an empty store, and panics if the store breaks it.
pub(crate) type Clause = (&'static str, fn(&dyn EventStore));

/// A list of functions under their names.
macro_rules! clauses {
    ($($module:ident: $($name:ident),*;)*) => {
        &[$($((stringify!($name), $module::$name as fn(&dyn EventStore)),)*)*]
    };
}

/// All clauses.
pub(crate) const CLAUSES: &[Clause] = clauses! {
    appending:
        empty_log_has_nothing,
        empty_append_succeeds_and_changes_nothing,
        positions_and_sequences_have_no_gaps,
        recorded_at_is_the_events_own_or_the_appends,
        repeated_event_is_a_duplicate_and_changes_nothing,
        other_content_under_one_id_refuses_the_batch,
        other_content_under_one_id_is_refused_singly_on_import,
        twins_in_one_batch_are_one_event,
        different_twins_in_one_batch_are_a_conflict,
        stale_expectation_is_refused_and_changes_nothing,
        expectation_of_the_right_sequence_is_accepted,
        retried_command_succeeds_although_its_expectation_is_stale,
        family_of_another_size_is_refused_and_changes_nothing,
        merge_from_outside_makes_an_expectation_of_the_family_stale,
        event_that_does_not_read_back_is_refused,
        event_that_does_not_read_back_is_refused_singly_on_import;
    reading:
        pages_of_any_size_say_the_same,
        facts_by_lead_are_those_of_the_log,
        leads_are_numbered_as_the_log_names_them,
        leads_of_one_key_are_found_by_it,
        lead_events_come_in_their_sequence,
        history_is_what_the_facts_have_of_the_leads,
        family_is_all_that_merges_ever_connected,
        strings_have_dense_codes,
        event_ids_come_in_the_order_asked,
        unknown_events_survive,
        nothing_is_damaged;
    correcting:
        correction_finds_its_target_in_its_own_stream_only,
        correction_finds_its_target_in_its_own_batch,
        early_correction_works_when_its_target_arrives;
};

/// Runs all clauses, each on a store of its own.
pub(crate) fn run_all(mut store: impl FnMut() -> Box<dyn EventStore>) {
    for (name, clause) in CLAUSES {
        println!("clause {name}");
        clause(&*store());
    }
}
