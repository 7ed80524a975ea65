//! The list of clauses, written once: a table of them and the tests of a store are made from it.

/// Makes one test of each clause of [`conformance`](crate::conformance), from what makes a store
/// on a new log: a function or closure that gives an
/// [`EventStore`](leadfold_store::EventStore) or a [`Subject`](crate::conformance::Subject).
///
/// ```
/// # use leadfold_store::MemoryStore;
/// mod memory_store_keeps_the_contract {
///     leadfold_testkit::conformance_tests!(super::MemoryStore::new);
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! conformance_tests {
    ($make:expr) => {
        $crate::__conformance_clauses!([$crate::__conformance_test][$make]);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_test {
    ([$make:expr] $($topic:ident $kind:ident: $($name:ident $what:literal)*;)*) => {$($(
        #[test]
        fn $name() {
            $crate::conformance::run(stringify!($name), $make);
        }
    )*)*};
}

/// Hands the list to a macro. `Store` clauses need a store, `Log` clauses one that can be opened
/// again.
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_clauses {
    ([$($then:tt)*] $($with:tt)*) => { $($then)*! { $($with)*
        appending Store:
            empty_log_has_nothing
            "every read of a new log is empty."
            empty_append_succeeds_and_changes_nothing
            "an append without events succeeds and changes nothing."
            empty_append_does_not_look_at_expectations
            "an append without events succeeds whatever it expects."
            positions_and_sequences_have_no_gaps
            "positions count from 1, sequences from 1 in each lead, 0 without a lead."
            recorded_at_is_the_events_own_or_the_appends
            "an event that brings its `recorded_at` keeps it; the others have the append's."
            repeated_event_is_a_duplicate_and_changes_nothing
            "an id with its own content is told where it is, and nothing is written."
            other_content_under_one_id_refuses_the_batch
            "nothing of the batch is left: no event, no lead, no string, no id."
            other_content_under_one_id_is_refused_singly_on_import
            "only that event is refused where an append asks for it."
            twins_in_one_batch_are_one_event
            "the second of two equal events of a batch is a duplicate of the first."
            different_twins_in_one_batch_are_a_conflict
            "two events of a batch with one id and two contents are refused."
            stale_expectation_is_refused_and_changes_nothing
            "a lead with more or fewer events than expected refuses the whole append."
            expectation_of_the_right_sequence_is_accepted
            "also 0, of a lead that the log does not know."
            retried_command_succeeds_although_its_expectation_is_stale
            "expectations guard what is new only."
            family_of_another_size_is_refused_and_changes_nothing
            "a family with more or fewer leads or events than expected refuses the append."
            merge_from_outside_makes_an_expectation_of_the_family_stale
            "a merge into a family is noticed, though it stands in another stream."
            event_that_does_not_read_back_is_refused
            "what cannot get out does not get in."
            event_that_does_not_read_back_is_refused_singly_on_import
            "and does not take its id from another event.";
        reading Store:
            pages_of_any_size_say_the_same
            "events and facts, page by page, are those of one read."
            facts_by_lead_are_those_of_the_log
            "up to every position that was sealed once, and in every run that was told once."
            leads_are_numbered_as_the_log_names_them
            "from 0 without gaps, also leads that are only named by others."
            leads_of_one_key_are_found_by_it
            "of all tenants and origins, in the order of their numbers."
            lead_has_the_key_that_its_first_event_wrote
            "not that of an event that was refused; another spelling of a UUID is the same lead."
            lead_events_come_in_their_sequence
            "all of a lead, and all without a lead."
            history_is_what_the_facts_have_of_the_leads
            "in the order of the log, each once, whatever was asked how often."
            family_is_all_that_merges_ever_connected
            "also by merges that were undone or corrected."
            linked_leads_are_all_that_merges_name_or_none
            "sorted; a store that does not know them tells none."
            strings_have_dense_codes
            "in the order in which the log names them, and an unknown code is `NotFound`."
            event_ids_come_in_the_order_asked
            "and an unknown position is `NotFound`."
            unknown_events_survive
            "unknown types, versions and fields come back as they were."
            store_declares_what_it_can_do
            "and always the same; what it does not declare it does not do."
            nothing_is_damaged
            "a sound log verifies, and progress ends at the head.";
        conditions Store:
            match_behind_the_position_refuses_the_append
            "and changes nothing, in either mode; each condition of an append has to hold."
            condition_asks_for_tenant_lead_type_and_data
            "and so does a filtered read."
            condition_finds_texts_beside_what_nobody_reads
            "`1e400` or half a surrogate pair in another field hides no event."
            expected_head_is_that_of_the_whole_log
            "one that the log has not reached is a conflict, and a retry does not look at it."
            matching_reads_tell_how_far_they_looked
            "page by page they find every match once, and come to the head."
            claims_of_many_threads_have_one_winner
            "if each is appended unless somebody else's is there."
            capacity_is_not_exceeded_by_many_threads
            "if each append is on the condition that the count that was read still holds."
            identity_has_one_lead_whatever_many_threads_capture
            "likewise.";
        waiting Store:
            wait_for_what_is_there_ends
            "at once, with the head."
            append_ends_the_waits_for_its_events_and_no_others
            "whatever the order in which they began."
            waits_that_are_dropped_are_nobodys_matter
            "others go on as if they had not been."
            waits_beside_a_writer_see_what_they_waited_for
            "what a wait was told can be read.";
        correcting Store:
            correction_finds_its_target_in_its_own_stream_only
            "another lead's event is no target."
            correction_finds_its_target_in_its_own_batch
            "if it stands before the correction."
            early_correction_works_when_its_target_arrives
            "and the target's facts say so.";
        paging Store:
            pages_end_where_they_were_asked_to_end
            "around the end of every paged read: no more than asked for, whole, and not empty \
             before the end."
            pages_of_a_long_log_meet_without_gap_or_overlap
            "around 4,096 events, from any place and in any size."
            what_is_beyond_the_log_is_empty_or_not_found
            "places of any size, up to the largest number.";
        hostile Store:
            texts_come_back_to_the_byte
            "empty ones, NUL, right to left, combining marks, quotes, SQL, 64 KiB."
            strings_are_compared_to_the_byte
            "no case, no normal form, no white space and no wildcard makes two of them one."
            keys_are_compared_to_the_byte
            "a lead is found by its own key and by no other."
            tenants_and_systems_keep_leads_apart
            "whatever they are called."
            raw_json_is_kept_to_the_letter
            "escapes, white space and numbers of unknown fields.";
        limits Store:
            times_at_the_ends_of_the_calendar_are_kept
            "the first and the last microsecond; one beyond is refused."
            clock_that_jumps_reorders_nothing
            "appends whose times go forth and back by years keep their order, and their times."
            amounts_of_any_size_are_kept
            "in the event and in its fact, up to 2^63 - 1."
            ids_of_any_bits_are_kept
            "also those of zeros only and of ones only."
            expectations_of_any_size_are_compared
            "a number that no column holds is a conflict, not an accident.";
        sharing Store:
            appends_of_many_threads_are_linearizable
            "there is one order that explains every answer: contiguous batches, expectations that \
             held, conflicts that had a reason, duplicates of what was there."
            event_of_many_threads_is_appended_once
            "and the others are told where it is."
            reader_beside_writers_sees_every_event_in_order
            "nobody sees an event before all events before it."
            head_beside_writers_is_not_beyond_what_can_be_read
            "and never goes back."
            reads_by_lead_beside_writers_are_whole
            "up to what is sealed."
            what_a_reader_beside_writers_has_seen_can_be_looked_up
            "ids, strings, leads and histories of all that was read.";
        dropping Store:
            dropped_append_is_whole_or_not_there
            "polled or not; its retry completes it, and the next append goes in.";
        reopening Log:
            acknowledged_events_survive_reopening
            "each, at once."
            appends_of_many_threads_survive_reopening
            "all that were acknowledged, in their places."
            opened_log_says_what_it_said
            "every read is the same as before."
            opened_log_knows_its_ids_and_expectations
            "duplicates, conflicts, sequences and families."
            early_correction_survives_reopening
            "and finds its target afterwards.";
        snapshots Store:
            snapshot_is_kept_as_it_was_given_or_not_at_all
            "every part of any size, as the store declares."
            snapshot_takes_the_place_of_the_one_before_it
            "whose parts are `NotFound` from then on, and are never taken for the new one's."
            snapshot_and_log_leave_each_other_alone
            "an append does not touch it, and it is no event.";
        snapshots Log:
            snapshot_survives_reopening
            "and so does its being dropped.";
    }};
}
