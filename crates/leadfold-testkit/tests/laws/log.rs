//! A log in memory, and the ways to fold it.

use leadfold_core::event::{EventLine, NewEvent};
use leadfold_core::{Bounds, Facts, Fold, LeadIndex, Playbook, Tables, Timestamp};
use leadfold_store::{Append, Blocking, MemoryStore};
use serde_json::Value;

use super::draw::Lines;

/// The events that lines stand for.
pub(crate) fn events(lines: &Lines) -> Vec<NewEvent> {
    let parse = |line: &Value| {
        let line = line.to_string();
        EventLine::parse(line.as_bytes()).expect("strategies draw lines that parse")
    };
    lines.0.iter().map(|line| parse(line).identify(|_| 0)).collect()
}

/// A log with everything in it.
pub(crate) struct Log {
    pub(crate) store: Blocking<MemoryStore>,
    /// The facts of every event, by position from 0.
    pub(crate) facts: Vec<Facts>,
}

impl Log {
    pub(crate) fn of(lines: &Lines) -> Self {
        let store = Blocking(MemoryStore::new());
        let append = Append::new(events(lines), Timestamp::from_micros(0));
        store.append(append).expect("a memory takes all");
        let mut facts = Vec::new();
        let head = store.head().expect("a memory has a head");
        for after in 0..head {
            facts.push(store.facts(after, 1).expect("a memory has facts"));
        }
        Self { store, facts }
    }

    pub(crate) fn head(&self) -> u64 {
        self.facts.len() as u64
    }

    /// What an export of the log says.
    pub(crate) fn exported(&self) -> Vec<Value> {
        let events = self.store.events(0, usize::MAX).expect("a memory has events");
        events
            .iter()
            .map(|event| {
                let mut line = Vec::new();
                event.write_line(&mut line).expect("a vector takes all");
                serde_json::from_slice(&line).expect("an exported line is JSON")
            })
            .collect()
    }

    /// Feeds a fold up to a position, in pages of so many events.
    pub(crate) fn feed(&self, fold: &mut Fold, to: u64, events_max: usize) {
        while fold.position() < to {
            let rest = usize::try_from(to - fold.position()).expect("tests have short logs");
            let page = self
                .store
                .facts(fold.position(), events_max.min(rest))
                .expect("a memory has facts");
            fold.learn(|name| self.store.code(name)).expect("a memory has codes");
            fold.apply(&page);
        }
    }

    /// Settles a fold with the history that it has seen.
    pub(crate) fn settle(&self, fold: &mut Fold) {
        let seen = usize::try_from(fold.position()).expect("tests have short logs");
        let history = |leads: &[LeadIndex]| {
            let mut facts = Facts::default();
            for page in &self.facts[..seen] {
                facts.extend_filtered(page, |lead| leads.contains(&lead));
            }
            Ok::<_, std::convert::Infallible>(facts)
        };
        fold.settle(history).expect("a memory has a history");
    }

    pub(crate) fn tables(&self, playbook: &Playbook, bounds: Bounds) -> Tables {
        self.tables_to(playbook, bounds, self.head(), 4096)
    }

    /// The tables of the log's beginning, folded in one go.
    pub(crate) fn tables_to(
        &self,
        playbook: &Playbook,
        bounds: Bounds,
        to: u64,
        events_max: usize,
    ) -> Tables {
        let mut fold = Fold::new(playbook.clone(), bounds);
        self.feed(&mut fold, to, events_max);
        self.settle(&mut fold);
        fold.into_tables()
    }
}
