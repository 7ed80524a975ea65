use proptest::prelude::*;

use super::{BgBb, OccasionPatterns, Occasions};
use crate::Model;
use crate::slope_test::{decades, is_slope};

fn row() -> impl Strategy<Value = Occasions> {
    (0_u32..12, 0_u32..12, 0_u32..12, 1_u64..5).prop_map(|(a, b, c, customers)| {
        let mut numbers = [a, b, c];
        numbers.sort_unstable();
        let [x, t_x, n] = numbers;
        Occasions { x: if t_x == 0 { 0 } else { x.max(1) }, t_x, n, customers }
    })
}

proptest! {
    #[test]
    fn the_slope_is_that_of_the_value(
        at in [decades(-2.0, 2.0), decades(-2.0, 2.0), decades(-2.0, 2.0), decades(-2.0, 2.0)],
        rows in proptest::collection::vec(row(), 1..4),
    ) {
        let patterns = OccasionPatterns::new(rows).expect("they are possible");
        is_slope(at, |at| BgBb::of(*at).slope(&patterns))?;
    }
}
