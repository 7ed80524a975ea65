//! A store's URL to a store.

use std::path::{Path, PathBuf};

use leadfold_sqlite::{Options, SqliteStore};
use leadfold_store::{EventStore, MemoryStore, StoreError, block_on};

use crate::error::CliError;
use crate::file::with_end;
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
    match Place::of(url)? {
        Place::Memory => Ok(Box::new(MemoryStore::new())),
        Place::File(path) => Ok(Box::new(sqlite(path, access)?)),
        Place::Server(url) => postgres(url, access),
    }
}

/// Derives anew whatever a store derives from its events.
pub(crate) fn rebuild(url: &str) -> Result<(), CliError> {
    match Place::of(url)? {
        Place::Memory => Ok(()),
        Place::File(path) => Ok(block_on(sqlite(path, Access::Read)?.rebuild_facts())?),
        Place::Server(url) => rebuild_postgres(url),
    }
}

/// Where the store behind a URL is.
enum Place<'a> {
    Memory,
    File(&'a Path),
    Server(&'a str),
}

impl<'a> Place<'a> {
    fn of(url: &'a str) -> Result<Self, CliError> {
        if url == "memory:" {
            return Ok(Self::Memory);
        }
        if url.starts_with("sqlite://") {
            // What looks like a host would be a file of the root folder.
            return Err(CliError::Usage(format!(
                "expected sqlite:PATH, found {url}: a file has no host, write {}",
                url.replacen("//", "", 1)
            )));
        }
        if let Some(path) = path(url) {
            return Ok(Self::File(path));
        }
        match scheme(url).unwrap_or_default() {
            "postgres" | "postgresql" => Ok(Self::Server(url)),
            scheme => Err(CliError::Usage(format!(
                "unknown kind of store: expected sqlite:PATH, a path or memory:, found \
                 `{scheme}:`; write sqlite:{url} for a file of that name"
            ))),
        }
    }
}

/// What a URL begins with, if it is one. Whatever no scheme may hold makes it a path: times and
/// folders have colons, too. One letter is a drive.
fn scheme(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once(':')?;
    let begins = scheme.starts_with(|first: char| first.is_ascii_lowercase());
    let is_of_scheme = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '+' | '-');
    (begins && scheme.len() > 1 && scheme.chars().all(is_of_scheme)).then_some(scheme)
}

/// The path in a URL, if it is that of a SQLite file.
fn path(url: &str) -> Option<&Path> {
    match scheme(url) {
        None => Some(Path::new(url)),
        Some("sqlite") => url.split_once(':').map(|(_, path)| Path::new(path)),
        Some(_) => None,
    }
}

/// The files that a store is in, or may be in while it is open.
pub(crate) fn files(url: &str) -> Vec<PathBuf> {
    let ends = ["", "-wal", "-shm", "-journal"];
    path(url).into_iter().flat_map(|path| ends.map(|end| with_end(path, end))).collect()
}

/// Whether there is anything to read: a file that was made and never written is no store yet.
fn is_there(path: &Path) -> bool {
    let has_bytes = |path: &Path| path.metadata().is_ok_and(|file| file.len() > 0);
    has_bytes(path) || path.exists() && has_bytes(&with_end(path, "-wal"))
}

#[cfg(not(feature = "postgres"))]
fn postgres(_: &str, _: Access) -> Result<Store, CliError> {
    Err(not_built_in())
}

#[cfg(not(feature = "postgres"))]
fn rebuild_postgres(_: &str) -> Result<(), CliError> {
    Err(not_built_in())
}

#[cfg(not(feature = "postgres"))]
fn not_built_in() -> CliError {
    CliError::Usage(
        "the store postgres://... is not built in: expected sqlite:PATH, a path or memory:; \
         build the command with --features postgres"
            .to_owned(),
    )
}

#[cfg(feature = "postgres")]
fn postgres(url: &str, access: Access) -> Result<Store, CliError> {
    Ok(Box::new(open_postgres(url, access)?))
}

#[cfg(feature = "postgres")]
fn rebuild_postgres(url: &str) -> Result<(), CliError> {
    Ok(block_on(open_postgres(url, Access::Read)?.rebuild_facts())?)
}

/// The log behind `#` is the schema `leadfold` if none is named.
#[cfg(feature = "postgres")]
fn open_postgres(url: &str, access: Access) -> Result<leadfold_postgres::PostgresStore, CliError> {
    use leadfold_postgres::{Options, PostgresStore};
    use leadfold_store::StoreErrorKind;
    let (url, log) = url.split_once('#').unwrap_or((url, "leadfold"));
    let options = Options {
        readers: 1,
        creates: access == Access::Append,
        progress: Progress::of_rebuild(),
        ..Options::default()
    };
    PostgresStore::open_with(url, log, &options).map_err(|error| match error.kind() {
        StoreErrorKind::NotFound => CliError::NoStore(error.to_string()),
        _ => error.into(),
    })
}

fn sqlite(path: &Path, access: Access) -> Result<SqliteStore, CliError> {
    if path.as_os_str().is_empty() {
        return Err(CliError::Usage(
            "expected a path after `sqlite:`, found none: name the file".to_owned(),
        ));
    }
    has_a_place(path)?;
    if access == Access::Read && !is_there(path) {
        let found = if path.exists() { "an empty one" } else { "none" };
        return Err(CliError::NoStore(format!(
            "no store to read: expected a file {}, found {found}; import a log into it, or check \
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
    Ok(SqliteStore::open_with(path, &options).map_err(|error| named(path, &error))?)
}

/// SQLite says of a folder, and of a file in a folder that is not there, the same as of a disk that
/// fails.
fn has_a_place(path: &Path) -> Result<(), CliError> {
    let shown = path.display();
    if path.is_dir() {
        return Err(CliError::NoStore(format!(
            "expected a file for the store, found the folder {shown}: name a file in it, such as \
             {}",
            path.join("leads.db").display()
        )));
    }
    match path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        None => Ok(()),
        Some(folder) => Err(CliError::NoStore(format!(
            "expected a folder {} for the store {shown}, found none: make it, or check the path",
            folder.display()
        ))),
    }
}

/// A failure of a file says which one it is.
fn named(path: &Path, error: &StoreError) -> StoreError {
    StoreError::new(error.kind(), format!("{}: {error}", path.display())).because(error.clone())
}
