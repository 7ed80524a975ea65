//! Logs to audit: lives that go to and fro between marketing and sales, and noise on top of them.

use std::fmt;

use leadfold_core::Timestamp;
use leadfold_core::event::{EventLine, NewEvent};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::book::HOUR;

/// 2024-02-01, a Thursday.
pub(crate) const FIRST_INSTANT: i64 = 1_706_745_600_000_000;

const LEADS: [&str; 3] = ["a", "b", "c"];

/// A type and its data.
type Deed = (&'static str, Value);

#[derive(Clone, Debug)]
enum Act {
    Deed(Deed),
    /// Takes back the event that this number leads to.
    Retract(usize),
    /// Gives that event the data of another of its type.
    Replace(usize, usize),
}

#[derive(Clone, Debug)]
struct Draft {
    lead: usize,
    hour: i64,
    /// Hours until the event reaches the log; below zero it is announced before it happens.
    delay: i64,
    is_automatic: bool,
    /// Its id in the source system.
    origin: Option<u8>,
    act: Act,
}

/// What a log may have in it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Taste {
    /// Merges and their undoing.
    pub(crate) merges: bool,
    /// Corrections.
    pub(crate) corrections: bool,
    /// Events that happen at the same instant, and late ones.
    pub(crate) disorder: bool,
    /// Hand-offs and answers that name a key.
    pub(crate) keys: bool,
}

impl Taste {
    pub(crate) const ALL: Self =
        Self { merges: true, corrections: true, disorder: true, keys: true };
    /// What the second reading can tell under a playbook with queues.
    pub(crate) const OF_QUEUES: Self =
        Self { merges: false, corrections: true, disorder: true, keys: false };
}

