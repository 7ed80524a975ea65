//! Section 6, the opportunities of a lead: which one an event means, and what becomes of it.

use super::{event::Event, fold::Fold, shape::Opportunity};

/// Which opportunity a `won` or `lost` means.
#[derive(Clone, Copy)]
enum Meant {
    /// This one, by index.
    One(usize),
    /// No key, and several are open: the one opened last, which is not what the rules allow.
    Ambiguous(usize),
    /// None that the lead has.
    New,
}

impl Fold<'_> {
    pub(super) fn opportunity_opened(&mut self, event: &Event) {
        if let Some(index) = self.by_key(event) {
            if self.lead.opportunities[index].outcome != "open" {
                // Without effect under either policy.
                self.refuse(event, "opportunity_closed");
            }
            return;
        }
        if !self.admits(event, "opportunity_opened") {
            return;
        }
        if !self.lists(event.text("pipeline"), event.text("stage")) {
            self.find(event, "unknown_stage", None);
            if !self.tolerates() {
                return;
            }
        }
        if !self.illegal {
            self.imply_up_to("opportunity", event);
        }
        if self.lead.state != "customer" {
            self.go("opportunity", event);
        }
        let index = self.add(event, false);
        let opportunity = &mut self.lead.opportunities[index];
        opportunity.pipeline = event.owned("pipeline");
        opportunity.stage = event.owned("stage");
        set_money(opportunity, event);
        self.name_product(event.text("product"));
    }

    pub(super) fn stage_changed(&mut self, event: &Event) {
        let Some(index) = self.known_for_change(event) else { return };
        let stage = event.owned("to");
        let pipeline = event.owned("pipeline_to");
        let pipeline = pipeline.or_else(|| self.lead.opportunities[index].pipeline.clone());
        if !self.lists(pipeline.as_deref(), stage.as_deref()) {
            self.find(event, "unknown_stage", None);
            if !self.tolerates() {
                return;
            }
        }
        self.lead.opportunities[index].pipeline = pipeline;
        self.lead.opportunities[index].stage = stage;
    }

    pub(super) fn amended(&mut self, event: &Event) {
        if let Some(index) = self.known_for_change(event) {
            set_money(&mut self.lead.opportunities[index], event);
        }
    }

    /// `won` and `lost`.
    pub(super) fn closed(&mut self, event: &Event) {
        let before = self.lead.state.clone();
        let meant = self.meant(event);
        if let Meant::One(index) = meant
            && self.lead.opportunities[index].outcome != "open"
        {
            let same = is_same_outcome(&self.lead.opportunities[index], event);
            if same || !self.refuse(event, "opportunity_closed") {
                return;
            }
        } else if self.is_legal_closing(meant) {
            self.imply_up_to("customer", event);
        } else if !self.refuse(event, "unknown_opportunity") {
            return;
        }
        let index = match meant {
            Meant::One(index) | Meant::Ambiguous(index) => index,
            Meant::New => self.add(event, true),
        };
        self.set_outcome(index, event, &before);
        let target = if event.kind == "won" { "customer" } else { self.state_after_loss() };
        self.go(target, event);
    }

    pub(super) fn opportunity_reopened(&mut self, event: &Event) {
        let index = match event.text("opportunity") {
            Some(_) => self.by_key(event),
            None => self.closed_last(),
        };
        let Some(index) = index else {
            // Without effect under either policy.
            self.refuse(event, "unknown_opportunity");
            return;
        };
        if self.lead.opportunities[index].outcome == "open" {
            return;
        }
        if !self.admits(event, "opportunity_reopened") {
            return;
        }
        let owner = self.lead.owner.clone();
        let opportunity = &mut self.lead.opportunities[index];
        "open".clone_into(&mut opportunity.outcome);
        opportunity.closed_at = None;
        opportunity.reason = None;
        opportunity.competitor = None;
        opportunity.stage_at_loss = None;
        opportunity.money_at_loss = None;
        opportunity.reopened += 1;
        opportunity.owner = owner;
        let stays = self.lead.state == "customer" && self.has("won");
        if !stays {
            self.go("opportunity", event);
        }
    }

    /// A new row, opened at this instant by the lead's owner in the lead's cycle.
    fn add(&mut self, event: &Event, implied: bool) -> usize {
        self.lead.opportunities.push(Opportunity {
            key: event.owned("opportunity"),
            opened_at: event.at,
            implied,
            outcome: "open".to_owned(),
            cycle: self.lead.cycle,
            owner: self.lead.owner.clone(),
            ..Opportunity::default()
        });
        self.lead.opportunities.len() - 1
    }

    fn set_outcome(&mut self, index: usize, event: &Event, before: &str) {
        let owner = self.lead.owner.clone();
        let won = event.kind == "won";
        let opportunity = &mut self.lead.opportunities[index];
        opportunity.outcome.clone_from(&event.kind);
        opportunity.closed_at = Some(event.at);
        opportunity.owner = owner;
        opportunity.reason = if won { None } else { event.owned("reason") };
        opportunity.competitor = if won { None } else { event.owned("competitor") };
        opportunity.stage_at_loss = (!won).then(|| before.to_owned());
        let money = opportunity.amount.zip(opportunity.currency.clone());
        opportunity.money_at_loss = money.filter(|_| !won);
        if won {
            set_money(opportunity, event);
            let product = opportunity.product.clone();
            self.name_product(product.as_deref());
        }
        self.closings.push(index);
    }

    fn meant(&self, event: &Event) -> Meant {
        if event.text("opportunity").is_some() {
            return self.by_key(event).map_or(Meant::New, Meant::One);
        }
        let all = || self.lead.opportunities.iter().enumerate();
        let open: Vec<usize> = all().filter(|(_, o)| o.outcome == "open").map(|(i, _)| i).collect();
        match open[..] {
            [only] => Meant::One(only),
            [.., last] => Meant::Ambiguous(last),
            [] => {
                let mut of_this_cycle = all().filter(|(_, o)| o.cycle == self.lead.cycle);
                of_this_cycle.next_back().map_or(Meant::New, |(index, _)| Meant::One(index))
            }
        }
    }

    /// Whether an open or a new opportunity may be closed at the lead's state.
    fn is_legal_closing(&self, meant: Meant) -> bool {
        let state = self.lead.state.as_str();
        let early = self.rules.implied_steps && ["handed_off", "accepted", "sql"].contains(&state);
        match meant {
            Meant::One(_) => early || ["opportunity", "customer"].contains(&state),
            Meant::Ambiguous(_) => false,
            Meant::New => early,
        }
    }

    fn state_after_loss(&self) -> &'static str {
        if self.lead.state == "customer" || self.has("won") {
            "customer"
        } else if self.has("open") {
            "opportunity"
        } else {
            "lost"
        }
    }

    fn has(&self, outcome: &str) -> bool {
        self.lead.opportunities.iter().any(|opportunity| opportunity.outcome == outcome)
    }

    fn by_key(&self, event: &Event) -> Option<usize> {
        let key = event.text("opportunity")?;
        self.lead.opportunities.iter().position(|o| o.key.as_deref() == Some(key))
    }

    fn closed_last(&self) -> Option<usize> {
        let is_closed = |index: &usize| self.lead.opportunities[*index].outcome != "open";
        self.closings.iter().copied().rfind(is_closed)
    }

    /// The opportunity that a change of stage or amount means, if the change has an effect.
    fn known_for_change(&mut self, event: &Event) -> Option<usize> {
        let Some(index) = self.by_key(event) else {
            // Without effect under either policy.
            self.refuse(event, "unknown_opportunity");
            return None;
        };
        let is_open = self.lead.opportunities[index].outcome == "open";
        let is_of_deals = ["opportunity", "customer"].contains(&self.lead.state.as_str());
        let is_fine = match (is_open, is_of_deals) {
            (true, true) => true,
            (true, false) => self.refuse(event, "unknown_opportunity"),
            (false, _) => self.refuse(event, "opportunity_closed"),
        };
        is_fine.then_some(index)
    }

    /// Whether the playbook lists the stage, or does not describe the pipeline. Where no pipeline
    /// is named, any may list it.
    fn lists(&self, pipeline: Option<&str>, stage: Option<&str>) -> bool {
        let Some(stage) = stage else { return true };
        let is_meant = |name: &String| pipeline.is_none_or(|pipeline| pipeline == name);
        let mut described = self.rules.pipelines.iter().filter(|(name, _)| is_meant(name));
        let any_is_described = described.clone().next().is_some();
        !any_is_described || described.any(|(_, stages)| stages.iter().any(|known| known == stage))
    }
}

fn is_same_outcome(opportunity: &Opportunity, event: &Event) -> bool {
    if opportunity.outcome != event.kind {
        return false;
    }
    let Some(amount) = event.integer("amount").filter(|_| event.kind == "won") else {
        return true;
    };
    let currency = event.owned("currency").or_else(|| opportunity.currency.clone());
    opportunity.amount == Some(amount) && opportunity.currency == currency
}

/// What is given replaces what was; an amount always has a currency, if only `XXX`.
fn set_money(opportunity: &mut Opportunity, event: &Event) {
    if let Some(currency) = event.owned("currency") {
        opportunity.currency = Some(currency);
    }
    if let Some(product) = event.owned("product") {
        opportunity.product = Some(product);
    }
    if let Some(amount) = event.integer("amount") {
        opportunity.amount = Some(amount);
        opportunity.currency.get_or_insert_with(|| "XXX".to_owned());
    }
}
