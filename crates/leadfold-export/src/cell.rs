//! One value of a row, as the tables have it: numbers, and codes that wait for their strings.

use leadfold_core::{Code, LeadIndex, Timestamp};
use leadfold_engine::Names;
use serde::Serialize;

/// A value. Codes and leads are looked up a row group at a time.
#[derive(Debug)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Time(Timestamp),
    Flag(bool),
    Word(&'static str),
    Text(String),
    /// A string of the log; [`Code::NONE`] is null.
    Name(Code),
    /// The key of a lead.
    Key(LeadIndex),
    /// The identity of a lead.
    Id(LeadIndex),
    /// Names and values, as a JSON object of strings.
    Object(Vec<(Code, Code)>),
}

impl Cell {
    /// Positions and counts stay far below the half of what 64 bits can hold.
    pub(crate) fn count(n: u64) -> Self {
        Self::Int(n.cast_signed())
    }

    /// The dense index of a lead.
    pub(crate) fn index(lead: LeadIndex) -> Self {
        Self::Int(i64::from(lead.0))
    }

    /// The strings that the cell needs.
    pub(crate) fn codes(&self) -> impl Iterator<Item = Code> {
        let (name, pairs) = match self {
            Self::Name(code) => (Some(*code), [].as_slice()),
            Self::Object(pairs) => (None, pairs.as_slice()),
            _ => (None, [].as_slice()),
        };
        name.into_iter().chain(pairs.iter().flat_map(|(name, value)| [*name, *value]))
    }

    /// The lead whose names the cell needs.
    pub(crate) fn lead(&self) -> Option<LeadIndex> {
        match self {
            Self::Key(lead) | Self::Id(lead) => Some(*lead),
            _ => None,
        }
    }

    /// What it adds to the memory of a batch beside its own size.
    pub(crate) fn heap_bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Object(pairs) => size_of_val(pairs.as_slice()),
            _ => 0,
        }
    }

    pub(crate) fn as_number(&self) -> Option<i64> {
        match self {
            Self::Int(n) => Some(*n),
            Self::Time(at) => Some(at.micros()),
            _ => None,
        }
    }

    pub(crate) fn as_flag(&self) -> Option<bool> {
        match self {
            Self::Flag(flag) => Some(*flag),
            _ => None,
        }
    }

    pub(crate) fn to_text(&self, names: &Names) -> Option<Vec<u8>> {
        let text = match self {
            Self::Word(word) => (*word).to_owned(),
            Self::Text(text) => text.clone(),
            Self::Name(code) => names.string(*code)?.to_owned(),
            Self::Key(lead) => names.lead(*lead)?.to_string(),
            Self::Id(lead) => names.entry(*lead)?.id.to_string(),
            Self::Object(pairs) => object(pairs, names),
            _ => return None,
        };
        Some(text.into_bytes())
    }
}

/// A word of the log format, as the format writes it.
pub(crate) fn word(value: impl Serialize) -> Cell {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => Cell::Text(text),
        _ => Cell::Null,
    }
}

/// A list, as JSON: the types of columns know none.
pub(crate) fn list(values: &[impl Serialize]) -> Cell {
    Cell::Text(serde_json::json!(values).to_string())
}

fn object(pairs: &[(Code, Code)], names: &Names) -> String {
    let string = |code| names.string(code).unwrap_or_default().to_owned();
    let pair = |(name, value): &(Code, Code)| (string(*name), string(*value).into());
    serde_json::Value::Object(pairs.iter().map(pair).collect()).to_string()
}

impl From<i64> for Cell {
    fn from(n: i64) -> Self {
        Self::Int(n)
    }
}

impl From<u32> for Cell {
    fn from(n: u32) -> Self {
        Self::Int(i64::from(n))
    }
}

impl From<bool> for Cell {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<Timestamp> for Cell {
    fn from(at: Timestamp) -> Self {
        Self::Time(at)
    }
}

impl From<Code> for Cell {
    fn from(code: Code) -> Self {
        Self::Name(code)
    }
}

impl From<&'static str> for Cell {
    fn from(word: &'static str) -> Self {
        Self::Word(word)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
