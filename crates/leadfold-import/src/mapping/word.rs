//! Words, such as `ignore`: read from a quoted text and from nothing else.
//!
//! What serde derives for an enum reads the table `{ ignore = {} }`, too, and of a number in its
//! place it does not say which words there are.

use std::fmt;

use serde::de::{Error, Visitor};

/// Reads a type from its words.
macro_rules! read_from_words {
    ($name:ty: $($word:literal => $value:expr),+ $(,)?) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let (words, values) = (&[$($word),+], &[$($value),+]);
                deserializer.deserialize_str(OneOf { words, values })
            }
        }
    };
}

pub(super) use read_from_words;

/// Takes a text for the value of its word.
pub(super) struct OneOf<T: 'static> {
    pub(super) words: &'static [&'static str],
    pub(super) values: &'static [T],
}

impl<T: Copy> Visitor<'_> for OneOf<T> {
    type Value = T;

    /// As serde lists the words where it finds another one.
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.words {
            [one] => write!(f, "`{one}`"),
            [one, other] => write!(f, "`{one}` or `{other}`"),
            words => write!(f, "one of `{}`", words.join("`, `")),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        let at = self.words.iter().position(|word| *word == text);
        at.map(|at| self.values[at]).ok_or_else(|| E::unknown_variant(text, self.words))
    }
}
