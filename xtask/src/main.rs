//! The project's own commands. `cargo xtask check` is the whole test: it reads and never writes,
//! apart from `target/`. `cargo xtask fix` formats and redraws what is drawn from the code.
//! `cargo xtask bench` measures leadfold and its rivals (`docs/PERFORMANCE.md`), and
//! `cargo xtask bench-stores` its stores and other event stores (`docs/STORES.md`).

mod bench;

use std::process::{Command, ExitCode, Stdio};

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

/// What proptest draws its cases from: the same ones for everybody, unless the caller says otherwise.
/// `cargo test` alone draws others each time.
const SEED: (&str, &str) = ("PROPTEST_RNG_SEED", "514715677");

fn main() -> ExitCode {
    let task = std::env::args().nth(1);
    let steps = match task.as_deref() {
        Some("check") => CHECK,
        Some("fix") => FIX,
        Some("bench") => return report(bench::bench(std::env::args().skip(2))),
        Some("bench-stores") => return report(bench::stores::bench(std::env::args().skip(2))),
        _ => {
            eprintln!("usage: cargo xtask check | fix | bench | bench-stores");
            return ExitCode::from(2);
        }
    };
    if task.as_deref() == Some("check") && !have_postgres() {
        eprintln!("== the PostgreSQL server that tests need: failed{}", advice("postgres"));
        return ExitCode::FAILURE;
    }
    if task.as_deref() == Some("check") && !have_strace() {
        eprintln!("== strace, which lets system calls fail: failed{}", advice("strace"));
        return ExitCode::FAILURE;
    }
    let seed = std::env::var(SEED.0).unwrap_or_else(|_| SEED.1.to_owned());
    for (name, arguments, environment) in steps {
        let mut environment = environment.to_vec();
        if arguments[0] == "test" {
            environment.push((SEED.0, &seed));
        }
        let set: String =
            environment.iter().map(|(name, value)| format!("{name}='{value}' ")).collect();
        eprintln!("== {name}: {set}cargo {}", arguments.join(" "));
        if !run(arguments, &environment) {
            eprintln!("== {name}: failed{}", advice(name));
            return ExitCode::FAILURE;
        }
    }
    eprintln!("== all of {} steps passed", steps.len());
    ExitCode::SUCCESS
}

fn report(measured: bench::Result<()>) -> ExitCode {
    match measured {
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
    is_left_out("LEADFOLD_SKIP_POSTGRES") || find_postgres() || {
        install("postgresql");
        find_postgres()
    }
}

/// The same of what lets the system calls of leadfold-sqlite fail.
fn have_strace() -> bool {
    let find = || Command::new("strace").arg("-V").stdout(Stdio::null()).status().is_ok();
    is_left_out("LEADFOLD_SKIP_STRACE") || find() || {
        install("strace");
        find()
    }
}

fn is_left_out(variable: &str) -> bool {
    std::env::var(variable).is_ok_and(|value| value == "1")
}

/// Installs a package of Debian's, if that is possible here.
fn install(package: &str) {
    eprintln!("== no {package}: apt-get install -y {package}");
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        matches!(command.status(), Ok(status) if status.success())
    };
    // The list of packages may be old, or missing.
    let install = ["install", "-y", package];
    let is_installed = apt(&install) || apt(&["update"]) && apt(&install);
    eprintln!("== {package} is {}", if is_installed { "installed" } else { "not to be had" });
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
        "strace" => " (install it by hand, or leave its tests out: LEADFOLD_SKIP_STRACE=1)",
        "postgres" => " (install it by hand, or leave its tests out: LEADFOLD_SKIP_POSTGRES=1)",
        _ => "",
    }
}
