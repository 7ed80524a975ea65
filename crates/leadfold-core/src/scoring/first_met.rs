//! The first instant at which a lead meets a definition, without taking the score at all of them,
//! unless it asks for a band that depends on the one before.
//!
//! Points that fade are rounded touch by touch, so that a score costs all touches that count. What
//! it is at most costs a search: where that does not meet the definition, the score does not. Where
//! it does, the touches are summed up without listing them: a nanosecond or two each.

use std::collections::BTreeSet;
use std::iter::Peekable;

use super::ceiling::Ceiling;
use super::{Bands, Definition, Profile, Score, Scorecard};
use crate::Timestamp;
use crate::event::Attributes;

impl Scorecard<'_> {
    /// The first of some instants, in ascending order, at which the lead meets a definition. A band
    /// is that of the lead's whole course: a rung that was entered is kept until it is left.
    ///
    /// ```
    /// # use leadfold_core::scoring::{Scorecard, ScoringModel, Sign, Signal};
    /// # use leadfold_core::{DAY, Timestamp, event::Touched};
    /// let model: ScoringModel = serde_json::from_str(r#"{
    ///     "name": "b2b", "version": "1",
    ///     "behaviour": [{ "name": "touch", "points": 10, "decay": { "half_life": "1d" } }],
    ///     "definitions": [{ "name": "hot", "version": "1", "points_min": 15 }]
    /// }"#)?;
    /// let touch: Touched = serde_json::from_str(r#"{ "side": "prospect" }"#)?;
    /// let mut card = Scorecard::new(&model);
    /// for day in [0, 3, 4, 5] {
    ///     let at = Timestamp::from_micros(day * DAY);
    ///     card.apply(&Signal { at, position: day as u64, what: Sign::Touch(touch.clone()) });
    /// }
    /// // On day 4: 10, 5 and 0.625.
    /// let met = card.first_met(&model.definitions()[0], card.edges());
    /// assert_eq!(met, Some(Timestamp::from_micros(4 * DAY)));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn first_met(
        &self,
        definition: &Definition,
        instants: impl IntoIterator<Item = Timestamp>,
    ) -> Option<Timestamp> {
        let bands = self.model.bands().filter(|bands| bands.are_kept());
        if let Some(bands) = bands.filter(|_| definition.band_min.is_some()) {
            return self.first_kept(bands, definition, instants.into_iter().collect());
        }
        let ceiling = Ceiling::of(self);
        let mut course = self.course();
        instants.into_iter().find(|at| {
            let profile = course.until(*at);
            let most = self.summed(*at, profile, |sheet| ceiling.add_most(*at, sheet));
            definition.meets(&most, profile).is_ok() && {
                let score = self.summed(*at, profile, |sheet| ceiling.add_all(*at, sheet));
                definition.meets(&score, profile).is_ok()
            }
        })
    }

    /// The same where rungs are kept: the band is followed from the beginning, at each edge and just
    /// before it, when what was there has faded as far as it will.
    fn first_kept(
        &self,
        bands: &Bands,
        definition: &Definition,
        asked: BTreeSet<Timestamp>,
    ) -> Option<Timestamp> {
        let before = |at: Timestamp| Timestamp::from_micros(at.micros().saturating_sub(1));
        let mut instants: BTreeSet<Timestamp> =
            self.edges().into_iter().flat_map(|at| [before(at), at]).collect();
        instants.extend(&asked);
        let (ceiling, mut course, mut band) = (Ceiling::of(self), self.course(), None);
        instants.into_iter().find(|at| {
            let profile = course.until(*at);
            let score = self.summed(*at, profile, |sheet| ceiling.add_all(*at, sheet));
            band = Some(bands.next(band, &score));
            asked.contains(at) && definition.meets(&Score { band, ..score }, profile).is_ok()
        })
    }

    fn course(&self) -> Course<'_, impl Iterator<Item = (Timestamp, &Attributes)>> {
        let changes = self.profile.iter().map(|((at, _), changed)| (*at, changed));
        Course { changes: changes.peekable(), profile: Profile::default() }
    }
}

/// What is known of a lead while time goes on.
struct Course<'c, I: Iterator<Item = (Timestamp, &'c Attributes)>> {
    changes: Peekable<I>,
    profile: Profile,
}

impl<'c, I: Iterator<Item = (Timestamp, &'c Attributes)>> Course<'c, I> {
    /// What is known at an instant that is not before the last one.
    fn until(&mut self, at: Timestamp) -> &Profile {
        while let Some((_, changed)) = self.changes.next_if(|(changed_at, _)| *changed_at <= at) {
            self.profile.apply(changed);
        }
        &self.profile
    }
}
