//! Events about who a lead is, and about talking to it.

use leadfold_core::event::{
    AttributeValue, Attributes, AttributionResolved, Body, Captured, ConsentGranted,
    ConsentWithdrawn, FollowUpDone, FollowUpScheduled, ProfileUpdated, Side, TouchResult, Touched,
};
use leadfold_core::{Pii, When};

use super::super::company::{CAMPAIGNS, PAGES};
use super::Pen;

impl Pen {
    pub(super) fn captured(self) -> Body {
        let (profile, source) = (self.profile, self.profile.source());
        let known = |word: &str| (!profile.is_source_unknown).then(|| word.to_owned());
        let attributes = [
            ("industry", AttributeValue::from(profile.industry())),
            ("region", AttributeValue::from(profile.region().name)),
            ("size", AttributeValue::from(i64::from(profile.size))),
        ];
        Captured {
            source: known(source.name),
            medium: known(source.medium),
            campaign: profile.campaign().and_then(known),
            channel: Some(source.channel.into()),
            origin: Some(source.origin),
            attributes: Some(Attributes::from_iter(attributes)),
            pii: profile.has_pii.then(|| self.pii()),
        }
        .into()
    }

    /// Nobody: the address is in a domain that can never exist.
    fn pii(self) -> Pii {
        let number = u64::from(self.lead) + 1;
        Pii::from([
            ("name".to_owned(), format!("Person {number}").into()),
            ("email".to_owned(), format!("p{number}@lead.invalid").into()),
        ])
    }

    /// Somebody asked how many they really are.
    pub(super) fn profile_updated(self) -> Body {
        let size = i64::from(self.profile.size) + 5;
        let attributes = Attributes::from_iter([("size", size)]);
        ProfileUpdated { attributes, pii: None, verified: Some(vec!["size".into()]) }.into()
    }

    /// The source that nobody noted down at first.
    pub(super) fn attribution_resolved(self) -> Body {
        let source = self.profile.source().name.into();
        AttributionResolved { source, campaign: None, evidence: None }.into()
    }
}

pub(super) fn consent_granted() -> Body {
    ConsentGranted {
        purpose: "marketing".into(),
        channel: Some("email".into()),
        basis: Some("consent".into()),
        expires_at: None,
    }
    .into()
}

pub(super) fn consent_withdrawn() -> Body {
    ConsentWithdrawn {
        purpose: "marketing".into(),
        channel: Some("email".into()),
        basis: None,
        expires_at: None,
    }
    .into()
}

pub(super) fn follow_up_scheduled(number: u8, owner: String, due: When) -> Body {
    FollowUpScheduled {
        follow_up: format!("F{number}"),
        due: Some(due),
        kind: Some("recall".into()),
        owner: Some(owner),
    }
    .into()
}

pub(super) fn follow_up_done(number: u8, owner: String) -> Body {
    FollowUpDone { follow_up: format!("F{number}"), due: None, kind: None, owner: Some(owner) }
        .into()
}

fn touched(side: Side) -> Touched {
    Touched {
        side,
        direction: None,
        channel: None,
        result: None,
        by: None,
        campaign: None,
        activity: None,
    }
}

pub(super) fn visit(page: u8) -> Body {
    let activity = Some(PAGES[usize::from(page)].into());
    Touched { activity, ..touched(Side::Prospect) }.into()
}

pub(super) fn mailing(campaign: u8) -> Body {
    let campaign = Some(CAMPAIGNS[usize::from(campaign)].into());
    Touched { channel: Some("email".into()), campaign, ..touched(Side::Marketing) }.into()
}

pub(super) fn sales(by: String, result: TouchResult) -> Body {
    let channel = if result == TouchResult::Meeting { "video" } else { "phone" };
    Touched {
        channel: Some(channel.into()),
        result: Some(result),
        by: Some(by),
        ..touched(Side::Sales)
    }
    .into()
}
