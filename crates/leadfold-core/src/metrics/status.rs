//! Lead status (P1): how many leads are in which state.

use super::anomalies::anomalies;
use crate::State;
use crate::tables::Tables;

/// Leads by state.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct StatusCounts {
    /// All leads that have begun.
    pub leads: u64,
    /// By state, in the order of [`State::ALL`].
    pub states: [u64; 12],
    /// Hand-offs that wait for an answer.
    pub pending_handoffs: u64,
    /// Findings of the histories.
    pub findings: u64,
}

impl StatusCounts {
    /// The leads in one state.
    pub fn of(&self, state: State) -> u64 {
        self.states[state as usize]
    }
}

/// Counts the leads by state.
///
/// ```
#[doc = include_str!("../../doc/log.rs.txt")]
/// use leadfold_core::{State, metrics::status};
///
/// let counts = status(tables);
/// let states = [State::New, State::Accepted, State::Customer].map(|state| counts.of(state));
/// assert_eq!((states, counts.findings), ([1, 1, 1], 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn status(tables: &Tables) -> StatusCounts {
    let mut counts = StatusCounts::default();
    tables.leads().for_each(|lead| {
        counts.leads += 1;
        counts.states[lead.state() as usize] += 1;
        counts.pending_handoffs += u64::from(lead.pending_handoff().is_some());
    });
    counts.findings = anomalies(tables).len() as u64;
    counts
}
