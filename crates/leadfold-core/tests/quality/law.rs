//! What must hold for every list of leads.

use leadfold_core::metrics::{
    CalibrationBin, Judged, Unmeasured, auc, brier, calibration_by_quantile, calibration_by_width,
    lift, log_loss,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::naive::{self, Flaw};

/// Probabilities of which many are equal and many lie on an edge.
fn leads() -> impl Strategy<Value = Vec<Judged>> {
    let score = prop_oneof![
        (0..=10_u8).prop_map(|tenths| f64::from(tenths) / 10.0),
        0.0..=1.0_f64,
        Just(-0.0),
    ];
    let lead = (score, any::<bool>()).prop_map(|(score, is_won)| Judged { score, is_won });
    vec(lead, 1..40)
}

/// What the suite says of whatever claims to compute the figures.
fn agrees(leads: &[Judged], k: usize, n_bins: usize, flaw: Flaw) -> Result<(), TestCaseError> {
    prop_assert_eq!(auc(leads).ok(), naive::auc(leads, flaw));
    if leads.iter().any(|lead| lead.is_won) {
        let found = lift(leads, k).ok().and_then(|lift| lift.ratio()).expect("it is defined");
        prop_assert!((found - naive::lift(leads, k, flaw)).abs() < 1e-9);
    }
    let counts = |bins: Result<Vec<CalibrationBin>, Unmeasured>| {
        let bins = bins.expect("probabilities, and a sound number of bins");
        bins.iter().map(|bin| (bin.won.num, bin.won.den)).collect::<Vec<_>>()
    };
    let by_width = counts(calibration_by_width(leads, n_bins));
    prop_assert_eq!(by_width, naive::by_width(leads, n_bins, flaw));
    let by_quantile = counts(calibration_by_quantile(leads, n_bins));
    prop_assert_eq!(by_quantile, naive::by_quantile(leads, n_bins, flaw));
    Ok(())
}

fn case() -> impl Strategy<Value = (Vec<Judged>, usize, usize)> {
    (leads(), any::<prop::sample::Index>(), 1..12_usize)
        .prop_map(|(leads, k, n_bins)| (leads.clone(), k.index(leads.len()) + 1, n_bins))
}

#[test]
fn every_flaw_of_a_figure_is_noticed() {
    for flaw in [Flaw::Ties, Flaw::FirstCome, Flaw::UpperEdge, Flaw::Parted] {
        let config = Config { cases: 2_000, failure_persistence: None, ..Config::default() };
        let found = TestRunner::new(config)
            .run(&case(), |(leads, k, n_bins)| agrees(&leads, k, n_bins, flaw));
        assert!(found.is_err(), "{flaw:?} went unnoticed");
    }
}

proptest! {
    #[test]
    fn figures_are_those_of_their_definitions((leads, k, n_bins) in case()) {
        agrees(&leads, k, n_bins, Flaw::None)?;
    }

    #[test]
    fn no_figure_depends_on_the_order_of_the_leads(
        (leads, k, n_bins) in case(),
        turn in any::<prop::sample::Index>(),
    ) {
        let mut turned = leads.clone();
        turned.rotate_left(turn.index(leads.len()));
        turned.reverse();
        prop_assert_eq!(auc(&leads), auc(&turned));
        prop_assert_eq!(brier(&leads), brier(&turned));
        prop_assert_eq!(log_loss(&leads).ok(), log_loss(&turned).ok());
        prop_assert_eq!(lift(&leads, k), lift(&turned, k));
        prop_assert_eq!(
            calibration_by_width(&leads, n_bins), calibration_by_width(&turned, n_bins)
        );
        prop_assert_eq!(
            calibration_by_quantile(&leads, n_bins), calibration_by_quantile(&turned, n_bins)
        );
    }

    #[test]
    fn the_auc_needs_the_order_only(leads in leads()) {
        let points: Vec<Judged> =
            leads.iter().map(|lead| Judged { score: lead.score * 64.0 - 8.0, ..*lead }).collect();
        let turned: Vec<Judged> =
            leads.iter().map(|lead| Judged { is_won: !lead.is_won, ..*lead }).collect();
        let (found, turned) = (auc(&leads).ok(), auc(&turned).ok());
        // A score is as good at finding the won as its opposite at finding the lost.
        if let (Some(found), Some(turned)) = (found, turned) {
            prop_assert_eq!(found.num + turned.num, found.den);
        }
        // Two scores that differ by a rounding error would tie as points.
        let has_gaps = leads.iter().all(|lead| (lead.score * 10.0).fract() == 0.0);
        if has_gaps {
            prop_assert_eq!(auc(&points).ok(), found);
        }
    }

    #[test]
    fn losses_are_what_they_are_lead_by_lead(leads in leads()) {
        let n = leads.len() as f64;
        let y = |lead: &Judged| if lead.is_won { 1.0 } else { 0.0 };
        let squares: f64 = leads.iter().map(|lead| (lead.score - y(lead)).powi(2)).sum();
        prop_assert!((brier(&leads).expect("probabilities") - squares / n).abs() < 1e-12);
        let chance = |lead: &Judged| {
            if lead.is_won { lead.score } else { 1.0 - lead.score }
        };
        match log_loss(&leads) {
            Ok(found) => {
                let logs: f64 = leads.iter().map(|lead| chance(lead).ln()).sum();
                prop_assert!(found.is_finite() && (found + logs / n).abs() < 1e-9);
            }
            Err(fault) => {
                let first = leads.iter().position(|lead| [0.0, 1.0].contains(&lead.score));
                let index = first.expect("only certain probabilities have no log loss");
                prop_assert_eq!(fault, Unmeasured::Certain { index, found: leads[index].score });
            }
        }
    }

    #[test]
    fn no_score_makes_a_figure_panic(
        drawn in vec((proptest::num::f64::ANY, any::<bool>()), 0..8),
        k in 0..10_usize,
        n_bins in 0..20_000_usize,
    ) {
        let leads: Vec<Judged> =
            drawn.into_iter().map(|(score, is_won)| Judged { score, is_won }).collect();
        let finite = [brier(&leads).ok(), log_loss(&leads).ok()].into_iter().flatten();
        prop_assert!(finite.into_iter().all(f64::is_finite));
        let _ = (auc(&leads), lift(&leads, k));
        let _ = (calibration_by_width(&leads, n_bins), calibration_by_quantile(&leads, n_bins));
    }

    #[test]
    fn bins_hold_every_lead_once((leads, _, n_bins) in case()) {
        let by_width = calibration_by_width(&leads, n_bins);
        for bins in [by_width, calibration_by_quantile(&leads, n_bins)] {
            let bins = bins.expect("probabilities");
            prop_assert_eq!(bins.iter().map(|bin| bin.won.den).sum::<u64>(), leads.len() as u64);
            for bin in bins {
                let is_in = |mean: f64| bin.from - 1e-12 <= mean && mean <= bin.to + 1e-12;
                prop_assert!(bin.mean.is_none_or(is_in));
                prop_assert_eq!(bin.mean.is_none(), bin.won.den == 0);
            }
        }
    }
}
