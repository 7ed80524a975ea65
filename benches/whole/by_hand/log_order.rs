//! The same of events as they come, leads interleaved: what each lead keeps lies elsewhere in memory,
//! and is read before it is needed.
//!
//! What most events touch is apart from money, which few do; what has ended is written down in the
//! order of the log, and sorted out by source at the end.

use std::hint::black_box;

use super::{Amount, Answer, Columns, Event, Lead, Moves, NOWHERE, Side};

/// Events whose leads are read in one go.
const LOOK_AHEAD: usize = 64;

/// What most events touch of a lead.
#[derive(Clone, Copy)]
struct Hot {
    entered_at: i64,
    entered: u16,
    source: u16,
    state: u8,
}

const _: () = assert!(size_of::<Hot>() == 16, "four a cache line");

const UNKNOWN: Hot = Hot { entered_at: 0, entered: 0, source: 0, state: NOWHERE as u8 };

/// A visit that has ended.
struct Ended {
    time: i64,
    lead: u32,
    state: u8,
}

/// What a lead has paid.
#[derive(Clone, Copy, Default)]
struct Paid {
    first: i64,
    last: i64,
    purchases: i64,
    net: i64,
}

#[derive(Default)]
struct Fold {
    leads: Vec<Hot>,
    ended: Vec<Ended>,
    paid: Vec<Paid>,
    payments: Vec<(u32, Side, Amount)>,
}

pub(super) fn answer(columns: &Columns, moves: &Moves) -> Vec<String> {
    let mut fold = Fold {
        leads: vec![UNKNOWN; columns.leads],
        paid: vec![Paid::default(); columns.leads],
        ..Fold::default()
    };
    let mut amounts = columns.amounts.iter();
    for events in columns.events.chunks(LOOK_AHEAD) {
        let ahead = events.iter().map(|event| fold.leads[event.lead as usize].state);
        black_box(ahead.fold(0, |all, state| all ^ state));
        for event in events {
            fold.take(event, moves);
            if event.side != Side::None {
                fold.pay(event, *amounts.next().expect("one for each side"));
            }
        }
    }
    let mut out = fold.end().lines();
    out.extend(columns.cost_lines());
    out
}

impl Fold {
    #[inline(always)]
    fn take(&mut self, event: &Event, moves: &Moves) {
        let lead = &mut self.leads[event.lead as usize];
        if event.source > 0 {
            lead.source = event.source;
        }
        let to = moves[usize::from(lead.state)][event.asked()];
        if to != lead.state {
            let time = event.at - lead.entered_at;
            self.ended.push(Ended { time, lead: event.lead, state: lead.state });
            lead.entered |= 1 << to;
            (lead.state, lead.entered_at) = (to, event.at);
        }
    }

    fn pay(&mut self, event: &Event, amount: Amount) {
        self.payments.push((event.lead, event.side, amount));
        let paid = &mut self.paid[event.lead as usize];
        if event.side == Side::Refund {
            paid.net -= amount.amount;
            return;
        }
        paid.first = if paid.purchases == 0 { event.at } else { paid.first };
        paid.last = event.at;
        paid.purchases += 1;
        paid.net += amount.amount;
    }

    fn end(self) -> Answer {
        let mut all = Answer::default();
        for (lead, paid) in self.leads.iter().zip(&self.paid) {
            let Hot { state, entered_at, entered, source } = *lead;
            all.last.push((state, entered_at));
            all.enter(&Lead { state, entered_at, source, ..Lead::default() }, entered.into());
            if paid.purchases > 0 {
                all.buy([paid.first, paid.last], paid.purchases, paid.net);
            }
        }
        for Ended { time, lead, state } in &self.ended {
            // What is left first is no state.
            if usize::from(*state) != NOWHERE {
                let source = usize::from(self.leads[*lead as usize].source);
                all.funnels[source][usize::from(*state)].end(*time);
            }
        }
        for (lead, side, amount) in &self.payments {
            all.add(self.leads[*lead as usize].source, *side, *amount);
        }
        all
    }
}
