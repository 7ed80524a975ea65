//! A calendar as the tests draw it: plain numbers, which the calendar reads as text and the
//! oracle as they are.

use chrono::{NaiveDate, Weekday};
use chrono_tz::Tz;
use leadfold_core::{Calendar, CalendarSpec, Zone};
use serde_json::{Map, Value, json};

/// Minutes of the day, from and to.
pub(crate) type Spans = Vec<(u32, u32)>;

#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) zone: Tz,
    /// From Monday on.
    pub(crate) week: [Spans; 7],
    pub(crate) holidays: Vec<NaiveDate>,
    pub(crate) exceptions: Vec<(NaiveDate, Spans)>,
}

impl Plan {
    pub(crate) fn calendar(&self) -> Calendar {
        self.calendar_in(Zone::of(self.zone.name(), self.zone))
    }

    pub(crate) fn calendar_in(&self, zone: Zone) -> Calendar {
        Calendar::new(&self.spec(), zone)
    }

    /// What is worked on a date, minutes of the day.
    pub(crate) fn hours(&self, date: NaiveDate, weekday: Weekday) -> &[(u32, u32)] {
        if let Some((_, hours)) = self.exceptions.iter().find(|(day, _)| *day == date) {
            hours
        } else if self.holidays.contains(&date) {
            &[]
        } else {
            &self.week[weekday.num_days_from_monday() as usize]
        }
    }

    fn spec(&self) -> CalendarSpec {
        let mut spec = Map::new();
        for (day, spans) in ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().zip(&self.week)
        {
            spec.insert((*day).to_owned(), texts(spans));
        }
        let holidays = self.holidays.iter().map(NaiveDate::to_string).collect();
        let exceptions = self.exceptions.iter().map(|(day, spans)| (day.to_string(), texts(spans)));
        spec.insert("zone".to_owned(), json!(self.zone.name()));
        spec.insert("holidays".to_owned(), holidays);
        spec.insert("exceptions".to_owned(), exceptions.collect());
        serde_json::from_value(Value::Object(spec)).expect("the plan is sound")
    }
}

fn texts(spans: &[(u32, u32)]) -> Value {
    let clock = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
    spans.iter().map(|(from, to)| format!("{}-{}", clock(*from), clock(*to))).collect()
}
