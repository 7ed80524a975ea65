//! The export of a log.

use std::fs;
use std::path::{Path, PathBuf};

use leadfold_core::audit::Audit;
use leadfold_core::{Bounds, Tables};
use leadfold_store::EventStore;

use crate::error::ExportError;
use crate::part::{Part, Whole};
use crate::schema;
use crate::table::{
    audit_findings, costs, episodes, events, findings, handoffs, leads, opportunities, revenue,
    visits,
};

/// A log and its tables, ready to be written.
///
/// ```
/// use leadfold_core::{Bounds, Playbook};
/// use leadfold_engine::View;
/// use leadfold_export::Export;
/// use leadfold_store::{Append, Blocking, MemoryStore, block_on};
/// # let line = br#"{"lead":"L1","type":"captured","occurred_at":"2024-02-01T09:00:00Z"}"#;
/// # let event = leadfold_core::event::EventLine::parse(line)?.identify(|_| 0);
/// # let store = Blocking(MemoryStore::new());
/// # store.append(Append::new(vec![event], "2024-02-01".parse()?))?;
/// # let store = store.0;
/// # let directory = tempfile::tempdir()?;
/// # let dir = directory.path();
///
/// let bounds = Bounds::default();
/// let mut view = View::new(&store, Playbook::default(), bounds);
/// block_on(view.catch_up(|_, _| {}))?;
/// let tables = view.tables().ok_or("it has caught up")?;
/// let files = Export::new(&store, tables, view.position(), bounds).write(dir, |_, _| {})?;
///
/// let leads = files.iter().find(|file| file.table == "leads").ok_or("no leads")?;
/// assert_eq!(leads.path, dir.join("leads.parquet"));
/// assert_eq!(leads.rows, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Export<'a, S> {
    store: &'a S,
    tables: &'a Tables,
    audit: Option<&'a Audit<'a>>,
    extract: events::Extract,
}

/// A file that is in place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Written {
    /// Its table.
    pub table: &'static str,
    /// Where it is.
    pub path: PathBuf,
    /// How many rows it has.
    pub rows: u64,
}

impl<'a, S: EventStore> Export<'a, S> {
    /// An export of tables that were folded from a store's log within bounds, up to a position,
    /// and of the same events. Personal data is left out.
    pub fn new(store: &'a S, tables: &'a Tables, until: u64, bounds: Bounds) -> Self {
        let extract = events::Extract { until, bounds, has_personal_data: false };
        Self { store, tables, audit: None, extract }
    }

    /// The same with the hand-off audit of these tables: the files `episodes` and `audit_findings`.
    #[must_use]
    pub fn audited(mut self, audit: &'a Audit<'a>) -> Self {
        self.audit = Some(audit);
        self
    }

    /// The same with all that the events say, personal data, unknown fields and data of unknown
    /// types included. They are in `data` of the table `events`, and nowhere else. Who takes the
    /// files has to keep them as the law demands.
    #[must_use]
    pub fn including_personal_data(mut self) -> Self {
        self.extract.has_personal_data = true;
        self
    }

    /// Writes the files into a directory, which is made where there is none. Files of an earlier
    /// export are replaced, all at the end. `progress` hears how many positions of how many have
    /// been read for the table of events.
    ///
    /// # Errors
    /// [`ExportError`], when the store or the file system fails. Nothing is in place then, and
    /// an earlier export is as it was; only when a renaming fails, earlier ones stay done.
    pub fn write(
        &self,
        dir: &Path,
        progress: impl FnMut(u64, u64),
    ) -> Result<Vec<Written>, ExportError> {
        fs::create_dir_all(dir).map_err(|error| ExportError::write(dir, error))?;
        let tables = self.tables;
        let mut whole = vec![
            self.fill(dir, &events::TABLE, |part| {
                events::write(part, self.store, self.extract, progress)
            })?,
            self.fill(dir, &leads::TABLE, |part| leads::write(part, tables))?,
            self.fill(dir, &visits::TABLE, |part| visits::write(part, tables))?,
            self.fill(dir, &handoffs::TABLE, |part| handoffs::write(part, tables))?,
            self.fill(dir, &opportunities::TABLE, |part| opportunities::write(part, tables))?,
            self.fill(dir, &revenue::TABLE, |part| revenue::write(part, tables))?,
            self.fill(dir, &costs::TABLE, |part| costs::write(part, tables))?,
            self.fill(dir, &findings::TABLE, |part| findings::write(part, tables))?,
        ];
        if let Some(audit) = self.audit {
            whole.push(self.fill(dir, &episodes::TABLE, |part| episodes::write(part, audit))?);
            let fill = |part: &mut Part<'a, S>| audit_findings::write(part, audit);
            whole.push(self.fill(dir, &audit_findings::TABLE, fill)?);
        }
        whole.into_iter().map(Whole::rename).collect()
    }

    fn fill(
        &self,
        dir: &Path,
        table: &'static schema::Table,
        rows: impl FnOnce(&mut Part<'a, S>) -> Result<(), ExportError>,
    ) -> Result<Whole, ExportError> {
        let mut part = Part::create(self.store, table, dir)?;
        rows(&mut part)?;
        part.finish()
    }
}
