//! Decay at its edges, to the microsecond.

use leadfold_core::scoring::{ScoringModel, Sign, Signal};
use leadfold_core::{DAY, SECOND, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

/// When the touch happens; ages count from there.
const TOUCHED: i64 = 1_700_000_000 * SECOND;

fn model(points: f64, decay: &Value) -> ScoringModel {
    let rule = json!({ "name": "touch", "points": points, "decay": decay });
    let spec = json!({ "name": "one rule", "version": "1", "behaviour": [rule] });
    serde_json::from_value(spec).expect("a sound model")
}

/// Thousandths of points that are left at an age in microseconds.
fn left(model: &ScoringModel, age: i64) -> i128 {
    let touch = serde_json::from_value(json!({ "side": "prospect" })).expect("a touch");
    let at = Timestamp::from_micros(TOUCHED);
    let signal = Signal { at, position: 1, what: Sign::Touch(touch) };
    model.score([&signal], Timestamp::from_micros(TOUCHED + age)).total.millis()
}

#[test]
fn before_the_touch_there_is_nothing() {
    let model = model(10.0, &Value::Null);
    assert_eq!([-1, 0, 1, 10_000 * DAY].map(|age| left(&model, age)), [0, 10_000, 10_000, 10_000]);
}

#[test]
fn a_step_begins_at_its_age() {
    let steps = json!([{ "after": "7d", "keeps": 0.5 }, { "after": "30d", "keeps": 0 }]);
    let model = model(10.0, &json!({ "steps": steps }));
    let ages = [0, 7 * DAY - 1, 7 * DAY, 7 * DAY + 1, 30 * DAY - 1, 30 * DAY, 30 * DAY + 1];
    let expected = [10_000, 10_000, 5_000, 5_000, 5_000, 0, 0];
    assert_eq!(ages.map(|age| left(&model, age)), expected);
}

#[test]
fn a_line_ends_at_its_end() {
    // 1,000,000 points in one second are one point a microsecond.
    let model = model(1_000_000.0, &json!({ "linear_to_zero": "1s" }));
    let ages = [0, 1, SECOND / 4, SECOND - 1, SECOND, SECOND + 1];
    let expected = [1_000_000_000, 999_999_000, 750_000_000, 1_000, 0, 0];
    assert_eq!(ages.map(|age| left(&model, age)), expected);
}

#[test]
fn a_half_life_halves() {
    let model = model(1_000_000.0, &json!({ "half_life": "14d" }));
    let halves = [0, 1, 2, 3, 9].map(|times| left(&model, times * 14 * DAY));
    assert_eq!(halves, [1_000_000_000, 500_000_000, 250_000_000, 125_000_000, 1_953_125]);
    // 1,000,000 / sqrt(2) = 707,106.781186...
    assert_eq!(left(&model, 7 * DAY), 707_106_781);
    // One microsecond is 500,000 * ln 2 / 1,209,600,000,000 = 0.000000286 points: the next
    // thousandth takes some 0.0035 s.
    let beside = [-4_000, -1, 1, 4_000].map(|micros| left(&model, 14 * DAY + micros));
    assert_eq!(beside, [500_000_001, 500_000_000, 500_000_000, 499_999_999]);
}

#[test]
fn halves_round_away_from_zero_once() {
    let half = |points| left(&model(points, &json!({ "half_life": "1h" })), 3_600 * SECOND);
    assert_eq!([0.001, -0.001, 0.003, -0.005].map(half), [1, -1, 2, -3]);
    let third = json!({ "steps": [{ "after": "1h", "keeps": 0.333333 }] });
    let third = |points| left(&model(points, &third), 3_600 * SECOND);
    assert_eq!([0.001, 0.002, 1.0, -1.0, 1000.0].map(third), [0, 1, 333, -333, 333_333]);
    let line = json!({ "linear_to_zero": "2us" });
    assert_eq!([0.001, -0.003].map(|points| left(&model(points, &line), 1)), [1, -2]);
}

#[test]
fn very_old_touches_are_worth_nothing() {
    let model = model(1_000_000.0, &json!({ "half_life": "1us" }));
    assert_eq!(
        [29, 30, 31, 60, 61, 64, 128, DAY].map(|age| left(&model, age)),
        [2, 1, 0, 0, 0, 0, 0, 0]
    );
}

proptest! {
    /// Against the floating-point power, which is right to a part in 10^15.
    #[test]
    fn a_half_life_is_the_power_of_one_half(
        millis in -1_000_000_000_i64..=1_000_000_000,
        half in 1..1_000 * DAY,
        age in 0..20_000 * DAY,
    ) {
        let model = model(millis as f64 / 1000.0, &json!({ "half_life": format!("{half}us") }));
        let exact = millis as f64 * (-(age as f64) / half as f64).exp2();
        prop_assert!((left(&model, age) as f64 - exact).abs() <= 0.5001);
    }
}
