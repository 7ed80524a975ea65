//! The compact state says what the exact one says, where the purchases come in order.

use std::collections::BTreeMap;

use leadfold_clv::{
    BadPurchase, Counts, Day, History, Purchases, Recencies, RecenciesByKey, Recency, Spends,
};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseResult, TestRunner};

/// A customer, a day and an amount.
type Bought = (u32, i32, i64);

/// In the order of days.
fn logs() -> impl Strategy<Value = Vec<Bought>> {
    let bought = (0_u32..9, -20_i32..20, prop_oneof![Just(0), 1_i64..5, Just(i64::MAX / 64)]);
    prop::collection::vec(bought, 0..120).prop_map(|mut log| {
        log.sort_by_key(|(_, day, _)| *day);
        log
    })
}

fn exact(log: &[Bought]) -> Vec<(u64, History)> {
    let mut purchases = Purchases::default();
    log.iter().for_each(|(customer, day, amount)| {
        purchases.buy(u64::from(*customer), Day(*day), *amount);
    });
    purchases.histories(Day(20)).collect()
}

type Folded = fn(&[Bought]) -> Vec<(u64, History)>;

fn dense(log: &[Bought]) -> Vec<(u64, History)> {
    let mut customers = Recencies::default();
    let bought = log.iter().map(|(customer, day, amount)| (*customer, Day(*day), *amount));
    customers.buy_all(bought).expect("they are in order");
    customers.histories().collect()
}

/// Keys all over the numbers.
fn hashed(log: &[Bought]) -> Vec<(u64, History)> {
    const ODD: u64 = 0xd134_2543_de82_ef95;
    let mut customers = RecenciesByKey::default();
    for (customer, day, amount) in log {
        let key = u64::from(*customer).wrapping_mul(ODD);
        customers.buy(key, Day(*day), *amount).expect("they are in order");
    }
    let keys: BTreeMap<u64, u64> =
        (0..9).map(|number: u64| (number.wrapping_mul(ODD), number)).collect();
    let mut found: Vec<_> =
        customers.histories().map(|(key, history)| (keys[&key], history)).collect();
    found.sort_unstable_by_key(|(number, _)| *number);
    found
}

fn same_as_exact(folded: Folded, log: &[Bought]) -> TestCaseResult {
    prop_assert_eq!(folded(log), exact(log));
    Ok(())
}

fn counts(histories: &[(u64, History)]) -> Counts {
    histories.iter().map(|(_, history)| *history).collect()
}

fn spends(histories: &[(u64, History)]) -> Spends {
    let spent = histories.iter().filter_map(|(_, history)| history.spent(100.0));
    Spends::new(spent).expect("they spent something")
}

proptest! {
    #[test]
    fn compact_is_exact_where_purchases_come_in_order(log in logs()) {
        same_as_exact(dense, &log)?;
        same_as_exact(hashed, &log)?;
    }

    #[test]
    fn shards_by_customer_add_up(log in logs(), parts in 1_u32..5) {
        let whole = exact(&log);
        let mut sum = Counts::default();
        let mut all = Vec::new();
        for part in 0..parts {
            let mine: Vec<Bought> = log.iter().copied().filter(|b| b.0 % parts == part).collect();
            let found = dense(&mine);
            sum.merge(&counts(&found));
            all.extend(found);
        }
        prop_assert_eq!(sum, counts(&whole));
        prop_assert_eq!(spends(&all), spends(&whole));
    }

    /// Added one by one they are the counts that a batch makes.
    #[test]
    fn batches_count_as_one_by_one_does(log in logs(), times in 1_usize..4) {
        let histories = exact(&log);
        let mut one_by_one = Counts::default();
        let many = || (0..times).flat_map(|_| histories.iter().map(|(_, history)| *history));
        many().for_each(|history| one_by_one.add(&history));
        prop_assert_eq!(many().collect::<Counts>(), one_by_one);
    }
}

#[test]
fn a_customer_takes_sixteen_bytes() {
    assert_eq!(size_of::<Option<Recency>>(), 16);
}

