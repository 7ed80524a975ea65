//! The curves as a drawing.

use std::fmt::Write;

use super::curves::Growth;

const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 260.0;
/// Room for numbers and names around a panel.
const MARGIN: f64 = 50.0;
const LEGEND_LINE: f64 = 18.0;
const COLOURS: [&str; 4] = ["#0b6e4f", "#6ab187", "#c8553d", "#3d5a98"];

/// Where the points of a panel go: events by their logarithm, nanoseconds from 0.
struct Axes {
    left: f64,
    events: [f64; 2],
    cost_max: f64,
}

impl Axes {
    fn of(growth: &Growth, left: f64, cost_max: f64) -> Self {
        let events = growth.curves.iter().flat_map(|curve| &curve.points).map(|point| point.0);
        let [low, high] = [events.clone().fold(f64::MAX, f64::min), events.fold(1.0, f64::max)];
        Self { left, events: [low, high.max(low * 1.01)], cost_max }
    }

    fn place(&self, (events, cost): (f64, f64)) -> (f64, f64) {
        let [low, high] = self.events;
        let x = (events / low).ln() / (high / low).ln();
        (self.left + MARGIN + x * WIDTH, MARGIN + (1.0 - cost / self.cost_max) * HEIGHT)
    }
}

/// One panel a growth, side by side, on one scale of costs.
pub(crate) fn draw(growths: &[Growth]) -> String {
    let points = || growths.iter().flat_map(|g| &g.curves).flat_map(|curve| &curve.points);
    let cost_max = points().map(|point| point.1).fold(1.0, f64::max) * 1.1;
    let width = (WIDTH + 2.0 * MARGIN) * growths.len() as f64;
    let curves = growths.first().map_or(0, |growth| growth.curves.len());
    let height = HEIGHT + 2.0 * MARGIN + LEGEND_LINE * curves as f64;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for (number, growth) in growths.iter().enumerate() {
        let axes = Axes::of(growth, number as f64 * (WIDTH + 2.0 * MARGIN), cost_max);
        panel(&mut out, growth, &axes);
    }
    legend(&mut out, growths);
    out.push_str("</svg>\n");
    out
}

fn panel(out: &mut String, growth: &Growth, axes: &Axes) {
    let (left, bottom) = (axes.left + MARGIN, MARGIN + HEIGHT);
    let title = format!("{}: nanoseconds an event", growth.name);
    label(out, (left, MARGIN - 18.0), "start", &title);
    for quarter in 0..=4 {
        let cost = axes.cost_max * f64::from(quarter) / 4.0;
        let (x, y) = axes.place((axes.events[0], cost));
        line(out, &[(x, y), (x + WIDTH, y)], "#dddddd", 1.0);
        label(out, (x - 6.0, y + 4.0), "end", &format!("{cost:.0}"));
    }
    for (curve, colour) in growth.curves.iter().zip(COLOURS.iter().cycle()) {
        let places: Vec<_> = curve.points.iter().map(|point| axes.place(*point)).collect();
        line(out, &places, colour, 2.0);
        for (x, y) in places {
            writeln!(out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>")
                .expect("a string takes all");
        }
    }
    for (events, _) in growth.curves.first().map_or(&[][..], |curve| &curve.points) {
        let (x, _) = axes.place((*events, 0.0));
        label(out, (x, bottom + 18.0), "middle", &format!("{:.2} M events", events / 1e6));
    }
}

fn legend(out: &mut String, growths: &[Growth]) {
    let curves = growths.first().map_or(&[][..], |growth| &growth.curves);
    for ((number, curve), colour) in curves.iter().enumerate().zip(COLOURS.iter().cycle()) {
        let y = HEIGHT + 2.0 * MARGIN + LEGEND_LINE * number as f64;
        line(out, &[(MARGIN, y - 4.0), (MARGIN + 24.0, y - 4.0)], colour, 2.0);
        label(out, (MARGIN + 32.0, y), "start", &curve.name);
    }
}

fn line(out: &mut String, points: &[(f64, f64)], colour: &str, width: f64) {
    let points: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let points = points.join(" ");
    writeln!(
        out,
        "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"/>"
    )
    .expect("a string takes all");
}

/// The texts are ours and have nothing to escape.
fn label(out: &mut String, (x, y): (f64, f64), anchor: &str, text: &str) {
    writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>")
        .expect("a string takes all");
}
