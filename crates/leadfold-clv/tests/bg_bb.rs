//! BG/BB against reference numbers, and against a second way to compute it.

#[path = "shared/draw.rs"]
#[allow(dead_code, reason = "each suite takes of it what it needs")]
mod draw;
#[path = "shared/gold.rs"]
#[allow(dead_code, reason = "each suite takes of it what it needs")]
mod gold;

#[path = "bg_bb"]
mod bg_bb {
    mod fit;
    mod law;
    mod predict;
}