#[test]
fn more_than_a_batch_is_counted() {
    let one = History { x: 0, first: 3, last: 3, spend: 0 };
    let many = (0..600_000).map(|i| History { x: i % 2, ..one });
    let patterns = many.collect::<Counts>().patterns(Day(9), 7.0).expect("they are possible");
    assert_eq!((patterns.customers(), patterns.repeaters()), (600_000, 300_000));
}

/// What is refused has changed nothing.
#[test]
fn what_days_alone_can_tell_is_refused() {
    let mut customers = Recencies::default();
    customers.buy(7, Day(10), 5).expect("the first");
    customers.buy(7, Day(30), 5).expect("a later one");
    let before = customers.clone();
    let refused = [
        (29, 5, BadPurchase::Backwards { day: 29, last: 30 }),
        (9, 5, BadPurchase::Backwards { day: 9, last: 30 }),
        (i32::MIN, 5, BadPurchase::Backwards { day: i32::MIN, last: 30 }),
        (30, -1, BadPurchase::Refund { day: 30, amount: -1 }),
        (10 + 65_535, 5, BadPurchase::TooLong { day: 65_545, first: 10 }),
    ];
    for (day, amount, error) in refused {
        assert_eq!(customers.buy(7, Day(day), amount), Err(error));
        let text = error.to_string();
        assert!(text.contains("expected") && text.contains("found"), "{text}");
        assert!(text.contains("keep every day with `Purchases`"), "{text}");
    }
    assert_eq!(customers, before);
    customers.buy(7, Day(10 + 65_534), 5).expect("there is room for 179 years");
}

#[test]
fn a_refused_first_purchase_makes_no_customer() {
    let (mut dense, mut keyed) = (Recencies::default(), RecenciesByKey::default());
    dense.buy(2, Day(1), -5).expect_err("it is a refund");
    keyed.buy(2, Day(1), -5).expect_err("it is a refund");
    assert_eq!((dense.histories().count(), keyed.histories().count()), (0, 0));
}

#[test]
fn more_money_than_there_is_is_refused() {
    let mut customer = Recency::new(Day(0));
    for day in 1..3 {
        customer.buy(Day(day), i64::MAX).expect("there is room");
    }
    let spend = 2 * (i64::MAX as u64);
    let error = customer.buy(Day(3), 2).expect_err("one too much");
    assert_eq!(error, BadPurchase::TooMuch { day: 3, amount: 2, spend });
    assert_eq!(customer.history().last, 2);
}

/// The first that is refused ends it; those before it are in.
#[test]
fn a_block_ends_with_what_is_refused() {
    let mut customers = Recencies::default();
    let log =
        (0..100).map(|i| (i, Day(if i == 70 { -1 } else { 3 }), if i == 70 { -1 } else { 1 }));
    let error = customers.buy_all(log).expect_err("a refund");
    assert_eq!(error, BadPurchase::Refund { day: -1, amount: -1 });
    assert_eq!(customers.histories().count(), 70);
}

/// A state that counts purchases instead of days, and one that spends on the first day.
#[test]
fn the_law_catches_what_is_broken() {
    let purchases: Folded = |log| {
        let count = |customer| log.iter().filter(|b| u64::from(b.0) == customer).count() as u32;
        let more =
            |(customer, h): (u64, History)| (customer, History { x: count(customer) - 1, ..h });
        dense(log).into_iter().map(more).collect()
    };
    let first_day: Folded = |log| {
        let sum =
            |customer| log.iter().filter(|b| u64::from(b.0) == customer).map(|b| b.2 as i128).sum();
        let more =
            |(customer, h): (u64, History)| (customer, History { spend: sum(customer), ..h });
        dense(log).into_iter().map(more).collect()
    };
    for broken in [purchases, first_day] {
        let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
        let law = TestRunner::new(config).run(&logs(), |log| same_as_exact(broken, &log));
        law.expect_err("the law lets a broken implementation pass");
    }
}
