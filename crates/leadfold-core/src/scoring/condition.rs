//! What a rule asks of one attribute.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use serde_json::Number;

use super::profile::{Profile, compare, number, same};
use crate::event::AttributeValue;

/// A test of one attribute, as a playbook writes it: one of `equals`, `one_of`, `present`, or the
/// bounds of a number, of which several make a range.
///
/// Values are compared as numbers where both are numbers, else as texts. A text that is a JSON
/// number counts as one. A bound never holds for what is no number.
///
/// ```
/// # use leadfold_core::scoring::ConditionSpec;
/// let spec: ConditionSpec =
///     serde_json::from_str(r#"{ "attribute": "employees", "at_least": 50, "below": 200 }"#)?;
/// assert_eq!((spec.at_least, spec.below), (Some(50.0), Some(200.0)));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionSpec {
    /// The attribute's name.
    pub attribute: String,
    /// It has this value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<AttributeValue>,
    /// It has one of these values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub one_of: Option<Vec<AttributeValue>>,
    /// It is known (`true`), or not (`false`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub present: Option<bool>,
    /// It is a number, and at least this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// It is a number above this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<f64>,
    /// It is a number, and at most this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// It is a number below this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<f64>,
}

/// A test that can be meant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    attribute: String,
    test: Test,
}

#[derive(Clone, Debug, PartialEq)]
enum Test {
    OneOf(Vec<AttributeValue>),
    Present(bool),
    Range { low: Option<Bound>, high: Option<Bound> },
}

/// An end of a range; whether it belongs to the range.
#[derive(Clone, Debug, PartialEq)]
struct Bound {
    at: Number,
    is_within: bool,
}

impl Condition {
    pub(crate) fn parse(spec: &ConditionSpec) -> Result<Self, ConditionFault> {
        if spec.attribute.is_empty() {
            return Err(ConditionFault::NoAttribute);
        }
        let equals = spec.equals.iter().map(|value| one_of(std::slice::from_ref(value)));
        let one_of = spec.one_of.iter().map(|values| one_of(values));
        let present = spec.present.iter().map(|present| Ok(Test::Present(*present)));
        let mut tests = equals.chain(one_of).chain(present).chain(range(spec).transpose());
        match (tests.next(), tests.next()) {
            (None, _) => Err(ConditionFault::NoTest),
            (Some(test), None) => Ok(Self { attribute: spec.attribute.clone(), test: test? }),
            (Some(_), Some(_)) => Err(ConditionFault::SeveralTests),
        }
    }

    pub(crate) fn holds(&self, profile: &Profile) -> bool {
        let value = profile.value(&self.attribute);
        match &self.test {
            Test::Present(wanted) => value.is_some() == *wanted,
            Test::OneOf(values) => {
                value.is_some_and(|value| values.iter().any(|wanted| same(wanted, value)))
            }
            Test::Range { low, high } => value.and_then(number).is_some_and(|value| {
                low.as_ref().is_none_or(|low| low.is_passed(&value, Ordering::Greater))
                    && high.as_ref().is_none_or(|high| high.is_passed(&value, Ordering::Less))
            }),
        }
    }
}

impl Bound {
    fn is_passed(&self, value: &Number, side: Ordering) -> bool {
        let order = compare(value, &self.at);
        order == side || (self.is_within && order == Ordering::Equal)
    }
}

fn one_of(values: &[AttributeValue]) -> Result<Test, ConditionFault> {
    let is_empty = |value: &AttributeValue| *value == AttributeValue::Text(String::new());
    match values {
        [] => Err(ConditionFault::EmptyList),
        _ if values.iter().any(is_empty) => Err(ConditionFault::EmptyText),
        _ => Ok(Test::OneOf(values.into())),
    }
}

fn range(spec: &ConditionSpec) -> Result<Option<Test>, ConditionFault> {
    let low = bound(spec.at_least, spec.above)?;
    let high = bound(spec.at_most, spec.below)?;
    if let (Some(low), Some(high)) = (&low, &high) {
        let order = compare(&low.at, &high.at);
        let is_point = order == Ordering::Equal && low.is_within && high.is_within;
        if order != Ordering::Less && !is_point {
            let ends = [&low.at, &high.at].map(|end| end.as_f64().unwrap_or_default());
            return Err(ConditionFault::EmptyRange { low: ends[0], high: ends[1] });
        }
    }
    Ok((low.is_some() || high.is_some()).then_some(Test::Range { low, high }))
}

fn bound(within: Option<f64>, without: Option<f64>) -> Result<Option<Bound>, ConditionFault> {
    let (at, is_within) = match (within, without) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => return Err(ConditionFault::TwoBounds),
        (Some(at), None) => (at, true),
        (None, Some(at)) => (at, false),
    };
    let number = Number::from_f64(at).ok_or(ConditionFault::NotFinite { found: at })?;
    Ok(Some(Bound { at: number, is_within }))
}

/// Why a condition cannot be meant.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConditionFault {
    /// The attribute has no name.
    #[error("expected the name of an attribute, found an empty text; name it")]
    NoAttribute,
    /// Nothing is asked.
    #[error("expected `equals`, `one_of`, `present` or a bound, found none; write one of them")]
    NoTest,
    /// More is asked than one condition can say.
    #[error("expected one test, found several; write a condition for each")]
    SeveralTests,
    /// A list without values holds for nobody.
    #[error("expected at least one value in `one_of`, found an empty list; list the values")]
    EmptyList,
    /// An attribute is never an empty text: that says as much as nothing.
    #[error("expected a value, found an empty text, which none has; write `present = false`")]
    EmptyText,
    /// A range has two lower or two upper ends.
    #[error("expected one bound a side, found two; keep the one that is meant")]
    TwoBounds,
    /// A bound is not a number, or infinite.
    #[error("expected a finite number as bound, found {found}; write one, or leave it out")]
    NotFinite {
        /// The bound.
        found: f64,
    },
    /// No number lies between the bounds.
    #[error(
        "expected a range with numbers in it, found one from {low} to {high}; exchange the bounds"
    )]
    EmptyRange {
        /// The lower bound.
        low: f64,
        /// The upper bound.
        high: f64,
    },
}
