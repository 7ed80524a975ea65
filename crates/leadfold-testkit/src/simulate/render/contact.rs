//! Events about who a lead is, and about interactions.

use leadfold_core::Pii;
use leadfold_core::event::{
    AttributeValue, Attributes, Body, Captured, Direction, ProfileUpdated, Side, TouchResult,
    Touched,
};

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
    Touched { channel: Some("web".into()), activity, ..touched(Side::Prospect) }.into()
}

pub(super) fn mailing(campaign: u8) -> Body {
    let campaign = Some(CAMPAIGNS[usize::from(campaign)].into());
    Touched { channel: Some("email".into()), campaign, ..touched(Side::Marketing) }.into()
}

pub(super) fn sales(by: String, result: TouchResult) -> Body {
    let channel = if result == TouchResult::Meeting { "video" } else { "phone" };
    Touched {
        direction: Some(Direction::Out),
        channel: Some(channel.into()),
        result: Some(result),
        by: Some(by),
        ..touched(Side::Sales)
    }
    .into()
}
