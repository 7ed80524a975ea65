//! How leads moved from stage to stage, and what became of them.

use leadfold_core::State;
use leadfold_core::metrics::{FunnelKind, FunnelRow, SurvivalRow};
use maud::{Markup, html};

use super::section;
use crate::cell::{bar, count, fraction, percent, rate, rate_of_any, share, span};
use crate::report::Report;
use crate::split::{Split, label};
use crate::table::Table;

pub(crate) fn draw(report: &Report) -> Markup {
    let Report { funnel, scope, .. } = report;
    let total = &funnel.total;
    let body = html! {
        p {
            @match scope.kind {
                FunnelKind::Cohort => { "What became of the leads captured " (scope.period()) "." }
                FunnelKind::Period => {
                    "What happened " (scope.period()) ", whenever the leads were captured."
                }
            }
        }
        (summary(total))
        @if total.captured > 0 || total.stages.iter().any(|stage| stage.entered > 0) {
            (ladder(report))
            p.note {
                "Reached counts leads that entered the stage or any later one; times are those of "
                "visits that have ended."
            }
            (by(report))
            (survival(total.survival.as_deref().unwrap_or_default(), scope.kind))
        }
    };
    section("funnel", "Funnel", body)
}

fn summary(total: &FunnelRow) -> Markup {
    html! {
        p {
            (count(total.captured)) " captured, " (count(total.won.num)) " won ("
            (percent(total.won)) "), " (count(total.lost)) " lost or disqualified, "
            (count(total.still_open)) " still open"
            @if total.erased > 0 { ", " (count(total.erased)) " erased" }
            ". From capture to the first win: median " (span(total.days_to_won.p50_s))
            ", nine of ten within " (span(total.days_to_won.p90_s)) "."
        }
    }
}

/// The stages in order; a bar is as long as the stage's share of the one that most have reached,
/// which is the first but for a period.
fn ladder(report: &Report) -> Markup {
    let Report { funnel: Split { total, .. }, scope, .. } = report;
    let headings = [
        "Stage",
        "In proportion",
        "Reached",
        "Of those before",
        "Entered",
        match scope.kind {
            FunnelKind::Cohort => "In it now",
            FunnelKind::Period => "Entered then, still in it",
        },
        "Median time",
        "90% within",
    ];
    let mut table = Table::new("stages", "Leads by stage", &headings, 2);
    let rungs = total.stages.iter().filter(|stage| stage.stage.rung().is_some());
    let most = rungs.map(|stage| stage.reached).max().unwrap_or(0);
    let conversions = total.conversions();
    for stage in &total.stages {
        let before = conversions.iter().find(|conversion| conversion.to == stage.stage);
        let is_rung = stage.stage.rung().is_some();
        table.row([
            html! { (stage_name(stage.stage)) },
            if is_rung {
                bar(stage.reached, most)
            } else {
                html! {}
            },
            if is_rung {
                count(stage.reached)
            } else {
                html! {}
            },
            before.map_or_else(|| html! {}, |conversion| rate_of_any(conversion.reached)),
            count(stage.entered),
            count(stage.open),
            span(stage.time.p50_s),
            span(stage.time.p90_s),
        ]);
    }
    html! { (table) }
}

/// A state as people read it.
pub(crate) fn stage_name(state: State) -> &'static str {
    match state {
        State::Mql => "MQL",
        State::Sql => "SQL",
        State::HandedOff => "handed off",
        other => other.name(),
    }
}

fn by(report: &Report) -> Markup {
    let Report { funnel, scope, rows_max, .. } = report;
    if funnel.rows.is_empty() {
        return html! {};
    }
    let dimension = funnel.heading();
    let headings = [
        dimension.as_str(),
        "Captured",
        "MQL",
        "Accepted",
        "SQL",
        "Opportunity",
        "Won",
        "Lost",
        "Open",
        "Median to win",
    ];
    let caption = format!("Funnel by {dimension}");
    let mut table = Table::new("funnel-by", &caption, &headings, 1);
    let shown = funnel.largest(*rows_max, |row| row.captured);
    for (key, row) in &shown.rows {
        table.row(cells(label(key), row));
    }
    table.total(cells(html! { "all" }, &funnel.total));
    let command = format!("leadfold funnel --by {}{}", funnel.by.join(","), scope.kind_option());
    html! { (table) (shown.left_out("with most leads captured", &command)) }
}

fn cells(key: Markup, row: &FunnelRow) -> [Markup; 10] {
    let reached = |state| count(reached(row, state));
    [
        key,
        count(row.captured),
        reached(State::Mql),
        reached(State::Accepted),
        reached(State::Sql),
        reached(State::Opportunity),
        rate(row.won),
        count(row.lost),
        count(row.still_open),
        span(row.days_to_won.p50_s),
    ]
}

fn reached(row: &FunnelRow, state: State) -> u64 {
    row.stages.iter().find(|stage| stage.stage == state).map_or(0, |stage| stage.reached)
}

/// Conversion in time. In either form it is of the leads captured in the period; only a cohort
/// funnel is of them, too.
fn survival(rows: &[SurvivalRow], kind: FunnelKind) -> Markup {
    if rows.iter().all(|row| row.converted.is_none()) {
        return html! {};
    }
    let headings = ["Days since the capture", "In proportion", "Won by then", "Leads seen so long"];
    let most = rows.iter().filter_map(|row| row.converted).fold(0.0, f64::max);
    let caption = match kind {
        FunnelKind::Cohort => "Won in time (Kaplan-Meier)",
        FunnelKind::Period => "Won in time, of the leads captured in the period (Kaplan-Meier)",
    };
    let mut table = Table::new("survival", caption, &headings, 2);
    for row in rows {
        table.row([
            count(row.days.into()),
            fraction(row.converted.unwrap_or(0.0), most),
            share(row.converted),
            count(row.at_risk),
        ]);
    }
    html! { (table) }
}
