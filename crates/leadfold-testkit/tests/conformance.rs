//! The store in memory keeps the contract, stores that break it fail at the clause that they
//! break, and docs/STORES.md lists the clauses.

#[path = "conformance/broken.rs"]
mod broken;
#[path = "conformance/caught.rs"]
mod caught;
#[path = "conformance/conditional.rs"]
mod conditional;
#[path = "conformance/docs.rs"]
mod docs;
#[path = "conformance/kept.rs"]
mod kept;
#[path = "conformance/memory.rs"]
mod memory;
#[path = "conformance/raced.rs"]
mod raced;
#[path = "conformance/shelved.rs"]
mod shelved;
#[path = "conformance/torn.rs"]
mod torn;
