//! The figures of the hand-offs in the contract's shape.

use leadfold_core::audit::{Bands, Figures, LoadRow};
use leadfold_core::metrics::{DurationStat, Rate};
use leadfold_core::{Money, SECOND};
use serde::Serialize;

/// Where the share attempted and reached is reported, hours after the offer.
const HOURS: [i64; 8] = [1, 4, 8, 24, 48, 72, 168, 720];

/// The block `handoffs`.
#[derive(Clone, Debug, Serialize)]
pub(super) struct HandoffFigures {
    pub(super) offered: u64,
    pub(super) accepted: u64,
    pub(super) rejected: u64,
    pub(super) pending: u64,
    closed: u64,
    pub(super) acceptance_of_decided: Rate,
    acceptance_of_offered: Rate,
    pub(super) decision_in_time: Rate,
    pub(super) attempt_in_time: Rate,
    pub(super) time_to_decision: DurationStat,
    pub(super) time_to_first_attempt: DurationStat,
    own_time_to_first_attempt: DurationStat,
    pub(super) time_to_first_contact: DurationStat,
    first_attempt_p95_s: Option<f64>,
    first_contact_p95_s: Option<f64>,
    first_attempt_bands: Bands,
    first_contact_bands: Bands,
    survival: Vec<SurvivalReport>,
    pub(super) leaked: Rate,
    leaked_amount: Vec<Money>,
    pub(super) ping_pong: u64,
    reassigned: u64,
    reassigned_without_touch: u64,
    pub(super) returned: u64,
    recycled: u64,
    given_back: Rate,
    recycled_of_given_back: Rate,
    requalified_of_recycled: Rate,
}

/// The share attempted and reached by a time (Kaplan-Meier, over all episodes).
#[derive(Clone, Copy, Debug, Serialize)]
struct SurvivalReport {
    hours: i64,
    /// None where nothing was offered.
    attempted: Option<f64>,
    contacted: Option<f64>,
    at_risk: u64,
}

impl HandoffFigures {
    pub(super) fn of(figures: &Figures) -> Self {
        let amounts = figures.leaked_amount.iter();
        Self {
            offered: figures.offered,
            accepted: figures.accepted,
            rejected: figures.rejected,
            pending: figures.pending,
            closed: figures.closed,
            acceptance_of_decided: figures.acceptance_of_decided,
            acceptance_of_offered: figures.acceptance_of_offered,
            decision_in_time: figures.decision_in_time,
            attempt_in_time: figures.attempt_in_time,
            time_to_decision: figures.time_to_decision,
            time_to_first_attempt: figures.time_to_first_attempt,
            own_time_to_first_attempt: figures.own_time_to_first_attempt,
            time_to_first_contact: figures.time_to_first_contact,
            first_attempt_p95_s: figures.first_attempt_p95_s,
            first_contact_p95_s: figures.first_contact_p95_s,
            first_attempt_bands: figures.attempt_bands,
            first_contact_bands: figures.contact_bands,
            survival: survival(figures),
            leaked: figures.leaked,
            leaked_amount: amounts
                .map(|(currency, amount)| Money { currency: *currency, amount: *amount })
                .collect(),
            ping_pong: figures.ping_pong,
            reassigned: figures.reassigned,
            reassigned_without_touch: figures.reassigned_without_touch,
            returned: figures.returned,
            recycled: figures.recycled,
            given_back: figures.given_back,
            recycled_of_given_back: figures.recycled_of_given_back,
            requalified_of_recycled: figures.requalified_of_recycled,
        }
    }
}

fn survival(figures: &Figures) -> Vec<SurvivalReport> {
    let some = |share: f64| (figures.offered > 0).then_some(share);
    let times = HOURS.map(|hours| hours * 3_600 * SECOND);
    let attempted = figures.attempt_survival.converted_by(times);
    let contacted = figures.contact_survival.converted_by(times);
    let at = |i: usize| SurvivalReport {
        hours: HOURS[i],
        attempted: some(attempted[i]),
        contacted: some(contacted[i]),
        at_risk: figures.attempt_survival.at_risk(times[i]),
    };
    (0..HOURS.len()).map(at).collect()
}

/// The hand-offs to one owner.
#[derive(Clone, Debug, Serialize)]
pub(super) struct OwnerReport {
    pub(super) owner: Option<String>,
    #[serde(flatten)]
    pub(super) handoffs: HandoffFigures,
}

impl OwnerReport {
    pub(super) fn new(owner: Option<String>, figures: &Figures) -> Self {
        Self { owner, handoffs: HandoffFigures::of(figures) }
    }
}

/// One owner's workload.
#[derive(Clone, Debug, Serialize)]
pub(super) struct LoadReport {
    pub(super) owner: Option<String>,
    pub(super) open: u64,
    assigned_day: u64,
    assigned_month: u64,
    remaining: Option<i64>,
    utilisation: Rate,
}

impl LoadReport {
    pub(super) fn new(owner: Option<String>, row: &LoadRow) -> Self {
        Self {
            owner,
            open: row.open,
            assigned_day: row.assigned_day,
            assigned_month: row.assigned_month,
            remaining: row.remaining,
            utilisation: row.utilisation,
        }
    }
}

/// What the owners have to do.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Load {
    pub(super) workload: Vec<LoadReport>,
    /// Jain's index over the owners' open leads.
    pub(super) fairness: Option<f64>,
}
