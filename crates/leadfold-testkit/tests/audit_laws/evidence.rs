//! Diagnosis.

use std::collections::BTreeMap;

use leadfold_core::Case;
use leadfold_core::event::RecordedEvent;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::book::{Book, lenient_book, any_book};
use super::draw::{Taste, Drawn, lives, strange, legal};
use super::log::{Log, exported};
use super::told::{Told, findings};

fn audit(events: &[&RecordedEvent], book: &Book) -> Vec<Told> {
    let case = Case::open(book.playbook.clone(), book.bounds(), events.iter().copied());
    findings(&book.audit(case.tables(), case.ledger()), &case)
}

fn run(name: &str, logs: impl Strategy<Value = Drawn>, books: impl Strategy<Value = Book>, n: usize) {
    let mut runner = TestRunner::deterministic();
    let mut weak: BTreeMap<String, (u64, String)> = BTreeMap::new();
    let mut strong: BTreeMap<String, (u64, String)> = BTreeMap::new();
    let (mut checked1, mut checked2) = (0, 0);
    let mut codes: BTreeMap<String, u64> = BTreeMap::new();
    for _ in 0..n {
        let (drawn, book) = (&logs, &books).new_tree(&mut runner).expect("drawn").current();
        let log = Log::of(drawn.0.clone());
        let all: Vec<&RecordedEvent> = log.events.iter().collect();
        let base = audit(&all, &book);
        let without: BTreeMap<u64, Vec<Told>> = log.events.iter().map(|gone| {
            let rest: Vec<&RecordedEvent> = all.iter().copied().filter(|e| e.position != gone.position).collect();
            (gone.position, audit(&rest, &book))
        }).collect();
        for f in &base {
            *codes.entry(f.code.to_string()).or_default() += 1;
            for e in &log.events {
                let kind = e.event.body.type_name();
                if f.evidence.contains(&e.position) {
                    checked1 += 1;
                    for g in &without[&e.position] {
                        let same = g.code == f.code && g.lead == f.lead && g.owner == f.owner && g.at == f.at && g.handoff == f.handoff && g.detail == f.detail;
                        if same && g.evidence.iter().all(|p| f.evidence.contains(p)) {
                            let entry = weak.entry(format!("{} -{kind}", f.code)).or_default();
                            entry.0 += 1;
                            entry.1 = format!("{f:?}\nminus {} gives\n{g:?}\n{book:?}\n{:?}", e.position, drawn);
                        }
                    }
                } else if !["corrected", "merged", "unmerged"].contains(&kind) && e.event.lead.as_ref().map(|l| l.to_string()) == f.lead {
                    checked2 += 1;
                    let stays = without[&e.position].iter().any(|g| g.code == f.code && g.lead == f.lead && g.owner == f.owner && g.at == f.at && g.evidence == f.evidence);
                    if !stays {
                        let entry = strong.entry(format!("{} -{kind}", f.code)).or_default();
                        entry.0 += 1;
                        if entry.1.is_empty() || entry.1.len() > 4 * drawn.0.len() * 200 {
                            entry.1 = format!("{f:?}\nminus {} gives\n{:#?}\n{book:?}\n{}", e.position, without[&e.position].iter().filter(|g| g.lead == f.lead).collect::<Vec<_>>(), log.events.iter().map(|e| { let v = exported(e); format!("{} {} {} {} {}\n", v["position"], v["lead"], v["occurred_at"], v["type"], v["data"]) }).collect::<String>());
                        }
                    }
                }
            }
        }
    }
    println!("== {name}: {checked1} evidence, {checked2} others; codes {codes:?}");
    let w: u64 = weak.values().map(|v| v.0).sum();
    let s: u64 = strong.values().map(|v| v.0).sum();
    println!("needless evidence {w}");
    for (k, v) in &weak { println!("   {k}: {}", v.0); }
    println!("missing evidence {s}");
    for (k, v) in &strong { println!("   {k}: {}", v.0); }
    if let Ok(show) = std::env::var("SHOW") {
        for (k, v) in weak.iter().chain(&strong) { if k.starts_with(&show) { println!("--- {k}\n{}", v.1); } }
    }
}

#[test]
fn diagnose() {
    let n = std::env::var("N").ok().and_then(|n| n.parse().ok()).unwrap_or(100);
    let simple = Taste { merges: false, corrections: false, disorder: false, keys: true };
    match std::env::var("WHICH").as_deref() {
        Ok("simple") => run("simple", lives(simple), lenient_book(true), n),
        Ok("lives") => run("lives", lives(Taste::ALL), lenient_book(true), n),
        Ok("any") => run("any", lives(Taste::ALL), any_book(true), n),
        Ok("legal") => run("legal", legal(1..8), lenient_book(false), n),
        _ => run("strange", strange(30), lenient_book(true), n),
    }
}
