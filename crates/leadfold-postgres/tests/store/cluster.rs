//! A server of our own in a temporary directory, reached through a socket in it and from nowhere
//! else.
#![allow(dead_code, unused_imports, unused_macros)] // The example needs little of it.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use leadfold_postgres::postgres::{Client, NoTls};

/// With it set to 1 the tests that need a server are left out.
const SKIP: &str = "LEADFOLD_SKIP_POSTGRES";

/// Seconds that a server may take to start or to end: its disk may be slow.
const PATIENCE: &str = "600";
/// So often is a server started whose predecessor may still be there.
const STARTS_MAX: usize = 100;

/// A running server. It ends with us, however we end.
pub(crate) struct Cluster {
    directory: PathBuf,
    binaries: PathBuf,
    settings: &'static str,
    guardian: Child,
}

/// The server of all tests of a binary; none if they are to be left out.
pub(crate) fn shared() -> Option<&'static Cluster> {
    static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
    // Only a server that is killed has to wait for its disk.
    SHARED.get_or_init(|| Cluster::start("-c fsync=off")).as_ref()
}

/// The shared server, or the end of the test.
macro_rules! shared_or_skip {
    () => {
        match crate::cluster::shared() {
            Some(cluster) => cluster,
            None => return,
        }
    };
}
pub(crate) use shared_or_skip;

/// The name of a log that nobody has used.
pub(crate) fn fresh_log() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("log {}", COUNT.fetch_add(1, Ordering::Relaxed))
}

impl Cluster {
    /// Starts one with some settings.
    ///
    /// # Panics
    /// Where there is no server to start, unless the tests are to be left out.
    pub(crate) fn start(settings: &'static str) -> Option<Self> {
        if std::env::var(SKIP).is_ok_and(|value| value == "1") {
            eprintln!("left out, because {SKIP}=1: this test needs a PostgreSQL server");
            return None;
        }
        let binaries = binaries().unwrap_or_else(|| {
            panic!(
                "expected the PostgreSQL server (initdb, pg_ctl) in PATH, /usr/lib/postgresql or \
                 pg_config --bindir, found none: apt-get install -y postgresql, or set {SKIP}=1"
            )
        });
        let directory = tempfile::Builder::new().prefix("leadfold-pg").tempdir();
        let directory = directory.expect("a directory").keep();
        run(Command::new("chown").arg(user().unwrap_or("root")).arg(&directory), user().is_some());
        let guardian = guard(&binaries, &directory);
        let cluster = Self { directory, binaries, settings, guardian };
        cluster.initialise();
        cluster.start_server();
        Some(cluster)
    }

