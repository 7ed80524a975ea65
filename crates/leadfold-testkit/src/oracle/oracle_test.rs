//! Small histories, computed by hand. Times are whole days: day 1 is 1970-01-02.

use serde_json::json;

use super::{metrics, *};

const DAY: i64 = 86_400_000_000;

/// A log of (lead, day, type, data), in order of arrival.
fn log(events: &[(&str, i64, &str, Value)]) -> Vec<Value> {
    let line = |(index, (lead, day, kind, data)): (usize, &(&str, i64, &str, Value))| {
        let time = chrono::DateTime::from_timestamp_micros(day * DAY)
            .expect("tests stay within the calendar")
            .to_rfc3339();
        json!({
            "id": format!("e{}", index + 1), "lead": lead, "type": kind, "position": index + 1,
            "occurred_at": time, "recorded_at": time, "data": data,
        })
    };
    events.iter().enumerate().map(line).collect()
}

fn mql() -> Value {
    json!({"level": "mql"})
}

fn sql() -> Value {
    json!({"level": "sql"})
}

fn read_all(events: &[(&str, i64, &str, Value)], rules: &Rules) -> Outcome {
    read(&log(events), rules, Bounds::default())
}

/// State and day of entry; `*` marks the implied visits, `?` the unknown ones.
fn visits(lead: &Lead) -> Vec<String> {
    let visit = |v: &Visit| {
        let marks = [("*", v.implied), ("?", v.unknown)];
        let marks: String = marks.iter().filter(|(_, is)| *is).map(|(mark, _)| *mark).collect();
        format!("{}{marks} {}", v.state, v.entered_at / DAY)
    };
    lead.visits.iter().map(visit).collect()
}

/// Position, code, reason and the state before.
fn found(outcome: &Outcome) -> Vec<String> {
    let finding = |f: &Finding| {
        let (reason, from) = (f.reason.as_deref().unwrap_or("-"), f.from.as_deref());
        format!("{} {} {reason} {}", f.position, f.code, from.unwrap_or("-"))
    };
    outcome.findings.iter().map(finding).collect()
}

#[test]
fn seven_types_alone_make_a_clean_log() {
    let events = [
        ("L", 1, "captured", json!({"source": "web", "attributes": {"size": 12}})),
        ("L", 2, "qualified", mql()),
        ("L", 3, "handed_off", json!({"to": "ann"})),
        ("L", 9, "won", json!({"amount": 500, "currency": "EUR"})),
    ];
    let outcome = read_all(&events, &Rules::default());
    let lead = &outcome.leads["L"];
    assert_eq!(found(&outcome), Vec::<String>::new());
    let expected =
        ["new 1", "mql 2", "handed_off 3", "accepted* 9", "sql* 9", "opportunity* 9", "customer 9"];
    assert_eq!(visits(lead), expected);
    assert_eq!(lead.attributes["size"], "12");
    assert_eq!((lead.reached, lead.entered.len()), (6, 4));
    let handoff = &lead.handoffs[0];
    assert_eq!((handoff.decision.as_str(), handoff.implied), ("accepted", true));
    let deal = &lead.opportunities[0];
    assert!(deal.implied && deal.key.is_none() && deal.opened_at == 9 * DAY);
    assert_eq!(metrics::revenue(&outcome), BTreeMap::from([("EUR".to_owned(), (500, 0))]));
    assert!(metrics::time_balances(lead, 20 * DAY));
    assert_eq!(metrics::within(&outcome, 20 * DAY, 8 * DAY), (1, 1));
    assert_eq!(metrics::within(&outcome, 20 * DAY, 7 * DAY), (0, 1));
}

#[test]
fn without_implied_steps_the_same_win_is_refused() {
    let events = [
        ("L", 1, "captured", json!({})),
        ("L", 2, "qualified", mql()),
        ("L", 3, "handed_off", json!({"to": "ann"})),
        ("L", 9, "won", json!({"amount": 5})),
    ];
    let strict = Rules { implied_steps: false, illegal: Illegal::Skip, ..Rules::default() };
    let outcome = read_all(&events, &strict);
    assert_eq!(found(&outcome), ["4 illegal unknown_opportunity handed_off"]);
    assert_eq!(outcome.leads["L"].state, "handed_off");
    let outcome = read_all(&events, &Rules { illegal: Illegal::Apply, ..strict });
    let lead = &outcome.leads["L"];
    assert_eq!(visits(lead), ["new 1", "mql 2", "handed_off 3", "customer 9"]);
    assert_eq!(lead.handoffs[0].decision, "pending");
    assert_eq!(lead.opportunities[0].currency.as_deref(), Some("XXX"));
}

