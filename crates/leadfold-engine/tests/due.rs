//! What is due, whatever the order in which the events came, and acting on it once.

use std::collections::BTreeSet;
use std::thread;

use leadfold_core::due::{Diary, Due, Task, due};
use leadfold_core::event::{Event, EventLine, NewEvent, Reactivated};
use leadfold_core::{Bounds, Calendar, Illegal, Playbook, Timestamp};
use leadfold_engine::{Claim, View, claim};
use leadfold_store::{Append, Blocking, EventStore, MemoryStore, block_on};

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// An event of a lead in February 2024.
fn event(lead: &str, at: &str, rest: &str) -> NewEvent {
    let line = format!(r#"{{"lead":"{lead}","occurred_at":"2024-02-{at}Z","type":{rest}}}"#);
    EventLine::parse(line.as_bytes()).expect("a sound line").identify(|_| 0)
}

fn log(events: &[NewEvent]) -> MemoryStore {
    let log = MemoryStore::new();
    for event in events {
        let append = Append::new(vec![event.clone()], time("2024-03-01"));
        Blocking(&log).append(append).expect("it goes in");
    }
    log
}

fn found(log: &MemoryStore, as_of: &str, until: &str) -> Vec<Due> {
    found_under(Playbook::default(), log, as_of, until)
}

fn found_under(playbook: Playbook, log: &MemoryStore, as_of: &str, until: &str) -> Vec<Due> {
    let bounds = Bounds { as_of: Some(time(as_of)), known_at: None };
    let mut view = View::watched(log, playbook.clone(), bounds, Diary::new(playbook));
    block_on(view.catch_up(|_, _| {})).expect("memory does not fail");
    let (tables, diary) = (view.tables().expect("current"), view.observer().expect("current"));
    due(tables, diary, &Calendar::always(), time(as_of), time(until))
}

/// What is due as people read it: lead, task, its names, owner and time.
fn told(log: &MemoryStore, as_of: &str, until: &str) -> Vec<String> {
    let blocking = Blocking(log);
    let name = |code| blocking.strings(&[code]).expect("the log has it").remove(0);
    let line = |due: &Due| {
        let lead = blocking.leads(due.lead, 1).expect("it reads")[0].key.to_string();
        let what = match due.task {
            Task::FollowUp(key) => name(key),
            Task::RenewConsent(purpose, channel) => format!("{}/{}", name(purpose), name(channel)),
            Task::Decide | Task::Attempt | Task::Resume => String::new(),
        };
        format!("{lead} {} {what} {} {}", due.task.name(), name(due.owner), due.at)
    };
    found(log, as_of, until).iter().map(line).collect()
}

const CAPTURED: &str = r#""captured""#;

fn follow_up(lead: &str, at: &str, key: &str, due: &str) -> NewEvent {
    let data = format!(r#"{{"follow_up":"{key}","due":"{due}","owner":"ann"}}"#);
    event(lead, at, &format!(r#""follow_up_scheduled","data":{data}"#))
}

fn done(lead: &str, at: &str, key: &str) -> NewEvent {
    event(lead, at, &format!(r#""follow_up_done","data":{{"follow_up":"{key}"}}"#))
}

#[test]
fn follow_up_is_due_until_it_is_done() {
    let events = [
        event("A", "01T09:00:00", CAPTURED),
        follow_up("A", "02T09:00:00", "call", "2024-02-10"),
        follow_up("A", "02T10:00:00", "renew", "2024-02-20T12:00:00Z"),
        done("A", "11T09:00:00", "call"),
    ];
    let log = log(&events);
    let call = "A follow_up call ann 2024-02-10T00:00:00Z";
    let renew = "A follow_up renew ann 2024-02-20T12:00:00Z";
    assert_eq!(told(&log, "2024-02-02T09:30:00Z", "2024-03-01"), [call]);
    assert_eq!(told(&log, "2024-02-09T23:59:59Z", "2024-02-09T23:59:59Z"), [""; 0]);
    assert_eq!(told(&log, "2024-02-10", "2024-02-10"), [call], "at its time");
    assert_eq!(told(&log, "2024-02-10T12:00:00Z", "2024-02-20T12:00:00Z"), [call, renew]);
    assert_eq!(told(&log, "2024-02-12", "2024-02-20T11:59:59Z"), [""; 0], "it is done");
    assert_eq!(told(&log, "2024-02-25", "2024-02-25"), [renew], "however late");
}

/// A recycling that the rules skip moves the lead nowhere: it rests no more than before.
#[test]
fn customer_that_nobody_could_recycle_has_no_rest() {
    let log = log(&[
        event("A", "01T09:00:00", CAPTURED),
        event(
            "A",
            "02T09:00:00",
            r#""snapshot_imported","data":{"state":"customer","history_known_from":"2024-02-02"}"#,
        ),
        event("A", "03T09:00:00", r#""recycled","data":{"until":"2024-02-10T00:00:00Z"}"#),
    ]);
    let mut playbook = Playbook::default();
    playbook.rules.illegal = Illegal::Skip;
    assert_eq!(found_under(playbook, &log, "2024-02-20", "2024-02-20"), []);
    let applied = found(&log, "2024-02-20", "2024-02-20");
    assert_eq!(applied.len(), 1, "where history is applied, it rests");
}

#[test]
fn hand_off_waits_for_decision_and_attempt() {
    let qualified = r#""qualified","data":{"level":"mql"}"#;
    let handed_off =
        r#""handed_off","data":{"to":"bob","decision_due":"2024-02-05","touch_due":"2024-02-06"}"#;
    let accepted = r#""accepted","data":{"by":"bob"}"#;
    let touched = r#""touched","data":{"side":"sales","direction":"out","by":"bob"}"#;
    let log = log(&[
        event("A", "01T09:00:00", CAPTURED),
        event("A", "02T09:00:00", qualified),
        event("A", "03T09:00:00", handed_off),
        event("A", "05T09:00:00", accepted),
        event("A", "07T09:00:00", touched),
    ]);
    let decide = "A decide  bob 2024-02-05T00:00:00Z";
    let attempt = "A attempt  bob 2024-02-06T00:00:00Z";
    assert_eq!(told(&log, "2024-02-04", "2024-02-04"), [""; 0]);
    assert_eq!(told(&log, "2024-02-04", "2024-02-06"), [decide, attempt]);
    assert_eq!(told(&log, "2024-02-05T08:00:00Z", "2024-02-05T08:00:00Z"), [decide]);
    assert_eq!(told(&log, "2024-02-06T12:00:00Z", "2024-02-06T12:00:00Z"), [attempt]);
    assert_eq!(told(&log, "2024-02-08", "2024-03-08"), [""; 0]);
}

/// Nobody is asked for what nobody has.
#[test]
fn hand_off_that_nobody_has_waits_for_nobody_in_particular() {
    let qualified = r#""qualified","data":{"level":"mql"}"#;
    let handed_off = r#""handed_off","data":{"to":"bob","touch_due":"2024-02-06"}"#;
    let log = log(&[
        event("A", "01T09:00:00", CAPTURED),
        event("A", "02T09:00:00", qualified),
        event("A", "03T09:00:00", handed_off),
        event("A", "03T10:00:00", r#""accepted","data":{"by":"bob"}"#),
        event("A", "04T09:00:00", r#""unassigned","data":{}"#),
        event("A", "05T09:00:00", r#""assigned","data":{"to":"bob"}"#),
    ]);
    assert_eq!(
        told(&log, "2024-02-03T12:00:00Z", "2024-02-06"),
        ["A attempt  bob 2024-02-06T00:00:00Z"]
    );
    let due = found(&log, "2024-02-04T12:00:00Z", "2024-02-06");
    assert_eq!(due.iter().map(|due| due.owner.is_some()).collect::<Vec<_>>(), [false]);
    assert_eq!(
        told(&log, "2024-02-05T12:00:00Z", "2024-02-06"),
        ["A attempt  bob 2024-02-06T00:00:00Z"]
    );
}

/// It takes the place of what was granted for each channel, as the audit has it.
#[test]
fn consent_for_every_channel_renews_that_for_each() {
    let consent = |rest: &str| format!(r#""consent_granted","data":{{"purpose":"news"{rest}}}"#);
    let log = log(&[
        event("A", "01T09:00:00", CAPTURED),
        event("A", "02T09:00:00", &consent(r#","channel":"email","expires_at":"2024-02-10""#)),
        event("A", "02T09:30:00", &consent(r#","channel":"phone","expires_at":"2024-02-11""#)),
        event("A", "03T09:00:00", &consent(r#","expires_at":"2024-02-20""#)),
        event("A", "04T09:00:00", &consent(r#","channel":"phone","expires_at":"2024-02-25""#)),
        event("A", "05T09:00:00", &consent("")),
    ]);
    let days = |as_of| -> Vec<String> {
        found(&log, as_of, "2024-03-01").iter().map(|due| due.at.to_string()).collect()
    };
    assert_eq!(days("2024-02-02T12:00:00Z"), ["2024-02-10T00:00:00Z", "2024-02-11T00:00:00Z"]);
    assert_eq!(days("2024-02-03T12:00:00Z"), ["2024-02-20T00:00:00Z"]);
    assert_eq!(days("2024-02-04T12:00:00Z"), ["2024-02-20T00:00:00Z", "2024-02-25T00:00:00Z"]);
    assert_eq!(days("2024-02-05T12:00:00Z"), [""; 0]);
}

#[test]
fn rest_ends_and_consent_runs_out() {
    let consent = |expires: &str, channel: &str| {
        format!(
            r#""consent_granted","data":{{"purpose":"news","channel":"{channel}","expires_at":"{expires}"}}"#
        )
    };
    let withdrawn = r#""consent_withdrawn","data":{"purpose":"news"}"#;
    let recycled = r#""recycled","data":{"programme":"spring","until":"2024-02-20"}"#;
    let events = [
        event("A", "01T09:00:00", CAPTURED),
        event("A", "02T09:00:00", &consent("2024-02-25", "email")),
        event("A", "02T09:30:00", &consent("2024-02-26", "phone")),
        event("A", "03T09:00:00", recycled),
        event("A", "22T09:00:00", r#""qualified","data":{"level":"mql"}"#),
        event("A", "22T10:00:00", r#""handed_off","data":{"to":"bob"}"#),
        event("A", "22T11:00:00", r#""rejected","data":{"reason":"fit","to":"nurture"}"#),
        event("A", "24T09:00:00", withdrawn),
    ];
    let log = log(&events);
    let resume = "A resume   2024-02-20T00:00:00Z";
    let (email, phone) = (
        "A renew_consent news/email  2024-02-25T00:00:00Z",
        "A renew_consent news/phone  2024-02-26T00:00:00Z",
    );
    assert_eq!(told(&log, "2024-02-21", "2024-02-21"), [resume]);
    assert_eq!(
        told(&log, "2024-02-23", "2024-02-26"),
        [email, phone],
        "it rests anew, and until no day"
    );
    assert_eq!(told(&log, "2024-02-25", "2024-03-25"), [""; 0], "there is nothing to renew");
}

/// In the same instant the withdrawal counts, as the audit has it.
#[test]
fn consent_that_is_withdrawn_as_it_is_granted_is_not_renewed() {
    let granted = |channel: &str| {
        format!(
            r#""consent_granted","data":{{"purpose":"news"{channel},"expires_at":"2024-02-20"}}"#
        )
    };
    let withdrawn =
        |channel: &str| format!(r#""consent_withdrawn","data":{{"purpose":"news"{channel}}}"#);
    let (all, mail, phone) = ("", r#","channel":"mail""#, r#","channel":"phone""#);
    let due_after = |events: &[(&str, &str)]| {
        let mut lines = vec![event("A", "01T09:00:00", CAPTURED)];
        lines.extend(events.iter().map(|(at, rest)| event("A", at, rest)));
        found(&log(&lines), "2024-02-10", "2024-03-01").len()
    };
    let (then, later) = ("02T09:00:00", "02T09:00:01");
    for (of_withdrawal, of_grant, n_due) in
        [(all, all, 0), (all, mail, 0), (mail, mail, 0), (mail, phone, 1), (mail, all, 1)]
    {
        let (withdrawal, grant) = (withdrawn(of_withdrawal), granted(of_grant));
        assert_eq!(due_after(&[(then, &withdrawal), (then, &grant)]), n_due);
        assert_eq!(due_after(&[(then, &withdrawal), (later, &grant)]), 1);
    }
    // What was withdrawn then, and granted for every channel later, is granted.
    let events = [(then, withdrawn(mail)), (then, granted(mail)), (later, granted(all))];
    let events = events.each_ref().map(|(at, rest)| (*at, rest.as_str()));
    assert_eq!(due_after(&events), 1);
}

#[test]
fn erased_and_absorbed_leads_are_due_for_nothing() {
    let merged = r#""merged","data":{"into":"B"}"#;
    let log = log(&[
        event("A", "01T09:00:00", CAPTURED),
        follow_up("A", "02T09:00:00", "call", "2024-02-10"),
        event("B", "01T09:00:00", CAPTURED),
        event("A", "03T09:00:00", merged),
        event("C", "01T09:00:00", CAPTURED),
        follow_up("C", "02T09:00:00", "call", "2024-02-10"),
        event("C", "03T09:00:00", r#""erased","data":{"request":"r"}"#),
    ]);
    let of_survivor = ["B follow_up call ann 2024-02-10T00:00:00Z"];
    assert_eq!(told(&log, "2024-02-10", "2024-02-10"), of_survivor);
}

/// All orders of arrival: what is due does not depend on them.
#[test]
fn order_of_arrival_changes_nothing() {
    let events = [
        event("A", "01T09:00:00", CAPTURED),
        follow_up("A", "02T09:00:00", "call", "2024-02-10"),
        done("A", "03T09:00:00", "call"),
        follow_up("A", "04T09:00:00", "call", "2024-02-12"),
        follow_up("A", "05T09:00:00", "visit", "2024-02-09"),
    ];
    let expected =
        ["A follow_up visit ann 2024-02-09T00:00:00Z", "A follow_up call ann 2024-02-12T00:00:00Z"];
    let mut n_orders = 0;
    permute(&mut events.to_vec(), 0, &mut |events| {
        n_orders += 1;
        assert_eq!(told(&log(events), "2024-02-06", "2024-02-28"), expected);
    });
    assert_eq!(n_orders, 120);
}

fn permute(events: &mut Vec<NewEvent>, first: usize, look: &mut impl FnMut(&[NewEvent])) {
    if first == events.len() {
        return look(events);
    }
    for other in first..events.len() {
        events.swap(first, other);
        permute(events, first + 1, look);
        events.swap(first, other);
    }
}

#[test]
fn follow_up_that_was_a_mistake_is_not_due() {
    let scheduled = follow_up("A", "02T09:00:00", "call", "2024-02-10");
    let data =
        format!(r#"{{"target":"{}","action":"retract","reason":"wrong lead"}}"#, scheduled.id);
    let log = log(&[
        event("A", "01T09:00:00", CAPTURED),
        scheduled,
        event("A", "03T09:00:00", &format!(r#""corrected","data":{data}"#)),
    ]);
    assert_eq!(told(&log, "2024-02-10", "2024-02-10"), [""; 0]);
}

/// A reminder: the event differs by who sends it, the id does not.
fn reminder(key: &str, at: Timestamp) -> Event {
    Event::new(key.parse().expect("a key"), at, Reactivated { reason: Some("reminded".into()) })
}

#[test]
fn of_all_who_act_on_something_due_one_is_told_to() {
    let events: Vec<_> =
        (0..6).map(|n| follow_up(&format!("L{n}"), "02T09:00:00", "call", "2024-02-10")).collect();
    let log = log(&events);
    let all = found(&log, "2024-02-10", "2024-02-10");
    assert_eq!(all.len(), 6);
    let claims: Vec<Vec<Claim>> = thread::scope(|scope| {
        let act = |n: i64| {
            let (log, all) = (&log, &all);
            scope.spawn(move || {
                let at = Timestamp::from_micros(time("2024-02-10").micros() + n);
                let say = |due: &Due| reminder(&format!("L{}", due.lead.0), at);
                block_on(claim(log, all, at, say)).expect("memory does not fail")
            })
        };
        let threads: Vec<_> = (0..4).map(act).collect();
        threads.into_iter().map(|thread| thread.join().expect("it ends")).collect()
    });
    for item in 0..all.len() {
        let of_item: Vec<_> = claims.iter().map(|claims| &claims[item]).collect();
        let ours = of_item.iter().filter(|claim| matches!(claim, Claim::Ours { .. })).count();
        assert_eq!(ours, 1, "{of_item:?}");
        let place = |claim: &&Claim| match claim {
            Claim::Ours { position } => *position,
            Claim::Taken { position } => position.expect("another call has recorded it"),
            Claim::Invalid(invalid) => panic!("{invalid}"),
        };
        let places: BTreeSet<_> = of_item.iter().map(place).collect();
        assert_eq!(places.len(), 1, "all are told the same place");
    }
    assert_eq!(Blocking(&log).head().expect("it reads"), 12, "one event for each");
    // Another replay of the same log finds the same things, and nobody is told to act on them.
    let again = found(&log, "2024-02-10", "2024-02-10");
    let at = time("2024-02-11");
    let say = |due: &Due| reminder(&format!("L{}", due.lead.0), at);
    let claims = block_on(claim(&log, &again, at, say)).expect("memory does not fail");
    assert_eq!(again, all);
    assert!(claims.iter().all(|claim| matches!(claim, Claim::Taken { .. })), "{claims:?}");
}

#[test]
fn nothing_due_is_nothing_to_claim() {
    let log = MemoryStore::new();
    let say = |_: &Due| reminder("A", time("2024-02-10"));
    let claims = block_on(claim(&log, &[], time("2024-02-10"), say)).expect("it is empty");
    assert_eq!(claims, []);
    assert!(block_on(log.events(0, 9)).expect("it reads").is_empty());
}

/// Whoever has gone is not asked.
#[test]
fn what_is_due_is_asked_of_whoever_has_the_lead_then() {
    let consent = r#""consent_granted","data":{"purpose":"news","expires_at":"2024-02-25"}"#;
    let unnamed = r#""follow_up_scheduled","data":{"follow_up":"call","due":"2024-02-24"}"#;
    let log = log(&[
        event("A", "01T09:00:00", CAPTURED),
        event("A", "01T10:00:00", r#""assigned","data":{"to":"ann"}"#),
        event("A", "02T09:00:00", consent),
        event("A", "02T09:30:00", unnamed),
        follow_up("A", "02T10:00:00", "visit", "2024-02-26"),
        event("A", "03T09:00:00", r#""reassigned","data":{"to":"bob","cause":"leaver"}"#),
    ]);
    let owners = |as_of| -> Vec<String> {
        let told = told(&log, as_of, "2024-02-26");
        told.iter().filter_map(|line| line.split(' ').rev().nth(1)).map(str::to_owned).collect()
    };
    assert_eq!(owners("2024-02-04"), ["bob", "bob", "ann"]);
    assert_eq!(owners("2024-02-02T12:00:00Z"), ["ann", "ann", "ann"]);
}
