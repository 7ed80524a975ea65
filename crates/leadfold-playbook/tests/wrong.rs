//! Each fault of a playbook file: where, and in which words.

use leadfold_core::Playbook;
use leadfold_playbook::{PlaybookError, read};

type Read = fn(&str, &str) -> Result<Playbook, PlaybookError>;

const RULES: &str =
    "one of `illegal`, `hand_raiser`, `implied_steps`, `sales_generated`, `require_reasons`";

/// The keys of the top, which grow with the core.
fn sections() -> String {
    let expected = read("colour = 1", "b2b.toml").expect_err("no such key").expected;
    assert!(expected.starts_with("one of `name`, `version`, "), "{expected}");
    expected
}

/// A wrong file, and what is said of it behind its name.
fn cases() -> Vec<(&'static str, String)> {
    let top = sections();
    let said =
        |text, message: &str| (text, message.replace("RULES", RULES).replace("one of TOP", &top));
    vec![
        said(
            "[rules]\nillegel = \"skip\"",
            "line 2, column 1, key `rules.illegel`: expected RULES, found `illegel`; did you mean \
             `illegal`?",
        ),
        said(
            "[rules]\ncolour = 1",
            "line 2, column 1, key `rules.colour`: expected RULES, found `colour`; correct it as \
             docs/PLAYBOOK.md says",
        ),
        said(
            "[rules]\nillegal = \"Skip\"",
            "line 2, column 11, key `rules.illegal`: expected `apply` or `skip`, found \"Skip\"; \
             did you mean `skip`?",
        ),
        said(
            "rules.illegal = 1",
            "line 1, column 17, key `rules.illegal`: expected `apply` or `skip`, found `1`; correct \
             it as docs/PLAYBOOK.md says",
        ),
        said(
            "[rules]\nillegal = { skip = {} }",
            "line 2, column 11, key `rules.illegal`: expected `apply` or `skip`, found a table; \
             correct it as docs/PLAYBOOK.md says",
        ),
        said(
            "[rules.illegal.skip]",
            "line 1, column 8, key `rules.illegal`: expected `apply` or `skip`, found a table; \
             correct it as docs/PLAYBOOK.md says",
        ),
        said(
            "[sla]\non_reassignment = { keep = {} }",
            "line 2, column 19, key `sla.on_reassignment`: expected `keep` or `restart`, found a \
             table; correct it as docs/PLAYBOOK.md says",
        ),
        said(
            "[[routing.teams]]\nname = \"a\"\nshare = { weighted = {} }",
            "line 3, column 9, key `routing.teams[0].share`: expected one of `round_robin`, \
             `weighted`, `least_loaded`, found a table; correct it as docs/PLAYBOOK.md says",
        ),
        said(
            "[rules]\nhand_raiser = \"yes\"",
            "line 2, column 15, key `rules.hand_raiser`: expected `true` or `false`, found \
             \"yes\"; correct it as docs/PLAYBOOK.md says",
        ),
        said(
            "[rules]\nhand_raiser = yes",
            "line 2, column 15, key `rules.hand_raiser`: expected a text in quotes, a number, \
             `true`, `false`, a list or a table, found `yes`; correct it as docs/PLAYBOOK.md says",
        ),
        said(
            "name = 1",
            "line 1, column 8, key `name`: expected a text in quotes, found `1`; correct it as \
             docs/PLAYBOOK.md says",
        ),
        said(
            "sla = 4",
            "line 1, column 7, key `sla`: expected a table, found `4`; correct it as \
             docs/PLAYBOOK.md says",
        ),
        said(
            "[[sla]]\ndecision_seconds = 3600",
            "line 1, column 1, key `sla`: expected one table `[sla]`, found a list; write `[sla]` \
             once, and its keys below it",
        ),
        said(
            "rules = [\"skip\", true]",
            "line 1, column 9, key `rules`: expected one table `[rules]`, found a list; write \
             `[rules]` once, and its keys below it",
        ),
        said(
            "[calendar]\nzone = \"UTC\"\nholidays = [\"2024-12-25\"]",
            "line 1, column 1, key `calendar`: expected working hours on at least one day, found \
             none; add some, such as `mon = [\"09:00-17:00\"]`, or leave the calendar out: then all \
             time is working time",
        ),
        said(
            "[sla]\ndecision_seconds = -1",
            "line 2, column 20, key `sla.decision_seconds`: expected a whole number, 0 or more, \
             found `-1`; correct it as docs/PLAYBOOK.md says",
        ),
        said(
            "sla = { decision_seconds = 99999999999999999999 }",
            "line 1, column 28, key `sla.decision_seconds`: expected a whole number, 0 or more, \
             found `99999999999999999999`, which is too large; correct it as docs/PLAYBOOK.md says",
        ),
        said(
            "sla.decision_seconds = 2024-01-01",
            "line 1, column 24, key `sla.decision_seconds`: expected a whole number, 0 or more, \
             found `2024-01-01`; correct it as docs/PLAYBOOK.md says",
        ),
        said(
            "\n[[pipelines]]\nname = \"new\"",
            "line 2, column 1, key `pipelines[0]`: expected the key `stages`, found none; add it",
        ),
        said(
            "[[pipelines]]\nname = \"new\"\nstages = [\n  \"open\",\n  3,\n]",
            "line 5, column 3, key `pipelines[0].stages[1]`: expected a text in quotes, found `3`; \
             correct it as docs/PLAYBOOK.md says",
        ),
        said(
            "pipelines = [{ name = \"new\", stages = [\"open\"], stage = 1 }]",
            "line 1, column 49, key `pipelines[0].stage`: expected `name` or `stages`, found \
             `stage`; did you mean `stages`?",
        ),
        said(
            "[[pipelines]]\nname = \"\"\nstages = [\"open\"]",
            "line 2, column 8, key `pipelines[0].name`: expected the name of a pipeline, found an \
             empty text; name it",
        ),
        said(
            "[[pipelines]]\nname = \"a\"\nstages = [\"open\"]\n\
             [[pipelines]]\nname = \"a\"\nstages = [\"won\"]",
            "line 5, column 8, key `pipelines[1].name`: expected each pipeline once, found \"a\" a \
             second time; leave one of them out",
        ),
        said(
            "pipelines = [{ name = \"new\", stages = [] }]",
            "line 1, column 39, key `pipelines[0].stages`: expected at least one stage, found an \
             empty list; list the stages in order, or leave the pipeline out: then it knows every \
             stage",
        ),
        said(
            "[[pipelines]]\nname = \"new\"\nstages = [\"open\", \"offer\", \"open\"]",
            "line 3, column 28, key `pipelines[0].stages[2]`: expected each stage once, found \
             \"open\" a second time; leave one of them out",
        ),
        said(
            "[calendar]\nzone = \"Europe/Belin\"",
            "line 2, column 8, key `calendar.zone`: expected an IANA name such as Europe/Berlin or \
             an offset such as +01:00, found \"Europe/Belin\"; did you mean Europe/Berlin?",
        ),
        said(
            "[calendar]\nzone = \"UTC\"\nmon = [\"18:00-09:00\"]",
            "line 3, column 7, key `calendar.mon`: expected an end later than the start, found \
             18:00-09:00; write hours over midnight as two, such as 22:00-24:00 and, on the next \
             day, 00:00-06:00",
        ),
        said(
            "[calendar]\nzone = \"UTC\"\nholidays = [2024-12-25]",
            "line 3, column 13, key `calendar.holidays[0]`: expected a date in quotes, such as \
             \"2024-12-25\", found `2024-12-25`; correct it as docs/PLAYBOOK.md says",
        ),
        said(
            "[gates.mql]\nmandatory = [\"size\", \"size\"]",
            "line 2, column 22, key `gates.mql.mandatory[1]`: expected each field once, found \
             \"size\" a second time; leave one of them out",
        ),
        said(
            "[conduct]\nmarketing_touches_customer = true",
            "line 2, column 1, key `conduct.marketing_touches_customer`: expected one of \
             `marketing_touches_customers`, `marketing_touches_opportunities`, \
             `sales_touches_before_handoff`, found `marketing_touches_customer`; did you mean \
             `marketing_touches_customers`?",
        ),
        said(
            "[routing]\nversion = \"1\"\n\n[[routing.owners]]\nname = \"ann\"\nteam = \"dahc\"",
            "line 6, column 8, key `routing.owners[0].team`: expected one of the teams, found \
             \"dahc\"; add it to `teams`",
        ),
        said(
            "[routing]\nversion = \"1\"\notherwise = { queue = \"triage\" }",
            "line 3, column 13, key `routing.otherwise`: expected a target that is listed, found \
             queue \"triage\"; add it to the list",
        ),
        said(
            "[scoring]\nname = \"m\"\nversion = \"1\"\n\n[[scoring.fit]]\nname = \"f\"\nwhen = []\n\
             points = 0.0001",
            "line 7, column 8, key `scoring.fit[0].when`: expected at least one condition, found \
             none; write one in `when`",
        ),
        said(
            "[scoring]\nname = \"m\"\nversion = \"1\"\nbands.fit.enter = [1, 2, 3]\n\
             bands.behaviour.enter = [3, 2, 1]",
            "line 4, column 7, key `scoring.bands.fit`: expected thresholds from the highest to the \
             lowest, found 2 behind 1; correct it as docs/PLAYBOOK.md says",
        ),
        said(
            "handoff_definition = \"hot\"",
            "line 1, column 22, key `handoff_definition`: expected the name of a definition, of \
             which the scoring has none, found \"hot\"; add it to `scoring.definitions`, or leave \
             the key out",
        ),
        said(
            "[rules]\nillegal = \"skip\"\nillegal = \"apply\"",
            "line 3, column 1: expected each key once, found `illegal`; it is there already: \
             leave one of them out",
        ),
        said(
            "name = \"b2b",
            "line 1, column 12, key `name`: expected `\"` (invalid basic string), found the end of \
             the file; correct it as docs/PLAYBOOK.md says",
        ),
        said(
            "[rules\nillegal = \"skip\"",
            "line 1, column 7: expected `]` (unclosed table), found the end of the line; correct it \
             as docs/PLAYBOOK.md says",
        ),
        said(
            "name = \"\u{fc}\" version = \"1\"",
            "line 1, column 12: expected newline, `#` (unexpected key or value), found `version = \
             \"1\"`; correct it as docs/PLAYBOOK.md says",
        ),
        said(
            "name =\r\n",
            "line 1, column 7, key `name`: expected a text in quotes, a number, `true`, `false`, a \
             list or a table, found the end of the line; correct it as docs/PLAYBOOK.md says",
        ),
        said(
            "\u{feff}nmae = \"b2b\"",
            "line 1, column 1, key `nmae`: expected one of TOP, found `nmae`; did you mean `name`?",
        ),
        said(
            "[rules]\n\"\\u001b[31m\" = 1",
            "line 2, column 1, key `rules.\"\\u{1b}[31m\"`: expected RULES, found \
             `\"\\u{1b}[31m\"`; correct it as docs/PLAYBOOK.md says",
        ),
    ]
}

