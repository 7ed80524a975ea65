//! Events down to facts: the one place where strings and ids become small numbers.
//!
//! It runs once, when an event is appended; every replay reads its result.

use crate::event::{
    ActorKind, AssignmentCause, Attributes, Body, CaptureOrigin, Corrected, CorrectionAction,
    Direction, DisqualifiedClass, Event, Level, OpportunityKind, ReturnTarget, RevenueKind, Side,
    TouchResult,
};
use crate::fact::{Code, Fact, Facts, Field, LeadIndex, NO_X};
use crate::machine::Kind;
use crate::{Currency, EventId, LeadId, LeadKey, When};

/// The version of what [`lower`] makes of a log. It is counted up by every change after which some
/// event becomes other facts than before: a field more in the facts, an upcaster that reads an old
/// version in another way. A store keeps it beside the facts that it has derived, and derives them
/// anew where it was lower; `corpus/facts` of the testkit holds the digest that belongs to it.
pub const LOWERING: u32 = 3;

/// Gives strings, leads and events their small numbers. A store implements it.
pub trait Intern {
    /// What goes wrong when numbers are stored.
    type Error;

    /// The code of a string, from 1; the same string always has the same code.
    ///
    /// # Errors
    /// When the store fails.
    fn string(&mut self, text: &str) -> Result<Code, Self::Error>;

    /// The index of a lead, from 0; the same identity always has the same index.
    ///
    /// # Errors
    /// When the store fails.
    fn lead(&mut self, id: LeadId, key: &LeadKey) -> Result<LeadIndex, Self::Error>;

    /// Where an event is in the log, and its type, if it has come.
    ///
    /// # Errors
    /// When the store fails.
    fn target(&mut self, id: EventId) -> Result<Option<Target>, Self::Error>;
}

/// An event that a correction names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    /// Its position.
    pub position: u64,
    /// Its `type`.
    pub type_name: String,
    /// The schema version of the type in which it is written: a replacement is read in it, too.
    pub version: u32,
    /// Its tenant: a replacement names leads in it.
    pub tenant: String,
    /// Its system of origin, empty if it has none: the same.
    pub system: String,
    /// Whether automation did it: so it did what a replacement says.
    pub is_automatic: bool,
}

impl Target {
    /// The event at a position.
    pub fn new(position: u64, event: &Event) -> Self {
        let Envelope { tenant, system, is_automatic } = Envelope::of(event);
        Self {
            position,
            type_name: event.body.type_name().to_owned(),
            version: event.version,
            tenant: tenant.to_owned(),
            system: system.to_owned(),
            is_automatic,
        }
    }

    fn envelope(&self) -> Envelope<'_> {
        let Self { tenant, system, is_automatic, .. } = self;
        Envelope { tenant, system, is_automatic: *is_automatic }
    }

    /// The data that a correction carries, read as the target's; none if it has none, and where they
    /// do not read.
    pub fn replacement(&self, corrected: &Corrected) -> Option<Body> {
        corrected.replacement(&self.type_name, self.version)
    }
}

/// What of an event beside its data is in its facts. A correction exchanges data alone, so that a
/// replacement is lowered in its target's.
#[derive(Clone, Copy)]
struct Envelope<'a> {
    tenant: &'a str,
    system: &'a str,
    is_automatic: bool,
}

impl<'a> Envelope<'a> {
    fn of(event: &'a Event) -> Self {
        let kind = event.actor.as_ref().and_then(|actor| actor.kind);
        let is_automatic = kind == Some(ActorKind::Automation);
        Self { tenant: event.tenant(), system: event.system(), is_automatic }
    }
}

/// A correction that came to the log before its target.
#[derive(Clone, Debug)]
pub struct EarlyCorrection {
    /// Position of the correction.
    pub position: u64,
    /// What it says.
    pub corrected: Corrected,
}

/// Where an event stands in the log, in the log's own numbers.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Its position.
    pub position: u64,
    /// When it became known, microseconds.
    pub recorded_at: i64,
    /// Its lead.
    pub lead: LeadIndex,
}

