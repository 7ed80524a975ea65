//! A fold as bytes and back: a start that costs the leads and what is new, not the history.
//!
//! A snapshot is derived, and never the truth. It is a function of the log, as the tables are:
//! folds of equal logs have equal snapshots. It comes in parts: the first has what belongs to no
//! lead, the others the records of the leads, one behind the other. Whoever keeps one keeps its
//! [key](snapshot_key) beside it, and the position and the id of the last event.

use std::collections::BTreeSet;

use super::{Bounds, Fold};
use crate::lower::LOWERING;
use crate::pack::{read_varint, varint};
use crate::{Playbook, Tables};

/// The version of the fold: of what it makes of facts, and of how a snapshot has that. Counted up
/// whenever either changes, so that no snapshot of another fold is gone on with; the corpus of the
/// testkit notices where that was forgotten.
pub const FOLD: u32 = 3;

/// A part is ended once it has so many bytes. A lead that has more is not divided.
const PART_BYTES: usize = 1 << 20;
/// The most leads that there may be: two numbers say other things.
const LEADS_MAX: u32 = u32::MAX - 1;

/// What a snapshot has to have in common with a fold that goes on from it, beside the log: the
/// versions of the lowering and of the fold, and the whole playbook.
///
/// ```
/// # use leadfold_core::{Playbook, snapshot_key};
/// let other = Playbook { version: "2".into(), ..Playbook::default() };
/// assert_ne!(snapshot_key(&Playbook::default()), snapshot_key(&other));
/// ```
pub fn snapshot_key(playbook: &Playbook) -> Vec<u8> {
    let rules = serde_json::to_string(playbook).expect("a playbook is made of what JSON has");
    format!("leadfold tables, fold {FOLD}, lowering {LOWERING}, playbook {rules}").into_bytes()
}

impl Fold {
    /// The fold in parts, for [`Restore`]. It speaks of a whole log: the bounds are the default
    /// ones.
    ///
    /// ```
    /// # use leadfold_core::{Bounds, Fold, Playbook, Restore};
    /// let fold = Fold::new(Playbook::default(), Bounds::default());
    /// let mut restore = Restore::new(Playbook::default(), 1);
    /// for part in fold.snapshot() {
    ///     restore.feed(&part)?;
    /// }
    /// assert_eq!(restore.end()?.position(), 0);
    /// # Ok::<(), leadfold_core::RestoreError>(())
    /// ```
    ///
    /// # Panics
    /// When there are marked leads (settle first), and of a fold with bounds.
    pub fn snapshot(&self) -> impl Iterator<Item = Vec<u8>> + '_ {
        assert_eq!(self.bounds, Bounds::default(), "a snapshot is of a whole log");
        let (leads, mut next) = (self.tables().leads.len(), 0);
        let of_leads = move || {
            let mut part = Vec::new();
            while (next as usize) < leads && part.len() < PART_BYTES {
                self.write_record(next, &|lead| lead, &mut part);
                next += 1;
            }
            (!part.is_empty()).then_some(part)
        };
        std::iter::once(self.first_part()).chain(std::iter::from_fn(of_leads))
    }

    fn first_part(&self) -> Vec<u8> {
        let mut part = Vec::new();
        varint(self.position, &mut part);
        varint(self.tables.leads.len() as u64, &mut part);
        varint(u64::from(self.is_no_lead_complex), &mut part);
        varint(u64::from(self.tables.last_at.is_some()), &mut part);
        varint(self.tables.last_at.unwrap_or(0).cast_unsigned(), &mut part);
        self.tables.write_no_lead(&mut part);
        part
    }

    /// Writes all that there is of a lead. `name` says under which numbers, in the same order, the
    /// leads are known where it is read.
    pub(super) fn write_record(&self, lead: u32, name: &impl Fn(u32) -> u32, out: &mut Vec<u8>) {
        self.tables.write_lead(lead, name, out);
        let links = self.links.get(&lead);
        varint(links.map_or(0, BTreeSet::len) as u64, out);
        links.into_iter().flatten().for_each(|other| varint(u64::from(name(*other)), out));
    }

    /// The first of some leads of which the tables do not have what their histories make of them;
    /// none if all agree. It is how a snapshot is caught that is whole and lies.
    ///
    /// The leads are sorted, and whole families; [`LeadIndex::NONE`](crate::LeadIndex::NONE) stands
    /// for the events without a lead. `history` has all of their facts up to
    /// [`Fold::position`], in the order of the log. The fold has [learned](Fold::learn) its words.
    ///
    /// # Panics
    /// As [`Fold::snapshot`].
    pub fn first_lie(
        &self,
        leads: &[crate::LeadIndex],
        history: &crate::Facts,
    ) -> Option<crate::LeadIndex> {
        super::shadow::first_lie(self, leads, history)
    }
}

