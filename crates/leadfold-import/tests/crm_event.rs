//! What single rows become, event by event.

use leadfold_import::{CrmFile, CrmSystem, LeftOut, StatusMap, amocrm, bitrix24};
use serde_json::{Value, json};

fn read(system: CrmSystem, map: &StatusMap, texts: &[String]) -> Vec<Value> {
    let (events, _) = read_all(system, map, texts);
    events.into_iter().map(|event| event.expect("a sound row")).collect()
}

/// Events, codes of refusals between them, and what was left out.
fn read_all(
    system: CrmSystem,
    map: &StatusMap,
    texts: &[String],
) -> (Vec<Result<Value, &'static str>>, LeftOut) {
    let file = |text: &String| CrmFile::Text { name: "page".into(), text: text.clone().into() };
    let files: Vec<_> = texts.iter().map(file).collect();
    let mut events = Vec::new();
    let mut take = |row: leadfold_import::CrmRow| {
        match row.outcome {
            Ok(row) => events.extend(row.into_iter().map(|event| Ok(Value::Object(event)))),
            Err(fault) => events.push(Err(fault.code())),
        }
        true
    };
    let left_out = match system {
        CrmSystem::Bitrix24 => bitrix24::read(&files, map, &mut take),
        CrmSystem::Amocrm => amocrm::read(&files, map, &mut take),
    };
    (events, left_out.expect("memory can be read"))
}

/// Each event in short: name, type, and data where it has some.
fn short(events: &[Value]) -> Vec<String> {
    let one = |event: &Value| {
        let (name, kind) = (event["origin"]["id"].as_str(), event["type"].as_str());
        let data = Some(&event["data"]).filter(|data| **data != json!({}));
        let data = data.map_or_else(String::new, |data| format!(" {data}"));
        format!("{} {}{data}", name.unwrap_or_default(), kind.unwrap_or_default())
    };
    events.iter().map(one).collect()
}

#[track_caller]
fn check_bitrix24(map: &str, texts: &[String], expected: &[&str]) {
    assert_eq!(short(&read(CrmSystem::Bitrix24, &portal_map(map), texts)), expected);
}

fn portal_map(more: &str) -> StatusMap {
    let map = format!("format = \"leadfold-bitrix24/1\"\n{more}");
    StatusMap::parse(&map, "map", CrmSystem::Bitrix24).expect("a sound map")
}

/// What was left out, as `what value rows`.
fn left_out(map: &str, texts: &[String]) -> Vec<String> {
    let (_, left_out) = read_all(CrmSystem::Bitrix24, &portal_map(map), texts);
    left_out.iter().map(|(what, value, rows)| format!("{what} {value} {rows}")).collect()
}

fn answer(rows: &[&str]) -> String {
    format!("{{\"result\": [{}]}}", rows.join(","))
}

/// A row of history, `n` hours after midnight.
fn lead_move(n: u64, status: &str, semantic: &str) -> String {
    format!(
        r#"{{"ID": {n}, "OWNER_ID": 17, "CREATED_TIME": "2024-05-01T{n:02}:00:00+03:00", "STATUS_ID": "{status}", "STATUS_SEMANTIC_ID": "{semantic}"}}"#
    )
}

fn deal_move(n: u64, category: u64, stage: &str, semantic: &str) -> String {
    format!(
        r#"{{"ID": {n}, "OWNER_ID": 31, "CREATED_TIME": "2024-05-01T{n:02}:00:00+03:00", "CATEGORY_ID": {category}, "STAGE_ID": "{stage}", "STAGE_SEMANTIC_ID": "{semantic}"}}"#
    )
}

const LEAD: &str =
    r#"{"ID": "17", "STATUS_ID": "NEW", "DATE_CREATE": "2024-05-01T01:00:00+03:00"}"#;
const DEAL: &str = r#"{"ID": "31", "LEAD_ID": "17", "STAGE_ID": "NEW", "DATE_CREATE": "2024-05-01T03:00:00+03:00", "OPPORTUNITY": "10.00", "CURRENCY_ID": "EUR"}"#;

