//! What are our customers worth, by the month in which they came and by source?
//!
//! Historic value: what customers paid, minus what they got back, beside what was spent to get
//! them. A month begins somewhere, so the split states its time zone.

use std::collections::BTreeMap;

use leadfold::core::metrics::{By, KeyPart, RevenueBasis, ValueRow, Zone, historic_value};
use leadfold::core::{Bounds, Money, Playbook};
use leadfold::engine::{Names, replay};
use leadfold::store::{Append, EventStore, MemoryStore, StoreError, block_on};
use leadfold_testkit::story::Story;

fn story() -> Story {
    let customer = |story: Story, at: &str, key: &str, source: &str| {
        let story = story.at(at).lead(key).captured(source).hours(1).qualified_mql();
        story.hours(1).handed_off("shop").hours(1).won(&format!("first {key}"))
    };
    let story = customer(Story::new(), "2024-01-10T09:00:00Z", "anna", "search").revenue(10_000);
    let story = story.days(40).revenue(5_000).days(3).refunded(2_000);
    let story = customer(story, "2024-01-31T23:30:00Z", "ben", "fair").revenue(8_000);
    let story = customer(story, "2024-02-11T09:00:00Z", "cleo", "search").revenue(4_000);
    // Won, and has not paid anything yet.
    let story = customer(story, "2024-02-12T09:00:00Z", "dora", "search");
    // Asked, and never bought.
    let story = story.at("2024-02-13T09:00:00Z").lead("emil").captured("search");
    let story = story.cost("search", 6_000, "2024-01-01", "2024-02-29");
    story.cost("fair", 9_000, "2024-01-30", "2024-01-31")
}

fn amount(sums: &[Money]) -> i128 {
    sums.iter().filter(|sum| sum.currency.to_string() == "EUR").map(|sum| sum.amount).sum()
}

/// Customers, net revenue and cost of one row, in minor units of EUR.
fn summary(row: &ValueRow) -> (u64, i128, i128) {
    (row.customers, amount(&row.revenue) - amount(&row.refunds), amount(&row.cost))
}

async fn name(
    store: &MemoryStore,
    names: &mut Names,
    key: &[KeyPart],
) -> Result<String, StoreError> {
    let Some(part) = key.first() else { return Ok("(all)".into()) };
    if let KeyPart::Name(code) = part {
        names.load(store, [*code]).await?;
    }
    Ok(names.key_part(*part).unwrap_or_else(|| "(none)".into()))
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let store = MemoryStore::new();
    store.append(Append::new(story().events(), "2024-06-01".parse()?)).await?;
    let tables = replay(&store, Playbook::default(), Bounds::default(), |_, _| {}).await?;

    // Any time zone of chrono, or of a crate that extends it, goes into `Zone::of`.
    let zone = Zone::utc();
    let month = format!("month ({})", zone.name());
    let mut names = Names::default();
    let mut reports = Vec::new();
    for (title, by) in [(month.as_str(), By::CohortMonth(zone)), ("source", By::Source)] {
        println!("{title:12}  customers  paid  revenue  refunds     cost  net a customer");
        let mut report = BTreeMap::new();
        for row in historic_value(&tables, &[by], RevenueBasis::Recorded) {
            let name = name(&store, &mut names, &row.key).await?;
            let euro = |minor: i128| format!("{:.2}", minor as f64 / 100.0);
            let mean = row.mean_value().first().map(|(_, mean)| mean / 100.0);
            println!(
                "{name:12}  {:>9}  {:>4}  {:>7}  {:>7}  {:>7}  {}",
                row.customers,
                row.activation.num,
                euro(amount(&row.revenue)),
                euro(amount(&row.refunds)),
                euro(amount(&row.cost)),
                mean.map_or_else(|| "-".into(), |mean| format!("{mean:.2}")),
            );
            report.insert(name, summary(&row));
        }
        println!();
        reports.push(report);
    }

    let all = (4, 25_000, 15_000);
    let [by_month, by_source] = [&reports[0], &reports[1]];
    assert_eq!((by_month["(all)"], by_source["(all)"]), (all, all));
    assert_eq!(by_month["2024-01"], (2, 21_000, 0), "ben came half an hour before February");
    assert_eq!(by_month["2024-02"], (2, 4_000, 0), "dora is a customer who has not paid");
    // A cost has a source and no cohort: by month it stands in the row that misses one.
    assert_eq!(by_month["(none)"], (0, 0, 15_000));
    assert_eq!(by_source["search"], (3, 17_000, 6_000));
    assert_eq!(by_source["fair"], (1, 8_000, 9_000), "the fair has not paid off");
    Ok(())
}

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    block_on(run())
}
