//! Tables of other leads put behind these: how shards become one.

use super::Tables;
use super::rows::moved;

/// By how much the numbers of rows grow that are put behind those of others: who watches a fold may
/// have noted them.
#[derive(Clone, Copy, Debug)]
pub struct Grown {
    pub(crate) handoffs: u32,
    pub(crate) opportunities: u32,
}

impl Tables {
    /// Puts the leads of other tables behind these, the first of them under the number `base`.
    /// Their rows count their leads from there already ([`Tables::count_from`]). They are not
    /// merged with any, and there are no rows without a lead among theirs. All rows are taken as
    /// they are; but what names others by number is told by how much the numbers have grown.
    pub(crate) fn append(&mut self, other: Self, base: u32) -> Grown {
        if let Some(last) = base.checked_sub(1) {
            self.reserve_lead(last);
        }
        let Self { mut leads, mut profiles, mut rows, no_lead: _, last_at } = other;
        rows.externals.values_mut().for_each(|external| external.stream += base);
        let visits = self.rows.visits.append(rows.visits);
        let handoffs = self.rows.handoffs.append(rows.handoffs);
        let opportunities = self.rows.opportunities.append(rows.opportunities);
        let revenue = self.rows.revenue.append(rows.revenue);
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
        let grown = [visits, handoffs, opportunities, revenue, attributes, rares];
        if grown.iter().any(|numbers| *numbers > 0) {
            for row in leads.iter_mut() {
                row.visits = moved(row.visits, visits);
                row.handoffs = moved(row.handoffs, handoffs);
                row.opportunities = moved(row.opportunities, opportunities);
                row.revenue = moved(row.revenue, revenue);
            }
            for profile in profiles.iter_mut() {
                profile.attributes = moved(profile.attributes, attributes);
                profile.rare = moved(profile.rare, rares);
            }
        }
        self.leads.append(leads);
        self.profiles.append(profiles);
        self.last_at = self.last_at.max(last_at);
        Grown { handoffs, opportunities }
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
