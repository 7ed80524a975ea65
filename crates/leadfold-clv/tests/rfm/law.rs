//! Laws over drawn purchases.

use leadfold_clv::{Counts, Day, History, Purchases};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
struct Deed {
    customer: u64,
    day: i32,
    amount: i64,
    is_refund: bool,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = (0_u64..6, 0_i32..20, 0_i64..5, prop::bool::weighted(0.2))
        .prop_map(|(customer, day, amount, is_refund)| Deed { customer, day, amount, is_refund });
    prop::collection::vec(deed, 0..60)
}

fn purchases<'a>(deeds: impl IntoIterator<Item = &'a Deed>) -> Purchases {
    let mut purchases = Purchases::default();
    for deed in deeds {
        let Deed { customer, day, amount, .. } = *deed;
        if deed.is_refund {
            purchases.refund(customer, Day(day), amount);
        } else {
            purchases.buy(customer, Day(day), amount);
        }
    }
    purchases
}

/// The same by looking at every day of every customer.
fn naive(deeds: &[Deed], end: i32) -> Vec<(u64, History)> {
    let mut found = Vec::new();
    for customer in 0..6 {
        let mut days = Vec::new();
        for day in 0..=end {
            let of: Vec<&Deed> =
                deeds.iter().filter(|d| d.customer == customer && d.day == day).collect();
            let sign = |d: &&Deed| if d.is_refund { -d.amount } else { d.amount };
            let net: i64 = of.iter().map(sign).sum();
            let is_bought = of.iter().any(|d| !d.is_refund);
            let is_refunded = of.iter().any(|d| d.is_refund);
            if is_bought && !(is_refunded && net <= 0) {
                days.push((day, net));
            }
        }
        if let (Some(first), Some(last)) = (days.first(), days.last()) {
            let spend = days[1..].iter().map(|(_, net)| i128::from(*net)).sum();
            let x = days.len() as u32 - 1;
            found.push((customer, History { x, first: first.0, last: last.0, spend }));
        }
    }
    found
}

proptest! {
    #[test]
    fn histories_are_those_of_a_naive_reading(deeds in deeds(), end in 0_i32..20) {
        let found: Vec<_> = purchases(&deeds).histories(Day(end)).collect();
        prop_assert_eq!(found, naive(&deeds, end));
    }

    #[test]
    fn order_and_parts_do_not_matter(deeds in deeds(), cut in any::<prop::sample::Index>()) {
        let whole = purchases(&deeds);
        prop_assert_eq!(&purchases(deeds.iter().rev()), &whole);
        let (early, late) = deeds.split_at(cut.index(deeds.len() + 1));
        let mut merged = purchases(late);
        merged.merge(purchases(early));
        prop_assert_eq!(merged, whole);
    }

    #[test]
    fn counts_of_parts_by_customer_add_up(deeds in deeds(), cut in 0_u64..6, end in 0_i32..20) {
        let count = |keep: &dyn Fn(&&Deed) -> bool| {
            let part = purchases(deeds.iter().filter(keep));
            part.histories(Day(end)).map(|(_, history)| history).collect::<Counts>()
        };
        let mut sum = count(&|deed| deed.customer < cut);
        sum.merge(&count(&|deed| deed.customer >= cut));
        prop_assert_eq!(sum, count(&|_| true));
    }

    #[test]
    fn calibration_and_holdout_are_the_whole(deeds in deeds(), end in 0_i32..20) {
        let purchases = purchases(&deeds);
        let whole: std::collections::BTreeMap<u64, History> = purchases.histories(Day(19)).collect();
        let parts = purchases.histories(Day(end)).zip(purchases.after(Day(end), Day(19)));
        for ((customer, before), (same, x, amount)) in parts {
            prop_assert_eq!(customer, same);
            let all = whole[&customer];
            prop_assert_eq!(before.x + x, all.x);
            prop_assert_eq!(before.spend + amount, all.spend);
        }
    }
}
