//! What changes of leads of amoCRM become: told by webhooks, by pages, and by both.

use leadfold_import::{CrmFile, CrmSystem, LeftOut, StatusMap, amocrm};
use serde_json::{Value, json};

/// Early statuses are those of a lead, and the deal is opened by the second one.
const LATE: &str = "deal.9001 = ['mql', 'handed_off']\n\
                    deal.9002 = ['accepted', 'sql', 'opportunity']\n\
                    deal.9003 = 'stage'\n\
                    deal.9009 = 'disqualified'";
const T: i64 = 1_700_000_000;

fn try_read(map: &str, texts: &[String]) -> (Vec<Result<Value, String>>, LeftOut) {
    let map = format!("format = 'leadfold-amocrm/1'\n{map}");
    let map = StatusMap::parse(&map, "map", CrmSystem::Amocrm).expect("a sound map");
    let file = |text: &String| CrmFile::Text { name: "page".into(), text: text.clone().into() };
    let files: Vec<_> = texts.iter().map(file).collect();
    let mut found = Vec::new();
    let mut take = |row: leadfold_import::CrmRow| {
        match row.outcome {
            Ok(events) => found.extend(events.into_iter().map(|event| Ok(Value::Object(event)))),
            Err(fault) => found.push(Err(format!("{}: {fault}", fault.code()))),
        }
        true
    };
    let left_out = amocrm::read(&files, &map, &mut take).expect("memory can be read");
    (found, left_out)
}

fn read(map: &str, texts: &[String]) -> Vec<Value> {
    let (found, _) = try_read(map, texts);
    found.into_iter().map(|event| event.expect("a sound row")).collect()
}

/// Each event in short: when (in seconds since `T`), name without the lead, type, and data without
/// the deal.
fn short(events: Vec<Value>) -> Vec<String> {
    let one = |mut event: Value| {
        let at = event["occurred_at"].as_str().expect("a time").to_owned();
        let at = chrono::DateTime::parse_from_rfc3339(&at).expect("a time").timestamp() - T;
        let name = event["origin"]["id"].as_str().expect("a name").replace("lead:31:", "");
        let name = name.replace(&(T + at).to_string(), "@");
        let kind = event["type"].as_str().expect("a type").to_owned();
        let data = event["data"].as_object_mut().expect("data");
        data.remove("opportunity");
        let data = Some(json!(data)).filter(|data| *data != json!({}));
        let data = data.map_or_else(String::new, |data| format!(" {data}"));
        format!("{at} {name} {kind}{data}")
    };
    events.into_iter().map(one).collect()
}

#[track_caller]
fn check(map: &str, texts: &[String], expected: &[&str]) {
    assert_eq!(short(read(map, texts)), expected);
}

/// One webhook; fields are those of the lead.
fn hook(action: &str, at: i64, fields: &[(&str, i64)]) -> String {
    let base = [("id", 31), ("last_modified", T + at), ("date_create", T), ("pipeline_id", 1)];
    let all = base.iter().chain(fields);
    let pair = |(name, value): &(&str, i64)| format!("leads[{action}][0][{name}]={value}");
    all.map(pair).collect::<Vec<_>>().join("&")
}

fn status_hook(at: i64, from: i64, to: i64, price: i64) -> String {
    hook("status", at, &[("old_status_id", from), ("status_id", to), ("price", price)])
}

fn event(n: i64, at: i64, kind: &str, before: Value, after: Value) -> Value {
    json!({
        "id": format!("01hr{n:022}"), "type": kind, "entity_id": 31, "entity_type": "lead",
        "created_by": 7, "created_at": T + at, "value_before": before, "value_after": after,
    })
}

fn added() -> Value {
    event(0, 0, "lead_added", json!([]), json!([]))
}

fn moved(n: i64, at: i64, from: i64, to: i64) -> Value {
    let status = |id: i64| json!([{"lead_status": {"id": id, "pipeline_id": 1}}]);
    event(n, at, "lead_status_changed", status(from), status(to))
}

