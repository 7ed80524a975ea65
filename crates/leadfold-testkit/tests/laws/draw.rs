//! Logs to be read: lives as they should be, and noise on top of them.

use std::fmt;

use leadfold_core::{DAY, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::deed::{self, Deed, LEADS};

/// 2024-01-20, so that the days to come lie in three months.
const FIRST_DAY: i64 = 19_742 * DAY;

/// No drawn event happens after this.
pub(crate) const LAST_INSTANT: i64 = FIRST_DAY + 1_000 * DAY;

/// Lines in their order of arrival.
#[derive(Clone)]
pub(crate) struct Lines(pub(crate) Vec<Value>);

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|line| write!(f, "\n{line}"))
    }
}

#[derive(Clone, Debug)]
enum Act {
    Deed(Deed),
    /// Takes back the event that this index leads to.
    Retract(usize),
    /// Gives that event the data of another, of the same type if there is one.
    Replace(usize, usize),
}

#[derive(Clone, Debug)]
struct Draft {
    lead: Option<usize>,
    day: i64,
    /// Days until the event reaches the log; below zero it is announced before it happens.
    delay: i64,
    /// Its id in the source system.
    origin: Option<u8>,
    is_of_tomorrow: bool,
    act: Act,
}

fn draft(lead: Option<usize>, day: i64, act: Act) -> Draft {
    Draft { lead, day, delay: 0, origin: None, is_of_tomorrow: false, act }
}

/// The steps of lives that companies plan for.
fn script() -> impl Strategy<Value = Vec<Deed>> {
    use deed::*;
    let won_lead = vec![
        captured(),
        qualified("mql"),
        handed_off(),
        accepted(),
        qualified("sql"),
        opened(),
        staged(),
        won(),
        paid("revenue_recorded"),
        paid("refunded"),
    ];
    let round_trip = vec![
        captured(),
        qualified("mql"),
        handed_off(),
        given_back("rejected"),
        qualified("mql"),
        handed_off(),
        accepted(),
        given_back("returned"),
        qualified("mql"),
        handed_off(),
        won(),
    ];
    let deals = vec![
        captured(),
        qualified("mql"),
        handed_off(),
        opened(),
        opened(),
        lost(),
        lost(),
        amended(),
        reopened("opportunity_reopened"),
        won(),
        lost(),
        reopened("reopened"),
    ];
    prop_oneof![won_lead, round_trip, deals]
}

/// One lead's life: its script with holes, on days that follow one another.
fn life() -> impl Strategy<Value = Vec<Draft>> {
    let gaps = prop::collection::vec((0_i64..4, prop::bool::weighted(0.85)), 12);
    (0..LEADS.len(), 0_i64..20, script(), gaps).prop_map(|(lead, mut day, script, gaps)| {
        let mut drafts = Vec::new();
        for (deed, (gap, is_kept)) in script.into_iter().zip(gaps) {
            day += gap;
            drafts.extend(is_kept.then(|| draft(Some(lead), day, Act::Deed(deed))));
        }
        drafts
    })
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => deed::any_deed().prop_map(Act::Deed),
        1 => any::<usize>().prop_map(Act::Retract),
        1 => any::<(usize, usize)>().prop_map(|(target, donor)| Act::Replace(target, donor)),
    ]
}

fn noise() -> impl Strategy<Value = Draft> {
    let delay = prop_oneof![3 => Just(0_i64), 1 => -20_i64..30];
    let origin = prop_oneof![3 => Just(None), 1 => (0_u8..4).prop_map(Some)];
    let lead = prop_oneof![20 => (0..LEADS.len()).prop_map(Some), 1 => Just(None)];
    let of_tomorrow = prop::bool::weighted(0.03);
    (lead, 0_i64..40, act(), delay, origin, of_tomorrow).prop_map(
        |(lead, day, act, delay, origin, is_of_tomorrow)| {
            let act = match act {
                Act::Deed((kind, data)) if lead.is_none() && kind != "from_tomorrow" => {
                    let amount = data.get("amount").cloned().unwrap_or_else(|| json!(1));
                    let cost = json!({
                        "amount": amount, "currency": "EUR", "scope": {},
                        "from": "2024-01-01", "to": "2024-01-02",
                    });
                    Act::Deed(("cost_recorded", cost))
                }
                act => act,
            };
            Draft { lead, day, delay, origin, is_of_tomorrow, act }
        },
    )
}

/// Any log of up to four leads.
pub(crate) fn lines() -> impl Strategy<Value = Lines> {
    drafts().prop_map(|drafts| Lines(write(drafts, false)))
}

