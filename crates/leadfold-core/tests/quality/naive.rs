//! The oracle: every figure from its definition, in quadratic time. It can be told to have a flaw,
//! to see whether the comparison would notice.

use leadfold_core::metrics::{Fraction, Judged};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Flaw {
    None,
    /// Ties count as won.
    Ties,
    /// Ties at the last place are broken by the order of the leads.
    FirstCome,
    /// An edge belongs to the bin below.
    UpperEdge,
    /// Ties are parted to make bins equally large.
    Parted,
}

/// Over all pairs of a won and a lost lead.
pub(super) fn auc(leads: &[Judged], flaw: Flaw) -> Option<Fraction> {
    let (mut num, mut den) = (0, 0);
    for won in leads.iter().filter(|lead| lead.is_won) {
        for lost in leads.iter().filter(|lead| !lead.is_won) {
            den += 2;
            num += match (won.score > lost.score, won.score == lost.score) {
                (true, _) => 2,
                (_, true) => {
                    if flaw == Flaw::Ties {
                        2
                    } else {
                        1
                    }
                }
                _ => 0,
            };
        }
    }
    (den > 0).then_some(Fraction { num, den })
}

/// A lead that ties for the last places counts by the part of those places that is its.
pub(super) fn lift(leads: &[Judged], k: usize, flaw: Flaw) -> f64 {
    let part = |at: usize, lead: &Judged| {
        let above = leads.iter().filter(|other| other.score > lead.score).count();
        let before = leads[..at].iter().filter(|other| other.score == lead.score).count();
        let tied = leads.iter().filter(|other| other.score == lead.score).count();
        if flaw == Flaw::FirstCome {
            return if above + before < k { 1.0 } else { 0.0 };
        }
        (k.saturating_sub(above) as f64 / tied as f64).min(1.0)
    };
    let won = leads.iter().enumerate().filter(|(_, lead)| lead.is_won);
    let won_first: f64 = won.map(|(at, lead)| part(at, lead)).sum();
    let won_all = leads.iter().filter(|lead| lead.is_won).count();
    (won_first / k as f64) / (won_all as f64 / leads.len() as f64)
}

/// (won, all) of each bin of equal width, by trying every bin.
pub(super) fn by_width(leads: &[Judged], n_bins: usize, flaw: Flaw) -> Vec<(u64, u64)> {
    let edge = |bin: usize| bin as f64 / n_bins as f64;
    let is_in = |bin: usize, p: f64| {
        if flaw == Flaw::UpperEdge {
            return (edge(bin) < p || bin == 0) && p <= edge(bin + 1);
        }
        edge(bin) <= p && (p < edge(bin + 1) || bin + 1 == n_bins)
    };
    let count = |bin: usize| {
        let own = || leads.iter().filter(move |lead| is_in(bin, lead.score));
        (own().filter(|lead| lead.is_won).count() as u64, own().count() as u64)
    };
    (0..n_bins).map(count).collect()
}

/// (won, all) of each bin by rank, the empty ones left out.
pub(super) fn by_quantile(leads: &[Judged], n_bins: usize, flaw: Flaw) -> Vec<(u64, u64)> {
    let mut bins = vec![(0, 0); n_bins];
    for (at, lead) in leads.iter().enumerate() {
        let below = leads.iter().filter(|other| other.score < lead.score).count();
        let before = leads[..at].iter().filter(|other| other.score == lead.score).count();
        let rank = if flaw == Flaw::Parted { below + before } else { below };
        let bin = &mut bins[rank * n_bins / leads.len()];
        *bin = (bin.0 + u64::from(lead.is_won), bin.1 + 1);
    }
    bins.into_iter().filter(|bin| bin.1 > 0).collect()
}
