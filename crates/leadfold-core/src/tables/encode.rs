//! The tables as bytes, lead by lead: equal logs make equal bytes.

use super::{
    BEGUN, COMPLEX, Cost, DIRTY, Finding, Handoff, LeadRow, Opportunity, Profile, Revenue, Tables,
    Visit, WATCHED,
};
use crate::event::RevenueKind;
use crate::{Reason, State, Timestamp};

impl Tables {
    /// The canonical bytes of the tables. They do not depend on pages, shards, or on whether the
    /// tables were built in one go or step by step.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.leads.len() * 64);
        let known = |row: &&LeadRow| row.last_at != i64::MIN || row.has(BEGUN);
        for (index, row) in self.leads.iter().enumerate().filter(|(_, row)| known(row)) {
            number(&mut out, index as i64);
            lead(&mut out, self, row, &self.profiles[index]);
        }
        chain(&mut out, self.rows.costs.chain(self.no_lead.costs), cost);
        chain(&mut out, self.rows.findings.chain(self.no_lead.findings), finding);
        number(&mut out, self.last_at.unwrap_or(i64::MIN));
        out
    }
}

fn number(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn optional(out: &mut Vec<u8>, value: Option<i64>) {
    out.push(u8::from(value.is_some()));
    number(out, value.unwrap_or(0));
}

fn time(out: &mut Vec<u8>, value: Option<Timestamp>) {
    optional(out, value.map(Timestamp::micros));
}

fn chain<'a, T: 'a>(
    out: &mut Vec<u8>,
    rows: impl Iterator<Item = &'a T>,
    write: fn(&mut Vec<u8>, &T),
) {
    let start = out.len();
    number(out, 0);
    let mut n = 0;
    for row in rows {
        write(out, row);
        n += 1;
    }
    out[start..start + 8].copy_from_slice(&i64::to_le_bytes(n));
}

fn lead(out: &mut Vec<u8>, tables: &Tables, row: &LeadRow, profile: &Profile) {
    for value in [row.last_at, row.entered_at, row.captured_at, row.began_at] {
        number(out, value);
    }
    let flags = row.flags & !(COMPLEX | DIRTY | WATCHED);
    let rare = tables.rows.rare(profile);
    let words = [row.owner.0, row.cycle, u32::from(row.entered), u32::from(flags)];
    words.iter().for_each(|word| out.extend_from_slice(&word.to_le_bytes()));
    out.extend_from_slice(&[row.state as u8, row.reached, profile.origin]);
    for value in [
        profile.source.0,
        profile.medium.0,
        profile.campaign.0,
        profile.channel.0,
        profile.product.0,
        rare.merged_into,
        rare.disqualified.0,
    ] {
        out.extend_from_slice(&value.to_le_bytes());
    }
    let visits: Vec<Visit> = tables.closed_visits_of(row).collect();
    chain(out, visits.iter(), visit);
    chain(out, tables.rows.handoffs.chain(row.handoffs), handoff);
    chain(out, tables.rows.opportunities.chain(row.opportunities), opportunity);
    chain(out, tables.rows.revenue.chain(row.revenue), revenue);
    chain(out, tables.rows.attributes.chain(profile.attributes), |out, attribute| {
        number(out, i64::from(attribute.name.0));
        number(out, i64::from(attribute.value.0));
    });
    chain(out, tables.rows.costs.chain(rare.costs), cost);
    chain(out, tables.rows.findings.chain(rare.findings), finding);
    chain(out, tables.rows.externals.chain(rare.externals), |out, external| {
        number(out, external.hash);
        number(out, external.position.cast_signed());
    });
}

fn visit(out: &mut Vec<u8>, visit: &Visit) {
    out.extend_from_slice(&[
        visit.state as u8,
        u8::from(visit.is_implied),
        u8::from(visit.is_unknown),
    ]);
    number(out, i64::from(visit.cycle));
    number(out, visit.entered_at.micros());
    time(out, visit.left_at);
}

fn handoff(out: &mut Vec<u8>, handoff: &Handoff) {
    out.extend_from_slice(&[handoff.decision as u8, u8::from(handoff.is_implied)]);
    for code in [handoff.to, handoff.key, handoff.by, handoff.reason] {
        number(out, i64::from(code.0));
    }
    number(out, i64::from(handoff.cycle));
    number(out, handoff.offered_at.micros());
    number(out, handoff.position.cast_signed());
    time(out, handoff.decided_at);
    time(out, handoff.decision_due);
    time(out, handoff.touch_due);
}

fn opportunity(out: &mut Vec<u8>, deal: &Opportunity) {
    out.extend_from_slice(&[
        deal.outcome as u8,
        u8::from(deal.is_implied),
        deal.stage_at_loss.map_or(u8::MAX, |state: State| state as u8),
    ]);
    for code in [
        deal.key,
        deal.pipeline,
        deal.stage,
        deal.product,
        deal.owner,
        deal.reason,
        deal.competitor,
    ] {
        number(out, i64::from(code.0));
    }
    for value in [deal.ordinal, u32::from(deal.currency), deal.cycle, deal.reopened, deal.closing] {
        number(out, i64::from(value));
    }
    optional(out, deal.amount);
    number(out, i64::from(deal.currency_at_loss));
    optional(out, deal.amount_at_loss());
    number(out, deal.opened_at.micros());
    time(out, deal.closed_at());
}

fn revenue(out: &mut Vec<u8>, revenue: &Revenue) {
    out.extend_from_slice(&[u8::from(revenue.is_refund), RevenueKind::code(revenue.kind)]);
    number(out, revenue.at.micros());
    number(out, revenue.amount);
    optional(out, revenue.margin);
    number(out, i64::from(revenue.product.0));
    number(out, i64::from(revenue.currency.code()));
}

fn cost(out: &mut Vec<u8>, cost: &Cost) {
    for value in [cost.at, cost.from, cost.to] {
        number(out, value.micros());
    }
    number(out, cost.amount);
    number(out, i64::from(cost.currency.code()));
    for code in [cost.source, cost.campaign, cost.channel, cost.programme, cost.kind] {
        number(out, i64::from(code.0));
    }
}

fn finding(out: &mut Vec<u8>, finding: &Finding) {
    out.extend_from_slice(&[
        finding.code as u8,
        finding.reason.map_or(u8::MAX, |reason: Reason| reason as u8),
        finding.kind as u8,
        finding.from.map_or(u8::MAX, |state| state as u8),
    ]);
    number(out, finding.at.micros());
    number(out, finding.position.cast_signed());
}
