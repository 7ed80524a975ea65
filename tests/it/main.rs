//! leadfold from the outside: real histories against numbers that somebody else computed.

mod bpic2012;
mod cdnow;
mod data;
mod docs;
mod examples;
mod golden;
mod golden_audit;
mod maven;
mod round_trip;
