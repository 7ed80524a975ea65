//! A file that a command writes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::CliError;
use crate::file::with_end;
use crate::message::tell;
use crate::store;

/// Streams of the process itself, whatever they lead to.
const STREAMS: [&str; 4] = ["/dev/stdout", "/dev/stderr", "/dev/fd", "/proc"];

/// So many names are tried for a file that is being written.
const PARTS_MAX: u32 = 1_000;
/// So many links are followed, one after the other, as systems do.
const LINKS_MAX: usize = 40;

/// A file that a command was asked to write by an option. It is written beside its place and gets
/// its name when it is whole, so that nothing is lost by a command that fails. Pipes and devices
/// have no place to be written beside, and are written where they are.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    /// As it was given, for messages.
    given: &'a Path,
    /// Behind links.
    path: PathBuf,
    option: &'static str,
}

/// What becomes of a file that was written to its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Written {
    /// It is all that it should be.
    Whole,
    /// Something is left out: it takes the place of nothing that is whole.
    Incomplete,
}

impl<'a> Target<'a> {
    /// The file of an option of a command that works with a store, which it must not be.
    pub(crate) fn new(
        given: &'a Path,
        option: &'static str,
        store: &str,
    ) -> Result<Self, CliError> {
        if given == Path::new("-") {
            return Err(CliError::Usage(format!(
                "expected a file with {option}, found -, which would be a file of that name: name \
                 a file, or /dev/stdout"
            )));
        }
        let path = behind_links(given);
        if store::files(store).iter().any(|file| behind_links(file) == path) {
            return Err(CliError::Usage(format!(
                "expected a file beside the store with {option}, found that {} is the store: give \
                 another {option}",
                given.display()
            )));
        }
        Ok(Self { given, path, option })
    }

    /// Writes the file.
    pub(crate) fn write(
        &self,
        fill: impl FnOnce(&mut dyn Write) -> Result<Written, CliError>,
    ) -> Result<(), CliError> {
        let written = if self.is_place() { self.replace(fill) } else { self.pour(fill) };
        written.map_err(|error| match error {
            CliError::Output(source) => {
                CliError::File { path: self.given.to_owned(), option: self.option, source }
            }
            other => other,
        })
    }

    /// Whether the file can be written beside its place.
    fn is_place(&self) -> bool {
        let is_stream = STREAMS.iter().any(|stream| self.given.starts_with(stream));
        !is_stream && self.path.metadata().map_or(true, |file| file.is_file())
    }

    fn replace(
        &self,
        fill: impl FnOnce(&mut dyn Write) -> Result<Written, CliError>,
    ) -> Result<(), CliError> {
        let part = Part::create(&self.path)?;
        let written = fill_to_end(&part.file, fill)?;
        part.file.sync_all()?;
        let path = match written {
            Written::Whole => self.path.clone(),
            Written::Incomplete => with_end(&self.path, ".incomplete"),
        };
        fs::rename(&part.path, &path)?;
        if written == Written::Incomplete {
            tell(format_args!("what could be written is in {}", path.display()));
        }
        Ok(())
    }

    fn pour(
        &self,
        fill: impl FnOnce(&mut dyn Write) -> Result<Written, CliError>,
    ) -> Result<(), CliError> {
        let file = OpenOptions::new().append(true).open(self.given)?;
        match fill_to_end(&file, fill) {
            // As for standard output: it does not change how the command ends.
            Err(error) if error.is_unheard() => return Ok(()),
            written => written?,
        };
        // Neither a pipe nor a device can be asked for that.
        if file.metadata()?.is_file() {
            file.sync_all()?;
        }
        Ok(())
    }
}

/// A file that has no name yet but one of its own beside it.
#[derive(Debug)]
struct Part {
    file: File,
    path: PathBuf,
}

impl Part {
    /// Who may read and write a file of that name may do so with the new one, and nobody else.
    fn create(path: &Path) -> io::Result<Self> {
        let before = match OpenOptions::new().write(true).open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            before => Some(before?.metadata()?.permissions()),
        };
        let part = Self::create_beside(path)?;
        if let Some(permissions) = before {
            part.file.set_permissions(permissions)?;
        }
        Ok(part)
    }

    /// A process that was killed leaves its file behind, and the next one may have the same number:
    /// in a container it has it every time.
    fn create_beside(path: &Path) -> io::Result<Self> {
        let mut number = 0;
        loop {
            let end = match number {
                0 => format!(".{}.part", std::process::id()),
                _ => format!(".{}-{number}.part", std::process::id()),
            };
            let part = with_end(path, &end);
            match OpenOptions::new().write(true).create_new(true).open(&part) {
                Err(error)
                    if error.kind() == io::ErrorKind::AlreadyExists && number < PARTS_MAX =>
                {
                    number += 1;
                }
                file => return file.map(|file| Self { file, path: part }),
            }
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Nothing is there after the renaming; where the disk fails there is nobody to tell.
        let _ = fs::remove_file(&self.path);
    }
}

fn fill_to_end(
    file: &File,
    fill: impl FnOnce(&mut dyn Write) -> Result<Written, CliError>,
) -> Result<Written, CliError> {
    let mut out = BufWriter::new(file);
    let written = fill(&mut out)?;
    out.flush()?;
    Ok(written)
}

/// The file that a path leads to, also where there is none yet.
fn behind_links(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    // The system follows those that lead to something; `/dev/stdout` may lead to what has no name.
    for _ in 0..LINKS_MAX {
        match path.read_link() {
            Ok(to) if !path.exists() => {
                path = path.parent().unwrap_or_else(|| Path::new("")).join(to);
            }
            _ => break,
        }
    }
    let whole = path.canonicalize().or_else(|error| match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => {
            let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            parent.canonicalize().map(|parent| parent.join(name))
        }
        _ => Err(error),
    });
    whole.unwrap_or(path)
}
