//! The laws of the calendar, as properties.

use leadfold_core::{Calendar, SECOND, Timestamp};
use proptest::prelude::*;

use super::draw::{Question, question};
use super::walk;

/// 9999-12-31T23:59:59.999999Z.
const LAST: i64 = 253_402_300_800 * SECOND - 1;
/// 0000-01-01T00:00:00Z.
const BEGIN: i64 = -62_167_219_200 * SECOND;

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

/// What the walk says of an interval, the calendar has to say.
pub(crate) fn agrees(
    Question { plan, from, to }: &Question,
    working: i64,
) -> Result<(), TestCaseError> {
    prop_assert_eq!(working, walk::working(plan, *from, *to), "{} to {}", from, to);
    Ok(())
}

/// The instant at which so much has passed is the first one at which it has.
pub(crate) fn inverts(
    calendar: &Calendar,
    from: Timestamp,
    wanted: i64,
    due: Option<Timestamp>,
) -> Result<(), TestCaseError> {
    let Some(due) = due else {
        prop_assert!(calendar.working(from, at(LAST)) < wanted);
        return Ok(());
    };
    prop_assert_eq!(calendar.working(from, due), wanted, "due {}", due);
    prop_assert!(calendar.working(from, at(due.micros() - 1)) < wanted, "before {}", due);
    Ok(())
}

proptest! {
    #![proptest_config(config(96))]

    #[test]
    fn working_time_is_what_a_walk_by_seconds_finds(question in question(25)) {
        let Question { plan, from, to } = &question;
        let calendar = plan.calendar();
        agrees(&question, calendar.working(*from, *to))?;
        let found: Vec<_> =
            calendar.intervals(*from, *to).map(|at| at.start.micros()..at.end.micros()).collect();
        prop_assert_eq!(found, walk::stretches(plan, from.micros(), to.micros()));
    }
}

proptest! {
    #![proptest_config(config(128))]

    #[test]
    fn an_instant_is_working_time_when_the_wall_clock_says_so(
        question in question(1),
        ahead in prop::collection::vec(-90_000..90_000i64, 50),
        micros in 0..SECOND,
    ) {
        let calendar = question.plan.calendar();
        for second in ahead.iter().map(|ahead| ahead + question.to.micros().div_euclid(SECOND)) {
            let is_working = calendar.is_working(at(second * SECOND + micros));
            prop_assert_eq!(is_working, walk::is_open(&question.plan, second), "{}", second);
        }
    }

    #[test]
    fn a_due_time_is_the_inverse_of_working_time(
        question in question(300),
        wanted in prop_oneof![1..3_600 * SECOND, 1..=LAST],
    ) {
        let calendar = question.plan.calendar();
        let Question { from, to, .. } = question;
        inverts(&calendar, from, wanted, calendar.due(from, wanted))?;
        let passed = calendar.working(from, to);
        if passed > 0 {
            inverts(&calendar, from, passed, calendar.due(from, passed))?;
        }
    }

    #[test]
    fn working_times_add_up(
        question in question(1),
        mut points in prop::collection::vec(BEGIN..=LAST, 1..20),
    ) {
        let calendar = question.plan.calendar();
        points.extend([question.from.micros(), question.to.micros()]);
        points.sort_unstable();
        let whole = calendar.working(at(points[0]), at(points[points.len() - 1]));
        let parts = points.windows(2).map(|pair| calendar.working(at(pair[0]), at(pair[1])));
        prop_assert_eq!(parts.sum::<i64>(), whole);
    }

    #[test]
    fn working_time_is_no_longer_than_time(
        question in question(1),
        ends in prop::array::uniform2(any::<i64>()),
    ) {
        let [from, to] = ends;
        let time = to.clamp(BEGIN, LAST + 1) - from.clamp(BEGIN, LAST + 1);
        let working = question.plan.calendar().working(at(from), at(to));
        prop_assert!((0..=time.max(0)).contains(&working));
        prop_assert_eq!(Calendar::always().working(at(from), at(to)), time.max(0));
    }
}
