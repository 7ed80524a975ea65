//! What cannot be written is a typed error, and nothing that is left looks whole.

use std::fs;
use std::path::Path;

use leadfold_export::{Export, ExportError, Written};
use leadfold_store::MemoryStore;
use leadfold_testkit::simulate::Simulation;

use crate::support::Log;

fn log() -> Log {
    Log::of(Simulation::new(4, 30).events())
}

fn export(dir: &Path) -> Result<Vec<Written>, ExportError> {
    let log = log();
    log.export(&log.audit()).write(dir, |_, _| {})
}

fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(dir).expect("the directory is there").map(|entry| {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("our names");
        // Behind a link is a device that never ends.
        let is_file = entry.file_type().expect("a type").is_file();
        (name, if is_file { fs::read(entry.path()).expect("the file reads") } else { Vec::new() })
    });
    let mut files: Vec<(String, Vec<u8>)> = entries.collect();
    files.sort();
    files
}

#[test]
fn a_directory_that_is_a_file_is_an_error() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("tables");
    fs::write(&path, "no directory").expect("a file");
    let error = export(&path).expect_err("it is a file");
    assert!(matches!(&error, ExportError::Write { path: at, .. } if *at == path), "{error:?}");
    let text = error.to_string();
    assert!(text.starts_with(&format!("cannot write {}: ", path.display())), "{text}");
    assert!(text.ends_with("; free space or give another directory, and export again"), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_leaves_the_earlier_export() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    Log::of(Simulation::new(9, 5).events()).write(dir.path());
    let before = files(dir.path());
    for table in leadfold_export::TABLES {
        let part = dir.path().join(format!("{}.parquet.part", table.name));
        std::os::unix::fs::symlink("/dev/full", &part).expect("a link");
        let error = export(dir.path()).expect_err("the disk is full");
        let ExportError::Write { path, source } = error else { panic!("{error}") };
        assert_eq!(path, part);
        assert_eq!(source.kind(), std::io::ErrorKind::StorageFull, "{source}");
        assert_eq!(files(dir.path()), before, "{}", table.name);
    }
}

#[test]
fn a_name_that_is_taken_by_a_directory_is_an_error() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let taken = dir.path().join("events.parquet");
    fs::create_dir(&taken).expect("a directory");
    let error = export(dir.path()).expect_err("the name is taken");
    assert!(matches!(&error, ExportError::Write { path, .. } if *path == taken), "{error:?}");
    assert_eq!(files(dir.path()), [("events.parquet".to_owned(), Vec::new())]);
}

#[test]
fn a_store_that_does_not_have_the_names_is_an_error_and_leaves_nothing() {
    let log = log();
    let (dir, other) = (tempfile::tempdir().expect("a directory"), MemoryStore::new());
    let export = Export::new(&other, &log.tables, log.position, log.bounds);
    let error = export.write(dir.path(), |_, _| {}).expect_err("no such codes");
    assert!(matches!(error, ExportError::Store(_)), "{error:?}");
    assert_eq!(files(dir.path()), []);
}

#[test]
fn what_a_crash_left_behind_is_replaced() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    fs::write(dir.path().join("leads.parquet.part"), vec![7; 1 << 20]).expect("a file");
    log().write(dir.path());
    let names: Vec<String> = files(dir.path()).into_iter().map(|(name, _)| name).collect();
    assert!(names.iter().all(|name| name.ends_with(".parquet")), "{names:?}");
    assert_eq!(names.len(), leadfold_export::TABLES.len());
}

#[test]
fn an_empty_log_has_empty_files() {
    let found = Log::of([]).exported();
    assert_eq!(found.len(), leadfold_export::TABLES.len());
    assert!(found.values().all(Vec::is_empty));
}

#[test]
fn without_an_audit_there_are_the_tables_of_the_fold() {
    let (log, dir) = (log(), tempfile::tempdir().expect("a temporary directory"));
    let export = Export::new(&log.store.0, &log.tables, log.position, log.bounds);
    let written = export.write(dir.path(), |_, _| {}).expect("the directory takes files");
    let tables: Vec<&str> = written.iter().map(|file| file.table).collect();
    let all: Vec<&str> = leadfold_export::TABLES.iter().map(|table| table.name).collect();
    assert_eq!(tables, all[..8]);
    assert_eq!(files(dir.path()).len(), 8);
}
