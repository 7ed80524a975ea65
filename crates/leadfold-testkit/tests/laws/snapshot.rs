//! Law 1 for snapshots: a fold that goes on from one has the same tables to the byte, and what is
//! no snapshot, or one of other histories, is noticed.

use leadfold_core::{
    Bounds, DAY, Facts, Fold, LeadFacts, LeadIndex, Playbook, Restore, RestoreError, Timestamp,
};
use leadfold_store::{Append, Blocking, MemoryStore};
use leadfold_testkit::simulate::Simulation;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::book::{config, playbook, rules};
use super::draw::{Lines, lines, time};
use super::log::Log;
use super::plain::outcome;

type Parts = Vec<Vec<u8>>;

fn restored(playbook: &Playbook, parts: &Parts) -> Result<Fold, RestoreError> {
    let mut restore = Restore::new(playbook.clone(), parts.len());
    parts.iter().try_for_each(|part| restore.feed(part))?;
    restore.end()
}

/// The beginning of a log, folded page by page.
fn folded(log: &Log, playbook: &Playbook, to: u64, events_max: usize) -> Fold {
    let mut fold = Fold::new(playbook.clone(), Bounds::default());
    log.feed(&mut fold, to, events_max);
    log.settle(&mut fold);
    fold
}

/// The same from its facts by lead.
fn rebuilt(log: &Log, playbook: &Playbook, to: u64) -> Fold {
    let mut fold = Fold::new(playbook.clone(), Bounds::default());
    fold.learn(|name| log.store.code(name)).expect("a memory has codes");
    let pages: Vec<&Facts> = log.facts[..to as usize].iter().collect();
    fold.rebuild(&LeadFacts::of(&pages));
    fold.rebuilt(to);
    log.settle(&mut fold);
    fold
}

fn snapshot(fold: &Fold) -> Parts {
    fold.snapshot().collect()
}

/// All leads of a log and what is of none, and their histories up to a position.
fn histories(log: &Log, to: u64) -> (Vec<LeadIndex>, Facts) {
    let leads = log.store.leads(LeadIndex(0), usize::MAX).expect("a memory has leads");
    let mut leads: Vec<LeadIndex> = leads.iter().map(|lead| lead.index).collect();
    leads.push(LeadIndex::NONE);
    let mut history = Facts::default();
    log.facts[..to as usize].iter().for_each(|page| history.extend_filtered(page, |_| true));
    (leads, history)
}

/// Whether a fold is another in what a sample can tell: that is everything but how far it has come,
/// and when the last event happened.
fn is_other(fold: &Fold, other: &Fold) -> bool {
    let ends = |fold: &Fold| (fold.position(), fold.tables().last_at());
    let [one, two] = [snapshot(fold), snapshot(other)];
    one[1..] != two[1..] || ends(fold) == ends(other) && one[0] != two[0]
}

proptest! {
    #![proptest_config(config(128))]

    #[test]
    fn law_1_from_any_snapshot_the_tables_are_the_same(
        lines in lines(), rules in rules(), at in any::<prop::sample::Index>(),
        before in 1_usize..9, behind in 1_usize..9, settles in any::<bool>(),
    ) {
        let (log, playbook) = (Log::of(&lines), playbook(&rules));
        let to = at.index(log.facts.len() + 1) as u64;
        let taken = folded(&log, &playbook, to, before);
        let parts = snapshot(&taken);
        prop_assert_eq!(&parts, &snapshot(&rebuilt(&log, &playbook, to)), "equal logs");

        let mut fold = restored(&playbook, &parts).expect("it is a snapshot");
        prop_assert_eq!(fold.position(), to);
        prop_assert_eq!(&snapshot(&fold), &parts, "read and written again");
        prop_assert_eq!(fold.tables().encode(), taken.tables().encode());
        prop_assert_eq!(outcome(&log, fold.tables()), outcome(&log, taken.tables()));

        while fold.position() < log.head() {
            let next = (fold.position() + behind as u64).min(log.head());
            log.feed(&mut fold, next, behind);
            if settles {
                log.settle(&mut fold);
            }
        }
        log.settle(&mut fold);
        let whole = folded(&log, &playbook, log.head(), 4096);
        prop_assert_eq!(fold.tables().encode(), whole.tables().encode(), "on from {}", to);
        prop_assert_eq!(snapshot(&fold), snapshot(&whole), "on from {}", to);
        prop_assert_eq!(outcome(&log, fold.tables()), outcome(&log, whole.tables()));
    }

    /// Nobody is called a liar who is none: of all leads, and of one family.
    #[test]
    fn a_true_snapshot_agrees_with_all_histories(
        lines in lines(), rules in rules(), at in any::<prop::sample::Index>(),
        one in any::<prop::sample::Index>(),
    ) {
        let (log, playbook) = (Log::of(&lines), playbook(&rules));
        let to = at.index(log.facts.len() + 1) as u64;
        let mut fold = restored(&playbook, &snapshot(&folded(&log, &playbook, to, 7)));
        let fold = fold.as_mut().expect("it is a snapshot");
        fold.learn(|name| log.store.code(name)).expect("a memory has codes");
        let (leads, history) = histories(&log, to);
        prop_assert_eq!(fold.first_lie(&leads, &history), None);

        let family = log.store.family(&[leads[one.index(leads.len())]]).expect("a memory");
        let mut own = Facts::default();
        own.extend_filtered(&history, |lead| family.contains(&lead));
        prop_assert_eq!(fold.first_lie(&family, &own), None);
    }

    /// A snapshot that is cut anywhere is refused, and so is one with something behind it. One
    /// with a flipped bit is refused or is another's: a store's checksum tells these, and so does
    /// the sample, where it meets what is changed. Nothing panics.
    #[test]
    fn damaged_snapshots_are_refused_or_found(
        lines in lines(), rules in rules(), flips in prop::collection::vec(any::<prop::sample::Index>(), 32),
    ) {
        let (log, playbook) = (Log::of(&lines), playbook(&rules));
        let whole = folded(&log, &playbook, log.head(), 4096);
        let parts = snapshot(&whole);
        for (number, part) in parts.iter().enumerate() {
            let mut other = parts.clone();
            for end in 0..part.len() {
                other[number].truncate(part.len() - 1 - end);
                prop_assert!(restored(&playbook, &other).is_err(), "part {} cut", number);
            }
            other[number].clone_from(part);
            other[number].push(0);
            prop_assert!(restored(&playbook, &other).is_err(), "behind part {}", number);
        }
        prop_assert!(restored(&playbook, &parts[..parts.len() - 1].to_vec()).is_err());
        let (leads, history) = histories(&log, log.head());
        for flip in flips {
            let mut other = parts.clone();
            let number = flip.index(other.len());
            let bit = flip.index(other[number].len() * 8);
            other[number][bit / 8] ^= 1 << (bit % 8);
            let Ok(mut lying) = restored(&playbook, &other) else { continue };
            lying.learn(|name| log.store.code(name)).expect("a memory has codes");
            let lie = lying.first_lie(&leads, &history);
            prop_assert_eq!(lie.is_some(), is_other(&lying, &whole), "bit {} of {}", bit, number);
        }
    }
}

