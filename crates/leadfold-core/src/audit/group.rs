//! Which group of the figures something belongs to.

use std::collections::BTreeMap;

use super::breach::Breach;
use super::figures::{GroupBy, GroupKey};
use super::{Audit, Episode};
use crate::metrics::{By, KeyPart, key};
use crate::{Code, LeadIndex};

/// The groups of one dimension.
///
/// **Invariant:** a lead's value is looked up once, however many episodes it has and however many
/// leads it stands for: to find an attribute costs as much as the lead has attributes.
pub(super) struct Groups<'a> {
    audit: &'a Audit<'a>,
    by: &'a GroupBy,
    leads: BTreeMap<LeadIndex, GroupKey>,
    /// By hand-off, where that is the dimension.
    definitions: BTreeMap<u32, Code>,
}

impl<'a> Groups<'a> {
    pub(super) fn new(audit: &'a Audit<'a>, by: &'a GroupBy) -> Self {
        let episodes = audit.ledger.rows.episodes.iter();
        let episodes = episodes.filter(|_| matches!(by, GroupBy::Definition));
        let definitions = episodes.map(|(_, row)| (row.handoff, row.definition)).collect();
        Self { audit, by, leads: BTreeMap::new(), definitions }
    }

    pub(super) fn of_episode(&mut self, episode: &Episode<'_>) -> GroupKey {
        match self.by {
            GroupBy::Owner => GroupKey::Part(KeyPart::of(episode.handoff.to)),
            GroupBy::Team => self.of_team(episode.handoff.to),
            GroupBy::Definition => GroupKey::Part(KeyPart::of(episode.definition)),
            GroupBy::Lead(by) => self.of_lead(episode.lead, by),
        }
    }

    /// The group of whoever had the lead at the first attempt; where people are no groups, that of
    /// the episode.
    pub(super) fn of_attempt(&mut self, episode: &Episode<'_>, owner: Code) -> GroupKey {
        match self.by {
            GroupBy::Owner => GroupKey::Part(KeyPart::of(owner)),
            GroupBy::Team => self.of_team(owner),
            GroupBy::Definition | GroupBy::Lead(_) => self.of_episode(episode),
        }
    }

    /// Without a hand-off a broken rule is of no definition.
    pub(super) fn of_breach(&mut self, lead: LeadIndex, breach: &Breach) -> Option<GroupKey> {
        match self.by {
            GroupBy::Owner => Some(GroupKey::Part(KeyPart::of(breach.owner))),
            GroupBy::Team => Some(self.of_team(breach.owner)),
            GroupBy::Definition => {
                let definition = self.definitions.get(&breach.handoff)?;
                Some(GroupKey::Part(KeyPart::of(*definition)))
            }
            GroupBy::Lead(by) => Some(self.of_lead(lead, by)),
        }
    }

    fn of_team(&self, owner: Code) -> GroupKey {
        GroupKey::Team(self.audit.ledger.book.roster.teams.get(&owner).cloned())
    }

    /// A merged lead's value is that of the lead that stands for it.
    fn of_lead(&mut self, lead: LeadIndex, by: &By) -> GroupKey {
        let tables = self.audit.tables;
        let mut merged = Vec::new();
        let mut root = lead;
        let known = loop {
            if let Some(known) = self.leads.get(&root) {
                break known.clone();
            }
            merged.push(root);
            let Some(survivor) = tables.lead(root).and_then(|lead| lead.merged_into()) else {
                let part = tables.lead(root).map(|lead| key(&lead, std::slice::from_ref(by))[0]);
                break GroupKey::Part(part.unwrap_or(KeyPart::Missing));
            };
            root = survivor;
        };
        self.leads.extend(merged.into_iter().map(|lead| (lead, known.clone())));
        known
    }
}
