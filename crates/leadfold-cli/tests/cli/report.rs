//! The report: its figures are those of the other commands, and its file is whole or not there.

#[path = "../../../leadfold-report/tests/page/reader.rs"]
mod reader;

mod figures;

use serde_json::json;

use self::reader::read;
use crate::support::{Desk, SMALL};

#[test]
fn a_report_is_written_and_says_where() {
    let desk = Desk::with_log(SMALL);
    let ran = desk.run(&["report", "--out", "report.html"]).ok();
    assert_eq!(ran.out, "report as of 2024-02-14T10:00:00Z written to report.html\n");
    let bounds = ["--as-of", "2024-02-13", "--from", "2024-02-01", "--known-at", "2024-03-01"];
    let answer = desk.json(&[&["report", "--out", "report.html"][..], &bounds].concat());
    let expected = json!({
        "as_of": "2024-02-13T00:00:00Z", "known_at": "2024-03-01T00:00:00Z",
        "from": "2024-02-01T00:00:00Z", "to": null,
        "file": "report.html", "bytes": desk.read("report.html").len(),
    });
    assert_eq!(answer, expected);
    let head = read(&desk.read("report.html")).tagged("header")[0].text();
    for part in ["2024-02-13 00:00 UTC", "8 events", "default 1, built in", "from 2024-02-01 00:00"]
    {
        assert!(head.contains(part), "{part}: {head}");
    }
}

#[test]
fn equal_logs_make_equal_pages() {
    let desk = Desk::with_log(SMALL);
    desk.run(&["report", "--out", "first.html"]).ok();
    desk.run(&["report", "--out", "second.html"]).ok();
    let page = desk.run(&["report", "--out", "-"]).ok().out;
    assert!(page == desk.read("first.html") && page == desk.read("second.html"));
    assert_eq!(
        desk.run(&["report", "--out", "/dev/stdout", "--json"]).ok().out.find(&page),
        Some(0)
    );
}

#[test]
fn standard_output_takes_one_document() {
    let ran = Desk::with_log(SMALL).run(&["report", "--out", "-", "--json"]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("found --json with --out -; leave one of them out"), "{}", ran.err);
}

#[test]
fn a_report_that_fails_leaves_what_was_there() {
    let desk = Desk::with_log(SMALL);
    desk.write("report.html", "before");
    for (args, status) in [
        (&["--by", "colour"][..], 2),
        (&["--from", "2024-03-01", "--to", "2024-02-01"], 2),
        (&["--rows", "0"], 2),
        (&["--playbook", "none.toml"], 3),
        (&["--store", "none.db"], 4),
    ] {
        let args = [&["report", "--out", "report.html"], args].concat();
        let ran = desk.run(&args);
        assert_eq!((ran.status, ran.out.as_str()), (status, ""), "{args:?}: {}", ran.err);
        assert_eq!(desk.read("report.html"), "before");
    }
    for (out, status) in [("leads.db", 2), ("leads.db-wal", 2), ("none/report.html", 4), (".", 4)] {
        let ran = desk.run(&["report", "--out", out]);
        assert_eq!((ran.status, ran.out.as_str()), (status, ""), "{out}: {}", ran.err);
    }
    assert_eq!(desk.run(&["report"]).status, 2);
    let left = std::fs::read_dir(desk.path(".")).expect("a folder");
    assert!(left.flatten().all(|file| !file.file_name().to_string_lossy().ends_with(".part")));
}

#[test]
fn no_personal_data_gets_into_a_page() {
    let line = r#"{"lead":"L1","type":"captured","occurred_at":"2024-02-01T09:00:00Z","data":{"source":"fair","pii":{"name":"Ann Example","email":"ann@example.org","phone":"+49 30 1","company":"Example Ltd"}}}"#;
    let desk = Desk::with_log(&format!("{line}\n"));
    let page = desk.run(&["report", "--out", "-"]).ok().out;
    assert!(page.contains("fair"));
    for secret in ["Ann", "example.org", "+49", "Example Ltd"] {
        assert!(!page.contains(secret), "{secret}");
    }
}

#[test]
fn names_of_the_log_are_texts() {
    let evil = "</title><script>alert(1)</script><img src=x onerror=alert(1)>";
    let event = |kind: &str, day: u32, data: serde_json::Value| {
        let at = format!("2024-02-{day:02}T09:00:00Z");
        json!({"lead": evil, "type": kind, "occurred_at": at, "data": data}).to_string() + "\n"
    };
    let log = [
        event("captured", 1, json!({"source": evil})),
        event("handed_off", 2, json!({"to": evil})),
        event(
            "opportunity_opened",
            3,
            json!({"opportunity": evil, "amount": 1, "currency": "EUR"}),
        ),
        event("lost", 20, json!({"opportunity": evil, "reason": evil})),
    ];
    let desk = Desk::with_log(&log.concat());
    desk.write("evil.toml", format!("name = {evil:?}\nversion = \"<b>\"\n"));
    let ran = desk.run(&["report", "--out", "-", "--playbook", "evil.toml"]).ok();
    let page = read(&ran.out);
    assert!(page.tagged("script").is_empty() && page.tagged("img").is_empty());
    assert!(page.tagged("b").iter().all(|b| b.text() == "What to do: "));
    assert!(page.text().matches(evil).count() >= 6, "{}", page.text());
}

