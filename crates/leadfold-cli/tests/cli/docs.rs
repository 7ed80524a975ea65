//! Every example of docs/CLI.md gives the output that stands there. `LEADFOLD_UPDATE=1` writes it.

use std::path::PathBuf;

use crate::support::Desk;

const LOG: &str = "```ndjson\n";
const CONSOLE: &str = "```console\n";

fn docs() -> PathBuf {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/CLI.md").into()
}

#[test]
fn the_examples_of_the_docs_are_true() {
    let docs = std::fs::read_to_string(docs()).expect("the page is there");
    let (_, log) = docs.split_once(LOG).expect("the page has a log");
    let (log, _) = log.split_once("```").expect("the log ends");
    let desk = Desk::new();
    desk.write("leads.ndjson", log);
    let mut blocks = docs.split(CONSOLE);
    let mut found = blocks.next().expect("a page").to_owned();
    for block in blocks {
        let (console, text) = block.split_once("```").expect("the block ends");
        found.push_str(CONSOLE);
        for command in console.lines().filter_map(|line| line.strip_prefix("$ ")) {
            found.push_str(&run(&desk, command));
        }
        found.push_str("```");
        found.push_str(text);
    }
    if std::env::var_os("LEADFOLD_UPDATE").is_some() {
        std::fs::write(self::docs(), &found).expect("the page can be written");
        return;
    }
    for (line, (found, expected)) in found.lines().zip(docs.lines()).enumerate() {
        assert_eq!(found, expected, "docs/CLI.md, line {}: LEADFOLD_UPDATE=1 writes it", line + 1);
    }
    assert_eq!(found, docs);
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

#[test]
fn every_option_is_explained() {
    let docs = std::fs::read_to_string(docs()).expect("the page is there");
    let desk = Desk::new();
    for command in
        ["demo", "import", "export", "status", "funnel", "deals", "aging", "clv", "audit", "verify"]
    {
        assert!(docs.contains(&format!("## `{command}`")), "{command}");
        let help = desk.run(&[command, "--help"]).ok().out;
        for option in
            help.split_whitespace().filter(|word| word.starts_with("--") && *word != "--help")
        {
            let option = option.trim_matches(|c: char| !c.is_ascii_lowercase() && c != '-');
            assert!(docs.contains(&format!("`{option}")), "{command} {option}");
        }
    }
}
