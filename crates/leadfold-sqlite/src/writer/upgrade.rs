//! Files of an older layout, or with facts of an older leadfold, brought up to date when they are
//! opened.

use leadfold_core::LOWERING;
use leadfold_store::Progress;
use rusqlite::Connection;

use super::log::Log;
use crate::error::Result;
use crate::schema::{self, SCHEMA_VERSION};

/// Older layouts are of the same events, but what is derived from them had other segments (version
/// 6), no place for snapshots (version 5), only some of its checksums (version 4, of which there
/// were several), none (version 3), no facts by lead (version 2) or no index of lead keys (version
/// 1): all of it is derived anew, as it is if this leadfold would derive other facts. All of it is
/// one transaction.
///
/// A file with a damaged event stays as it is. Its events can be read and verified all the same.
pub(crate) fn upgrade(
    connection: &Connection,
    seal_events: u64,
    progress: &Progress,
) -> Result<()> {
    if is_current(connection)? {
        return Ok(());
    }
    match derive_anew(connection, seal_events, progress) {
        Err(error) if !error.is_corrupt() => Err(error),
        _ => Ok(()),
    }
}

fn is_current(connection: &Connection) -> Result<bool> {
    let version = schema::version(connection)?;
    Ok(version >= SCHEMA_VERSION && schema::lowering(connection)? == LOWERING)
}

fn derive_anew(connection: &Connection, seal_events: u64, progress: &Progress) -> Result<()> {
    let mut log = Log::new(connection, seal_events);
    let renewed = log.begin_anew().and_then(|()| renew(&mut log, progress));
    // What has been committed is not undone by this.
    log.roll_back();
    renewed
}

fn renew(log: &mut Log<'_>, progress: &Progress) -> Result<()> {
    // Another process may have been faster.
    if is_current(log.connection())? {
        return Ok(());
    }
    log.rebuild(progress)?;
    log.commit()
}
