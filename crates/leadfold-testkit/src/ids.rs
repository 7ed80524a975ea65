//! Ids that are realistic (UUIDv7: ordered by time) and yet the same in every run.

use leadfold_core::{EventId, Timestamp};
use uuid::Uuid;

/// The id of an event that happened at `at`. Different `unique` numbers never give the same id.
pub(crate) fn event_id(at: Timestamp, unique: u64) -> EventId {
    let millis = (at.micros().div_euclid(1_000) & 0xffff_ffff_ffff) as u128;
    let unique = u128::from(unique);
    // Layout: 48 bits of time, version, 12 bits, variant, 62 bits. The number fills the last 62
    // and the two bits before the variant; the other ten only make the id look random.
    let filler = (unique * 0x9e37_79b9) >> 24 & 0x3ff;
    let high = filler << 2 | unique >> 62;
    let low = unique & 0x3fff_ffff_ffff_ffff;
    EventId(Uuid::from_u128(millis << 80 | 7 << 76 | high << 64 | 2 << 62 | low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_version_seven_and_ordered_by_time() {
        let id = |micros, unique| event_id(Timestamp::from_micros(micros), unique);
        let early = id(1_706_778_000_000_000, u64::MAX);
        assert_eq!(early.0.get_version_num(), 7);
        assert_eq!(early.0.get_variant(), uuid::Variant::RFC4122);
        assert!(early < id(1_706_778_000_001_000, 0));
        assert_ne!(id(0, 1), id(0, 1 | 1 << 63));
        assert_eq!(id(-1, 0).0.get_version_num(), 7);
    }
}
