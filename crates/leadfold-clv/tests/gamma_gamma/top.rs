//! No fit ends below the top, against a search that knows no slope and begins everywhere.

use leadfold_clv::{Convergence, Direction, Fit, GammaGamma, Spend, Spends};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::draw::assert_caught;
use crate::simulated::Dice;

type Point = [f64; 3];

/// What kinds of shops there are: how a customer's mean is drawn, and what a purchase is of it.
#[derive(Clone, Copy, Debug)]
enum Shop {
    /// As the model has it.
    Gamma(f64, f64),
    /// Cheap things and dear ones, a customer buys either.
    TwoPrices(f64),
    /// Few spend nearly everything.
    HeavyTail(f64),
    /// One price list for all, a purchase is of anything on it.
    PriceList(f64),
    /// Each pays much the same each time.
    Steady(f64),
}

impl Shop {
    fn mean(self, dice: &mut Dice) -> f64 {
        match self {
            Self::Gamma(_, q) => 1_000.0 * q / dice.gamma(q),
            Self::TwoPrices(ratio) if dice.next() < 0.5 => 1_000.0 * ratio,
            Self::TwoPrices(_) | Self::PriceList(_) => 1_000.0,
            Self::HeavyTail(tail) | Self::Steady(tail) => 1_000.0 * dice.next().powf(-1.0 / tail),
        }
    }

    fn purchase(self, mean: f64, dice: &mut Dice) -> f64 {
        let spend = match self {
            Self::Gamma(p, _) => mean * dice.gamma(p) / p,
            Self::TwoPrices(_) => mean,
            Self::HeavyTail(_) => mean * (0.5 + dice.next()),
            Self::PriceList(ratio) => mean * ratio.powf((4.0 * dice.next()).floor()),
            Self::Steady(_) => mean * (0.99 + 0.02 * dice.next()),
        };
        spend.round().max(1.0)
    }
}

fn shops() -> impl Strategy<Value = Shop> {
    prop_oneof![
        (0.2..20.0, 0.3..20.0).prop_map(|(p, q)| Shop::Gamma(p, q)),
        (1.5..200.0).prop_map(Shop::TwoPrices),
        (0.3..3.0).prop_map(Shop::HeavyTail),
        (1.1..10.0).prop_map(Shop::PriceList),
        (0.3..3.0).prop_map(Shop::Steady),
    ]
}

fn spends() -> impl Strategy<Value = Spends> {
    (shops(), 10_usize..80, 1_u32..8, any::<u64>()).prop_map(|(shop, customers, most, seed)| {
        let mut dice = Dice(seed | 1);
        let rows = (0..customers).map(|customer| {
            let (x, mean) = (1 + customer as u32 % most, shop.mean(&mut dice));
            let total = (0..x).map(|_| shop.purchase(mean, &mut dice)).sum();
            Spend { x, total, customers: 1 }
        });
        Spends::new(rows).expect("they are possible")
    })
}

/// The likelihood as it is published.
fn height(spends: &Spends, at: Point) -> f64 {
    let [p, q, v] = at.map(f64::exp);
    let one = |row: &Spend| {
        let (x, total) = (f64::from(row.x), row.total);
        let shape = p * x;
        let shapes = libm::lgamma(shape + q) - libm::lgamma(shape) - libm::lgamma(q);
        let money = q * (total / v).ln_1p() + shape * (v / total).ln_1p();
        row.customers as f64 * (shapes - money - (total / x).ln())
    };
    spends.rows().iter().map(one).sum()
}

/// Uphill in ever smaller steps (Hooke and Jeeves, 1961), along the parameters and the ridges.
fn climb(spends: &Spends, mut at: Point) -> f64 {
    const WAYS: [Point; 6] = [
        [1.0, 0.0, 0.0],
        [0.0, 1.0, 0.0],
        [0.0, 0.0, 1.0],
        [1.0, 0.0, -1.0],
        [0.0, 1.0, 1.0],
        [1.0, 1.0, 0.0],
    ];
    let (mut best, mut step) = (height(spends, at), 1.0);
    while step > 1e-4 {
        let mut is_higher = false;
        for (way, sign) in WAYS.iter().flat_map(|way| [(way, step), (way, -step)]) {
            let next: Point = std::array::from_fn(|i| (at[i] + sign * way[i]).clamp(-30.0, 30.0));
            // Beyond, the digits of the logarithms of gamma functions cancel out.
            let found = if next[0].max(next[1]) < 14.0 { height(spends, next) } else { best };
            if found > best {
                (best, at, is_higher) = (found, next, true);
            }
        }
        step *= if is_higher { 1.0 } else { 0.5 };
    }
    best
}

