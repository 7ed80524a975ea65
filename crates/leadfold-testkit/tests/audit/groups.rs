//! Figures by owner, and how even the load is.

use leadfold_core::Playbook;
use leadfold_core::audit::{GroupBy, GroupKey};
use leadfold_core::metrics::{By, Fraction, KeyPart};
use leadfold_core::routing::{OwnerSpec, QueueSpec, RoutingSpec, ShareMethod, TeamSpec};
use serde_json::{Value, json};

use super::life::log;

/// Ben gets a lead that was handed off to Ann, and loses it untouched; then Ann, and so on.
fn passed_around() -> Vec<(&'static str, &'static str, &'static str, Value)> {
    vec![
        ("L1", "01T09:00", "captured", json!({})),
        ("L1", "01T09:00", "qualified", json!({"level": "mql"})),
        ("L1", "01T09:00", "handed_off", json!({"to": "ann"})),
        ("L1", "02T09:00", "reassigned", json!({"to": "ben"})),
        ("L1", "03T09:00", "reassigned", json!({"to": "cid"})),
        ("L1", "04T09:00", "reassigned", json!({"to": "ben"})),
    ]
}

#[test]
fn a_broken_rule_counts_with_whoever_it_names_though_they_were_offered_nothing() {
    let log = log(&passed_around());
    let playbook = Playbook::default();
    let audit = log.audit(&playbook);
    let audit = audit.core().expect("memory");
    let rows = audit.figures(Some(&GroupBy::Owner));
    let sum = |count: fn(&leadfold_core::audit::Figures) -> u64| -> (u64, u64) {
        (count(&rows[0].figures), rows[1..].iter().map(|row| count(&row.figures)).sum())
    };
    assert_eq!(sum(|figures| figures.ping_pong), (1, 1));
    assert_eq!(sum(|figures| figures.reassigned_without_touch), (3, 3));
    assert_eq!(sum(|figures| figures.offered), (1, 1));
    assert_eq!(rows.len(), 4);
    let is_named = |row: &leadfold_core::audit::FiguresRow| {
        matches!(row.key, Some(GroupKey::Part(KeyPart::Name(_))))
    };
    assert!(rows[1..].iter().all(is_named));
}

/// Ann was offered the lead; Ben called, ten minutes after he had got it.
#[test]
fn own_times_are_those_of_whoever_had_the_lead_at_the_attempt() {
    let mut events = passed_around();
    events.truncate(3);
    events.push(("L1", "02T05:00", "reassigned", json!({"to": "ben"})));
    events.push(("L1", "02T05:10", "touched", json!({"side": "sales", "by": "ben"})));
    let named = |name: &str| OwnerSpec { team: Some(name.into()), ..OwnerSpec::new(name) };
    let teams =
        ["ann", "ben"].map(|name| TeamSpec { name: name.into(), share: ShareMethod::RoundRobin });
    let routing = RoutingSpec {
        version: "1".into(),
        teams: teams.into(),
        owners: vec![named("ann"), named("ben")],
        ..RoutingSpec::default()
    };
    let playbook = Playbook { routing: Some(routing), ..Playbook::default() };
    let log = log(&events);
    let audit = log.audit(&playbook);
    let audit = audit.core().expect("memory");
    for by in [GroupBy::Owner, GroupBy::Team] {
        let rows = audit.figures(Some(&by));
        let times = rows.iter().map(|row| &row.figures).map(|figures| {
            let own = &figures.own_time_to_first_attempt;
            (figures.offered, figures.time_to_first_attempt.max_s, own.max_s)
        });
        let (all, own) = (Some(20.0 * 3_600.0 + 600.0), Some(600.0));
        assert_eq!(times.collect::<Vec<_>>(), [(1, all, own), (1, all, None), (0, None, own)]);
    }
}

