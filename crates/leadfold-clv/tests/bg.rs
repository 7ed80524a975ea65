//! BG/NBD and MBG/NBD against reference numbers, and against a second way to compute them.

#[path = "shared/cdnow.rs"]
mod cdnow;
#[path = "shared/gold.rs"]
mod gold;
#[path = "shared/gold_fit.rs"]
mod gold_fit;

#[path = "shared/simulated.rs"]
mod simulated;

#[path = "bg"]
mod bg {
    mod error;
    mod fit;
    mod holdout;
    mod law;
    mod predict;
}
