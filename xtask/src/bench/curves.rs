//! What an event costs as the work grows: more leads, and more events of the same leads.

use std::fmt::Write;
use std::path::Path;

use super::log::{Kind, Log};
use super::row::{self, Row};
use super::tools::Tools;
use super::{Result, measure};

/// How an axis grows: logs, and their leads in 10ths of the largest.
const GROWTHS: [(&str, [(Kind, u32); 3]); 2] = [
    ("more leads", [(Kind::Simulated, 1), (Kind::Simulated, 3), (Kind::Simulated, 10)]),
    (
        "the same leads, more years",
        [(Kind::Years(1), 1), (Kind::Years(3), 1), (Kind::Years(10), 1)],
    ),
];
/// One row a system: what it does best with the log in memory, and leadfold in the order of the
/// log, too.
const ROWS: [(&str, &str); 4] = [
    ("leadfold", "facts in memory, by lead"),
    ("leadfold", "facts in memory, in the order of the log"),
    ("DuckDB", "in memory, by lead"),
    ("Polars", "in memory, by lead"),
];

/// The costs of some systems along one growth.
#[derive(Clone, Debug)]
pub(crate) struct Growth {
    pub(crate) name: String,
    pub(crate) curves: Vec<Curve>,
}

/// The costs of one system.
#[derive(Clone, Debug)]
pub(crate) struct Curve {
    pub(crate) name: String,
    /// Events, and median nanoseconds an event.
    pub(crate) points: Vec<(f64, f64)>,
}

impl Curve {
    /// By how many times events and costs an event have grown from the first point to the last.
    pub(crate) fn growth(&self) -> Option<(f64, f64)> {
        let (first, last) = (self.points.first()?, self.points.last()?);
        Some((last.0 / first.0, last.1 / first.1))
    }
}

/// Measures the curves up to a log of so many leads.
pub(crate) fn measure_all(
    tools: &Tools,
    out: &Path,
    leads: u32,
    passes: usize,
) -> Result<Vec<Growth>> {
    let rows: Vec<Row> = row::all(Kind::Simulated, leads)
        .into_iter()
        .filter(|row| row.threads == 1 && ROWS.contains(&(row.system, row.what)))
        .filter(|row| tools.has(row))
        .collect();
    let curve = |row: &Row| Curve { name: format!("{}: {}", row.system, row.what), points: vec![] };
    let mut growths = Vec::new();
    for (name, sizes) in GROWTHS {
        let mut curves: Vec<Curve> = rows.iter().map(curve).collect();
        for (kind, tenths) in sizes {
            let size = u64::from(leads) * u64::from(tenths) / 10;
            let size = u32::try_from(size).unwrap_or(leads).max(1);
            let log = Log::write(tools, out, (kind, size), false)?;
            for (curve, measured) in curves.iter_mut().zip(measure(tools, &log, &rows, passes)?) {
                curve.points.push((measured.events, measured.median() / measured.events * 1e9));
            }
            log.remove()?;
        }
        growths.push(Growth { name: name.to_owned(), curves });
    }
    Ok(growths)
}

/// The curves as a table for people.
pub(crate) fn table(head: &str, growths: &[Growth]) -> String {
    let mut out = format!("{head}\n\n| growth | system | nanoseconds an event (events) |\n");
    out.push_str("| --- | --- | --- |\n");
    for growth in growths {
        for Curve { name, points } in &growth.curves {
            let cell = |(events, cost): &(f64, f64)| format!("{cost:.0} ({events:.0})");
            let cells: Vec<String> = points.iter().map(cell).collect();
            writeln!(out, "| {} | {name} | {} |", growth.name, cells.join(", "))
                .expect("a string takes all");
        }
    }
    out
}
