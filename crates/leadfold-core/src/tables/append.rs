//! Tables of other leads put behind these: how shards become one.

use super::rows::moved;
use super::{LeadRow, Profile, Tables};

impl Tables {
    /// Puts the leads of other tables behind these, the first of them under the number `base`.
    /// Their rows count their leads from there already ([`Tables::count_from`]). They are not
    /// merged with any, and there are no rows without a lead among theirs. The first are taken as
    /// they are; of the others the rows are, and only what each lead has one of is copied.
    pub(crate) fn append(&mut self, other: Self, base: u32) {
        let is_empty =
            self.leads.is_empty() && self.rows.costs.is_empty() && self.rows.findings.is_empty();
        if is_empty && base == 0 {
            let last_at = self.last_at.max(other.last_at);
            *self = Self { last_at, ..other };
            return;
        }
        if let Some(last) = base.checked_sub(1) {
            self.reserve_lead(last);
        }
        let mut rows = other.rows;
        rows.externals.values_mut().for_each(|external| external.stream += base);
        let visits = self.rows.visits.append(rows.visits);
        let handoffs = self.rows.handoffs.append(rows.handoffs);
        let opportunities = self.rows.opportunities.append(rows.opportunities);
        let revenue = self.rows.revenue.append(rows.revenue);
        self.leads.extend(other.leads.into_iter().map(|row| LeadRow {
            visits: moved(row.visits, visits),
            handoffs: moved(row.handoffs, handoffs),
            opportunities: moved(row.opportunities, opportunities),
            revenue: moved(row.revenue, revenue),
            ..row
        }));
        let attributes = self.rows.attributes.append(rows.attributes);
        let findings = self.rows.findings.append(rows.findings);
        let costs = self.rows.costs.append(rows.costs);
        let externals = self.rows.externals.append(rows.externals);
        for rare in rows.rares.values_mut() {
            rare.findings = moved(rare.findings, findings);
            rare.costs = moved(rare.costs, costs);
            rare.externals = moved(rare.externals, externals);
        }
        let rares = self.rows.rares.append(rows.rares);
        self.profiles.extend(other.profiles.into_iter().map(|profile| Profile {
            attributes: moved(profile.attributes, attributes),
            rare: moved(profile.rare, rares),
            ..profile
        }));
        self.last_at = self.last_at.max(other.last_at);
    }

    /// Counts the leads in the rows to come from one on: these tables will be put behind others.
    pub(crate) fn count_from(&mut self, base: u32) {
        let rows = &mut self.rows;
        rows.visits.count_from(base);
        rows.handoffs.count_from(base);
        rows.opportunities.count_from(base);
        rows.revenue.count_from(base);
        rows.attributes.count_from(base);
        rows.costs.count_from(base);
        rows.findings.count_from(base);
        rows.externals.count_from(base);
        rows.rares.count_from(base);
    }
}
