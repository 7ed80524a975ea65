//! A log and its tables as Parquet files.
//!
//! [`Export`] writes files into a directory: the events, the tables that a fold of them made, and
//! what the hand-off audit says, with strings in place of codes. `docs/EXPORT.md` describes every
//! column; [`TABLES`] is the same as data.
//!
//! - A file is `NAME.parquet.part` until all files are whole. Then they are renamed.
//! - Beside tables and audit, memory is bounded by a row group of one file, whatever the log.
//! - Personal data stays in the log unless [`Export::including_personal_data`] asks for it.
//!
//! It blocks while it writes, as file systems do.

mod batch;
mod cell;
mod error;
mod export;
mod part;
mod schema;
mod table;
mod withhold;

pub use self::error::ExportError;
pub use self::export::{Export, Written};
pub use self::schema::{Column, Kind, TABLES, Table};
