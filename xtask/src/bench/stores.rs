//! `cargo xtask bench-stores`: durable appends and replays of the stores that outlive a process,
//! and of other event stores beside them, in one run and on one server.

use super::Result;
use super::tools::{cargo, rival, rivals_target, run};

/// Prints rows of a table.
///
/// # Errors
/// When something does not build or does not run.
pub(crate) fn bench(mut arguments: impl Iterator<Item = String>) -> Result<()> {
    let wants_rivals = match arguments.next().as_deref() {
        None => false,
        Some("--rivals") => true,
        Some(other) => return Err(format!("expected [--rivals], found {other}")),
    };
    let mut measure = cargo();
    measure.args(["run", "--release", "--quiet", "--package", "leadfold-postgres"]);
    measure.args(["--example", "store_rate"]);
    if wants_rivals {
        run(rival("stores").args(["build", "--release", "--quiet"]))?;
        measure.env("LEADFOLD_RIVAL_STORES", rivals_target().join("release/rival-stores"));
    }
    print!("{}", run(&mut measure)?);
    Ok(())
}
