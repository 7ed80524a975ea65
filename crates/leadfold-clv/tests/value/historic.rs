//! What customers were worth, against a sum that is written differently.

use leadfold_clv::{Day, Interest, Worth};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::cdnow::payments;
use crate::draw::{assert_caught, same};

type Worthy = fn(&Interest, Day, &[(Day, i64)]) -> Worth;

fn worth(interest: &Interest, day: Day, payments: &[(Day, i64)]) -> Worth {
    interest.worth_on(day, payments.iter().copied())
}

/// A power of what a day leaves, from the latest payment to the earliest, as Horner would.
fn naive(interest: &Interest, day: Day, payments: &[(Day, i64)]) -> f64 {
    let mut sorted = payments.to_vec();
    sorted.sort();
    let (mut sum, mut at) = (0.0, day.0);
    for (paid, amount) in sorted.iter().rev().filter(|(paid, _)| *paid >= day) {
        if sum == 0.0 {
            at = paid.0;
        }
        sum = sum * (-interest.per_day * f64::from(at - paid.0)).exp() + *amount as f64;
        at = paid.0;
    }
    let late = sum * (-interest.per_day * f64::from(at - day.0)).exp();
    let before = sorted.iter().filter(|(paid, _)| *paid < day);
    let early = before.map(|(paid, amount)| {
        *amount as f64 * (interest.per_day * f64::from(day.0 - paid.0)).exp()
    });
    late + early.sum::<f64>()
}

fn as_the_naive_way_says(
    found: Worthy,
    interest: f64,
    day: i32,
    payments: &[(Day, i64)],
) -> TestCaseResult {
    let interest = Interest::yearly(interest);
    let found = found(&interest, Day(day), payments);
    prop_assert_eq!(
        found.paid,
        payments.iter().map(|(_, amount)| i128::from(*amount)).sum::<i128>()
    );
    same(found.discounted, naive(&interest, Day(day), payments), 1e-12)
}

fn paid() -> impl Strategy<Value = Vec<(Day, i64)>> {
    let payment = (0_i32..900, 1_i64..1_000_000).prop_map(|(day, amount)| (Day(day), amount));
    prop::collection::vec(payment, 0..80)
}

proptest! {
    #[test]
    fn both_ways_agree(interest in 0.0..0.5_f64, day in -100_i32..1_000, paid in paid()) {
        as_the_naive_way_says(worth, interest, day, &paid)?;
    }

    #[test]
    fn the_order_changes_no_bit(
        interest in 0.0..0.5_f64,
        (paid, other) in paid().prop_flat_map(|paid| (Just(paid.clone()), Just(paid).prop_shuffle())),
    ) {
        let interest = Interest::yearly(interest);
        let [one, two] = [paid, other].map(|paid| worth(&interest, Day(0), &paid));
        prop_assert_eq!(one.discounted.to_bits(), two.discounted.to_bits());
        prop_assert_eq!(one.paid, two.paid);
    }

    #[test]
    fn without_interest_it_is_what_was_paid(paid in paid(), day in -100_i32..1_000) {
        let found = worth(&Interest { per_day: 0.0 }, Day(day), &paid);
        prop_assert_eq!(found.discounted, found.paid as f64);
    }
}

#[test]
fn money_that_came_back_is_taken_off_to_the_cent() {
    let interest = Interest::yearly(0.1);
    let found = worth(&interest, Day(0), &[(Day(5), i64::MAX), (Day(5), -i64::MAX), (Day(9), -3)]);
    assert_eq!(found.paid, -3);
    assert!((found.discounted + 3.0 * 1.1_f64.powf(-9.0 / 365.0)).abs() < 1e-15);
    assert_eq!(worth(&interest, Day(0), &[]), Worth::default());
}

/// The cohorts of CDNOW's sample by the month of the first purchase: what each customer paid until
/// the end of the data, at 15 % a year, on the customer's first day. The reference has cents.
#[test]
fn the_cohorts_of_cdnow_are_those_of_the_reference() {
    let Some(payments) = payments() else { return };
    let expected = [
        (9_862..9_893, 781, 7_884_279, 7_488_130.69),
        (9_893..9_921, 857, 9_068_026, 8_589_604.41),
        (9_921..9_952, 719, 7_456_889, 7_117_276.45),
    ];
    let interest = Interest::yearly(0.15);
    for (month, customers, paid, discounted) in expected {
        let cohort = payments.values().filter(|of| month.contains(&of[0].0.0));
        let worths: Vec<Worth> = cohort.map(|of| worth(&interest, of[0].0, of)).collect();
        assert_eq!(worths.len(), customers);
        assert_eq!(worths.iter().map(|worth| worth.paid).sum::<i128>(), paid);
        let found = worths.iter().map(|worth| worth.discounted).sum::<f64>();
        assert!((found - discounted).abs() <= 0.005 + 1e-7, "{found}");
    }
}

/// The rate of a moment for that of a year, and a day too many.
#[test]
fn the_law_catches_what_is_broken() {
    let of_a_moment: Worthy = |interest, day, payments| {
        let per_day = (365.0 * interest.per_day).exp_m1() / 365.0;
        worth(&Interest { per_day }, day, payments)
    };
    let a_day_late: Worthy = |interest, day, payments| worth(interest, Day(day.0 - 1), payments);
    for broken in [of_a_moment, a_day_late] {
        assert_caught((0.01..0.5_f64, 0_i32..10, paid()), |(interest, day, paid)| {
            as_the_naive_way_says(broken, interest, day, &paid)
        });
    }
}
