//! Laws over drawn parameters and histories, and the naive way.

use leadfold_clv::ParetoNbd;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::naive;
use crate::draw::{assert_caught, decades, same};

prop_compose! {
    fn models()(
        r in decades(-2.0, 1.3),
        alpha in decades(-3.0, 5.0),
        s in decades(-2.0, 1.3),
        beta in decades(-3.0, 5.0),
        is_one in proptest::bool::weighted(0.1),
        is_equal in proptest::bool::weighted(0.1),
    ) -> ParetoNbd {
        let (s, beta) = (if is_one { 1.0 } else { s }, if is_equal { alpha } else { beta });
        ParetoNbd { r, alpha, s, beta }
    }
}

prop_compose! {
    fn histories()(
        x in prop_oneof![Just(0), 1_u32..5, 1_u32..1_000],
        t in prop_oneof![Just(0.0), decades(-2.0, 3.7)],
        share in prop_oneof![Just(0.0), Just(1.0), 0.0..1.0_f64],
    ) -> (u32, f64, f64) {
        (x, if x == 0 { 0.0 } else { t * share }, t)
    }
}

type Alive = fn(&ParetoNbd, u32, f64, f64) -> f64;
type Expected = fn(&ParetoNbd, u32, f64, f64, f64) -> f64;

fn alive_as_the_naive_way_says(
    ln_p_alive: Alive,
    model: &ParetoNbd,
    (x, t_x, t): (u32, f64, f64),
) -> TestCaseResult {
    let odds = naive::ln_odds_gone(model, x, t_x, t);
    let expected = -odds.max(0.0) - (-odds.abs()).exp().ln_1p();
    same(ln_p_alive(model, x, t_x, t), expected, 2e-12)
}

fn without_a_gap(
    expected: Expected,
    model: &ParetoNbd,
    (x, t_x, t): (u32, f64, f64),
    h: f64,
) -> TestCaseResult {
    let at_s = |s: f64| expected(&ParetoNbd { s, ..*model }, x, t_x, t, h);
    let at_beta = |beta: f64| expected(&ParetoNbd { beta, ..*model }, x, t_x, t, h);
    for near in [1.0 - 1e-10, 1.0 + 1e-10] {
        same(at_s(near), at_s(1.0), 1e-7)?;
        same(at_beta(near * model.alpha), at_beta(model.alpha), 1e-6)?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100_000))]

    #[test]
    fn both_ways_agree(model in models(), history in histories()) {
        alive_as_the_naive_way_says(ParetoNbd::ln_p_alive, &model, history)?;
    }

    #[test]
    fn what_is_said_is_possible(
        model in models(),
        (x, t_x, t) in histories(),
        h in decades(-3.0, 5.0),
    ) {
        let (alive, log) = (model.p_alive(x, t_x, t), model.ln_p_alive(x, t_x, t));
        prop_assert!((0.0..=1.0).contains(&alive) && log.is_finite() && log <= 0.0);
        prop_assert!((log.exp() - alive).abs() <= 1e-12);
        let (near, far) = (model.expected(x, t_x, t, h), model.expected(x, t_x, t, 2.0 * h));
        prop_assert!(near.is_finite() && far.is_finite() && near >= 0.0);
        prop_assert!(near <= far * (1.0 + 1e-12) + f64::MIN_POSITIVE, "{near} within {h}, {far} within twice as long");
        let rate = (model.r + f64::from(x)) / (model.alpha + t);
        let now = alive * rate * h * (1.0 + 1e-12) + f64::MIN_POSITIVE;
        prop_assert!(near <= now, "{near:e} is more than at the rate of now, {now:e}");
    }

    #[test]
    fn longer_silence_makes_it_likelier_that_they_left(
        model in models(),
        (x, t_x, t) in histories(),
        longer in 1.0..3.0_f64,
    ) {
        let (now, later) = (model.ln_p_alive(x, t_x, t), model.ln_p_alive(x, t_x, t * longer));
        prop_assert!(later <= now + 1e-12 * now.abs(), "{now} then {later}");
    }

    #[test]
    fn nothing_jumps_where_s_is_one_or_alpha_is_beta(
        model in models(),
        history in histories(),
        h in decades(-2.0, 3.0),
    ) {
        without_a_gap(ParetoNbd::expected, &model, history, h)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn discounting_agrees_both_ways(
        model in models(),
        (x, _, t) in histories(),
        interest in decades(-6.0, 1.0),
    ) {
        let found = model.discounted_if_alive(x, t, interest);
        let rate = (model.r + f64::from(x)) / (model.alpha + t);
        same(found, rate * naive::discounted_lifetime(&model, t, interest), 1e-12)?;
        prop_assert!(model.discounted_if_alive(x, t, interest * 1.5) < found);
    }
}

