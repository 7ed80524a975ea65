//! The SQLite store: the contract that all stores keep, and what goes wrong with files.

#[path = "../../leadfold-store/tests/shared/clauses.rs"]
mod clauses;
#[path = "store/contract.rs"]
mod contract;
#[path = "store/faults.rs"]
mod faults;
#[path = "../../leadfold-store/tests/shared/same.rs"]
mod same;
#[path = "store/size.rs"]
mod size;
#[path = "store/upgrade.rs"]
mod upgrade;
