//! Published playbooks: which version is in force when, against a naive reading of the exported
//! lines, and with readings that are broken.

mod versions {
    mod canary;
    mod draw;
    mod law;
    mod naive;
}
