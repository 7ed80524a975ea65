//! Something between a store and its server that loses one commit, or its answer.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tempfile::TempDir;

/// A `COMMIT` as a client sends it.
const COMMIT: &[u8] = b"Q\0\0\0\x0bCOMMIT\0";
const SOCKET: &str = ".s.PGSQL.5432";

/// What is lost.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Loses {
    Commit = 1,
    Answer = 2,
}

/// A socket that leads to a server.
pub(crate) struct Proxy {
    directory: TempDir,
    loses: Arc<AtomicU8>,
}

impl Proxy {
    /// Before the server with a socket in a directory.
    pub(crate) fn before(server: &Path) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let listener = UnixListener::bind(directory.path().join(SOCKET)).expect("a socket");
        let (server, loses) = (server.join(SOCKET), Arc::new(AtomicU8::new(0)));
        let theirs = Arc::clone(&loses);
        // It ends with the process.
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                connect(client, &server, &theirs);
            }
        });
        Self { directory, loses }
    }

    pub(crate) fn url(&self) -> String {
        format!("host={} user=leadfold dbname=postgres", self.directory.path().display())
    }

    /// Cuts the next connection that commits.
    pub(crate) fn lose(&self, what: Loses) {
        self.loses.store(what as u8, Ordering::SeqCst);
    }
}

fn connect(mut client: UnixStream, server: &PathBuf, loses: &Arc<AtomicU8>) {
    let mut server = UnixStream::connect(server).expect("the server runs");
    let (mut from_server, mut to_client) =
        (server.try_clone().expect("a socket"), client.try_clone().expect("a socket"));
    std::thread::spawn(move || {
        forward(&mut from_server, &mut to_client, |_| 0);
    });
    let loses = Arc::clone(loses);
    std::thread::spawn(move || {
        let lost = |bytes: &[u8]| if bytes == COMMIT { loses.swap(0, Ordering::SeqCst) } else { 0 };
        forward(&mut client, &mut server, lost);
    });
}

/// Carries bytes until one side ends, or until something is to be lost.
fn forward(from: &mut UnixStream, to: &mut UnixStream, lost: impl Fn(&[u8]) -> u8) {
    let mut buffer = [0; 1 << 16];
    loop {
        let bytes = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => &buffer[..count],
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => break,
        };
        let lost = lost(bytes);
        if lost != 0 {
            // The client hears nothing more; the server may hear the commit, and then the end.
            drop(from.shutdown(Shutdown::Both));
        }
        if lost != Loses::Commit as u8 && to.write_all(bytes).is_err() {
            break;
        }
        if lost != 0 {
            break;
        }
    }
    drop(to.shutdown(Shutdown::Write));
    drop(from.shutdown(Shutdown::Read));
}
