//! Law 1 for rebuilds: tables that are made lead by lead are the same to the byte, in parts of
//! any size, of any beginning of the log, and as the log goes on.

use leadfold_core::{
    Apart, Bounds, Facts, Fold, LeadFacts, LeadIndex, LeadPage, LeadRuns, Playbook, Shard,
    Timestamp, fold_leads, fold_pages,
};
use leadfold_store::{Append, Blocking, MemoryStore};
use leadfold_testkit::simulate::Simulation;
use proptest::prelude::*;
use serde_json::json;

use super::book::{config, playbook, rules};
use super::draw::{Lines, instant, lines};
use super::log::Log;
use super::plain::outcome;

/// Facts in parts of about so many.
fn in_parts(facts: &LeadFacts, facts_max: usize) -> impl Iterator<Item = LeadFacts> {
    facts.in_parts(facts.facts().len().div_ceil(facts_max))
}

/// The beginning of a log by lead, put together from runs and cut into parts of whole leads.
fn parts(log: &Log, to: usize, events_a_run: usize, facts_max: usize) -> Vec<LeadFacts> {
    let pages: Vec<&Facts> = log.facts[..to].iter().collect();
    let runs: Vec<LeadFacts> = pages.chunks(events_a_run).map(LeadFacts::of).collect();
    let runs: Vec<&Facts> = runs.iter().map(LeadFacts::facts).collect();
    in_parts(&LeadFacts::of(&runs), facts_max).collect()
}

fn rebuilt(log: &Log, playbook: &Playbook, bounds: Bounds, to: usize, parts: &[LeadFacts]) -> Fold {
    let mut fold = Fold::new(playbook.clone(), bounds);
    fold.learn(|name| log.store.code(name)).expect("a memory has codes");
    parts.iter().for_each(|part| fold.rebuild(part));
    fold.rebuilt(to as u64);
    fold
}

/// Gives each run the page that it wants: of about so many facts, packed in two parts or as it is.
fn feed(all: &[LeadFacts], runs: &mut LeadRuns, facts_max: usize) {
    while let Some((run, from)) = runs.wanted() {
        let rest = all[run].of_leads(from, LeadIndex::NONE);
        let page = in_parts(&rest, facts_max).next().unwrap_or_default();
        let parts = || in_parts(&page, facts_max / 2 + 1).map(|part| part.encode()).collect();
        let is_packed = facts_max.is_multiple_of(2);
        let page = if is_packed { LeadPage::Packed(parts()) } else { LeadPage::Facts(page) };
        runs.feed(run, page).expect("it is sound");
    }
}

/// The leads that are folded last: those that merges name, if the store knows them.
fn apart(log: &Log, is_known: bool) -> Apart {
    let linked = log.store.linked().expect("a memory knows them");
    Apart::of(if is_known { &linked } else { &[] })
}

fn settle_with(log: &Log, fold: &mut Fold, apart: &Apart, is_known: bool) {
    match apart.history(&fold.unsettled()) {
        Some(history) => {
            let Ok(()) = fold.settle(|_| Ok::<_, std::convert::Infallible>(history));
        }
        None => {
            let is_leadless = fold.unsettled().contains(&LeadIndex::NONE);
            assert!(!is_known || is_leadless, "all marked leads were put apart");
            log.settle(fold);
        }
    }
}

