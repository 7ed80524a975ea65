//! Durations by the million, until their median is asked for.

/// A piece that is full has so many: 64 KiB.
const PIECE: usize = 8_192;

/// Durations in microseconds, in pieces: what grows in one piece is copied again and again, into
/// fresh memory, and that was a quarter of the funnel (`benches/README.md`).
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    full: Vec<Vec<i64>>,
    open: Vec<i64>,
}

impl Times {
    #[inline]
    pub(super) fn push(&mut self, micros: i64) {
        if self.open.len() == PIECE {
            self.close();
        }
        self.open.push(micros);
    }

    fn close(&mut self) {
        let next = Vec::with_capacity(PIECE);
        self.full.push(std::mem::replace(&mut self.open, next));
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.full.len() * PIECE + self.open.len()
    }

    /// Puts all of them behind others.
    pub(super) fn copy_to(&self, all: &mut Vec<i64>) {
        self.full.iter().chain([&self.open]).for_each(|piece| all.extend_from_slice(piece));
    }
}

#[cfg(test)]
mod tests {
    use super::{PIECE, Times};

    #[test]
    fn pieces_are_one_sequence() {
        for n in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE] {
            let mut times = Times::default();
            (0..n as i64).for_each(|micros| times.push(micros));
            assert_eq!(times.len(), n);
            let mut all = vec![-1];
            times.copy_to(&mut all);
            assert!(all.into_iter().eq(-1..n as i64), "{n}");
        }
    }
}
