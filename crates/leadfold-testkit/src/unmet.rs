//! What a test expected and did not get.

use std::fmt;

/// An expectation that was not met: the message of the test, of one or many lines.
///
/// `Debug` is as readable as `Display`, for tests that return it.
#[derive(Clone, Eq, PartialEq)]
pub struct Unmet(String);

impl Unmet {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unmet {}

/// The value, or a failed test with the error as its message.
#[track_caller]
pub(crate) fn demand<T>(result: Result<T, impl fmt::Display>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}
