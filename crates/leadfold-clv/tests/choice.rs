//! How models are held against each other, and drawn.

#[path = "shared/cdnow.rs"]
#[allow(dead_code, reason = "each suite takes of it what it needs")]
mod cdnow;
#[path = "shared/draw.rs"]
mod draw;
#[path = "shared/gold.rs"]
mod gold;

#[path = "choice"]
mod choice {
    mod choose;
    mod frequency;
    mod plot;
}
