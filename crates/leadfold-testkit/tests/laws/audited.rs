//! Law 9 for the audit: no history makes it cost more than in proportion to its length.

use std::convert::Infallible;
use std::time::Instant;

use leadfold_core::audit::{Audit, GroupBy, Ledger};
use leadfold_core::metrics::By;
use leadfold_core::routing::{OwnerSpec, QueueSpec, RoutingSpec};
use leadfold_core::{
    Bounds, Calendar, CalendarSpec, Conduct, DAY, Facts, Fold, Gate, Hours, LeadSet, LocalDate,
    Pipeline, Playbook, SECOND, State, Tables, Timestamp, Zone,
};
use serde_json::{Value, json};

use super::idle::Idle;
use super::mill::Mill;

type History = fn(usize) -> Mill;

/// Histories that would cost the square of their length if anybody searched them.
const HISTORIES: [(&str, History); 15] = [
    ("consents of many purposes", |n| consents(n, n, 7)),
    ("consents of few purposes", |n| consents(n, 5, 3)),
    ("withdrawn one by one, lifted one by one", lifted),
    ("consents that end one by one", ending),
    ("owners in turn", |n| owners(n, |i| i)),
    ("owners in turn, told backwards", |n| owners(n, |i| n - i)),
    ("queues in turn", queues),
    ("offered, rejected, recycled, again", rounds),
    ("offers one after the other", offers),
    ("one owner of all", one_owner),
    ("a desk that is always full", full_desk),
    ("many deals", deals),
    ("deals closed and reopened without a key", nameless_deals),
    ("all merged into one", merged),
    ("campaigns to a customer", campaigns),
];

/// One lead after its capture, its qualification and an offer.
fn offered() -> Mill {
    let mut mill = Mill::default();
    mill.add("a", 0, "captured", &json!({}));
    mill.add("a", 0, "qualified", &json!({"level": "mql"}));
    mill.add("a", 0, "handed_off", &json!({"to": "p0"}));
    mill
}

fn campaign(channel: usize) -> Value {
    json!({"side": "marketing", "direction": "out", "channel": format!("c{channel}")})
}

fn consents(n: usize, purposes: usize, channels: usize) -> Mill {
    let mut mill = offered();
    for i in 0..n / 3 {
        let purpose = format!("p{}", i % purposes);
        let one = json!({"purpose": purpose, "channel": format!("c{}", i % channels)});
        let all = json!({"purpose": format!("p{}", (i / 2) % purposes)});
        let (gave, took) = if i % 4 == 0 { (one, all) } else { (all, one) };
        mill.add("a", i as i64, "consent_withdrawn", &took);
        mill.add("a", i as i64, "touched", &campaign(i % channels));
        mill.add("a", i as i64, "consent_granted", &gave);
    }
    mill
}

/// Every look-up has all that was lifted so far in its way.
fn lifted(n: usize) -> Mill {
    let mut mill = offered();
    let purpose = |i: usize| json!({"purpose": format!("p{i}")});
    let n = n / 3;
    (0..n).for_each(|i| mill.add("a", i as i64, "consent_withdrawn", &purpose(i)));
    for i in 0..n {
        mill.add("a", (n + i) as i64, "consent_granted", &purpose(i));
        mill.add("a", (n + i) as i64, "touched", &campaign(0));
    }
    mill
}

fn ending(n: usize) -> Mill {
    let mut mill = offered();
    let n = n / 3;
    for i in 0..n {
        let second = 1_700_000_000 + (n + i) as i64;
        let ends_at = Timestamp::from_micros(second * SECOND).to_string();
        let data = json!({"purpose": format!("p{i}"), "expires_at": ends_at});
        mill.add("a", i as i64, "consent_granted", &data);
    }
    for i in 0..n {
        let again = json!({"purpose": format!("p{i}")});
        mill.add("a", (n + i) as i64, "consent_granted", &again);
        mill.add("a", (n + i) as i64, "touched", &campaign(0));
    }
    mill
}

fn owners(n: usize, second: impl Fn(usize) -> usize) -> Mill {
    let mut mill = offered();
    for i in 0..n {
        let to = json!({"to": format!("p{}", i % 2)});
        mill.add("a", second(i) as i64 + 1, "reassigned", &to);
    }
    mill
}

fn queues(n: usize) -> Mill {
    let mut mill = offered();
    for i in 0..n {
        let to = json!({"to": format!("q{}", i % QUEUES)});
        mill.add("a", i as i64, "reassigned", &to);
    }
    mill
}

