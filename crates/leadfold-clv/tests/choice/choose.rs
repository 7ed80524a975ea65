//! The choice of a model on CDNOW's tenth, and its laws.

use leadfold_clv::{BuyingModel, Choice, Day, Purchases};
use proptest::prelude::*;

use crate::cdnow::{END, UNTIL, WEEK, master, sample};
use crate::draw::assert_caught;

/// The biases are the known ones; Pareto/NBD is the closest by each measure.
#[test]
fn on_cdnow_pareto_is_the_closest() {
    let Some(purchases) = sample() else { return };
    let choice = Choice::of(&purchases, (END, UNTIL), WEEK).expect("all can be fitted");
    assert_eq!((choice.actual, choice.customers), (1_882, 2_357));
    let found = |model| {
        let mut all = choice.candidates.iter();
        all.find(|one| one.model == model).expect("it was fitted")
    };
    for (model, bias, log_likelihood) in [
        (BuyingModel::BgNbd, -0.121, -9_582.429_206_673_93),
        (BuyingModel::MbgNbd, -0.162, -9_582.135_715_553_75),
        (BuyingModel::Pareto, -0.115, -9_594.976_178_939_54),
    ] {
        let one = found(model);
        assert!((one.bias.expect("they bought") - bias).abs() < 5e-4, "{one:?}");
        assert!((one.log_likelihood - log_likelihood).abs() < 1e-8, "{one:?}");
    }
    println!("{}", choice.reason());
    for one in &choice.candidates {
        println!("{one:?}");
    }
    assert_eq!(choice.best().model, BuyingModel::Pareto);
    assert!(choice.best().behind.is_none());
    assert!(choice.reason().starts_with("Pareto/NBD has the lowest deviance; "));
}

/// On all of CDNOW's customers the best two are so close that either may be taken, and it is said.
#[test]
fn a_lead_within_the_noise_is_called_one() {
    let Some(purchases) = master() else { return };
    let choice = Choice::of(&purchases, (END, UNTIL), WEEK).expect("all can be fitted");
    assert_eq!((choice.actual, choice.customers), (19_684, 23_570));
    let next = choice.candidates[1].behind.expect("it is behind");
    assert!(next.deviance > 0.0 && !next.is_clear(), "{next:?}");
    assert!(choice.reason().ends_with(": other customers could have reversed that"));
}

#[test]
fn too_few_customers_are_no_ground_to_choose() {
    let mut purchases = Purchases::default();
    (0..5).for_each(|day| purchases.buy(1, Day(day * 10), 100));
    let error = Choice::of(&purchases, (Day(30), Day(50)), 7.0).expect_err("one customer");
    assert!(error.to_string().starts_with("expected at least 10 customers who bought again"));
}

/// Customers by how they buy: first day, days between purchases, purchases.
fn company() -> impl Strategy<Value = Vec<(i32, i32, i32)>> {
    prop::collection::vec((0_i32..80, 1_i32..60, 1_i32..9), 40..120)
}

fn purchases(company: &[(i32, i32, i32)]) -> Purchases {
    let mut purchases = Purchases::default();
    for (customer, (first, between, n)) in company.iter().enumerate() {
        (0..*n).for_each(|i| purchases.buy(customer as u64, Day(first + i * between), 100));
    }
    purchases
}

/// The score by the book, from the models' own expectations.
fn is_ranked(company: &[(i32, i32, i32)], shift: f64) -> Result<(), TestCaseError> {
    let purchases = purchases(company);
    let days = (Day(150), Day(300));
    let Ok(choice) = Choice::of(&purchases, days, WEEK) else { return Ok(()) };
    prop_assert_eq!(choice.candidates.len() + choice.failed.len(), 3);
    let best = choice.best().deviance + shift;
    for one in &choice.candidates {
        prop_assert!(one.deviance >= best, "{:?}", one);
        prop_assert!(one.deviance >= 0.0 && one.error >= 0.0);
        if let Some(behind) = one.behind {
            let gap = one.deviance - choice.best().deviance;
            prop_assert!((behind.deviance - gap).abs() < 1e-9, "{:?}", one);
        }
        let bias = one.expected - choice.actual as f64;
        prop_assert!(bias.abs() <= one.error * choice.customers as f64 + 1e-6, "{:?}", one);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_best_one_is_behind_nobody(company in company()) {
        is_ranked(&company, 0.0)?;
    }
}

#[test]
fn a_worse_best_one_is_caught() {
    assert_caught(company(), |company| is_ranked(&company, 1.0));
}