/// What is offered to a queue of a team is offered to the team.
#[test]
fn the_hand_offs_of_a_queue_are_those_of_its_team() {
    let mut events = passed_around();
    events.truncate(3);
    events[2].3 = json!({"to": "pool"});
    let queue = |team: Option<&str>| QueueSpec { name: "pool".into(), team: team.map(Into::into) };
    let team_of = |team: Option<&str>| {
        let routing = RoutingSpec {
            version: "1".into(),
            teams: vec![TeamSpec { name: "inside".into(), share: ShareMethod::RoundRobin }],
            queues: vec![queue(team)],
            ..RoutingSpec::default()
        };
        let playbook = Playbook { routing: Some(routing), ..Playbook::default() };
        let log = log(&events);
        let audit = log.audit(&playbook);
        audit.core().expect("memory").figures(Some(&GroupBy::Team))[1].key.clone()
    };
    assert_eq!(team_of(Some("inside")), Some(GroupKey::Team(Some("inside".into()))));
    assert_eq!(team_of(None), Some(GroupKey::Team(None)));
}

/// What an absorbed lead had been through belongs to its survivor, however far that is.
#[test]
fn what_an_absorbed_lead_broke_counts_with_its_survivor() {
    let mut events = vec![
        ("S", "01T08:00", "captured", json!({"source": "web"})),
        ("M", "01T08:00", "captured", json!({"source": "fair"})),
    ];
    events.extend(passed_around());
    events[2].3 = json!({"source": "ads"});
    events.push(("L1", "05T09:00", "merged", json!({"into": "M"})));
    events.push(("M", "06T09:00", "merged", json!({"into": "S"})));
    let log = log(&events);
    let playbook = Playbook::default();
    let audit = log.audit(&playbook);
    let audit = audit.core().expect("memory");
    let rows = audit.figures(Some(&GroupBy::Lead(By::Source)));
    let figures: Vec<[u64; 4]> = rows
        .iter()
        .map(|row| &row.figures)
        .map(|f| [f.offered, f.reassigned, f.reassigned_without_touch, f.ping_pong])
        .collect();
    assert_eq!(figures, [[1, 3, 3, 1]; 2], "in all, and of the survivor's source");
}

/// Nobody waits for an answer about somebody who has been forgotten.
#[test]
fn the_hand_off_of_an_erased_lead_is_not_pending() {
    let mut events = passed_around();
    events.truncate(3);
    let of = |events: &[(&str, &str, &str, Value)]| {
        let log = log(events);
        let playbook = Playbook::default();
        let audit = log.audit(&playbook);
        let figures = &audit.core().expect("memory").figures(None)[0].figures;
        [figures.offered, figures.pending, figures.closed]
    };
    assert_eq!(of(&events), [1, 1, 0]);
    events.push(("L1", "02T09:00", "erased", json!({"request": "R1"})));
    assert_eq!(of(&events), [1, 0, 1]);
}

#[test]
fn queues_and_leavers_who_have_nothing_are_no_part_of_fairness() {
    let mut events = passed_around();
    events.truncate(3);
    events.push(("L2", "01T09:00", "captured", json!({})));
    events.push(("L2", "01T09:00", "assigned", json!({"to": "queue"})));
    events.push(("L3", "01T09:00", "captured", json!({})));
    events.push(("L3", "01T09:00", "assigned", json!({"to": "dot"})));
    events.push(("L3", "02T09:00", "assigned", json!({"to": "queue"})));
    let fairness = |dot_left: Option<&str>| -> Fraction {
        let left_at = dot_left.map(|at| at.parse().expect("a time"));
        let dot = OwnerSpec { left_at, ..OwnerSpec::new("dot") };
        let routing = RoutingSpec {
            version: "1".into(),
            owners: vec![OwnerSpec::new("ann"), dot],
            queues: vec![QueueSpec { name: "queue".into(), team: None }],
            ..RoutingSpec::default()
        };
        let playbook = Playbook { routing: Some(routing), ..Playbook::default() };
        let log = log(&events);
        let audit = log.audit(&playbook);
        audit.core().expect("memory").fairness()
    };
    let even = |fraction: Fraction| (fraction.num, fraction.den);
    assert_eq!(even(fairness(None)), (1, 2));
    let alone = even(fairness(Some("2024-03-02")));
    assert_eq!(alone.0, alone.1);
}

