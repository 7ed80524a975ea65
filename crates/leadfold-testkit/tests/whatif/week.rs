//! The load of hand-offs: weeks that begin on Mondays, and the capacity of owners.

use leadfold_core::Zone;
use leadfold_core::metrics::{Fraction, Rate};
use leadfold_core::whatif::HandoffLoad;
use serde_json::{Value, json};

use super::desk::{Desk, playbook, question};
use super::golden::line;

/// Hand-offs on the given days of 2024, all of leads that were captured that day.
fn load(days: &[&str], as_of: &str, routing: &Value, zone: Zone) -> HandoffLoad {
    let log: Vec<Value> = days
        .iter()
        .enumerate()
        .flat_map(|(number, day)| {
            let lead = format!("L{number}");
            let event = |kind, data| line(&lead, day, kind, data);
            [
                event("captured", json!({})),
                event("qualified", json!({"level": "mql"})),
                event("handed_off", json!({"to": "ann"})),
            ]
        })
        .collect();
    let book = match routing {
        Value::Null => json!({}),
        routing => json!({"routing": routing}),
    };
    let question = leadfold_core::whatif::Question { zone, ..question(as_of, 90) };
    Desk::of(&log).try_out(&playbook(&book), &question).trial.load
}

#[test]
fn weeks_begin_on_mondays_and_empty_ones_count() {
    // Monday 1 January, Sunday 7 January, Monday 8 January; 22 January is the Monday of week 4.
    let days = ["01-01", "01-07T23:59", "01-08", "01-08"];
    let load = load(&days, "2024-01-22", &Value::Null, Zone::utc());
    assert_eq!(load.per_week, Rate { num: 4, den: 4 });
    let busiest = load.busiest.expect("there are hand-offs");
    // Of two weeks with as many, the first.
    assert_eq!(busiest.handed_off, 2);
    assert_eq!(busiest.monday.map(|day| day.to_string()).as_deref(), Some("2024-01-01"));
    assert_eq!(load.capacity, None);
}

#[test]
fn weeks_are_those_of_the_zone() {
    let east = Zone::of("+01:00", chrono::FixedOffset::east_opt(3_600).expect("an offset"));
    let load = load(&["01-01", "01-07T23:30", "01-08"], "2024-01-10", &Value::Null, east);
    let busiest = load.busiest.expect("there are hand-offs");
    assert_eq!(busiest.monday.map(|day| day.to_string()).as_deref(), Some("2024-01-08"));
    assert_eq!((busiest.handed_off, load.per_week.den), (2, 2));
}

#[test]
fn capacity_is_that_of_the_owners_who_stay() {
    let routing = json!({"version": "1", "owners": [
        {"name": "ann", "capacity": 4}, {"name": "bob", "capacity": 5}, {"name": "cy"},
        {"name": "dan", "capacity": 100, "left_at": "2024-01-10"},
    ]});
    let days = ["01-01", "01-08", "01-09", "01-10"];
    let load = load(&days, "2024-01-20", &routing, Zone::utc());
    let capacity = load.capacity.expect("somebody has one");
    // 9 leads in 30 days are 2.1 in a week: the week with three is over.
    assert_eq!(capacity.in_30_days, 9);
    assert_eq!(capacity.used, Fraction { num: 30 * 4, den: 7 * 9 * 3 });
    assert_eq!(capacity.weeks_over, Rate { num: 1, den: 3 });
}

#[test]
fn the_first_and_the_last_year_have_weeks_too() {
    let lines = [("0000-01-01T00:00:00Z", "a"), ("9999-12-31T00:00:00Z", "b")];
    let event = |at: &str, lead: &str, kind: &str, data: Value| json!({"lead": lead, "occurred_at": at, "type": kind, "data": data});
    let log: Vec<Value> = lines
        .iter()
        .flat_map(|(at, lead)| {
            [
                event(at, lead, "captured", json!({})),
                event(at, lead, "qualified", json!({"level": "mql"})),
                event(at, lead, "handed_off", json!({"to": "ann"})),
            ]
        })
        .collect();
    let question = question("9999-12-31T23:59:59Z", u32::MAX);
    let trial = Desk::of(&log).try_out(&playbook(&json!({})), &question).trial;
    assert_eq!(trial.load.per_week.num, 2);
    // The Monday of the week of 1 January 0000, a Saturday, is in the year before.
    let busiest = trial.load.busiest.expect("there are hand-offs");
    assert_eq!((busiest.monday, busiest.handed_off), (None, 1));
    assert_eq!(trial.effect().base.den, 0);
}
