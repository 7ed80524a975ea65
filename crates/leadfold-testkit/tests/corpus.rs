//! The corpus: every version of every event that was ever written, and what it must go on to mean.
//!
//! `corpus/*.ndjson` holds lines, `corpus/*.digests` what they were when they were written down:
//! their canonical forms, the facts, the tables and the snapshot that they become. Lines are added
//! and never changed: each stands for what lies in somebody's log. `LEADFOLD_UPDATE=1` writes down
//! what is new: lines, and facts and tables of a version that is. It refuses where an old log would
//! be read as something else, or what a store has derived be gone on with, without anybody saying so.

mod corpus {
    mod canary;
    mod holds;
    mod judge;
    mod measure;
    mod shape;
}
