//! What is due (P31): a pure function of log and time.
//!
//! A [`Diary`] watches the fold and keeps what was promised for later: follow-ups, the decisions
//! and first attempts that hand-offs wait for, leads that rest until a day, consents that end.
//! [`due`] reads it at an instant. Nothing here fires: whoever acts records that it acted, under
//! the id that [`Due::effect_id`] derives from what was due, so that acting twice is a duplicate.

use std::collections::BTreeMap;

use chrono::{DateTime, Months};
use uuid::Uuid;

use crate::audit::{Audit, Episode, Ledger};
use crate::fold::Sharded;
use crate::machine::Kind;
use crate::tables::Grown;
use crate::{
    Calendar, Code, Decision, EventId, Glance, LeadIndex, Observer, Playbook, Seen, State, Tables,
    Timestamp,
};

/// Something that is due.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Due {
    /// Whose.
    pub lead: LeadIndex,
    /// What.
    pub task: Task,
    /// When.
    pub at: Timestamp,
    /// Who has to see to it; [`Code::NONE`] if nobody is named.
    pub owner: Code,
    /// Position of the event that it comes from.
    pub cause: u64,
}

/// What there is to do.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Task {
    /// A hand-off waits for its decision.
    Decide,
    /// A hand-off waits for the first attempt to reach the prospect.
    Attempt,
    /// A follow-up was promised, under this key.
    FollowUp(Code),
    /// A lead has rested for as long as it was to.
    Resume,
    /// A consent ends: its purpose and its channel, [`Code::NONE`] for every channel.
    RenewConsent(Code, Code),
}

impl Task {
    /// Its name in reports and in the ids of effects.
    pub fn name(self) -> &'static str {
        match self {
            Self::Decide => "decide",
            Self::Attempt => "attempt",
            Self::FollowUp(_) => "follow_up",
            Self::Resume => "resume",
            Self::RenewConsent(..) => "renew_consent",
        }
    }
}

impl Due {
    /// Whether its time has passed.
    pub fn is_overdue(&self, as_of: Timestamp) -> bool {
        self.at < as_of
    }

    /// The id of the event that says that somebody acted on it, given the id of the event that it
    /// comes from. It is the same in every replay and in every process, so a log takes only one.
    ///
    /// ```
    /// # use leadfold_core::due::{Due, Task};
    /// # use leadfold_core::{Code, EventId, LeadIndex, Timestamp};
    /// # use uuid::Uuid;
    /// let at = Timestamp::from_micros(0);
    /// let due = Due { lead: LeadIndex(0), task: Task::Decide, at, owner: Code::NONE, cause: 3 };
    /// let (cause, other) = (EventId(Uuid::from_u128(1)), EventId(Uuid::from_u128(2)));
    /// assert_eq!(due.effect_id(cause), due.effect_id(cause));
    /// assert_ne!(due.effect_id(cause), due.effect_id(other));
    /// assert_ne!(due.effect_id(cause), Due { task: Task::Attempt, ..due }.effect_id(cause));
    /// ```
    pub fn effect_id(&self, cause: EventId) -> EventId {
        let name = format!("due:{}:{}", self.task.name(), self.at.micros());
        EventId(Uuid::new_v5(&cause.0, name.as_bytes()))
    }
}

/// What was promised for a time.
#[derive(Clone, Copy, Debug)]
struct Promise {
    at: i64,
    /// Whom the event asks for it, if it names somebody.
    owner: Code,
    cause: u64,
}

/// Watches a fold for what will be due, and for the hand-off audit.
#[derive(Clone, Debug)]
pub struct Diary {
    ledger: Ledger,
    promises: BTreeMap<u32, BTreeMap<Task, Promise>>,
    /// When consents were withdrawn last, by purpose and channel.
    withdrawn: BTreeMap<u32, BTreeMap<(Code, Code), Timestamp>>,
}

impl Diary {
    /// An empty diary under a playbook.
    pub fn new(playbook: Playbook) -> Self {
        Self {
            ledger: Ledger::new(playbook),
            promises: BTreeMap::new(),
            withdrawn: BTreeMap::new(),
        }
    }

