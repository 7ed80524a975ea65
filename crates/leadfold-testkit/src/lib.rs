//! What tests, benches and demonstrations need: logs that a company could have written, logs that
//! nobody would want to read, and questions that fail a test when the answer is bad.
//!
//! For the tests of a product:
//!
//! - [`replay`] loads a log, and [`Log::audit`] fails a test when a hand-off broke a promise.
//! - [`given`](fn@given) a history, when a command comes, then it is recorded or refused.
//! - [`scenario`] reads files that a sales manager can write.
//! - [`laws`] hold for any command, and are tried on a product's own.
//!
//! For the author of a store:
//!
//! - [`conformance`] holds a store against the contract, clause by clause.
//! - [`account`] holds what a store has against what it has acknowledged, after a fault.
//!
//! For making logs:
//!
//! - [`story`] writes a short history by hand.
//! - [`strategies`] draws logs for property tests.
//! - [`simulate`] makes the log of a company, from a thousand leads to ten million.
//! - [`plant`] makes a year in which everything goes wrong that can, and says where.
//! - [`oracle`] reads a log slowly and literally, to compare with.

pub mod account;
pub mod audit;
pub mod conformance;
pub mod given;
mod ids;
pub mod laws;
mod log;
mod moment;
pub mod oracle;
pub mod plant;
pub mod scenario;
pub mod simulate;
pub mod story;
pub mod strategies;
mod text;
mod timeline;
mod unmet;

pub use self::given::given;
pub use self::log::{Log, LogError, replay};
pub use self::moment::Moment;
pub use self::timeline::Timeline;
pub use self::unmet::Unmet;
