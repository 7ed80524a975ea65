//! `decide`: the strict door. A command becomes an event, or a refusal that says why not.
//!
//! It asks the same judge as the fold, so what it lets through the fold never reports.

use std::convert::Infallible;
use std::fmt;

use crate::audit::{AuditCode, Ledger};
use crate::case::{Case, Local, fold_local};
use crate::event::{Body, CaptureOrigin, Event, RecordedEvent};
use crate::fact::{Code, Facts, LeadIndex};
use crate::fold::{Bounds, Court, Fold, Step, Verdict};
use crate::machine::{Cell, Kind};
use crate::metrics::anomalies;
use crate::playbook::Rules;
use crate::tables::{CAPTURED, CAPTURED_ITSELF, COMPLEX};
use crate::{EventId, Finding, Lead, LeadKey, Reason, State, Timestamp};

/// Decides an event that a product wants to record: `Ok(None)` if it is already so and nothing
/// is to be stored.
///
/// The event's time is the time of the decision. Nothing is read but the case and the event.
///
/// Without a lead a command may record a cost or a playbook. A correction of a cost is refused:
/// no case shows the events that it is about.
///
/// # Errors
/// [`Refusal`]: what was expected, what was found, what to do.
pub fn decide(case: &Case, event: Event) -> Result<Option<Event>, Refusal> {
    let Some(key) = event.lead.clone() else { return decide_without_lead(event).map(Some) };
    let desk = Desk { case, event: &event, key: &key };
    Ok(desk.decide()?.then_some(event))
}

fn decide_without_lead(event: Event) -> Result<Event, Refusal> {
    let reason = match &event.body {
        Body::CostRecorded(_) | Body::PlaybookPublished(_) => return Ok(event),
        Body::Corrected(_) | Body::Other(_) => Reason::NotACommand,
        _ => Reason::NotCaptured,
    };
    let mut facts = Facts::default();
    Local::default().lower(&trial(event, 1), &mut facts);
    let kind = facts.row(0).kind;
    Err(Refusal { reason, kind, lead: None, state: None, detail: Detail::None })
}

/// The id of an event that is tried. No correction of it is heeded: an import may have events and
/// corrections of the nil id, and they are not about what is tried.
const TRIAL: EventId = EventId(uuid::Uuid::nil());

/// An event as it would be recorded.
fn trial(event: Event, position: u64) -> RecordedEvent {
    RecordedEvent {
        position,
        sequence: 0,
        id: TRIAL,
        recorded_at: Timestamp::from_micros(i64::MAX),
        event,
    }
}

struct Desk<'a> {
    case: &'a Case,
    event: &'a Event,
    key: &'a LeadKey,
}

