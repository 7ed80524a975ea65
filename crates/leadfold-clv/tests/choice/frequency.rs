//! Customers by how often they bought again, against the reference and against a trapezoidal rule.

use leadfold_clv::{BgNbd, Frequency, MbgNbd, ParetoNbd, frequencies};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::cdnow::{patterns, sample};
use crate::draw::{assert_caught, decades, ln_integral, same};
use crate::gold::{assert_close, json, number};

#[test]
fn the_bins_are_those_of_the_reference() {
    let (Some(purchases), Some(gold)) = (sample(), json("clv/pmf_and_frequency.json")) else {
        return;
    };
    let patterns = patterns(&purchases);
    let bg = BgNbd::fit(&patterns).expect("a fit").model;
    let mbg = MbgNbd::fit(&patterns).expect("a fit").model;
    for (key, model) in
        [("bg_expected_freq_0..7+", &bg as &dyn Frequency), ("mbg_expected_freq_0..7+", &mbg)]
    {
        let rows = frequencies(model, &patterns);
        assert_eq!(rows.len(), 8);
        for (n, row) in rows.iter().enumerate() {
            assert_close(row.expected, number(&gold[key][n]), 1e-10, key);
            assert_eq!(row.actual as f64, number(&gold["actual_freq_0..7+"][n]));
        }
    }
    let pareto = ParetoNbd::fit(&patterns).expect("a fit").model;
    let rows = frequencies(&pareto, &patterns);
    let all: f64 = rows.iter().map(|row| row.expected).sum();
    assert_close(all, 2_357.0, 1e-12, "every customer is in a row");
}

/// The customer's time is cut by its logarithm; what is summed falls off at both ends.
fn probability(model: &ParetoNbd, x: u32, horizon: f64) -> f64 {
    let ParetoNbd { r, alpha, s, beta } = *model;
    let ln_factor: f64 = (0..x).map(|k| ((r + f64::from(k)) / (f64::from(k) + 1.0)).ln()).sum();
    let ln_counts =
        |t: f64| ln_factor + f64::from(x) * (t / (alpha + t)).ln() - r * (t / alpha).ln_1p();
    // A rate of leaving beyond the horizon is no leaving: t = horizon / (1 + e^-u), and its slope.
    let ln_left = |u: f64| {
        let t = horizon / (1.0 + (-u).exp());
        let ln_slope = t.ln() - u.exp().ln_1p();
        ln_counts(t) + s.ln() - beta.ln() - (s + 1.0) * (t / beta).ln_1p() + ln_slope
    };
    let stayed = (ln_counts(horizon) - s * (horizon / beta).ln_1p()).exp();
    stayed + ln_integral(-60.0, 60.0, 4_000, ln_left).exp()
}

type Drawn = (f64, f64, f64, f64, f64);

fn drawn() -> impl Strategy<Value = Drawn> {
    (
        decades(-1.0, 1.0),
        decades(-0.5, 2.0),
        decades(-1.0, 1.0),
        decades(-0.5, 2.0),
        decades(0.0, 2.5),
    )
}

fn law((r, alpha, s, beta, t): Drawn, factor: f64) -> TestCaseResult {
    let model = ParetoNbd { r, alpha, s, beta };
    let found = Frequency::probabilities(&model, 6, t);
    let sum: f64 = found.iter().sum();
    prop_assert!(sum <= 1.0 + 1e-12, "{sum}");
    for (x, p) in (0..=6).zip(found) {
        same(p * factor, probability(&model, x, t), 1e-9)?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn pareto_counts_as_a_trapezoidal_rule_does(drawn in drawn()) {
        law(drawn, 1.0)?;
    }

    /// With more and more numbers nothing is left out, and the mean is the expected purchases.
    #[test]
    fn the_mean_of_the_counts_is_what_is_expected(drawn in drawn()) {
        let (r, alpha, s, beta, t) = drawn;
        let t = t.min(10.0 * alpha / r);
        let model = ParetoNbd { r, alpha, s, beta };
        let counts = Frequency::probabilities(&model, 4_000, t);
        let mean: f64 = counts.iter().enumerate().map(|(x, p)| x as f64 * p).sum();
        same(counts.iter().sum(), 1.0, 1e-6)?;
        same(mean, model.expected_of_new(t), 1e-3)?;
    }
}

#[test]
fn a_millionth_more_is_caught() {
    assert_caught(drawn(), |drawn| law(drawn, 1.000_001));
}
