//! The three examples read the real data that they are written for, to the last row.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use leadfold_import::{Line, Mapping, MemoryCensus};
use serde_json::{Value, json};

/// The data folder; none, with a word, where it is not at hand. CI must have it.
fn data(folder: &str) -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let path = env::var_os("LEADFOLD_DATA").map_or_else(|| beside.into(), PathBuf::from);
    let path = path.join(folder);
    if path.is_dir() {
        return Some(path);
    }
    assert!(env::var_os("CI").is_none(), "no data in {}; set LEADFOLD_DATA", path.display());
    println!("skipped: no data in {}; set LEADFOLD_DATA", path.display());
    None
}

fn reference(folder: &Path) -> Value {
    let text = fs::read_to_string(folder.join("reference.json")).expect("the reference is there");
    serde_json::from_str(&text).expect("the reference is JSON")
}

fn import(example: &str, folder: &Path) -> Vec<Line> {
    let path = format!("{}/../../examples/{example}", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).expect("the example is there");
    let mapping = Mapping::parse(&text, example).unwrap_or_else(|error| panic!("{error}"));
    let rows = mapping.open(folder, MemoryCensus::default());
    let mut rows = rows.unwrap_or_else(|error| panic!("{error}"));
    let lines: Result<Vec<_>, _> = rows.by_ref().collect();
    assert_eq!(Some(rows.bytes_read()), rows.bytes_total());
    lines.unwrap_or_else(|error| panic!("{error}"))
}

fn count(lines: &[Line], key: impl Fn(&Line) -> String) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for line in lines {
        *counts.entry(key(line)).or_default() += 1;
    }
    counts
}

/// `qualified mql`, `won`: the type, and the level where it has one.
fn kind(line: &Line) -> String {
    let level = line.event["data"]["level"].as_str().unwrap_or_default();
    format!("{} {level}", line.event["type"].as_str().unwrap_or_default()).trim_end().to_owned()
}

fn sum(lines: &[Line], kind: &str) -> i64 {
    let lines = lines.iter().filter(|line| line.event["type"] == kind);
    lines.map(|line| line.event["data"]["amount"].as_i64().expect("an integer")).sum()
}

fn expect_counts(lines: &[Line], expected: &[(&str, &Value)]) {
    let expected: BTreeMap<_, _> =
        expected.iter().map(|(kind, n)| (kind.to_string(), n.as_u64().expect("a count"))).collect();
    assert_eq!(count(lines, kind), expected);
}

#[test]
fn bpic2012_every_activity_but_the_end_marks_is_an_event() {
    let Some(folder) = data("bpic2012") else { return };
    let reference = reference(&folder);
    let lines = import("bpic2012.toml", &folder);
    let n = &reference["activity_counts"];
    let touched: u64 = ["A_PARTLYSUBMITTED", "A_APPROVED", "A_REGISTERED"]
        .iter()
        .map(|activity| n[activity].as_u64().expect("a count"))
        .sum();
    expect_counts(
        &lines,
        &[
            ("captured", &n["A_SUBMITTED"]),
            ("touched", &json!(touched)),
            ("qualified mql", &n["A_PREACCEPTED"]),
            ("handed_off", &n["A_PREACCEPTED"]),
            ("accepted", &n["A_ACCEPTED"]),
            ("qualified sql", &n["A_FINALIZED"]),
            ("won", &n["A_ACTIVATED"]),
            ("disqualified", &n["A_DECLINED"]),
            ("lost", &n["A_CANCELLED"]),
        ],
    );
    let rows = count(&lines, |line| line.line.to_string());
    assert_eq!(rows.len() as u64, reference["events"].as_u64().expect("a count"));
    let cases = count(&lines, |line| line.event["lead"].to_string());
    assert_eq!(cases.len() as u64, reference["cases"].as_u64().expect("a count"));
    let first = json!({
        "lead": "0",
        "type": "captured",
        "occurred_at": "2011-09-30T22:38:44.546Z",
        "origin": { "system": "bpic2012" },
        "data": {},
    });
    assert_eq!((lines[0].line, json!(lines[0].event)), (2, first));
    let times = lines.iter().map(|line| line.event["occurred_at"].as_str().expect("a text"));
    assert_eq!(times.max(), Some("2012-03-14T14:33:57.651Z"));
}

