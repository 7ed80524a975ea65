//! Answers of a made-up portal of Bitrix24, from the files to the figures.
//!
//! Five leads: 101 and 104 were processed and converted, and their deals won and lost; 102 was
//! junk; 103 is in process; the deal 203 has no lead and is one itself.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Desk, data};

/// Whose hand-off is what, in this business.
const MAP: &str = r#"
format = "leadfold-bitrix24/1"

[lead]
IN_PROCESS = "new"
PROCESSED = ["mql", "handed_off"]
"#;

const FILES: [&str; 5] = [
    "crm.stagehistory.list.deals.json",
    "crm.stagehistory.list.leads.json",
    "crm.deal.list.json",
    "crm.lead.list.1.json",
    "crm.lead.list.0.json",
];

fn portal(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/portal")).join(name)
}

/// A desk with all files of the portal.
fn desk() -> Desk {
    let desk = Desk::new();
    for name in FILES {
        desk.write(name, std::fs::read(portal(name)).expect("the file is there"));
    }
    desk.write("portal.toml", MAP);
    desk
}

fn import(desk: &Desk, files: &[&str], more: &[&str]) -> Value {
    let mut args = vec!["import", "--format", "bitrix24"];
    args.extend(files);
    args.extend(more);
    desk.json(&args)
}

#[test]
fn a_portal_without_a_mapping_has_no_hand_offs_and_the_audit_says_so() {
    let desk = desk();
    let summary = import(&desk, &FILES, &[]);
    // Leads: 4 captured, 4 assigned, 4 profiles. Their moves: 2 to mql, 2 to sql, 1 to
    // disqualified. Deals: 1 captured, 3 assigned, 3 opened, 3 with terms. Theirs: 4 stages, 1 won,
    // 1 lost.
    assert_eq!((&summary["read"], &summary["appended"]), (&json!(33), &json!(33)));
    let in_process = json!([{"what": "lead_status", "value": "IN_PROCESS", "rows": 1}]);
    assert_eq!(summary["left_out"], in_process);
    let states = &desk.json(&["status"])["states"];
    for state in ["new", "opportunity", "customer", "disqualified", "lost"] {
        assert_eq!(states[state], 1, "{state}");
    }
    let counts = &desk.json(&["audit"])["counts"];
    // Converted without a hand-off, twice; a deal without a qualified lead, once.
    assert_eq!(counts, &json!({"illegal": 3, "won_without_handoff": 1}));
}

#[test]
fn a_mapping_says_what_is_a_hand_off() {
    let desk = desk();
    let summary = import(&desk, &FILES, &["--map", "portal.toml"]);
    assert_eq!((&summary["appended"], summary.get("left_out")), (&json!(35), None));

    let funnel = &desk.json(&["funnel"])["rows"][0];
    assert_eq!(funnel["captured"], 5);
    let entered: Vec<_> = funnel["stages"].as_array().expect("stages").iter().collect();
    let entered =
        |stage| entered.iter().find(|row| row["stage"] == stage).map(|row| &row["entered"]);
    for (stage, n) in [
        ("new", 5),
        ("mql", 2),
        ("handed_off", 2),
        ("sql", 2),
        ("opportunity", 3),
        ("customer", 1),
        ("disqualified", 1),
        ("lost", 1),
    ] {
        assert_eq!(entered(stage), Some(&json!(n)), "{stage}");
    }
    assert_eq!(funnel["won"], json!({"num": 1, "den": 5, "ratio": 0.2}));
    assert_eq!((&funnel["lost"], &funnel["still_open"]), (&json!(2), &json!(2)));
    // Captured on March 1 at 09:00, won on March 15 at 16:00.
    assert_eq!(funnel["days_to_won"]["p50_s"], f64::from((14 * 24 + 7) * 3600));

    let audit = desk.json(&["audit"]);
    let handoffs = &audit["handoffs"];
    assert_eq!((&handoffs["offered"], &handoffs["accepted"]), (&json!(2), &json!(2)));
    // Both were decided after 26 and 24 hours, and nobody is known to have tried.
    let expected = json!({"illegal": 1, "leaked": 2, "decision_late": 2});
    assert_eq!(audit["counts"], expected);
    let owners: Vec<_> = audit["by_owner"].as_array().expect("owners").iter().collect();
    let owner = |key| owners.iter().find(|row| row["owner"] == key).map(|row| &row["offered"]);
    assert_eq!((owner("7"), owner("8")), (Some(&json!(1)), Some(&json!(1))));
}

