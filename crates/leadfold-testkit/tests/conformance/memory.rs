//! The store in memory keeps every clause, by itself and behind pointers.

use std::sync::Arc;

use leadfold_store::{MemoryStore, block_on};
use leadfold_testkit::conformance::{self, CLAUSES, Subject, support};

leadfold_testkit::conformance_tests!(MemoryStore::new);

/// A log in memory that outlives its store.
fn kept() -> Subject {
    let log = Arc::new(MemoryStore::new());
    Subject::reopening(move || Arc::clone(&log))
}

mod behind_a_pointer {
    leadfold_testkit::conformance_tests!(super::kept);
}

mod left_out {
    leadfold_testkit::conformance_tests!(leadfold_testkit::conformance::Subject::left_out);
}

#[test]
fn contract_holds_inside_an_executor() {
    let store = Arc::new(MemoryStore::new());
    let nested = async {
        support::fill(&store);
        block_on(leadfold_store::EventStore::head(&store))
    };
    assert_eq!(block_on(nested).expect("the head reads"), 293);
}

#[test]
fn all_clauses_are_run_on_a_store_each() {
    let mut n_stores = 0;
    conformance::run_all(|| {
        n_stores += 1;
        kept()
    });
    assert_eq!(n_stores, CLAUSES.len());
}

#[test]
fn clauses_have_names_of_their_own_and_say_what_they_demand() {
    let names: std::collections::BTreeSet<_> = CLAUSES.iter().map(|clause| clause.name).collect();
    assert_eq!(names.len(), CLAUSES.len());
    assert!(CLAUSES.iter().all(|clause| clause.what.ends_with('.')));
}

#[test]
fn name_that_no_clause_has_is_refused() {
    let run = || conformance::run("no_such_clause", MemoryStore::new);
    assert!(std::panic::catch_unwind(run).is_err());
}