/// The cases of which a reader says something else.
fn unlike(read: Read) -> Vec<(String, String)> {
    let wrong = |(text, said): (&str, String)| {
        let expected = format!("b2b.toml, {said}");
        let found = match read(text, "b2b.toml") {
            Ok(_) => format!("read: {text}"),
            Err(error) => error.to_string(),
        };
        (found != expected).then_some((found, expected))
    };
    cases().into_iter().filter_map(wrong).collect()
}

#[test]
fn each_fault_is_told_with_its_place() {
    for (found, expected) in unlike(read) {
        assert_eq!(found, expected);
    }
}

#[test]
fn the_audit_can_ask_for_so_many_fields_only() {
    let fields = |n: usize| (0..n).map(|field| format!("\"f{field}\"")).collect::<Vec<_>>();
    let text = |n| format!("gates.mql.mandatory = [{}]", fields(n).join(", "));
    assert!(read(&text(64), "b2b.toml").is_ok());
    let error = |text: &str| read(text, "b2b.toml").expect_err("one too many").to_string();
    let expected = |line| {
        format!(
            "b2b.toml, line {line}, column 1, key `gates`: expected at most 64 different fields, \
             of the mandatory ones and those of `handed_off`, found 65; leave some out"
        )
    };
    assert_eq!(error(&text(65)), expected(1));
    let with = |gate: &str| format!("{}\n{gate}.desirable = [\"f1\", \"more\"]", text(64));
    assert!(read(&with("gates.sql"), "b2b.toml").is_ok());
    assert_eq!(error(&with("gates.handed_off")), expected(1));
}

