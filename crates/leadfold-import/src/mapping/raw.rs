//! The mapping file as it is written: shapes only, with the places of what may be wrong.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::Value;
use toml::Spanned;

use super::word::{OneOf, read_from_words};
use crate::time::Ambiguous;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMapping {
    pub(super) format: Spanned<String>,
    pub(super) system: Spanned<String>,
    pub(super) lead: Spanned<String>,
    pub(super) actor: Option<Spanned<RawActor>>,
    #[serde(default)]
    pub(super) unmatched: Unmatched,
    pub(super) input: RawInput,
    #[serde(default)]
    pub(super) time: RawTime,
    #[serde(default)]
    pub(super) replace: BTreeMap<Spanned<String>, BTreeMap<String, String>>,
    #[serde(default)]
    pub(super) join: BTreeMap<Spanned<String>, RawJoin>,
    #[serde(default)]
    pub(super) ignore: Vec<Spanned<RawIgnore>>,
    #[serde(default)]
    pub(super) event: Vec<Spanned<RawEvent>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawInput {
    pub(super) file: Spanned<String>,
    pub(super) delimiter: Option<Spanned<String>>,
    pub(super) columns: Option<Vec<String>>,
    pub(super) decimal_mark: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTime {
    pub(super) zone: Option<Spanned<String>>,
    pub(super) formats: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    pub(super) ambiguous: Ambiguous,
}

read_from_words!(
    Ambiguous: "earlier" => Self::Earlier, "later" => Self::Later, "refuse" => Self::Refuse
);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawJoin {
    pub(super) file: String,
    pub(super) key: Spanned<String>,
    pub(super) on: Option<Spanned<String>>,
    pub(super) delimiter: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) missing: Missing,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawIgnore {
    pub(super) when: RawWhen,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEvent {
    #[serde(rename = "type")]
    pub(super) kind: Spanned<String>,
    #[serde(default)]
    pub(super) when: RawWhen,
    pub(super) at: Spanned<OneOrMany>,
    pub(super) once: Option<Once>,
    pub(super) actor: Option<Spanned<RawActor>>,
    pub(super) origin_id: Option<Spanned<String>>,
    pub(super) data: Option<Spanned<RawData>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawActor {
    pub(super) kind: String,
    pub(super) id: Option<String>,
}

/// Of what a rule speaks once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Once {
    Lead,
}

read_from_words!(Once: "lead" => Self::Lead);

/// What becomes of a row that no rule matches.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Unmatched {
    #[default]
    Refuse,
    Ignore,
}

read_from_words!(Unmatched: "refuse" => Self::Refuse, "ignore" => Self::Ignore);

/// What becomes of a row whose key is not in a lookup table.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Missing {
    #[default]
    Refuse,
    Empty,
}

read_from_words!(Missing: "refuse" => Self::Refuse, "empty" => Self::Empty);

pub(super) type RawWhen = BTreeMap<Spanned<String>, RawTest>;

/// A text, or a list of texts.
#[derive(Debug)]
pub(crate) struct OneOrMany(pub(crate) Vec<String>);

#[derive(Debug)]
pub(super) enum RawTest {
    OneOf(Vec<String>),
    Present(bool),
}

#[derive(Debug)]
pub(super) enum RawData {
    Text(String),
    Constant(Value),
    List(Vec<Spanned<Self>>),
    Object(Vec<(String, Spanned<Self>)>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Presence {
    present: bool,
}

/// Reads any shape by one visitor for each type; serde's untagged enums would lose the places.
struct Shape<T>(PhantomData<T>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Shape::<Self>(PhantomData))
    }
}

impl<'de> Visitor<'de> for Shape<OneOrMany> {
    type Value = OneOrMany;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a quoted text or a list of them")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<OneOrMany, E> {
        Ok(OneOrMany(vec![text.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<OneOrMany, A::Error> {
        collect(seq).map(OneOrMany)
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<OneOrMany, A::Error> {
        let message = "expected a quoted text or a list of them, found a table or a bare time; \
                       put a time in quotes";
        Err(A::Error::custom(message))
    }
}

impl<'de> Deserialize<'de> for RawTest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Shape::<Self>(PhantomData))
    }
}

impl<'de> Visitor<'de> for Shape<RawTest> {
    type Value = RawTest;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a quoted text, a list of them, or { present = true }")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<RawTest, E> {
        Ok(RawTest::OneOf(vec![text.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<RawTest, A::Error> {
        collect(seq).map(RawTest::OneOf)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawTest, A::Error> {
        let Presence { present } = Presence::deserialize(MapAccessDeserializer::new(map))?;
        Ok(RawTest::Present(present))
    }
}

impl<'de> Deserialize<'de> for RawData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Shape::<Self>(PhantomData))
    }
}

impl<'de> Visitor<'de> for Shape<RawData> {
    type Value = RawData;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, a boolean, a list or a table")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<RawData, E> {
        Ok(RawData::Constant(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<RawData, E> {
        Ok(RawData::Constant(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<RawData, E> {
        let number = serde_json::Number::from_f64(value);
        let number = number.ok_or_else(|| E::custom("expected a finite number"))?;
        Ok(RawData::Constant(number.into()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<RawData, E> {
        Ok(RawData::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<RawData, A::Error> {
        collect(seq).map(RawData::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawData, A::Error> {
        let mut fields = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if name.starts_with(TOML_DATETIME) {
                return Err(A::Error::custom("expected a quoted time, found a bare one; quote it"));
            }
            fields.push((name, map.next_value()?));
        }
        Ok(RawData::Object(fields))
    }
}

fn collect<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(mut seq: A) -> Result<Vec<T>, A::Error> {
    let mut items = Vec::new();
    while let Some(item) = seq.next_element()? {
        items.push(item);
    }
    Ok(items)
}

/// How the parser disguises a bare TOML time as a table.
const TOML_DATETIME: &str = "$__toml_private_datetime";
