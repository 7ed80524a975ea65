//! `--by`: the dimensions of a split, and the keys of its rows.

use std::collections::BTreeSet;
use std::fmt;

use leadfold_core::Code;
use leadfold_core::metrics::{By, KeyPart};
use leadfold_engine::Names;
use leadfold_store::{EventStore, StoreError, block_on};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::error::CliError;
use crate::reading::Reading;
use crate::table::one_line;

/// The dimensions that every log has.
const BUILT_IN: [&str; 7] =
    ["source", "medium", "campaign", "channel", "owner", "product", "cohort"];

/// The dimensions of a split, under the names by which they were asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dimensions {
    names: Vec<String>,
    pub(crate) by: Vec<By>,
}

impl Dimensions {
    /// Finds what the words of `--by` mean in a log.
    pub(crate) fn find(reading: &Reading, words: &[String]) -> Result<Self, CliError> {
        Self::find_beside(&BUILT_IN, reading, words)
    }

    /// The same where a command has dimensions of its own: those that it names.
    pub(crate) fn find_beside(
        named: &[&str],
        reading: &Reading,
        words: &[String],
    ) -> Result<Self, CliError> {
        let mut dimensions = Self::default();
        for word in words {
            let name = word.strip_prefix("attr:").unwrap_or(word);
            let by = match built_in(word, reading) {
                Some(by) => by,
                None => By::Attribute(attribute_beside(named, reading, word, name)?),
            };
            if dimensions.names.iter().any(|known| known == name) {
                return Err(CliError::Usage(format!(
                    "expected each dimension once, found `{name}` twice; leave one out"
                )));
            }
            dimensions.names.push(name.to_owned());
            dimensions.by.push(by);
        }
        Ok(dimensions)
    }

    /// What rows are called by, as a heading.
    pub(crate) fn heading(&self) -> String {
        self.names.join(" / ")
    }

    /// The key of a row.
    pub(crate) fn key(&self, names: &Names, parts: &[KeyPart]) -> Key {
        let values = parts.iter().map(|part| names.key_part(*part));
        Key(self.names.iter().cloned().zip(values).collect())
    }
}

fn built_in(word: &str, reading: &Reading) -> Option<By> {
    Some(match word {
        "source" => By::Source,
        "medium" => By::Medium,
        "campaign" => By::Campaign,
        "channel" => By::Channel,
        "owner" => By::Owner,
        "product" => By::Product,
        "cohort" => By::CohortMonth(reading.zone.zone()),
        _ => return None,
    })
}

/// The code of an attribute that some lead has.
pub(crate) fn attribute(reading: &Reading, word: &str, name: &str) -> Result<Code, CliError> {
    attribute_beside(&BUILT_IN, reading, word, name)
}

fn attribute_beside(
    named: &[&str],
    reading: &Reading,
    word: &str,
    name: &str,
) -> Result<Code, CliError> {
    let code = block_on(reading.store.code(name))?;
    // What the log has is known before its first lead has it: a series over time begins there.
    let is_attribute = |code: &Code| {
        reading.is_bounded || reading.tables.leads().any(|lead| lead.attribute(*code).is_some())
    };
    match code.filter(is_attribute) {
        Some(code) => Ok(code),
        None => Err(CliError::Usage(unknown(word, named, reading)?)),
    }
}

fn attributes(reading: &Reading) -> Result<Vec<String>, StoreError> {
    let codes: BTreeSet<Code> =
        reading.tables.leads().flat_map(|lead| lead.attributes()).map(|(name, _)| name).collect();
    let codes: Vec<Code> = codes.into_iter().collect();
    let mut names = block_on(reading.store.strings(&codes))?;
    names.sort_unstable();
    Ok(names)
}

fn unknown(word: &str, named: &[&str], reading: &Reading) -> Result<String, StoreError> {
    let attributes = attributes(reading)?;
    let captured = match attributes.as_slice() {
        [] if reading.is_bounded => "within these bounds no lead has an attribute".to_owned(),
        [] => "this log has no captured attributes".to_owned(),
        _ => format!("or a captured attribute: {}", attributes.join(", ")),
    };
    Ok(format!("unknown dimension `{word}`: expected {}; {captured}", named.join(", ")))
}

/// The key of a row: each dimension and its value. Empty for the total.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Key(Vec<(String, Option<String>)>);

impl Key {
    /// Whether its first dimension is that one.
    pub(crate) fn begins_with(&self, dimension: &str) -> bool {
        self.0.first().is_some_and(|(name, _)| name == dimension)
    }

    /// The values alone, in the order of the dimensions.
    pub(crate) fn into_values(self) -> Vec<Option<String>> {
        self.0.into_iter().map(|(_, value)| value).collect()
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("total");
        }
        for (index, (_, value)) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { " / " };
            let value = value.as_deref().map_or_else(|| "(none)".to_owned(), one_line);
            write!(f, "{separator}{value}")?;
        }
        Ok(())
    }
}
