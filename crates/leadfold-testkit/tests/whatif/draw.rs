//! Random logs in which definitions are met and lost, and the playbooks to hold against them.

use leadfold_core::{DAY, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::golden::scored;

/// 2024-01-01.
const FIRST_DAY: i64 = 19_723 * DAY;
const HOUR: i64 = DAY / 24;
const LEADS: [&str; 3] = ["a", "b", "c"];

/// A type with its data.
type Deed = (&'static str, Value);

fn pick<T: Clone + std::fmt::Debug + 'static>(of: &[T]) -> impl Strategy<Value = T> + use<T> {
    prop::sample::select(of.to_vec())
}

fn attributes() -> impl Strategy<Value = Value> {
    let sizes = [json!(10), json!(40), json!("40"), json!(40.5), json!("040"), json!("")];
    let industry = prop::option::of(pick(&["software", "retail", ""]));
    (industry, prop::option::of(pick(&sizes))).prop_map(|(industry, size)| {
        let mut attributes = json!({});
        if let Some(industry) = industry {
            attributes["industry"] = json!(industry);
        }
        if let Some(size) = size {
            attributes["size"] = size;
        }
        attributes
    })
}

fn touched() -> impl Strategy<Value = Deed> {
    let result = prop::option::of(pick(&["attempt", "meeting"]));
    (pick(&["prospect", "sales"]), pick(&["pricing", "blog"]), result).prop_map(
        |(side, activity, result)| {
            ("touched", json!({"side": side, "activity": activity, "result": result}))
        },
    )
}

fn deal() -> impl Strategy<Value = Deed> {
    let kind = pick(&["opportunity_opened", "opportunity_amended"]);
    let probability = prop::option::of(pick(&[0.0, 0.25, 0.5, 0.75, 1.0]));
    (kind, pick(&["p", "q"]), probability).prop_map(|(kind, deal, probability)| {
        (kind, json!({"opportunity": deal, "probability": probability}))
    })
}

fn deed() -> impl Strategy<Value = Deed> {
    let plain: Vec<Deed> = vec![
        ("qualified", json!({"level": "mql"})),
        ("qualified", json!({"level": "sql"})),
        ("handed_off", json!({"to": "ann"})),
        ("handed_off", json!({"to": "bob"})),
        ("accepted", json!({})),
        ("rejected", json!({"reason": "early"})),
        ("recycled", json!({})),
        ("disqualified", json!({"reason": "spam"})),
        ("reopened", json!({})),
        ("won", json!({"opportunity": "p"})),
        ("won", json!({})),
        ("lost", json!({"opportunity": "q"})),
        ("lost", json!({})),
        ("opportunity_reopened", json!({})),
    ];
    let rare: Vec<Deed> = vec![
        ("erased", json!({"request": "R1"})),
        ("merged", json!({"into": "a"})),
        ("merged", json!({"into": "b"})),
        ("unmerged", json!({"from": "a"})),
    ];
    let snapshot = (attributes(), pick(&["new", "customer", "lost"])).prop_map(|(given, state)| {
        (
            "snapshot_imported",
            json!({"state": state, "history_known_from": "2024-01-01", "attributes": given}),
        )
    });
    prop_oneof![
        3 => attributes().prop_map(|given| ("captured", json!({"attributes": given}))),
        2 => attributes().prop_map(|given| ("profile_updated", json!({"attributes": given}))),
        6 => touched(),
        7 => pick(&plain),
        2 => pick(&[("qualified", json!({"level": "mql"})), ("handed_off", json!({"to": "ann"}))]),
        5 => deal(),
        1 => pick(&rare),
        1 => snapshot,
    ]
}

#[derive(Clone, Debug)]
enum Act {
    Deed(Deed),
    Retract(usize),
    /// Gives an event the data of another.
    Replace(usize, usize),
}

/// Lead, hour, days until it is known, and what happened.
type Draft = (usize, i64, i64, Act);

fn draft() -> impl Strategy<Value = Draft> {
    let act = prop_oneof![
        10 => deed().prop_map(Act::Deed),
        1 => any::<usize>().prop_map(Act::Retract),
        1 => any::<(usize, usize)>().prop_map(|(target, donor)| Act::Replace(target, donor)),
    ];
    let hour = prop_oneof![(0_i64..30).prop_map(|day| day * 24), 0_i64..1_200];
    let delay = prop_oneof![3 => Just(0_i64), 1 => 0_i64..20];
    (0..LEADS.len(), hour, delay, act)
}

/// A log of up to three leads, in the order of arrival.
pub(crate) fn log() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(draft(), 0..60).prop_map(|mut drafts| {
        drafts.sort_by_key(|(_, hour, delay, _)| hour + delay * 24);
        (0..drafts.len()).map(|place| line(&drafts, place)).collect()
    })
}

