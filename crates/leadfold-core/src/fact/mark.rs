//! How the fold has to take an event, at a glance.

/// What any of an event's facts asks for, and how the event stands to the one in front of it.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Mark(u8);

impl Mark {
    const ACTIVE: u8 = 1;
    const COMPLEX: u8 = 2;
    const SIGNAL: u8 = 4;
    const BEGINS: u8 = 8;
    const BACK: u8 = 16;

    /// That of the first event of a lead among those that stand together.
    pub(crate) const FIRST: Self = Self(Self::BEGINS);

    /// That of a fact.
    pub(super) fn of(is_active: bool, is_complex: bool, is_signal: bool) -> Self {
        let bit = |is_set: bool, bit: u8| if is_set { bit } else { 0 };
        Self(
            bit(is_active, Self::ACTIVE)
                | bit(is_complex, Self::COMPLEX)
                | bit(is_signal, Self::SIGNAL),
        )
    }

    /// That of an event that stands behind another one of its lead and may have happened before it.
    #[inline]
    pub(crate) fn behind(is_before: bool) -> Self {
        Self(u8::from(is_before) * Self::BACK)
    }

    /// The same event in another place.
    #[inline]
    pub(crate) fn replaced(self, place: Self) -> Self {
        Self(self.0 & !(Self::BEGINS | Self::BACK) | place.0)
    }

    #[inline]
    pub(crate) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it does nothing to the rows of a lead that has begun and is not erased, and has no
    /// identity in another system that could turn out to be there twice.
    #[inline]
    pub(crate) fn is_passive(self) -> bool {
        self.0 & Self::ACTIVE == 0
    }

    /// Whether it corrects, is corrected or merges: it can only be folded with the whole history
    /// of all whom it concerns.
    #[inline]
    pub(crate) fn is_complex(self) -> bool {
        self.0 & Self::COMPLEX != 0
    }

    /// Whether somebody may have waited for it, or has to heed it from now on, though it moves
    /// nothing: an attempt of sales, a consent that ends or is withdrawn, what is known of a lead.
    /// Most touches and all scores are none.
    #[inline]
    pub(crate) fn is_signal(self) -> bool {
        self.0 & Self::SIGNAL != 0
    }

    /// Of eight events a bit each, the first one the lowest: which are the first of their leads,
    /// which are active, and which cannot be folded where they stand: they are complex, or happened
    /// before the one in front of them.
    #[inline]
    pub(crate) fn bits(marks: &[Self; 8]) -> EightBits {
        const LOWEST: u64 = 0x0101_0101_0101_0101;
        let marks = u64::from_le_bytes(marks.map(|mark| mark.0));
        let of = |flag: u8| (marks >> flag.trailing_zeros()) & LOWEST;
        // One factor brings the lowest bit of each of eight bytes into the highest byte.
        let byte = |bits: u64| (bits.wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8;
        EightBits {
            first: byte(of(Self::BEGINS)),
            active: byte(of(Self::ACTIVE)),
            odd: byte(of(Self::COMPLEX) | of(Self::BACK)),
        }
    }
}

/// Something of eight events, a bit each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EightBits {
    pub(crate) first: u8,
    pub(crate) active: u8,
    pub(crate) odd: u8,
}
