//! Integrals of smooth functions that rise at most once and then fall, by Gauss and Legendre's
//! rule on panels that fit the fall.

/// Nodes on the right half of [-1, 1], and their weights: the 16 point rule.
const RULE: [(f64, f64); 8] = [
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

/// A positive function on [0, end], by its logarithm, which is concave.
pub(crate) trait LogConcave {
    /// Where it ends; may be infinite.
    fn end(&self) -> f64;

    /// Its logarithm.
    fn height(&self, u: f64) -> f64;

    /// The slope of the logarithm.
    fn slope(&self, u: f64) -> f64;
}

/// Visits the nodes that the integral of a function takes, each with its weight.
pub(crate) fn nodes(function: &impl LogConcave, mut visit: impl FnMut(f64, f64)) {
    let end = function.end();
    let (mut from, mut peak) = (0.0, f64::NEG_INFINITY);
    for _ in 0..PANELS_MAX {
        if from >= end {
            return;
        }
        let width = width(function, from);
        let (half, is_last) =
            if from + width < end { (width / 2.0, false) } else { ((end - from) / 2.0, true) };
        let middle = from + half;
        for (node, weight) in RULE {
            visit(middle - half * node, half * weight);
            visit(middle + half * node, half * weight);
        }
        if is_last {
            return;
        }
        from += width;
        let height = function.height(from);
        peak = height.max(peak);
        if height < peak - NEGLIGIBLE {
            return;
        }
    }
}

/// The width of a panel: the slope only falls, so it is steepest at one of the ends.
fn width(function: &impl LogConcave, from: f64) -> f64 {
    let room = WIDTH_MAX.min(function.end() - from);
    let width = room.min(CHANGE_MAX / function.slope(from).abs());
    width.min(CHANGE_MAX / function.slope(from + width).abs())
}