#[test]
fn what_is_long_is_cut_off() {
    let text = format!("[rules]\nillegal = \"{}\"", "x".repeat(10_000));
    let error = read(&text, "b2b.toml").expect_err("no such word");
    assert_eq!(error.found, format!("\"{}...\"", "x".repeat(80)));
    let text = format!("{} = 1", "y".repeat(10_000));
    let error = read(&text, "b2b.toml").expect_err("no such key");
    assert!(error.to_string().len() < 500, "{error}");
}

/// The suite has to notice a reader that is broken, however slightly.
#[test]
fn broken_readers_are_noticed() {
    let broken: [(&str, Read); 6] = [
        ("accepts all", |text, file| Ok(read(text, file).unwrap_or_default())),
        ("is off by a line", |text, file| changed(text, file, |error| error.line += 1)),
        ("is off by a column", |text, file| changed(text, file, |error| error.column += 1)),
        ("names no key", |text, file| changed(text, file, |error| error.key = None)),
        ("gives no advice", |text, file| changed(text, file, |error| error.advice.clear())),
        ("checks types only", |text, file| toml::from_str(text).or_else(|_| read(text, file))),
    ];
    for (name, broken) in broken {
        assert!(!unlike(broken).is_empty(), "{name}");
    }
}

fn changed(
    text: &str,
    file: &str,
    change: fn(&mut PlaybookError),
) -> Result<Playbook, PlaybookError> {
    read(text, file).map_err(|mut error| {
        change(&mut error);
        error
    })
}
