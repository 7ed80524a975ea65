//! What docs/CLV.md says is shown by a test or a bench is shown by one that is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The names of the test functions, and of the benches' files.
fn shown() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let benches =
        [format!("{ROOT}/benches/rivals"), format!("{ROOT}/crates/leadfold-clv/examples")];
    for path in benches.iter().flat_map(|folder| files(Path::new(folder))) {
        names.extend(path.file_name().map(|name| name.to_string_lossy().into_owned()));
    }
    for path in files(Path::new(&format!("{ROOT}/crates/leadfold-clv/tests"))) {
        let text = std::fs::read_to_string(path).expect("a source");
        let functions = text.lines().filter_map(|line| line.trim().strip_prefix("fn "));
        names.extend(functions.filter_map(|line| line.split('(').next()).map(str::to_owned));
    }
    names
}

/// The names in the last column of the table of goals, by the goal's number.
fn told() -> Vec<(u32, Vec<String>)> {
    let docs = std::fs::read_to_string(format!("{ROOT}/docs/CLV.md")).expect("the docs");
    let (_, section) = docs.split_once("## What shows it").expect("the section");
    let table = section.lines().skip_while(|line| !line.starts_with('|'));
    let rows = table.take_while(|line| line.starts_with('|')).skip(2);
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let names = cells[3].split('`').skip(1).step_by(2).map(str::to_owned).collect();
        (cells[1].parse().expect("a number"), names)
    })
    .collect()
}

#[test]
fn each_goal_is_shown_by_what_is_there() {
    let (shown, told) = (shown(), told());
    assert_eq!(told.iter().map(|(n, _)| *n).collect::<Vec<_>>(), (1..=14).collect::<Vec<_>>());
    for (goal, names) in told {
        assert!(!names.is_empty(), "goal {goal} is shown by nothing");
        for name in names {
            assert!(shown.contains(&name), "goal {goal}: there is no {name}");
        }
    }
    assert!(!shown.contains("a_test_that_nobody_wrote"));
}
