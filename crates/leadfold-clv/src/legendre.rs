//! Integrals of smooth functions that rise at most once and then fall, by Gauss and Legendre's
//! rule on panels that fit the fall.

/// Nodes on the right half of [-1, 1], and their weights.
type Rule = [(f64, f64)];

/// 8 points: enough for a narrow panel on which little happens.
const SHORT: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_47),
    (0.960_289_856_497_536_2, 0.101_228_536_290_376_26),
];

/// 16 points: enough for any panel.
const LONG: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_6),
    (0.458_016_777_657_227_4, 0.169_156_519_395_002_54),
    (0.617_876_244_402_643_7, 0.149_595_988_816_576_73),
    (0.755_404_408_355_003, 0.124_628_971_255_533_87),
    (0.865_631_202_387_831_7, 0.095_158_511_682_492_78),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_89),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_095),
];

/// The widest panel: the functions are made so that their singularities are pi or more away.
const WIDTH_MAX: f64 = 2.0;
/// How much the logarithm may change within a panel.
const CHANGE_MAX: f64 = 12.0;
/// What is this far below the peak, as a logarithm, adds nothing to the sum.
const NEGLIGIBLE: f64 = 45.0;
/// An end to the loop for what is no number; no integral needs as many.
const PANELS_MAX: u32 = 4096;
/// The widest panel for the short rule, and the most that may happen there.
const SHORT_MAX: (f64, f64) = (1.0, 2.5);

/// A positive function on [0, end], by its logarithm, which is concave.
pub(crate) trait LogConcave {
    /// Where it ends; may be infinite.
    fn end(&self) -> f64;

    /// Its logarithm.
    fn height(&self, u: f64) -> f64;

    /// The slope of the logarithm.
    fn slope(&self, u: f64) -> f64;

    /// What the slope nowhere exceeds, up or down.
    fn steepest(&self) -> f64;

    /// Whether one panel is enough.
    fn is_one_panel(&self) -> bool {
        self.end() <= WIDTH_MAX && self.end() * self.steepest() <= CHANGE_MAX
    }
}

/// A part of the way on which one rule is enough.
struct Panel {
    width: f64,
    /// How much the logarithm changes there, at most.
    change: f64,
}

/// Visits the nodes that the integral of a function takes, each with its weight.
pub(crate) fn nodes(function: &impl LogConcave, mut visit: impl FnMut(f64, f64)) {
    let end = function.end();
    if end <= 0.0 {
        return;
    }
    if function.is_one_panel() {
        let panel = Panel { width: end, change: end * function.steepest() };
        return panel.visit(0.0, &mut visit);
    }
    let (mut from, mut peak) = (0.0, f64::NEG_INFINITY);
    for _ in 0..PANELS_MAX {
        let panel = Panel::of(function, from);
        panel.visit(from, &mut visit);
        from += panel.width;
        if from >= end {
            return;
        }
        let height = function.height(from);
        peak = height.max(peak);
        if height < peak - NEGLIGIBLE {
            return;
        }
    }
}

impl Panel {
    /// The slope only falls, so it is steepest at one of the ends.
    fn of(function: &impl LogConcave, from: f64) -> Self {
        let room = WIDTH_MAX.min(function.end() - from);
        let slope = function.slope(from).abs();
        let width = room.min(CHANGE_MAX / slope);
        let slope = function.slope(from + width).abs().max(slope);
        let width = width.min(CHANGE_MAX / slope);
        Self { width, change: width * slope }
    }

    fn visit(&self, from: f64, visit: &mut impl FnMut(f64, f64)) {
        let (width, change) = SHORT_MAX;
        let is_short = self.width <= width && self.change <= change;
        let rule: &Rule = if is_short { &SHORT } else { &LONG };
        let half = self.width / 2.0;
        for (node, weight) in rule {
            visit(from + half * (1.0 - node), half * weight);
            visit(from + half * (1.0 + node), half * weight);
        }
    }
}
