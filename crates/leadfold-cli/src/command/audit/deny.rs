//! `--deny`: which findings are not to be.

use std::str::FromStr;

use leadfold_core::audit::{AuditCode, Severity};

/// Findings that make the answer "no".
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Deny {
    /// Any.
    All,
    /// Of that severity, or worse.
    From(Severity),
    /// Of that code.
    Code(AuditCode),
}

impl Deny {
    /// Whether findings of a code are denied.
    pub(crate) fn means(self, code: AuditCode) -> bool {
        match self {
            Self::All => true,
            Self::From(severity) => code.severity() >= severity,
            Self::Code(denied) => denied == code,
        }
    }
}

impl FromStr for Deny {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Self::All);
        }
        if let Some(severity) = Severity::ALL.into_iter().find(|found| found.name() == text) {
            return Ok(Self::From(severity));
        }
        text.parse().map(Self::Code).map_err(|_| {
            let codes: Vec<&str> = AuditCode::ALL.iter().map(|code| code.name()).collect();
            format!("expected all, info, warning, error or one of {}", codes.join(", "))
        })
    }
}