#[test]
fn maven_crm_every_dated_row_is_a_life_and_every_other_a_snapshot() {
    let Some(folder) = data("maven_crm") else { return };
    let reference = reference(&folder);
    let lines = import("maven_crm.toml", &folder);
    let stages = &reference["stages"];
    let of = |stage: &str| stages[stage].as_u64().expect("a count");
    let engaged = json!(of("Engaging") + of("Won") + of("Lost"));
    expect_counts(
        &lines,
        &[
            ("captured", &engaged),
            ("assigned", &engaged),
            ("qualified sql", &engaged),
            ("opportunity_opened", &engaged),
            ("won", &stages["Won"]),
            ("lost", &stages["Lost"]),
            ("snapshot_imported", &stages["Prospecting"]),
        ],
    );
    let won = reference["won_value_sum"].as_i64().expect("a sum");
    assert_eq!(sum(&lines, "won"), won * 100);

    let described = |name: &str| {
        let begun = lines.iter().filter(|line| line.event["data"]["attributes"].is_object());
        begun.filter(|line| line.event["data"]["attributes"][name].is_string()).count()
    };
    let rows = reference["rows"].as_u64().expect("a count") as usize;
    let nulls = reference["nulls"]["account"].as_u64().expect("a count") as usize;
    assert_eq!([described("series"), described("region"), described("product")], [rows; 3]);
    assert_eq!([described("account"), described("sector")], [rows - nulls; 2]);
    assert!(!lines.iter().any(|line| json!(line.event).to_string().contains("GTXPro")));
    assert!(lines.iter().all(|line| line.event["precision"] == "day"));
    expect_first_deal(&lines);
}

/// The first row of the pipeline, whole.
fn expect_first_deal(lines: &[Line]) {
    let deal: Vec<_> = lines.iter().filter(|line| line.line == 2).collect();
    let kinds: Vec<_> = deal.iter().map(|line| kind(line)).collect();
    let expected = ["captured", "assigned", "qualified sql", "opportunity_opened", "won"];
    assert_eq!(kinds, expected);
    assert_eq!(deal[0].event["data"]["origin"], "sales_generated");
    assert_eq!(deal[0].event["occurred_at"], "2016-10-20T00:00:00Z");
    let won = json!({ "opportunity": "1C1I7A6R", "amount": 105_400, "currency": "USD" });
    assert_eq!(deal[4].event["data"], won);
    assert_eq!(deal[4].event["occurred_at"], "2017-03-01T00:00:00Z");
}

#[test]
fn cdnow_every_purchase_is_revenue_and_every_first_one_a_life() {
    let Some(folder) = data("cdnow") else { return };
    let reference = reference(&folder);
    let lines = import("cdnow.toml", &folder);
    let customers = &reference["customers"];
    expect_counts(
        &lines,
        &[
            ("captured", customers),
            ("qualified mql", customers),
            ("handed_off", customers),
            ("won", customers),
            ("revenue_recorded", &reference["transactions"]),
        ],
    );
    assert_eq!(sum(&lines, "revenue_recorded"), 250_031_563);
    let first: Vec<_> = lines.iter().take(5).map(kind).collect();
    let expected = ["captured", "qualified mql", "handed_off", "won", "revenue_recorded"];
    assert_eq!(first, expected);
    assert_eq!(lines[4].event["occurred_at"], "1997-01-01T00:00:00Z");
    assert_eq!(lines[4].event["data"], json!({ "amount": 1177, "currency": "USD" }));
}
