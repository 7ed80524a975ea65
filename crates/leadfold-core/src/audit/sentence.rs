//! A finding as one sentence that a manager understands.

use super::{AuditCode, AuditFinding, Detail};
use crate::machine::Kind;
use crate::{Code, DAY, Reason, SECOND, State};

impl AuditFinding {
    /// What happened, and to whom. `lead` is the lead's key; `name` gives the string of a code.
    pub fn sentence<'n>(
        &self,
        lead: Option<&str>,
        name: impl Fn(Code) -> Option<&'n str>,
    ) -> String {
        let lead =
            lead.map_or_else(|| "An event without a lead".into(), |key| format!("Lead {key}"));
        let owner = name(self.owner).unwrap_or("nobody");
        let what = self.what(owner);
        format!("{lead} {what}.")
    }

    fn what(&self, owner: &str) -> String {
        match self.code {
            AuditCode::AcceptedByOther => {
                format!("was accepted by somebody else than its owner {owner}")
            }
            AuditCode::AcceptedWithoutHandoff if self.is_under_another_key() => {
                "was accepted under a key that is not that of the hand-off that waited".into()
            }
            AuditCode::AcceptedWithoutHandoff => {
                format!("was accepted{}, but nobody had handed it off", self.from())
            }
            AuditCode::AttemptLate => {
                format!("got its first attempt from {owner} {} after it was due", self.span())
            }
            AuditCode::BackDatedHandoff => {
                format!("was handed off to {owner} with a date long before it was recorded")
            }
            AuditCode::DecisionLate => {
                format!("was decided by {owner} {} after the decision was due", self.span())
            }
            AuditCode::DecisionMissing => {
                format!("was with {owner}, and {} after a decision was due, none had come", self.span())
            }
            AuditCode::DuplicateExternalId => {
                "has two events with the same identity in their system of origin".into()
            }
            AuditCode::GateNotMet => format!("passed a gate without {}", self.fields()),
            AuditCode::HandedOffUnqualified => {
                format!("was handed off{}, without being qualified", self.from())
            }
            AuditCode::HistoryGap => "has a history with a gap: it does not begin with its capture, or a snapshot took its place".into(),
            AuditCode::Illegal => format!("had {}{}, which the rules forbid{}", self.event(), self.from(), self.because()),
            AuditCode::Leaked => {
                format!("leaked: it was with {owner}, and {} after an attempt was due, nobody in sales had tried to reach it", self.span())
            }
            AuditCode::MarketingTouchToCustomer => {
                "was touched by marketing although it is a customer".into()
            }
            AuditCode::MarketingTouchToOpportunity => {
                "was touched by marketing although its opportunity is open".into()
            }
            AuditCode::MissingReason => format!("had {} without a reason", self.event()),
            AuditCode::NegativeDuration => "was a customer before it was captured".into(),
            AuditCode::OutOfOrder => "was captured after other events of it".into(),
            AuditCode::OverCapacity => format!("was handed off to {owner}, who had {}", self.load()),
            AuditCode::OwnerGone => format!("was handed off to {owner}, who had left"),
            AuditCode::PingPong => format!("came back to {owner}, who had it before the last owner"),
            AuditCode::ReassignedWithoutTouch => {
                format!("was taken from {owner}, who had not touched it")
            }
            AuditCode::RecycledAndForgotten => {
                format!("was recycled {} ago and has not been touched since", self.span())
            }
            AuditCode::RejectedWithoutReason => {
                format!("was declined by {owner} without a reason")
            }
            AuditCode::RevenueBeforeWon => format!("had {}{}, before anything was won", self.event(), self.from()),
            AuditCode::TouchedAfterWithdrawal => {
                "was touched by marketing after consent was withdrawn or had ended".into()
            }
            AuditCode::UnknownStage => {
                "has an opportunity in a stage that the playbook does not list".into()
            }
            AuditCode::UnknownTarget => {
                "has a correction of an event that it does not have, or with data that do not fit"
                    .into()
            }
            AuditCode::UnknownType => {
                "has an event of a type or version that leadfold does not know".into()
            }
            AuditCode::WonWithoutHandoff => "was won and had never been handed off".into(),
            AuditCode::WorkedBeforeHandoff => {
                "was worked by sales before it was handed off".into()
            }
        }
    }

    /// What waits for an answer was offered: the acceptance named something else.
    fn is_under_another_key(&self) -> bool {
        matches!(self.detail, Detail::Move { from: Some(State::HandedOff), .. })
    }

    fn event(&self) -> String {
        match &self.detail {
            Detail::Move { kind, .. } => format!("`{}`", kind.name()),
            _ => "an event".into(),
        }
    }

    fn from(&self) -> String {
        match &self.detail {
            Detail::Move { from: Some(from), .. } => format!(" in state {}", State::name(*from)),
            Detail::Move { from: None, kind: Kind::Captured, .. } => String::new(),
            Detail::Move { from: None, .. } => " before its history began".into(),
            _ => String::new(),
        }
    }

    fn because(&self) -> String {
        match &self.detail {
            Detail::Move { reason: Some(reason), .. } => {
                format!(" ({}): {}", Reason::name(*reason).replace('_', " "), reason.advice())
            }
            _ => String::new(),
        }
    }

    fn fields(&self) -> String {
        match &self.detail {
            Detail::Missing { fields } => fields.join(", "),
            _ => "the fields that it demands".into(),
        }
    }

    fn load(&self) -> String {
        match &self.detail {
            Detail::Open { open, limit } => {
                format!("{open} open {} of at most {limit}", leads(*open))
            }
            Detail::Given { given, limit } => {
                format!("got {given} {} in 24 hours, of at most {limit}", leads(*given))
            }
            _ => "no room".into(),
        }
    }

    fn span(&self) -> String {
        match &self.detail {
            Detail::Overdue { by, by_calendar: true, .. } => working_span(*by),
            Detail::Overdue { by, .. } => span(*by),
            Detail::Passed { micros } => span(*micros),
            _ => "some time".into(),
        }
    }
}

fn leads(count: u64) -> &'static str {
    if count == 1 { "lead" } else { "leads" }
}

/// A span of working time: its hours do not make days, since no working day has 24 of them.
fn working_span(micros: i64) -> String {
    let seconds = micros / SECOND;
    let span = match (seconds / 3600, seconds / 60 % 60) {
        (0, _) => span(micros),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    };
    format!("{span} of working time")
}

/// A span of time in its two largest units.
fn span(micros: i64) -> String {
    let seconds = micros / SECOND;
    let (days, hours) = (micros / DAY, seconds / 3600 % 24);
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
    match (days, seconds / 3600, seconds / 60) {
        (0, 0, 0) => format!("{rest} s"),
        (0, 0, minutes) => format!("{minutes} min {rest} s"),
        (0, hours, _) => format!("{hours} h {minutes} min"),
        (days, ..) => format!("{days} d {hours} h"),
    }
}
