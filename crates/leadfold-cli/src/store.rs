//! A store's URL to a store.

use std::path::Path;

use leadfold_sqlite::{Options, SqliteStore};
use leadfold_store::{EventStore, MemoryStore};

use crate::error::CliError;
use crate::progress::Progress;

/// Memory for pages of a file: what an import may have beside its own buffers.
const CACHE_BYTES: u64 = 32 << 20;

/// Any store.
pub(crate) type Store = Box<dyn EventStore>;

/// What a command is about to do with a store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Access {
    /// Reading: there must be one.
    Read,
    /// Appending: one is made where there is none.
    Append,
}

/// Opens the store behind a URL: `sqlite:PATH`, a bare path, `postgres://HOST/DATABASE#LOG`, or
/// `memory:`.
pub(crate) fn open(url: &str, access: Access) -> Result<Store, CliError> {
    if url == "memory:" {
        return Ok(Box::new(MemoryStore::new()));
    }
    let scheme = url.split_once(':').map(|(scheme, _)| scheme);
    match scheme {
        None | Some("sqlite") => sqlite(Path::new(url.trim_start_matches("sqlite:")), access),
        Some("postgres" | "postgresql") => postgres(url, access),
        Some(letter) if letter.len() == 1 => sqlite(Path::new(url), access),
        Some(scheme) => Err(CliError::Usage(format!(
            "unknown kind of store: expected sqlite:PATH, a path or memory:, found `{scheme}:`; \
             write ./{url} for a file of that name"
        ))),
    }
}

#[cfg(not(feature = "postgres"))]
fn postgres(_: &str, _: Access) -> Result<Store, CliError> {
    Err(CliError::Usage(
        "the store postgres://... is not built in: expected sqlite:PATH, a path or memory:; \
         build the command with --features postgres"
            .to_owned(),
    ))
}

/// The log behind `#` is the schema `leadfold` if none is named.
#[cfg(feature = "postgres")]
fn postgres(url: &str, access: Access) -> Result<Store, CliError> {
    use leadfold_postgres::{Options, PostgresStore};
    use leadfold_store::StoreErrorKind;
    let (url, log) = url.split_once('#').unwrap_or((url, "leadfold"));
    let options = Options {
        readers: 1,
        creates: access == Access::Append,
        progress: Progress::of_rebuild(),
        ..Options::default()
    };
    match PostgresStore::open_with(url, log, &options) {
        Ok(store) => Ok(Box::new(store)),
        Err(error) if error.kind() == StoreErrorKind::NotFound => {
            Err(CliError::NoStore(error.to_string()))
        }
        Err(error) => Err(error.into()),
    }
}

fn sqlite(path: &Path, access: Access) -> Result<Store, CliError> {
    if path.as_os_str().is_empty() {
        return Err(CliError::Usage(
            "expected a path after `sqlite:`, found none: name the file".to_owned(),
        ));
    }
    if access == Access::Read && !path.exists() {
        return Err(CliError::NoStore(format!(
            "no store to read: expected a file {}, found none; import a log into it, or check \
             the path",
            path.display()
        )));
    }
    // One command asks one question at a time, and promises to be small.
    let options = Options {
        readers: 1,
        cache_bytes: CACHE_BYTES,
        progress: Progress::of_rebuild(),
        ..Options::default()
    };
    Ok(Box::new(SqliteStore::open_with(path, &options)?))
}
