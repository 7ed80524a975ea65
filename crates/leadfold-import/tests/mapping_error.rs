//! Each fault of a mapping file, and of the files that it names: where, and in which words.

use std::{
    fs,
    path::{MAIN_SEPARATOR, PathBuf},
};

use leadfold_import::{Mapping, MemoryCensus};

const SOUND: &str = r#"format = "leadfold-mapping/1"
system = "shop"
lead = "{id}"

[input]
file = "orders.csv"

[[event]]
type = "captured"
at = "{day}"
"#;

/// Changes one thing in the sound mapping and compares the error.
#[track_caller]
fn check(old: &str, new: &str, expected: &str) {
    assert!(SOUND.contains(old));
    match Mapping::parse(&SOUND.replacen(old, new, 1), "shop.toml") {
        Ok(_) => panic!("expected: {expected}"),
        Err(error) => assert_eq!(error.to_string(), expected),
    }
}

#[test]
fn the_sound_mapping_is_sound() {
    let mapping = Mapping::parse(SOUND, "shop.toml").expect("the mapping is sound");
    assert_eq!((mapping.system(), mapping.input_file()), ("shop", "orders.csv"));
    assert_eq!(mapping.lookup_files().count(), 0);
}

#[test]
fn what_is_no_mapping() {
    check(
        "system = ",
        "system ",
        "shop.toml, line 2: key with no value, expected `=`; correct it as docs/MAPPING.md \
         says",
    );
    check(
        "system = \"shop\"\n",
        "",
        "shop.toml, line 1: missing field `system`; correct it as docs/MAPPING.md says",
    );
    check(
        "lead =",
        "laed =",
        "shop.toml, line 3: unknown field `laed`, expected one of `format`, `system`, `lead`, \
         `actor`, `unmatched`, `input`, `time`, `replace`, `join`, `ignore`, `event`; correct \
         it as docs/MAPPING.md says",
    );
    check(
        "type = ",
        "tipe = ",
        "shop.toml, line 9: unknown field `tipe`, expected one of `type`, `when`, `at`, \
         `once`, `actor`, `origin_id`, `data`; correct it as docs/MAPPING.md says",
    );
    check(
        "mapping/1",
        "mapping/2",
        "shop.toml, line 1: expected format `leadfold-mapping/1`, found `leadfold-mapping/2`; \
         use a leadfold that knows it",
    );
    check(
        "[[event]]\ntype = \"captured\"\nat = \"{day}\"\n",
        "",
        "shop.toml, line 1: expected at least one [[event]], found none; add a rule",
    );
    check(
        "\"shop\"",
        "\"\"",
        "shop.toml, line 2: expected a name for the source, found none; name it",
    );
}

#[test]
fn templates() {
    check(
        "{id}",
        "id",
        "shop.toml, line 3: expected a lead key with a column such as `{id}`, found `id`; \
         every row would be one lead",
    );
    check(
        "{id}",
        "{id",
        "shop.toml, line 3: expected braces in pairs around a column, found `{id`; double a \
         brace that stands for itself",
    );
    check(
        "{id}",
        "id}",
        "shop.toml, line 3: expected braces in pairs around a column, found `id}`; double a \
         brace that stands for itself",
    );
    check(
        "{id}",
        "{}",
        "shop.toml, line 3: expected a column in braces, found none in `{}`; name it",
    );
    check(
        "{id}",
        "{id | integer}",
        "shop.toml, line 3: expected a template without a filter, found `{id | integer}`; \
         filters belong in `data`",
    );
}

#[test]
fn times() {
    check(
        "{day}",
        "day",
        "shop.toml, line 10: expected RFC 3339, a date, or a column in braces, found `day`; a \
         column is written `{day}`",
    );
    check(
        "\"{day}\"",
        "[]",
        "shop.toml, line 10: expected a constant alone, or a list of columns in braces, found \
         neither; say when the event happened",
    );
    check(
        "\"{day}\"",
        "[\"{day}\", \"2024-05-01\"]",
        "shop.toml, line 10: expected a constant alone, or a list of columns in braces, found \
         neither; say when the event happened",
    );
    check(
        "\"{day}\"",
        "2024-05-01",
        "shop.toml, line 10: expected a quoted text or a list of them, found a table or a \
         bare time; put a time in quotes; correct it as docs/MAPPING.md says",
    );
    check(
        "[[",
        "[time]\nzone = \"Europe/Amsterdm\"\n[[",
        "shop.toml, line 9: expected an IANA time zone such as `Europe/Amsterdam`, found \
         `Europe/Amsterdm`; correct its name",
    );
    check(
        "[[",
        "[time]\nformats = [\n  \"%Y-%m-%d\",\n  \"%H:%M\",\n]\n[[",
        "shop.toml, line 11: expected a strftime format that tells at least a date, found \
         `%H:%M`; write one such as `%Y-%m-%d %H:%M:%S`",
    );
    check(
        "[[",
        "[time]\nformats = [\"%Y-%m-%Q\"]\n[[",
        "shop.toml, line 9: expected a strftime format that tells at least a date, found \
         `%Y-%m-%Q`; write one such as `%Y-%m-%d %H:%M:%S`",
    );
    check(
        "[[",
        "[time]\nambiguous = \"latest\"\n[[",
        "shop.toml, line 9: unknown variant `latest`, expected one of `earlier`, `later`, \
         `refuse`; correct it as docs/MAPPING.md says",
    );
}

