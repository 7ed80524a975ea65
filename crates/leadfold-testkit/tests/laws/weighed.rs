//! The weighted pipeline is what a naive reading of the lines counts.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use leadfold_core::metrics::{
    DealTrail, PipelinePart, PipelineRow, ProbabilityOrigin as Origin, pipeline,
};
use leadfold_core::{Bounds, DAY, Facts, Fold, LeadIndex, Playbook, Tables};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseResult, TestRunner};
use serde_json::{Value, json};

use super::book::config;
use super::draw::{Lines, time};
use super::log::Log;

/// What happens to one of a few deals: lead, deal, and what.
type Turn = (usize, usize, Move);

#[derive(Clone, Debug)]
enum Move {
    Open { stage: Option<usize>, amount: Option<i64>, own: Option<u8> },
    Go(usize),
    Amend { amount: Option<i64>, own: Option<u8> },
    Close(bool),
    Reopen,
}

const STAGES: [&str; 3] = ["demo", "offer", "contract"];

/// A deal as a naive reader keeps it.
#[derive(Clone, Debug, Default)]
struct Deal {
    amount: Option<i64>,
    /// Percent.
    own: Option<u8>,
    stage: Option<usize>,
    been: BTreeSet<usize>,
    /// Won or lost.
    closed: Option<bool>,
}

/// A log of moves that are all allowed, and what a naive reader makes of them.
fn tell(turns: &[Turn]) -> (Lines, Vec<Deal>) {
    let mut deals: BTreeMap<(usize, usize), Deal> = BTreeMap::new();
    let mut lines = Vec::new();
    let mut say = |day: usize, lead: usize, kind: &str, data: Value| {
        let at = time((19_742 + day as i64) * DAY);
        let id = format!("00000000-0000-7000-8000-{:012}", lines.len());
        lines.push(json!({
            "id": id, "lead": format!("l{lead}"), "type": kind, "occurred_at": at,
            "recorded_at": at, "data": data,
        }));
    };
    for lead in 0..3 {
        say(0, lead, "captured", json!({"origin": "sales_generated"}));
        say(1, lead, "qualified", json!({"level": "sql"}));
        say(2, lead, "opportunity_opened", json!({"opportunity": "first"}));
        say(3, lead, "won", json!({"opportunity": "first"}));
    }
    for (index, (lead, deal, turn)) in turns.iter().enumerate() {
        let known = deals.get_mut(&(*lead, *deal));
        if let Some((kind, data)) = take(known, turn, &format!("d{deal}")) {
            say(4 + index, *lead, kind, data);
            if let Move::Open { stage, amount, own } = turn {
                let been = stage.iter().copied().collect();
                let deal_row =
                    Deal { amount: *amount, own: *own, stage: *stage, been, closed: None };
                deals.insert((*lead, *deal), deal_row);
            }
        }
    }
    (Lines(lines), deals.into_values().collect())
}

fn share(percent: u8) -> f64 {
    f64::from(percent) / 100.0
}

/// The event of a move, if the deal allows it; a known deal is changed.
fn take(deal: Option<&mut Deal>, turn: &Move, key: &str) -> Option<(&'static str, Value)> {
    match (deal, turn) {
        (None, Move::Open { stage, amount, own }) => {
            let stage = stage.map(|stage| STAGES[stage]);
            let own = own.map(share);
            let data = json!({
                "opportunity": key, "pipeline": "p", "stage": stage, "amount": amount,
                "currency": "EUR", "probability": own,
            });
            Some(("opportunity_opened", without_nulls(data)))
        }
        (Some(deal), Move::Go(stage)) if deal.closed.is_none() => {
            deal.stage = Some(*stage);
            deal.been.insert(*stage);
            Some(("opportunity_stage_changed", json!({"opportunity": key, "to": STAGES[*stage]})))
        }
        (Some(deal), Move::Amend { amount, own }) if deal.closed.is_none() => {
            deal.amount = amount.or(deal.amount);
            deal.own = own.or(deal.own);
            let own = own.map(share);
            let data = json!({"opportunity": key, "amount": amount, "probability": own});
            Some(("opportunity_amended", without_nulls(data)))
        }
        (Some(deal), Move::Close(is_won)) if deal.closed.is_none() => {
            deal.closed = Some(*is_won);
            Some((if *is_won { "won" } else { "lost" }, json!({"opportunity": key})))
        }
        (Some(deal), Move::Reopen) if deal.closed.is_some() => {
            deal.closed = None;
            Some(("opportunity_reopened", json!({"opportunity": key})))
        }
        _ => None,
    }
}

fn without_nulls(mut data: Value) -> Value {
    data.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    data
}

/// Count, count without amount, amount, expected.
type Sums = (u64, u64, i128, i128);

