//! The shifted beta-geometric model against reference numbers, and a second way to compute it.

#[path = "shared/draw.rs"]
mod draw;
#[path = "shared/gold.rs"]
mod gold;

#[path = "shared/simulated.rs"]
#[allow(dead_code, reason = "each suite takes of it what it needs")]
mod simulated;

#[path = "sbg"]
mod sbg {
    mod cohort;
    mod fit;
    mod law;
    mod predict;
}
