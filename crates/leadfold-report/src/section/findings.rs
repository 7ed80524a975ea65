//! Promises that were not kept and rules that were broken, with examples.

use leadfold_core::Timestamp;
use leadfold_core::audit::{AuditCode, Severity};
use maud::{Markup, html};

use super::section;
use crate::cell::{at, clean, count, counted};
use crate::figure;
use crate::report::Report;
use crate::split::{has_all, name};
use crate::table::Table;

/// The command that has every finding.
const AUDIT: &str = "leadfold audit --json";

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// How many in all.
    pub count: u64,
    /// How many are errors.
    pub errors: u64,
    /// By code, in the order of the page.
    pub groups: Vec<FindingGroup>,
}

/// The findings of one code.
#[derive(Clone, Debug)]
pub struct FindingGroup {
    /// Which.
    pub code: AuditCode,
    /// How many.
    pub count: u64,
    /// Some of them.
    pub examples: Vec<Example>,
}

/// One finding.
#[derive(Clone, Debug)]
pub struct Example {
    /// The lead's key; none for an event without a lead.
    pub lead: Option<String>,
    /// Who had the lead.
    pub owner: Option<String>,
    /// When it came about.
    pub at: Timestamp,
    /// What happened, in a sentence. Names of the log stand in it as [`isolated`] has them.
    pub message: String,
}

/// Marks of Unicode before and behind a text that has a direction of its own.
const ISOLATE: [char; 2] = ['\u{2068}', '\u{2069}'];

/// A name of the log for a sentence. It may be written from right to left, which is then no matter
/// of the words and figures beside it.
///
/// ```
/// assert_eq!(leadfold_report::isolated("rep-a"), "\u{2068}rep-a\u{2069}");
/// assert_eq!(leadfold_report::isolated("rep\u{202e}"), "\u{2068}rep\u{fffd}\u{2069}");
/// ```
pub fn isolated(name: &str) -> String {
    let [begin, end] = ISOLATE;
    format!("{begin}{}{end}", clean(name))
}

/// How many of what.
pub(crate) fn draw(report: &Report) -> Markup {
    let findings = &report.findings;
    let body = html! {
        @if findings.groups.is_empty() {
            p { "No promise was broken, and no rule." }
        } @else {
            p {
                (counted(findings.count, "finding", "findings")) ", of which "
                (counted(findings.errors, "is an error", "are errors")) "."
            }
            (codes(&findings.groups))
        }
    };
    section("findings", "Findings", body)
}

/// What they are like; the last section, since it is long.
pub(crate) fn draw_examples(report: &Report) -> Markup {
    let Findings { count: all, groups, .. } = &report.findings;
    let with_examples = || groups.iter().filter(|group| !group.examples.is_empty());
    let body = html! {
        @if groups.is_empty() {
            p { "There are no findings to show." }
        } @else if with_examples().next().is_none() {
            p { "Of " (counted(*all, "finding", "findings")) " none is shown. " (has_all(AUDIT)) }
        }
        @for group in with_examples() { (examples(group)) }
    };
    section("examples", "Examples of the findings", body)
}

fn codes(groups: &[FindingGroup]) -> Markup {
    let headings = ["Finding", "Severity", "What it means", "Count"];
    let mut table = Table::new("codes", "Findings by code", &headings, 3);
    for group in groups {
        let code = group.code;
        table.row([
            html! {
                @if group.examples.is_empty() { code { (code.name()) } }
                @else { a href={ "#" (id(group)) } { code { (code.name()) } } }
            },
            severity(code.severity()),
            html! { (code.meaning()) },
            count(group.count),
        ]);
    }
    html! { (table) }
}

fn id(group: &FindingGroup) -> String {
    format!("finding-{}", group.code.name())
}

/// How bad it is: in a word, and in a colour beside it.
fn severity(severity: Severity) -> Markup {
    html! { span class={ "severity " (severity.name()) } { (severity.name()) } }
}

fn examples(group: &FindingGroup) -> Markup {
    let FindingGroup { code, count: n, examples } = group;
    let shown = examples.len() as u64;
    let caption = if shown < *n {
        format!("{}: the latest {shown} of {}", code.name(), figure::count(*n))
    } else {
        format!("{}: all of them", code.name())
    };
    let headings = ["Lead", "Owner", "When (UTC)", "What happened"];
    let mut table = Table::new(&id(group), &caption, &headings, 4);
    for example in examples {
        table.row([
            name(example.lead.as_deref()),
            name(example.owner.as_deref()),
            at(example.at),
            sentence(&example.message),
        ]);
    }
    html! {
        h3 { (code.meaning()) }
        p { (code.matter()) " " b { "What to do: " } (code.advice()) }
        (table)
        @if shown < *n {
            p.note {
                (counted(n - shown, "more is", "more are")) " left out. " (has_all(AUDIT))
            }
        }
    }
}

/// A sentence with its names apart.
fn sentence(text: &str) -> Markup {
    let [begin, end] = ISOLATE;
    let (first, rest) = text.split_once(begin).unwrap_or((text, ""));
    html! {
        (clean(first))
        @for part in rest.split(begin).filter(|part| !part.is_empty()) {
            @let (name, words) = part.split_once(end).unwrap_or((part, ""));
            bdi { (clean(name)) } (clean(words))
        }
    }
}
