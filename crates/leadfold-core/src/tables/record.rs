//! All that the tables have of one lead, as bytes and back: the records of a snapshot.
//!
//! A record is a function of the lead's effective history, as [`Tables::encode`] is: where its
//! rows lie does not show. Reading one adds its rows to their tables, so no bytes make a chain that
//! leads anywhere else.

use super::rows::Rows;
use super::stored::Stored;
use super::{
    BEGUN, CAPTURED, CAPTURED_ITSELF, CHURNED, COMPLEX, External, LeadRow, NO_ROW, NoLead,
    OPEN_IMPLIED, OPEN_UNKNOWN, Outcome, Profile, Rare, Tables,
};
use crate::State;
use crate::fact::LeadIndex;
use crate::pack::{read_varint, varint};

/// The flags that a settled lead which nobody watches may have.
const FLAGS: u16 =
    BEGUN | CAPTURED | CAPTURED_ITSELF | OPEN_IMPLIED | OPEN_UNKNOWN | CHURNED | COMPLEX;

impl Tables {
    /// Writes the record of a lead, whose row may not be there yet. `name` says under which numbers
    /// the leads are known where the record is read.
    pub(crate) fn write_lead(&self, lead: u32, name: &impl Fn(u32) -> u32, out: &mut Vec<u8>) {
        let row = self.leads.get(lead as usize).copied().unwrap_or_default();
        let profile = self.profiles.get(lead as usize).copied().unwrap_or_default();
        row.write(out);
        profile.write(out);
        let rows = &self.rows;
        write_chain(&rows.visits, row.visits, out);
        write_chain(&rows.handoffs, row.handoffs, out);
        write_chain(&rows.opportunities, row.opportunities, out);
        write_chain(&rows.revenue, row.revenue, out);
        write_chain(&rows.attributes, profile.attributes, out);
        let rare = rows.rare(&profile);
        // A row that says nothing is as none.
        let is_rare = *rare != Rare::NONE;
        is_rare.write(out);
        if is_rare {
            self.write_rare(rare, name, out);
        }
    }

    fn write_rare(&self, rare: &Rare, name: &impl Fn(u32) -> u32, out: &mut Vec<u8>) {
        let merged_into = match rare.merged_into {
            NO_ROW => NO_ROW,
            other => name(other),
        };
        Rare { merged_into, ..*rare }.write(out);
        write_chain(&self.rows.findings, rare.findings, out);
        write_chain(&self.rows.costs, rare.costs, out);
        let named = |external: External| External { stream: name(external.stream), ..external };
        write_rows(&self.rows.externals, rare.externals, named, out);
    }

    /// Takes the record of a lead of which the tables have nothing yet off the front of some bytes;
    /// none if they do not begin with one.
    #[must_use]
    pub(crate) fn read_lead(&mut self, lead: u32, bytes: &mut &[u8]) -> Option<()> {
        let mut row = LeadRow::read(bytes)?;
        let mut profile = Profile::read(bytes)?;
        let is_row = row.flags & !FLAGS == 0 && row.reached <= State::Customer as u8;
        if !is_row {
            return None;
        }
        let rows = &mut self.rows;
        read_chain(&mut rows.visits, lead, &mut row.visits, bytes)?;
        read_chain(&mut rows.handoffs, lead, &mut row.handoffs, bytes)?;
        read_chain(&mut rows.opportunities, lead, &mut row.opportunities, bytes)?;
        read_chain(&mut rows.revenue, lead, &mut row.revenue, bytes)?;
        read_chain(&mut rows.attributes, lead, &mut profile.attributes, bytes)?;
        if bool::read(bytes)? {
            let rare = self.read_rare(lead, bytes)?;
            self.rows.rares.push(lead, &mut profile.rare, rare);
        }
        self.reserve_lead(lead);
        self.leads[lead as usize] = row;
        self.profiles[lead as usize] = profile;
        self.counts_deals(&row, &profile).then_some(())
    }

    fn read_rare(&mut self, lead: u32, bytes: &mut &[u8]) -> Option<Rare> {
        let (mut rare, rows) = (Rare::read(bytes)?, &mut self.rows);
        read_chain(&mut rows.findings, lead, &mut rare.findings, bytes)?;
        read_chain(&mut rows.costs, lead, &mut rare.costs, bytes)?;
        read_chain(&mut rows.externals, lead, &mut rare.externals, bytes)?;
        (rare != Rare::NONE).then_some(rare)
    }

    /// Whether the leads that a lead's rows name are among so many.
    pub(crate) fn names_leads_below(&self, lead: u32, leads: u32) -> bool {
        let rare = self.rows.rare(&self.profiles[lead as usize]);
        let mut streams = self.rows.externals.chain(rare.externals).map(|external| external.stream);
        (rare.merged_into == NO_ROW || rare.merged_into < leads)
            && streams.all(|stream| stream < leads)
    }

    /// Whether the numbers of a lead's deals are those of its rows: the fold counts them down, too.
    /// And whoever has won one was a customer, if it stands alone.
    fn counts_deals(&self, row: &LeadRow, profile: &Profile) -> bool {
        let [mut all, mut open, mut won] = [0, 0, 0];
        for deal in self.rows.opportunities.chain(row.opportunities) {
            all += 1;
            open += u32::from(deal.outcome == Outcome::Open);
            won += u32::from(deal.outcome == Outcome::Won);
        }
        let rare = self.rows.rare(profile);
        let was_customer = Some(row.reached) == State::Customer.rung();
        [all, open, won] == [rare.n_opportunities, rare.n_open, rare.n_won]
            && (won == 0 || was_customer || row.state == State::Merged)
    }

    /// Writes the rows without a lead.
    pub(crate) fn write_no_lead(&self, out: &mut Vec<u8>) {
        write_chain(&self.rows.costs, self.no_lead.costs, out);
        write_chain(&self.rows.findings, self.no_lead.findings, out);
    }

    /// The other way, into tables that have none.
    #[must_use]
    pub(crate) fn read_no_lead(&mut self, bytes: &mut &[u8]) -> Option<()> {
        let (lead, mut chains) = (LeadIndex::NONE.0, NoLead::default());
        read_chain(&mut self.rows.costs, lead, &mut chains.costs, bytes)?;
        read_chain(&mut self.rows.findings, lead, &mut chains.findings, bytes)?;
        self.no_lead = chains;
        Some(())
    }
}

fn write_chain<T: Stored + Copy>(rows: &Rows<T>, chain: u32, out: &mut Vec<u8>) {
    write_rows(rows, chain, |row| row, out);
}

/// A chain's rows, oldest first, behind their number.
fn write_rows<T: Stored + Copy>(
    rows: &Rows<T>,
    chain: u32,
    as_written: impl Fn(T) -> T,
    out: &mut Vec<u8>,
) {
    let newest_first: Vec<u32> = rows.chain_rows(chain).collect();
    varint(newest_first.len() as u64, out);
    newest_first.iter().rev().for_each(|row| as_written(*rows.at(*row)).write(out));
}

#[inline]
fn read_chain<T: Stored>(
    rows: &mut Rows<T>,
    lead: u32,
    chain: &mut u32,
    bytes: &mut &[u8],
) -> Option<()> {
    for _ in 0..read_varint(bytes)? {
        let row = T::read(bytes)?;
        rows.push(lead, chain, row);
    }
    Some(())
}