fn deed(
    kind: &'static str,
    fields: Vec<(&'static str, BoxedStrategy<Value>)>,
) -> BoxedStrategy<Deed> {
    let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
    let object = move |values: Vec<Value>| {
        let given = names.iter().zip(values).filter(|(_, value)| !value.is_null());
        let fields = given.map(|(name, value)| ((*name).to_owned(), value));
        (kind, Value::Object(fields.collect::<Map<_, _>>()))
    };
    values.prop_map(object).boxed()
}

fn one_of(words: &[&str]) -> BoxedStrategy<Value> {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    prop::sample::select(words).prop_map(Value::from).boxed()
}

/// Absent every other time.
fn maybe(words: &[&str]) -> BoxedStrategy<Value> {
    prop_oneof![Just(Value::Null), one_of(words)].boxed()
}

fn person() -> BoxedStrategy<Value> {
    one_of(&["ann", "ben", "ann", "ben", "queue"])
}

fn due() -> BoxedStrategy<Value> {
    prop_oneof![9 => Just(Value::Null), 1 => hour()].boxed()
}

fn hour() -> BoxedStrategy<Value> {
    (0_i64..40 * 24).prop_map(|hour| json!(time(FIRST_INSTANT + hour * HOUR))).boxed()
}

fn attributes() -> BoxedStrategy<Value> {
    let names = prop::sample::subsequence(vec!["industry", "size", "region"], 0..=3);
    let value = prop_oneof![4 => Just(json!("x")), 1 => Just(json!(7)), 1 => Just(json!(""))];
    (names, value)
        .prop_map(|(names, value)| {
            let fields = names.into_iter().map(|name| (name.to_owned(), value.clone()));
            Value::Object(fields.collect())
        })
        .boxed()
}

fn captured() -> BoxedStrategy<Deed> {
    deed(
        "captured",
        vec![
            ("source", maybe(&["web", "fair"])),
            ("medium", maybe(&["cpc"])),
            ("channel", maybe(&["mail"])),
            (
                "origin",
                prop_oneof![4 => Just(Value::Null), 1 => Just(json!("sales_generated"))].boxed(),
            ),
            ("attributes", attributes()),
        ],
    )
}

fn snapshot() -> BoxedStrategy<Deed> {
    let states = ["mql", "handed_off", "accepted", "opportunity", "customer", "nurturing", "lost"];
    deed(
        "snapshot_imported",
        vec![
            ("state", one_of(&states)),
            ("owner", prop_oneof![Just(Value::Null), person()].boxed()),
            ("source", maybe(&["web"])),
            ("attributes", attributes()),
            ("history_known_from", Just(json!("2024-01-01")).boxed()),
        ],
    )
}

fn qualified(level: &'static str) -> BoxedStrategy<Deed> {
    deed(
        "qualified",
        vec![("level", Just(json!(level)).boxed()), ("definition", maybe(&["fit/1", "fit/2"]))],
    )
}

fn handed_off() -> BoxedStrategy<Deed> {
    deed(
        "handed_off",
        vec![
            ("to", person()),
            ("handoff", prop_oneof![3 => Just(Value::Null), 1 => one_of(&["H1", "H2"])].boxed()),
            ("decision_due", due()),
            ("touch_due", due()),
        ],
    )
}

fn accepted() -> BoxedStrategy<Deed> {
    deed(
        "accepted",
        vec![
            ("by", maybe(&["ann", "ben", "cid"])),
            ("handoff", prop_oneof![5 => Just(Value::Null), 1 => one_of(&["H1", "H2"])].boxed()),
        ],
    )
}

fn given_back(kind: &'static str) -> BoxedStrategy<Deed> {
    deed(
        kind,
        vec![
            ("reason", one_of(&["early", "early", ""])),
            ("by", maybe(&["ann", "ben"])),
            ("to", maybe(&["mql", "disqualified", "nurture"])),
        ],
    )
}

fn owned(kind: &'static str) -> BoxedStrategy<Deed> {
    let to = prop_oneof![6 => person(), 1 => Just(Value::Null)].boxed();
    deed(kind, vec![("to", to), ("cause", maybe(&["leaver", "capacity", "rule", "manual"]))])
}

fn touched(side: &'static str) -> BoxedStrategy<Deed> {
    deed(
        "touched",
        vec![
            ("side", Just(json!(side)).boxed()),
            ("direction", maybe(&["in", "out"])),
            ("channel", maybe(&["mail", "phone"])),
            ("result", maybe(&["attempt", "contact", "meeting", "reply"])),
            ("by", maybe(&["ann", "ben"])),
        ],
    )
}

fn consent(kind: &'static str) -> BoxedStrategy<Deed> {
    deed(
        kind,
        vec![
            ("purpose", one_of(&["news", "offers", ""])),
            ("channel", maybe(&["mail", "phone"])),
            ("expires_at", prop_oneof![Just(Value::Null), hour()].boxed()),
        ],
    )
}

fn recycled() -> BoxedStrategy<Deed> {
    deed("recycled", vec![("until", due())])
}

fn opened() -> BoxedStrategy<Deed> {
    deed(
        "opportunity_opened",
        vec![
            ("opportunity", one_of(&["p", "q"])),
            ("pipeline", maybe(&["sales", "other"])),
            ("stage", maybe(&["demo", "offer"])),
            ("amount", prop_oneof![Just(Value::Null), Just(json!(500))].boxed()),
            ("currency", maybe(&["EUR"])),
        ],
    )
}

fn staged() -> BoxedStrategy<Deed> {
    deed(
        "opportunity_stage_changed",
        vec![
            ("opportunity", one_of(&["p", "q"])),
            ("to", one_of(&["demo", "offer"])),
            ("pipeline_to", maybe(&["sales", "other"])),
        ],
    )
}

fn closed(kind: &'static str) -> BoxedStrategy<Deed> {
    let reason = if kind == "lost" { maybe(&["price"]) } else { Just(Value::Null).boxed() };
    deed(kind, vec![("opportunity", maybe(&["p", "q"])), ("reason", reason)])
}

fn money(kind: &'static str) -> BoxedStrategy<Deed> {
    deed(kind, vec![("amount", Just(json!(10)).boxed()), ("currency", Just(json!("EUR")).boxed())])
}

fn plain(kind: &'static str, data: Value) -> BoxedStrategy<Deed> {
    Just((kind, data)).boxed()
}

fn profile() -> BoxedStrategy<Deed> {
    deed("profile_updated", vec![("attributes", attributes())])
}

fn attributed() -> BoxedStrategy<Deed> {
    deed(
        "attribution_resolved",
        vec![("source", one_of(&["web", ""])), ("campaign", maybe(&["spring"]))],
    )
}

fn other_lead(kind: &'static str, name: &'static str) -> BoxedStrategy<Deed> {
    deed(kind, vec![(name, one_of(&LEADS))])
}

fn script() -> BoxedStrategy<Vec<Deed>> {
    let won = vec![
        captured(),
        qualified("mql"),
        handed_off(),
        owned("reassigned"),
        touched("sales"),
        accepted(),
        qualified("sql"),
        opened(),
        touched("marketing"),
        closed("won"),
        touched("marketing"),
        money("revenue_recorded"),
    ];
    let to_and_fro = vec![
        captured(),
        touched("sales"),
        qualified("mql"),
        handed_off(),
        owned("reassigned"),
        owned("reassigned"),
        accepted(),
        given_back("returned"),
        recycled(),
        qualified("mql"),
        handed_off(),
        touched("sales"),
        given_back("rejected"),
        recycled(),
    ];
    let second_wind = vec![
        captured(),
        owned("assigned"),
        qualified("mql"),
        handed_off(),
        owned("assigned"),
        touched("sales"),
        accepted(),
        opened(),
        staged(),
        closed("lost"),
        plain("reopened", json!({})),
        qualified("mql"),
        handed_off(),
        closed("won"),
        plain("opportunity_reopened", json!({})),
        closed("won"),
    ];
    let consents = vec![
        profile(),
        consent("consent_withdrawn"),
        consent("consent_granted"),
        touched("marketing"),
        consent("consent_withdrawn"),
        recycled(),
        touched("marketing"),
        consent("consent_granted"),
        touched("marketing"),
        snapshot(),
        touched("marketing"),
    ];
    prop_oneof![won, to_and_fro, second_wind, consents].boxed()
}

fn any_deed(taste: Taste) -> BoxedStrategy<Deed> {
    let moves = prop_oneof![
        3 => handed_off(),
        2 => accepted(),
        1 => given_back("rejected"),
        1 => given_back("returned"),
        2 => recycled(),
        2 => qualified("mql"),
        1 => qualified("sql"),
        1 => plain("disqualified", json!({"reason": "no"})),
        1 => plain("reopened", json!({})),
        1 => snapshot(),
        1 => captured(),
    ];
    let deals = prop_oneof![
        2 => opened(),
        1 => staged(),
        2 => closed("won"),
        2 => closed("lost"),
        1 => deed("opportunity_reopened", vec![("opportunity", maybe(&["p", "q"]))]),
        1 => money("revenue_recorded"),
    ];
    let people = prop_oneof![
        3 => touched("sales"),
        3 => touched("marketing"),
        1 => touched("prospect"),
        2 => owned("reassigned"),
        1 => owned("assigned"),
        1 => owned("unassigned"),
        1 => consent("consent_withdrawn"),
        1 => consent("consent_granted"),
        1 => profile(),
        1 => attributed(),
    ];
    let rare = prop_oneof![
        plain("erased", json!({"request": "r"})),
        plain("teleported", json!({"to": "mars"})),
        plain("churned", json!({})),
    ];
    let merges = if taste.merges { 1 } else { 0 };
    prop_oneof![
        8 => moves,
        4 => deals,
        12 => people,
        1 => rare,
        merges => other_lead("merged", "into"),
        merges => other_lead("unmerged", "from"),
    ]
    .boxed()
}

fn draft(lead: usize, hour: i64, is_automatic: bool, act: Act) -> Draft {
    Draft { lead, hour, delay: 0, is_automatic, origin: None, act }
}

/// One lead's life: its script with holes, at hours that follow one another.
fn life() -> impl Strategy<Value = Vec<Draft>> {
    let gap = prop_oneof![4 => 0_i64..6, 2 => 6_i64..60, 1 => 60_i64..400];
    let gaps = prop::collection::vec((gap, prop::bool::weighted(0.85)), 17);
    (0..LEADS.len(), 0_i64..200, script(), gaps).prop_map(|(lead, mut hour, script, gaps)| {
        let mut drafts = Vec::new();
        for (deed, (gap, is_kept)) in script.into_iter().zip(gaps) {
            hour += gap;
            drafts.extend(is_kept.then(|| draft(lead, hour, false, Act::Deed(deed))));
        }
        drafts
    })
}

fn noise(taste: Taste) -> impl Strategy<Value = Draft> {
    let corrections = if taste.corrections { 1 } else { 0 };
    let act = prop_oneof![
        10 => any_deed(taste).prop_map(Act::Deed),
        corrections => any::<usize>().prop_map(Act::Retract),
        corrections => any::<(usize, usize)>().prop_map(|(target, by)| Act::Replace(target, by)),
    ];
    let delay = prop_oneof![3 => Just(0_i64), 1 => -48_i64..200];
    let origin = prop_oneof![9 => Just(None), 1 => (0_u8..3).prop_map(Some)];
    let is_automatic = prop::bool::weighted(0.4);
    (0..LEADS.len(), 0_i64..900, act, delay, is_automatic, origin).prop_map(
        move |(lead, hour, act, delay, is_automatic, origin)| {
            let delay = if taste.disorder { delay } else { 0 };
            Draft { delay, origin, ..draft(lead, hour, is_automatic, act) }
        },
    )
}

/// A log in its order of arrival, printed a line an event.
#[derive(Clone)]
pub(crate) struct Drawn(pub(crate) Vec<NewEvent>);

impl fmt::Debug for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|event| {
            let mut line = Vec::new();
            event.write_line(&mut line).expect("a vector takes all");
            write!(f, "\n{}", String::from_utf8_lossy(&line))
        })
    }
}

