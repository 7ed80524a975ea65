//! Integrals by the ladder against integrals one by one.

use proptest::prelude::*;
use proptest::test_runner::{TestCaseResult, TestRunner};

use super::ParetoNbd;
use super::ladder::Ladder;
use super::likelihood::{Likelihood, add_each};
use crate::newton::Slope;
use crate::slope_test::{decades, is_slope};
use crate::{Model, Pattern, Patterns};

/// Customers of as many repeats, by days: as many as share their times.
fn patterns() -> impl Strategy<Value = Patterns> {
    let row = (0_u32..40, 0_u32..40, 1_u64..5);
    (1_u32..12, proptest::collection::vec(row, 60..120)).prop_map(|(x, rows)| {
        let rows = rows.into_iter().map(|(one, other, customers)| {
            let (t_x, t) = (f64::from(one.min(other)) / 7.0, f64::from(one.max(other)) / 7.0);
            Pattern { x, t_x, t, customers }
        });
        Patterns::new(rows).expect("they are possible")
    })
}

/// Parameters under which little happens within a day.
fn parameters() -> impl Strategy<Value = [f64; 4]> {
    [decades(-2.0, 0.7), decades(1.7, 4.0), decades(-2.0, 0.7), decades(1.7, 4.0)]
}

fn by_logarithms(slope: &Slope<4>, at: &[f64; 4]) -> impl Iterator<Item = f64> {
    let gradient = (0..4).map(|i| slope.gradient[i] * at[i]);
    let hessian = (0..4).flat_map(|i| (i..4).map(move |j| (i, j)));
    let hessian = hessian.map(|(i, j)| slope.hessian[i][j] * at[i] * at[j]);
    std::iter::once(slope.value).chain(gradient).chain(hessian).collect::<Vec<_>>().into_iter()
}

/// Fails unless both ways come to the same, where `beta` of one is so many times too large. Parts are known
/// to a rounding of the largest exponent's square.
fn is_the_same(at: [f64; 4], patterns: &Patterns, moved: f64) -> TestCaseResult {
    let rows = patterns.rows();
    let model = ParetoNbd::of(at);
    let ladder =
        Ladder::of(patterns).ok_or_else(|| TestCaseError::reject("too few share their times"))?;
    let (mut together, mut each) = (Slope::ZERO, Slope::ZERO);
    for (rows, places) in ladder.groups(rows) {
        let is_added = ladder.under(&model).add(rows, places, &mut together);
        prop_assert!(is_added, "the ladder was not taken");
    }
    add_each(&ParetoNbd { beta: model.beta * moved, ..model }, rows, &mut each);
    let power = model.r + f64::from(patterns.x_max()) + model.s + 1.0;
    let tolerance = 1e-13 * patterns.customers() as f64 * power * power;
    for (found, expected) in by_logarithms(&together, &at).zip(by_logarithms(&each, &at)) {
        let error = (found - expected).abs();
        prop_assert!(error <= tolerance, "{found:e} and {expected:e}, off by {error:e}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn both_ways_agree(at in parameters(), patterns in patterns()) {
        is_the_same(at, &patterns, 1.0)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]

    #[test]
    fn the_slope_is_that_of_the_value(at in parameters(), patterns in patterns()) {
        is_slope(at, |at| Likelihood::of(&patterns).slope(at))?;
    }
}

/// Where a day is long, or logarithms are apart, or nobody shares a time, the ladder is not taken,
/// and the likelihood is the same.
#[test]
fn what_the_ladder_cannot_do_is_left_to_others() {
    let row = |i: u32| {
        let t = 100.0 + f64::from(i % 2);
        Pattern { x: 3, t_x: f64::from(i / 2), t, customers: 1 }
    };
    let patterns = Patterns::new((0..160).map(row)).expect("they are possible");
    let ladder = Ladder::of(&patterns).expect("they share theirs");
    let (rows, places) = ladder.groups(patterns.rows()).next().expect("there is one");
    for at in [[1.0, 1.0, 1.0, 100.0], [900.0, 1e3, 1.0, 100.0], [f64::NAN; 4]] {
        let mut slope = Slope::ZERO;
        assert!(!ladder.under(&ParetoNbd::of(at)).add(rows, places, &mut slope), "{at:?}");
        assert_eq!(slope.value, 0.0);
    }
    let few = Patterns::new([row(1), row(2)]).expect("they are possible");
    assert!(Ladder::of(&few).is_none());
}

/// A scale that is off by a ten-millionth is caught.
#[test]
fn another_model_is_caught() {
    let draws = (parameters(), patterns());
    let law = |(at, patterns): ([f64; 4], Patterns)| is_the_same(at, &patterns, 1.0 + 1e-7);
    let config =
        ProptestConfig { failure_persistence: None, max_shrink_iters: 0, ..<_>::default() };
    TestRunner::new(config).run(&draws, law).expect_err("another model passes");
}