proptest! {
    #![proptest_config(config(96))]

    /// Parts need not come in the order of their leads, merged or not.
    #[test]
    fn law_1_parts_in_any_order_make_the_same_tables(
        lines in lines(), facts_max in 1_usize..40, turn in 0_usize..64,
    ) {
        let log = Log::of(&lines);
        let (playbook, bounds) = (Playbook::default(), Bounds::default());
        let mut parts = parts(&log, log.facts.len(), 3, facts_max);
        let turn = turn % parts.len().max(1);
        parts.rotate_left(turn);
        let expected = fold_pages(&log.facts, &playbook, bounds).encode();
        prop_assert_eq!(fold_leads(&parts, &playbook, bounds).encode(), expected);
    }

    /// Runs are read side by side, in pages of any size, on one thread or in shards.
    #[test]
    fn law_1_runs_side_by_side_make_the_same_tables(
        lines in lines(), rules in rules(), at in any::<prop::sample::Index>(),
        events_a_run in 1_usize..9, facts_max in 1_usize..40, is_known in any::<bool>(),
        cut in 1_u32..12, known_at in prop::option::of(instant()),
    ) {
        let (log, playbook) = (Log::of(&lines), playbook(&rules));
        let known_at = known_at.map(Timestamp::from_micros);
        let bounds = Bounds { as_of: None, known_at };
        let to = at.index(log.facts.len() + 1);
        let pages: Vec<&Facts> = log.facts[..to].iter().collect();
        let all: Vec<LeadFacts> = pages.chunks(events_a_run).map(LeadFacts::of).collect();
        let expected = log.tables_to(&playbook, bounds, to as u64, 4096);

        let mut fold = rebuilt(&log, &playbook, bounds, to, &[]);
        let (mut runs, mut last) = (LeadRuns::new(all.len()), apart(&log, is_known));
        let mut seen = 0;
        while !runs.is_done() {
            feed(&all, &mut runs, facts_max);
            seen += fold.rebuild_runs(&mut runs, &mut last);
        }
        prop_assert_eq!(seen, to as u64);
        fold.rebuild_apart(&last);
        settle_with(&log, &mut fold, &last, is_known);
        prop_assert_eq!(fold.tables().encode(), expected.encode(), "up to position {}", to);

        let mut fold = rebuilt(&log, &playbook, bounds, to, &[]);
        let bounds_of_shards = [(0, cut - 1), (cut, u32::MAX)];
        let shards = bounds_of_shards.map(|(first, last)| {
            let mut shard = fold.shard(LeadIndex(first)).apart_from(apart(&log, is_known));
            let mut runs = shard.runs(all.len(), LeadIndex(last));
            while !runs.is_done() {
                feed(&all, &mut runs, facts_max);
                shard.rebuild_runs(&mut runs);
            }
            shard
        });
        let last = fold.assemble(shards);
        settle_with(&log, &mut fold, &last, is_known);
        prop_assert_eq!(fold.tables().encode(), expected.encode(), "cut at {}", cut);
    }

    /// A page that cannot be read is asked for again, and nothing of it has been folded.
    #[test]
    fn a_damaged_page_of_a_run_is_wanted_again(lines in lines(), facts_max in 1_usize..40) {
        let log = Log::of(&lines);
        let whole = [LeadFacts::of(&log.facts.iter().collect::<Vec<_>>())];
        let mut found = LeadFacts::default();
        let mut runs = LeadRuns::new(1);
        while !runs.is_done() {
            if let Some((run, from)) = runs.wanted() {
                let bytes = whole[run].of_leads(from, LeadIndex::NONE).encode();
                let cut = bytes[..bytes.len() - 1].to_vec();
                prop_assert!(runs.feed(run, LeadPage::Packed(vec![bytes, cut])).is_err());
                prop_assert_eq!(runs.wanted(), Some((run, from)));
                prop_assert!(runs.next().is_none());
            }
            feed(&whole, &mut runs, facts_max);
            while let Some((page, events)) = runs.next() {
                found.append_events(page, events);
            }
        }
        prop_assert_eq!(&found, &whole[0]);
    }

    #[test]
    fn law_1_a_rebuild_lead_by_lead_makes_the_same_tables(
        lines in lines(), rules in rules(), at in any::<prop::sample::Index>(),
        events_a_run in 1_usize..9, facts_max in 1_usize..40,
        as_of in prop::option::of(instant()), known_at in prop::option::of(instant()),
    ) {
        let (log, playbook) = (Log::of(&lines), playbook(&rules));
        let bounds = Bounds {
            as_of: as_of.map(Timestamp::from_micros),
            known_at: known_at.map(Timestamp::from_micros),
        };
        let to = at.index(log.facts.len() + 1);
        let parts = parts(&log, to, events_a_run, facts_max);
        let mut fold = rebuilt(&log, &playbook, bounds, to, &parts);
        log.settle(&mut fold);
        let beginning = log.tables_to(&playbook, bounds, to as u64, 4096);
        prop_assert_eq!(fold.tables().encode(), beginning.encode(), "up to position {}", to);
        prop_assert_eq!(outcome(&log, fold.tables()), outcome(&log, &beginning));
        // Settled or not, it goes on with the pages of the log.
        for mut fold in [fold, rebuilt(&log, &playbook, bounds, to, &parts)] {
            log.feed(&mut fold, log.head(), 3);
            log.settle(&mut fold);
            prop_assert_eq!(fold.tables().encode(), log.tables(&playbook, bounds).encode());
        }
    }

    /// Shards may be cut anywhere, through families too.
    #[test]
    fn law_2_shards_of_a_rebuild_put_together_are_the_whole(
        lines in lines(), rules in rules(), at in any::<prop::sample::Index>(),
        cuts in prop::collection::vec(1_u32..12, 0..4), facts_max in 1_usize..40,
    ) {
        let (log, playbook) = (Log::of(&lines), playbook(&rules));
        let to = at.index(log.facts.len() + 1);
        let mut cuts = cuts;
        cuts.sort_unstable();
        cuts.dedup();
        let parts = parts(&log, to, 5, facts_max);
        let of = |from: u32, to: u32| {
            parts.iter().cloned().map(move |mut part| {
                part.keep_leads(LeadIndex(from), LeadIndex(to));
                part
            })
        };
        let mut fold = rebuilt(&log, &playbook, Bounds::default(), 0, &[]);
        // The last one has what is of no lead, and no lead.
        let firsts = std::iter::once(0).chain(cuts.iter().copied()).chain([LeadIndex::NONE.0]);
        let firsts: Vec<u32> = firsts.collect();
        let shards = firsts.iter().enumerate().map(|(index, first)| {
            let end = firsts.get(index + 1).map_or(u32::MAX, |next| next - 1);
            let mut shard = fold.shard(LeadIndex(*first));
            of(*first, end).for_each(|part| shard.rebuild(&part));
            shard
        });
        let shards: Vec<Shard> = shards.collect();
        fold.assemble(shards);
        fold.rebuilt(to as u64);
        for _ in 0..2 {
            let so_far = fold.position();
            log.settle(&mut fold);
            let expected = log.tables_to(&playbook, Bounds::default(), so_far, 4096);
            prop_assert_eq!(fold.tables().encode(), expected.encode(), "cut at {:?}", cuts);
            prop_assert_eq!(outcome(&log, fold.tables()), outcome(&log, &expected));
            log.feed(&mut fold, log.head(), 3);
        }
    }

    #[test]
    fn facts_by_lead_are_those_of_the_log(
        lines in lines(), events_a_run in 1_usize..9, facts_max in 1_usize..40,
        at in any::<prop::sample::Index>(),
    ) {
        let log = Log::of(&lines);
        let parts = parts(&log, log.facts.len(), events_a_run, facts_max);
        let leads = log.store.leads(LeadIndex(0), usize::MAX).expect("a memory has leads");
        let mut leads: Vec<LeadIndex> = leads.iter().map(|lead| lead.index).collect();
        leads.push(LeadIndex::NONE);
        let mut found = Facts::default();
        parts.iter().for_each(|part| part.history(&leads, &mut found));
        let mut expected = Facts::default();
        for lead in &leads {
            log.facts.iter().for_each(|page| expected.extend_filtered(page, |one| one == *lead));
        }
        prop_assert_eq!(&found, &expected);
        prop_assert_eq!(LeadFacts::try_from_facts(expected).map(LeadFacts::into_facts), Ok(found.clone()));
        let of_lead = |lead: &LeadIndex| {
            let mut own = Facts::default();
            log.facts.iter().for_each(|page| own.extend_filtered(page, |one| one == *lead));
            own.len()
        };
        let most = leads.iter().map(of_lead).max().unwrap_or(0);
        for part in &parts {
            prop_assert!((1..=facts_max + most).contains(&part.facts().len()));
            let decoded = LeadFacts::decode(&part.encode());
            prop_assert_eq!(decoded.as_ref(), Ok(part));
        }
        let (whole, some) = (LeadFacts::of(&[&found]), at.index(leads.len()));
        let mut cut = whole.clone();
        cut.keep_leads(leads[some], leads[leads.len() - 1]);
        let mut rest = Facts::default();
        whole.history(&leads[some..], &mut rest);
        prop_assert_eq!(cut.facts(), &rest);
        let to = at.index(log.facts.len() + 1);
        let mut cut = LeadFacts::of(&log.facts.iter().collect::<Vec<_>>());
        cut.keep_positions(&(1..=to as u64));
        prop_assert_eq!(cut, LeadFacts::of(&log.facts[..to].iter().collect::<Vec<_>>()));
    }

    /// A page that is cut or has a flipped bit is refused, or is some other page in order: a store's
    /// checksum tells these. Nothing panics and nothing grows without bound.
    #[test]
    fn damaged_pages_are_refused_or_others(
        lines in lines(), end in any::<prop::sample::Index>(), bit in any::<prop::sample::Index>(),
    ) {
        let log = Log::of(&lines);
        let mut bytes = LeadFacts::of(&log.facts.iter().collect::<Vec<_>>()).encode();
        prop_assert!(LeadFacts::decode(&bytes[..end.index(bytes.len())]).is_err());
        let bit = bit.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(other) = LeadFacts::decode(&bytes) {
            prop_assert!(other.facts().len() <= bytes.len() * 128);
            prop_assert!(LeadFacts::try_from_facts(other.into_facts()).is_ok());
        }
    }
}

