//! The same trial read slowly from the events themselves: no codes, no observer, no chains.

use std::collections::{BTreeMap, BTreeSet};

use leadfold_core::event::{Body, EventLine};
use leadfold_core::scoring::{DecaySpec, Profile, ScoringModel, Sign, Signal};
use leadfold_core::whatif::{Question, Trial};
use leadfold_core::{DAY, Illegal, Playbook, Timestamp};
use leadfold_testkit::oracle;
use serde_json::Value;

use super::desk::Desk;

/// Ways to get it wrong, for the suite to notice.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Flaw {
    /// The score is the one of the as-of: it knows the outcome.
    PeeksPastTheOutcome,
    /// Leads whose window is not over count too.
    CountsTheYoung,
    /// What was taken back still counts.
    KeepsTheRetracted,
    /// Each lead has its own events only.
    ForgetsMerges,
    /// Closed leads are handed off.
    HandsOffTheClosed,
    /// What happened after the as-of counts.
    LooksPastTheAsOf,
    /// Hand-offs that the rules forbid count.
    TakesTheIllegal,
}

/// What is known of one lead.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) handed_off_at: Option<i64>,
    /// Won, handed off in the window, the score and its instant.
    pub(crate) matured: Option<(bool, bool, i64, Option<String>)>,
}

/// A trial's rows under the keys of the leads.
pub(crate) fn rows(desk: &Desk, trial: &Trial) -> BTreeMap<String, Row> {
    let row = |lead: &leadfold_core::whatif::LeadTrial| {
        let matured = lead.matured.map(|row| {
            let score = row.score.map(|score| score.to_string());
            (row.is_won, row.is_handed_off, row.decided_at.micros(), score)
        });
        let handed_off_at = lead.handed_off_at.map(Timestamp::micros);
        (desk.key(lead.lead).to_owned(), Row { handed_off_at, matured })
    };
    trial.leads.iter().map(row).collect()
}

/// An event that counts.
#[derive(Clone, Debug)]
struct Event {
    lead: String,
    position: u64,
    at: i64,
    body: Body,
}

/// A reading of one log.
struct Reading<'a> {
    model: Option<ScoringModel>,
    playbook: &'a Playbook,
    question: &'a Question,
    outcome: oracle::Outcome,
    events: Vec<Event>,
    flaw: Option<Flaw>,
}

/// The rows of every lead that stands for itself.
pub(crate) fn read(
    lines: &[Value],
    playbook: &Playbook,
    question: &Question,
    flaw: Option<Flaw>,
) -> BTreeMap<String, Row> {
    let reading = Reading::of(lines, playbook, question, flaw);
    let leads = reading.outcome.leads.iter().filter(|(_, lead)| lead.state != "merged");
    leads.map(|(key, lead)| (key.clone(), reading.row(key, lead))).collect()
}

/// The last probability that was stated for each closed deal before its outcome, with whether it
/// was won.
pub(crate) fn stated(
    lines: &[Value],
    playbook: &Playbook,
    question: &Question,
) -> Vec<(Option<f64>, bool)> {
    let reading = Reading::of(lines, playbook, question, None);
    let leads = reading.outcome.leads.iter().filter(|(_, lead)| lead.state != "merged");
    leads.flat_map(|(key, lead)| reading.stated(key, lead)).collect()
}

fn rules(playbook: &Playbook) -> oracle::Rules {
    oracle::Rules {
        illegal: match playbook.rules.illegal {
            Illegal::Apply => oracle::Illegal::Apply,
            Illegal::Skip => oracle::Illegal::Skip,
        },
        hand_raiser: playbook.rules.hand_raiser,
        ..oracle::Rules::default()
    }
}

/// What stands of the log after its corrections, those at the end read first.
fn effective(lines: &[Value], flaw: Option<Flaw>) -> Vec<Event> {
    let mut changed: BTreeMap<String, Option<Value>> = BTreeMap::new();
    let is_correction = |line: &&Value| line["type"] == "corrected";
    for line in lines.iter().rev().filter(is_correction) {
        let is_off = changed.contains_key(&text(&line["id"]));
        if !is_off && flaw != Some(Flaw::KeepsTheRetracted) {
            let change = change(lines, line);
            changed.extend(change.filter(|(target, _)| !changed.contains_key(target)));
        }
    }
    let stands = |line: &Value| match changed.get(&text(&line["id"])) {
        None => Some(line.clone()),
        Some(change) => change.clone(),
    };
    let lines = lines.iter().filter(|line| !is_correction(line));
    lines.filter_map(stands).map(|line| event(&line)).collect()
}

