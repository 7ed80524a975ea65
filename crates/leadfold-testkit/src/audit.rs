//! The hand-off audit as a test: a log, a playbook, and what is expected of the findings.
//!
//! ```
//! use leadfold_core::{Playbook, audit::AuditCode};
//! use leadfold_testkit::{Log, story::Story};
//!
//! let story = Story::new().at("2024-03-01T17:55:00Z").lead("L1").captured("webinar");
//! let story = story.qualified_mql().handed_off("ann").hours(2).accepted("ann");
//! let log = Log::of(story)?;
//! // On the day after, nobody has called, though nobody had to yet.
//! log.audit(&Playbook::default()).as_of("2024-03-02T12:00:00Z").expect_clean();
//! // Later, that is a leak.
//! let audit = log.audit(&Playbook::default()).as_of("2024-03-05");
//! audit.expect_only(&[(AuditCode::Leaked, "L1")]);
//! assert_eq!(audit.figures().leaked.num, 1);
//!
//! let message = audit.check_clean().unwrap_err().to_string();
//! assert!(message.contains(">> 3  Fri 2024-03-01 17:55  handed_off  to ann"), "{message}");
//! # Ok::<(), leadfold_testkit::LogError>(())
//! ```

mod error;
mod found;
mod reading;
mod report;

use std::cell::OnceCell;
use std::collections::BTreeSet;

use leadfold_core::audit::{Audit, AuditCode, Figures};
use leadfold_core::{Bounds, Calendar, Playbook, Zone};
use leadfold_store::{EventStore, MemoryStore};

pub use self::error::AuditError;
pub use self::found::Found;
use self::reading::Reading;
use self::report::Report;
use crate::log::Log;
use crate::moment::Moment;
use crate::unmet::{Unmet, demand};

/// A log under audit. The log is read once, by the first question.
///
/// What is expected is either demanded (`expect...`, which panics and is meant for tests) or
/// checked (`check...`, which returns a result and is meant for other harnesses). Both give the
/// same message: each offending finding with its sentence, its owner, what was due and when, the
/// events that prove it, and the life of the lead around them. It holds no personal data.
#[derive(Debug)]
pub struct Audited<'a, S = MemoryStore> {
    log: &'a Log<S>,
    playbook: Playbook,
    bounds: Bounds,
    calendar: Option<Calendar>,
    zone: Option<Zone>,
    allowed: BTreeSet<AuditCode>,
    reading: OnceCell<Reading>,
}

impl<'a, S: EventStore> Audited<'a, S> {
    pub(crate) fn new(log: &'a Log<S>, playbook: Playbook) -> Self {
        Self {
            log,
            playbook,
            bounds: Bounds::default(),
            calendar: None,
            zone: None,
            allowed: BTreeSet::new(),
            reading: OnceCell::new(),
        }
    }

    /// The instant of the audit: what happens later is not seen, and what is due by then is due.
    /// Left out, it is that of the log's last event.
    ///
    /// # Panics
    /// Where a text is no time.
    #[must_use]
    #[track_caller]
    pub fn as_of(mut self, at: impl Moment) -> Self {
        self.bounds.as_of = Some(at.instant());
        Self { reading: OnceCell::new(), ..self }
    }

    /// Leaves out what became known later. Left out itself, all that is known is seen.
    ///
    /// # Panics
    /// Where a text is no time.
    #[must_use]
    #[track_caller]
    pub fn known_at(mut self, at: impl Moment) -> Self {
        self.bounds.known_at = Some(at.instant());
        Self { reading: OnceCell::new(), ..self }
    }

    /// Another calendar than the playbook's.
    #[must_use]
    pub fn calendar(self, calendar: Calendar) -> Self {
        Self { calendar: Some(calendar), reading: OnceCell::new(), ..self }
    }

    /// Messages show times on the clocks of this zone. Left out, it is that of the calendar.
    #[must_use]
    pub fn in_zone(self, zone: &Zone) -> Self {
        Self { zone: Some(zone.clone()), ..self }
    }

    /// Findings of this code are left out of everything that is expected. They are still among
    /// [`Audited::findings`].
    #[must_use]
    pub fn allow(mut self, code: AuditCode) -> Self {
        self.allowed.insert(code);
        self
    }

    /// Demands that there is no finding.
    ///
    /// # Panics
    /// When there is one, or the log cannot be read.
    #[track_caller]
    pub fn expect_clean(&self) -> &Self {
        demand(self.check_clean());
        self
    }

    /// Demands that there is such a finding of the lead with that key; `-` is an event without a
    /// lead. There may be others.
    ///
    /// # Panics
    /// When there is none, or the log cannot be read.
    #[track_caller]
    pub fn expect(&self, code: AuditCode, lead: &str) -> &Self {
        demand(self.check(code, lead));
        self
    }

    /// Demands that there is no such finding of any lead.
    ///
    /// # Panics
    /// When there is one, or the log cannot be read.
    #[track_caller]
    pub fn expect_none(&self, code: AuditCode) -> &Self {
        demand(self.check_none(code));
        self
    }

    /// Demands these findings, each as often as it is named, in any order, and no others.
    ///
    /// # Panics
    /// When there are others, fewer or more, or the log cannot be read.
    #[track_caller]
    pub fn expect_only(&self, findings: &[(AuditCode, &str)]) -> &Self {
        demand(self.check_only(findings));
        self
    }

    /// Checks what [`Audited::expect_clean`] demands.
    ///
    /// # Errors
    /// [`AuditError`]; [`AuditError::Unmet`] has the message.
    pub fn check_clean(&self) -> Result<(), AuditError> {
        self.check_only(&[])
    }

