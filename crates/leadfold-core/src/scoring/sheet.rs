//! A score being added up: every step is a line, so that the lines are the sum.

use super::limits::Limits;
use super::model::Group;
use super::{Contribution, Part, Points};

/// The contributions so far.
#[derive(Debug, Default)]
pub(super) struct Sheet<'m> {
    pub(super) lines: Vec<Contribution<'m>>,
}

impl<'m> Sheet<'m> {
    /// Adds a line, unless it says nothing.
    pub(super) fn add(&mut self, line: Contribution<'m>) {
        if line.points != Points::ZERO {
            self.lines.push(line);
        }
    }

    /// Limits the groups of a part, then the part itself.
    pub(super) fn limit_part(&mut self, part: Part, groups: &'m [Group], limits: &Limits) {
        for group in groups.iter().filter(|group| group.part == part) {
            self.limit(part, Some(&group.name), self.of_group(&group.name), &group.limits);
        }
        self.limit(part, None, self.of_part(part), limits);
    }

    /// Limits the sum of all lines.
    pub(super) fn limit_total(&mut self, limits: &Limits) {
        self.limit(Part::Total, None, self.total(), limits);
    }

    pub(super) fn of_part(&self, part: Part) -> Points {
        self.sum(|line| line.part == part)
    }

    pub(super) fn total(&self) -> Points {
        self.sum(|_| true)
    }

    /// A group is of one part only.
    fn of_group(&self, group: &str) -> Points {
        self.sum(|line| line.group == Some(group))
    }

    fn sum(&self, is_part: impl Fn(&Contribution<'_>) -> bool) -> Points {
        self.lines.iter().filter(|line| is_part(line)).map(|line| line.points).sum()
    }

    fn limit(&mut self, part: Part, group: Option<&'m str>, sum: Points, limits: &Limits) {
        if let Some((cause, points)) = limits.correction(sum) {
            self.add(Contribution { part, group, cause, points, of: None });
        }
    }
}
