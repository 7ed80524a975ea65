//! Routing: decisions worked out by hand, and properties against an oracle that reads the whole
//! past anew for every lead.

mod routing {
    mod draw;
    mod faults;
    mod golden;
    mod law;
    mod naive;
    mod share;
    mod workload;
}
