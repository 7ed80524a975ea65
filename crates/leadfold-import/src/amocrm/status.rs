//! What statuses of amoCRM stand for.

use crate::{StatusMap, crm::step::Step};

impl StatusMap {
    /// The states that a status of amoCRM stands for; one without a meaning is a stage.
    pub(super) fn steps(&self, status: u64) -> Vec<Step> {
        match self.deal.get(&status.to_string()) {
            Some(steps) => steps.clone(),
            None => vec![match status {
                WON => Step::Customer,
                LOST => Step::Lost,
                _ => Step::Stage,
            }],
        }
    }

    /// What is said of a status to which a lead moves that has come so far. Where a status opens the
    /// deal, words of the ladder are not said again, and once the deal is open each status that
    /// does not end it is a stage.
    pub(super) fn steps_from(&self, rung: Option<u8>, status: u64) -> Vec<Step> {
        let mut steps = self.steps(status);
        if !self.opens_late {
            return steps;
        }
        match rung {
            Some(OPENED) => {
                let means_nothing = steps.is_empty();
                steps.retain(|step| step.is_closed() || *step == Step::Nurturing);
                if steps.is_empty() && !means_nothing {
                    steps.push(Step::Stage);
                }
            }
            // It may be one of a lead still, and nobody can say which.
            Some(rung) if rung < HANDED_OFF && self.is_unlisted(status) => steps.clear(),
            None if self.is_unlisted(status) => {}
            _ => {
                let rung = rung.unwrap_or(0);
                steps.retain(|step| rung_of(*step).is_none_or(|its| its > rung));
                if !steps.contains(&Step::Opportunity) {
                    // The first stage that a deal reaches opens it.
                    let stage = steps.iter_mut().find(|step| **step == Step::Stage);
                    stage.into_iter().for_each(|step| *step = Step::Opportunity);
                }
            }
        }
        steps
    }

    /// Whether neither amoCRM nor the business says what a status means.
    pub(super) fn is_unlisted(&self, status: u64) -> bool {
        ![WON, LOST].contains(&status) && !self.deal.contains_key(&status.to_string())
    }

    /// How a status ends a deal or a lead, if it does.
    pub(super) fn outcome(&self, status: u64) -> Option<Step> {
        self.steps(status).into_iter().rfind(|step| step.is_closed())
    }

    /// Whether a deal with this status is closed.
    pub(super) fn is_closed(&self, status: u64) -> bool {
        self.outcome(status).is_some()
    }

    /// How far a lead with this status has come, if the status says it.
    pub(super) fn rung_of(&self, status: u64) -> Option<u8> {
        let steps = self.steps(status);
        if self.is_unlisted(status) || steps.is_empty() {
            return None;
        }
        let farther = |rung: u8, step| rung_of(step).map_or(0, |its| its.max(rung));
        Some(steps.into_iter().fold(0, farther))
    }
}

/// How far a step leads on the ladder; none where it leads off it.
pub(super) fn rung_of(step: Step) -> Option<u8> {
    match step {
        Step::New => Some(0),
        Step::Mql => Some(1),
        Step::HandedOff => Some(HANDED_OFF),
        Step::Accepted => Some(3),
        Step::Sql => Some(4),
        Step::Opportunity | Step::Stage | Step::Customer | Step::Lost => Some(OPENED),
        Step::Nurturing | Step::Disqualified => None,
    }
}

/// From here on a deal can be opened.
const HANDED_OFF: u8 = 2;
/// The rung of a lead whose deal is open, or was.
pub(super) const OPENED: u8 = 5;
/// In every pipeline.
const WON: u64 = 142;
const LOST: u64 = 143;
