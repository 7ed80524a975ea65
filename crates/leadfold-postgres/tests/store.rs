//! The PostgreSQL store on a real server: the contract that all stores keep, several writers, and
//! what goes wrong with servers and connections.

#[path = "../../leadfold-store/tests/shared/clauses.rs"]
mod clauses;
#[path = "store/cluster.rs"]
mod cluster;
#[path = "store/contract.rs"]
mod contract;
#[path = "store/crash.rs"]
mod crash;
#[path = "store/cut.rs"]
mod cut;
#[path = "store/faults.rs"]
mod faults;
#[path = "store/proxy.rs"]
mod proxy;
#[path = "../../leadfold-store/tests/shared/same.rs"]
mod same;
#[path = "store/sharing.rs"]
mod sharing;
#[path = "store/waiting.rs"]
mod waiting;
