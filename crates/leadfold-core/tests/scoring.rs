//! Scoring: numbers worked out by hand, edges to the microsecond, and properties against an oracle
//! that shares no code with it.

mod scoring {
    mod bands;
    mod decay;
    mod definition;
    mod draw;
    mod faults;
    mod first_met;
    mod golden;
    mod law;
    mod naive;
    mod values;
}