/// From the four highest places of a grid in each quarter of it.
fn highest(spends: &Spends) -> f64 {
    let mean = |row: &Spend| (row.total / f64::from(row.x)).ln();
    let level = spends.rows().iter().map(mean).sum::<f64>() / spends.rows().len() as f64;
    let side = |i: i32| -3.0 + 1.5 * f64::from(i);
    let quarter = |low_p: i32, low_q: i32| {
        let shapes = (low_p..low_p + 5).flat_map(|p| (low_q..low_q + 5).map(move |q| (p, q)));
        let places = shapes.flat_map(|(p, q)| {
            let level = level + side(q) - side(p);
            (-4..5).map(move |by| [side(p), side(q), level + f64::from(by)])
        });
        let mut places: Vec<_> = places.map(|at| (height(spends, at), at)).collect();
        places.sort_by(|one, other| other.0.total_cmp(&one.0));
        places.into_iter().take(4).map(|(_, at)| climb(spends, at)).fold(f64::MIN, f64::max)
    };
    [quarter(0, 0), quarter(0, 5), quarter(5, 0), quarter(5, 5)]
        .into_iter()
        .fold(f64::MIN, f64::max)
}

/// Or there is a ridge without an end.
fn is_top(spends: &Spends, fit: &Fit<GammaGamma, 3>) -> TestCaseResult {
    let (found, known) = (fit.log_likelihood, highest(spends));
    let tolerance = 1e-7 * (spends.customers() as f64 + known.abs());
    prop_assert!(found > known - tolerance, "{found}, but there is {known}: {fit:?}");
    let is_interior = fit.convergence.is_interior();
    let finite = |one: Option<f64>| one.is_none_or(f64::is_finite);
    for one in fit.estimates() {
        prop_assert_eq!(one.standard_error.is_some(), is_interior);
        prop_assert!(finite(one.standard_error) && finite(one.interval.map(|(low, _)| low)));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_fit_is_at_the_top_or_says_so(spends in spends()) {
        is_top(&spends, &GammaGamma::fit(&spends).expect("an answer"))?;
    }
}

/// A fit that stops below the top.
#[test]
fn the_law_catches_what_is_broken() {
    assert_caught(spends(), |spends| {
        let fit = GammaGamma::fit(&spends).expect("an answer");
        let log_likelihood = fit.log_likelihood - 1e-3 * (1.0 + fit.log_likelihood.abs());
        is_top(&spends, &Fit { log_likelihood, ..fit })
    });
}

/// Half the customers pay 1 each time, half pay 100: nobody's spend varies, and the means do, more
/// than a mean of them can bear. From the usual place the search goes the other way, to a ridge
/// where all means are alike, 5.6 below.
#[test]
fn the_ridge_where_nobodys_spend_varies_is_found() {
    let rows = (0..50).map(|i: u32| {
        let (x, price) = (1 + i % 5, if i % 2 == 1 { 100.0 } else { 10_000.0 });
        Spend { x, total: f64::from(x) * price, customers: 1 }
    });
    let spends = Spends::new(rows).expect("they are possible");
    let fit = GammaGamma::fit(&spends).expect("an answer");
    assert!((fit.log_likelihood + 455.9321).abs() < 1e-3, "{fit:?}");
    let Convergence::Boundary { parameter, direction, limit } = fit.convergence else {
        panic!("{fit:?}")
    };
    assert!(matches!((parameter, direction), ("p", Direction::Infinity) | ("v", Direction::Zero)));
    assert!(limit.is_some_and(|limit| (limit - fit.log_likelihood).abs() < 1e-9));
    assert!((fit.model.q - 0.40546).abs() < 1e-4, "{fit:?}");
    assert!((fit.model.p * fit.model.v - 8_103.0 * 0.009_908_7).abs() < 0.1, "{fit:?}");
    fit.model.expected_spend(0, 0.0).expect_err("the mean has no bound");
}

/// Two tops a little way from each other: .2 between them, and the usual place leads to the lower.
#[test]
fn of_two_near_tops_the_higher_counts() {
    let rows = [
        (1, 1_000, 8),
        (1, 7_692, 7),
        (1, 59_164, 8),
        (1, 455_080, 6),
        (2, 2_000, 1),
        (2, 8_692, 4),
        (2, 15_384, 3),
        (2, 60_164, 6),
        (2, 66_856, 5),
        (2, 456_080, 4),
        (2, 462_772, 2),
        (2, 514_244, 1),
        (2, 910_160, 3),
    ];
    let rows = rows.map(|(x, total, customers)| Spend { x, total: f64::from(total), customers });
    let spends = Spends::new(rows).expect("they are possible");
    let fit = GammaGamma::fit(&spends).expect("an answer");
    assert!(fit.log_likelihood > -714.4102, "{fit:?}");
    is_top(&spends, &fit).expect("there is none higher");
}