fn line(drafts: &[Draft], place: usize) -> Value {
    let (lead, hour, delay, act) = &drafts[place];
    let at = Timestamp::from_micros(FIRST_DAY + hour * HOUR);
    let known = Timestamp::from_micros(FIRST_DAY + (hour + delay * 24) * HOUR);
    let (kind, data) = match act {
        Act::Deed((kind, data)) => (*kind, data.clone()),
        Act::Retract(target) => {
            let target = id(target % drafts.len());
            ("corrected", json!({"target": target, "action": "retract", "reason": "x"}))
        }
        Act::Replace(target, donor) => {
            let target = id(target % drafts.len());
            let data = match &drafts[donor % drafts.len()].3 {
                Act::Deed((_, data)) => data.clone(),
                _ => json!({}),
            };
            let data = json!({"target": target, "action": "replace", "reason": "x", "data": data});
            ("corrected", data)
        }
    };
    json!({
        "id": id(place), "lead": LEADS[*lead], "type": kind, "data": data,
        "occurred_at": at.to_string(), "recorded_at": known.to_string(),
    })
}

fn id(place: usize) -> String {
    format!("00000000-0000-7000-8000-{:012x}", place + 1)
}

/// An instant within the days of the logs, on the hour or beside it, and a window in days.
pub(crate) fn when() -> impl Strategy<Value = (Timestamp, u32)> {
    (-1_i64..1_300, -1_i64..2, 1_u32..40).prop_map(|(hour, nudge, days)| {
        (Timestamp::from_micros(FIRST_DAY + hour * HOUR + nudge), days)
    })
}

/// Playbooks of every kind: without scoring, without definitions, with all that fades.
pub(crate) fn book() -> impl Strategy<Value = Value> {
    let fading = json!({"scoring": {
        "name": "m", "version": "1",
        "groups": [{"name": "web", "cap": 30}],
        "fit": [{"name": "size", "points": 12.5, "when": [{"attribute": "size", "above": 20}]}],
        "behaviour": [
            {"name": "all", "points": 10, "group": "web", "decay": {"half_life": "5d"}},
            {"name": "sales", "on": {"side": ["sales"]}, "points": -8, "counts_max": 2,
             "decay": {"linear_to_zero": "7d"}},
            {"name": "met", "on": {"result": ["meeting"]}, "points": 20,
             "decay": {"steps": [{"after": "3d", "keeps": 0.5}, {"after": "9d", "keeps": 0}]}},
        ],
        "limits": {"total": {"floor": -5}},
        "bands": {"fit": {"enter": [30, 12, 1]}, "behaviour": {"enter": [20, 10, 1]}},
        "definitions": [
            {"name": "band", "version": "1", "band_min": "B2"},
            {"name": "known", "version": "1", "points_min": 0, "required": ["industry", "size"]},
            {"name": "cold", "version": "1", "points_min": -4},
        ],
    }});
    let named = |name: &str| {
        let mut book = fading.clone();
        book["handoff_definition"] = json!(name);
        book
    };
    let mut undefined = fading.clone();
    undefined["scoring"]["definitions"] = json!([]);
    let books = [json!({}), undefined, fading.clone(), named("known"), named("cold"), scored()];
    (pick(&books), any::<[bool; 2]>()).prop_map(|(mut book, [skips, hand_raiser])| {
        let illegal = if skips { "skip" } else { "apply" };
        book["rules"] = json!({"illegal": illegal, "hand_raiser": hand_raiser});
        book
    })
}
