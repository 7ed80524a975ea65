//! Whether the playbook's pipelines have the stage to which an event moves.

use super::desk::Desk;
use super::{Detail, Refusal};
use crate::event::Body;
use crate::fact::Code;
use crate::fold::Step;
use crate::machine::Kind;
use crate::{Lead, Reason};

impl Desk<'_> {
    pub(super) fn check_stage(
        &self,
        kind: Kind,
        lead: &Lead<'_>,
        step: &Step<'_>,
    ) -> Result<(), Refusal> {
        if !matches!(kind, Kind::OpportunityOpened | Kind::OpportunityStageChanged) {
            return Ok(());
        }
        let named = lead.opportunities().into_iter().find(|deal| deal.key == step.a());
        let current = named.map_or(Code::NONE, |deal| deal.pipeline);
        // Both codes may be new to the case: the event's own words are asked instead.
        let (pipeline, stage) = self.words_of_stage(current);
        let known = stage
            .as_deref()
            .is_none_or(|stage| self.case.playbook.knows_stage(pipeline.as_deref(), stage));
        if known {
            return Ok(());
        }
        let detail = Detail::Stage(stage.unwrap_or_default());
        Err(self.refuse(kind, Some(lead.state()), Reason::UnknownStage, detail))
    }

    fn words_of_stage(&self, current: Code) -> (Option<String>, Option<String>) {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let current = || self.case.name(current).map(str::to_owned);
        match &self.event.body {
            Body::OpportunityOpened(b) => (given(&b.pipeline), given(&b.stage)),
            Body::OpportunityStageChanged(b) => (
                given(&b.pipeline_to).or_else(current),
                Some(b.to.clone()).filter(|to| !to.is_empty()),
            ),
            _ => (None, None),
        }
    }
}
