//! The purchases of CDNOW's customers: a real log, the field's test case.

use std::collections::BTreeMap;

use leadfold_clv::{Counts, Day, History, Patterns, Purchases};

use crate::gold;

/// The last day of the calibration: 1997-09-30.
pub(crate) const END: Day = Day(10_134);
/// The last day of the data: 1998-06-30.
pub(crate) const UNTIL: Day = Day(10_407);
/// Weeks are the unit.
pub(crate) const WEEK: f64 = 7.0;

/// The purchases of the tenth of the customers that everybody uses.
pub(crate) fn sample() -> Option<Purchases> {
    let text = gold::read("cdnow/CDNOW_sample.txt")?;
    Some(purchases(&text, |fields| (fields[1], fields[2], fields[4])))
}

/// The payments of each of them, by day.
pub(crate) fn payments() -> Option<BTreeMap<u64, Vec<(Day, i64)>>> {
    let text = gold::read("cdnow/CDNOW_sample.txt")?;
    let mut payments = BTreeMap::<u64, Vec<(Day, i64)>>::new();
    for fields in lines(&text) {
        let customer = fields[1].parse().expect("a number");
        payments.entry(customer).or_default().push((day(fields[2]), cents(fields[4])));
    }
    payments.values_mut().for_each(|of| of.sort());
    Some(payments)
}

/// Those of all customers.
pub(crate) fn master() -> Option<Purchases> {
    let text = gold::read("cdnow/CDNOW_master.txt")?;
    Some(purchases(&text, |fields| (fields[0], fields[1], fields[3])))
}

fn purchases<'a>(
    text: &'a str,
    columns: fn(&[&'a str]) -> (&'a str, &'a str, &'a str),
) -> Purchases {
    let mut purchases = Purchases::default();
    for fields in lines(text) {
        let (customer, date, dollars) = columns(&fields);
        let customer = customer.parse().expect("a number");
        purchases.buy(customer, day(date), cents(dollars));
    }
    purchases
}

/// The fields of each line but the heading.
fn lines(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let rows = text.lines().filter(|line| line.trim_start().starts_with(char::is_numeric));
    rows.map(|line| line.split_whitespace().collect())
}

fn cents(dollars: &str) -> i64 {
    let (whole, cents) = dollars.split_once('.').expect("dollars and cents");
    let number = |text: &str| text.parse::<i64>().expect("a number");
    number(whole) * 100 + number(cents)
}

fn day(date: &str) -> Day {
    let number = |from: usize, to: usize| date[from..to].parse::<i32>().expect("a number");
    let (year, month, day) = (number(0, 4), number(4, 6), number(6, 8));
    let long = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    // 1997 and 1998 have no leap day.
    Day(9_862 + (year - 1997) * 365 + long[month as usize - 1] + day - 1)
}

/// The customers at the end of the calibration.
pub(crate) fn histories(purchases: &Purchases) -> Vec<History> {
    purchases.histories(END).map(|(_, history)| history).collect()
}

/// What the models see of them.
pub(crate) fn patterns(purchases: &Purchases) -> Patterns {
    let counts: Counts = histories(purchases).into_iter().collect();
    counts.patterns(END, WEEK).expect("nobody bought after the end")
}
