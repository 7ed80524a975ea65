//! The message of an audit that did not come out as expected.

use std::fmt::Write;

use leadfold_core::{Bounds, Playbook, Zone};
use leadfold_store::{EventStore, StoreError};

use super::Found;
use super::reading::Reading;
use crate::log::Log;
use crate::moment::shown;
use crate::text::{counted, indented, one_line, short};
use crate::timeline::Timeline;

/// Findings that are shown with all that is known of them.
const FULL_MAX: usize = 5;
/// Findings that are shown at all.
const SHOWN_MAX: usize = 40;

/// Of what the message tells.
pub(super) struct Report<'a, S> {
    pub(super) log: &'a Log<S>,
    pub(super) playbook: &'a Playbook,
    pub(super) reading: &'a Reading,
    pub(super) bounds: Bounds,
    /// On whose clocks times are shown.
    pub(super) zone: Zone,
}

impl<S: EventStore> Report<'_, S> {
    /// What was expected, what was found, and the life of a lead of which nothing was.
    pub(super) fn write(
        &self,
        expected: &str,
        findings: &[&Found],
        lead: Option<&str>,
    ) -> Result<String, StoreError> {
        let mut out = self.heading(expected, findings.len());
        for (number, found) in findings.iter().enumerate().take(SHOWN_MAX) {
            writeln!(out, "\n{}. {}", number + 1, headline(found)).expect("a string takes all");
            if number < FULL_MAX {
                out.push_str(&self.body(found)?);
            }
        }
        if let Some(more) = findings.len().checked_sub(SHOWN_MAX + 1) {
            writeln!(out, "\nand {} more", more + 1).expect("a string takes all");
        }
        if let Some(lead) = lead.filter(|lead| findings.iter().all(|found| found.lead() != *lead)) {
            out.push_str(&self.life(lead)?);
        }
        Ok(out)
    }

    fn heading(&self, expected: &str, n: usize) -> String {
        format!(
            "{}, found {}\n(playbook {:?}, as of {}, times in {})\n",
            one_line(expected),
            counted(n, "finding"),
            self.playbook.name,
            shown(self.reading.as_of, &self.zone),
            self.zone.name(),
        )
    }

    fn body(&self, found: &Found) -> Result<String, StoreError> {
        let mut out = format!("   owner {}", short(found.owner.as_deref().unwrap_or("nobody")));
        if let Some(due) = found.due {
            write!(out, "; due {}", shown(due, &self.zone)).expect("a string takes all");
        }
        let proof = found.evidence.iter().zip(&found.ids);
        let proof: Vec<String> = proof.map(|(position, id)| format!("{position} ({id})")).collect();
        writeln!(out, "; evidence {}", proof.join(", ")).expect("a string takes all");
        writeln!(out, "   what to do: {}", found.code.advice()).expect("a string takes all");
        if let Some(lead) = found.index {
            let timeline = Timeline::of(self.log, self.playbook, self.bounds, lead)?;
            let timeline = timeline.in_zone(&self.zone);
            out.push_str(&indented(&timeline.marked(&found.evidence, found.due), 3));
        }
        Ok(out)
    }

    /// The life of a lead by its key.
    fn life(&self, lead: &str) -> Result<String, StoreError> {
        let entries = self.log.leads_of(lead)?;
        let mut out = format!("\nlead {}", short(lead));
        out.push_str(if entries.is_empty() { " is not in the log\n" } else { ":\n" });
        for entry in entries {
            let timeline = Timeline::of(self.log, self.playbook, self.bounds, entry.index)?;
            let timeline = timeline.in_zone(&self.zone);
            out.push_str(&indented(&timeline.to_string(), 3));
        }
        Ok(out)
    }
}

/// `error leaked: Lead L1 leaked: ...`
fn headline(found: &Found) -> String {
    let severity = found.code.severity().name();
    format!("{severity} {}: {}", found.code, one_line(&found.sentence))
}
