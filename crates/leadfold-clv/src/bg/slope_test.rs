use proptest::prelude::*;

use super::Chance;
use super::likelihood::Likelihood;
use crate::slope_test::{decades, is_slope};
use crate::{Pattern, Patterns};

fn patterns() -> impl Strategy<Value = Patterns> {
    let row = (0_u32..40, 0.0..=1.0_f64, decades(-1.0, 2.5), 1_u64..5);
    let rows = proptest::collection::vec(row, 1..4).prop_map(|rows| {
        rows.into_iter().map(|(x, share, t, customers)| {
            let t_x = if x == 0 { 0.0 } else { t * share };
            Pattern { x, t_x, t, customers }
        })
    });
    rows.prop_map(|rows| Patterns::new(rows).expect("they are possible"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn the_slope_is_that_of_the_value(
        at in [decades(-2.0, 1.3), decades(-2.0, 3.0), decades(-2.0, 1.3), decades(-2.0, 1.3)],
        patterns in patterns(),
    ) {
        for chance in [Chance::AfterRepeats, Chance::AfterAll] {
            is_slope(at, |at| Likelihood::of(chance, &patterns).slope(at))?;
        }
    }
}
