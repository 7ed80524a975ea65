//! The simulated company: the same log for ever, realistic, legal, and streamed.

use std::collections::{BTreeMap, BTreeSet};

use leadfold_core::event::{Body, EventLine, Level, NewEvent};
use leadfold_core::machine::{Cell, Kind, Shortcut};
use leadfold_core::{EventId, State};
use leadfold_testkit::oracle::{self, Bounds, Rules};
use leadfold_testkit::simulate::Simulation;

fn line(event: &NewEvent) -> Vec<u8> {
    let mut line = Vec::new();
    event.write_line(&mut line).expect("a vector takes all");
    line
}

/// The log as a store exports it: every event once, with its position.
fn exported(simulation: &Simulation) -> Vec<serde_json::Value> {
    let mut seen = BTreeSet::new();
    let events = simulation.events().filter(|event| seen.insert(event.id));
    let line = |(index, event): (usize, NewEvent)| {
        let mut line: serde_json::Value = serde_json::from_slice(&line(&event)).expect("JSON");
        line["position"] = (index as u64 + 1).into();
        line
    };
    events.enumerate().map(line).collect()
}

fn name(event: &NewEvent) -> String {
    match &event.event.body {
        Body::Qualified(q) if q.level == Level::Mql => "qualified(mql)".into(),
        Body::Qualified(_) => "qualified(sql)".into(),
        body => body.type_name().into(),
    }
}

fn counts(simulation: &Simulation) -> BTreeMap<String, f64> {
    let mut counts = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for event in simulation.events().filter(|event| seen.insert(event.id)) {
        *counts.entry(name(&event)).or_default() += 1.0;
    }
    counts
}

