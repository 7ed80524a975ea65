//! The tables, one a file: their columns, and a row's cells in the same order.

pub(crate) mod audit_findings;
pub(crate) mod costs;
pub(crate) mod episodes;
pub(crate) mod events;
pub(crate) mod findings;
pub(crate) mod handoffs;
pub(crate) mod leads;
pub(crate) mod opportunities;
pub(crate) mod revenue;
pub(crate) mod visits;
