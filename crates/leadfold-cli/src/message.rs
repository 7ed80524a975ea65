//! Messages on standard error.

use std::fmt;
use std::io::{self, Write};

/// Prints one line. Where nobody can be told, that changes neither the answer nor how the command
/// ends.
pub(crate) fn tell(message: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "{message}");
}