#[test]
fn a_returned_lead_goes_round_again() {
    let events = [
        ("L", 1, "captured", json!({})),
        ("L", 2, "qualified", mql()),
        ("L", 3, "handed_off", json!({"to": "ann"})),
        ("L", 4, "accepted", json!({"by": "ann"})),
        ("L", 5, "returned", json!({"reason": ""})),
        ("L", 6, "qualified", mql()),
        ("L", 7, "handed_off", json!({"to": "bob"})),
        ("L", 8, "rejected", json!({"reason": "no fit", "to": "disqualified"})),
        ("L", 9, "reopened", json!({})),
    ];
    let outcome = read_all(&events, &Rules { require_reasons: true, ..Rules::default() });
    let lead = &outcome.leads["L"];
    assert_eq!(found(&outcome), ["5 missing_reason - accepted"]);
    assert_eq!((lead.state.as_str(), lead.cycle, &lead.owner), ("new", 3, &None));
    let decisions: Vec<&str> = lead.handoffs.iter().map(|h| h.decision.as_str()).collect();
    assert_eq!(decisions, ["returned", "rejected"]);
    assert_eq!(lead.handoffs[0].decided_at, Some(4 * DAY));
    let times = metrics::stage_times(lead, "mql", 20 * DAY);
    assert_eq!(times, (Some(DAY), Some(DAY), 2 * DAY, None));
    assert_eq!(metrics::stage_times(lead, "new", 20 * DAY).3, Some(11 * DAY));
}

#[test]
fn deals_are_lost_overwritten_and_reopened() {
    let deal = |key: &str| json!({"opportunity": key});
    let events = [
        ("L", 1, "captured", json!({"origin": "sales_generated"})),
        ("L", 2, "qualified", sql()),
        ("L", 3, "opportunity_opened", deal("A")),
        ("L", 4, "opportunity_opened", deal("B")),
        ("L", 5, "lost", json!({"opportunity": "A", "reason": "price"})),
        ("L", 6, "lost", json!({"opportunity": "B"})),
        ("L", 7, "lost", json!({"opportunity": "B"})),
        ("L", 8, "opportunity_reopened", json!({})),
        ("L", 9, "won", json!({"amount": 7, "currency": "EUR"})),
        ("L", 10, "won", json!({"amount": 8})),
    ];
    let outcome = read_all(&events, &Rules::default());
    let lead = &outcome.leads["L"];
    assert_eq!(found(&outcome), ["10 illegal opportunity_closed customer"]);
    let expected = ["new 1", "sql 2", "opportunity 3", "lost 6", "opportunity 8", "customer 9"];
    assert_eq!(visits(lead), expected);
    let (a, b) = (&lead.opportunities[0], &lead.opportunities[1]);
    assert_eq!(
        (a.reason.as_deref(), a.stage_at_loss.as_deref()),
        (Some("price"), Some("opportunity"))
    );
    assert_eq!((b.outcome.as_str(), b.amount, b.closed_at), ("won", Some(8), Some(10 * DAY)));
    assert_eq!((lead.cycle, b.reopened), (1, 1));
    let rate = metrics::win_rate(&outcome, None, None);
    assert_eq!((rate.won, rate.closed), (1, 2));
    assert_eq!(metrics::loss_reasons(&outcome, None, None)[&Some("price".to_owned())].count, 1);
}

