//! What is known about a lead at an instant.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::Number;

use crate::event::{AttributeValue, Attributes};

/// What a lead is like: the last value of each attribute.
///
/// ```
/// # use leadfold_core::{event::Attributes, scoring::Profile};
/// let mut profile = Profile::default();
/// profile.apply(&Attributes::from_iter([("size", "40"), ("region", "north")]));
/// profile.apply(&Attributes::from_iter([("size", "90"), ("region", "")]));
/// assert_eq!(profile.value("size"), Some(&"90".into()));
/// assert_eq!(profile.value("region"), Some(&"north".into()));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile(BTreeMap<String, AttributeValue>);

impl Profile {
    /// Takes the new values. An empty text says as much as an absent field: nothing.
    pub fn apply(&mut self, changed: &Attributes) {
        for (name, value) in changed.iter() {
            if !matches!(value, AttributeValue::Text(text) if text.is_empty()) {
                self.0.insert(name.to_owned(), value.clone());
            }
        }
    }

    /// The value of an attribute, if it is known.
    pub fn value(&self, name: &str) -> Option<&AttributeValue> {
        self.0.get(name)
    }
}

impl From<&Attributes> for Profile {
    fn from(attributes: &Attributes) -> Self {
        let mut profile = Self::default();
        profile.apply(attributes);
        profile
    }
}

/// Whether two values are the same: as numbers where both are, else as texts.
pub(super) fn same(left: &AttributeValue, right: &AttributeValue) -> bool {
    match (number(left), number(right)) {
        (Some(left), Some(right)) => compare(&left, &right) == Ordering::Equal,
        _ => left == right,
    }
}

/// The value as a number. A text that is a JSON number is one, since tables and files hold numbers
/// as texts; `007` is none.
pub(super) fn number(value: &AttributeValue) -> Option<Number> {
    match value {
        AttributeValue::Number(number) => Some(number.clone()),
        AttributeValue::Text(text) => text.parse().ok(),
    }
}

/// Compares exactly, a whole number with a floating-point one too.
pub(super) fn compare(left: &Number, right: &Number) -> Ordering {
    match (left.as_i128(), right.as_i128()) {
        (Some(left), Some(right)) => left.cmp(&right),
        (Some(left), None) => compare_mixed(left, float(right)),
        (None, Some(right)) => compare_mixed(right, float(left)).reverse(),
        (None, None) => float(left).total_cmp(&(float(right))),
    }
}

fn float(number: &Number) -> f64 {
    // Adding zero makes one zero of two. A number of JSON is finite.
    number.as_f64().unwrap_or_default() + 0.0
}

fn compare_mixed(whole: i128, float: f64) -> Ordering {
    // The cast goes to the nearest end where the number is beyond 128 bits.
    let floor = float.floor();
    whole.cmp(&(floor as i128)).then_with(|| floor.total_cmp(&float))
}
