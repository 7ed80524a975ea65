//! P16 speed to lead: the delays of systems and of people apart.

use serde::Serialize;

use super::Audit;
use super::episode::NEVER;
use crate::Timestamp;
use crate::metrics::DurationStat;

/// P16: from capture to the first attempt of sales, and its two parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct SpeedToLead {
    /// From capture to the first attempt.
    pub total: DurationStat,
    /// From capture to the first owner: the delay of systems.
    pub systems: DurationStat,
    /// From the first owner to the first attempt: the delay of people.
    pub human: DurationStat,
}

impl Audit<'_> {
    /// P16 over the leads that sales has tried to reach. A lead without an owner before the
    /// attempt has no parts.
    pub fn speed_to_lead(&self) -> SpeedToLead {
        let (mut total, mut systems, mut human) = (Vec::new(), Vec::new(), Vec::new());
        for lead in self.leads() {
            let Some(trail) = self.ledger.trail_of(lead.index()) else { continue };
            let (Some(captured), attempt) = (lead.captured_at(), trail.first_attempt_at) else {
                continue;
            };
            if attempt == NEVER || attempt < captured.micros() {
                continue;
            }
            let attempt = Timestamp::from_micros(attempt);
            total.push(self.calendar.working(captured, attempt));
            let owned = self.ledger.first_owned_at(trail).map(Timestamp::from_micros);
            if let Some(owned) = owned.filter(|owned| captured <= *owned && *owned <= attempt) {
                systems.push(self.calendar.working(captured, owned));
                human.push(self.calendar.working(owned, attempt));
            }
        }
        SpeedToLead {
            total: DurationStat::of(&mut total),
            systems: DurationStat::of(&mut systems),
            human: DurationStat::of(&mut human),
        }
    }
}
