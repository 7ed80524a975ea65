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

/// Appends values.
pub(crate) fn pack(values: &[i64], out: &mut Vec<u8>) {
    for chunk in values.chunks(CHUNK) {
        let least = chunk.iter().copied().min().unwrap_or(0);
        let above = |value: &i64| value.wrapping_sub(least).cast_unsigned();
        let step = chunk.iter().map(above).fold(0, common_divisor).max(1);
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
    let mask = u64::MAX >> (u64::BITS as usize - width);
    let value = |steps: u64| least.wrapping_add((steps & mask).wrapping_mul(step).cast_signed());
    if width <= WORD_WIDTH_MAX {
        let place = |index: usize| (index * width / 8, index * width % 8);
        let places: [_; GROUP] = std::array::from_fn(place);
        let end = out.len() + values;
        for group in 0..values.div_ceil(GROUP) {
            let bytes = chunk[group * width..].first_chunk().expect("a chunk has room behind it");
            out.extend_from_slice(&places.map(|(byte, bit)| value(word_at(bytes, byte) >> bit)));
        }
        out.truncate(end);
    } else {
        let word = |bit: usize| (u128_at(chunk, bit / 8) >> (bit % 8)) as u64;
        out.extend((0..values).map(|index| value(word(index * width))));
    }
    Some(())
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
