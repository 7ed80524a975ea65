//! The core depends on five crates and on nothing else.

use std::process::Command;

#[test]
#[allow(clippy::disallowed_methods, reason = "the test asks cargo, the core does not")]
fn the_core_depends_on_the_allowed_crates_alone() {
    let cargo = std::env::var("CARGO").expect("cargo runs the tests");
    let output = Command::new(cargo)
        .args(["tree", "--package", "leadfold-core", "--edges", "normal", "--depth", "1"])
        .args(["--prefix", "none", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo tree runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("names are UTF-8");
    let mut names: Vec<&str> =
        text.lines().skip(1).filter_map(|line| line.split(' ').next()).collect();
    names.sort_unstable();
    assert_eq!(names, ["chrono", "serde", "serde_json", "thiserror", "uuid"]);
}