/// Whatever else the log says, and whatever is in it that has not happened yet.
#[test]
fn an_owner_of_the_playbook_who_has_nothing_counts_whether_the_log_names_them_or_not() {
    let owners = ["ann", "bob"];
    let owners = owners.map(|name| OwnerSpec { capacity: Some(30), ..OwnerSpec::new(name) });
    let routing =
        RoutingSpec { version: "1".into(), owners: owners.into(), ..RoutingSpec::default() };
    let playbook = Playbook { routing: Some(routing), ..Playbook::default() };
    let offered = |source: &str| {
        vec![
            ("L1", "01T09:00", "captured", json!({"source": source})),
            ("L1", "01T10:00", "qualified", json!({"level": "mql"})),
            ("L1", "01T11:00", "handed_off", json!({"to": "bob"})),
        ]
    };
    let mut later = offered("web");
    later.push(("L1", "05T09:00", "reassigned", json!({"to": "ann"})));
    for events in [offered("web"), offered("ann"), later] {
        let log = log(&events);
        let audit = log.audit(&playbook).as_of("2024-03-02");
        let audit = audit.core().expect("memory");
        let mut load: Vec<_> =
            audit.workload().iter().map(|row| (row.open, row.remaining)).collect();
        load.sort_unstable();
        assert_eq!(load, [(0, Some(1)), (1, Some(0))], "{events:?}");
        assert_eq!(audit.fairness(), Fraction { num: 1, den: 2 });
    }
}

#[test]
fn what_happened_to_a_hand_off_counts_with_its_definition() {
    let mut events = passed_around();
    events[1].3 = json!({"level": "mql", "definition": "b2b"});
    let log = log(&events);
    let playbook = Playbook::default();
    let audit = log.audit(&playbook);
    let rows = audit.core().expect("memory").figures(Some(&GroupBy::Definition));
    let figures: Vec<[u64; 3]> = rows
        .iter()
        .map(|row| &row.figures)
        .map(|f| [f.reassigned, f.reassigned_without_touch, f.ping_pong])
        .collect();
    assert_eq!(figures, [[3, 3, 1]; 2]);
}

#[test]
fn what_is_qualified_again_is_recycled_from_there_and_not_from_the_hand_off() {
    let mut events = passed_around();
    events.truncate(3);
    events.push(("L1", "02T09:00", "rejected", json!({"reason": "r"})));
    let recycled = |more: &[(&'static str, &'static str, &'static str, Value)]| {
        let log = log(&[events.clone(), more.to_vec()].concat());
        let playbook = Playbook::default();
        let audit = log.audit(&playbook);
        let figures = &audit.core().expect("memory").figures(None)[0].figures;
        (figures.recycled, figures.requalified_of_recycled.num)
    };
    let recycling = ("L1", "04T09:00", "recycled", json!({}));
    let qualified = |at| ("L1", at, "qualified", json!({"level": "mql"}));
    assert_eq!(recycled(std::slice::from_ref(&recycling)), (1, 0));
    assert_eq!(recycled(&[recycling.clone(), qualified("05T09:00")]), (1, 1));
    assert_eq!(recycled(&[qualified("03T09:00"), recycling.clone()]), (0, 0));
    assert_eq!(recycled(&[qualified("03T09:00"), recycling, qualified("05T09:00")]), (0, 0));
}

#[test]
fn a_deal_without_an_amount_leaks_none() {
    let mut events = passed_around();
    events.truncate(3);
    events.push(("L1", "01T10:00", "opportunity_opened", json!({"opportunity": "O"})));
    events.push(("L2", "09T09:00", "captured", json!({})));
    let log = log(&events);
    let playbook = Playbook::default();
    let audit = log.audit(&playbook);
    let figures = &audit.core().expect("memory").figures(None)[0].figures;
    assert_eq!((figures.leaked.num, figures.leaked_amount.len()), (1, 0));
}