#[test]
fn a_log_without_leads_or_with_one_gives_a_page() {
    let empty = Desk::new();
    empty.write("log.ndjson", "");
    empty.run(&["import", "log.ndjson"]).ok();
    let one = r#"{"lead":"L1","type":"captured","occurred_at":"2024-02-01T09:00:00Z"}"#;
    let cost = r#"{"type":"cost_recorded","occurred_at":"2024-02-01T09:00:00Z","data":{"amount":1,"currency":"EUR","scope":{},"from":"2024-02-01","to":"2024-02-01"}}"#;
    for desk in [empty, Desk::with_log(one), Desk::with_log(cost)] {
        let html = desk.run(&["report", "--out", "-"]).ok().out;
        assert!(!html.contains("NaN"), "{html}");
        let page = read(&html);
        assert_eq!(page.find("glance-accepted").text(), "none");
        assert!(page.find("handoffs").text().contains("No lead was handed off by then."));
    }
}

#[test]
fn deals_of_another_time_are_none_of_a_period() {
    // The log has a deal, which was won before.
    let args = ["report", "--out", "-", "--from", "2024-02-13"];
    let page = Desk::with_log(SMALL).run(&args).ok().out;
    let deals = read(&page).find("deals").text();
    let expected = "No opportunity was closed from 2024-02-13 00:00 UTC on, and none is open.";
    assert!(deals.contains(expected), "{deals}");
}

#[test]
fn findings_are_none_only_where_none_was_found() {
    let desk = Desk::with_log(SMALL);
    let page = read(&desk.run(&["report", "--out", "-", "--examples", "0"]).ok().out);
    let found = desk.json(&["audit"])["findings"].as_array().expect("a list").len();
    let expected = format!("Of {found} findings none is shown. leadfold audit --json has them all");
    assert!(page.find("examples").text().contains(&expected), "{}", page.find("examples").text());
}

#[test]
fn a_page_says_why_nothing_is_in_it() {
    let head = |desk: &Desk, args: &[&str]| {
        let page = desk.run(&[&["report", "--out", "-"], args].concat()).ok().out;
        read(&page).tagged("header")[0].text()
    };
    let full = Desk::with_log(SMALL);
    let unknown = head(&full, &["--known-at", "2024-01-31T23:59:59Z"]);
    let expected = "By 2024-01-31 23:59:59 UTC nothing was known to have happened.";
    assert!(unknown.contains(expected) && unknown.contains("8 events"), "{unknown}");
    let published = Desk::with_log("");
    published.write("b2b.toml", "name = \"b2b\"\nversion = \"7\"\n");
    published.run(&["playbook", "publish", "b2b.toml", "--at", "2024-02-01"]).ok();
    let alone = head(&published, &[]);
    assert!(alone.contains("The log has published playbooks alone"), "{alone}");
    for head in [&unknown, &alone] {
        assert!(!head.contains("in this log yet") && !head.contains("no event yet"), "{head}");
    }
    let empty = head(&Desk::with_log(""), &[]);
    assert!(empty.contains("The log is empty.") && empty.contains("0 events"), "{empty}");
}

#[test]
fn the_zones_of_days_and_of_working_time_are_told() {
    let desk = Desk::with_log(SMALL);
    let calendar = "[calendar]\nzone = \"Europe/Berlin\"\nmon = [\"09:00-17:00\"]\n";
    desk.write("b2b.toml", format!("name = \"b2b\"\nversion = \"7\"\n\n{calendar}"));
    let page =
        |args: &[&str]| read(&desk.run(&[&["report", "--out", "-"], args].concat()).ok().out);
    let plain = page(&[]);
    assert!(!plain.text().contains("Time zone") && !plain.text().contains("Dates and times"));
    assert!(plain.tagged("footer")[0].text().contains("Times of day are UTC."));
    let args = ["--tz", "America/New_York", "--by", "cohort", "--playbook", "b2b.toml"];
    let head = page(&args).tagged("header")[0].text();
    assert!(head.contains("Time zoneAmerica/New_York, in which days and months begin"), "{head}");
    assert!(head.contains("its working time is that of Europe/Berlin"), "{head}");
}

