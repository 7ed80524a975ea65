//! Random choices as a row of small numbers: zero is the plainest choice, and shrinking goes there.

use super::vocabulary::Vocabulary;

/// Choices of one event per field at most.
pub(super) const DIALS: usize = 12;

/// The choices of one event, read one after the other, and the names to choose from.
#[derive(Debug)]
pub(super) struct Dials<'a> {
    rest: &'a [u8],
    names: &'a Vocabulary,
}

impl<'a> Dials<'a> {
    pub(super) fn new(dials: &'a [u8; DIALS], names: &'a Vocabulary) -> Self {
        Self { rest: dials, names }
    }

    /// The next number; zero when there is none left.
    pub(super) fn next(&mut self) -> usize {
        match self.rest.split_first() {
            Some((first, rest)) => {
                self.rest = rest;
                usize::from(*first)
            }
            None => 0,
        }
    }

    /// One of the options.
    pub(super) fn pick<T: Clone>(&mut self, options: &[T]) -> T {
        options[self.next() % options.len()].clone()
    }

    /// One of the options, or none.
    pub(super) fn maybe<T: Clone>(&mut self, options: &[T]) -> Option<T> {
        let choice = self.next() % (options.len() + 1);
        choice.checked_sub(1).map(|index| options[index].clone())
    }

    /// One of the words.
    pub(super) fn word(&mut self, words: &[&str]) -> String {
        self.pick(words).to_owned()
    }

    /// One of the words, or none.
    pub(super) fn maybe_word(&mut self, words: &[&str]) -> Option<String> {
        self.maybe(words).map(str::to_owned)
    }

    /// Somebody who can have leads.
    pub(super) fn owner(&mut self) -> String {
        self.pick(&self.names.owners)
    }

    /// Somebody who can have leads, or nobody.
    pub(super) fn maybe_owner(&mut self) -> Option<String> {
        self.maybe(&self.names.owners)
    }

    /// A pipeline, or none.
    pub(super) fn maybe_pipeline(&mut self) -> Option<String> {
        self.maybe(&self.names.pipelines)
    }

    /// A stage.
    pub(super) fn stage(&mut self) -> String {
        self.pick(&self.names.stages)
    }

    /// A stage, or none.
    pub(super) fn maybe_stage(&mut self) -> Option<String> {
        self.maybe(&self.names.stages)
    }

    /// Names of attributes.
    pub(super) fn attributes(&mut self) -> Vec<String> {
        self.pick(&self.names.attributes)
    }
}
