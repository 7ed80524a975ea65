//! The page, read as a browser reads it.

mod reader;

use leadfold_core::audit::AuditCode;
use leadfold_core::metrics::{
    FunnelKind, FunnelRow, PipelineAmount, PipelinePart, PipelineRow, ProbabilityOrigin, Rate,
    SurvivalRow, ValueRow,
};
use leadfold_core::{Money, Timestamp};
use leadfold_report::{
    Deals, Duties, Duty, Example, FindingGroup, Findings, Handoffs, OwnerRow, Report, Rules, Scope,
    Split, isolated,
};

use self::reader::{Element, read};

/// Texts that would be more than texts if a page took them at their word.
const EVIL: [&str; 6] = [
    "<script>alert(1)</script>",
    "</table><img src=x onerror=alert(1)>",
    "\" onmouseover=\"alert(1)",
    "&lt;b&gt; & <!-- ",
    "\u{0}\u{1b}[31m\u{7}",
    "\u{202e}]]></style><style>*{display:none}",
];

fn at() -> Timestamp {
    "2024-03-01T09:30:00Z".parse().expect("a time")
}

/// A report in which every text that a log can have is that one.
fn of_text(text: &str) -> Report {
    let name = || Some(text.to_owned());
    let example = Example { lead: name(), owner: name(), at: at(), message: isolated(text) };
    let funnel = Split {
        by: vec![text.to_owned()],
        total: FunnelRow { captured: 1, ..FunnelRow::default() },
        rows: vec![(vec![name()], FunnelRow::default())],
    };
    let rules = Rules {
        name: text.to_owned(),
        version: text.to_owned(),
        origin: text.to_owned(),
        calendar_zone: name(),
    };
    let mut handoffs = Handoffs { owners: vec![OwnerRow::default()], ..Handoffs::default() };
    handoffs.owners[0].owner = name();
    handoffs.total.offered = 1;
    let group = FindingGroup { code: AuditCode::Leaked, count: 1, examples: vec![example.clone()] };
    let duty =
        Duty { due: at(), overdue_s: Some(1.0), task: "decide", lead: name(), owner: name() };
    Report {
        scope: Scope { as_of: Some(at()), zone: name(), rules, ..Scope::default() },
        funnel,
        handoffs,
        findings: Findings { count: 1, errors: 1, groups: vec![group] },
        due: Duties { overdue: 1, rows: vec![duty] },
        ..Report::default()
    }
}

/// What of a page depends on nothing but its structure.
fn structure(page: &Element) -> Vec<(String, Vec<String>)> {
    let of = |element: &&Element| {
        let names = element.attributes.keys().cloned();
        (element.tag.clone(), names.collect())
    };
    page.all().iter().map(of).collect()
}

#[test]
fn no_text_of_a_log_is_more_than_a_text() {
    let plain = structure(&read(&of_text("plain").to_html()));
    for evil in EVIL {
        let html = of_text(evil).to_html();
        let page = read(&html);
        assert_eq!(structure(&page), plain, "{evil:?}");
        let is_hidden = |c: char| c.is_control() || c == '\u{202e}';
        let shown = |c: char| if is_hidden(c) { '\u{fffd}' } else { c };
        let shown: String = evil.chars().map(shown).collect();
        // The owner, the example and its sentence, what is overdue, the source, the playbook.
        assert!(page.text().matches(&shown).count() >= 9, "{evil:?}");
        assert!(!html.contains(['\0', '\u{1b}', '\u{202e}', '\u{2068}', '\u{2069}']));
    }
}

