//! The `leadfold` binary, run as people and programs run it.

mod amocrm;
mod audit;
mod bad_input;
mod bitrix24;
mod clv;
mod compare;
mod cost;
mod csv;
mod deals;
mod demo;
mod docs;
mod due;
#[cfg(feature = "parquet")]
mod export;
mod golden;
mod handoffs;
mod import;
mod lead;
mod outputs;
mod place;
mod playbook;
mod report;
mod snapshot;
mod status;
mod support;
mod unheard;
mod usage;
