//! What-if: playbooks held against the same log.
//!
//! A [`Watch`] watches the fold under a playbook. A [`Trial`] then says which leads the playbook's
//! lead definition would have handed off, when, and how that came out; a [`Difference`] tells two
//! of them apart. `docs/WHATIF.md` has the definitions.
//!
//! Nothing after a lead's outcome is looked at: a lead that was won is no longer handed off, and
//! its score is the one from before the win.

mod course;
mod difference;
mod effect;
mod lead;
mod load;
mod rule;
mod stated;
mod trace;
mod watch;

use std::collections::BTreeSet;
use std::ops::Range;

pub use self::difference::Difference;
pub use self::effect::{Effect, ScoreQuality};
pub use self::lead::{LeadTrial, Matured};
pub use self::load::{BusiestWeek, CapacityUse, HandoffLoad};
pub use self::rule::{HandoffRule, HandoffRuleError};
pub use self::stated::StatedQuality;
pub use self::watch::Watch;

use self::lead::Bench;
use crate::machine::Kind;
use crate::{Code, FindingCode, Lead, LeadIndex, State, Tables, Timestamp, Zone};

/// What a trial is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The instant of the tables.
    pub as_of: Timestamp,
    /// A lead's window, days of 24 hours from its capture: only leads whose window is over count
    /// for how a hand-off came out, and only wins in it.
    pub within_days: u32,
    /// Where weeks begin, on Mondays.
    pub zone: Zone,
}

/// A playbook held against a log.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Each lead that stands for itself, in the order of the log.
    pub leads: Vec<LeadTrial>,
    /// What the hand-offs would have asked of sales.
    pub load: HandoffLoad,
    /// The probabilities that the log states for its deals.
    pub stated: StatedQuality,
    /// The playbook has a scoring model.
    is_scored: bool,
}

impl Trial {
    /// The trial of a fold's tables and of what watched it. `name_of` gives the string behind each
    /// of [`Watch::codes`].
    ///
    /// The log keeps the values of attributes as texts. One that is a JSON number comes back as a
    /// number; a score takes it for one either way.
    ///
    /// ```
    /// # use leadfold_core::{Code, Facts, Fold, Bounds, Playbook, Zone};
    /// # use leadfold_core::whatif::{Question, Trial, Watch};
    /// let playbook = Playbook::default();
    /// let watch = Watch::new(playbook.clone())?;
    /// let mut fold = Fold::watched(playbook, Bounds::default(), watch);
    /// fold.apply(&Facts::default());
    /// let (tables, watch) = fold.into_parts();
    ///
    /// let as_of = "2024-06-30".parse()?;
    /// let question = Question { as_of, within_days: 90, zone: Zone::utc() };
    /// let trial = Trial::of(&tables, &watch, |_: Code| None, &question);
    /// assert_eq!(trial.effect().precision.ratio(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of<'n>(
        tables: &Tables,
        watch: &Watch,
        name_of: impl Fn(Code) -> Option<&'n str>,
        question: &Question,
    ) -> Self {
        let all = LeadIndex(0)..LeadIndex::NONE;
        let leads = Self::of_leads(tables, watch, name_of, question, all);
        Self::with(tables, watch, question, leads)
    }

    /// What a trial says of a range of leads. That is nearly all of its work, and several threads
    /// can share it: [`Trial::with`] puts the ranges together.
    pub fn of_leads<'n>(
        tables: &Tables,
        watch: &Watch,
        name_of: impl Fn(Code) -> Option<&'n str>,
        question: &Question,
        leads: Range<LeadIndex>,
    ) -> Vec<LeadTrial> {
        let bench = Bench { watch, name_of, question, illegal: illegal_offers(tables) };
        standing(tables, leads).map(|lead| bench.try_lead(&lead)).collect()
    }

    /// The trial of all leads, which have been tried in the order of the log.
    pub fn with(
        tables: &Tables,
        watch: &Watch,
        question: &Question,
        leads: Vec<LeadTrial>,
    ) -> Self {
        let all = || standing(tables, LeadIndex(0)..LeadIndex::NONE);
        let began_at = all().map(|lead| lead.began_at()).min();
        let load = HandoffLoad::of(&leads, began_at, &watch.playbook, question);
        let stated = StatedQuality::of(all(), &watch.trace);
        Self { leads, load, stated, is_scored: watch.rule.model().is_some() }
    }

    /// How many leads would have been handed off.
    pub fn handed_off(&self) -> u64 {
        self.leads.iter().filter(|lead| lead.handed_off_at.is_some()).count() as u64
    }
}

/// The positions of hand-offs that the rules forbid. Of an absorbed lead's, its own row tells.
fn illegal_offers(tables: &Tables) -> BTreeSet<u64> {
    let findings = tables.rows.findings.iter().map(|(_, finding)| finding);
    let of_offers = findings
        .filter(|finding| finding.code == FindingCode::Illegal && finding.kind == Kind::HandedOff);
    of_offers.map(|finding| finding.position).collect()
}

/// The leads of a range that stand for themselves.
fn standing(tables: &Tables, leads: Range<LeadIndex>) -> impl Iterator<Item = Lead<'_>> {
    tables.leads_in(leads).filter(|lead| lead.state() != State::Merged)
}
