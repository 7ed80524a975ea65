//! Each figure against the command that tells it, too, within the same bounds.

mod audit;
mod glance;
mod money;

use serde_json::{Value, json};

use self::audit::handoffs;
use self::glance::glance;
use self::money::{costs, deals, value};
use super::reader::{Element, Row, read};
use crate::golden;
use crate::support::Desk;

/// A page, and the documents of the commands.
struct Both<'a> {
    desk: &'a Desk,
    page: Element,
    /// As-of, known-at, playbook.
    bounds: Vec<&'a str>,
    /// From and to.
    period: Vec<&'a str>,
}

impl<'a> Both<'a> {
    fn of(desk: &'a Desk, bounds: &[&'a str], period: &[&'a str]) -> Self {
        let args = ["report", "--out", "-", "--rows", "1000000", "--examples", "1000000"];
        let page = read(&desk.run(&[&args[..], bounds, period].concat()).ok().out);
        Self { desk, page, bounds: bounds.to_vec(), period: period.to_vec() }
    }

    /// What a command tells that has no period.
    fn now(&self, args: &[&str]) -> Value {
        self.desk.json(&[args, &self.bounds].concat())
    }

    /// What a command tells of the period. Its kind stands in front, which deals have none of.
    fn in_period(&self, args: &[&str]) -> Value {
        let has_kind = self.period.first() == Some(&"--kind");
        let skipped = if has_kind && args[0] == "deals" { 2 } else { 0 };
        self.desk.json(&[args, &self.bounds, &self.period[skipped..]].concat())
    }
}

/// The figures of a cell are those numbers; nothing stands for `null`.
fn same(found: &[String], expected: &[&Value], what: &str) {
    let expected: Vec<String> =
        expected.iter().filter(|v| !v.is_null()).map(|v| exact(v)).collect();
    let found: Vec<String> = found.iter().map(|value| plain(value)).collect();
    assert_eq!(found, expected, "{what}");
}

/// The same of all cells of a row but the first, which names it.
fn same_cells(row: &Row, expected: &[Vec<&Value>]) {
    assert_eq!(row.data.len(), expected.len(), "{}", row.name);
    for (column, (found, expected)) in row.data.iter().zip(expected).enumerate() {
        same(found, expected, &format!("{}, column {column}", row.name));
    }
}

/// An instant of a row, to the minute.
fn minute(at: &Value) -> String {
    let at = at.as_str().expect("an instant");
    format!("{} {}", &at[..10], &at[11..16])
}

/// A name, or that there is none.
fn told(name: &Value) -> &str {
    name.as_str().unwrap_or("(none)")
}

fn exact(value: &Value) -> String {
    plain(&value.to_string())
}

/// A number as the shortest text of it.
fn plain(number: &str) -> String {
    if number.contains(['.', 'e']) {
        number.parse::<f64>().expect("a number").to_string()
    } else {
        number.to_owned()
    }
}

/// The row of a key; `null` is told so.
fn of_key<'a>(rows: &'a [Row], key: &Value) -> &'a Row {
    let name = told(key);
    rows.iter().find(|row| row.name == name).unwrap_or_else(|| panic!("{name} has no row"))
}

/// Money of one kind, in the order of the document.
fn amounts<'a>(list: &'a Value, name: &str) -> Vec<&'a Value> {
    list.as_array().expect("amounts").iter().map(|money| &money[name]).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn rate(rate: &Value) -> [&Value; 3] {
    [&rate["ratio"], &rate["num"], &rate["den"]]
}

/// The same, told only where it is of anything.
fn rate_of_any(of: &Value) -> Vec<&Value> {
    if of["den"] == 0 { Vec::new() } else { rate(of).to_vec() }
}

