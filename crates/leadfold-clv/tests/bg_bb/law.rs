//! Laws over drawn parameters, and the naive way: step by step through all that may happen.

use leadfold_clv::{BgBb, OccasionPatterns, Occasions};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::draw::{assert_caught, decades, same};

prop_compose! {
    fn models()(
        alpha in decades(-1.5, 2.0),
        beta in decades(-1.5, 2.0),
        gamma in prop_oneof![Just(1.0), decades(-1.5, 2.0)],
        delta in decades(-1.5, 2.0),
    ) -> BgBb {
        BgBb { alpha, beta, gamma, delta }
    }
}

/// What happened at each of up to ten occasions.
fn bought() -> impl Strategy<Value = Vec<bool>> {
    proptest::collection::vec(any::<bool>(), 0..10)
}

fn counts(bought: &[bool]) -> (u32, u32, u32) {
    let x = bought.iter().filter(|bought| **bought).count() as u32;
    let last = bought.iter().rposition(|bought| *bought);
    (x, last.map_or(0, |last| last as u32 + 1), bought.len() as u32)
}

/// The probabilities that all this happens and the customer is still there, or has left: Polya's
/// urns, which after each draw hold one more of what was drawn. Who has left stays away.
fn naive(model: &BgBb, bought: &[bool]) -> (f64, f64) {
    let BgBb { alpha, beta, gamma, delta } = *model;
    let (mut there, mut left) = (1.0, 0.0);
    let (mut times, mut x) = (0.0, 0.0);
    for bought in bought {
        let leave = gamma / (gamma + delta + times);
        let buy = (alpha + x) / (alpha + beta + times);
        left = if *bought { 0.0 } else { left + there * leave };
        there *= (1.0 - leave) * if *bought { buy } else { 1.0 - buy };
        times += 1.0;
        x += f64::from(u8::from(*bought));
    }
    (there, left)
}

/// The naive expectation: what is bought next in all futures.
fn naive_expected(model: &BgBb, bought: &[bool], horizon: usize) -> f64 {
    let (there, left) = naive(model, bought);
    let mut sum = 0.0;
    for future in 0..1_u32 << horizon {
        let next = (0..horizon).map(|k| future >> k & 1 == 1);
        let all: Vec<bool> = bought.iter().copied().chain(next).collect();
        let (stays, leaves) = naive(model, &all);
        sum += f64::from(future.count_ones()) * (stays + leaves);
    }
    sum / (there + left)
}

fn likelihood(model: &BgBb, x: u32, t_x: u32, n: u32) -> f64 {
    let one = OccasionPatterns::new([Occasions { x, t_x, n, customers: 1 }]);
    model.log_likelihood(&one.expect("it is possible"))
}

type Alive = fn(&BgBb, u32, u32, u32) -> f64;

fn alive_as_the_naive_way_says(alive: Alive, model: &BgBb, bought: &[bool]) -> TestCaseResult {
    let (x, t_x, n) = counts(bought);
    let (there, left) = naive(model, bought);
    let stay = 1.0 - model.gamma / (model.gamma + model.delta + f64::from(n));
    same(alive(model, x, t_x, n), there * stay / (there + left), 1e-10)
}

fn alive(model: &BgBb, x: u32, t_x: u32, n: u32) -> f64 {
    model.p_alive(x, t_x, n).expect("it is possible")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn both_ways_agree(model in models(), bought in bought()) {
        let (x, t_x, n) = counts(&bought);
        let (there, left) = naive(&model, &bought);
        same(likelihood(&model, x, t_x, n).exp(), there + left, 1e-11)?;
        alive_as_the_naive_way_says(alive, &model, &bought)?;
        let expected = model.expected(x, t_x, n, 5).expect("it is possible");
        same(expected, naive_expected(&model, &bought, 5), 1e-10)?;
        same(model.expected_of_new(5), naive_expected(&model, &[], 5), 1e-10)?;
    }

    #[test]
    fn what_is_said_is_possible(
        model in models(),
        n in 0_u32..2_000,
        (last, share) in (0.0..=1.0_f64, 0.0..=1.0_f64),
        horizon in 0_u32..100,
    ) {
        let t_x = (f64::from(n) * last) as u32;
        let x = if t_x == 0 { 0 } else { 1 + (f64::from(t_x - 1) * share) as u32 };
        let alive = model.p_alive(x, t_x, n).expect("it is possible");
        prop_assert!((0.0..=1.0).contains(&alive));
        let of = |horizon| model.expected(x, t_x, n, horizon).expect("it is possible");
        prop_assert!(of(horizon) <= of(horizon + 1) && of(horizon) <= f64::from(horizon));
        prop_assert!(likelihood(&model, x, t_x, n) <= 0.0);
    }
}

/// Alive now for alive at the next occasion, and the last purchase forgotten.
#[test]
fn the_laws_catch_what_is_broken() {
    let now: Alive = |model, x, t_x, n| {
        let stay = model.delta + f64::from(n);
        alive(model, x, t_x, n) * (model.gamma + stay) / stay
    };
    let forgot: Alive = |model, x, _, n| alive(model, x, x, n);
    for broken in [now, forgot] {
        assert_caught((models(), bought()), |(model, bought)| {
            alive_as_the_naive_way_says(broken, &model, &bought)
        });
    }
}
