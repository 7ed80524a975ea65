//! The hand-off audit: the fold by lead while a ledger watches, and what is made of the ledger.

use divan::Bencher;
use divan::counter::ItemsCount;
use leadfold::core::audit::{Audit, Ledger};
use leadfold::core::{
    Bounds, Calendar, Facts, Fold, Playbook, Tables, Timestamp, fold_leads_watched,
};

use crate::log::{Log, disturbed, sizes};

/// A fold that was watched.
struct Watched {
    tables: Tables,
    ledger: Ledger,
}

impl Watched {
    fn by_lead(log: &Log) -> Self {
        let playbook = Playbook::default();
        let ledger = Ledger::new(playbook.clone());
        let (tables, ledger) = fold_leads_watched(&log.parts, &playbook, Bounds::default(), ledger);
        Self { tables, ledger }
    }

    /// The plain way: in the order of the log, and then settled.
    fn in_log_order(log: &Log) -> Self {
        let playbook = Playbook::default();
        let ledger = Ledger::new(playbook.clone());
        let mut fold = Fold::watched(playbook, Bounds::default(), ledger);
        log.pages.iter().for_each(|page| fold.apply(page));
        let Ok(()) = fold.settle(|leads| {
            let mut history = Facts::default();
            log.parts.iter().for_each(|part| part.history(leads, &mut history));
            Ok::<_, std::convert::Infallible>(history)
        });
        let (tables, ledger) = fold.into_parts();
        Self { tables, ledger }
    }

    fn audit(&self) -> Audit<'_> {
        let as_of: Timestamp = self.tables.last_at().expect("a log has events");
        Audit::of(&self.tables, &self.ledger, &Calendar::always(), as_of)
    }

    /// Fails unless the log, in its own order, has the same to report.
    fn check(&self, log: &Log) {
        let plain = Self::in_log_order(log);
        log.check(&self.tables);
        log.check(&plain.tables);
        let told = |watched: &Self| {
            let audit = watched.audit();
            format!("{:?}{:?}", audit.findings(), audit.figures(None))
        };
        assert!(!self.audit().findings().is_empty(), "no company keeps all its promises");
        assert!(told(self) == told(&plain), "other findings or figures than in the log's order");
    }
}

#[divan::bench(args = sizes())]
fn fold_by_lead(bencher: Bencher<'_, '_>, leads: u32) {
    let log = disturbed(leads);
    Watched::by_lead(log).check(log);
    bencher.counter(ItemsCount::new(log.events)).bench(|| Watched::by_lead(log));
}

#[divan::bench(args = sizes())]
fn findings(bencher: Bencher<'_, '_>, leads: u32) {
    let log = disturbed(leads);
    let watched = Watched::by_lead(log);
    watched.check(log);
    bencher.counter(ItemsCount::new(log.events)).bench(|| watched.audit().findings());
}

#[divan::bench(args = sizes())]
fn figures(bencher: Bencher<'_, '_>, leads: u32) {
    let log = disturbed(leads);
    let watched = Watched::by_lead(log);
    watched.check(log);
    bencher.counter(ItemsCount::new(log.events)).bench(|| watched.audit().figures(None));
}
