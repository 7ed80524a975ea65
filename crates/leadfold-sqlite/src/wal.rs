//! The write-ahead log that a process left behind, looked at before SQLite recovers from it.
//!
//! SQLite ends its recovery at the first frame whose checksum is wrong. After a crash that is where
//! the log ends; but a damaged frame in the middle would cut off commits that were acknowledged,
//! and nobody would hear of it. With `synchronous = FULL` a commit is on the disk before the next
//! one is begun: so a frame that is damaged before the end of a commit that another one follows
//! was sound once.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek};
use std::path::{Path, PathBuf};

use leadfold_store::{StoreError, StoreErrorKind};

use crate::error::{Result, corrupt};
use crate::schema::{APPLICATION_ID, PAGE_BYTES};

/// Of SQLite's header, up to the application id.
const SQLITE_HEADER: usize = 72;
const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The last bit says in which order the bytes of the checksums' words are.
const MAGIC: u32 = 0x377f_0682;
/// A log of one frame has nothing that could follow it.
const PAGE_MAX: usize = 65_536;

/// Refuses a file whose write-ahead log is damaged in the middle, or that has none and ends in the
/// middle of a page: SQLite would take what is missing for zeros.
pub(crate) fn check(file: &Path) -> Result<()> {
    // SQLite follows links, and keeps the log beside the file itself. There may be no file yet.
    let file = &file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let path = beside(file, "-wal");
    match look_twice(|| look(&path))? {
        Wal::Missing => check_length(file),
        Wal::Sound => Ok(()),
        Wal::Damaged(_) => Err(damaged(&path)),
    }
}

/// Nothing is locked, and a living process may be writing the log: it overwrites a frame of an older
/// log in two writes, and between them the frame looks damaged. Both are done before the next commit
/// is begun, which is what damage is told by. So what a second look does not find as the first did
/// has been written meanwhile, by a process that has recovered the log already.
fn look_twice(mut look: impl FnMut() -> Result<Wal>) -> Result<Wal> {
    match look()? {
        Wal::Damaged(damage) if look()? != Wal::Damaged(damage) => Ok(Wal::Sound),
        found => Ok(found),
    }
}

/// What there is of a write-ahead log.
#[derive(Debug, Eq, PartialEq)]
enum Wal {
    Missing,
    Sound,
    Damaged(Damage),
}

/// Where a log is damaged, and the last frame that was looked at; 0 is the header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Damage {
    header: [u8; HEADER],
    first: u64,
    seen: u64,
}

fn look(path: &Path) -> Result<Wal> {
    let mut wal = match File::open(path) {
        Ok(wal) => wal,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Wal::Missing),
        Err(error) => return Err(unreadable(error)),
    };
    let Some(header) = read::<HEADER>(&mut wal)? else { return Ok(Wal::Missing) };
    let Some((first, seen)) = find_damage(&header, &mut wal)? else { return Ok(Wal::Sound) };
    // The header of a log is written before its frames: this one was not begun anew meanwhile.
    wal.rewind().map_err(unreadable)?;
    let is_same = read::<HEADER>(&mut wal)? == Some(header);
    Ok(if is_same { Wal::Damaged(Damage { header, first, seen }) } else { Wal::Sound })
}

