//! Random bodies about who a lead is, and about talking to it.

use leadfold_core::Pii;
use leadfold_core::event::{
    AttributeValue, Attributes, AttributionResolved, Body, CaptureOrigin, Captured, ConsentGranted,
    ConsentWithdrawn, Direction, FollowUpDone, FollowUpScheduled, ProfileUpdated, Scored, Side,
    TouchResult, Touched, Version,
};

use super::dials::Dials;
use super::words::{self, CAMPAIGNS, CHANNELS, FRACTIONS, SOURCES, TOTALS};

const ORIGINS: [CaptureOrigin; 5] = [
    CaptureOrigin::Inbound,
    CaptureOrigin::SalesGenerated,
    CaptureOrigin::Outbound,
    CaptureOrigin::Partner,
    CaptureOrigin::Import,
];
const SIDES: [Side; 4] = [Side::Sales, Side::Prospect, Side::Marketing, Side::System];
const RESULTS: [TouchResult; 4] =
    [TouchResult::Attempt, TouchResult::Contact, TouchResult::Meeting, TouchResult::Reply];

/// The body of a type of this group.
pub(super) fn body(kind: &str, d: &mut Dials<'_>) -> Option<Body> {
    Some(match kind {
        "captured" => captured(d),
        "profile_updated" => profile_updated(d),
        "touched" => touched(d),
        "scored" => scored(d),
        "attribution_resolved" => attribution_resolved(d),
        "consent_granted" => ConsentGranted {
            purpose: d.word(&["marketing", ""]),
            channel: d.maybe_word(&CHANNELS),
            basis: d.maybe_word(&["consent"]),
            expires_at: words::maybe_when(d),
        }
        .into(),
        "consent_withdrawn" => ConsentWithdrawn {
            purpose: d.word(&["marketing", ""]),
            channel: d.maybe_word(&CHANNELS),
            basis: d.maybe_word(&["consent"]),
            expires_at: words::maybe_when(d),
        }
        .into(),
        "follow_up_scheduled" => FollowUpScheduled {
            follow_up: d.word(&["F1", "F2"]),
            due: words::maybe_when(d),
            kind: d.maybe_word(&["recall"]),
            owner: d.maybe_owner(),
        }
        .into(),
        "follow_up_done" => FollowUpDone {
            follow_up: d.word(&["F1", "F2"]),
            due: words::maybe_when(d),
            kind: d.maybe_word(&["recall"]),
            owner: d.maybe_owner(),
        }
        .into(),
        _ => return None,
    })
}

fn captured(d: &mut Dials<'_>) -> Body {
    Captured {
        source: d.maybe_word(&SOURCES),
        medium: d.maybe_word(&["cpc"]),
        campaign: d.maybe_word(&CAMPAIGNS),
        channel: d.maybe_word(&CHANNELS),
        origin: d.maybe(&ORIGINS),
        attributes: d.maybe(&[()]).map(|()| attributes(d)),
        pii: maybe_pii(d),
    }
    .into()
}

fn profile_updated(d: &mut Dials<'_>) -> Body {
    ProfileUpdated {
        attributes: attributes(d),
        pii: maybe_pii(d),
        verified: d.maybe(&[vec![], vec!["size".into()], vec!["size".into(), "size".into()]]),
    }
    .into()
}

pub(super) fn attributes(d: &mut Dials<'_>) -> Attributes {
    let values = [
        AttributeValue::from("software"),
        AttributeValue::from(i64::MIN),
        AttributeValue::Number(u64::MAX.into()),
        AttributeValue::Number(serde_json::Number::from_f64(0.1).expect("a tenth is finite")),
        AttributeValue::from(""),
    ];
    let names = d.attributes();
    names.into_iter().map(|name| (name, d.pick(&values))).collect()
}

pub(super) fn maybe_pii(d: &mut Dials<'_>) -> Option<Pii> {
    let email = serde_json::Value::from("nobody@lead.invalid");
    let nested = serde_json::json!({"first": "No", "last": ["Bo", "Dy"]});
    d.maybe(&[
        Pii::from([]),
        Pii::from([("email".to_owned(), email)]),
        Pii::from([("name".to_owned(), nested)]),
    ])
}

fn touched(d: &mut Dials<'_>) -> Body {
    Touched {
        side: d.pick(&SIDES),
        direction: d.maybe(&[Direction::Out, Direction::In]),
        channel: d.maybe_word(&CHANNELS),
        result: d.maybe(&RESULTS),
        by: d.maybe_owner(),
        campaign: d.maybe_word(&CAMPAIGNS),
        activity: d.maybe_word(&["pricing"]),
    }
    .into()
}

fn scored(d: &mut Dials<'_>) -> Body {
    let number = serde_json::from_str("17").expect("a version may be a number");
    Scored {
        model: d.word(&["m", ""]),
        model_version: d.pick(&[Version::from("1"), number]),
        total: d.pick(&TOTALS),
        fit: d.maybe(&FRACTIONS),
        behaviour: d.maybe(&TOTALS),
        band: d.maybe_word(&["A1"]),
    }
    .into()
}

fn attribution_resolved(d: &mut Dials<'_>) -> Body {
    AttributionResolved {
        source: d.word(&SOURCES),
        campaign: d.maybe_word(&CAMPAIGNS),
        evidence: d.maybe(&["{\"touch\": 1.50}", "[]", "\"late\""]).map(words::json),
    }
    .into()
}
