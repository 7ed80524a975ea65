//! CDNOW's customers.

use crate::cdnow::{END, UNTIL, histories, master, patterns, sample};
use crate::gold::{assert_close, json, number};

#[test]
fn the_sums_of_the_sample_are_those_of_the_reference() {
    let (Some(purchases), Some(sums)) = (sample(), json("clv/rfm_checksums.json")) else { return };
    let of = |name: &str| number(&sums[name]);
    let histories = histories(&purchases);
    assert_eq!(histories.len() as f64, of("n"));
    assert_eq!(histories.iter().filter(|h| h.x > 0).count() as f64, of("repeaters"));
    assert_eq!(histories.iter().map(|h| f64::from(h.x)).sum::<f64>(), of("sum_frequency"));
    let recency = histories.iter().map(|h| f64::from(h.last - h.first)).sum::<f64>();
    assert_eq!(recency, of("sum_recency_days"));
    let watched = histories.iter().map(|h| f64::from(END.0 - h.first)).sum::<f64>();
    assert_eq!(watched, of("sum_T_days"));
    assert_eq!(histories.iter().map(|h| h.spend).sum::<i128>() as f64, of("sum_repeat_cents"));
    let repeaters = histories.iter().filter(|h| h.x > 0);
    let means = repeaters.map(|h| h.spend as f64 / 100.0 / f64::from(h.x)).sum::<f64>();
    assert_close(means, of("sum_mean_repeat_spend"), 1e-12, "mean repeat spend");
    assert_eq!(patterns(&purchases).rows().len() as f64, of("unique_patterns"));
}

#[test]
fn all_customers_add_up() {
    let Some(purchases) = master() else { return };
    let histories = histories(&purchases);
    let sum = |of: fn(&leadfold_clv::History) -> i32| {
        histories.iter().map(|history| i64::from(of(history))).sum::<i64>()
    };
    assert_eq!(histories.len(), 23_570);
    assert_eq!(sum(|h| h.x as i32), 24_337);
    assert_eq!(sum(|h| h.last - h.first), 1_129_644);
    assert_eq!(sum(|h| END.0 - h.first), 5_399_736);
}

#[test]
fn the_rest_of_the_watch_is_the_holdout() {
    let Some(purchases) = sample() else { return };
    assert_eq!(purchases.after(END, UNTIL).map(|(_, x, _)| x).sum::<u32>(), 1_882);
    assert_eq!(purchases.after(END, END).map(|(_, x, _)| x).sum::<u32>(), 0);
}
