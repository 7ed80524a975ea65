//! How fast a log grows: what its events are apart in time tells nearly how far they are apart in it.

/// How many events a log gets in a microsecond, in parts of 2^48.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace(pub(super) u64);

impl Pace {
    /// The pace at which events of which each is so far behind the one before it, in the log and in
    /// time, have come. 0 where they have come at none.
    pub(super) fn of(positions: &[i64], times: &[i64]) -> Self {
        let sum = |differences: &[i64]| differences.iter().copied().map(i128::from).sum::<i128>();
        let pace = sum(positions).checked_mul(1 << 48).and_then(|far| far.checked_div(sum(times)));
        Self(pace.and_then(|pace| u64::try_from(pace).ok()).unwrap_or(0))
    }

    /// How far an event is behind where a log that grows evenly would have it.
    pub(super) fn told(self, position: i64, time: i64) -> i64 {
        position.wrapping_sub(self.expected(time))
    }

    /// The way back.
    #[inline]
    pub(super) fn position(self, told: i64, time: i64) -> i64 {
        told.wrapping_add(self.expected(time))
    }

    #[inline]
    fn expected(self, time: i64) -> i64 {
        ((i128::from(self.0) * i128::from(time)) >> 48) as i64
    }
}
