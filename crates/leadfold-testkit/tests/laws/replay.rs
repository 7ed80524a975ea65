//! Laws 1 to 3: however a log is fed, the tables are the same to the byte.

use std::collections::BTreeSet;

use leadfold_core::{Bounds, Facts, Fold, LeadIndex, Playbook, Tables, Timestamp, fold_pages};
use leadfold_testkit::oracle;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::book::{config, playbook, rules};
use super::draw::{instant, lines};
use super::log::Log;
use super::plain::outcome;

/// The leads in two sets that no merge connects.
fn shards(log: &Log) -> [BTreeSet<u32>; 2] {
    let leads = log.store.leads(LeadIndex(0), usize::MAX).expect("a memory has leads");
    let mut shards = [BTreeSet::new(), BTreeSet::new()];
    for lead in leads {
        let family = log.store.family(&[lead.index]).expect("a memory has families");
        let first = family[0].0 as usize;
        shards[first % 2].insert(lead.index.0);
    }
    shards
}

fn shard_tables(log: &Log, rules: &oracle::Rules, keep: impl Fn(LeadIndex) -> bool) -> Tables {
    let mut fold = Fold::new(playbook(rules), Bounds::default());
    fold.learn(|name| log.store.code(name)).expect("a memory has codes");
    let mut part = Facts::default();
    log.facts.iter().for_each(|page| part.extend_filtered(page, &keep));
    fold.apply(&part);
    log.settle(&mut fold);
    fold.into_tables()
}

/// Folds step by step, settling after every page, and stops at every prefix to compare.
pub(crate) fn follow(
    log: &Log,
    playbook: &Playbook,
    bounds: Bounds,
    events_max: usize,
) -> TestCaseResult {
    let mut fold = Fold::new(playbook.clone(), bounds);
    while fold.position() < log.head() {
        let to = (fold.position() + events_max as u64).min(log.head());
        log.feed(&mut fold, to, events_max);
        log.settle(&mut fold);
        let whole = log.tables_to(playbook, bounds, to, 4096);
        prop_assert_eq!(fold.tables().encode(), whole.encode(), "up to position {}", to);
        prop_assert_eq!(outcome(log, fold.tables()), outcome(log, &whole));
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn law_1_pages_of_any_size_make_the_same_tables(lines in lines(), rules in rules()) {
        let (log, playbook) = (Log::of(&lines), playbook(&rules));
        let whole = log.tables(&playbook, Bounds::default()).encode();
        for events_max in [1, 2, 7] {
            let tables = log.tables_to(&playbook, Bounds::default(), log.head(), events_max);
            prop_assert_eq!(&tables.encode(), &whole, "pages of {}", events_max);
        }
        if rules.pipelines.is_empty() {
            let tables = fold_pages(&log.facts, &playbook, Bounds::default());
            prop_assert_eq!(&tables.encode(), &whole);
        }
    }

    #[test]
    fn law_1_a_copy_of_a_fold_goes_on_as_the_fold_does(
        lines in lines(), rules in rules(), at in any::<prop::sample::Index>(),
    ) {
        let (log, playbook) = (Log::of(&lines), playbook(&rules));
        let whole = log.tables(&playbook, Bounds::default()).encode();
        let mut fold = Fold::new(playbook, Bounds::default());
        log.feed(&mut fold, at.index(lines.0.len() + 1) as u64, 3);
        let mut copy = fold.clone();
        log.settle(&mut fold);
        for mut fold in [fold, { log.settle(&mut copy); copy }] {
            log.feed(&mut fold, log.head(), 5);
            log.settle(&mut fold);
            prop_assert_eq!(&fold.tables().encode(), &whole);
        }
    }

    #[test]
    fn law_2_the_shards_of_a_log_fold_to_the_parts_of_its_tables(
        lines in lines(), rules in rules(),
    ) {
        let log = Log::of(&lines);
        let whole = outcome(&log, &log.tables(&playbook(&rules), Bounds::default()));
        let [first, second] = shards(&log);
        let tables = shard_tables(&log, &rules, |lead| first.contains(&lead.0));
        let mut parts = outcome(&log, &tables);
        let tables = shard_tables(&log, &rules, |lead| !first.contains(&lead.0));
        let rest = outcome(&log, &tables);
        prop_assert!(rest.leads.keys().all(|key| !parts.leads.contains_key(key)));
        prop_assert_eq!(rest.leads.len() + parts.leads.len(), whole.leads.len());
        prop_assert!(second.is_disjoint(&first));
        parts.leads.extend(rest.leads);
        prop_assert_eq!(&parts.leads, &whole.leads);
        for finding in &whole.findings {
            let is_in = |outcome: &oracle::Outcome| outcome.findings.contains(finding);
            prop_assert!(is_in(&parts) || rest.findings.contains(finding));
        }
        prop_assert_eq!(parts.findings.len() + rest.findings.len(), whole.findings.len());
        prop_assert_eq!(parts.costs.len() + rest.costs.len(), whole.costs.len());
    }

    #[test]
    fn law_3_catching_up_page_by_page_equals_a_replay_at_every_prefix(
        lines in lines(), rules in rules(), events_max in 1_usize..9,
    ) {
        follow(&Log::of(&lines), &playbook(&rules), Bounds::default(), events_max)?;
    }

    #[test]
    fn law_3_holds_for_a_part_of_a_log(
        lines in lines(), as_of in prop::option::of(instant()), known_at in prop::option::of(instant()),
    ) {
        let bounds = Bounds {
            as_of: as_of.map(Timestamp::from_micros),
            known_at: known_at.map(Timestamp::from_micros),
        };
        follow(&Log::of(&lines), &Playbook::default(), bounds, 2)?;
    }
}
