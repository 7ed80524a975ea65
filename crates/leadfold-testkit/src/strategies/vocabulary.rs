//! The names that a business gives: people, stages and fields. Those of a playbook, and strangers
//! beside them.

use leadfold_core::Playbook;

use super::words::{OWNERS, PIPELINES, STAGES};

/// Fields that an event or a lead has without any attribute.
const NO_ATTRIBUTES: [&str; 4] = ["source", "medium", "campaign", "channel"];

/// What the events of a log may name.
#[derive(Clone, Debug)]
pub(super) struct Vocabulary {
    pub(super) owners: Vec<String>,
    pub(super) pipelines: Vec<String>,
    pub(super) stages: Vec<String>,
    /// Sets of names of attributes.
    pub(super) attributes: Vec<Vec<String>>,
}

impl Vocabulary {
    /// The names of nobody's playbook.
    pub(super) fn of_strangers() -> Self {
        let sets: [&[&str]; 4] =
            [&[], &["industry"], &["industry", "size"], &["", "region", "\"q\""]];
        Self {
            owners: owned(&OWNERS),
            pipelines: owned(&PIPELINES),
            stages: owned(&STAGES),
            attributes: sets.iter().map(|set| owned(set)).collect(),
        }
    }

    /// The names of a playbook first, where shrinking goes, and strangers after them.
    pub(super) fn of(playbook: &Playbook) -> Self {
        let strangers = Self::of_strangers();
        let owners = playbook.routing.iter().flat_map(|routing| &routing.owners);
        let owners = owners.map(|owner| owner.name.clone());
        let owners = owners.chain(playbook.queues().map(str::to_owned));
        let pipelines = playbook.pipelines.iter().map(|pipeline| pipeline.name.clone());
        let stages = playbook.pipelines.iter().flat_map(|pipeline| pipeline.stages.clone());
        Self {
            owners: distinct(owners.chain(strangers.owners)),
            pipelines: distinct(pipelines.chain(strangers.pipelines)),
            stages: distinct(stages.chain(strangers.stages)),
            attributes: of_gates(playbook).into_iter().chain(strangers.attributes).collect(),
        }
    }
}

/// All attributes that the gates ask for, each gate's, and each alone: a gate is met, or nearly.
fn of_gates(playbook: &Playbook) -> Vec<Vec<String>> {
    let fields = |gate: &leadfold_core::Gate| {
        let all = gate.mandatory.iter().chain(&gate.desirable);
        all.filter(|name| !NO_ATTRIBUTES.contains(&name.as_str())).cloned().collect::<Vec<_>>()
    };
    let gates: Vec<Vec<String>> = playbook.gates.values().map(fields).collect();
    let all = distinct(gates.iter().flatten().cloned());
    let alone: Vec<Vec<String>> = all.iter().map(|name| vec![name.clone()]).collect();
    let sets = std::iter::once(all).chain(gates).chain(alone);
    sets.filter(|set| !set.is_empty()).collect()
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Each once, in the order in which they come.
fn distinct(words: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut seen = Vec::new();
    for word in words {
        if !seen.contains(&word) {
            seen.push(word);
        }
    }
    seen
}
