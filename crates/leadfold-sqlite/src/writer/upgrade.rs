//! Files of an older layout, brought up to date when they are opened.

use rusqlite::Connection;

use super::log::Log;
use crate::error::{Result, sqlite};
use crate::schema::{self, SCHEMA_VERSION};

/// Version 1 had no index of lead keys, and facts that said less: all that is derived is derived
/// anew, in one transaction.
///
/// A file with a damaged event stays as it is. It can be read and verified all the same.
pub(crate) fn upgrade(connection: &Connection) -> Result<()> {
    if schema::version(connection)? >= SCHEMA_VERSION {
        return Ok(());
    }
    let mut log = Log::new(connection);
    let upgraded = log.begin().and_then(|()| from_1(&mut log)).and_then(|()| log.commit());
    match upgraded {
        Err(error) => {
            log.roll_back();
            if error.is_corrupt() { Ok(()) } else { Err(error) }
        }
        Ok(()) => Ok(()),
    }
}

fn from_1(log: &mut Log<'_>) -> Result<()> {
    let connection = log.connection();
    // Another process may have been faster.
    if schema::version(connection)? >= SCHEMA_VERSION {
        return Ok(());
    }
    connection.execute_batch(schema::UPGRADE).map_err(sqlite)?;
    log.rebuild()?;
    schema::mark_as_current(connection)
}
