//! CDNOW: 69,659 purchases of 23,570 customers.

use std::collections::BTreeMap;

use leadfold::core::metrics::{By, RevenueBasis, Zone, historic_value};

use crate::data::{Log, folder, reference};

#[test]
fn totals_and_cohorts_are_exact_to_the_cent() {
    let Some(folder) = folder("cdnow") else { return };
    let expected = reference(&folder, "reference.json");
    let log = Log::of_csv("cdnow.toml", &folder);
    let tables = log.tables();
    let rows = historic_value(&tables, &[By::CohortMonth(Zone::utc())], RevenueBasis::Recorded);
    let total = &rows[0];
    assert_eq!(total.customers, expected["customers"]);
    assert_eq!(total.purchases, expected["transactions"]);
    let revenue = (expected["revenue"].as_f64().expect("a number") * 100.0).round() as i128;
    assert_eq!(total.revenue[0].amount, revenue);
    let (_, mean) = total.mean_value()[0];
    let expected_mean = expected["mean_revenue_per_customer"].as_f64().expect("a number");
    assert!((mean / 100.0 - expected_mean).abs() < 1e-9);
    assert_eq!(rows[1..].len(), 3, "everybody came in the first quarter of 1997");
    let by_cohort = by_cohort(&folder);
    for row in &rows[1..] {
        let (customers, cents) = by_cohort[&log.key_name(&row.key)];
        assert_eq!((row.customers, row.revenue[0].amount), (customers, cents));
    }
    assert_eq!(rows[1..].iter().map(|row| row.revenue[0].amount).sum::<i128>(), revenue);
}

/// Customers and revenue by the month of the first purchase, from the plain file.
fn by_cohort(folder: &std::path::Path) -> BTreeMap<String, (u64, i128)> {
    let text = std::fs::read_to_string(folder.join("CDNOW_master.txt")).expect("the file");
    let mut customers: BTreeMap<&str, (&str, i128)> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let [customer, date, _, value] = cells[..] else { continue };
        let cents: i128 = value.replace('.', "").parse().expect("two decimals");
        let entry = customers.entry(customer).or_insert((date, 0));
        *entry = (entry.0.min(date), entry.1 + cents);
    }
    let mut cohorts: BTreeMap<String, (u64, i128)> = BTreeMap::new();
    for (date, cents) in customers.values() {
        let cohort = cohorts.entry(format!("{}-{}", &date[..4], &date[4..6])).or_default();
        *cohort = (cohort.0 + 1, cohort.1 + cents);
    }
    cohorts
}