/// What an amendment after the loss has changed does not take the place of what was lost.
#[test]
fn snapshot_keeps_what_was_lost_beside_what_is_said_of_it_since() {
    let line = |(day, (kind, data)): (i64, (&str, Value))| {
        json!({
            "id": format!("00000000-0000-7000-8000-{day:012}"), "lead": "a", "type": kind,
            "occurred_at": time(day * DAY), "recorded_at": time(day * DAY),
            "origin": {"system": "crm"}, "data": data,
        })
    };
    let events = [
        ("captured", json!({"origin": "sales_generated"})),
        ("qualified", json!({"level": "sql"})),
        ("opportunity_opened", json!({"opportunity": "p", "amount": 70, "currency": "EUR"})),
        ("lost", json!({"opportunity": "p"})),
        ("opportunity_amended", json!({"opportunity": "p", "amount": 90, "currency": "USD"})),
    ];
    let log = Log::of(&Lines((1..).zip(events).map(line).collect()));
    let playbook = Playbook::default();
    let parts = snapshot(&folded(&log, &playbook, log.head(), 4096));
    let fold = restored(&playbook, &parts).expect("it is a snapshot");
    let deals = outcome(&log, fold.tables()).leads.remove("a").expect("it is there").opportunities;
    assert_eq!((deals[0].amount, deals[0].currency.as_deref()), (Some(90), Some("USD")));
    assert_eq!(deals[0].money_at_loss, Some((70, "EUR".to_owned())));
}

/// A simulated company, which has hundreds of leads, in parts of the usual size.
#[test]
fn snapshot_of_several_parts_is_gone_on_with() {
    let store = Blocking(MemoryStore::new());
    let events = Simulation::new(5, 8_000).events().collect();
    store.append(Append::new(events, Timestamp::from_micros(0))).expect("it is valid");
    let page = store.facts(0, usize::MAX).expect("a memory has facts");
    let mut fold = Fold::new(Playbook::default(), Bounds::default());
    fold.rebuild(&LeadFacts::of(&[&page]));
    fold.rebuilt(store.head().expect("a memory has a head"));
    fold.settle(|leads| store.history(leads)).expect("a memory has histories");
    let parts = snapshot(&fold);
    assert!(parts.len() > 2, "{} parts", parts.len());
    let again = restored(&Playbook::default(), &parts).expect("it is a snapshot");
    assert_eq!(again.tables().encode(), fold.tables().encode());
    assert_eq!(snapshot(&again), parts);
    let mut swapped = parts.clone();
    swapped.swap(1, 2);
    let swapped = restored(&Playbook::default(), &swapped).map(|fold| fold.tables().encode());
    assert_ne!(swapped, Ok(fold.tables().encode()), "the order of parts is told");
}

/// The comparison can fail: a fold that goes on behind the place of its snapshot is noticed.
#[test]
fn events_between_a_snapshot_and_what_follows_are_missed() {
    let store = Blocking(MemoryStore::new());
    let events = Simulation::new(3, 40).events().collect();
    store.append(Append::new(events, Timestamp::from_micros(0))).expect("it is valid");
    let first = store.facts(0, 1).expect("a memory has facts");
    let gone_on = |after: u64| {
        let mut fold = Fold::new(Playbook::default(), Bounds::default());
        fold.apply(&first);
        let mut fold = restored(&Playbook::default(), &snapshot(&fold)).expect("it is a snapshot");
        fold.apply(&store.facts(after, usize::MAX).expect("a memory has facts"));
        fold.settle(|leads| store.history(leads)).expect("a memory has histories");
        fold.into_tables().encode()
    };
    assert_ne!(gone_on(1), gone_on(51));
}
