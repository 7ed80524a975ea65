//! How do I fail a test when history broke the rules?
//!
//! A replay never fails: what breaks the rules of a playbook becomes a finding with its event.
//! So a test replays the log and says which findings it does not accept. Another playbook over
//! the same log is a what-if: which findings would be gone if that were allowed?

use std::collections::BTreeMap;

use leadfold::core::event::TouchResult;
use leadfold::core::metrics::anomalies;
use leadfold::core::{Bounds, FindingCode, Playbook, Rules};
use leadfold::engine::{Names, replay};
use leadfold::store::{Append, EventStore, MemoryStore, StoreError, block_on};
use leadfold_testkit::story::Story;

/// A finding in words, and its code.
struct Found {
    code: FindingCode,
    text: String,
}

async fn audit(store: &MemoryStore, playbook: &Playbook) -> Result<Vec<Found>, StoreError> {
    let tables = replay(store, playbook.clone(), Bounds::default(), |_, _| {}).await?;
    let anomalies = anomalies(&tables);
    let mut names = Names::default();
    names.load_leads(store, anomalies.iter().filter_map(|anomaly| anomaly.lead)).await?;
    let positions: Vec<u64> = anomalies.iter().map(|anomaly| anomaly.finding.position).collect();
    let evidence = store.event_ids(&positions).await?;
    let found = anomalies.iter().zip(evidence).map(|(anomaly, event)| {
        let finding = &anomaly.finding;
        let lead = anomaly.lead.and_then(|lead| names.lead(lead));
        let lead = lead.map_or_else(|| "-".to_owned(), ToString::to_string);
        let from = finding.from.map_or("nothing", |state| state.name());
        let reason = finding.reason.map_or("", |reason| reason.name());
        let text = format!(
            "{} {reason}: lead {lead}, `{}` at {from}, {}, event {event}",
            finding.code.name(),
            finding.kind.name(),
            finding.at
        );
        Found { code: finding.code, text }
    });
    Ok(found.collect())
}

/// What a test of a log asserts: none of the findings that it denies.
fn check(found: &[Found], denied: &[FindingCode]) -> Result<(), String> {
    let broken = found.iter().filter(|found| denied.contains(&found.code));
    let broken: Vec<&str> = broken.map(|found| found.text.as_str()).collect();
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n")) }
}

fn count(found: &[Found]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    found.iter().for_each(|found| *counts.entry(found.code.name()).or_default() += 1);
    counts
}

fn story() -> Story {
    let story = Story::new().at("2024-02-01T09:00:00Z").lead("L1").captured("search");
    let story = story.days(1).qualified_mql().handed_off("ann").hours(2).accepted("ann");
    let story = story.called("ann", TouchResult::Contact).qualified_sql().opened("D1", 90_000);
    let story = story.days(9).won("D1").revenue(90_000);
    // Asked for a call, and was handed off at once.
    let story = story.at("2024-02-02T09:00:00Z").lead("L2").captured("call_me");
    let story = story.handed_off("bob").hours(1).accepted("bob");
    // Sales took what nobody had offered.
    let story = story.at("2024-02-03T09:00:00Z").lead("L3").captured("fair");
    let story = story.days(1).accepted("bob");
    // Paid before anybody sold.
    let story = story.at("2024-02-05T09:00:00Z").lead("L4").captured("shop");
    story.days(1).revenue(1_900)
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let store = MemoryStore::new();
    store.append(Append::new(story().events(), "2024-03-01".parse()?)).await?;

    let strict = Playbook::default();
    let rules = Rules { hand_raiser: true, ..Rules::default() };
    let hand_raiser = Playbook { name: "hand-raiser".into(), rules, ..Playbook::default() };

    let mut counts = Vec::new();
    for playbook in [&strict, &hand_raiser] {
        let found = audit(&store, playbook).await?;
        println!("under the playbook {:?}: {} findings", playbook.name, found.len());
        found.iter().for_each(|found| println!("  {}", found.text));
        counts.push(count(&found));
    }

    let all = [("accepted_without_handoff", 1), ("illegal", 1), ("revenue_before_won", 1)];
    assert_eq!(counts[0], BTreeMap::from(all));
    assert_eq!(counts[1], BTreeMap::from([all[0], all[2]]), "hand-raisers are legal there");
    let found = audit(&store, &hand_raiser).await?;
    assert!(check(&found, &[FindingCode::Illegal]).is_ok());
    assert!(check(&found, &[FindingCode::AcceptedWithoutHandoff]).is_err_and(|e| e.contains("L3")));
    Ok(())
}

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    block_on(run())
}