/// Logs of up to three leads.
pub(crate) fn lives(taste: Taste) -> impl Strategy<Value = Drawn> {
    let lives = prop::collection::vec(life(), 0..3);
    let noise = prop::collection::vec(noise(taste), 0..14);
    (lives, noise).prop_map(move |(lives, noise)| {
        let mut drafts: Vec<Draft> = lives.into_iter().flatten().chain(noise).collect();
        drafts.sort_by_key(|draft| draft.hour + draft.delay);
        if !taste.keys {
            drafts.iter_mut().for_each(forget_key);
        }
        Drawn(events(&drafts, taste.disorder))
    })
}

/// Logs that nobody would want to read.
pub(crate) fn strange(max_events: usize) -> impl Strategy<Value = Drawn> {
    leadfold_testkit::strategies::adversarial_log(max_events).prop_map(Drawn)
}

/// Logs that break no rule of the default playbook.
pub(crate) fn legal(leads: std::ops::Range<u32>) -> impl Strategy<Value = Drawn> {
    leadfold_testkit::strategies::valid_log(leads, 0..10_000).prop_map(Drawn)
}

fn forget_key(draft: &mut Draft) {
    if let Act::Deed((_, Value::Object(data))) = &mut draft.act {
        data.remove("handoff");
    }
}

