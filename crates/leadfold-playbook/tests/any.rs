//! Any text is read or refused with a place in it; what is sound is read as it was meant.

use leadfold_core::{Illegal, Pipeline, Playbook, Rules, Sla};
use leadfold_playbook::{PlaybookError, read};
use proptest::prelude::*;

const SOUND: &str = "name = \"b2b\" # \u{fc}\nversion = \"2\"\n\n[rules]\nillegal = \"skip\"\n\
    hand_raiser = true\n\n[sla]\ndecision_seconds = 3600\n\n[[pipelines]]\nname = \"new\"\n\
    stages = [\"open\", \"offer\"]\n";

fn config() -> ProptestConfig {
    ProptestConfig::with_cases(256)
}

/// Whether an error points into the text, or just behind it, and fits on one line of a terminal.
fn is_sound(error: &PlaybookError, text: &str) -> bool {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let line = text.split('\n').nth(error.line as usize - 1);
    let is_within = |line: &str| error.column as usize <= line.chars().count() + 1;
    error.column > 0 && line.is_some_and(is_within) && !error.to_string().contains(char::is_control)
}

/// A sound file with a stretch of it exchanged for something else.
fn mangled() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "",
        "\"",
        "'",
        "[",
        "]",
        "[[",
        "=",
        "\n",
        ",",
        "{",
        "1",
        "-1.5",
        "true",
        "x",
        "\u{1b}",
        "\u{fc}",
        "2024-01-01",
        "rules",
        "[rules]",
        ".",
        "#",
        "\"\"\"",
        "\r",
        "\\",
        "\u{feff}",
    ]);
    let length = SOUND.chars().count();
    (0..length, 0_usize..12, words).prop_map(|(from, cut, word)| {
        let kept = |range: std::ops::Range<usize>| {
            SOUND.chars().skip(range.start).take(range.len()).collect::<String>()
        };
        format!("{}{word}{}", kept(0..from), kept((from + cut).min(SOUND.len())..SOUND.len()))
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_text_is_read_or_refused_with_a_place(text in "\\PC{0,40}|[\\[\\]={}\"',.a-c\n\r#\u{0}-\u{1f}]{0,40}") {
        if let Err(error) = read(&text, "b2b.toml") {
            prop_assert!(is_sound(&error, &text), "{:?} {:?}", text, error);
        }
    }

    #[test]
    fn a_mangled_file_is_read_or_refused_with_a_place(text in mangled()) {
        if let Err(error) = read(&text, "b2b.toml") {
            prop_assert!(is_sound(&error, &text), "{:?} {:?}", text, error);
        }
    }

    #[test]
    fn a_fault_is_told_where_it_stands(
        before in "(#[a-z\u{fc}]{0,9}\n|\n){0,9}", at in 0_usize..5, indent in " {0,4}",
    ) {
        let (line, wrong, key) = [
            ("illegal = \"never\"", "\"never\"", "rules.illegal"),
            ("hand_raiser = 0", "0", "rules.hand_raiser"),
            ("hand_riser = true", "hand_riser", "rules.hand_riser"),
            ("require_reasons = []", "[]", "rules.require_reasons"),
            ("x.y = 1", "x", "rules.x"),
        ][at];
        let text = format!("{before}[rules]\n{before}{indent}{line}\n{before}[sla]\n");
        let error = read(&text, "b2b.toml").expect_err("a fault was put in");
        let number = text.lines().position(|found| found.ends_with(line)).expect("it is there");
        let found = text.lines().nth(number).and_then(|line| line.find(wrong)).expect("it is there");
        prop_assert_eq!((error.line as usize, error.column as usize), (number + 1, found + 1));
        prop_assert_eq!(error.key.as_deref(), Some(key));
    }

    #[test]
    fn a_playbook_is_read_as_it_was_written(playbook in playbook(), layout in 0_usize..3) {
        let text = written(&playbook, layout);
        prop_assert_eq!(read(&text, "b2b.toml"), Ok(playbook), "{}", text);
    }
}

fn playbook() -> impl Strategy<Value = Playbook> {
    let rules =
        any::<[bool; 5]>().prop_map(|[skip, hand_raiser, implied, generated, reasons]| Rules {
            illegal: if skip { Illegal::Skip } else { Illegal::Apply },
            hand_raiser,
            implied_steps: implied,
            sales_generated: generated,
            require_reasons: reasons,
        });
    let seconds = || 0..=i64::MAX as u64;
    let sla = (seconds(), seconds()).prop_map(|(decision_seconds, first_attempt_seconds)| {
        let mut sla = Sla { decision_seconds, ..Sla::default() };
        sla.first_attempt_seconds = first_attempt_seconds;
        sla
    });
    // Sets, since names are to differ.
    let pipelines = prop::collection::btree_map(
        "[a-z\u{fc} \"\\\\]{1,4}",
        prop::collection::btree_set("[a-z.#\n]{1,4}", 1..4),
        0..3,
    );
    ("\\PC{0,8}", "[0-9.]{0,4}", rules, sla, pipelines).prop_map(
        |(name, version, rules, sla, pipelines)| {
            let pipelines = pipelines.into_iter();
            let mut playbook = Playbook { name, version, ..Playbook::default() };
            playbook.rules = rules;
            playbook.sla = sla;
            playbook.pipelines = pipelines
                .map(|(name, stages)| Pipeline { name, stages: stages.into_iter().collect() })
                .collect();
            playbook
        },
    )
}

/// The file of a playbook, in one of the ways in which TOML writes the same.
fn written(playbook: &Playbook, layout: usize) -> String {
    let Playbook { name, version, rules, sla, pipelines, .. } = playbook;
    let [head, rules] = [
        vec![("name", text(name)), ("version", text(version))],
        vec![
            ("illegal", text(if rules.illegal == Illegal::Skip { "skip" } else { "apply" })),
            ("hand_raiser", rules.hand_raiser.to_string()),
            ("implied_steps", rules.implied_steps.to_string()),
            ("sales_generated", rules.sales_generated.to_string()),
            ("require_reasons", rules.require_reasons.to_string()),
        ],
    ];
    let sla = vec![
        ("decision_seconds", sla.decision_seconds.to_string()),
        ("first_attempt_seconds", sla.first_attempt_seconds.to_string()),
    ];
    let pipelines = pipelines.iter().map(|pipeline| {
        let stages: Vec<String> = pipeline.stages.iter().map(|stage| text(stage)).collect();
        vec![("name", text(&pipeline.name)), ("stages", format!("[{}]", stages.join(", ")))]
    });
    let pairs = |keys: &[(&str, String)], before: &str, behind: &str| {
        keys.iter()
            .map(|(key, value)| format!("{before}{key} = {value}{behind}"))
            .collect::<String>()
    };
    let mut file = pairs(&head, "", "\n");
    match layout {
        0 => {
            file +=
                &format!("[sla]\n{}[rules]\n{}", pairs(&sla, "", "\n"), pairs(&rules, "", "\n"));
        }
        1 => file += &(pairs(&rules, "rules.", "\n") + &pairs(&sla, "sla.", "\n")),
        _ => {
            let inline = |keys| pairs(keys, "", ", ").trim_end_matches(", ").to_owned();
            file += &format!("rules = {{ {} }}\nsla = {{ {} }}\n", inline(&rules), inline(&sla));
        }
    }
    pipelines
        .for_each(|pipeline| file += &format!("[[pipelines]]\n{}", pairs(&pipeline, "", "\n")));
    file
}

/// A text as TOML writes it, with everything written out that may need it.
fn text(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        c if c.is_ascii_alphanumeric() || c == ' ' => c.to_string(),
        c => format!("\\U{:08X}", u32::from(c)),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// The comparisons above notice what they are for.
#[test]
fn wrong_places_are_noticed() {
    let text = "[rules]\nillegel = 1";
    let error = read(text, "b2b.toml").expect_err("no such key");
    assert!(is_sound(&error, text));
    let change = |change: fn(&mut PlaybookError)| {
        let mut error = error.clone();
        change(&mut error);
        error
    };
    assert!(!is_sound(&change(|error| error.line = 3), text));
    assert!(!is_sound(&change(|error| error.column = 0), text));
    assert!(!is_sound(&change(|error| error.column = 13), text));
    assert!(!is_sound(&change(|error| error.found = "\u{1b}".to_owned()), text));
    let other = Playbook { version: "2".to_owned(), ..Playbook::default() };
    assert_ne!(read(&written(&other, 0), "b2b.toml"), Ok(Playbook::default()));
}
