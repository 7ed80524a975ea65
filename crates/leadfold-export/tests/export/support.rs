//! A log, its export in a temporary directory, and what a reader finds there.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use leadfold_core::audit::{Audit, Ledger};
use leadfold_core::event::NewEvent;
use leadfold_core::{Bounds, Calendar, Code, Gate, LeadIndex, Playbook, State, Tables, Timestamp};
use leadfold_engine::View;
use leadfold_export::{Export, TABLES};
use leadfold_store::{Append, Blocking, LeadEntry, MemoryStore, block_on};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use proptest::test_runner::Config as ProptestConfig;

/// A value that was read.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Time(i64),
    Text(String),
    Flag(bool),
}

/// A row by the names of its columns.
pub(crate) type Row = BTreeMap<String, Value>;

/// All tables of an export, by name.
pub(crate) type Found = BTreeMap<String, Vec<Row>>;

/// A log in memory with its tables.
pub(crate) struct Log {
    pub(crate) store: Blocking<MemoryStore>,
    pub(crate) tables: Tables,
    pub(crate) ledger: Ledger,
    pub(crate) position: u64,
    pub(crate) bounds: Bounds,
}

impl Log {
    pub(crate) fn of(events: impl IntoIterator<Item = NewEvent>) -> Self {
        Self::within(events, Bounds::default())
    }

    pub(crate) fn within(events: impl IntoIterator<Item = NewEvent>, bounds: Bounds) -> Self {
        let store = Blocking(MemoryStore::new());
        let now = "2026-01-01".parse().expect("a date");
        let events: Vec<NewEvent> = events.into_iter().collect();
        store.append(Append::new(events, now).refusing_singly()).expect("memory takes events");
        let mut view = View::watched(&store.0, playbook(), bounds, Ledger::new(playbook()));
        block_on(view.catch_up(|_, _| {})).expect("memory does not fail");
        let position = view.position();
        let (tables, ledger) = view.into_parts().expect("it has caught up");
        Self { store, tables, ledger, position, bounds }
    }

    /// The log of a file of event lines.
    pub(crate) fn read(path: &Path) -> Self {
        let log = leadfold_testkit::replay(path).expect("the log is there");
        let events = log.events().expect("memory does not fail");
        Self::of(events.into_iter().map(|event| NewEvent {
            id: event.id,
            recorded_at: Some(event.recorded_at),
            event: event.event,
        }))
    }

    pub(crate) fn audit(&self) -> Audit<'_> {
        Audit::of(&self.tables, &self.ledger, &Calendar::always(), self.as_of())
    }

    pub(crate) fn export<'a>(&'a self, audit: &'a Audit<'a>) -> Export<'a, MemoryStore> {
        Export::new(&self.store.0, &self.tables, self.position, self.bounds).audited(audit)
    }

    pub(crate) fn write(&self, dir: &Path) {
        self.export(&self.audit()).write(dir, |_, _| {}).expect("the directory takes files");
    }

    /// What a reader finds in an export of it.
    pub(crate) fn exported(&self) -> Found {
        let dir = tempfile::tempdir().expect("a temporary directory");
        self.write(dir.path());
        read(dir.path())
    }

    pub(crate) fn name(&self, code: Code) -> Value {
        match code.is_some() {
            true => Value::Text(self.store.strings(&[code]).expect("a code").remove(0)),
            false => Value::Null,
        }
    }

    pub(crate) fn entry(&self, lead: LeadIndex) -> LeadEntry {
        self.store.leads(lead, 1).expect("memory does not fail").remove(0)
    }

    pub(crate) fn as_of(&self) -> Timestamp {
        self.tables.last_at().unwrap_or_default()
    }
}

/// One with a gate, so that hand-offs have fields to tell of.
fn playbook() -> Playbook {
    let fields = |names: [&str; 2]| names.map(str::to_owned).into();
    let (mandatory, desirable) = (fields(["source", "industry"]), fields(["region", "medium"]));
    let gate = Gate { mandatory, desirable };
    Playbook { gates: [(State::HandedOff, gate)].into(), ..Playbook::default() }
}

/// So many cases; the seed of a failure is printed, and not kept.
pub(crate) fn cases(n: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(n) }
}

/// All files of an export.
pub(crate) fn read(dir: &Path) -> Found {
    TABLES.iter().map(|table| (table.name.to_owned(), read_file(dir, table.name))).collect()
}

pub(crate) fn reader(dir: &Path, table: &str) -> SerializedFileReader<File> {
    let file = File::open(dir.join(format!("{table}.parquet"))).expect("the file is there");
    SerializedFileReader::new(file).expect("the file is whole")
}

fn read_file(dir: &Path, table: &str) -> Vec<Row> {
    let reader = reader(dir, table);
    let rows = reader.get_row_iter(None).expect("rows").map(|row| row.expect("a row"));
    rows.map(|row| row.into_columns().into_iter().map(|(name, f)| (name, value(f))).collect())
        .collect()
}

fn value(field: Field) -> Value {
    match field {
        Field::Null => Value::Null,
        Field::Long(n) => Value::Int(n),
        Field::TimestampMicros(micros) => Value::Time(micros),
        Field::Str(text) => Value::Text(text),
        Field::Bool(flag) => Value::Flag(flag),
        other => panic!("no column has the type of {other}"),
    }
}
