//! Scenarios: they hold, they fail, they are written anew, and their faults have a place.

mod scenario {
    mod docs;
    mod fault;
    mod holds;
    mod update;
}
