//! The funnel, counted from the files in SQL, is the funnel that the library counts.

use std::path::PathBuf;

use leadfold_core::metrics::{FunnelQuery, FunnelRow, funnel};
use leadfold_testkit::simulate::Simulation;
use leadfold_testkit::strategies::adversarial_log;
use parquet::file::reader::FileReader;
use proptest::prelude::*;

use crate::sql::{self, Funnel, Stage};
use crate::support::{Log, Row, Value, cases, read, reader};

fn counted(log: &Log) -> Funnel {
    let row: FunnelRow = funnel(&log.tables, &FunnelQuery::as_of(log.as_of())).remove(0);
    let stage = |stage: &leadfold_core::metrics::StageRow| Stage {
        name: stage.stage.to_string(),
        entered: stage.entered.cast_signed(),
        reached: stage.reached.cast_signed(),
        visits: stage.visits.cast_signed(),
        timed: stage.time.n.cast_signed(),
        median_s: stage.time.p50_s,
        open: stage.open.cast_signed(),
    };
    Funnel {
        stages: row.stages.iter().map(stage).collect(),
        captured: row.captured.cast_signed(),
        won: row.won.num.cast_signed(),
        lost: row.lost.cast_signed(),
        erased: row.erased.cast_signed(),
        median_to_won_s: row.days_to_won.p50_s,
    }
}

#[test]
fn a_company_of_several_row_groups_has_its_funnel() {
    let simulation = Simulation { rule_breaks: 0.05, ..Simulation::new(7, 7_200) };
    let log = Log::of(simulation.events());
    let dir = tempfile::tempdir().expect("a temporary directory");
    log.write(dir.path());
    let metadata = reader(dir.path(), "events").metadata().clone();
    assert!(metadata.num_row_groups() > 1, "{} events", metadata.file_metadata().num_rows());
    assert!(metadata.row_groups().iter().all(|group| group.num_rows() <= 65_536));
    let found = read(dir.path());
    assert_eq!(found["events"].len() as u64, log.position);
    let expected = counted(&log);
    assert!(expected.won > 100 && expected.median_to_won_s.is_some(), "{expected:?}");
    assert_eq!(sql::funnel(&found), expected);
}

/// The folder of the reference data; none, with a word, where it is not at hand. CI has it.
fn golden() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let root = std::env::var_os("LEADFOLD_DATA").map_or_else(|| beside.into(), PathBuf::from);
    let path = root.join("golden/log.ndjson");
    if path.is_file() {
        return Some(path);
    }
    assert!(std::env::var_os("CI").is_none(), "no data at {}; set LEADFOLD_DATA", path.display());
    println!("skipped: no data at {}; set LEADFOLD_DATA", path.display());
    None
}

#[test]
fn the_golden_log_has_its_funnel() {
    let Some(path) = golden() else { return };
    let log = Log::read(&path);
    let expected = counted(&log);
    assert_eq!(expected.won, 1);
    assert_eq!(sql::funnel(&log.exported()), expected);
}

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn any_log_has_its_funnel(events in adversarial_log(60)) {
        let log = Log::of(events);
        prop_assert_eq!(sql::funnel(&log.exported()), counted(&log));
    }
}

#[test]
fn a_broken_export_has_another_funnel() {
    let log = Log::of(Simulation::new(3, 400).events());
    let sound = log.exported();
    let expected = counted(&log);
    assert_eq!(sql::funnel(&sound), expected);
    let is_customer = |row: &Row| row["state"] == Value::Text("customer".into());
    for table in ["leads", "visits"] {
        let mut broken = sound.clone();
        let rows = broken.get_mut(table).expect("the table is there");
        let victim = rows.iter().position(is_customer).expect("there are customers");
        rows.remove(victim);
        assert_ne!(sql::funnel(&broken), expected, "{table}: a dropped row");
    }
    let mut broken = sound.clone();
    broken.get_mut("visits").expect("the table is there").iter_mut().for_each(|row| {
        let (from, to) = (row["valid_from"].clone(), row["valid_to"].clone());
        row.extend([("valid_from".to_owned(), to), ("valid_to".to_owned(), from)]);
    });
    assert_ne!(sql::funnel(&broken), expected, "a swapped column");
}
