//! What-if: trials of playbooks over one log, by hand, against a naive reading of the events, and
//! with readings that cheat.

mod whatif {
    mod canary;
    mod desk;
    mod draw;
    mod golden;
    mod law;
    mod naive;
    mod probability;
    mod size;
    mod week;
}
