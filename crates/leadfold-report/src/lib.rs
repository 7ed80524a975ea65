//! What the metrics of a lead log give, drawn as one self-contained HTML page.
//!
//! [`Report`] holds what the metrics of `leadfold-core` counted, under the names of the log, and
//! [`Report::to_html`] draws it. Nothing is counted here: the page says what the metrics say.
//!
//! - The page needs no network and no script, and forbids both to itself. It follows the reader's
//!   choice of light or dark, prints, and lets wide tables scroll in a box of their own.
//! - Every text of the log is escaped. What a text cannot show, and what would turn the words
//!   beside it from right to left, is `U+FFFD`.
//! - Each figure of a table or tile is a `data` element that has the exact number beside the one
//!   for people: counts, seconds, minor units, shares from 0 to 1.
//! - Equal reports are equal bytes.
//!
//! ```
//! use leadfold_core::metrics::FunnelRow;
//! use leadfold_report::{Report, Split};
//!
//! // What `metrics::funnel` counted, under the names of the log.
//! let twelve = FunnelRow { captured: 12, ..FunnelRow::default() };
//! let by_source = vec![(vec![Some("trade fair".to_owned())], twelve.clone())];
//! let funnel = Split { by: vec!["source".to_owned()], total: twelve, rows: by_source };
//! let page = Report { funnel, ..Report::default() }.to_html();
//! assert!(page.starts_with("<!DOCTYPE html>"));
//! assert!(page.contains("trade fair"));
//! ```

mod cell;
pub mod figure;
mod page;
mod report;
mod scope;
mod section;
mod split;
mod table;

pub use self::report::Report;
pub use self::scope::{Rules, Scope};
pub use self::section::deals::{DealRow, Deals, Loss};
pub use self::section::due::{Duties, Duty};
pub use self::section::findings::{Example, FindingGroup, Findings, isolated};
pub use self::section::handoffs::{Handoffs, OwnerRow};
pub use self::split::{Label, Split};
