//! A scenario's text as headers, events and what is expected.

use super::error::{Fault, Line, ScenarioFault};

/// The parts of a file; nothing of them is read yet.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    pub(super) title: Option<(Line<'a>, &'a str)>,
    pub(super) playbook: Option<Source<'a>>,
    pub(super) zone: Option<(Line<'a>, &'a str)>,
    pub(super) figures: Option<(Line<'a>, &'a str)>,
    pub(super) as_of: Option<(Line<'a>, &'a str)>,
    pub(super) events: Vec<Line<'a>>,
    /// The lines below `expect:`, without their margin.
    pub(super) expected: Vec<&'a str>,
    /// The bytes of the text up to and with the line `expect:`.
    pub(super) head: usize,
}

/// Where the playbook is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source<'a> {
    /// In a file beside the scenario's.
    File(&'a str),
    /// In the lines below: the first of them, and their bytes in the text.
    Inline(usize, &'a str),
}

/// What a line is.
enum Item<'a> {
    Nothing,
    Header(&'static str, &'a str),
    AsOf(&'a str),
    Event,
}

const HEADERS: [&str; 5] = ["scenario", "playbook", "zone", "figures", "expect"];

/// Takes a text apart.
pub(super) fn parts<'a>(text: &'a str, file: &str) -> Result<Parts<'a>, ScenarioFault> {
    let mut parts = Parts { head: text.len(), ..Parts::default() };
    let mut lines = lines(text).peekable();
    while let Some((line, end)) = lines.next() {
        match item(line.text) {
            Item::Nothing => {}
            Item::Header("expect", _) => {
                parts.head = end;
                break;
            }
            Item::Header("playbook", "") => {
                let (first, mut last) = (end, end);
                while let Some((_, end)) = lines.next_if(|(line, _)| is_inside(line.text)) {
                    last = end;
                }
                let inline = Source::Inline(line.number, &text[first..last]);
                set(&mut parts.playbook, inline, file, &line)?;
            }
            Item::Header("playbook", path) => {
                set(&mut parts.playbook, Source::File(path), file, &line)?;
            }
            Item::Header(name, value) => {
                let place = match name {
                    "scenario" => &mut parts.title,
                    "zone" => &mut parts.zone,
                    _ => &mut parts.figures,
                };
                set(place, (line, value), file, &line)?;
            }
            Item::AsOf(time) => set(&mut parts.as_of, (line, time), file, &line)?,
            Item::Event => parts.events.push(line),
        }
    }
    parts.expected = lines.map(|(line, _)| line.text.trim()).filter(|t| !t.is_empty()).collect();
    Ok(parts)
}

fn item(text: &str) -> Item<'_> {
    let trimmed = text.trim();
    if trimmed.is_empty() || trimmed.starts_with('#') {
        return Item::Nothing;
    }
    if let Some(time) = trimmed.strip_prefix("as of ") {
        return Item::AsOf(time.trim());
    }
    let header = HEADERS.iter().find_map(|name| {
        let value = trimmed.strip_prefix(name)?.strip_prefix(':')?;
        Some(Item::Header(name, value.trim()))
    });
    header.unwrap_or(Item::Event)
}

/// A line of an inline playbook: one with a margin, or an empty one.
fn is_inside(text: &str) -> bool {
    text.trim().is_empty() || text.starts_with([' ', '\t'])
}

fn set<'a, T>(
    place: &mut Option<T>,
    value: T,
    file: &str,
    line: &Line<'a>,
) -> Result<(), ScenarioFault> {
    if place.is_some() {
        let found = "it a second time";
        let fault = Fault::new(0, "this once in a scenario", found).advice("leave one of them out");
        return Err(fault.in_line(file, line));
    }
    *place = Some(value);
    Ok(())
}

/// The lines of a text, each with the byte at which the next one begins.
fn lines(text: &str) -> impl Iterator<Item = (Line<'_>, usize)> {
    let mut end = 0;
    text.split_inclusive('\n').zip(1..).map(move |(line, number)| {
        end += line.len();
        (Line { number, text: line.trim_end_matches(['\n', '\r']) }, end)
    })
}
