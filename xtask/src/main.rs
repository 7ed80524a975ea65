//! The project's own commands. `cargo xtask check` is the whole test: it reads and never writes,
//! apart from `target/`. `cargo xtask fix` formats and redraws what is drawn from the code.
//! `cargo xtask bench` measures leadfold and its rivals (`docs/PERFORMANCE.md`).

mod bench;

use std::process::{Command, ExitCode};

/// A name, the arguments of cargo, and the environment beside the caller's.
type Step = (&'static str, &'static [&'static str], &'static [(&'static str, &'static str)]);

/// The steps of `check`, cheapest first.
const CHECK: &[Step] = &[
    ("format", &["fmt", "--all", "--check"], &[]),
    ("lints", &["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"], &[]),
    ("tests, benches and examples", &["test", "--workspace", "--all-targets"], &[]),
    ("documentation's examples", &["test", "--workspace", "--doc"], &[]),
    (
        "documentation",
        &["doc", "--workspace", "--no-deps", "--quiet"],
        &[("RUSTDOCFLAGS", "-D warnings")],
    ),
];

const FIX: &[Step] = &[
    ("format", &["fmt", "--all"], &[]),
    (
        "drawings",
        &["test", "--package", "leadfold-core", "--test", "machine", "--test", "findings"],
        &[("LEADFOLD_UPDATE", "1")],
    ),
];

fn main() -> ExitCode {
    let task = std::env::args().nth(1);
    let steps = match task.as_deref() {
        Some("check") => CHECK,
        Some("fix") => FIX,
        Some("bench") => return measure(),
        _ => {
            eprintln!("usage: cargo xtask check | fix | bench");
            return ExitCode::from(2);
        }
    };
    if task.as_deref() == Some("check") && !have_postgres() {
        eprintln!("== the PostgreSQL server that tests need: failed{}", advice("postgres"));
        return ExitCode::FAILURE;
    }
    for (name, arguments, environment) in steps {
        eprintln!("== {name}: cargo {}", arguments.join(" "));
        if !run(arguments, environment) {
            eprintln!("== {name}: failed{}", advice(name));
            return ExitCode::FAILURE;
        }
    }
    eprintln!("== all of {} steps passed", steps.len());
    ExitCode::SUCCESS
}

fn measure() -> ExitCode {
    match bench::bench(std::env::args().skip(2)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("== bench: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str], environment: &[(&str, &str)]) -> bool {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(root).envs(environment.iter().copied());
    matches!(command.status(), Ok(status) if status.success())
}

/// Whether the tests of leadfold-postgres have a server to start, or are to be left out; installs
/// one where there is none.
fn have_postgres() -> bool {
    if std::env::var("LEADFOLD_SKIP_POSTGRES").is_ok_and(|value| value == "1") || find_postgres() {
        return true;
    }
    eprintln!("== no PostgreSQL server: apt-get install -y postgresql");
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        matches!(command.status(), Ok(status) if status.success())
    };
    // The list of packages may be old, or missing.
    let install = ["install", "-y", "postgresql"];
    (apt(&install) || apt(&["update"]) && apt(&install)) && find_postgres()
}

/// Looks where the tests do.
fn find_postgres() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let installed = installed.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    let told = Command::new("pg_config").arg("--bindir").output().ok();
    let told = told.map(|output| String::from_utf8_lossy(&output.stdout).trim().into());
    std::env::split_paths(&path)
        .chain(installed)
        .chain(told)
        .any(|directory| directory.join("initdb").exists() && directory.join("pg_ctl").exists())
}

fn advice(step: &str) -> &'static str {
    match step {
        "format" => "; `cargo xtask fix` formats (without rustfmt: `rustup component add rustfmt`)",
        "lints" => " (without clippy: `rustup component add clippy`)",
        "postgres" => " (install it by hand, or leave its tests out: LEADFOLD_SKIP_POSTGRES=1)",
        _ => "",
    }
}
