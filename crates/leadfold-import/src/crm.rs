//! What the readers of CRM exports share: rows of a foreign system become events of the log.
//!
//! `docs/CRM.md` says what the rows of each system become, and what is lost.

pub(crate) mod actor;
pub(crate) mod at;
pub(crate) mod error;
pub(crate) mod event;
pub(crate) mod file;
pub(crate) mod left_out;
pub(crate) mod map;
pub(crate) mod money;
pub(crate) mod sink;
pub(crate) mod step;
pub(crate) mod text;
