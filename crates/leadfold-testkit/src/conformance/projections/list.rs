//! The list of clauses, written once.

use super::{Medium, clauses};

/// Makes one test of each clause of [`projections`](crate::conformance::projections), from what
/// makes a [`Medium`](crate::conformance::projections::Medium) without tables; none: the clause is
/// left out, because what it needs is not there.
#[macro_export]
macro_rules! projection_tests {
    ($make:expr) => {
        $crate::__projection_clauses!([$crate::__projection_test][$make]);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __projection_test {
    ([$make:expr] $($name:ident $what:literal)*) => {$(
        #[test]
        fn $name() {
            let medium = ($make)();
            if let Some(medium) = &medium {
                $crate::conformance::projections::run(stringify!($name), medium);
            }
        }
    )*};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __projection_clauses {
    ([$($then:tt)*] $($with:tt)*) => { $($then)*! { $($with)*
        every_event_is_taken_in_once_whatever_the_page
        "around the end of the log, in pages of all sizes, of facts and of events."
        crash_between_any_two_steps_loses_and_repeats_nothing
        "wherever a runner breaks off, its tables have what its checkpoint says, and the next \
         runner goes on."
        page_that_fails_leaves_nothing
        "also what was written of it before it failed."
        runners_of_one_version_take_turns
        "several at once, beside writers: every event once."
        runner_follows_until_it_is_stopped
        "what is there, and then what is appended, in one call."
        event_that_cannot_be_taken_in_stops_the_runner_before_it
        "everything before it is there; the same for one that does not read."
        event_is_left_out_with_a_note_if_that_is_decided
        "in one transaction with the checkpoint behind it."
        event_is_tried_again_if_that_is_decided
        "a bounded number of times."
        new_version_is_built_beside_the_old_and_shown_at_once
        "and not before it has come as far; the way back is open, and what is shown is not removed."
        version_that_is_not_there_is_not_found
        "and is not made by asking for a step, a replay, a promotion, the way back or its end."
        replay_begins_anew
        "and what was left out is asked for again."
        tables_of_another_log_are_refused
        "and those of a longer one."
    }};
}

macro_rules! list {
    ($($name:ident $what:literal)*) => {
        /// The names of all clauses, and what each demands.
        pub const CLAUSES: &[(&str, &str)] = &[$((stringify!($name), $what),)*];

        /// Holds one clause against a medium without tables.
        ///
        /// # Panics
        /// Where the store breaks the clause, and where there is no clause of the name.
        pub fn run<M: Medium>(name: &str, medium: &M) {
            match name {
                $(stringify!($name) => clauses::$name(medium),)*
                _ => panic!("expected the name of a clause, found {name}"),
            }
        }
    };
}

crate::__projection_clauses!([list]);
