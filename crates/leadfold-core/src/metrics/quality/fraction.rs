//! A ratio that is exact.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// Numerator and denominator, not reduced. Serialised as `{"num", "den", "ratio"}`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Fraction {
    /// Numerator.
    pub num: u128,
    /// Denominator.
    pub den: u128,
}

impl Fraction {
    /// `num / den`, or `None` for a denominator of 0.
    pub fn ratio(self) -> Option<f64> {
        (self.den > 0).then(|| self.num as f64 / self.den as f64)
    }
}

impl Serialize for Fraction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Fraction", 3)?;
        fields.serialize_field("num", &self.num)?;
        fields.serialize_field("den", &self.den)?;
        fields.serialize_field("ratio", &self.ratio())?;
        fields.end()
    }
}
