//! Turns of owners: who had the lead, who had it before, and who lost it untouched.

use super::super::AuditCode;
use super::super::breach::Breach;
use super::super::episode::Tenure;
use super::Desk;
use crate::event::AssignmentCause;
use crate::machine::Kind;
use crate::{Code, State};

impl Desk<'_> {
    /// Turns of owners, who had it before, and who lost it untouched.
    pub(super) fn follow_owner(&mut self) {
        let seen = self.seen;
        let (owner, is_work) = (seen.owner(), seen.state().is_with_sales());
        let is_given = owner != seen.owner_before();
        if !is_given && seen.from().map(State::is_with_sales) == Some(is_work) {
            return;
        }
        let row = self.trail.tenures;
        let last = self.rows.tenures.newest(row).filter(|last| last.owner.is_some()).copied();
        if last.is_some_and(|last| last.owner == owner && last.is_work == is_work) {
            return;
        }
        if let Some(last) = last {
            self.check_loss(last);
        }
        if owner.is_some() {
            let tenure = Tenure::begun(seen, is_work, is_given);
            self.rows.tenures.push(seen.lead().0, &mut self.trail.tenures, tenure);
            self.trail.is_touched = false;
            if is_given {
                self.follow_holder(owner);
            }
        } else if last.is_some() {
            let lead = seen.lead().0;
            self.rows.tenures.push(lead, &mut self.trail.tenures, Tenure::of_nobody(seen));
        }
    }

    /// An owner who loses a lead in the hands of sales should have touched it. A queue is nobody,
    /// and whoever has left can touch nothing any more.
    fn check_loss(&mut self, lost: Tenure) {
        let seen = self.seen;
        let is_taken = matches!(seen.kind(), Kind::Assigned | Kind::Reassigned | Kind::Unassigned)
            && lost.owner != seen.owner();
        if !is_taken || self.book.roster.queues.contains(&lost.owner) {
            return;
        }
        let is_excused = self.trail.is_touched || self.is_of_leaver(lost.owner);
        let tenures = self.trail.tenures;
        let Some(episode) = self.open_episode() else { return };
        episode.reassigned += 1;
        if !is_excused {
            // The offer gave the lead to them, whoever had done so before.
            let from = if episode.tenure == tenures { 0 } else { lost.from };
            let before = [seen.handoff(episode.handoff).position, from];
            let breach = self.broken(AuditCode::ReassignedWithoutTouch, &before);
            self.note(Breach { owner: lost.owner, ..breach });
        }
    }

    /// Whether the owner had left by then, as the playbook or the event itself says.
    fn is_of_leaver(&self, owner: Code) -> bool {
        let seat = self.book.roster.seats.get(&owner);
        seat.is_some_and(|seat| seat.has_left(self.seen.at()))
            || AssignmentCause::from_code(self.seen.step().sub()) == Some(AssignmentCause::Leaver)
    }

    /// The newest turn gave the lead to an owner.
    fn follow_holder(&mut self, owner: Code) {
        let (newest, seen) = (self.trail.tenures, self.seen);
        if let Some(episode) = self.open_episode().copied() {
            let held = self.rows.holding(episode.held, seen.handoff(episode.handoff));
            // Whoever gets it back from nobody has it since then.
            let is_given_back = !seen.owner_before().is_some() && seen.offered().is_none();
            if held.owner != owner || is_given_back {
                self.rows.episodes.at_mut(self.trail.episodes).held = newest;
            }
        }
        if self.book.roster.queues.contains(&owner) {
            return;
        }
        let [last, before] = self.trail.owners;
        if self.is_of(last, owner) {
            self.trail.owners[0] = newest;
            return;
        }
        self.trail.owners = [newest, last];
        if self.is_of(before, owner) {
            let from = [before, last].map(|row| self.rows.tenures.at(row).from);
            self.breach(AuditCode::PingPong, &from);
        }
    }

    fn is_of(&self, tenure: u32, owner: Code) -> bool {
        self.rows.tenures.newest(tenure).is_some_and(|tenure| tenure.owner == owner)
    }
}