#[test]
fn a_lead_may_begin_without_a_capture() {
    let events = [
        ("L", 2, "won", json!({"opportunity": "A"})),
        ("L", 5, "captured", json!({"source": "web"})),
        ("M", 1, "snapshot_imported", json!({"state": "sql", "history_known_from": "1970-01-02"})),
        ("M", 3, "snapshot_imported", json!({"state": "mql", "history_known_from": "1970-01-02"})),
        ("N", 1, "from_the_future", json!({})),
    ];
    let outcome = read_all(&events, &Rules::default());
    let expected = [
        "1 history_gap - -",
        "1 illegal unknown_opportunity new",
        "2 negative_duration - customer",
        "2 out_of_order - customer",
        "3 history_gap - -",
        "4 history_gap - sql",
        "5 unknown_type - -",
    ];
    assert_eq!(found(&outcome), expected);
    assert_eq!(visits(&outcome.leads["L"]), ["new? 2", "customer 2"]);
    assert_eq!(visits(&outcome.leads["M"]), ["sql? 1", "mql? 3"]);
    assert!(!outcome.leads.contains_key("N"));
    let rows = metrics::cohort_funnel(&outcome, 9 * DAY, None, None, &|_| Vec::new());
    let total = &rows[&Vec::new()];
    assert_eq!((total.captured, total.won, &total.days_to_won), (1, 1, &vec![0]));
}

#[test]
fn a_root_takes_up_what_its_members_did_quietly() {
    let events = [
        ("L", 1, "captured", json!({"source": "web"})),
        ("L", 2, "qualified", mql()),
        ("M", 3, "captured", json!({"source": "fair", "medium": "booth"})),
        ("M", 4, "qualified", mql()),
        ("L", 5, "merged", json!({"into": "M"})),
        ("L", 6, "handed_off", json!({"to": "ann"})),
        ("L", 7, "accepted", json!({"by": "bob"})),
        ("M", 8, "merged", json!({"into": "L"})),
        ("L", 9, "merged", json!({"into": "N"})),
        ("L", 10, "unmerged", json!({"from": "N"})),
    ];
    let outcome = read_all(&events, &Rules::default());
    let expected = [
        "7 illegal not_owner handed_off",
        "8 illegal merge_cycle accepted",
        "9 illegal merged_into merged",
        "10 illegal not_merged merged",
    ];
    assert_eq!(found(&outcome), expected);
    assert_eq!(outcome.findings[0].lead.as_deref(), Some("M"));
    let (l, m) = (&outcome.leads["L"], &outcome.leads["M"]);
    assert_eq!(visits(l), ["new 1", "mql 2", "merged 5"]);
    assert_eq!(l.merged_into.as_deref(), Some("M"));
    assert_eq!(visits(m), ["new 1", "mql 2", "handed_off 6", "accepted 7"]);
    assert_eq!((m.source.as_deref(), m.medium.as_deref()), (Some("web"), Some("booth")));
    assert_eq!(m.captured_at, Some(DAY));
    // Before the merge, and after it has been taken back, each is its own.
    let before = Bounds { as_of: Some(4 * DAY), known_at: None };
    assert_eq!(read(&log(&events), &Rules::default(), before).leads["L"].state, "mql");
    let mut undone = events.to_vec();
    undone.push(("L", 11, "unmerged", json!({"from": "M"})));
    let outcome = read_all(&undone, &Rules::default());
    assert_eq!(outcome.leads["L"].state, "accepted");
    assert_eq!(visits(&outcome.leads["M"]), ["new 3", "mql 4"]);
}

#[test]
fn quiet_events_only_lift_the_state() {
    let events = [
        ("M", 1, "captured", json!({})),
        ("L", 1, "captured", json!({})),
        ("M", 2, "qualified", mql()),
        ("M", 3, "handed_off", json!({"to": "ann"})),
        ("L", 4, "qualified", mql()),
        ("L", 5, "won", json!({"opportunity": "A"})),
        ("L", 6, "merged", json!({"into": "M"})),
    ];
    let outcome = read_all(&events, &Rules { illegal: Illegal::Skip, ..Rules::default() });
    // On its own row the win at mql is refused; in the root's it is an implied shortcut.
    assert_eq!(found(&outcome), ["6 illegal unknown_opportunity mql"]);
    let m = &outcome.leads["M"];
    assert_eq!((m.state.as_str(), m.reached, m.opportunities.len()), ("customer", 6, 1));
    assert_eq!(metrics::status_counts(&outcome).get("merged"), Some(&1));
}

