use proptest::prelude::*;

use super::{Cohort, slope};
use crate::slope_test::{decades, is_slope};

proptest! {
    #[test]
    fn the_slope_is_that_of_the_value(
        at in [decades(-2.0, 2.0), decades(-2.0, 2.0)],
        lost in proptest::collection::vec(0_u32..100, 2..9),
    ) {
        let cohort = Cohort::new(lost, 20).expect("it has two periods");
        is_slope(at, |at| slope(&cohort, at))?;
    }
}
