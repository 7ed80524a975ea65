//! The audit as a test: what it expects, what it says, and what it never says.

mod audit {
    mod deals;
    mod expect;
    mod load;
    mod merges;
    mod panic;
    mod privacy;
    mod property;
    mod timeline;
}
