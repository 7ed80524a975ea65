//! The times that customers share. A log counts in days, so that many thousand histories have a
//! few hundred times between them: what a model makes of a time is computed once, and looked up.

use crate::{Pattern, Patterns};

/// The times of histories, mostly each once.
pub(crate) struct Times {
    times: Vec<f64>,
    rows: Vec<Places>,
}

/// Where the times of a history stand.
#[derive(Clone, Copy)]
pub(crate) struct Places {
    /// That of the last purchase.
    pub(crate) last: u32,
    /// That of the end of the watch.
    pub(crate) now: u32,
}

impl Times {
    pub(crate) fn of(patterns: &Patterns) -> Self {
        let mut known = Known::default();
        let places = |row: &Pattern| Places { last: known.place(row.t_x), now: known.place(row.t) };
        let rows = patterns.rows().iter().map(places).collect();
        Self { times: known.times, rows }
    }

    /// The same with each time once, in their order.
    pub(crate) fn sorted(mut self) -> Self {
        let mut times = self.times.clone();
        times.sort_unstable_by(f64::total_cmp);
        times.dedup();
        let place = |time: &f64| times.partition_point(|other| other < time) as u32;
        let places: Vec<u32> = self.times.iter().map(place).collect();
        for row in &mut self.rows {
            *row = Places { last: places[row.last as usize], now: places[row.now as usize] };
        }
        Self { times, ..self }
    }

    /// The times.
    pub(crate) fn times(&self) -> &[f64] {
        &self.times
    }

    /// Of each history, in the order of the patterns.
    pub(crate) fn rows(&self) -> &[Places] {
        &self.rows
    }
}

/// Times by their hashes. One that takes the place of another makes it forgotten, and is a time of
/// its own when it comes again: where hardly two are alike, nothing grows and nothing is searched.
struct Known {
    times: Vec<f64>,
    by_hash: Vec<u32>,
}

/// Places for hashes: a power of two.
const PLACES: usize = 1_024;

impl Default for Known {
    fn default() -> Self {
        Self { times: vec![0.0], by_hash: vec![0; PLACES] }
    }
}

impl Known {
    fn place(&mut self, time: f64) -> u32 {
        // The highest bits of a product depend on all bits of its factors.
        let hash = time.to_bits().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54;
        let place = &mut self.by_hash[hash as usize % PLACES];
        if self.times[*place as usize] != time {
            *place = self.times.len() as u32;
            self.times.push(time);
        }
        *place
    }
}

/// ln(1 + time/alpha), and by alpha its slope downwards and its curvature.
#[derive(Clone, Copy)]
pub(crate) struct Shifted {
    pub(crate) log: f64,
    pub(crate) per: f64,
    pub(crate) bend: f64,
}

/// Below this ln(1+z) is not ln of 1+z.
const SMALL: f64 = 0.1;

impl Shifted {
    pub(crate) fn of(per_alpha: f64, time: f64) -> Self {
        let ratio = time * per_alpha;
        let log = if ratio < SMALL { ratio.ln_1p() } else { (1.0 + ratio).ln() };
        // 1/(alpha+time)
        let per_sum = per_alpha / (1.0 + ratio);
        let per = ratio * per_sum;
        Self { log, per, bend: per * (per_alpha + per_sum) }
    }
}
