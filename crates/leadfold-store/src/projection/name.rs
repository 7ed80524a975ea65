//! Names of projections and of their tables.

use std::fmt;

use crate::{StoreError, StoreErrorKind};

/// Which projection: its name, and the version of what it makes of events.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ProjectionId {
    name: String,
    version: u32,
}

/// With the longest version, a name and a table still fit into what databases call a name.
const NAME_BYTES_MAX: usize = 24;

impl ProjectionId {
    /// A version of a projection.
    ///
    /// # Errors
    /// `Foreign` for a name that is not 1 to 24 of `a` to `z`, digits and `_`, beginning with a
    /// letter.
    pub fn new(name: impl Into<String>, version: u32) -> Result<Self, StoreError> {
        let name = name.into();
        check_name("projection", &name)?;
        Ok(Self { name, version })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The table of this version, quoted for SQL.
    pub fn table(&self, table: &str) -> String {
        format!("\"{}@{}_{}\"", self.name, self.version, table.replace('"', "\"\""))
    }

    /// What readers call the table of the version that is live, quoted for SQL.
    pub fn view(&self, table: &str) -> String {
        format!("\"{}_{}\"", self.name, table.replace('"', "\"\""))
    }

    /// That such a version is not there, for authors of stores.
    pub fn unknown(&self) -> StoreError {
        StoreError::new(
            StoreErrorKind::NotFound,
            format!("expected the projection {self}, found none: run it first"),
        )
    }

    /// That something else has the name that readers are to use for a table, for authors of stores.
    pub fn taken(&self, table: &str) -> StoreError {
        StoreError::new(
            StoreErrorKind::Foreign,
            format!(
                "expected the name {} to be free for readers of {self}, found something else of \
                 it: give the projection or its table another name",
                self.view(table)
            ),
        )
    }

    /// That readers see the version, for authors of stores.
    pub fn in_use(&self) -> StoreError {
        StoreError::new(
            StoreErrorKind::InUse,
            format!(
                "expected a version that nobody sees, found {self} live: promote another first"
            ),
        )
    }
}

impl fmt::Display for ProjectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}

/// Checks names of tables, for authors of stores.
///
/// # Errors
/// `Foreign` for one that is not as [`ProjectionId::new`] says.
pub fn check_tables(tables: &[&str]) -> Result<(), StoreError> {
    tables.iter().try_for_each(|table| check_name("table", table))
}

fn check_name(what: &str, name: &str) -> Result<(), StoreError> {
    let is_inner = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
    let is_sound = name.len() <= NAME_BYTES_MAX
        && name.as_bytes().first().is_some_and(u8::is_ascii_lowercase)
        && name.as_bytes().iter().all(is_inner);
    if is_sound {
        return Ok(());
    }
    Err(StoreError::new(
        StoreErrorKind::Foreign,
        format!(
            "expected a name for the {what} of 1 to {NAME_BYTES_MAX} letters a to z, digits and _ \
             that begins with a letter, found {name:?}: give it another name"
        ),
    ))
}
