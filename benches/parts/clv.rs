//! Predictive customer value: from purchases to fits and predictions.

#[path = "../../crates/leadfold-clv/tests/shared/simulated.rs"]
#[allow(dead_code, reason = "each suite takes of it what it needs")]
mod simulated;

use divan::Bencher;
use divan::counter::ItemsCount;
use leadfold::clv::{BgNbd, Buying, Discount, Fit, Model, ParetoNbd, Pattern, Patterns};

use crate::log::sizes;

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
/// A year by months, in weeks.
const YEAR: Discount = Discount { period: Discount::MONTH_DAYS / 7.0, periods: 12, rate: 0.01 };
/// Pareto/NBD of customers who buy like these: CDNOW's (Fader, Hardie and Lee 2005).
const PARETO: [f64; 4] = [0.553, 10.578, 0.606, 11.669];

/// As many customers as the logs have leads, by days: the grain of a log.
fn customers(n: u32) -> Vec<Pattern> {
    let day = |weeks: f64| (weeks * 7.0).floor() / 7.0;
    let moments = simulated::customers(SEED, n as usize).into_iter();
    moments.map(|row| Pattern { t_x: day(row.t_x), t: day(row.t), ..row }).collect()
}

fn histories(n: u32) -> Patterns {
    Patterns::new(customers(n)).expect("simulated customers can be")
}

#[divan::bench(args = sizes())]
fn group(bencher: Bencher<'_, '_>, n: u32) {
    let customers = customers(n);
    let group = || Patterns::new(customers.iter().copied()).expect("simulated customers can be");
    let plain: u64 = customers.iter().map(|row| u64::from(row.x)).sum();
    let grouped: u64 = group().rows().iter().map(|row| u64::from(row.x) * row.customers).sum();
    assert_eq!((group().customers(), grouped), (u64::from(n), plain));
    bencher.counter(ItemsCount::new(n)).bench(group);
}

/// A fit has its peak where no other parameters are likelier, those least that made the customers.
fn check<M: Model<4>>(fit: &Fit<M, 4>, likelihood_of: impl Fn(&M) -> f64, plausible: [f64; 4]) {
    let (found, behind) = (fit.log_likelihood, likelihood_of(&M::of(plausible)));
    assert!(fit.convergence.is_interior(), "{:?}", fit.convergence);
    assert!(found >= behind, "expected {behind} or more, found {found}");
    assert!((likelihood_of(&fit.model) - found).abs() < 1e-9 * found.abs());
}

#[divan::bench(args = sizes())]
fn fit_bg_nbd(bencher: Bencher<'_, '_>, n: u32) {
    let histories = histories(n);
    let fit = || BgNbd::fit(&histories).expect("there is a best model");
    check(&fit(), |model| model.log_likelihood(&histories), simulated::TRUE);
    bencher.counter(ItemsCount::new(histories.rows().len())).bench(fit);
}

#[divan::bench(args = sizes())]
fn fit_pareto_nbd(bencher: Bencher<'_, '_>, n: u32) {
    let histories = histories(n);
    let fit = || ParetoNbd::fit(&histories).expect("there is a best model");
    check(&fit(), |model| model.log_likelihood(&histories), PARETO);
    bencher.counter(ItemsCount::new(histories.rows().len())).bench(fit);
}

/// What a year of each history is worth, against one by one.
fn value_of(bencher: Bencher<'_, '_>, n: u32, model: &(impl Buying + Sync)) {
    let histories = histories(n);
    let values = || YEAR.values(model, &histories);
    for (row, value) in histories.rows().iter().zip(values()) {
        let plain = YEAR.purchases(model, row.x, row.t_x, row.t);
        assert!((value - plain).abs() <= 1e-9 * plain.max(1.0), "{row:?}: {plain}, {value}");
    }
    bencher.counter(ItemsCount::new(histories.rows().len())).bench(values);
}

#[divan::bench(args = sizes())]
fn value_bg_nbd(bencher: Bencher<'_, '_>, n: u32) {
    value_of(bencher, n, &BgNbd::of(simulated::TRUE));
}

#[divan::bench(args = sizes())]
fn value_pareto_nbd(bencher: Bencher<'_, '_>, n: u32) {
    value_of(bencher, n, &ParetoNbd::of(PARETO));
}
