//! Routing by what the log says: it never gives out what the audit finds wrong, and it knows the
//! same whether it followed the log or reads it anew.

use std::collections::BTreeSet;
use std::sync::Arc;

use leadfold_core::audit::AuditCode;
use leadfold_core::event::{EventLine, NewEvent};
use leadfold_core::routing::{Candidate, Load, Roll, Routing, RoutingSpec, route};
use leadfold_core::{Bounds, Code, Playbook, Timestamp};
use leadfold_engine::View;
use leadfold_store::{Append, Blocking, MemoryStore, block_on};
use leadfold_testkit::Log;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

/// Bob may have two leads open, Ann takes one in 24 hours, Cem both, and Dot leaves.
const ROUTING: &str = r#"{
    "version": "1",
    "otherwise": { "team": "inside" },
    "teams": [{ "name": "inside", "share": "SHARE" }],
    "owners": [
        { "name": "bob", "team": "inside", "capacity": 300, "open_max": 2 },
        { "name": "ann", "team": "inside", "capacity": 30 },
        { "name": "cem", "team": "inside", "capacity": 60, "open_max": 3, "weight": 2 },
        { "name": "dot", "team": "inside", "capacity": 60, "left_at": "2024-03-03" }
    ]
}"#;

fn spec(share: &str) -> RoutingSpec {
    serde_json::from_str(&ROUTING.replace("SHARE", share)).expect("a routing")
}

type Store = Arc<MemoryStore>;

#[derive(Clone, Copy, Debug)]
enum Act {
    /// A new lead comes, is qualified and routed.
    Comes,
    /// What sales does with an earlier lead: the index leads to it.
    Answered(usize, &'static str),
}

fn acts() -> impl Strategy<Value = Vec<(i64, Act)>> {
    let answers = ["accepted", "rejected", "disqualified", "reassigned"];
    let answered = (any::<usize>(), prop::sample::select(answers.to_vec()));
    let act = prop_oneof![
        3 => Just(Act::Comes),
        2 => answered.prop_map(|(lead, kind)| Act::Answered(lead, kind)),
    ];
    prop::collection::vec((0_i64..12 * 60, act), 1..60)
}

/// The desk of a product: a log, and a view that follows it.
struct Desk {
    store: Blocking<Store>,
    view: View<Store, Roll>,
    routing: Routing,
    at: Timestamp,
    leads: usize,
}

impl Desk {
    fn new(playbook: &Playbook) -> Self {
        let store = Store::default();
        let roll = Roll::default();
        let view = View::watched(store.clone(), playbook.clone(), Bounds::default(), roll);
        let routing = playbook.routing.clone().expect("the playbook routes");
        Self {
            store: Blocking(store),
            view,
            routing: Routing::new(routing).expect("a sound routing"),
            at: "2024-03-01T09:00:00Z".parse().expect("a time"),
            leads: 0,
        }
    }

    fn add(&self, lead: usize, kind: &str, data: &Value) {
        let line = json!({
            "lead": format!("L{lead}"), "type": kind, "data": data,
            "occurred_at": self.at.to_string(), "recorded_at": self.at.to_string(),
        });
        let line = EventLine::parse(line.to_string().as_bytes()).expect("an event");
        let ordinal = self.store.head().expect("memory reads");
        let new: NewEvent = line.identify(|_| ordinal);
        self.store.append(Append::new(vec![new], self.at)).expect("memory takes all");
    }

    fn load(&mut self) -> Load {
        block_on(self.view.catch_up(|_, _| {})).expect("memory reads");
        self.load_of(&self.view)
    }

    fn load_of(&self, view: &View<Store, Roll>) -> Load {
        let codes: Vec<Code> =
            (1..=self.store.string_count().expect("memory reads")).map(Code).collect();
        let names = self.store.strings(&codes).expect("memory reads");
        let name = |code: Code| names.get((code.0 as usize).checked_sub(1)?).map(String::as_str);
        let (roll, tables) = (view.observer().expect("current"), view.tables().expect("current"));
        roll.load(&self.routing, tables, name)
    }

    /// A lead comes and goes where the routing sends it.
    fn comes(&mut self, load: &Load) {
        self.leads += 1;
        let lead = self.leads;
        self.add(lead, "captured", &json!({}));
        self.add(lead, "qualified", &json!({"level": "mql"}));
        let assignment = route(&self.routing, load, &Candidate::default(), self.at);
        if let Some(owner) = assignment.owner() {
            self.add(lead, "assigned", &json!({"to": owner, "cause": assignment.cause}));
            self.add(lead, "handed_off", &json!({"to": owner}));
        }
    }

