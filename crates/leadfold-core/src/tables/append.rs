//! Tables of other leads put behind these: how shards become one.

use super::rows::moved;
use super::{External, LeadRow, Profile, Tables};

impl Tables {
    /// Puts the leads of other tables behind these, the first of them under the number `base`.
    /// They are not merged with any, and there are no rows without a lead among theirs. The first
    /// are taken as they are.
    pub(crate) fn append(&mut self, other: Self, base: u32) {
        let is_empty = self.leads.is_empty() && self.costs.is_empty() && self.findings.is_empty();
        if is_empty && base == 0 {
            let last_at = self.last_at.max(other.last_at);
            *self = Self { last_at, ..other };
            return;
        }
        if let Some(last) = base.checked_sub(1) {
            self.reserve_lead(last);
        }
        let visits = self.visits.append(other.visits, base);
        let handoffs = self.handoffs.append(other.handoffs, base);
        let opportunities = self.opportunities.append(other.opportunities, base);
        let revenue = self.revenue.append(other.revenue, base);
        self.leads.extend(other.leads.into_iter().map(|row| LeadRow {
            visits: moved(row.visits, visits),
            handoffs: moved(row.handoffs, handoffs),
            opportunities: moved(row.opportunities, opportunities),
            revenue: moved(row.revenue, revenue),
            ..row
        }));
        let attributes = self.attributes.append(other.attributes, base);
        let findings = self.findings.append(other.findings, base);
        let costs = self.costs.append(other.costs, base);
        let stream = |external: External| External { stream: external.stream + base, ..external };
        let externals = self.externals.append(other.externals.map(stream), base);
        self.profiles.extend(other.profiles.into_iter().map(|profile| Profile {
            attributes: moved(profile.attributes, attributes),
            findings: moved(profile.findings, findings),
            costs: moved(profile.costs, costs),
            externals: moved(profile.externals, externals),
            ..profile
        }));
        self.last_at = self.last_at.max(other.last_at);
    }
}