/// What the log has of a row must be known again for ever: the id is the name's.
#[test]
fn names_and_ids_stay() {
    let map = StatusMap::of(CrmSystem::Bitrix24);
    let events = read(CrmSystem::Bitrix24, &map, &[answer(&[LEAD])]);
    assert_eq!(
        events,
        [json!({
            "id": "8d59f55a-cbf3-5630-9387-ac29bc151d16",
            "lead": "17",
            "type": "captured",
            "occurred_at": "2024-04-30T22:00:00Z",
            "precision": "s",
            "actor": {"kind": "unknown"},
            "origin": {"system": "bitrix24", "id": "lead:17:captured"},
            "data": {},
        })]
    );
}

#[test]
fn a_lead_that_leaves_the_junk_is_reopened() {
    let moves = [
        lead_move(4, "PROCESSED", "P"),
        lead_move(3, "NEW", "P"),
        lead_move(2, "JUNK", "F"),
        lead_move(1, "NEW", "P"),
    ];
    let moves: Vec<&str> = moves.iter().map(String::as_str).collect();
    check_bitrix24(
        "",
        &[answer(&moves), answer(&[LEAD])],
        &[
            "lead:17:captured captured",
            r#"lead:17:moved:1714518000:JUNK:disqualified disqualified {"class":"junk","reason":"JUNK"}"#,
            "lead:17:moved:1714521600:NEW:reopened reopened",
            r#"lead:17:moved:1714525200:PROCESSED:mql qualified {"level":"mql"}"#,
        ],
    );
}

#[test]
fn a_deal_that_is_opened_again_moves_between_pipelines_and_is_lost() {
    let moves = [
        deal_move(3, 0, "NEW", "P"),
        deal_move(4, 0, "WON", "S"),
        deal_move(5, 1, "C1:NEW", "P"),
        deal_move(6, 1, "C1:APOLOGY", "F"),
    ];
    let moves: Vec<&str> = moves.iter().map(String::as_str).collect();
    check_bitrix24(
        "",
        &[answer(&[DEAL]), answer(&moves)],
        &[
            r#"deal:31:opened opportunity_opened {"opportunity":"31"}"#,
            r#"deal:31:terms:1000EUR opportunity_amended {"amount":1000,"currency":"EUR","opportunity":"31"}"#,
            r#"deal:31:moved:1714521600:NEW:stage opportunity_stage_changed {"opportunity":"31","pipeline_to":"0","to":"NEW"}"#,
            r#"deal:31:moved:1714525200:WON:customer won {"opportunity":"31"}"#,
            r#"deal:31:moved:1714528800:C1:NEW:reopened opportunity_reopened {"opportunity":"31"}"#,
            r#"deal:31:moved:1714528800:C1:NEW:stage opportunity_stage_changed {"opportunity":"31","pipeline_to":"1","to":"C1:NEW"}"#,
            r#"deal:31:moved:1714532400:C1:APOLOGY:lost lost {"opportunity":"31","reason":"C1:APOLOGY"}"#,
        ],
    );
}

#[test]
fn a_stage_may_open_the_deal_with_its_terms() {
    let moves = [deal_move(3, 0, "NEW", "P"), deal_move(4, 0, "EXECUTING", "P")];
    check_bitrix24(
        "handed_off_to = \"desk\"\ndeal.NEW = [\"mql\", \"handed_off\"]\ndeal.EXECUTING = [\"sql\", \"opportunity\"]",
        &[answer(&[DEAL]), answer(&[&moves[0], &moves[1]])],
        &[
            r#"deal:31:moved:1714521600:NEW:mql qualified {"level":"mql"}"#,
            r#"deal:31:moved:1714521600:NEW:handed_off handed_off {"to":"desk"}"#,
            r#"deal:31:moved:1714525200:EXECUTING:sql qualified {"level":"sql"}"#,
            r#"deal:31:moved:1714525200:EXECUTING:opportunity opportunity_opened {"opportunity":"31","pipeline":"0","stage":"EXECUTING"}"#,
            r#"deal:31:moved:1714525200:EXECUTING:terms:1000EUR opportunity_amended {"amount":1000,"currency":"EUR","opportunity":"31"}"#,
        ],
    );
}

