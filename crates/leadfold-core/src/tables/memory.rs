//! How much memory the tables take.

use super::Tables;

impl Tables {
    /// The bytes of all rows. Room that has been made and is not used yet takes addresses, and no
    /// memory until it is used: it is not counted.
    ///
    /// ```
    /// # use leadfold_core::Tables;
    /// assert_eq!(Tables::default().memory(), 0);
    /// ```
    pub fn memory(&self) -> usize {
        self.memory_by_table().iter().map(|(_, bytes)| bytes).sum()
    }

    /// The same, table by table. States, funnel and customers' value read the first six.
    pub fn memory_by_table(&self) -> [(&'static str, usize); 11] {
        let rows = &self.rows;
        [
            ("leads", self.leads.memory()),
            ("profiles", self.profiles.memory()),
            ("visits", rows.visits.memory()),
            ("revenue", rows.revenue.memory()),
            ("rares", rows.rares.memory()),
            ("costs", rows.costs.memory()),
            ("handoffs", rows.handoffs.memory()),
            ("opportunities", rows.opportunities.memory()),
            ("attributes", rows.attributes.memory()),
            ("findings", rows.findings.memory()),
            ("externals", rows.externals.memory()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::super::{LeadRow, Profile};
    use super::*;

    #[test]
    fn leads_and_their_rows_are_counted_without_room() {
        let mut tables = Tables::default();
        tables.reserve_lead(9);
        tables.make_room(100);
        let ten = 10 * (size_of::<LeadRow>() + size_of::<Profile>());
        assert_eq!(tables.memory(), ten);
        let mut row = tables.leads[9];
        tables.rows.close_visit(9, &mut row, 1);
        assert_eq!(tables.memory(), ten + 24, "a visit takes 24 bytes");
        let by_table = tables.memory_by_table();
        assert!(by_table.contains(&("visits", 24)));
    }
}
