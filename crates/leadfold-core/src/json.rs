//! The little JSON that serde does not do for us: strict maps, raw values and a depth limit.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// Nesting deeper than this is refused: no event needs it, and a parser's stack is not a limit.
pub(crate) const DEPTH_MAX: usize = 64;

/// JSON text that is kept to the letter because leadfold does not interpret it.
///
/// `Debug` gives its length only: it may hold personal data that nobody marked.
#[derive(Clone)]
pub struct RawJson(Box<RawValue>);

impl RawJson {
    /// Any JSON value, kept as written but on one line.
    ///
    /// # Errors
    /// When the text is not JSON.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        // A bare line break in JSON is white space, never part of a string.
        let line = text.replace(['\n', '\r'], " ");
        RawValue::from_string(line).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }
}

impl From<&RawValue> for RawJson {
    fn from(raw: &RawValue) -> Self {
        Self(raw.to_owned())
    }
}

impl PartialEq for RawJson {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawJson({} bytes)", self.as_str().len())
    }
}

impl Serialize for RawJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RawJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(Self)
    }
}

/// Fields that this version does not know, in the order in which they came.
pub type Unknown = Vec<(String, RawJson)>;

/// A string that borrows from the input where it holds no escapes.
#[derive(Debug)]
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

/// A map that refuses to hold one key twice: which of the two was meant, nobody can say.
pub(crate) fn unique_map<'de, D, V>(deserializer: D) -> Result<BTreeMap<String, V>, D::Error>
where
    D: Deserializer<'de>,
    V: Deserialize<'de>,
{
    struct Visitor<V>(PhantomData<V>);
    impl<'de, V: Deserialize<'de>> de::Visitor<'de> for Visitor<V> {
        type Value = BTreeMap<String, V>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
            let mut map = BTreeMap::new();
            while let Some((key, value)) = access.next_entry::<String, V>()? {
                if map.contains_key(&key) {
                    return Err(de::Error::custom(format_args!("duplicate field `{key}`")));
                }
                map.insert(key, value);
            }
            Ok(map)
        }
    }
    deserializer.deserialize_map(Visitor(PhantomData))
}

/// Where an object is read from: a text of its own, or the line in which it stands.
///
/// Both accept the same. They differ in their errors: those of a text tell columns of the text.
pub(crate) trait Source<'de>: Sized {
    /// Why it could not be read.
    type Error: de::Error;

    /// Reads `T` from an object and keeps the fields that `T` has no name for.
    fn with_unknown<T: DeserializeOwned>(self) -> Result<(T, Unknown), Self::Error>;
}

impl<'de> Source<'de> for &'de str {
    type Error = serde_json::Error;

    fn with_unknown<T: DeserializeOwned>(self) -> Result<(T, Unknown), serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(self);
        let (value, unknown) = sifted(&mut deserializer)?;
        deserializer.end()?;
        let Some(unknown) = unknown else { return Err(no_object(self)) };
        distinct(&unknown)?;
        Ok((value, unknown))
    }
}

/// An object within a line, where its line's parser has come to it.
pub(crate) struct Inside<D>(pub(crate) D);

impl<'de, D: Deserializer<'de>> Source<'de> for Inside<D> {
    type Error = D::Error;

    fn with_unknown<T: DeserializeOwned>(self) -> Result<(T, Unknown), D::Error> {
        let (value, unknown) = sifted(self.0)?;
        let unknown = unknown.ok_or_else(|| de::Error::custom("expected an object"))?;
        distinct(&unknown)?;
        Ok((value, unknown))
    }
}

fn distinct<E: de::Error>(unknown: &Unknown) -> Result<(), E> {
    let mut names: Vec<&str> = unknown.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(E::custom(format_args!("duplicate field `{}`", pair[0]))),
        None => Ok(()),
    }
}

/// What is wrong with a text that reads as a struct, but as a list of its fields.
fn no_object(json: &str) -> serde_json::Error {
    let read = unique_map::<_, IgnoredAny>(&mut serde_json::Deserializer::from_str(json));
    read.err().unwrap_or_else(|| de::Error::custom("expected an object"))
}

/// Reads a struct and, in the same pass, the fields that it has no name for; none of those where
/// it stands as a list of its fields.
fn sifted<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<(T, Option<Unknown>), D::Error> {
    let mut unknown = None;
    let value = T::deserialize(Sieve { inner: deserializer, unknown: &mut unknown })?;
    Ok((value, unknown))
}

/// Lets the known fields of a struct through, and keeps the others.
struct Sieve<'u, D> {
    inner: D,
    unknown: &'u mut Option<Unknown>,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Sieve<'_, D> {
    type Error = D::Error;

    fn deserialize_any<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_any(visitor)
    }

    fn deserialize_struct<V: de::Visitor<'de>>(
        self,
        name: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let sieve = Sieve { inner: Fields { visitor, known }, unknown: self.unknown };
        self.inner.deserialize_struct(name, known, sieve)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        option unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier
        ignored_any
    }
}

/// Who takes a struct's fields, and their names.
struct Fields<V> {
    visitor: V,
    known: &'static [&'static str],
}

impl<'de, V: de::Visitor<'de>> de::Visitor<'de> for Sieve<'_, Fields<V>> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.visitor.expecting(f)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.inner.visitor.visit_seq(access)
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        let Fields { visitor, known } = self.inner;
        let unknown = self.unknown.insert(Unknown::new());
        visitor.visit_map(Known { access, known, unknown })
    }
}

/// The known fields of an object, one after the other.
struct Known<'u, A> {
    access: A,
    known: &'static [&'static str],
    unknown: &'u mut Unknown,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Known<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(Text(name)) = self.access.next_key()? {
            if self.known.contains(&&*name) {
                return seed.deserialize(name.into_deserializer()).map(Some);
            }
            let raw = self.access.next_value::<&RawValue>()?;
            self.unknown.push((name.into_owned(), RawJson::from(raw)));
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.access.next_value_seed(seed)
    }
}

/// Whether brackets nest deeper than [`DEPTH_MAX`]. One pass over the bytes, no stack.
pub(crate) fn is_too_deep(json: &[u8]) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                if depth > DEPTH_MAX {
                    return true;
                }
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// A JSON value in which no object holds one key twice.
#[derive(Debug)]
pub(crate) struct Unique(pub(crate) Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_str<E>(self, value: &str) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
                let mut items = Vec::new();
                while let Some(Unique(item)) = access.next_element()? {
                    items.push(item);
                }
                Ok(Value::Array(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<Value, A::Error> {
                let map = unique_map::<_, Unique>(MapAccessDeserializer::new(access))?;
                Ok(Value::Object(
                    map.into_iter().map(|(key, Unique(value))| (key, value)).collect(),
                ))
            }
        }
        deserializer.deserialize_any(Visitor).map(Self)
    }
}

#[cfg(test)]
#[path = "json_test.rs"]
mod json_test;
