//! Of what the page speaks.

use leadfold_core::Timestamp;
use leadfold_core::metrics::{FunnelKind, Period};
use maud::{Markup, html};

use crate::cell::{bound, clean, counted};

/// Of which log a report is, of which part of it, and under which rules.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// What had happened by then counts; none for a log in which nothing is known to have.
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
    /// The time zone in which days and months begin; none for UTC.
    pub zone: Option<String>,
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
    /// The time zone of its calendar, where it has one: promises are then working time.
    pub calendar_zone: Option<String>,
}

impl Scope {
    /// The head of the page: first in one line, then in all.
    pub(crate) fn draw(&self, leads: u64) -> Markup {
        html! {
            header {
                h1 { "Lead report" }
                p.of {
                    @match self.as_of {
                        Some(as_of) => { "As of " (bound(as_of)) ", " (counted(leads, "lead", "leads")) "." }
                        None => { (self.nothing()) }
                    }
                }
                dl.facts { (self.facts()) }
            }
        }
    }

    fn facts(&self) -> Markup {
        html! {
            dt { "Log" }
            dd { (counted(self.events, "event", "events")) (self.reach()) }
            dt { "As of" }
            dd { (bound_or(self.as_of, "no time, since nothing is known to have happened")) @if self.as_of.is_some() && self.as_of == self.last_event { ", the time of the last event" } }
            dt { "Known at" }
            dd { (bound_or(self.known_at, "all that is known")) }
            dt { "Period" }
            dd {
                (self.period())
                @if self.has_period() { "; of funnel, closed deals and costs" }
            }
            @if let Some(zone) = &self.zone {
                dt { "Time zone" }
                dd { (clean(zone)) ", in which days and months begin" }
            }
            dt { "Playbook" }
            dd { (self.playbook()) }
            dt { "Made by" }
            dd { (self.program) }
        }
    }

    fn playbook(&self) -> Markup {
        let Rules { name, version, origin, calendar_zone } = &self.rules;
        html! {
            bdi { (clean(name)) } " " bdi { (clean(version)) } ", " (clean(origin))
            @if let Some(zone) = calendar_zone { "; its working time is that of " (clean(zone)) }
        }
    }

    /// Why there is no as-of.
    fn nothing(&self) -> Markup {
        html! {
            @if self.events == 0 {
                "The log is empty."
            } @else if let Some(known_at) = self.known_at {
                "By " (bound(known_at)) " nothing was known to have happened."
            } @else {
                // A publication may be made ahead of its time, so it is none that has happened.
                "The log has published playbooks alone; nothing has happened in it yet."
            }
        }
    }

    fn reach(&self) -> Markup {
        html! {
            @if let (Some(first), Some(last)) = (self.first_capture, self.last_event) {
                "; first capture " (bound(first)) ", last event " (bound(last))
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
                (Some(from), None) => { "from " (bound(from)) " on" }
                (None, Some(to)) => { "before " (bound(to)) }
                (Some(from), Some(to)) => { "from " (bound(from)) " until before " (bound(to)) }
            }
        }
    }
}

fn bound_or(time: Option<Timestamp>, none: &str) -> Markup {
    html! {
        @match time {
            Some(time) => (bound(time)),
            None => { (none) }
        }
    }
}
