//! Texts of a log as messages show them: on one line, and without what acts on a terminal.

/// The most characters of a field that a message repeats.
const SHORT_MAX: usize = 60;

/// The text on one line.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(visible).collect()
}

/// The text on one line, and not too much of it.
pub(crate) fn short(text: &str) -> String {
    let mut chars = text.chars();
    let mut shown: String = chars.by_ref().take(SHORT_MAX).map(visible).collect();
    if chars.next().is_some() {
        shown.push_str("...");
    }
    shown
}

/// A count and its noun.
pub(crate) fn counted(n: usize, noun: &str) -> String {
    let ending = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{ending}")
}

/// A text with all its lines moved to the right.
pub(crate) fn indented(text: &str, by: usize) -> String {
    let margin = " ".repeat(by);
    text.lines().map(|line| format!("{margin}{line}\n")).collect()
}

fn visible(c: char) -> String {
    match c {
        '"' | '\'' | '\\' => c.to_string(),
        _ => c.escape_debug().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_written_out() {
        assert_eq!(
            one_line("two\nlines \"quoted\" \u{1b}[2J \u{202e}liam caf\u{e9}"),
            "two\\nlines \"quoted\" \\u{1b}[2J \\u{202e}liam caf\u{e9}"
        );
        assert_eq!(short(&"x".repeat(70)), format!("{}...", "x".repeat(60)));
        assert_eq!(
            (counted(1, "finding"), counted(0, "finding")),
            ("1 finding".into(), "0 findings".into())
        );
        assert_eq!(indented("a\nb", 2), "  a\n  b\n");
    }
}
