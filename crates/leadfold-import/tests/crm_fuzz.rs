//! Exports with anything wrong in them: nothing panics, every row is events or a refusal, and what
//! comes out is what the log takes or refuses in its own words.

use std::{collections::BTreeMap, fs, path::PathBuf};

use leadfold_core::event::EventLine;
use leadfold_import::{CrmFile, CrmRow, CrmSystem, LeftOut, StatusMap, amocrm, bitrix24};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

fn fixture(folder: &str, name: &str) -> String {
    let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/../leadfold-cli/tests/cli");
    fs::read_to_string(PathBuf::from(tests).join(folder).join(name)).expect("the file is there")
}

const PORTAL: [&str; 5] = [
    "crm.lead.list.0.json",
    "crm.lead.list.1.json",
    "crm.deal.list.json",
    "crm.stagehistory.list.leads.json",
    "crm.stagehistory.list.deals.json",
];
const ACCOUNT: [&str; 3] = ["webhooks.txt", "events.json", "leads.json"];

fn maps(system: CrmSystem) -> [StatusMap; 2] {
    let text = match system {
        CrmSystem::Bitrix24 => {
            "format = 'leadfold-bitrix24/1'\nlead.PROCESSED = ['mql', 'handed_off']\n\
             deal.EXECUTING = ['accepted', 'opportunity']"
        }
        CrmSystem::Amocrm => "format = 'leadfold-amocrm/1'\ndeal.9002 = ['sql', 'opportunity']",
    };
    [StatusMap::of(system), StatusMap::parse(text, "map.toml", system).expect("a sound map")]
}

fn read(system: CrmSystem, texts: &[Vec<u8>], map: &StatusMap) -> (Vec<CrmRow>, LeftOut) {
    let file = |(n, text): (usize, &Vec<u8>)| CrmFile::Text {
        name: format!("file {n}"),
        text: text.clone(),
    };
    let files: Vec<_> = texts.iter().enumerate().map(file).collect();
    let mut rows = Vec::new();
    let mut take = |row| {
        rows.push(row);
        true
    };
    let left_out = match system {
        CrmSystem::Bitrix24 => bitrix24::read(&files, map, &mut take),
        CrmSystem::Amocrm => amocrm::read(&files, map, &mut take),
    };
    (rows, left_out.expect("memory can be read"))
}

/// Reads twice with each map, and holds the rows against what must hold of all of them.
fn check(system: CrmSystem, texts: &[Vec<u8>]) {
    for map in maps(system) {
        let (rows, left_out) = read(system, texts, &map);
        let (again, left_out_again) = read(system, texts, &map);
        assert_eq!(format!("{rows:?}"), format!("{again:?}"));
        assert_eq!(left_out, left_out_again);
        let mut known = BTreeMap::new();
        for row in &rows {
            assert!(row.file < texts.len() && row.line > 0);
            let Ok(events) = &row.outcome else { continue };
            assert!(!events.is_empty());
            for event in events {
                assert!(event["origin"]["id"].as_str().is_some_and(|name| !name.is_empty()));
                // One name is one id, and the other way round.
                let name =
                    known.entry(event["id"].to_string()).or_insert_with(|| event["origin"].clone());
                assert_eq!(name, &event["origin"]);
                let line = Value::Object(event.clone()).to_string();
                if let Err(error) = EventLine::parse(line.as_bytes()) {
                    assert!(!error.to_string().is_empty());
                }
            }
        }
    }
}

#[test]
fn the_sound_export_is_taken_whole() {
    for (system, folder, names) in
        [(CrmSystem::Bitrix24, "portal", &PORTAL[..]), (CrmSystem::Amocrm, "account", &ACCOUNT[..])]
    {
        let texts: Vec<_> = names.iter().map(|name| fixture(folder, name).into_bytes()).collect();
        check(system, &texts);
        for map in maps(system) {
            let (rows, _) = read(system, &texts, &map);
            for row in rows {
                for event in row.outcome.expect("a sound row") {
                    let line = Value::Object(event).to_string();
                    EventLine::parse(line.as_bytes()).expect("an event of the log");
                }
            }
        }
    }
}

