//! The table, and what machine it is of.

use std::fmt::Write;

use super::results::{Line, Run};

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

/// Bytes of memory that nobody uses.
pub(crate) fn free_bytes() -> f64 {
    let info = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = info.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    // Where the system does not tell, it is tried.
    kib.map_or(f64::INFINITY, |kib| kib * 1_024.0)
}

/// The table as Markdown.
pub(crate) fn draw(run: &Run) -> String {
    let mut out = format!(
        "`{}`: {}, in {} of {} and {} minutes.\n\nMachine before: {}\nMachine after: {}\n\n\
         | system | what | threads | M events/s, median (min to max) | rounds | seconds, median \
         | bytes an event | bytes a lead | peak MiB | digest |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
        run.command,
        run.title,
        if run.passes == 1 { "1 pass".to_owned() } else { format!("{} passes", run.passes) },
        "all rows",
        run.minutes,
        run.before,
        run.after,
    );
    run.lines.iter().for_each(|each| out.push_str(&line(each)));
    for text in &run.absent {
        write!(out, "\nNot run: {text}.").expect("a string takes all");
    }
    out
}

fn line(line: &Line) -> String {
    let measured = &line.measured;
    let [least, median, most] = measured.spread();
    let rate = |seconds: f64| measured.events / seconds / 1e6;
    let some = |number: f64, digits: usize| match number {
        number if number > 0.0 => format!("{number:.digits$}"),
        _ => "none".to_owned(),
    };
    format!(
        "| {} | {} | {} | {} ({} to {}) | {} | {median:.*} | {} | {} | {:.0} | {} |\n",
        line.system,
        line.what,
        line.threads,
        rounded(rate(median)),
        rounded(rate(most)),
        rounded(rate(least)),
        measured.seconds.len(),
        if median < 0.01 { 6 } else { 4 },
        some(measured.bytes_an_event, 1),
        some(measured.figure("table_bytes_a_lead").unwrap_or(0.0), 0),
        measured.peak_kib / 1024.0,
        line.digest.map_or_else(|| "none".to_owned(), |digest| format!("`{digest:016x}`")),
    )
}

/// A number to three or four places that say something.
pub(crate) fn rounded(number: f64) -> String {
    let digits = match number {
        n if n < 1.0 => 4,
        n if n < 10.0 => 2,
        _ => 1,
    };
    format!("{number:.digits$}")
}
