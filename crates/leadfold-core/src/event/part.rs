//! The objects within an event, such as its `data`: read where they stand, or apart.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, DeserializeOwned, DeserializeSeed};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::Body;
use super::shape::Read;
use crate::json::{Inside, Source, Unknown};

/// When the parts of an event are read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Pass {
    /// Where they stand: `data` if its type is known by then.
    #[default]
    AtOnce,
    /// When all fields of the event have been seen.
    Apart,
}

impl Pass {
    /// How a struct is read, with the fields that it has no name for.
    pub(super) fn fields<T>(self) -> Fields<T> {
        Fields { pass: self, of: PhantomData }
    }

    /// How `data` is read, given what is known of it so far.
    pub(super) fn data(self, type_name: Option<&str>, version: u32) -> Data<'_> {
        let has_version = |name: &&str| Body::version_of(name).is_some_and(|last| version <= last);
        Data { type_name: type_name.filter(has_version).filter(|_| self == Self::AtOnce), version }
    }
}

/// An object within an event.
pub(super) enum Part<'a, T> {
    /// Read where it stood.
    Read(T),
    /// Still to be read.
    Raw(&'a RawValue),
}

/// Reads a struct, with the fields that it has no name for.
pub(super) struct Fields<T> {
    pass: Pass,
    of: PhantomData<T>,
}

impl<'de, T: DeserializeOwned> DeserializeSeed<'de> for Fields<T> {
    type Value = Part<'de, (T, Unknown)>;

    fn deserialize<D: Deserializer<'de>>(self, part: D) -> Result<Self::Value, D::Error> {
        match self.pass {
            Pass::AtOnce => Inside(part).with_unknown().map(Part::Read),
            Pass::Apart => Deserialize::deserialize(part).map(Part::Raw),
        }
    }
}

/// Reads `data`, at once if there is a type to read it as.
pub(super) struct Data<'e> {
    type_name: Option<&'e str>,
    version: u32,
}

impl<'de> DeserializeSeed<'de> for Data<'_> {
    type Value = Part<'de, Read<Body>>;

    fn deserialize<D: Deserializer<'de>>(self, part: D) -> Result<Self::Value, D::Error> {
        let Some(type_name) = self.type_name else {
            return Deserialize::deserialize(part).map(Part::Raw);
        };
        let read = Body::read(type_name, self.version, Inside(part));
        let unknown = || Err(de::Error::custom("expected a known type"));
        read.unwrap_or_else(unknown).map(Part::Read)
    }
}

/// Reads a part, or `null`, which is none.
pub(super) struct Nullable<S>(pub(super) S);

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Nullable<S> {
    type Value = Option<S::Value>;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<Self::Value, D::Error> {
        value.deserialize_option(self)
    }
}

impl<'de, S: DeserializeSeed<'de>> de::Visitor<'de> for Nullable<S> {
    type Value = Option<S::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("option")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<Self::Value, D::Error> {
        self.0.deserialize(value).map(Some)
    }
}
