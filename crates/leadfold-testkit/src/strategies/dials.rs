//! Random choices as a row of small numbers: zero is the plainest choice, and shrinking goes there.

/// Choices of one event per field at most.
pub(super) const DIALS: usize = 12;

/// The choices of one event, read one after the other.
#[derive(Debug)]
pub(super) struct Dials<'a> {
    rest: &'a [u8],
}

impl<'a> Dials<'a> {
    pub(super) fn new(dials: &'a [u8; DIALS]) -> Self {
        Self { rest: dials }
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
}
