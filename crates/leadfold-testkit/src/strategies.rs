//! Logs for property tests: ones that a company could have written, and ones that nobody would.
//!
//! Both are drawn from a few small numbers, so a failing log shrinks to few leads and few, plain
//! events.

mod dials;
mod money;
mod people;
mod record;
mod stage;
mod step;
mod words;

use std::ops::Range;

use leadfold_core::event::NewEvent;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};

use self::step::{LEADS_MAX, Setting, Step, write};
use crate::simulate::Simulation;

/// Simulated logs: legal under the default playbook. Half of them are orderly; the others have
/// many late and repeated events, merges and corrections.
///
/// ```
/// use leadfold_testkit::strategies::valid_log;
/// use proptest::strategy::{Strategy, ValueTree};
/// use proptest::test_runner::TestRunner;
///
/// let log = valid_log(1..20, 0..100).new_tree(&mut TestRunner::deterministic())?.current();
/// assert!(log.is_sorted_by_key(|event| event.recorded_at));
/// # Ok::<(), proptest::test_runner::Reason>(())
/// ```
pub fn valid_log(leads: Range<u32>, seeds: Range<u64>) -> impl Strategy<Value = Vec<NewEvent>> {
    (leads, seeds, any::<bool>()).prop_map(|(leads, seed, is_disturbed)| {
        let company = Simulation { days: 200, ..Simulation::new(seed, leads) };
        let disturbed =
            Simulation { late: 0.1, duplicates: 0.05, merges: 0.1, corrections: 0.2, ..company };
        let simulation = if is_disturbed { disturbed } else { company.orderly() };
        simulation.events().collect()
    })
}

/// Logs that hold anything that the format can say, in any order: two to five leads, few instants
/// with many ties (and the years 0 and 9999), every type with any of its fields, unknown types
/// and fields, corrections of anything by anything, merges in rings, the same event twice,
/// amounts up to the last one and hostile keys. Nothing in it is refused by the reader of lines.
///
/// All leads are of one tenant and one system, so that a lead's key is its identity.
///
/// ```
/// use leadfold_testkit::strategies::adversarial_log;
/// use proptest::strategy::{Strategy, ValueTree};
/// use proptest::test_runner::TestRunner;
///
/// let log = adversarial_log(30).new_tree(&mut TestRunner::deterministic())?.current();
/// assert!(log.len() <= 30);
/// # Ok::<(), proptest::test_runner::Reason>(())
/// ```
pub fn adversarial_log(max_events: usize) -> impl Strategy<Value = Vec<NewEvent>> {
    let setting = (2..=LEADS_MAX, any::<bool>(), any::<bool>())
        .prop_map(|(leads, has_system, has_tenant)| Setting { leads, has_system, has_tenant });
    let steps = vec(Step::strategy(), 0..=max_events);
    (setting, steps).prop_map(|(setting, steps)| write(setting, &steps))
}
