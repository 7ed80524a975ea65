//! Logs for property tests: ones that a company could have written, and ones that nobody would.
//!
//! Both are drawn from a few small numbers, so a failing log shrinks to few leads and few, plain
//! events.

mod dials;
mod dress;
mod money;
mod people;
mod queue;
mod record;
mod stage;
mod step;
mod vocabulary;
mod words;

use std::ops::Range;
use std::sync::Arc;

use leadfold_core::event::{NewEvent, RecordedEvent};
use leadfold_core::{Playbook, decide};
use proptest::bool::weighted;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};

use self::dress::Dress;
use self::queue::{PAUSES, longest, queue};
use self::step::{LEADS_MAX, Setting, Step, write};
use self::vocabulary::Vocabulary;
use crate::laws::decide_all;
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

/// Logs that are legal under a playbook: a simulated company that goes by its names, of which
/// every event has passed `decide`. The leads are few and go far; some lack what a gate asks for,
/// and stay where they are.
///
/// ```
/// use leadfold_core::{Playbook, Rules};
/// use leadfold_testkit::{Log, laws, strategies::valid_log_under};
/// use proptest::strategy::{Strategy, ValueTree};
/// use proptest::test_runner::TestRunner;
///
/// let rules = Rules { implied_steps: false, ..Rules::default() };
/// let strict = Playbook { rules, ..Playbook::default() };
/// let log = valid_log_under(&strict, 1..5, 0..100).new_tree(&mut TestRunner::deterministic())?;
/// laws::nothing_refusable_is_recorded(&Log::of(log.current()).unwrap(), &strict);
/// # Ok::<(), proptest::test_runner::Reason>(())
/// ```
pub fn valid_log_under(
    playbook: &Playbook,
    leads: Range<u32>,
    seeds: Range<u64>,
) -> impl Strategy<Value = Vec<NewEvent>> + use<> {
    let playbook = Arc::new(playbook.clone());
    (leads, seeds, few_bits()).prop_map(move |(leads, seed, bare)| {
        let company = Simulation { days: 200, ..Simulation::new(seed, leads) }.orderly();
        let dress = Dress::of(&playbook, bare);
        let asked = company.events().map(|event| dress.dress(event));
        let decisions = decide_all(&playbook, decide, asked, |_| Ok(()));
        let events = decisions.and_then(|decisions| Ok(decisions.log.events()?));
        events.expect("memory does not fail").into_iter().map(as_new).collect()
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
    adversarial(max_events, Vocabulary::of_strangers())
}

/// The same in the names of a playbook, and of strangers: its owners, those who left, its queues,
/// its pipelines and stages, and attributes that meet its gates, or nearly.
///
/// ```
/// use leadfold_core::Playbook;
/// use leadfold_testkit::{Log, laws, strategies::adversarial_log_under};
/// use proptest::strategy::{Strategy, ValueTree};
/// use proptest::test_runner::TestRunner;
///
/// let playbook = Playbook::default();
/// let log = adversarial_log_under(&playbook, 30).new_tree(&mut TestRunner::deterministic())?;
/// laws::replays_agree(&Log::of(log.current()).unwrap(), &playbook);
/// # Ok::<(), proptest::test_runner::Reason>(())
/// ```
pub fn adversarial_log_under(
    playbook: &Playbook,
    max_events: usize,
) -> impl Strategy<Value = Vec<NewEvent>> + use<> {
    adversarial(max_events, Vocabulary::of(playbook))
}

/// Commands that a product under a playbook may be asked for, sensible or not, one after the other
/// in time: a company's work on its three busiest leads, and between it anything else on two of
/// them or on no lead, above all what playbooks have rules for, in the playbook's names. Each lead
/// is captured first.
///
/// ```
/// use leadfold_core::Playbook;
/// use leadfold_testkit::{laws, strategies::commands_under};
/// use proptest::strategy::{Strategy, ValueTree};
/// use proptest::test_runner::TestRunner;
///
/// let playbook = Playbook::default();
/// let commands = commands_under(&playbook, 30).new_tree(&mut TestRunner::deterministic())?;
/// let decisions = laws::decided_commands_are_clean(&playbook, commands.current());
/// let recorded = decisions.log.events().unwrap().len();
/// assert!(recorded + decisions.refusals.len() <= 30);
/// # Ok::<(), proptest::test_runner::Reason>(())
/// ```
pub fn commands_under(
    playbook: &Playbook,
    max_commands: usize,
) -> impl Strategy<Value = Vec<NewEvent>> + use<> {
    let (names, playbook) = (Vocabulary::of(playbook), Arc::new(playbook.clone()));
    let others = vec(Step::of_conduct(), max_commands);
    let turns = vec((weighted(0.7), 0..PAUSES.len()), 0..=max_commands);
    (any::<u64>(), few_bits(), others, turns).prop_map(move |(seed, bare, others, turns)| {
        // Nobody's tenant and system, as the company's: so its leads and these are the same.
        let setting = Setting { leads: 2, has_system: false, has_tenant: false };
        let others = write(setting, &others, &names).into_iter();
        let dress = Dress::of(&playbook, bare);
        let company = Simulation { days: 120, ..Simulation::new(seed, 16) }.orderly();
        let worked = longest(company.events(), 3).map(|event| dress.dress(event));
        queue(worked, others, &turns)
    })
}

/// Every fourth bit or so.
fn few_bits() -> impl Strategy<Value = u64> {
    any::<[u64; 2]>().prop_map(|[a, b]| a & b)
}

fn adversarial(
    max_events: usize,
    names: Vocabulary,
) -> impl Strategy<Value = Vec<NewEvent>> + use<> {
    let setting = (2..=LEADS_MAX, any::<bool>(), any::<bool>())
        .prop_map(|(leads, has_system, has_tenant)| Setting { leads, has_system, has_tenant });
    let steps = vec(Step::strategy(), 0..=max_events);
    let names = Arc::new(names);
    (setting, steps).prop_map(move |(setting, steps)| write(setting, &steps, &names))
}

/// The event again, as somebody would send it.
fn as_new(recorded: RecordedEvent) -> NewEvent {
    let RecordedEvent { id, recorded_at, event, .. } = recorded;
    NewEvent { id, recorded_at: Some(recorded_at), event }
}
