//! The findings as a JUnit file, which every CI shows.
//!
//! A denied finding is a failed case, another one a skipped case, so that nothing is hidden. A
//! clean log has one case that passed.

use std::io::{self, Write};

use super::findings::Findings;
use crate::error::CliError;
use crate::finding::FindingReport;
use crate::target::{Target, Written};

pub(super) fn write(target: &Target<'_>, findings: &Findings) -> Result<(), CliError> {
    target.write(|out| {
        document(findings, out)?;
        Ok(Written::Whole)
    })
}

fn document(findings: &Findings, mut out: &mut dyn Write) -> io::Result<()> {
    let failed = findings.iter().filter(|found| findings.fails(found)).count();
    let (tests, skipped) = (findings.len().max(1), findings.len() - failed);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites><testsuite name=\"leadfold audit\" tests=\"{tests}\" failures=\"{failed}\" \
         skipped=\"{skipped}\">"
    )?;
    if findings.len() == 0 {
        writeln!(out, "<testcase classname=\"leadfold.audit\" name=\"no findings\"/>")?;
    }
    for (found, report) in findings.named() {
        case(&mut out, &report, if findings.fails(found) { "failure" } else { "skipped" })?;
    }
    writeln!(out, "</testsuite></testsuites>")
}

fn case(out: &mut impl Write, finding: &FindingReport, word: &str) -> io::Result<()> {
    let lead = finding.key.as_deref().unwrap_or("no lead");
    let evidence: Vec<String> = finding.evidence.iter().map(ToString::to_string).collect();
    let text = format!("at {}\nevidence: {}\n{}", finding.at, evidence.join(" "), finding.advice);
    writeln!(
        out,
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
