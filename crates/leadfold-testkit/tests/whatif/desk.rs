//! A log in memory, and trials of it.

use std::collections::BTreeMap;
use std::convert::Infallible;

use leadfold_core::event::{EventLine, NewEvent};
use leadfold_core::whatif::{Question, Trial, Watch};
use leadfold_core::{
    Bounds, Code, Facts, Fold, LeadIndex, Observer, Playbook, Tables, Timestamp, Zone,
};
use leadfold_store::{Append, Blocking, MemoryStore};
use serde_json::Value;

/// A log, and the strings behind its codes.
pub(crate) struct Desk {
    store: Blocking<MemoryStore>,
    strings: Vec<String>,
    keys: Vec<String>,
}

/// A trial with what it was made from.
pub(crate) struct Tried {
    pub(crate) trial: Trial,
    pub(crate) tables: Tables,
    pub(crate) watch: Watch,
}

/// A playbook as JSON has it.
pub(crate) fn playbook(json: &Value) -> Playbook {
    serde_json::from_value(json.clone()).unwrap_or_else(|error| panic!("{error}: {json}"))
}

/// A question in UTC.
pub(crate) fn question(as_of: &str, within_days: u32) -> Question {
    let as_of = as_of.parse().expect("tests ask of times");
    Question { as_of, within_days, zone: Zone::utc() }
}

impl Desk {
    pub(crate) fn of(lines: &[Value]) -> Self {
        let parse = |line: &Value| {
            let line = line.to_string();
            let parsed = EventLine::parse(line.as_bytes());
            parsed.unwrap_or_else(|error| panic!("{error}: {line}")).identify(|_| 0)
        };
        Self::of_events(lines.iter().map(parse).collect())
    }

    pub(crate) fn of_events(events: Vec<NewEvent>) -> Self {
        let store = Blocking(MemoryStore::new());
        store.append(Append::new(events, Timestamp::default())).expect("a memory takes all");
        let count = store.string_count().expect("a memory counts");
        let codes: Vec<Code> = (1..=count).map(Code).collect();
        let strings = store.strings(&codes).expect("a memory has strings");
        let leads = store.leads(LeadIndex(0), usize::MAX).expect("a memory has leads");
        let keys = leads.iter().map(|lead| lead.key.to_string()).collect();
        Self { store, strings, keys }
    }

    /// The lines of an export.
    pub(crate) fn exported(&self) -> Vec<Value> {
        let events = self.store.events(0, usize::MAX).expect("a memory has events");
        let line = |event: &leadfold_core::event::RecordedEvent| {
            let mut line = Vec::new();
            event.write_line(&mut line).expect("a vector takes all");
            serde_json::from_slice(&line).expect("an exported line is JSON")
        };
        events.iter().map(line).collect()
    }

    pub(crate) fn key(&self, lead: LeadIndex) -> &str {
        &self.keys[lead.0 as usize]
    }

    pub(crate) fn name(&self, code: Code) -> Option<&str> {
        let place = (code.0 as usize).checked_sub(1)?;
        self.strings.get(place).map(String::as_str)
    }

    /// What an observer sees of the log under a playbook as of the question.
    pub(crate) fn watch<O: Observer>(
        &self,
        playbook: &Playbook,
        question: &Question,
        observer: O,
    ) -> (Tables, O) {
        self.watch_in_pages(playbook, question, observer, 4_096)
    }

    /// The same, read in pages of so many events.
    fn watch_in_pages<O: Observer>(
        &self,
        playbook: &Playbook,
        question: &Question,
        observer: O,
        events_max: usize,
    ) -> (Tables, O) {
        let bounds = Bounds { as_of: Some(question.as_of), known_at: None };
        let mut fold = Fold::watched(playbook.clone(), bounds, observer);
        let head = self.store.head().expect("a memory has a head");
        while fold.position() < head {
            let page = self.store.facts(fold.position(), events_max).expect("a memory has facts");
            fold.learn(|word| self.store.code(word)).expect("a memory has codes");
            fold.apply(&page);
            let seen = fold.position();
            let history = |leads: &[LeadIndex]| {
                let mut history = self.store.history(leads).expect("a memory has histories");
                history.keep_until(seen);
                Ok::<Facts, Infallible>(history)
            };
            let Ok(()) = fold.settle(history);
        }
        fold.into_parts()
    }

    /// The trial of a playbook as of the question, read in pages of so many events.
    pub(crate) fn try_in_pages(
        &self,
        playbook: &Playbook,
        question: &Question,
        events_max: usize,
    ) -> Tried {
        let watch = Watch::new(playbook.clone()).expect("tests hand off by definitions they have");
        let (tables, watch) = self.watch_in_pages(playbook, question, watch, events_max);
        let trial = Trial::of(&tables, &watch, |code| self.name(code), question);
        Tried { trial, tables, watch }
    }

    pub(crate) fn try_out(&self, playbook: &Playbook, question: &Question) -> Tried {
        self.try_in_pages(playbook, question, 4_096)
    }

    /// When which lead would have been handed off.
    pub(crate) fn handoffs(&self, trial: &Trial) -> BTreeMap<String, String> {
        let handed_off = trial.leads.iter();
        let entry = |lead: &leadfold_core::whatif::LeadTrial| {
            Some((self.key(lead.lead).to_owned(), lead.handed_off_at?.to_string()))
        };
        handed_off.filter_map(entry).collect()
    }
}
