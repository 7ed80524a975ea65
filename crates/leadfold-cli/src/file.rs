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
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        io::Error::other(format!("expected UTF-8, found another byte on line {line}: convert it"))
    })
}

/// A path with more behind its name.
pub(crate) fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(end);
    path.into()
}
