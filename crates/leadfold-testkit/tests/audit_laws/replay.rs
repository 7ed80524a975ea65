//! However a log is fed, whatever its order of arrival and by whatever parts, the audit says the
//! same.

use std::collections::BTreeSet;

use leadfold_core::audit::{Audit, AuditCode, GroupBy, GroupKey, Ledger};
use leadfold_core::event::{EventLine, NewEvent};
use leadfold_core::metrics::{By, KeyPart};
use leadfold_core::{Facts, Fold, Gate, LeadIndex, State, Tables};
use leadfold_testkit::simulate::Simulation;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::book::{Book, DAY, Week, any_book, config};
use super::draw::{Taste, lives, strange};
use super::log::{Log, Names, Pace};
use super::told::{PlainEpisode, Told, episodes, findings};

/// All that an audit says, in words that do not depend on a log's numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    pub(crate) findings: Vec<Told>,
    pub(crate) episodes: Vec<PlainEpisode>,
    pub(crate) figures: Vec<String>,
}

pub(crate) fn said(log: &Log, book: &Book, tables: &Tables, ledger: &Ledger) -> Said {
    let audit = book.audit(tables, ledger);
    Said {
        findings: findings(&audit, &log.names),
        episodes: episodes(&audit, &log.names),
        figures: figures(&audit, &log.names),
    }
}

fn dimensions() -> Vec<Option<GroupBy>> {
    let of_lead = [By::Source, By::Owner].map(|by| Some(GroupBy::Lead(by)));
    let own = [None, Some(GroupBy::Owner), Some(GroupBy::Team), Some(GroupBy::Definition)];
    own.into_iter().chain(of_lead).collect()
}

/// Every figure in every split, sorted by the names of the groups.
fn figures(audit: &Audit<'_>, names: &Names) -> Vec<String> {
    let mut texts = of_handoffs(audit, names);
    for row in audit.workload() {
        let owner = names.text(row.owner);
        let loads = (row.open, row.assigned_day, row.assigned_month, row.remaining);
        texts.push(format!("{owner:?} {loads:?} {:?}", row.utilisation));
    }
    texts.push(format!("{:?}", audit.fairness()));
    texts.sort();
    texts
}

/// Those that are no owner's load.
fn of_handoffs(audit: &Audit<'_>, names: &Names) -> Vec<String> {
    let mut texts = Vec::new();
    for by in dimensions() {
        for row in audit.figures(by.as_ref()) {
            let key = row.key.map(|key| group(&key, names));
            texts.push(format!("{by:?} {key:?} {:?}", row.figures));
        }
    }
    texts.push(format!("{:?} {:?}", audit.speed_to_lead(), audit.recycled_win_rate()));
    texts.sort();
    texts
}

fn group(key: &GroupKey, names: &Names) -> Option<String> {
    match key {
        GroupKey::Part(KeyPart::Name(code)) => names.text(*code),
        GroupKey::Part(part) => Some(format!("{part:?}")),
        GroupKey::Team(team) => team.clone(),
    }
}

pub(crate) fn whole(log: &Log, book: &Book) -> Said {
    let (tables, ledger) = log.audited(&book.playbook, book.bounds());
    said(log, book, &tables, &ledger)
}

/// Pages of any size, settled at the end or after each, or lead by lead, in one go or in shards.
fn paces_alike(log: &Log, book: &Book, pages: &[usize]) -> TestCaseResult {
    let whole = whole(log, book);
    let paces = |size: &usize| {
        let shards = Pace::Shards(*size as u32);
        [Pace::Pages(*size), Pace::Steps(*size), Pace::Leads(*size), shards]
    };
    for pace in pages.iter().flat_map(paces) {
        let ledger = Ledger::new(book.playbook.clone());
        let (tables, ledger) = log.watch(&book.playbook, book.bounds(), ledger, pace);
        prop_assert_eq!(&said(log, book, &tables, &ledger), &whole, "{:?}", pace);
    }
    Ok(())
}

/// Catches up a page at a time, and stops at every prefix to compare it with a replay.
fn prefixes_alike(log: &Log, book: &Book, page: usize) -> TestCaseResult {
    let fold =
        || Fold::watched(book.playbook.clone(), book.bounds(), Ledger::new(book.playbook.clone()));
    let mut followed = fold();
    while followed.position() < log.head() {
        let to = (followed.position() + page as u64).min(log.head());
        log.feed(&mut followed, to, Pace::Steps(page));
        let mut replayed = fold();
        log.feed(&mut replayed, to, Pace::Pages(4096));
        let now = said(log, book, followed.tables(), followed.observer());
        let anew = said(log, book, replayed.tables(), replayed.observer());
        prop_assert_eq!(now, anew, "up to position {}", to);
    }
    Ok(())
}