/// The same, but no two events are of the same microsecond.
pub(crate) fn lines_of_distinct_times() -> impl Strategy<Value = Lines> {
    drafts().prop_map(|drafts| Lines(write(drafts, true)))
}

/// A log of two leads of sales and of their deals: opened, amended, closed and reopened in whatever
/// order, merged and corrected.
pub(crate) fn lines_of_deals() -> impl Strategy<Value = Lines> {
    use deed::*;
    let deeds = prop_oneof![
        3 => opened(),
        4 => amended(),
        4 => lost(),
        1 => staged(),
        1 => won(),
        2 => reopened("opportunity_reopened"),
        1 => merged("merged"),
    ];
    let acts = prop_oneof![
        16 => deeds.prop_map(Act::Deed),
        1 => any::<usize>().prop_map(Act::Retract),
        1 => any::<(usize, usize)>().prop_map(|(target, donor)| Act::Replace(target, donor)),
    ];
    prop::collection::vec((0_usize..2, 0_i64..3, acts), 1..24).prop_map(|acts| {
        let begun = |lead| {
            let captured = ("captured", json!({"origin": "sales_generated"}));
            let deeds = [captured, ("qualified", json!({"level": "sql"}))];
            deeds.map(|deed| draft(Some(lead), 0, Act::Deed(deed)))
        };
        let mut drafts: Vec<Draft> = (0..2).flat_map(begun).collect();
        let mut day = 0;
        for (lead, gap, act) in acts {
            day += gap;
            drafts.push(draft(Some(lead), day, act));
        }
        Lines(write(drafts, false))
    })
}

fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    let lives = prop::collection::vec(life(), 0..4);
    (lives, prop::collection::vec(noise(), 0..24)).prop_map(|(lives, noise)| {
        let mut drafts: Vec<Draft> = lives.into_iter().flatten().chain(noise).collect();
        drafts.sort_by_key(|draft| draft.day + draft.delay);
        drafts
    })
}

fn write(drafts: Vec<Draft>, is_distinct: bool) -> Vec<Value> {
    let nudge = |index: usize| if is_distinct { index as i64 } else { 0 };
    let line = |(index, draft): (usize, &Draft)| {
        let at = FIRST_DAY + draft.day * DAY + nudge(index);
        let known = FIRST_DAY + (draft.day + draft.delay) * DAY;
        let (kind, data) = body(&drafts, &draft.act);
        let mut line = json!({
            "id": id(index), "type": kind, "occurred_at": time(at), "recorded_at": time(known),
            "origin": {"system": "crm"}, "data": data,
        });
        if let Some(lead) = draft.lead {
            line["lead"] = json!(LEADS[lead]);
        }
        if let Some(origin) = draft.origin {
            line["origin"]["id"] = json!(format!("o{origin}"));
        }
        if draft.is_of_tomorrow {
            line["v"] = json!(2);
        }
        line
    };
    drafts.iter().enumerate().map(line).collect()
}

fn body(drafts: &[Draft], act: &Act) -> (&'static str, Value) {
    let target = |number: usize| number % drafts.len();
    match act {
        Act::Deed((kind, data)) => (kind, data.clone()),
        Act::Retract(number) => (
            "corrected",
            json!({"target": id(target(*number)), "action": "retract", "reason": "typo"}),
        ),
        Act::Replace(number, donor) => {
            let index = target(*number);
            let data = replacement(drafts, index, *donor);
            let target = id(index);
            let data =
                json!({"target": target, "action": "replace", "reason": "typo", "data": data});
            ("corrected", data)
        }
    }
}

/// The data of one of the events of the target's type, or, one time in eight, of any type.
fn replacement(drafts: &[Draft], target: usize, donor: usize) -> Value {
    let deeds = drafts.iter().filter_map(|draft| match &draft.act {
        Act::Deed(deed) => Some(deed),
        _ => None,
    });
    let is_fitting = |deed: &&Deed| match &drafts[target].act {
        Act::Deed((kind, _)) => donor.is_multiple_of(8) || deed.0 == *kind,
        _ => true,
    };
    let donors: Vec<&Deed> = deeds.filter(is_fitting).collect();
    if donors.is_empty() { json!({}) } else { donors[donor / 8 % donors.len()].1.clone() }
}

fn id(index: usize) -> String {
    format!("00000000-0000-7000-8000-{:012x}", index + 1)
}

/// An instant as a log writes it.
pub(crate) fn time(micros: i64) -> String {
    Timestamp::from_micros(micros).to_string()
}

/// An instant within the days of the drawn logs, or just outside.
pub(crate) fn instant() -> impl Strategy<Value = i64> {
    (-1_i64..42, -1_i64..2).prop_map(|(day, nudge)| FIRST_DAY + day * DAY + nudge)
}
