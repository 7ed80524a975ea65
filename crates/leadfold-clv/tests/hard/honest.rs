//! Each fit is at a maximum, or says which parameter leaves; nothing else finds a better place.

use leadfold_clv::{BgNbd, Convergence, Fit, FitError, MbgNbd, Model, ParetoNbd, Patterns};

use super::climb::climb;
use super::sets::sets;
use crate::simulated::Dice;

pub(super) type Value<M> = fn(&M, &Patterns) -> f64;

/// What is wrong with a fit: nothing, or a place that is better.
pub(super) fn judge<M: Model<4>>(
    fit: &Fit<M, 4>,
    value: Value<M>,
    patterns: &Patterns,
) -> Result<(), String> {
    let told = match fit.convergence {
        Convergence::Interior { gradient } if gradient > 1e-10 => {
            return Err(format!("the gradient is {gradient:e}"));
        }
        Convergence::Interior { .. } => fit.log_likelihood,
        Convergence::Boundary { limit, .. } => limit.expect("it is bounded"),
    };
    let at = fit.model.parameters().map(f64::ln);
    let height = |at: [f64; 4]| value(&M::of(at), patterns);
    let same = height(fit.model.parameters());
    let share = if fit.convergence.is_interior() { 1e-11 } else { 1e-8 };
    let tolerance = share * (patterns.customers() as f64 + told.abs());
    if (same - told).abs() > tolerance {
        return Err(format!("it tells {told}, and is {same}"));
    }
    let mut dice = Dice(0x5eed);
    let watch = patterns.rows().iter().map(|row| row.t).fold(0.0, f64::max).ln();
    // Parameters named by a Greek letter are times.
    let unit = std::array::from_fn(|i| if M::NAMES[i].len() > 1 { watch } else { 0.0 });
    let wide = [2.0, 4.0, 6.0, 8.0].map(|spread| (unit, spread));
    let near = [1e-4, 1e-2, 0.1, 1.0, 5.0].map(|spread| (at, spread));
    for (start, spread) in wide.into_iter().chain(near) {
        let (found, there) = climb(&mut dice, start, spread, 120, height);
        if found > told + tolerance {
            return Err(format!("at {:?} there is {found}, more than {told}", there.map(f64::exp)));
        }
    }
    Ok(())
}

fn check<M: Model<4> + std::fmt::Debug>(
    fit: fn(&Patterns) -> Result<Fit<M, 4>, FitError>,
    value: Value<M>,
) {
    for (name, patterns) in sets() {
        let fit = fit(&patterns).unwrap_or_else(|error| panic!("{name}: {error}"));
        judge(&fit, value, &patterns).unwrap_or_else(|error| panic!("{name}: {error}: {fit:?}"));
    }
}

#[test]
fn bg_nbd_is_at_the_top_or_says_so() {
    check(BgNbd::fit, BgNbd::log_likelihood);
}

#[test]
fn mbg_nbd_is_at_the_top_or_says_so() {
    check(MbgNbd::fit, MbgNbd::log_likelihood);
}

#[test]
fn pareto_nbd_is_at_the_top_or_says_so() {
    check(ParetoNbd::fit, ParetoNbd::log_likelihood);
}

/// A fit that stops a little below the top, far from it, and one whose value is made up.
#[test]
fn what_is_no_top_is_caught() {
    for (name, patterns) in sets() {
        let fit = ParetoNbd::fit(&patterns).unwrap_or_else(|error| panic!("{name}: {error}"));
        if !fit.convergence.is_interior() {
            continue;
        }
        let moved = |by: f64| {
            let model = ParetoNbd { s: fit.model.s * by, ..fit.model };
            Fit { model, log_likelihood: model.log_likelihood(&patterns), ..fit }
        };
        let made_up = Fit { log_likelihood: fit.log_likelihood + 1.0, ..fit };
        for broken in [moved(1.01), moved(0.2), made_up] {
            judge(&broken, ParetoNbd::log_likelihood, &patterns)
                .expect_err(&format!("{name}: a place that is no top passes"));
        }
    }
}
