//! Files of an older layout, brought up to date when they are opened.

use rusqlite::Connection;

use super::log::Log;
use crate::error::{Result, sqlite};
use crate::schema::{self, SCHEMA_VERSION};

/// Version 1 had no index of lead keys, and facts that said less: all that is derived is derived
/// anew, in one transaction. Version 2 had no facts by lead, and version 3 had them in another
/// layout: they are made of the facts in the order of the log.
///
/// A file with a damaged event stays as it is. It can be read and verified all the same.
pub(crate) fn upgrade(connection: &Connection, seal_events: u64) -> Result<()> {
    if schema::version(connection)? >= SCHEMA_VERSION {
        return Ok(());
    }
    // Readers ask these tables whatever becomes of the rest.
    connection.execute_batch(schema::RUNS).map_err(sqlite)?;
    let mut log = Log::new(connection, seal_events);
    let upgraded = log.begin().and_then(|()| renew(&mut log)).and_then(|()| log.commit());
    match upgraded {
        Err(error) => {
            log.roll_back();
            if error.is_corrupt() { Ok(()) } else { Err(error) }
        }
        Ok(()) => Ok(()),
    }
}

fn renew(log: &mut Log<'_>) -> Result<()> {
    let connection = log.connection();
    // Another process may have been faster.
    match schema::version(connection)? {
        SCHEMA_VERSION.. => return Ok(()),
        2 | 3 => log.unseal()?,
        _ => {
            connection.execute_batch(schema::UPGRADE_1).map_err(sqlite)?;
            log.rebuild()?;
        }
    }
    schema::mark_as_current(connection)
}
