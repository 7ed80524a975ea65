//! The hand-checkable story, under its three playbooks.

use leadfold::core::metrics::{
    FunnelQuery, FunnelRow, RevenueBasis, WinRateQuery, anomalies, cycles, funnel, historic_value,
    stage_time, status, win_rate,
};
use leadfold::core::{
    Bounds, Decision, Illegal, Lead, LeadKey, Playbook, Reason, Rules, State, Tables, Timestamp,
};

use crate::data::{Log, assert_days, folder, reference};

const HOUR: i64 = 3_600_000_000;

fn story() -> Option<(Log, serde_json::Value)> {
    let folder = folder("golden")?;
    let text = std::fs::read_to_string(folder.join("log.ndjson")).expect("the story is there");
    Some((Log::of_lines(&text), reference(&folder, "expected.json")))
}

fn playbook(illegal: Illegal, hand_raiser: bool) -> Playbook {
    Playbook { rules: Rules { illegal, hand_raiser, ..Rules::default() }, ..Playbook::default() }
}

fn as_of() -> Bounds {
    Bounds { as_of: Some(at("2024-03-01T00:00:00Z")), known_at: None }
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn lead<'a>(log: &Log, tables: &'a Tables, key: &str) -> Lead<'a> {
    let key: LeadKey = key.parse().expect("a key");
    let id = leadfold::core::LeadId::of("default", "", &key);
    let entry = log.store.lead(id).expect("memory does not fail").expect("the lead is there");
    tables.lead(entry.index).expect("the lead has begun")
}

fn handoffs(tables: &Tables) -> Vec<Decision> {
    tables.leads().flat_map(|lead| lead.handoffs()).map(|handoff| handoff.decision).collect()
}

fn count(decisions: &[Decision], wanted: &[Decision]) -> usize {
    decisions.iter().filter(|decision| wanted.contains(decision)).count()
}

fn found(tables: &Tables) -> Vec<(u64, Option<Reason>)> {
    anomalies(tables).iter().map(|a| (a.finding.position, a.finding.reason)).collect()
}

#[test]
fn the_default_playbook_tells_history_as_it_was_and_finds_what_broke_the_rules() {
    let Some((log, expected)) = story() else { return };
    let tables = log.tables_under(&playbook(Illegal::Apply, false), as_of());
    let (_, expected) =
        expected["playbooks"].as_object().expect("an object").iter().next().expect("three");
    let expected_findings = expected["findings_at_positions"].as_object().expect("an object");
    let positions: Vec<String> =
        found(&tables).iter().map(|(position, _)| position.to_string()).collect();
    assert_eq!(positions, expected_findings.keys().cloned().collect::<Vec<_>>());
    assert_eq!(found(&tables), [(26, Some(Reason::NotQualified)), (32, Some(Reason::ClosedLead))]);
    let decisions = handoffs(&tables);
    assert_eq!(decisions.len() as u64, expected["handoffs"].as_u64().expect("a number"));
    assert_eq!(count(&decisions, &[Decision::Accepted, Decision::Returned]), 3);
    assert_eq!(count(&decisions, &[Decision::Rejected]), 1);
    assert_eq!(count(&decisions, &[Decision::Pending]), 2);
    let counts = status(&tables);
    assert_eq!(counts.leads, 6);
    for (state, n) in [
        (State::Customer, 1),
        (State::Lost, 1),
        (State::HandedOff, 2),
        (State::Accepted, 1),
        (State::Merged, 1),
    ] {
        assert_eq!(counts.of(state), n, "{state}");
    }
}

#[test]
fn a_hand_raiser_may_be_handed_off_and_a_disqualified_lead_may_not() {
    let Some((log, _)) = story() else { return };
    let tables = log.tables_under(&playbook(Illegal::Skip, true), as_of());
    let decisions = handoffs(&tables);
    assert_eq!((decisions.len(), count(&decisions, &[Decision::Accepted])), (5, 3));
    assert_eq!(count(&decisions, &[Decision::Pending]), 1);
    assert_eq!(found(&tables), [(32, Some(Reason::ClosedLead))]);
}

