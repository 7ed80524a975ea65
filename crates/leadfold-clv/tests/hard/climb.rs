//! Another way up, which knows no slope: Nelder and Mead's (1965), on the logarithms.

use crate::simulated::Dice;

type Point = [f64; 4];

/// The highest place that is found, with its value, from a start drawn around `near`, in so many evaluations.
pub(super) fn climb(
    dice: &mut Dice,
    near: Point,
    spread: f64,
    evaluations: u32,
    value: impl Fn(Point) -> f64,
) -> (f64, Point) {
    let height = |at: &Point| {
        let value = value(at.map(|log| log.clamp(-300.0, 300.0).exp()));
        if value.is_finite() { value } else { f64::NEG_INFINITY }
    };
    let mut start = || near.map(|log| log + spread * (2.0 * dice.next() - 1.0));
    let mut corners: Vec<(f64, Point)> =
        (0..5).map(|_| start()).map(|at| (height(&at), at)).collect();
    for _ in 0..evaluations {
        corners.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (lowest, at) = corners[4];
        let centre: Point =
            std::array::from_fn(|i| corners[..4].iter().map(|(_, corner)| corner[i] / 4.0).sum());
        let try_at = |by: f64| -> (f64, Point) {
            let point = std::array::from_fn(|i| centre[i] + by * (centre[i] - at[i]));
            (height(&point), point)
        };
        let reflected = try_at(1.0);
        let better = if reflected.0 > corners[0].0 {
            let far = try_at(2.0);
            if far.0 > reflected.0 { far } else { reflected }
        } else if reflected.0 > corners[3].0 {
            reflected
        } else {
            try_at(if reflected.0 > lowest { 0.5 } else { -0.5 })
        };
        if better.0 > lowest {
            corners[4] = better;
        } else {
            let best = corners[0].1;
            for corner in &mut corners[1..] {
                corner.1 = std::array::from_fn(|i| (corner.1[i] + best[i]) / 2.0);
                corner.0 = height(&corner.1);
            }
        }
    }
    corners.sort_by(|a, b| b.0.total_cmp(&a.0));
    corners[0]
}
