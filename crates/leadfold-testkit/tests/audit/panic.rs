//! A failed expectation points at the line of the test.

use std::cell::Cell;
use std::panic::{catch_unwind, set_hook, take_hook};
use std::sync::Once;

use leadfold_core::audit::AuditCode::Leaked;
use leadfold_core::{Playbook, Reason};
use leadfold_testkit::story::Story;
use leadfold_testkit::{Log, given, laws, scenario};

thread_local! {
    /// Whether a panic of this thread is what is wanted.
    static IS_WANTED: Cell<bool> = const { Cell::new(false) };
    /// The file in which this thread panicked last.
    static FILE: Cell<Option<String>> = const { Cell::new(None) };
}

/// Other tests run in other threads: they keep the hook that they had.
fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            FILE.set(info.location().map(|location| location.file().to_owned()));
            if !IS_WANTED.get() {
                before(info);
            }
        }));
    });
}

fn fails(test: fn()) {
    watch();
    IS_WANTED.set(true);
    let result = catch_unwind(test);
    IS_WANTED.set(false);
    let error = result.expect_err("the expectation is not met");
    assert!(error.is::<String>() || error.is::<&str>());
    let file = FILE.take().expect("a place");
    assert!(file.ends_with("tests/audit/panic.rs"), "{file}");
}

fn unqualified() -> Log {
    let story = Story::new().lead("L1").captured("web").handed_off("ann");
    Log::of(story).expect("a log")
}

fn accept() -> leadfold_core::Command {
    leadfold_core::Command::Accept(leadfold_core::event::Accepted { by: None, handoff: None })
}

#[test]
fn every_demand_points_at_its_caller() {
    fails(|| drop(unqualified().audit(&Playbook::default()).expect_clean().figures()));
    fails(|| drop(unqualified().audit(&Playbook::default()).expect(Leaked, "L1").figures()));
    fails(|| drop(unqualified().audit(&Playbook::default()).expect_only(&[]).figures()));
    fails(|| drop(unqualified().audit(&Playbook::default()).as_of("soon").figures()));
    fails(|| drop(given(Story::new()).lead("L1").when(accept(), "2024-01-01").then_nothing()));
    fails(|| drop(given([]).when(accept(), "2024-01-01")));
    fails(|| {
        let given = given(Story::new()).lead("L1").when(accept(), "2024-01-01");
        drop(given.then_refused(Reason::NotOwner));
    });
    fails(|| scenario::check("no/such.scenario"));
    fails(|| scenario::check_all("src"));
    fails(|| laws::nothing_refusable_is_recorded(&unqualified(), &Playbook::default()));
}
