//! Exports of CRMs: all files of an import together, and the rows as chunks of lines.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use leadfold_import::{CrmFile, CrmRow, CrmSystem, LeftOut, StatusMap, amocrm, bitrix24};

use super::read_mapping;
use super::source::{Chunk, Place, Refusal};
use crate::error::CliError;

/// A system, and what its statuses stand for.
#[derive(Debug)]
pub(crate) struct Crm {
    system: CrmSystem,
    map: StatusMap,
}

/// The most that standard input, or a pipe, may have.
const PIPE_BYTES_MAX: u64 = 256 << 20;

impl Crm {
    /// A system with its own statuses, and those of a mapping file.
    pub(crate) fn new(system: CrmSystem, map: Option<&Path>) -> Result<Self, CliError> {
        let Some(path) = map else { return Ok(Self { system, map: StatusMap::of(system) }) };
        let map = read_mapping(path, |text, shown| StatusMap::parse(text, shown, system))?;
        Ok(Self { system, map })
    }
}

/// The files of an export, those of a folder by name; that they can be read is known before
/// anything is done.
pub(super) fn open(paths: &[PathBuf]) -> Result<Vec<CrmFile>, CliError> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(open_one(path)?);
            continue;
        }
        let inside = files_of(path).map_err(|error| unreadable(path, &error))?;
        if inside.is_empty() {
            let error = io::Error::other("the folder has no files");
            return Err(unreadable(path, &error));
        }
        for path in inside {
            files.push(open_one(&path)?);
        }
    }
    Ok(files)
}

/// The files of a folder, but hidden ones.
fn files_of(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        let is_hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        if path.is_file() && !is_hidden {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, error: &io::Error) -> CliError {
    CliError::Input(format!("cannot read {}: {error}; check the path", path.display()))
}

fn open_one(path: &Path) -> Result<CrmFile, CliError> {
    let unreadable = |error: io::Error| unreadable(path, &error);
    if path.as_os_str() == "-" {
        return into_memory("stdin".to_owned(), io::stdin());
    }
    let file = File::open(path).map_err(unreadable)?;
    match file.metadata().map_err(unreadable)?.is_file() {
        true => Ok(CrmFile::Path(path.to_owned())),
        false => into_memory(path.display().to_string(), file),
    }
}

/// A pipe can be read once, and files are read more often.
fn into_memory(name: String, input: impl Read) -> Result<CrmFile, CliError> {
    let mut text = Vec::new();
    let read = input.take(PIPE_BYTES_MAX + 1).read_to_end(&mut text);
    read.map_err(|error| unreadable(Path::new(&name), &error))?;
    if text.len() as u64 > PIPE_BYTES_MAX {
        return Err(CliError::Input(format!(
            "expected at most {PIPE_BYTES_MAX} bytes from {name}, found more; name files instead"
        )));
    }
    Ok(CrmFile::Text { name, text })
}

/// Reads an export, chunk by chunk, until nobody takes chunks any more.
pub(super) fn read_crm(
    crm: &Crm,
    files: &[CrmFile],
    take: &mut impl FnMut(Chunk) -> bool,
) -> Result<LeftOut, CliError> {
    let mut chunk = Chunk::default();
    let mut n = 0;
    let mut written = Ok(());
    let mut take_row = |row: CrmRow| {
        n += 1;
        let place = Place { row: n, line: row.line, file: row.file };
        written = put(&mut chunk, place, row);
        let is_open = !chunk.is_full() || take(std::mem::take(&mut chunk));
        is_open && written.is_ok()
    };
    let read = match crm.system {
        CrmSystem::Bitrix24 => bitrix24::read(files, &crm.map, &mut take_row),
        CrmSystem::Amocrm => amocrm::read(files, &crm.map, &mut take_row),
    };
    take(chunk);
    written?;
    read.map_err(|error| CliError::Input(error.to_string()))
}

fn put(chunk: &mut Chunk, place: Place, row: CrmRow) -> io::Result<()> {
    match row.outcome {
        Ok(events) => {
            chunk.begin_row(place.row, row.path);
            events.iter().try_for_each(|event| chunk.push(place, event))
        }
        Err(fault) => {
            let at = if row.path.is_empty() { String::new() } else { format!("{}: ", row.path) };
            chunk.refuse(place, Refusal { code: fault.code(), message: format!("{at}{fault}") });
            Ok(())
        }
    }
}
