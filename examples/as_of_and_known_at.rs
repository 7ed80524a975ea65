//! What did we know when, and why has last month's number changed?
//!
//! Every event has two times: when it happened and when it became known. As-of bounds the one,
//! known-at the other. The report of the day stays reproducible, and the difference to what is
//! known today is a list of events.

use leadfold::core::metrics::{RevenueBasis, historic_value, status};
use leadfold::core::{Bounds, Playbook, State, Timestamp};
use leadfold::engine::replay;
use leadfold::store::{Append, EventStore, MemoryStore, block_on};
use leadfold_testkit::story::Story;

/// Customers, and what they are worth in minor units.
#[derive(Debug, Eq, PartialEq)]
struct Report {
    customers: u64,
    revenue: i128,
}

async fn report(
    store: &MemoryStore,
    bounds: Bounds,
) -> Result<Report, leadfold::store::StoreError> {
    let tables = replay(store, Playbook::default(), bounds, |_, _| {}).await?;
    // Nobody recorded a payment, so the won amounts stand for revenue.
    let value = &historic_value(&tables, &[], RevenueBasis::RecordedElseWon)[0];
    let revenue = value.revenue.iter().map(|money| money.amount).sum();
    Ok(Report { customers: status(&tables).of(State::Customer), revenue })
}

fn story() -> Story {
    let story = Story::new().at("2024-01-03T09:00:00Z").lead("L1").captured("search");
    let story = story.days(1).qualified_mql().handed_off("ann").accepted("ann").qualified_sql();
    let story = story.days(1).opened("D1", 50_000);
    let typo = story.id();
    let story = story.at("2024-01-20T09:00:00Z").won("D1");

    let story = story.at("2024-01-05T09:00:00Z").lead("L2").captured("fair");
    let story = story.days(1).qualified_mql().handed_off("bob").accepted("bob").qualified_sql();
    let story = story.days(1).opened("D2", 30_000);
    // Bob won on the 30th, and told the CRM on the 5th.
    let story = story.at("2024-01-30T16:00:00Z").won("D2").recorded("2024-02-05T08:00:00Z");

    // On the 6th somebody saw that the first deal had been typed in wrongly.
    story
        .at("2024-02-06T10:00:00Z")
        .lead("L1")
        .replace(typo, r#"{"opportunity":"D1","amount":40000,"currency":"EUR"}"#)
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let store = MemoryStore::new();
    store.append(Append::new(story().events(), "2024-03-01".parse()?)).await?;

    let month_end: Timestamp = "2024-02-01".parse()?;
    let then = Bounds { as_of: Some(month_end), known_at: Some(month_end) };
    let now = Bounds { as_of: Some(month_end), known_at: None };
    let (reported, restated) = (report(&store, then).await?, report(&store, now).await?);
    let latest = report(&store, Bounds::default()).await?;

    let euro = |minor: i128| minor as f64 / 100.0;
    println!("                             customers  EUR");
    for (name, report) in [
        ("January, as known on 1 Feb", &reported),
        ("January, as known today", &restated),
        ("today", &latest),
    ] {
        println!("{name:28} {:>9}  {:.2}", report.customers, euro(report.revenue));
    }

    println!("what has become known about January since:");
    let events = store.events(0, usize::MAX).await?;
    let is_news = |event: &&leadfold::core::event::RecordedEvent| {
        // A correction is knowledge: only known-at bounds it.
        let is_correction = event.event.body.type_name() == "corrected";
        event.recorded_at > month_end && (is_correction || event.event.occurred_at.at <= month_end)
    };
    let news: Vec<_> = events.iter().filter(is_news).collect();
    for event in &news {
        let (known, at) = (event.recorded_at, event.event.occurred_at);
        println!("  {known}: {} of {at}", event.event.body.type_name());
    }

    assert_eq!(reported, Report { customers: 1, revenue: 50_000 });
    assert_eq!(restated, Report { customers: 2, revenue: 70_000 });
    assert_eq!(latest, restated, "nothing has happened to a lead since January");
    assert_eq!(news.len(), 2, "the late win and the correction");
    Ok(())
}

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    block_on(run())
}
