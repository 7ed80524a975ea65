//! The table, and what machine it is of.

use std::fmt::Write;

use super::{Measured, Row};

/// Processor, cores and load, in a line.
pub(crate) fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let info = read("/proc/cpuinfo");
    let model = info.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("unknown processor", |text| text.trim_start_matches(['\t', ' ', ':']));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = read("/proc/meminfo");
    let memory = memory.lines().next().unwrap_or("memory unknown").replace("MemTotal:", "");
    let load = read("/proc/loadavg");
    let load: Vec<&str> = load.split(' ').take(3).collect();
    format!("{model}, {cores} cores, {} of memory, load {}", memory.trim(), load.join(" "))
}

/// The table as Markdown.
pub(crate) fn draw(
    rows: &[Row],
    measured: &[Measured],
    machine: &str,
    absent: &[String],
) -> String {
    let mut out = format!(
        "Machine before: {machine}\nMachine after: {}\n\n\
         | system | what | threads | M events/s, median (min to max) | rounds | seconds, median \
         | bytes an event | peak MiB | digest |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
        self::machine()
    );
    for (row, measured) in rows.iter().zip(measured) {
        out.push_str(&line(row, measured));
    }
    for text in absent {
        write!(out, "\nNot run: {text}").expect("a string takes all");
    }
    out
}

fn line(row: &Row, measured: &Measured) -> String {
    let [least, median, most] = measured.spread();
    let rate = |seconds: f64| measured.events / seconds / 1e6;
    let digest =
        if row.answers { format!("`{:016x}`", measured.digest()) } else { "none".to_owned() };
    let bytes = match measured.bytes_an_event {
        bytes if bytes > 0.0 => format!("{bytes:.1}"),
        _ => "none".to_owned(),
    };
    format!(
        "| {} | {} | {} | {:.3} ({:.3} to {:.3}) | {} | {median:.4} | {bytes} | {:.0} | {digest} \
         |\n",
        row.system,
        row.what,
        row.threads,
        rate(median),
        rate(most),
        rate(least),
        measured.seconds.len(),
        measured.peak_kib / 1024.0,
    )
}
