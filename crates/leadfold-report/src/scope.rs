//! Of what the page speaks.

use leadfold_core::Timestamp;
use leadfold_core::metrics::{FunnelKind, Period};
use maud::{Markup, html};

use crate::cell::{at, clean, counted};

/// Of which log a report is, of which part of it, and under which rules.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// What had happened by then counts; none for a log in which nothing has.
    pub as_of: Option<Timestamp>,
    /// What was known by then counts; none for all that is known.
    pub known_at: Option<Timestamp>,
    /// Of funnel, closed deals and costs.
    pub period: Period,
    /// Whether funnel and costs tell what became of the leads captured in the period, or what
    /// happened in it.
    pub kind: FunnelKind,
    /// When the first lead was captured.
    pub first_capture: Option<Timestamp>,
    /// When the last event was that counts.
    pub last_event: Option<Timestamp>,
    /// Events in the log.
    pub events: u64,
    /// The playbook.
    pub rules: Rules,
    /// The program that made the report, and its version.
    pub program: String,
}

/// The playbook under which a log was read.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// What the business calls it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it is from, in words.
    pub origin: String,
    /// Whether it has a calendar: promises are then working time.
    pub is_working_time: bool,
}

impl Scope {
    /// The head of the page: first in one line, then in all.
    pub(crate) fn draw(&self, leads: u64) -> Markup {
        html! {
            header {
                h1 { "Lead report" }
                p.of {
                    @match self.as_of {
                        Some(as_of) => { "As of " (at(as_of)) " UTC, " (counted(leads, "lead", "leads")) "." }
                        None => { "Nothing has happened in this log yet." }
                    }
                }
                dl.facts { (self.facts()) }
            }
        }
    }

    fn facts(&self) -> Markup {
        let Rules { name, version, origin, .. } = &self.rules;
        html! {
            dt { "Log" }
            dd { (counted(self.events, "event", "events")) (self.reach()) }
            dt { "As of" }
            dd { (instant(self.as_of, "no event yet")) @if self.as_of.is_some() && self.as_of == self.last_event { ", the time of the last event" } }
            dt { "Known at" }
            dd { (instant(self.known_at, "all that is known")) }
            dt { "Period" }
            dd {
                (self.period())
                @if self.has_period() { "; of funnel, closed deals and costs" }
            }
            dt { "Playbook" }
            dd { bdi { (clean(name)) } " " bdi { (clean(version)) } ", " (clean(origin)) }
            dt { "Made by" }
            dd { (self.program) }
        }
    }

    fn reach(&self) -> Markup {
        html! {
            @if let (Some(first), Some(last)) = (self.first_capture, self.last_event) {
                "; first capture " (at(first)) " UTC, last event " (at(last)) " UTC"
            }
        }
    }

    /// Whether the period leaves anything out.
    pub(crate) fn has_period(&self) -> bool {
        self.period != Period::default()
    }

    /// How funnel and costs are asked for their kind, behind their commands.
    pub(crate) fn kind_option(&self) -> &'static str {
        match self.kind {
            FunnelKind::Cohort => "",
            FunnelKind::Period => " --kind period",
        }
    }

    /// The period, as sentences go on with it.
    pub(crate) fn period(&self) -> Markup {
        let Period { from, to } = self.period;
        html! {
            @match (from, to) {
                (None, None) => { "at any time" }
                (Some(from), None) => { "from " (at(from)) " UTC on" }
                (None, Some(to)) => { "before " (at(to)) " UTC" }
                (Some(from), Some(to)) => { "from " (at(from)) " UTC until before " (at(to)) " UTC" }
            }
        }
    }
}

fn instant(time: Option<Timestamp>, none: &str) -> Markup {
    html! {
        @match time {
            Some(time) => { (at(time)) " UTC" }
            None => { (none) }
        }
    }
}
