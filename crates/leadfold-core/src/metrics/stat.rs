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
        let n = micros.len();
        let sum: i128 = micros.iter().map(|micros| i128::from(*micros)).sum();
        Self {
            n: n as u64,
            mean_s: (n > 0).then(|| sum as f64 / n as f64 / 1e6),
            p90_s: quantile(micros, 9, 10).map(seconds),
            p50_s: quantile(micros, 1, 2).map(seconds),
            max_s: micros.iter().max().map(|max| seconds(*max as f64)),
        }
    }
}

fn seconds(micros: f64) -> f64 {
    micros / 1e6
}

/// The quantile `num / den` by linear interpolation (type 7), in linear time; `None` of nothing.
/// The order of `values` is changed.
///
/// ```
/// # use leadfold_core::metrics::quantile;
/// assert_eq!(quantile(&mut [40, 10, 20, 30], 1, 2), Some(25.0));
/// assert_eq!(quantile(&mut [], 1, 2), None);
/// ```
pub fn quantile(values: &mut [i64], num: u64, den: u64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    // Whole numbers up to the last step, so that no rank is off by a rounding error.
    let scaled = last as u128 * u128::from(num);
    let (rank, rest) = ((scaled / u128::from(den)) as usize, scaled % u128::from(den));
    let (_, low, above) = values.select_nth_unstable(rank);
    let low = *low;
    let fraction = rest as f64 / den as f64;
    match above.iter().min() {
        Some(high) if rest > 0 => {
            Some(low as f64 + fraction * (i128::from(*high) - i128::from(low)) as f64)
        }
        _ => Some(low as f64),
    }
}
