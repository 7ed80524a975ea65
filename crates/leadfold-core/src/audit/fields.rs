//! The fields that gates ask for, and those that sales would like to be offered, one bit each.

use std::collections::BTreeMap;

use crate::fact::Field;
use crate::fold::Seen;
use crate::machine::Kind;
use crate::{Code, Playbook, State};

/// Fields with a meaning of their own, in an event's head or details.
const OWN: [&str; 4] = ["source", "campaign", "medium", "channel"];

/// Which bit stands for which field, and which a gate wants.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    /// By bit.
    names: Vec<String>,
    /// Of attributes, by the code of the name.
    codes: BTreeMap<Code, u64>,
    mandatory: BTreeMap<State, u64>,
    /// Those that the gate of a hand-off names, mandatory or not.
    offered: u64,
}

impl Fields {
    pub(super) fn of(playbook: &Playbook) -> Self {
        let audited = playbook.audited_fields().into_iter().take(Playbook::AUDITED_FIELDS_MAX);
        let mut fields = Self { names: audited.map(str::to_owned).collect(), ..Self::default() };
        for (state, gate) in &playbook.gates {
            let bits = fields.bits(&gate.mandatory);
            if bits != 0 {
                fields.mandatory.insert(*state, bits);
            }
        }
        if let Some(gate) = playbook.gates.get(&State::HandedOff) {
            fields.offered = fields.bits(&gate.mandatory) | fields.bits(&gate.desirable);
        }
        fields
    }

    fn bits(&self, names: &[String]) -> u64 {
        names.iter().map(|name| self.bit(name)).fold(0, |all, bit| all | bit)
    }

    /// 0 for a field that is not looked at.
    fn bit(&self, name: &str) -> u64 {
        self.names.iter().position(|known| known == name).map_or(0, |place| 1 << place)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    pub(super) fn learn<E>(
        &mut self,
        code_of: &mut impl FnMut(&str) -> Result<Option<Code>, E>,
    ) -> Result<(), E> {
        for (place, name) in self.names.iter().enumerate() {
            if let Some(code) = code_of(name)? {
                self.codes.insert(code, 1 << place);
            }
        }
        Ok(())
    }

    /// The fields that an event fills. A snapshot of a lead that has begun says nothing of it but
    /// its state.
    pub(super) fn filled_by(&self, seen: &Seen<'_>) -> u64 {
        if seen.kind() == Kind::SnapshotImported && seen.from().is_some() {
            return 0;
        }
        let attributes = seen.attributes().filter_map(|(name, _)| self.codes.get(&name));
        let given = attributes.fold(0, |all, bit| all | bit);
        match seen.kind() {
            Kind::Captured | Kind::SnapshotImported | Kind::AttributionResolved => {
                given | self.own(seen)
            }
            _ => given,
        }
    }

    fn own(&self, seen: &Seen<'_>) -> u64 {
        let step = seen.step();
        let (medium, channel) = (step.code_of(Field::Medium), step.code_of(Field::Channel));
        let values = [step.a(), step.b(), medium, channel];
        let given = OWN.into_iter().zip(values).filter(|(_, value)| value.is_some());
        given.fold(0, |all, (name, _)| all | self.bit(name))
    }

    /// What a lead with these fields lacks to enter a state.
    pub(super) fn missing(&self, state: State, fields: u64) -> u64 {
        self.mandatory.get(&state).map_or(0, |wanted| wanted & !fields)
    }

    /// Of the fields that the gate of a hand-off names, those that are among some.
    pub(super) fn offered(&self, fields: u64) -> Vec<String> {
        self.names(self.offered & fields)
    }

    /// The names behind bits.
    pub(super) fn names(&self, bits: u64) -> Vec<String> {
        let is_in = |(place, _): &(usize, &String)| bits & (1 << place) != 0;
        self.names.iter().enumerate().filter(is_in).map(|(_, name)| name.clone()).collect()
    }
}