fn priced(n: i64, at: i64, before: i64, after: i64) -> Value {
    let sale = |price: i64| json!([{"sale_field_value": {"sale": price}}]);
    event(n, at, "sale_field_changed", sale(before), sale(after))
}

fn responsible(n: i64, at: i64, before: i64, after: i64) -> Value {
    let user = |id: i64| json!([{"responsible_user": {"id": id}}]);
    event(n, at, "entity_responsible_changed", user(before), user(after))
}

/// Pages begin with what is newest.
fn events(mut events: Vec<Value>) -> String {
    events.reverse();
    json!({"_embedded": {"events": events}}).to_string()
}

fn lead(updated: i64, more: Value) -> String {
    let mut lead = json!({
        "id": 31, "price": 0, "responsible_user_id": 11, "status_id": 9, "pipeline_id": 1,
        "created_by": 7, "created_at": T, "updated_at": T + updated, "closed_at": null,
    });
    for (field, value) in more.as_object().expect("fields") {
        lead[field] = value.clone();
    }
    json!({"_embedded": {"leads": [lead]}}).to_string()
}

#[test]
fn an_outcome_that_becomes_another_is_reopened_first() {
    check(
        "",
        &[status_hook(5, 142, 143, 100)],
        &[
            "5 status:@:142:143:reopened opportunity_reopened",
            r#"5 price:@:100 opportunity_amended {"amount":100}"#,
            "5 status:@:142:143:lost lost",
        ],
    );
    check(
        "",
        &[events(vec![moved(1, 5, 143, 142)])],
        &["5 status:@:143:142:reopened opportunity_reopened", "5 status:@:143:142:customer won"],
    );
}

#[test]
fn an_outcome_that_stays_is_not_said_again() {
    let (found, left_out) = try_read("", &[status_hook(5, 142, 142, 100)]);
    assert_eq!(found, []);
    assert_eq!(left_out.iter().collect::<Vec<_>>(), [("closed_again", "142", 1)]);
}

