//! How models are held against each other, and drawn.

#[path = "shared/cdnow.rs"]
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
