//! Commands: one lead loaded from its events, and a decision on it.

use divan::Bencher;
use divan::counter::ItemsCount;
use leadfold::core::event::{Event, RecordedEvent};
use leadfold::core::{Bounds, Case, LeadIndex, Playbook, Reason, decide};

use crate::log::{in_memory, orderly, sizes, year};

/// Leads that are decided on, at most.
const LEADS_MAX: usize = 1_000;

/// The leads that have several events, with those.
fn histories(leads: u32) -> Vec<(LeadIndex, Vec<RecordedEvent>)> {
    let store = in_memory(year(leads).orderly());
    let leads = store.leads(LeadIndex(0), usize::MAX).expect("memory does not fail");
    let events = |lead| (lead, store.lead_events(lead).expect("memory does not fail"));
    let all = leads.into_iter().map(|lead| events(lead.index));
    all.filter(|(_, events)| events.len() > 1).take(LEADS_MAX).collect()
}

fn open(events: &[RecordedEvent]) -> Case {
    Case::open(Playbook::default(), Bounds::default(), events)
}

#[divan::bench(args = sizes())]
fn load_leads(bencher: Bencher<'_, '_>, leads: u32) {
    let histories = histories(leads);
    let tables = &orderly(leads).tables;
    for (lead, events) in &histories {
        let id = events[0].event.lead_id().expect("it is a lead's");
        let found = open(events).lead(id).map(|lead| lead.state());
        assert_eq!(found, tables.lead(*lead).map(|lead| lead.state()), "{lead:?}");
    }
    let events: usize = histories.iter().map(|(_, events)| events.len()).sum();
    bencher
        .counter(ItemsCount::new(events))
        .bench(|| histories.iter().map(|(_, events)| open(events)).collect::<Vec<_>>());
}

/// A decision for each command.
fn measure(bencher: Bencher<'_, '_>, cases: &[Case], commands: &[Event]) {
    let inputs = || commands.to_vec();
    bencher.counter(ItemsCount::new(commands.len())).with_inputs(inputs).bench_values(|commands| {
        let decided = cases.iter().zip(commands).map(|(case, command)| decide(case, command));
        decided.collect::<Vec<_>>()
    });
}

/// Each lead's last event, on the case that the events before it make.
#[divan::bench(args = sizes())]
fn accept(bencher: Bencher<'_, '_>, leads: u32) {
    let split = |(_, events): (_, Vec<RecordedEvent>)| {
        let (last, before) = events.split_last()?;
        Some((open(before), last.event.clone()))
    };
    let (cases, commands): (Vec<_>, Vec<_>) =
        histories(leads).into_iter().filter_map(split).unzip();
    for (case, command) in cases.iter().zip(&commands) {
        let decided = decide(case, command.clone());
        assert!(matches!(&decided, Ok(Some(event)) if event == command), "{decided:?}");
    }
    measure(bencher, &cases, &commands);
}

/// Each lead's first event once more.
#[divan::bench(args = sizes())]
fn refuse(bencher: Bencher<'_, '_>, leads: u32) {
    let again = |(_, events): (_, Vec<RecordedEvent>)| {
        let mut command = events[0].event.clone();
        command.occurred_at = events[events.len() - 1].event.occurred_at;
        (open(&events), command)
    };
    let (cases, commands): (Vec<_>, Vec<_>) = histories(leads).into_iter().map(again).unzip();
    for (case, command) in cases.iter().zip(&commands) {
        let refusal = decide(case, command.clone()).expect_err("a lead is captured once");
        assert_eq!(refusal.reason, Reason::AlreadyCaptured);
    }
    measure(bencher, &cases, &commands);
}
