//! `audit`: what marketing and sales promised each other, and what became of it, with evidence.

mod book;
mod deny;
mod figures;
mod junit;
mod report;
mod timeline;

use std::io::Write;
use std::path::PathBuf;

use self::book::Book;
pub(super) use self::book::{calendar, findings, key_name, owner_names};
use self::deny::Deny;
pub(super) use self::report::AuditReport;
pub(super) use self::timeline::Names;
use crate::args::ReadOptions;
use crate::error::{CliError, Outcome};
use crate::message::tell;
use crate::output::Output;
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
    match &options.lead {
        Some(key) => {
            let lead = timeline::load(options, key)?;
            let report = lead.audit.deny(&options.deny, &lead.playbook);
            finish(junit.as_ref(), report, output, |report| lead.shown.with(report))
        }
        None => {
            let book = Book::open(&options.read)?;
            let report = book.report(options.by.as_deref())?;
            let report = report.deny(&options.deny, &book.playbook);
            finish(junit.as_ref(), report, output, |report| report)
        }
    }
}

/// Writes what was asked for, and answers whether all is well.
fn finish<R: crate::output::Report>(
    junit: Option<&Target<'_>>,
    report: AuditReport,
    output: &mut Output<impl Write>,
    shown: impl FnOnce(AuditReport) -> R,
) -> Result<Outcome, CliError> {
    if let Some(target) = junit {
        junit::write(target, &report)?;
    }
    let denied = report.denied();
    output.print(&shown(report))?;
    if denied == 0 {
        return Ok(Outcome::Done);
    }
    tell(format_args!("{} denied", counted(denied, "finding is", "findings are")));
    Ok(Outcome::No)
}

/// The audit of a log under the default playbook, for the tour.
pub(super) fn audit(options: &ReadOptions) -> Result<AuditReport, CliError> {
    Book::open(options)?.report(None)
}
