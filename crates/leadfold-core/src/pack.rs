//! Numbers in as few bits as their range takes: frame of reference, 128 at a time.
//!
//! A chunk is the number of bits of a value (one byte) and the smallest value (a varint); unless
//! all are alike, also the step, which divides what each is above the smallest (a varint), and
//! how many steps each is above it, bit beside bit from the lowest bit of the first byte on.
//! Clocks that tick in seconds make steps of a million microseconds.

/// Values in a chunk.
const CHUNK: usize = 128;
/// Values that take whole bytes, whatever their width.
const GROUP: usize = 8;
/// Bytes that a group may need: 64 bits a value, and room to read past the last.
const GROUP_BYTES: usize = GROUP * 8 + 8;
/// The same of a chunk.
const CHUNK_BYTES: usize = CHUNK * 8 + 16;

/// Bits of a value that a word of 64 holds wherever in its first byte the value begins.
const WORD_WIDTH_MAX: usize = 57;

/// Calls the reading of groups whose width the compiler knows.
macro_rules! of_known_width {
    ($groups:expr, $width:expr, $value:expr, $($known:literal)*) => {
        match $width {
            $($known => $groups.unpack::<$known>($value),)*
            _ => unreachable!("wider values are read one by one"),
        }
    };
}

/// Appends values.
pub(crate) fn pack(values: &[i64], out: &mut Vec<u8>) {
    for chunk in values.chunks(CHUNK) {
        let least = chunk.iter().copied().min().unwrap_or(0);
        let above = |value: &i64| value.wrapping_sub(least).cast_unsigned();
        let step = common_step(chunk.iter().map(above));
        let most = chunk.iter().map(above).max().unwrap_or(0) / step;
        let width = u64::BITS - most.leading_zeros();
        out.push(width as u8);
        varint(zigzag(least), out);
        if width > 0 {
            varint(step, out);
            bits(chunk.iter().map(|value| above(value) / step), width, out);
        }
    }
}

/// What divides all of some values; 1 if nothing else does, or all are 0.
fn common_step(mut values: impl Iterator<Item = u64>) -> u64 {
    // Nearly always a few values tell that it is 1.
    let step = values.try_fold(0, |step, value| match common_divisor(step, value) {
        1 => Err(1),
        step => Ok(step),
    });
    step.unwrap_or_else(|one| one).max(1)
}

fn common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn bits(values: impl Iterator<Item = u64>, width: u32, out: &mut Vec<u8>) {
    // Up to 7 bits are left over from one value to the next: 71 in all.
    let (mut held, mut count) = (0_u128, 0);
    for value in values {
        held |= u128::from(value) << count;
        count += width;
        while count >= 8 {
            out.push(held as u8);
            held >>= 8;
            count -= 8;
        }
    }
    if count > 0 {
        out.push(held as u8);
    }
}

/// Takes so many values off the front of some bytes. `None` if they do not hold them.
#[must_use]
pub(crate) fn unpack(bytes: &mut &[u8], mut count: usize, out: &mut Vec<i64>) -> Option<()> {
    out.clear();
    // No chunk is less than two bytes: a number of values that is damaged makes no room for itself.
    out.reserve(count.min(CHUNK / 2 * bytes.len()).next_power_of_two());
    while count > 0 {
        let values = count.min(CHUNK);
        let (&width, rest) = bytes.split_first()?;
        *bytes = rest;
        let least = unzigzag(read_varint(bytes)?);
        match width {
            0 => out.extend(std::iter::repeat_n(least, values)),
            1..=64 => unpack_chunk(bytes, values, width, least, out)?,
            _ => return None,
        }
        count -= values;
    }
    Some(())
}

fn unpack_chunk(
    bytes: &mut &[u8],
    values: usize,
    width: u8,
    least: i64,
    out: &mut Vec<i64>,
) -> Option<()> {
    let step = read_varint(bytes)?;
    let width = usize::from(width);
    let (packed, rest) = bytes.split_at_checked((values * width).div_ceil(8))?;
    // As if all chunks were of one size: every value can be read in one go, whatever stands behind
    // it. Only where the bytes end does that take a copy.
    let mut copy = [0; CHUNK_BYTES];
    let chunk = bytes.first_chunk().unwrap_or_else(|| {
        copy[..packed.len()].copy_from_slice(packed);
        &copy
    });
    *bytes = rest;
    let value = move |steps: u64| least.wrapping_add(steps.wrapping_mul(step).cast_signed());
    if width > WORD_WIDTH_MAX {
        let mask = u64::MAX >> (u64::BITS as usize - width);
        let word = |bit: usize| (u128_at(chunk, bit / 8) >> (bit % 8)) as u64;
        out.extend((0..values).map(|index| value(word(index * width) & mask)));
        return Some(());
    }
    let end = out.len() + values;
    let mut groups = Groups { chunk, count: values.div_ceil(GROUP), out };
    of_known_width!(
        groups, width, value,
        1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29
        30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57
    );
    out.truncate(end);
    Some(())
}

/// Groups of values, of one width, that are to be read.
struct Groups<'a> {
    chunk: &'a [u8; CHUNK_BYTES],
    count: usize,
    out: &'a mut Vec<i64>,
}

impl Groups<'_> {
    /// The compiler knows the width: where each value of a group begins, and what is left of the
    /// word there, are numbers in the instructions, and nothing is looked up.
    #[inline(never)]
    fn unpack<const WIDTH: usize>(&mut self, value: impl Fn(u64) -> i64) {
        let mask = u64::MAX >> (u64::BITS as usize - WIDTH);
        for group in 0..self.count {
            let bytes = &self.chunk[group * WIDTH..][..GROUP_BYTES];
            let bytes = bytes.first_chunk().expect("a chunk has room behind it");
            let steps = |bit: usize| (word_at(bytes, bit / 8) >> (bit % 8)) & mask;
            let values: [_; GROUP] = std::array::from_fn(|index| value(steps(index * WIDTH)));
            self.out.extend_from_slice(&values);
        }
    }
}

/// The word at a byte of a group's.
#[inline]
fn word_at(group: &[u8; GROUP_BYTES], byte: usize) -> u64 {
    // No byte is further behind; the remainder says so, and saves a check of each value.
    let word =
        group[byte % u64::BITS as usize..].first_chunk().expect("a group has room behind it");
    u64::from_le_bytes(*word)
}

#[inline]
fn u128_at(buffer: &[u8; CHUNK_BYTES], at: usize) -> u128 {
    let bytes = buffer[at..].first_chunk().expect("the buffer has room behind its last value");
    u128::from_le_bytes(*bytes)
}

/// Appends a number, 7 bits a byte, the lowest first.
pub(crate) fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Takes a number off the front of some bytes.
pub(crate) fn read_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let bits = u64::from(byte & 0x7f);
        if bits << shift >> shift != bits {
            return None;
        }
        value |= bits << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// Small numbers of either sign as small numbers.
#[inline]
pub(crate) const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

/// The other way.
#[inline]
pub(crate) const fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}

#[cfg(test)]
mod pack_test;
