//! The laws of the hand-off audit: it is the same however a log is fed, and it reads as a second
//! reading does that shares no code with it, and a flaw in either shows.

mod audit_laws {
    mod agree;
    mod book;
    mod canary;
    mod draw;
    mod evidence;
    mod log;
    mod naive;
    mod pair;
    mod replay;
    mod told;
}
