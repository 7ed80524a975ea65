//! A projection of one's own: when each lead was last heard of. The benches measure it, too.

use leadfold_core::Facts;
use leadfold_engine::Projection;
use leadfold_sqlite::rusqlite;
use leadfold_sqlite::{SqliteBatch, SqliteProjections};
use leadfold_store::{Blocking, EventStore};

/// A row a lead, with one statement an event: how many it had, and when the last was.
pub(crate) struct LastSeen;

impl Projection<SqliteProjections> for LastSeen {
    type Page = Facts;
    type Error = rusqlite::Error;
    const NAME: &'static str = "last_seen";
    const VERSION: u32 = 1;
    const TABLES: &'static [&'static str] = &["lead"];

    fn create(&self, batch: &mut SqliteBatch<'_>) -> Result<(), rusqlite::Error> {
        let table = batch.table("lead");
        let columns = "lead INTEGER PRIMARY KEY, at INTEGER NOT NULL, events INTEGER NOT NULL";
        batch.sql().execute_batch(&format!("CREATE TABLE {table} ({columns}) STRICT"))
    }

    fn apply(
        &self,
        page: &Facts,
        _: Blocking<&dyn EventStore>,
        batch: &mut SqliteBatch<'_>,
    ) -> Result<(), rusqlite::Error> {
        let sql = format!(
            "INSERT INTO {} VALUES (?1, ?2, 1) \
             ON CONFLICT DO UPDATE SET at = max(at, excluded.at), events = events + 1",
            batch.table("lead")
        );
        let mut upsert = batch.sql().prepare_cached(&sql)?;
        let mut last = 0;
        for fact in page.rows() {
            if fact.position > last {
                upsert.execute((fact.lead.0, fact.at))?;
                last = fact.position;
            }
        }
        Ok(())
    }
}
