//! The laws of the hand-off audit: it finds what was planted and nothing else, its evidence is
//! exact, it is the same however a log is fed, it reads as a second reading does, and no history
//! holds it up.

mod audit_laws {
    mod agree;
    mod book;
    mod canary;
    mod draw;
    mod endure;
    mod evidence;
    mod garden;
    mod log;
    mod naive;
    mod replay;
    mod told;
}
