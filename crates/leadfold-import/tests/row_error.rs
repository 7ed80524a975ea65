//! Each row error: its code, its text, its line, and the rows beside it that go on.

use std::io;

use leadfold_import::{Census, Mapping, MemoryCensus};

const MAPPING: &str = r#"
    format = "leadfold-mapping/1"
    system = "shop"
    lead = "{id}"
    input.file = "orders.csv"
    time = { zone = "Europe/Amsterdam", formats = ["%Y-%m-%d %H:%M", "%Y-%m-%d"], ambiguous = "refuse" }

    [[event]]
    type = "revenue_recorded"
    when = { status = ["paid", "sent"] }
    at = ["{paid_at}", "{sent_at}"]
    data = { amount = "{total | money 2}", items = "{items | integer}", due = "{due | date}" }
"#;

/// What stands for people's data in a row.
const SECRET: &str = "Zaphod";

const HEADER: &str = "id,status,paid_at,sent_at,total,items,due";

/// The errors of a file whose first and last rows are sound, each as `line code: message`.
fn refused(rows: &[u8]) -> Vec<String> {
    let good = "g,paid,2024-05-01,,1.00,1,";
    let csv = [HEADER.as_bytes(), b"\n", good.as_bytes(), b"\n", rows, b"\n", good.as_bytes()];
    let mapping = Mapping::parse(MAPPING, "shop.toml").expect("the mapping is sound");
    let folder = std::path::Path::new(".");
    let csv = csv.concat();
    let rows = mapping.read(&csv[..], "orders.csv", folder, MemoryCensus::default());
    let mut errors = Vec::new();
    let mut n_lines = 0;
    for line in rows.expect("the header is sound") {
        match line {
            Ok(line) => n_lines += usize::from(line.event["lead"] == "g"),
            Err(error) => {
                assert!(!error.is_fatal());
                assert_eq!(&*error.file, "orders.csv");
                assert!(!format!("{error:?}").contains(SECRET));
                errors.push(format!("{} {}: {}", error.line, error.code(), error.kind));
            }
        }
    }
    assert_eq!(n_lines, 2, "the rows around go on");
    errors
}

fn check(row: &str, expected: &str) {
    assert_eq!(refused(row.as_bytes()), [expected]);
}

#[test]
fn wrong_cells() {
    check(
        "a,paid",
        "3 wrong_cells: expected 7 cells, found 2 in 1 line(s); look for a stray quote or \
         delimiter",
    );
}

#[test]
fn bad_quote() {
    check(
        r#"a,"paid"!,2024-05-01,,1,1,"#,
        "3 bad_quote: expected a delimiter or the end of the line after a closing quote, found \
         text; double the quotes inside a quoted cell",
    );
}

#[test]
fn unclosed_quote() {
    check(
        r#"a,"paid,2024-05-01,,1,1,"#,
        "3 unclosed_quote: expected a closing quote, found the end of the file; close the quote",
    );
}

#[test]
fn record_too_long() {
    check(
        &format!("a,paid,2024-05-01,,1,1,{}", "x".repeat(10 << 20)),
        "3 record_too_long: expected a record of at most 1048576 bytes, found a longer one; look \
         for a quote that is never closed, or shorten the cell",
    );
}

#[test]
fn not_utf8() {
    let errors = refused(b"M\xfcller,paid,2024-05-01,,1,1,");
    assert_eq!(
        errors,
        ["3 not_utf8: expected UTF-8, found other bytes; convert the file to UTF-8"]
    );
}

#[test]
fn unmatched_row() {
    check(
        "a,lost,2024-05-01,,1,1,",
        "3 unmatched_row: expected a rule for every row, found none for status = \"lost\"; add a \
         rule or an [[ignore]] for it",
    );
}

#[test]
fn no_lead() {
    check(
        " ,paid,2024-05-01,,1,1,",
        "3 no_lead: expected a lead key from `{id}`, found an empty cell; fill it or ignore the \
         row",
    );
}

#[test]
fn no_time() {
    check(
        "a,paid,,,1,1,",
        "3 no_time: expected a time for `revenue_recorded` from `{paid_at}`, `{sent_at}`, found \
         an empty cell; fill it, or let the rule match only rows that have one",
    );
}