/// Appends the facts of an event at its place to `out`. `early` holds the corrections of this
/// event that came before it; nearly always there are none.
///
/// # Errors
/// When interning fails; `out` is as before then.
pub fn lower<I: Intern>(
    event: &Event,
    place: Place,
    early: &[EarlyCorrection],
    intern: &mut I,
    out: &mut Facts,
) -> Result<(), I::Error> {
    let before = out.event_count();
    let mut lowering = Lowering { event, envelope: Envelope::of(event), place, intern, out };
    let done = lowering.event(early);
    if done.is_err() {
        out.truncate(before);
    }
    done
}

struct Lowering<'a, I> {
    event: &'a Event,
    /// The event's own, or its target's.
    envelope: Envelope<'a>,
    place: Place,
    intern: &'a mut I,
    out: &'a mut Facts,
}

type Done<I> = Result<(), <I as Intern>::Error>;

impl<I: Intern> Lowering<'_, I> {
    fn event(&mut self, early: &[EarlyCorrection]) -> Done<I> {
        let head = self.head_of(&self.event.body)?;
        self.out.push(head);
        self.external_id()?;
        self.details_of(&self.event.body)?;
        for correction in early {
            let Event { body, version, .. } = self.event;
            let replacement = correction.corrected.replacement(body.type_name(), *version);
            let is_bad =
                correction.corrected.action == CorrectionAction::Replace && replacement.is_none();
            self.out.push(Fact {
                sub: correction_code(correction.corrected.action, is_bad),
                x: correction.position.cast_signed(),
                ..self.head(Kind::Amendment)
            });
            if let Some(body) = replacement {
                self.body(&body)?;
            }
        }
        Ok(())
    }

    fn head(&self, kind: Kind) -> Fact {
        Fact {
            position: self.place.position,
            recorded_at: self.place.recorded_at,
            at: self.event.occurred_at.at.micros(),
            lead: self.place.lead,
            kind,
            sub: 0,
            currency: 0,
            a: Code::NONE,
            b: Code::NONE,
            x: NO_X,
        }
    }

    /// 1 for what automation did, in the column that a touch has no other use for.
    fn is_automatic(&self) -> u16 {
        u16::from(self.envelope.is_automatic)
    }

    fn code(&mut self, text: Option<&(impl AsRef<str> + ?Sized)>) -> Result<Code, I::Error> {
        match text.map(AsRef::as_ref) {
            Some(text) if !text.is_empty() => self.intern.string(text),
            _ => Ok(Code::NONE),
        }
    }

    fn field(&mut self, field: Field, text: Option<&(impl AsRef<str> + ?Sized)>) -> Done<I> {
        let a = self.code(text)?;
        if a.is_some() {
            self.out.push(Fact { sub: field as u8, a, ..self.head(Kind::Detail) });
        }
        Ok(())
    }

    fn number(&mut self, field: Field, x: Option<i64>) {
        if let Some(x) = x {
            self.out.push(Fact { sub: field as u8, x, ..self.head(Kind::Detail) });
        }
    }

    fn time(&mut self, field: Field, when: Option<When>) {
        self.number(field, when.map(|when| when.at().micros()));
    }

    fn attributes(&mut self, attributes: Option<&Attributes>) -> Done<I> {
        for (name, value) in attributes.into_iter().flat_map(Attributes::iter) {
            let value = value.text();
            if value.is_empty() {
                continue;
            }
            let a = self.intern.string(name)?;
            let b = self.intern.string(&value)?;
            self.out.push(Fact { sub: Field::Attribute as u8, a, b, ..self.head(Kind::Detail) });
        }
        Ok(())
    }

    fn external_id(&mut self) -> Done<I> {
        let Some(origin) = &self.event.origin else { return Ok(()) };
        let (Some(system), Some(id)) = (&origin.system, &origin.id) else { return Ok(()) };
        if id.is_empty() {
            return Ok(());
        }
        let a = self.code(Some(system))?;
        let x = stable_hash(id);
        self.out.push(Fact { sub: Field::ExternalId as u8, a, x, ..self.head(Kind::Detail) });
        Ok(())
    }

    /// A replacement: its head fact, then its details.
    fn body(&mut self, body: &Body) -> Done<I> {
        let head = self.head_of(body)?;
        self.out.push(head);
        self.details_of(body)
    }

    #[rustfmt::skip]
    fn head_of(&mut self, body: &Body) -> Result<Fact, I::Error> {
        let head = |kind| self.head(kind);
        Ok(match body {
            Body::Captured(b) => Fact { sub: CaptureOrigin::code(b.origin), a: self.code(b.source.as_ref())?, b: self.code(b.campaign.as_ref())?, ..self.head(Kind::Captured) },
            Body::ProfileUpdated(_) => head(Kind::ProfileUpdated),
            Body::Touched(b) => Fact { sub: touch_code(b.side, b.direction, b.result), currency: self.is_automatic(), a: self.code(b.by.as_ref())?, b: self.code(b.channel.as_ref())?, ..self.head(Kind::Touched) },
            Body::Scored(b) => Fact { a: self.code(Some(&b.model))?, b: self.code(b.band.as_ref())?, x: float(b.total), ..self.head(Kind::Scored) },
            Body::Qualified(b) => {
                let kind = match b.level { Level::Mql => Kind::QualifiedMql, Level::Sql => Kind::QualifiedSql };
                Fact { a: self.code(b.by.as_ref())?, b: self.code(b.definition.as_ref())?, ..self.head(kind) }
            }
            Body::Disqualified(b) => Fact { sub: DisqualifiedClass::code(b.class), b: self.code(Some(&b.reason))?, ..self.head(Kind::Disqualified) },
            Body::HandedOff(b) => Fact { a: self.code(Some(&b.to))?, b: self.code(b.handoff.as_ref())?, ..self.head(Kind::HandedOff) },
            Body::Accepted(b) => Fact { a: self.code(b.by.as_ref())?, b: self.code(b.handoff.as_ref())?, ..self.head(Kind::Accepted) },
            Body::Rejected(b) => Fact { sub: ReturnTarget::code(b.to), a: self.code(b.by.as_ref())?, b: self.code(Some(&b.reason))?, ..self.head(Kind::Rejected) },
            Body::Returned(b) => Fact { sub: ReturnTarget::code(b.to), a: self.code(b.by.as_ref())?, b: self.code(Some(&b.reason))?, ..self.head(Kind::Returned) },
            Body::Recycled(b) => Fact { a: self.code(b.programme.as_ref())?, b: self.code(b.reason.as_ref())?, x: time(b.until), ..self.head(Kind::Recycled) },
            Body::Assigned(b) => self.assignment(Kind::Assigned, b.to.as_ref(), b.from.as_ref(), b.cause)?,
            Body::Reassigned(b) => self.assignment(Kind::Reassigned, b.to.as_ref(), b.from.as_ref(), b.cause)?,
            Body::Unassigned(b) => self.assignment(Kind::Unassigned, b.to.as_ref(), b.from.as_ref(), b.cause)?,
            Body::OpportunityOpened(b) => Fact { sub: OpportunityKind::code(b.kind), currency: currency(b.currency), a: self.code(Some(&b.opportunity))?, b: self.code(b.stage.as_ref())?, x: b.amount.unwrap_or(NO_X), ..self.head(Kind::OpportunityOpened) },
            Body::OpportunityStageChanged(b) => Fact { a: self.code(Some(&b.opportunity))?, b: self.code(Some(&b.to))?, ..self.head(Kind::OpportunityStageChanged) },
            Body::OpportunityAmended(b) => Fact { currency: currency(b.currency), a: self.code(Some(&b.opportunity))?, x: b.amount.unwrap_or(NO_X), ..self.head(Kind::OpportunityAmended) },
            Body::Won(b) => Fact { currency: currency(b.currency), a: self.code(b.opportunity.as_ref())?, b: self.code(b.product.as_ref())?, x: b.amount.unwrap_or(NO_X), ..self.head(Kind::Won) },
            Body::Lost(b) => Fact { a: self.code(b.opportunity.as_ref())?, b: self.code(b.reason.as_ref())?, ..self.head(Kind::Lost) },
            Body::OpportunityReopened(b) => Fact { a: self.code(b.opportunity.as_ref())?, b: self.code(b.reason.as_ref())?, ..self.head(Kind::OpportunityReopened) },
            Body::Reopened(b) => Fact { b: self.code(b.reason.as_ref())?, ..self.head(Kind::Reopened) },
            Body::RevenueRecorded(b) => Fact { sub: RevenueKind::code(b.kind), currency: b.currency.code(), a: self.code(b.product.as_ref())?, x: b.amount, ..self.head(Kind::RevenueRecorded) },
            Body::Refunded(b) => Fact { sub: RevenueKind::code(b.kind), currency: b.currency.code(), a: self.code(b.product.as_ref())?, x: b.amount, ..self.head(Kind::Refunded) },
            Body::CostRecorded(b) => Fact { currency: b.currency.code(), a: self.scope(b, "source")?, b: self.scope(b, "campaign")?, x: b.amount, ..self.head(Kind::CostRecorded) },
            Body::Merged(b) => Fact { a: self.other_lead(&b.into)?, ..self.head(Kind::Merged) },
            Body::Unmerged(b) => Fact { a: self.other_lead(&b.from)?, ..self.head(Kind::Unmerged) },
            Body::ConsentGranted(b) => Fact { a: self.code(Some(&b.purpose))?, b: self.code(b.channel.as_ref())?, x: time(b.expires_at), ..self.head(Kind::ConsentGranted) },
            Body::ConsentWithdrawn(b) => Fact { a: self.code(Some(&b.purpose))?, b: self.code(b.channel.as_ref())?, x: time(b.expires_at), ..self.head(Kind::ConsentWithdrawn) },
            Body::AttributionResolved(b) => Fact { a: self.code(Some(&b.source))?, b: self.code(b.campaign.as_ref())?, ..self.head(Kind::AttributionResolved) },
            Body::FollowUpScheduled(b) => Fact { a: self.code(Some(&b.follow_up))?, b: self.code(b.owner.as_ref())?, x: time(b.due), ..self.head(Kind::FollowUpScheduled) },
            Body::FollowUpDone(b) => Fact { a: self.code(Some(&b.follow_up))?, b: self.code(b.owner.as_ref())?, x: time(b.due), ..self.head(Kind::FollowUpDone) },
            Body::Corrected(b) => self.correction(b)?,
            Body::Erased(_) => head(Kind::Erased),
            Body::SnapshotImported(b) => Fact { sub: b.state as u8, a: self.code(b.source.as_ref())?, b: self.code(b.campaign.as_ref())?, ..self.head(Kind::SnapshotImported) },
            Body::Churned(b) => Fact { b: self.code(b.reason.as_ref())?, ..self.head(Kind::Churned) },
            Body::Reactivated(b) => Fact { b: self.code(b.reason.as_ref())?, ..self.head(Kind::Reactivated) },
            Body::PlaybookPublished(_) => head(Kind::PlaybookPublished),
            Body::Other(_) => head(Kind::Other),
        })
    }

    fn details_of(&mut self, body: &Body) -> Done<I> {
        match body {
            Body::Captured(b) => {
                self.field(Field::Medium, b.medium.as_ref())?;
                self.field(Field::Channel, b.channel.as_ref())?;
                self.attributes(b.attributes.as_ref())
            }
            Body::ProfileUpdated(b) => self.attributes(Some(&b.attributes)),
            Body::Touched(b) => {
                self.field(Field::Campaign, b.campaign.as_ref())?;
                self.field(Field::Activity, b.activity.as_ref())
            }
            Body::HandedOff(b) => {
                self.time(Field::DecisionDue, b.decision_due);
                self.time(Field::TouchDue, b.touch_due);
                Ok(())
            }
            Body::OpportunityOpened(b) => {
                self.field(Field::Pipeline, b.pipeline.as_ref())?;
                self.field(Field::Product, b.product.as_ref())?;
                self.number(Field::Probability, b.probability.map(float));
                Ok(())
            }
            Body::OpportunityStageChanged(b) => self.field(Field::Pipeline, b.pipeline_to.as_ref()),
            Body::OpportunityAmended(b) => {
                self.number(Field::Probability, b.probability.map(float));
                Ok(())
            }
            Body::Lost(b) => self.field(Field::Competitor, b.competitor.as_ref()),
            Body::RevenueRecorded(b) => {
                self.number(Field::Margin, b.margin);
                Ok(())
            }
            Body::Refunded(b) => {
                self.number(Field::Margin, b.margin);
                Ok(())
            }
            Body::CostRecorded(b) => {
                self.scope_field(Field::Channel, b, "channel")?;
                self.scope_field(Field::Programme, b, "programme")?;
                self.time(Field::CostFrom, Some(b.from));
                self.time(Field::CostTo, Some(b.to));
                self.field(Field::CostKind, b.kind.as_ref())
            }
            Body::SnapshotImported(b) => {
                self.field(Field::Medium, b.medium.as_ref())?;
                self.field(Field::Channel, b.channel.as_ref())?;
                self.field(Field::Owner, b.owner.as_ref())?;
                self.attributes(b.attributes.as_ref())
            }
            Body::Corrected(b) => self.replacement(b),
            _ => Ok(()),
        }
    }

    fn assignment(
        &mut self,
        kind: Kind,
        to: Option<&String>,
        from: Option<&String>,
        cause: Option<AssignmentCause>,
    ) -> Result<Fact, I::Error> {
        let (a, b) = (self.code(to)?, self.code(from)?);
        Ok(Fact { sub: AssignmentCause::code(cause), a, b, ..self.head(kind) })
    }

    fn scope(&mut self, b: &crate::event::CostRecorded, part: &str) -> Result<Code, I::Error> {
        self.code(b.scope.part(part))
    }

    fn scope_field(&mut self, field: Field, b: &crate::event::CostRecorded, part: &str) -> Done<I> {
        self.field(field, b.scope.part(part))
    }

    fn other_lead(&mut self, key: &LeadKey) -> Result<Code, I::Error> {
        let Envelope { tenant, system, .. } = self.envelope;
        let index = self.intern.lead(LeadId::of(tenant, system, key), key)?;
        Ok(Code(index.0))
    }

    /// The head of a correction: `x` is its target's position, 0 while the target has not come.
    fn correction(&mut self, b: &Corrected) -> Result<Fact, I::Error> {
        let target = self.intern.target(b.target)?;
        let is_bad = match (&target, b.action) {
            (Some(target), CorrectionAction::Replace) => target.replacement(b).is_none(),
            _ => false,
        };
        Ok(Fact {
            sub: correction_code(b.action, is_bad),
            a: self.code(Some(&b.reason))?,
            x: target.map_or(0, |target| target.position.cast_signed()),
            ..self.head(Kind::Corrected)
        })
    }

    /// What replaces the target, behind the correction's head.
    fn replacement(&mut self, b: &Corrected) -> Done<I> {
        let Some(target) = self.intern.target(b.target)? else { return Ok(()) };
        match target.replacement(b) {
            Some(body) if b.action == CorrectionAction::Replace => {
                let Self { event, place, .. } = *self;
                let (intern, out) = (&mut *self.intern, &mut *self.out);
                let envelope = target.envelope();
                Lowering { event, envelope, place, intern, out }.body(&body)
            }
            _ => Ok(()),
        }
    }
}

/// What a correction does, in `sub`.
pub(crate) const RETRACT: u8 = 1;
pub(crate) const REPLACE: u8 = 2;
/// A replacement that does not read as data of its target.
pub(crate) const BAD_REPLACEMENT: u8 = 3;

fn correction_code(action: CorrectionAction, is_bad: bool) -> u8 {
    match action {
        _ if is_bad => BAD_REPLACEMENT,
        CorrectionAction::Retract => RETRACT,
        CorrectionAction::Replace => REPLACE,
    }
}

fn touch_code(side: Side, direction: Option<Direction>, result: Option<TouchResult>) -> u8 {
    Side::code(Some(side)) | Direction::code(direction) << 3 | TouchResult::code(result) << 5
}

fn currency(currency: Option<Currency>) -> u16 {
    currency.map_or(0, Currency::code)
}

fn time(when: Option<When>) -> i64 {
    when.map_or(NO_X, |when| when.at().micros())
}

fn float(value: f64) -> i64 {
    value.to_bits().cast_signed()
}

/// Sixty-four bits of a text that stay the same on every machine and in every version (FNV-1a).
fn stable_hash(text: &str) -> i64 {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(PRIME);
    text.bytes().fold(BASIS, mix).cast_signed()
}