/// The page of the documentation is of this portal, and of the account of the tests of amoCRM.
#[test]
fn the_examples_of_the_page_are_true() {
    let desk = Desk::new();
    for folder in ["portal", "account"] {
        std::fs::create_dir(desk.path(folder)).expect("a folder");
        for file in portal("..").join(folder).read_dir().expect("it is there") {
            let file = file.expect("a file").path();
            let name = file.file_name().expect("a name").to_str().expect("UTF-8").to_owned();
            desk.write(&format!("{folder}/{name}"), std::fs::read(file).expect("a file"));
        }
    }
    crate::docs::check(&desk, "CRM.md");
}

#[test]
fn the_money_of_deals_is_exact() {
    let desk = desk();
    import(&desk, &FILES, &[]);
    let lead = desk.run(&["status", "--lead", "101", "--json"]).ok().json();
    assert_eq!((&lead["state"], &lead["owner"]), (&json!("customer"), &json!("7")));
    assert_eq!(desk.json(&["clv"])["revenue"], json!([{"currency": "EUR", "amount": 150_000}]));
    let log = desk.run(&["export"]).ok().out;
    assert!(log.contains(r#""amount":200050,"currency":"EUR""#));
    assert!(log.contains(r#""expected_close":"2024-04-30T00:00:00Z","probability":0.4"#));
}

#[test]
fn the_order_of_files_and_a_second_import_change_nothing() {
    let (one, other) = (desk(), desk());
    import(&one, &FILES, &[]);
    let mut files = FILES;
    files.reverse();
    import(&other, &files, &[]);
    for args in [&["status", "--lead", "104"][..], &["audit"], &["funnel", "--by", "source"]] {
        assert_eq!(one.json(args), other.json(args), "{args:?}");
    }
    let again = import(&one, &files, &[]);
    assert_eq!((&again["appended"], &again["duplicates"]), (&json!(0), &json!(33)));
    // Pages that overlap: what a record alone tells of its last move, the history has told already.
    let overlap = import(&one, &["crm.lead.list.0.json", "crm.deal.list.json"], &[]);
    assert_eq!(overlap["appended"], 0);
}

/// A business may fetch the records every day and the history once a week, or the other way round.
#[test]
fn records_and_their_history_may_come_in_two_imports() {
    let map = ["--map", "portal.toml"];
    let records = &FILES[2..];
    let together = dated_desk();
    import(&together, &FILES, &map);
    let apart = dated_desk();
    assert_eq!(import(&apart, records, &map)["refused"], json!([]));
    assert_eq!(import(&apart, &FILES, &map)["refused"], json!([]));
    let other = dated_desk();
    import(&other, &FILES, &map);
    let again = import(&other, records, &map);
    // That the two closed deals were closed before is not known of a record: it opens them in the
    // second before, which says nothing of deals that are open.
    assert_eq!((&again["appended"], &again["refused"]), (&json!(2), &json!([])));
    assert_eq!(import(&other, records, &map)["appended"], json!(0));
    for desk in [&apart, &other] {
        for args in [
            &["status", "--lead", "104"][..],
            &["status", "--lead", "101"],
            &["status"],
            &["audit"],
            &["funnel"],
            &["deals"],
        ] {
            let of = |desk: &Desk| without_events(desk.json(args));
            assert_eq!(of(desk), of(&together), "{args:?}");
        }
    }
}

/// The portal, whose deals have times of their last moves as well.
fn dated_desk() -> Desk {
    let desk = desk();
    let deals = std::fs::read_to_string(portal("crm.deal.list.json")).expect("the file is there");
    let mut deals: Value = serde_json::from_str(&deals).expect("JSON");
    let times =
        ["2024-03-15T16:00:00+03:00", "2024-03-20T17:00:00+03:00", "2024-03-08T10:00:00+03:00"];
    for (n, time) in times.iter().enumerate() {
        deals["result"][n]["MOVED_TIME"] = (*time).into();
        deals["result"][n]["MOVED_BY_ID"] = "7".into();
    }
    desk.write("crm.deal.list.json", deals.to_string());
    desk
}

/// Without what depends on the order of arrival: positions, and what is listed by them.
fn without_events(mut answer: Value) -> Value {
    if let Some(fields) = answer.as_object_mut() {
        for name in ["events", "findings", "position"] {
            fields.remove(name);
        }
    }
    answer
}

/// A lead as it is now, with its deal that is won.
fn customer(lead: &str, deal: &str) -> [String; 2] {
    let row = |more: &str, of: &str| {
        format!(r#"{{"result": [{{"DATE_CREATE": "2024-03-01T09:00:00+03:00", {more}, {of}}}]}}"#)
    };
    [
        row(r#""ID": "9", "STATUS_ID": "CONVERTED", "STATUS_SEMANTIC_ID": "S""#, lead),
        row(
            r#""ID": "8", "LEAD_ID": "9", "STAGE_ID": "WON", "MOVED_TIME": "2024-03-09T09:00:00+03:00""#,
            deal,
        ),
    ]
}

#[test]
fn a_customer_whose_lead_is_modified_stays_one() {
    let desk = Desk::new();
    for day in [10, 11, 12] {
        let modified = format!(
            r#""DATE_CLOSED": "2024-03-02T09:00:00+03:00", "DATE_MODIFY": "2024-03-{day}T09:00:00+03:00""#
        );
        let [lead, deal] = customer(&modified, r#""OPPORTUNITY": "5""#);
        desk.write("lead.json", lead);
        desk.write("deal.json", deal);
        import(&desk, &["lead.json", "deal.json"], &[]);
        assert_eq!(desk.json(&["status", "--lead", "9"])["state"], "customer");
        let counts = &desk.json(&["audit"])["counts"];
        assert_eq!(counts.get("history_gap"), None, "{counts}");
    }
}

#[test]
fn an_owner_who_gets_a_lead_back_has_it() {
    let desk = Desk::new();
    for (day, owner, amount) in [(10, "7", 5), (11, "8", 6), (12, "7", 5)] {
        let modified = format!(
            r#""ASSIGNED_BY_ID": "{owner}", "OPPORTUNITY": "{amount}", "DATE_MODIFY": "2024-03-{day}T09:00:00+03:00""#
        );
        let [lead, deal] = customer(&modified, &modified);
        desk.write("lead.json", lead);
        desk.write("deal.json", deal);
        for appended_again in [false, true] {
            let summary = import(&desk, &["lead.json", "deal.json"], &[]);
            assert!(!appended_again || summary["appended"] == 0, "{summary}");
        }
        assert_eq!(desk.json(&["status", "--lead", "9"])["owner"], owner);
        let won = &desk.json(&["clv"])["revenue"];
        assert_eq!(won, &json!([{"currency": "XXX", "amount": amount}]));
    }
}

/// Who made it the record knows, too; but the history, which may tell it again, does not.
#[test]
fn a_record_without_its_history_knows_one_move() {
    let desk = desk();
    import(&desk, &["crm.lead.list.0.json"], &[]);
    let lead = desk.json(&["status", "--lead", "102"]);
    assert_eq!(lead["state"], "disqualified");
    let log = desk.run(&["export"]).ok().out;
    let moved = log.lines().find(|line| line.contains("disqualified")).expect("it is there");
    assert!(moved.contains(r#""occurred_at":"2024-03-04T12:00:00Z","precision":"s""#));
    assert!(moved.contains(r#""actor":{"kind":"unknown"}"#), "{moved}");
}

#[test]
fn personal_data_goes_into_pii_and_nowhere_else() {
    let desk = desk();
    import(&desk, &FILES, &[]);
    let log = desk.run(&["export"]).ok().out;
    for mark in ["Mira", "+49 30 000001", "Noor", "Made-Up", "Inquiry 101"] {
        for line in log.lines().filter(|line| line.contains(mark)) {
            let mut line: Value = serde_json::from_str(line).expect("a line of JSON");
            line["data"].as_object_mut().expect("data").remove("pii");
            assert!(!line.to_string().contains(mark), "{mark}");
        }
        assert!(log.contains(mark), "{mark}");
    }
}

#[test]
fn what_is_no_answer_is_refused_with_what_to_do_and_the_rest_goes_in() {
    let desk = desk();
    desk.write("hook.json", r#"{"event":"ONCRMLEADADD","data":{"FIELDS":{"ID":"17"}},"ts":"1"}"#);
    desk.write("cut.json", "{\"result\": [\n{\"ID\": \"1\", \"STATUS_");
    desk.write(
        "bad.json",
        "{\"result\": [\n{\"ID\": \"9\", \"STATUS_ID\": \"NEW\",\n \"DATE_CREATE\": \"soon\"}]}",
    );
    let files = ["hook.json", "cut.json", "bad.json", "crm.lead.list.0.json"];
    let ran = desk.run(&[&["import", "--format", "bitrix24", "--json"][..], &files].concat());
    assert_eq!(ran.status, 3);
    let summary = ran.json();
    assert_eq!(summary["appended"], 8);
    let refused = summary["refused"].as_array().expect("refusals");
    let found: Vec<_> = refused
        .iter()
        .map(|it| (it["file"].as_str(), it["line"].as_u64(), it["code"].as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (Some("hook.json"), Some(1), Some("only_notification")),
            (Some("cut.json"), Some(2), Some("not_json")),
            (Some("bad.json"), Some(2), Some("bad_time")),
        ]
    );
    assert_eq!(
        refused[2]["message"],
        "result[0]: expected a time with an offset such as 2024-05-23T18:18:25+03:00 in \
         `DATE_CREATE`, found something else; correct it"
    );
}

/// The samples of the documentation lack many fields; what is told of them is told as it is.
#[test]
fn the_samples_of_the_documentation() {
    let Some(folder) = data("bitrix24") else { return };
    let desk = Desk::new();
    let mut files: Vec<_> =
        folder.read_dir().expect("a folder").map(|file| file.expect("a file").path()).collect();
    files.sort();
    let files: Vec<_> = files.iter().map(|file| file.to_str().expect("UTF-8")).collect();
    let ran = desk.run(&[&["import", "--format", "bitrix24", "--json"][..], &files].concat());
    let summary = ran.json();
    assert_eq!((ran.status, &summary["duplicates"]), (3, &json!(0)));
    let states = &desk.json(&["status"])["states"];
    // Two converted leads, one in process. The six deals lack the field LEAD_ID, so that nobody
    // knows whose they are, and one has a fraction of no currency.
    assert_eq!(
        (&states["sql"], &states["new"], &states["opportunity"]),
        (&json!(2), &json!(1), &json!(0))
    );
    let refused = summary["refused"].as_array().expect("refusals");
    let told = |code: &str, field: &str| {
        let of = |refused: &&Value| {
            refused["code"] == code && refused["message"].to_string().contains(field)
        };
        refused.iter().filter(of).count()
    };
    assert_eq!((told("missing_field", "`LEAD_ID`"), told("bad_number", "`OPPORTUNITY`")), (5, 1));
}

/// A call after the hand-off of 101, a letter of 104, a meeting that is to come with 203, a task of
/// 103 that is done, and something of a contact.
const ACTIVITIES: &str = r#"{"result": [
{"ID": "1", "OWNER_ID": "101", "OWNER_TYPE_ID": "1", "TYPE_ID": "2", "PROVIDER_ID": "VOXIMPLANT_CALL", "DIRECTION": "2", "COMPLETED": "Y", "RESPONSIBLE_ID": "7", "SUBJECT": "Call to Mira", "CREATED": "2024-03-04T12:00:00+03:00", "START_TIME": "2024-03-04T12:00:00+03:00", "DEADLINE": "2024-03-04T12:00:00+03:00", "LAST_UPDATED": "2024-03-04T12:05:00+03:00"},
{"ID": "2", "OWNER_ID": "104", "OWNER_TYPE_ID": "1", "TYPE_ID": "4", "PROVIDER_ID": "CRM_EMAIL", "DIRECTION": "1", "COMPLETED": "Y", "RESPONSIBLE_ID": "8", "CREATED": "2024-03-06T12:00:00+03:00"},
{"ID": "3", "OWNER_ID": "203", "OWNER_TYPE_ID": "2", "TYPE_ID": "1", "PROVIDER_ID": "CRM_MEETING", "COMPLETED": "N", "RESPONSIBLE_ID": "8", "CREATED": "2024-03-08T12:00:00+03:00", "START_TIME": "2024-03-25T10:00:00+03:00", "DEADLINE": "2024-03-25T10:00:00+03:00"},
{"ID": "4", "OWNER_ID": "103", "OWNER_TYPE_ID": "1", "TYPE_ID": "6", "PROVIDER_ID": "CRM_TODO", "COMPLETED": "Y", "RESPONSIBLE_ID": "7", "CREATED": "2024-03-05T10:00:00+03:00", "DEADLINE": "2024-03-06T10:00:00+03:00", "LAST_UPDATED": "2024-03-05T18:00:00+03:00"},
{"ID": "5", "OWNER_ID": "9", "OWNER_TYPE_ID": "3", "TYPE_ID": "2", "COMPLETED": "Y", "CREATED": "2024-03-05T10:00:00+03:00"},
{"ID": "6", "OWNER_ID": "999", "OWNER_TYPE_ID": "1", "TYPE_ID": "2", "COMPLETED": "Y", "CREATED": "2024-03-05T10:00:00+03:00"}
], "total": 6}"#;

#[test]
fn activities_are_touches_and_promises() {
    let desk = desk();
    desk.write("crm.activity.list.json", ACTIVITIES);
    let files = [&["crm.activity.list.json"][..], &FILES].concat();
    let summary = import(&desk, &files, &["--map", "portal.toml"]);
    // Touched twice, promised twice, one of these done.
    assert_eq!(summary["appended"], 35 + 5);
    let contact = json!([{"what": "activity_of_type", "value": "3", "rows": 1}]);
    assert_eq!(summary["left_out"], contact);
    let refused = &summary["refused"];
    assert_eq!((&refused[0]["code"], &refused[1]), (&json!("no_record"), &Value::Null));
    let audit = desk.json(&["audit"]);
    // 101 was called two hours after its hand-off. What 104 wrote is no attempt of sales.
    assert_eq!(audit["counts"], json!({"illegal": 1, "leaked": 1, "decision_late": 2}));
    assert_eq!(audit["handoffs"]["time_to_first_attempt"]["p50_s"], 7200.0);
    // The meeting is to come; the task is done.
    let due = desk.json(&["due", "--within", "10"]);
    let text = due.to_string();
    assert!(
        text.contains(r#""2024-03-25T07:00:00Z""#) && !text.contains("2024-03-06T07"),
        "{text}"
    );
    let log = desk.run(&["export"]).ok().out;
    assert!(!log.contains("Call to"));
}

#[test]
fn a_merge_needs_its_request() {
    let desk = desk();
    let answer = r#""result": {"STATUS": "SUCCESS", "ENTITY_IDS": [103]},
        "time": {"date_finish": "2024-03-12T12:00:00+03:00"}}"#;
    let request = r#"{"params": {"entityTypeId": 1, "entityIds": [101, 103]}, "#;
    desk.write("merge.json", format!("{request}{answer}"));
    desk.write("answer.json", format!("{{{answer}"));
    desk.write("deals.json", format!("{request}{answer}").replace("TypeId\": 1", "TypeId\": 2"));
    desk.write("other.json", format!("{request}{answer}").replace("[103]", "[104]"));
    let files = ["merge.json", "answer.json", "deals.json", "other.json"];
    let summary = import(&desk, &[&files[..], &FILES].concat(), &[]);
    let refused = summary["refused"].as_array().expect("refusals");
    let found: Vec<_> =
        refused.iter().map(|it| (it["file"].as_str(), it["code"].as_str())).collect();
    assert_eq!(
        found,
        [
            (Some("answer.json"), Some("merge_without_request")),
            (Some("other.json"), Some("no_merge"))
        ]
    );
    assert_eq!(summary["left_out"][1], json!({"what": "merge_of_type", "value": "2", "rows": 1}));
    let states = &desk.json(&["status"])["states"];
    assert_eq!((&states["merged"], &states["new"]), (&json!(1), &json!(0)));
    assert_eq!(desk.json(&["funnel"])["rows"][0]["captured"], 4);
}

#[test]
fn wrong_usage_and_mappings_that_are_not_for_this() {
    let desk = desk();
    desk.write("account.toml", "format = \"leadfold-amocrm/1\"\n");
    desk.write(
        "typo.toml",
        "format = \"leadfold-bitrix24/1\"\n[lead]\nPROCESSED = \"qualified\"\n",
    );
    for (map, expected) in [
        (
            "account.toml",
            "mapping account.toml, line 1: expected format `leadfold-bitrix24/1`, found \
             `leadfold-amocrm/1`; use a file of this format, or import with --format amocrm",
        ),
        (
            "typo.toml",
            "mapping typo.toml, line 3: expected `new`, `mql`, `handed_off`, `accepted`, `sql`, \
             `nurturing` or `disqualified`, found `qualified`; write one of these words",
        ),
        ("none.toml", "cannot read the mapping none.toml:"),
    ] {
        let ran = desk.run(&["import", "--format", "bitrix24", "--map", map, FILES[0]]);
        assert_eq!(ran.status, 3, "{map}");
        assert!(ran.err.contains(expected), "{map}: {}", ran.err);
    }
    assert_eq!(desk.run(&["import", "--format", "bitrix24", "none.json"]).status, 3);
    std::fs::create_dir(desk.path("empty")).expect("a folder");
    let ran = desk.run(&["import", "--format", "bitrix24", "empty"]);
    assert_eq!((ran.status, ran.err.contains("the folder has no files")), (3, true), "{}", ran.err);
    let page = std::fs::read(portal("crm.lead.list.0.json")).expect("the file is there");
    let ran = desk.run_with(&["import", "--format", "bitrix24", "-", "--json"], &page).ok();
    assert_eq!(ran.json()["appended"], 8);
}

/// What a page may say and the log may not: the row is named, and not a cell or a rule.
#[test]
fn a_refusal_of_the_log_says_where_the_row_is() {
    let desk = Desk::new();
    let row = r#"{"ID": "9", "STATUS_ID": "NEW", "DATE_CREATE": "0000-01-01T00:00:00+03:00"}"#;
    desk.write("page.json", format!("{{\"result\": [\n{row}]}}"));
    let refused = &import(&desk, &["page.json"], &[])["refused"][0];
    assert_eq!((&refused["line"], &refused["code"]), (&json!(2), &json!("bad_time")));
    let message = refused["message"].as_str().expect("a message");
    assert!(message.starts_with("result[0]: expected "), "{message}");
    let end = "`occurred_at` of the event `captured`, found something else: correct the row, or leave \
               it out";
    assert!(message.ends_with(end), "{message}");
}

/// Rows of `crm.item.list` do not say which stages are closed ones; the list of stages does.
#[test]
fn a_list_of_stages_says_which_are_lost() {
    let desk = Desk::new();
    let item = |id, stage: &str, more: &str| {
        let times = r#""createdTime": "2024-03-01T09:00:00+03:00", "movedTime": "2024-03-02T09:00:00+03:00""#;
        format!(r#"{{"id": {id}, "stageId": "{stage}", "movedBy": 7, {times}, {more}}}"#)
    };
    let lead = item(1, "UC_WRONG_NUMBER", r#""entityTypeId": 1, "sourceId": "WEB", "name": "Ada""#);
    let deal = item(
        2,
        "C1:UC_TOO_DEAR",
        r#""entityTypeId": 2, "categoryId": 1, "leadId": null, "opportunity": 99.95, "currencyId": "EUR""#,
    );
    desk.write("items.json", format!(r#"{{"result": {{"items": [{lead}, {deal}]}}}}"#));
    let list = r#"{"result": [
        {"ID": "1", "ENTITY_ID": "STATUS", "STATUS_ID": "UC_WRONG_NUMBER", "NAME": "Wrong number", "SEMANTICS": "F"},
        {"ID": "2", "ENTITY_ID": "DEAL_STAGE_1", "STATUS_ID": "C1:UC_TOO_DEAR", "NAME": "Too dear", "SEMANTICS": "F"},
        {"ID": "3", "ENTITY_ID": "SOURCE", "STATUS_ID": "WEB", "NAME": "Web", "SEMANTICS": null}]}"#;
    desk.write("crm.status.list.json", list);
    let summary = import(&desk, &["items.json", "crm.status.list.json"], &[]);
    assert_eq!(summary["left_out"], json!([{"what": "names", "value": "crm.status", "rows": 1}]));
    assert_eq!(desk.json(&["status", "--lead", "1"])["state"], "disqualified");
    assert_eq!(desk.json(&["status", "--lead", "D_2"])["state"], "lost");
    let losses = &desk.json(&["deals"])["rows"][0]["losses"][0];
    assert_eq!(
        (&losses["reason"], &losses["amounts"][0]["amount"]),
        (&json!("C1:UC_TOO_DEAR"), &json!(9_995))
    );
}

/// All rows of a page may stand on one line.
#[test]
fn a_row_is_whole_or_not_at_all_and_its_neighbours_on_the_line_go_in() {
    let desk = Desk::new();
    let lead = |id: u32, title: &str| {
        format!(
            r#"{{"ID": "{id}", "STATUS_ID": "NEW", "TITLE": "{title}", "DATE_CREATE": "2024-03-01T09:00:00+03:00"}}"#
        )
    };
    let rows = [lead(1, "one"), lead(2, &"x".repeat(1_100_000)), lead(3, "three")];
    desk.write("page.json", format!("{{\"result\": [{}]}}", rows.join(", ")));
    let summary = import(&desk, &["page.json"], &[]);
    // Captured, and a profile, of two of three.
    assert_eq!((&summary["read"], &summary["appended"]), (&json!(5), &json!(4)));
    assert_eq!(
        (&summary["refused"][0]["line"], &summary["refused"][0]["code"]),
        (&json!(1), &json!("too_long"))
    );
    let message = summary["refused"][0]["message"].as_str().expect("a message");
    assert!(message.starts_with("result[1]: event `profile_updated`: "), "{message}");
    assert_eq!(desk.json(&["status"])["leads"], 2);
}

/// A deal that was lost, and won later, or the other way round.
#[test]
fn the_last_outcome_of_a_deal_counts_however_it_came() {
    let record = |stage: &str, semantic: &str, moved: &str| {
        json!({ "result": [{
            "ID": "201", "LEAD_ID": "0", "STAGE_ID": stage, "STAGE_SEMANTIC_ID": semantic,
            "DATE_CREATE": "2024-03-01T08:00:00+03:00", "MOVED_TIME": moved,
            "OPPORTUNITY": "100.00", "CURRENCY_ID": "EUR",
        }] })
        .to_string()
    };
    let row = |id: u32, kind: u32, stage: &str, semantic: &str, at: &str| {
        json!({
            "ID": id, "TYPE_ID": kind, "OWNER_ID": 201, "CATEGORY_ID": 0, "CREATED_TIME": at,
            "STAGE_ID": stage, "STAGE_SEMANTIC_ID": semantic,
        })
    };
    let [begun, first, second] =
        ["08", "09", "10"].map(|hour| format!("2024-03-01T{hour}:00:00+03:00"));
    for ((one, its), (other, others), state) in
        [(("LOSE", "F"), ("WON", "S"), "customer"), (("WON", "S"), ("LOSE", "F"), "lost")]
    {
        let history = json!({ "result": { "items": [
            row(1, 1, "NEW", "P", &begun), row(2, 3, one, its, &first),
            row(3, 3, other, others, &second),
        ] } });
        let files = [
            ("before.json", record(one, its, &first)),
            ("after.json", record(other, others, &second)),
            ("history.json", history.to_string()),
        ];
        let calls: [&[&[&str]]; 4] = [
            &[&["after.json", "history.json"]],
            &[&["after.json"], &["after.json", "history.json"]],
            &[&["before.json"], &["after.json"]],
            &[&["after.json", "history.json"], &["after.json"]],
        ];
        for calls in calls {
            let desk = Desk::new();
            files.iter().for_each(|(name, text)| desk.write(name, text));
            for call in calls {
                assert_eq!(import(&desk, call, &[])["refused"], json!([]), "{calls:?}");
            }
            assert_eq!(desk.json(&["status"])["states"][state], 1, "{calls:?}");
        }
    }
}