impl Desk<'_> {
    /// Whether the event is to be stored.
    fn decide(&self) -> Result<bool, Refusal> {
        let mut local = self.case.local.clone();
        let mut facts = self.case.facts.clone();
        let own = facts.event_count();
        let position = self.case.fold.position() + 1;
        local.forget_early(TRIAL);
        local.lower(&trial(self.event.clone(), position), &mut facts);
        let kind = facts.kind_of(own);
        if matches!(kind, Kind::Other | Kind::SnapshotImported) {
            return Err(self.refuse(kind, None, Reason::NotACommand, Detail::None));
        }
        let index = LeadIndex(facts.lead[own]);
        let Some(lead) = self.case.tables().lead(index) else {
            self.check_first(&Step::of(&facts, own, index.0))?;
            return self.try_conduct(kind, None, local, &facts, own);
        };
        self.check_place(kind, &lead)?;
        match kind {
            Kind::Merged | Kind::Unmerged | Kind::Corrected => {
                self.try_out(&lead, local, &facts, own)
            }
            _ => Ok(self.judge(kind, &lead, &facts, own)?
                && self.try_conduct(kind, Some(&lead), local, &facts, own)?),
        }
    }

    /// What holds where the lead has not begun: it is captured, and costs may have come before.
    fn check_first(&self, step: &Step<'_>) -> Result<(), Refusal> {
        let kind = step.kind();
        if kind != Kind::Captured {
            return Err(self.refuse(kind, None, Reason::NotCaptured, Detail::None));
        }
        if self.is_known_at_its_origin(step) {
            return Err(self.refuse(kind, None, Reason::DuplicateExternalId, Detail::None));
        }
        Ok(())
    }

    /// What holds for every command: the lead is there to take it, and time runs forwards.
    fn check_place(&self, kind: Kind, lead: &Lead<'_>) -> Result<(), Refusal> {
        let state = Some(lead.state());
        if let Some(survivor) = lead.merged_into() {
            self.check_survivor(kind, lead, self.root_of(survivor))?;
        }
        if lead.state() == State::Erased && kind != Kind::Erased {
            return Err(self.refuse(kind, state, Reason::ErasedLead, Detail::None));
        }
        let row = &self.case.tables().leads[lead.index().0 as usize];
        // A lead that only others were captured for, which are part of it, may be captured itself.
        let may_be_captured = row.has(CAPTURED) && !row.has(CAPTURED_ITSELF);
        if kind == Kind::Captured && !may_be_captured {
            return Err(self.refuse(kind, state, Reason::AlreadyCaptured, Detail::None));
        }
        // Effective events only: one that was taken back holds nobody up.
        let (last, found) = (Timestamp::from_micros(row.last_at), self.event.occurred_at.at);
        if found < last && kind != Kind::Corrected {
            return Err(self.refuse(kind, state, Reason::BackDated, Detail::Time { last, found }));
        }
        Ok(())
    }

    /// A merged lead takes no command but to be one of its own again. Taken out of an erased family
    /// it would be there with all that was to be forgotten.
    fn check_survivor(&self, kind: Kind, lead: &Lead<'_>, root: LeadIndex) -> Result<(), Refusal> {
        let survivor = self.case.tables().lead(root);
        let is_erased = survivor.is_some_and(|survivor| survivor.state() == State::Erased);
        let reason = match kind {
            Kind::Unmerged if is_erased => Reason::ErasedLead,
            Kind::Unmerged => return Ok(()),
            _ => Reason::MergedInto,
        };
        let detail = self.case.key(root).cloned().map_or(Detail::None, Detail::Survivor);
        Err(self.refuse(kind, Some(lead.state()), reason, detail))
    }

    fn root_of(&self, lead: LeadIndex) -> LeadIndex {
        let parent =
            |index: &LeadIndex| self.case.tables().lead(*index).and_then(|lead| lead.merged_into());
        std::iter::successors(Some(lead), parent).last().unwrap_or(lead)
    }

    fn judge(
        &self,
        kind: Kind,
        lead: &Lead<'_>,
        facts: &Facts,
        own: usize,
    ) -> Result<bool, Refusal> {
        let index = lead.index().0;
        let step = Step::of(facts, own, index);
        if self.is_known_at_its_origin(&step) {
            let state = Some(lead.state());
            return Err(self.refuse(kind, state, Reason::DuplicateExternalId, Detail::None));
        }
        let rules = &self.case.playbook.rules;
        let state = lead.state();
        if rules.lacks_reason(&step) {
            return Err(self.refuse(kind, Some(state), Reason::MissingReason, Detail::None));
        }
        let fold = &self.case.fold;
        let court = Court::of(step.lead, fold.tables(), fold.deals(), fold.law());
        match court.judge(&step) {
            Verdict::Nop => Ok(false),
            Verdict::Legal { .. } => self.check_stage(kind, lead, &step).map(|()| true),
            Verdict::Illegal { reason, .. } => {
                Err(self.refuse(kind, Some(state), reason, self.detail(kind, lead, reason)))
            }
        }
    }

    /// Whether the lead's stream has an event with the same identity in its system of origin.
    fn is_known_at_its_origin(&self, step: &Step<'_>) -> bool {
        let Some((system, hash)) = step.external else { return false };
        let tables = self.case.tables();
        let mut known = tables.rows.externals.iter().map(|(_, external)| external);
        known.any(|e| (e.stream, e.system, e.hash) == (step.stream, system, hash))
    }

    fn check_stage(&self, kind: Kind, lead: &Lead<'_>, step: &Step<'_>) -> Result<(), Refusal> {
        if !matches!(kind, Kind::OpportunityOpened | Kind::OpportunityStageChanged) {
            return Ok(());
        }
        let named = lead.opportunities().into_iter().find(|deal| deal.key == step.a());
        let current = named.map_or(Code::NONE, |deal| deal.pipeline);
        // Both codes may be new to the case: the event's own words are asked instead.
        let (pipeline, stage) = self.words_of_stage(current);
        let known = stage
            .as_deref()
            .is_none_or(|stage| self.case.playbook.knows_stage(pipeline.as_deref(), stage));
        if known {
            return Ok(());
        }
        let detail = Detail::Stage(stage.unwrap_or_default());
        Err(self.refuse(kind, Some(lead.state()), Reason::UnknownStage, detail))
    }

    fn words_of_stage(&self, current: Code) -> (Option<String>, Option<String>) {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let current = || self.case.name(current).map(str::to_owned);
        match &self.event.body {
            Body::OpportunityOpened(b) => (given(&b.pipeline), given(&b.stage)),
            Body::OpportunityStageChanged(b) => (
                given(&b.pipeline_to).or_else(current),
                Some(b.to.clone()).filter(|to| !to.is_empty()),
            ),
            _ => (None, None),
        }
    }

    /// What the playbook asks of an event beside its legality (gates, conduct, consents) is what
    /// the audit would report of it. There is no lead yet that the event would begin.
    fn try_conduct(
        &self,
        kind: Kind,
        lead: Option<&Lead<'_>>,
        mut local: Local,
        facts: &Facts,
        own: usize,
    ) -> Result<bool, Refusal> {
        let tried = self.fold_with(&mut local, facts, own);
        let position = facts.position[own];
        let mut broken = tried.observer().refusable();
        let Some((.., reason)) = broken.find(|(at, ..)| *at == position) else { return Ok(true) };
        let detail = match reason {
            Reason::GateFailed => Detail::Missing(tried.observer().missing_at(position)),
            _ => Detail::None,
        };
        Err(self.refuse(kind, lead.map(Lead::state), reason, detail))
    }

    /// The case with the event in it. Only of a lead that has not begun may it be a late one:
    /// costs, and what nobody knows, begin none.
    fn fold_with(&self, local: &mut Local, facts: &Facts, own: usize) -> Fold<Ledger> {
        let row = self.case.tables().leads.get(facts.lead[own] as usize);
        if row.is_some_and(|row| row.has(COMPLEX) || facts.at[own] < row.last_at) {
            return fold_local(&self.case.playbook, Bounds::default(), local, facts);
        }
        let mut fold = self.case.fold.clone();
        let mut new = Facts::default();
        new.extend_events(facts, own..facts.event_count());
        let Ok(()) = fold.learn(|name| Ok::<_, Infallible>(Some(local.code(name))));
        fold.apply(&new);
        fold
    }

    /// Merges and corrections change what other events mean: they are tried out, and refused if
    /// the history as a whole would break the rules where it does not now. A correction is known
    /// by what it corrects, and not by its origin.
    fn try_out(
        &self,
        lead: &Lead<'_>,
        mut local: Local,
        facts: &Facts,
        own: usize,
    ) -> Result<bool, Refusal> {
        let kind = facts.kind_of(own);
        let step = Step::of(facts, own, lead.index().0);
        if kind != Kind::Corrected && self.is_known_at_its_origin(&step) {
            let state = Some(lead.state());
            return Err(self.refuse(kind, state, Reason::DuplicateExternalId, Detail::None));
        }
        let tried = fold_local(&self.case.playbook, Bounds::default(), &mut local, facts);
        let before: Vec<_> = findings(&self.case.fold);
        let broken = findings(&tried).into_iter().find(|found| !before.contains(found));
        let Some((position, _, reason)) = broken else { return Ok(true) };
        let is_own = position == self.case.fold.position() + 1;
        let reason = reason.filter(|_| is_own).unwrap_or(Reason::BreaksHistory);
        Err(self.refuse(kind, Some(lead.state()), reason, Detail::None))
    }

    fn detail(&self, kind: Kind, lead: &Lead<'_>, reason: Reason) -> Detail {
        match reason {
            Reason::NotOwner => Detail::Owner(self.case.name(lead.owner()).map(str::to_owned)),
            Reason::HandoffPending => {
                let to = lead.pending_handoff().map_or(Code::NONE, |pending| pending.to);
                Detail::Recipient(self.case.name(to).map(str::to_owned))
            }
            Reason::NoHandoff if lead.state() == State::HandedOff => {
                let key = lead.pending_handoff().map_or(Code::NONE, |pending| pending.key);
                Detail::Handoff(self.case.name(key).unwrap_or_default().to_owned())
            }
            Reason::UnknownOpportunity | Reason::OpportunityClosed => {
                let deals = lead.opportunities();
                let names = deals.iter().map(|deal| {
                    let key = self.case.name(deal.key).unwrap_or("(implied)");
                    format!("{key} {}", deal.outcome.name())
                });
                Detail::Opportunities(names.collect())
            }
            _ => Detail::States(legal_states(kind, &self.case.playbook.rules, lead)),
        }
    }

    fn refuse(&self, kind: Kind, state: Option<State>, reason: Reason, detail: Detail) -> Refusal {
        Refusal { reason, kind, lead: Some(self.key.clone()), state, detail }
    }
}

