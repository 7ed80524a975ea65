//! What counts, by hand.

use leadfold_clv::{Counts, Day, History, Purchases};
use leadfold_core::{DAY, Timestamp};

fn history(purchases: &Purchases, end: i32) -> Option<History> {
    purchases.histories(Day(end)).next().map(|(_, history)| history)
}

#[test]
fn a_day_is_the_callers_day() {
    let at = Timestamp::from_micros(3 * DAY - 1);
    let hour = DAY / 24;
    assert_eq!((Day::of(at, 0), Day::of(at, hour), Day::of(at, -hour)), (Day(2), Day(3), Day(2)));
    assert_eq!(Day::of(Timestamp::from_micros(-1), 0), Day(-1));
}

#[test]
fn a_refund_is_netted_against_its_own_day() {
    let mut purchases = Purchases::default();
    purchases.buy(1, Day(0), 100);
    purchases.buy(1, Day(5), 300);
    purchases.refund(1, Day(5), 100);
    purchases.buy(1, Day(9), 50);
    purchases.refund(1, Day(9), 50);
    purchases.refund(1, Day(12), 10);
    let expected = History { x: 1, first: 0, last: 5, spend: 200 };
    assert_eq!(history(&purchases, 20), Some(expected));
}

#[test]
fn a_purchase_for_nothing_is_a_purchase() {
    let mut purchases = Purchases::default();
    purchases.buy(1, Day(0), 0);
    purchases.buy(1, Day(3), 0);
    assert_eq!(history(&purchases, 3), Some(History { x: 1, first: 0, last: 3, spend: 0 }));
}

#[test]
fn who_comes_later_is_no_customer_yet() {
    let mut purchases = Purchases::default();
    purchases.buy(1, Day(10), 5);
    assert_eq!(history(&purchases, 9), None);
    assert_eq!(history(&purchases, 10).map(|history| history.x), Some(0));
}

/// Two purchases of 4 and 6 on one day of the holdout and one of 20 on another are 15 a day, not
/// 10 a row.
#[test]
fn the_holdout_counts_days() {
    let mut purchases = Purchases::default();
    purchases.buy(1, Day(0), 1);
    for (day, amount) in [(11, 4), (11, 6), (12, 20)] {
        purchases.buy(1, Day(day), amount);
    }
    let (_, days, amount) = purchases.after(Day(10), Day(20)).next().expect("a customer");
    assert_eq!((days, amount), (2, 30));
}

#[test]
fn counts_are_kept_as_customers_change() {
    let before = History { x: 0, first: 4, last: 4, spend: 0 };
    let after = History { x: 1, last: 9, ..before };
    let mut counts = Counts::from_iter([before, before]);
    counts.remove(&before);
    counts.add(&after);
    assert_eq!(counts, Counts::from_iter([after, before]));
    assert!(counts.patterns(Day(8), 7.0).is_err(), "a purchase after the end");
    assert_eq!(counts.patterns(Day(9), 7.0).map(|patterns| patterns.customers()), Ok(2));
}