/// The event that a correction changes, and what becomes of it.
fn change(lines: &[Value], line: &Value) -> Option<(String, Option<Value>)> {
    let target = text(&line["data"]["target"]);
    let is_target = |other: &&Value| text(&other["id"]) == target && other["lead"] == line["lead"];
    let found = lines.iter().find(is_target)?;
    let is_correction = found["type"] == "corrected";
    if is_correction && found["position"].as_u64() >= line["position"].as_u64() {
        return None;
    }
    if line["data"]["action"] == "retract" {
        return Some((target, None));
    }
    let mut replaced = found.clone();
    replaced["data"] = line["data"]["data"].clone();
    let reads = !is_correction && EventLine::parse(replaced.to_string().as_bytes()).is_ok();
    reads.then_some((target, Some(replaced)))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn event(line: &Value) -> Event {
    let parsed = EventLine::parse(line.to_string().as_bytes()).expect("a log has events").event;
    Event {
        lead: text(&line["lead"]),
        position: line["position"].as_u64().expect("an export has positions"),
        at: parsed.occurred_at.at.micros(),
        body: parsed.body,
    }
}

impl<'a> Reading<'a> {
    fn of(
        lines: &[Value],
        playbook: &'a Playbook,
        question: &'a Question,
        flaw: Option<Flaw>,
    ) -> Self {
        let as_of = (flaw != Some(Flaw::LooksPastTheAsOf)).then_some(question.as_of.micros());
        let outcome =
            oracle::read(lines, &rules(playbook), oracle::Bounds { as_of, known_at: None });
        let mut events = effective(lines, flaw);
        events.retain(|event| as_of.is_none_or(|as_of| event.at <= as_of));
        events.sort_by_key(|event| (event.at, event.position));
        let model = playbook.scoring.clone().map(|spec| ScoringModel::new(spec).expect("a model"));
        Self { model, playbook, question, outcome, events, flaw }
    }

    fn row(&self, key: &str, lead: &oracle::Lead) -> Row {
        let events = self.of_root(key);
        let signals = self.signals(key, &events);
        let won_at = lead.visits.iter().find(|visit| visit.state == "customer");
        let won_at = won_at.map(|visit| visit.entered_at);
        let handed_off_at = match &self.model {
            Some(model) if !model.definitions().is_empty() => {
                self.first_met(model, &signals, lead, won_at)
            }
            _ => self.first_offer(&events, lead, won_at),
        };
        Row { handed_off_at, matured: self.matured(lead, won_at, handed_off_at, &signals) }
    }

    /// The events of all who are part of this lead, up to its erasure.
    fn of_root(&self, key: &str) -> Vec<&Event> {
        let root = |lead: &str| {
            let mut root = lead.to_owned();
            while let Some(into) = self.outcome.leads.get(&root).and_then(|l| l.merged_into.clone())
            {
                root = into;
            }
            root
        };
        let is_own = |event: &&Event| match self.flaw {
            Some(Flaw::ForgetsMerges) => event.lead == key,
            _ => root(&event.lead) == key,
        };
        let own = self.events.iter().filter(is_own);
        own.take_while(|event| !matches!(event.body, Body::Erased(_))).collect()
    }

    fn signals(&self, key: &str, events: &[&Event]) -> Vec<Signal> {
        let skipped = self.skipped(key);
        let counted = events.iter().filter(|event| !skipped.contains(&event.position));
        let signal = |event: &&Event| {
            let what = Sign::of(&event.body)?;
            Some(Signal { at: Timestamp::from_micros(event.at), position: event.position, what })
        };
        counted.filter_map(signal).collect()
    }

    /// The positions of a lead's events that have no effect, because they are illegal.
    fn skipped(&self, key: &str) -> BTreeSet<u64> {
        let of_lead = |found: &&oracle::Finding| {
            found.lead.as_deref() == Some(key) && found.code == "illegal"
        };
        match self.playbook.rules.illegal {
            Illegal::Apply => BTreeSet::new(),
            Illegal::Skip => {
                self.outcome.findings.iter().filter(of_lead).map(|found| found.position).collect()
            }
        }
    }

    fn stated(&self, key: &str, lead: &oracle::Lead) -> Vec<(Option<f64>, bool)> {
        let skipped = self.skipped(key);
        let events = self.of_root(key).into_iter();
        let statements: Vec<(&String, i64, f64)> = events
            .filter(|event| !skipped.contains(&event.position))
            .filter_map(|event| match &event.body {
                Body::OpportunityOpened(b) => Some((&b.opportunity, event.at, b.probability?)),
                Body::OpportunityAmended(b) => Some((&b.opportunity, event.at, b.probability?)),
                _ => None,
            })
            .collect();
        let closed = lead.opportunities.iter().filter(|deal| deal.outcome != "open");
        let judged = |deal: &oracle::Opportunity| {
            let closed_at = deal.closed_at.expect("a closed deal was closed");
            let mut of_deal = statements.iter().filter(|(key, at, _)| {
                Some(*key) == deal.key.as_ref() && (deal.opened_at..closed_at).contains(at)
            });
            (of_deal.next_back().map(|(.., probability)| *probability), deal.outcome == "won")
        };
        closed.map(judged).collect()
    }

    fn first_met(
        &self,
        model: &ScoringModel,
        signals: &[Signal],
        lead: &oracle::Lead,
        won_at: Option<i64>,
    ) -> Option<i64> {
        let name = self.playbook.handoff_definition.as_deref();
        let definition = name.map_or_else(
            || &model.definitions()[0],
            |name| model.definition(name).expect("the playbook names one that it has"),
        );
        let is_open = |at: i64| {
            let state = lead.visits.iter().rfind(|visit| visit.entered_at <= at);
            let is_open = state.is_some_and(|visit| is_open_state(&visit.state));
            let is_won = won_at.is_some_and(|won_at| won_at <= at);
            self.flaw == Some(Flaw::HandsOffTheClosed) || is_open && !is_won
        };
        let meets = |at: i64| {
            let at = Timestamp::from_micros(at);
            definition.meets(&model.score(signals, at), &profile_at(signals, at)).is_ok()
        };
        let mut instants = edges(model, signals);
        let openings = lead.visits.iter().filter(|visit| is_open_state(&visit.state));
        instants.extend(openings.map(|visit| visit.entered_at));
        let until = self.question.as_of.micros();
        instants.into_iter().find(|at| *at <= until && is_open(*at) && meets(*at))
    }

    /// The rows of hand-offs are found again among the events, one after the other.
    fn first_offer(
        &self,
        events: &[&Event],
        lead: &oracle::Lead,
        won_at: Option<i64>,
    ) -> Option<i64> {
        let is_illegal = |position: u64| {
            let found = &self.outcome.findings;
            found.iter().any(|found| found.position == position && found.code == "illegal")
        };
        let mut rest = events.iter();
        for offer in &lead.handoffs {
            let event = rest.find(|event| match &event.body {
                Body::HandedOff(body) => event.at == offer.offered_at && body.to == offer.to,
                _ => false,
            });
            let event = event.expect("an event offered it");
            if self.flaw == Some(Flaw::TakesTheIllegal) || !is_illegal(event.position) {
                return Some(event.at).filter(|at| won_at.is_none_or(|won_at| *at <= won_at));
            }
        }
        None
    }

    fn matured(
        &self,
        lead: &oracle::Lead,
        won_at: Option<i64>,
        handed_off_at: Option<i64>,
        signals: &[Signal],
    ) -> Option<(bool, bool, i64, Option<String>)> {
        let window = i64::from(self.question.within_days) * DAY;
        let as_of = self.question.as_of.micros();
        let end = lead.captured_at? + window;
        if end > as_of && self.flaw != Some(Flaw::CountsTheYoung) {
            return None;
        }
        let is_won = won_at.is_some_and(|won_at| won_at <= end);
        let handed_off_at = handed_off_at.filter(|at| *at <= end);
        let until = if is_won { won_at } else { closed_for_good(lead, end) };
        let decided = handed_off_at.unwrap_or(end).min(until.map_or(end, |at| at - 1));
        let scored = match self.flaw {
            Some(Flaw::PeeksPastTheOutcome) => as_of,
            _ => decided,
        };
        let score = self
            .model
            .as_ref()
            .map(|model| model.score(signals, Timestamp::from_micros(scored)).total.to_string());
        Some((is_won, handed_off_at.is_some(), decided, score))
    }
}

fn is_open_state(state: &str) -> bool {
    !["customer", "disqualified", "lost", "merged", "erased"].contains(&state)
}

/// When the lead came into the closed states in which it stood at the end, if it did.
fn closed_for_good(lead: &oracle::Lead, end: i64) -> Option<i64> {
    let mut since = None;
    for visit in lead.visits.iter().filter(|visit| visit.entered_at <= end) {
        since = match (is_open_state(&visit.state), since) {
            (true, _) => None,
            (false, None) => Some(visit.entered_at),
            (false, since) => since,
        };
    }
    since
}

fn profile_at(signals: &[Signal], at: Timestamp) -> Profile {
    let mut profile = Profile::default();
    for signal in signals.iter().filter(|signal| signal.at <= at) {
        if let Sign::Profile(changed) = &signal.what {
            profile.apply(changed);
        }
    }
    profile
}

/// The instants at which a score can break, in order.
fn edges(model: &ScoringModel, signals: &[Signal]) -> BTreeSet<i64> {
    let mut edges = BTreeSet::new();
    for signal in signals {
        let at = signal.at.micros();
        let Sign::Touch(touch) = &signal.what else {
            edges.insert(at);
            continue;
        };
        for rule in model.spec().behaviour.iter().filter(|rule| rule.on.holds(touch)) {
            edges.insert(at);
            let ages: Vec<u64> = match &rule.decay {
                Some(DecaySpec::Steps(steps)) => {
                    steps.iter().map(|step| step.after.micros()).collect()
                }
                Some(DecaySpec::LinearToZero(end)) => vec![end.micros()],
                _ => Vec::new(),
            };
            edges.extend(ages.into_iter().map(|age| at + age as i64));
        }
    }
    edges
}
