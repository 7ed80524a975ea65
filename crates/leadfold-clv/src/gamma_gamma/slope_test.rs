use proptest::prelude::*;

use super::{Spend, Spends, slope};
use crate::slope_test::{decades, is_slope};

fn spends() -> impl Strategy<Value = Spends> {
    let row = (1_u32..60, decades(-1.0, 4.0), 1_u64..5);
    let rows = proptest::collection::vec(row, 1..4);
    rows.prop_map(|rows| {
        let rows = rows.into_iter().map(|(x, total, customers)| Spend { x, total, customers });
        Spends::new(rows).expect("they are possible")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_slope_is_that_of_the_value(
        at in [decades(-1.0, 2.0), decades(-1.0, 2.0), decades(-1.0, 3.0)],
        spends in spends(),
    ) {
        is_slope(at, |at| slope(&spends, at))?;
    }
}
