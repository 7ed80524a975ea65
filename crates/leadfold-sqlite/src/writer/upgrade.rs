//! Files of an older layout, or with facts of an older leadfold, brought up to date when they are
//! opened.

use leadfold_core::LOWERING;
use leadfold_store::Progress;
use rusqlite::Connection;

use super::log::Log;
use crate::error::{Result, sqlite};
use crate::schema::{self, SCHEMA_VERSION};

/// Version 1 had no index of lead keys. Version 2 had no facts by lead, and version 3 had them in
/// another layout: they are made of the facts in the order of the log. Neither said how its facts
/// were derived, and there was one way only.
///
/// Facts that this leadfold would derive otherwise are derived anew. All of it is one transaction.
///
/// A file with a damaged event stays as it is. It can be read and verified all the same.
pub(crate) fn upgrade(
    connection: &Connection,
    seal_events: u64,
    progress: &Progress,
) -> Result<()> {
    if is_current(connection)? {
        return Ok(());
    }
    // Readers ask these tables whatever becomes of the rest.
    connection.execute_batch(schema::RUNS).map_err(sqlite)?;
    let mut log = Log::new(connection, seal_events);
    let renewed = log.begin().and_then(|()| renew(&mut log, progress)).and_then(|()| log.commit());
    match renewed {
        Err(error) => {
            log.roll_back();
            if error.is_corrupt() { Ok(()) } else { Err(error) }
        }
        Ok(()) => Ok(()),
    }
}

fn is_current(connection: &Connection) -> Result<bool> {
    let version = schema::version(connection)?;
    Ok(version >= SCHEMA_VERSION && schema::lowering(connection)? == LOWERING)
}

fn renew(log: &mut Log<'_>, progress: &Progress) -> Result<()> {
    let connection = log.connection();
    // Another process may have been faster.
    if is_current(connection)? {
        return Ok(());
    }
    let version = schema::version(connection)?;
    if version == 1 {
        connection.execute_batch(schema::UPGRADE_1).map_err(sqlite)?;
    }
    if version < 4 {
        connection.execute_batch(schema::LOWERED).map_err(sqlite)?;
        // The facts of version 1 said less than the first ones that are counted.
        let sql = "INSERT INTO lowering (version) VALUES (?1)";
        connection.execute(sql, [u32::from(version > 1)]).map_err(sqlite)?;
    }
    if schema::lowering(connection)? < LOWERING {
        log.rebuild(progress)?;
    } else if version < 4 {
        log.unseal()?;
    }
    schema::mark_as_current(connection)
}
