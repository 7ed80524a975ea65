//! Section 6, the ways between marketing and sales: offered, decided, given back, put aside.

use super::{event::Event, fold::Fold, shape::Handoff};

impl Fold<'_> {
    pub(super) fn handed_off(&mut self, event: &Event) {
        if !self.admits(event, "handed_off") {
            return;
        }
        let to = event.owned("to").unwrap_or_default();
        let handed_off = self.lead.state == "handed_off";
        if let Some(pending) = self.pending() {
            if handed_off && pending.to == to {
                return;
            }
            if handed_off && !self.refuse(event, "handoff_pending") {
                return;
            }
        }
        self.close_pending("superseded", event);
        self.lead.handoffs.push(Handoff {
            to: to.clone(),
            offered_at: event.at,
            decision: "pending".to_owned(),
            key: event.owned("handoff"),
            ..Handoff::default()
        });
        self.lead.owner = Some(to);
        self.go("handed_off", event);
        let cycle = self.lead.cycle;
        self.lead.handoffs.iter_mut().rev().take(1).for_each(|offer| offer.cycle = cycle);
    }

    pub(super) fn accepted(&mut self, event: &Event) {
        if !self.admits(event, "accepted") {
            return;
        }
        let by = event.owned("by");
        if self.lead.state == "handed_off" {
            let key = self.pending().and_then(|pending| pending.key.clone());
            let stranger = differ(by.as_deref(), self.lead.owner.as_deref());
            let other_key = differ(event.text("handoff"), key.as_deref());
            if stranger && !self.refuse(event, "not_owner") {
                return;
            }
            if !stranger && other_key && !self.refuse(event, "no_handoff") {
                return;
            }
        }
        if let Some(pending) = self.pending() {
            decide(pending, "accepted", by.clone(), event.at);
        }
        if by.is_some() {
            self.lead.owner = by;
        }
        self.go("accepted", event);
    }

    pub(super) fn returned(&mut self, event: &Event) {
        if !self.admits(event, "returned") {
            return;
        }
        if let Some(pending) = self.pending() {
            decide(pending, "rejected", event.owned("by"), event.at);
            pending.reason = event.owned("reason");
        }
        let after_acceptance = ["accepted", "sql"].contains(&self.lead.state.as_str());
        if after_acceptance
            && let Some(last) = self.lead.handoffs.last_mut()
            && last.decision == "accepted"
        {
            "returned".clone_into(&mut last.decision);
            last.reason = event.owned("reason");
        }
        self.lead.owner = None;
        let target = match event.text("to") {
            Some("mql") if !after_acceptance => "mql",
            Some("disqualified") if !after_acceptance => "disqualified",
            _ => "nurturing",
        };
        self.go(target, event);
    }

    pub(super) fn recycled(&mut self, event: &Event) {
        if self.admits(event, "recycled") {
            self.close_pending("closed", event);
            self.lead.owner = None;
            self.go("nurturing", event);
        }
    }

    pub(super) fn disqualified(&mut self, event: &Event) {
        if self.admits(event, "disqualified") {
            self.close_pending("closed", event);
            self.go("disqualified", event);
        }
    }

    /// The hand-off that waits for a decision: a new offer ends the one before, so there is one.
    pub(super) fn pending(&mut self) -> Option<&mut Handoff> {
        self.lead.handoffs.iter_mut().rfind(|handoff| handoff.decision == "pending")
    }

    fn close_pending(&mut self, decision: &str, event: &Event) {
        if let Some(pending) = self.pending() {
            decide(pending, decision, None, event.at);
        }
    }
}

/// Ends the wait of a hand-off.
pub(super) fn decide(handoff: &mut Handoff, decision: &str, by: Option<String>, at: i64) {
    decision.clone_into(&mut handoff.decision);
    handoff.decided_at = Some(at);
    handoff.by = by;
}

/// Whether both are given and differ.
fn differ(one: Option<&str>, other: Option<&str>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one != other)
}
