//! A model as a business would write it, and its scores worked out by hand.

use leadfold_core::event::{Attributes, Body, Captured};
use leadfold_core::scoring::{Scorecard, ScoringModel, Sign, Signal};
use leadfold_core::{DAY, Timestamp};
use serde_json::{Value, json};

use super::naive::plain_of;

pub(super) fn spec() -> Value {
    json!({
        "name": "b2b",
        "version": "3",
        "groups": [{ "name": "web", "cap": 12 }],
        "fit": [
            { "name": "industry", "points": 25,
              "when": [{ "attribute": "industry", "one_of": ["software", "finance"] }] },
            { "name": "mid-size", "points": 10,
              "when": [{ "attribute": "employees", "at_least": 50, "below": 200 }] },
            { "name": "student", "points": -50,
              "when": [{ "attribute": "title", "equals": "student" }] },
            { "name": "no phone", "points": -2.5,
              "when": [{ "attribute": "phone", "present": false }] },
        ],
        "behaviour": [
            { "name": "page", "group": "web", "points": 5, "counts_max": 3,
              "on": { "side": ["prospect"], "activity": ["/pricing"] },
              "decay": { "half_life": "14d" } },
            { "name": "form", "group": "web", "points": 4, "on": { "activity": ["form"] } },
            { "name": "meeting", "points": 30, "on": { "result": ["meeting"] },
              "decay": { "linear_to_zero": "60d" } },
        ],
        "limits": { "total": { "floor": 0, "cap": 70 } },
        "bands": { "fit": { "enter": [30, 20, 0] }, "behaviour": { "enter": [40, 20, 10] } },
        "definitions": [{ "name": "mql", "version": "2", "points_min": 40, "band_min": "B3",
                          "required": ["industry"] }],
    })
}

pub(super) fn model() -> ScoringModel {
    serde_json::from_value(spec()).expect("a sound model")
}

fn day(day: i64) -> Timestamp {
    Timestamp::from_micros(day * DAY)
}

pub(super) fn profile(at: i64, position: u64, fields: Value) -> Signal {
    let changed: Attributes = serde_json::from_value(fields).expect("attributes");
    Signal { at: day(at), position, what: Sign::Profile(changed) }
}

fn touch(at: i64, position: u64, fields: Value) -> Signal {
    let touched = serde_json::from_value(fields).expect("a touch");
    Signal { at: day(at), position, what: Sign::Touch(touched) }
}

fn page(at: i64, position: u64) -> Signal {
    touch(at, position, json!({ "side": "prospect", "activity": "/pricing" }))
}

fn history() -> Vec<Signal> {
    vec![
        profile(0, 1, json!({ "industry": "software", "employees": 120 })),
        page(0, 2),
        page(1, 3),
        page(14, 4),
        page(14, 5),
        touch(14, 6, json!({ "side": "prospect", "activity": "form" })),
        touch(20, 7, json!({ "side": "sales", "result": "meeting" })),
        profile(30, 8, json!({ "employees": "400", "phone": "known" })),
        profile(40, 9, json!({ "title": "student" })),
    ]
}

fn explained(at: i64) -> String {
    let (model, history) = (model(), history());
    let score = model.score(&history, day(at));
    let plain = plain_of(&score);
    let line = |(what, points, of): &(String, i128, Option<u64>)| match of {
        Some(of) => format!("{what}@{of} {points}"),
        None => format!("{what} {points}"),
    };
    let lines: Vec<String> = plain.lines.iter().map(line).collect();
    let band = score.band.map(|band| band.to_string()).unwrap_or_default();
    format!("{} = {}, {band}", plain.total, lines.join(", "))
}

#[test]
fn the_first_day() {
    // 25 + 10 - 2.5 = 32.5 is an A, 5 a 4.
    assert_eq!(
        explained(0),
        "37500 = industry 25000, mid-size 10000, no phone -2500, page@2 5000, A4"
    );
}

#[test]
fn only_the_latest_pages_count_and_the_group_is_capped() {
    // Pages 3 (13 days old: 5 * 2^(-13/14) = 2.627 ...), 4 and 5, and the form: 16.627 of 12.
    assert_eq!(
        explained(14),
        "44500 = industry 25000, mid-size 10000, no phone -2500, page@3 2627, page@4 5000, \
         page@5 5000, form@6 4000, cap web -4627, A3"
    );
}

