//! Playbooks to audit logs under, as the core takes them and as the second reading does.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use leadfold_core::audit::Audit;
use leadfold_core::routing::{OwnerSpec, QueueSpec, RoutingSpec};
use leadfold_core::{
    AuditRules, Bounds, Calendar, CalendarSpec, Clock, Conduct, Gate, Hours, Illegal, Pipeline,
    Playbook, Rules, Sla, State, Tables, Timestamp, Zone, audit::Ledger,
};
use leadfold_testkit::oracle;
use proptest::prelude::*;

use super::draw::FIRST_INSTANT;

pub(crate) const HOUR: i64 = 3_600_000_000;
pub(crate) const DAY: i64 = 24 * HOUR;

/// When the business works, by UTC.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Week {
    /// All the time.
    All,
    /// Monday to Friday from 9 to 17.
    Office,
    /// Over midnight and over the end of the week, with a pause.
    Odd,
}

/// Hours of a weekday, from Monday 0: the first hour, and the hour at which they end.
pub(crate) type Shift = (usize, u32, u32);

impl Week {
    /// The hours; none where all time is working time.
    pub(crate) fn shifts(self) -> Option<Vec<Shift>> {
        match self {
            Self::All => None,
            Self::Office => Some((0..5).map(|day| (day, 9, 17)).collect()),
            Self::Odd => Some(vec![(0, 0, 2), (3, 6, 12), (3, 13, 20), (6, 22, 24)]),
        }
    }

    /// A calendar looks at all the changes of its zone when it is made: once is enough.
    fn calendar(self) -> Calendar {
        static OFFICE: OnceLock<Calendar> = OnceLock::new();
        static ODD: OnceLock<Calendar> = OnceLock::new();
        match self {
            Self::All => Calendar::always(),
            Self::Office => OFFICE.get_or_init(|| calendar(self)).clone(),
            Self::Odd => ODD.get_or_init(|| calendar(self)).clone(),
        }
    }
}

fn calendar(week: Week) -> Calendar {
    let shifts = week.shifts().unwrap_or_default();
    let hours = |weekday: usize| {
        let of_day = shifts.iter().filter(|(day, _, _)| *day == weekday);
        let texts = of_day.map(|(_, from, to)| format!("{from:02}:00-{to:02}:00"));
        Hours::parse(&texts.collect::<Vec<String>>()).expect("the hours are hours")
    };
    let spec = CalendarSpec {
        mon: hours(0),
        tue: hours(1),
        wed: hours(2),
        thu: hours(3),
        fri: hours(4),
        sat: hours(5),
        sun: hours(6),
        ..CalendarSpec::new("UTC")
    };
    Calendar::new(&spec, Zone::utc())
}

/// A playbook, its working week, and the instant of the audit.
#[derive(Clone, Debug)]
pub(crate) struct Book {
    pub(crate) playbook: Playbook,
    pub(crate) week: Week,
    pub(crate) as_of: i64,
}

impl Book {
    pub(crate) fn calendar(&self) -> Calendar {
        self.week.calendar()
    }

    pub(crate) fn bounds(&self) -> Bounds {
        Bounds { as_of: Some(Timestamp::from_micros(self.as_of)), known_at: None }
    }

    pub(crate) fn audit<'a>(&self, tables: &'a Tables, ledger: &'a Ledger) -> Audit<'a> {
        Audit::of(tables, ledger, &self.calendar(), Timestamp::from_micros(self.as_of))
    }

    /// The same rules for the oracle of the fold.
    pub(crate) fn rules(&self) -> oracle::Rules {
        let rules = &self.playbook.rules;
        let pipelines = self.playbook.pipelines.iter();
        oracle::Rules {
            illegal: match rules.illegal {
                Illegal::Apply => oracle::Illegal::Apply,
                Illegal::Skip => oracle::Illegal::Skip,
            },
            hand_raiser: rules.hand_raiser,
            implied_steps: rules.implied_steps,
            sales_generated: rules.sales_generated,
            require_reasons: rules.require_reasons,
            pipelines: pipelines.map(|p| (p.name.clone(), p.stages.clone())).collect(),
        }
    }

    /// The queues of the playbook.
    pub(crate) fn is_queue(&self, owner: &str) -> bool {
        self.playbook.queues().any(|queue| queue == owner)
    }
}

/// So many cases, unless PROPTEST_CASES says otherwise. Nothing is written to the tree.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    let default = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let is_given = std::env::var_os("PROPTEST_CASES").is_some();
    if is_given { default } else { ProptestConfig { cases, max_shrink_iters: 20_000, ..default } }
}

fn week() -> impl Strategy<Value = Week> {
    prop_oneof![2 => Just(Week::All), 1 => Just(Week::Office), 1 => Just(Week::Odd)]
}

fn rules(illegal: impl Strategy<Value = Illegal> + 'static) -> impl Strategy<Value = Rules> {
    let any = (illegal, any::<[bool; 4]>()).prop_map(|(illegal, switches)| Rules {
        illegal,
        hand_raiser: switches[0],
        implied_steps: switches[1],
        sales_generated: switches[2],
        require_reasons: switches[3],
    });
    prop_oneof![1 => Just(Rules::default()), 2 => any]
}

