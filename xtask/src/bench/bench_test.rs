use super::row::{self, Row};
use super::{Measured, Task, agree, curves, plot, table};

const REPORT: &str =
    "seconds 0.3 0.1 0.2\nevents 1000000\nbytes_an_event 2.5\npeak_kib 2048\n\nb 2\na 1\n";

fn row() -> Row {
    row::all(1)[0]
}

fn task(text: &str) -> Result<Task, String> {
    Task::parse(text.split_whitespace().map(str::to_owned))
}

#[test]
fn a_report_is_read_and_its_answer_sorted() {
    let measured = Measured::parse(REPORT).expect("it is a report");
    assert_eq!(measured.spread(), [0.1, 0.2, 0.3]);
    assert_eq!(measured.answer, ["a 1", "b 2"]);
    let text = table::draw(&[row()], &[measured], "a machine", &["X: no network".into()]);
    assert!(text.contains("| 5.000 (3.333 to 10.000) | 3 | 0.2000 | 2.5 | 2 |"), "{text}");
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
fn rounds_of_several_processes_are_put_together() {
    let mut sum = Measured::default();
    (0..2).for_each(|_| sum.add(Measured::parse(REPORT).expect("it is a report")));
    assert_eq!((sum.seconds.len(), sum.peak_kib, sum.events), (6, 2048.0, 1e6));
}

#[test]
fn arguments_are_read_or_told() {
    let task = |text| task(text).map(|task| (task.leads, task.rivals, task.passes));
    assert_eq!(task(""), Ok((100_000, false, 3)));
    assert_eq!(task("--leads 5000 --rivals --passes 5"), Ok((5_000, true, 5)));
    assert!(task("--leads").is_err_and(|error| error.contains("--leads")));
    assert!(task("--leads many").is_err_and(|error| error.contains("many")));
    assert!(task("--fast").is_err_and(|error| error.contains("--fast")));
}

#[test]
fn curves_are_drawn_inside_the_picture() {
    let points = vec![(1e5, 80.0), (1e6, 120.0)];
    let curves = vec![curves::Curve { name: "leadfold".into(), points }];
    let svg = plot::draw(&[curves::Growth { name: "more leads", curves }]);
    assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
    assert_eq!(svg.matches("<circle").count(), 2);
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
}
