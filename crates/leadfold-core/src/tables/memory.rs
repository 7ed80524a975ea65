//! How much memory the tables take.

use super::Tables;

impl Tables {
    /// The bytes that are allocated for all rows, room that is not used yet included.
    ///
    /// ```
    /// # use leadfold_core::Tables;
    /// assert_eq!(Tables::default().memory(), 0);
    /// ```
    pub fn memory(&self) -> usize {
        self.memory_by_table().iter().map(|(_, bytes)| bytes).sum()
    }

    /// The same, table by table. States, funnel and customers' value read the first four.
    pub fn memory_by_table(&self) -> [(&'static str, usize); 11] {
        let rows = &self.rows;
        [
            ("leads", self.leads.memory()),
            ("profiles", self.profiles.memory()),
            ("visits", rows.visits.memory()),
            ("revenue", rows.revenue.memory()),
            ("handoffs", rows.handoffs.memory()),
            ("opportunities", rows.opportunities.memory()),
            ("attributes", rows.attributes.memory()),
            ("costs", rows.costs.memory()),
            ("findings", rows.findings.memory()),
            ("externals", rows.externals.memory()),
            ("rares", rows.rares.memory()),
        ]
    }
}

/// The bytes that are allocated for a vector's values.
pub(super) fn allocated<T>(values: &Vec<T>) -> usize {
    values.capacity() * size_of::<T>()
}

#[cfg(test)]
mod tests {
    use super::super::LeadRow;
    use super::*;

    #[test]
    fn leads_and_their_rows_are_counted_with_the_room_that_is_made() {
        let mut tables = Tables::default();
        tables.reserve_lead(9);
        let ten = tables.memory();
        assert!(ten >= 10 * size_of::<LeadRow>());
        tables.make_room(100);
        let roomy = tables.memory();
        assert!(roomy >= 100 * ten / 2);
        let mut row = tables.leads[9];
        tables.rows.close_visit(9, &mut row, 1);
        assert!(tables.memory() > roomy, "a visit takes room");
        let by_table = tables.memory_by_table();
        assert!(by_table.iter().any(|(name, bytes)| *name == "visits" && *bytes > 0));
    }
}