/// The first damaged frame, and the one behind the end of a commit that tells it from the end of the
/// log.
fn find_damage(header: &[u8; HEADER], wal: &mut File) -> Result<Option<(u64, u64)>> {
    let Some(mut log) = Log::begin(header) else {
        return Ok(is_followed(wal)?.then_some((0, 1)));
    };
    while let Some(frame) = log.next(wal)? {
        if !frame.is_of_this_log {
            return Ok(None);
        }
        log.take(&frame);
        if let Some(first) = log.damaged.filter(|_| log.has_begun_since) {
            return Ok(Some((first, log.frames)));
        }
    }
    Ok(None)
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

/// A process that died while it made the file has left a journal that undoes what it did. Files of
/// others may have pages of another size.
fn check_length(file: &Path) -> Result<()> {
    let length = std::fs::metadata(file).map_or(0, |file| file.len());
    let is_whole = length.is_multiple_of(PAGE_BYTES as u64);
    if is_whole || !is_ours(file)? || beside(file, "-journal").exists() {
        return Ok(());
    }
    Err(corrupt(format!(
        "expected whole pages of {PAGE_BYTES} bytes, found a file of {length} bytes: restore it \
         from a backup"
    )))
}

/// Whether the header of the file says so.
fn is_ours(file: &Path) -> Result<bool> {
    let mut file = File::open(file).map_err(unreadable)?;
    let header = read::<SQLITE_HEADER>(&mut file)?;
    Ok(header.is_some_and(|header| word(&header, 68) == APPLICATION_ID as u32))
}

/// A header is written whole and synced before its frames.
fn is_followed(wal: &mut File) -> Result<bool> {
    Ok(read::<FRAME_HEADER>(wal)?.is_some_and(|frame| frame != [0; FRAME_HEADER]))
}

/// What is known of a log while it is read.
struct Log {
    is_big_endian: bool,
    salts: [u8; 8],
    sum: (u32, u32),
    frame: Vec<u8>,
    /// How many were taken.
    frames: u64,
    /// The first that was damaged; and then, whether a commit has ended since, and another begun.
    damaged: Option<u64>,
    has_committed_since: bool,
    has_begun_since: bool,
}

struct Frame {
    is_of_this_log: bool,
    is_sound: bool,
    is_commit: bool,
    sum: (u32, u32),
}

impl Log {
    /// The log of a header; none if the header is damaged.
    fn begin(header: &[u8; HEADER]) -> Option<Self> {
        let magic = word(header, 0);
        let page = word(header, 8) as usize;
        let is_big_endian = magic & 1 == 1;
        let sum = sum(is_big_endian, (0, 0), &header[..24]);
        let is_sound = magic & !1 == MAGIC && sum == (word(header, 24), word(header, 28));
        (is_sound && page <= PAGE_MAX).then(|| Self {
            is_big_endian,
            salts: header[16..24].try_into().unwrap_or_default(),
            sum,
            frame: vec![0; FRAME_HEADER + page],
            frames: 0,
            damaged: None,
            has_committed_since: false,
            has_begun_since: false,
        })
    }

    fn next(&mut self, wal: &mut File) -> Result<Option<Frame>> {
        if !fill(wal, &mut self.frame)? {
            return Ok(None);
        }
        let frame = &self.frame;
        let after = sum(self.is_big_endian, self.sum, &frame[..8]);
        let after = sum(self.is_big_endian, after, &frame[FRAME_HEADER..]);
        let stored = (word(frame, 16), word(frame, 20));
        Ok(Some(Frame {
            is_of_this_log: frame[8..16] == self.salts,
            is_sound: after == stored,
            is_commit: word(frame, 4) != 0,
            // The next frame goes on from what is stored: so it is judged for itself.
            sum: stored,
        }))
    }

    fn take(&mut self, frame: &Frame) {
        self.frames += 1;
        self.sum = frame.sum;
        self.has_begun_since |= self.has_committed_since;
        if !frame.is_sound && self.damaged.is_none() {
            self.damaged = Some(self.frames);
        }
        self.has_committed_since |= self.damaged.is_some() && frame.is_commit;
    }
}

/// The checksum of SQLite's log: over pairs of words, going on from what came before.
fn sum(is_big_endian: bool, before: (u32, u32), bytes: &[u8]) -> (u32, u32) {
    let word = |bytes: [u8; 4]| {
        if is_big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    };
    let (words, _) = bytes.as_chunks::<4>();
    words.as_chunks::<2>().0.iter().fold(before, |(first, second), [left, right]| {
        let first = first.wrapping_add(word(*left)).wrapping_add(second);
        (first, second.wrapping_add(word(*right)).wrapping_add(first))
    })
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes[at..].first_chunk().map_or(0, |word| u32::from_be_bytes(*word))
}

fn read<const N: usize>(wal: &mut File) -> Result<Option<[u8; N]>> {
    let mut bytes = [0; N];
    Ok(fill(wal, &mut bytes)?.then_some(bytes))
}

/// Whether there was as much left.
fn fill(wal: &mut File, bytes: &mut [u8]) -> Result<bool> {
    match wal.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(unreadable(error)),
    }
}

