//! leadfold keeps an append-only log of what happened to leads and folds it into lead status,
//! funnel metrics, hand-offs and customer value.
//!
//! This crate is the front door: it holds no logic, only the parts under one roof.
//!
//! - [`core`]: events, the state machine, [`decide`](leadfold_core::decide), the fold, the
//!   [metrics](leadfold_core::metrics). Pure functions.
//! - [`store`]: what a log promises, and the in-memory store that keeps it.
//! - [`clv`]: what customers are expected to buy.
//! - [`engine`]: commands with retry, tables that catch up.
//! - [`playbook`]: the rules of a business from their file.
//! - [`sqlite`]: the embedded default.
//!
//! ```
//! use leadfold::core::event::{Captured, Event, EventLine};
//! use leadfold::core::{Bounds, Playbook, State, metrics};
//! use leadfold::engine::replay;
//! use leadfold::store::{Append, EventStore, MemoryStore, block_on};
//!
//! let lines = [
//!     r#"{"lead":"L1","type":"captured","occurred_at":"2024-02-01T09:00:00Z"}"#,
//!     r#"{"lead":"L1","type":"qualified","occurred_at":"2024-02-02T09:00:00Z","data":{"level":"mql"}}"#,
//! ];
//! let events = lines.iter().map(|line| Ok(EventLine::parse(line.as_bytes())?.identify(|_| 0)));
//! let events = events.collect::<Result<_, leadfold::core::event::LineError>>()?;
//!
//! let store = MemoryStore::new();
//! let now = "2024-02-03".parse()?;
//! block_on(store.append(Append::new(events, now)))?;
//!
//! let tables = block_on(replay(&store, Playbook::default(), Bounds::default(), |_, _| {}))?;
//! assert_eq!(metrics::status(&tables).of(State::Mql), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use leadfold_clv as clv;
pub use leadfold_core as core;
pub use leadfold_engine as engine;
pub use leadfold_playbook as playbook;
pub use leadfold_sqlite as sqlite;
pub use leadfold_store as store;
