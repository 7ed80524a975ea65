//! Faults: processes that die anywhere, media that fail, lie or are full, files that are damaged,
//! processes that share a file. What every test here counts has to be 0: acknowledged events lost,
//! events invented, reordered, skipped or applied twice, batches torn.
//!
//! `LEADFOLD_FAULT_ROUNDS` says how many rounds of killing there are (1,000 by default), and
//! `LEADFOLD_FAULT_SEED` which; both are printed.

#[path = "faults/child.rs"]
mod child;
#[path = "faults/counting.rs"]
mod counting;
#[path = "faults/dice.rs"]
mod dice;
#[path = "faults/flips.rs"]
mod flips;
#[path = "faults/full.rs"]
mod full;
#[path = "faults/injected.rs"]
mod injected;
#[path = "faults/kill.rs"]
mod kill;
#[path = "faults/kill_projections.rs"]
mod kill_projections;
#[path = "faults/power.rs"]
mod power;
#[path = "faults/processes.rs"]
mod processes;
#[path = "faults/project.rs"]
mod project;
#[path = "faults/rows.rs"]
mod rows;
#[path = "faults/strace.rs"]
mod strace;
#[path = "faults/trial.rs"]
mod trial;

use leadfold_testkit::account;
use leadfold_testkit::conformance::same;