fn naive(deals: &[Deal]) -> BTreeMap<Origin, Sums> {
    let rate = |stage: usize| {
        let been = deals.iter().filter(|deal| deal.been.contains(&stage));
        let closed: Vec<bool> = been.filter_map(|deal| deal.closed).collect();
        let won = closed.iter().filter(|won| **won).count();
        (!closed.is_empty()).then_some((won as i128, closed.len() as i128))
    };
    let mut sums: BTreeMap<Origin, Sums> = BTreeMap::new();
    for deal in deals.iter().filter(|deal| deal.closed.is_none()) {
        let amount = i128::from(deal.amount.unwrap_or(0));
        let (origin, expected) = match (deal.own, deal.stage.and_then(rate)) {
            // Half a minor unit more, then rounded down: halves go up.
            (Some(own), _) => (Origin::Own, (amount * i128::from(own) + 50).div_euclid(100)),
            (None, Some((won, n))) => {
                (Origin::StageHistory, (amount * won * 2 + n).div_euclid(2 * n))
            }
            (None, None) => (Origin::Unknown, 0),
        };
        let row = sums.entry(origin).or_default();
        row.0 += 1;
        row.1 += u64::from(deal.amount.is_none());
        row.2 += amount;
        row.3 += expected;
    }
    sums
}

/// Folds a log while the trail is noted, events of several pages and out of order included.
fn watched(log: &Log, playbook: Playbook) -> (Tables, DealTrail) {
    let trail = DealTrail::under(playbook.rules.illegal);
    let mut fold = Fold::watched(playbook, Bounds::default(), trail);
    for page in &log.facts {
        fold.learn(|name| log.store.code(name)).expect("a memory has codes");
        fold.apply(page);
    }
    let history = |leads: &[LeadIndex]| {
        let mut facts = Facts::default();
        for page in &log.facts {
            facts.extend_filtered(page, |lead| leads.contains(&lead));
        }
        Ok::<_, Infallible>(facts)
    };
    fold.settle(history).expect("a memory has a history");
    fold.into_parts()
}

fn sums(part: &PipelinePart) -> Sums {
    let amount = part.amounts.iter().map(|sum| sum.amount).sum();
    let expected = part.amounts.iter().filter_map(|sum| sum.expected).sum();
    (part.count, part.without_amount, amount, expected)
}

fn law(
    turns: &[Turn],
    reverse: bool,
    count: impl Fn(&Tables, &DealTrail) -> Vec<PipelineRow>,
) -> TestCaseResult {
    let (mut lines, deals) = tell(turns);
    if reverse {
        lines.0.reverse();
    }
    let (tables, trail) = watched(&Log::of(&lines), Playbook::default());
    let rows = count(&tables, &trail);
    let found: BTreeMap<Origin, Sums> =
        rows[0].parts.iter().map(|part| (part.origin, sums(part))).collect();
    prop_assert_eq!(found, naive(&deals));
    let open = deals.iter().filter(|deal| deal.closed.is_none()).count();
    prop_assert_eq!(rows[0].open, open as u64);
    Ok(())
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let amount = || prop::option::weighted(0.8, 0_i64..100_000);
    let own = || prop::option::weighted(0.3, 0_u8..=100);
    let stage = prop::option::weighted(0.7, 0..STAGES.len());
    let turn = prop_oneof![
        4 => (stage, amount(), own())
            .prop_map(|(stage, amount, own)| Move::Open { stage, amount, own }),
        3 => (0..STAGES.len()).prop_map(Move::Go),
        1 => (amount(), own()).prop_map(|(amount, own)| Move::Amend { amount, own }),
        3 => any::<bool>().prop_map(Move::Close),
        1 => Just(Move::Reopen),
    ];
    prop::collection::vec((0_usize..3, 0_usize..4, turn), 0..60)
}

proptest! {
    #![proptest_config(config(128))]

    /// Whatever the order in which the events came.
    #[test]
    fn the_pipeline_is_weighted_as_a_naive_reader_does(
        turns in turns(), reverse in any::<bool>(),
    ) {
        law(&turns, reverse, |tables, trail| pipeline(tables, trail, &[]))?;
    }
}

#[test]
fn a_broken_weighting_is_caught() {
    type Count = fn(&Tables, &DealTrail) -> Vec<PipelineRow>;
    let broken: [(&str, Count); 3] = [
        ("no trail", |tables, _| pipeline(tables, &DealTrail::default(), &[])),
        ("no amount is an amount of nothing", |tables, trail| {
            let mut rows = pipeline(tables, trail, &[]);
            rows[0].parts.iter_mut().for_each(|part| part.without_amount = 0);
            rows
        }),
        ("unknown is lost", |tables, trail| {
            let mut rows = pipeline(tables, trail, &[]);
            rows[0].parts.retain(|part| part.origin != Origin::Unknown);
            rows
        }),
    ];
    for (what, count) in broken {
        let config =
            ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) };
        let config = ProptestConfig { max_shrink_iters: 0, ..config };
        let caught = TestRunner::new(config).run(&turns(), |turns| law(&turns, false, count));
        caught.expect_err(what);
    }
}

