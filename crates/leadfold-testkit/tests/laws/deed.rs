//! What can be written on a lead: every type, with few different words, so that they meet.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// The leads that have streams, and one that is only ever named by a merge.
pub(crate) const LEADS: [&str; 4] = ["a", "b", "c", "d"];
const OTHERS: [&str; 5] = ["a", "b", "c", "d", "e"];

/// A type and its data.
pub(crate) type Deed = (&'static str, Value);

fn one_of<T: Into<Value> + Clone + std::fmt::Debug + 'static>(
    values: &[T],
) -> BoxedStrategy<Value> {
    prop::sample::select(values.to_vec()).prop_map(Into::into).boxed()
}

/// Absent every other time.
fn maybe(values: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    prop_oneof![Just(Value::Null), values].boxed()
}

fn data(
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

fn person() -> BoxedStrategy<Value> {
    one_of(&["ann", "bob", ""])
}

fn deal() -> BoxedStrategy<Value> {
    one_of(&["p", "q", "r"])
}

fn amount() -> BoxedStrategy<Value> {
    prop_oneof![4 => one_of(&[0, 5, 70]), 1 => one_of(&[i64::MAX])].boxed()
}

fn currency() -> BoxedStrategy<Value> {
    one_of(&["EUR", "USD", "XXX"])
}

fn reason() -> BoxedStrategy<Value> {
    one_of(&["price", "timing", ""])
}

fn word(words: &[&str]) -> BoxedStrategy<Value> {
    maybe(one_of(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()))
}

fn attributes() -> BoxedStrategy<Value> {
    let any = prop::collection::btree_map(
        prop::sample::select(vec!["size".to_owned(), "region".to_owned()]),
        one_of(&[json!("north"), json!("south"), json!(7), json!(2.5)]),
        0..3,
    );
    maybe(any.prop_map(|map| Value::Object(map.into_iter().collect())).boxed())
}

pub(crate) fn captured() -> BoxedStrategy<Deed> {
    let origin = word(&["inbound", "sales_generated", "sales_generated", "partner"]);
    data(
        "captured",
        vec![
            ("source", word(&["web", "fair", ""])),
            ("medium", word(&["cpc", "mail"])),
            ("campaign", word(&["spring", "autumn"])),
            ("channel", word(&["paid", "own"])),
            ("origin", origin),
            ("attributes", attributes()),
            ("later_field", maybe(one_of(&[1]))),
        ],
    )
}

pub(crate) fn qualified(level: &'static str) -> BoxedStrategy<Deed> {
    data("qualified", vec![("level", one_of(&[level])), ("by", maybe(person()))])
}

pub(crate) fn handed_off() -> BoxedStrategy<Deed> {
    let key = word(&["h1", "h2"]);
    data("handed_off", vec![("to", one_of(&["ann", "bob"])), ("handoff", key)])
}

pub(crate) fn accepted() -> BoxedStrategy<Deed> {
    data("accepted", vec![("by", maybe(person())), ("handoff", word(&["h1", "h2", ""]))])
}

pub(crate) fn given_back(kind: &'static str) -> BoxedStrategy<Deed> {
    let to = word(&["nurture", "mql", "disqualified"]);
    data(kind, vec![("reason", reason()), ("by", maybe(person())), ("to", to)])
}

pub(crate) fn opened() -> BoxedStrategy<Deed> {
    data(
        "opportunity_opened",
        vec![
            ("opportunity", deal()),
            ("pipeline", word(&["new", "old", "other", ""])),
            ("stage", word(&["s1", "s2", "s3", ""])),
            ("amount", maybe(amount())),
            ("currency", maybe(currency())),
            ("product", word(&["x", "y", ""])),
        ],
    )
}

pub(crate) fn staged() -> BoxedStrategy<Deed> {
    let to = one_of(&["s1", "s2", "s3", ""]);
    let pipeline = word(&["new", "old", "other", ""]);
    data(
        "opportunity_stage_changed",
        vec![("opportunity", deal()), ("to", to), ("pipeline_to", pipeline)],
    )
}

pub(crate) fn amended() -> BoxedStrategy<Deed> {
    data(
        "opportunity_amended",
        vec![("opportunity", deal()), ("amount", maybe(amount())), ("currency", maybe(currency()))],
    )
}

pub(crate) fn won() -> BoxedStrategy<Deed> {
    data(
        "won",
        vec![
            ("opportunity", maybe(deal())),
            ("amount", maybe(amount())),
            ("currency", maybe(currency())),
            ("product", word(&["x", "y", ""])),
        ],
    )
}

pub(crate) fn lost() -> BoxedStrategy<Deed> {
    let competitor = word(&["them"]);
    data(
        "lost",
        vec![
            ("opportunity", maybe(deal())),
            ("reason", maybe(reason())),
            ("competitor", competitor),
        ],
    )
}

pub(crate) fn reopened(kind: &'static str) -> BoxedStrategy<Deed> {
    let key = if kind == "reopened" { Just(Value::Null).boxed() } else { maybe(deal()) };
    data(kind, vec![("opportunity", key), ("reason", maybe(reason()))])
}

pub(crate) fn paid(kind: &'static str) -> BoxedStrategy<Deed> {
    data(
        kind,
        vec![
            ("amount", amount()),
            ("currency", currency()),
            ("margin", maybe(one_of(&[-3, 0, 4]))),
            ("kind", word(&["first", "repeat", "renewal"])),
            ("product", word(&["x", "y", ""])),
        ],
    )
}

pub(crate) fn merged(kind: &'static str) -> BoxedStrategy<Deed> {
    let name = if kind == "merged" { "into" } else { "from" };
    data(kind, vec![(name, one_of(&OTHERS))])
}

fn snapshot() -> BoxedStrategy<Deed> {
    let states = ["new", "mql", "handed_off", "accepted", "sql", "opportunity", "customer"];
    let others = ["nurturing", "disqualified", "lost"];
    data(
        "snapshot_imported",
        vec![
            ("state", prop_oneof![one_of(&states), one_of(&others)].boxed()),
            ("history_known_from", one_of(&["2024-01-05", "2024-01-05T10:00:00+02:00"])),
            ("owner", maybe(person())),
            ("source", word(&["web", "fair", ""])),
            ("medium", word(&["cpc", "mail"])),
            ("campaign", word(&["spring", "autumn"])),
            ("channel", word(&["paid", "own"])),
            ("attributes", attributes()),
            ("origin", maybe(one_of(&["partner"]))),
        ],
    )
}

pub(crate) fn cost() -> BoxedStrategy<Deed> {
    let scope = prop::sample::select(vec![
        json!({}),
        json!({"source": "web", "other": "x"}),
        json!({"campaign": "spring", "channel": "", "programme": "n"}),
    ]);
    data(
        "cost_recorded",
        vec![
            ("amount", amount()),
            ("currency", currency()),
            ("scope", scope.boxed()),
            ("from", one_of(&["2024-01-01"])),
            ("to", one_of(&["2024-01-31", "2024-02-01T00:00:00Z"])),
            ("kind", word(&["ads", ""])),
        ],
    )
}

fn assigned() -> BoxedStrategy<Deed> {
    let kinds = prop::sample::select(vec!["assigned", "reassigned", "unassigned"]);
    (kinds, maybe(person()))
        .prop_map(|(kind, to)| match to {
            Value::Null => (kind, json!({})),
            to => (kind, json!({"to": to})),
        })
        .boxed()
}

fn attributed() -> BoxedStrategy<Deed> {
    let campaign = word(&["spring", ""]);
    data(
        "attribution_resolved",
        vec![("source", one_of(&["web", "fair", ""])), ("campaign", campaign)],
    )
}

/// What moves no lead.
pub(crate) fn quiet() -> BoxedStrategy<Deed> {
    prop_oneof![
        Just(("touched", json!({"side": "sales", "channel": "phone", "result": "contact"}))),
        Just(("profile_updated", json!({"attributes": {"size": 9}}))),
        Just(("scored", json!({"model": "m", "model_version": 1, "total": 0.5}))),
        Just(("consent_granted", json!({"purpose": "news"}))),
        Just(("follow_up_scheduled", json!({"follow_up": "f", "due": "2024-03-01"}))),
        Just(("from_tomorrow", json!({"deep": [{"er": null}]}))),
    ]
    .boxed()
}

/// Anything but a correction.
pub(crate) fn any_deed() -> BoxedStrategy<Deed> {
    prop_oneof![
        4 => prop_oneof![captured(), qualified("mql"), qualified("sql"), handed_off(), accepted()],
        2 => prop_oneof![given_back("rejected"), given_back("returned")],
        2 => prop_oneof![
            data("recycled", vec![("reason", maybe(reason()))]),
            data("disqualified", vec![("reason", reason())]),
            reopened("reopened"),
            assigned(),
        ],
        6 => prop_oneof![
            opened(), staged(), amended(), won(), won(), lost(), lost(),
            reopened("opportunity_reopened"),
        ],
        2 => prop_oneof![
            paid("revenue_recorded"), paid("refunded"),
            data("churned", vec![]), data("reactivated", vec![]),
        ],
        2 => prop_oneof![merged("merged"), merged("merged"), merged("unmerged")],
        1 => prop_oneof![snapshot(), attributed(), cost(), quiet()],
        1 => prop_oneof![3 => quiet(), 1 => Just(("erased", json!({"request": "r"})))],
    ]
    .boxed()
}
