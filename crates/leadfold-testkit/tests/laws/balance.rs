//! Laws 5 to 7: times, leads and money add up, exactly.

use leadfold_core::metrics::{
    By, FunnelQuery, FunnelRow, RevenueBasis, ValueRow, Zone, funnel, historic_value, stage_time,
    status,
};
use leadfold_core::{Bounds, Money, State, Tables, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::book::{config, playbook, rules};
use super::draw::{LAST_INSTANT, instant, lines};
use super::log::Log;

fn tables_of(log: &Log, rules: &leadfold_testkit::oracle::Rules, as_of: i64) -> Tables {
    let bounds = Bounds { as_of: Some(Timestamp::from_micros(as_of)), known_at: None };
    log.tables(&playbook(rules), bounds)
}

/// Every way to split, and two at once.
pub(crate) fn splits(log: &Log) -> Vec<Vec<By>> {
    let mut splits = vec![
        vec![],
        vec![By::Source],
        vec![By::Medium],
        vec![By::Campaign],
        vec![By::Channel],
        vec![By::Owner],
        vec![By::Product],
        vec![By::CohortMonth(Zone::utc())],
        vec![By::Source, By::CohortMonth(Zone::utc())],
    ];
    let region = log.store.code("region").expect("a memory has codes");
    splits.extend(region.map(|code| vec![By::Attribute(code)]));
    splits
}

/// What of the captured became what.
fn fates(row: &FunnelRow) -> [u64; 5] {
    [row.captured, row.still_open, row.won.num, row.lost, row.erased]
}

fn adds_up(tables: &Tables, log: &Log, as_of: i64) -> TestCaseResult {
    let query = FunnelQuery::as_of(Timestamp::from_micros(as_of));
    let is_captured = |state: State| {
        let leads = tables.leads().filter(|lead| lead.captured_at().is_some());
        leads.filter(|lead| lead.state() == state).count() as u64
    };
    for by in splits(log) {
        let split = format!("{by:?}");
        let rows = funnel(tables, &FunnelQuery { by, ..query.clone() });
        for row in &rows {
            let [captured, rest @ ..] = fates(row);
            prop_assert_eq!(captured, rest.iter().sum::<u64>(), "{}", split);
            let standing: u64 = row.stages.iter().map(|stage| stage.open).sum();
            prop_assert_eq!(captured, standing + row.erased, "{}", split);
            prop_assert_eq!(row.won.den, captured);
        }
        let merged = is_captured(State::Merged);
        let all = tables.leads().filter(|lead| lead.captured_at().is_some()).count() as u64;
        prop_assert_eq!(all, rows[0].captured + merged);
        if rows.len() > 1 {
            let mut sum = [0; 5];
            for row in &rows[1..] {
                sum.iter_mut().zip(fates(row)).for_each(|(sum, n)| *sum += n);
            }
            prop_assert_eq!(sum, fates(&rows[0]), "{}", split);
        }
        for (state, open) in State::ALL.into_iter().zip(rows[0].stages.iter().map(|s| s.open)) {
            prop_assert_eq!(is_captured(state), open);
        }
    }
    Ok(())
}

fn times_sum(tables: &Tables, as_of: i64) -> TestCaseResult {
    for lead in tables.leads() {
        let visits = lead.visits();
        let ends = |at: Option<Timestamp>| at.map_or(as_of, Timestamp::micros);
        let sum: i64 = visits.iter().map(|v| ends(v.left_at) - v.entered_at.micros()).sum();
        prop_assert_eq!(sum, as_of - lead.began_at().micros());
        let in_row = visits.windows(2).all(|pair| pair[0].left_at == Some(pair[1].entered_at));
        prop_assert!(in_row, "the visits follow one another");
        prop_assert!(visits.iter().all(|v| ends(v.left_at) >= v.entered_at.micros()));
        if visits.iter().all(|visit| !visit.is_unknown) {
            let at = Timestamp::from_micros(as_of);
            let times = State::ALL.into_iter().map(|state| stage_time(&lead, state, at).total());
            let captured = lead.captured_at().expect("a lead of known times was captured");
            prop_assert_eq!(times.sum::<i64>(), as_of - captured.micros());
        }
    }
    Ok(())
}

fn summed(rows: &[ValueRow], part: fn(&ValueRow) -> &Vec<Money>) -> Vec<Money> {
    let mut sums = std::collections::BTreeMap::new();
    for money in rows.iter().flat_map(part) {
        *sums.entry(money.currency).or_insert(0_i128) += money.amount;
    }
    sums.into_iter().map(|(currency, amount)| Money { currency, amount }).collect()
}

proptest! {
    #![proptest_config(config(96))]

    #[test]
    fn law_5_the_times_in_stages_sum_to_the_lead_s_age(
        lines in lines(), rules in rules(), as_of in instant(),
    ) {
        let log = Log::of(&lines);
        times_sum(&tables_of(&log, &rules, as_of), as_of)?;
        times_sum(&tables_of(&log, &rules, LAST_INSTANT), LAST_INSTANT)?;
    }

    #[test]
    fn law_6_every_captured_lead_is_somewhere_at_every_instant_and_in_every_split(
        lines in lines(), rules in rules(), as_of in prop::collection::vec(instant(), 3),
    ) {
        let log = Log::of(&lines);
        for as_of in as_of.into_iter().chain([LAST_INSTANT]) {
            let tables = tables_of(&log, &rules, as_of);
            adds_up(&tables, &log, as_of)?;
            let counts = status(&tables);
            prop_assert_eq!(counts.leads, counts.states.iter().sum::<u64>());
            prop_assert_eq!(counts.leads, tables.leads().count() as u64);
        }
    }

    #[test]
    fn law_7_totals_are_whole_and_the_same_for_every_split(lines in lines(), rules in rules()) {
        let log = Log::of(&lines);
        let tables = tables_of(&log, &rules, LAST_INSTANT);
        for basis in [RevenueBasis::RecordedElseWon, RevenueBasis::Recorded, RevenueBasis::Won] {
            for by in splits(&log).into_iter().filter(|by| !by.is_empty()) {
                let rows = historic_value(&tables, &by, basis);
                prop_assert_eq!(summed(&rows[1..], |r| &r.revenue), rows[0].revenue.clone());
                prop_assert_eq!(summed(&rows[1..], |r| &r.refunds), rows[0].refunds.clone());
                prop_assert_eq!(summed(&rows[1..], |r| &r.margin), rows[0].margin.clone());
                prop_assert_eq!(summed(&rows[1..], |r| &r.cost), rows[0].cost.clone());
                let customers: u64 = rows[1..].iter().map(|row| row.customers).sum();
                prop_assert_eq!(customers, rows[0].customers);
            }
        }
    }
}
