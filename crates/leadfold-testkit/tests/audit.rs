//! The audit as a test: what it expects, what it says, and what it never says.

mod audit {
    mod capacity;
    mod consents;
    mod deals;
    mod expect;
    mod gates;
    mod groups;
    mod holder;
    mod life;
    mod load;
    mod merges;
    mod panic;
    mod privacy;
    mod property;
    mod timeline;
    mod wording;
}
