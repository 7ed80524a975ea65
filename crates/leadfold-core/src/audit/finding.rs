//! Findings with evidence, from all that the audit knows.

use std::collections::BTreeMap;

use super::breach::Breach;
use super::episode::NEVER;
use super::{Audit, AuditCode, Episode, Kept};
use crate::machine::Kind;
use crate::metrics::{Anomaly, anomalies};
use crate::tables::NO_ROW;
use crate::{Code, FindingCode, LeadIndex, Reason, SECOND, State, Timestamp};

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
    /// would not stand as it does; without any other event it would.
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
        /// Working time since.
        by: i64,
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
    /// Leads of the last 24 hours, and how many there may be.
    Given {
        /// Before the hand-off.
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
        found.extend(
            self.ledger
                .breaches
                .iter()
                .filter(|(_, breach)| !breach.is_context)
                .map(|(lead, breach)| self.of_breach(lead, breach)),
        );
        for episode in self.episodes() {
            found.extend(self.of_decision(&episode));
            found.extend(self.of_attempt(&episode));
        }
        found.extend(self.forgotten());
        found.extend(self.overloads());
        found.sort_unstable_by_key(|f| (f.position, f.code, f.lead));
        found
    }

    /// What the fold found, under its most telling name and with what made it so.
    fn of_history(&self) -> Vec<AuditFinding> {
        let contexts: BTreeMap<(LeadIndex, u64, AuditCode), &Breach> = self
            .ledger
            .breaches
            .iter()
            .filter(|(_, breach)| breach.is_context)
            .map(|(lead, breach)| ((lead, breach.position, breach.code), breach))
            .collect();
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
                handoff: self.handoff_of(&anomaly),
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

    /// The hand-off that an event of the history offered, or answered.
    fn handoff_of(&self, anomaly: &Anomaly) -> Option<u64> {
        let finding = &anomaly.finding;
        let answers = matches!(finding.kind, Kind::Accepted | Kind::Rejected | Kind::Returned);
        if !answers && finding.kind != Kind::HandedOff {
            return None;
        }
        let chain = self.tables.leads.get(anomaly.lead?.0 as usize)?.handoffs;
        let mut newest_first = self.tables.handoffs.chain(chain);
        let found = newest_first.find(|handoff| {
            let is_older = handoff.offered_at <= finding.at && handoff.position < finding.position;
            if answers { is_older } else { handoff.position == finding.position }
        });
        found.map(|handoff| handoff.position)
    }

    fn of_breach(&self, lead: LeadIndex, breach: &Breach) -> AuditFinding {
        let handoff = (breach.handoff != NO_ROW).then(|| self.tables.handoffs.at(breach.handoff));
        let detail = match breach.missing {
            0 => Detail::None,
            missing => Detail::Missing { fields: self.ledger.fields.names(missing) },
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

    fn of_decision(&self, episode: &Episode) -> Option<AuditFinding> {
        let due = episode.decision_due?;
        let (offered, decided) = (episode.handoff.position, episode.row.decided);
        let decided_at = episode.handoff.decided_at.unwrap_or(self.as_of);
        let (code, position, at, evidence) = match episode.decision() {
            Kept::Late => (AuditCode::DecisionLate, decided, decided_at, vec![offered, decided]),
            Kept::Missed => (AuditCode::DecisionMissing, offered, due, self.holding(episode)),
            Kept::InTime | Kept::Open => return None,
        };
        Some(self.overdue(code, episode, due, (position, at, decided_at), evidence))
    }

    fn of_attempt(&self, episode: &Episode) -> Option<AuditFinding> {
        let due = episode.attempt_due?;
        let ended_at = episode.ended_at.unwrap_or(self.as_of);
        let (code, position, at, until, evidence) = match episode.attempt() {
            Kept::Late => {
                let at = Timestamp::from_micros(episode.row.attempt_at);
                let mut evidence = self.holding(episode);
                evidence.push(episode.row.attempt);
                (AuditCode::AttemptLate, episode.row.attempt, at, at, evidence)
            }
            Kept::Missed => {
                let until = ended_at.min(self.as_of);
                (AuditCode::Leaked, episode.handoff.position, due, until, self.holding(episode))
            }
            Kept::InTime | Kept::Open => return None,
        };
        Some(self.overdue(code, episode, due, (position, at, until), evidence))
    }

    /// The offer, and what gave the lead to whoever has it, if that is another event.
    fn holding(&self, episode: &Episode) -> Vec<u64> {
        let offered = episode.handoff.position;
        let held = Some(episode.row.held).filter(|held| *held != offered);
        std::iter::once(offered).chain(held).collect()
    }

    fn overdue(
        &self,
        code: AuditCode,
        episode: &Episode,
        due: Timestamp,
        (position, at, until): (u64, Timestamp, Timestamp),
        mut evidence: Vec<u64>,
    ) -> AuditFinding {
        evidence.sort_unstable();
        evidence.dedup();
        AuditFinding {
            code,
            lead: Some(episode.lead),
            handoff: Some(episode.handoff.position),
            owner: episode.holder,
            at,
            position,
            evidence,
            detail: Detail::Overdue { due, by: self.calendar.working(due, until) },
        }
    }

    /// Leads that were recycled and that nobody has touched since.
    fn forgotten(&self) -> impl Iterator<Item = AuditFinding> {
        let limit = self.ledger.playbook.audit.forgotten_after_seconds;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX).saturating_mul(SECOND);
        let nurtured = self.tables.leads().filter(|lead| lead.state() == State::Nurturing);
        nurtured.filter_map(move |lead| {
            let trail = self.ledger.trail_of(lead.index())?;
            let was_touched = trail.last_touch_at >= trail.recycled_at;
            if trail.recycled == 0 || was_touched {
                return None;
            }
            let due = match trail.until_at {
                NEVER => trail.recycled_at.saturating_add(limit),
                until => until,
            };
            let passed = self.as_of.micros().saturating_sub(trail.recycled_at);
            (self.as_of.micros() > due).then(|| AuditFinding {
                code: AuditCode::RecycledAndForgotten,
                lead: Some(lead.index()),
                handoff: None,
                owner: lead.owner(),
                at: Timestamp::from_micros(due),
                position: trail.recycled,
                evidence: vec![trail.recycled],
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
