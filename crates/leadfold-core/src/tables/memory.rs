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
        let rows = &self.rows;
        allocated(&self.leads)
            + allocated(&self.profiles)
            + rows.visits.memory()
            + rows.handoffs.memory()
            + rows.opportunities.memory()
            + rows.revenue.memory()
            + rows.attributes.memory()
            + rows.costs.memory()
            + rows.findings.memory()
            + rows.externals.memory()
    }
}

/// The bytes that are allocated for a vector's values.
pub(super) fn allocated<T>(values: &Vec<T>) -> usize {
    values.capacity() * size_of::<T>()
}
