//! The middle of a life: the hand-off to sales, the answer, the calls, the verdict.

use leadfold_core::event::{ReturnTarget, TouchResult};

use super::act::{Owner, What};
use super::company::RETURN_REASONS;
use super::script::Script;

/// Hand-offs of one round until everybody gives up.
const HANDOFFS_MAX: u32 = 3;
const ATTEMPTS_MAX: u32 = 6;

/// What sales answers to a hand-off.
enum Answer {
    Accepted(Owner),
    Rejected(Option<ReturnTarget>),
    Nothing,
}

impl Script {
    /// A round through sales, from the MQL. Says whether the lead is back in nurture.
    pub(super) fn sales(&mut self) -> bool {
        if self.chance(0.04) {
            return false;
        }
        for _ in 0..HANDOFFS_MAX {
            self.wait_office(0.05);
            match self.hand_off() {
                Answer::Accepted(owner) => return self.work(owner),
                Answer::Rejected(Some(ReturnTarget::Mql)) => {}
                Answer::Rejected(Some(ReturnTarget::Disqualified)) | Answer::Nothing => {
                    return false;
                }
                Answer::Rejected(_) => return true,
            }
        }
        false
    }

    /// Sales found this lead itself: no hand-off, it enters at SQL.
    pub(super) fn own_lead(&mut self) {
        let owner = self.owner();
        self.act(What::Assigned { to: owner });
        self.wait_office(0.5);
        self.act(What::Sales { by: owner, result: TouchResult::Contact });
        if self.chance(0.7) {
            self.wait_office(2.0);
            self.act(What::QualifiedSql { by: owner });
            self.first_deal(owner);
        }
    }

    fn owner(&mut self) -> Owner {
        self.pick(self.profile.region().owners.len())
    }

    fn hand_off(&mut self) -> Answer {
        let owner = self.owner();
        if self.chance(0.2) {
            self.act(What::HandedToQueue);
            self.wait_office(0.08);
            self.act(What::Assigned { to: owner });
        } else {
            self.act(What::HandedOff { to: owner });
        }
        if self.chance(0.05) {
            return Answer::Nothing;
        }
        if self.chance(0.3) {
            self.wait_office(0.06);
            self.act(What::Sales { by: owner, result: TouchResult::Attempt });
        }
        self.wait_office(0.07);
        if self.chance(0.76) {
            self.act(What::Accepted { by: owner });
            return Answer::Accepted(owner);
        }
        let to = match self.pick(100) {
            0..=39 => Some(ReturnTarget::Mql),
            40..=57 => Some(ReturnTarget::Disqualified),
            58..=70 => Some(ReturnTarget::Nurture),
            _ => None,
        };
        let reason = self.pick(RETURN_REASONS.len());
        self.act(What::Rejected { by: owner, reason, to });
        Answer::Rejected(to)
    }

    /// The answer to a hand-off that had none so far.
    pub(super) fn decline_at_last(&mut self) {
        let (by, reason) = (self.owner(), self.pick(RETURN_REASONS.len()));
        self.act(What::Rejected { by, reason, to: None });
    }

    /// An accepted lead is called until it answers, and then judged.
    fn work(&mut self, owner: Owner) -> bool {
        if !self.reach(owner) {
            return match self.pick(10) {
                0..=4 => self.give_back(owner),
                5..=7 => {
                    self.disqualify();
                    false
                }
                _ => false,
            };
        }
        if self.chance(0.5) {
            self.wait_office(4.0);
            self.act(What::Sales { by: owner, result: TouchResult::Meeting });
        }
        if self.chance(0.68) {
            self.wait_office(1.0);
            self.act(What::QualifiedSql { by: owner });
            return if self.chance(0.88) { self.first_deal(owner) } else { self.give_back(owner) };
        }
        match self.pick(10) {
            0..=5 => self.give_back(owner),
            6..=7 => {
                self.disqualify();
                false
            }
            _ => false,
        }
    }

    /// Calls until somebody answers. Says whether somebody did.
    fn reach(&mut self, owner: Owner) -> bool {
        let wrong = What::Sales { by: owner, result: TouchResult::Contact };
        self.mistaken(wrong, |number, ago| What::Retracted { number, ago });
        for attempt in 0..ATTEMPTS_MAX {
            self.wait_office(if attempt == 0 { 0.15 } else { 1.2 });
            if self.chance(0.38) {
                self.act(What::Sales { by: owner, result: TouchResult::Contact });
                if self.chance(0.3) {
                    self.follow_up(owner);
                }
                return true;
            }
            self.act(What::Sales { by: owner, result: TouchResult::Attempt });
        }
        false
    }

    /// A promise to call again, mostly kept.
    fn follow_up(&mut self, owner: Owner) {
        let number = self.next_follow_up();
        self.act(What::FollowUpScheduled { number, by: owner, due_in_days: 7 });
        if self.chance(0.8) {
            self.wait_office(6.0);
            self.act(What::FollowUpDone { number, by: owner });
        }
    }

    /// Back to marketing, one way or the other.
    fn give_back(&mut self, owner: Owner) -> bool {
        self.wait_office(2.0);
        let reason = self.pick(RETURN_REASONS.len());
        if self.chance(0.8) {
            self.act(What::Returned { by: owner, reason });
        } else {
            self.act(What::Recycled);
        }
        true
    }
}
