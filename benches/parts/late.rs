//! An event that comes late: its lead is folded anew from its history.

use std::cell::RefCell;
use std::convert::Infallible;

use divan::Bencher;
use divan::counter::ItemsCount;
use leadfold::core::{Bounds, Facts, Fold, LeadFacts, Playbook};

use crate::held_back::HeldBack;
use crate::log::{orderly, sizes};
use crate::pages::pages_of;

/// Leads that get a late event, at most.
const LEADS_MAX: usize = 1_000;

/// An event, and the history of its lead with it.
struct Late {
    event: Facts,
    history: Facts,
}

impl Late {
    fn of(event: Facts, on_time: &[LeadFacts]) -> Self {
        let lead = event.row(0).lead;
        let mut history = Facts::default();
        on_time.iter().for_each(|part| part.history(&[lead], &mut history));
        event.rows().for_each(|fact| history.push(fact));
        Self { event, history }
    }

    /// Takes the event in, and a copy of the history.
    fn refold(&self, history: Facts, fold: &mut Fold) {
        fold.apply(&self.event);
        let Ok(()) = fold.settle(|_| Ok::<_, Infallible>(history));
    }

    /// Whether the event is one for which its lead has to be folded anew. Half of all events leave
    /// no trace, wherever they belong.
    fn unsettles(&self, fold: &mut Fold) -> bool {
        fold.apply(&self.event);
        let unsettles = !fold.is_settled();
        let Ok(()) = fold.settle(|_| Ok::<_, Infallible>(self.history.clone()));
        unsettles
    }
}

fn rebuilt(parts: &[LeadFacts], head: u64) -> Fold {
    let mut fold = Fold::new(Playbook::default(), Bounds::default());
    parts.iter().for_each(|part| fold.rebuild(part));
    fold.rebuilt(head);
    fold
}

/// Fails unless the events, one after the other, make of the fold what a rebuild makes.
fn check(begun: &Fold, on_time: &[LeadFacts], late: &[Late]) {
    let mut fold = begun.clone();
    late.iter().for_each(|late| late.refold(late.history.clone(), &mut fold));
    let mut pages: Vec<&Facts> = on_time.iter().map(LeadFacts::facts).collect();
    pages.extend(late.iter().map(|late| &late.event));
    let plain = rebuilt(&[LeadFacts::of(&pages)], fold.position());
    assert!(fold.tables().encode() == plain.tables().encode(), "other tables than a rebuild's");
    assert!(begun.tables().encode() != plain.tables().encode(), "the events change nothing");
}

// One event a sample: no lead gets its event twice.
#[divan::bench(args = sizes(), sample_size = 1)]
fn refold(bencher: Bencher<'_, '_>, leads: u32) {
    let log = orderly(leads);
    let HeldBack { on_time, late, .. } = HeldBack::of(&log.parts, LEADS_MAX);
    let begun = rebuilt(&on_time, log.events as u64);
    let late = pages_of(&late, 1).into_iter().map(|event| Late::of(event, &on_time));
    let mut late: Vec<Late> = late.collect();
    check(&begun, &on_time, &late);
    let mut tried = begun.clone();
    late.retain(|late| late.unsettles(&mut tried));
    let fold = RefCell::new(begun.clone());
    let mut rest = late.iter();
    let next_event = || {
        let next = rest.next().unwrap_or_else(|| {
            fold.replace(begun.clone());
            rest = late.iter();
            rest.next().expect("some leads have three events")
        });
        (next, next.history.clone())
    };
    bencher
        .counter(ItemsCount::new(1_u32))
        .with_inputs(next_event)
        .bench_local_values(|(late, history)| late.refold(history, &mut fold.borrow_mut()));
}
