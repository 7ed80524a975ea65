//! What a file is that is no text in UTF-8, by its first bytes: refused as a whole, since each of its
//! lines would be called damaged.

use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::path::Path;

use crate::error::CliError;

/// How many bytes tell.
const BYTES: usize = 4;

/// What files of other kinds begin with, what they are, and what to do.
const KINDS: [(&[u8], &str, &str); 7] = [
    (b"\x1f\x8b", "gzip", "unpack it first, as `gunzip` does"),
    (b"PK\x03\x04", "a ZIP archive, as spreadsheets are", "unpack it first, or save it as text"),
    (b"\x28\xb5\x2f\xfd", "Zstandard", "unpack it first, as `unzstd` does"),
    (b"\xff\xfe", "UTF-16", "convert it to UTF-8"),
    (b"\xfe\xff", "UTF-16", "convert it to UTF-8"),
    (b"{\0", "UTF-16", "convert it to UTF-8"),
    (b"\0{", "UTF-16", "convert it to UTF-8"),
];

/// Looks at the beginning of a file, and leaves it where it was.
pub(super) fn look_into(file: &mut (impl Read + Seek), name: &Path) -> Result<(), CliError> {
    let mut first = Vec::new();
    let read = file.by_ref().take(BYTES as u64).read_to_end(&mut first);
    read.and_then(|_| file.seek(SeekFrom::Start(0))).map_err(|error| {
        CliError::Input(format!("cannot read {}: {error}; check the path", name.display()))
    })?;
    is_text(&first, name)
}

/// Looks at what standard input has begun with. A failure to read it is told when it is read.
pub(super) fn look_into_stdin() -> Result<(), CliError> {
    let mut stdin = io::stdin().lock();
    is_text(stdin.fill_buf().unwrap_or_default(), Path::new("stdin"))
}

fn is_text(first: &[u8], name: &Path) -> Result<(), CliError> {
    let Some((_, kind, advice)) = KINDS.iter().find(|(magic, ..)| first.starts_with(magic)) else {
        return Ok(());
    };
    Err(CliError::Input(format!(
        "cannot read {}: expected text in UTF-8, found {kind}: {advice}",
        name.display()
    )))
}
