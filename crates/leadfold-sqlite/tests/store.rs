//! The SQLite store: the contract that all stores keep, and what goes wrong with files.

#[path = "store/boundaries.rs"]
mod boundaries;
#[path = "store/contract.rs"]
mod contract;
#[path = "store/faults.rs"]
mod faults;
#[path = "store/mending.rs"]
mod mending;
#[path = "store/projections.rs"]
mod projections;
#[path = "store/size.rs"]
mod size;
#[path = "store/snapshot.rs"]
mod snapshot;
#[path = "store/strange.rs"]
mod strange;
#[path = "store/upgrade.rs"]
mod upgrade;
#[path = "store/waiting.rs"]
mod waiting;

use leadfold_testkit::conformance as clauses;
use leadfold_testkit::conformance::same;