/// Shards take a log up to a position, and what they have seen is followed on from there.
fn shards_go_on(log: &Log, book: &Book, to: u64, leads_max: u32) -> TestCaseResult {
    let ledger = Ledger::new(book.playbook.clone());
    let mut fold = Fold::watched(book.playbook.clone(), book.bounds(), ledger);
    log.feed(&mut fold, to, Pace::Shards(leads_max));
    log.feed(&mut fold, log.head(), Pace::Steps(3));
    prop_assert_eq!(said(log, book, fold.tables(), fold.observer()), whole(log, book));
    Ok(())
}

/// What is said, with events by their ids instead of their positions.
fn by_ids(log: &Log, book: &Book) -> Said {
    // Drawn ids count the events.
    let id = |position: &mut u64| {
        *position = log.events[*position as usize - 1].id.0.as_u128() as u64;
    };
    let mut said = whole(log, book);
    for told in &mut said.findings {
        id(&mut told.position);
        told.handoff.iter_mut().for_each(id);
        told.evidence.iter_mut().for_each(id);
        told.evidence.sort_unstable();
    }
    said.episodes.iter_mut().for_each(|episode| id(&mut episode.position));
    said.findings.sort();
    said.episodes.sort();
    said
}

fn is_correction(event: &NewEvent) -> bool {
    event.event.body.type_name() == "corrected"
}

/// The events in the order of the ranks. Corrections keep the order among themselves, since the
/// last one counts; they may well come before what they correct.
fn shuffled(events: &[NewEvent], ranks: &[u32]) -> Vec<NewEvent> {
    let mut order: Vec<usize> = (0..events.len()).collect();
    order.sort_by_key(|index| ranks[index % ranks.len()].wrapping_mul(*index as u32 | 1));
    let mut corrections = events.iter().filter(|event| is_correction(event));
    let in_turn = |index: usize| match is_correction(&events[index]) {
        true => corrections.next().expect("each slot of a correction has one").clone(),
        false => events[index].clone(),
    };
    order.into_iter().map(in_turn).collect()
}

/// The leads in two parts that no merge connects.
fn part(log: &Log) -> BTreeSet<u32> {
    let leads = log.store.leads(LeadIndex(0), usize::MAX).expect("a memory has leads");
    let family = |lead| log.store.family(&[lead]).expect("a memory has families")[0].0;
    let leads = leads.iter().map(|entry| entry.index).filter(|lead| family(*lead) % 2 == 0);
    leads.map(|lead| lead.0).collect()
}

fn of_part(log: &Log, book: &Book, keep: impl Fn(LeadIndex) -> bool) -> Said {
    let fold = fold_part(log, book, keep);
    said(log, book, fold.tables(), fold.observer())
}

fn fold_part(log: &Log, book: &Book, keep: impl Fn(LeadIndex) -> bool) -> Fold<Ledger> {
    let ledger = Ledger::new(book.playbook.clone());
    let mut fold = Fold::watched(book.playbook.clone(), book.bounds(), ledger);
    fold.learn(|name| log.store.code(name)).expect("a memory has codes");
    let mut facts = Facts::default();
    log.facts.iter().for_each(|page| facts.extend_filtered(page, &keep));
    fold.apply(&facts);
    log.settle(&mut fold);
    fold
}

/// The lead that stands for this one.
fn root(tables: &Tables, lead: LeadIndex) -> LeadIndex {
    let parent = |lead: &LeadIndex| tables.lead(*lead)?.merged_into();
    std::iter::successors(Some(lead), parent).last().expect("a lead is its own root at least")
}