#[test]
fn bad_time() {
    check(
        "a,paid,,1 May 2024,1,1,",
        "3 bad_time: `{sent_at}`: expected a time like `%Y-%m-%d %H:%M`, `%Y-%m-%d`, found text \
         shaped like `9 aaa 9999`; correct it or add its format to [time]",
    );
    check(
        "a,paid,2024-05-01,,1,1,2024-02-30",
        "3 bad_time: `{due | date}`: expected a time like `%Y-%m-%d %H:%M`, `%Y-%m-%d`, found \
         text shaped like `9999-99-99`; correct it or add its format to [time]",
    );
}

#[test]
fn nonexistent_time() {
    check(
        "a,paid,2024-03-31 02:30,,1,1,",
        "3 nonexistent_time: `{paid_at}`: expected a time that clocks in Europe/Amsterdam have \
         shown, found one that they skipped; correct it, or the zone in [time]",
    );
}

#[test]
fn ambiguous_time() {
    check(
        "a,paid,2024-10-27 02:30,,1,1,",
        "3 ambiguous_time: `{paid_at}`: expected one instant, found a time that clocks in \
         Europe/Amsterdam have shown twice; say which by `ambiguous` in [time]",
    );
}

#[test]
fn bad_number() {
    check(
        "a,paid,2024-05-01,,1.005,1,",
        "3 bad_number: `{total | money 2}`: expected at most 2 decimals, found more; rounding \
         would invent money: correct the text or the number of decimals (found text shaped like \
         `9.999`)",
    );
    check(
        "a,paid,2024-05-01,,\"1,234.50\",1,",
        "3 bad_number: `{total | money 2}`: expected digits with at most one decimal mark `.`, \
         found something else; remove group separators and currency signs, or set \
         `decimal_mark` (found text shaped like `9,999.99`)",
    );
    check(
        "a,paid,2024-05-01,,92233720368547758.08,1,",
        "3 bad_number: `{total | money 2}`: expected a number that fits 64 bits, found a larger \
         one; correct it (found text shaped like `99999999999999999.99`)",
    );
    check(
        "a,paid,2024-05-01,,1,1.5,",
        "3 bad_number: `{items | integer}`: expected at most 0 decimals, found more; rounding \
         would invent money: correct the text or the number of decimals (found text shaped like \
         `9.9`)",
    );
}

#[test]
fn no_error_shows_peoples_data() {
    let secret = SECRET;
    for row in [
        format!("{secret},{secret}"),
        format!("{secret},paid,{secret},,1,1,"),
        format!("{secret},paid,2024-05-01,,{secret},1,"),
        format!("{secret},paid,,,1,1,{secret}"),
        format!("{secret},\"paid\"{secret}"),
    ] {
        let errors = refused(row.as_bytes());
        assert_eq!(errors.len(), 1);
        assert!(!errors[0].contains(SECRET), "{}", errors[0]);
    }
}

/// A disk that is full.
struct Full;

impl Census for Full {
    fn count(&mut self, _: &[u8]) -> io::Result<u64> {
        Err(io::Error::other("the disk is full"))
    }
}

/// A file that breaks off with an error.
struct Torn<'a>(&'a [u8]);

impl io::Read for Torn<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::other("the disk is gone")),
            n => Ok(n),
        }
    }
}

#[test]
fn a_failing_world_ends_the_import() {
    let text = MAPPING.replace("at = [", "once = \"lead\"\nat = [");
    let mapping = Mapping::parse(&text, "shop.toml").expect("the mapping is sound");
    let row = "a,paid,2024-05-01,,1.00,1,\n";
    let csv = format!("{HEADER}\n{row}{row}");
    let rows = mapping.read(csv.as_bytes(), "orders.csv", ".".as_ref(), Full);
    let errors: Vec<_> = rows.expect("the header is sound").filter_map(Result::err).collect();
    assert_eq!(
        errors.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["line 2 of orders.csv: cannot count leads: the disk is full; import the file again once \
          there is room"]
    );
    assert!(errors[0].is_fatal());

    let torn = Torn(csv.as_bytes());
    let rows = mapping.read(torn, "orders.csv", ".".as_ref(), MemoryCensus::default());
    let rows: Vec<_> = rows.expect("the header is sound").collect();
    assert_eq!(rows.len(), 2, "one first row, one end");
    let error = rows[1].as_ref().expect_err("the file breaks off");
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        (
            "read_failed",
            "line 4 of orders.csv: cannot read on: the disk is gone; import the file again once \
             it can be read"
        )
    );
}
