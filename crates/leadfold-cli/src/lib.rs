//! The `leadfold` command line: a log of lead events in, answers out.
//!
//! Each command reads its options, asks the library and prints one report: a table for people,
//! or one JSON document. Nothing is computed here that the library does not compute.
//! `docs/CLI.md` describes the commands.

mod args;
mod command;
mod cores;
mod dimension;
mod error;
mod file;
mod finding;
mod handoff;
mod history;
mod leads;
mod message;
mod money;
mod number;
mod output;
mod playbook;
mod progress;
mod reading;
mod store;
mod table;
mod target;
mod text;
mod time;

use std::ffi::OsString;
use std::io::{self, BufWriter, Write as _};

use clap::Parser;
use leadfold_core::Timestamp;

use self::args::Args;
use self::error::CliError;
use self::message::tell;
use self::output::Output;

/// Runs one command line and returns its exit status: 0 done, 1 the answer is "no", 2 wrong
/// usage, 3 bad input, 4 the store failed, or the output.
///
/// `now` is the clock: asked only for `recorded_at` of imported events that bring none, and of
/// published playbooks.
pub fn run(args: impl IntoIterator<Item = OsString>, now: fn() -> Timestamp) -> u8 {
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(error) => return shown(&error),
    };
    let mut output = Output::new(BufWriter::new(io::stdout().lock()), args.json);
    match args.command.run(&mut output, now).and_then(|outcome| output.finish(outcome)) {
        Ok(outcome) => outcome.status(),
        Err(error) => failed(&error),
    }
}

/// Shows what the parser has to say: help on standard output, faults of the usage on standard
/// error, where nobody is left to tell if even that cannot be printed.
fn shown(error: &clap::Error) -> u8 {
    match error.print().and_then(|()| io::stdout().flush()) {
        Err(source) if !error.use_stderr() && source.kind() != io::ErrorKind::BrokenPipe => {
            failed(&CliError::Output(source))
        }
        _ => u8::try_from(error.exit_code()).unwrap_or(2),
    }
}

fn failed(error: &CliError) -> u8 {
    tell(format_args!("error: {error}"));
    error.status()
}
