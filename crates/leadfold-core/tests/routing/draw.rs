//! Teams, rules and days of leads at random.

use leadfold_core::event::{AssignmentCause, Attributes};
use leadfold_core::routing::{
    AbsenceSpec, Candidate, Given, OwnerSpec, QueueSpec, Routing, RoutingSpec, RuleSpec,
    ShareMethod, Target, TeamSpec,
};
use leadfold_core::scoring::{ConditionSpec, Profile};
use leadfold_core::{SECOND, Timestamp};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

const START: i64 = 1_700_000_000 * SECOND;

/// An instant so many hours after the start.
pub(super) fn hour(hours: i64) -> Timestamp {
    Timestamp::from_micros(START + hours * 3_600 * SECOND)
}

/// What happens next.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    /// A lead comes, so many hours after what was before.
    Lead(i64, Candidate),
    /// The owner of that number closes a lead.
    Close(usize),
}

pub(super) fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let lead = (0..12_i64, candidate()).prop_map(|(hours, lead)| Deed::Lead(hours, lead));
    vec(prop_oneof![4 => lead, 1 => (0..5_usize).prop_map(Deed::Close)], 1..40)
}

pub(super) fn candidate() -> impl Strategy<Value = Candidate> {
    let word = |words: [&'static str; 2]| option::of(select(words.map(str::to_owned).to_vec()));
    let origin = (word(["fair", "web"]), word(["cpc", "mail"]), word(["spring", "autumn"]));
    (origin, word(["phone", "chat"]), word(["north", "south"])).prop_map(
        |((source, medium, campaign), channel, region)| {
            let attributes = Attributes::from_iter(region.map(|region| ("region", region)));
            let profile = Profile::from(&attributes);
            Candidate { profile, source, medium, campaign, channel }
        },
    )
}

pub(super) fn routing() -> impl Strategy<Value = Routing> {
    let otherwise = option::of(any::<prop::sample::Index>());
    let business = (vec(owner(), 1..6), vec(rule(), 0..4), otherwise, [share(), share()])
        .prop_map(|(owners, rules, otherwise, shares)| spec(owners, rules, otherwise, shares));
    let team = (vec(owner(), 2..6), share()).prop_map(|(owners, share)| one_team(owners, share));
    prop_oneof![business, team]
        .prop_map(|spec| Routing::new(spec).expect("only sound specs are drawn"))
}

/// All leads go to one team, so that much depends on whose turn it is.
fn one_team(mut owners: Vec<OwnerSpec>, share: ShareMethod) -> RoutingSpec {
    owners.iter_mut().for_each(|owner| owner.team = Some("t0".into()));
    let spec = spec(owners, Vec::new(), None, [share, share]);
    RoutingSpec { otherwise: Some(Target::Team("t0".into())), ..spec }
}

/// What somebody else's log may say: anybody, at any time, for any reason.
pub(super) fn givens() -> impl Strategy<Value = Vec<Given>> {
    let causes = [None, Some(AssignmentCause::Manual), Some(AssignmentCause::Leaver)];
    let cause = prop_oneof![
        3 => Just(Some(AssignmentCause::RoundRobin)),
        1 => select(causes.to_vec()),
    ];
    vec((0..100_i64, 0..7_u8, cause), 0..40).prop_map(|mut drawn| {
        drawn.sort_by_key(|(hours, ..)| *hours);
        let given = |(hours, owner, cause): (i64, u8, _)| {
            let owner = format!("o{owner}");
            Given { at: hour(hours), owner, cause }
        };
        drawn.into_iter().map(given).collect()
    })
}

fn share() -> impl Strategy<Value = ShareMethod> {
    select(vec![ShareMethod::RoundRobin, ShareMethod::Weighted, ShareMethod::LeastLoaded])
}

type DrawnRule = (RuleSpec, prop::sample::Index);

fn spec(
    mut owners: Vec<OwnerSpec>,
    rules: Vec<DrawnRule>,
    otherwise: Option<prop::sample::Index>,
    shares: [ShareMethod; 2],
) -> RoutingSpec {
    let mut teams = Vec::new();
    for (name, share) in ["t0", "t1"].into_iter().zip(shares) {
        let mut members =
            owners.iter_mut().filter(|owner| owner.team.as_deref() == Some(name)).peekable();
        if members.peek().is_some() {
            teams.push(TeamSpec { name: name.to_owned(), share });
        }
        if share == ShareMethod::LeastLoaded {
            members.for_each(|owner| owner.capacity = owner.capacity.or(Some(60)));
        }
    }
    // Not in the order of the names, so that the two orders cannot be mistaken.
    for (n, owner) in owners.iter_mut().enumerate() {
        owner.name = format!("o{}", (n * 3 + 2) % 7);
    }
    let mut targets: Vec<Target> = vec![Target::Queue("q".into())];
    targets.extend(teams.iter().flat_map(|t| vec![Target::Team(t.name.clone()); 4]));
    targets.extend(owners.iter().take(1).map(|owner| Target::Owner(owner.name.clone())));
    let rules = rules.into_iter().enumerate().map(|(n, (rule, to))| RuleSpec {
        name: format!("r{n}"),
        to: to.get(&targets).clone(),
        ..rule
    });
    RoutingSpec {
        version: "1".into(),
        otherwise: otherwise.map(|to| to.get(&targets).clone()),
        rules: rules.collect(),
        queues: vec![QueueSpec { name: "q".into(), team: None }],
        teams,
        owners,
    }
}

fn owner() -> impl Strategy<Value = OwnerSpec> {
    let team =
        select(vec![Some("t0".to_owned()), Some("t0".to_owned()), Some("t1".to_owned()), None]);
    let capacity = select(vec![None, Some(0), Some(30), Some(45), Some(90)]);
    let hours = prop_oneof![0..100_i64, 400..600_i64];
    let left_at = prop_oneof![2 => Just(None), 1 => hours.prop_map(|hours| Some(hour(hours)))];
    let limits = (capacity, option::of(0..4_u32), 1..5_u32);
    (team, limits, left_at, vec(absence(), 0..2)).prop_map(|(team, limits, left_at, absences)| {
        let (capacity, open_max, weight) = limits;
        OwnerSpec { team, capacity, open_max, weight, left_at, absences, ..OwnerSpec::new("") }
    })
}

fn absence() -> impl Strategy<Value = AbsenceSpec> {
    (0..80_i64, 1..40_i64)
        .prop_map(|(from, hours)| AbsenceSpec { from: hour(from), to: hour(from + hours) })
}

fn rule() -> impl Strategy<Value = (RuleSpec, prop::sample::Index)> {
    let base = RuleSpec {
        name: String::new(),
        when: Vec::new(),
        source: Vec::new(),
        medium: Vec::new(),
        campaign: Vec::new(),
        channel: Vec::new(),
        to: Target::Queue(String::new()),
    };
    let region = ConditionSpec {
        attribute: "region".into(),
        equals: Some("north".into()),
        ..ConditionSpec::default()
    };
    let asks = select(vec![
        RuleSpec { source: vec!["fair".into()], ..base.clone() },
        RuleSpec { source: vec!["fair".into(), "web".into()], ..base.clone() },
        RuleSpec { campaign: vec!["spring".into()], ..base.clone() },
        RuleSpec { medium: vec!["cpc".into()], ..base.clone() },
        RuleSpec { channel: vec!["chat".into(), "phone".into()], ..base.clone() },
        RuleSpec { when: vec![region.clone()], ..base.clone() },
        RuleSpec { when: vec![region], source: vec!["web".into()], ..base },
    ]);
    (asks, any::<prop::sample::Index>())
}
