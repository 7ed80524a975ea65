//! The `leadfold` binary, run as people and programs run it.

mod bad_input;
mod csv;
mod demo;
mod docs;
mod golden;
mod import;
mod lead;
mod status;
mod support;
mod usage;
