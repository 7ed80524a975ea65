//! What the rules of a mapping make of rows.

use std::{fs, path::PathBuf};

use leadfold_import::{Mapping, MemoryCensus};
use serde_json::{Value, json};

/// Maps a file; each row gives `line: event`, or `line! code`.
fn run_in(folder: &str, rules: &str, csv: &str) -> Vec<String> {
    let head = "format = \"leadfold-mapping/1\"\nsystem = \"crm\"\nlead = \"{id}\"\n";
    let text = format!("{head}{rules}");
    let mapping = Mapping::parse(&text, "crm.toml").unwrap_or_else(|error| panic!("{error}"));
    let census = MemoryCensus::default();
    let rows = mapping.read(csv.as_bytes(), "crm.csv", folder.as_ref(), census);
    rows.unwrap_or_else(|error| panic!("{error}"))
        .map(|line| match line {
            Ok(line) => format!("{}: {}", line.line, summary(&json!(line.event))),
            Err(error) => format!("{}! {}", error.line, error.code()),
        })
        .collect()
}

fn run(rules: &str, csv: &str) -> Vec<String> {
    run_in(".", rules, csv)
}

/// Lead, type, time and precision, and the data where there are any.
fn summary(event: &Value) -> String {
    let text = |name: &str| event[name].as_str().unwrap_or("us").to_owned();
    let head = [text("lead"), text("type"), text("occurred_at"), text("precision")].join(" ");
    match &event["data"] {
        Value::Object(data) if data.is_empty() => head,
        data => format!("{head} {data}"),
    }
}

const INPUT: &str = "input.file = \"crm.csv\"\n";

#[test]
fn one_row_may_be_several_events_and_one_or_none() {
    let rules = format!(
        "{INPUT}\
         ignore = [{{ when = {{ stage = [\"Test\", \"Trash\"] }} }}]\n\
         [[event]]\ntype = \"captured\"\nat = \"{{created}}\"\n\
         when = {{ created = {{ present = true }} }}\n\
         [[event]]\ntype = \"won\"\nat = \"{{closed}}\"\n\
         when = {{ stage = \"Won\", closed = {{ present = true }} }}\n\
         [[event]]\ntype = \"lost\"\nat = [\"{{closed}}\", \"{{created}}\"]\n\
         when = {{ stage = \"Lost\", value = {{ present = false }} }}\n"
    );
    let csv = "id,stage,created,closed,value\n\
               a,Won,2024-01-01,2024-02-01,5\n\
               b,Test,2024-01-01,,\n\
               c,Lost,2024-01-02,,\n\
               d,Lost,,2024-01-03,\n\
               e,Won,,,\n";
    assert_eq!(
        run(&rules, csv),
        [
            "2: a captured 2024-01-01T00:00:00Z day",
            "2: a won 2024-02-01T00:00:00Z day",
            "4: c captured 2024-01-02T00:00:00Z day",
            "4: c lost 2024-01-02T00:00:00Z day",
            "5: d lost 2024-01-03T00:00:00Z day",
            "6! unmatched_row",
        ]
    );
    let lenient = format!("unmatched = \"ignore\"\n{rules}");
    assert_eq!(run(&lenient, csv).len(), 5);
}

