//! Findings with evidence, from all that the audit knows.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use super::breach::{Breach, Proof};
use super::episode::NEVER;
use super::{Audit, AuditCode, Episode, Kept};
use crate::machine::Kind;
use crate::metrics::{Anomaly, anomalies};
use crate::tables::NO_ROW;
use crate::{Code, FindingCode, Handoff, LeadIndex, Reason, SECOND, State, Timestamp};

/// Something that was promised and not kept, or a rule that was broken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuditFinding {
    /// What it is.
    pub code: AuditCode,
    /// The lead; `None` for an event without one.
    pub lead: Option<LeadIndex>,
    /// The hand-off, by the position of the event that offered it.
    pub handoff: Option<u64>,
    /// Whose it is: who had the lead.
    pub owner: Code,
    /// When it came about: the event's time, or the time that something was due.
    pub at: Timestamp,
    /// The event that it is about.
    pub position: u64,
    /// Positions of the events that prove it, oldest first. Without any one of them the finding
    /// would not stand as it does; without any other event it would, as long as these still have
    /// the effects that they have.
    pub evidence: Vec<u64>,
    /// What else is to be said.
    pub detail: Detail,
}

/// What a finding says beside its code.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Detail {
    /// Nothing.
    None,
    /// What the event wanted, from which state, and the refusal that a command would have got.
    Move {
        /// The event.
        kind: Kind,
        /// The state before it; none before the lead began.
        from: Option<State>,
        /// The refusal.
        reason: Option<Reason>,
    },
    /// How long after a due time something happened, or has not: microseconds of working time.
    Overdue {
        /// When it was due.
        due: Timestamp,
        /// Working time since, microseconds.
        by: i64,
        /// The working time is that of a calendar; else all time is.
        by_calendar: bool,
    },
    /// Fields that a gate demands.
    Missing {
        /// Their names.
        fields: Vec<String>,
    },
    /// Open leads, and how many there may be.
    Open {
        /// Before the hand-off.
        open: u64,
        /// The limit.
        limit: u64,
    },
    /// Leads of 24 hours, and how many there may be.
    Given {
        /// The others, when this one came to the owner.
        given: u64,
        /// The limit.
        limit: u64,
    },
    /// Microseconds that passed.
    Passed {
        /// How many.
        micros: i64,
    },
}

