//! A log in memory, and the ways to audit it.

use leadfold_core::audit::Ledger;
use leadfold_core::event::{NewEvent, RecordedEvent};
use leadfold_core::{
    Bounds, Code, Facts, Fold, LeadFacts, LeadIndex, LeadSet, Observer, Playbook, Shard, Sharded,
    Tables, Timestamp,
};
use leadfold_store::{Append, Blocking, MemoryStore};
use serde_json::Value;

/// A log with everything in it.
pub(crate) struct Log {
    pub(crate) store: Blocking<MemoryStore>,
    pub(crate) events: Vec<RecordedEvent>,
    /// The facts of every event, by position from 0.
    pub(crate) facts: Vec<Facts>,
    pub(crate) names: Names,
}

/// The names behind a log's numbers.
pub(crate) struct Names {
    strings: Vec<String>,
    leads: Vec<String>,
}

impl Names {
    pub(crate) fn text(&self, code: Code) -> Option<String> {
        let index = (code.0 as usize).checked_sub(1)?;
        self.strings.get(index).cloned()
    }

    pub(crate) fn lead(&self, lead: LeadIndex) -> String {
        self.leads[lead.0 as usize].clone()
    }
}

/// How to feed a log to a fold.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pace {
    /// Pages of so many events, settled at the end.
    Pages(usize),
    /// The same, settled after every page.
    Steps(usize),
    /// Lead by lead, in parts of so many facts.
    Leads(usize),
    /// The same in shards of so many leads, each watched by itself.
    Shards(u32),
}

impl Log {
    pub(crate) fn of(events: Vec<NewEvent>) -> Self {
        let store = Blocking(MemoryStore::new());
        let append = Append::new(events, Timestamp::from_micros(0));
        store.append(append).expect("a memory takes all");
        let events = store.events(0, usize::MAX).expect("a memory has events");
        let page = |after| store.facts(after, 1).expect("a memory has facts");
        let facts = (0..events.len() as u64).map(page).collect();
        let names = names(&store);
        Self { store, events, facts, names }
    }

    pub(crate) fn head(&self) -> u64 {
        self.facts.len() as u64
    }

    /// What an export of the log says.
    pub(crate) fn exported(&self) -> Vec<Value> {
        self.events.iter().map(exported).collect()
    }

    /// Tables, and an observer that watched them come about.
    pub(crate) fn watch<O: Sharded>(
        &self,
        playbook: &Playbook,
        bounds: Bounds,
        observer: O,
        pace: Pace,
    ) -> (Tables, O) {
        let mut fold = Fold::watched(playbook.clone(), bounds, observer);
        self.feed(&mut fold, self.head(), pace);
        fold.into_parts()
    }

    pub(crate) fn audited(&self, playbook: &Playbook, bounds: Bounds) -> (Tables, Ledger) {
        self.watch(playbook, bounds, Ledger::new(playbook.clone()), Pace::Pages(4096))
    }

    fn rebuild<O: Observer>(&self, fold: &mut Fold<O>, to: u64, facts_max: usize) {
        fold.learn(|name| self.store.code(name)).expect("a memory has codes");
        self.parts(to, facts_max).for_each(|part| fold.rebuild(&part));
        fold.rebuilt(to);
        self.settle(fold);
    }

    fn assemble<O: Sharded>(&self, fold: &mut Fold<O>, to: u64, leads_max: u32) {
        fold.learn(|name| self.store.code(name)).expect("a memory has codes");
        let leads = self.names.leads.len() as u32;
        // The last one has what is of no lead, and no lead.
        let firsts = (0..leads).step_by(leads_max as usize).chain([LeadIndex::NONE.0]);
        let shards = firsts.map(|first| {
            let mut shard = fold.shard(LeadIndex(first));
            let last = first.saturating_add(leads_max - 1).min(LeadIndex::NONE.0 - 1);
            for mut part in self.parts(to, 7) {
                part.keep_leads(LeadIndex(first), LeadIndex(last.max(first)));
                shard.rebuild(&part);
            }
            shard
        });
        let shards: Vec<Shard<O>> = shards.collect();
        fold.assemble(shards);
        fold.rebuilt(to);
        self.settle(fold);
    }

    /// The facts by lead up to a position, as a store keeps them, in parts of so many.
    fn parts(&self, to: u64, facts_max: usize) -> impl Iterator<Item = LeadFacts> {
        let pages: Vec<&Facts> = self.facts[..to as usize].iter().collect();
        let all = LeadFacts::of(&pages);
        let parts = all.facts().len().div_ceil(facts_max);
        let parts: Vec<LeadFacts> = all.in_parts(parts).collect();
        parts.into_iter().map(|part| LeadFacts::decode(&part.encode()).expect("it was packed"))
    }

    /// Feeds a fold up to a position.
    pub(crate) fn feed<O: Sharded>(&self, fold: &mut Fold<O>, to: u64, pace: Pace) {
        let events_max = match pace {
            Pace::Pages(events_max) | Pace::Steps(events_max) => events_max,
            Pace::Leads(facts_max) => return self.rebuild(fold, to, facts_max),
            Pace::Shards(leads_max) => return self.assemble(fold, to, leads_max),
        };
        while fold.position() < to {
            let rest = usize::try_from(to - fold.position()).expect("tests have short logs");
            let count = events_max.min(rest);
            let page = self.store.facts(fold.position(), count).expect("a memory has facts");
            fold.learn(|name| self.store.code(name)).expect("a memory has codes");
            fold.apply(&page);
            if matches!(pace, Pace::Steps(_)) {
                self.settle(fold);
            }
        }
        self.settle(fold);
    }

    /// Settles a fold with the history that it has seen.
    pub(crate) fn settle<O: Observer>(&self, fold: &mut Fold<O>) {
        let seen = usize::try_from(fold.position()).expect("tests have short logs");
        let history = |leads: &[LeadIndex]| {
            let (mut facts, wanted) = (Facts::default(), LeadSet::of(leads));
            for page in &self.facts[..seen] {
                facts.extend_filtered(page, |lead| wanted.contains(lead));
            }
            Ok::<_, std::convert::Infallible>(facts)
        };
        fold.settle(history).expect("a memory has a history");
    }
}

/// A line of an export.
pub(crate) fn exported(event: &RecordedEvent) -> Value {
    let mut line = Vec::new();
    event.write_line(&mut line).expect("a vector takes all");
    serde_json::from_slice(&line).expect("an exported line is JSON")
}

fn names(store: &Blocking<MemoryStore>) -> Names {
    let count = store.string_count().expect("a memory counts");
    let codes: Vec<Code> = (1..=count).map(Code).collect();
    let strings = store.strings(&codes).expect("a memory has strings");
    let leads = store.leads(LeadIndex(0), usize::MAX).expect("a memory has leads");
    Names { strings, leads: leads.iter().map(|lead| lead.key.to_string()).collect() }
}