#[test]
fn a_record_that_is_newer_than_its_history_tells_one_move_more() {
    let record = r#"{"ID": "17", "STATUS_ID": "PROCESSED", "DATE_CREATE": "2024-05-01T01:00:00+03:00", "MOVED_TIME": "2024-05-02T01:00:00+03:00"}"#;
    let known = record.replace("PROCESSED", "JUNK").replace("05-02T01:00:00", "05-01T02:00:03");
    let moves = [lead_move(1, "NEW", "P"), lead_move(2, "JUNK", "F")];
    let history = answer(&[&moves[0], &moves[1]]);
    let captured = "lead:17:captured captured";
    let junk = r#"lead:17:moved:1714518000:JUNK:disqualified disqualified {"class":"junk","reason":"JUNK"}"#;
    check_bitrix24(
        "",
        &[answer(&[record]), history.clone()],
        &[
            captured,
            junk,
            "lead:17:moved:1714600800:PROCESSED:reopened reopened",
            r#"lead:17:moved:1714600800:PROCESSED:mql qualified {"level":"mql"}"#,
        ],
    );
    check_bitrix24("", &[answer(&[&known]), history], &[captured, junk]);
}

#[test]
fn a_status_of_which_nobody_knows_since_when_is_left_out() {
    let record = r#"{"ID": "17", "STATUS_ID": "PROCESSED", "DATE_CREATE": "2024-05-01T01:00:00+03:00", "DATE_MODIFY": "2024-05-02T01:00:00+03:00", "DATE_CLOSED": ""}"#;
    let captured = "lead:17:captured captured";
    check_bitrix24("", &[answer(&[record])], &[captured]);
    assert_eq!(left_out("", &[answer(&[record])]), ["lead_status_without_time PROCESSED 1"]);
    let new = record.replace("PROCESSED", "NEW");
    assert_eq!(left_out("", &[answer(&[&new])]), [""; 0]);
    // A closed one has a time of its own; one that is open has none, whatever stands there.
    let closed = record.replace("_CLOSED\": \"", "_CLOSED\": \"2024-05-01T05:00:00+03:00");
    check_bitrix24("", &[answer(&[&closed])], &[captured]);
    let converted = closed.replace("PROCESSED", "CONVERTED");
    let sql = r#"lead:17:moved:1714528800:CONVERTED:sql qualified {"level":"sql"}"#;
    check_bitrix24("", &[answer(&[&converted])], &[captured, sql]);
    let lost = closed.replace("PROCESSED", "UC_X\", \"STATUS_SEMANTIC_ID\": \"F");
    let disqualified =
        r#"lead:17:moved:1714528800:UC_X:disqualified disqualified {"reason":"UC_X"}"#;
    check_bitrix24("", &[answer(&[&lost])], &[captured, disqualified]);
}

/// The record and the history may tell it in two imports.
#[test]
fn a_move_has_one_name_and_one_content_whoever_tells_it() {
    let map = portal_map("lead.PROCESSED = [\"mql\", \"handed_off\"]");
    let lead = r#"{"ID": "17", "STATUS_ID": "PROCESSED", "ASSIGNED_BY_ID": "7", "DATE_CREATE": "2024-05-01T01:00:00+03:00", "MOVED_TIME": "2024-05-01T02:00:00+03:00", "MOVED_BY_ID": "7"}"#;
    let deal = r#"{"ID": "31", "LEAD_ID": null, "STAGE_ID": "C1:NEW", "CATEGORY_ID": "1", "ASSIGNED_BY_ID": "7", "DATE_CREATE": "2024-05-01T03:00:00+03:00", "MOVED_TIME": "2024-05-01T04:00:00+03:00", "MOVED_BY_ID": "7"}"#;
    let lost = deal.replace("C1:NEW\"", "C1:LOSE\", \"STAGE_SEMANTIC_ID\": \"F\"");
    for (record, history) in [
        (lead, lead_move(2, "PROCESSED", "P")),
        (deal, deal_move(4, 1, "C1:NEW", "P").replace("{", "{\"TYPE_ID\": 2, ")),
        (lost.as_str(), deal_move(4, 1, "C1:LOSE", "F").replace("{", "{\"TYPE_ID\": 3, ")),
    ] {
        let timeless = record.replace("MOVED_TIME", "OTHER_TIME");
        let by_record = read(CrmSystem::Bitrix24, &map, &[answer(&[record])]);
        let by_history =
            read(CrmSystem::Bitrix24, &map, &[answer(&[&timeless]), answer(&[&history])]);
        assert!(by_record.iter().any(|event| event["origin"]["id"].to_string().contains("moved")));
        assert_eq!(by_record, by_history);
        let both = read(CrmSystem::Bitrix24, &map, &[answer(&[record]), answer(&[&history])]);
        assert_eq!(both, by_history);
    }
}