#[test]
fn bounds_keep_what_happened_apart_from_what_was_known() {
    let mut lines = log(&[
        ("L", 1, "captured", json!({})),
        ("L", 2, "qualified", mql()),
        ("L", 8, "corrected", json!({"target": "e2", "action": "retract", "reason": "typo"})),
        ("L", 8, "corrected", json!({"target": "none", "action": "retract", "reason": "typo"})),
    ]);
    let state = |lines: &[Value], as_of, known_at| {
        read(lines, &Rules::default(), Bounds { as_of, known_at }).leads["L"].state.clone()
    };
    // A correction is knowledge: T does not bound it, K does.
    assert_eq!(state(&lines, Some(3 * DAY), None), "new");
    assert_eq!(state(&lines, None, Some(3 * DAY)), "mql");
    let outcome = read(&lines, &Rules::default(), Bounds { as_of: Some(3 * DAY), known_at: None });
    assert_eq!(found(&outcome), Vec::<String>::new());
    let outcome = read(&lines, &Rules::default(), Bounds::default());
    assert_eq!(found(&outcome), ["4 unknown_target - -"]);
    lines.reverse();
    assert_eq!(state(&lines, None, None), "new");
}

#[test]
fn an_erased_lead_stays_erased() {
    let events = [
        ("L", 1, "captured", json!({})),
        ("L", 2, "erased", json!({"request": "r"})),
        ("L", 3, "erased", json!({"request": "r"})),
        ("L", 4, "revenue_recorded", json!({"amount": 1, "currency": "EUR"})),
        ("L", 5, "merged", json!({"into": "M"})),
    ];
    let outcome = read_all(&events, &Rules::default());
    assert_eq!(found(&outcome), ["4 illegal erased_lead erased", "5 illegal erased_lead erased"]);
    assert_eq!(outcome.leads.len(), 1);
    assert!(outcome.leads["L"].revenue.is_empty());
}

#[test]
fn the_second_event_of_one_origin_is_found() {
    let mut lines = log(&[
        ("L", 1, "captured", json!({})),
        ("L", 2, "touched", json!({"side": "sales"})),
        ("L", 3, "touched", json!({"side": "sales"})),
    ]);
    for (line, id) in lines.iter_mut().zip(["a", "b", "a"]) {
        line["origin"] = json!({"system": "crm", "id": id});
    }
    let outcome = read(&lines, &Rules::default(), Bounds::default());
    assert_eq!(found(&outcome), ["3 duplicate_external_id - -"]);
}

#[test]
fn a_period_counts_entries_whenever_the_lead_came() {
    let events = [
        ("L", 1, "captured", json!({})),
        ("L", 2, "qualified", mql()),
        ("L", 5, "handed_off", json!({"to": "ann"})),
        ("L", 6, "won", json!({})),
    ];
    let outcome = read_all(&events, &Rules::default());
    let rows =
        metrics::period_funnel(&outcome, 9 * DAY, Some(5 * DAY), Some(7 * DAY), &|_| Vec::new());
    let row = &rows[&Vec::new()];
    assert_eq!((row.captured, row.won), (0, 1));
    let sql = &row.stages["sql"];
    assert_eq!((sql.entered, sql.visits, sql.reached), (0, 0, 1));
    assert_eq!((row.stages["mql"].entered, row.stages["mql"].reached), (0, 1));
    assert_eq!(row.stages["handed_off"].durations, [DAY]);
    assert_eq!(metrics::month(40 * DAY), "1970-02");
}

#[test]
fn quantiles_interpolate_between_neighbours() {
    assert_eq!(metrics::quantile(&[], 0.5), None);
    assert_eq!(metrics::quantile(&[7], 0.9), Some(7.0));
    assert_eq!(metrics::quantile(&[1, 2, 3, 4], 0.5), Some(2.5));
    assert_eq!(metrics::quantile(&[0, 10], 0.9), Some(9.0));
}

#[test]
fn those_censored_at_a_tie_are_still_at_risk() {
    let rows = metrics::kaplan_meier(&[(-5, true), (3, true), (3, false), (4, false)]);
    assert_eq!(rows, [(0, 4, 1, 0.75), (3, 3, 1, 0.75 * (1.0 - 1.0 / 3.0))]);
}
