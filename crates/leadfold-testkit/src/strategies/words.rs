//! The alphabets of adversarial logs: few words, so that they meet; some of them hostile.

use leadfold_core::{Currency, RawJson, Timestamp, When};

use super::dials::Dials;

pub(super) const OWNERS: [&str; 3] = ["ann", "ben", "queue"];
pub(super) const SOURCES: [&str; 4] = ["paid_search", "referral", "", "unknown"];
pub(super) const CAMPAIGNS: [&str; 3] = ["spring", "null", "a,b;\"c\""];
pub(super) const CHANNELS: [&str; 3] = ["web", "phone", "\u{202e}lia\u{feff}m"];
pub(super) const REASONS: [&str; 4] =
    ["too_early", "", "two\nlines\u{0}", "'; drop table leads; --"];
pub(super) const DEALS: [&str; 3] = ["O1", "O2", "\"{O\\3}"];
pub(super) const HANDOFFS: [&str; 2] = ["H1", "H2"];
pub(super) const PIPELINES: [&str; 2] = ["sales", "other"];
pub(super) const STAGES: [&str; 3] = ["demo", "offer", ""];
pub(super) const PRODUCTS: [&str; 2] = ["starter", "\u{1f980}"];

/// Nothing, little, much, and the last amounts before the end of 64 bits.
pub(super) const AMOUNTS: [i64; 5] = [1_000, 0, 250, i64::MAX, i64::MAX - 1];
pub(super) const MARGINS: [i64; 4] = [700, 0, i64::MIN, i64::MAX];
pub(super) const FRACTIONS: [f64; 4] = [0.5, 0.0, 1.0, 1e-9];
pub(super) const TOTALS: [f64; 5] = [50.0, 0.0, -5.5, 1e300, 0.1];

/// A Thursday morning, around which most happens.
const MORNING: i64 = 1_706_778_000_000_000;
const YEAR_0: i64 = -62_167_219_200_000_000;
const YEAR_9999: i64 = 253_402_300_799_999_999;

/// Instants, in microseconds. Those of the middle may be written with any offset.
pub(super) const INSTANTS: [i64; 12] = [
    MORNING,
    MORNING,
    MORNING + 1,
    MORNING + 1_000_000,
    MORNING - 1_000_000,
    MORNING + 3_600_000_000,
    MORNING + 86_400_000_000,
    MORNING + 4 * 86_400_000_000,
    MORNING + 40 * 86_400_000_000,
    0,
    YEAR_0,
    YEAR_9999,
];

pub(super) fn is_at_an_edge(micros: i64) -> bool {
    micros == YEAR_0 || micros == YEAR_9999
}

/// JSON that a correction may bring as replacement: some of it fits some target.
pub(super) const REPLACEMENTS: [&str; 16] = [
    "{}",
    r#"{"source":"corrected"}"#,
    r#"{"to":"ben"}"#,
    r#"{"by":"ben"}"#,
    r#"{"reason":"corrected","to":"mql"}"#,
    r#"{"level":"sql"}"#,
    r#"{"level":"mql","x_new":[1,2]}"#,
    r#"{"side":"sales","result":"attempt","by":"ann"}"#,
    r#"{"opportunity":"O1","amount":7,"currency":"USD"}"#,
    r#"{"amount":7,"currency":"EUR"}"#,
    r#"{"amount":-1,"currency":"EUR"}"#,
    r#"{"into":"L2"}"#,
    r#"{"state":"customer","history_known_from":"2024-01-01"}"#,
    r#"["no","object"]"#,
    r#"{"playbook":{"version":"3"}}"#,
    r#"{"playbook":{"verison":"3"}}"#,
];

pub(super) fn maybe_currency(dials: &mut Dials<'_>) -> Option<Currency> {
    dials.maybe(&["EUR", "USD", "XXX"]).map(parse_currency)
}

pub(super) fn currency(dials: &mut Dials<'_>) -> Currency {
    parse_currency(dials.pick(&["EUR", "USD", "JPY"]))
}

fn parse_currency(code: &str) -> Currency {
    code.parse().expect("the alphabet holds ISO 4217 codes")
}

pub(super) fn when(dials: &mut Dials<'_>) -> When {
    let time = dials.pick(&["2024-02-02", "2024-02-01T10:00:00+01:00", "9999-12-31", "0000-01-01"]);
    When::parse(time).expect("the alphabet holds dates and times")
}

pub(super) fn maybe_when(dials: &mut Dials<'_>) -> Option<When> {
    dials.maybe(&[()]).map(|()| when(dials))
}

pub(super) fn json(text: &str) -> RawJson {
    RawJson::parse(text).expect("the alphabet holds JSON")
}

pub(super) fn instant(dial: u8) -> Timestamp {
    Timestamp::from_micros(INSTANTS[usize::from(dial) % INSTANTS.len()])
}
