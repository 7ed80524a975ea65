//! Every example of docs/CLI.md gives the output that stands there. `LEADFOLD_UPDATE=1` writes it.

use std::path::PathBuf;

use crate::support::{Desk, data};

const LOG: &str = "```ndjson\n";
const CONSOLE: &str = "```console\n";

fn page(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs")).join(name)
}

fn text(name: &str) -> String {
    std::fs::read_to_string(page(name)).expect("the page is there")
}

#[test]
fn the_examples_of_the_docs_are_true() {
    let docs = text("CLI.md");
    let (_, log) = docs.split_once(LOG).expect("the page has a log");
    let (log, _) = log.split_once("```").expect("the log ends");
    let desk = Desk::new();
    desk.write("leads.ndjson", log);
    check(&desk, "CLI.md");
}

/// Runs the examples of a page, with the playbooks that it shows.
pub(crate) fn check(desk: &Desk, name: &str) {
    let docs = text(name);
    write_playbooks(desk, &docs);
    let mut blocks = docs.split(CONSOLE);
    let mut found = blocks.next().expect("a page").to_owned();
    for block in blocks {
        let (console, text) = block.split_once("```").expect("the block ends");
        found.push_str(CONSOLE);
        for command in console.lines().filter_map(|line| line.strip_prefix("$ ")) {
            found.push_str(&run(desk, command));
        }
        found.push_str("```");
        found.push_str(text);
    }
    if std::env::var_os("LEADFOLD_UPDATE").is_some() {
        std::fs::write(page(name), &found).expect("the page can be written");
        return;
    }
    for (line, (found, expected)) in found.lines().zip(docs.lines()).enumerate() {
        assert_eq!(found, expected, "docs/{name}, line {}: LEADFOLD_UPDATE=1 writes it", line + 1);
    }
    assert_eq!(found, docs);
}

/// The playbooks of a page; the first line of each names its file.
fn write_playbooks(desk: &Desk, docs: &str) {
    let blocks = docs.split("```toml\n# ").skip(1).filter_map(|rest| rest.split("```").next());
    for (name, text) in blocks.filter_map(|block| block.split_once('\n')) {
        desk.write(name, text);
    }
}

/// A command with all that it prints, messages first, and how it ends if that is not well.
fn run(desk: &Desk, command: &str) -> String {
    let mut words = command.split(' ');
    assert_eq!(words.next(), Some("leadfold"), "{command}");
    let ran = desk.run(&words.collect::<Vec<_>>());
    let mut shown = format!("$ {command}\n{}{}", ran.err, ran.out);
    if ran.status != 0 {
        shown.push_str(&format!("[exit status {}]\n", ran.status));
    }
    shown
}

/// The page leaves out what is long; what stands there is what is printed, in that order.
#[test]
fn the_worked_case_is_true() {
    let Some(folder) = data("bpic2012") else { return };
    let folder = folder.to_str().expect("a UTF-8 path");
    let desk = Desk::new();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/");
    for block in text("CASE_BPI2012.md").split("```text\n$ ").skip(1) {
        let block = block.split("```").next().expect("the block ends");
        for command in block.split("\n$ ") {
            let (command, page) = command.split_once('\n').expect("something is printed");
            let command = command.replace("BPI_FOLDER", folder).replace("examples/", root);
            let ran = desk.run(&command.split(' ').skip(1).collect::<Vec<_>>()).ok();
            let mut printed = ran.out.lines();
            for line in page.lines() {
                let is_there = printed.any(|found| found == line);
                assert!(is_there, "{command}: expected `{line}` in\n{}", ran.out);
            }
        }
    }
}

#[test]
fn every_option_is_explained() {
    let docs = text("CLI.md");
    let desk = Desk::new();
    for command in ["publish", "list", "show"] {
        let help = desk.run(&["playbook", command, "--help"]).ok().out;
        explain(&docs, &format!("playbook {command}"), &help);
    }
    for command in ["take", "drop"] {
        let help = desk.run(&["snapshot", command, "--help"]).ok().out;
        explain(&docs, &format!("snapshot {command}"), &help);
    }
    for command in [
        "demo", "import", "export", "status", "funnel", "deals", "aging", "due", "clv", "cost",
        "audit", "report", "compare", "playbook", "snapshot", "verify",
    ] {
        assert!(docs.contains(&format!("## `{command}`")), "{command}");
        let help = desk.run(&[command, "--help"]).ok().out;
        explain(&docs, command, &help);
    }
}

fn explain(docs: &str, command: &str, help: &str) {
    for option in help.split_whitespace().filter(|w| w.starts_with("--") && *w != "--help") {
        let option = option.trim_matches(|c: char| !c.is_ascii_lowercase() && c != '-');
        assert!(docs.contains(&format!("`{option}")), "{command} {option}");
    }
}
