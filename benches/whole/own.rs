//! Folds of one's own through the public interface: what customers paid, from facts or from
//! events, and a table of one's own that is kept with its checkpoint.

use std::collections::{BTreeMap, HashMap};

use leadfold::core::event::{Body, RecordedEvent};
use leadfold::core::machine::Kind;
use leadfold::core::{Code, Facts, LeadIndex, LeadKey, Timestamp};
use leadfold::engine::Reduce;
use leadfold::sqlite::rusqlite::{self, Connection};

use crate::flat::{self, Side};
use crate::last_seen::LastSeen;

/// What the lines of [`Payers::lines`] begin with: a part of the whole answer.
pub(crate) const PART: [&str; 3] = ["cost ", "customers ", "value "];

const MICROS: i64 = 1_000_000;

/// A lead as far as its money goes.
#[derive(Clone, Debug, Default)]
struct Payer {
    source: u32,
    purchases: i64,
    /// Instants of the first purchase and the last.
    bought: Option<(i64, i64)>,
    net: i64,
}

/// Sums of money by something and currency: in and out.
type Sums<K> = BTreeMap<(K, u16), [i64; 2]>;

/// Who paid what, and what was spent on them.
#[derive(Debug, Default)]
struct Payers {
    leads: Vec<Payer>,
    money: HashMap<(u32, u16), [i64; 2]>,
    costs: Sums<u32>,
}

impl Payers {
    fn lead(&mut self, lead: LeadIndex) -> &mut Payer {
        let index = lead.0 as usize;
        if index >= self.leads.len() {
            self.leads.resize_with(index + 1, Payer::default);
        }
        &mut self.leads[index]
    }

    fn pay(&mut self, lead: LeadIndex, at: i64, (amount, currency): (i64, u16), side: Side) {
        let payer = self.lead(lead);
        let is_refund = side == Side::Refund;
        payer.net += if is_refund { -amount } else { amount };
        if !is_refund {
            payer.purchases += 1;
            let (first, last) = payer.bought.unwrap_or((at, at));
            payer.bought = Some((first.min(at), last.max(at)));
        }
        self.money.entry((lead.0, currency)).or_default()[usize::from(is_refund)] += amount;
    }

    fn spend(&mut self, source: u32, amount: i64, currency: u16) {
        self.costs.entry((source, currency)).or_default()[0] += amount;
    }

    fn lines(&self) -> Vec<String> {
        let mut value: Sums<u32> = BTreeMap::new();
        for ((lead, currency), [paid, back]) in &self.money {
            let source = self.leads[*lead as usize].source;
            let sums = value.entry((source, *currency)).or_default();
            *sums = [sums[0] + paid, sums[1] + back];
        }
        let mut sums = [0; 4];
        for (number, payer) in (0..).zip(&self.leads) {
            if let Some((first, last)) = payer.bought {
                let weighted = (number % 1009 + 1) * payer.net;
                let parts = [1, payer.purchases, (last - first) / MICROS, weighted];
                sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
            }
        }
        let [n, purchases, recency_s, weighted] = sums;
        let paid =
            value.iter().map(|((s, c), [paid, back])| format!("value {s} {c} {paid} {back}"));
        let spent = self.costs.iter().map(|((s, c), [amount, _])| format!("cost {s} {c} {amount}"));
        paid.chain(spent)
            .chain([format!("customers {n} {purchases} {recency_s} {weighted}")])
            .collect()
    }
}

/// The fold from facts: codes and numbers only.
#[derive(Debug, Default)]
pub(crate) struct FromFacts(Payers);

impl FromFacts {
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lines()
    }
}

impl Reduce for FromFacts {
    type Page = Facts;

    fn apply(&mut self, page: &Facts) {
        for fact in page.rows() {
            match fact.kind {
                Kind::Captured | Kind::AttributionResolved if fact.a.is_some() => {
                    self.0.lead(fact.lead).source = fact.a.0;
                }
                Kind::RevenueRecorded => {
                    self.0.pay(fact.lead, fact.at, (fact.x, fact.currency), Side::Revenue);
                }
                Kind::Refunded => {
                    self.0.pay(fact.lead, fact.at, (fact.x, fact.currency), Side::Refund);
                }
                Kind::CostRecorded => self.0.spend(fact.a.0, fact.x, fact.currency),
                _ => {}
            }
        }
    }
}