impl Audit<'_> {
    /// All findings, in the order of the events that they are about.
    pub fn findings(&self) -> Vec<AuditFinding> {
        let mut found = self.of_history();
        let rows = &self.ledger.rows;
        found.reserve(rows.breaches.len() + rows.episodes.len());
        let broken = rows.breaches.iter().filter(|(_, breach)| !breach.is_context);
        found.extend(broken.map(|(lead, breach)| self.of_breach(lead, breach)));
        for episode in self.episodes() {
            found.extend(self.of_decision(&episode));
            found.extend(self.of_attempt(&episode));
        }
        found.extend(self.forgotten());
        found.extend(self.overloads());
        // A finding is large: only its position is moved while sorting.
        found.sort_by_cached_key(|finding| finding.position);
        for of_one_event in found.chunk_by_mut(|a, b| a.position == b.position) {
            of_one_event.sort_by_key(|finding| (finding.code, finding.lead));
        }
        found
    }

    /// What the fold found, under its most telling name and with what made it so.
    fn of_history(&self) -> Vec<AuditFinding> {
        let contexts: BTreeMap<(LeadIndex, u64, AuditCode), &Breach> = self
            .ledger
            .rows
            .breaches
            .iter()
            .filter(|(_, breach)| breach.is_context)
            .map(|(lead, breach)| ((lead, breach.position, breach.code), breach))
            .collect();
        let offers = LazyCell::new(|| self.offers());
        let told = anomalies(self.tables).into_iter().filter(|anomaly| !is_told_otherwise(anomaly));
        told.map(|anomaly| {
            let finding = anomaly.finding;
            let lead = anomaly.lead.unwrap_or(LeadIndex::NONE);
            let key = (lead, finding.position, AuditCode::of_history(finding.code));
            let context = contexts.get(&key);
            let own = || anomaly.double_of.into_iter().chain([finding.position]).collect();
            AuditFinding {
                code: code_of(&anomaly),
                lead: anomaly.lead,
                handoff: self.handoff_of(&anomaly, &offers),
                owner: context.map_or(Code::NONE, |context| context.owner),
                at: finding.at,
                position: finding.position,
                evidence: context.map_or_else(own, |context| context.proof.positions()),
                detail: Detail::Move {
                    kind: finding.kind,
                    from: finding.from,
                    reason: finding.reason,
                },
            }
        })
        .collect()
    }

    /// The hand-off that an event of the history offered, or the last one before an answer.
    fn handoff_of(&self, anomaly: &Anomaly, offers: &[(u32, i64, u64)]) -> Option<u64> {
        let finding = &anomaly.finding;
        let event = (anomaly.lead?.0, finding.at.micros(), finding.position);
        if finding.kind == Kind::HandedOff {
            return offers.binary_search(&event).is_ok().then_some(finding.position);
        }
        if !matches!(finding.kind, Kind::Accepted | Kind::Rejected | Kind::Returned) {
            return None;
        }
        let before = offers.partition_point(|offer| *offer < event);
        let (lead, _, position) = offers.get(before.checked_sub(1)?)?;
        (*lead == event.0).then_some(*position)
    }

    /// All offers by lead, in the order of their events.
    fn offers(&self) -> Vec<(u32, i64, u64)> {
        let handoffs = self.tables.rows.handoffs.iter();
        let key = |(lead, handoff): (LeadIndex, &Handoff)| {
            (lead.0, handoff.offered_at.micros(), handoff.position)
        };
        let mut offers: Vec<_> = handoffs.map(key).collect();
        offers.sort_unstable();
        offers
    }

    fn of_breach(&self, lead: LeadIndex, breach: &Breach) -> AuditFinding {
        let handoff =
            (breach.handoff != NO_ROW).then(|| self.tables.rows.handoffs.at(breach.handoff));
        let detail = match breach.missing {
            0 => Detail::None,
            missing => Detail::Missing { fields: self.ledger.book.fields.names(missing) },
        };
        AuditFinding {
            code: breach.code,
            lead: Some(lead),
            handoff: handoff.map(|handoff| handoff.position),
            owner: breach.owner,
            at: breach.at,
            position: breach.position,
            evidence: breach.proof.positions(),
            detail,
        }
    }

    fn of_decision(&self, episode: &Episode<'_>) -> Option<AuditFinding> {
        let due = episode.decision_due?;
        let (offered, row) = (episode.handoff.position, episode.row);
        let decided = row.decided;
        match episode.decision() {
            Kept::Late => {
                let at = episode.handoff.decided_at?;
                let (owner, held) = self.decider(episode);
                let about = (AuditCode::DecisionLate, decided, at, owner);
                Some(self.overdue(about, episode, (due, at), &[offered, held, decided]))
            }
            Kept::Missed => {
                let held = self.first_held(episode.handoff, row.held);
                Some(self.missed(AuditCode::DecisionMissing, episode, due, [held.by, 0]))
            }
            Kept::InTime | Kept::Open => None,
        }
    }

    fn of_attempt(&self, episode: &Episode<'_>) -> Option<AuditFinding> {
        let (due, row) = (episode.attempt_due?, episode.row);
        match episode.attempt() {
            Kept::Late => {
                let at = Timestamp::from_micros(row.attempt_at);
                let held = self.asked(episode, row.attempt_held);
                let about = (AuditCode::AttemptLate, row.attempt, at, held.owner);
                let proof = [episode.handoff.position, held.by, row.attempt];
                Some(self.overdue(about, episode, (due, at), &proof))
            }
            Kept::Missed => Some(self.missed(AuditCode::Leaked, episode, due, self.kept(episode))),
            Kept::InTime | Kept::Open => None,
        }
    }

    /// What was due and never came while somebody waited for it: told of whoever has the lead.
    fn missed(
        &self,
        code: AuditCode,
        episode: &Episode<'_>,
        due: Timestamp,
        [given, accepted]: [u64; 2],
    ) -> AuditFinding {
        let (offered, owner) = (episode.handoff.position, episode.holder);
        let until = episode.ended_at.unwrap_or(self.as_of).min(self.as_of);
        let about = (code, offered, due, owner);
        self.overdue(about, episode, (due, until), &[offered, given, accepted])
    }

    fn overdue(
        &self,
        (code, position, at, owner): (AuditCode, u64, Timestamp, Code),
        episode: &Episode<'_>,
        (due, until): (Timestamp, Timestamp),
        proof: &[u64],
    ) -> AuditFinding {
        let by_calendar = self.calendar.zone().is_some();
        let by = self.calendar.working(due, until);
        AuditFinding {
            code,
            lead: Some(episode.lead),
            handoff: Some(episode.handoff.position),
            owner,
            at,
            position,
            evidence: Proof::of(proof).positions(),
            detail: Detail::Overdue { due, by, by_calendar },
        }
    }

    /// What gave the lead to whoever has it, and the acceptance without which a return would have
    /// been a rejection: that promises no attempt. An acceptance that names its owner gives the
    /// lead, too.
    fn kept(&self, episode: &Episode<'_>) -> [u64; 2] {
        let row = episode.row;
        let held = self.asked(episode, row.held);
        if !row.is_returned || held.is_accepted {
            return [held.by, 0];
        }
        let is_same = self.asked(episode, row.decision_held).by == held.by;
        let is_theirs = episode.handoff.by == held.owner && is_same;
        [if is_theirs { 0 } else { held.by }, row.decided]
    }

    /// Who decided, as the decision says; else who had the lead, and the event that gave it to
    /// them.
    fn decider(&self, episode: &Episode<'_>) -> (Code, u64) {
        let by = episode.handoff.by;
        if by.is_some() {
            return (by, 0);
        }
        let held = self.first_held(episode.handoff, episode.row.decision_held);
        (held.owner, held.by)
    }

    /// Leads that were recycled and that nobody has touched since.
    fn forgotten(&self) -> impl Iterator<Item = AuditFinding> {
        let limit = self.ledger.book.playbook.audit.forgotten_after_seconds;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX).saturating_mul(SECOND);
        self.ledger.rows.rests.iter().filter_map(move |(lead, rest)| {
            let lead = self.tables.lead(lead)?;
            if lead.state() != State::Nurturing {
                return None;
            }
            let due = match rest.until_at {
                NEVER => rest.at.saturating_add(limit),
                until => until,
            };
            let passed = self.as_of.micros().saturating_sub(rest.at);
            (self.as_of.micros() > due).then(|| AuditFinding {
                code: AuditCode::RecycledAndForgotten,
                lead: Some(lead.index()),
                handoff: None,
                owner: lead.owner(),
                at: Timestamp::from_micros(due),
                position: rest.by,
                evidence: vec![rest.by],
                detail: Detail::Passed { micros: passed },
            })
        })
    }
}

/// The ledger tells of these itself.
fn is_told_otherwise(anomaly: &Anomaly) -> bool {
    anomaly.finding.code == FindingCode::MissingReason
        && matches!(anomaly.finding.kind, Kind::Rejected | Kind::Returned)
}

fn code_of(anomaly: &Anomaly) -> AuditCode {
    let finding = &anomaly.finding;
    match (finding.code, finding.kind, finding.reason) {
        (FindingCode::Illegal, Kind::Accepted, Some(Reason::NotOwner)) => {
            AuditCode::AcceptedByOther
        }
        (
            FindingCode::Illegal,
            Kind::HandedOff,
            Some(Reason::NotQualified | Reason::ClosedLead),
        ) => AuditCode::HandedOffUnqualified,
        _ => AuditCode::of_history(finding.code),
    }
}
