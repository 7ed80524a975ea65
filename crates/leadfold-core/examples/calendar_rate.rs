//! How long does a question to a business calendar take?
//!
//! `cargo run --release -p leadfold-core --example calendar_rate -- [QUERIES]`. Prints the time of
//! a query for intervals of days, of decades and of thousands of years, and a digest of the
//! answers, so that a faster calendar that means something else is seen.
#![allow(clippy::disallowed_methods, reason = "an example may read the clock, the core may not")]

use std::time::Instant;

use leadfold_core::{Calendar, CalendarSpec, DAY, Hours, SECOND, Timestamp, Zone};

const YEAR: i64 = 365 * DAY;
/// 2017-07-14.
const RECENTLY: i64 = 1_500_000_000 * SECOND;
/// 0000-01-01.
const BEGIN: i64 = -62_167_219_200 * SECOND;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let given = std::env::args().nth(1).map(|arg| arg.parse());
    let n_queries = given.transpose()?.unwrap_or(100_000);
    let spec = spec()?;
    let start = Instant::now();
    let calendar = Calendar::new(&spec, Zone::of("Europe/Berlin", chrono_tz::Europe::Berlin));
    println!("made in {:.1} ms, {} holidays", millis(start), spec.holidays.len());
    for (name, from, range, length) in [
        ("days", RECENTLY, 8 * YEAR, 3 * DAY),
        ("decades", RECENTLY - 40 * YEAR, 8 * YEAR, 60 * YEAR),
        ("all of time", BEGIN, 9_990 * YEAR, 9_990 * YEAR),
    ] {
        let mut dice = Dice(1);
        let mut interval = |_| {
            let begin = from + dice.below(range);
            (begin, begin + dice.below(length))
        };
        let instants = |(from, to)| (Timestamp::from_micros(from), Timestamp::from_micros(to));
        let intervals: Vec<_> = (0..n_queries).map(&mut interval).map(instants).collect();
        report(&calendar, name, &intervals);
    }
    Ok(())
}

fn report(calendar: &Calendar, name: &str, intervals: &[(Timestamp, Timestamp)]) {
    let rate = |start| millis(start) * 1e6 / intervals.len() as f64;
    let start = Instant::now();
    let working: Vec<i64> = intervals.iter().map(|(a, b)| calendar.working(*a, *b)).collect();
    let working_ns = rate(start);
    let start = Instant::now();
    let due = intervals.iter().zip(&working).map(|((a, _), micros)| calendar.due(*a, *micros));
    let due: i64 = due.flatten().map(Timestamp::micros).fold(0, |sum, at| sum ^ at);
    let due_ns = rate(start);
    let digest = working.iter().fold(due, |digest, micros| digest.rotate_left(1) ^ micros);
    println!("{name:12} working {working_ns:6.0} ns, due {due_ns:6.0} ns, digest {digest:016x}");
}

/// Seven holidays a year for three centuries.
fn spec() -> Result<CalendarSpec, Box<dyn std::error::Error>> {
    let day = Hours::parse(&["09:00-12:30", "13:30-18:00"])?;
    let (mon, tue, wed, thu) = (day.clone(), day.clone(), day.clone(), day);
    let fri = Hours::parse(&["09:00-15:00"])?;
    let mut spec = CalendarSpec { mon, tue, wed, thu, fri, ..CalendarSpec::new("Europe/Berlin") };
    for year in 1900..2200 {
        for day in ["01-01", "05-01", "06-07", "10-03", "11-01", "12-25", "12-26"] {
            spec.holidays.insert(format!("{year}-{day}").parse()?);
        }
    }
    Ok(spec)
}

fn millis(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

/// Numbers that look random and are the same each time (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as i64
    }
}