    /// Checks what [`Audited::expect`] demands.
    ///
    /// # Errors
    /// [`AuditError`]; [`AuditError::Unmet`] has the message.
    pub fn check(&self, code: AuditCode, lead: &str) -> Result<(), AuditError> {
        let findings = self.judged()?;
        if findings.iter().any(|found| found.code == code && found.lead() == lead) {
            return Ok(());
        }
        let others = findings.into_iter().filter(|found| found.lead() == lead).collect();
        self.fail(format!("expected {code} of lead {lead}"), others, Some(lead))
    }

    /// Checks what [`Audited::expect_none`] demands.
    ///
    /// # Errors
    /// [`AuditError`]; [`AuditError::Unmet`] has the message.
    pub fn check_none(&self, code: AuditCode) -> Result<(), AuditError> {
        self.check_none_of(&format!("expected no {code}"), |found| found == code)
    }

    /// Checks that there is no finding of a kind.
    pub(crate) fn check_none_of(
        &self,
        expected: &str,
        is_denied: impl Fn(AuditCode) -> bool,
    ) -> Result<(), AuditError> {
        let mut found = self.judged()?;
        found.retain(|found| is_denied(found.code));
        if found.is_empty() {
            return Ok(());
        }
        self.fail(expected.to_owned(), found, None)
    }

    /// Checks what [`Audited::expect_only`] demands.
    ///
    /// # Errors
    /// [`AuditError`]; [`AuditError::Unmet`] has the message.
    pub fn check_only(&self, findings: &[(AuditCode, &str)]) -> Result<(), AuditError> {
        let mut missing = findings.to_vec();
        let mut surplus = self.judged()?;
        surplus.retain(|found| {
            let expected = (found.code, found.lead());
            let place = missing.iter().position(|missing| *missing == expected);
            place.map(|place| missing.swap_remove(place)).is_none()
        });
        if missing.is_empty() && surplus.is_empty() {
            return Ok(());
        }
        let expected = match findings {
            [] => "expected no finding".to_owned(),
            _ => format!("expected only {}", names(findings)),
        };
        missing.sort_unstable();
        let lead = missing.first().map(|(_, lead)| *lead);
        let missing = match missing.as_slice() {
            [] => String::new(),
            missing => format!("; missing: {}", names(missing)),
        };
        self.fail(format!("{expected}{missing}"), surplus, lead)
    }

    /// All findings, in the order of the events that they are about.
    ///
    /// # Panics
    /// When the log cannot be read; [`Audited::try_findings`] returns the error.
    #[track_caller]
    pub fn findings(&self) -> &[Found] {
        demand(self.try_findings())
    }

    /// All findings, in the order of the events that they are about.
    ///
    /// # Errors
    /// [`AuditError`]: the store failed, or the playbook's calendar names no time zone.
    pub fn try_findings(&self) -> Result<&[Found], AuditError> {
        Ok(&self.reading()?.findings)
    }

    /// The figures of all hand-offs.
    ///
    /// # Panics
    /// When the log cannot be read; [`Audited::try_figures`] returns the error.
    #[track_caller]
    pub fn figures(&self) -> Figures {
        demand(self.try_figures())
    }

    /// The figures of all hand-offs.
    ///
    /// # Errors
    /// [`AuditError`]: the store failed, or the playbook's calendar names no time zone.
    pub fn try_figures(&self) -> Result<Figures, AuditError> {
        let rows = self.reading()?.audit().figures(None);
        Ok(rows.into_iter().next().map(|total| total.figures).unwrap_or_default())
    }

    /// The audit itself, for what is not here: figures by team, workload, speed to lead.
    ///
    /// # Errors
    /// [`AuditError`]: the store failed, or the playbook's calendar names no time zone.
    pub fn core(&self) -> Result<Audit<'_>, AuditError> {
        Ok(self.reading()?.audit())
    }

    fn reading(&self) -> Result<&Reading, AuditError> {
        if let Some(reading) = self.reading.get() {
            return Ok(reading);
        }
        let calendar = self.calendar.clone();
        let reading = Reading::of(self.log, &self.playbook, self.bounds, calendar)?;
        Ok(self.reading.get_or_init(|| reading))
    }

    /// The findings that are not allowed.
    fn judged(&self) -> Result<Vec<&Found>, AuditError> {
        let findings = self.try_findings()?.iter();
        Ok(findings.filter(|found| !self.allowed.contains(&found.code)).collect())
    }

    fn fail(
        &self,
        expected: String,
        findings: Vec<&Found>,
        lead: Option<&str>,
    ) -> Result<(), AuditError> {
        Err(Unmet::new(self.report(&expected, &findings, lead)?).into())
    }

    /// The message: what was expected, these findings, and the life of a lead without any.
    pub(crate) fn report(
        &self,
        expected: &str,
        findings: &[&Found],
        lead: Option<&str>,
    ) -> Result<String, AuditError> {
        let reading = self.reading()?;
        let zone = self.zone.clone().unwrap_or_else(|| reading.zone());
        let Self { log, playbook, bounds, .. } = self;
        let report = Report { log: *log, playbook, reading, bounds: *bounds, zone };
        Ok(report.write(expected, findings, lead)?)
    }
}

/// `leaked L1, ping_pong L2`
fn names(findings: &[(AuditCode, &str)]) -> String {
    let names = findings.iter().map(|(code, lead)| format!("{code} {lead}"));
    names.collect::<Vec<_>>().join(", ")
}
