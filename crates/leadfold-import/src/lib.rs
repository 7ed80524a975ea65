//! Turns CSV files, by a mapping file, and exports of CRMs into leadfold event lines.
//!
//! [`bitrix24`] reads what the REST methods of Bitrix24 answer, [`amocrm`] the webhooks and pages of
//! amoCRM; `docs/CRM.md` says what becomes of them. The rest of this page is about CSV.
//!
//! One mechanism serves event logs (a row is an event) and tables (a row is a record with several
//! dates): every row is offered to every rule of the mapping, and each rule that matches makes one
//! event. `docs/MAPPING.md` is the reference of the mapping file.
//!
//! A row either becomes all of its events or one typed error, and no row is dropped silently.
//! Memory does not grow with the file. This crate derives no ids and knows no event types: what
//! comes out is an object in the log format, for the core to judge.
//!
//! ```
//! use leadfold_import::{Mapping, MemoryCensus};
//!
//! let mapping = Mapping::parse(
//!     r#"
//!     format = "leadfold-mapping/1"
//!     system = "shop"
//!     lead = "{customer}"
//!     input.file = "orders.csv"
//!
//!     [[event]]
//!     type = "revenue_recorded"
//!     at = "{day}"
//!     data = { amount = "{paid | money 2}", currency = "EUR" }
//!     "#,
//!     "shop.toml",
//! )?;
//! let csv = "customer,day,paid\nanna,2024-05-01,19.90\n";
//! let rows = mapping.read(csv.as_bytes(), "orders.csv", ".".as_ref(), MemoryCensus::default())?;
//! for line in rows {
//!     let line = line?;
//!     assert_eq!((line.line, &line.event["data"]["amount"]), (2, &1990.into()));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod amocrm;
pub mod bitrix24;
mod census;
mod column;
mod condition;
mod crm;
mod data;
mod decimal;
mod error;
mod format;
mod lookup;
mod mapping;
mod record;
mod rows;
mod rule;
mod template;
mod time;

pub use census::{Census, MemoryCensus};
pub use crm::{
    error::CrmFault,
    file::CrmFile,
    left_out::LeftOut,
    map::{CrmSystem, StatusMap},
    sink::CrmRow,
};
pub use decimal::{DecimalError, parse_money};
pub use error::{MappingError, OpenError, RowError, RowErrorKind};
pub use lookup::LOOKUP_BYTES_MAX;
pub use mapping::Mapping;
pub use record::RECORD_BYTES_MAX;
pub use rows::{Line, Rows};
pub use time::TimeError;
