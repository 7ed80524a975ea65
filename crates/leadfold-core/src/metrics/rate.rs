//! A rate keeps what it was made of.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// Numerator and denominator. Serialised as `{"num", "den", "ratio"}`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Rate {
    /// Numerator.
    pub num: u64,
    /// Denominator.
    pub den: u64,
}

impl Rate {
    /// `num / den`, or `None` for an empty denominator: 0 of 0 is not 0.
    pub fn ratio(self) -> Option<f64> {
        (self.den > 0).then(|| self.num as f64 / self.den as f64)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Rate", 3)?;
        fields.serialize_field("num", &self.num)?;
        fields.serialize_field("den", &self.den)?;
        fields.serialize_field("ratio", &self.ratio())?;
        fields.end()
    }
}
