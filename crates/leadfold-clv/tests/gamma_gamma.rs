//! Gamma-gamma against reference numbers, and against a second way to compute it.

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
#[allow(dead_code, reason = "each suite takes of it what it needs")]
mod simulated;

#[path = "gamma_gamma"]
mod gamma_gamma {
    mod fit;
    mod law;
    mod predict;
    mod top;
}
