//! Runs the binary in a directory of its own.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// A temporary directory with a store `leads.db` in it.
pub(crate) struct Desk {
    dir: tempfile::TempDir,
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// The JSON document on standard output.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.err))
    }

    /// Asserts that all went well.
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, 0, "{self:?}");
        self
    }
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a temporary directory") }
    }

    /// A desk with a log in its store.
    pub(crate) fn with_log(log: &str) -> Self {
        let desk = Self::new();
        desk.write("log.ndjson", log);
        desk.run(&["import", "log.ndjson"]).ok();
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).expect("the directory takes files");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("the file is there")
    }

    /// Runs a command in the directory, on its store unless another is named.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, b"")
    }

    /// The same with something on standard input.
    pub(crate) fn run_with(&self, args: &[&str], input: &[u8]) -> Ran {
        run(self.dir.path(), args, Some("leads.db"), input)
    }

    /// Runs with no store in the environment.
    pub(crate) fn run_bare(&self, args: &[&str]) -> Ran {
        run(self.dir.path(), args, None, b"")
    }

    /// Runs with `--json` and returns the document.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let args: Vec<&str> = args.iter().copied().chain(["--json"]).collect();
        self.run(&args).json()
    }
}

fn run(dir: &Path, args: &[&str], store: Option<&str>, input: &[u8]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leadfold"));
    command.current_dir(dir).args(args).env_remove("LEADFOLD_STORE");
    if let Some(store) = store {
        command.env("LEADFOLD_STORE", store);
    }
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    // A command that does not read its input closes it; that is its right.
    let _ = stdin.write_all(input);
    drop(stdin);
    let output = child.wait_with_output().expect("the binary ends");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    Ran {
        status: output.status.code().expect("an exit status"),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// A folder of the shared data; none, with a word, where it is not at hand. CI must have it.
pub(crate) fn data(folder: &str) -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let root = std::env::var_os("LEADFOLD_DATA").map_or_else(|| beside.into(), PathBuf::from);
    let path = root.join(folder);
    if path.is_dir() {
        return Some(path.canonicalize().expect("the folder is there"));
    }
    assert!(std::env::var_os("CI").is_none(), "no data in {}; set LEADFOLD_DATA", path.display());
    println!("skipped: no data in {}; set LEADFOLD_DATA", path.display());
    None
}

/// A log of one lead that was won, refunded and lost a second deal.
pub(crate) const SMALL: &str = r#"{"lead":"L1","type":"captured","occurred_at":"2024-02-01T09:00:00Z","recorded_at":"2024-02-01T09:00:00Z","data":{"source":"referral","attributes":{"industry":"retail","size":40},"pii":{"email":"ann@example.org"}}}
{"lead":"L1","type":"qualified","occurred_at":"2024-02-02T09:00:00Z","recorded_at":"2024-02-02T09:00:00Z","data":{"level":"mql"}}
{"lead":"L1","type":"handed_off","occurred_at":"2024-02-02T10:00:00Z","recorded_at":"2024-02-02T10:00:00Z","data":{"to":"rep-a"}}
{"lead":"L1","type":"won","occurred_at":"2024-02-12T10:00:00Z","recorded_at":"2024-02-12T10:00:00Z","data":{"amount":120000,"currency":"EUR"}}
{"lead":"L1","type":"revenue_recorded","occurred_at":"2024-02-13T10:00:00Z","recorded_at":"2024-02-13T10:00:00Z","data":{"amount":120000,"currency":"EUR"}}
{"lead":"L1","type":"refunded","occurred_at":"2024-02-14T10:00:00Z","recorded_at":"2024-02-14T10:00:00Z","data":{"amount":20000,"currency":"EUR"}}
{"lead":"L2","type":"captured","occurred_at":"2024-02-03T09:00:00Z","recorded_at":"2024-02-03T09:00:00Z","data":{"attributes":{"industry":"media"}}}
{"lead":"L2","type":"accepted","occurred_at":"2024-02-04T09:00:00Z","recorded_at":"2024-02-20T09:00:00Z","data":{"by":"rep-b"}}
"#;
