//! What is left to do of a rebuild on several threads once each has folded its leads.

use divan::Bencher;
use divan::counter::ItemsCount;
use leadfold::core::{Apart, Bounds, Facts, Fold, LeadFacts, LeadIndex, Playbook, Shard, Tables};

use crate::log::{Log, disturbed, sizes};

const SHARDS: u32 = 8;

/// Each folds as many leads; the last has the events without a lead, too.
fn folded_apart(log: &Log, fold: &Fold) -> Vec<Shard> {
    let whole = LeadFacts::of(&log.pages.iter().collect::<Vec<_>>());
    let leads = log.tables.lead_count() as u32;
    let first = |shard: u32| LeadIndex(leads * shard / SHARDS);
    let last = |shard: u32| match shard + 1 {
        SHARDS => LeadIndex::NONE,
        next => LeadIndex(first(next).0 - 1),
    };
    let folded = |number: u32| {
        let mut shard = fold.shard(first(number)).apart_from(Apart::of(&log.linked));
        shard.rebuild(&whole.of_leads(first(number), last(number)));
        shard
    };
    (0..SHARDS).map(folded).collect()
}

/// Puts the shards together, and folds the leads that merges connect.
fn merged(mut fold: Fold, shards: Vec<Shard>, head: u64) -> Tables {
    let apart = fold.assemble(shards);
    fold.rebuilt(head);
    fold.settle(|leads| apart.history(leads).ok_or(())).expect("all merged leads are told");
    fold.into_tables()
}

#[divan::bench(args = sizes())]
fn merge(bencher: Bencher<'_, '_>, leads: u32) {
    let log = disturbed(leads);
    let head = log.pages.last().and_then(Facts::last_position).expect("a log has events");
    let fold = Fold::new(Playbook::default(), Bounds::default());
    let shards = folded_apart(log, &fold);
    log.check(&merged(fold.clone(), shards.clone(), head));
    bencher
        .counter(ItemsCount::new(log.tables.lead_count()))
        .with_inputs(|| (fold.clone(), shards.clone()))
        .bench_values(|(fold, shards)| merged(fold, shards, head));
}
