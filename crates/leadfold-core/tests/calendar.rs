//! The business calendar: golden hand-offs, and properties against an oracle that walks second by
//! second.

mod calendar {
    mod canary;
    mod cost;
    mod draw;
    mod golden;
    mod law;
    mod plan;
    mod spec;
    mod walk;
    mod zones;
}
