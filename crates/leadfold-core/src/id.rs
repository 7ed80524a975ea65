//! Names of things: events, leads, places in the log.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

/// The identity of an event, and so its idempotency key.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct EventId(pub Uuid);

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The identity of a lead: its key where that is a UUID, else derived from where the key is known.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct LeadId(pub Uuid);

impl LeadId {
    /// The identity behind a key: a UUID is itself; any other key is a UUIDv5 of tenant, origin
    /// system and key, so that two systems' lead 17 are two leads.
    ///
    /// ```
    /// # use leadfold_core::{LeadId, LeadKey};
    /// let key: LeadKey = "17".parse()?;
    /// assert_ne!(LeadId::of("default", "amocrm", &key), LeadId::of("default", "bitrix24", &key));
    /// # Ok::<(), leadfold_core::KeyError>(())
    /// ```
    pub fn of(tenant: &str, system: &str, key: &LeadKey) -> Self {
        if let Ok(uuid) = Uuid::try_parse(key.as_str()) {
            return Self(uuid);
        }
        let parts = tenant.len() + system.len() + key.as_str().len();
        let mut name = String::with_capacity(parts + LENGTHS_BYTES);
        // Lengths keep ("ab", "c") and ("a", "bc") apart.
        for part in [tenant, system] {
            push_decimal(part.len(), &mut name);
            name.push(':');
            name.push_str(part);
        }
        name.push_str(key.as_str());
        Self(Uuid::new_v5(&LEAD_NAMESPACE, name.as_bytes()))
    }
}

/// Room for two lengths and what ends them, unless a part is very long.
const LENGTHS_BYTES: usize = 16;

/// Writes a number. With `format!`, a name took 60 ns of the 152 that it takes to tell an identity;
/// every event that is appended is asked for its lead's.
fn push_decimal(number: usize, out: &mut String) {
    if number >= 10 {
        push_decimal(number / 10, out);
    }
    out.push(char::from(b'0' + (number % 10) as u8));
}

impl fmt::Display for LeadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A lead's key as its source writes it: one to 200 bytes without control characters.
///
/// ```
/// let error = "a\nb".parse::<leadfold_core::LeadKey>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "bad lead key: expected 1 to 200 bytes without control characters, found 3 bytes with one \
///      behind the first 1"
/// );
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LeadKey(String);

impl LeadKey {
    /// A longer key is refused.
    pub const BYTES_MAX: usize = 200;

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LeadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for LeadKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        // Characters are looked at one by one only where bytes do not tell.
        let is_plain = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        let control_at = if is_plain { None } else { text.find(char::is_control) };
        let bytes = text.len();
        if bytes == 0 || bytes > Self::BYTES_MAX || control_at.is_some() {
            return Err(KeyError { bytes, control_at });
        }
        Ok(Self(text.to_owned()))
    }
}

impl From<LeadId> for LeadKey {
    fn from(id: LeadId) -> Self {
        Self(id.to_string())
    }
}

impl Serialize for LeadKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for LeadKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A text that is no lead key.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "bad lead key: expected 1 to 200 bytes without control characters, found {bytes} bytes{}",
    Control(*control_at)
)]
#[non_exhaustive]
pub struct KeyError {
    /// Length of what was found.
    pub bytes: usize,
    /// Where its first control character begins, in bytes; none without one.
    pub control_at: Option<usize>,
}

struct Control(Option<usize>);

impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |at| write!(f, " with one behind the first {at}"))
    }
}

pub(crate) const LEAD_NAMESPACE: Uuid = Uuid::from_u128(0x6c65_6164_666f_6c64_2f6c_6561_6400_0001);
pub(crate) const EVENT_NAMESPACE: Uuid = Uuid::from_u128(0x6c65_6164_666f_6c64_2f65_7665_6e74_0001);