#[test]
fn no_name_turns_what_stands_beside_it() {
    let marks = ['\u{61c}', '\u{200e}', '\u{200f}'];
    let turners: String =
        marks.into_iter().chain('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}').collect();
    let html = of_text(&format!("rep{turners}7")).to_html();
    assert!(!html.contains(|c: char| turners.contains(c)));
    assert!(read(&html).text().contains(&format!("rep{}7", "\u{fffd}".repeat(12))));
    // Whatever a sentence is made of, it ends where it ends.
    let mut report = of_text("x");
    let mut cell = |message: &str| {
        report.findings.groups[0].examples[0].message = message.to_owned();
        let page = read(&report.to_html());
        let cells = page.find("finding-leaked").tagged("td");
        let names = cells[2].tagged("bdi").iter().map(|name| name.text()).collect::<Vec<_>>();
        (cells[2].text(), names)
    };
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let (lead, owner) = (isolated("L-1"), isolated("\u{5d3}\u{5e0}\u{5d4}"));
    let told = cell(&format!("Lead {lead} was with {owner}, and 3 d after, none."));
    let text = "Lead L-1 was with \u{5d3}\u{5e0}\u{5d4}, and 3 d after, none.".to_owned();
    assert_eq!(told, (text, names(&["L-1", "\u{5d3}\u{5e0}\u{5d4}"])));
    assert_eq!(cell("plain"), ("plain".to_owned(), names(&[])));
    assert_eq!(cell("a \u{2068}b \u{2068}c"), ("a b c".to_owned(), names(&["b ", "c"])));
    assert_eq!(cell("\u{2069}d"), ("\u{fffd}d".to_owned(), names(&[])));
}

#[test]
fn a_page_loads_nothing_and_runs_nothing() {
    let page = read(&of_text("x").to_html());
    for tag in ["script", "link", "img", "iframe", "object", "embed", "form", "base"] {
        assert!(page.tagged(tag).is_empty(), "{tag}");
    }
    for element in page.all() {
        for (name, value) in &element.attributes {
            assert!(!name.starts_with("on") && name != "src", "{name}");
            assert!(name != "href" || value.starts_with('#'), "{value}");
            assert!(!value.contains("http") || name == "http-equiv", "{value}");
        }
    }
    let style = page.tagged("style")[0].text();
    assert!(!style.contains("url(") && !style.contains("@import"), "{style}");
    let is_policy = |meta: &&Element| meta.attribute("http-equiv").is_some();
    let policy = page.tagged("meta").into_iter().find(is_policy).expect("a policy");
    assert!(policy.attribute("content").expect("a text").starts_with("default-src 'none'"));
}

#[test]
fn a_page_can_be_read_by_all() {
    let page = read(&of_text("x").to_html());
    assert_eq!(page.tagged("html")[0].attribute("lang"), Some("en"));
    assert_eq!((page.tagged("h1").len(), page.tagged("main").len()), (1, 1));
    for section in page.tagged("section") {
        let heading = page.find(section.attribute("aria-labelledby").expect("a name"));
        assert_eq!(heading.tag, "h2");
    }
    let tables = page.tagged("table");
    assert!(tables.len() > 5);
    for table in tables {
        assert!(!table.tagged("caption")[0].text().is_empty());
        let columns = table.tagged("thead")[0].tagged("th").len();
        for head in table.tagged("th") {
            assert!(matches!(head.attribute("scope"), Some("col" | "row")));
            assert!(!head.text().is_empty(), "a heading of {}", table.tagged("caption")[0].text());
        }
        for row in table.tagged("tbody")[0].tagged("tr") {
            let cells = row.tagged("td").len();
            assert_eq!((row.tagged("th").len(), cells), (1, columns - 1));
        }
    }
    for link in page.tagged("a") {
        page.find(link.attribute("href").and_then(|to| to.strip_prefix('#')).expect("an anchor"));
    }
}

#[test]
fn nothing_gives_a_sensible_page() {
    let html = Report::default().to_html();
    assert!(!html.contains("NaN") && !html.contains("inf<"), "{html}");
    let page = read(&html);
    assert_eq!(page.find("glance-won").text(), "none");
    assert!(page.find("handoffs").text().contains("No lead was handed off by then."));
    assert!(page.find("findings").text().contains("No promise was broken"));
    assert!(page.find("value").text().contains("no customers"));
    assert!(page.find("deals").text().contains("was closed by then, and none is open."));
    assert!(page.get("stages").is_none());
}

