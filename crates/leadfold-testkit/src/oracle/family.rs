//! Section 4: who has been merged into whom at the bounds, and which merges were refused.

use std::collections::{BTreeMap, BTreeSet};

use super::event::Event;

/// A merge that stands.
#[derive(Debug)]
pub(super) struct Merge {
    pub(super) into: String,
    pub(super) order: (i64, u64),
}

/// The families of leads.
#[derive(Debug, Default)]
pub(super) struct Families {
    /// The merge of every merged lead.
    pub(super) parents: BTreeMap<String, Merge>,
    /// Why the merge or unmerge at a position was refused.
    pub(super) refusals: BTreeMap<u64, &'static str>,
    /// The leads on which an erasure was written so far.
    erased: BTreeSet<String>,
}

impl Families {
    /// Walks the merges of all leads in order.
    pub(super) fn walk<'a>(events: impl Iterator<Item = &'a Event>) -> Self {
        let of_interest = ["merged", "unmerged", "erased"];
        let mut events: Vec<&Event> =
            events.filter(|event| of_interest.iter().any(|kind| event.is(kind))).collect();
        events.sort_by_key(|event| event.order());
        let mut families = Self::default();
        for event in events {
            let Some(lead) = event.lead.as_deref() else { continue };
            let done = match event.kind.as_str() {
                "merged" => families.merge(lead, event),
                "unmerged" => families.unmerge(lead, event),
                _ => {
                    families.erased.insert(lead.to_owned());
                    Ok(())
                }
            };
            if let Err(reason) = done {
                families.refusals.insert(event.position, reason);
            }
        }
        families
    }

    /// The lead that stands for this one.
    pub(super) fn root<'a>(&'a self, lead: &'a str) -> &'a str {
        let mut root = lead;
        while let Some(merge) = self.parents.get(root) {
            root = &merge.into;
        }
        root
    }

    fn merge(&mut self, lead: &str, event: &Event) -> Result<(), &'static str> {
        let into = event.text("into").unwrap_or_default();
        if self.parents.contains_key(lead) {
            return Err("merged_into");
        }
        if self.is_erased(lead) {
            return Err("erased_lead");
        }
        if self.root(into) == lead {
            return Err("merge_cycle");
        }
        let merge = Merge { into: into.to_owned(), order: event.order() };
        self.parents.insert(lead.to_owned(), merge);
        Ok(())
    }

    fn unmerge(&mut self, lead: &str, event: &Event) -> Result<(), &'static str> {
        let from = event.text("from").unwrap_or_default();
        let mut ancestor = lead;
        while let Some(merge) = self.parents.get(ancestor) {
            ancestor = &merge.into;
            if ancestor == from {
                self.parents.remove(lead);
                return Ok(());
            }
        }
        Err(if self.is_erased(lead) { "erased_lead" } else { "not_merged" })
    }

    /// Whether this root has been erased, by its own event or by one that belongs to it.
    fn is_erased(&self, lead: &str) -> bool {
        self.erased.iter().any(|erased| self.root(erased) == lead)
    }
}
