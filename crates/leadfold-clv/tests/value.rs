//! What customers were worth and will be, against the naive way.

#[path = "shared/cdnow.rs"]
#[allow(dead_code, reason = "each suite takes of it what it needs")]
mod cdnow;
#[path = "shared/draw.rs"]
#[allow(dead_code, reason = "each suite takes of it what it needs")]
mod draw;
#[path = "shared/gold.rs"]
#[allow(dead_code, reason = "each suite takes of it what it needs")]
mod gold;

#[path = "value"]
mod value {
    mod historic;
    mod many;
}
