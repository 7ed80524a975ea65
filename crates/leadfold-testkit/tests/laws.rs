//! The laws of the fold and of the metrics, as properties: of logs that nobody would want to
//! read, of the simulated company's, and against the naive oracle.

mod laws {
    mod agree;
    mod arrival;
    mod audited;
    mod balance;
    mod book;
    mod canary;
    mod company;
    mod counted;
    mod deed;
    mod draw;
    mod endure;
    mod idle;
    mod log;
    mod mill;
    mod plain;
    mod privacy;
    mod rebuild;
    mod replay;
    mod snapshot;
    mod spent;
    mod strange;
    mod survive;
    mod weighed;
}
