//! Facts on the disk, in both orders: a row that wants them in memory reads them from there.
//!
//! A file is parts, each behind its length: pages of the log as [`Facts::encode`] makes them, or
//! parts of whole leads as [`LeadFacts::encode`] does.

use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use leadfold::core::event::NewEvent;
use leadfold::core::{Facts, LeadFacts, LeadIndex, Place};

use crate::Result;
use crate::numbers::Numbers;

pub(crate) const EVENTS_A_PAGE: u64 = 16_384;
const FACTS_A_PART: usize = 65_536;
/// Leads are put in order in so many groups, one after the other: less memory at once.
const GROUPS: u32 = 8;

/// Writes the pages of a log.
pub(crate) struct Pages {
    out: BufWriter<File>,
    page: Facts,
    events: u64,
}

impl Pages {
    pub(crate) fn create(dir: &Path) -> Result<Self> {
        let out = BufWriter::new(File::create(pages_file(dir))?);
        Ok(Self { out, page: Facts::default(), events: 0 })
    }

    pub(crate) fn add(&mut self, event: &NewEvent, numbers: &mut Numbers) -> Result<Place> {
        let place = numbers.lower(event, &mut self.page)?;
        self.events += 1;
        if self.events.is_multiple_of(EVENTS_A_PAGE) {
            self.end_page()?;
        }
        Ok(place)
    }

    fn end_page(&mut self) -> Result<()> {
        write_part(&mut self.out, &self.page.encode())?;
        self.page.clear();
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<()> {
        if !self.page.is_empty() {
            self.end_page()?;
        }
        Ok(self.out.flush()?)
    }
}

fn pages_file(dir: &Path) -> PathBuf {
    dir.join("facts.pages")
}

fn parts_file(dir: &Path) -> PathBuf {
    dir.join("facts.leads")
}

fn write_part(out: &mut impl Write, part: &[u8]) -> Result<()> {
    out.write_all(&u32::try_from(part.len())?.to_le_bytes())?;
    Ok(out.write_all(part)?)
}

/// The parts of a file, one after the other.
fn parts(path: &Path) -> Result<impl Iterator<Item = Result<Vec<u8>>> + use<>> {
    let mut file = BufReader::new(File::open(path)?);
    Ok(std::iter::from_fn(move || read_part(&mut file).transpose()))
}

fn read_part(file: &mut impl Read) -> Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match file.read_exact(&mut length) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let mut part = vec![0; u32::from_le_bytes(length) as usize];
    file.read_exact(&mut part)?;
    Ok(Some(part))
}

/// Puts the pages of a log in the order of its leads, and writes that beside them.
pub(crate) fn write_by_lead(dir: &Path, leads: u32) -> Result<()> {
    let a_group = (leads / GROUPS).max(1);
    let group_of = |lead: LeadIndex| (lead.0 / a_group).min(GROUPS);
    let mut groups = vec![Facts::default(); GROUPS as usize + 1];
    for page in pages(dir)? {
        let page = page?;
        for (number, group) in (0..).zip(&mut groups) {
            group.extend_filtered(&page, |lead| group_of(lead) == number);
        }
    }
    let mut out = BufWriter::new(File::create(parts_file(dir))?);
    for group in groups {
        for part in LeadFacts::of(&[&group]).in_parts(group.len().div_ceil(FACTS_A_PART)) {
            write_part(&mut out, &part.encode())?;
        }
    }
    Ok(out.flush()?)
}

/// The pages of the log.
pub(crate) fn pages(dir: &Path) -> Result<impl Iterator<Item = Result<Facts>>> {
    let decode = |part: Result<Vec<u8>>| {
        let mut page = Facts::default();
        page.decode(&part?)?;
        Ok(page)
    };
    Ok(parts(&pages_file(dir))?.map(decode))
}

/// The log by lead.
pub(crate) fn by_lead(dir: &Path) -> Result<impl Iterator<Item = Result<LeadFacts>>> {
    Ok(parts(&parts_file(dir))?.map(|part| Ok(LeadFacts::decode(&part?)?)))
}

/// Bytes of a log by lead, packed.
pub(crate) fn packed_bytes(dir: &Path) -> Result<u64> {
    Ok(std::fs::metadata(parts_file(dir))?.len())
}