fn damaged(path: &Path) -> StoreError {
    let name = path.file_name().unwrap_or_default().display();
    corrupt(format!(
        "expected a sound write-ahead log, found {name} damaged in the middle: opening the file \
         would lose what was acknowledged after that; with no other process open, restore both \
         files from a backup, or move {name} away to go on with what the file alone has; if it was \
         written with UnsafeFasterMayLoseAcknowledgedEvents, open it with that to go on"
    ))
}

fn unreadable(error: std::io::Error) -> StoreError {
    let message = "expected to read the file and its write-ahead log, found that the system \
                   refuses: check their rights and the disk";
    StoreError::new(StoreErrorKind::Io, message).because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: usize = FRAME_HEADER + PAGE_BYTES as usize;

    /// The path of a log of three commits, left by a connection that never closed the file.
    fn log() -> (tempfile::TempDir, PathBuf, Vec<u8>) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("log.db");
        let file = rusqlite::Connection::open(&path).expect("it opens");
        let setup = "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; CREATE TABLE t (x);
            INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)";
        file.execute_batch(setup).expect("the statements run");
        let path = beside(&path, "-wal");
        let bytes = std::fs::read(&path).expect("reads");
        assert!(bytes.len() > HEADER + 3 * FRAME);
        drop(file);
        (directory, path, bytes)
    }

    fn damage(bytes: &[u8], frame: usize) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        bytes[HEADER + frame * FRAME - 1] ^= 1;
        bytes
    }

    /// What is found if the log has other bytes at each look.
    fn found<const N: usize>(path: &Path, looks: [&[u8]; N]) -> (Wal, usize) {
        let mut count = 0;
        let found = look_twice(|| {
            std::fs::write(path, looks[count]).expect("writes");
            count += 1;
            look(path)
        });
        (found.expect("reads"), count)
    }

    #[test]
    fn frame_that_is_being_written_is_no_damage() {
        let (_directory, path, sound) = log();
        let torn = damage(&sound, 1);
        assert!(matches!(look(&path), Ok(Wal::Missing)), "the last connection tidies up");
        assert_eq!(found(&path, [&sound]), (Wal::Sound, 1));
        assert_eq!(found(&path, [&torn, &sound]), (Wal::Sound, 2));
        assert_eq!(found(&path, [&torn, &damage(&sound, 2)]), (Wal::Sound, 2));
        let (Wal::Damaged(damage), 2) = found(&path, [&torn, &torn]) else { panic!("it is") };
        assert_eq!(damage.first, 1);
    }

    /// The next log has other salts in its header.
    #[test]
    fn log_that_was_begun_anew_is_another() {
        let (_directory, path, sound) = log();
        let torn = damage(&sound, 1);
        let mut anew = torn.clone();
        anew[16] ^= 1;
        assert_eq!(found(&path, [&torn, &anew]), (Wal::Sound, 2));
    }

    #[test]
    fn header_that_is_being_written_is_no_damage() {
        let (_directory, path, sound) = log();
        let mut torn = sound.clone();
        torn[20] ^= 1;
        assert_eq!(found(&path, [&torn, &sound]), (Wal::Sound, 2));
        assert!(matches!(found(&path, [&torn, &torn]), (Wal::Damaged(_), 2)));
    }
}
