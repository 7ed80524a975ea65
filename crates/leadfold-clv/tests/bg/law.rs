//! Laws over drawn parameters and histories.

use leadfold_clv::{BgNbd, MbgNbd};
use proptest::prelude::*;

use crate::draw::decades;

prop_compose! {
    fn models()(
        r in decades(-2.0, 1.5),
        alpha in decades(-2.0, 3.0),
        a in decades(-2.0, 2.0),
        b in decades(-2.0, 2.0),
    ) -> (BgNbd, MbgNbd) {
        (BgNbd { r, alpha, a, b }, MbgNbd { r, alpha, a, b })
    }
}

prop_compose! {
    fn histories()(
        x in 0_u32..200,
        t in decades(-1.0, 3.0),
        share in 0.0..1.0_f64,
    ) -> (u32, f64, f64) {
        (x, if x == 0 { 0.0 } else { t * share }, t)
    }
}

fn is_close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs()) + 1e-300
}

/// The mean over the probabilities of leaving, by the double exponential rule (Takahasi and Mori
/// 1974).
fn expected_by_definition(a: f64, b: f64, bought: f64, ahead: f64) -> f64 {
    const STEPS: i32 = 160;
    let mode = a * (a / (a + b)).ln() + b * (b / (a + b)).ln();
    let (mut sum, mut total) = (0.0, 0.0);
    for i in -STEPS..=STEPS {
        let tau = 4.8 * f64::from(i) / f64::from(STEPS);
        let logit = std::f64::consts::PI * tau.sinh();
        let small = (-logit.abs()).exp().ln_1p();
        let (ln_p, ln_rest) = (logit.min(0.0) - small, -logit.max(0.0) - small);
        let weight = (a * ln_p + b * ln_rest - mode).exp() * tau.cosh();
        let p = ln_p.exp();
        let value =
            if p < 1e-280 { bought * ahead } else { -(-bought * (p * ahead).ln_1p()).exp_m1() / p };
        sum += weight * value;
        total += weight;
    }
    sum / total
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100_000))]

    #[test]
    fn what_is_said_is_possible((bg, mbg) in models(), (x, t_x, t) in histories(), h in decades(-3.0, 4.0)) {
        for (alive, log, near, far) in [
            (bg.p_alive(x, t_x, t), bg.ln_p_alive(x, t_x, t), bg.expected(x, t_x, t, h), bg.expected(x, t_x, t, 2.0 * h)),
            (mbg.p_alive(x, t_x, t), mbg.ln_p_alive(x, t_x, t), mbg.expected(x, t_x, t, h), mbg.expected(x, t_x, t, 2.0 * h)),
        ] {
            prop_assert!((0.0..=1.0).contains(&alive));
            prop_assert!(log.is_finite() && is_close(log.exp(), alive, 1e-12));
            prop_assert!(near.is_finite() && far.is_finite());
            prop_assert!(0.0 <= near && near <= far * (1.0 + 1e-12) + f64::MIN_POSITIVE);
            let rate = (bg.r + f64::from(x)) / (bg.alpha + t);
            prop_assert!(near <= alive * rate * h * (1.0 + 1e-12) + f64::MIN_POSITIVE, "more than at the rate of now");
        }
    }

    #[test]
    fn longer_silence_makes_it_likelier_that_they_left((bg, mbg) in models(), (x, t_x, t) in histories()) {
        prop_assert!(bg.p_alive(x, t_x, 1.5 * t) <= bg.p_alive(x, t_x, t));
        prop_assert!(mbg.p_alive(x, t_x, 1.5 * t) <= mbg.p_alive(x, t_x, t));
    }

    #[test]
    fn nothing_jumps_where_a_is_one((bg, _) in models(), (x, t_x, t) in histories(), h in decades(-2.0, 3.0)) {
        let at = |a: f64| BgNbd { a, ..bg }.expected(x, t_x, t, h);
        prop_assert!(is_close(at(1.0), at(1.0 + 1e-9), 1e-6));
        prop_assert!(is_close(at(1.0), at(1.0 - 1e-9), 1e-6));
    }

    #[test]
    fn probabilities_are_a_distribution((bg, mbg) in models(), h in decades(-2.0, 1.0)) {
        for found in [bg.probabilities(60, h), mbg.probabilities(60, h)] {
            prop_assert!(found.iter().all(|p| (0.0..=1.0 + 1e-12).contains(p)));
            prop_assert!(found.iter().sum::<f64>() <= 1.0 + 1e-9);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100_000))]

    #[test]
    fn two_ways_agree(
        (r, alpha) in (decades(-1.5, 1.2), decades(-1.0, 2.0)),
        (a, b) in (decades(-0.7, 1.5), decades(-0.7, 1.5)),
        (x, _, t) in histories(),
        h in decades(-2.0, 4.0),
    ) {
        let ahead = h / (alpha + t);
        let mbg = MbgNbd { r, alpha, a, b }.expected_if_alive(x, t, h);
        let expected = expected_by_definition(a, b + f64::from(x) + 1.0, r + f64::from(x), ahead);
        prop_assert!(is_close(mbg, expected, 1e-11), "{mbg:e} {expected:e}");
        let bg = BgNbd { r, alpha, a, b }.expected_if_alive(x, t, h);
        let expected = expected_by_definition(a, b + f64::from(x), r + f64::from(x), ahead);
        prop_assert!(is_close(bg, expected, 1e-11), "{bg:e} {expected:e}");
    }
}