/// Lines of one lead, a minute apart: one that begins it or not, touches, and now and then an
/// event that moves it.
fn long_story(first: &str, events: usize, erased: Option<usize>) -> Lines {
    let line = |n: usize| {
        let (kind, data) = match n {
            0 if first == "cost_recorded" => (
                first,
                json!({"amount": 1, "currency": "EUR", "scope": {}, "from": "2024-01-01", "to": "2024-01-02"}),
            ),
            0 => (first, json!({"side": "sales"})),
            _ if Some(n) == erased => ("erased", json!({"request": "1"})),
            _ if n == 63 || n % 7 == 3 => ("qualified", json!({"level": "mql"})),
            _ if n % 7 == 5 => ("recycled", json!({"reason": "no budget"})),
            _ => ("touched", json!({"side": "marketing"})),
        };
        json!({
            "id": format!("00000000-0000-7000-8000-{n:012}"), "lead": "a", "type": kind,
            "occurred_at": format!("2024-01-01T{:02}:{:02}:00Z", n / 60, n % 60), "data": data,
        })
    };
    Lines((0..events).map(line).collect())
}

/// A lead's events are told apart beforehand, 64 at a time.
#[test]
fn law_1_a_long_story_is_folded_as_it_comes() {
    let (playbook, bounds) = (Playbook::default(), Bounds::default());
    for events in [1, 2, 63, 64, 65, 129] {
        for first in ["captured", "touched", "cost_recorded", "of_a_later_version"] {
            for erased in [None, Some(1), Some(events / 2), Some(events - 1)] {
                let erased = erased.filter(|place| *place > 0);
                let log = Log::of(&long_story(first, events, erased));
                let by_lead = LeadFacts::of(&log.facts.iter().collect::<Vec<_>>());
                let expected = fold_pages(&log.facts, &playbook, bounds);
                let found = fold_leads(&[by_lead], &playbook, bounds);
                let what = format!("{events} events from {first}, erased at {erased:?}");
                assert_eq!(found.encode(), expected.encode(), "{what}");
                assert_eq!(found.last_at(), expected.last_at(), "{what}");
            }
        }
    }
}

/// The comparison can fail: a rebuild that misses a lead or an event is noticed.
#[test]
fn a_rebuild_that_misses_something_is_noticed() {
    let store = Blocking(MemoryStore::new());
    let events = Simulation::new(3, 40).events().collect();
    store.append(Append::new(events, Timestamp::from_micros(0))).expect("it is valid");
    let page = store.facts(0, usize::MAX).expect("a memory has facts");
    let (playbook, bounds) = (Playbook::default(), Bounds::default());
    let tables = |facts| fold_leads(&[facts], &playbook, bounds).encode();
    let whole = LeadFacts::of(&[&page]);
    assert_eq!(tables(whole.clone()), fold_pages(&[page], &playbook, bounds).encode());
    let mut short = whole.clone();
    let last = short.last_lead().expect("there are leads");
    short.keep_leads(LeadIndex(0), LeadIndex(last.0 - 1));
    assert_ne!(tables(short), tables(whole.clone()), "without the last lead");
    let mut short = whole.clone();
    short.keep_positions(&(1..=store.head().expect("a memory has a head") - 1));
    assert_ne!(tables(short), tables(whole), "without the last event");
}
