//! What a type with a past would do. Every type is at its first version today, so the two later
//! versions of `lost` here are of this test alone.

use super::*;
use crate::event::fault::Fault;
use crate::event::{LineCode, Lost};

/// Version 2: a reason for every loss.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Reasoned {
    reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    opportunity: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    competitor: Option<String>,
}

impl Shape for Reasoned {
    type Before = Lost;
}

impl From<Lost> for Reasoned {
    fn from(before: Lost) -> Self {
        let Lost { opportunity, reason, competitor } = before;
        Self { reason: reason.unwrap_or_else(|| "not told".to_owned()), opportunity, competitor }
    }
}

/// Version 3: several reasons, and another name for the competitor.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Listed {
    reasons: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    opportunity: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
}

impl Shape for Listed {
    type Before = Reasoned;
}

impl From<Reasoned> for Listed {
    fn from(before: Reasoned) -> Self {
        let Reasoned { reason, opportunity, competitor } = before;
        Self { reasons: vec![reason], opportunity, to: competitor }
    }
}

fn listed(version: u32, data: &str) -> Read<Listed> {
    read(version, data).expect("it reads")
}

fn written(read: &Read<Listed>) -> Option<&str> {
    read.as_written.as_ref().map(RawJson::as_str)
}

#[test]
fn versions_count_themselves() {
    assert_eq!([Lost::VERSION, Reasoned::VERSION, Listed::VERSION], [1, 2, 3]);
}

#[test]
fn every_version_is_read_as_the_one_that_is_written_now() {
    let expected = Listed {
        reasons: vec!["price".to_owned()],
        opportunity: Some("D1".to_owned()),
        to: Some("rival".to_owned()),
    };
    let first = r#"{"opportunity":"D1","reason":"price","competitor":"rival"}"#;
    let third = r#"{"reasons":["price"],"opportunity":"D1","to":"rival"}"#;
    for (version, data) in [(0, first), (1, first), (2, first), (3, third)] {
        assert_eq!(listed(version, data).body, expected, "version {version}");
    }
    assert_eq!(listed(1, "{}").body.reasons, ["not told"]);
}

/// Ids are derived from the canonical form, so it may never change: not its order, and not by a
/// field that a later version knows.
#[test]
fn an_old_version_stays_as_it_was_written() {
    let data = r#"{"later":[1.10, 2], "competitor":"rival","to":7,"reason":"price"}"#;
    let old = listed(1, data);
    let canonical = r#"{"reason":"price","competitor":"rival","later":[1.10, 2],"to":7}"#;
    assert_eq!(written(&old), Some(canonical));
    assert_eq!(old.body.to.as_deref(), Some("rival"), "its `to` is a field that nobody knew");
    assert_eq!(old.unknown.len(), 2);

    let today = read::<Lost, _>(1, data).expect("it reads");
    assert!(today.as_written.is_none());
    assert_eq!(text(&today.body, &today.unknown).expect("it is JSON").as_str(), canonical);

    let second = r#"{"reason":"price","competitor":"rival","later":1}"#;
    assert_eq!(written(&listed(2, second)), Some(second), "in its own version, not in the first");
    assert_eq!(written(&listed(3, r#"{"reasons":[]}"#)), None);
}

#[test]
fn what_its_own_version_does_not_allow_is_refused() {
    for (version, data, code, message) in [
        (
            2,
            "{}",
            LineCode::MissingField,
            "expected the field `data.reason` of version 2 of `lost`, found none: add it, or write \
             the line in version 3",
        ),
        (
            1,
            r#"{"reason":7}"#,
            LineCode::WrongType,
            "column 11: expected a text in `data.reason` of version 1 of `lost`, found 7: put it \
             in quotes, or write the line in version 3",
        ),
    ] {
        let fault_of = |data: &str| read::<Listed, _>(version, data).err();
        let error = fault_of(data).expect("its own version has it otherwise");
        let fault = Fault::of_part("data", data, &error, &fault_of).of_type("lost", version, 3);
        let error = fault.told(data);
        assert_eq!((error.code, error.to_string().as_str()), (code, message));
    }
}