    fn answered(&self, lead: usize, kind: &str) {
        let data = match kind {
            "accepted" => json!({}),
            // To somebody who is in no routing, and has room for all.
            "reassigned" => json!({"to": "eve", "cause": "manual"}),
            _ => json!({"reason": "no"}),
        };
        self.add(lead, kind, &data);
    }
}

fn playbook(share: &str) -> Playbook {
    Playbook { routing: Some(spec(share)), ..Playbook::default() }
}

/// What the audit finds wrong with where leads went. `know` is what the routing knows of the log.
fn wrong(share: &str, acts: &[(i64, Act)], know: fn(Load) -> Load) -> BTreeSet<AuditCode> {
    let playbook = playbook(share);
    let mut desk = Desk::new(&playbook);
    for (minutes, act) in acts {
        desk.at = Timestamp::from_micros(desk.at.micros() + minutes * 60 * leadfold_core::SECOND);
        match act {
            Act::Comes => {
                let load = know(desk.load());
                desk.comes(&load);
            }
            Act::Answered(..) if desk.leads == 0 => {}
            Act::Answered(lead, kind) => desk.answered(1 + lead % desk.leads, kind),
        }
    }
    let log = Log::of_store(desk.store.0.clone());
    let audit = log.audit(&playbook);
    let codes = audit.findings().iter().map(|found| found.code);
    codes.filter(|code| [AuditCode::OverCapacity, AuditCode::OwnerGone].contains(code)).collect()
}

const SHARES: [&str; 3] = ["round_robin", "weighted", "least_loaded"];

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(96) })]

    #[test]
    fn what_is_routed_by_the_log_is_never_found_wrong(
        share in prop::sample::select(&SHARES[..]),
        acts in acts(),
    ) {
        prop_assert_eq!(wrong(share, &acts, |load| load), BTreeSet::new());
    }

    #[test]
    fn following_a_log_and_reading_it_anew_give_one_load(acts in acts()) {
        let playbook = playbook("weighted");
        let mut desk = Desk::new(&playbook);
        for (minutes, act) in acts {
            desk.at =
                Timestamp::from_micros(desk.at.micros() + minutes * 60 * leadfold_core::SECOND);
            let load = desk.load();
            match act {
                Act::Comes => desk.comes(&load),
                Act::Answered(lead, kind) if desk.leads > 0 => {
                    desk.answered(1 + lead % desk.leads, kind);
                }
                Act::Answered(..) => {}
            }
        }
        let followed = desk.load();
        let store = desk.store.0.clone();
        let mut anew = View::watched(store, playbook, Bounds::default(), Roll::default());
        block_on(anew.catch_up(|_, _| {})).expect("memory reads");
        prop_assert_eq!(desk.load_of(&anew), followed);
    }
}

/// Turns are in the log, not in the memory of a process.
#[test]
fn a_desk_that_begins_anew_goes_on_where_the_log_ends() {
    let playbook = playbook("round_robin");
    let mut desk = Desk::new(&playbook);
    let mut owners = Vec::new();
    for _ in 0..3 {
        let load = desk.load();
        let assignment = route(&desk.routing, &load, &Candidate::default(), desk.at);
        owners.push(assignment.owner().expect("somebody is free").to_owned());
        desk.comes(&load);
    }
    assert_eq!(owners, ["bob", "ann", "cem"]);
    let store = desk.store.0.clone();
    let mut anew = View::watched(store, playbook, Bounds::default(), Roll::default());
    block_on(anew.catch_up(|_, _| {})).expect("memory reads");
    let load = desk.load_of(&anew);
    let next = route(&desk.routing, &load, &Candidate::default(), desk.at);
    assert_eq!(next.owner(), Some("dot"));
}

/// What is found wrong with many days of a desk that knows no more of its log than that.
fn wrong_somewhere(know: fn(Load) -> Load) -> BTreeSet<AuditCode> {
    let mut runner = TestRunner::deterministic();
    let mut found = BTreeSet::new();
    for _ in 0..64 {
        let acts = acts().new_tree(&mut runner).expect("it draws").current();
        found.extend(wrong("round_robin", &acts, know));
    }
    found
}

#[test]
fn routing_that_does_not_know_the_log_is_found_wrong() {
    let found = wrong_somewhere(|_| Load::default());
    assert_eq!(found, BTreeSet::from([AuditCode::OverCapacity]));
}

/// Nobody has more open than they may: it is the quota that is found.
#[test]
fn routing_that_does_not_know_the_day_is_found_wrong() {
    let found = wrong_somewhere(|load| {
        let open = ["bob", "ann", "cem", "dot"].map(|name| (name.to_owned(), load.open(name)));
        let routing = Routing::new(spec("round_robin")).expect("a sound routing");
        Load::replay(&routing, [], open)
    });
    assert_eq!(found, BTreeSet::from([AuditCode::OverCapacity]));
}