fn sla() -> impl Strategy<Value = Sla> {
    let seconds = || prop::sample::select(vec![0_u64, 3_600, 14_400, 86_400, 864_000, u64::MAX]);
    (seconds(), seconds(), any::<bool>()).prop_map(|(decision, attempt, is_kept)| Sla {
        decision_seconds: decision,
        first_attempt_seconds: attempt,
        on_reassignment: if is_kept { Clock::Keep } else { Clock::Restart },
    })
}

fn gates() -> impl Strategy<Value = BTreeMap<State, Gate>> {
    let all = vec!["industry", "size", "source", "campaign", "channel", "medium", "region"];
    let fields = prop::sample::subsequence(all.clone(), 1..3);
    let states = vec![
        State::New,
        State::HandedOff,
        State::Accepted,
        State::Sql,
        State::Mql,
        State::Customer,
    ];
    // Desirable is what stands behind a mandatory one.
    let gate = fields.prop_map(move |fields| {
        let behind = all.iter().zip(&all[1..]).filter(|(field, _)| fields.contains(*field));
        Gate {
            desirable: behind.map(|(_, next)| (*next).to_owned()).collect(),
            mandatory: fields.iter().map(|field| (*field).to_owned()).collect(),
        }
    });
    prop::collection::btree_map(prop::sample::select(states), gate, 0..3)
}

fn owner(name: &'static str) -> impl Strategy<Value = OwnerSpec> {
    let open_max = prop::option::of(0_u32..3);
    let capacity = prop::option::of(prop::sample::select(vec![0_u32, 30, 60]));
    let left = prop::option::weighted(0.3, 0_i64..40);
    (open_max, capacity, left).prop_map(move |(open_max, capacity, left)| OwnerSpec {
        open_max,
        capacity,
        left_at: left.map(|day| Timestamp::from_micros(FIRST_INSTANT + day * DAY)),
        ..OwnerSpec::new(name)
    })
}

fn routing(has_queue: bool) -> impl Strategy<Value = Option<RoutingSpec>> {
    let queue = QueueSpec { name: "queue".into(), team: None };
    let queues = if has_queue { vec![queue] } else { Vec::new() };
    let routing = (owner("ann"), owner("ben")).prop_map(move |(ann, ben)| RoutingSpec {
        version: "1".into(),
        owners: vec![ann, ben],
        queues: queues.clone(),
        ..RoutingSpec::default()
    });
    prop_oneof![1 => Just(None), 4 => routing.prop_map(Some)]
}

fn conduct() -> impl Strategy<Value = Conduct> {
    any::<[bool; 3]>().prop_map(|switches| Conduct {
        marketing_touches_customers: switches[0],
        marketing_touches_opportunities: switches[1],
        sales_touches_before_handoff: switches[2],
    })
}

fn audit() -> impl Strategy<Value = AuditRules> {
    let forgotten = prop::sample::select(vec![0_u64, 86_400, 864_000, 180 * 86_400]);
    let back_dated = prop::option::of(prop::sample::select(vec![0_u64, 86_400, u64::MAX]));
    (forgotten, back_dated).prop_map(|(forgotten_after_seconds, back_dated_seconds)| AuditRules {
        deny: Vec::new(),
        forgotten_after_seconds,
        back_dated_seconds,
    })
}

fn pipelines() -> impl Strategy<Value = Vec<Pipeline>> {
    let pipeline = |name: &str, stages: &[&str]| Pipeline {
        name: name.into(),
        stages: stages.iter().map(|stage| (*stage).into()).collect(),
    };
    prop::sample::select(vec![
        Vec::new(),
        vec![pipeline("sales", &["demo"])],
        vec![pipeline("sales", &["demo"]), pipeline("other", &["offer"])],
    ])
}

/// Any playbook, and any instant of the audit.
pub(crate) fn any_book(has_queue: bool) -> impl Strategy<Value = Book> {
    let illegal = prop_oneof![3 => Just(Illegal::Apply), 1 => Just(Illegal::Skip)];
    book(illegal, has_queue)
}

fn book(
    illegal: impl Strategy<Value = Illegal> + 'static,
    has_queue: bool,
) -> impl Strategy<Value = Book> {
    let promises = (rules(illegal), sla(), gates(), routing(has_queue));
    let as_of = prop_oneof![
        2 => (0_i64..60 * 24).prop_map(|hour| FIRST_INSTANT + hour * HOUR),
        1 => Just(FIRST_INSTANT + 300 * DAY),
    ];
    (promises, conduct(), audit(), pipelines(), week(), as_of).prop_map(
        |((rules, sla, gates, routing), conduct, audit, pipelines, week, as_of)| {
            let playbook = Playbook {
                rules,
                sla,
                gates,
                routing,
                conduct,
                audit,
                pipelines,
                ..Playbook::default()
            };
            Book { playbook, week, as_of }
        },
    )
}
