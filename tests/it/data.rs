//! Logs to test with: the reference data, and how it gets into a store.

use std::path::PathBuf;

use leadfold::core::audit::Ledger;
use leadfold::core::event::{EventLine, NewEvent};
use leadfold::core::metrics::{By, KeyPart};
use leadfold::core::{Bounds, Code, Playbook, Tables};
use leadfold::engine::{View, replay};
use leadfold::store::{Append, Blocking, MemoryStore, block_on};
use leadfold_import::{Mapping, MemoryCensus};
use serde_json::Value;

/// A folder of the reference data, or `None` where it is not to be had. CI has it.
pub(crate) fn folder(name: &str) -> Option<PathBuf> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data");
    let root = std::env::var("LEADFOLD_DATA").unwrap_or_else(|_| default.into());
    let folder = PathBuf::from(root).join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "CI has no reference data at {}", folder.display());
    println!("skipped: no reference data at {}; set LEADFOLD_DATA", folder.display());
    None
}

/// The numbers that somebody else computed.
pub(crate) fn reference(folder: &std::path::Path, file: &str) -> Value {
    let text = std::fs::read_to_string(folder.join(file)).expect("the reference is there");
    serde_json::from_str(&text).expect("the reference is JSON")
}

/// A log in memory.
pub(crate) struct Log {
    pub(crate) store: Blocking<MemoryStore>,
}

impl Log {
    pub(crate) fn of(events: Vec<NewEvent>) -> Self {
        let store = Blocking(MemoryStore::new());
        let now = "2026-01-01".parse().expect("a date");
        store.append(Append::new(events, now)).expect("the events are valid");
        Self { store }
    }

    /// Reads NDJSON.
    pub(crate) fn of_lines(text: &str) -> Self {
        let identify =
            |line: &str| EventLine::parse(line.as_bytes()).expect("a valid line").identify(|_| 0);
        Self::of(text.lines().map(identify).collect())
    }

    /// Reads CSV through one of the mappings of the examples.
    pub(crate) fn of_csv(mapping: &str, folder: &std::path::Path) -> Self {
        let file = format!("{}/examples/{mapping}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&file).expect("the mapping is there");
        let mapping = Mapping::parse(&text, &file).expect("the mapping is valid");
        let rows = mapping.open(folder, MemoryCensus::default()).expect("the CSV opens");
        let mut seen = std::collections::BTreeMap::new();
        let events = rows.map(|row| {
            let row = row.expect("the CSV is clean");
            let line = serde_json::to_vec(&row.event).expect("a map is JSON");
            EventLine::parse(&line).expect("the mapping makes valid events").identify(|content| {
                let count = seen.entry(content.to_owned()).or_insert(0);
                *count += 1;
                *count - 1
            })
        });
        Self::of(events.collect())
    }

    pub(crate) fn tables(&self) -> Tables {
        self.tables_under(&Playbook::default(), Bounds::default())
    }

    pub(crate) fn tables_under(&self, playbook: &Playbook, bounds: Bounds) -> Tables {
        block_on(replay(&self.store.0, playbook.clone(), bounds, |_, _| {}))
            .expect("memory does not fail")
    }

    /// Tables and ledger, for the hand-off audit.
    pub(crate) fn audited(&self, playbook: &Playbook, bounds: Bounds) -> (Tables, Ledger) {
        let ledger = Ledger::new(playbook.clone());
        let mut view = View::watched(&self.store.0, playbook.clone(), bounds, ledger);
        block_on(view.catch_up(|_, _| {})).expect("memory does not fail");
        view.into_parts().expect("it has caught up")
    }

    pub(crate) fn name(&self, code: Code) -> String {
        self.store.strings(&[code]).expect("a code of this log").remove(0)
    }

    pub(crate) fn key_name(&self, key: &[KeyPart]) -> String {
        let part = |part: &KeyPart| match part {
            KeyPart::Name(code) => self.name(*code),
            KeyPart::Month(year, month) => format!("{year}-{month:02}"),
            KeyPart::Missing => "-".into(),
        };
        key.iter().map(part).collect::<Vec<_>>().join("/")
    }

    pub(crate) fn attribute(&self, name: &str) -> By {
        let code = self.store.code(name).expect("memory does not fail");
        By::Attribute(code.expect("the log has such an attribute"))
    }
}

/// Equal to a billionth of a day.
pub(crate) fn assert_days(found_s: Option<f64>, expected: &Value) {
    let found = found_s.expect("there are durations") / 86_400.0;
    let expected = expected.as_f64().expect("a number");
    assert!((found - expected).abs() < 1e-9, "expected {expected} days, found {found}");
}