/// A life of one deal, event by event: what is said after a merge, a correction or a wrong move.
fn told(events: &[(&str, &str, Value)], playbook: Playbook) -> Vec<PipelineRow> {
    let line = |(day, (lead, kind, data)): (usize, &(&str, &str, Value))| {
        let at = time((19_742 + day as i64) * DAY);
        let id = format!("00000000-0000-7000-8000-{day:012}");
        json!({
            "id": id, "lead": lead, "type": kind, "occurred_at": at, "recorded_at": at,
            "data": data,
        })
    };
    let log = Log::of(&Lines(events.iter().enumerate().map(line).collect()));
    let (tables, trail) = watched(&log, playbook);
    pipeline(&tables, &trail, &[])
}

fn opening() -> Vec<(&'static str, &'static str, Value)> {
    let deal = json!({"opportunity": "d", "amount": 1_000, "currency": "EUR", "probability": 0.5});
    vec![
        ("a", "captured", json!({"origin": "sales_generated"})),
        ("a", "qualified", json!({"level": "sql"})),
        ("a", "opportunity_opened", deal),
    ]
}

fn expected(rows: &[PipelineRow]) -> Option<i128> {
    rows[0].amounts().first().and_then(|sum| sum.expected)
}

#[test]
fn a_correction_takes_a_probability_back() {
    let amend = json!({"opportunity": "d", "probability": 0.9});
    let mut events = opening();
    events.push(("a", "opportunity_amended", amend));
    assert_eq!(expected(&told(&events, Playbook::default())), Some(900));
    let target = "00000000-0000-7000-8000-000000000003";
    let retract = json!({"target": target, "action": "retract", "reason": "typo"});
    events.push(("a", "corrected", retract));
    assert_eq!(expected(&told(&events, Playbook::default())), Some(500));
}

#[test]
fn a_merged_leads_deal_is_the_survivors_and_counts_once() {
    let mut events = opening();
    events.push(("b", "captured", json!({})));
    events.push(("a", "merged", json!({"into": "b"})));
    let rows = told(&events, Playbook::default());
    assert_eq!((rows[0].open, expected(&rows)), (1, Some(500)));
}

/// Under a strict playbook an illegal event says nothing; under the default one it does.
#[test]
fn what_is_skipped_states_no_probability() {
    let mut events = opening();
    events.push(("a", "lost", json!({"opportunity": "d"})));
    events.push(("a", "opportunity_amended", json!({"opportunity": "d", "probability": 0.9})));
    events.push(("a", "opportunity_reopened", json!({"opportunity": "d"})));
    assert_eq!(expected(&told(&events, Playbook::default())), Some(900));
    let mut strict = Playbook::default();
    strict.rules.illegal = leadfold_core::Illegal::Skip;
    assert_eq!(expected(&told(&events, strict)), Some(500));
}

/// Of an opportunity that the lead has not yet an event says nothing, not even in the instant in
/// which it is opened.
#[test]
fn what_comes_before_the_opening_says_nothing() {
    let at = |n: usize, day: i64, kind: &str, data: Value| {
        let at = time((19_742 + day) * DAY);
        json!({
            "id": format!("00000000-0000-7000-8000-{n:012}"), "lead": "l", "type": kind,
            "occurred_at": at, "recorded_at": at, "data": data,
        })
    };
    let amended = json!({"opportunity": "d", "probability": 0.5});
    let moved = json!({"opportunity": "d", "to": "offer"});
    let lines = vec![
        at(1, 0, "captured", json!({"origin": "sales_generated"})),
        at(2, 1, "qualified", json!({"level": "sql"})),
        at(3, 2, "opportunity_amended", amended),
        at(4, 2, "opportunity_stage_changed", moved),
        at(
            5,
            2,
            "opportunity_opened",
            json!({"opportunity": "d", "amount": 100, "currency": "EUR"}),
        ),
        at(6, 2, "opportunity_opened", json!({"opportunity": "e", "stage": "offer"})),
    ];
    let won = at(7, 3, "won", json!({"opportunity": "d"}));
    let origins = |lines: Vec<Value>| -> Vec<Origin> {
        let (tables, trail) = watched(&Log::of(&Lines(lines)), Playbook::default());
        pipeline(&tables, &trail, &[])[0].parts.iter().map(|part| part.origin).collect()
    };
    assert_eq!(origins(lines.clone()), [Origin::Unknown]);
    assert_eq!(origins([lines, vec![won]].concat()), [Origin::Unknown]);
}
