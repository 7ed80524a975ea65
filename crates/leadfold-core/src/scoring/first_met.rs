//! The first instant at which a lead meets a definition, without taking the score at all of them.
//!
//! Points that fade are rounded touch by touch, so that a score costs all touches that count. What
//! it is at most costs a search: where that does not meet the definition, the score does not. Where
//! it does, the touches are summed up without listing them: a nanosecond or two each.

use super::ceiling::Ceiling;
use super::{Definition, Profile, Scorecard};
use crate::Timestamp;

impl Scorecard<'_> {
    /// The first of some instants, in ascending order, at which the lead meets a definition.
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
        let ceiling = Ceiling::of(self);
        let mut changes = self.profile.iter().peekable();
        let mut profile = Profile::default();
        instants.into_iter().find(|at| {
            while let Some((_, changed)) = changes.next_if(|((changed_at, _), _)| changed_at <= at)
            {
                profile.apply(changed);
            }
            let most = self.summed(*at, &profile, |sheet| ceiling.add_most(*at, sheet));
            definition.meets(&most, &profile).is_ok() && {
                let score = self.summed(*at, &profile, |sheet| ceiling.add_all(*at, sheet));
                definition.meets(&score, &profile).is_ok()
            }
        })
    }
}
