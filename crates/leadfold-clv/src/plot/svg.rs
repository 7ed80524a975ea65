//! A drawing as SVG text.

use std::fmt::Write;

/// A drawing under construction. Every element is closed where it is written, all text is escaped.
pub(super) struct Svg(String);

/// From the left, and from above.
type Point = (f64, f64);

impl Svg {
    /// A drawing of a size, with its style, its title, and what it shows in words.
    pub(super) fn new(width: f64, height: f64, style: &str, title: &str, words: &str) -> Self {
        let mut svg = Self(String::new());
        svg.add(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\" role=\"img\" aria-labelledby=\"title desc\">"
        ));
        svg.add(format_args!("<title id=\"title\">{}</title>", escaped(title)));
        svg.add(format_args!("<desc id=\"desc\">{}</desc>", escaped(words)));
        svg.add(format_args!("<style>{}</style>", escaped(style)));
        svg.add(format_args!("<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>"));
        svg
    }

    fn add(&mut self, element: std::fmt::Arguments<'_>) {
        // A string takes all that is written to it.
        let _ = writeln!(self.0, "{element}");
    }

    pub(super) fn text(&mut self, class: &str, (x, y): Point, anchor: &str, text: &str) {
        let (class, text) = (of_class(class), escaped(text));
        self.add(format_args!(
            "<text{class} x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"
        ));
    }

    /// Text about a point, read from below to above.
    pub(super) fn text_upwards(&mut self, (x, y): Point, text: &str) {
        let text = escaped(text);
        self.add(format_args!(
            "<text transform=\"translate({x:.1} {y:.1}) rotate(-90)\" \
             text-anchor=\"middle\">{text}</text>"
        ));
    }

    pub(super) fn line(&mut self, class: &str, from: Point, to: Point) {
        self.polyline(class, &[from, to]);
    }

    pub(super) fn polyline(&mut self, class: &str, points: &[Point]) {
        if points.is_empty() {
            return;
        }
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let (class, points) = (of_class(class), points.join(" "));
        self.add(format_args!("<polyline{class} points=\"{points}\"/>"));
    }

    /// A bar from one height to another.
    pub(super) fn bar(&mut self, class: &str, x: f64, width: f64, (top, bottom): Point) {
        let (class, height) = (of_class(class), bottom - top);
        self.add(format_args!(
            "<rect{class} x=\"{x:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>"
        ));
    }

    pub(super) fn finish(mut self) -> String {
        self.0.push_str("</svg>\n");
        self.0
    }
}

fn of_class(class: &str) -> String {
    if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") }
}

/// Text as XML has it; what XML cannot have is replaced.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
