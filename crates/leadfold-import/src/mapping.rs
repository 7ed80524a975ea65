//! A mapping: how the rows of one CSV file become events.

mod compile;
mod open;
mod raw;
mod word;

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    MappingError,
    column::{Columns, Slot},
    condition::When,
    data::Readers,
    record::Dialect,
    rule::Rule,
    template::Template,
};

pub(crate) use compile::{line_of, unreadable};
pub(crate) use open::Place;
pub(crate) use raw::{Missing, OneOrMany, Unmatched};

/// A mapping file, read and checked; `docs/MAPPING.md` says what may stand in it.
#[derive(Debug)]
pub struct Mapping {
    /// The mapping file's name, for messages.
    pub(crate) name: Arc<str>,
    pub(crate) system: String,
    pub(crate) lead: Template,
    pub(crate) unmatched: Unmatched,
    pub(crate) input: Input,
    pub(crate) readers: Readers,
    pub(crate) columns: Columns,
    pub(crate) replace: Vec<(Slot, BTreeMap<String, String>)>,
    pub(crate) joins: Vec<Join>,
    pub(crate) ignore: Vec<When>,
    pub(crate) rules: Vec<Rule>,
}

/// The file whose rows are read.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) file: String,
    pub(crate) dialect: Dialect,
    pub(crate) columns: Option<Vec<String>>,
}

/// A lookup table, and how its rows are found.
#[derive(Debug)]
pub(crate) struct Join {
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) dialect: Dialect,
    pub(crate) key: String,
    pub(crate) key_line: u64,
    pub(crate) on: Slot,
    pub(crate) missing: Missing,
}

impl Mapping {
    /// Reads a mapping file's text; `file_name` is what messages call it.
    ///
    /// # Errors
    ///
    /// When it is no TOML, has a key that mappings do not have, or says what cannot be done.
    ///
    /// ```
    /// use leadfold_import::Mapping;
    ///
    /// let text = "format = \"leadfold-mapping/1\"\nsytem = \"shop\"";
    /// let error = Mapping::parse(text, "shop.toml").unwrap_err();
    /// assert!(error.to_string().starts_with("shop.toml, line 2: unknown field `sytem`"));
    /// ```
    pub fn parse(text: &str, file_name: &str) -> Result<Self, MappingError> {
        compile::compile(text, file_name)
    }

    /// The name of the foreign system, which becomes `origin.system`.
    pub fn system(&self) -> &str {
        &self.system
    }

    /// The file whose rows are read, relative to the data folder.
    pub fn input_file(&self) -> &str {
        &self.input.file
    }

    /// The lookup tables' files, relative to the data folder.
    pub fn lookup_files(&self) -> impl Iterator<Item = &str> {
        self.joins.iter().map(|join| join.file.as_str())
    }
}
