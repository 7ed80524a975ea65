//! What the hand-off audit costs on top of a fold: the ledger that watches it, all findings and
//! all figures.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use leadfold::core::audit::{Audit, FiguresRow, Ledger};
use leadfold::core::{
    Bounds, Calendar, DAY, Facts, Fold, LeadFacts, Observer, Playbook, Tables, fold_leads,
    fold_leads_watched, fold_pages,
};
use leadfold::engine::View;
use leadfold::sqlite::SqliteStore;
use leadfold::store::Blocking;

use crate::answer::answer_on;
use crate::idle::Idle;
use crate::in_store::file;
use crate::report::Report;
use crate::{Result, facts};

/// A fold that was watched.
type Watched = (Tables, Ledger);

/// Facts in memory, by lead.
pub(crate) fn by_lead(dir: &Path, rounds: usize) -> Result<Report> {
    let parts: Vec<LeadFacts> = facts::by_lead(dir)?.collect::<Result<_>>()?;
    let (playbook, bounds) = (Playbook::default(), Bounds::default());
    let alone = || fold_leads(&parts, &playbook, bounds);
    let idle = || fold_leads_watched(&parts, &playbook, bounds, Idle::default());
    let watched = || fold_leads_watched(&parts, &playbook, bounds, ledger());
    let events = parts.iter().map(LeadFacts::event_count).sum::<usize>();
    Ok(in_turns(rounds, events as u64, alone, idle, watched))
}

/// Facts in memory, in the order of the log.
pub(crate) fn log_order(dir: &Path, rounds: usize) -> Result<Report> {
    let pages: Vec<Facts> = facts::pages(dir)?.collect::<Result<_>>()?;
    let alone = || fold_pages(&pages, &Playbook::default(), Bounds::default());
    let idle = || watch_pages(&pages, Idle::default());
    let watched = || watch_pages(&pages, ledger());
    let events = pages.iter().map(Facts::event_count).sum::<usize>();
    Ok(in_turns(rounds, events as u64, alone, idle, watched))
}

fn watch_pages<O: Observer>(pages: &[Facts], observer: O) -> (Tables, O) {
    let mut fold = Fold::watched(Playbook::default(), Bounds::default(), observer);
    pages.iter().for_each(|page| fold.apply(page));
    assert!(fold.is_settled(), "an orderly log has nothing to settle");
    fold.into_parts()
}

fn ledger() -> Ledger {
    Ledger::new(Playbook::default())
}

/// The fold alone, the fold while somebody watches who keeps nothing, and the fold with its audit, in
/// turns. The seconds are those of the last, and the answer is not measured.
fn in_turns(
    rounds: usize,
    events: u64,
    alone: impl Fn() -> Tables,
    idle: impl Fn() -> (Tables, Idle),
    watched: impl Fn() -> Watched,
) -> Report {
    let (mut plain, mut idly, mut seconds) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        plain.push(again(|| drop(alone())));
        idly.push(again(|| assert!(idle().1.seen > 0, "a log changes tables")));
        seconds.push(again(|| drop(audited(watched()))));
    }
    let on_top = |seconds: &[f64]| (median(seconds) / median(&plain) - 1.0) * 100.0;
    let (audit, idle) = (on_top(&seconds), on_top(&idly));
    let ((tables, _), findings) = audited(watched());
    Report { events, seconds, ..Report::default() }
        .answered(&tables)
        .figure("findings", findings as f64)
        .figure("audit_percent", audit)
        .figure("watched_percent", idle)
}

/// Of all rounds but the first, which warms, if there are several.
fn median(seconds: &[f64]) -> f64 {
    let mut warm = seconds[usize::from(seconds.len() > 1)..].to_vec();
    warm.sort_by(f64::total_cmp);
    f64::midpoint(warm[(warm.len() - 1) / 2], warm[warm.len() / 2])
}

/// The time of work that has just been done once: what another work leaves of the memory made the
/// fold alone take a third longer behind an audited one than behind itself.
fn again(work: impl Fn()) -> f64 {
    work();
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// All figures, and how many findings there are.
fn audited(watched: Watched) -> (Watched, usize) {
    let (tables, ledger) = &watched;
    let as_of = tables.last_at().unwrap_or_default();
    let audit = Audit::of(tables, ledger, &Calendar::always(), as_of);
    for FiguresRow { figures, .. } in audit.figures(None) {
        let curves = [&figures.attempt_survival, &figures.contact_survival];
        std::hint::black_box(curves.map(|curve| curve.converted_by([DAY, 30 * DAY])));
    }
    let findings = audit.findings().len();
    (watched, findings)
}

/// A file that nobody has open, to the answer and the audit.
pub(crate) fn cold(dir: &Path, threads: usize, rounds: usize) -> Result<Report> {
    let path = file(dir);
    let cores = NonZeroUsize::new(threads).ok_or("expected a thread, found 0")?;
    let go_on = |_, _| ControlFlow::Continue(());
    let mut findings = 0;
    let work = |()| {
        let store = SqliteStore::open(&path)?;
        let mut view = View::watched(store, Playbook::default(), Bounds::default(), ledger());
        let _ = view.catch_up_on(cores, &go_on)?;
        let (watched, found) = audited(view.into_parts().expect("it has caught up"));
        findings = found;
        Ok(answer_on(&watched.0, threads))
    };
    let report = Report::rounds(rounds, || Ok(()), work)?;
    let events = Blocking(SqliteStore::open(&path)?).head()?;
    Ok(Report { events, ..report }.figure("findings", findings as f64))
}
