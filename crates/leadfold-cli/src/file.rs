//! Files of rules (playbooks and mappings), and names of files.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Larger is no file of rules.
const BYTES_MAX: u64 = 1 << 20;

/// The text of such a file. A pipe has no size to ask for: what is read is bounded, not what the
/// file says.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > BYTES_MAX {
        let expected = format!("expected at most {BYTES_MAX} bytes, found more");
        return Err(io::Error::other(expected));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::other("expected UTF-8, found other bytes"))
}

/// A path with more behind its name.
pub(crate) fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(end);
    path.into()
}
