//! Playbooks with gates, conduct, queues and leavers.

use std::collections::BTreeMap;

use leadfold_core::routing::{OwnerSpec, QueueSpec, RoutingSpec};
use leadfold_core::{Conduct, Gate, Illegal, Pipeline, Playbook, Rules, State, Timestamp};
use proptest::prelude::*;

/// So many cases, unless PROPTEST_CASES says otherwise.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    let default = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let is_given = std::env::var_os("PROPTEST_CASES").is_some();
    if is_given { default } else { ProptestConfig { cases, ..default } }
}

/// A playbook for each number: every bit is a rule.
pub(crate) fn playbook(switches: u16) -> Playbook {
    let on = |bit: u8| switches & (1 << bit) != 0;
    let rules = Rules {
        illegal: if on(0) { Illegal::Skip } else { Illegal::Apply },
        hand_raiser: on(1),
        implied_steps: on(2),
        sales_generated: on(3),
        require_reasons: on(4),
    };
    let conduct = Conduct {
        marketing_touches_customers: on(5),
        marketing_touches_opportunities: on(6),
        sales_touches_before_handoff: on(7),
    };
    let pipeline = Pipeline { name: "b2b".into(), stages: vec!["demo".into(), "offer".into()] };
    Playbook {
        rules,
        conduct,
        pipelines: if on(8) { vec![pipeline] } else { Vec::new() },
        gates: if on(9) { BTreeMap::new() } else { gates(on(11)) },
        routing: (!on(10)).then(routing),
        ..Playbook::default()
    }
}

/// Where a capture is asked for something, the lead is not to have it later.
fn gates(asks_at_capture: bool) -> BTreeMap<State, Gate> {
    let gate = |fields: &[&str]| Gate {
        mandatory: fields.iter().map(|field| (*field).to_owned()).collect(),
        desirable: vec!["region".into()],
    };
    let of_new = asks_at_capture.then(|| (State::New, gate(&["source", "industry"])));
    let others = [
        (State::Mql, gate(&["source"])),
        (State::HandedOff, gate(&["industry"])),
        (State::Sql, gate(&["industry", "size"])),
        (State::Opportunity, gate(&["budget"])),
        (State::Customer, gate(&["medium", "budget"])),
    ];
    others.into_iter().chain(of_new).collect()
}

/// Ann stays; ben leaves some days after the events begin; from the queue anybody accepts.
fn routing() -> RoutingSpec {
    let left_at: Timestamp = "2024-02-05".parse().expect("a date");
    let ben = OwnerSpec { left_at: Some(left_at), ..OwnerSpec::new("ben") };
    let gone = OwnerSpec { left_at: Some(Timestamp::default()), ..OwnerSpec::new("gone") };
    let ann = OwnerSpec { open_max: Some(2), ..OwnerSpec::new("ann") };
    RoutingSpec {
        version: "1".into(),
        owners: vec![ann, ben, gone],
        queues: vec![QueueSpec { name: "desk".into(), team: None }],
        ..RoutingSpec::default()
    }
}

/// Any of them.
pub(crate) fn any_playbook() -> impl Strategy<Value = Playbook> {
    (0..1_u16 << 12).prop_map(playbook)
}
