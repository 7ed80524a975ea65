//! The playbook's pipelines in the log's codes.

use std::collections::BTreeSet;

use crate::Playbook;
use crate::fact::Code;

/// Which stages are known; all of them while the playbook describes no pipeline.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stages {
    pipelines: Vec<(Code, BTreeSet<Code>)>,
    is_described: bool,
}

impl Stages {
    /// Reads the pipelines in the codes that `code_of` gives; a name without a code is in no
    /// event yet.
    pub(crate) fn of<E>(
        playbook: &Playbook,
        mut code_of: impl FnMut(&str) -> Result<Option<Code>, E>,
    ) -> Result<Self, E> {
        let mut pipelines = Vec::new();
        for pipeline in &playbook.pipelines {
            let name = code_of(&pipeline.name)?.unwrap_or(Code::NONE);
            let mut stages = BTreeSet::new();
            for stage in &pipeline.stages {
                stages.extend(code_of(stage)?);
            }
            pipelines.push((name, stages));
        }
        Ok(Self { pipelines, is_described: !playbook.pipelines.is_empty() })
    }

    pub(crate) fn is_described(&self) -> bool {
        self.is_described
    }

    /// Whether a stage of a pipeline is known. Without a stage there is nothing to know.
    pub(crate) fn know(&self, pipeline: Code, stage: Code) -> bool {
        if !self.is_described || !stage.is_some() {
            return true;
        }
        let mut described =
            self.pipelines.iter().filter(|(name, _)| !pipeline.is_some() || *name == pipeline);
        match described.next() {
            None => true,
            Some(first) => {
                std::iter::once(first).chain(described).any(|(_, stages)| stages.contains(&stage))
            }
        }
    }
}