/// What is said of the leads that stand together, one family after another, is what is said of all;
/// and to say it, the events of those whom merges ever connected are enough. But an owner's capacity
/// is shared by all of their leads.
fn families_alike(log: &Log, book: &Book) -> TestCaseResult {
    let (tables, ledger) = log.audited(&book.playbook, book.bounds());
    let of = |tables: &Tables, ledger: &Ledger, leads: &BTreeSet<LeadIndex>| {
        let audit = book.audit(tables, ledger).only(leads.clone());
        (
            findings(&audit, &log.names),
            episodes(&audit, &log.names),
            of_handoffs(&audit, &log.names),
        )
    };
    let (mut found, mut offered, mut roots) = (Vec::new(), Vec::new(), BTreeSet::new());
    for entry in log.store.leads(LeadIndex(0), usize::MAX).expect("a memory has leads") {
        let family = tables.family_of(entry.index);
        let own = root(&tables, entry.index);
        let is_own = |lead: &LeadIndex| root(&tables, *lead) == own;
        prop_assert!(family.iter().all(is_own) && family.contains(&entry.index), "{:?}", family);
        if !roots.insert(own) {
            continue;
        }
        let mut told = of(&tables, &ledger, &family);
        found.extend(told.0.iter().cloned());
        offered.extend(told.1.iter().cloned());
        let connected = log.store.family(&[entry.index]).expect("a memory has families");
        let part = fold_part(log, book, |lead| connected.contains(&lead));
        let mut alone = of(part.tables(), part.observer(), &part.tables().family_of(entry.index));
        for told in [&mut told, &mut alone] {
            told.0.retain(|told| told.code != AuditCode::OverCapacity);
        }
        prop_assert_eq!(alone, told);
    }
    let mut whole = said(log, book, &tables, &ledger);
    whole.findings.retain(|told| told.lead.is_some());
    found.sort();
    offered.sort();
    prop_assert_eq!((found, offered), (whole.findings, whole.episodes));
    Ok(())
}

/// The parts say together what the whole says. But an owner's capacity is shared by all of their
/// leads: what is too much for it is no matter of a part.
fn parts_alike(log: &Log, book: &Book) -> TestCaseResult {
    let first = part(log);
    let some = of_part(log, book, |lead| first.contains(&lead.0));
    let rest = of_part(log, book, |lead| !first.contains(&lead.0));
    let whole = whole(log, book);
    let is_of_lead = |told: &Told| told.code != AuditCode::OverCapacity;
    let joined = |a: Vec<Told>, b: Vec<Told>| {
        let mut all: Vec<Told> = a.into_iter().chain(b).filter(is_of_lead).collect();
        all.sort();
        all
    };
    prop_assert_eq!(joined(some.findings, rest.findings), joined(whole.findings, Vec::new()));
    let mut episodes: Vec<PlainEpisode> = some.episodes.into_iter().chain(rest.episodes).collect();
    episodes.sort();
    prop_assert_eq!(episodes, whole.episodes);
    Ok(())
}

fn ranks() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(any::<u32>(), 1..20)
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn pages_of_any_size_are_audited_alike(drawn in lives(Taste::ALL), book in any_book(true)) {
        paces_alike(&Log::of(drawn.0), &book, &[1, 3, 16])?;
    }

    #[test]
    fn strange_pages_are_audited_alike(drawn in strange(40), book in any_book(true)) {
        paces_alike(&Log::of(drawn.0), &book, &[1, 5])?;
    }

    #[test]
    fn catching_up_equals_a_replay_at_every_prefix(
        drawn in lives(Taste::ALL), book in any_book(true), page in 1_usize..6,
    ) {
        prefixes_alike(&Log::of(drawn.0), &book, page)?;
    }

    #[test]
    fn catching_up_with_strange_logs_equals_a_replay(
        drawn in strange(30), book in any_book(true), page in 1_usize..6,
    ) {
        prefixes_alike(&Log::of(drawn.0), &book, page)?;
    }

    #[test]
    fn what_shards_have_seen_is_followed_on(
        drawn in lives(Taste::ALL), book in any_book(true), at in any::<prop::sample::Index>(),
        leads_max in 1_u32..4,
    ) {
        let log = Log::of(drawn.0);
        shards_go_on(&log, &book, at.index(log.facts.len() + 1) as u64, leads_max)?;
    }

    #[test]
    fn what_shards_have_seen_of_strange_logs_is_followed_on(
        drawn in strange(40), book in any_book(true), at in any::<prop::sample::Index>(),
        leads_max in 1_u32..4,
    ) {
        let log = Log::of(drawn.0);
        shards_go_on(&log, &book, at.index(log.facts.len() + 1) as u64, leads_max)?;
    }

    #[test]
    fn parts_of_a_log_are_parts_of_its_audit(drawn in lives(Taste::ALL), book in any_book(true)) {
        parts_alike(&Log::of(drawn.0), &book)?;
    }

    #[test]
    fn families_of_a_log_are_parts_of_its_audit(
        drawn in lives(Taste::ALL), book in any_book(true),
    ) {
        families_alike(&Log::of(drawn.0), &book)?;
    }

    #[test]
    fn families_of_strange_logs_are_parts_of_the_audit(
        drawn in strange(40), book in any_book(true),
    ) {
        families_alike(&Log::of(drawn.0), &book)?;
    }

    #[test]
    fn parts_of_strange_logs_are_parts_of_the_audit(drawn in strange(40), book in any_book(true)) {
        parts_alike(&Log::of(drawn.0), &book)?;
    }
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn the_order_of_arrival_is_no_matter(
        drawn in lives(Taste { disorder: false, ..Taste::ALL }), book in any_book(true),
        ranks in ranks(),
    ) {
        let (first, second) = (Log::of(drawn.0.clone()), Log::of(shuffled(&drawn.0, &ranks)));
        prop_assert_eq!(by_ids(&second, &book), by_ids(&first, &book));
    }
}

