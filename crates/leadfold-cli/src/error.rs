//! How a command ends.

use std::io;
use std::path::PathBuf;

use leadfold_store::{AppendError, StoreError};

/// What a command that ran to its end has to say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// It is done.
    Done,
    /// The answer is "no".
    No,
    /// Some of the input was refused; the rest is done.
    Refused,
}

impl Outcome {
    /// The exit status.
    pub(crate) fn status(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::Refused => 3,
        }
    }
}

/// Why a command did not run to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The question has no answer: there is no such thing.
    #[error("{0}")]
    Nothing(String),
    /// Wrong usage that only shows when the log is looked at.
    #[error("{0}")]
    Usage(String),
    /// A file that was given cannot be used.
    #[error("{0}")]
    Input(String),
    /// There is no store to read.
    #[error("{0}")]
    NoStore(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing could be appended.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// Tables could not be exported.
    #[cfg(feature = "parquet")]
    #[error(transparent)]
    Export(#[from] leadfold_export::ExportError),
    /// A file that an option asked for could not be written.
    #[error(
        "cannot write {}: {source}; {}, or give another {option}",
        path.display(),
        what_to_do(source)
    )]
    File { path: PathBuf, option: &'static str, source: io::Error },
    /// Some events are damaged; all others have been exported.
    #[error(
        "{0} damaged and left out, and all others are exported; `leadfold verify` says what to do"
    )]
    LeftOut(String),
    /// The answer could not be written.
    #[error("cannot write the output: {0}; check the disk and run the command again")]
    Output(#[from] io::Error),
}

/// What to do about a file that the system does not let be written.
fn what_to_do(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::NotFound => "make its folder first",
        io::ErrorKind::IsADirectory => "name a file in this folder",
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "move the file away that stands where a folder should be"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => "check its rights",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space",
        _ => "check the disk",
    }
}

impl CliError {
    /// The exit status.
    pub(crate) fn status(&self) -> u8 {
        match self {
            Self::Nothing(_) => 1,
            Self::Usage(_) => 2,
            Self::Input(_) => 3,
            #[cfg(feature = "parquet")]
            Self::Export(_) => 4,
            Self::NoStore(_)
            | Self::Store(_)
            | Self::Append(_)
            | Self::LeftOut(_)
            | Self::File { .. }
            | Self::Output(_) => 4,
        }
    }

    /// Whether the reader of the output went away, as `head` does.
    pub(crate) fn is_unheard(&self) -> bool {
        matches!(self, Self::Output(source) if source.kind() == io::ErrorKind::BrokenPipe)
    }
}
