//! `report`: what the commands that read tell, in one HTML file.

mod gather;

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use self::gather::Source;
use super::funnel::Kind;
use crate::args::{PeriodOptions, ReadOptions};
use crate::error::{CliError, Outcome};
use crate::number;
use crate::output::Output;
use crate::reading::Scope;
use crate::target::{Target, Written};
use crate::text::as_of;

/// Options of `report`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    read: ReadOptions,
    #[command(flatten)]
    view: View,
    /// The file to write; an earlier one is replaced when the report is whole. `-` is standard
    /// output
    #[arg(long, value_name = "FILE.html")]
    out: PathBuf,
}

/// So many rows have most tables of most businesses.
const ROWS: u32 = 30;
/// So many findings of a code show what it is like.
const EXAMPLES: u32 = 5;

/// What of the log is shown.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct View {
    #[command(flatten)]
    period: PeriodOptions,
    /// Funnel and costs: what became of the leads captured in the period, or what happened in it
    #[arg(long, value_enum, default_value_t)]
    kind: Kind,
    /// Split funnel and customer value by source, medium, campaign, channel, owner, product, cohort
    /// (month of capture), a captured attribute, or attr:NAME for one with such a name; several by
    /// commas. Costs are split with them where a cost says that of itself
    #[arg(long, value_name = "DIMENSION", value_delimiter = ',', default_value = "source")]
    by: Vec<String>,
    /// How many sources, owners, reasons and tasks a table has at most; it says how many more there
    /// are
    #[arg(long, value_name = "N", default_value_t = ROWS, value_parser = number::whole::<1, { u32::MAX }>)]
    rows: u32,
    /// How many findings of each code are shown, the latest first
    #[arg(long, value_name = "N", default_value_t = EXAMPLES, value_parser = number::whole::<0, { u32::MAX }>)]
    examples: u32,
}

impl Default for View {
    fn default() -> Self {
        Self {
            period: PeriodOptions::default(),
            kind: Kind::default(),
            by: vec!["source".to_owned()],
            rows: ROWS,
            examples: EXAMPLES,
        }
    }
}

/// What was written.
#[derive(Serialize)]
pub(super) struct Answer {
    #[serde(flatten)]
    scope: Scope,
    file: String,
    bytes: u64,
}

pub(super) fn run(options: &Options, output: &mut Output<impl Write>) -> Result<Outcome, CliError> {
    let Options { read, view, out } = options;
    if out == Path::new("-") {
        return print(read, view, output);
    }
    let target = Target::new(out, "--out", &read.store.store)?;
    output.answer(&write(&target, out, &Source::open(read)?, view)?)
}

/// Writes the report of a whole log, for the tour.
pub(super) fn whole(
    read: &ReadOptions,
    path: &Path,
    option: &'static str,
) -> Result<Answer, CliError> {
    let target = Target::new(path, option, &read.store.store)?;
    write(&target, path, &Source::open(read)?, &View::default())
}

/// Writes the page, and nothing else, to standard output.
fn print(
    read: &ReadOptions,
    view: &View,
    output: &mut Output<impl Write>,
) -> Result<Outcome, CliError> {
    if output.is_json() {
        return Err(CliError::Usage(
            "expected one document on standard output, found --json with --out -; leave one of \
             them out"
                .to_owned(),
        ));
    }
    let page = Source::open(read)?.report(view)?.to_html();
    output.write(|out| Ok(out.write_all(page.as_bytes())?))?;
    Ok(Outcome::Done)
}

/// Writes the page to a file.
fn write(
    target: &Target<'_>,
    path: &Path,
    source: &Source,
    view: &View,
) -> Result<Answer, CliError> {
    let page = source.report(view)?.to_html();
    target.write(|out| {
        out.write_all(page.as_bytes())?;
        Ok(Written::Whole)
    })?;
    let (scope, bytes) = (source.scope(view)?, page.len() as u64);
    Ok(Answer { scope, file: path.display().to_string(), bytes })
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "report{} written to {}", as_of(self.scope.as_of), self.file)
    }
}
