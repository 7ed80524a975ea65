//! Many customers at once are worth what each is.

use leadfold_clv::{BgNbd, Buying, Discount, MbgNbd, ParetoNbd, Pattern, Patterns};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::draw::{assert_caught, decades, same};

/// Some customers, many of which have one x.
fn patterns() -> impl Strategy<Value = Patterns> {
    let x = prop_oneof![Just(0), Just(3), Just(40), Just(1_000), 0_u32..4];
    let row = (x, 0.0..1.0_f64, decades(-2.0, 3.0), 1_u64..4);
    proptest::collection::vec(row, 1..300).prop_map(|rows| {
        let rows = rows.into_iter().map(|(x, share, t, customers)| Pattern {
            x,
            t_x: if x == 0 { 0.0 } else { share * t },
            t,
            customers,
        });
        Patterns::new(rows).expect("they are possible")
    })
}

fn parameters() -> impl Strategy<Value = [f64; 4]> {
    [decades(-2.0, 1.3), decades(-2.0, 3.0), decades(-2.0, 1.3), decades(-2.0, 1.5)]
}

fn discounts() -> impl Strategy<Value = Discount> {
    (decades(-1.0, 2.0), 0_u32..14, 0.0..0.1_f64).prop_map(|(period, periods, rate)| Discount {
        period,
        periods,
        rate,
    })
}

fn worth_what_each_is(
    values: &[f64],
    model: &dyn Buying,
    patterns: &Patterns,
    discount: Discount,
) -> TestCaseResult {
    prop_assert_eq!(values.len(), patterns.rows().len());
    // Either way rounds; of thousands of draws the worst differed by 1.4e-12.
    for (row, value) in patterns.rows().iter().zip(values) {
        same(*value, discount.purchases(model, row.x, row.t_x, row.t), 1e-11)?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn many_are_worth_what_each_is(
        [one, time, two, other] in parameters(),
        patterns in patterns(),
        discount in discounts(),
    ) {
        let models: [&dyn Buying; 3] = [
            &BgNbd { r: one, alpha: time, a: two, b: other },
            &MbgNbd { r: one, alpha: time, a: two, b: other },
            &ParetoNbd { r: one, alpha: time, s: two, beta: other },
        ];
        for model in models {
            worth_what_each_is(&discount.values(model, &patterns), model, &patterns, discount)?;
        }
    }
}

/// A model that says nothing of its smoothness, and has none.
#[derive(Debug)]
struct Steps;

impl Buying for Steps {
    fn p_alive(&self, _: u32, t_x: f64, t: f64) -> f64 {
        f64::from(u8::from(t_x < t))
    }

    fn expected_if_alive(&self, x: u32, t: f64, horizon: f64) -> f64 {
        f64::from(x) + t.floor() + horizon
    }

    fn expected_of_new(&self, horizon: f64) -> f64 {
        horizon
    }
}

/// The same, pretending.
#[derive(Debug)]
struct Pretender;

impl Buying for Pretender {
    fn p_alive(&self, x: u32, t_x: f64, t: f64) -> f64 {
        Steps.p_alive(x, t_x, t)
    }

    fn expected_if_alive(&self, x: u32, t: f64, horizon: f64) -> f64 {
        Steps.expected_if_alive(x, t, horizon)
    }

    fn expected_of_new(&self, horizon: f64) -> f64 {
        horizon
    }

    fn smooth_from(&self) -> Option<f64> {
        Some(1.0)
    }
}

#[test]
fn a_model_without_smoothness_is_asked_for_each() {
    let rows = (0..500).map(|i| Pattern { x: 1, t_x: 0.0, t: f64::from(i) / 50.0, customers: 1 });
    let patterns = Patterns::new(rows).expect("they are possible");
    let year = Discount { period: 4.0, periods: 12, rate: 0.01 };
    let values = year.values(&Steps, &patterns);
    worth_what_each_is(&values, &Steps, &patterns, year).expect("they are the same");
}

/// Smoothness that is not there is seen.
#[test]
fn the_law_catches_what_is_broken() {
    assert_caught((patterns(), discounts()), |(patterns, discount)| {
        let values = discount.values(&Pretender, &patterns);
        worth_what_each_is(&values, &Steps, &patterns, discount)
    });
}
