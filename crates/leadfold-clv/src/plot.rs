//! How well a model does, drawn: repeat purchases as they came in and as expected, and customers by
//! how often they bought again.
//!
//! The drawing is SVG, written by hand: equal numbers make equal bytes. Lines and bars differ in
//! colour, in pattern and in lightness (colours of Okabe and Ito, 2008), so that nobody has to tell
//! colours apart.

mod axis;
mod svg;

use self::axis::Axis;
use self::svg::Svg;
use crate::{Day, FrequencyRow, TrackingRow};

/// A fit of a calibration, to be drawn.
///
/// ```
/// # use leadfold_clv::{CalibrationPlot, Day, FrequencyRow, TrackingRow};
/// let row = |week: i32, actual, expected| TrackingRow { day: Day(7 * week), actual, expected };
/// let tracking = [row(1, 0, 1.5), row(2, 4, 3.1), row(3, 6, 4.4)];
/// let frequencies = [FrequencyRow { repeats: 0, actual: 12, expected: 11.2 }];
/// let plot = CalibrationPlot {
///     model: "BG/NBD",
///     end: Day(14),
///     tracking: &tracking,
///     frequencies: &frequencies,
/// };
/// assert!(plot.to_svg().starts_with("<svg "));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CalibrationPlot<'a> {
    /// What the model is called.
    pub model: &'a str,
    /// The last day that it knew.
    pub end: Day,
    /// The curve of repeats, at equal distances of time.
    pub tracking: &'a [TrackingRow],
    /// Customers of the calibration by how often they bought again.
    pub frequencies: &'a [FrequencyRow],
}

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 420.0;
/// Where both panels begin and end, from above.
const TOP: f64 = 72.0;
const BOTTOM: f64 = 356.0;
const WEEK: f64 = 7.0;

const STYLE: &str = "text{font:13px sans-serif;fill:#222}.t{font-size:16px;font-weight:bold}\
    .axis{stroke:#444;fill:none}.grid{stroke:#ddd}.end{stroke:#444;stroke-dasharray:2 3}\
    .actual{stroke:#0072b2;fill:none;stroke-width:2}\
    .model{stroke:#d55e00;fill:none;stroke-width:2;stroke-dasharray:7 4}\
    .bar{fill:#0072b2}.open{fill:#fbe3d0;stroke:#d55e00;stroke-dasharray:4 2}";

/// Where a panel is, in units of the drawing.
struct Panel {
    x: Axis,
    y: Axis,
}

