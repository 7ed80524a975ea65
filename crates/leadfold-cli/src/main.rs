//! The `leadfold` command. Here, and only here, the clock is read: for `recorded_at` of imports.

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use leadfold_core::Timestamp;

fn main() -> ExitCode {
    ExitCode::from(leadfold_cli::run(std::env::args_os(), now))
}

fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
}