/// The fold from events: everything is there, and names are names.
#[derive(Debug, Default)]
pub(crate) struct FromEvents {
    payers: Payers,
    leads: HashMap<LeadKey, LeadIndex>,
    /// Sources in the order in which they came; the first is none.
    sources: Vec<String>,
}

impl FromEvents {
    fn index(&mut self, lead: Option<&LeadKey>) -> LeadIndex {
        let Some(lead) = lead else { return LeadIndex::NONE };
        if let Some(index) = self.leads.get(lead) {
            return *index;
        }
        let next = LeadIndex(self.leads.len() as u32);
        self.leads.insert(lead.clone(), next);
        next
    }

    fn source(&mut self, name: &str) -> u32 {
        let known = self.sources.iter().position(|known| known == name);
        let place = known.unwrap_or_else(|| {
            self.sources.push(name.to_owned());
            self.sources.len() - 1
        });
        place as u32 + 1
    }

    fn take(&mut self, recorded: &RecordedEvent) {
        let event = &recorded.event;
        let (lead, at) = (self.index(event.lead.as_ref()), event.occurred_at.at.micros());
        let source = match &event.body {
            Body::Captured(captured) => captured.source.as_deref(),
            Body::AttributionResolved(resolved) => Some(resolved.source.as_str()),
            Body::CostRecorded(cost) => cost.scope.part("source"),
            _ => None,
        };
        let source = source.map_or(0, |name| self.source(name));
        match &event.body {
            Body::Captured(_) | Body::AttributionResolved(_) if source > 0 => {
                self.payers.lead(lead).source = source;
            }
            Body::RevenueRecorded(paid) => {
                let money = (paid.amount, flat::currency(paid.currency));
                self.payers.pay(lead, at, money, Side::Revenue);
            }
            Body::Refunded(back) => {
                let money = (back.amount, flat::currency(back.currency));
                self.payers.pay(lead, at, money, Side::Refund);
            }
            Body::CostRecorded(cost) => {
                self.payers.spend(source, cost.amount, flat::currency(cost.currency));
            }
            _ => {}
        }
    }

    /// The lines with the log's own numbers of the sources.
    pub(crate) fn lines<E>(
        mut self,
        code_of: impl Fn(&str) -> Result<Option<Code>, E>,
    ) -> Result<Vec<String>, E> {
        let mut codes = vec![0];
        for name in &self.sources {
            codes.push(code_of(name)?.map_or(0, |code| code.0));
        }
        let code = |source: u32| codes[source as usize];
        self.payers.leads.iter_mut().for_each(|payer| payer.source = code(payer.source));
        let costs = std::mem::take(&mut self.payers.costs);
        self.payers.costs = costs.into_iter().map(|((s, c), sum)| ((code(s), c), sum)).collect();
        Ok(self.payers.lines())
    }
}

impl Reduce for FromEvents {
    type Page = Vec<RecordedEvent>;

    fn apply(&mut self, page: &Vec<RecordedEvent>) {
        page.iter().for_each(|recorded| self.take(recorded));
    }
}

impl LastSeen {
    /// Leads, events, and the sum of the last times in seconds, as the table has them.
    pub(crate) fn read(path: &std::path::Path) -> Result<[i64; 3], rusqlite::Error> {
        let sql = "SELECT count(*), sum(events), sum(at / 1000000) FROM last_seen_lead";
        Connection::open(path)?
            .query_row(sql, [], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))
    }

    /// The same from flat rows.
    pub(crate) fn expected(rows: &[flat::Row]) -> [i64; 3] {
        let mut last: HashMap<i64, i64> = HashMap::new();
        for row in rows {
            let at = last.entry(row.lead).or_insert(i64::MIN);
            *at = row.at.max(*at);
        }
        let seconds = last.values().map(|at| Timestamp::from_micros(*at).micros() / MICROS).sum();
        [last.len() as i64, rows.len() as i64, seconds]
    }
}
