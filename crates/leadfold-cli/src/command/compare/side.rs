//! One of the playbooks held against the log.

use std::path::Path;

use leadfold_core::audit::{Audit, Figures};
use leadfold_core::whatif::{Question, Trial, Watch};
use leadfold_core::{LeadIndex, Playbook, Timestamp};
use leadfold_engine::Names;
use leadfold_store::block_on;

use super::{Options, wrong_number};
use crate::cores;
use crate::error::CliError;
use crate::reading::{Log, Reading};

/// What a playbook makes of the log.
pub(super) struct Side {
    pub(super) file: String,
    pub(super) playbook: Playbook,
    /// Name and version of the definition that hands off.
    pub(super) definition: Option<(String, String)>,
    pub(super) trial: Trial,
    /// The figures of the hand-offs that really were.
    pub(super) figures: Figures,
}

impl Side {
    /// Reads the log under a playbook, as of the options, else of what the first reading says.
    pub(super) fn open(
        options: &Options,
        file: Option<&Path>,
        as_of: Option<Timestamp>,
    ) -> Result<(Reading, Self), CliError> {
        let read = options.reading(file);
        let mut log = Log::open(&read)?;
        log.bounds.as_of = log.bounds.as_of.or(as_of);
        let playbook = log.playbook.clone();
        let file = name(file, &log)?;
        let watch = Watch::new(playbook.clone())
            .map_err(|error| CliError::Input(format!("playbook {file}: {error}")))?;
        let (reading, watch) = Reading::watched(log, &read, watch)?;
        let side = Self {
            file,
            definition: watch
                .rule()
                .definition()
                .map(|named| (named.name().to_owned(), named.version().to_owned())),
            trial: trial(options, &reading, &watch)?,
            figures: figures(&reading, &watch, &playbook)?,
            playbook,
        };
        Ok((reading, side))
    }
}

/// What the report calls it.
fn name(file: Option<&Path>, log: &Log) -> Result<String, CliError> {
    match (file, log.publication) {
        (Some(file), _) => Ok(file.display().to_string()),
        (None, Some(publication)) => Ok(format!("event {}", publication.position)),
        (None, None) => Err(wrong_number(1)),
    }
}

fn trial(options: &Options, reading: &Reading, watch: &Watch) -> Result<Trial, CliError> {
    let mut names = Names::default();
    block_on(names.load(&reading.store, watch.codes()))?;
    let (as_of, zone) = (reading.instant(), options.tz.zone());
    let question = &Question { as_of, within_days: options.within, zone };
    let (tables, names) = (&reading.tables, &names);
    let leads = cores::share(tables.lead_count() as u64, |leads| {
        let leads = LeadIndex(leads.start as u32)..LeadIndex(leads.end as u32);
        Trial::of_leads(tables, watch, |code| names.string(code), question, leads)
    });
    Ok(Trial::with(tables, watch, question, leads.concat()))
}

fn figures(reading: &Reading, watch: &Watch, playbook: &Playbook) -> Result<Figures, CliError> {
    let calendar = leadfold_playbook::calendar(playbook)
        .map_err(|error| CliError::Input(format!("the playbook's calendar: {error}")))?;
    let audit = Audit::of(&reading.tables, watch.ledger(), &calendar, reading.instant());
    Ok(audit.figures(None).swap_remove(0).figures)
}
