//! Data without a best value of some parameter.

use leadfold_clv::{Convergence, Direction, Fit, FitError, ParetoNbd, Pattern, Patterns};

fn patterns(rows: impl IntoIterator<Item = (u32, f64, f64, u64)>) -> Patterns {
    let rows = rows.into_iter().map(|(x, t_x, t, customers)| Pattern { x, t_x, t, customers });
    Patterns::new(rows).expect("they are possible")
}

fn left(fit: &Fit<ParetoNbd, 4>) -> (&'static str, Direction) {
    let Convergence::Boundary { parameter, direction, limit } = fit.convergence else {
        panic!("{fit:?}")
    };
    assert!(limit.is_some_and(f64::is_finite) && fit.covariance.is_none());
    assert!(fit.estimates().iter().all(|estimate| estimate.interval.is_none()));
    (parameter, direction)
}

/// Everybody has just bought.
#[test]
fn where_nobody_leaves_the_fit_says_so() {
    let rows = patterns([(3, 40.0, 40.0, 50), (8, 40.0, 40.0, 50), (1, 40.0, 40.0, 50)]);
    let (parameter, direction) = left(&ParetoNbd::fit(&rows).expect("an answer"));
    assert!(
        matches!((parameter, direction), ("s", Direction::Zero) | ("beta", Direction::Infinity)),
        "{parameter} {direction:?}"
    );
}

/// All buy four times in 52 weeks: as if at one rate, the spread of the rates goes to nothing, and
/// as if nobody left. The limit is that of one rate for all.
#[test]
fn where_all_are_alike_the_fit_says_so() {
    let rows = patterns((0..20).map(|i| (4, 30.0 + f64::from(i), 52.0, 10)));
    let fit = ParetoNbd::fit(&rows).expect("an answer");
    let (parameter, direction) = left(&fit);
    assert_eq!(direction, Direction::Infinity, "{parameter}");
    let limit = 200.0 * (4.0 * (4.0_f64 / 52.0).ln() - 4.0);
    assert!((fit.log_likelihood - limit).abs() < 0.1, "{} {limit}", fit.log_likelihood);
}

/// All buy a few times at once, and never again: all leave early, all alike.
#[test]
fn where_all_leave_at_once_the_fit_says_so() {
    let rows = patterns((1..9).map(|i| (i % 4, f64::from(i % 4) * 0.1, 100.0, 20)));
    let (parameter, direction) = left(&ParetoNbd::fit(&rows).expect("an answer"));
    assert_eq!(direction, Direction::Infinity, "{parameter}");
}

/// Few customers, as if all left at one rate: the likelihood rises for ever, by less and less, as
/// the spread of the rates of leaving goes to nothing. Far out its curvature is that of rounding,
/// which must not pass for a top.
#[test]
fn a_ridge_far_out_is_no_top() {
    let days: [&[i32]; 11] = [
        &[21, 25],
        &[4, 5, 35, 52, 69, 82],
        &[4, 29, 38, 44, 85],
        &[15, 20, 22, 54, 59, 61],
        &[17, 48],
        &[5, 9, 14, 20, 55, 60],
        &[7, 60],
        &[0, 3, 22, 62],
        &[20, 21, 33, 49, 53, 57, 70, 93],
        &[21],
        &[6, 19, 49],
    ];
    let rows = patterns(days.map(|days| {
        let weeks = |last: i32| f64::from(last - days[0]) / 7.0;
        (days.len() as u32 - 1, weeks(days[days.len() - 1]), weeks(100), 1)
    }));
    let fit = ParetoNbd::fit(&rows).expect("an answer");
    let (parameter, direction) = left(&fit);
    assert!(matches!(parameter, "s" | "beta"), "{parameter}");
    assert_eq!(direction, Direction::Infinity);
    // The limit is that of one rate of leaving: no spread that is nearer by comes up to it.
    let rate = fit.model.s / fit.model.beta;
    for s in [0.5, 3.0, 50.0, 1e3, 1e4] {
        let nearer = ParetoNbd { s, beta: s / rate, ..fit.model };
        assert!(nearer.log_likelihood(&rows) < fit.log_likelihood - 1e-6 / s.sqrt(), "{s}");
    }
}

/// Watched for no time at all.
#[test]
fn where_there_was_no_time_there_is_an_answer() {
    let rows = patterns([(2, 0.0, 0.0, 30), (0, 0.0, 0.0, 30)]);
    let fit = ParetoNbd::fit(&rows);
    assert!(fit.is_err() || fit.is_ok_and(|fit| !fit.convergence.is_interior()));
}

#[test]
fn too_few_repeaters_are_refused() {
    for rows in [
        patterns([(0, 0.0, 10.0, 1_000)]),
        patterns([(5, 8.0, 10.0, 1)]),
        patterns([(0, 0.0, 10.0, 1_000), (1, 5.0, 10.0, 9)]),
        Patterns::default(),
    ] {
        let error = ParetoNbd::fit(&rows).expect_err("too few bought again");
        let (found, customers) = (rows.repeaters(), rows.customers());
        assert_eq!(error, FitError::TooFewRepeaters { expected: 10, found, customers });
    }
}
