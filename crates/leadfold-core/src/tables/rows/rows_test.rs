//! Chains survive freed places, and rows that are taken over or copied.

use super::*;

fn values(rows: &Rows<u32>, chain: u32) -> Vec<u32> {
    rows.chain(chain).copied().collect()
}

#[test]
fn chains_go_through_freed_places_upwards_and_downwards() {
    let mut rows = Rows::default();
    let (mut gone, mut stays) = (NO_ROW, NO_ROW);
    rows.push(0, &mut gone, 1);
    rows.push(1, &mut stays, 2);
    rows.push(0, &mut gone, 3);
    rows.drop_chain(gone);
    assert_eq!(rows.len(), 1);
    (4..8).for_each(|value| {
        rows.push(1, &mut stays, value);
    });
    assert_eq!(values(&rows, stays), [7, 6, 5, 4, 2]);
    assert_eq!(rows.len(), 5);
    assert!(rows.iter().all(|(lead, _)| lead == LeadIndex(1)));
}

#[test]
fn rows_of_many_shards_keep_their_chains_and_leads() {
    let mut all = Rows::default();
    let mut chains = Vec::new();
    for shard in 0..2 * PARTS_TAKEN_MAX as u32 {
        let mut own = Rows::default();
        own.count_from(10 * (shard + 1));
        let (mut first, mut second) = (NO_ROW, NO_ROW);
        own.push(0, &mut first, 100 * shard);
        own.push(1, &mut second, 100 * shard + 1);
        own.push(0, &mut first, 100 * shard + 2);
        let offset = all.append(own);
        chains.push((shard, moved(first, offset), moved(second, offset)));
    }
    for (shard, first, second) in chains {
        assert_eq!(values(&all, first), [100 * shard + 2, 100 * shard]);
        assert_eq!(values(&all, second), [100 * shard + 1]);
        assert_eq!(all.iter().filter(|(lead, _)| lead.0 == 10 * (shard + 1)).count(), 2);
    }
    assert_eq!(all.len(), 6 * PARTS_TAKEN_MAX);
    let mut late = NO_ROW;
    all.push(7, &mut late, 9);
    assert_eq!(values(&all, late), [9]);
    assert!(
        all.iter().any(|(lead, value)| (lead.0, *value) == (7, 9)),
        "it counts from its own base"
    );
}

/// Places that a lead has left, in a part that has been taken over and in the last one.
#[test]
fn rows_go_to_free_places_in_every_part() {
    let mut all = Rows::default();
    let mut gone = Vec::new();
    for shard in 0..2 {
        let mut own = Rows::default();
        own.count_from(10 * shard);
        let (mut first, mut stays) = (NO_ROW, NO_ROW);
        own.push(0, &mut first, 100 * shard);
        own.push(1, &mut stays, 100 * shard + 1);
        own.push(0, &mut first, 100 * shard + 2);
        let offset = all.append(own);
        gone.push(moved(first, offset));
    }
    gone.into_iter().for_each(|chain| all.drop_chain(chain));
    assert_eq!(all.len(), 2);
    let mut late = NO_ROW;
    (0..6).for_each(|value| {
        all.push(7, &mut late, value);
    });
    assert_eq!(values(&all, late), [5, 4, 3, 2, 1, 0]);
    assert_eq!(all.len(), 8);
    let of_late = all.iter().filter(|(lead, _)| lead.0 == 7);
    assert_eq!(of_late.count(), 6);
}

/// Chains of so many leads: row by row of all of them, or lead by lead.
fn chains(leads: u32, rows_a_lead: u32, is_by_lead: bool) -> (Rows<u32>, Vec<u32>) {
    let (mut rows, mut chains) = (Rows::default(), vec![NO_ROW; leads as usize]);
    for number in 0..leads * rows_a_lead {
        let lead = if is_by_lead { number / rows_a_lead } else { number % leads };
        rows.push(lead, &mut chains[lead as usize], number);
    }
    (rows, chains)
}

#[test]
fn rows_of_a_log_are_scattered_and_those_of_a_rebuild_are_not() {
    for (leads, is_by_lead, expected) in
        [(100, false, true), (100, true, false), (5_000, false, true), (5_000, true, false)]
    {
        let (rows, mut chains) = chains(leads, 3, is_by_lead);
        assert_eq!(rows.is_scattered(), expected, "{leads} leads, by lead: {is_by_lead}");
        chains.push(NO_ROW);
        rows.warm_up(&mut chains);
        assert!(chains.is_empty(), "all have come to their ends");
    }
    assert!(!Rows::<u32>::default().is_scattered());
    assert!(!chains(100, 1, false).0.is_scattered(), "a row alone is near");
}
