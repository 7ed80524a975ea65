//! What is wrong with an export: in which words, and with none of what stands there.

use leadfold_import::{CrmFile, CrmSystem, StatusMap, amocrm, bitrix24};

/// What stands for people's data in a row.
const SECRET: &str = "Zaphod";

/// The refusals of a text between two sound rows, each as `code: message`.
#[track_caller]
fn refused(system: CrmSystem, text: &str) -> Vec<String> {
    let map = StatusMap::of(system);
    let file = CrmFile::Text { name: "page".into(), text: text.into() };
    let mut found = Vec::new();
    let mut take = |row: leadfold_import::CrmRow| {
        if let Err(fault) = row.outcome {
            let text = format!("{fault} {fault:?} {}", row.path);
            assert!(!text.contains(SECRET), "{text}");
            found.push(format!("{}: {fault}", fault.code()));
        }
        true
    };
    match system {
        CrmSystem::Bitrix24 => bitrix24::read(&[file], &map, &mut take),
        CrmSystem::Amocrm => amocrm::read(&[file], &map, &mut take),
    }
    .expect("memory can be read");
    found
}

#[track_caller]
fn check_bitrix24(row: &str, expected: &str) {
    assert_eq!(refused(CrmSystem::Bitrix24, &format!("{{\"result\": [{row}]}}")), [expected]);
}

#[track_caller]
fn check_answer(text: &str, expected: &str) {
    assert_eq!(refused(CrmSystem::Bitrix24, text), [expected]);
}

#[track_caller]
fn check_amocrm(text: &str, expected: &str) {
    assert_eq!(refused(CrmSystem::Amocrm, text), [expected]);
}

