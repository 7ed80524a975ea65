//! What single rows become, event by event.

use leadfold_import::{CrmFile, CrmSystem, StatusMap, amocrm, bitrix24};
use serde_json::{Value, json};

fn read(system: CrmSystem, map: &StatusMap, texts: &[String]) -> Vec<Value> {
    let file = |text: &String| CrmFile::Text { name: "page".into(), text: text.clone().into() };
    let files: Vec<_> = texts.iter().map(file).collect();
    let mut events = Vec::new();
    let mut take = |row: leadfold_import::CrmRow| {
        events.extend(row.outcome.expect("a sound row").into_iter().map(Value::Object));
        true
    };
    match system {
        CrmSystem::Bitrix24 => bitrix24::read(&files, map, &mut take),
        CrmSystem::Amocrm => amocrm::read(&files, map, &mut take),
    }
    .expect("memory can be read");
    events
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
    let map = format!("format = \"leadfold-bitrix24/1\"\n{map}");
    let map = StatusMap::parse(&map, "map", CrmSystem::Bitrix24).expect("a sound map");
    assert_eq!(short(&read(CrmSystem::Bitrix24, &map, texts)), expected);
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
            r#"lead_history:2:disqualified disqualified {"class":"junk","reason":"JUNK"}"#,
            "lead_history:3:reopened reopened",
            r#"lead_history:4:mql qualified {"level":"mql"}"#,
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
            r#"deal_history:3:stage opportunity_stage_changed {"opportunity":"31","pipeline_to":"0","to":"NEW"}"#,
            r#"deal_history:4:customer won {"opportunity":"31"}"#,
            r#"deal_history:5:reopened opportunity_reopened {"opportunity":"31"}"#,
            r#"deal_history:5:stage opportunity_stage_changed {"opportunity":"31","pipeline_to":"1","to":"C1:NEW"}"#,
            r#"deal_history:6:lost lost {"opportunity":"31","reason":"C1:APOLOGY"}"#,
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
            r#"deal_history:3:mql qualified {"level":"mql"}"#,
            r#"deal_history:3:handed_off handed_off {"to":"desk"}"#,
            r#"deal_history:4:sql qualified {"level":"sql"}"#,
            r#"deal_history:4:opportunity opportunity_opened {"opportunity":"31","pipeline":"0","stage":"EXECUTING"}"#,
            r#"deal_history:4:terms:1000EUR opportunity_amended {"amount":1000,"currency":"EUR","opportunity":"31"}"#,
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
    let junk = r#"lead_history:2:disqualified disqualified {"class":"junk","reason":"JUNK"}"#;
    check_bitrix24(
        "",
        &[answer(&[record]), history.clone()],
        &[
            captured,
            "lead:17:moved:1714600800:PROCESSED:reopened reopened",
            r#"lead:17:moved:1714600800:PROCESSED:mql qualified {"level":"mql"}"#,
            junk,
        ],
    );
    check_bitrix24("", &[answer(&[&known]), history], &[captured, junk]);
}

#[test]
fn a_status_of_which_nobody_knows_since_when_is_a_snapshot() {
    let record = r#"{"ID": "17", "STATUS_ID": "PROCESSED", "DATE_CREATE": "2024-05-01T01:00:00+03:00", "DATE_MODIFY": "2024-05-02T01:00:00+03:00"}"#;
    let captured = "lead:17:captured captured";
    let shown = r#"lead:17:shown:1714600800:mql snapshot_imported {"history_known_from":"2024-05-01T22:00:00Z","state":"mql"}"#;
    check_bitrix24("", &[answer(&[record])], &[captured, shown]);
    let new = record.replace("PROCESSED", "NEW");
    check_bitrix24("", &[answer(&[&new])], &[captured]);
    let never = record.replace("DATE_MODIFY", "DATE_OTHER");
    check_bitrix24("", &[answer(&[&never])], &[captured]);
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
        &[
            r#"lead:31:price:1456820780:10000 opportunity_amended {"amount":10000,"opportunity":"31"}"#,
        ],
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
