//! Everything that the page tells.

use leadfold_core::metrics::{AgingRow, CostRow, FunnelRow, StatusCounts, ValueRow};

use crate::page;
use crate::scope::Scope;
use crate::section::deals::Deals;
use crate::section::due::Duties;
use crate::section::findings::Findings;
use crate::section::handoffs::Handoffs;
use crate::split::Split;

/// What metrics gave for one log under one pair of bounds, with the names of the log.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Of which log, of which part of it, and under which rules.
    pub scope: Scope,
    /// Leads by state.
    pub status: StatusCounts,
    /// How long open leads have been where they are, by state.
    pub aging: Vec<AgingRow>,
    /// The cohort funnel.
    pub funnel: Split<FunnelRow>,
    /// The hand-offs in figures.
    pub handoffs: Handoffs,
    /// What was found.
    pub findings: Findings,
    /// What is overdue.
    pub due: Duties,
    /// Closed and open opportunities.
    pub deals: Deals,
    /// What customers paid, got back and cost.
    pub value: Split<ValueRow>,
    /// What leads cost, and whether that paid.
    pub costs: Split<CostRow>,
    /// How many keys, owners, reasons and duties a table has at most; 0 stands for all. What is
    /// left out is counted.
    pub rows_max: usize,
}

impl Report {
    /// The page.
    pub fn to_html(&self) -> String {
        page::draw(self).into_string()
    }
}