#[test]
fn rows_of_leads() {
    let created = r#""DATE_CREATE": "2024-05-23T18:18:25+03:00""#;
    check_bitrix24(
        r#"{"ID": "17", "STATUS_ID": "NEW", "NAME": "Zaphod"}"#,
        "missing_field: expected the field `DATE_CREATE` of a lead, found none; fetch the rows with it",
    );
    check_bitrix24(
        &format!(r#"{{"ID": "Zaphod", "STATUS_ID": "NEW", {created}}}"#),
        "bad_id: expected an ID (a whole number from 1) in `ID`, found something else; correct it",
    );
    check_bitrix24(
        &format!(r#"{{"ID": "0", "STATUS_ID": "NEW", {created}}}"#),
        "missing_field: expected the field `ID` of a lead, found none; fetch the rows with it",
    );
    check_bitrix24(
        r#"{"ID": "17", "STATUS_ID": "NEW", "DATE_CREATE": "Zaphod"}"#,
        "bad_time: expected a time with an offset such as 2024-05-23T18:18:25+03:00 in \
         `DATE_CREATE`, found something else; correct it",
    );
    check_bitrix24(
        r#"{"id": 17, "name": "Zaphod", "stageId": ["Zaphod"], "createdTime": "2024-05-23T18:18:25Z"}"#,
        "bad_code: expected a code of at most 64 bytes in `stageId`, found something else; correct it",
    );
}

#[test]
fn rows_of_deals_and_of_their_history() {
    let created = r#""DATE_CREATE": "2024-05-23T18:18:25+03:00""#;
    let deal = |more: &str| format!(r#"{{"ID": "3", "STAGE_ID": "NEW", {created}, {more}}}"#);
    // Without the field nobody knows whether it has a lead.
    check_bitrix24(
        &deal(r#""OPPORTUNITY": "1""#),
        "missing_field: expected the field `LEAD_ID` of a deal, found none; fetch the rows with it",
    );
    for none in [r#""LEAD_ID": null"#, r#""LEAD_ID": "0""#, r#""LEAD_ID": 0"#, r#""LEAD_ID": """#] {
        let sound = format!("{{\"result\": [{}]}}", deal(none));
        assert_eq!(refused(CrmSystem::Bitrix24, &sound), [""; 0], "{none}");
    }
    check_bitrix24(
        &deal(r#""OPPORTUNITY": "12.345""#),
        "bad_number: expected an amount with at most 0 decimals, as its currency has (none without one), since nothing is rounded, in \
         `OPPORTUNITY`, found something else; correct it",
    );
    check_bitrix24(
        &deal(r#""OPPORTUNITY": -5"#),
        "bad_number: expected an amount from 0 in `OPPORTUNITY`, found one below; correct it",
    );
    check_bitrix24(
        &deal(r#""OPPORTUNITY": 1e3"#),
        "bad_number: expected an amount such as 1500 or 1500.00 in `OPPORTUNITY`, found something \
         else; correct it",
    );
    check_bitrix24(
        &deal(r#""OPPORTUNITY": "1", "CURRENCY_ID": "Zaphod""#),
        "bad_currency: expected an ISO 4217 code such as EUR in `CURRENCY_ID`, found something \
         else; correct it",
    );
    check_bitrix24(
        r#"{"ID": 1, "TYPE_ID": 1, "OWNER_ID": 21, "STAGE_ID": "NEW", "CREATED_TIME": "2024-05-23T18:18:25Z"}"#,
        "no_record: expected deal 21 in one of the files, found only a row about it; import it \
         together with crm.deal.list or crm.item.list (a record that was deleted has none any more)",
    );
    check_bitrix24(
        r#"{"ID": 1, "TYPE_ID": 1, "OWNER_ID": 21, "STATUS_ID": "NEW", "CREATED_TIME": "2024-05-23T18:18:25Z"}"#,
        "no_record: expected lead 21 in one of the files, found only a row about it; import it \
         together with crm.lead.list or crm.item.list (a record that was deleted has none any more)",
    );
}

#[test]
fn what_is_no_page() {
    for (text, expected) in [
        ("", "the answer of a REST method"),
        ("7", "the answer of a REST method, an object with `result`"),
        ("{}", "the answer of a REST method, with `result`"),
        ("{\"result\": \"Zaphod\"}", "rows, or one record, in `result`"),
        ("{\"result\": [7]}", "a row with fields, nested no deeper than 100"),
        (
            "{\"result\": [{\"Zaphod\": 1}]}",
            "a lead (with STATUS_ID), a deal (with STAGE_ID), a row of their stage history or an activity",
        ),
    ] {
        let expected = format!(
            "unknown_kind: expected {expected}, found something else; docs/CRM.md lists what can \
             be imported"
        );
        check_answer(text, &expected);
    }
    check_answer(
        "{\"error\": \"expired_token\", \"error_description\": \"Zaphod\"}",
        "error_answer: expected an answer with rows, found an error of the system; ask it again",
    );
    check_answer(
        "{\"result\": [], \"result\": [], \"Zaphod\": 1, \"Zaphod\": 2}",
        "duplicate_field: expected the field `result` once, found it twice; save the answer as it \
         comes",
    );
    check_answer(
        "{\"result\": {\"result\": 7}}",
        "unknown_kind: expected the answers of a batch, found something else; docs/CRM.md lists what \
         can be imported",
    );
    check_answer(
        "{\"event\": \"ONCRMDEALADD\", \"data\": {\"FIELDS\": {\"ID\": \"1\"}}}",
        "only_notification: expected an answer with rows, found the notification `ONCRMDEALADD`, \
         which has an ID and no change; fetch crm.deal.list and crm.stagehistory.list \
         (entityTypeId 2) and import those",
    );
    check_answer(
        "event=ONCRMACTIVITYADD&data[FIELDS][ID]=1&auth[domain]=Zaphod",
        "only_notification: expected an answer with rows, found the notification \
         `ONCRMACTIVITYADD`, which has an ID and no change; fetch crm.activity.list and import those",
    );
    check_answer(
        "{\"result\": [\n{\"ID\": \"Zaphod",
        "not_json: expected JSON, found text that is none at line 2, column 14; save the whole \
         answer as it comes",
    );
}

/// Commands are called as somebody likes, and one that failed is none without rows.
#[test]
fn commands_of_a_batch() {
    let lead = r#"{"ID": "17", "STATUS_ID": "NEW"}"#;
    let missing = "missing_field: expected the field `DATE_CREATE` of a lead, found none; fetch the \
                   rows with it";
    let error =
        "error_answer: expected an answer with rows, found an error of the system; ask it again";
    for result in [
        format!(r#"{{"leads of Zaphod": [{lead}]}}"#),
        format!(r#"{{"Zaphod": {{"items": [{lead}]}}}}"#),
        format!(r#"[{{"item": {lead}}}]"#),
        format!("[[{lead}]]"),
    ] {
        check_answer(
            &format!(r#"{{"result": {{"result": {result}, "result_error": []}}}}"#),
            missing,
        );
        let text = format!(
            r#"{{"result": {{"result": {result}, "result_error": {{"Zaphod": {{"error": "Zaphod"}}, "b": {{}}}}}}}}"#
        );
        assert_eq!(refused(CrmSystem::Bitrix24, &text), [error, error, missing]);
    }
    check_answer(r#"{"result": {"result": [], "result_error": [{"error": "Zaphod"}]}}"#, error);
}

/// Brackets without end, and as deep as they get, are a fault like any other.
#[test]
fn deep_nesting_is_no_danger() {
    for text in ["[".repeat(100_000), format!("{{\"result\":{}", "[".repeat(100_000))] {
        assert_eq!(refused(CrmSystem::Bitrix24, &text).len(), 1);
        assert_eq!(refused(CrmSystem::Amocrm, &text).len(), 1);
    }
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let row = format!("{{\"result\": [{{\"ID\": \"1\", \"STATUS_ID\": {deep}}}]}}");
    assert_eq!(refused(CrmSystem::Bitrix24, &row).len(), 1);
}

#[test]
fn webhooks() {
    let hook =
        |more: &str| format!("leads[status][0][id]=31&leads[status][0][status_id]=142{more}");
    check_amocrm(
        "name=Zaphod",
        "unknown_kind: expected the body of a webhook such as leads[status][0][id]=31&..., found \
         something else; docs/CRM.md lists what can be imported",
    );
    check_amocrm(
        &hook(""),
        "missing_field: expected the field `last_modified` of a webhook of a lead, found none; \
         fetch the rows with it",
    );
    check_amocrm(
        &hook("&leads[status][0][last_modified]=Zaphod"),
        "bad_time: expected a time in whole seconds since 1970 such as 1456820780 in \
         `last_modified`, found something else; correct it",
    );
    check_amocrm(
        &hook("&leads[status][0][last_modified]=1456820780&leads[status][0][price]=Zaphod"),
        "bad_number: expected an amount such as 1500 or 1500.00 in `price`, found something else; \
         correct it",
    );
}

#[test]
fn pages_of_amocrm() {
    check_amocrm(
        "{\"_embedded\": {}}",
        "unknown_kind: expected an answer with `_embedded.events` or `_embedded.leads`, found \
         something else; docs/CRM.md lists what can be imported",
    );
    check_amocrm(
        "{\"_embedded\": {\"events\": [{\"type\": \"lead_added\", \"entity_id\": \"Zaphod\"}]}}",
        "bad_id: expected an ID (a whole number from 1) in `entity_id`, found something else; \
         correct it",
    );
    check_amocrm(
        "{\"_embedded\": {\"events\": [{\"type\": \"lead_status_changed\", \"entity_id\": 1}]}}",
        "missing_field: expected the field `value_after` of a row of amoCRM, found none; fetch the \
         rows with it",
    );
    check_amocrm(
        "{\"_embedded\": {\"leads\": [{\"id\": 1, \"created_at\": 5, \"price\": 0.001}]}}",
        "bad_number: expected an amount with at most 0 decimals, as its currency has (none without one), since nothing is rounded, in \
         `price`, found something else; correct it",
    );
}

#[test]
fn mapping_files() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let text = format!("format = \"leadfold-amocrm/1\"\n{text}");
        let error = StatusMap::parse(&text, "a.toml", CrmSystem::Amocrm).expect_err("a fault");
        assert_eq!(error.to_string(), expected);
    }
    check(
        "curency = \"EUR\"",
        "a.toml, line 2: unknown field `curency`, expected one of `format`, `system`, \
         `handed_off_to`, `currency`, `lead`, `deal`; correct it as docs/CRM.md says",
    );
    check(
        "currency = \"euro\"",
        "a.toml, line 2: expected an ISO 4217 code such as `EUR`, found `euro`; write such a code",
    );
    check(
        "system = \"\"",
        "a.toml, line 2: expected a name of the system of 1 to 200 bytes, found another text; \
         correct it",
    );
    check(
        "[lead]\n142 = \"sql\"",
        "a.toml, line 3: expected [deal], found [lead]: what amoCRM calls a lead is a deal here; \
         put its statuses into [deal]",
    );
    check(
        "[deal]\n\n142 = [\"customer\", \"won\"]",
        "a.toml, line 4: expected `new`, `mql`, `handed_off`, `accepted`, `sql`, `nurturing`, \
         `disqualified`, `opportunity`, `stage`, `customer` or `lost`, found `won`; write one of \
         these words",
    );
    for key in ["abc", "0142", "0", "-1"] {
        let expected = format!(
            "a.toml, line 4: expected the ID of a status (a whole number from 1), found `{key}`; \
             write the ID that amoCRM gives it"
        );
        check(&format!("[deal]\n142 = \"customer\"\n{key} = \"lost\""), &expected);
    }
    check(
        "[deal]\n142 = 7",
        "a.toml, line 3: invalid type: integer `7`, expected a quoted text or a list of them; \
         correct it as docs/CRM.md says",
    );
}
