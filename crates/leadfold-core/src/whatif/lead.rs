//! One lead under a playbook: when it would have been handed off, and how that came out.

use super::course::Course;
use super::watch::Watch;
use super::{Question, Trial};
use crate::scoring::{Definition, Points, Scorecard};
use crate::{Code, DAY, Lead, LeadIndex, Timestamp};

/// One lead under a playbook.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LeadTrial {
    /// The lead.
    pub lead: LeadIndex,
    /// When it would have been handed off first.
    pub handed_off_at: Option<Timestamp>,
    /// How that came out, if its window is over.
    pub matured: Option<Matured>,
}

/// A lead whose window is over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Matured {
    /// Won within the window.
    pub is_won: bool,
    /// Handed off within the window.
    pub is_handed_off: bool,
    /// The instant of the score: that of the hand-off, else the end of the window; always before
    /// the outcome.
    pub decided_at: Timestamp,
    /// The total score then; none without a scoring model.
    pub score: Option<Points>,
}

/// What the leads of a log are held against.
pub(super) struct Bench<'a, N> {
    pub(super) watch: &'a Watch,
    pub(super) name_of: N,
    pub(super) question: &'a Question,
    /// Hand-offs that the rules forbid, by position.
    pub(super) illegal: std::collections::BTreeSet<u64>,
}

impl<'n, N: Fn(Code) -> Option<&'n str>> Bench<'_, N> {
    pub(super) fn try_lead(&self, lead: &Lead<'_>) -> LeadTrial {
        let course = Course::of(lead);
        let card = self.scorecard(lead.index());
        let handed_off_at = match (self.watch.rule.definition(), &card) {
            (Some(definition), Some(card)) => {
                first_met(definition, card, &course, self.question.as_of)
            }
            _ => self.first_offer(lead, &course),
        };
        let matured = self.matured(lead, &course, handed_off_at, card.as_ref());
        LeadTrial { lead: lead.index(), handed_off_at, matured }
    }

    fn scorecard(&self, lead: LeadIndex) -> Option<Scorecard<'_>> {
        let mut card = Scorecard::new(self.watch.rule.model()?);
        let signals = self.watch.trace.signals(lead, &self.name_of);
        signals.iter().for_each(|signal| card.apply(signal));
        Some(card)
    }

    /// The first hand-off that really was and that the rules allow.
    fn first_offer(&self, lead: &Lead<'_>, course: &Course) -> Option<Timestamp> {
        let offers = lead.handoffs().into_iter();
        let legal = offers.filter(|offer| !self.illegal.contains(&offer.position));
        let first = legal.map(|offer| offer.offered_at).next()?;
        course.won_at.is_none_or(|won_at| first <= won_at).then_some(first)
    }

    fn matured(
        &self,
        lead: &Lead<'_>,
        course: &Course,
        handed_off_at: Option<Timestamp>,
        card: Option<&Scorecard<'_>>,
    ) -> Option<Matured> {
        let end = self.question.window_end(lead.captured_at()?)?;
        let outcome = course.outcome(end);
        let handed_off_at = handed_off_at.filter(|at| *at <= end);
        let before = |at: Timestamp| Timestamp::from_micros(at.micros().saturating_sub(1));
        let until = outcome.at.map_or(end, before);
        let decided_at = handed_off_at.unwrap_or(end).min(until);
        Some(Matured {
            is_won: outcome.is_won,
            is_handed_off: handed_off_at.is_some(),
            decided_at,
            score: card.map(|card| card.score(decided_at).total),
        })
    }
}

/// The first instant at which an open lead meets a definition, asked at each signal, at each edge
/// of the model and whenever the lead is opened.
fn first_met(
    definition: &Definition,
    card: &Scorecard<'_>,
    course: &Course,
    as_of: Timestamp,
) -> Option<Timestamp> {
    let mut instants = card.edges();
    instants.extend(course.openings());
    instants.sort_unstable();
    instants.dedup();
    let asked = instants.into_iter().take_while(|at| *at <= as_of);
    card.first_met(definition, asked.filter(|at| course.is_open_at(*at)))
}

impl Question {
    /// When the window of a lead ends, if it is over.
    fn window_end(&self, captured_at: Timestamp) -> Option<Timestamp> {
        let window = i64::from(self.within_days).saturating_mul(DAY);
        let age = self.as_of.micros().saturating_sub(captured_at.micros());
        let end = captured_at.micros().saturating_add(window);
        (age >= window).then(|| Timestamp::from_micros(end))
    }
}

impl Trial {
    /// The leads whose window is over.
    pub fn matured(&self) -> impl Iterator<Item = &Matured> {
        self.leads.iter().filter_map(|lead| lead.matured.as_ref())
    }
}
