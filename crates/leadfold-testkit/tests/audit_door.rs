//! Law 8 for the audit: what `decide` records, the audit never reports under a code for which
//! commands are refused, whatever the playbook asks for.

mod audit_door {
    mod book;
    mod canary;
    mod census;
    mod law;
}