/// Which event is found wanting, and how.
fn findings(fold: &Fold<Ledger>) -> Vec<(u64, AuditCode, Option<Reason>)> {
    let found = anomalies(fold.tables()).into_iter().map(|anomaly| anomaly.finding);
    let of_history = |f: Finding| (f.position, AuditCode::of_history(f.code), f.reason);
    let broken = fold.observer().refusable().map(|(at, code, reason)| (at, code, Some(reason)));
    found.map(of_history).chain(broken).collect()
}

/// The states in which the table lets a kind of event through, on some condition at least.
fn legal_states(kind: Kind, rules: &Rules, lead: &Lead<'_>) -> Vec<State> {
    let is_sales_generated = lead.origin() == Some(CaptureOrigin::SalesGenerated);
    let is_legal = |state: &State| match kind.cell(*state) {
        Cell::No(_) => false,
        Cell::If(shortcut, ..) => shortcut.is_open(rules, is_sales_generated),
        _ => true,
    };
    State::ALL.into_iter().filter(is_legal).collect()
}

/// A command that the business says no to.
///
/// ```
/// # use leadfold_core::{Bounds, Case, Playbook, Reason, decide, event::*};
/// let case = Case::open(Playbook::default(), Bounds::default(), []);
/// let event = Event::new("L1".parse()?, "2024-02-01".parse()?, Accepted { by: None, handoff: None });
/// let refusal = decide(&case, event).unwrap_err();
/// assert_eq!(refusal.reason, Reason::NotCaptured);
/// assert_eq!(
///     refusal.to_string(),
///     "cannot record `accepted` for lead L1: expected a captured lead, found none \
///      (not_captured): capture the lead first"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// What was to be recorded.
    pub kind: Kind,
    /// For which lead; none for an event without one.
    pub lead: Option<LeadKey>,
    /// The state in which it is; none if it has not begun.
    pub state: Option<State>,
    /// What else led to it.
    pub detail: Detail,
}

