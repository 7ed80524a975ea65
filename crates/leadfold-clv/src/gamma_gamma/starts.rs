//! Where the search for the model of spend begins. The likelihood may have several tops, and a ridge
//! from which a search does not come back: as `p` grows with `p v` as it is, the customers' means
//! are inverse gamma distributed and a customer always spends the same; as `q` grows with `q / v`,
//! the means are all alike. So a coarse map of `p` and `q` is drawn, each place with its best `v`,
//! and the search begins at every hill of it.

use super::GammaGamma;
use super::spends::{Spend, Spends};

/// Rows that the map is drawn of, at most twice as many.
const ROWS: usize = 500;
/// Places of the map along a side.
const PLACES: usize = 21;
/// The lowest shape on the map.
const LOW: f64 = 1.0 / 32.0;
/// From one shape to the next.
const STRIDE: f64 = 2.0;
/// Halvings of the interval in which the best `v` is.
const HALVINGS: u32 = 16;

/// The usual place, and the hills of the map.
pub(super) fn starts(spends: &Spends) -> Vec<[f64; 3]> {
    let map = Map::of(&spends.part(ROWS));
    let mut starts = vec![[1.0, 2.0, spends.mean()]];
    starts.extend(map.hills());
    starts
}

/// Places with the heights of the likelihood there.
struct Map([[([f64; 3], f64); PLACES]; PLACES]);

impl Map {
    fn of(spends: &Spends) -> Self {
        let means = || spends.rows().iter().map(Spend::mean);
        let between = [means().fold(f64::INFINITY, f64::min), means().fold(0.0, f64::max)];
        Self(std::array::from_fn(|i| {
            std::array::from_fn(|j| {
                let [p, q] = [i, j].map(|place| LOW * STRIDE.powi(place as i32));
                let at = [p, q, best_v(spends, (p, q), between)];
                (at, GammaGamma { p, q, v: at[2] }.log_likelihood(spends))
            })
        }))
    }

    /// Places that no neighbour is higher than.
    fn hills(&self) -> impl Iterator<Item = [f64; 3]> + '_ {
        let places = (0..PLACES).flat_map(|i| (0..PLACES).map(move |j| (i, j)));
        places.filter(|place| self.is_hill(*place)).map(|(i, j)| self.0[i][j].0)
    }

    fn is_hill(&self, (i, j): (usize, usize)) -> bool {
        let height = self.0[i][j].1;
        let around = |at: usize| at.saturating_sub(1)..PLACES.min(at + 2);
        around(i).all(|i| around(j).all(|j| self.0[i][j].1 <= height))
    }
}

/// The `v` of the highest likelihood where the shapes are given. By ln v the likelihood is concave,
/// and its slope, the sum of q - (px+q) v / (S+v), is 0 for a customer of mean spend m at v = q m / p.
fn best_v(spends: &Spends, (p, q): (f64, f64), means: [f64; 2]) -> f64 {
    let slope = |v: f64| -> f64 {
        let of = |row: &Spend| q - (p * f64::from(row.x) + q) * v / (row.total + v);
        spends.rows().iter().map(|row| row.customers as f64 * of(row)).sum()
    };
    let [mut low, mut high] = means.map(|mean| q * mean / p);
    for _ in 0..HALVINGS {
        let middle = (low * high).sqrt();
        let side = if slope(middle) > 0.0 { &mut low } else { &mut high };
        *side = middle;
    }
    (low * high).sqrt()
}