fn events(drafts: &[Draft], has_ties: bool) -> Vec<NewEvent> {
    let nudge = |index: usize| if has_ties { 0 } else { index as i64 };
    let event = |(index, draft): (usize, &Draft)| {
        let at = FIRST_INSTANT + draft.hour * HOUR + nudge(index);
        let known = FIRST_INSTANT + (draft.hour + draft.delay) * HOUR + nudge(index);
        let (kind, data) = body(drafts, draft);
        let mut line = json!({
            "id": id(index), "lead": LEADS[draft.lead], "type": kind, "occurred_at": time(at),
            "recorded_at": time(known), "origin": {"system": "crm"}, "data": data,
        });
        if let Some(origin) = draft.origin {
            line["origin"]["id"] = json!(format!("o{origin}"));
        }
        if draft.is_automatic {
            line["actor"] = json!({"kind": "automation"});
        }
        let line = line.to_string();
        EventLine::parse(line.as_bytes()).expect("drawn lines parse").identify(|_| 0)
    };
    drafts.iter().enumerate().map(event).collect()
}

fn body(drafts: &[Draft], draft: &Draft) -> (&'static str, Value) {
    match &draft.act {
        Act::Deed((kind, data)) => (kind, data.clone()),
        Act::Retract(number) => {
            let target = id(number % drafts.len());
            ("corrected", json!({"target": target, "action": "retract", "reason": "typo"}))
        }
        Act::Replace(number, by) => {
            let target = number % drafts.len();
            let data = replacement(drafts, target, *by);
            let data = json!({
                "target": id(target), "action": "replace", "reason": "typo", "data": data,
            });
            ("corrected", data)
        }
    }
}

/// The data of one of the events of the target's type.
fn replacement(drafts: &[Draft], target: usize, by: usize) -> Value {
    let deeds = drafts.iter().filter_map(|draft| match &draft.act {
        Act::Deed(deed) => Some(deed),
        _ => None,
    });
    let is_fitting = |deed: &&Deed| match &drafts[target].act {
        Act::Deed((kind, _)) => deed.0 == *kind,
        _ => true,
    };
    let fitting: Vec<&Deed> = deeds.filter(is_fitting).collect();
    if fitting.is_empty() { json!({}) } else { fitting[by % fitting.len()].1.clone() }
}

/// The id of an event, by its place in the log.
pub(crate) fn id(index: usize) -> String {
    format!("00000000-0000-7000-8000-{:012x}", index + 1)
}

/// An instant as a log writes it.
pub(crate) fn time(micros: i64) -> String {
    Timestamp::from_micros(micros).to_string()
}
