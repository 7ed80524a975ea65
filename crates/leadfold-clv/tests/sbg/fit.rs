//! What a cohort makes of the parameters.

use leadfold_clv::{BadCohort, Cohort, Convergence, Direction, ShiftedBetaGeometric};
use serde_json::Value;

use crate::gold::{assert_close, json, number};

fn cohort(lost: &[u32], alive: u32) -> Cohort {
    Cohort::new(lost.to_vec(), alive).expect("it has two periods")
}

fn assert_gold(name: &str, gold: &Value) {
    let count = |value: &Value| number(value) as u32;
    let lost: Vec<u32> = gold["lost"].as_array().expect("a list").iter().map(count).collect();
    let fit = ShiftedBetaGeometric::fit(&cohort(&lost, count(&gold["alive"])));
    let fit = fit.expect("it converges");
    assert!((fit.log_likelihood - number(&gold["ll"])).abs() <= 1e-8, "{name}");
    for estimate in fit.estimates() {
        assert_close(estimate.value, number(&gold["params"][estimate.name]), 1e-10, name);
        let error = estimate.standard_error.expect("it is at a maximum");
        assert_close(error, number(&gold["se"][estimate.name]), 1e-8, name);
    }
    assert!(fit.convergence.is_interior(), "{name}");
}

#[test]
fn all_published_cohorts_are_the_gold_ones() {
    let Some(file) = json("clv/sbg_reference.json") else { return };
    let fits = file.as_object().expect("named fits").iter();
    let mut seen = 0;
    for (name, gold) in fits.filter(|(name, _)| name.contains("_fit_")) {
        assert_gold(name, gold);
        seen += 1;
    }
    assert_eq!(seen, 6);
}

fn left(lost: &[u32], alive: u32) -> (&'static str, Direction) {
    let fit = ShiftedBetaGeometric::fit(&cohort(lost, alive)).expect("an answer");
    let Convergence::Boundary { parameter, direction, limit } = fit.convergence else {
        panic!("{fit:?}")
    };
    assert!(limit.is_some_and(f64::is_finite) && fit.covariance.is_none());
    (parameter, direction)
}

#[test]
fn where_nobody_leaves_the_fit_says_so() {
    let found = left(&[0, 0, 0], 100);
    assert!(
        matches!(found, ("alpha", Direction::Zero) | ("beta", Direction::Infinity)),
        "{found:?}"
    );
}

/// Retention falls, which the model does not know: all customers alike come closest.
#[test]
fn where_retention_falls_the_fit_says_so() {
    let (_, direction) = left(&[10, 20, 30], 40);
    assert_eq!(direction, Direction::Infinity);
}

/// A tenth leaves each time: all customers are alike.
#[test]
fn where_retention_stays_the_fit_says_so() {
    let (_, direction) = left(&[1_000, 900, 810, 729], 6_561);
    assert_eq!(direction, Direction::Infinity);
}

#[test]
fn the_ready_leave_first_and_the_rest_stays_for_ever() {
    let (_, direction) = left(&[50, 0, 0, 0, 0], 50);
    assert_eq!(direction, Direction::Zero);
}

#[test]
fn a_cohort_that_says_nothing_is_refused() {
    for (lost, alive, periods, customers) in
        [(vec![], 10, 0, 0), (vec![3], 7, 1, 7), (vec![10, 0], 0, 2, 0), (vec![0, 0], 0, 2, 0)]
    {
        let error = Cohort::new(lost, alive).expect_err("it says nothing");
        assert_eq!(error, BadCohort { periods, customers });
        let text = error.to_string();
        assert!(text.contains("expected at least 2 periods") && text.contains("wait"), "{text}");
    }
    let most = Cohort::new(vec![u32::MAX; 3], u32::MAX).expect("it is large");
    assert_eq!(most.customers(), 4 * u64::from(u32::MAX));
}