#[test]
fn a_period_is_told_where_it_counts_and_where_not() {
    let mut report = of_text("x");
    let told = |report: &Report| {
        let page = read(&report.to_html());
        let part = |id: &str| page.find(id).text();
        (part("funnel"), part("glance"), part("handoffs"), page.tagged("header")[0].text())
    };
    let (funnel, glance, handoffs, head) = told(&report);
    assert!(funnel.contains("captured at any time") && head.contains("at any time"));
    assert!(!glance.contains("period") && !handoffs.contains("period"));
    report.scope.period.from = Some(at());
    report.scope.kind = FunnelKind::Period;
    let (funnel, glance, handoffs, head) = told(&report);
    assert!(funnel.contains("What happened from 2024-03-01 09:30 UTC on, whenever"), "{funnel}");
    assert!(glance.contains("are of the wins in the period; all else"), "{glance}");
    assert!(handoffs.contains("whatever the period"));
    report.scope.kind = FunnelKind::Cohort;
    let (_, glance, ..) = told(&report);
    assert!(glance.contains("are of the leads captured in the period; all else"), "{glance}");
    assert!(head.contains("on; of funnel, closed deals and costs"), "{head}");
}

#[test]
fn bounds_are_told_to_their_last_digit() {
    let head = |from: &str| {
        let mut scope = Scope { as_of: Some(at()), ..Scope::default() };
        scope.period.from = Some(from.parse().expect("a time"));
        read(&Report { scope, ..Report::default() }.to_html()).tagged("header")[0].text()
    };
    for (from, told) in [
        ("2024-03-01T09:00:00Z", "from 2024-03-01 09:00 UTC on"),
        ("2024-03-01T09:30:01Z", "from 2024-03-01 09:30:01 UTC on"),
        ("2024-03-01T00:00:00.250Z", "from 2024-03-01 00:00:00.250 UTC on"),
        ("2024-03-01T23:59:59.999999Z", "from 2024-03-01 23:59:59.999999 UTC on"),
    ] {
        assert!(head(from).contains(told), "{told}: {}", head(from));
    }
}

#[test]
fn equal_reports_are_equal_bytes() {
    assert_eq!(of_text("x").to_html(), of_text("x").to_html());
}

#[test]
fn what_is_left_out_is_counted() {
    let row = |n: u64| {
        let row = FunnelRow { captured: n, ..FunnelRow::default() };
        (vec![Some(format!("source {n}"))], row)
    };
    let total = FunnelRow { captured: 9, ..FunnelRow::default() };
    let funnel =
        Split { by: vec!["source".to_owned()], total, rows: (1..=10_000).map(row).collect() };
    let report = Report { funnel, rows_max: 30, ..Report::default() };
    let page = read(&report.to_html());
    let rows = page.rows("funnel-by");
    assert_eq!((rows.len(), rows[0].name.as_str()), (31, "source 10000"));
    assert_eq!(rows[30].name, "all");
    let note = "9,970 rows are left out: of 10,000 the 30 with most leads captured are shown. \
                leadfold funnel --by source has them all, within the same bounds";
    assert!(page.find("funnel").text().contains(note), "{}", page.find("funnel").text());
    let mut all = Report { rows_max: 1, ..report };
    all.scope.kind = FunnelKind::Period;
    let funnel = read(&all.to_html()).find("funnel").text();
    assert!(funnel.contains("leadfold funnel --by source --kind period has them all"), "{funnel}");
    all.rows_max = 0;
    assert_eq!(read(&all.to_html()).rows("funnel-by").len(), 10_001);
}

#[test]
fn findings_without_examples_are_told_as_what_they_are() {
    let told = |report: &Report| read(&report.to_html()).find("examples").text();
    assert!(told(&Report::default()).contains("There are no findings to show."));
    let mut report = of_text("x");
    report.findings.groups[0].examples.clear();
    let text = told(&report);
    let expected = "Of 1 finding none is shown. leadfold audit --json has them all, within";
    assert!(text.contains(expected) && !text.contains("no findings"), "{text}");
}