fn rounds(n: usize) -> Mill {
    let mut mill = Mill::default();
    mill.add("a", 0, "captured", &json!({}));
    for i in 0..n / 4 {
        let second = i as i64 * 3_600;
        mill.add("a", second, "qualified", &json!({"level": "mql"}));
        mill.add("a", second, "handed_off", &json!({"to": format!("p{}", i % 3)}));
        mill.add("a", second + 1_800, "rejected", &json!({"reason": ""}));
        mill.add("a", second + 1_900, "recycled", &json!({"reason": ""}));
    }
    mill
}

fn offers(n: usize) -> Mill {
    let mut mill = offered();
    for i in 0..n {
        mill.add("a", i as i64 * 7_200, "handed_off", &json!({"to": format!("p{}", i % 3)}));
    }
    mill
}

fn one_owner(n: usize) -> Mill {
    let mut mill = Mill::default();
    for i in 0..n / 3 {
        let lead = format!("l{i}");
        mill.add(&lead, i as i64 * 60, "captured", &json!({"source": format!("s{i}")}));
        mill.add(&lead, i as i64 * 60, "qualified", &json!({"level": "mql"}));
        mill.add(&lead, i as i64 * 60, "handed_off", &json!({"to": "p0"}));
    }
    mill
}

/// Each offer finds as many open leads as there may be.
fn full_desk(n: usize) -> Mill {
    let mut mill = Mill::default();
    let offer = |mill: &mut Mill, lead: &str, second: usize| {
        mill.add(lead, second as i64, "qualified", &json!({"level": "mql"}));
        mill.add(lead, second as i64, "handed_off", &json!({"to": "p1"}));
    };
    (0..DESK).for_each(|i| offer(&mut mill, &format!("l{i}"), i));
    for i in DESK..n / 4 {
        offer(&mut mill, "a", i);
        mill.add("a", i as i64, "rejected", &json!({"reason": ""}));
        mill.add("a", i as i64, "recycled", &json!({"reason": ""}));
    }
    mill
}

fn deals(n: usize) -> Mill {
    let mut mill = offered();
    let deal = |i: usize| json!({"opportunity": format!("k{i}"), "amount": i, "currency": "EUR"});
    (0..n / 4).for_each(|i| mill.add("a", i as i64, "opportunity_opened", &deal(i)));
    for i in 0..n / 4 {
        let stage = json!({"opportunity": format!("k{i}"), "to": "nowhere"});
        mill.add("a", n as i64, "opportunity_stage_changed", &stage);
    }
    (0..n / 4).rev().for_each(|i| mill.add("a", n as i64, "won", &deal(i)));
    (0..n / 4).for_each(|i| mill.add("a", n as i64, "lost", &deal(i)));
    mill
}

fn nameless_deals(n: usize) -> Mill {
    let mut mill = offered();
    let deal = |i: usize| json!({"opportunity": format!("k{i}")});
    (0..n / 4).for_each(|i| mill.add("a", i as i64, "opportunity_opened", &deal(i)));
    (0..n / 4).for_each(|i| mill.add("a", n as i64, "won", &deal(i)));
    for i in 0..n / 4 {
        mill.add("a", (n + i) as i64, "opportunity_reopened", &json!({}));
        mill.add("a", (n + i) as i64, "lost", &json!({}));
    }
    mill
}

fn merged(n: usize) -> Mill {
    let mut mill = offered();
    for i in 0..n / 4 {
        let lead = format!("l{i}");
        mill.add(&lead, 1, "captured", &json!({"source": format!("s{i}")}));
        mill.add(&lead, 2, "handed_off", &json!({"to": format!("p{}", i % 3)}));
        mill.add(&lead, 3, "touched", &json!({"side": "sales"}));
        mill.add(&lead, 4, "merged", &json!({"into": "a"}));
    }
    mill
}

fn campaigns(n: usize) -> Mill {
    let mut mill = offered();
    mill.add("a", 1, "won", &json!({}));
    (0..n).for_each(|i| mill.add("a", i as i64 + 2, "touched", &campaign(i)));
    mill
}

const QUEUES: usize = 10_000;
/// More open leads than are named as evidence.
const DESK: usize = 1_000;
/// No finding names more events than this.
const EVIDENCE_MAX: usize = 257;

