//! What a score and a stated probability are read from, lead by lead, in the codes of the log.

use serde_json::Number;

use crate::event::{AttributeValue, Attributes, Direction, Side, TouchResult, Touched};
use crate::fact::Field;
use crate::fold::Seen;
use crate::machine::Kind;
use crate::scoring::{Sign, Signal};
use crate::tables::Chained;
use crate::{Code, LeadIndex, Timestamp};

/// Signals and stated probabilities of the effective history.
#[derive(Clone, Debug, Default)]
pub(super) struct Trace {
    signals: Chained<SignalRow>,
    stated: Chained<Stated>,
}

/// One attribute that an event gives, or one touch.
#[derive(Clone, Copy, Debug)]
struct SignalRow {
    at: i64,
    position: u64,
    said: Said,
}

#[derive(Clone, Copy, Debug)]
enum Said {
    Attribute {
        name: Code,
        value: Code,
    },
    Touch {
        side: Side,
        direction: Option<Direction>,
        result: Option<TouchResult>,
        channel: Code,
        campaign: Code,
        activity: Code,
    },
}

/// A probability that an event stated for a deal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stated {
    pub(super) deal: Code,
    pub(super) at: i64,
    pub(super) probability: f64,
}

impl Trace {
    /// An empty one for the leads from one on.
    pub(super) fn from(first: LeadIndex) -> Self {
        Self { signals: Chained::from(first), stated: Chained::from(first) }
    }

    /// Takes over that of leads behind these.
    pub(super) fn append(&mut self, other: Self) {
        self.signals.append(other.signals);
        self.stated.append(other.stated);
    }

    /// Takes the touch or the attributes of an event.
    pub(super) fn take_signal(&mut self, seen: &Seen<'_>) {
        match seen.kind() {
            Kind::Captured | Kind::ProfileUpdated | Kind::SnapshotImported => {
                for (name, value) in seen.attributes() {
                    self.push(seen, Said::Attribute { name, value });
                }
            }
            Kind::Touched => {
                if let Some(said) = touch(seen) {
                    self.push(seen, said);
                }
            }
            _ => {}
        }
    }

    fn push(&mut self, seen: &Seen<'_>, said: Said) {
        let row = SignalRow { at: seen.at().micros(), position: seen.position(), said };
        self.signals.push(seen.lead(), row);
    }

    /// Takes the probability that an event states for a deal.
    pub(super) fn take_probability(&mut self, seen: &Seen<'_>) {
        let is_about_deals =
            matches!(seen.kind(), Kind::OpportunityOpened | Kind::OpportunityAmended);
        let bits = seen.step().number_of(Field::Probability).filter(|_| is_about_deals);
        let Some(bits) = bits else { return };
        let probability = f64::from_bits(bits.cast_unsigned());
        let stated = Stated { deal: seen.step().a(), at: seen.at().micros(), probability };
        self.stated.push(seen.lead(), stated);
    }

    pub(super) fn forget(&mut self, lead: LeadIndex) {
        self.signals.forget(lead);
        self.stated.forget(lead);
    }

    /// The codes of all signals.
    pub(super) fn codes(&self) -> impl Iterator<Item = Code> {
        self.signals.iter().flat_map(|(_, row)| row.said.codes())
    }

    /// A lead's signals, oldest first, in the words of the log.
    pub(super) fn signals<'n>(
        &self,
        lead: LeadIndex,
        name_of: &impl Fn(Code) -> Option<&'n str>,
    ) -> Vec<Signal> {
        let mut rows: Vec<SignalRow> = self.signals.of(lead).copied().collect();
        rows.reverse();
        let events = rows.chunk_by(|a, b| a.position == b.position);
        events.filter_map(|event| signal(event, name_of)).collect()
    }

    /// What was stated of a lead's deals, oldest first.
    pub(super) fn stated(&self, lead: LeadIndex) -> Vec<Stated> {
        let mut stated: Vec<Stated> = self.stated.of(lead).copied().collect();
        stated.reverse();
        stated
    }
}

fn touch(seen: &Seen<'_>) -> Option<Said> {
    let touch = seen.touch()?;
    Some(Said::Touch {
        side: touch.side?,
        direction: touch.direction,
        result: touch.result,
        channel: touch.channel,
        campaign: seen.step().code_of(Field::Campaign),
        activity: seen.step().code_of(Field::Activity),
    })
}

impl Said {
    fn codes(self) -> [Code; 3] {
        match self {
            Self::Attribute { name, value } => [name, value, Code::NONE],
            Self::Touch { channel, campaign, activity, .. } => [channel, campaign, activity],
        }
    }
}

/// The signal of one event's rows.
fn signal<'n>(event: &[SignalRow], name_of: &impl Fn(Code) -> Option<&'n str>) -> Option<Signal> {
    let first = event.first()?;
    let text = |code| name_of(code).map(str::to_owned);
    let what = match first.said {
        Said::Touch { side, direction, result, channel, campaign, activity } => {
            let (channel, campaign, activity) = (text(channel), text(campaign), text(activity));
            Sign::Touch(Touched { side, direction, channel, result, by: None, campaign, activity })
        }
        Said::Attribute { .. } => Sign::Profile(attributes(event, name_of)),
    };
    Some(Signal { at: Timestamp::from_micros(first.at), position: first.position, what })
}

fn attributes<'n>(event: &[SignalRow], name_of: &impl Fn(Code) -> Option<&'n str>) -> Attributes {
    let attribute = |row: &SignalRow| match row.said {
        Said::Attribute { name, value } => Some((name_of(name)?, value_of(name_of(value)?))),
        Said::Touch { .. } => None,
    };
    event.iter().filter_map(attribute).collect()
}

/// The log keeps values as texts: one that is a JSON number comes back as a number.
fn value_of(text: &str) -> AttributeValue {
    let number: Option<Number> = text.parse().ok();
    number.map_or_else(|| text.into(), AttributeValue::Number)
}
