//! Why an export did not come to its end.

use std::io;
use std::path::{Path, PathBuf};

use leadfold_store::StoreError;
use parquet::errors::ParquetError;

/// Why an export failed. No file of it is in place then, unless it failed while renaming.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The log could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file could not be written.
    #[error(
        "cannot write {}: {source}; free space or give another directory, and export again",
        path.display()
    )]
    Write {
        /// The file or directory.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
}

impl ExportError {
    pub(crate) fn write(path: &Path, source: impl Into<io::Error>) -> Self {
        Self::Write { path: path.to_owned(), source: source.into() }
    }

    /// The format's library wraps what the file system said.
    pub(crate) fn format(path: &Path, error: ParquetError) -> Self {
        let source = match error {
            ParquetError::External(inner) => match inner.downcast::<io::Error>() {
                Ok(source) => *source,
                Err(other) => io::Error::other(other),
            },
            other => io::Error::other(other),
        };
        Self::Write { path: path.to_owned(), source }
    }
}
