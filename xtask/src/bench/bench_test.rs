use super::curves::{Curve, Growth};
use super::log::Kind;
use super::results::{Line, Results, Run};
use super::row::{self, Row};
use super::{Measured, Task, agree, curves, docs, log, plot, results, table, targets};

const REPORT: &str = "seconds 0.3 0.1 0.2\nevents 1000000\nbytes_an_event 2.5\npeak_kib 2048\n\
    table_bytes_a_lead 200.4\nasked_bytes_a_lead 150.4\nsegment_bytes_an_event 7.9\n\
    audit_percent 110.3\nwatched_percent 13.7\nread_gb_a_second 20.2\n\n\
    b 2\na 1\n";

fn row() -> Row {
    row::all(Kind::Simulated, 1)[0]
}

fn task(text: &str) -> Result<Task, String> {
    Task::parse(text.split_whitespace().map(str::to_owned))
}

fn measured() -> Measured {
    Measured::parse(REPORT).expect("it is a report")
}

/// All rows of a log, each with the same figures.
fn run(kind: Kind, leads: u32) -> Run {
    let rows = row::all(kind, leads);
    Run {
        name: kind.to_string(),
        command: "cargo xtask bench".into(),
        title: "a log".into(),
        events: 1e6,
        leads: f64::from(leads),
        passes: 2,
        minutes: "3".into(),
        before: "a machine".into(),
        after: "the machine".into(),
        lines: rows.iter().map(|row| Line::new(row, measured())).collect(),
        absent: vec!["X: no network".into()],
    }
}

#[test]
fn a_report_is_read_and_its_answer_sorted() {
    let measured = measured();
    assert_eq!(measured.spread(), [0.1, 0.2, 0.3]);
    assert_eq!(measured.answer, ["a 1", "b 2"]);
    assert_eq!(measured.figure("table_bytes_a_lead"), Some(200.4));
    let text = table::draw(&run(Kind::Simulated, 10));
    assert!(text.contains("| 5.00 (3.33 to 10.0) | 3 | 0.2000 | 2.5 | 200 | 2 |"), "{text}");
    assert!(text.contains("Not run: X: no network"), "{text}");
}

#[test]
fn what_is_no_report_is_told() {
    for damaged in ["", "seconds 1\n\n", "seconds one\nevents 1\nbytes_an_event 1\npeak_kib 1\n\n"]
    {
        assert!(Measured::parse(damaged).is_err(), "{damaged:?}");
    }
}

#[test]
fn one_odd_line_fails_the_run_and_is_named() {
    let expected = ["status 0 7".to_owned(), "leads 7 1".to_owned()];
    let odd = ["status 0 8".to_owned(), "leads 7 1".to_owned()];
    assert_eq!(agree(&row(), &expected, &expected), Ok(()));
    let error = agree(&row(), &odd, &expected).expect_err("the answers differ");
    assert!(error.contains("status 0 7") && error.contains("status 0 8"), "{error}");
    assert!(agree(&row(), &expected[..1], &expected).is_err(), "a line is missing");
    assert!(agree(&row(), &[], &expected).is_err(), "all lines are missing");
}

#[test]
fn a_part_of_an_answer_has_to_be_that_part() {
    let rows = row::all(Kind::Simulated, 1);
    let own = rows.iter().find(|row| row.what.contains("one's own")).expect("it has a row");
    let all = ["cost 1 2 3", "leads 7 1", "value 1 2 3 4"].map(str::to_owned);
    let part = [all[0].clone(), all[2].clone()];
    assert_eq!(agree(own, &part, &all), Ok(()));
    assert!(agree(own, &all, &all).is_err());
    assert!(agree(own, &part[..1], &all).is_err());
}

#[test]
fn rounds_of_several_processes_are_put_together() {
    let mut sum = Measured::default();
    (0..2).for_each(|_| sum.add(measured()));
    assert_eq!((sum.seconds.len(), sum.peak_kib, sum.events), (6, 2048.0, 1e6));
    let two = Measured { seconds: vec![0.5, 0.25], ..Measured::default() };
    assert_eq!(two.spread(), [0.25, 0.375, 0.5]);
}

#[test]
fn arguments_are_read_or_told() {
    let read = |text| task(text).map(|task| (task.kind, task.leads, task.rivals, task.passes));
    assert_eq!(read(""), Ok((Kind::Simulated, 100_000, false, 3)));
    assert_eq!(read("--leads 5000 --rivals --passes 5"), Ok((Kind::Simulated, 5_000, true, 5)));
    assert_eq!(read("--log cold --rivals"), Ok((Kind::Cold, 10_000_000, true, 1)));
    assert_eq!(read("--log bpic2012 --leads 30000"), Ok((Kind::Bpic2012, 30_000, false, 3)));
    assert!(task("--curves").is_ok_and(|task| task.curves && !task.keep));
    assert!(task("--leads").is_err_and(|error| error.contains("--leads")));
    assert!(task("--leads many").is_err_and(|error| error.contains("many")));
    assert!(task("--log warm").is_err_and(|error| error.contains("warm")));
    assert!(task("--fast").is_err_and(|error| error.contains("--fast")));
}