#[test]
fn inputs() {
    check(
        "[[",
        "delimiter = \";;\"\n[[",
        "shop.toml, line 8: expected a delimiter of one ASCII character or `whitespace`, \
         found \";;\"; quotes and line ends cannot delimit",
    );
    check(
        "[[",
        "decimal_mark = \";\"\n[[",
        "shop.toml, line 8: expected the decimal mark `.` or `,`, found `;`; correct it",
    );
    check(
        "[[",
        "[join.\"a.b\"]\nfile = \"a.csv\"\nkey = \"id\"\n[[",
        "shop.toml, line 8: expected a join name without dots, found `a.b`; rename it",
    );
    check(
        "[[",
        "[join.a]\nfile = \"a.csv\"\n[[",
        "shop.toml, line 8: missing field `key`; correct it as docs/MAPPING.md says",
    );
}

#[test]
fn rules() {
    check(
        "captured",
        "Captured",
        "shop.toml, line 9: expected an event type in snake_case such as `captured`, found \
         `Captured`; correct it",
    );
    check(
        "\nat =",
        "\nonce = \"row\"\nat =",
        "shop.toml, line 10: unknown variant `row`, expected `lead`; correct it as \
         docs/MAPPING.md says",
    );
    check(
        "\nat =",
        "\nwhen = { id = 1 }\nat =",
        "shop.toml, line 10: invalid type: integer `1`, expected a quoted text, a list of \
         them, or { present = true }; correct it as docs/MAPPING.md says",
    );
    check(
        "\nat =",
        "\nwhen = { id = { absent = true } }\nat =",
        "shop.toml, line 10: unknown field `absent`, expected `present`; correct it as \
         docs/MAPPING.md says",
    );
    check(
        "[[",
        "[[ignore]]\nwhen = {}\n[[",
        "shop.toml, line 8: expected a condition, found none, which would ignore every row; \
         add one",
    );
}

/// A word is a quoted text, and nothing else stands for it.
#[test]
fn words() {
    for (found, told) in
        [("1", "integer `1`"), ("true", "boolean `true`"), ("{ refuse = {} }", "map")]
    {
        let what = format!("invalid type: {told}, expected");
        let advice = "correct it as docs/MAPPING.md says";
        check(
            "\nlead =",
            &format!("\nunmatched = {found}\nlead ="),
            &format!("shop.toml, line 3: {what} `refuse` or `ignore`; {advice}"),
        );
        check(
            "[[",
            &format!("[join.a]\nfile = \"a.csv\"\nkey = \"id\"\nmissing = {found}\n[["),
            &format!("shop.toml, line 11: {what} `refuse` or `empty`; {advice}"),
        );
        check(
            "[[",
            &format!("[time]\nambiguous = {found}\n[["),
            &format!("shop.toml, line 9: {what} one of `earlier`, `later`, `refuse`; {advice}"),
        );
        check(
            "\nat =",
            &format!("\nonce = {found}\nat ="),
            &format!("shop.toml, line 10: {what} `lead`; {advice}"),
        );
    }
}

#[test]
fn data() {
    let data = |data: &str| format!("at = \"{{day}}\"\n[event.data]\nx = 1\ny = {data}");
    check(
        "at = \"{day}\"",
        &data("\"{n | money}\""),
        "shop.toml, line 13: expected a filter (integer, number, money DECIMALS, time or \
         date), found `money`; correct it",
    );
    check(
        "at = \"{day}\"",
        &data("\"{n | money 30}\""),
        "shop.toml, line 13: expected `money` with 0 to 18 decimals, found `money 30`; \
         correct it",
    );
    check(
        "at = \"{day}\"",
        &data("\"{n | mony 2}\""),
        "shop.toml, line 13: expected a filter (integer, number, money DECIMALS, time or \
         date), found `mony 2`; correct it",
    );
    check(
        "at = \"{day}\"",
        &data("{ z = \"EUR {n | money 2}\" }"),
        "shop.toml, line 13: expected a filtered column alone in its template, found `EUR {n \
         | money 2}`; remove the text around it",
    );
    check(
        "at = \"{day}\"",
        &data("2024-05-01"),
        "shop.toml, line 13: expected a quoted time, found a bare one; quote it; correct it \
         as docs/MAPPING.md says",
    );
    check(
        "at = \"{day}\"",
        "at = \"{day}\"\ndata = 1",
        "shop.toml, line 11: expected a table as `data`, found a value; write `data = { name \
         = \"{column}\" }`",
    );
}

