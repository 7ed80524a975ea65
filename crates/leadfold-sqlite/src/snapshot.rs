//! The tables `snapshot` and `snapshot_part`: tables as they stood at a position, as bytes.
//!
//! There is one snapshot at the most. It is replaced in one transaction, so a writer that dies
//! leaves the old one or the new one. Its number is made of all that it has: parts of one can not be
//! taken for parts of another, even by who reads while it is replaced.

use leadfold_core::EventId;
use leadfold_store::adapter::unknown;
use leadfold_store::{Checkpoint, KeptSnapshot, Snapshot};
use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

use crate::derived::{check, checksum, missing};
use crate::error::{Result, corrupt, sqlite};

const SELECT: &str = "SELECT number, key, position, event, parts, crc FROM snapshot";

/// Puts a snapshot in the place of the one that is there.
pub(crate) fn keep(connection: &Connection, snapshot: Snapshot) -> Result<()> {
    discard(connection)?;
    let Snapshot { key, at, parts } = snapshot;
    let kept =
        KeptSnapshot { number: number(&key, at, &parts), key, at, parts: parts.len() as u32 };
    let sql = "INSERT INTO snapshot_part (snapshot, part, crc, bytes) VALUES (?1, ?2, ?3, ?4)";
    let mut insert = connection.prepare_cached(sql).map_err(sqlite)?;
    // Each is given back once it is written.
    for (part, bytes) in (0..).zip(parts) {
        let crc = part_crc(kept.number, part, &bytes);
        insert.execute((kept.number.cast_signed(), part, crc, bytes)).map_err(sqlite)?;
    }
    let sql = "INSERT INTO snapshot (number, key, position, event, parts, crc) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let mut insert = connection.prepare_cached(sql).map_err(sqlite)?;
    let event = kept.at.event.map(|event| event.0.into_bytes());
    let numbers = [kept.number, kept.at.position].map(u64::cast_signed);
    let row = (numbers[0], &kept.key, numbers[1], event, kept.parts, crc(&kept));
    insert.execute(row).map(drop).map_err(sqlite)
}

/// Drops the snapshot, and whatever may be left of one; whether there was anything.
pub(crate) fn discard(connection: &Connection) -> Result<bool> {
    let rows = ["DELETE FROM snapshot_part", "DELETE FROM snapshot"]
        .map(|sql| connection.execute(sql, []).map_err(sqlite));
    let [parts, heads] = rows;
    Ok(parts? + heads? > 0)
}

/// The snapshot that is there, without its parts.
pub(crate) fn kept(connection: &Connection) -> Result<Option<KeptSnapshot>> {
    let mut select = connection.prepare_cached(SELECT).map_err(sqlite)?;
    select.query_row([], |row| Ok(read(row))).optional().map_err(sqlite)?.transpose()
}

/// A part of the snapshot with a number.
pub(crate) fn part(connection: &Connection, number: u64, part: u32) -> Result<Vec<u8>> {
    let kept = kept(connection)?.filter(|kept| kept.number == number && part < kept.parts);
    if kept.is_none() {
        return Err(unknown("part of a snapshot", part.into()));
    }
    let sql = "SELECT bytes, crc FROM snapshot_part WHERE snapshot = ?1 AND part = ?2";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let read = |row: &Row<'_>| Ok(read_part(row, number, part));
    let found = select.query_row((number.cast_signed(), part), read).optional();
    found.map_err(sqlite)?.transpose()?.ok_or_else(|| missing(&name(part)))
}

/// Checks all of it, and that nothing is left of another; none if it is sound.
pub(crate) fn damage(connection: &Connection) -> Result<Option<String>> {
    match check_all(connection) {
        Err(error) if error.is_corrupt() => Ok(Some(error.to_string())),
        checked => checked.map(|()| None),
    }
}

fn check_all(connection: &Connection) -> Result<()> {
    let kept = kept(connection)?;
    let (number, parts) = kept.map_or((0, 0), |kept| (kept.number, kept.parts));
    for at in 0..parts {
        part(connection, number, at)?;
    }
    let sql = "SELECT (SELECT count(*) FROM snapshot), (SELECT count(*) FROM snapshot_part)";
    let counts = connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)));
    let (heads, found): (u32, u32) = counts.map_err(sqlite)?;
    if heads > 1 || found != parts {
        return Err(corrupt(format!(
            "expected one snapshot at the most, with {parts} parts, found {heads} with {found}: \
             drop the snapshot"
        )));
    }
    Ok(())
}

fn read(row: &Row<'_>) -> Result<KeptSnapshot> {
    let number = |at| row.get(at).map(i64::cast_unsigned).map_err(sqlite);
    let event: Option<[u8; 16]> = row.get(3).map_err(sqlite)?;
    let event = event.map(|id| EventId(Uuid::from_bytes(id)));
    let kept = KeptSnapshot {
        number: number(0)?,
        key: row.get(1).map_err(sqlite)?,
        at: Checkpoint { position: number(2)?, event },
        parts: row.get(4).map_err(sqlite)?,
    };
    check(row, 5, crc(&kept), || "the snapshot".to_owned())?;
    Ok(kept)
}

fn read_part(row: &Row<'_>, number: u64, part: u32) -> Result<Vec<u8>> {
    let bytes = row.get_ref(0).and_then(|bytes| Ok(bytes.as_blob()?)).map_err(sqlite)?;
    check(row, 1, part_crc(number, part, bytes), || name(part))?;
    Ok(bytes.to_vec())
}

fn name(part: u32) -> String {
    format!("part {part} of the snapshot")
}

/// Another snapshot has another number: 31 bits of the position, and 32 of a checksum of it all.
fn number(key: &[u8], at: Checkpoint, parts: &[Vec<u8>]) -> u64 {
    let event = at.event.map_or([0; 16], |event| event.0.into_bytes());
    let crc = |part: &Vec<u8>| checksum("snapshot_part", &[part]).to_le_bytes();
    let crcs: Vec<u8> = parts.iter().flat_map(crc).collect();
    let digest = checksum("snapshot", &[&at.position.to_le_bytes(), &event, key, &crcs]);
    (at.position << 32 | u64::from(digest)) & i64::MAX.cast_unsigned()
}

fn crc(kept: &KeptSnapshot) -> u32 {
    let numbers = [kept.number, kept.at.position].map(u64::to_le_bytes);
    let has_event = [u8::from(kept.at.event.is_some())];
    let event = kept.at.event.map_or([0; 16], |event| event.0.into_bytes());
    let parts = kept.parts.to_le_bytes();
    checksum("snapshot", &[numbers.as_flattened(), &has_event, &event, &parts, &kept.key])
}

fn part_crc(number: u64, part: u32, bytes: &[u8]) -> u32 {
    checksum("snapshot_part", &[&number.to_le_bytes(), &part.to_le_bytes(), bytes])
}
