//! The comparison has to notice an audit that is broken: the two readings differ as soon as one of
//! them has a flaw.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::agree::compare;
use super::book::any_book;
use super::draw::{Taste, lives};
use super::log::Log;
use super::naive::Flaw;

/// Logs drawn for the flaws; the seed is fixed.
const LOGS: usize = 1_500;

#[test]
fn every_flaw_is_noticed() {
    let mut runner = TestRunner::deterministic();
    let mut hidden = Flaw::ALL.to_vec();
    let mut draw = |n: usize| {
        let has_queue = n % 2 == 1;
        let taste = if has_queue { Taste::OF_QUEUES } else { Taste::ALL };
        let drawn = (lives(taste), any_book(has_queue)).new_tree(&mut runner);
        let (lines, book) = drawn.expect("a log can be drawn").current();
        (Log::of(lines.0), book)
    };
    for n in 0..LOGS {
        if hidden.is_empty() {
            return;
        }
        let (log, book) = draw(n);
        hidden.retain(|flaw| compare(&log, &book, Some(*flaw)).is_ok());
    }
    assert!(hidden.is_empty(), "not noticed: {hidden:?}");
}