    /// What the audit reads.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn note(&mut self, seen: &Seen<'_>, task: Task, owner: Code) {
        // Without a time it is due at none, whatever was said of it before.
        match seen.due() {
            Some(at) => {
                let promise = Promise { at, owner, cause: seen.position() };
                self.promises.entry(seen.lead().0).or_default().insert(task, promise);
            }
            None => self.strike(seen.lead(), |other| *other == task),
        }
    }

    fn strike(&mut self, lead: LeadIndex, is_over: impl Fn(&Task) -> bool) {
        if let Some(promises) = self.promises.get_mut(&lead.0) {
            promises.retain(|task, _| !is_over(task));
            if promises.is_empty() {
                self.promises.remove(&lead.0);
            }
        }
    }

    fn follow(&mut self, seen: &Seen<'_>) {
        if seen.from() == Some(State::Nurturing) && seen.state() != State::Nurturing {
            self.strike(seen.lead(), |task| *task == Task::Resume);
        }
        let (first, second) = seen.codes();
        match seen.kind() {
            Kind::FollowUpScheduled => self.note(seen, Task::FollowUp(first), second),
            Kind::FollowUpDone => {
                self.strike(seen.lead(), |task| *task == Task::FollowUp(first));
            }
            // One that moves the lead nowhere begins no rest.
            Kind::Recycled if seen.state() == State::Nurturing => {
                self.note(seen, Task::Resume, Code::NONE);
            }
            Kind::ConsentGranted => {
                self.strike_consents(seen.lead(), first, second);
                if !self.is_withdrawn_by(seen) {
                    self.note(seen, Task::RenewConsent(first, second), Code::NONE);
                }
            }
            Kind::ConsentWithdrawn => {
                self.strike_consents(seen.lead(), first, second);
                let withdrawn = self.withdrawn.entry(seen.lead().0).or_default();
                withdrawn.insert((first, second), seen.at());
            }
            _ => {}
        }
    }

    /// Whether a consent was withdrawn in the instant in which it is granted: then the withdrawal
    /// counts.
    fn is_withdrawn_by(&self, granted: &Seen<'_>) -> bool {
        let Some(withdrawn) = self.withdrawn.get(&granted.lead().0) else { return false };
        let (purpose, channel) = granted.codes();
        let at = |channel| withdrawn.get(&(purpose, channel)) == Some(&granted.at());
        at(channel) || at(Code::NONE)
    }

    /// A word for every channel takes the place of that for each.
    fn strike_consents(&mut self, lead: LeadIndex, purpose: Code, channel: Code) {
        self.strike(lead, |task| {
            matches!(task, Task::RenewConsent(of, on)
                if *of == purpose && (!channel.is_some() || *on == channel))
        });
    }
}

impl Observer for Diary {
    fn learn<E>(
        &mut self,
        code_of: &mut impl FnMut(&str) -> Result<Option<Code>, E>,
    ) -> Result<(), E> {
        self.ledger.learn(code_of)
    }

    fn wants(&self, glance: Glance<'_>) -> bool {
        is_written_down(glance.kind()) || self.ledger.wants(glance)
    }

    fn wants_next(&self, glance: Glance<'_>) -> bool {
        is_written_down(glance.kind()) || self.ledger.wants_next(glance)
    }

    fn forget(&mut self, lead: LeadIndex) {
        self.promises.remove(&lead.0);
        self.withdrawn.remove(&lead.0);
        self.ledger.forget(lead);
    }

    fn absorbed(&mut self, lead: LeadIndex) {
        self.ledger.absorbed(lead);
    }

    fn make_room(&mut self, times: usize) {
        self.ledger.make_room(times);
    }

    fn warm_up(&self, leads: &[LeadIndex]) {
        self.ledger.warm_up(leads);
    }

    fn refused(&mut self, lead: LeadIndex, at: Timestamp, position: u64, because: u64) {
        self.ledger.refused(lead, at, position, because);
    }

