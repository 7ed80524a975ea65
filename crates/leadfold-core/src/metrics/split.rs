//! Splits: which group of a metric's rows a lead belongs to.

use std::collections::BTreeMap;

use super::Zone;
use crate::fact::Code;
use crate::tables::Tables;
use crate::{Lead, Opportunity};

/// A dimension to split a metric by.
#[derive(Clone, Debug)]
pub enum By {
    /// Where the lead came from.
    Source,
    /// By which medium.
    Medium,
    /// By which campaign.
    Campaign,
    /// On which channel.
    Channel,
    /// Who has the lead; for an opportunity, who had it when it was opened or closed last.
    Owner,
    /// The product of the opportunity; for a lead, the first product that an event names.
    Product,
    /// The month of the capture.
    CohortMonth(Zone),
    /// A captured attribute, by the code of its name.
    Attribute(Code),
}

/// A lead's value of one dimension.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum KeyPart {
    /// A string of the log.
    Name(Code),
    /// Year and month.
    Month(i32, u32),
    /// The lead has none. Never merged with a value that happens to be called "unknown".
    Missing,
}

impl KeyPart {
    pub(crate) fn of(code: Code) -> Self {
        if code.is_some() { Self::Name(code) } else { Self::Missing }
    }
}

/// The value of one dimension for a lead.
fn part(lead: &Lead<'_>, by: &By) -> KeyPart {
    match by {
        By::Source => KeyPart::of(lead.source()),
        By::Medium => KeyPart::of(lead.medium()),
        By::Campaign => KeyPart::of(lead.campaign()),
        By::Channel => KeyPart::of(lead.channel()),
        By::Owner => KeyPart::of(lead.owner()),
        By::Product => KeyPart::of(lead.product()),
        By::CohortMonth(zone) => lead.captured_at().map_or(KeyPart::Missing, |at| {
            let (year, month) = zone.month(at);
            KeyPart::Month(year, month)
        }),
        By::Attribute(name) => KeyPart::of(lead.attribute(*name)),
    }
}

/// The values of all dimensions for a lead, in their order: the key of its row in a split.
pub fn key(lead: &Lead<'_>, by: &[By]) -> Vec<KeyPart> {
    by.iter().map(|by| part(lead, by)).collect()
}

/// The values of all dimensions for an opportunity of a lead.
pub(super) fn deal_key(lead: &Lead<'_>, deal: &Opportunity, by: &[By]) -> Vec<KeyPart> {
    by.iter()
        .map(|by| match by {
            By::Owner => KeyPart::of(deal.owner),
            By::Product => KeyPart::of(deal.product),
            _ => part(lead, by),
        })
        .collect()
}

/// Leads in groups. Group 0 is the total.
pub(super) struct Groups {
    /// The key of each group; that of the total is empty.
    pub(super) keys: Vec<Vec<KeyPart>>,
    /// The group of each lead beside the total; [`Groups::OUT`] if the lead does not count.
    pub(super) of_lead: Vec<u32>,
}

impl Groups {
    /// The lead is in no group.
    pub(super) const OUT: u32 = u32::MAX;

    /// Groups the leads that `keep` wants. Without dimensions all of them are in the total only.
    pub(super) fn of(tables: &Tables, by: &[By], keep: impl Fn(&Lead<'_>) -> bool) -> Self {
        let mut of_lead = vec![Self::OUT; tables.lead_count()];
        if by.is_empty() {
            for lead in tables.leads().filter(keep) {
                of_lead[lead.index().0 as usize] = 0;
            }
            return Self { keys: vec![Vec::new()], of_lead };
        }
        let mut numbers: BTreeMap<Vec<KeyPart>, u32> = BTreeMap::new();
        let mut key = Vec::with_capacity(by.len());
        for lead in tables.leads().filter(keep) {
            key.clear();
            key.extend(by.iter().map(|by| part(&lead, by)));
            let next = numbers.len() as u32;
            let number = match numbers.get(&key) {
                Some(number) => *number,
                None => *numbers.entry(key.clone()).or_insert(next),
            };
            of_lead[lead.index().0 as usize] = number;
        }
        // Numbered as they came; from here on in the order of the keys, behind the total.
        let mut place = vec![0; numbers.len()];
        let mut keys = vec![Vec::new()];
        for (key, number) in numbers {
            place[number as usize] = keys.len() as u32;
            keys.push(key);
        }
        for group in of_lead.iter_mut().filter(|group| **group != Self::OUT) {
            *group = place[*group as usize];
        }
        Self { keys, of_lead }
    }

    /// Whether there is anything beside the total.
    pub(super) fn is_split(&self) -> bool {
        self.keys.len() > 1
    }

    /// The groups that a lead counts in: the total, and its own.
    pub(super) fn groups_of(&self, lead: u32) -> impl Iterator<Item = usize> + use<> {
        let group = self.of_lead[lead as usize];
        let total = (group != Self::OUT).then_some(0);
        let own = (group != Self::OUT && self.is_split()).then_some(group as usize);
        total.into_iter().chain(own)
    }
}
