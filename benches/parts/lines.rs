//! Events as lines of the log format, and back.

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use leadfold::core::event::{EventLine, NewEvent};

use crate::log::{sizes, year};

fn written(events: &[NewEvent]) -> Vec<u8> {
    let mut text = Vec::new();
    for event in events {
        event.write_line(&mut text).expect("memory does not fail");
        text.push(b'\n');
    }
    text
}

fn parsed(text: &[u8]) -> impl Iterator<Item = NewEvent> + '_ {
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| EventLine::parse(line).expect("a simulated line is sound").identify(|_| 0))
}

/// Simulated events and their lines, which say the same.
fn both(leads: u32) -> (Vec<NewEvent>, Vec<u8>) {
    let events: Vec<NewEvent> = year(leads).events().collect();
    let text = written(&events);
    assert!(parsed(&text).eq(events.iter().cloned()), "other events than were written");
    (events, text)
}

fn counted<'a, 'b>(bencher: Bencher<'a, 'b>, events: &[NewEvent], text: &[u8]) -> Bencher<'a, 'b> {
    bencher.counter(ItemsCount::new(events.len())).counter(BytesCount::of_slice(text))
}

#[divan::bench(args = sizes())]
fn parse(bencher: Bencher<'_, '_>, leads: u32) {
    let (events, text) = both(leads);
    counted(bencher, &events, &text).bench(|| parsed(&text).for_each(|e| drop(black_box(e))));
}

#[divan::bench(args = sizes())]
fn write(bencher: Bencher<'_, '_>, leads: u32) {
    let (events, text) = both(leads);
    counted(bencher, &events, &text).bench(|| written(&events));
}
