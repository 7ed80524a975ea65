//! Stories: what the builder promises beyond its example.

use leadfold_core::event::{Body, EventLine, Reactivated, ReturnTarget, TouchResult};
use leadfold_core::{EventId, Precision};
use leadfold_testkit::story::Story;

fn long_story() -> Story {
    let story = Story::new().at("2024-02-01T09:00:00Z").lead("L1").captured("fair").visited("demo");
    let story = story.scored(40.0).qualified_mql().handed_off("ann").rejected("not_now", None);
    let story = story.days(30).qualified_mql().handed_off("queue").assigned("ben").accepted("ben");
    let story = story.called("ben", TouchResult::Contact).qualified_sql().opened("O1", 50_000);
    let story = story.stage("O1", "offer").won("O1").revenue(50_000).refunded(10_000).churned();
    let story = story.event(Reactivated { reason: None }).again();
    let story = story.lead("L2").captured("web").merged("L1").unmerged("L1").disqualified("junk");
    let story = story.reopened().recycled().qualified_mql().handed_off("ann");
    let story = story.rejected("size", Some(ReturnTarget::Mql)).handed_off("ben").accepted("ben");
    let story = story.returned("silent").erased().lead("L3").captured("x").opened("O1", 1);
    let opened = story.id();
    story.lost("O1", "price").replace(opened, r#"{"opportunity":"O1","amount":2}"#).cost(
        "fair",
        900,
        "2024-02-01",
        "2024-02-29",
    )
}

#[test]
fn a_story_is_told_the_same_way_twice() {
    assert_eq!(long_story().events(), long_story().events());
}

#[test]
fn ids_differ_but_for_what_is_sent_again() {
    let events = long_story().events();
    let mut ids: Vec<EventId> = events.iter().map(|event| event.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), events.len() - 1);
}

#[test]
fn every_step_reads_back_from_its_line() {
    for event in long_story().events() {
        let mut line = Vec::new();
        event.write_line(&mut line).expect("a vector takes all");
        assert_eq!(EventLine::parse(&line).expect("a line").identify(|_| 0), event);
    }
}

#[test]
fn a_cost_belongs_to_no_lead_and_leaves_the_lead_in_place() {
    let story = Story::new().lead("L1").cost("fair", 1, "2024-01-01", "2024-01-31");
    let events = story.captured("fair").events();
    assert!(events[0].event.lead.is_none());
    assert_eq!(events[1].event.lead, Some("L1".parse().expect("a key")));
    assert!(matches!(events[1].event.body, Body::Captured(_)));
}

#[test]
fn a_day_is_a_midnight() {
    let events = Story::new().at("2024-02-01T09:00:00Z").lead("L1").captured("x").to_the_day();
    let event = &events.events()[0].event;
    assert_eq!(event.precision, Precision::Day);
    assert_eq!(event.occurred_at.to_string(), "2024-02-01T00:00:00Z");
}
