//! What the log says of opportunities on their way, and the tables do not keep.

use std::collections::BTreeMap;

use crate::fact::Field;
use crate::fold::{Deal, Glance, Observer, Seen, Sharded};
use crate::machine::Kind;
use crate::playbook::Illegal;
use crate::tables::{Chained, Grown, Opportunity};
use crate::{Code, FindingCode, LeadIndex, State};

/// The stages that opportunities have been in, and the probabilities stated of them: an observer
/// of the fold for [`pipeline`](super::pipeline).
///
/// What an event says counts if the lead has the opportunity; of probabilities the last one does.
/// An opportunity without a key has no trail: no event but its outcome is about it. A number outside
/// 0 to 1 is no probability, and states none.
#[derive(Clone, Debug, Default)]
pub struct DealTrail {
    illegal: Illegal,
    marks: Chained<Mark>,
}

/// What one event says of an opportunity.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    deal: Code,
    probability: Option<f64>,
    /// None of both: the opportunity keeps it.
    pipeline: Code,
    stage: Code,
}

impl DealTrail {
    /// A trail for a fold that treats illegal events so: a skipped one says nothing.
    pub fn under(illegal: Illegal) -> Self {
        Self { illegal, ..Self::default() }
    }

    /// What was said of each of a lead's opportunities.
    pub(super) fn of_lead(&self, lead: LeadIndex) -> LeadTrail {
        let mut trail = LeadTrail::default();
        for mark in self.marks.of(lead).filter(|mark| mark.deal.is_some()) {
            trail.0.entry(mark.deal).or_default().push(*mark);
        }
        trail.0.values_mut().for_each(|marks| marks.reverse());
        trail
    }

    fn push(&mut self, seen: &Seen<'_>, stage: Code) {
        let step = seen.step();
        let mark = Mark {
            deal: step.a(),
            probability: step
                .number_of(Field::Probability)
                .map(|bits| f64::from_bits(bits.cast_unsigned()))
                .filter(|p| (0.0..=1.0).contains(p)),
            pipeline: step.code_of(Field::Pipeline),
            stage,
        };
        self.marks.push(seen.lead(), mark);
    }

    /// Whether the event has no effect at all, because it is illegal.
    fn skips(&self, seen: &Seen<'_>) -> bool {
        let is_illegal = |code| matches!(code, FindingCode::Illegal | FindingCode::UnknownStage);
        self.illegal == Illegal::Skip && seen.findings().any(|found| is_illegal(found.code))
    }
}

impl Observer for DealTrail {
    /// All events about opportunities change the tables: they come anyway.
    fn wants(&self, _: Glance<'_>) -> bool {
        false
    }

    fn forget(&mut self, lead: LeadIndex) {
        self.marks.forget(lead);
    }

    fn absorbed(&mut self, _: LeadIndex) {}

    fn saw(&mut self, seen: &Seen<'_>) -> bool {
        if seen.from() == Some(State::Erased) || self.skips(seen) {
            return false;
        }
        let is_of_one = matches!(seen.deal(), Deal::Open(_) | Deal::Closed(_));
        match seen.kind() {
            // Of an opportunity that the lead has already it says nothing.
            Kind::OpportunityOpened if seen.has_opened() => self.push(seen, seen.step().b()),
            Kind::OpportunityStageChanged if is_of_one => self.push(seen, seen.step().b()),
            Kind::OpportunityAmended if is_of_one => self.push(seen, Code::NONE),
            _ => {}
        }
        false
    }
}

impl Sharded for DealTrail {
    fn shard(&self, first: LeadIndex) -> Self {
        Self { illegal: self.illegal, marks: Chained::from(first) }
    }

    fn append(&mut self, shard: Self, _: Grown) {
        self.marks.append(shard.marks);
    }
}

/// What was said of the opportunities of one lead, by their keys, oldest first.
#[derive(Debug, Default)]
pub(super) struct LeadTrail(BTreeMap<Code, Vec<Mark>>);

impl LeadTrail {
    fn of(&self, deal: &Opportunity) -> impl DoubleEndedIterator<Item = &Mark> {
        self.0.get(&deal.key).into_iter().flatten()
    }

    /// The last probability stated of an opportunity.
    pub(super) fn probability(&self, deal: &Opportunity) -> Option<f64> {
        self.of(deal).rev().find_map(|mark| mark.probability)
    }

    /// The pipelines and stages that an opportunity has been in, each with a name.
    pub(super) fn stages(&self, deal: &Opportunity) -> impl Iterator<Item = (Code, Code)> {
        let carried = |pipeline: &mut Code, mark: &Mark| {
            *pipeline = if mark.pipeline.is_some() { mark.pipeline } else { *pipeline };
            Some((*pipeline, mark.stage))
        };
        let now = (deal.pipeline, deal.stage);
        let been = self.of(deal).scan(Code::NONE, carried);
        been.chain([now]).filter(|(_, stage)| stage.is_some())
    }
}
