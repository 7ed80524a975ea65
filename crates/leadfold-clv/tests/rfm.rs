//! From purchases to histories: real data against reference numbers, and laws.

#[path = "shared/cdnow.rs"]
#[allow(dead_code, reason = "each suite takes of it what it needs")]
mod cdnow;
#[path = "shared/gold.rs"]
mod gold;

#[path = "rfm"]
mod rfm {
    mod conventions;
    mod law;
    mod ordered;
    mod real;
}