#[test]
fn seed_one_is_the_same_log_for_ever() {
    let mut digest: u64 = 0xcbf2_9ce4_8422_2325;
    for event in Simulation::new(1, 2_000).events().take(10_000) {
        for byte in line(&event).into_iter().chain([b'\n']) {
            digest = (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    assert_eq!(digest, 0xf1b8_9771_3a75_48df, "FNV-1a of the first 10,000 lines is {digest:#x}");
}

#[test]
fn another_seed_is_another_log() {
    let ids = |seed| Simulation::new(seed, 50).events().map(|e| e.id).collect::<BTreeSet<_>>();
    assert!(ids(1).is_disjoint(&ids(2)));
}

#[test]
fn rates_are_those_of_a_b2b_company() {
    let counts = counts(&Simulation::new(1, 20_000));
    let share = |some: &str, all: &str| counts[some] / counts[all];
    let check = |what: &str, value: f64, band: std::ops::Range<f64>| {
        assert!(band.contains(&value), "{what} is {value}, expected {band:?}");
    };
    check("events a lead", counts.values().sum::<f64>() / 20_000.0, 9.0..10.5);
    check("captured", counts["captured"], 20_000.0..20_001.0);
    check("MQLs a lead", share("qualified(mql)", "captured"), 0.35..0.45);
    let is_mql = |event: &NewEvent| name(event) == "qualified(mql)";
    let mqls = Simulation::new(1, 20_000).events().filter(is_mql);
    let leads: BTreeSet<_> = mqls.filter_map(|event| event.event.lead).collect();
    check("MQL rate", leads.len() as f64 / 20_000.0, 0.32..0.39);
    let decided = counts["accepted"] + counts["rejected"];
    check("acceptance", counts["accepted"] / decided, 0.70..0.80);
    check("SQL rate", share("qualified(sql)", "accepted"), 0.55..0.75);
    check("win rate", counts["won"] / (counts["won"] + counts["lost"]), 0.26..0.34);
    check("won of opened", share("won", "opportunity_opened"), 0.25..0.30);
    check("customers", share("won", "captured"), 0.03..0.08);
    check("payments a win", share("revenue_recorded", "won"), 2.0..5.0);
    check("merges", share("merged", "captured"), 0.01..0.02);
    check("cost lines", counts["cost_recorded"], 100.0..140.0);
    assert!(counts["corrected"] > 20.0 && counts["churned"] > 50.0 && counts["refunded"] > 20.0);
}

#[test]
fn arrival_is_in_order_and_late_events_are_as_rare_as_asked() {
    let simulation = Simulation::new(7, 5_000);
    let events: Vec<_> = simulation.events().collect();
    assert!(events.is_sorted_by_key(|event| event.recorded_at));
    let delay = |event: &NewEvent| {
        event.recorded_at.expect("is given").micros() - event.event.occurred_at.at.micros()
    };
    let late = events.iter().filter(|event| delay(event) > leadfold_core::DAY).count();
    assert!((0.005..0.015).contains(&(late as f64 / events.len() as f64)), "{late}");
    assert!(events.iter().all(|event| (0..=12 * leadfold_core::DAY).contains(&delay(event))));

    let orderly: Vec<_> = simulation.orderly().events().collect();
    let mut last: BTreeMap<_, _> = BTreeMap::new();
    for event in orderly.iter().filter(|event| event.event.lead.is_some()) {
        let at = event.event.occurred_at.at;
        let before = last.insert(event.event.lead.clone(), at);
        assert!(before < Some(at), "{event:?}");
    }
}

#[test]
fn ids_are_unique_but_for_what_is_sent_twice() {
    let events: Vec<_> = Simulation::new(3, 20_000).events().collect();
    let mut first: BTreeMap<EventId, &NewEvent> = BTreeMap::new();
    let mut repeated = 0;
    for event in &events {
        if let Some(before) = first.insert(event.id, event) {
            assert_eq!(before.event, event.event);
            repeated += 1;
        }
    }
    let rate = f64::from(repeated) / events.len() as f64;
    assert!((0.001..0.003).contains(&rate), "{rate}");
    let orderly: Vec<_> = Simulation::new(3, 20_000).orderly().events().collect();
    assert_eq!(orderly.iter().map(|event| event.id).collect::<BTreeSet<_>>().len(), orderly.len());
}

#[test]
fn every_line_reads_back_as_the_same_event() {
    for event in (Simulation { rule_breaks: 0.1, ..Simulation::new(5, 3_000) }).events() {
        let read = EventLine::parse(&line(&event)).expect("the line is one of the format");
        assert_eq!(read.identify(|_| 0), event);
    }
}

#[test]
fn the_default_history_is_legal_and_broken_rules_are_found() {
    for seed in 0..4 {
        let lines = exported(&Simulation::new(seed, 1_000));
        let outcome = oracle::read(&lines, &Rules::default(), Bounds::default());
        assert_eq!(outcome.findings, [], "seed {seed}");
        assert_eq!(outcome.leads.len(), 1_000);
    }
    let broken = Simulation { rule_breaks: 0.2, ..Simulation::new(1, 1_000) };
    let found = oracle::read(&exported(&broken), &Rules::default(), Bounds::default()).findings;
    let leads: BTreeSet<_> = found.iter().map(|finding| finding.lead.clone()).collect();
    assert!((150..250).contains(&leads.len()), "{}", leads.len());
    let codes: BTreeSet<_> = found.iter().map(|finding| finding.code.as_str()).collect();
    for code in [
        "accepted_without_handoff",
        "history_gap",
        "illegal",
        "out_of_order",
        "revenue_before_won",
        "unknown_target",
        "unknown_type",
    ] {
        assert!(codes.contains(code), "{code} is not among {codes:?}");
    }
}

/// A second judge beside the oracle: each lead alone walks through the table of the core.
#[test]
fn orderly_leads_walk_through_the_table() {
    let mut states: BTreeMap<String, State> = BTreeMap::new();
    let mut deals: BTreeSet<(String, String)> = BTreeSet::new();
    for event in Simulation::new(11, 5_000).orderly().events() {
        let Some(lead) = event.event.lead.as_ref().map(ToString::to_string) else { continue };
        let name = name(&event);
        let Some(state) = states.get_mut(&lead) else {
            assert_eq!(name, "captured");
            states.insert(lead, State::New);
            continue;
        };
        let kind = Kind::MOVES.into_iter().find(|kind| kind.name() == name).expect("has a row");
        *state = match (kind.cell(*state), &event.event.body) {
            (Cell::To(to) | Cell::Owner(to), _) => to,
            (Cell::Stay, Body::OpportunityOpened(b)) => {
                assert!(deals.insert((lead, b.opportunity.clone())));
                *state
            }
            (Cell::Stay, _) => *state,
            (Cell::If(Shortcut::SalesGenerated, to, _), _) => to,
            (Cell::Route, Body::Rejected(b)) => rejected_to(b.to),
            (Cell::Deal, body) => outcome(body, *state),
            (cell, body) => panic!("{lead}: {body:?} at {state} is {cell:?}"),
        };
    }
    let in_state = |wanted| states.values().filter(|state| **state == wanted).count();
    let reached = [State::New, State::Mql, State::Customer, State::Nurturing, State::Lost];
    assert!(reached.into_iter().all(|state| in_state(state) > 50), "{states:?}");
}

fn rejected_to(to: Option<leadfold_core::event::ReturnTarget>) -> State {
    use leadfold_core::event::ReturnTarget;
    match to {
        None | Some(ReturnTarget::Nurture) => State::Nurturing,
        Some(ReturnTarget::Mql) => State::Mql,
        Some(ReturnTarget::Disqualified) => State::Disqualified,
    }
}

fn outcome(body: &Body, state: State) -> State {
    match body {
        Body::Won(_) => State::Customer,
        Body::Lost(_) if state == State::Opportunity => State::Lost,
        Body::OpportunityReopened(_) => State::Opportunity,
        _ => state,
    }
}

#[test]
fn only_leads_that_are_being_worked_are_in_memory() {
    let most = |leads| {
        let mut events = Simulation::new(1, leads).events();
        std::iter::from_fn(|| events.next().map(|_| events.working())).max().expect("has events")
    };
    let (few, many) = (most(5_000), most(50_000));
    assert!(few < 1_000, "{few}");
    assert!(many < 9_000, "{many}");
}

#[test]
fn the_window_bounds_the_log() {
    let simulation = Simulation { days: 31, ..Simulation::new(1, 1_000) };
    let end = simulation.start.micros() + 31 * leadfold_core::DAY;
    for event in simulation.events() {
        assert!((simulation.start.micros()..end).contains(&event.event.occurred_at.at.micros()));
        assert!(event.recorded_at.expect("is given").micros() <= end);
    }
    assert_eq!(Simulation::new(1, 0).events().count(), 0);
    assert!(Simulation { days: 0, ..simulation }.events().next().is_none());
    let leads = Simulation { days: 1, leads: 100_000, ..simulation };
    assert_eq!(counts(&leads)["captured"], 100_000.0);
}

#[test]
fn a_knob_changes_nothing_but_what_it_is_for() {
    let simulation = Simulation::new(1, 500);
    let quiet: BTreeSet<_> = simulation.orderly().events().map(|event| event.id).collect();
    let late = Simulation { late: 0.5, duplicates: 0.5, ..simulation.orderly() };
    assert_eq!(late.events().map(|event| event.id).collect::<BTreeSet<_>>(), quiet);
    assert!(late.events().count() > quiet.len() * 5 / 4);
    let no_pii = Simulation { pii: 0.0, ..simulation };
    let has_pii =
        |event: &NewEvent| matches!(&event.event.body, Body::Captured(b) if b.pii.is_some());
    assert!(simulation.events().any(|event| has_pii(&event)));
    assert!(!no_pii.events().any(|event| has_pii(&event)));
}

#[test]
fn each_month_has_its_costs_even_where_the_window_cuts_it() {
    let start = "2024-01-15T12:00:00Z".parse().expect("a time");
    let simulation = Simulation { start, days: 17, ..Simulation::new(1, 1_000) };
    let costs = simulation.events().filter_map(|event| match event.event.body {
        Body::CostRecorded(cost) => Some((cost.from, cost.to)),
        _ => None,
    });
    let months: BTreeSet<_> = costs.map(|(from, to)| format!("{from:?} {to:?}")).collect();
    let expected = ["Date(2024-01-01) Date(2024-01-31)", "Date(2024-02-01) Date(2024-02-29)"];
    assert_eq!(months.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

/// What the benches are made of: cold leads, and more years of the same leads.
#[test]
fn cold_and_returning_leads_are_legal_and_have_as_many_events_as_asked() {
    let cold = Simulation { cold: 0.8, ..Simulation::new(1, 3_000).orderly() };
    let years = |n: u32| Simulation { days: 365 * n, returning: true, ..Simulation::new(2, 300) };
    for simulation in [cold, years(3).orderly(), years(3)] {
        let outcome = oracle::read(&exported(&simulation), &Rules::default(), Bounds::default());
        assert_eq!(outcome.findings, [], "{simulation:?}");
    }
    let events = |simulation: Simulation| f64::from(simulation.events().count() as u32);
    let a_lead = events(cold) / 3_000.0;
    assert!((2.9..3.8).contains(&a_lead), "{a_lead} events of a cold lead");
    let growth = events(years(10).orderly()) / events(years(1).orderly());
    assert!((8.0..12.0).contains(&growth), "ten years have {growth} times the events of one");
}
