//! Are the errors that a fit tells the errors that it makes?

use leadfold_clv::{BgNbd, Counts, Fit, ParetoNbd, Pattern, Patterns, Purchases};

use crate::cdnow::{END, WEEK, patterns, sample};
use crate::gold::assert_close;
use crate::simulated::{Dice, TRUE, customers};

const CUSTOMERS: usize = 2_357;

fn fit(rows: impl IntoIterator<Item = Pattern>) -> Fit<BgNbd, 4> {
    BgNbd::fit(&Patterns::new(rows).expect("they are possible")).expect("it converges")
}

/// A thousand companies whose customers buy as the model says: the intervals of 95 % hold the
/// truth in 93 to 97 of a hundred, and no fit goes wrong.
#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    const COMPANIES: u64 = 1_000;
    let mut held = [0; 4];
    for seed in 1..=COMPANIES {
        let fit = fit(customers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15), CUSTOMERS));
        assert!(fit.convergence.is_interior(), "seed {seed}: {:?}", fit.convergence);
        for (i, estimate) in fit.estimates().iter().enumerate() {
            let (low, high) = estimate.interval.expect("it is at a maximum");
            held[i] += u64::from(low <= TRUE[i] && TRUE[i] <= high);
        }
    }
    println!("held of {COMPANIES}: {held:?}");
    assert!(held.iter().all(|held| (930..=970).contains(held)), "{held:?}");
}

/// What all customers will buy, with an error by the delta method, and by fitting again to
/// customers drawn from the same ones.
#[test]
fn the_error_of_a_total_is_that_of_fits_to_other_customers() {
    const DRAWS: usize = 500;
    let all = customers(7, CUSTOMERS);
    let total = |model: &BgNbd| -> f64 {
        all.iter().map(|row| model.expected(row.x, row.t_x, row.t, 39.0)).sum()
    };
    let told = fit(all.iter().copied()).estimate_of("total", total);
    let mut dice = Dice(11);
    let logs: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let drawn = (0..CUSTOMERS).map(|_| all[(dice.next() * CUSTOMERS as f64) as usize]);
            total(&fit(drawn).model).ln()
        })
        .collect();
    let mean = logs.iter().sum::<f64>() / DRAWS as f64;
    let spread = logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / (DRAWS - 1) as f64;
    let told = told.standard_error.expect("it is at a maximum") / told.value;
    println!("told {told:.4}, drawn {:.4}", spread.sqrt());
    assert!((told / spread.sqrt() - 1.0).abs() < 0.15, "told {told}, drawn {}", spread.sqrt());
}

/// A parameter is a number that the model makes, too: the two ways to its error agree.
#[test]
fn the_error_of_a_parameter_is_the_same_both_ways() {
    let fit = fit(customers(3, CUSTOMERS));
    let both = [
        (fit.estimates()[0], fit.estimate_of("r", |model| model.r)),
        (fit.estimates()[3], fit.estimate_of("b", |model| model.b)),
    ];
    for (parameter, number) in both {
        let error = |estimate: leadfold_clv::Estimate| estimate.standard_error.expect("interior");
        assert_close(error(number), error(parameter), 1e-8, number.name);
    }
}

/// Whatever the order of the log and however it is split by customers: the same bits.
#[test]
fn order_and_parts_change_no_bit_of_a_fit() {
    let Some(purchases) = sample() else { return };
    let whole = BgNbd::fit(&patterns(&purchases)).expect("it converges");
    let mut counts = Counts::default();
    for part in [2, 0, 1] {
        let of = purchases.histories(END).filter(|(customer, _)| customer % 3 == part);
        counts.merge(&of.map(|(_, history)| history).collect());
    }
    let parts = counts.patterns(END, WEEK).expect("nobody bought after the end");
    assert_eq!(BgNbd::fit(&parts), Ok(whole));
    assert_eq!(ParetoNbd::fit(&parts), ParetoNbd::fit(&patterns(&purchases)));
    let mut rows: Vec<Pattern> = parts.rows().to_vec();
    rows.reverse();
    // Histories that come apart from each other, and customers that come one by one.
    let alone = |row: Pattern| (0..row.customers).map(move |_| Pattern { customers: 1, ..row });
    let one_by_one: Vec<Pattern> = rows.iter().copied().flat_map(alone).collect();
    let apart = (0..7).flat_map(|k| one_by_one.iter().skip(k).step_by(7).copied());
    assert_eq!(fit(apart.collect::<Vec<_>>()), whole);
    assert_eq!(fit(rows), whole);
    let mut twice = Purchases::default();
    twice.merge(purchases.clone());
    assert_eq!(BgNbd::fit(&patterns(&twice)), Ok(whole));
}
