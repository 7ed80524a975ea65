//! Scenarios: files that a sales manager can read and write, and a test can hold.
//!
//! `docs/SCENARIOS.md` describes them. The expected part is written by the program: set
//! `LEADFOLD_UPDATE=1` and run the tests, then read what has changed.
//!
//! ```
//! use leadfold_testkit::scenario::Scenario;
//!
//! let text = "
//! scenario: a lead that nobody calls
//! 2024-03-01 17:55  L1 is captured from webinar
//! 2024-03-01 17:58  L1 is qualified as mql
//! 2024-03-01 18:00  L1 is handed off to ann
//! 2024-03-01 18:30  ann accepts L1
//! as of 2024-03-04
//! expect:
//!   leaked L1: Lead L1 leaked: it was with ann, and 1 d 6 h after an attempt was due, nobody in sales had tried to reach it.
//! ";
//! Scenario::parse(text, "leak.scenario", None)?.check()?;
//!
//! let error = Scenario::parse("2024-03-01 18:00  ann acepts L1", "leak.scenario", None);
//! let message = error.unwrap_err().to_string();
//! assert!(message.starts_with("leak.scenario, line 1, column 23: expected "), "{message}");
//! assert!(message.contains("`accepts`") && message.contains("found `acepts`"));
//! # Ok::<(), leadfold_testkit::scenario::ScenarioError>(())
//! ```

mod clock;
mod diff;
mod error;
mod expected;
mod file;
mod happening;
mod money;
mod pattern;
mod sentence;
mod token;

use std::path::{Path, PathBuf};

use leadfold_core::{Playbook, Timestamp, Zone};
use leadfold_playbook::zone;

use self::clock::Clock;
use self::diff::diff;
use self::error::{Fault, Line};
pub use self::error::{ScenarioError, ScenarioFault};
use self::expected::{Figure, NO_FINDINGS, finding_line};
use self::file::{Parts, Source, parts};
use self::happening::{Narrator, moment};
pub use self::sentence::{draw, examples};
use crate::audit::{Audited, Found};
use crate::log::Log;
use crate::text::counted;
use crate::unmet::{Unmet, demand};

/// Demands that the scenario in a file holds; or, where `LEADFOLD_UPDATE` is set, writes what is
/// found into the file. A relative path begins at the package of the test.
///
/// # Panics
/// When the file is no scenario, or something else is found than it expects. The message shows
/// both, and the life of each lead with a finding that is not expected.
#[track_caller]
pub fn check(path: impl AsRef<Path>) {
    demand(try_check(path));
}

/// Checks what [`check`] demands.
///
/// # Errors
/// [`ScenarioError`].
pub fn try_check(path: impl AsRef<Path>) -> Result<(), ScenarioError> {
    let scenario = Scenario::read(path.as_ref())?;
    if std::env::var_os("LEADFOLD_UPDATE").is_some() { scenario.update() } else { scenario.check() }
}

/// [`check`] for every file of a folder whose name ends with `.scenario`, by name. All that fail
/// are told.
///
/// # Panics
/// When one fails, or there is none.
#[track_caller]
pub fn check_all(folder: impl AsRef<Path>) {
    demand(try_check_all(folder));
}

/// Checks what [`check_all`] demands.
///
/// # Errors
/// [`ScenarioError`]; [`ScenarioError::Unmet`] has the messages of all that failed.
pub fn try_check_all(folder: impl AsRef<Path>) -> Result<(), ScenarioError> {
    let files = files(folder.as_ref())?;
    let failed = files.iter().filter_map(|file| try_check(file).err());
    let failed: Vec<String> = failed.map(|error| error.to_string()).collect();
    let folder = folder.as_ref().display();
    match (files.len(), failed.len()) {
        (0, _) => {
            let expected = format!("expected files NAME.scenario in {folder}, found none");
            Err(Unmet::new(format!("{expected}; give the folder that has them")).into())
        }
        (_, 0) => Ok(()),
        (n, failures) => {
            let n = counted(n, "scenario");
            let message = format!("{failures} of {n} in {folder} failed\n\n{}", failed.join("\n"));
            Err(Unmet::new(message).into())
        }
    }
}

