//! The commands, one a file.

mod aging;
mod audit;
mod clv;
mod compare;
mod cost;
mod deals;
mod demo;
mod due;
mod export;
mod funnel;
mod handoffs;
mod import;
mod playbook;
mod report;
mod snapshot;
mod status;
mod verify;

use std::io::Write;

use clap::Subcommand;
use leadfold_core::Timestamp;

use crate::error::{CliError, Outcome};
use crate::output::Output;

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a company's year, import it and show what can be asked of it
    Demo(demo::Options),
    /// Append events from files; what is in the log already is left out
    Import(import::Options),
    /// Write the log as NDJSON, or with its tables as Parquet files
    Export(export::Options),
    /// Count leads by state, or show one lead
    Status(status::Options),
    /// Count how leads move from stage to stage
    Funnel(funnel::Options),
    /// Count won and lost opportunities, their cycle times and the reasons of the lost ones
    Deals(deals::Options),
    /// Show how long open leads have been where they are
    Aging(aging::Options),
    /// List what somebody has to see to: follow-ups, decisions, first attempts, rests, consents
    Due(due::Options),
    /// Show what customers paid, got back and cost
    Clv(clv::Options),
    /// Show what leads and new customers cost, and whether that paid
    Cost(cost::Options),
    /// List the hand-offs to sales: what was due and done, and what came of each
    Handoffs(handoffs::Options),
    /// List what is wrong with the histories, with evidence
    Audit(audit::Options),
    /// Write status, funnel, hand-offs, findings, deals and value as one HTML file
    Report(report::Options),
    /// Hold two playbooks against the log: whom they hand off, and what became of that
    Compare(compare::Options),
    /// Publish versions of the playbook in the log, and see which one was in force
    Playbook(playbook::Options),
    /// Keep the tables in the store, so that readings begin there, or drop them again
    Snapshot(snapshot::Options),
    /// Check the integrity of the store
    Verify(verify::Options),
}

impl Command {
    /// Runs it.
    pub(crate) fn run(
        &self,
        output: &mut Output<impl Write>,
        now: fn() -> Timestamp,
    ) -> Result<Outcome, CliError> {
        match self {
            Self::Demo(options) => demo::run(options, output, now),
            Self::Import(options) => import::run(options, output, now),
            Self::Export(options) => export::run(options, output),
            Self::Status(options) => status::run(options, output),
            Self::Funnel(options) => funnel::run(options, output),
            Self::Deals(options) => deals::run(options, output),
            Self::Aging(options) => aging::run(options, output),
            Self::Due(options) => due::run(options, output),
            Self::Clv(options) => clv::run(options, output),
            Self::Cost(options) => cost::run(options, output),
            Self::Handoffs(options) => handoffs::run(options, output),
            Self::Audit(options) => audit::run(options, output),
            Self::Report(options) => report::run(options, output),
            Self::Compare(options) => compare::run(options, output),
            Self::Playbook(options) => playbook::run(options, output, now),
            Self::Snapshot(options) => snapshot::run(options, output),
            Self::Verify(options) => verify::run(options, output),
        }
    }
}
