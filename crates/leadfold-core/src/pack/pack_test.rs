use proptest::prelude::*;

use super::{CHUNK, pack, read_varint, unpack, unzigzag, varint, zigzag};

fn there_and_back(values: &[i64]) -> Option<Vec<i64>> {
    let mut bytes = Vec::new();
    pack(values, &mut bytes);
    let (mut rest, mut out) = (bytes.as_slice(), Vec::new());
    unpack(&mut rest, values.len(), &mut out)?;
    assert!(rest.is_empty(), "{} bytes are left over", rest.len());
    Some(out)
}

/// Values of a width: multiples of a step above the least, the widest among them.
fn of_width(width: u32, step: u64, least: i64, count: usize) -> Vec<i64> {
    let most = u64::MAX.checked_shr(u64::BITS - width).unwrap_or(0);
    let steps =
        |index: u64| if index % 5 == 1 { most } else { (most / 3).wrapping_mul(index) & most };
    let above = |index| steps(index).wrapping_mul(step).cast_signed();
    (0..count as u64).map(|index| least.wrapping_add(above(index))).collect()
}

#[test]
fn every_width_comes_back_at_every_edge_of_a_chunk() {
    for width in 0..=64 {
        for count in [0, 1, 2, 7, 8, 9, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            for (step, least) in [(1, 0), (1, i64::MIN), (7, -300), (1_000_000, i64::MAX)] {
                let values = of_width(width, step, least, count);
                assert_eq!(there_and_back(&values), Some(values), "{width} bits, {count} values");
            }
        }
    }
}

#[test]
fn a_step_and_a_range_take_the_bits_that_they_need() {
    let bytes = |values: &[i64]| {
        let mut bytes = Vec::new();
        pack(values, &mut bytes);
        bytes.len()
    };
    assert_eq!(bytes(&[i64::MIN; CHUNK]), 1 + 10, "all alike");
    let seconds = of_width(4, 1_000_000, 0, CHUNK);
    assert_eq!(bytes(&seconds), 1 + 1 + 3 + CHUNK / 2, "four bits a value");
}

#[test]
fn bytes_that_end_too_early_are_no_values() {
    let values: Vec<i64> = (0..300).map(|value| value * value * 1_000).collect();
    let mut bytes = Vec::new();
    pack(&values, &mut bytes);
    for end in 0..bytes.len() {
        assert_eq!(unpack(&mut &bytes[..end], values.len(), &mut Vec::new()), None, "{end} bytes");
    }
}

#[test]
fn a_number_of_values_that_is_damaged_takes_no_more_memory_than_its_bytes_may_need() {
    for count in [usize::MAX, usize::MAX / 2, 1 << 40] {
        let mut out = Vec::new();
        assert_eq!(unpack(&mut [0; 20].as_slice(), count, &mut out), None);
        assert!(out.capacity() <= 2_048, "room for {} values of 20 bytes", out.capacity());
    }
}

#[test]
fn a_varint_of_more_than_64_bits_is_none() {
    assert_eq!(read_varint(&mut [0xff; 9].as_slice()), None);
    let mut bytes = vec![0xff; 9];
    bytes.push(1);
    assert_eq!(read_varint(&mut bytes.as_slice()), Some(u64::MAX));
    bytes[9] = 2;
    assert_eq!(read_varint(&mut bytes.as_slice()), None);
}

proptest! {
    #[test]
    fn values_come_back(values in prop::collection::vec(any::<i64>(), 0..400), shift in 0_u32..64) {
        let values: Vec<i64> = values.into_iter().map(|value| value >> shift).collect();
        prop_assert_eq!(there_and_back(&values), Some(values));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), count in 0_usize..500) {
        let mut out = Vec::new();
        if unpack(&mut bytes.as_slice(), count, &mut out).is_some() {
            prop_assert_eq!(out.len(), count);
        }
    }

    #[test]
    fn signs_and_varints_come_back(value in any::<i64>(), small in -300_i64..300) {
        for value in [value, small, i64::MIN, i64::MAX] {
            prop_assert_eq!(unzigzag(zigzag(value)), value);
            let mut bytes = Vec::new();
            varint(zigzag(value), &mut bytes);
            prop_assert_eq!(read_varint(&mut bytes.as_slice()), Some(zigzag(value)));
        }
        prop_assert!(zigzag(small) < 600);
    }
}