#[test]
fn once_is_the_first_row_of_the_lead_that_the_rule_matches() {
    let rules = format!(
        "{INPUT}\
         [[event]]\ntype = \"captured\"\nonce = \"lead\"\nat = \"{{day}}\"\n\
         [[event]]\ntype = \"won\"\nonce = \"lead\"\nat = \"{{day}}\"\nwhen = {{ paid = \"1\" }}\n\
         [[event]]\ntype = \"touched\"\nat = \"{{day}}\"\n"
    );
    let csv = "id,day,paid\na,2024-01-01,0\nb,2024-01-01,1\na,2024-01-02,1\na,2024-01-03,1\n";
    let kinds: Vec<_> = run(&rules, csv)
        .iter()
        .map(|line| line.split(" 2024").next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(
        kinds,
        [
            "2: a captured",
            "2: a touched",
            "3: b captured",
            "3: b won",
            "3: b touched",
            "4: a won",
            "4: a touched",
            "5: a touched",
        ]
    );
}

#[test]
fn mending_a_first_row_adds_just_its_own_events() {
    let rules = format!(
        "{INPUT}\
         [[event]]\ntype = \"captured\"\nonce = \"lead\"\nat = \"{{day}}\"\n\
         [[event]]\ntype = \"revenue_recorded\"\nat = \"{{day}}\"\n\
         data = {{ amount = \"{{paid | money 2}}\" }}\n"
    );
    let broken = run(&rules, "id,day,paid\na,2024-01-01,x\na,2024-01-02,1\n");
    let mended = run(&rules, "id,day,paid\na,2024-01-01,7\na,2024-01-02,1\n");
    assert_eq!(
        broken,
        ["2! bad_number", r#"3: a revenue_recorded 2024-01-02T00:00:00Z day {"amount":100}"#,]
    );
    assert_eq!(mended[2..], broken[1..]);
    assert_eq!(mended[0], "2: a captured 2024-01-01T00:00:00Z day");
}

#[test]
fn a_value_with_an_empty_cell_is_no_value() {
    let rules = format!(
        "actor = {{ kind = \"user\", id = \"{{by}}\" }}\n{INPUT}\
         [[event]]\ntype = \"captured\"\nat = \"{{day}}\"\norigin_id = \"row-{{id}}\"\n\
         [event.data]\nsource = \"{{a}}/{{b}}\"\nliteral = \"{{{{{{a}}}}}}\"\nflag = true\n\
         list = [\"{{a}}\", \"{{b}}\"]\n\
         attributes = {{ b = \"{{b}}\", n = \"{{n | number}}\" }}\n\
         pii = {{ email = \"{{b}}\" }}\n"
    );
    let text =
        format!("format = \"leadfold-mapping/1\"\nsystem = \"crm\"\nlead = \"{{id}}\"\n{rules}");
    let mapping = Mapping::parse(&text, "crm.toml").expect("the mapping is sound");
    let csv = "id,day,a,b,n,by\n1,2024-01-01,x,,-0.50,\n2,2024-01-01,x,y,7,anna\n";
    let rows = mapping.read(csv.as_bytes(), "crm.csv", ".".as_ref(), MemoryCensus::default());
    let events: Vec<_> = rows
        .expect("the header is sound")
        .map(|line| json!(line.expect("the row is sound").event))
        .collect();
    assert_eq!(
        events[0],
        json!({
            "lead": "1", "type": "captured", "occurred_at": "2024-01-01T00:00:00Z", "precision": "day",
            "actor": { "kind": "user" }, "origin": { "system": "crm", "id": "row-1" },
            "data": { "literal": "{x}", "flag": true, "list": ["x"], "attributes": { "n": -0.5 } },
        })
    );
    assert_eq!(
        events[1]["data"],
        json!({
            "source": "x/y", "literal": "{x}", "flag": true, "list": ["x", "y"],
            "attributes": { "b": "y", "n": 7 }, "pii": { "email": "y" },
        })
    );
    assert_eq!(events[1]["actor"], json!({ "kind": "user", "id": "anna" }));
}

#[test]
fn other_dialects() {
    let rules = "input = { file = \"x\", delimiter = \";\", decimal_mark = \",\", \
                 columns = [\"id\", \"day\", \"paid\"] }\n\
                 time = { formats = [\"%d.%m.%Y\"] }\n\
                 [[event]]\ntype = \"won\"\nat = \"{day}\"\n\
                 data = { amount = \"{paid | money 2}\" }\n";
    let lines = run(rules, "a;1.2.2024;1234,5\n");
    assert_eq!(lines, [r#"1: a won 2024-02-01T00:00:00Z day {"amount":123450}"#]);
}

fn times(time: &str, cells: &[&str]) -> Vec<String> {
    let rules = format!("{INPUT}time = {time}\n[[event]]\ntype = \"won\"\nat = \"{{day}}\"\n");
    let rows: String = cells.iter().map(|cell| format!("a,{cell}\n")).collect();
    let lines = run(&rules, &format!("id,day\n{rows}"));
    let short = |line: &String| line.split_once(' ').map_or("", |(_, rest)| rest).to_owned();
    lines.iter().map(|line| short(line).replace("a won ", "")).collect()
}

#[test]
fn a_format_tells_the_precision() {
    let formats =
        r#"{ formats = ["%+", "%Y-%m-%d %H:%M:%S%.3f", "%Y-%m-%d %H:%M", "%s", "%Y-%m-%d"] }"#;
    let cells = [
        "2024-05-01T10:00:00.1234567+02:00",
        "2024-05-01 10:00:00.123",
        "2024-05-01 10:00",
        "1714557600",
        "2024-05-01",
    ];
    assert_eq!(
        times(formats, &cells),
        [
            "2024-05-01T10:00:00.123456+02:00 us",
            "2024-05-01T10:00:00.123Z ms",
            "2024-05-01T10:00:00Z s",
            "2024-05-01T10:00:00Z s",
            "2024-05-01T00:00:00Z day",
        ]
    );
}

#[test]
fn wall_clocks_are_read_in_their_zone() {
    let zoned = |zone: &str, more: &str| {
        format!(r#"{{ zone = "{zone}", formats = ["%F %H:%M", "%F"]{more} }}"#)
    };
    let cells = ["2024-01-01", "2024-07-01 12:00", "2024-10-27 02:30", "2024-03-31 02:30"];
    let earlier = times(&zoned("Europe/Amsterdam", ""), &cells);
    assert_eq!(
        earlier[..3],
        [
            "2024-01-01T00:00:00+01:00 day",
            "2024-07-01T12:00:00+02:00 s",
            "2024-10-27T02:30:00+02:00 s",
        ]
    );
    assert_eq!(earlier[3], "nonexistent_time");
    let later = times(&zoned("Europe/Amsterdam", r#", ambiguous = "later""#), &cells[2..3]);
    assert_eq!(later, ["2024-10-27T02:30:00+01:00 s"]);
    // Beirut's clocks skip midnight, Havana's show it twice, Apia skipped the whole day.
    assert_eq!(
        times(&zoned("Asia/Beirut", ""), &["2024-03-31"]),
        ["2024-03-31T01:00:00+03:00 day"]
    );
    let havana = times(&zoned("America/Havana", r#", ambiguous = "refuse""#), &["2024-11-03"]);
    assert_eq!(havana, ["2024-11-03T00:00:00-04:00 day"]);
    assert_eq!(times(&zoned("Pacific/Apia", ""), &["2011-12-30"]), ["nonexistent_time"]);
    // Offsets of seconds are of another age and have no place in RFC 3339.
    let old = times(&zoned("Europe/Amsterdam", ""), &["1900-01-01"]);
    assert!(old[0].ends_with("Z day") || old[0].ends_with("+00:18 day"), "{}", old[0]);
}

#[test]
fn rows_are_joined_by_corrected_keys() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("joined");
    fs::create_dir_all(&folder).expect("the build's folder can be written");
    let products = "name;series;price\nPro;S1;9\nBasic;s-2;4\n;none;0\n";
    fs::write(folder.join("p.csv"), products).expect("the build's folder can be written");
    let rules = "input.file = \"crm.csv\"\n\
         replace.product = { \"P-ro\" = \"Pro\" }\n\
         replace.\"p.series\" = { \"s-2\" = \"S2\" }\n\
         ignore = [{ when = { product = \"Gone\" } }]\n\
         [join.p]\nfile = \"p.csv\"\nkey = \"name\"\non = \"product\"\ndelimiter = \";\"\n\
         [[event]]\ntype = \"won\"\nat = \"{day}\"\n\
         data = { product = \"{product}\", series = \"{p.series}\" }\n";
    let csv = "id,day,product\na,2024-01-01,P-ro\nb,2024-01-01,Basic\nc,2024-01-01,\n\
               d,2024-01-01,New\ne,2024-01-01,Gone\n";
    let folder = folder.to_str().expect("the build's folder is UTF-8");
    let mut expected = vec![
        r#"2: a won 2024-01-01T00:00:00Z day {"product":"Pro","series":"S1"}"#,
        r#"3: b won 2024-01-01T00:00:00Z day {"product":"Basic","series":"S2"}"#,
        "4: c won 2024-01-01T00:00:00Z day",
        "5! not_joined",
    ];
    assert_eq!(run_in(folder, rules, csv), expected);
    let lenient = rules.replace("on = ", "missing = \"empty\"\non = ");
    expected[3] = r#"5: d won 2024-01-01T00:00:00Z day {"product":"New"}"#;
    assert_eq!(run_in(folder, &lenient, csv), expected);
}
