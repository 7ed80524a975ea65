//! The write-ahead log that a process left behind, looked at before SQLite recovers from it.
//!
//! SQLite ends its recovery at the first frame whose checksum is wrong. After a crash that is where
//! the log ends; but a damaged frame in the middle would cut off commits that were acknowledged,
//! and nobody would hear of it. With `synchronous = FULL` a commit is on the disk before the next
//! one is begun: so a frame that is damaged before the end of a commit that another one follows
//! was sound once.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use leadfold_store::{StoreError, StoreErrorKind};

use crate::error::{Result, corrupt};
use crate::schema::PAGE_BYTES;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The last bit says in which order the bytes of the checksums' words are.
const MAGIC: u32 = 0x377f_0682;
/// A log of one frame has nothing that could follow it.
const PAGE_MAX: usize = 65_536;

/// Refuses a file whose write-ahead log is damaged in the middle, or that has none and ends in the
/// middle of a page: SQLite would take what is missing for zeros.
pub(crate) fn check(file: &Path) -> Result<()> {
    let path = beside(file, "-wal");
    let mut wal = match File::open(&path) {
        Ok(wal) => wal,
        Err(error) if error.kind() == ErrorKind::NotFound => return check_length(file),
        Err(error) => return Err(unreadable(error)),
    };
    let Some(header) = read::<HEADER>(&mut wal)? else { return check_length(file) };
    let Some(mut log) = Log::begin(&header) else { return is_followed(&mut wal, &path) };
    while let Some(frame) = log.next(&mut wal)? {
        if !frame.is_of_this_log {
            return Ok(());
        }
        log.take(&frame);
        if log.has_lost_commits() {
            return Err(damaged(&path));
        }
    }
    Ok(())
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

/// A process that died while it made the file has left a journal that undoes what it did.
fn check_length(file: &Path) -> Result<()> {
    let length = std::fs::metadata(file).map_or(0, |file| file.len());
    if length.is_multiple_of(PAGE_BYTES as u64) || beside(file, "-journal").exists() {
        return Ok(());
    }
    Err(corrupt(format!(
        "expected whole pages of {PAGE_BYTES} bytes, found a file of {length} bytes: restore it \
         from a backup"
    )))
}

/// A header is written whole and synced before its frames.
fn is_followed(wal: &mut File, path: &Path) -> Result<()> {
    match read::<FRAME_HEADER>(wal)? {
        Some(frame) if frame != [0; FRAME_HEADER] => Err(damaged(path)),
        _ => Ok(()),
    }
}

/// What is known of a log while it is read.
struct Log {
    is_big_endian: bool,
    salts: [u8; 8],
    sum: (u32, u32),
    frame: Vec<u8>,
    /// A frame was damaged; and then, whether a commit has ended since, and another begun.
    is_damaged: bool,
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
            is_damaged: false,
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
        self.sum = frame.sum;
        self.has_begun_since |= self.has_committed_since;
        self.is_damaged |= !frame.is_sound;
        self.has_committed_since |= self.is_damaged && frame.is_commit;
    }

    fn has_lost_commits(&self) -> bool {
        self.has_begun_since
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
         would lose what was acknowledged after that; restore both files from a backup, or move \
         {name} away to go on with what the file alone has; if it was written with \
         UnsafeFasterMayLoseAcknowledgedEvents, open it with that to go on"
    ))
}

fn unreadable(error: std::io::Error) -> StoreError {
    let message = "expected to read the write-ahead log, found that the system refuses: check its \
                   rights and the disk";
    StoreError::new(StoreErrorKind::Io, message).because(error)
}
