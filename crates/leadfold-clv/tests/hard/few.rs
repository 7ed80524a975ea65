//! Fits to few customers of any kind, where likelihoods are flat and ridges are near.

use leadfold_clv::{BgNbd, Fit, FitError, MbgNbd, Model, ParetoNbd, Pattern, Patterns};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::honest::{Value, judge};
use crate::simulated::Dice;

/// How widely rates differ, how long customers stay in the mean, and how widely that differs.
type Kind = (f64, f64, f64);

fn customer((shape, stay, spread): Kind, dice: &mut Dice) -> Pattern {
    let rate = dice.gamma(shape) / shape / 3.0;
    let leaving = dice.gamma(spread) / spread / stay;
    // Days of weeks, as in a log.
    let first = (40.0 * dice.next()).floor();
    let watched = 100.0 - first;
    let leaves = -7.0 * dice.next().ln() / leaving;
    let (mut x, mut last, mut now) = (0, 0.0, 0.0);
    loop {
        now -= 7.0 * dice.next().ln() / rate;
        if now > watched.min(leaves) {
            return Pattern { x, t_x: last / 7.0, t: watched / 7.0, customers: 1 };
        }
        if now.floor() > last {
            (x, last) = (x + 1, now.floor());
        }
    }
}

fn companies() -> impl Strategy<Value = Patterns> {
    let kind = (0.3..30.0, 1.0..50.0, 0.2..20.0);
    (kind, 11_usize..60, any::<u64>()).prop_map(|(kind, customers, seed)| {
        let mut dice = Dice(seed | 1);
        let rows: Vec<Pattern> = (0..customers).map(|_| customer(kind, &mut dice)).collect();
        Patterns::new(rows).expect("they are possible")
    })
}

/// Errors and intervals where the fit is at a maximum, and nowhere else.
fn is_told<M: Model<4> + std::fmt::Debug>(fit: &Fit<M, 4>) -> TestCaseResult {
    for one in fit.estimates() {
        let known = one.standard_error.is_some() && one.interval.is_some();
        prop_assert_eq!(known, fit.convergence.is_interior(), "{:?}", fit);
        let errors = [one.standard_error, one.interval.map(|(_, high)| high)];
        prop_assert!(errors.iter().flatten().all(|error| error.is_finite() && *error > 0.0));
    }
    Ok(())
}

fn is_honest<M: Model<4> + std::fmt::Debug>(
    fit: fn(&Patterns) -> Result<Fit<M, 4>, FitError>,
    value: Value<M>,
    patterns: &Patterns,
) -> TestCaseResult {
    let fit = match fit(patterns) {
        Ok(fit) => fit,
        Err(FitError::TooFewRepeaters { .. } | FitError::WatchTooShort { .. }) => return Ok(()),
        Err(error) => return Err(TestCaseError::fail(error.to_string())),
    };
    is_told(&fit)?;
    judge(&fit, value, patterns).map_err(|error| TestCaseError::fail(format!("{error}: {fit:?}")))
}

/// A maximum of Pareto/NBD falls where the spread of the rates of leaving, or of buying, goes to
/// nothing.
fn is_no_ridge(patterns: &Patterns) -> TestCaseResult {
    let Ok(fit) = ParetoNbd::fit(patterns) else { return Ok(()) };
    is_told(&fit)?;
    let ParetoNbd { r, alpha, s, beta } = fit.model;
    for times in [3.0, 1e2, 1e4].into_iter().filter(|_| fit.convergence.is_interior()) {
        let buying = ParetoNbd { r: r * times, alpha: alpha * times, s, beta };
        let leaving = ParetoNbd { r, alpha, s: s * times, beta: beta * times };
        for alike in [buying, leaving] {
            prop_assert!(alike.log_likelihood(patterns) < fit.log_likelihood, "{:?}", fit);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn bg_nbd_of_few(patterns in companies()) {
        is_honest(BgNbd::fit, BgNbd::log_likelihood, &patterns)?;
    }

    #[test]
    fn mbg_nbd_of_few(patterns in companies()) {
        is_honest(MbgNbd::fit, MbgNbd::log_likelihood, &patterns)?;
    }

    #[test]
    fn pareto_nbd_of_few(patterns in companies()) {
        is_no_ridge(&patterns)?;
    }
}