#[test]
fn what_is_again_as_it_was_before_is_said_again() {
    let map = portal_map("");
    let record = |modified: &str, owner: &str, amount: &str| {
        let texts = answer(&[&format!(
            r#"{{"ID": "31", "LEAD_ID": "0", "STAGE_ID": "", "DATE_CREATE": "2024-05-01T03:00:00+03:00", "DATE_MODIFY": "2024-05-0{modified}T03:00:00+03:00", "ASSIGNED_BY_ID": "{owner}", "OPPORTUNITY": "{amount}"}}"#
        )]);
        let events = read(CrmSystem::Bitrix24, &map, &[texts]);
        let of = |kind: &str| {
            events.iter().find(|event| event["type"] == kind).expect("it is there").clone()
        };
        [of("assigned"), of("opportunity_amended")]
    };
    let (first, other, again) =
        (record("2", "7", "5"), record("3", "8", "6"), record("4", "7", "5"));
    for n in [0, 1] {
        assert_eq!(first[n]["data"], again[n]["data"]);
        assert!(first[n]["id"] != again[n]["id"] && other[n]["id"] != again[n]["id"]);
    }
    assert_eq!(again, record("4", "7", "5"));
    let name = &again[0]["origin"]["id"];
    // May 4 at midnight, UTC.
    assert_eq!(name, "deal:31:assigned:1714780800:7");
    assert_eq!(again[1]["origin"]["id"], "deal:31:terms:1714780800:5");
}

