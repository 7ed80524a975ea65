//! The strategies: what they draw reads back, covers the format, and shrinks.

use std::collections::{BTreeMap, BTreeSet};

use leadfold_core::event::{Body, EventLine, NewEvent};
use leadfold_core::{Gate, Pipeline, Playbook, State};
use leadfold_testkit::oracle::{self, Bounds, Rules};
use leadfold_testkit::strategies::{adversarial_log, commands_under, valid_log, valid_log_under};
use proptest::prelude::{ProptestConfig, Strategy, prop_assert, prop_assert_eq, proptest};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

fn line(event: &NewEvent) -> Vec<u8> {
    let mut line = Vec::new();
    event.write_line(&mut line).expect("a vector takes all");
    line
}

/// Every event once, as a store exports it.
fn exported(events: &[NewEvent]) -> Vec<serde_json::Value> {
    let mut seen = BTreeSet::new();
    let events = events.iter().filter(|event| seen.insert(event.id));
    events.map(|event| serde_json::from_slice(&line(event)).expect("JSON")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn valid_logs_raise_no_finding(log in valid_log(1..60, 0..10_000)) {
        let outcome = oracle::read(&exported(&log), &Rules::default(), Bounds::default());
        prop_assert_eq!(outcome.findings, []);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn adversarial_lines_read_back_as_the_same_event(log in adversarial_log(40)) {
        let mut first = BTreeMap::new();
        for event in &log {
            let read = EventLine::parse(&line(event));
            prop_assert!(read.is_ok(), "{}: {read:?}", String::from_utf8_lossy(&line(event)));
            prop_assert_eq!(&read.expect("is ok").identify(|_| 0), event);
            // The same id is the same event, so a store takes the whole log.
            prop_assert_eq!(*first.entry(event.id).or_insert(event), event);
        }
    }

    #[test]
    fn the_oracle_survives_adversarial_logs(log in adversarial_log(40)) {
        let outcome = oracle::read(&exported(&log), &Rules::default(), Bounds::default());
        prop_assert!(outcome.leads.len() <= 5);
    }
}

/// What there is in many logs: types, and the oddities that the strategy promises.
fn census() -> BTreeSet<String> {
    let mut runner = TestRunner::deterministic();
    let strategy = adversarial_log(60);
    let mut found = BTreeSet::new();
    for _ in 0..300 {
        let log = strategy.new_tree(&mut runner).expect("nothing is rejected").current();
        let places: BTreeMap<_, _> =
            log.iter().enumerate().rev().map(|(n, event)| (event.id, n)).collect();
        for (place, event) in log.iter().enumerate() {
            found.insert(event.event.body.type_name().to_owned());
            found.extend(oddities(&log, &places, place, event).map(str::to_owned));
        }
    }
    found
}

fn oddities<'a>(
    log: &[NewEvent],
    places: &BTreeMap<leadfold_core::EventId, usize>,
    place: usize,
    new: &NewEvent,
) -> impl Iterator<Item = &'a str> + use<'a> {
    let event = &new.event;
    let target = match &event.body {
        Body::Corrected(b) => Some(places.get(&b.target).map(|n| (*n, &log[*n].event))),
        _ => None,
    };
    let merged_into = match &event.body {
        Body::Merged(b) => Some(&b.into),
        _ => None,
    };
    let hit = target.flatten();
    let is_unknown_version = matches!(&event.body, Body::Other(_)) && event.version == 2;
    [
        ("no lead", event.lead.is_none()),
        ("unknown field", !event.unknown.is_empty()),
        ("unknown data", !event.unknown_data.is_empty()),
        ("unknown version", is_unknown_version),
        ("sent again", places[&new.id] != place),
        ("target missing", target == Some(None)),
        ("target is later", hit.is_some_and(|(n, _)| n > place)),
        ("target is itself", hit.is_some_and(|(n, _)| n == place)),
        ("target of another lead", hit.is_some_and(|(_, other)| other.lead != event.lead)),
        ("target is a correction", hit.is_some_and(|(_, t)| matches!(t.body, Body::Corrected(_)))),
        ("merged into itself", merged_into.is_some() && merged_into == event.lead.as_ref()),
        ("year 0", event.occurred_at.to_string().starts_with("0000-")),
        ("year 9999", event.occurred_at.to_string().starts_with("9999-")),
        ("offset", event.occurred_at.offset_seconds != 0),
        ("known before it happened", new.recorded_at < Some(event.occurred_at.at)),
        ("same instant", log[..place].iter().any(|e| e.event.occurred_at == event.occurred_at)),
        ("last amount", matches!(&event.body, Body::RevenueRecorded(b) if b.amount == i64::MAX)),
        ("tenant", event.tenant.is_some()),
        ("source id", event.origin.as_ref().is_some_and(|origin| origin.id.is_some())),
    ]
    .into_iter()
    .filter_map(|(name, is_so)| is_so.then_some(name))
}

#[test]
fn adversarial_logs_hold_every_type_and_every_oddity() {
    let found = census();
    for known in Body::TYPES {
        assert!(found.contains(*known), "{known} never happens");
    }
    let others = found.iter().filter(|name| !Body::TYPES.contains(&name.as_str()));
    // Three unknown types and the nineteen oddities.
    assert_eq!(others.clone().count(), 22, "{:?}", others.collect::<Vec<_>>());
}

#[test]
fn a_failing_log_shrinks_to_the_event_that_fails() {
    let mut runner = TestRunner::deterministic();
    let strategy = adversarial_log(60);
    let has_merge =
        |log: &[NewEvent]| log.iter().any(|event| matches!(event.event.body, Body::Merged(_)));
    let trees = (0..50).map(|_| strategy.new_tree(&mut runner).expect("nothing is rejected"));
    let mut tree = trees.into_iter().find(|tree| has_merge(&tree.current())).expect("has one");
    while if has_merge(&tree.current()) { tree.simplify() } else { tree.complicate() } {}
    let log = tree.current();
    assert_eq!(log.len(), 1, "{log:?}");
    assert!(log[0].event.unknown.is_empty() && log[0].event.actor.is_none());
}

#[test]
fn a_pipeline_may_have_no_stages() {
    let pipelines = vec![Pipeline { name: "b2b".into(), stages: Vec::new() }];
    let playbook = Playbook { pipelines, ..Playbook::default() };
    let mut runner = TestRunner::deterministic();
    let (valid, commands) =
        (valid_log_under(&playbook, 10..20, 0..1_000), commands_under(&playbook, 100));
    let is_stage = |new: &NewEvent| matches!(new.event.body, Body::OpportunityStageChanged(_));
    let mut drawn = (0..5).flat_map(|_| {
        valid.new_tree(&mut runner).expect("a log is drawn");
        commands.new_tree(&mut runner).expect("commands are drawn").current()
    });
    assert!(drawn.any(|new| is_stage(&new)));
}

/// A gate asks for the event's own fields by the names that these have.
#[test]
fn what_gates_ask_for_stands_where_it_belongs() {
    let mandatory = ["source", "medium", "campaign", "channel", "size"];
    let mandatory = mandatory.map(str::to_owned).to_vec();
    let gate = Gate { mandatory, desirable: Vec::new() };
    let playbook = Playbook { gates: [(State::Mql, gate)].into(), ..Playbook::default() };
    let mut runner = TestRunner::deterministic();
    let logs = valid_log_under(&playbook, 20..40, 0..1_000);
    let (mut full, mut bare, mut qualified) = (0, 0, 0);
    for _ in 0..5 {
        for new in logs.new_tree(&mut runner).expect("a log is drawn").current() {
            match new.event.body {
                Body::Captured(b) => {
                    let own = [&b.source, &b.medium, &b.campaign, &b.channel];
                    let attributes = b.attributes.clone().unwrap_or_default();
                    assert!(attributes.iter().all(|(name, _)| name != "medium"), "{b:?}");
                    full += u32::from(own.iter().all(|field| field.is_some()));
                    bare += u32::from(own.iter().all(|field| field.is_none()));
                }
                Body::Qualified(_) => qualified += 1,
                _ => {}
            }
        }
    }
    assert!(full > 20 && bare > 5 && qualified > 5, "{full} {bare} {qualified}");
}