#[test]
fn the_strict_playbook_leaves_out_what_breaks_the_rules() {
    let Some((log, expected)) = story() else { return };
    let tables = log.tables_under(&playbook(Illegal::Skip, false), as_of());
    let decisions = handoffs(&tables);
    assert_eq!((decisions.len(), count(&decisions, &[Decision::Accepted])), (4, 2));
    assert_eq!(
        found(&tables),
        [
            (26, Some(Reason::NotQualified)),
            (29, Some(Reason::NoHandoff)),
            (32, Some(Reason::ClosedLead))
        ]
    );
    let query = FunnelQuery {
        period: leadfold::core::metrics::Period {
            from: Some(at("2024-02-01T00:00:00Z")),
            to: Some(at("2024-03-01T00:00:00Z")),
        },
        ..FunnelQuery::as_of(at("2024-03-01T00:00:00Z"))
    };
    let row = &funnel(&tables, &query)[0];
    let expected = &expected["funnel_cohort_2024_02_strict (unit: lead, L6 folded into L1)"];
    assert_eq!(row.captured, expected["captured"]);
    assert_eq!(reached(row, State::Mql), expected["mql"]);
    assert_eq!(reached(row, State::HandedOff), expected["handed_off_strict"]);
    assert_eq!(reached(row, State::Accepted), expected["accepted_strict"]);
    assert_eq!(reached(row, State::Sql), expected["sql"]);
    assert_eq!(reached(row, State::Opportunity), expected["opportunity"]);
    assert_eq!(row.won.num, expected["won"]);
    assert_eq!(reached(row, State::Lost), expected["lost"]);
    assert_eq!(reached(row, State::Disqualified), expected["disqualified"]);
    assert_eq!(row.captured, row.won.num + row.lost + row.erased + row.still_open);
}

fn reached(row: &FunnelRow, state: State) -> u64 {
    row.stages[state as usize].reached
}

#[test]
fn visits_and_values_are_those_of_the_story() {
    let Some((log, expected)) = story() else { return };
    let tables = log.tables_under(&Playbook::default(), as_of());
    let l2 = lead(&log, &tables, "L2");
    let mql: Vec<_> = l2.visits().into_iter().filter(|v| v.state == State::Mql).collect();
    for (visit, expected) in
        mql.iter().zip(expected["visits"]["L2_mql_visits"].as_array().expect("a list"))
    {
        assert_eq!(visit.entered_at.to_string(), expected[0]);
        assert_eq!(visit.left_at.expect("closed").to_string(), expected[1]);
    }
    assert_eq!(mql.len(), 2);
    let end = at("2024-03-01T00:00:00Z");
    let time = stage_time(&l2, State::HandedOff, end);
    assert_eq!((time.first, time.latest_closed), (Some(6 * HOUR), Some(2 * HOUR)));
    assert_eq!(time.cumulative, 8 * HOUR);
    assert_eq!(stage_time(&l2, State::Nurturing, end).cumulative, 162 * HOUR);
    assert_eq!(l2.cycle(), 2);
    let l3 = lead(&log, &tables, "L3");
    assert_eq!(stage_time(&l3, State::HandedOff, end).open, Some(624 * HOUR));

    let cycle = &cycles(&tables, Default::default(), &[])[0];
    assert_days(cycle.lead_to_won.p50_s, &expected["days_capture_to_won_L1"]);
    assert_days(cycle.handoff_to_won.p50_s, &expected["days_handoff_to_won_L1"]);
    let rate = win_rate(&tables, &WinRateQuery::default())[0].rate;
    assert_eq!((rate.num, rate.den), (1, 2));
    let value = &historic_value(&tables, &[], RevenueBasis::default())[0];
    assert_eq!(value.revenue.len(), 1);
    assert_eq!(value.revenue[0].currency.to_string(), "EUR");
    assert_eq!(
        value.revenue[0].amount,
        expected["revenue_minor_EUR"].as_i64().map(i128::from).expect("a number")
    );
    assert_eq!(lead(&log, &tables, "L6").merged_into(), Some(lead(&log, &tables, "L1").index()));
}
