//! A decision of routing, and how it came about.

use std::fmt;

use serde::Serialize;

use super::Given;
use crate::Timestamp;
use crate::event::AssignmentCause;

/// Where a lead goes, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Assignment<'a> {
    /// The rule that held; none for `otherwise`, for a claim and where nothing held.
    pub rule: Option<&'a str>,
    /// Where the lead goes.
    pub to: Outcome<'a>,
    /// What decided it, as an `assigned` event says it; none where it goes nowhere.
    pub cause: Option<AssignmentCause>,
    /// Everybody who was looked at, in the order in which that was done.
    pub considered: Vec<Considered<'a>>,
}

impl Assignment<'_> {
    /// The owner who gets the lead, if one does.
    pub fn owner(&self) -> Option<&str> {
        match self.to {
            Outcome::Owner(owner) => Some(owner),
            _ => None,
        }
    }

    /// What a [`Load`](super::Load) learns from it, if an owner gets the lead at that instant.
    pub fn given(&self, at: Timestamp) -> Option<Given> {
        let owner = self.owner()?.to_owned();
        Some(Given { at, owner, cause: self.cause })
    }
}

/// Where a lead goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome<'a> {
    /// To an owner.
    Owner(&'a str),
    /// To a queue, from which somebody claims it.
    Queue(&'a str),
    /// Nowhere: of those who were considered nobody was free.
    NobodyFree,
    /// Nowhere: no rule held, and nothing is said about the rest.
    NoRule,
}

/// Somebody who was looked at, and what came of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Considered<'a> {
    /// The owner.
    pub owner: &'a str,
    /// What came of it.
    pub verdict: Verdict,
}

impl fmt::Display for Considered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.owner, self.verdict)
    }
}

/// Why somebody gets a lead, or does not.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// They get it.
    Chosen,
    /// They were free, and it was another's turn.
    Passed,
    /// They claimed it, and another had claimed it before.
    TooLate,
    /// They have left.
    Left {
        /// Since when.
        at: Timestamp,
    },
    /// They are away.
    Absent {
        /// Until when.
        until: Timestamp,
    },
    /// They got as many in the last 24 hours as they take.
    DayFull {
        /// How many they take.
        quota: u64,
        /// How many they got.
        assigned: u64,
    },
    /// They have as many open leads as they may.
    OpenFull {
        /// How many they may have.
        open_max: u32,
        /// How many they have.
        open: u32,
    },
    /// They claimed from a queue of a team that they are not in.
    NotInTeam,
    /// Routing does not list them.
    Unknown,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chosen => f.write_str("chosen"),
            Self::Passed => f.write_str("free, another's turn"),
            Self::TooLate => f.write_str("claimed after another"),
            Self::Left { at } => write!(f, "left at {at}"),
            Self::Absent { until } => write!(f, "absent until {until}"),
            Self::DayFull { quota, assigned } => {
                write!(f, "full for the day, got {assigned} of {quota} in the last 24 h")
            }
            Self::OpenFull { open_max, open } => {
                write!(f, "full, has {open} of {open_max} open leads")
            }
            Self::NotInTeam => f.write_str("not in the team of the queue"),
            Self::Unknown => f.write_str("not listed as an owner"),
        }
    }
}