#[test]
fn rows_that_cannot_be_afforded_are_left_out_with_the_reason() {
    let left_out = |leads, free: f64| {
        let rows = row::all(Kind::Cold, leads);
        let whys = rows.iter().filter_map(|row| row.left_out(leads, 33e6, free));
        whys.collect::<Vec<_>>()
    };
    assert_eq!(left_out(1_000_000, 1e12), Vec::<String>::new());
    let of_many = left_out(10_000_000, 8e9);
    assert!(of_many.iter().any(|why| why.contains("more than a minute")), "{of_many:?}");
    assert!(of_many.iter().any(|why| why.contains("40 GiB of memory")), "{of_many:?}");
}

#[test]
fn runs_and_curves_are_kept_and_read_back() {
    let out = std::env::temp_dir().join(format!("leadfold-xtask-{}", std::process::id()));
    let [year, cold] = [run(Kind::Simulated, 10), run(Kind::Cold, 20)];
    let curve = Curve { name: "leadfold: x".into(), points: vec![(1e5, 80.25), (1e6, 120.5)] };
    let growths = [Growth { name: "more leads".into(), curves: vec![curve] }];
    results::keep_run(&out, &year).expect("it is written");
    results::keep_run(&out, &cold).expect("it is written");
    results::keep_growths(&out, "a machine", &growths).expect("it is written");
    let found = Results::read(&out).expect("it reads");
    let mut expected = [year, cold];
    for line in expected.iter_mut().flat_map(|run| &mut run.lines) {
        line.measured.answer.clear();
    }
    assert_eq!(found.runs, expected);
    let text = curves::table(&found.growths_head, &found.growths);
    assert_eq!(text, curves::table("a machine", &growths));
    std::fs::write(out.join("results/cold.tsv"), "row\tnonsense").expect("it is written");
    assert!(Results::read(&out).is_err_and(|error| error.contains("cold.tsv")));
    std::fs::remove_dir_all(out).expect("it is removed");
}

#[test]
fn targets_are_of_the_runs_that_there_are() {
    let text = targets::table(&Results::default());
    assert_eq!(text.matches("not measured").count(), 30, "{text}");
    let curve = |growth: f64| {
        let name = "leadfold: facts in memory, by lead".into();
        vec![Curve { name, points: vec![(1e5, 30.0), (1e6, 30.0 * growth)] }]
    };
    let growths = vec![
        Growth { name: "more leads".into(), curves: curve(2.0) },
        Growth { name: "the same leads, more years".into(), curves: curve(1.1) },
    ];
    let runs = vec![run(Kind::Simulated, 10), run(Kind::Cold, 20)];
    let text = targets::table(&Results { runs, growths, growths_head: String::new() });
    assert!(!text.contains("not measured"), "{text}");
    assert!(text.contains("| 1.0 times on one thread"), "all are as fast: {text}");
    assert!(text.contains("| 1.00 of its 5.00 M events/s | met |"), "{text}");
    let said = "| 25 % | 110 %; watched by somebody who keeps nothing, 14 % | missed |";
    assert!(text.contains(said), "{text}");
    assert!(text.contains("| 25 % | 0 % | met |"), "{text}");
    assert!(text.contains("| 150 bytes a lead; with all other tables 200 | met |"), "{text}");
    assert!(text.contains("1.10 times the cost of an event | met |"), "{text}");
    assert!(text.contains("2.00 times the cost of an event | missed |"), "{text}");
}

#[test]
fn pages_take_what_is_between_their_marks_and_keep_the_rest() {
    let page =
        "before <!-- bench cold -->\nold\n<!-- end --> between <!-- bench x -->\n<!-- end -->";
    let new = docs::replaced(page, "cold", "| new |\n").expect("the mark is there");
    let expected = "before <!-- bench cold -->\n\n| new |\n\n<!-- end --> between <!-- bench x -->\n<!-- end -->";
    assert_eq!(new, expected);
    assert_eq!(docs::replaced(page, "warm", ""), None);
}

/// What `--docs` writes has its place.
#[test]
fn the_page_has_all_marks() {
    let page = include_str!("../../../docs/PERFORMANCE.md");
    for name in ["simulated", "cold", "bpic2012", "curves", "targets"] {
        assert!(docs::replaced(page, name, "").is_some(), "{name}");
    }
}

#[test]
fn curves_are_drawn_inside_the_picture() {
    let points = vec![(1e5, 80.0), (1e6, 120.0)];
    let curves = vec![Curve { name: "leadfold".into(), points }];
    let svg = plot::draw(&[Growth { name: "more leads".into(), curves }]);
    assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
    assert_eq!(svg.matches("<circle").count(), 2);
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
}

#[test]
fn numbers_are_written_for_people() {
    assert_eq!(log::grouped(9_702_541), "9,702,541");
    assert_eq!(log::grouped(12), "12");
    assert_eq!(
        ["0.0712", "1.20", "33.0"].map(str::to_owned),
        [0.0712, 1.2, 33.0].map(table::rounded)
    );
}