/// A folder has the exports of two days: the later one counts, and the earlier one for what it lacks.
#[test]
fn of_several_records_the_one_that_was_modified_last_counts() {
    let map = portal_map("lead.CONVERTED = [\"sql\", \"handed_off\"]");
    let lead = |day: u32, more: &str| {
        format!(
            r#"{{"ID": "17", "STATUS_ID": "NEW", "DATE_CREATE": "2024-05-01T01:00:00+03:00", "DATE_MODIFY": "2024-05-0{day}T01:00:00+03:00"{more}}}"#
        )
    };
    let deal = |day: u32, more: &str| {
        format!(
            r#"{{"ID": "31", "STAGE_ID": "", "DATE_CREATE": "2024-05-01T03:00:00+03:00", "DATE_MODIFY": "2024-05-0{day}T03:00:00+03:00"{more}}}"#
        )
    };
    let pages = [
        answer(&[&lead(2, r#", "SOURCE_ID": "CALL", "ASSIGNED_BY_ID": "7""#)]),
        answer(&[&lead(3, r#", "SOURCE_ID": "WEB", "ASSIGNED_BY_ID": "8""#)]),
        answer(&[&lead(4, "")]),
        answer(&[&deal(2, r#", "LEAD_ID": "9", "OPPORTUNITY": "5", "PROBABILITY": 10"#)]),
        answer(&[&deal(3, r#", "LEAD_ID": "17", "OPPORTUNITY": "6""#)]),
        answer(&[&deal(4, "")]),
        answer(&[&lead_move(5, "CONVERTED", "S")]),
    ];
    let expected = [
        r#"lead:17:captured captured {"source":"WEB"}"#,
        r#"lead:17:assigned:1714687200:8 assigned {"to":"8"}"#,
        r#"lead:17:moved:1714528800:CONVERTED:sql qualified {"level":"sql"}"#,
        r#"lead:17:moved:1714528800:CONVERTED:handed_off handed_off {"to":"8"}"#,
        r#"deal:31:opened opportunity_opened {"opportunity":"31"}"#,
        r#"deal:31:terms:1714694400:6:10% opportunity_amended {"amount":6,"opportunity":"31","probability":0.1}"#,
    ];
    let mut turned = pages.clone();
    turned.reverse();
    for pages in [pages, turned] {
        let events = read(CrmSystem::Bitrix24, &map, &pages);
        assert_eq!(short(&events), expected);
        assert!(events.iter().all(|event| event["lead"] == "17"));
    }
}

#[test]
fn a_deal_that_no_move_opens_loses_no_amount_silently() {
    let map = "deal.EXECUTING = [\"sql\", \"opportunity\"]";
    let history = |stage| answer(&[&deal_move(3, 0, stage, "P")]);
    assert_eq!(
        left_out(map, &[answer(&[DEAL]), history("NEW")]),
        ["deal_not_opened OPPORTUNITY 1"]
    );
    assert_eq!(left_out(map, &[answer(&[DEAL]), history("EXECUTING")]), [""; 0]);
    // What is wrong with an amount is told whatever opens the deal, and its moves do not go in alone.
    let bad = DEAL.replace("10.00", "10.001");
    for map in ["", map] {
        let texts = [answer(&[&bad]), history("EXECUTING")];
        let (events, _) = read_all(CrmSystem::Bitrix24, &portal_map(map), &texts);
        assert_eq!(events, [Err("bad_number"), Err("no_record")]);
    }
}

#[test]
fn a_deal_that_was_won_and_is_lost_is_opened_again_between() {
    let moves = [
        deal_move(4, 0, "WON", "S"),
        deal_move(5, 0, "LOSE", "F"),
        deal_move(6, 0, "APOLOGY", "F"),
    ];
    let events = read(
        CrmSystem::Bitrix24,
        &portal_map(""),
        &[answer(&[DEAL]), answer(&[&moves[0], &moves[1], &moves[2]])],
    );
    assert_eq!(
        short(&events[2..]),
        [
            r#"deal:31:moved:1714525200:WON:customer won {"opportunity":"31"}"#,
            r#"deal:31:moved:1714528800:LOSE:reopened opportunity_reopened {"opportunity":"31"}"#,
            r#"deal:31:moved:1714528800:LOSE:lost lost {"opportunity":"31","reason":"LOSE"}"#,
            r#"deal:31:moved:1714532400:APOLOGY:lost lost {"opportunity":"31","reason":"APOLOGY"}"#,
        ]
    );
}

#[test]
fn a_stage_that_disqualifies_the_lead_is_left_by_reopening_it() {
    let moves = [deal_move(4, 0, "UC_BAD", "P"), deal_move(5, 0, "NEW", "P")];
    let events = read(
        CrmSystem::Bitrix24,
        &portal_map("deal.UC_BAD = \"disqualified\"\ndeal.NEW = \"mql\""),
        &[answer(&[DEAL]), answer(&[&moves[0], &moves[1]])],
    );
    assert_eq!(
        short(&events[2..]),
        [
            r#"deal:31:moved:1714525200:UC_BAD:disqualified disqualified {"reason":"UC_BAD"}"#,
            "deal:31:moved:1714528800:NEW:lead_reopened reopened",
            r#"deal:31:moved:1714528800:NEW:mql qualified {"level":"mql"}"#,
        ]
    );
}

/// Whether an earlier import has closed the deal is not known, and of an open one it says nothing.
#[test]
fn a_history_that_begins_late_may_begin_with_a_deal_that_is_opened_again() {
    let first = deal_move(5, 0, "NEW", "P");
    let stage = r#"deal:31:moved:1714528800:NEW:stage opportunity_stage_changed {"opportunity":"31","pipeline_to":"0","to":"NEW"}"#;
    let reopened =
        r#"deal:31:moved:1714528800:NEW:reopened opportunity_reopened {"opportunity":"31"}"#;
    for (kind, expected) in [(1, &[stage][..]), (2, &[reopened, stage]), (5, &[reopened, stage])] {
        let row = first.replace("{", &format!("{{\"TYPE_ID\": {kind}, "));
        let events =
            read(CrmSystem::Bitrix24, &portal_map(""), &[answer(&[DEAL]), answer(&[&row])]);
        assert_eq!(short(&events[2..]), expected, "{kind}");
    }
    let record = DEAL.replace("{", r#"{"MOVED_TIME": "2024-05-01T05:00:00+03:00", "#);
    let events = read(CrmSystem::Bitrix24, &portal_map(""), &[answer(&[&record])]);
    assert_eq!(short(&events[2..]), [reopened, stage]);
    // It may have been closed otherwise.
    let won = record.replace("NEW", "WON");
    let events = read(CrmSystem::Bitrix24, &portal_map(""), &[answer(&[&won])]);
    let reopened_to_win = reopened.replace("NEW", "WON");
    let won = r#"deal:31:moved:1714528800:WON:customer won {"opportunity":"31"}"#;
    assert_eq!(short(&events[2..]), [reopened_to_win.as_str(), won]);
    // It is where it began.
    let first = record.replace("T05", "T03");
    let events = read(CrmSystem::Bitrix24, &portal_map(""), &[answer(&[&first])]);
    assert!(events.iter().all(|event| event["type"] != "opportunity_reopened"));
    let map = portal_map("deal.EXECUTING = \"opportunity\"");
    let events = read(CrmSystem::Bitrix24, &map, &[answer(&[&record])]);
    assert_eq!(short(&events), [stage]);
}

/// Rows of the history of old invoices have the fields of those of leads, and IDs of their own.
#[test]
fn statuses_of_old_invoices_are_none_of_leads() {
    let texts = [answer(&[LEAD]), answer(&[&lead_move(2, "P", "S"), &lead_move(3, "D", "F")])];
    check_bitrix24("", &texts, &["lead:17:captured captured"]);
    let counted = ["stage_of_other_items D 1", "stage_of_other_items P 1"];
    assert_eq!(left_out("", &texts), counted);
    // A portal may call a status of leads so.
    let list = r#"{"ID": "1", "ENTITY_ID": "STATUS", "STATUS_ID": "D", "SEMANTICS": "F"}"#;
    check_bitrix24(
        "lead.P = \"mql\"",
        &[&texts[..], &[answer(&[list])]].concat(),
        &[
            "lead:17:captured captured",
            r#"lead:17:moved:1714518000:P:mql qualified {"level":"mql"}"#,
            r#"lead:17:moved:1714521600:D:disqualified disqualified {"reason":"D"}"#,
        ],
    );
}

fn activity(more: &str) -> String {
    format!(
        r#"{{"ID": "1", "OWNER_ID": "17", "OWNER_TYPE_ID": "1", "CREATED": "2024-05-02T01:00:00+03:00"{more}}}"#
    )
}

#[test]
fn an_activity_of_which_nothing_is_said_is_counted() {
    let open = activity(r#", "TYPE_ID": "2", "COMPLETED": "N""#);
    let task = activity(r#", "TYPE_ID": "3", "COMPLETED": "Y""#);
    assert_eq!(
        left_out("", &[answer(&[LEAD]), answer(&[&open, &task])]),
        ["activity_without_event phone 1", "activity_without_event task 1"]
    );
}

#[test]
fn a_promise_and_that_it_is_done_are_named_after_when_that_was_said() {
    let meeting = activity(
        r#", "TYPE_ID": "1", "COMPLETED": "Y", "START_TIME": "2024-05-04T01:00:00+03:00", "DEADLINE": "2024-05-04T01:00:00+03:00", "LAST_UPDATED": "2024-05-03T01:00:00+03:00""#,
    );
    let events =
        read(CrmSystem::Bitrix24, &portal_map(""), &[answer(&[LEAD]), answer(&[&meeting])]);
    let named: Vec<_> =
        events[1..].iter().map(|event| (&event["origin"]["id"], &event["occurred_at"])).collect();
    // It was planned for May 4 and had taken place by May 3.
    assert_eq!(
        named,
        [
            (&json!("activity:1:scheduled:1714687200:1714773600"), &json!("2024-05-01T22:00:00Z")),
            (&json!("activity:1:done:1714687200"), &json!("2024-05-02T22:00:00Z")),
            (&json!("activity:1:touched"), &json!("2024-05-02T22:00:00Z")),
        ]
    );
}

#[track_caller]
fn check_amocrm(body: &str, expected: &[&str]) {
    let map = StatusMap::of(CrmSystem::Amocrm);
    assert_eq!(short(&read(CrmSystem::Amocrm, &map, &[body.to_owned()])), expected);
}

fn hook(action: &str, fields: &[(&str, &str)]) -> String {
    let base = [("id", "31"), ("last_modified", "1456820780"), ("date_create", "1456820000")];
    let all = base.iter().chain(fields);
    let pairs: Vec<_> =
        all.map(|(name, value)| format!("leads[{action}][0][{name}]={value}")).collect();
    pairs.join("&")
}

#[test]
fn a_lead_of_amocrm_that_is_opened_again_in_another_pipeline() {
    let fields = [
        ("status_id", "9"),
        ("old_status_id", "143"),
        ("pipeline_id", "2"),
        ("old_pipeline_id", "1"),
        ("price", "100"),
    ];
    check_amocrm(
        &hook("status", &fields),
        &[
            r#"lead:31:status:1456820780:1/143:9:reopened opportunity_reopened {"opportunity":"31"}"#,
            r#"lead:31:status:1456820780:1/143:9:stage opportunity_stage_changed {"from":"143","opportunity":"31","pipeline_from":"1","pipeline_to":"2","to":"9"}"#,
        ],
    );
}

#[test]
fn who_is_responsible_may_be_nobody() {
    let fields = [("old_responsible_user_id", "7"), ("responsible_user_id", "0")];
    check_amocrm(
        &hook("responsible", &fields),
        &[r#"lead:31:responsible:1456820780:7: unassigned {"from":"7"}"#],
    );
    let fields = [("old_responsible_user_id", "0"), ("responsible_user_id", "7")];
    check_amocrm(
        &hook("responsible", &fields),
        &[r#"lead:31:responsible:1456820780::7 assigned {"to":"7"}"#],
    );
}

#[test]
fn an_update_tells_the_price_of_what_is_open() {
    check_amocrm(
        &hook("update", &[("status_id", "9"), ("price", "100")]),
        &[r#"lead:31:price:1456820780:100 opportunity_amended {"amount":100,"opportunity":"31"}"#],
    );
    check_amocrm(&hook("update", &[("status_id", "142"), ("price", "100")]), &[]);
}

#[test]
fn a_robot_is_a_robot() {
    let map = StatusMap::of(CrmSystem::Amocrm);
    for (user, actor) in [
        ("0", json!({"kind": "automation"})),
        ("7", json!({"kind": "user", "id": "7"})),
        ("", json!({"kind": "unknown"})),
    ] {
        let body = hook("status", &[("status_id", "142"), ("modified_user_id", user)]);
        let events = read(CrmSystem::Amocrm, &map, &[body]);
        assert_eq!((&events[0]["type"], &events[0]["actor"]), (&json!("won"), &actor));
    }
}

/// What an older record says of the second in which the lead came is behind its capture, which the
/// newer one tells.
#[test]
fn a_lead_is_captured_before_anything_that_its_records_say() {
    let record = |modified: &str, status: &str| {
        answer(&[&format!(
            r#"{{"ID": "17", "STATUS_ID": "{status}", "TITLE": "A", "DATE_CREATE": "2024-05-01T01:00:00+03:00", "DATE_MODIFY": "2024-05-0{modified}T01:00:00+03:00"}}"#
        )])
    };
    let [old, new] = [record("1", "NEW"), record("2", "PROCESSED")];
    for files in [[old.clone(), new.clone()], [new, old]] {
        let events = read(CrmSystem::Bitrix24, &portal_map(""), &files);
        assert_eq!(events[0]["type"], "captured");
        let profiles = events.iter().filter(|event| event["type"] == "profile_updated");
        assert_eq!(profiles.count(), 2);
    }
}

/// A move that only a record tells is no less one since a later history came with it.
#[test]
fn a_move_before_the_beginning_of_the_history_is_that_of_the_record() {
    let record = r#"{"ID": "17", "STATUS_ID": "PROCESSED", "DATE_CREATE": "2024-05-01T01:00:00+03:00", "MOVED_TIME": "2024-05-01T02:00:00+03:00"}"#;
    let later = lead_move(5, "IN_PROCESS", "P");
    let events =
        read(CrmSystem::Bitrix24, &portal_map(""), &[answer(&[record]), answer(&[&later])]);
    assert!(events.iter().any(|event| event["type"] == "qualified"), "{events:?}");
}