    fn saw(&mut self, seen: &Seen<'_>) -> bool {
        self.follow(seen);
        self.ledger.saw(seen)
    }
}

impl Sharded for Diary {
    fn shard(&self, first: LeadIndex) -> Self {
        let ledger = self.ledger.shard(first);
        Self { ledger, promises: BTreeMap::new(), withdrawn: BTreeMap::new() }
    }

    fn append(&mut self, mut shard: Self, grown: Grown) {
        self.promises.append(&mut shard.promises);
        self.withdrawn.append(&mut shard.withdrawn);
        self.ledger.append(shard.ledger, grown);
    }
}

/// Whether events of a kind promise something, or end a promise.
fn is_written_down(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::FollowUpScheduled
            | Kind::FollowUpDone
            | Kind::Recycled
            | Kind::ConsentGranted
            | Kind::ConsentWithdrawn
    )
}

/// What is due until an instant and not done, of leads that stand for themselves: by time, then by
/// lead. What is overdue is among it, however long.
///
/// `tables` and `diary` are of one fold, bounded by `as_of`. `calendar` is the one that the
/// playbook names; promises in seconds are seconds of its working time.
pub fn due(
    tables: &Tables,
    diary: &Diary,
    calendar: &Calendar,
    as_of: Timestamp,
    until: Timestamp,
) -> Vec<Due> {
    let audit = Audit::of(tables, &diary.ledger, calendar, as_of);
    let mut all: Vec<Due> =
        audit.episodes().flat_map(|episode| of_episode(tables, episode)).collect();
    for (lead, promises) in &diary.promises {
        let Some(row) = tables.lead(LeadIndex(*lead)) else { continue };
        if matches!(row.state(), State::Merged | State::Erased) {
            continue;
        }
        all.extend(promises.iter().map(|(task, promise)| Due {
            lead: LeadIndex(*lead),
            task: *task,
            at: Timestamp::from_micros(promise.at),
            owner: promise.owner.or(row.owner()),
            cause: promise.cause,
        }));
    }
    all.retain(|due| due.at <= until);
    all.sort_unstable_by_key(|due| (due.at, due.lead, due.task));
    all
}

/// What a hand-off waits for that sales has not done with.
fn of_episode(tables: &Tables, episode: Episode<'_>) -> impl Iterator<Item = Due> {
    let is_open = episode.ended_at.is_none();
    let of = |task, at: Option<Timestamp>| {
        // Whoever had the lead last is not asked for it while nobody has it.
        let is_owned = tables.lead(episode.lead).is_some_and(|lead| lead.owner().is_some());
        let owner = if is_owned { episode.holder() } else { Code::NONE };
        let (lead, cause) = (episode.lead, episode.handoff.position);
        at.map(|at| Due { lead, task, at, owner, cause })
    };
    let waits_for_decision = is_open && episode.handoff.decision == Decision::Pending;
    let waits_for_attempt = is_open && episode.attempted_at.is_none();
    let decision = waits_for_decision.then(|| of(Task::Decide, episode.decision_due)).flatten();
    let attempt = waits_for_attempt.then(|| of(Task::Attempt, episode.attempt_due)).flatten();
    decision.into_iter().chain(attempt)
}

/// The same time of day so many months later, UTC; the last day of a month that is shorter. None
/// outside the years 0 to 9999.
///
/// ```
/// # use leadfold_core::{Timestamp, due::months_after};
/// let won: Timestamp = "2023-03-31T10:00:00Z".parse()?;
/// assert_eq!(months_after(won, 11), Some("2024-02-29T10:00:00Z".parse()?));
/// # Ok::<(), leadfold_core::TimeError>(())
/// ```
pub fn months_after(at: Timestamp, months: u32) -> Option<Timestamp> {
    let later = DateTime::from_timestamp_micros(at.micros())?;
    let later = later.checked_add_months(Months::new(months))?;
    let later = Timestamp::from_micros(later.timestamp_micros());
    (later <= Timestamp::from_micros(LAST)).then_some(later)
}

/// The last microsecond of the year 9999.
const LAST: i64 = 253_402_300_799_999_999;
