//! What a lead is like: drawn once from the seed and the lead's number, never kept in the log.

use super::company::{CAMPAIGNS, INDUSTRIES, PRODUCTS, REGIONS, Region, SOURCES, Source};
use super::rng::{Purpose, Rng};

/// What a lead is like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Profile {
    source: u8,
    /// The source is true, but nobody noted it down at first.
    pub(super) is_source_unknown: bool,
    campaign: Option<u8>,
    industry: u8,
    region: u8,
    product: u8,
    /// People who work there.
    pub(super) size: u16,
    /// The capture brings a name and an address.
    pub(super) has_pii: bool,
}

impl Profile {
    pub(super) fn draw(seed: u64, lead: u32, pii: f64) -> Self {
        let mut rng = Rng::new(seed, lead, Purpose::Profile);
        let size = rng.around(60.0).clamp(1.0, 5_000.0) as u16;
        Self {
            source: rng.weighted(SOURCES.iter().map(|source| source.weight)) as u8,
            is_source_unknown: rng.chance(0.04),
            campaign: rng.chance(0.5).then(|| rng.below(CAMPAIGNS.len() as u64) as u8),
            industry: rng.below(INDUSTRIES.len() as u64) as u8,
            region: rng.weighted(REGIONS.iter().map(|region| region.weight)) as u8,
            product: (rng.below(2) + u64::from(size > 30) + u64::from(size > 150)) as u8,
            size,
            has_pii: rng.chance(pii),
        }
    }

    pub(super) fn source(self) -> &'static Source {
        &SOURCES[usize::from(self.source)]
    }

    pub(super) fn campaign(self) -> Option<&'static str> {
        self.campaign.map(|campaign| CAMPAIGNS[usize::from(campaign)])
    }

    pub(super) fn industry(self) -> &'static str {
        INDUSTRIES[usize::from(self.industry)]
    }

    pub(super) fn region(self) -> &'static Region {
        &REGIONS[usize::from(self.region)]
    }

    pub(super) fn product(self) -> &'static str {
        PRODUCTS[usize::from(self.product)]
    }

    /// What a deal with such a company is usually worth, minor units.
    pub(super) fn worth(self) -> f64 {
        250_000.0 + 9_000.0 * f64::from(self.size)
    }
}