/// A folder of this test's own with these files.
fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("the build's folder can be written");
    for (file, text) in files {
        fs::write(folder.join(file), text).expect("the build's folder can be written");
    }
    folder
}

#[track_caller]
fn check_open(name: &str, text: &str, files: &[(&str, &str)], expected: &str) {
    let folder = folder(name, files);
    let mapping = Mapping::parse(text, "shop.toml").expect("the mapping is sound");
    let error = mapping.open(&folder, MemoryCensus::default()).expect_err(expected);
    let not_found = fs::File::open(folder.join("nowhere")).expect_err("there is no such file");
    let error = error.to_string().replace(&not_found.to_string(), "NOT FOUND");
    let error = error.replace(&format!("{}{MAIN_SEPARATOR}", folder.display()), "");
    assert_eq!(error, expected);
}

#[test]
fn files_that_do_not_fit() {
    check_open(
        "missing",
        SOUND,
        &[],
        "cannot read orders.csv: NOT FOUND; check the path and \
         its permissions",
    );
    check_open(
        "empty",
        SOUND,
        &[("orders.csv", "\n\n")],
        "orders.csv is empty: expected a header line; if the file has none, list the names as \
         `columns` in the mapping",
    );
    check_open(
        "latin1",
        SOUND,
        &[("orders.csv", "id,\"day\"?\n")],
        "line 1 of orders.csv: expected a delimiter or the end of the line after a closing \
         quote, found text; double the quotes inside a quoted cell",
    );
    check_open(
        "column",
        SOUND,
        &[("orders.csv", "id, date ,x\n1,2024-05-01,\n")],
        "shop.toml, line 10: expected one column `day` in orders.csv, found 0; its columns \
         are: id, date, x",
    );
    check_open(
        "no_header",
        SOUND,
        &[("orders.csv", "17,Ann Smith,2024-05-01\n")],
        "shop.toml, line 3: expected one column `id` in orders.csv, found 0; its first line has 3 \
         cells shaped like: 99, aaa aaaaa, 9999-99-99; if that is a row, list the names as \
         `columns` in [input], or give the file a header line",
    );
    check_open(
        "twice",
        SOUND,
        &[("orders.csv", "id,day,id\n1,2024-05-01,1\n")],
        "shop.toml, line 3: expected one column `id` in orders.csv, found 2; its columns are: \
         id, day, id",
    );
}

#[test]
fn lookups_that_do_not_fit() {
    let join = "[join.people]\nfile = \"people.csv\"\nkey = \"id\"\n\n[[";
    let text = SOUND.replacen("[[", join, 1) + "data = { source = \"{people.source}\" }\n";
    let orders = ("orders.csv", "id,day\n1,2024-05-01\n");
    check_open(
        "no_lookup",
        &text,
        &[orders],
        "cannot read people.csv: NOT FOUND; check the path and \
         its permissions",
    );
    check_open(
        "no_column",
        &text,
        &[orders, ("people.csv", "id,name\n")],
        "shop.toml, line 15: expected one column `source` in people.csv, found 0; its columns \
         are: id, name",
    );
    check_open(
        "no_key",
        &text,
        &[orders, ("people.csv", "source\n")],
        "shop.toml, line 10: expected one column `id` in people.csv, found 0; its columns \
         are: source",
    );
    let twice = "id,source\n1,a\n2,b\n1,c\n";
    check_open(
        "key_twice",
        &text,
        &[orders, ("people.csv", twice)],
        "line 4 of people.csv: expected each `id` once, found this one on line 2 too; remove \
         one of the rows",
    );
    check_open(
        "ragged",
        &text,
        &[orders, ("people.csv", "id,source\n1\n")],
        "line 2 of people.csv: expected 2 cells, found 1 in 1 line(s); look for a stray quote \
         or delimiter",
    );
    let chained = text.replacen("key = \"id\"", "key = \"id\"\non = \"people.source\"", 1);
    check_open(
        "chained",
        &chained,
        &[orders, ("people.csv", "id,source\n1,a\n")],
        "shop.toml, line 11: expected one column `people.source` in orders.csv, found 0; its \
         columns are: id, day",
    );
}
