//! From purchases to histories: real data against reference numbers, and laws.

#[path = "shared/cdnow.rs"]
mod cdnow;
#[path = "shared/gold.rs"]
mod gold;

#[path = "rfm"]
mod rfm {
    mod conventions;
    mod law;
    mod real;
}