    fn initialise(&self) {
        let mut initdb = unprivileged(&self.binaries.join("initdb"));
        initdb.args(["-U", "leadfold", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        run(initdb.arg("-D").arg(self.data()), true);
    }

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    /// The directory of the server's socket.
    pub(crate) fn socket(&self) -> &Path {
        &self.directory
    }

    /// Starts the server again after [`Cluster::stop_at_once`] or [`Cluster::kill_server`]. Processes
    /// of one that was killed hold its memory until they have noticed, and keep another one from
    /// starting.
    pub(crate) fn start_server(&self) {
        let settings = format!(
            "-c listen_addresses= -c unix_socket_directories='{}' -c max_connections=100 {}",
            self.directory.display(),
            self.settings
        );
        let mut start = unprivileged(&self.binaries.join("pg_ctl"));
        start.args(["start", "-w", "-t", PATIENCE, "-o", &settings, "-D"]).arg(self.data());
        start.arg("-l").arg(self.directory.join("server.log"));
        let has_started = (1..STARTS_MAX).any(|_| try_run(&mut start).is_ok());
        run(&mut start, !has_started);
    }

    /// Ends the server as a loss of power would, but for what the system keeps of files.
    pub(crate) fn stop_at_once(&self) {
        let mut stop = unprivileged(&self.binaries.join("pg_ctl"));
        stop.args(["stop", "-w", "-t", PATIENCE, "-m", "immediate", "-D"]);
        run(stop.arg(self.data()), true);
    }

    /// Kills the first of the server's processes; the others notice.
    pub(crate) fn kill_server(&self) {
        let file = self.data().join("postmaster.pid");
        let text = std::fs::read_to_string(&file).expect("the server runs");
        kill(text.lines().next().expect("it says which process it is"));
    }

    /// Where clients find it.
    pub(crate) fn url(&self) -> String {
        format!("host={} user=leadfold dbname=postgres", self.directory.display())
    }

    /// A client beside the stores.
    pub(crate) fn client(&self) -> Client {
        Client::connect(&self.url(), NoTls).expect("the server runs")
    }

    /// Runs statements behind a store's back.
    pub(crate) fn sql(&self, log: &str, sql: &str) {
        let mut client = self.client();
        client.batch_execute(&format!("SET search_path TO \"{log}\"")).expect("it is a schema");
        client.batch_execute(sql).expect("the statements run");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.guardian.stdin.take());
        drop(self.guardian.wait());
    }
}

/// A process that waits for our end, which closes its input, and then tidies up: a test that
/// panics, a binary that is killed and a server in a static all end the same way.
fn guard(binaries: &Path, directory: &Path) -> Child {
    use std::os::unix::process::CommandExt;
    let script = "cat; \"$@\" -m immediate stop; rm -rf \"$0\"";
    let stop = unprivileged(&binaries.join("pg_ctl"));
    let mut guardian = Command::new("sh");
    guardian.arg("-c").arg(script).arg(directory).arg(stop.get_program()).args(stop.get_args());
    guardian.arg("-D").arg(directory.join("data"));
    guardian.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    guardian.process_group(0).spawn().expect("a shell starts")
}

/// Where the server's programs are.
fn binaries() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut installed: Vec<_> =
        installed.filter_map(|entry| Some(entry.ok()?.path().join("bin"))).collect();
    installed.sort();
    let told = Command::new("pg_config").arg("--bindir").output().ok();
    let told = told.map(|output| String::from_utf8_lossy(&output.stdout).trim().into());
    std::env::split_paths(&path)
        .chain(installed.into_iter().rev())
        .chain(told)
        .find(|directory| directory.join("initdb").exists() && directory.join("pg_ctl").exists())
}

/// Whom the server runs as, where we are root: it refuses to.
fn user() -> Option<&'static str> {
    static USER: OnceLock<Option<&'static str>> = OnceLock::new();
    *USER.get_or_init(|| {
        let id = |arguments: &[&str]| Command::new("id").args(arguments).output();
        let is_root = id(&["-u"]).is_ok_and(|output| output.stdout.starts_with(b"0\n"));
        let exists = |user: &&str| id(&[user]).is_ok_and(|output| output.status.success());
        is_root.then(|| ["postgres", "nobody"].into_iter().find(exists).expect("a user"))
    })
}

fn unprivileged(program: &Path) -> Command {
    let Some(user) = user() else { return Command::new(program) };
    let mut command = Command::new("runuser");
    command.args(["-u", user, "--"]).arg(program);
    command.current_dir("/");
    command
}

/// SIGKILL. Every shell has it, not every machine a program of that name.
pub(crate) fn kill(pid: &str) {
    run(Command::new("sh").args(["-c", "kill -9 \"$0\"", pid]), true);
}

fn run(command: &mut Command, is_needed: bool) {
    if is_needed {
        try_run(command).unwrap_or_else(|why| panic!("{why}"));
    }
}

fn try_run(command: &mut Command) -> Result<(), String> {
    // To files: a server that stays behind would hold a pipe open.
    let output = tempfile::tempfile().expect("a file");
    let copy = output.try_clone().expect("a file");
    let status = command
        .stdin(Stdio::null())
        .stdout(copy)
        .stderr(output.try_clone().expect("a file"))
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(format!("expected the program of {command:?}, found none: install it"))
        }
        status => Err(format!("{command:?}: {status:?}\n{}", text(output))),
    }
}

fn text(mut file: std::fs::File) -> String {
    use io::{Read, Seek};
    let mut text = String::new();
    file.rewind()
        .and_then(|()| file.read_to_string(&mut text))
        .map_or_else(|e| e.to_string(), |_| text)
}