/// The simulated company's log, with all that disturbs it.
#[test]
fn a_company_is_audited_alike_in_any_pages() {
    let company = Simulation {
        days: 200,
        merges: 0.1,
        late: 0.1,
        corrections: 0.1,
        rule_breaks: 0.1,
        ..Simulation::new(5, 120)
    };
    let log = Log::of(company.events().collect());
    let as_of = company.start.micros() + 200 * DAY;
    let mut playbook = leadfold_core::Playbook::default();
    let gate = Gate { mandatory: vec!["source".to_owned()], desirable: Vec::new() };
    playbook.gates =
        [State::HandedOff, State::Sql, State::Customer].map(|s| (s, gate.clone())).into();
    let book = Book { playbook, week: Week::Office, as_of };
    paces_alike(&log, &book, &[1, 97]).expect("the paces are alike");
    parts_alike(&log, &book).expect("the parts make the whole");
    families_alike(&log, &book).expect("the families make the whole");
    for to in (1..10).map(|tenth| log.head() * tenth / 10) {
        shards_go_on(&log, &book, to, 17).expect("shards are gone on with");
    }
}

fn event(line: &str) -> NewEvent {
    EventLine::parse(line.as_bytes()).expect("it is an event").identify(|_| 0)
}

/// A correction exchanges data, and not by whom the event was.
#[test]
fn who_touched_is_no_matter_of_who_corrects_it() {
    let id = "00000000-0000-7000-8000-00000000000";
    let line = |number: u8, hour: u8, kind: &str, actor: &str, data: &str| {
        let time = format!("2024-02-01T{hour:02}:00:00Z");
        event(&format!(
            r#"{{"id":"{id}{number}","lead":"a","type":"{kind}","occurred_at":"{time}","recorded_at":"{time}","actor":{{"kind":"{actor}"}},"data":{data}}}"#
        ))
    };
    let data = r#"{"side":"sales","result":"attempt"}"#;
    let target =
        format!(r#"{{"target":"{id}5","action":"replace","reason":"typo","data":{data}}}"#);
    for (by, corrector) in [("automation", "user"), ("user", "automation")] {
        let events = vec![
            line(1, 0, "captured", "user", "{}"),
            line(2, 1, "qualified", "user", r#"{"level":"mql"}"#),
            line(3, 2, "handed_off", "user", r#"{"to":"ann"}"#),
            line(4, 3, "accepted", "user", r#"{"by":"ann"}"#),
            line(5, 4, "touched", by, data),
            line(6, 5, "corrected", corrector, &target),
        ];
        let mut other_way = events.clone();
        other_way.swap(4, 5);
        let playbook = leadfold_core::Playbook::default();
        let book = Book { playbook, week: Week::Office, as_of: 1_706_832_000_000_000 };
        let [first, second] = [events, other_way].map(|events| by_ids(&Log::of(events), &book));
        assert_eq!(first.episodes[0].attempted_at.is_some(), by == "user");
        assert_eq!(first, second, "by {by}, corrected by {corrector}");
    }
}

/// A store does not keep with its facts that one has to be heeded: that is told anew.
#[test]
fn a_consent_that_ends_is_heeded_in_facts_by_lead() {
    let lines = [
        r#"{"lead":"a","type":"captured","occurred_at":"2024-02-01T00:00:00Z"}"#,
        r#"{"lead":"a","type":"consent_granted","occurred_at":"2024-02-02T00:00:00Z","data":{"purpose":"news","expires_at":"2024-02-11T00:00:00Z"}}"#,
        r#"{"lead":"a","type":"touched","occurred_at":"2024-03-01T00:00:00Z","data":{"side":"marketing","direction":"out"}}"#,
    ];
    let log = Log::of(lines.iter().map(|line| event(line)).collect());
    let playbook = leadfold_core::Playbook::default();
    let book = Book { playbook, week: Week::Office, as_of: 1_709_251_200_000_000 };
    let codes: Vec<AuditCode> = whole(&log, &book).findings.iter().map(|told| told.code).collect();
    assert_eq!(codes, [AuditCode::TouchedAfterWithdrawal]);
    paces_alike(&log, &book, &[1, 97]).expect("the paces are alike");
}

/// An event of a day in February 2024.
fn line(lead: &str, day: u8, kind: &str, data: &str) -> NewEvent {
    let time = format!("2024-02-{day:02}T00:00:00Z");
    event(&format!(r#"{{"lead":"{lead}","type":"{kind}","occurred_at":"{time}","data":{data}}}"#))
}

/// Consents that shards have seen end, withdrawn and given again, and a touch behind them.
#[test]
fn consents_are_known_behind_the_shards() {
    let ends = r#"{"purpose":"news","expires_at":"2024-02-05T00:00:00Z"}"#;
    let (of_mail, of_all) = (r#"{"purpose":"news","channel":"mail"}"#, r#"{"purpose":"news"}"#);
    let touch = r#"{"side":"marketing","direction":"out","channel":"mail"}"#;
    let events = vec![
        line("ended", 1, "captured", "{}"),
        line("again", 1, "captured", "{}"),
        line("never", 1, "captured", "{}"),
        line("ended", 2, "consent_granted", ends),
        line("again", 2, "consent_withdrawn", of_mail),
        line("never", 2, "consent_withdrawn", of_mail),
        line("again", 3, "consent_granted", of_all),
        line("ended", 9, "touched", touch),
        line("again", 9, "touched", touch),
        line("never", 9, "touched", touch),
    ];
    let log = Log::of(events);
    let playbook = leadfold_core::Playbook::default();
    let book = Book { playbook, week: Week::Office, as_of: 1_708_300_800_000_000 };
    let told = whole(&log, &book).findings;
    let proofs = told.iter().map(|told| &told.evidence);
    assert!(proofs.eq(&[[4, 8], [6, 10]]), "{told:?}");
    for (to, leads_max) in (0..=log.head()).flat_map(|to| (1..4).map(move |leads| (to, leads))) {
        shards_go_on(&log, &book, to, leads_max).expect("shards are gone on with");
    }
}

/// A deal that one of several shards has seen closed, and that an event behind them is about.
#[test]
fn what_closed_a_deal_is_known_behind_the_shards() {
    let deal = |lead: &str, rest: &str| format!(r#"{{"opportunity":"of {lead}"{rest}}}"#);
    let leads = ["a", "b", "c"];
    let of_lead = |lead: &&'static str| {
        [
            line(lead, 1, "captured", "{}"),
            line(lead, 2, "qualified", r#"{"level":"mql"}"#),
            line(lead, 3, "handed_off", r#"{"to":"ann"}"#),
            line(lead, 4, "accepted", r#"{"by":"ann"}"#),
            line(lead, 5, "opportunity_opened", &deal(lead, "")),
            line(lead, 6, "lost", &deal(lead, r#","reason":"price""#)),
        ]
    };
    let closed: Vec<NewEvent> = leads.iter().flat_map(of_lead).collect();
    let before = closed.len() as u64;
    let moved =
        |lead: &&str| line(lead, 7, "opportunity_stage_changed", &deal(lead, r#","to":"offer""#));
    let log = Log::of(closed.into_iter().chain(leads.iter().map(moved)).collect());
    let playbook = leadfold_core::Playbook::default();
    let book = Book { playbook, week: Week::Office, as_of: 1_708_300_800_000_000 };
    let told = whole(&log, &book).findings;
    let proofs = told.iter().filter(|told| told.position > before).map(|told| &told.evidence);
    assert!(proofs.eq(&[[6, 19], [12, 20], [18, 21]]), "{told:?}");
    for leads_max in 1..4 {
        shards_go_on(&log, &book, before, leads_max).expect("shards are gone on with");
    }
}
