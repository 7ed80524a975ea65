//! Leads that nothing is wrong with.

use leadfold_core::event::{
    CaptureOrigin, Captured, Churned, FollowUpDone, FollowUpScheduled, Reactivated,
};

use super::fault::Plot;
use super::life::Life;

/// How often each of the lives is led, in a hundred.
const LIVES: [(u32, Plot); 17] = [
    (27, uninterested),
    (20, nurtured),
    (8, lost),
    (8, bought),
    (7, returned_and_handed_off_again),
    (4, merged),
    (4, corrected),
    (4, consenting),
    (4, late),
    (3, from_a_queue),
    (3, reassigned),
    (2, over_the_weekend),
    (2, at_the_last_second),
    (1, with_a_leaver),
    (1, erased),
    (1, churned),
    (1, sold_without_marketing),
];

/// The life of somebody who takes no more leads than there is room for.
pub(super) fn plot(room: u32) -> Plot {
    if room > 1 { any } else { uninterested }
}

fn any(life: &mut Life) {
    let mut rest = life.dice.below(LIVES.iter().map(|(weight, _)| weight).sum());
    for (weight, plot) in LIVES {
        match rest.checked_sub(weight) {
            Some(left) => rest = left,
            None => return plot(life),
        }
    }
}

fn uninterested(life: &mut Life) {
    life.captured();
    life.visited();
    life.days(3);
    life.disqualified("no budget");
}

fn nurtured(life: &mut Life) {
    life.captured();
    life.mailed();
    life.days(10);
    life.recycled();
    life.days(59);
    life.mailed();
}

fn lost(life: &mut Life) {
    life.dealt("ann");
    life.staged("offer", None);
    life.days(20);
    life.lost(Some("price"));
    life.mailed();
}

fn bought(life: &mut Life) {
    life.bought("ben");
    life.days(1);
    life.paid();
    life.refunded();
}

/// It comes back twice, and to another owner.
fn returned_and_handed_off_again(life: &mut Life) {
    life.offered("cleo");
    life.rejected("cleo", "not my region");
    life.recycled_until(life.in_days(60));
    life.days(14);
    life.mailed();
    life.mql();
    life.handed_off("ann");
    life.accepted("ann");
    life.called("ann");
    life.days(7);
    life.returned("ann", "no budget this year");
    life.mailed();
}

/// Somebody who was known already. What the one did counts for the other.
fn merged(life: &mut Life) {
    let survivor = life.lead();
    life.captured();
    life.companion();
    life.captured();
    life.visited();
    life.days(2);
    life.merged(survivor.clone());
    life.back_to(survivor);
    life.mql();
    life.handed_off("ann");
    life.accepted("ann");
    life.called("ann");
}

/// A hand-off that never was, and a deal that was worth less.
fn corrected(life: &mut Life) {
    life.qualified();
    let mistake = life.handed_off("gone");
    life.retracted(mistake);
    life.handed_off("cleo");
    life.accepted("cleo");
    let call = life.called("nobody");
    life.replaced(call, r#"{"side":"sales","by":"cleo"}"#);
}

fn consenting(life: &mut Life) {
    life.captured();
    life.withdrew("news", Some("phone"));
    life.mailed();
    life.withdrew("news", None);
    life.visited();
    life.days(30);
    life.consented("news");
    life.mailed();
}

/// What comes late to the log, in whatever order, comes in time for the law.
fn late(life: &mut Life) {
    life.captured();
    life.known_after(9 * 86_400);
    life.mql();
    life.handed_off("ann");
    life.known_after(259_200);
    life.accepted("ann");
    life.called("ann");
    life.known_after(20 * 86_400);
}

fn from_a_queue(life: &mut Life) {
    life.offered("triage");
    life.hours(2);
    life.accepted("ben");
    life.called("ben");
}

/// To and on, but never back; from the queue nobody has to have called.
fn reassigned(life: &mut Life) {
    life.offered("triage");
    life.reassigned("ben");
    life.called("ben");
    life.reassigned("cleo");
    life.accepted("cleo");
    life.event(follow_up_scheduled());
    life.called("cleo");
    life.event(follow_up_done());
}

/// Four days are little working time if there is a weekend in them.
fn over_the_weekend(life: &mut Life) {
    life.days(4);
    life.hours(6);
    life.offered("ann");
    life.days(2);
    life.hours(18);
    life.accepted("ann");
    life.days(2);
    life.called("ann");
}

/// What is done at the instant that it is due is done in time.
fn at_the_last_second(life: &mut Life) {
    let offer = life.offered("ann");
    life.after(offer, 4 * 3_600);
    life.accepted("ann");
    life.after(offer, 3 * 86_400);
    life.called("ann");
}

/// As long as there still was one.
fn with_a_leaver(life: &mut Life) {
    let owner = if life.week() < 9 { "gus" } else { "ben" };
    life.taken(owner);
}

fn erased(life: &mut Life) {
    life.taken("ann");
    life.days(5);
    life.erased();
}

fn churned(life: &mut Life) {
    life.bought("ann");
    life.days(40);
    life.event(Churned { reason: Some("moved".into()) });
    life.days(10);
    life.event(Reactivated { reason: None });
    life.paid();
}

fn sold_without_marketing(life: &mut Life) {
    life.captured();
    let origin = Some(CaptureOrigin::SalesGenerated);
    if let leadfold_core::event::Body::Captured(captured) = &mut life.last().event.body {
        *captured = Captured { origin, ..captured.clone() };
    }
    life.called("ann");
    life.sql();
    life.opened();
    life.won();
    life.paid();
}

fn follow_up_scheduled() -> FollowUpScheduled {
    let (follow_up, due, kind, owner) = ("F1".into(), None, None, None);
    FollowUpScheduled { follow_up, due, kind, owner }
}

fn follow_up_done() -> FollowUpDone {
    let (follow_up, due, kind, owner) = ("F1".into(), None, None, None);
    FollowUpDone { follow_up, due, kind, owner }
}
