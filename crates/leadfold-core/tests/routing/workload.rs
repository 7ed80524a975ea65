//! Workload and fairness.

use leadfold_core::metrics::{Fraction, Rate};
use leadfold_core::routing::{Given, Load, jain, workload};
use proptest::prelude::*;

use super::draw::hour;
use super::golden::routing;

#[test]
fn what_remains_of_a_day() {
    let routing = routing();
    let given =
        |(owner, hours): (&str, i64)| Given { at: hour(hours), owner: owner.into(), cause: None };
    let past = [("dora", -720), ("dora", -719), ("dora", 0), ("dora", 5), ("ann", 1), ("ann", 2)];
    let load = Load::replay(&routing, past.map(given), [("dora".to_owned(), 45)]);
    let rows = workload(&routing, &load, hour(6));
    let row = |owner: &str| rows.iter().find(|row| row.owner == owner).expect("still there");

    // 90 a month are 3 a day.
    let dora = row("dora");
    assert_eq!((dora.assigned_day, dora.assigned_month, dora.remaining), (2, 2, Some(1)));
    assert_eq!((dora.open, dora.utilisation.ratio()), (45, Some(0.5)));
    // Ann takes one a day and got two.
    assert_eq!(
        (row("ann").remaining, row("ann").utilisation),
        (Some(-1), Rate { num: 0, den: 30 })
    );
    assert_eq!((row("finn").remaining, row("finn").utilisation.ratio()), (None, None));
    assert_eq!(rows.len(), 6);
    // Cleo leaves at hour 30.
    assert_eq!(workload(&routing, &load, hour(30)).len(), 5);
    assert_eq!(workload(&routing, &load, hour(0))[3].assigned_month, 2);
}

#[test]
fn a_day_is_a_thirtieth_half_upwards() {
    let remaining = |capacity: u32| {
        let mut spec = routing().spec().clone();
        spec.owners[0].capacity = Some(capacity);
        let routing = leadfold_core::routing::Routing::new(spec).expect("still sound");
        workload(&routing, &Load::default(), hour(0))[0].remaining
    };
    let quotas = [0, 15, 44, 45, 74, 75, u32::MAX].map(remaining);
    assert_eq!(quotas, [0, 1, 1, 2, 2, 3, 143_165_577].map(Some));
}

#[test]
fn fairness() {
    assert_eq!(jain([1, 2, 3]), Fraction { num: 36, den: 42 });
    assert_eq!(jain([7, 0, 0, 0]).ratio(), Some(0.25));
    assert_eq!(jain([5]).ratio(), Some(1.0));
    assert_eq!(jain([0, 0]).ratio(), None);
    assert_eq!(jain([]), Fraction { num: 0, den: 0 });
    assert_eq!(jain([u32::MAX; 1_000]).ratio(), Some(1.0));
}

proptest! {
    #[test]
    fn fairness_lies_between_one_of_n_and_one(loads in proptest::collection::vec(0..50_u32, 1..9)) {
        let fairness = jain(loads.iter().copied());
        let n = loads.len() as u128;
        prop_assert!(fairness.num <= fairness.den && fairness.den <= n * fairness.num);
        let most = loads.iter().max().copied().unwrap_or(0);
        let is_even = loads.iter().all(|load| *load == most) && most > 0;
        prop_assert_eq!(fairness.ratio() == Some(1.0), is_even);
    }
}
