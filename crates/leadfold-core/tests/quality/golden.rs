//! Figures worked out by hand, and what has none.

use leadfold_core::metrics::{
    CalibrationBin, Fraction, Judged, Rate, Unmeasured, auc, brier, calibration_by_quantile,
    calibration_by_width, lift, log_loss,
};
use serde_json::json;

fn leads<const N: usize>(leads: [(f64, bool); N]) -> Vec<Judged> {
    leads.into_iter().map(|(score, is_won)| Judged { score, is_won }).collect()
}

/// Ten leads, four of them won.
fn ten() -> Vec<Judged> {
    leads([
        (0.9, true),
        (0.8, true),
        (0.7, false),
        (0.6, true),
        (0.5, false),
        (0.5, true),
        (0.3, false),
        (0.2, false),
        (0.2, false),
        (0.1, false),
    ])
}

#[test]
fn the_brier_score() {
    // Won: 0.01 + 0.04 + 0.16 + 0.25; lost: 0.49 + 0.25 + 0.09 + 0.04 + 0.04 + 0.01.
    assert!((brier(&ten()).expect("ten leads") - 0.138).abs() < 1e-12);
    assert_eq!(brier(&leads([(0.0, true), (1.0, false)])), Ok(1.0));
    assert_eq!(brier(&leads([(1.0, true), (0.0, false)])), Ok(0.0));
}

#[test]
fn the_log_loss() {
    // ln 2, ln 4 and ln (4/3), by three.
    let found = log_loss(&leads([(0.5, true), (0.25, true), (0.25, false)])).expect("three leads");
    assert!((found - (32.0_f64 / 3.0).ln() / 3.0).abs() < 1e-15);
    // Small probabilities keep what they are worth.
    let tiny = log_loss(&leads([(1e-20, false)])).expect("one lead");
    assert!((tiny - 1e-20).abs() < 1e-35);
}

#[test]
fn the_auc() {
    // Of 24 pairs: 0.9 and 0.8 beat all 6, 0.6 beats 5, 0.5 beats 4 and ties one.
    assert_eq!(auc(&ten()), Ok(Fraction { num: 2 * (6 + 6 + 5 + 4) + 1, den: 48 }));
    assert_eq!(auc(&leads([(1.0, true), (1.0, false)])), Ok(Fraction { num: 1, den: 2 }));
    assert_eq!(auc(&leads([(0.0, true), (-0.0, false)])), Ok(Fraction { num: 1, den: 2 }));
    assert_eq!(auc(&leads([(-5.0, true), (70.0, false)])), Ok(Fraction { num: 0, den: 2 }));
}

#[test]
fn the_lift() {
    let ratio = |k| lift(&ten(), k).ok().and_then(Fraction::ratio);
    // 2 of 2 over 4 of 10; 3 of 4; 3.5 of 5 since one of the tied two is won; all.
    assert_eq!([2, 4, 5, 10].map(ratio), [Some(2.5), Some(1.875), Some(1.75), Some(1.0)]);
    assert_eq!(lift(&ten(), 4), Ok(Fraction { num: 3 * 10, den: 4 * 4 }));
}

#[test]
fn calibration_by_equal_width() {
    let bins = calibration_by_width(&ten(), 5).expect("ten leads");
    let rates: Vec<(u64, u64)> = bins.iter().map(|bin| (bin.won.num, bin.won.den)).collect();
    // Edges belong to the bin above: 0.2 is in the second, 0.6 and 0.8 in the last two.
    assert_eq!(rates, [(0, 1), (0, 3), (1, 2), (1, 2), (2, 2)]);
    let means: Vec<String> =
        bins.iter().map(|bin| format!("{:.3}", bin.mean.unwrap_or(f64::NAN))).collect();
    assert_eq!(means, ["0.100", "0.233", "0.500", "0.650", "0.850"]);
    assert_eq!((bins[1].from, bins[1].to), (0.2, 0.4));
    let empty = calibration_by_width(&leads([(1.0, true)]), 2).expect("one lead")[0];
    assert_eq!(
        empty,
        CalibrationBin { from: 0.0, to: 0.5, mean: None, won: Rate { num: 0, den: 0 } }
    );
}

