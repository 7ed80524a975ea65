//! Data on which fits of others go wrong: a fit says where the top is, or that there is none.

#[path = "shared/simulated.rs"]
#[allow(dead_code, reason = "each suite takes of it what it needs")]
mod simulated;

#[path = "hard"]
mod hard {
    mod climb;
    mod few;
    mod honest;
    mod sets;
}