/// Everything that the audit has rules for, and as many queues as nobody has.
fn playbook() -> Playbook {
    let owner = OwnerSpec { open_max: Some(10), capacity: Some(300), ..OwnerSpec::new("p0") };
    let full = OwnerSpec { open_max: Some(DESK as u32), ..OwnerSpec::new("p1") };
    let queue = |i: usize| QueueSpec { name: format!("q{i}"), team: None };
    let routing = RoutingSpec {
        version: "1".into(),
        owners: vec![owner, full],
        queues: (0..QUEUES).map(queue).collect(),
        ..RoutingSpec::default()
    };
    let mandatory = vec!["source".to_owned(), "size".to_owned()];
    let gate = Gate { mandatory, desirable: Vec::new() };
    let conduct = Conduct {
        marketing_touches_customers: false,
        marketing_touches_opportunities: false,
        sales_touches_before_handoff: false,
    };
    Playbook {
        routing: Some(routing),
        conduct,
        gates: [(State::HandedOff, gate.clone()), (State::Customer, gate)].into(),
        pipelines: vec![Pipeline { name: "b2b".into(), stages: vec!["demo".into()] }],
        ..Playbook::default()
    }
}

/// Office hours, less ten thousand holidays.
fn calendar() -> Calendar {
    let hours = || Hours::parse(&["09:00-12:00", "13:00-17:00"]).expect("the hours are hours");
    let first = Timestamp::from_micros(0);
    let day = |n: i64| Timestamp::from_micros(first.micros() + 3 * n * DAY);
    let date = |at: Timestamp| at.to_string()[..10].parse::<LocalDate>().expect("a date is a date");
    let spec = CalendarSpec {
        mon: hours(),
        tue: hours(),
        wed: hours(),
        holidays: (0..10_000).map(|n| date(day(n))).collect(),
        ..CalendarSpec::new("UTC")
    };
    Calendar::new(&spec, Zone::utc())
}

/// Folds a log while a ledger watches, which sees no event more than a few times.
fn watched(mill: &Mill, playbook: &Playbook) -> (Tables, Ledger) {
    let both = (Ledger::new(playbook.clone()), Idle::default());
    let mut fold = Fold::watched(playbook.clone(), Bounds::default(), both);
    let Ok(()) = fold.learn(|word| Ok::<_, Infallible>(mill.code(word)));
    fold.apply(&mill.facts);
    let Ok(()) = fold.settle(|leads| {
        let (mut facts, wanted) = (Facts::default(), LeadSet::of(leads));
        facts.extend_filtered(&mill.facts, |lead| wanted.contains(lead));
        Ok::<_, Infallible>(facts)
    });
    let (tables, (ledger, Idle { seen })) = fold.into_parts();
    assert!(seen <= 3 * mill.facts.len(), "{seen} seen of {}", mill.facts.len());
    (tables, ledger)
}

/// Reads all that the audit has to say of a log; the answer is the number of findings.
fn audit(mill: &Mill, playbook: &Playbook, calendar: &Calendar) -> usize {
    let (tables, ledger) = watched(mill, playbook);
    let as_of = Timestamp::from_micros((1_700_000_000 + 40_000 * 86_400) * SECOND);
    let audit = Audit::of(&tables, &ledger, calendar, as_of);
    for by in [GroupBy::Owner, GroupBy::Team, GroupBy::Definition, GroupBy::Lead(By::Source)] {
        assert!(!audit.figures(Some(&by)).is_empty());
    }
    assert!(audit.workload().len() <= mill.facts.len());
    assert!(audit.speed_to_lead().total.n <= tables.lead_count() as u64);
    assert!(audit.recycled_win_rate().den <= tables.lead_count() as u64);
    let found = audit.findings();
    let evidence: usize = found.iter().map(|finding| finding.evidence.len()).sum();
    assert!(found.len() <= 4 * mill.facts.len(), "{} findings", found.len());
    assert!(evidence <= EVIDENCE_MAX * found.len(), "{evidence} proofs");
    found.len()
}

/// Whoever searches a history of this length for each of its events does not come back in time.
#[test]
fn law_9_no_history_of_100_000_events_holds_the_audit_up() {
    let (playbook, calendar) = (playbook(), calendar());
    for (name, history) in HISTORIES {
        let found = audit(&history(100_000), &playbook, &calendar);
        assert!(found > 0, "{name}");
    }
}

/// Prints the seconds of n and 4n events and judges nothing: `LEADFOLD_MEASURE=50000 cargo test
/// --release -p leadfold-testkit --test laws how_the_audit_grows -- --nocapture`.
#[test]
fn how_the_audit_grows() {
    let size = std::env::var("LEADFOLD_MEASURE").ok().and_then(|n| n.parse().ok());
    let size: usize = size.unwrap_or(500);
    let (playbook, calendar) = (playbook(), calendar());
    for (name, history) in HISTORIES {
        let seconds = [size, 4 * size].map(|n| {
            let mill = history(n);
            let start = Instant::now();
            audit(&mill, &playbook, &calendar);
            start.elapsed().as_secs_f64()
        });
        let [few, many] = seconds;
        println!("{few:>8.4} {many:>8.4} x{:<5.1} {name}", many / few);
    }
}
