//! How fast is each part? `cargo bench --bench parts [FILTER]` measures the parts that have the
//! text in their names; `--help` says what else divan can be told.
//!
//! Before a part is measured, it is run once and its result held against what the plain way gives:
//! a part that is broken fails, and has no figure. `LEADFOLD_LEADS=N` sets the size of the logs.
//! `cargo test --bench parts` runs each part once on a small log.

mod audit;
mod calendar;
mod catch_up;
mod clv;
mod decide;
mod facts;
mod fold;
#[path = "../shared/held_back.rs"]
#[allow(dead_code, reason = "each bench takes of it what it needs")]
mod held_back;
mod late;
mod lines;
mod log;
mod lower;
mod memory;
mod metrics;
#[path = "../shared/numbers.rs"]
#[allow(dead_code, reason = "each bench takes of it what it needs")]
mod numbers;
#[path = "../shared/pages.rs"]
mod pages;
mod shards;
mod snapshot;
mod sqlite;

use std::time::Duration;

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// Longest time for one part on one log: all of them are done within a minute or so.
const A_PART_MAX: Duration = Duration::from_secs(1);

/// The rivals bring allocators of their own, too (`docs/DESIGN.md`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::Divan::default().max_time(A_PART_MAX).config_with_args().main();
}
