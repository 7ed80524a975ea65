//! Statistics of durations, exact to the microsecond.

use serde::Serialize;

/// Count, mean, quantiles and maximum of durations, in seconds. Quantiles interpolate linearly
/// between the two nearest ranks (type 7 of Hyndman and Fan).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct DurationStat {
    /// How many.
    pub n: u64,
    /// Mean, seconds.
    pub mean_s: Option<f64>,
    /// Median, seconds.
    pub p50_s: Option<f64>,
    /// Ninth decile, seconds.
    pub p90_s: Option<f64>,
    /// Maximum, seconds.
    pub max_s: Option<f64>,
}

impl DurationStat {
    /// The statistics of durations in microseconds. The order of `micros` is changed.
    pub fn of(micros: &mut [i64]) -> Self {
        let Some(last) = micros.len().checked_sub(1) else { return Self::default() };
        let (p50, p90) = (Rank::of(last, 1, 2), Rank::of(last, 9, 10));
        let mean_s = mean(micros);
        let p50_s = seconds(p50.find(micros));
        // Below the median nothing has to be put in order for the ninth decile.
        let p90_s = seconds(p90.behind(p50).find(&mut micros[p50.whole..]));
        let max = micros[p90.whole..].iter().max();
        let max_s = max.map(|max| seconds(*max as f64));
        Self { n: micros.len() as u64, mean_s, p50_s: Some(p50_s), p90_s: Some(p90_s), max_s }
    }
}

fn seconds(micros: f64) -> f64 {
    micros / 1e6
}

/// Durations in microseconds that are in order: no quantile has to be looked for.
#[derive(Clone, Copy)]
pub(crate) struct InOrder<'a>(pub(crate) &'a [i64]);

impl InOrder<'_> {
    /// Their statistics.
    pub(crate) fn stat(self) -> DurationStat {
        DurationStat {
            n: self.0.len() as u64,
            mean_s: mean(self.0),
            p50_s: self.quantile(1, 2).map(seconds),
            p90_s: self.quantile(9, 10).map(seconds),
            max_s: self.0.last().map(|max| seconds(*max as f64)),
        }
    }

    /// The quantile `num / den`, as [`quantile`] has it.
    pub(crate) fn quantile(self, num: u64, den: u64) -> Option<f64> {
        let rank = Rank::of(self.0.len().checked_sub(1)?, num, den);
        let low = self.0[rank.whole];
        Some(rank.between(low, self.0.get(rank.whole + 1).copied()))
    }

    /// How many are shorter than that.
    pub(crate) fn below(self, micros: i64) -> u64 {
        self.0.partition_point(|span| *span < micros) as u64
    }
}

fn mean(micros: &[i64]) -> Option<f64> {
    let sum: i128 = micros.iter().map(|micros| i128::from(*micros)).sum();
    (!micros.is_empty()).then(|| sum as f64 / micros.len() as f64 / 1e6)
}

/// The quantile `num / den` by linear interpolation (type 7), in linear time; `None` of nothing.
/// The order of `values` is changed.
///
/// # Panics
/// When `den` is 0, or `num` is above it.
///
/// ```
/// # use leadfold_core::metrics::quantile;
/// assert_eq!(quantile(&mut [40, 10, 20, 30], 1, 2), Some(25.0));
/// assert_eq!(quantile(&mut [], 1, 2), None);
/// ```
pub fn quantile(values: &mut [i64], num: u64, den: u64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    Some(Rank::of(last, num, den).find(values))
}

/// A place among sorted values: a whole number, and a fraction of the way to the next.
#[derive(Clone, Copy)]
struct Rank {
    whole: usize,
    fraction: f64,
}

impl Rank {
    /// Whole numbers up to the last step, so that no rank is off by a rounding error.
    fn of(last: usize, num: u64, den: u64) -> Self {
        let scaled = last as u128 * u128::from(num);
        let (whole, rest) = (scaled / u128::from(den), scaled % u128::from(den));
        Self { whole: whole as usize, fraction: rest as f64 / den as f64 }
    }

    /// The same place, counted from a lower one.
    fn behind(self, lower: Self) -> Self {
        Self { whole: self.whole - lower.whole, ..self }
    }

    /// The value there. The order of the values is changed: those behind it are no less.
    fn find(self, values: &mut [i64]) -> f64 {
        let (_, low, above) = values.select_nth_unstable(self.whole);
        let low = *low;
        let high = (self.fraction != 0.0).then(|| above.iter().min().copied()).flatten();
        self.between(low, high)
    }

    /// Between the value of the whole rank and the next one, if there is one.
    fn between(self, low: i64, high: Option<i64>) -> f64 {
        if self.fraction == 0.0 {
            return low as f64;
        }
        let high = high.unwrap_or(low);
        low as f64 + self.fraction * (i128::from(high) - i128::from(low)) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::{DurationStat, InOrder, quantile};

    #[test]
    fn what_is_in_order_has_the_statistics_that_are_found_otherwise() {
        for n in 0..60_i64 {
            // Ties, gaps and times below 0.
            let times: Vec<i64> = (0..n).map(|i| (i * 37 % 23 - 5) * 1_000_003).collect();
            let mut sorted = times.clone();
            sorted.sort_unstable();
            let in_order = InOrder(&sorted);
            assert_eq!(in_order.stat(), DurationStat::of(&mut times.clone()), "{n}");
            for (num, den) in [(0, 1), (1, 3), (1, 2), (19, 20), (1, 1)] {
                assert_eq!(in_order.quantile(num, den), quantile(&mut times.clone(), num, den));
            }
            for edge in [-6_000_000, 0, 1_000_003, 20_000_000] {
                let below = times.iter().filter(|time| **time < edge).count() as u64;
                assert_eq!(in_order.below(edge), below, "{n}: {edge}");
            }
        }
    }
}