fn funnel(both: &Both<'_>) {
    let funnel = both.in_period(&["funnel", "--by", "source", "--survival"]);
    let rows = list(&funnel["rows"]);
    let total = &rows[0];
    if total["captured"] != 0 {
        ladder(both, total);
        let (survival, points) = (both.page.rows("survival"), list(&total["survival"]));
        assert_eq!(survival.len(), points.len());
        for (row, point) in survival.iter().zip(points) {
            assert_eq!(plain(&row.name), exact(&point["days"]));
            same_cells(row, &[vec![], vec![&point["converted"]], vec![&point["at_risk"]]]);
        }
    }
    summary(both, total);
    if rows.len() == 1 {
        return;
    }
    let found = both.page.rows("funnel-by");
    assert_eq!(found.len(), rows.len());
    for row in rows {
        let is_total = row["key"].as_object().expect("a key").is_empty();
        let row_found =
            if is_total { &found[found.len() - 1] } else { of_key(&found, &row["key"]["source"]) };
        let stage = |name: &str| {
            let found = list(&row["stages"]).iter().find(|stage| stage["stage"] == name);
            &found.expect("a stage")["reached"]
        };
        let expected = [
            vec![&row["captured"]],
            vec![stage("mql")],
            vec![stage("accepted")],
            vec![stage("sql")],
            vec![stage("opportunity")],
            rate(&row["won"]).to_vec(),
            vec![&row["lost"]],
            vec![&row["still_open"]],
            vec![&row["days_to_won"]["p50_s"]],
        ];
        same_cells(row_found, &expected);
    }
}

/// The sentence before the tables.
fn summary(both: &Both<'_>, total: &Value) {
    let sentence = both.page.find("funnel").tagged("p")[1].data();
    let won = &total["won"];
    let mut expected = vec![&total["captured"], &won["num"], &won["ratio"], &total["lost"]];
    expected.push(&total["still_open"]);
    expected.extend(Some(&total["erased"]).filter(|erased| **erased != 0));
    expected.extend([&total["days_to_won"]["p50_s"], &total["days_to_won"]["p90_s"]]);
    same(&sentence, &expected, "summary");
}

/// A share of counts, as the commands tell shares.
fn share(num: &Value, den: &Value) -> Value {
    let ratio = num.as_f64().zip(den.as_f64()).filter(|(_, den)| *den > 0.0);
    json!({ "ratio": ratio.map(|(num, den)| num / den), "num": num, "den": den })
}

fn ladder(both: &Both<'_>, total: &Value) {
    let stages = both.page.rows("stages");
    assert_eq!(stages.len(), 10);
    let rungs = list(&total["stages"]);
    assert_eq!(rungs.len(), stages.len());
    for (index, (row, stage)) in stages.iter().zip(rungs).enumerate() {
        let name = stage["stage"].as_str().expect("a name");
        let is_rung = !["nurturing", "disqualified", "lost"].contains(&name);
        let before = index.checked_sub(1).map(|before| &rungs[before]["reached"]);
        let of_before = before.filter(|_| is_rung).map(|of| share(&stage["reached"], of));
        let expected = [
            vec![],
            if is_rung { vec![&stage["reached"]] } else { vec![] },
            of_before.as_ref().map_or(vec![], rate_of_any),
            vec![&stage["entered"]],
            vec![&stage["open"]],
            vec![&stage["time"]["p50_s"]],
            vec![&stage["time"]["p90_s"]],
        ];
        same_cells(row, &expected);
    }
}

fn leads(both: &Both<'_>) {
    let status = both.now(&["status"]);
    // What waits is in no document.
    let text = both.desk.run(&[&["status"][..], &both.bounds].concat()).ok().out;
    let sentence = both.page.find("status").tagged("p")[0].data();
    same(&sentence[..1], &[&status["leads"]], "leads");
    assert!(text.contains(&format!(", {} hand-off", sentence[1])), "{sentence:?}: {text}");
    if status["leads"] == 0 {
        return;
    }
    let states = both.page.rows("states");
    assert_eq!(states.len(), status["states"].as_object().expect("states").len());
    for row in &states {
        let state = row.name.to_lowercase().replace(' ', "_");
        same_cells(row, &[vec![], vec![&status["states"][&state]]]);
    }
    let aging = both.now(&["aging"]);
    let rows = list(&aging["rows"]);
    if rows.is_empty() {
        return;
    }
    let found = both.page.rows("aging");
    assert_eq!(found.len(), rows.len());
    for (found, row) in found.iter().zip(rows) {
        assert_eq!(found.name.to_lowercase().replace(' ', "_"), told(&row["state"]));
        let mut expected = vec![&row["age"]["n"]];
        expected.extend(list(&row["buckets"]).iter().map(|bucket| &bucket["leads"]));
        expected.extend([&row["age"]["p50_s"], &row["age"]["max_s"], &row["unknown"]]);
        same_cells(found, &expected.into_iter().map(|value| vec![value]).collect::<Vec<_>>());
    }
}

