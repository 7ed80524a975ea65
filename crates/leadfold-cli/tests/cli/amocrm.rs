//! What a made-up account of amoCRM tells, from the webhooks and pages to the figures.
//!
//! Four deals: 501 is won after another took it over, 502 is lost, 503 is under way and known from
//! the page of events alone, 504 is won and known from the page of leads alone.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Desk, data};

/// The first status is the hand-off to sales, the second the deal.
const MAP: &str = r#"
format = "leadfold-amocrm/1"
currency = "EUR"

[deal]
9001 = ["mql", "handed_off"]
9002 = ["accepted", "sql", "opportunity"]
"#;

const FILES: [&str; 3] = ["webhooks.txt", "events.json", "leads.json"];

fn desk() -> Desk {
    let desk = Desk::new();
    let account = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/account"));
    for name in FILES {
        desk.write(name, std::fs::read(account.join(name)).expect("the file is there"));
    }
    desk.write("account.toml", MAP);
    desk
}

fn import(desk: &Desk, files: &[&str], more: &[&str]) -> Value {
    let mut args = vec!["import", "--format", "amocrm"];
    args.extend(files);
    args.extend(more);
    desk.json(&args)
}

#[test]
fn webhooks_alone_tell_two_deals() {
    let desk = desk();
    let summary = import(&desk, &["webhooks.txt"], &[]);
    // 501: captured, assigned, opened, priced, staged; staged; reassigned; priced; priced, won.
    // 502: captured, assigned, opened, staged; lost.
    assert_eq!((&summary["appended"], &summary["refused"]), (&json!(15), &json!([])));
    assert_eq!(
        summary["left_out"],
        json!([{"what": "webhook", "value": "contacts.add", "rows": 1}])
    );
    let lead = desk.json(&["status", "--lead", "501"]);
    assert_eq!((&lead["state"], &lead["owner"]), (&json!("customer"), &json!("12")));
    assert_eq!(desk.json(&["clv"])["revenue"], json!([{"currency": "XXX", "amount": 150_000}]));
    assert_eq!(desk.json(&["status", "--lead", "502"])["state"], "lost");
    assert_eq!(desk.json(&["audit"])["counts"], json!({"illegal": 2, "won_without_handoff": 1}));
}

#[test]
fn the_page_of_events_tells_what_the_webhooks_told_and_nothing_twice() {
    let desk = desk();
    import(&desk, &["webhooks.txt"], &[]);
    let summary = import(&desk, &["events.json"], &[]);
    // Of 503: captured, opened, touched, staged, priced; the rest is known.
    assert_eq!((&summary["appended"], &summary["duplicates"]), (&json!(5), &json!(8)));
    assert_eq!(summary["refused"], json!([]));
    assert_eq!(
        summary["left_out"],
        json!([
            {"what": "event", "value": "name_field_changed", "rows": 1},
            {"what": "event_of", "value": "contact", "rows": 1},
        ])
    );
    for (lead, state) in [("501", "customer"), ("502", "lost"), ("503", "opportunity")] {
        assert_eq!(desk.json(&["status", "--lead", lead])["state"], state, "{lead}");
    }
    let again = import(&desk, &FILES, &[]);
    // Of 504: captured, assigned, opened, priced, won. Of 502: lost, with the reason that only the
    // page of leads has.
    assert_eq!((&again["appended"], &again["refused"]), (&json!(6), &json!([])));
    assert_eq!(import(&desk, &FILES, &[])["appended"], 0);
}

#[test]
fn a_mapping_tells_where_the_deal_begins() {
    let desk = desk();
    let summary = import(&desk, &FILES, &["--map", "account.toml"]);
    assert_eq!(summary["refused"], json!([]), "{summary}");
    let states = &desk.json(&["status"])["states"];
    // 503 came by the page of events, which does not tell its first status.
    assert_eq!(
        (&states["customer"], &states["lost"], &states["opportunity"]),
        (&json!(2), &json!(1), &json!(1))
    );
    let funnel = &desk.json(&["funnel"])["rows"][0];
    assert_eq!((&funnel["captured"], &funnel["won"]["num"]), (&json!(4), &json!(2)));
    let handoffs = &desk.json(&["audit"])["handoffs"];
    // 501 and 502 were offered to whom they were created for; 501 was accepted a day later.
    assert_eq!((&handoffs["offered"], &handoffs["accepted"]), (&json!(2), &json!(2)));
    let reasons = &desk.json(&["deals"])["rows"][0]["losses"];
    assert_eq!(reasons[0]["reason"], "31", "{reasons}");
    let lead = desk.json(&["status", "--lead", "501"]);
    let visits: Vec<_> =
        lead["visits"].as_array().expect("visits").iter().map(|visit| &visit["state"]).collect();
    let expected = ["new", "mql", "handed_off", "accepted", "sql", "opportunity", "customer"];
    assert_eq!(visits, expected);
}

#[test]
fn a_bad_line_is_refused_with_its_number_and_the_rest_goes_in() {
    let desk = desk();
    let hooks = desk.read("webhooks.txt");
    let bad = "leads[status][0][id]=x&leads[status][0][status_id]=142&leads[status][0][last_modified]=1\n\
               hello\n\
               leads[status][0][id]=7&leads[status][0][status_id]=142\n";
    desk.write("webhooks.txt", format!("{bad}{hooks}"));
    let summary = import(&desk, &["webhooks.txt"], &[]);
    assert_eq!(summary["appended"], 15);
    let refused = summary["refused"].as_array().expect("refusals");
    let found: Vec<_> =
        refused.iter().map(|it| (it["line"].as_u64(), it["code"].as_str())).collect();
    assert_eq!(
        found,
        [
            (Some(1), Some("bad_id")),
            (Some(2), Some("unknown_kind")),
            (Some(3), Some("missing_field"))
        ]
    );
    assert_eq!(
        refused[0]["message"],
        "leads[status][0]: expected an ID (a whole number from 1) in `id`, found something else; \
         correct it"
    );
}

#[test]
fn the_samples_of_the_documentation() {
    let Some(folder) = data("amocrm_webhooks") else { return };
    let desk = Desk::new();
    let mut files: Vec<_> =
        folder.read_dir().expect("a folder").map(|file| file.expect("a file").path()).collect();
    files.sort();
    let files: Vec<_> = files.iter().map(|file| file.to_str().expect("UTF-8")).collect();
    let summary = import(&desk, &files, &[]);
    assert_eq!(summary["refused"], json!([]));
    assert_eq!(
        summary["left_out"],
        json!([{"what": "webhook", "value": "contacts.restore", "rows": 1}])
    );
    // The added lead: captured, assigned, opened, priced, staged; the other one: reassigned, staged
    // and priced, without a beginning.
    assert_eq!(summary["appended"], 8);
    let one = desk.run(&["status", "--lead", "31926529", "--json"]).ok().json();
    assert_eq!((&one["state"], &one["owner"]), (&json!("opportunity"), &json!("102525")));
    assert_eq!(desk.json(&["audit"])["counts"]["history_gap"], 1);
}
