//! What tests, benches and demonstrations need: logs that a company could have written, logs that
//! nobody would want to read, and a slow second opinion on what a log means.
//!
//! - [`simulate`] makes the log of a company, from a thousand leads to ten million.
//! - [`story`] writes a short history by hand.
//! - [`strategies`] draws logs for property tests.
//! - [`oracle`] reads a log slowly and literally, to compare with.

mod ids;
pub mod oracle;
pub mod simulate;
pub mod story;
pub mod strategies;
