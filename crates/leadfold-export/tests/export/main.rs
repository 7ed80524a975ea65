//! Exports, read back by the format's record reader, which shares no code with the writer's
//! columns, and counted again in SQL.

mod bounds;
mod docs;
mod expected;
mod faults;
mod funnel;
mod handoffs;
mod privacy;
mod rows;
mod sql;
mod support;
