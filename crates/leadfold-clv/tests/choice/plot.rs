//! The drawing: well formed, the same bytes for the same numbers, and with what it has to show.

use leadfold_clv::{
    CalibrationPlot, Day, FrequencyRow, ParetoNbd, TrackingRow, frequencies, tracking,
};
use proptest::prelude::*;

use crate::cdnow::{END, UNTIL, WEEK, patterns, sample};
use crate::draw::assert_caught;

/// Reads XML of elements, attributes and text; says what is wrong with it.
fn read(xml: &str) -> Result<Vec<&str>, String> {
    let (mut open, mut names, mut rest) = (Vec::new(), Vec::new(), xml);
    while let Some(start) = rest.find('<') {
        text(&rest[..start])?;
        let end = rest.find('>').ok_or("a tag that does not end")?;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            let opened = open.pop();
            if opened != Some(name) {
                return Err(format!("{opened:?} closed by {name}"));
            }
            continue;
        }
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        attributes(tag[name.len()..].trim_end_matches('/'))?;
        names.push(name);
        if !tag.ends_with('/') {
            open.push(name);
        }
    }
    text(rest)?;
    if open.is_empty() { Ok(names) } else { Err(format!("left open: {open:?}")) }
}

fn text(text: &str) -> Result<(), String> {
    for (at, _) in text.match_indices('&') {
        let known = ["&amp;", "&lt;", "&gt;", "&quot;"];
        if !known.iter().any(|entity| text[at..].starts_with(entity)) {
            return Err(format!("a bare & in {text:?}"));
        }
    }
    let is_bad = |c: char| c.is_control() && c != '\n';
    if text.contains(is_bad) || text.contains('>') { Err(format!("{text:?}")) } else { Ok(()) }
}

/// Pairs of name="value".
fn attributes(rest: &str) -> Result<(), String> {
    let parts: Vec<&str> = rest.split('"').collect();
    let is_pair = |pair: &[&str]| match pair {
        [name, value] => name.starts_with(' ') && name.ends_with('=') && !value.contains('<'),
        [end] => end.trim().is_empty(),
        _ => false,
    };
    if parts.chunks(2).all(is_pair) { Ok(()) } else { Err(format!("attributes {rest:?}")) }
}

fn plot<'a>(
    model: &'a str,
    tracking: &'a [TrackingRow],
    frequencies: &'a [FrequencyRow],
) -> CalibrationPlot<'a> {
    CalibrationPlot { model, end: END, tracking, frequencies }
}

/// As it was looked at and found good; LEADFOLD_UPDATE=1 writes it anew.
#[test]
fn cdnow_is_drawn_as_it_was() {
    let Some(purchases) = sample() else { return };
    let patterns = patterns(&purchases);
    let model = ParetoNbd::fit(&patterns).expect("a fit").model;
    let tracking = tracking(&model, &purchases, (END, UNTIL), 7, WEEK);
    let frequencies = frequencies(&model, &patterns);
    let svg = plot("Pareto/NBD", &tracking, &frequencies).to_svg();
    assert_eq!(svg, plot("Pareto/NBD", &tracking, &frequencies).to_svg());
    let names = read(&svg).expect("it is well formed");
    let count = |name: &str| names.iter().filter(|other| **other == name).count();
    assert_eq!((count("svg"), count("title"), count("desc")), (1, 1, 1));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cdnow_pareto.svg");
    if std::env::var_os("LEADFOLD_UPDATE").is_some() {
        std::fs::write(path, &svg).expect("the drawing can be written");
    }
    let known = std::fs::read_to_string(path).expect("docs/cdnow_pareto.svg is there");
    assert!(svg == known, "docs/cdnow_pareto.svg is another: LEADFOLD_UPDATE=1 writes it");
}

#[test]
fn names_and_units_stand_at_the_axes() {
    let row = |day, actual, expected| TrackingRow { day: Day(day), actual, expected };
    let rows = [row(END.0 - 7, 3, 2.0), row(END.0, 5, 4.0), row(END.0 + 7, 9, 6.0)];
    let bins = [0, 7].map(|repeats| FrequencyRow { repeats, actual: 4, expected: 5.0 });
    let svg = plot("A & <B>", &rows, &bins).to_svg();
    for part in [
        ">weeks since the first purchase<",
        ">repeat purchases so far<",
        ">customers<",
        ">bought again, times in the calibration<",
        ">7+<",
        ">expected by A &amp; &lt;B&gt;<",
        "at the end 9 were made and 6 expected. The model knew the first 2 weeks.",
    ] {
        assert!(svg.contains(part), "{part}\n{svg}");
    }
}

/// Anything may be drawn, and nothing of it is outside the drawing.
fn law(svg: &str) -> Result<(), TestCaseError> {
    let names = read(svg).map_err(TestCaseError::fail)?;
    prop_assert!(names.len() < 3_000, "{} elements", names.len());
    let points = svg.split("points=\"").skip(1).filter_map(|rest| rest.split('"').next());
    for number in points.flat_map(|points| points.split([' ', ','])) {
        let number: f64 = number.parse().map_err(|_| TestCaseError::fail(svg.to_owned()))?;
        prop_assert!((-1.0..=961.0).contains(&number), "{number}");
    }
    Ok(())
}

type Drawn = (String, Vec<(u64, f64)>, Vec<(u64, f64)>);

fn drawn() -> impl Strategy<Value = Drawn> {
    let expected = || prop_oneof![9 => 0.0..1e9_f64, 1 => Just(f64::NAN), 1 => Just(f64::INFINITY)];
    let rows = move || prop::collection::vec((0_u64..1_000_000, expected()), 0..90);
    (any::<String>(), rows(), rows())
}

fn draw((model, tracked, bins): &Drawn) -> String {
    let tracked = tracked.iter().enumerate().map(|(i, (actual, expected))| TrackingRow {
        day: Day(END.0 + 7 * i as i32 - 60),
        actual: *actual,
        expected: *expected,
    });
    let bins = bins.iter().enumerate().map(|(i, (actual, expected))| FrequencyRow {
        repeats: i as u32,
        actual: *actual,
        expected: *expected,
    });
    plot(model, &tracked.collect::<Vec<_>>(), &bins.collect::<Vec<_>>()).to_svg()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_is_drawn_is_well_formed(drawn in drawn()) {
        law(&draw(&drawn))?;
    }
}

#[test]
fn text_that_is_not_escaped_is_caught() {
    assert_caught(drawn(), |drawn| law(&draw(&drawn).replace("&amp;", "&")));
    assert_caught(drawn(), |drawn| law(&draw(&drawn).replacen("/>", ">", 1)));
}
