//! Room for the rows of a rebuild, made once.

/// What a rebuild expects.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Room {
    /// Events in all, as announced; 0 once room has been made, or where nothing was announced.
    expected: usize,
    folded: usize,
}

impl Room {
    /// Less of the whole than this part of it tells nothing of the rest.
    const TELLING: usize = 256;

    pub(super) fn expecting(events: usize) -> Self {
        Self { expected: events, folded: 0 }
    }

    /// How many times what there is will be needed, once `events` more are folded: told when that
    /// can be told, and never again.
    pub(super) fn times(&mut self, events: usize) -> Option<usize> {
        self.folded = self.folded.saturating_add(events);
        if self.folded == 0 || self.folded < self.expected / Self::TELLING {
            return None;
        }
        let times = std::mem::take(&mut self.expected) / self.folded;
        // A little more, since no beginning is like the whole, and a table that does not fit is copied
        // whole. Room that is never used takes no memory.
        (times > 1).then(|| times + times / 8 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::Room;

    fn told(expected: usize, parts: &[usize]) -> Vec<Option<usize>> {
        let mut room = Room::expecting(expected);
        parts.iter().map(|events| room.times(*events)).collect()
    }

    #[test]
    fn room_is_made_once_and_for_what_is_left() {
        assert_eq!(told(1_000, &[100, 100, 100]), [Some(12), None, None]);
        assert_eq!(told(256_000, &[400, 500, 100, 1]), [None, None, Some(289), None]);
    }

    #[test]
    fn parts_that_come_last_tell_nothing() {
        assert_eq!(told(1_000, &[1_000, 0]), [None, None], "all was in one part");
        assert_eq!(told(1_000, &[0, 1_000, 3]), [None, None, None]);
        assert_eq!(told(0, &[0, 5]), [None, None], "nothing was announced");
    }
}
