//! The reference of the playbook file says what the code does.

use std::collections::BTreeMap;
use std::fs;

use leadfold_core::Playbook;
use leadfold_playbook::read;
use serde_json::Value;

/// A table of the file: its heading on the page, a text that ends with one of its kind and the
/// keys that it needs, and where the core's playbook has it.
type Section = (&'static str, &'static str, &'static str);

const SECTIONS: [Section; 23] = [
    ("", "", ""),
    ("rules", "[rules]", "/rules"),
    ("sla", "[sla]", "/sla"),
    ("pipelines", "[[pipelines]]\nname = 'p'\nstages = ['s']", "/pipelines/0"),
    ("calendar", "[calendar]\nzone = 'UTC'\nsun = ['09:00-10:00'] #", "/calendar"),
    ("scoring", "[scoring]\nname = 'm'\nversion = '1'", "/scoring"),
    (
        "scoring.groups",
        "[scoring]\nname = 'm'\nversion = '1'\n[[scoring.behaviour]]\nname = 'b'\n\
         group = 'g'\npoints = 1\n[[scoring.groups]]\nname = 'g'",
        "/scoring/groups/0",
    ),
    (
        "scoring.fit",
        "[scoring]\nname = 'm'\nversion = '1'\n[[scoring.fit]]\nname = 'f'\npoints = 1\n\
         when = [{ attribute = 'a', present = true }]",
        "/scoring/fit/0",
    ),
    (
        "scoring.behaviour",
        "[scoring]\nname = 'm'\nversion = '1'\n[[scoring.behaviour]]\nname = 'b'\npoints = 1",
        "/scoring/behaviour/0",
    ),
    (
        "scoring.behaviour.on",
        "[scoring]\nname = 'm'\nversion = '1'\n[[scoring.behaviour]]\nname = 'b'\npoints = 1\n\
         [scoring.behaviour.on]",
        "/scoring/behaviour/0/on",
    ),
    (
        "scoring.limits.PART",
        "[scoring]\nname = 'm'\nversion = '1'\n[scoring.limits.total]",
        "/scoring/limits/total",
    ),
    (
        "scoring.bands.PART",
        "[scoring]\nname = 'm'\nversion = '1'\n[scoring.bands]\nbehaviour.enter = [3, 2, 1]\n\
         [scoring.bands.fit]\nenter = [3, 2, 1]",
        "/scoring/bands/fit",
    ),
    (
        "scoring.definitions",
        "[scoring]\nname = 'm'\nversion = '1'\n[[scoring.definitions]]\nname = 'd'\n\
         version = '1'\npoints_min = 1 #",
        "/scoring/definitions/0",
    ),
    ("gates.STATE", "[gates.mql]", "/gates/mql"),
    ("conduct", "[conduct]", "/conduct"),
    ("audit", "[audit]", "/audit"),
    ("routing", "[routing]\nversion = '1'", "/routing"),
    (
        "routing.teams",
        "routing.version = '1'\n[[routing.owners]]\nname = 'ann'\nteam = 't'\n\
         [[routing.teams]]\nname = 't'\nshare = 'weighted'",
        "/routing/teams/0",
    ),
    (
        "routing.owners",
        "routing.version = '1'\n[[routing.owners]]\nname = 'ann'",
        "/routing/owners/0",
    ),
    (
        "routing.owners.absences",
        "routing.version = '1'\n[[routing.owners]]\nname = 'ann'\n\
         [[routing.owners.absences]]\nfrom = '2024-01-01'\nto = '2024-01-02'",
        "/routing/owners/0/absences/0",
    ),
    (
        "routing.queues",
        "routing.version = '1'\n[[routing.queues]]\nname = 'q'",
        "/routing/queues/0",
    ),
    (
        "routing.rules",
        "routing.version = '1'\nrouting.queues = [{ name = 'q' }]\n\
         [[routing.rules]]\nname = 'r'\nto = { queue = 'q' }\nsource = ['web'] #",
        "/routing/rules/0",
    ),
    (
        "routing.rules.when",
        "routing.version = '1'\nrouting.queues = [{ name = 'q' }]\n\
         [[routing.rules]]\nname = 'r'\nsource = ['web']\nto = { queue = 'q' }\n\
         [[routing.rules.when]]\nattribute = 'a'\npresent = true #",
        "/routing/rules/0/when/0",
    ),
];

/// What the page says of a key where there is no default.
const REQUIRED: &str = "required";

/// Marks a key of which the table needs one or another.
const ONE_OF_SEVERAL: &str = "#";

fn docs() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/PLAYBOOK.md");
    fs::read_to_string(path).expect("the page is there")
}

#[test]
fn every_example_is_a_playbook() {
    let docs = docs();
    let blocks = docs.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let read = blocks.map(|block| read(block, "PLAYBOOK.md").map_err(|error| error.to_string()));
    let read: Result<Vec<Playbook>, String> = read.collect();
    let read = read.unwrap_or_else(|error| panic!("{error}"));
    assert!(read.len() > 8);
    assert_eq!(read[0].name, "b2b");
}