/// A scenario.
#[derive(Debug)]
pub struct Scenario {
    title: String,
    file: String,
    text: String,
    playbook: Playbook,
    zone: Zone,
    log: Log,
    as_of: Option<Timestamp>,
    figures: Vec<&'static Figure>,
    expected: Vec<String>,
    /// The bytes of the text up to and with the line `expect:`.
    head: usize,
}

impl Scenario {
    /// Reads a scenario from its file, and the playbook that it names, which is beside it.
    ///
    /// # Errors
    /// [`ScenarioError`] with the place of the first fault.
    pub fn read(path: &Path) -> Result<Self, ScenarioError> {
        let text = read_file(path)?;
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        Self::parse(&text, &path.display().to_string(), Some(folder))
    }

    /// Reads a scenario from its text; `file` is what messages call it, and `folder` is where a
    /// playbook is that it names.
    ///
    /// # Errors
    /// [`ScenarioError`] with the place of the first fault.
    pub fn parse(text: &str, file: &str, folder: Option<&Path>) -> Result<Self, ScenarioError> {
        let parts = parts(text, file)?;
        let playbook = playbook_of(&parts, file, folder)?;
        let zone = zone_of(&parts, &playbook, file)?;
        let clock = Clock { zone: zone.clone() };
        let as_of = parts.as_of.map(|(line, time)| as_of(&clock, &line, time, file)).transpose()?;
        let events = Narrator::new(file, &clock).tell(&parts.events)?;
        Ok(Self {
            title: parts.title.map_or(file, |(_, title)| title).to_owned(),
            file: file.to_owned(),
            text: text.to_owned(),
            playbook,
            zone,
            log: Log::of(events)?,
            as_of,
            figures: figures_of(&parts, file)?,
            expected: parts.expected.iter().map(|line| (*line).to_owned()).collect(),
            head: parts.head,
        })
    }

    /// What it is about.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The rules under which it plays.
    pub fn playbook(&self) -> &Playbook {
        &self.playbook
    }

    /// What happens in it.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Its audit, for expectations that go beyond the file.
    pub fn audit(&self) -> Audited<'_> {
        let audit = self.log.audit(&self.playbook).in_zone(&self.zone);
        match self.as_of {
            Some(as_of) => audit.as_of(as_of),
            None => audit,
        }
    }

    /// What is found: findings and the figures that are asked for, one a line, as they stand
    /// below `expect:`.
    ///
    /// # Errors
    /// [`ScenarioError::Audit`] when the log cannot be audited.
    pub fn found(&self) -> Result<Vec<String>, ScenarioError> {
        let audit = self.audit();
        let mut lines: Vec<String> = audit.try_findings()?.iter().map(finding_line).collect();
        if lines.is_empty() {
            lines.push(NO_FINDINGS.to_owned());
        }
        let figures = audit.try_figures()?;
        lines.extend(self.figures.iter().map(|figure| figure.line(&figures)));
        Ok(lines)
    }

    /// Checks that what is found is what the text expects.
    ///
    /// # Errors
    /// [`ScenarioError::Unmet`] shows both, and the life of each lead with a finding that is not
    /// expected.
    pub fn check(&self) -> Result<(), ScenarioError> {
        let found = self.found()?;
        if found == self.expected {
            return Ok(());
        }
        let Self { file, title, .. } = self;
        let difference = diff(&self.expected, &found);
        let mut message = format!(
            "{file}: {title:?} is not as expected (- expected, + found; LEADFOLD_UPDATE=1 \
             writes what is found into the file)\n\n{difference}"
        );
        let audit = self.audit();
        let is_new = |finding: &&Found| !self.expected.contains(&finding_line(finding));
        let new: Vec<&Found> = audit.try_findings()?.iter().filter(is_new).collect();
        if !new.is_empty() {
            message.push('\n');
            message.push_str(&audit.report("expected nothing new", &new, None)?);
        }
        Err(Unmet::new(message).into())
    }

    /// The text with what is found below `expect:`.
    ///
    /// # Errors
    /// [`ScenarioError::Audit`] when the log cannot be audited.
    pub fn updated(&self) -> Result<String, ScenarioError> {
        let (head, rest) = self.text.split_at(self.head);
        let mut text = head.to_owned();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        if rest.is_empty() && !has_expect(head) {
            text.push_str("expect:\n");
        }
        self.found()?.iter().for_each(|line| text.push_str(&format!("  {line}\n")));
        Ok(text)
    }

    /// Writes what is found into the file that it was read from, if that is not there already.
    ///
    /// # Errors
    /// [`ScenarioError`]: the log cannot be audited, or the file not written.
    pub fn update(&self) -> Result<(), ScenarioError> {
        let updated = self.updated()?;
        if updated == self.text {
            return Ok(());
        }
        std::fs::write(&self.file, updated)
            .map_err(|source| ScenarioError::File { file: self.file.clone(), source })
    }
}