/// Without interest the discounted purchases are those of an endless horizon.
#[test]
fn without_interest_all_purchases_count() {
    let model = ParetoNbd { r: 0.5, alpha: 10.0, s: 2.5, beta: 30.0 };
    let all = model.discounted(3, 20.0, 40.0, 0.0);
    same(all, model.expected(3, 20.0, 40.0, 1e15), 1e-12).expect("they are the same");
    same(all, model.discounted(3, 20.0, 40.0, 1e-12), 1e-9).expect("nearly the same");
    let stays = ParetoNbd { s: 1.0, ..model };
    assert_eq!(stays.discounted(3, 20.0, 40.0, 0.0), f64::INFINITY);
    assert!(stays.discounted(3, 20.0, 40.0, 1e-300).is_finite());
}

/// Counts, times and parameters that nobody has.
#[test]
fn the_strangest_stays_a_number() {
    for (r, alpha) in [(1e-9, 1e-9), (1e6, 1e9), (1e-9, 1e9), (1e6, 1e-9)] {
        for (s, beta) in [(1e-9, 1e-9), (1e6, 1e9), (1e-9, 1e9), (1e6, 1e-9)] {
            let model = ParetoNbd { r, alpha, s, beta };
            for (x, t_x, t) in [(0, 0.0, 1e12), (u32::MAX, 1.0, 1e12), (u32::MAX, 0.0, 1e-12)] {
                let (alive, log) = (model.p_alive(x, t_x, t), model.ln_p_alive(x, t_x, t));
                assert!((0.0..=1.0).contains(&alive), "{model:?} {x} {t_x} {t}: {alive}");
                assert!(log.is_finite() && log <= 0.0, "{model:?} {x} {t_x} {t}: {log}");
                assert!(model.expected(x, t_x, t, 1e12) >= 0.0);
                assert!(model.discounted(x, t_x, t, 1e-12) >= 0.0);
            }
        }
    }
}

/// Textbook formulas, and a rule of integration without panels, fail where the laws look.
#[test]
fn the_laws_catch_what_is_broken() {
    let without_panels: Alive = |model, x, t_x, t| {
        let odds = (0..64).map(|i| {
            let y = t_x + (t - t_x) * (f64::from(i) + 0.5) / 64.0;
            let bought = (model.r + f64::from(x)) * ((t - y) / (model.alpha + y)).ln_1p();
            let left = model.s * ((t - y) / (model.beta + y)).ln_1p();
            model.s * (bought + left).exp() / (model.beta + y) * (t - t_x) / 64.0
        });
        -odds.sum::<f64>().ln_1p()
    };
    let textbook: Expected = |model, x, t_x, t, h| {
        let shrunk = ((model.beta + t) / (model.beta + t + h)).powf(model.s - 1.0);
        let rate = (model.r + f64::from(x)) / (model.alpha + t);
        model.p_alive(x, t_x, t) * rate * (model.beta + t) / (model.s - 1.0) * (1.0 - shrunk)
    };
    assert_caught((models(), histories()), |(model, history)| {
        alive_as_the_naive_way_says(without_panels, &model, history)
    });
    assert_caught((models(), histories(), decades(-2.0, 3.0)), |(model, history, h)| {
        without_a_gap(textbook, &model, history, h)
    });
}
