//! Powers of one half in whole numbers, so that every machine rounds a score alike.

/// A factor of 1 is this power of two.
pub(super) const ONE_BITS: u32 = 62;
/// How finely the part of a half-life is read.
const FRACTION_BITS: u32 = 48;
/// 2^(-1/2), 2^(-1/4), 2^(-1/8) and so on, each the square root of the one before.
const ROOTS: [u64; FRACTION_BITS as usize] = roots();

const fn roots() -> [u64; FRACTION_BITS as usize] {
    let mut roots = [0; FRACTION_BITS as usize];
    let (mut root, mut at) = (1u128 << (ONE_BITS - 1), 0);
    while at < roots.len() {
        root = (root << ONE_BITS).isqrt();
        roots[at] = root as u64;
        at += 1;
    }
    roots
}

/// `2^(-part / whole)` for `part < whole`, in units of `2^-62`. Exact for a part of 0; else
/// the relative error is below `2^-47`, most of it from reading the part in 48 bits.
pub(super) fn halving(part: u64, whole: u64) -> u128 {
    let bits = (u128::from(part) << FRACTION_BITS) / u128::from(whole);
    (0..FRACTION_BITS)
        .filter(|at| (bits >> (FRACTION_BITS - 1 - at)) & 1 == 1)
        .fold(1 << ONE_BITS, |factor, at| (factor * u128::from(ROOTS[at as usize])) >> ONE_BITS)
}
