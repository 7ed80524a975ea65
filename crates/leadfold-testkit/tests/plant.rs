//! The planted-fault run of the audit: it finds every planted fault and nothing else, and its
//! evidence is exact.

mod plant {
    mod canary;
    mod evidence;
    mod removal;
    mod year;
}
