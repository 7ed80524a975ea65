//! Schema evolution: what was written in an old version of a type, read as what is written today.
//!
//! A shape that has been written never changes. To change one is to write another struct: the old
//! one keeps its fields under another name, `From` of the old one is the upcaster, and the version
//! of the type counts itself. What is stored stays to the letter; only what it means is upcast.

use serde::de::{self, DeserializeOwned};
use serde::{Deserialize, Serialize};

use crate::json::{RawJson, Source, Unknown};

/// The `data` of one version of a type.
///
/// There is a way from every version to this one, or it does not compile: each shape names the one
/// before it, and is made from it. The way cannot fail either: what was accepted once is in
/// somebody's log, and must have a meaning for ever.
pub(super) trait Shape: DeserializeOwned + Serialize {
    /// The version before; [`Beginning`] for the first.
    type Before: Shape + Into<Self>;

    /// The schema version, from 1.
    const VERSION: u32 = Self::Before::VERSION + 1;
}

/// What was before the first version: nothing, so there is no value of it.
#[derive(Debug, Deserialize, Serialize)]
pub(super) enum Beginning {}

impl Shape for Beginning {
    type Before = Self;
    const VERSION: u32 = 0;
}

/// What `data` was read as.
#[derive(Debug)]
pub(super) struct Read<T> {
    /// What it means today.
    pub(super) body: T,
    /// The fields that its own version does not know.
    pub(super) unknown: Unknown,
    /// What it says in its own version, in canonical form, where that is an older one.
    pub(super) as_written: Option<RawJson>,
}

impl<T> Read<T> {
    pub(super) fn into<U>(self) -> Read<U>
    where
        T: Into<U>,
    {
        Read { body: self.body.into(), unknown: self.unknown, as_written: self.as_written }
    }
}

/// Reads `data` of a version up to that of `S`. Version 0 is read as the first.
pub(super) fn read<'de, S: Shape, D: Source<'de>>(
    version: u32,
    data: D,
) -> Result<Read<S>, D::Error> {
    if version.max(1) >= S::VERSION {
        let (body, unknown) = data.with_unknown()?;
        return Ok(Read { body, unknown, as_written: None });
    }
    let mut before = read::<S::Before, D>(version, data)?;
    if before.as_written.is_none() {
        before.as_written = Some(text(&before.body, &before.unknown).map_err(de::Error::custom)?);
    }
    Ok(before.into())
}

/// The canonical form, which is the same in every version of leadfold: ids are derived from it.
fn text(shape: &impl Serialize, unknown: &Unknown) -> Result<RawJson, serde_json::Error> {
    let mut out = serde_json::to_vec(shape)?;
    super::write_unknown(unknown, &mut out)?;
    RawJson::parse(&String::from_utf8(out).expect("JSON is UTF-8"))
}

#[cfg(test)]
#[path = "shape_test.rs"]
mod shape_test;
