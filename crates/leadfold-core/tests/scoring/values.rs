//! Points, lengths of time and conditions.

use leadfold_core::event::{AttributeValue, Attributes};
use leadfold_core::scoring::{Age, ConditionSpec, Points, Profile, ScoringModel, Sign, Signal};
use leadfold_core::{DAY, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

proptest! {
    #[test]
    fn points_are_the_decimal_that_was_written(millis in -1_000_000_000_i64..=1_000_000_000) {
        let text = format!("{}{}.{:03}", if millis < 0 { "-" } else { "" },
            millis.abs() / 1000, millis.abs() % 1000);
        let points = Points::parse(text.parse().expect("a number"));
        prop_assert_eq!(points, Some(Points::from_millis(millis)));
        let shown: f64 = Points::from_millis(millis).to_string().parse().expect("a number");
        prop_assert_eq!(Points::parse(shown), points);
    }

    #[test]
    fn a_length_of_time_reads_back(micros in 0..=u64::MAX, scale in 0_u32..18) {
        let age = Age::from_micros(micros / 10_u64.pow(scale));
        prop_assert_eq!(age.to_string().parse::<Age>(), Ok(age));
    }

    #[test]
    fn no_text_makes_a_length_of_time_panic(text in ".{0,30}") {
        let _ = text.parse::<Age>();
    }
}

#[test]
fn points_beyond_the_model_are_none() {
    let wrong = [0.0001, 1e-300, 1_000_000.001, -1e9, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    assert_eq!(wrong.map(Points::parse), [None; 7]);
    assert_eq!(Points::parse(-0.0), Some(Points::ZERO));
    assert_eq!(Points::from_millis(-5).to_string(), "-0.005");
    assert_eq!(Points::from_millis(100_000).to_string(), "100");
}

#[test]
fn lengths_of_time() {
    let micros = |text: &str| text.parse::<Age>().map(Age::micros);
    assert_eq!(micros("14d"), Ok(14 * DAY as u64));
    assert_eq!(
        ["1us", "1ms", "1s", "1m", "1h", "1w"].map(micros),
        [Ok(1), Ok(1_000), Ok(1_000_000), Ok(60_000_000), Ok(3_600_000_000), Ok(604_800_000_000)]
    );
    for wrong in ["", "d", "14", "14 d", "-1d", "+1d", "1.5d", "14D", "99999999999999999999d"] {
        let error = micros(wrong).expect_err(wrong).to_string();
        assert_eq!(
            error,
            format!(
                "bad length of time: expected a whole number and a unit (w, d, h, m, s, ms, us) \
                 such as 14d, found {wrong:?}"
            )
        );
    }
    assert_eq!(Age::default().to_string(), "0s");
}

/// Whether a condition on `x` holds for a value; `null` for none.
fn holds(test: Value, value: Value) -> bool {
    let mut condition = test;
    condition["attribute"] = json!("x");
    let model: ScoringModel = serde_json::from_value(json!({
        "name": "m", "version": "1", "fit": [{ "name": "r", "when": [condition], "points": 1 }],
    }))
    .expect("a sound model");
    let value: Option<AttributeValue> = serde_json::from_value(value).expect("a value");
    let changed = Attributes::from_iter(value.map(|value| ("x", value)));
    let signal = Signal { at: Timestamp::default(), position: 1, what: Sign::Profile(changed) };
    model.score([&signal], Timestamp::default()).total != Points::ZERO
}

#[test]
fn numbers_compare_exactly() {
    let big = 9_007_199_254_740_993_i64;
    // As floating-point numbers, the two would be one.
    assert!(!holds(json!({ "equals": big }), json!(big - 1)));
    assert!(holds(json!({ "above": 9_007_199_254_740_992.0 }), json!(big)));
    assert!(!holds(json!({ "above": 9_007_199_254_740_992.0 }), json!(big - 1)));
    assert!(holds(json!({ "below": 1e30 }), json!(u64::MAX)));
    assert!(holds(json!({ "above": -1e30 }), json!(i64::MIN)));
    assert!(holds(json!({ "at_least": 0 }), json!(-0.0)));
    assert!(!holds(json!({ "below": 0.5 }), json!(1)));
    assert!(holds(json!({ "above": -0.5 }), json!(0)));
    assert!(holds(json!({ "below": -0.5 }), json!(-1)));
}

#[test]
fn texts_that_are_numbers_count_as_numbers() {
    assert!(holds(json!({ "equals": 50 }), json!("50.0")));
    assert!(holds(json!({ "equals": "50" }), json!(50)));
    assert!(holds(json!({ "at_least": 50, "at_most": 50 }), json!("50")));
    assert!(!holds(json!({ "equals": "7" }), json!("007")));
    assert!(!holds(json!({ "at_least": 0 }), json!("many")));
    assert!(!holds(json!({ "equals": "Software" }), json!("software")));
}

#[test]
fn what_is_not_known_is_neither_this_nor_that() {
    for test in [json!({ "equals": "a" }), json!({ "below": 9 }), json!({ "present": true })] {
        assert!(!holds(test.clone(), Value::Null), "{test}");
        assert!(!holds(test, json!("")));
    }
    assert!(holds(json!({ "present": false }), json!("")));
    assert!(!holds(json!({ "present": false }), json!(0)));
}

#[test]
fn a_profile_keeps_the_last_value() {
    let mut profile = Profile::default();
    profile.apply(&Attributes::from_iter([("a", 1)]));
    profile.apply(&Attributes::from_iter([("a", 2)]));
    assert_eq!(profile.value("a"), Some(&2.into()));
    assert_eq!(profile.value("b"), None);
}

#[test]
fn unknown_keys_are_refused() {
    let spec = r#"{ "attribute": "x", "equal": 1 }"#;
    let error = serde_json::from_str::<ConditionSpec>(spec).expect_err("a slip").to_string();
    assert!(error.starts_with("unknown field `equal`"), "{error}");
}
