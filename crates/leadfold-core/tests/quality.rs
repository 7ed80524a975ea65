//! Score quality: numbers worked out by hand, and properties against definitions that look at
//! every pair.

mod quality {
    mod golden;
    mod law;
    mod naive;
}
