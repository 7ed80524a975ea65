//! Pages that are read while the one before them is folded.

use std::collections::VecDeque;

use leadfold_store::{EventStore, StoreError, StoreFuture};

use super::Page;
use super::page::awaited;
use crate::FACTS_EVENTS_MAX;

/// The pages of a log from a position up to a head, some of them asked for ahead.
pub(crate) struct Ahead<'l, P> {
    log: &'l dyn EventStore,
    head: u64,
    /// Behind which position the next page is asked for.
    after: u64,
    asked: VecDeque<Asked<'l, P>>,
}

/// A page that has been asked for, and the event that ends it, unless a store hands out less.
struct Asked<'l, P> {
    after: u64,
    through: u64,
    page: StoreFuture<'l, P>,
}

impl<'l, P: Page> Ahead<'l, P> {
    pub(crate) fn new(log: &'l dyn EventStore, after: u64, head: u64) -> Self {
        Self { log, head, after, asked: VecDeque::new() }
    }

    /// Asks for as many pages as are read ahead.
    pub(crate) fn ask(&mut self) {
        while self.asked.len() < P::AHEAD && self.after < self.head {
            self.ask_next();
        }
    }

    fn ask_next(&mut self) {
        let after = self.after;
        let events = (self.head - after).min(FACTS_EVENTS_MAX as u64);
        let page = P::read(self.log, after, events as usize);
        self.after = after + events;
        self.asked.push_back(Asked { after, through: self.after, page });
    }

    /// The next page, and the position of its last event; none at the head. No other one is asked
    /// for before [`Self::ask`]: what else the store is asked does not wait behind it.
    pub(crate) fn next(&mut self) -> Result<Option<(P, u64)>, StoreError> {
        if self.asked.is_empty() && self.after < self.head {
            self.ask_next();
        }
        let Some(asked) = self.asked.pop_front() else { return Ok(None) };
        let (page, through) = awaited(asked.page, asked.after)?;
        if through != asked.through {
            // What has been asked for is not what comes behind it.
            self.asked.clear();
            self.after = through;
        }
        Ok(Some((page, through)))
    }
}
