//! What an event costs as the work grows: more leads, and more events of the same leads.

use std::fmt::Write;
use std::path::Path;

use super::row::{self, Row, Tools};
use super::{Log, Result, measure};

/// How an axis grows: leads, in 10,000ths of the largest log's, and touches behind each event.
const GROWTHS: [(&str, [(u32, u32); 3]); 2] = [
    ("more leads", [(1_000, 0), (3_000, 0), (10_000, 0)]),
    ("the same leads, more events", [(1_000, 0), (1_000, 2), (1_000, 9)]),
];
/// One row a system: what it does best with the log in memory, and leadfold's cold start.
const ROWS: [(&str, &str); 4] = [
    ("leadfold", "facts in memory, by lead"),
    ("leadfold", "cold start from SQLite"),
    ("DuckDB", "in memory, by lead"),
    ("Polars", "in memory, by lead"),
];

/// The costs of some systems along one growth.
#[derive(Clone, Debug)]
pub(crate) struct Growth {
    pub(crate) name: &'static str,
    pub(crate) curves: Vec<Curve>,
}

/// The costs of one system.
#[derive(Clone, Debug)]
pub(crate) struct Curve {
    pub(crate) name: String,
    /// Events, and median nanoseconds an event.
    pub(crate) points: Vec<(f64, f64)>,
}

/// Measures the curves up to a log of so many leads.
pub(crate) fn measure_all(
    tools: &Tools,
    out: &Path,
    leads: u32,
    passes: usize,
) -> Result<Vec<Growth>> {
    let rows: Vec<Row> = row::all(u32::MAX)
        .into_iter()
        .filter(|row| row.threads == 1 && ROWS.contains(&(row.system, row.what)))
        .filter(|row| tools.has(row))
        .collect();
    let curve = |row: &Row| Curve { name: format!("{}: {}", row.system, row.what), points: vec![] };
    let mut growths = Vec::new();
    for (name, sizes) in GROWTHS {
        let mut curves: Vec<Curve> = rows.iter().map(curve).collect();
        for (part, touches) in sizes {
            let size = u64::from(leads) * u64::from(part) / 10_000;
            let log = Log::write(tools, out, u32::try_from(size).unwrap_or(leads), touches)?;
            for (curve, measured) in curves.iter_mut().zip(measure(tools, &log, &rows, passes)?) {
                let [_, median, _] = measured.spread();
                curve.points.push((measured.events, median / measured.events * 1e9));
            }
        }
        growths.push(Growth { name, curves });
    }
    Ok(growths)
}

/// The curves as a table for people.
pub(crate) fn table(growths: &[Growth]) -> String {
    let mut out = String::from("| growth | system | nanoseconds an event (events) |\n");
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
