//! The comparison in the contract's shape.

use std::collections::BTreeMap;

use leadfold_core::audit::Figures;
use leadfold_core::metrics::{CalibrationBin, Fraction, Rate, Unmeasured};
use leadfold_core::whatif::{Difference, HandoffLoad, ScoreQuality, StatedQuality};
use leadfold_core::{LeadId, LeadIndex, Timestamp};
use leadfold_engine::Names;
use serde::Serialize;

use super::side::Side;
use crate::reading::Reading;

/// Two playbooks over one log.
#[derive(Serialize)]
pub(super) struct CompareReport {
    pub(super) as_of: Option<Timestamp>,
    known_at: Option<Timestamp>,
    pub(super) within_days: u32,
    pub(super) leads: u64,
    pub(super) matured: u64,
    pub(super) playbooks: [SideReport; 2],
    pub(super) order: OrderReport,
    pub(super) both: Vec<LeadReport>,
    pub(super) only_first: Vec<LeadReport>,
    pub(super) only_second: Vec<LeadReport>,
}

/// Of the leads that both would have handed off: what the second would have done.
#[derive(Serialize)]
pub(super) struct OrderReport {
    pub(super) second_earlier: u64,
    same: u64,
    pub(super) second_later: u64,
}

/// A lead that would have been handed off, and when under each playbook.
#[derive(Serialize)]
pub(super) struct LeadReport {
    lead: Option<LeadId>,
    pub(super) key: Option<String>,
    at: [Option<Timestamp>; 2],
}

/// What one playbook makes of the log.
#[derive(Serialize)]
pub(super) struct SideReport {
    pub(super) file: String,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) definition: Option<DefinitionReport>,
    pub(super) handed_off: u64,
    pub(super) load: HandoffLoad,
    pub(super) effect: EffectReport,
    pub(super) score: Option<ScoreReport>,
    pub(super) stated_probability: StatedReport,
    pub(super) handoffs: PromisesReport,
}

#[derive(Serialize)]
pub(super) struct DefinitionReport {
    pub(super) name: String,
    pub(super) version: String,
}

/// What the hand-offs did to wins, over matured leads.
#[derive(Serialize)]
pub(super) struct EffectReport {
    pub(super) base: Rate,
    pub(super) precision: Rate,
    pub(super) recall: Rate,
    pub(super) lift: Fraction,
}

/// How well the order of the scores told who would be won.
#[derive(Serialize)]
pub(super) struct ScoreReport {
    leads: u64,
    pub(super) auc: Option<Fraction>,
    best: u64,
    pub(super) lift_of_best: Option<Fraction>,
    unmeasured: BTreeMap<&'static str, String>,
}

/// How true the probabilities of deals were.
#[derive(Serialize)]
pub(super) struct StatedReport {
    pub(super) closed: u64,
    pub(super) stated: u64,
    certain: u64,
    outside: u64,
    pub(super) brier: Option<f64>,
    pub(super) log_loss: Option<f64>,
    calibration: Option<Vec<CalibrationBin>>,
    unmeasured: BTreeMap<&'static str, String>,
}

/// The hand-offs that really were, under the promises of the playbook.
#[derive(Serialize)]
pub(super) struct PromisesReport {
    pub(super) offered: u64,
    pub(super) decision_in_time: Rate,
    pub(super) attempt_in_time: Rate,
    pub(super) leaked: Rate,
    pub(super) acceptance_of_decided: Rate,
    acceptance_of_offered: Rate,
}

/// The leads of a difference.
pub(super) fn named(difference: &Difference) -> impl Iterator<Item = LeadIndex> {
    let both = difference.both.iter().map(|(lead, ..)| *lead);
    let only = difference.only_first.iter().chain(&difference.only_second);
    both.chain(only.map(|(lead, _)| *lead))
}

impl CompareReport {
    pub(super) fn new(
        within_days: u32,
        reading: &Reading,
        sides: [Side; 2],
        difference: &Difference,
        names: &Names,
    ) -> Self {
        let lead = |lead: LeadIndex, at: [Option<Timestamp>; 2]| {
            let entry = names.entry(lead);
            let key = entry.map(|entry| entry.key.to_string());
            LeadReport { lead: entry.map(|entry| entry.id), key, at }
        };
        let [second_earlier, same, second_later] = difference.order();
        let Difference { both, only_first, only_second } = difference;
        Self {
            as_of: reading.as_of,
            known_at: reading.known_at,
            within_days,
            leads: sides[0].trial.leads.len() as u64,
            matured: sides[0].trial.matured().count() as u64,
            playbooks: sides.map(SideReport::from),
            order: OrderReport { second_earlier, same, second_later },
            both: both.iter().map(|(l, a, b)| lead(*l, [Some(*a), Some(*b)])).collect(),
            only_first: only_first.iter().map(|(l, at)| lead(*l, [Some(*at), None])).collect(),
            only_second: only_second.iter().map(|(l, at)| lead(*l, [None, Some(*at)])).collect(),
        }
    }
}

impl From<Side> for SideReport {
    fn from(side: Side) -> Self {
        let effect = side.trial.effect();
        Self {
            file: side.file,
            name: side.playbook.name,
            version: side.playbook.version,
            definition: side.definition.map(|(name, version)| DefinitionReport { name, version }),
            handed_off: side.trial.handed_off(),
            load: side.trial.load,
            effect: EffectReport {
                base: effect.base,
                precision: effect.precision,
                recall: effect.recall,
                lift: effect.lift,
            },
            score: side.trial.score_quality().map(ScoreReport::from),
            stated_probability: StatedReport::from(side.trial.stated),
            handoffs: PromisesReport::from(&side.figures),
        }
    }
}

/// Figures that have no value, with the reason.
#[derive(Default)]
struct Reasons(BTreeMap<&'static str, String>);

impl Reasons {
    fn take<T>(&mut self, name: &'static str, figure: Result<T, Unmeasured>) -> Option<T> {
        figure.map_err(|reason| self.0.insert(name, reason.to_string())).ok()
    }
}

impl From<ScoreQuality> for ScoreReport {
    fn from(quality: ScoreQuality) -> Self {
        let mut reasons = Reasons::default();
        Self {
            leads: quality.leads,
            auc: reasons.take("auc", quality.auc),
            best: quality.best,
            lift_of_best: reasons.take("lift_of_best", quality.lift_of_best),
            unmeasured: reasons.0,
        }
    }
}

impl From<StatedQuality> for StatedReport {
    fn from(quality: StatedQuality) -> Self {
        let mut reasons = Reasons::default();
        Self {
            closed: quality.closed,
            stated: quality.stated,
            certain: quality.certain,
            outside: quality.outside,
            brier: reasons.take("brier", quality.brier),
            log_loss: reasons.take("log_loss", quality.log_loss),
            calibration: reasons.take("calibration", quality.calibration),
            unmeasured: reasons.0,
        }
    }
}

impl From<&Figures> for PromisesReport {
    fn from(figures: &Figures) -> Self {
        Self {
            offered: figures.offered,
            decision_in_time: figures.decision_in_time,
            attempt_in_time: figures.attempt_in_time,
            leaked: figures.leaked,
            acceptance_of_decided: figures.acceptance_of_decided,
            acceptance_of_offered: figures.acceptance_of_offered,
        }
    }
}
