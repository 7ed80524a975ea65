//! The PostgreSQL store on a real server: the contract that all stores keep, several writers, and
//! what goes wrong with servers and connections.

#[path = "store/cluster.rs"]
mod cluster;
#[path = "store/contract.rs"]
mod contract;
#[path = "store/copied.rs"]
mod copied;
#[path = "store/crash.rs"]
mod crash;
#[path = "store/cut.rs"]
mod cut;
#[path = "store/faults.rs"]
mod faults;
#[path = "store/projection_crash.rs"]
mod projection_crash;
#[path = "store/projections.rs"]
mod projections;
#[path = "store/proxy.rs"]
mod proxy;
#[path = "store/restored.rs"]
mod restored;
#[path = "store/runtime.rs"]
mod runtime;
#[path = "store/sharing.rs"]
mod sharing;
#[path = "store/upgrade.rs"]
mod upgrade;
#[path = "store/waiting.rs"]
mod waiting;

use leadfold_testkit::account;
use leadfold_testkit::conformance as clauses;
use leadfold_testkit::conformance::same;
