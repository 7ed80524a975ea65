//! The company that is simulated: its sources, its people, its products, its words.

use leadfold_core::event::CaptureOrigin::{
    self, Import, Inbound, Outbound, Partner, SalesGenerated,
};
use leadfold_core::event::DisqualifiedClass::{
    self, Competitor, Duplicate, Junk, NoBudget, NoFit, Unreachable,
};

/// Where leads come from.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) name: &'static str,
    pub(super) medium: &'static str,
    pub(super) channel: &'static str,
    pub(super) origin: CaptureOrigin,
    /// Its share of the leads.
    pub(super) weight: u32,
    /// How well its leads convert, 1.0 on average.
    pub(super) quality: f64,
    /// What a lead of it costs, minor units of EUR.
    pub(super) cost: u32,
}

const fn source(
    name: &'static str,
    (medium, channel): (&'static str, &'static str),
    origin: CaptureOrigin,
    weight: u32,
    quality: f64,
    cost: u32,
) -> Source {
    Source { name, medium, channel, origin, weight, quality, cost }
}

pub(super) const SOURCES: [Source; 12] = [
    source("paid_search", ("cpc", "web"), Inbound, 20, 0.9, 4_200),
    source("organic", ("search", "web"), Inbound, 17, 1.1, 900),
    source("paid_social", ("cpc", "social"), Inbound, 13, 0.6, 3_100),
    source("content", ("download", "web"), Inbound, 11, 0.9, 1_500),
    source("webinar", ("event", "web"), Inbound, 9, 1.2, 2_600),
    source("referral", ("word", "mail"), Inbound, 7, 1.8, 0),
    source("trade_show", ("event", "booth"), Inbound, 6, 1.2, 9_000),
    source("partner", ("resale", "mail"), Partner, 5, 1.6, 2_000),
    source("cold_mail", ("mail", "mail"), Outbound, 5, 0.5, 700),
    source("cold_call", ("phone", "phone"), Outbound, 3, 0.7, 1_800),
    source("list", ("list", "mail"), Import, 2, 0.4, 400),
    source("own_network", ("talk", "phone"), SalesGenerated, 2, 1.9, 0),
];

pub(super) const CAMPAIGNS: [&str; 8] =
    ["brand", "spring", "launch", "compare", "q3-push", "fair", "retarget", "autumn"];
pub(super) const INDUSTRIES: [&str; 8] =
    ["software", "machinery", "retail", "logistics", "health", "finance", "chemicals", "energy"];
pub(super) const PRODUCTS: [&str; 4] = ["starter", "team", "business", "platform"];
pub(super) const PAGES: [&str; 8] =
    ["pricing", "demo", "docs", "blog", "whitepaper", "calculator", "webinar", "cases"];

/// A part of the market with its own team.
#[derive(Debug)]
pub(super) struct Region {
    pub(super) name: &'static str,
    pub(super) currency: &'static str,
    pub(super) weight: u32,
    pub(super) queue: &'static str,
    pub(super) owners: &'static [&'static str],
}

pub(super) const REGIONS: [Region; 3] = [
    Region {
        name: "dach",
        currency: "EUR",
        weight: 50,
        queue: "queue-dach",
        owners: &["ann", "ben", "cleo", "dirk", "eva"],
    },
    Region {
        name: "west",
        currency: "EUR",
        weight: 30,
        queue: "queue-west",
        owners: &["fleur", "gus", "hans", "ines"],
    },
    Region {
        name: "us",
        currency: "USD",
        weight: 20,
        queue: "queue-us",
        owners: &["jo", "kim", "lee"],
    },
];

pub(super) const PIPELINE: &str = "sales";
pub(super) const STAGES: [&str; 4] = ["discovery", "demo", "proposal", "negotiation"];

/// Why sales declines a lead, or gives it back.
pub(super) const RETURN_REASONS: [&str; 5] =
    ["not_now", "no_budget_yet", "wrong_contact", "too_early", "no_answer"];
pub(super) const LOSS_REASONS: [&str; 5] =
    ["price", "no_decision", "competitor", "features", "timing"];
pub(super) const COMPETITORS: [&str; 3] = ["acme", "globex", "initech"];
pub(super) const CHURN_REASONS: [&str; 4] = ["price", "no_use", "insolvent", "competitor"];

/// Why a lead is no lead.
pub(super) const DISQUALIFICATIONS: [(&str, DisqualifiedClass); 6] = [
    ("spam", Junk),
    ("student", NoFit),
    ("too_small", NoBudget),
    ("competitor", Competitor),
    ("known_already", Duplicate),
    ("never_reached", Unreachable),
];
