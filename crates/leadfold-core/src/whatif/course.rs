//! One lead's course: where it stood when, and how it came out.

use crate::{Lead, State, Timestamp, Visit};

/// The visits of a lead, and its first win.
#[derive(Debug)]
pub(super) struct Course {
    visits: Vec<Visit>,
    pub(super) won_at: Option<Timestamp>,
}

/// How a lead came out by the end of its window.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Outcome {
    pub(super) is_won: bool,
    /// When it was won, or closed for good as far as the window goes; none while it is open.
    pub(super) at: Option<Timestamp>,
}

impl Course {
    pub(super) fn of(lead: &Lead<'_>) -> Self {
        let visits = lead.visits();
        let won = visits.iter().find(|visit| visit.state == State::Customer);
        Self { won_at: won.map(|visit| visit.entered_at), visits }
    }

    /// Whether the lead could be given to sales: it is open, and was never won before. An instant
    /// has the state that its last event left.
    pub(super) fn is_open_at(&self, at: Timestamp) -> bool {
        let is_open = self.until(at).last().is_some_and(|visit| visit.state.is_open());
        is_open && self.won_at.is_none_or(|won_at| at < won_at)
    }

    /// When the lead came into states in which it is open.
    pub(super) fn openings(&self) -> impl Iterator<Item = Timestamp> {
        self.visits.iter().filter(|visit| visit.state.is_open()).map(|visit| visit.entered_at)
    }

    /// How it came out by the end of the window. A loss that was taken up again is no outcome.
    pub(super) fn outcome(&self, end: Timestamp) -> Outcome {
        if let Some(won_at) = self.won_at.filter(|won_at| *won_at <= end) {
            return Outcome { is_won: true, at: Some(won_at) };
        }
        let closed = self.until(end).iter().rev().take_while(|visit| !visit.state.is_open());
        Outcome { is_won: false, at: closed.last().map(|visit| visit.entered_at) }
    }

    /// The visits that had begun by then.
    fn until(&self, at: Timestamp) -> &[Visit] {
        &self.visits[..self.visits.partition_point(|visit| visit.entered_at <= at)]
    }
}
