//! What a playbook says about events, in the log's codes.

use super::Stages;
use crate::Playbook;
use crate::fact::Code;
use crate::playbook::Rules;

/// All that an event is judged by beside its lead.
#[derive(Clone, Debug, Default)]
pub(crate) struct Law {
    pub(crate) rules: Rules,
    pub(crate) stages: Stages,
    /// Recipients from whom whoever comes first accepts.
    pub(crate) queues: Vec<Code>,
}

impl Law {
    /// The rules alone: no code is known yet.
    pub(super) fn of(playbook: &Playbook) -> Self {
        Self { rules: playbook.rules, ..Self::default() }
    }

    /// Learns the codes of what the playbook names; what has none is in no event yet.
    pub(super) fn learn<E>(
        &mut self,
        playbook: &Playbook,
        mut code_of: impl FnMut(&str) -> Result<Option<Code>, E>,
    ) -> Result<(), E> {
        if !playbook.pipelines.is_empty() {
            self.stages = Stages::of(playbook, &mut code_of)?;
        }
        self.queues.clear();
        for queue in playbook.queues() {
            self.queues.extend(code_of(queue)?);
        }
        Ok(())
    }
}
