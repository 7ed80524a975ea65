//! Personal data, marked: it is stored and given back, and never printed.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::RawJson;

/// Personal data of one event (name, email, phone, company and what else the source has).
///
/// `Debug` shows the names of the fields and nothing of their values; errors never quote it.
///
/// ```
/// # use leadfold_core::Pii;
/// let pii = Pii::from([("email".to_owned(), "ann@example.org".into())]);
/// assert_eq!(format!("{pii:?}"), "Pii{email: REDACTED}");
/// assert_eq!(pii.expose("email"), Some("ann@example.org".into()));
/// ```
#[derive(Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Pii(BTreeMap<String, RawJson>);

impl Pii {
    /// One field's value. The name says what happens: the caller now holds personal data.
    pub fn expose(&self, field: &str) -> Option<serde_json::Value> {
        serde_json::from_str(self.0.get(field)?.as_str()).ok()
    }
}

impl<const N: usize> From<[(String, serde_json::Value); N]> for Pii {
    fn from(fields: [(String, serde_json::Value); N]) -> Self {
        let raw = |value: serde_json::Value| RawJson::parse(&value.to_string());
        let raw = |(name, value)| (name, raw(value).expect("a value is JSON"));
        Self(fields.into_iter().map(raw).collect())
    }
}

impl fmt::Debug for Pii {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pii{")?;
        for (n, name) in self.0.keys().enumerate() {
            write!(f, "{}{name}: REDACTED", if n == 0 { "" } else { ", " })?;
        }
        f.write_str("}")
    }
}

impl<'de> Deserialize<'de> for Pii {
    // serde's own messages quote what they found, which here is somebody's name or address.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::json::unique_map(deserializer)
            .map(Self)
            .map_err(|_| de::Error::custom("expected an object of distinct personal data fields"))
    }
}