/// The keys of each section on the page, with the text of their defaults.
fn documented(docs: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut sections: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut section = String::new();
    for line in docs.lines() {
        if line.starts_with("##") {
            let name = line.split(['[', ']']).find(|part| !part.is_empty() && !part.contains('#'));
            section = name.filter(|_| line.contains('[')).unwrap_or_default().to_owned();
        }
        let cells: Vec<&str> = line.split(" | ").collect();
        if let ([key, _, default, _], true) = (cells.as_slice(), line.starts_with("| `")) {
            let key = key.trim_matches(|c| "|` ".contains(c)).to_owned();
            let default = default.trim_matches('`').to_owned();
            let keys = sections.entry(section.clone()).or_default();
            assert_eq!(keys.insert(key, default), None, "twice: {line}");
        }
    }
    sections
}

/// The keys that a section has in the code: the reader lists them when it meets another.
fn known(text: &str) -> Vec<String> {
    let error = read(&format!("{text}\nno_such_key = 1"), "docs").expect_err(text);
    assert_eq!(error.found, "`no_such_key`", "{error}");
    error.expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Whether the page says what is true of a key: that a file needs it, or its default.
fn is_true((_, text, pointer): Section, key: &str, said: &str) -> bool {
    let mut lines: Vec<&str> = text.lines().collect();
    let is_key = |line: &&str| line.starts_with(&format!("{key} = "));
    if let Some(written) = lines.iter().rposition(is_key) {
        let is_one_of_several = lines.remove(written).ends_with(ONE_OF_SEVERAL);
        return is_one_of_several || said == REQUIRED && read(&lines.join("\n"), "docs").is_err();
    }
    let playbook = read(text, "docs").unwrap_or_else(|error| panic!("{error}"));
    let playbook = serde_json::to_value(playbook).expect("a playbook is data");
    match playbook.pointer(pointer).and_then(|section| section.get(key)) {
        // What is empty may be left out of the data.
        None | Some(Value::Null) => said == "none" || said == "[]",
        Some(value) => value.to_string().as_str() == said,
    }
}

/// What the page leaves out, or says otherwise.
fn untrue(docs: &str) -> Vec<String> {
    let documented = documented(docs);
    let tables: Vec<&str> = documented.keys().filter_map(|name| name.split('.').next()).collect();
    let mut untrue = Vec::new();
    for section in SECTIONS {
        let (name, text, _) = section;
        let said = documented.get(name).cloned().unwrap_or_default();
        let known = known(text);
        let is_told = |key: &String| match said.get(key) {
            Some(default) => is_true(section, key, default),
            None => name.is_empty() && tables.contains(&key.as_str()),
        };
        let unknown = said.keys().filter(|key| !known.contains(key));
        let wrong = known.iter().filter(|key| !is_told(key)).chain(unknown);
        untrue.extend(wrong.map(|key| format!("{name}.{key}")));
    }
    let names: Vec<&str> = SECTIONS.iter().map(|(name, ..)| *name).collect();
    untrue.extend(documented.into_keys().filter(|name| !names.contains(&name.as_str())));
    untrue
}

#[test]
fn every_key_is_on_the_page_with_its_default() {
    assert_eq!(untrue(&docs()), Vec::<String>::new());
}

#[test]
fn a_page_that_is_not_true_is_noticed() {
    let docs = docs();
    for (old, new, expected) in [
        ("| `14400` |", "| `14401` |", "sla.decision_seconds"),
        ("| `\"apply\"` |", "| `\"skip\"` |", "rules.illegal"),
        ("| `hand_raiser` |", "| `hand_riser` |", "rules.hand_raiser"),
        ("| `hand_raiser` |", "| `hand_riser` |", "rules.hand_riser"),
        ("| `stages` |", "| stages |", "pipelines.stages"),
        ("| `version` |", "| version |", ".version"),
        ("## `[sla]`", "## sla", ".sla"),
        ("### `[[routing.queues]]`", "### `[[routing.queue]]`", "routing.queue"),
        ("| `1` |", "| required |", "routing.owners.weight"),
        ("name of a team | none |", "name of a team | required |", "routing.owners.team"),
    ] {
        assert!(docs.contains(old), "{old}");
        let untrue = untrue(&docs.replacen(old, new, 1));
        assert!(untrue.iter().any(|found| found == expected), "{expected}: {untrue:?}");
    }
}

/// A file with the faults that the page shows, one at a time: a line in the place of another.
const FAULTS: [(&str, usize); 3] = [
    ("illegel = \"skip\"", 4),
    ("decision_seconds = \"4h\"", 7),
    ("stages = [\"open\", \"offer\", \"offer\"]", 12),
];

#[test]
fn the_faults_on_the_page_are_told_so() {
    let text = "name = \"b2b\"\nversion = \"1\"\n[rules]\n\n[sla]\n\n\n\n[[pipelines]]\n\
                name = \"new\"\n\nstages = [\"open\", \"offer\"]";
    let docs = docs();
    let (_, console) = docs.split_once("```console\n").expect("there are faults");
    let (console, _) = console.split_once("```").expect("they end");
    let told = FAULTS.map(|(fault, line)| {
        let mut lines: Vec<&str> = text.lines().collect();
        lines[line - 1] = fault;
        read(&lines.join("\n"), "b2b.toml").expect_err(fault).to_string()
    });
    assert_eq!(console.lines().collect::<Vec<_>>(), told);
}
