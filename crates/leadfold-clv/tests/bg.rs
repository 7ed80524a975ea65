//! BG/NBD and MBG/NBD against reference numbers, and against a second way to compute them.

#[path = "shared/cdnow.rs"]
#[allow(dead_code, reason = "each suite takes of it what it needs")]
mod cdnow;
#[path = "shared/draw.rs"]
mod draw;
#[path = "shared/gold.rs"]
mod gold;
#[path = "shared/gold_fit.rs"]
mod gold_fit;

#[path = "shared/simulated.rs"]
mod simulated;

#[path = "bg"]
mod bg {
    mod discounted;
    mod error;
    mod fit;
    mod holdout;
    mod law;
    mod predict;
}