impl CalibrationPlot<'_> {
    /// The drawing.
    pub fn to_svg(&self) -> String {
        let title = format!("{}: what came, and what was expected", self.model);
        let mut svg = Svg::new(WIDTH, HEIGHT, STYLE, &title, &self.in_words());
        svg.text("t", (WIDTH / 2.0, 24.0), "middle", &title);
        legend(&mut svg, self.model);
        self.draw_tracking(&mut svg);
        self.draw_frequencies(&mut svg);
        svg.finish()
    }

    /// The drawing for those who cannot see it.
    fn in_words(&self) -> String {
        let last = self.tracking.last();
        let (made, expected) = last.map_or((0, 0.0), |row| (row.actual, row.expected));
        let weeks = self.weeks(self.end);
        format!(
            "Left: cumulative repeat purchases by week; at the end {made} were made and \
             {expected:.0} expected. The model knew the first {weeks:.0} weeks. Right: customers \
             of these weeks by how often they bought again, actual and expected."
        )
    }

    /// Weeks from the first customer's day until the end of a day.
    fn weeks(&self, day: Day) -> f64 {
        let Some(first) = self.tracking.first() else { return 0.0 };
        let step = self.tracking.get(1).map_or(WEEK, |next| f64::from(next.day.0 - first.day.0));
        (f64::from(day.0) - f64::from(first.day.0) + step) / WEEK
    }

    fn draw_tracking(&self, svg: &mut Svg) {
        let most = self.tracking.iter().map(|row| row.expected.max(row.actual as f64));
        let weeks = self.tracking.last().map_or(0.0, |row| self.weeks(row.day));
        let panel = Panel {
            x: Axis::new(weeks, (76.0, 500.0)),
            y: Axis::rounded(most.fold(0.0, f64::max), (BOTTOM, TOP)),
        };
        panel.frame(svg, "weeks since the first purchase", "repeat purchases so far");
        panel.x.ticks().for_each(|tick| panel.tick_below(svg, tick, &tick.to_string()));
        let end = panel.x.at(self.weeks(self.end));
        svg.line("end", (end, TOP), (end, BOTTOM));
        svg.text("", (end - 5.0, TOP + 12.0), "end", "calibration");
        svg.text("", (end + 5.0, TOP + 12.0), "start", "holdout");
        let curve = |value: fn(&TrackingRow) -> f64| {
            let point =
                move |row: &TrackingRow| (panel.x.at(self.weeks(row.day)), panel.y.at(value(row)));
            self.tracking.iter().map(point).collect::<Vec<_>>()
        };
        svg.polyline("actual", &curve(|row| row.actual as f64));
        svg.polyline("model", &curve(|row| row.expected));
    }

    fn draw_frequencies(&self, svg: &mut Svg) {
        let most = self.frequencies.iter().map(|row| row.expected.max(row.actual as f64));
        let bins = self.frequencies.len() as f64;
        let panel = Panel {
            x: Axis::new(bins, (588.0, 940.0)),
            y: Axis::rounded(most.fold(0.0, f64::max), (BOTTOM, TOP)),
        };
        panel.frame(svg, "bought again, times in the calibration", "customers");
        let width = (panel.x.at(1.0) - panel.x.at(0.0)) * 0.38;
        for (place, row) in self.frequencies.iter().enumerate() {
            let and_more = if place + 1 == self.frequencies.len() { "+" } else { "" };
            let middle = panel.x.at(place as f64 + 0.5);
            let label = format!("{}{and_more}", row.repeats);
            svg.text("", (middle, BOTTOM + 17.0), "middle", &label);
            let (actual, expected) = (panel.y.at(row.actual as f64), panel.y.at(row.expected));
            svg.bar("bar", middle - width, width, (actual, BOTTOM));
            svg.bar("open", middle, width, (expected, BOTTOM));
        }
    }
}

fn legend(svg: &mut Svg, model: &str) {
    svg.line("actual", (340.0, 46.0), (376.0, 46.0));
    svg.bar("bar", 382.0, 12.0, (40.0, 52.0));
    svg.text("", (400.0, 50.0), "start", "actual");
    svg.line("model", (500.0, 46.0), (536.0, 46.0));
    svg.bar("open", 542.0, 12.0, (40.0, 52.0));
    svg.text("", (560.0, 50.0), "start", &format!("expected by {model}"));
}

impl Panel {
    /// Axes, their labels, and the lines across.
    fn frame(&self, svg: &mut Svg, below: &str, beside: &str) {
        let (left, right) = self.x.range();
        for tick in self.y.ticks() {
            let y = self.y.at(tick);
            svg.line("grid", (left, y), (right, y));
            svg.text("", (left - 7.0, y + 4.0), "end", &tick.to_string());
        }
        svg.polyline("axis", &[(left, TOP), (left, BOTTOM), (right, BOTTOM)]);
        svg.text("", (f64::midpoint(left, right), BOTTOM + 42.0), "middle", below);
        svg.text_upwards((left - 52.0, f64::midpoint(TOP, BOTTOM)), beside);
    }

    fn tick_below(&self, svg: &mut Svg, at: f64, label: &str) {
        let x = self.x.at(at);
        svg.line("axis", (x, BOTTOM), (x, BOTTOM + 4.0));
        svg.text("", (x, BOTTOM + 17.0), "middle", label);
    }
}
