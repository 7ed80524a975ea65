//! Customers made by the story of the model: the fit is never worse than the truth.

use leadfold_clv::{Convergence, ParetoNbd, Pattern, Patterns};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::draw::{assert_caught, decades, same};

/// A small generator of random bits: Steele, Lea and Flood (2014), SplitMix64.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let bits = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// Between 0 and 1, neither of them.
    fn share(&mut self) -> f64 {
        ((self.bits() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    fn normal(&mut self) -> f64 {
        let angle = std::f64::consts::TAU * self.share();
        (-2.0 * self.share().ln()).sqrt() * angle.cos()
    }

    /// Marsaglia and Tsang (2000).
    fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            return self.gamma(shape + 1.0) * self.share().powf(1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        loop {
            let x = self.normal();
            let v = (1.0 + x / (9.0 * d).sqrt()).powi(3);
            if v > 0.0 && self.share().ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }

    /// A customer of the model, watched for `t` and no longer than 2,000 purchases.
    fn customer(&mut self, model: &ParetoNbd, t: f64) -> Pattern {
        let (buy, leave) = (self.gamma(model.r) / model.alpha, self.gamma(model.s) / model.beta);
        let end = t.min(-self.share().ln() / leave);
        let (mut x, mut t_x) = (0, 0.0);
        loop {
            let next = t_x - self.share().ln() / buy;
            if next > end || x == 2_000 {
                return Pattern { x, t_x, t, customers: 1 };
            }
            (x, t_x) = (x + 1, next);
        }
    }
}

fn customers(model: &ParetoNbd, count: u32, seed: u64) -> Patterns {
    let mut random = Random(seed);
    let all = (0..count).map(|i| random.customer(model, 30.0 + f64::from(i % 9)));
    Patterns::new(all.collect::<Vec<_>>()).expect("they are possible")
}

fn models() -> impl Strategy<Value = ParetoNbd> {
    let shapes = (decades(-0.7, 0.7), decades(-0.7, 0.7));
    let stays = (decades(-1.0, 1.5), decades(-0.5, 1.5));
    (shapes, stays).prop_map(|((r, s), (alpha, beta))| ParetoNbd { r, alpha, s, beta })
}

type Fitted = fn(&Patterns) -> Option<(ParetoNbd, f64, Convergence)>;

fn fitted(patterns: &Patterns) -> Option<(ParetoNbd, f64, Convergence)> {
    let fit = ParetoNbd::fit(patterns).ok()?;
    Some((fit.model, fit.log_likelihood, fit.convergence))
}

fn no_worse_than_the_truth(fit: Fitted, truth: &ParetoNbd, seed: u64) -> TestCaseResult {
    let patterns = customers(truth, 400, seed);
    if patterns.repeaters() < 50 {
        return Ok(());
    }
    let Some((model, value, convergence)) = fit(&patterns) else {
        prop_assert!(false, "no answer");
        return Ok(());
    };
    prop_assert!(value >= truth.log_likelihood(&patterns), "{model:?} {convergence:?}");
    same(model.log_likelihood(&patterns), value, 1e-12)?;
    if let Convergence::Interior { gradient } = convergence {
        prop_assert!(gradient <= 1e-9, "{gradient:e}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn the_fit_is_no_worse_than_the_truth(truth in models(), seed in any::<u64>()) {
        no_worse_than_the_truth(fitted, &truth, seed)?;
    }

    /// The unit of time is the caller's: a power of two changes no digit, nor does another but
    /// for rounding.
    #[test]
    fn the_unit_of_time_changes_nothing(seed in any::<u64>(), unit in decades(-1.0, 1.0)) {
        let truth = ParetoNbd { r: 0.6, alpha: 8.0, s: 0.7, beta: 9.0 };
        let weeks = customers(&truth, 1_500, seed);
        let other = weeks.rows().iter().map(|row| Pattern {
            t_x: row.t_x * unit,
            t: row.t * unit,
            ..*row
        });
        let other = Patterns::new(other).expect("they are possible");
        let fits = [ParetoNbd::fit(&weeks), ParetoNbd::fit(&other)];
        let [weeks, other] = fits.map(|fit| fit.expect("it converges"));
        if weeks.convergence.is_interior() {
            let ParetoNbd { r, alpha, s, beta } = other.model;
            for (found, expected) in weeks.estimates().iter().zip([r, alpha / unit, s, beta / unit])
            {
                // Where the top is flat, its place is known the less.
                let error = found.standard_error.map_or(0.0, |error| error / found.value);
                same(found.value, expected, 1e-9 + 1e-6 * error)?;
            }
        }
    }
}

/// Terms of hundreds that add up to less than one: two ways of adding them up would differ.
#[test]
fn a_likelihood_near_one_is_the_same_to_the_last_digits() -> Result<(), TestCaseError> {
    let truth = ParetoNbd {
        r: 3.816_249_058_567_683_6,
        alpha: 0.738_107_304_939_065_3,
        s: 4.685_811_192_955_009,
        beta: 1.330_297_858_599_207,
    };
    no_worse_than_the_truth(fitted, &truth, 10_065_581_600_718_530_769)
}

/// A search that stops early, and one that answers with where it began.
#[test]
fn the_laws_catch_what_is_broken() {
    let early: Fitted = |patterns| {
        let (model, ..) = fitted(patterns)?;
        let model = ParetoNbd { r: model.r * 1.3, ..model };
        Some((model, model.log_likelihood(patterns), Convergence::Interior { gradient: 0.0 }))
    };
    let start: Fitted = |patterns| {
        let model = ParetoNbd { r: 1.0, alpha: 1.0, s: 1.0, beta: 1.0 };
        Some((model, model.log_likelihood(patterns), Convergence::Interior { gradient: 0.0 }))
    };
    for broken in [early, start] {
        assert_caught((models(), any::<u64>()), |(truth, seed)| {
            no_worse_than_the_truth(broken, &truth, seed)
        });
    }
}
