//! The beginning of a life: captured, warmed up, weighed, and given to sales or put aside.

use leadfold_core::event::CaptureOrigin;

use super::act::What;
use super::company::{CAMPAIGNS, DISQUALIFICATIONS, PAGES};
use super::script::Script;

/// Rounds through sales that one lead takes at most.
const CYCLES_MAX: u32 = 3;

impl Script {
    /// The whole life of a lead.
    pub(super) fn live(&mut self) {
        if self.is_cold {
            return self.go_cold();
        }
        self.story();
        while self.is_returning && !self.is_over() && !self.is_customer() {
            self.again();
        }
    }

    /// Nobody works this one.
    fn go_cold(&mut self) {
        self.capture();
        if self.chance(0.5) {
            self.touches(0.3);
        }
    }

    /// Taken up once more after the story has ended, whatever its end was.
    fn again(&mut self) {
        self.wait_office(12.0);
        match self.last_turn() {
            Some(What::HandedOff { .. } | What::HandedToQueue) => self.decline_at_last(),
            // It is back already.
            Some(What::Reopened) => {}
            _ => self.act(What::Recycled),
        }
        if self.ripen(0.4) {
            self.cycles();
        }
    }

    fn story(&mut self) {
        self.capture();
        if self.chance(0.06) && !self.junk() {
            return;
        }
        if self.profile.source().origin == CaptureOrigin::SalesGenerated {
            self.wait_office(0.5);
            return self.own_lead();
        }
        self.touches(0.62);
        self.score();
        if self.chance(0.37 * self.profile.source().quality) {
            return self.cycles();
        }
        match self.pick(100) {
            0..=34 => self.nurture(0.22),
            35..=49 => self.disqualify(),
            _ => {}
        }
    }

    pub(super) fn capture(&mut self) {
        self.act(What::Captured);
        // This second is where a broken rule goes, if one is planted.
        self.wait(0.0);
        if self.chance(0.2) {
            self.wait(0.001);
            self.act(What::ConsentGranted);
        }
        if self.profile.is_source_unknown && self.chance(0.5) {
            self.wait(6.0);
            self.act(What::AttributionResolved);
        }
    }

    /// Nobody wants this one, unless somebody looks again. Says whether its life goes on.
    fn junk(&mut self) -> bool {
        self.wait_office(0.6);
        self.act(What::Disqualified { reason: 0 });
        let goes_on = self.chance(0.05);
        if goes_on {
            self.wait_office(4.0);
            self.act(What::Reopened);
        }
        goes_on
    }

    /// One or more touches by marketing or the prospect; `more` is the chance of one more.
    pub(super) fn touches(&mut self, more: f64) {
        loop {
            self.wait(2.5);
            let what = if self.chance(0.6) {
                What::Visit { page: self.pick(PAGES.len()) }
            } else {
                What::Mailing { campaign: self.pick(CAMPAIGNS.len()) }
            };
            self.act(what);
            if self.is_over() || !self.chance(more) {
                return;
            }
        }
    }

    fn score(&mut self) {
        self.wait(0.002);
        let total = self.rng.around(40.0).min(100.0) as u8;
        self.act(What::Scored { total });
        if self.chance(0.12) {
            self.wait(1.0);
            self.act(What::ProfileUpdated);
        }
    }

    /// Qualified by marketing and worked by sales, again and again as long as it comes back.
    fn cycles(&mut self) {
        for _ in 0..CYCLES_MAX {
            self.wait(0.1);
            self.act(What::QualifiedMql);
            let comes_back = self.sales();
            if !comes_back || self.is_over() || !self.ripen(0.3) {
                return;
            }
        }
    }

    /// Put into nurture, and perhaps ripe one day.
    fn nurture(&mut self, ripe: f64) {
        self.wait(9.0);
        self.act(What::Recycled);
        if self.ripen(ripe) {
            self.cycles();
        }
    }

    /// Some weeks in nurture. Says whether the lead is ripe afterwards.
    fn ripen(&mut self, ripe: f64) -> bool {
        self.wait(14.0);
        self.touches(0.55);
        if self.chance(0.08) {
            self.wait(1.0);
            self.act(What::ConsentWithdrawn);
            return false;
        }
        let ripe = self.chance(ripe);
        if ripe {
            self.score();
        }
        ripe
    }

    pub(super) fn disqualify(&mut self) {
        self.wait_office(3.0);
        let reason = 1 + self.pick(DISQUALIFICATIONS.len() - 1);
        self.act(What::Disqualified { reason });
    }
}