#[test]
fn meetings_fade_in_a_line_and_numbers_may_be_texts() {
    // Day 50: 30 * (1 - 30/60) = 15; pages 4 and 5 are 36 days old, 5 * 2^(-36/14) = 0.841; page 3
    // is 49 days old, 5 * 2^-3.5 = 0.442. 25 - 50 + 0.442 + 2 * 0.841 + 4 + 15 = -3.876, and the
    // floor gives that back.
    assert_eq!(
        explained(50),
        "0 = industry 25000, student -50000, page@3 442, page@4 841, page@5 841, form@6 4000, \
         meeting@7 15000, floor total 3876, D2"
    );
}

#[test]
fn a_score_becomes_an_event() {
    let (model, history) = (model(), history());
    let scored = model.scored(&model.score(&history, day(14)));
    let expected = json!({
        "model": "b2b", "model_version": "3", "total": 44.5, "fit": 32.5, "behaviour": 12.0,
        "band": "A3",
    });
    assert_eq!(serde_json::to_value(scored).expect("writes"), expected);
}

#[test]
fn a_score_is_written_with_its_contributions() {
    let (model, history) = (model(), history());
    let score = serde_json::to_value(model.score(&history, day(0))).expect("writes");
    assert_eq!(
        score["contributions"][3],
        json!({
            "part": "behaviour", "group": "web", "cause": { "rule": "page" }, "points": 5.0,
            "of": 2,
        })
    );
    assert_eq!((&score["total"], &score["band"]), (&json!(37.5), &json!("A4")));
}

#[test]
fn a_model_reads_back_as_it_was_written() {
    let model = model();
    let text = serde_json::to_string(&model).expect("writes");
    assert_eq!(serde_json::from_str::<ScoringModel>(&text).expect("reads"), model);
}

#[test]
fn edges_are_signals_steps_and_the_ends_of_lines() {
    let model = model();
    let mut card = Scorecard::new(&model);
    history().iter().for_each(|signal| card.apply(signal));
    assert_eq!(card.edges(), [0, 1, 14, 20, 30, 40, 80].map(day));
}

#[test]
fn edges_beyond_the_end_of_time_are_left_out() {
    // From the first instant to the last.
    let (least, never) = (i64::MIN + 1, format!("{}us", u64::MAX - 1));
    let steps = json!([{ "after": "1us", "keeps": 0.5 }, { "after": never, "keeps": 0 }]);
    let rule = json!({ "name": "touch", "points": 1, "decay": { "steps": steps } });
    let spec = json!({ "name": "one rule", "version": "1", "behaviour": [rule] });
    let model: ScoringModel = serde_json::from_value(spec).expect("a sound model");
    let edges = |at: i64| {
        let mut card = Scorecard::new(&model);
        let touch = touch(0, 1, json!({ "side": "sales" }));
        card.apply(&Signal { at: Timestamp::from_micros(at), ..touch });
        card.edges().into_iter().map(Timestamp::micros).collect::<Vec<_>>()
    };
    assert_eq!(edges(least), [least, least + 1, i64::MAX]);
    assert_eq!(edges(0), [0, 1]);
    assert_eq!(edges(i64::MAX), [i64::MAX]);
}

#[test]
fn an_event_says_what_it_says_to_a_score() {
    let body = |kind: &str, data: Value| {
        let line = json!({
            "lead": "L1", "type": kind, "occurred_at": "2024-02-01T09:00:00Z", "data": data,
        });
        let line = leadfold_core::event::EventLine::parse(line.to_string().as_bytes());
        line.expect("an event").identify(|_| 0).event.body
    };
    let attributes = json!({ "attributes": { "industry": "software" } });
    let changed = Attributes::from_iter([("industry", "software")]);
    let profile = Some(Sign::Profile(changed));
    assert_eq!(Sign::of(&body("profile_updated", attributes.clone())), profile);
    assert_eq!(Sign::of(&body("captured", attributes)), profile);
    assert!(matches!(Sign::of(&body("touched", json!({ "side": "sales" }))), Some(Sign::Touch(_))));
    assert_eq!(Sign::of(&body("recycled", json!({}))), None);
    assert!(matches!(body("captured", json!({})), Body::Captured(Captured { .. })));
}