#[test]
fn a_price_is_said_behind_an_opening_that_comes_late() {
    let history = vec![
        added(),
        priced(1, 10, 0, 700),
        moved(2, 20, 9001, 9002),
        priced(3, 30, 700, 900),
        moved(4, 40, 9002, 9003),
        moved(5, 50, 9003, 142),
    ];
    let expected = [
        "0 captured captured",
        r#"0 status:@::9001:mql qualified {"level":"mql"}"#,
        r#"0 status:@::9001:handed_off handed_off {"to":"sales"}"#,
        "20 status:@:9001:9002:accepted accepted",
        r#"20 status:@:9001:9002:sql qualified {"level":"sql"}"#,
        r#"20 status:@:9001:9002:opportunity opportunity_opened {"pipeline":"1","stage":"9002"}"#,
        r#"20 price:@:700 opportunity_amended {"amount":700}"#,
        r#"30 price:@:900 opportunity_amended {"amount":900}"#,
        r#"40 status:@:9002:9003:stage opportunity_stage_changed {"from":"9002","pipeline_to":"1","to":"9003"}"#,
        "50 status:@:9003:142:customer won",
    ];
    check(LATE, &[events(history.clone())], &expected);
    // The first price may be known from the page of leads alone.
    let history: Vec<_> =
        history.into_iter().filter(|it| it["type"] != "sale_field_changed").collect();
    let page = lead(50, json!({"price": 700, "status_id": 142, "closed_at": T + 50}));
    let mut expected = expected.map(|it| it.replace("sales", "11")).to_vec();
    expected.remove(7);
    expected.insert(1, r#"0 responsible:@::11 assigned {"to":"11"}"#.into());
    let expected: Vec<_> = expected.iter().map(String::as_str).collect();
    check(LATE, &[events(history), page], &expected);
}

#[test]
fn a_price_without_an_open_deal_is_left_out() {
    let update = |status| hook("update", 5, &[("status_id", status), ("price", 100)]);
    let price = r#"5 price:@:100 opportunity_amended {"amount":100}"#;
    check(LATE, &[update(9002)], &[price]);
    check(LATE, &[update(9003)], &[price]);
    for text in [update(9001), events(vec![priced(1, 5, 0, 100)])] {
        let (found, left_out) = try_read(LATE, &[text]);
        assert_eq!(found, []);
        assert_eq!(left_out.iter().collect::<Vec<_>>(), [("price_while_not_open", "leads", 1)]);
    }
    // What comes after the close is none of the deal that was closed.
    let (found, left_out) =
        try_read("", &[events(vec![moved(1, 5, 9, 142), priced(2, 6, 0, 100)])]);
    assert_eq!(found.len(), 1);
    assert_eq!(left_out.iter().collect::<Vec<_>>(), [("price_while_not_open", "leads", 1)]);
}

#[test]
fn a_win_is_one_event_whoever_tells_it() {
    let hooks = read(LATE, &[status_hook(5, 9003, 142, 1500)]);
    let pages = read(LATE, &[events(vec![moved(1, 5, 9003, 142)])]);
    assert_eq!(
        short(hooks.clone()),
        [
            r#"5 price:@:1500 opportunity_amended {"amount":1500}"#,
            "5 status:@:9003:142:customer won",
        ]
    );
    assert_eq!((&hooks[1]["id"], &hooks[1]["data"]), (&pages[0]["id"], &pages[0]["data"]));
}

#[test]
fn a_win_at_an_early_status_opens_the_deal() {
    check(
        LATE,
        &[status_hook(5, 9001, 142, 1500)],
        &[
            "5 status:@:9001:142:opened opportunity_opened",
            r#"5 price:@:1500 opportunity_amended {"amount":1500}"#,
            "5 status:@:9001:142:customer won",
        ],
    );
}

#[test]
fn a_win_for_nothing_is_worth_nothing() {
    check(
        "",
        &[status_hook(5, 9, 142, 0)],
        &[r#"5 price:@:0 opportunity_amended {"amount":0}"#, "5 status:@:9:142:customer won"],
    );
}

#[test]
fn a_disqualified_lead_is_reopened_as_a_lead() {
    check(
        LATE,
        &[status_hook(5, 9009, 9001, 0)],
        &[
            "5 status:@:9009:9001:reopened reopened",
            r#"5 status:@:9009:9001:mql qualified {"level":"mql"}"#,
            r#"5 status:@:9009:9001:handed_off handed_off {"to":"sales"}"#,
        ],
    );
    // A lost lead has no open deal to disqualify, once it is nurtured again.
    check(
        LATE,
        &[status_hook(5, 143, 9009, 0)],
        &[
            "5 status:@:143:9009:reopened reopened",
            r#"5 status:@:143:9009:disqualified disqualified {"reason":"9009"}"#,
        ],
    );
}

#[test]
fn words_that_would_go_back_are_not_said_again() {
    let stage = |at, from, to| {
        format!(
            "{at} status:@:{from}:{to}:stage opportunity_stage_changed \
             {{\"from\":\"{from}\",\"pipeline_to\":\"1\",\"to\":\"{to}\"}}"
        )
    };
    let history = vec![moved(1, 5, 9003, 143), moved(2, 6, 143, 9001), moved(3, 7, 9001, 9002)];
    check(
        LATE,
        &[events(history)],
        &[
            "5 status:@:9003:143:lost lost",
            "6 status:@:143:9001:reopened opportunity_reopened",
            &stage(6, 143, 9001),
            &stage(7, 9001, 9002),
        ],
    );
    let back = hook("status", 5, &[("old_status_id", 9002), ("status_id", 9001)]);
    check(LATE, &[back], &[&stage(5, 9002, 9001)]);
    // A stage that is the first one opens the deal.
    check(
        LATE,
        &[events(vec![moved(1, 5, 9001, 9003)])],
        &[r#"5 status:@:9001:9003:opportunity opportunity_opened {"pipeline":"1","stage":"9003"}"#],
    );
}

#[test]
fn webhooks_are_a_history_of_the_page_of_leads() {
    let page = lead(9, json!({"price": 100, "status_id": 142, "closed_at": T + 9}));
    let texts = [page, status_hook(9, 9, 142, 100)];
    let events = short(read("", &texts));
    let wins: Vec<_> = events.iter().filter(|event| event.contains(" won")).collect();
    assert_eq!(wins, ["9 status:@:9:142:customer won"], "{events:#?}");
}

#[test]
fn owner_and_price_at_the_creation_are_those_before_the_first_change() {
    let history = vec![responsible(1, 5, 10, 11), priced(2, 6, 50, 100)];
    let page = lead(6, json!({"price": 100}));
    check(
        "",
        &[events(history), page],
        &[
            "0 captured captured",
            r#"0 responsible:@::10 assigned {"to":"10"}"#,
            "0 opened opportunity_opened",
            r#"0 price:@:50 opportunity_amended {"amount":50}"#,
            r#"5 responsible:@:10:11 reassigned {"from":"10","to":"11"}"#,
            r#"6 price:@:100 opportunity_amended {"amount":100}"#,
        ],
    );
}

#[test]
fn a_hand_off_is_to_whom_was_responsible_then() {
    let history = vec![moved(1, 5, 9000, 9001), responsible(2, 9, 10, 11)];
    let found = short(read(LATE, &[events(history), lead(9, json!({}))]));
    let handed: Vec<_> = found.iter().filter(|event| event.contains("handed_off")).collect();
    assert_eq!(handed, [r#"5 status:@:9000:9001:handed_off handed_off {"to":"10"}"#]);
}

/// Nobody knows since when it is so; only a page that is as old as the lead shows its beginning.
#[test]
fn what_a_page_of_leads_shows_is_dated_when_it_was_so() {
    let shown = |updated, owner: i64| {
        let page = lead(updated, json!({"responsible_user_id": owner, "price": 100}));
        short(read("", &[page]))[2..].to_vec()
    };
    assert_eq!(
        shown(20, 12),
        [
            r#"20 shown:@:responsible:12 assigned {"to":"12"}"#,
            r#"20 shown:@:price:100 opportunity_amended {"amount":100}"#,
        ]
    );
    assert_ne!(shown(10, 11)[0], shown(30, 11)[0]);
    check(
        "",
        &[lead(0, json!({"price": 100}))],
        &[
            "0 captured captured",
            r#"0 responsible:@::11 assigned {"to":"11"}"#,
            "0 opened opportunity_opened",
            r#"0 price:@:100 opportunity_amended {"amount":100}"#,
        ],
    );
    // Of several pages the newest one counts.
    let older = lead(10, json!({"responsible_user_id": 12}));
    let found = short(read("", &[lead(20, json!({})), older]));
    let owners: Vec<_> = found.iter().filter(|event| event.contains("assigned")).collect();
    assert_eq!(owners, [r#"20 shown:@:responsible:11 assigned {"to":"11"}"#]);
}

/// Webhooks of a day are not all that happened: what the page shows behind them is new.
#[test]
fn a_page_of_leads_is_held_against_the_changes() {
    let added = hook("add", 0, &[("responsible_user_id", 10), ("price", 50)]);
    let shown = |page: String| {
        let found = short(read("", &[added.clone(), status_hook(5, 9, 8, 70), page]));
        found.into_iter().filter(|event| event.contains("shown")).collect::<Vec<_>>()
    };
    let page = json!({"responsible_user_id": 11, "price": 90});
    assert_eq!(
        shown(lead(9, page.clone())),
        [
            r#"9 shown:@:responsible:11 assigned {"to":"11"}"#,
            r#"9 shown:@:price:90 opportunity_amended {"amount":90}"#,
        ]
    );
    // A page from before the last change is old.
    assert_eq!(shown(lead(0, page.clone())), [""; 0]);
    assert_eq!(shown(lead(9, json!({"responsible_user_id": 10, "price": 70}))), [""; 0]);
    let closed =
        json!({"responsible_user_id": 11, "price": 90, "status_id": 142, "closed_at": T + 7});
    assert_eq!(shown(lead(9, closed)), [""; 0]);
}

#[test]
fn the_page_of_leads_does_not_say_who_closed_it() {
    let page = lead(9, json!({"price": 100, "status_id": 143, "closed_at": T + 9}));
    let found = read("", &[page]);
    let lost = found.last().expect("a loss");
    assert_eq!((&lost["type"], &lost["actor"]), (&json!("lost"), &json!({"kind": "unknown"})));
    assert_eq!(
        short(found)[2..],
        [
            r#"8 shown:1700000009:responsible:11 assigned {"to":"11"}"#,
            r#"9 closed:@:143:lost lost {"amount":100}"#,
        ]
    );
}

#[test]
fn changes_of_one_second_are_in_the_order_in_which_they_can_have_happened() {
    let price = r#"5 price:@:100 opportunity_amended {"amount":100}"#;
    let stage = |from: i64, to: i64| {
        format!(
            "5 status:@:{from}:{to}:stage opportunity_stage_changed \
             {{\"from\":\"{from}\",\"pipeline_to\":\"1\",\"to\":\"{to}\"}}"
        )
    };
    // The moves are told in the wrong order, and the price behind them.
    let closes = vec![moved(1, 5, 8, 142), moved(2, 5, 7, 8), priced(3, 5, 0, 100)];
    check("", &[events(closes)], &[price, &stage(7, 8), "5 status:@:8:142:customer won"]);
    let reopens = vec![priced(1, 5, 0, 100), moved(2, 5, 143, 7)];
    check(
        "",
        &[events(reopens)],
        &["5 status:@:143:7:reopened opportunity_reopened", &stage(143, 7), price],
    );
    let hooks = [status_hook(0, 9, 142, 0), hook("add", 0, &[("status_id", 9)])];
    check(
        "",
        &[hooks.join("\n")],
        &[
            "0 captured captured",
            "0 opened opportunity_opened",
            r#"0 status:@::9:stage opportunity_stage_changed {"pipeline_to":"1","to":"9"}"#,
            "0 status:@:9:142:customer won",
        ],
    );
}

#[test]
fn the_reason_of_the_last_loss_is_that_of_the_page_of_leads() {
    let history = vec![moved(1, 5, 9, 143), moved(2, 6, 143, 9), moved(3, 7, 9, 143)];
    let page = lead(9, json!({"status_id": 143, "closed_at": T + 8, "loss_reason_id": 4}));
    let found = short(read("", &[events(history), page]));
    let lost: Vec<_> = found.iter().filter(|event| event.contains(" lost")).collect();
    assert_eq!(
        lost,
        ["5 status:@:9:143:lost lost", r#"7 status:@:9:143:lost:4 lost {"reason":"4"}"#]
    );
}

#[test]
fn an_answer_with_events_and_leads_is_read_whole() {
    let text = format!(
        "{},\"leads\":{}",
        events(vec![moved(1, 5, 9, 142)]).trim_end_matches('}'),
        lead(5, json!({})).trim_start_matches("{\"_embedded\":{\"leads\":"),
    );
    let kinds: Vec<_> = read("", &[text]).into_iter().map(|event| event["type"].clone()).collect();
    assert!(kinds.contains(&json!("captured")) && kinds.contains(&json!("won")), "{kinds:?}");
}

#[test]
fn a_lead_that_was_deleted_is_a_lead() {
    let (found, left_out) =
        try_read("", &[lead(0, json!({"is_deleted": true, "status_id": null}))]);
    assert_eq!((found.len(), left_out.iter().count()), (3, 0));
}

#[test]
fn nothing_is_dropped_silently() {
    #[track_caller]
    fn refused(text: &str, code: &str) {
        let (found, _) = try_read("", &[text.to_owned()]);
        let codes: Vec<_> = found
            .iter()
            .map(|row| row.as_ref().err().and_then(|text| text.split(": ").next()))
            .collect();
        assert_eq!(codes, [Some(code)], "{text}");
    }
    let one = status_hook(5, 9, 142, 0);
    refused(&one.replace("[0]", "[]"), "unknown_kind");
    refused(&one.replace("[0]", "[a]"), "unknown_kind");
    refused(&format!("{one}&{}", status_hook(5, 8, 142, 0)), "unknown_kind");
    refused(&hook("responsible", 5, &[("old_responsible_user_id", 7)]), "missing_field");
    for after in [json!([]), json!(null), json!([{"responsible_user": {}}])] {
        let row = event(1, 5, "entity_responsible_changed", json!([]), after);
        refused(&events(vec![row]), "missing_field");
    }
    let mut call = event(1, 5, "outgoing_call", json!([]), json!([]));
    call["id"] = json!(null);
    refused(&events(vec![call]), "missing_field");
    let error = r#"{"title": "Unauthorized", "status": 401, "detail": "Zaphod"}"#;
    refused(error, "error_answer");
    let (found, _) = try_read("", &[r#"{"leads": {"status": [{"id": 31}]}}"#.to_owned()]);
    assert_eq!(
        found,
        [Err(
            "unknown_kind: expected the body of a webhook as amoCRM sends it (urlencoded, and not \
              JSON), found something else; docs/CRM.md lists what can be imported"
                .to_owned()
        )]
    );
}

#[test]
fn a_file_of_webhooks_may_begin_with_a_mark() {
    let (found, _) = try_read("", &[format!("\u{feff}{}", status_hook(5, 9, 9, 0))]);
    assert!(found.iter().all(Result::is_ok) && found.len() == 1, "{found:?}");
}

/// What the log has of a change must be known again for ever: the id is the name's.
#[test]
fn names_and_ids_stay() {
    let history = vec![
        added(),
        event(1, 5, "outgoing_call", json!([]), json!([])),
        moved(2, 10, 9, 142),
        moved(3, 20, 142, 143),
    ];
    let found: Vec<_> = read("", &[events(history)])
        .into_iter()
        .map(|event| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            (text(&event["type"]), text(&event["origin"]["id"]), text(&event["id"]))
        })
        .filter(|(kind, ..)| !kind.contains("stage"))
        .collect();
    let found: Vec<_> =
        found.iter().map(|(kind, name, id)| (kind.as_str(), name.as_str(), id.as_str())).collect();
    let expected = [
        ("captured", "lead:31:captured", "605e0b77-a1e9-51fb-a9f6-58dff7ea695e"),
        ("opportunity_opened", "lead:31:opened", "93413229-be93-558d-b661-a5eee5c1ebe3"),
        (
            "touched",
            "lead:31:touched:01hr0000000000000000000001",
            "fca6fcf7-3f90-5749-b517-005066acf9ca",
        ),
        ("won", "lead:31:status:1700000010:9:142:customer", "0fbfd882-219b-5f51-993d-75cede342d7a"),
        (
            "opportunity_reopened",
            "lead:31:status:1700000020:142:143:reopened",
            "37de5776-e17d-56bc-8fd8-ad6c2ceb4e5e",
        ),
        ("lost", "lead:31:status:1700000020:142:143:lost", "3d930445-908f-521c-8b3c-620aa7058f58"),
    ];
    assert_eq!(found, expected);
}

/// Where the deal comes late, an unlisted status may be one of a lead: what it means is known only
/// once the lead was handed off.
#[test]
fn an_unlisted_status_opens_no_deal_too_early() {
    let history = vec![
        added(),
        moved(1, 5, 9000, 9001),
        priced(2, 6, 0, 100),
        moved(3, 7, 9001, 9005),
        moved(4, 8, 9005, 9006),
    ];
    let (_, left_out) = try_read(LATE, &[events(history.clone())]);
    assert_eq!(left_out.iter().collect::<Vec<_>>(), [("lead_status", "9000", 1)]);
    check(
        LATE,
        &[events(history)],
        &[
            "0 captured captured",
            r#"5 status:@:9000:9001:mql qualified {"level":"mql"}"#,
            r#"5 status:@:9000:9001:handed_off handed_off {"to":"sales"}"#,
            r#"7 status:@:9001:9005:opportunity opportunity_opened {"pipeline":"1","stage":"9005"}"#,
            r#"7 price:@:100 opportunity_amended {"amount":100}"#,
            r#"8 status:@:9005:9006:stage opportunity_stage_changed {"from":"9005","pipeline_to":"1","to":"9006"}"#,
        ],
    );
    // Of which nobody knows how far the lead has come, it is a stage.
    let one = hook("status", 5, &[("old_status_id", 9005), ("status_id", 9006)]);
    let stage = r#"5 status:@:9005:9006:stage opportunity_stage_changed {"from":"9005","pipeline_to":"1","to":"9006"}"#;
    check(LATE, &[one], &[stage]);
}

/// As exports of two days have it: on the first the lead has not moved, and only the page of leads
/// says where it is.
#[test]
fn a_lead_that_has_not_moved_is_where_the_page_of_leads_shows_it() {
    let first = [events(vec![added()]), lead(0, json!({"status_id": 9001}))];
    let (_, left_out) = try_read(LATE, &first);
    assert_eq!(left_out.iter().count(), 0);
    let on_the_first_day = [
        "0 captured captured",
        r#"0 responsible:@::11 assigned {"to":"11"}"#,
        r#"0 status:@::9001:mql qualified {"level":"mql"}"#,
        r#"0 status:@::9001:handed_off handed_off {"to":"11"}"#,
    ];
    check(LATE, &first, &on_the_first_day);
    // On the second day the creation says the same, by the first move.
    let both =
        [events(vec![added(), moved(1, 5, 9001, 9002)]), lead(5, json!({"status_id": 9002}))];
    assert_eq!(short(read(LATE, &both))[..4], on_the_first_day);
}

#[test]
fn rows_of_one_second_say_a_price_once_and_what_changed_counts() {
    let by = |user: i64| [("price", 100), ("modified_user_id", user), ("responsible_user_id", 11)];
    let update = |user: i64| hook("update", 0, &by(user));
    let add = hook("add", 0, &[&by(11)[..], &[("created_user_id", 11)]].concat());
    let found = short(read("", &[[add, update(11), update(0)].join("\n")]));
    let prices = found.iter().filter(|event| event.contains("opportunity_amended"));
    assert_eq!(prices.collect::<Vec<_>>(), [r#"0 price:@:100 opportunity_amended {"amount":100}"#]);

    // The move shows who was responsible before the change of the same second.
    let fields = [("old_status_id", 9000), ("status_id", 9001), ("responsible_user_id", 11)];
    let changed = [("old_responsible_user_id", 11), ("responsible_user_id", 12)];
    let hooks = [hook("status", 5, &fields), hook("responsible", 5, &changed)].join("\n");
    check(
        LATE,
        &[hooks],
        &[
            r#"5 responsible:@:11:12 reassigned {"from":"11","to":"12"}"#,
            r#"5 status:@:9000:9001:mql qualified {"level":"mql"}"#,
            r#"5 status:@:9000:9001:handed_off handed_off {"to":"12"}"#,
        ],
    );
}

/// A page that comes after the changes says the outcome again, which is nothing new.
#[test]
fn a_win_for_nothing_that_only_the_page_of_leads_tells_has_no_amount() {
    let closed = json!({"status_id": 142, "price": 0, "closed_at": T + 10});
    let found = short(read("", &[lead(10, closed)]));
    assert_eq!(found.last().map(String::as_str), Some("10 closed:@:142:customer won"));
}
