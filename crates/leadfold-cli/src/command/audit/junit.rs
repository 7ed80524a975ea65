//! The findings as a JUnit file, which every CI shows.
//!
//! A denied finding is a failed case, another one a skipped case, so that nothing is hidden. A
//! clean log has one case that passed.

use std::fmt::{self, Write as _};

use super::report::AuditReport;
use crate::error::CliError;
use crate::finding::FindingReport;
use crate::target::{Target, Written};

pub(super) fn write(target: &Target<'_>, report: &AuditReport) -> Result<(), CliError> {
    target.write(|out| {
        out.write_all(document(report).as_bytes())?;
        Ok(Written::Whole)
    })
}

fn document(report: &AuditReport) -> String {
    let is_failed = |finding: &&FindingReport| finding.is_denied || !report.has_rules;
    let failed = report.findings.iter().filter(is_failed).count();
    let skipped = report.findings.len() - failed;
    let tests = report.findings.len().max(1);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let mut line = |text: fmt::Arguments<'_>| writeln!(out, "{text}").expect("a string takes all");
    line(format_args!(
        "<testsuites><testsuite name=\"leadfold audit\" tests=\"{tests}\" failures=\"{failed}\" \
         skipped=\"{skipped}\">"
    ));
    if report.findings.is_empty() {
        line(format_args!("<testcase classname=\"leadfold.audit\" name=\"no findings\"/>"));
    }
    for finding in &report.findings {
        let word = if is_failed(&finding) { "failure" } else { "skipped" };
        line(format_args!("{}", case(finding, word)));
    }
    line(format_args!("</testsuite></testsuites>"));
    out
}

fn case(finding: &FindingReport, word: &str) -> String {
    let lead = finding.key.as_deref().unwrap_or("no lead");
    let evidence: Vec<String> = finding.evidence.iter().map(ToString::to_string).collect();
    let text = format!("at {}\nevidence: {}\n{}", finding.at, evidence.join(" "), finding.advice);
    format!(
        "<testcase classname=\"leadfold.audit.{code}\" name=\"{name}\"><{word} message=\"{message}\" \
         type=\"{code}\">{text}</{word}></testcase>",
        code = finding.code,
        name = escaped(&format!("{lead}, event {}", finding.position)),
        message = escaped(&finding.message),
        text = escaped(&text),
    )
}

/// Text of a log may hold anything: what XML gives a meaning is written out, what it forbids is
/// replaced.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push('\n'),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn no_text_breaks_the_document() {
        assert_eq!(
            escaped("a<b>\"&'\u{1b}[31m\u{ffff}\n"),
            "a&lt;b&gt;&quot;&amp;'\u{fffd}[31m\u{fffd}\n"
        );
    }
}