#[test]
fn a_period_is_not_told_in_the_words_of_a_cohort() {
    let desk = Desk::with_log(SMALL);
    let page = |args: &[&str]| {
        let page = read(&desk.run(&[&["report", "--out", "-"], args].concat()).ok().out);
        let part = |id: &str| page.find(id).text();
        (part("stages"), part("survival"), part("glance"))
    };
    let (stages, survival, glance) = page(&["--from", "2024-02-01"]);
    assert!(stages.contains("In it now") && survival.starts_with("Won in time (Kaplan-Meier)"));
    assert!(glance.contains("of the leads captured in the period"), "{glance}");
    let (stages, survival, glance) = page(&["--from", "2024-02-01", "--kind", "period"]);
    assert!(stages.contains("Entered then, still in it") && !stages.contains("In it now"));
    assert!(survival.starts_with("Won in time, of the leads captured in the period"), "{survival}");
    assert!(glance.contains("of the wins in the period"), "{glance}");
}

#[test]
fn revenue_is_told_with_what_refunds_are_to_it() {
    let cost = r#"{"type":"cost_recorded","occurred_at":"2024-02-01T09:00:00Z","data":{"amount":1,"currency":"EUR","scope":{},"from":"2024-02-01","to":"2024-02-01"}}"#;
    let page = Desk::with_log(&format!("{SMALL}{cost}\n")).run(&["report", "--out", "-"]).ok().out;
    let page = read(&page);
    let heading = |table: &str, column: usize| page.find(table).tagged("th")[column].text();
    let all = |table: &str| page.rows(table).pop().expect("the row of all");
    assert_eq!(heading("value-by", 3), "Revenue before refunds");
    assert_eq!(all("value-by").data[2], ["120000"]);
    assert_eq!(heading("costs-by", 6), "Revenue less refunds");
    assert_eq!(all("costs-by").data[5], ["100000"]);
    assert!(page.find("glance").text().contains("Revenue before refunds1,200.00 EUR"));
}

#[test]
fn names_in_sentences_stand_for_themselves() {
    let (hebrew, turner) = ("\u{5d3}\u{5e0}\u{5d4}", "rep\u{202e}7");
    let event = |lead: &str, kind: &str, day: u32, data: serde_json::Value| {
        let at = format!("2024-02-{day:02}T09:00:00Z");
        json!({"lead": lead, "type": kind, "occurred_at": at, "data": data}).to_string() + "\n"
    };
    let mut log = String::new();
    for (lead, owner) in [("1", hebrew), ("2", turner)] {
        log += &event(lead, "captured", 1, json!({}));
        log += &event(lead, "qualified", 2, json!({"level": "mql"}));
        log += &event(lead, "handed_off", 2, json!({"to": owner}));
    }
    let args = ["report", "--out", "-", "--as-of", "2024-03-01"];
    let html = Desk::with_log(&log).run(&args).ok().out;
    let page = read(&html);
    let cells = page.find("finding-leaked").tagged("td");
    let told: Vec<(String, Vec<String>)> = cells
        .iter()
        .map(|cell| (cell.text(), cell.tagged("bdi").iter().map(|name| name.text()).collect()))
        .filter(|(text, _)| text.starts_with("Lead "))
        .collect();
    let names: Vec<_> = told.iter().map(|(_, names)| names.clone()).collect();
    assert!(names.contains(&vec!["1".to_owned(), hebrew.to_owned()]), "{told:?}");
    assert!(names.contains(&vec!["2".to_owned(), "rep\u{fffd}7".to_owned()]), "{told:?}");
    assert!(!html.contains('\u{202e}'), "{html}");
}

#[test]
fn the_playbook_and_its_origin_are_told() {
    let desk = Desk::with_log(SMALL);
    desk.write(
        "b2b.toml",
        "name = \"b2b\"\nversion = \"7\"\n\n[calendar]\nzone = \"Europe/Berlin\"\n\
         mon = [\"09:00-17:00\"]\n",
    );
    let head = |args: &[&str]| {
        let page = desk.run(&[&["report", "--out", "-"], args].concat()).ok().out;
        (read(&page).tagged("header")[0].text(), page)
    };
    let (given, page) = head(&["--playbook", "b2b.toml"]);
    assert!(given.contains("b2b 7, given as a file"), "{given}");
    assert!(page.contains("working time"), "{page}");
    desk.run(&["playbook", "publish", "b2b.toml", "--at", "2024-02-01"]).ok();
    let (published, _) = head(&[]);
    let expected = "b2b 7, published in the log, in force since 2024-02-01T00:00:00Z";
    assert!(published.contains(expected), "{published}");
}
