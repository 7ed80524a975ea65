//! `audit`: what marketing and sales promised each other, and what became of it, with evidence.

mod book;
mod deny;
mod figures;
mod findings;
mod junit;
mod report;
mod timeline;

use std::io::Write;
use std::path::PathBuf;

use self::book::Book;
pub(super) use self::book::{calendar, key_name, owner_names};
use self::deny::Deny;
use self::findings::{Findings, Shown};
pub(super) use self::report::AuditReport;
use crate::args::ReadOptions;
use crate::error::{CliError, Outcome};
use crate::message::tell;
use crate::output::{Output, Report};
use crate::target::Target;
use crate::text::counted;

/// Options of `audit`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    read: ReadOptions,
    /// Exit with 1 if there is such a finding: a code; `info`, `warning` or `error` for that
    /// severity and above; `all`; several by commas. The playbook's `[audit] deny` counts too
    #[arg(long, value_name = "CODE", value_delimiter = ',', num_args = 1..)]
    deny: Vec<Deny>,
    /// Split the hand-offs by owner, team, definition, source, medium, campaign, channel, product,
    /// cohort (month of capture) or a captured attribute
    #[arg(long, value_name = "DIMENSION", conflicts_with = "lead")]
    by: Option<String>,
    /// Write the findings as a JUnit file: what is denied is a failed case. Without `--deny` and
    /// without the playbook's `deny`, every finding is
    #[arg(long, value_name = "FILE.xml")]
    junit: Option<PathBuf>,
    /// Audit one lead, and those that merges have put together with it, with their timeline
    #[arg(long, value_name = "KEY")]
    lead: Option<String>,
    /// With --lead: the system in whose words the key is
    #[arg(long, requires = "lead")]
    system: Option<String>,
    /// With --lead: its tenant
    #[arg(long, requires = "lead")]
    tenant: Option<String>,
}

pub(super) fn run(options: &Options, output: &mut Output<impl Write>) -> Result<Outcome, CliError> {
    let (junit, url) = (options.junit.as_deref(), &options.read.store.store);
    let junit = junit.map(|path| Target::new(path, "--junit", url)).transpose()?;
    let denied = &options.deny;
    match &options.lead {
        Some(key) => {
            let timeline::Loaded { mut shown, playbook } = timeline::load(options, key)?;
            shown.audit.findings.deny(denied, &playbook);
            finish(junit.as_ref(), &shown, &shown.audit.findings, output)
        }
        None => {
            let book = Book::open(&options.read)?;
            let mut report = book.report(options.by.as_deref(), shown(output, junit.as_ref()))?;
            report.findings.deny(denied, &book.playbook);
            finish(junit.as_ref(), &report, &report.findings, output)
        }
    }
}

/// Which findings are shown: a JUnit file has all of them, as JSON has.
fn shown(output: &Output<impl Write>, junit: Option<&Target<'_>>) -> Shown {
    if output.is_json() || junit.is_some() { Shown::All } else { Shown::Worst }
}

/// Writes what was asked for, and answers whether all is well.
fn finish(
    junit: Option<&Target<'_>>,
    report: &impl Report,
    findings: &Findings,
    output: &mut Output<impl Write>,
) -> Result<Outcome, CliError> {
    if let Some(target) = junit {
        junit::write(target, findings)?;
    }
    output.print(report)?;
    let denied = findings.denied();
    if denied == 0 {
        return Ok(Outcome::Done);
    }
    tell(format_args!("{} denied", counted(denied, "finding is", "findings are")));
    Ok(Outcome::No)
}

/// The audit of a log under the default playbook, for the tour.
pub(super) fn audit(
    options: &ReadOptions,
    output: &Output<impl Write>,
) -> Result<AuditReport, CliError> {
    Book::open(options)?.report(None, shown(output, None))
}
