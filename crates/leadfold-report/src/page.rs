//! The page: head, contents, sections, foot.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::report::Report;
use crate::section::{costs, deals, due, findings, funnel, glance, handoffs, status, value};

/// How it looks. Part of the page, as everything is.
const STYLE: &str = include_str!("style.css");

/// Nothing is loaded and no script runs, whatever a text of the log may hold: the style is the
/// page's own, and all else is forbidden.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
                      form-action 'none'";

/// The sections by their ids.
const CONTENTS: [(&str, &str); 10] = [
    ("glance", "At a glance"),
    ("funnel", "Funnel"),
    ("status", "Leads as they stand"),
    ("due", "Overdue"),
    ("handoffs", "Hand-offs"),
    ("findings", "Findings"),
    ("deals", "Deals"),
    ("value", "Customer value"),
    ("costs", "Costs"),
    ("examples", "Examples of findings"),
];

pub(crate) fn draw(report: &Report) -> Markup {
    let scope = &report.scope;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="generator" content=(scope.program);
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title {
                    "Lead report"
                    @if let Some(as_of) = scope.as_of { " as of " (as_of.to_string()) }
                }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (scope.draw(report.status.leads))
                nav aria-label="Contents" {
                    ul { @for (id, title) in CONTENTS { li { a href={ "#" (id) } { (title) } } } }
                }
                main {
                    (glance::draw(report))
                    (funnel::draw(report))
                    (status::draw(report))
                    (due::draw(report))
                    (handoffs::draw(report))
                    (findings::draw(report))
                    (deals::draw(report))
                    (value::draw(report))
                    (costs::draw(report))
                    (findings::draw_examples(report))
                }
                footer { p { (foot()) } }
            }
        }
    }
}

fn foot() -> &'static str {
    "Rates of counts are told as a percentage with the counts that they are made of; \"none\" \
     stands where nothing could be counted. Times of day are UTC. The page needs no network and no script."
}
