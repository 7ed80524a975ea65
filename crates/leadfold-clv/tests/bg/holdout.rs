//! Was the model right? CDNOW's second half, and the curves of others.

use leadfold_clv::{BgNbd, Buying, Discount, Holdout, MbgNbd, tracking};
use serde_json::Value;

use crate::cdnow::{END, UNTIL, WEEK, histories, sample};
use crate::gold::{assert_close, json, number};

fn models() -> Option<(BgNbd, MbgNbd)> {
    let fits = json("clv/gold_params_exact_weeks.json")?;
    let of = |model: &str, name: &str| number(&fits[model]["params"][name]);
    let bg = |name| of("bg_nbd", name);
    let mbg = |name| of("mbg_nbd", name);
    Some((
        BgNbd { r: bg("r"), alpha: bg("alpha"), a: bg("a"), b: bg("b") },
        MbgNbd { r: mbg("r"), alpha: mbg("alpha"), a: mbg("a"), b: mbg("b") },
    ))
}

fn assert_holdout(model: &impl Buying, name: &str, gold: &Value) {
    let Some(purchases) = sample() else { return };
    let found = Holdout::of(model, &purchases, (END, UNTIL), WEEK);
    assert_eq!(found.rows.len(), 8);
    for row in &found.rows {
        let expected = &gold["holdout39_by_frequency"][row.repeats.to_string()];
        assert_eq!(row.customers as f64, number(&expected["n"]));
        assert_eq!(row.actual as f64, number(&expected["actual"]));
        assert_close(row.expected, number(&expected[name]), 1e-10, name);
    }
    assert_eq!(found.actual(), 1_882);
    assert_close(found.expected(), number(&gold["holdout39_total"][name]), 1e-10, name);
}

fn assert_curve(model: &impl Buying, name: &str, gold: &Value) {
    let Some(purchases) = sample() else { return };
    let found = tracking(model, &purchases, (END, UNTIL), 7, WEEK);
    assert_eq!(found.len(), 78);
    for (week, row) in found.iter().enumerate() {
        assert_eq!(row.actual as f64, number(&gold["actual_cum"][week]), "week {}", week + 1);
        assert_close(row.expected, number(&gold[name][week]), 1e-10, name);
    }
}

#[test]
fn the_holdout_is_that_of_the_reference() {
    let (Some((bg, mbg)), Some(gold)) = (models(), json("clv/tracking78.json")) else { return };
    assert_holdout(&bg, "bg", &gold);
    assert_holdout(&mbg, "mbg", &gold);
}

#[test]
fn the_curve_of_78_weeks_is_that_of_the_reference() {
    let (Some((bg, mbg)), Some(gold)) = (models(), json("clv/tracking78.json")) else { return };
    assert_curve(&bg, "bg_nbd_expected_cum", &gold);
    assert_curve(&mbg, "mbg_nbd_expected_cum", &gold);
}

#[test]
fn the_bias_is_what_was_missed() {
    let (Some((bg, mbg)), Some(purchases)) = (models(), sample()) else { return };
    let holdout = Holdout::of(&bg, &purchases, (END, UNTIL), WEEK);
    assert!((holdout.bias().expect("they bought") + 0.121).abs() < 1e-3);
    let holdout = Holdout::of(&mbg, &purchases, (END, UNTIL), WEEK);
    assert!((holdout.bias().expect("they bought") + 0.162).abs() < 1e-3);
}

#[test]
fn the_bins_of_the_calibration_are_those_of_the_reference() {
    let (Some((bg, mbg)), Some(purchases)) = (models(), sample()) else { return };
    let Some(gold) = json("clv/pmf_and_frequency.json") else { return };
    let weeks: Vec<f64> =
        histories(&purchases).iter().map(|h| f64::from(END.0 - h.first) / WEEK).collect();
    for (key, probabilities) in [
        ("bg_expected_freq_0..7+", &(|t| bg.probabilities(6, t)) as &dyn Fn(f64) -> Vec<f64>),
        ("mbg_expected_freq_0..7+", &|t| mbg.probabilities(6, t)),
    ] {
        let mut bins = [0.0; 7];
        for t in &weeks {
            bins.iter_mut().zip(probabilities(*t)).for_each(|(bin, p)| *bin += p);
        }
        for (n, bin) in bins.iter().enumerate() {
            assert_close(*bin, number(&gold[key][n]), 1e-10, key);
        }
    }
}

/// The reference discounts twelve months of 4.345 weeks at 1 % each, and knows the spend.
#[test]
fn a_years_value_is_that_of_the_reference() {
    let (Some((bg, mbg)), Some(file)) = (models(), json("clv/customers20.json")) else { return };
    let year = Discount { period: 4.345, periods: 12, rate: 0.01 };
    for customer in file["customers"].as_array().expect("a list") {
        let of = |field: &str| number(&customer[field]);
        let (x, t_x, t) = (of("x") as u32, of("tx_days") / 7.0, of("T_days") / 7.0);
        let spend = of("gg_expected_spend");
        let found = year.purchases(&bg, x, t_x, t) * spend;
        assert_close(found, number(&customer["bg"]["clv12"]), 1e-12, "BG/NBD");
        let found = year.purchases(&mbg, x, t_x, t) * spend;
        assert_close(found, number(&customer["mbg"]["clv12"]), 1e-12, "MBG/NBD");
    }
}

/// What would be noticed: a week more or less, and a customer's year at another rate.
#[test]
fn another_week_is_noticed() {
    let (Some((bg, _)), Some(gold)) = (models(), json("clv/tracking78.json")) else { return };
    let Some(purchases) = sample() else { return };
    for days in [-1, 1] {
        let until = leadfold_clv::Day(UNTIL.0 + days);
        let expected = Holdout::of(&bg, &purchases, (END, until), WEEK).expected();
        assert!((expected / number(&gold["holdout39_total"]["bg"]) - 1.0).abs() > 1e-4);
    }
}
