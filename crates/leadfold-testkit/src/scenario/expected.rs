//! The expected part of a scenario: findings and figures, one a line.

use leadfold_core::audit::Figures;
use leadfold_core::metrics::{DurationStat, Rate};

use crate::audit::Found;
use crate::text::one_line;

/// What stands below `expect:` where nothing is found.
pub(super) const NO_FINDINGS: &str = "no findings";

/// A finding: `leaked L1: Lead L1 leaked: ...`.
pub(super) fn finding_line(found: &Found) -> String {
    format!("{} {}: {}", found.code, one_line(found.lead()), one_line(&found.sentence))
}

/// A figure that can be asked for.
pub(super) struct Figure {
    /// Its name in a scenario.
    pub(super) name: &'static str,
    text: fn(&Figures) -> String,
}

impl Figure {
    /// The figure of a name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        FIGURES.iter().find(|figure| figure.name == name)
    }

    /// All names.
    pub(super) fn names() -> String {
        FIGURES.iter().map(|figure| figure.name).collect::<Vec<_>>().join(", ")
    }

    /// `leaked: 1 of 3`.
    pub(super) fn line(&self, figures: &Figures) -> String {
        format!("{}: {}", self.name, (self.text)(figures))
    }
}

impl std::fmt::Debug for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Figure({})", self.name)
    }
}

macro_rules! figures {
    ($( $name:literal = $field:ident as $show:ident, )*) => {
        const FIGURES: &[Figure] =
            &[$( Figure { name: $name, text: |figures| $show(&figures.$field) }, )*];
    };
}

figures! {
    "offered" = offered as count,
    "accepted" = accepted as count,
    "rejected" = rejected as count,
    "pending" = pending as count,
    "closed" = closed as count,
    "returned" = returned as count,
    "recycled" = recycled as count,
    "acceptance of decided" = acceptance_of_decided as rate,
    "acceptance of offered" = acceptance_of_offered as rate,
    "decision in time" = decision_in_time as rate,
    "attempt in time" = attempt_in_time as rate,
    "time to decision" = time_to_decision as duration,
    "time to first attempt" = time_to_first_attempt as duration,
    "own time to first attempt" = own_time_to_first_attempt as duration,
    "time to first contact" = time_to_first_contact as duration,
    "leaked" = leaked as rate,
    "given back" = given_back as rate,
    "recycled of given back" = recycled_of_given_back as rate,
    "requalified of recycled" = requalified_of_recycled as rate,
    "ping pong" = ping_pong as count,
    "reassigned" = reassigned as count,
    "reassigned without touch" = reassigned_without_touch as count,
}

fn count(n: &u64) -> String {
    n.to_string()
}

fn rate(rate: &Rate) -> String {
    format!("{} of {}", rate.num, rate.den)
}

/// `median 16 h 30 min of 2`: of so many.
fn duration(stat: &DurationStat) -> String {
    match stat.p50_s {
        Some(seconds) => format!("median {} of {}", span(seconds.round() as u64), stat.n),
        None => "none".into(),
    }
}

fn span(seconds: u64) -> String {
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minutes, seconds) = (seconds / 60 % 60, seconds % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {seconds} s"),
        (0, ..) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}
