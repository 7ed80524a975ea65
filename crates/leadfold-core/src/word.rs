//! Words, such as `mql` or `skip`: read from a string and from nothing else.
//!
//! What serde derives for an enum reads the object `{"mql": null}`, too, and of a number in its
//! place it says that the text is no JSON.

use std::fmt;

use serde::de::{self, IntoDeserializer};
use serde::{Deserializer, forward_to_deserialize_any};

/// Reads a word of types that derive with `#[serde(remote = "Self")]`, from strings alone.
macro_rules! read_from_strings {
    ($($name:ty),* $(,)?) => {$(
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$name>::deserialize($crate::word::FromString(deserializer))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                <$name>::serialize(self, serializer)
            }
        }
    )*};
}

pub(crate) use read_from_strings;

/// Where an enum is asked for, asks for a string.
pub(crate) struct FromString<D>(pub(crate) D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for FromString<D> {
    type Error = D::Error;

    fn deserialize_any<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(visitor)
    }

    fn deserialize_enum<V: de::Visitor<'de>>(
        self,
        _: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_str(OneOf { words, visitor })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        option unit unit_struct newtype_struct seq tuple tuple_struct map struct identifier
        ignored_any
    }
}

/// Takes a string for the enum.
struct OneOf<V> {
    words: &'static [&'static str],
    visitor: V,
}

impl<'de, V: de::Visitor<'de>> de::Visitor<'de> for OneOf<V> {
    type Value = V::Value;

    /// As serde lists the words where it finds another one.
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.words {
            [one] => write!(f, "`{one}`"),
            [one, other] => write!(f, "`{one}` or `{other}`"),
            words => write!(f, "one of `{}`", words.join("`, `")),
        }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<V::Value, E> {
        self.visitor.visit_enum(text.into_deserializer())
    }
}
