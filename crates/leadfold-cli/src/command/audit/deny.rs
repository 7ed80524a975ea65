//! `--deny`: which findings are not to be.

use std::str::FromStr;

use leadfold_core::FindingCode;

use crate::finding::Severity;

/// Findings that make the answer "no".
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Deny {
    /// Any.
    All,
    /// Of that severity, or worse.
    From(Severity),
    /// Of that code.
    Code(FindingCode),
}

impl Deny {
    /// Whether findings of a code are denied.
    pub(crate) fn means(self, code: FindingCode) -> bool {
        match self {
            Self::All => true,
            Self::From(severity) => Severity::of(code) >= severity,
            Self::Code(denied) => denied == code,
        }
    }
}

impl FromStr for Deny {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let severities = [Severity::Info, Severity::Warning, Severity::Error];
        if text == "all" {
            return Ok(Self::All);
        }
        if let Some(severity) = severities.into_iter().find(|severity| severity.name() == text) {
            return Ok(Self::From(severity));
        }
        let codes = FindingCode::ALL.map(FindingCode::name);
        let code = FindingCode::ALL.into_iter().find(|code| code.name() == text);
        code.map(Self::Code).ok_or_else(|| {
            format!("expected all, info, warning, error or one of {}", codes.join(", "))
        })
    }
}