#[test]
fn an_edge_is_where_it_is_written() {
    // 0.29 * 100 is 28.999999999999996, and 0.29 is in the bin from 0.29 on nevertheless.
    let bins = calibration_by_width(&leads([(0.29, true)]), 100).expect("one lead");
    assert_eq!((bins[28].won.den, bins[29].won.den), (0, 1));
}

#[test]
fn calibration_by_quantile_keeps_ties_together() {
    let bins = calibration_by_quantile(&ten(), 4).expect("ten leads");
    let rows: Vec<(f64, f64, u64, u64)> =
        bins.iter().map(|bin| (bin.from, bin.to, bin.won.num, bin.won.den)).collect();
    // Ranks 0 1 1 3 4 4 6 7 8 9, times 4, by 10.
    assert_eq!(rows, [(0.1, 0.2, 0, 3), (0.3, 0.5, 1, 3), (0.6, 0.7, 1, 2), (0.8, 0.9, 2, 2)]);
    let tied = calibration_by_quantile(&leads([(0.4, true); 5]), 3).expect("five leads");
    assert_eq!((tied.len(), tied[0].won), (1, Rate { num: 5, den: 5 }));
}

#[test]
fn nothing_has_no_figure() {
    assert_eq!(auc(&[]), Err(Unmeasured::Empty));
    assert_eq!(brier(&[]), Err(Unmeasured::Empty));
    assert_eq!(log_loss(&[]), Err(Unmeasured::Empty));
    assert_eq!(calibration_by_width(&[], 10), Err(Unmeasured::Empty));
    assert_eq!(calibration_by_quantile(&[], 10), Err(Unmeasured::Empty));
    assert_eq!(lift(&[], 1), Err(Unmeasured::Empty));
}

#[test]
fn one_class_has_no_order_to_judge() {
    let (won, lost) = (leads([(0.5, true), (0.7, true)]), leads([(0.5, false)]));
    assert_eq!(auc(&won), Err(Unmeasured::OneClass { is_won: true }));
    assert_eq!(auc(&lost), Err(Unmeasured::OneClass { is_won: false }));
    assert_eq!(lift(&lost, 1), Err(Unmeasured::OneClass { is_won: false }));
    assert_eq!(lift(&won, 1).ok().and_then(Fraction::ratio), Some(1.0));
    assert_eq!(brier(&lost), Ok(0.25));
    assert_eq!(log_loss(&lost), Ok(std::f64::consts::LN_2));
}

fn check(found: Result<impl std::fmt::Debug, Unmeasured>, expected: &str) {
    assert_eq!(found.expect_err("no figure").to_string(), expected);
}

#[test]
fn what_has_no_figure_says_why() {
    let with = |score| leads([(0.5, true), (score, false)]);
    check(auc(&[]), "expected at least one lead, found none; widen the period");
    check(
        auc(&leads([(1.0, true)])),
        "expected won and lost leads, found only won ones; widen the period",
    );
    check(
        auc(&with(f64::NAN)),
        "expected finite scores, found NaN at index 1; leave that lead out",
    );
    check(
        lift(&with(f64::NEG_INFINITY), 1),
        "expected finite scores, found -inf at index 1; leave that lead out",
    );
    check(
        brier(&with(40.0)),
        "expected probabilities from 0 to 1, found 40 at index 1; points have to be turned into \
         probabilities first",
    );
    check(
        log_loss(&with(0.0)),
        "expected probabilities above 0 and below 1, found 0 at index 1; take the score from \
         before the outcome, or bound it",
    );
    check(
        lift(&with(0.1), 3),
        "expected the first 1 to 2 leads to be asked for, found 3; ask for as many",
    );
    check(
        calibration_by_width(&with(0.1), 0),
        "expected at least 1 bin and at most 10000, found 0; ask for as many",
    );
    check(
        calibration_by_quantile(&with(-0.1), 2),
        "expected probabilities from 0 to 1, found -0.1 at index 1; points have to be turned into \
         probabilities first",
    );
}

#[test]
fn a_fraction_is_written_with_its_parts() {
    let auc = auc(&leads([(1.0, true), (1.0, false)])).expect("both classes");
    let written = serde_json::to_value(auc).expect("writes");
    assert_eq!(written, json!({ "num": 1, "den": 2, "ratio": 0.5 }));
}