fn overdue(both: &Both<'_>) {
    let due = both.now(&["due"]);
    let late: Vec<&Value> =
        list(&due["rows"]).iter().filter(|row| !row["overdue_s"].is_null()).collect();
    if late.is_empty() {
        return;
    }
    let rows = both.page.rows("duties");
    assert_eq!(rows.len(), late.len());
    for (row, late) in rows.iter().zip(late) {
        assert_eq!(
            (row.name.as_str(), row.texts[0].as_str()),
            (told(&late["key"]), told(&late["owner"]))
        );
        assert_eq!(row.texts[2], minute(&late["due"]));
        same_cells(row, &[vec![], vec![], vec![], vec![&late["overdue_s"]]]);
    }
}

fn check(desk: &Desk, bounds: &[&str], period: &[&str]) {
    let both = Both::of(desk, bounds, period);
    for section in [glance, funnel, leads, overdue, handoffs, deals, value, costs] {
        section(&both);
    }
}

const BOUNDS: [&[&str]; 5] = [
    &[],
    &["--as-of", "2024-08-01", "--tz", "America/New_York"],
    &["--as-of", "2024-02-20"],
    &["--as-of", "2024-08-01", "--known-at", "2024-06-15T12:00:00Z"],
    &["--playbook", "strict.toml"],
];

const STRICT: &str = "[rules]\nillegal = \"skip\"\n\n[sla]\ndecision_seconds = 3600\n";

#[test]
fn the_figures_are_those_of_the_other_commands() {
    let desk = Desk::new();
    desk.run_bare(&["demo", "--dir", ".", "--leads", "400"]).ok();
    desk.write("strict.toml", STRICT);
    for bounds in BOUNDS {
        check(&desk, bounds, &[]);
        check(&desk, bounds, &["--from", "2024-03-01", "--to", "2024-06-01"]);
        check(&desk, bounds, &["--kind", "period", "--from", "2024-03-01"]);
    }
}

#[test]
fn the_figures_of_the_golden_story_are_those_of_the_other_commands() {
    let Some((desk, _)) = golden::golden() else { return };
    desk.write("strict.toml", STRICT);
    for bounds in BOUNDS {
        check(&desk, bounds, &[]);
    }
    check(&desk, &["--as-of", golden::AS_OF], &["--from", "2024-01-10"]);
}

#[test]
fn other_dimensions_split_funnel_and_value() {
    let desk = Desk::new();
    desk.run_bare(&["demo", "--dir", ".", "--leads", "100"]).ok();
    let args = ["report", "--out", "-", "--by", "industry,owner", "--rows", "5"];
    let page = read(&desk.run(&args).ok().out);
    let funnel = desk.json(&["funnel", "--by", "industry,owner"]);
    let all = list(&funnel["rows"]).len() - 1;
    assert_eq!(page.rows("funnel-by").len(), 5 + 1);
    assert_eq!(page.find("funnel-by").tagged("th")[0].text(), "industry / owner");
    let command = "leadfold funnel --by industry,owner has them all, within the same bounds";
    let note = format!("of {all} the 5 with most leads captured are shown. {command}");
    assert!(page.find("funnel").text().contains(&note), "{}", page.find("funnel").text());
    // Costs say nothing of industries.
    let costs = page.rows("costs-by");
    assert!(costs.iter().all(|row| row.name.starts_with("all ")));
}
