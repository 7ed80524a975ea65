//! Connections are cut, and the store goes on.

use leadfold_postgres::PostgresStore;
use leadfold_store::{AppendError, Blocking, Outcome, StoreErrorKind};

use crate::clauses::support::{self, captured};
use crate::cluster::{Cluster, fresh_log, shared_or_skip};
use crate::contract::open;
use crate::proxy::{Loses, Proxy};

/// Cuts every connection of a name; how many there were.
fn cut(cluster: &Cluster, name: &str) -> usize {
    let sql = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity \
        WHERE application_name = $1";
    cluster.client().query(sql, &[&name]).expect("it may").len()
}

#[test]
fn store_goes_on_after_its_connections_are_cut() {
    let cluster = shared_or_skip!();
    let log = fresh_log();
    let url = format!("{} application_name='{log}'", cluster.url());
    let store = PostgresStore::open(&url, &log).expect("the log opens");
    for n in 1..20 {
        support::append(&store, vec![captured(n, "A", &format!("source {}", n % 5))]);
        let page = Blocking(&store).facts(n - 1, 9).expect("reads");
        assert_eq!(page.last_position(), Some(n));
        if n % 3 == 0 {
            assert!(cut(cluster, &log) >= 2, "the writer and a reader");
        }
    }
    assert_eq!(Blocking(&store).verify(&mut |_, _| {}).expect("reads"), []);
}

#[test]
fn append_of_unknown_fate_is_repeated_unchanged() {
    let cluster = shared_or_skip!();
    for loses in [Loses::Commit, Loses::Answer] {
        let (log, proxy) = (fresh_log(), Proxy::before(cluster.socket()));
        let store = PostgresStore::open(&proxy.url(), &log).expect("the log opens");
        support::append(&store, vec![captured(1, "A", "x")]);
        proxy.lose(loses);
        let append = || {
            let events = vec![captured(2, "A", "y"), captured(3, "B", "y")];
            Blocking(&store).append(leadfold_store::Append::new(events, support::NOW))
        };
        let Err(AppendError::Store(error)) = append() else { panic!("{loses:?}: the answer came") };
        assert_eq!(error.kind(), StoreErrorKind::Unreachable);
        assert!(error.is_retryable());
        let text = error.to_string();
        assert!(text.contains("repeat it unchanged, its ids make that safe"), "{text}");

        let outcomes = match append() {
            Ok(appended) => appended.outcomes,
            // The server may not have come to the end of the first one yet.
            Err(_) => append().expect("the writer has a connection again").outcomes,
        };
        let expected = match loses {
            Loses::Commit => [support::added(2, 2), support::added(3, 1)],
            Loses::Answer => [support::duplicate(2, 2), support::duplicate(3, 1)],
        };
        assert_eq!(outcomes, expected, "{loses:?}");
        assert_eq!(Blocking(&store).head().expect("reads"), 3);
        assert_eq!(Blocking(&store).verify(&mut |_, _| {}).expect("reads"), []);
    }
}

#[test]
fn writers_that_find_the_turn_taken_say_so() {
    let cluster = shared_or_skip!();
    let log = fresh_log();
    drop(open(cluster, &log));
    let options = leadfold_postgres::Options {
        lock_timeout: std::time::Duration::from_millis(20),
        ..Default::default()
    };
    let store = PostgresStore::open_with(&cluster.url(), &log, &options).expect("the log opens");
    let mut other = cluster.client();
    let locks = "BEGIN; LOCK TABLE \"{log}\".event IN ACCESS EXCLUSIVE MODE".replace("{log}", &log);
    other.batch_execute(&locks).expect("nobody writes");
    let append = || {
        let append = leadfold_store::Append::new(vec![captured(1, "A", "x")], support::NOW);
        Blocking(&store).append(append)
    };
    let Err(AppendError::Store(error)) = append() else { panic!("the turn is taken") };
    assert_eq!(error.kind(), StoreErrorKind::Busy, "{error}");
    other.batch_execute("ROLLBACK").expect("it ends");
    let outcomes = append().expect("it goes in").outcomes;
    assert_eq!(outcomes, [Outcome::Appended { position: 1, sequence: 1 }]);
}
