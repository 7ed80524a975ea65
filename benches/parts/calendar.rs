//! Questions to a business calendar: how much working time, and when is it due.

use divan::Bencher;
use divan::counter::ItemsCount;
use leadfold::core::{Calendar, CalendarSpec, DAY, Hours, SECOND, Timestamp};

const QUERIES: u32 = 1_000;
const YEAR: i64 = 365 * DAY;
/// 2017-07-14.
const RECENTLY: i64 = 1_500_000_000 * SECOND;
/// 0000-01-01.
const BEGIN: i64 = -62_167_219_200 * SECOND;

/// Intervals of a length, and where the first begins, all microseconds.
#[derive(Clone, Copy, Debug)]
enum Lengths {
    Days,
    Decades,
    AllOfTime,
}

impl Lengths {
    const ALL: [Self; 3] = [Self::Days, Self::Decades, Self::AllOfTime];

    fn intervals(self) -> Vec<(Timestamp, Timestamp)> {
        let (from, range, longest) = match self {
            Self::Days => (RECENTLY, 8 * YEAR, 3 * DAY),
            Self::Decades => (RECENTLY - 40 * YEAR, 8 * YEAR, 60 * YEAR),
            Self::AllOfTime => (BEGIN, 9_990 * YEAR, 9_990 * YEAR),
        };
        let mut dice = Dice(1);
        let interval = |_| {
            let begin = from + dice.below(range);
            let end = begin + dice.below(longest);
            (Timestamp::from_micros(begin), Timestamp::from_micros(end))
        };
        (0..QUERIES).map(interval).collect()
    }
}

/// Seven holidays a year for three centuries.
fn calendar() -> Calendar {
    let hours = |spans: &[&str]| Hours::parse(spans).expect("the hours are in order");
    let day = hours(&["09:00-12:30", "13:30-18:00"]);
    let (mon, tue, wed, thu) = (day.clone(), day.clone(), day.clone(), day);
    let fri = hours(&["09:00-15:00"]);
    let mut spec = CalendarSpec { mon, tue, wed, thu, fri, ..CalendarSpec::new("Europe/Berlin") };
    for year in 1900..2200 {
        for day in ["01-01", "05-01", "06-07", "10-03", "11-01", "12-25", "12-26"] {
            spec.holidays.insert(format!("{year}-{day}").parse().expect("a date"));
        }
    }
    Calendar::new(&spec, leadfold::playbook::zone("Europe/Berlin").expect("a known zone"))
}

#[divan::bench(args = Lengths::ALL)]
fn working_time(bencher: Bencher<'_, '_>, lengths: Lengths) {
    let (calendar, intervals) = (calendar(), lengths.intervals());
    for (from, to) in &intervals {
        let middle = Timestamp::from_micros(from.micros().midpoint(to.micros()));
        let halves = calendar.working(*from, middle) + calendar.working(middle, *to);
        assert_eq!(calendar.working(*from, *to), halves, "{from} to {to}");
    }
    bencher.counter(ItemsCount::new(QUERIES)).bench(|| {
        let working = intervals.iter().map(|(from, to)| calendar.working(*from, *to));
        working.fold(0, |digest, micros| digest ^ micros)
    });
}

#[divan::bench(args = Lengths::ALL)]
fn due(bencher: Bencher<'_, '_>, lengths: Lengths) {
    let calendar = calendar();
    let promise = |(from, to)| (from, calendar.working(from, to));
    let promises: Vec<_> = lengths.intervals().into_iter().map(promise).collect();
    for (from, micros) in &promises {
        let due = calendar.due(*from, *micros).expect("a time that has come");
        assert_eq!(calendar.working(*from, due), *micros, "from {from}");
    }
    bencher.counter(ItemsCount::new(QUERIES)).bench(|| {
        let due = promises.iter().map(|(from, micros)| calendar.due(*from, *micros));
        due.flatten().map(Timestamp::micros).fold(0, |digest, micros| digest ^ micros)
    });
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