#[test]
fn a_missing_value_is_not_one_that_is_called_so() {
    let row = |name: Option<&str>| {
        (vec![name.map(str::to_owned)], FunnelRow { captured: 1, ..FunnelRow::default() })
    };
    let rows = vec![row(Some("(none)")), row(None), row(Some(""))];
    let total = FunnelRow { captured: 3, ..FunnelRow::default() };
    let funnel = Split { by: vec!["source".to_owned()], total, rows };
    let page = read(&Report { funnel, ..Report::default() }.to_html());
    let table = page.find("funnel-by");
    let heads = table.tagged("tbody")[0].tagged("th");
    let names = heads.iter().map(|head| head.tagged("bdi").len());
    assert_eq!(names.collect::<Vec<_>>(), [1, 0, 1, 0]);
}

#[test]
fn figures_are_exact_for_programs_and_short_for_people() {
    let money =
        |currency: &str, amount| Money { currency: currency.parse().expect("a currency"), amount };
    let total = ValueRow {
        customers: 3,
        revenue: vec![money("EUR", 100_001), money("JPY", 7)],
        refunds: vec![money("EUR", 1), money("XXX", 5)],
        ..ValueRow::default()
    };
    let survival = vec![SurvivalRow { days: 7, converted: Some(1.0 / 3.0), at_risk: 2 }];
    let funnel = FunnelRow {
        captured: 3,
        won: Rate { num: 1, den: 3 },
        survival: Some(survival),
        ..FunnelRow::default()
    };
    let report = Report {
        value: Split { by: vec!["source".to_owned()], total, rows: Vec::new() },
        funnel: Split { total: funnel, ..Split::default() },
        ..Report::default()
    };
    let page = read(&report.to_html());
    let value = &page.rows("value-by")[0];
    assert_eq!(value.texts[2], "1,000.01 EUR7 JPY");
    assert_eq!(value.data[2], ["100001", "7"]);
    assert_eq!(value.texts[3..6], ["0.01 EUR5 (no currency)", "none", "none"]);
    // No sum over currencies, and no mean of one.
    assert_eq!(value.texts[6], "333.33 EUR2 JPY-2 (no currency)");
    let won = page.find("glance-won");
    assert_eq!((won.text().as_str(), won.data()), ("33.3%", vec!["0.3333333333333333".to_owned()]));
    let survival = &page.rows("survival")[0];
    assert_eq!((survival.name.as_str(), survival.texts[1].as_str()), ("7", "33.3%"));
}

#[test]
fn what_is_not_known_of_open_deals_is_told() {
    let part = |origin, amounts: &[PipelineAmount]| PipelinePart {
        origin,
        count: 1,
        without_amount: 0,
        amounts: amounts.to_vec(),
    };
    let currency = "EUR".parse().expect("a currency");
    let euros = |expected| [PipelineAmount { currency, amount: 300, expected }];
    let note = |parts: Vec<PipelinePart>| {
        let mut deals = Deals::default();
        deals.rows.total.pipeline = PipelineRow { open: parts.len() as u64, parts, key: vec![] };
        let glance = read(&Report { deals, ..Report::default() }.to_html()).find("glance").text();
        let rest = glance.split("Open deals").nth(1).expect("the tile").to_owned();
        rest.split("Revenue before").next().expect("the tile before").to_owned()
    };
    let (own, unknown) = (ProbabilityOrigin::Own, ProbabilityOrigin::Unknown);
    assert_eq!(note(vec![]), "0");
    assert_eq!(note(vec![part(unknown, &euros(None))]), "1nobody knows their chances");
    let no_amount = "no amount is known of those whose chances are";
    assert_eq!(note(vec![part(own, &[])]), format!("1{no_amount}"));
    assert_eq!(note(vec![part(own, &[]), part(unknown, &euros(None))]), format!("2{no_amount}"));
    assert_eq!(note(vec![part(own, &euros(Some(150)))]), "1to be expected of them1.50 EUR");
}

#[test]
fn deals_of_nobody_are_told() {
    let mut deals = Deals::default();
    deals.rows.by = vec!["owner".to_owned()];
    deals.rows.total.rate.open = 1;
    let page = read(&Report { deals, ..Report::default() }.to_html());
    assert!(page.find("deals").text().contains("Open now: 1."));
}