/// A fold that is made from the parts of a snapshot, in their order.
///
/// Bytes that were never a snapshot are refused; bytes that are another snapshot's make that one's
/// tables. So a store keeps checksums, and [`Fold::first_lie`] compares with the log.
#[derive(Clone, Debug)]
pub struct Restore {
    fold: Fold,
    /// How many parts have been promised, and how many have come.
    parts: usize,
    fed: usize,
    leads: u32,
}

impl Restore {
    /// Nothing yet, of so many parts, under a playbook: the one of the snapshot's
    /// [key](snapshot_key).
    pub fn new(playbook: Playbook, parts: usize) -> Self {
        let fold = Fold::new(playbook, Bounds::default());
        Self { fold, parts, fed: 0, leads: 0 }
    }

    /// Takes the next part in.
    ///
    /// # Errors
    /// [`RestoreError`] where it is none; nothing can be made of the snapshot then.
    pub fn feed(&mut self, mut part: &[u8]) -> Result<(), RestoreError> {
        self.fed += 1;
        if self.fed == 1 {
            return self.read_first(&mut part).ok_or(RestoreError::FirstPart);
        }
        while !part.is_empty() {
            self.read_lead(&mut part)?;
        }
        if self.fed == 2 {
            self.make_room();
        }
        Ok(())
    }

    /// Makes room for all, once: no part is much larger than another. As much as both numbers say,
    /// that of the parts and that of the leads.
    fn make_room(&mut self) {
        let tables = &mut self.fold.tables;
        let by_leads = (self.leads as usize).div_ceil(tables.leads.len().max(1));
        tables.make_room(by_leads.min(self.parts));
    }

    fn read_first(&mut self, part: &mut &[u8]) -> Option<()> {
        let fold = &mut self.fold;
        fold.position = read_varint(part)?;
        self.leads = u32::try_from(read_varint(part)?).ok().filter(|leads| *leads <= LEADS_MAX)?;
        fold.is_no_lead_complex = read_flag(part)?;
        let (has_last, last_at) = (read_flag(part)?, read_varint(part)?);
        fold.tables.last_at = has_last.then_some(last_at.cast_signed());
        fold.tables.read_no_lead(part)?;
        part.is_empty().then_some(())
    }

    fn read_lead(&mut self, part: &mut &[u8]) -> Result<(), RestoreError> {
        let lead = self.fold.tables.leads.len() as u32;
        if lead == self.leads {
            return Err(RestoreError::Leads { expected: self.leads, found: None });
        }
        self.read_record(lead, part).ok_or(RestoreError::Lead { lead })
    }

    fn read_record(&mut self, lead: u32, part: &mut &[u8]) -> Option<()> {
        let Fold { tables, deals, links, .. } = &mut self.fold;
        tables.read_lead(lead, part)?;
        tables.names_leads_below(lead, self.leads).then_some(())?;
        deals.restore(lead, tables);
        for _ in 0..read_varint(part)? {
            let other = u32::try_from(read_varint(part)?).ok()?;
            if other >= self.leads {
                return None;
            }
            links.entry(lead).or_default().insert(other);
        }
        Some(())
    }

    /// The fold, once all parts are in. It goes on with the pages of the log behind its position,
    /// after it has [learned](Fold::learn) its words.
    ///
    /// # Errors
    /// [`RestoreError`] where parts are missing.
    pub fn end(self) -> Result<Fold, RestoreError> {
        let Tables { leads, last_at, .. } = &self.fold.tables;
        // Nothing of a lead happened behind the latest instant.
        if self.fed == 0
            || leads.iter().any(|row| Some(row.last_at) > (*last_at).or(Some(i64::MIN)))
        {
            return Err(RestoreError::FirstPart);
        }
        if leads.len() < self.leads as usize {
            let found = Some(leads.len() as u32);
            return Err(RestoreError::Leads { expected: self.leads, found });
        }
        Ok(self.fold)
    }
}

fn read_flag(part: &mut &[u8]) -> Option<bool> {
    read_varint(part).filter(|flag| *flag < 2).map(|flag| flag == 1)
}

/// Why some bytes are no snapshot.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RestoreError {
    /// Its first part says how much there is, and has what belongs to no lead.
    #[error("the snapshot is damaged: expected its first part, found other bytes; take it anew")]
    FirstPart,
    /// A record.
    #[error(
        "the snapshot is damaged: expected the record of lead number {lead}, found other bytes; \
         take it anew"
    )]
    Lead {
        /// The dense index of the lead.
        lead: u32,
    },
    /// The number of records.
    #[error(
        "the snapshot is damaged: expected {expected} leads, found {}; take it anew",
        found.map_or_else(|| "more".to_owned(), |found| found.to_string())
    )]
    Leads {
        /// How many the first part promised.
        expected: u32,
        /// How many there are; none if there are more.
        found: Option<u32>,
    },
}