/// What led to a refusal beside the state.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Detail {
    /// Nothing.
    None,
    /// The states in which it is legal.
    States(Vec<State>),
    /// Who owns the lead.
    Owner(Option<String>),
    /// The key of the hand-off that is pending, where another was named.
    Handoff(String),
    /// To whom the pending hand-off was made.
    Recipient(Option<String>),
    /// The opportunities that the lead has, with their outcomes.
    Opportunities(Vec<String>),
    /// The lead that it is part of.
    Survivor(LeadKey),
    /// A stage that no pipeline has.
    Stage(String),
    /// Fields that a gate demands.
    Missing(Vec<String>),
    /// The last event of the lead, and the time of the command.
    Time {
        /// Time of the last event.
        last: Timestamp,
        /// Time of the command.
        found: Timestamp,
    },
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot record `{}` ", self.kind.name())?;
        match &self.lead {
            Some(lead) => write!(f, "for lead {lead}: ")?,
            None => f.write_str("without a lead: ")?,
        }
        self.write_expected_and_found(f)?;
        write!(f, " ({}): {}", self.reason, self.advice())
    }
}

impl Refusal {
    fn advice(&self) -> &'static str {
        match self.detail {
            Detail::Handoff(_) => "name the hand-off that is pending, or none",
            _ => self.reason.advice(),
        }
    }

    fn write_expected_and_found(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "nobody".into());
        if let Detail::Missing(fields) = &self.detail {
            return write!(f, "expected {}, found none of that", fields.join(", "));
        }
        let Some(state) = self.state else {
            let expected = match self.reason {
                Reason::NotACommand => "expected an event that a command may record, found history",
                Reason::DuplicateExternalId => {
                    "expected an event that is new, found its origin known"
                }
                _ => "expected a captured lead, found none",
            };
            return f.write_str(expected);
        };
        match &self.detail {
            Detail::States(states) => {
                let states: Vec<&str> = states.iter().map(|state| state.name()).collect();
                let states = if states.is_empty() { "no state" } else { &states.join(" or ") };
                write!(f, "expected {states}, found {state}")
            }
            Detail::Owner(owner) => write!(f, "expected its owner {}, found another", name(owner)),
            Detail::Handoff(key) => write!(f, "expected the pending hand-off {key}, found another"),
            Detail::Recipient(to) => {
                write!(f, "expected no pending hand-off, found one to {}", name(to))
            }
            Detail::Opportunities(deals) if deals.is_empty() => {
                write!(f, "expected an opportunity, found none in state {state}")
            }
            Detail::Opportunities(deals) => {
                write!(f, "expected one open opportunity that it names, found {}", deals.join(", "))
            }
            Detail::Survivor(key) if self.reason == Reason::ErasedLead => {
                write!(f, "expected a survivor that is there, found {key} erased")
            }
            Detail::Survivor(key) => write!(f, "expected the survivor {key}, found a merged lead"),
            Detail::Stage(stage) => {
                write!(f, "expected a stage of the playbook's pipelines, found {stage:?}")
            }
            Detail::Time { last, found } => {
                write!(f, "expected a time from {last} on, found {found}")
            }
            Detail::None if self.reason == Reason::ErasedLead => {
                f.write_str("expected a lead that is there, found an erased one")
            }
            Detail::None | Detail::Missing(_) => {
                write!(f, "expected a history that allows it, found a lead in {state}")
            }
        }
    }
}