fn has_expect(head: &str) -> bool {
    head.lines().next_back().is_some_and(|line| line.trim_start().starts_with("expect:"))
}

fn read_file(path: &Path) -> Result<String, ScenarioError> {
    let file = || path.display().to_string();
    std::fs::read_to_string(path).map_err(|source| ScenarioError::File { file: file(), source })
}

/// The scenarios of a folder, by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>, ScenarioError> {
    let fault = |source| ScenarioError::File { file: folder.display().to_string(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        files.extend(path.extension().is_some_and(|end| end == "scenario").then_some(path));
    }
    files.sort();
    Ok(files)
}

fn playbook_of(
    parts: &Parts<'_>,
    file: &str,
    folder: Option<&Path>,
) -> Result<Playbook, ScenarioError> {
    match parts.playbook {
        None => Ok(Playbook::default()),
        Some(Source::File(path)) => {
            let path = folder.unwrap_or_else(|| Path::new(".")).join(path);
            let text = read_file(&path)?;
            Ok(leadfold_playbook::read(&text, &path.display().to_string())?)
        }
        // Empty lines in front, so that a fault has its line of the scenario.
        Some(Source::Inline(lines, text)) => {
            let text = format!("{}{text}", "\n".repeat(lines));
            Ok(leadfold_playbook::read(&text, file)?)
        }
    }
}

/// The zone on whose clocks times are read: the one that is named, else that of the playbook's
/// calendar, else UTC.
fn zone_of(parts: &Parts<'_>, playbook: &Playbook, file: &str) -> Result<Zone, ScenarioError> {
    let of_calendar =
        || leadfold_playbook::calendar(playbook).map(|calendar| calendar.zone().cloned());
    match parts.zone {
        Some((line, name)) => zone(name).map_err(|error| {
            let fault = Fault::new(offset(&line, name), "a time zone", format!("`{name}`"));
            fault.advice(error.to_string()).in_line(file, &line).into()
        }),
        None => match of_calendar() {
            Ok(zone) => Ok(zone.unwrap_or_else(Zone::utc)),
            Err(error) => Err(crate::audit::AuditError::from(error).into()),
        },
    }
}

fn as_of(
    clock: &Clock,
    line: &Line<'_>,
    time: &str,
    file: &str,
) -> Result<Timestamp, ScenarioFault> {
    moment(clock, time).map(|time| time.at).ok_or_else(|| {
        let wanted = "a time that the clocks show, such as 2024-03-05 or 2024-03-05 18:00";
        let fault = Fault::new(offset(line, time), wanted, format!("`{time}`"));
        fault.in_line(file, line)
    })
}

fn figures_of(parts: &Parts<'_>, file: &str) -> Result<Vec<&'static Figure>, ScenarioFault> {
    let Some((line, names)) = parts.figures else { return Ok(Vec::new()) };
    let figure = |name: &str| {
        let name = name.trim();
        Figure::named(name).ok_or_else(|| {
            let wanted = format!("figures out of {}", Figure::names());
            Fault::new(offset(&line, name), wanted, format!("`{name}`")).in_line(file, &line)
        })
    };
    names.split(',').map(figure).collect()
}

/// Where a part of a line begins.
fn offset(line: &Line<'_>, part: &str) -> usize {
    line.text.find(part).unwrap_or_default()
}
