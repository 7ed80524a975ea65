//! The project's own commands. `cargo xtask check` is the whole test: it reads and never writes,
//! apart from `target/`. `cargo xtask fix` formats and redraws what is drawn from the code.

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
        _ => {
            eprintln!("usage: cargo xtask check | fix");
            return ExitCode::from(2);
        }
    };
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

fn run(arguments: &[&str], environment: &[(&str, &str)]) -> bool {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(root).envs(environment.iter().copied());
    matches!(command.status(), Ok(status) if status.success())
}

fn advice(step: &str) -> &'static str {
    match step {
        "format" => "; `cargo xtask fix` formats (without rustfmt: `rustup component add rustfmt`)",
        "lints" => " (without clippy: `rustup component add clippy`)",
        _ => "",
    }
}
