//! What the data make of the parameters.

use leadfold_clv::{BgNbd, Convergence, Direction, FitError, MbgNbd, Pattern, Patterns};

use crate::cdnow::{master, patterns, sample};
use crate::gold::assert_close;
use crate::gold_fit::assert_gold;

#[test]
fn bg_nbd_of_cdnow_is_the_gold_one() {
    let Some(purchases) = sample() else { return };
    assert_gold(&BgNbd::fit(&patterns(&purchases)).expect("it converges"), "bg_nbd");
}

#[test]
fn mbg_nbd_of_cdnow_is_the_gold_one() {
    let Some(purchases) = sample() else { return };
    assert_gold(&MbgNbd::fit(&patterns(&purchases)).expect("it converges"), "mbg_nbd");
}

#[test]
fn bg_nbd_of_all_customers_of_cdnow() {
    let Some(purchases) = master() else { return };
    let fit = BgNbd::fit(&patterns(&purchases)).expect("it converges");
    let expected = [0.251_623_958_852, 4.788_942_961_860, 0.723_433_576_757, 2.161_088_358_941];
    for (estimate, expected) in fit.estimates().iter().zip(expected) {
        assert_close(estimate.value, expected, 1e-11, estimate.name);
    }
    assert!((fit.log_likelihood + 95_368.443_933_16).abs() < 1e-7);
}

fn fit_both(rows: &[(u32, f64, f64, u64)]) -> [Convergence; 2] {
    let rows = rows.iter().map(|(x, t_x, t, customers)| Pattern {
        x: *x,
        t_x: *t_x,
        t: *t,
        customers: *customers,
    });
    let patterns = Patterns::new(rows).expect("they are possible");
    let bg = BgNbd::fit(&patterns).expect("an answer").convergence;
    [bg, MbgNbd::fit(&patterns).expect("an answer").convergence]
}

/// Everybody buys up to the end: nobody ever leaves.
#[test]
fn where_nobody_leaves_the_fit_says_so() {
    let rows = [(3, 40.0, 40.0, 50), (8, 40.0, 40.0, 50), (1, 40.0, 40.0, 50)];
    for convergence in fit_both(&rows) {
        let Convergence::Boundary { parameter, direction, limit } = convergence else {
            panic!("{convergence:?}")
        };
        assert!(
            matches!((parameter, direction), ("a", Direction::Zero) | ("b", Direction::Infinity)),
            "{parameter} {direction:?}"
        );
        assert!(limit.is_some_and(f64::is_finite));
    }
}

/// All buy as if at one rate: the spread of the rates goes to nothing.
#[test]
fn where_all_are_alike_the_fit_says_so() {
    let rows: Vec<_> = (0..20).map(|i| (4_u32, 30.0 + f64::from(i), 52.0, 10)).collect();
    for convergence in fit_both(&rows) {
        assert!(
            matches!(
                convergence,
                Convergence::Boundary {
                    parameter: "r" | "alpha",
                    direction: Direction::Infinity,
                    ..
                } | Convergence::Boundary { parameter: "a" | "b", .. }
            ),
            "{convergence:?}"
        );
    }
}

#[test]
fn too_few_repeaters_are_refused() {
    let rows = [
        Pattern { x: 0, t_x: 0.0, t: 10.0, customers: 1_000 },
        Pattern { x: 1, t_x: 5.0, t: 10.0, customers: 3 },
    ];
    let patterns = Patterns::new(rows).expect("they are possible");
    let error = BgNbd::fit(&patterns).expect_err("three are too few");
    assert_eq!(error, FitError::TooFewRepeaters { expected: 10, found: 3, customers: 1_003 });
    let text = error.to_string();
    assert!(text.contains("expected at least 10") && text.contains("found 3 of 1003"), "{text}");
}

/// A few bought again after a month, and most came last week.
#[test]
fn a_watch_shorter_than_the_time_between_purchases_is_refused() {
    let recent = Pattern { x: 0, t_x: 0.0, t: 1.0, customers: 1_000 };
    let old =
        (0..30).map(|i| Pattern { x: 1 + i % 2, t_x: 4.0 + f64::from(i), t: 40.0, customers: 1 });
    let rows: Vec<Pattern> = old.chain([recent]).collect();
    let patterns = Patterns::new(rows.iter().copied()).expect("they are possible");
    let error = BgNbd::fit(&patterns).expect_err("nobody knows yet");
    let FitError::WatchTooShort { cycle, watch } = error else { panic!("{error}") };
    assert!(cycle > 10.0 && watch < 3.0, "{cycle} {watch}");
    let text = error.to_string();
    for part in ["expected more than", "found 2.136", "watch them for longer, or leave those out"] {
        assert!(text.contains(part), "{text}");
    }
    MbgNbd::fit(&patterns).expect_err("all models ask for it");
    let kept = rows.into_iter().filter(|row| row.t >= cycle);
    BgNbd::fit(&Patterns::new(kept).expect("they are possible")).expect("the advice helps");
}
