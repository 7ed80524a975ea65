//! The `leadfold` command line: a log of lead events in, answers out.
//!
//! Each command reads its options, asks the library and prints one report: a table for people,
//! or one JSON document. Nothing is computed here that the library does not compute.
//! `docs/CLI.md` describes the commands.

mod args;
mod command;
mod dimension;
mod error;
mod file;
mod finding;
mod handoff;
mod history;
mod leads;
mod money;
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
use std::io::{self, BufWriter};

use clap::Parser;
use leadfold_core::Timestamp;

use self::args::Args;
use self::error::Outcome;
use self::output::Output;

/// Runs one command line and returns its exit status: 0 done, 1 the answer is "no", 2 wrong
/// usage, 3 bad input, 4 the store failed, or the output.
///
/// `now` is the clock: asked only for `recorded_at` of imported events that bring none.
pub fn run(args: impl IntoIterator<Item = OsString>, now: fn() -> Timestamp) -> u8 {
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(error) => {
            // Nobody is left to tell when even that cannot be printed.
            let _ = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(2);
        }
    };
    let mut output = Output::new(BufWriter::new(io::stdout().lock()), args.json);
    match args.command.run(&mut output, now).and_then(|outcome| output.finish(outcome)) {
        Ok(outcome) => outcome.status(),
        Err(error) if error.is_unheard() => Outcome::Done.status(),
        Err(error) => {
            eprintln!("error: {error}");
            error.status()
        }
    }
}
