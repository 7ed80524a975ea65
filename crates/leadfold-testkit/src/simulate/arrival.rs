//! How what happened reaches the log: a few seconds later, sometimes days later, sometimes twice,
//! and sometimes it is something that cannot have happened.

use leadfold_core::event::{RevenueKind, TouchResult};

use super::Simulation;
use super::act::{Act, What};
use super::calendar::{DAY, HOUR};
use super::rng::{Purpose, Rng};

/// Gives the acts of a lead their time of arrival, and puts them into that order.
pub(super) fn arrive(simulation: &Simulation, lead: u32, mut acts: Vec<Act>) -> Vec<Act> {
    let mut rng = Rng::new(simulation.seed, lead, Purpose::Arrival);
    let Some(captured_at) = acts.first().map(|act| act.at) else { return acts };
    if rng.chance(simulation.rule_breaks) {
        break_a_rule(&mut acts, captured_at, &mut rng);
    }
    let end = simulation.end();
    let mut last = captured_at;
    let mut again = Vec::new();
    for act in &mut acts {
        last = last.max(act.at + rng.below(4) as i64);
        act.recorded_at = last.min(end);
        if rng.chance(simulation.late) {
            let days = 1 + rng.below(10) as i64;
            act.recorded_at = (act.at + days * DAY + rng.below(DAY as u64) as i64).min(end);
        }
        if rng.chance(simulation.duplicates) {
            let sent_again = act.recorded_at + 1 + rng.below(HOUR as u64) as i64;
            again.push(Act { recorded_at: sent_again.min(end), ..*act });
        }
    }
    acts.extend(again);
    acts.sort_by_key(|act| (act.recorded_at, act.at));
    // A copy, exactly as large as it must be: it may wait in memory for a year.
    acts.as_slice().to_vec()
}

/// Plants what is illegal in `new`, one second after the capture or an hour before it.
fn break_a_rule(acts: &mut Vec<Act>, captured_at: i64, rng: &mut Rng) {
    let what = match rng.below(8) {
        0 => What::Accepted { by: 0 },
        1 => What::Revenue { order: 99, amount: 10_000, kind: RevenueKind::First },
        2 => What::HandedOff { to: 0 },
        3 => What::Captured,
        4 => What::Won { deal: 99, amount: 10_000 },
        5 => What::Retracted { number: u32::MAX, ago: 0 },
        6 => What::Teleported,
        _ => What::Sales { by: 0, result: TouchResult::Contact },
    };
    let is_before = matches!(what, What::Sales { .. });
    let at = if is_before { captured_at - HOUR } else { captured_at + 1 };
    let number = acts.len() as u32;
    acts.insert(usize::from(!is_before), Act { at, recorded_at: at, number, what });
}