/// Everything else that may stand where a value stood.
fn other_value() -> impl Strategy<Value = Value> {
    let deep = (0..90).fold(json!(1), |inner, _| json!([inner]));
    select(vec![
        json!(null),
        json!(""),
        json!("0"),
        json!(0),
        json!(-1),
        json!(1e300),
        json!(0.1),
        json!(u64::MAX),
        json!(i64::MIN),
        json!("99999999999999999999999999"),
        json!("x".repeat(70_000)),
        json!("\u{0}\u{7f}\n"),
        json!("2024-02-30T00:00:00Z"),
        json!("9999-12-31T23:59:59-23:59"),
        json!("0000-01-01T00:00:00+23:59"),
        json!("WON"),
        json!(true),
        json!([]),
        json!({}),
        json!([{ "ID": "1" }]),
        deep,
    ])
}

/// Replaces the n-th value of a tree, counted from its root.
fn mutate(value: &mut Value, n: &mut usize, other: &Value) -> bool {
    if *n == 0 {
        *value = other.clone();
        return true;
    }
    *n -= 1;
    match value {
        Value::Array(items) => items.iter_mut().any(|item| mutate(item, n, other)),
        Value::Object(fields) => fields.iter_mut().any(|(_, field)| mutate(field, n, other)),
        _ => false,
    }
}

/// Changes of bytes: put one in, take some out, cut the rest off.
fn spoil(text: &mut Vec<u8>, changes: &[(usize, u8, u8)]) {
    for (place, kind, byte) in changes {
        let place = place % text.len().max(1);
        match kind {
            0 if place < text.len() => text[place] = *byte,
            1 => text.insert(place.min(text.len()), *byte),
            2 => drop(text.drain(place..(place + usize::from(*byte)).min(text.len()))),
            3 => text.truncate(place),
            _ => {}
        }
    }
}

fn changes() -> impl Strategy<Value = Vec<(usize, u8, u8)>> {
    let byte = select(b"\"{}[],:&=%\n\\0\xff\xef a".to_vec());
    vec((any::<usize>(), 0u8..4, byte), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn spoiled_bytes(changes in changes(), n in 0usize..8) {
        let names = PORTAL.iter().map(|name| ("portal", *name));
        let (folder, name) = names.chain(ACCOUNT.iter().map(|name| ("account", *name))).nth(n).expect("eight files");
        let mut text = fixture(folder, name).into_bytes();
        spoil(&mut text, &changes);
        check(CrmSystem::Bitrix24, std::slice::from_ref(&text));
        check(CrmSystem::Amocrm, &[text]);
    }

    #[test]
    fn spoiled_values(places in vec((0usize..5, 0usize..400, other_value()), 1..4)) {
        let mut pages: Vec<Value> = PORTAL
            .iter()
            .map(|name| serde_json::from_str(&fixture("portal", name)).expect("JSON"))
            .collect();
        for (page, place, other) in &places {
            mutate(&mut pages[*page], &mut place.clone(), other);
        }
        let texts: Vec<_> = pages.iter().map(|page| page.to_string().into_bytes()).collect();
        check(CrmSystem::Bitrix24, &texts);
    }

    #[test]
    fn spoiled_pages_of_amocrm(places in vec((0usize..2, 0usize..300, other_value()), 1..4)) {
        let mut pages: Vec<Value> = ACCOUNT[1..]
            .iter()
            .map(|name| serde_json::from_str(&fixture("account", name)).expect("JSON"))
            .collect();
        for (page, place, other) in &places {
            mutate(&mut pages[*page], &mut place.clone(), other);
        }
        let texts: Vec<_> = pages.iter().map(|page| page.to_string().into_bytes()).collect();
        check(CrmSystem::Amocrm, &texts);
    }
}
