//! From numbers to places.

/// About so many ticks.
const TICKS: f64 = 6.0;

/// From 0 to a number, laid out from one place to another.
#[derive(Clone, Copy)]
pub(super) struct Axis {
    most: f64,
    from: f64,
    to: f64,
}

impl Axis {
    pub(super) fn new(most: f64, (from, to): (f64, f64)) -> Self {
        let most = if most.is_finite() && most > 0.0 { most } else { 1.0 };
        Self { most, from, to }
    }

    /// The same up to the next tick, so that nothing touches the end.
    pub(super) fn rounded(most: f64, ends: (f64, f64)) -> Self {
        let axis = Self::new(most, ends);
        let step = axis.step();
        Self { most: (axis.most / step).ceil() * step, ..axis }
    }

    /// Where a number is; what is beyond the ends stands at them.
    pub(super) fn at(&self, number: f64) -> f64 {
        let share = if number.is_finite() { (number / self.most).clamp(0.0, 1.0) } else { 1.0 };
        self.from + (self.to - self.from) * share
    }

    pub(super) fn range(&self) -> (f64, f64) {
        (self.from, self.to)
    }

    /// Round numbers at equal distances.
    pub(super) fn ticks(&self) -> impl Iterator<Item = f64> + use<> {
        let (step, most) = (self.step(), self.most);
        (0..).map(move |i| f64::from(i) * step).take_while(move |tick| *tick <= most)
    }

    /// 1, 2 or 5 times a power of ten, and whole.
    fn step(&self) -> f64 {
        let rough = (self.most / TICKS).max(1.0);
        let ten = 10_f64.powf(rough.log10().floor());
        let steps = [1.0, 2.0, 5.0, 10.0].map(|times| times * ten);
        steps.into_iter().find(|step| *step >= rough).unwrap_or(rough)
    }
}
