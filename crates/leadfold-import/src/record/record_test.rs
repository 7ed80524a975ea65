//! The reader against the csv crate on sound files, and against itself on unsound ones.

use std::io::BufReader;

use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop, prop_assert_eq, prop_oneof, proptest,
};

use super::{Dialect, Outcome, RECORD_BYTES_MAX, REREAD_BYTES_MAX, REREAD_FACTOR_MAX, Records};

/// Each record as `line: cells`, or `line! code`.
fn read_all(bytes: &[u8], dialect: Dialect, n_cells: Option<usize>, chunk: usize) -> Vec<String> {
    let input = BufReader::with_capacity(chunk, bytes);
    let mut records = Records::new(input, dialect).expect("memory can be read");
    if let Some(n_cells) = n_cells {
        records.expect_cells(n_cells);
    }
    let mut read = Vec::new();
    loop {
        let outcome = records.read().expect("memory can be read");
        let record = records.record();
        let line = record.line();
        read.push(match outcome {
            Outcome::Record => {
                format!("{line}: {:?}", record.cells().collect::<Vec<_>>())
            }
            Outcome::Broken(kind) => format!("{line}! {}", kind.code()),
            Outcome::End => break,
        });
    }
    assert_eq!(records.bytes_read(), bytes.len() as u64);
    read
}

fn read(text: &str, n_cells: usize) -> Vec<String> {
    read_all(text.as_bytes(), Dialect::Delimited(b','), Some(n_cells), 7)
}

#[test]
fn quotes_blanks_and_line_ends_are_understood() {
    let text = "\u{feff}a, b \r\n\"x,\"\"y\"\"\",\"two\nlines\"\r\n\r\n\n1,2";
    let expected = [r#"1: ["a", "b"]"#, r#"2: ["x,\"y\"", "two\nlines"]"#, r#"6: ["1", "2"]"#];
    assert_eq!(read(text, 2), expected);
}

#[test]
fn an_empty_cell_at_the_end_counts() {
    assert_eq!(read("a,\nb,", 2), [r#"1: ["a", ""]"#, r#"2: ["b", ""]"#]);
}

#[test]
fn runs_of_blanks_separate() {
    let text = b"  a \t b\r\n \r\n 1  2  \n3 4";
    let read = read_all(text, Dialect::Whitespace, Some(2), 3);
    assert_eq!(read, [r#"1: ["a", "b"]"#, r#"3: ["1", "2"]"#, r#"4: ["3", "4"]"#]);
}

#[test]
fn a_stray_quote_costs_one_row() {
    let unclosed = read("1,\"a\n2,b\n3,c\n", 2);
    assert_eq!(unclosed, ["1! unclosed_quote", r#"2: ["2", "b"]"#, r#"3: ["3", "c"]"#]);
    let closed_by_another = read("1,\"a\n2,\"b\"\n3,c\n", 2);
    assert_eq!(closed_by_another, ["1! bad_quote", r#"2: ["2", "b"]"#, r#"3: ["3", "c"]"#]);
    let closed_neatly = read("1,\"a\n2,b\"\n3,c\n", 2);
    assert_eq!(closed_neatly, [r#"1: ["1", "a\n2,b"]"#, r#"3: ["3", "c"]"#]);
    let in_one_line = read("1,\"a\"b\n2,c\n", 2);
    assert_eq!(in_one_line, ["1! bad_quote", r#"2: ["2", "c"]"#]);
}

#[test]
fn a_wrong_number_of_cells_costs_one_row() {
    let read = read("1\n1,2,3\n\"a\nb,c\"\n4,5\n", 2);
    let lines = ["1! wrong_cells", "2! wrong_cells", "3! wrong_cells", r#"4: ["b", "c\""]"#];
    assert_eq!(read, [&lines[..], &[r#"5: ["4", "5"]"#]].concat());
}

#[test]
fn other_encodings_cost_one_row() {
    let dialect = Dialect::Delimited(b',');
    let read = read_all(b"a,b\nM\xfcller,1\n\xc3,\xa9\nc,d\n", dialect, Some(2), 5);
    assert_eq!(read, [r#"1: ["a", "b"]"#, "2! not_utf8", "3! not_utf8", r#"4: ["c", "d"]"#]);
}

#[test]
fn the_limit_is_exact() {
    for (excess, expected) in [(0, "1: "), (1, "1! record_too_long")] {
        let mut text = "x".repeat(RECORD_BYTES_MAX - 1 + excess);
        text.push_str("\n2\n");
        let read = read_all(text.as_bytes(), Dialect::Delimited(b','), Some(1), 1 << 16);
        assert!(read[0].starts_with(expected));
        assert_eq!(read[1], r#"2: ["2"]"#);
    }
}

#[test]
fn the_inside_of_a_huge_cell_is_never_taken_for_rows() {
    let cell = "9,forged\n".repeat(10 << 17);
    let read = read(&format!("1,\"{cell}\"\n2,b\n"), 2);
    let line = 1 + (10 << 17) + 1;
    assert_eq!(read, ["1! record_too_long".to_owned(), format!(r#"{line}: ["2", "b"]"#)]);
}

#[test]
fn a_quote_that_swallows_the_file_says_so() {
    let rest = "2,b\n".repeat(1 << 16);
    let input = format!("1,\"a\n{rest}");
    let mut records = Records::new(input.as_bytes(), Dialect::Delimited(b',')).expect("memory");
    let Ok(Outcome::Broken(kind)) = records.read() else { panic!("the quote is never closed") };
    assert_eq!(
        kind.to_string(),
        "expected a closing quote, found the end of the file 65537 lines later, all of them \
         unread; close the quote"
    );
    assert!(matches!(records.read(), Ok(Outcome::End)));
}

#[test]
fn a_file_made_to_be_broken_is_read_in_linear_time() {
    let block = "a\",\"\n".repeat(8_000) + "\"\n";
    let input = block.repeat(100);
    let mut records = Records::new(input.as_bytes(), Dialect::Delimited(b',')).expect("memory");
    records.expect_cells(2);
    while !matches!(records.read(), Ok(Outcome::End)) {}
    let limit = input.len() as u64 * REREAD_FACTOR_MAX + REREAD_BYTES_MAX as u64;
    assert!(records.bytes_reread <= limit && records.bytes_reread > limit / 2);
}

#[test]
fn a_huge_record_is_not_kept() {
    let bytes = format!("1,\"{}\"\n", "x\n".repeat(8 << 20));
    let input = BufReader::new(bytes.as_bytes());
    let mut records = Records::new(input, Dialect::Delimited(b',')).expect("memory can be read");
    assert!(matches!(records.read(), Ok(Outcome::Broken(_))));
    assert!(records.record.text.capacity() <= RECORD_BYTES_MAX);
    assert!(records.tail.capacity() <= 4 * REREAD_BYTES_MAX);
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z0-9,;\"\r\n]{0,6}".prop_map(|cell| cell.trim().to_owned()),
        1 => any::<String>().prop_map(|cell| cell.trim().to_owned()),
    ]
}

fn nasty_bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        Just(b'"'),
        Just(b'"'),
        Just(b','),
        Just(b'\n'),
        Just(b'\r'),
        Just(b' '),
        Just(b'a'),
        any::<u8>(),
    ];
    prop::collection::vec(byte, 0..200)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn sound_files_read_as_the_csv_crate_reads_them(
        rows in prop::collection::vec(prop::collection::vec(cell(), 3), 0..8),
        chunk in 1usize..64,
    ) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in &rows {
            writer.write_record(row).expect("memory can be written");
        }
        let bytes = writer.into_inner().expect("memory can be flushed");
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&bytes[..]);
        let expected: Vec<_> = reader
            .records()
            .map(|record| {
                let record = record.expect("a written file is sound");
                format!("{:?}", record.iter().map(str::trim).collect::<Vec<_>>())
            })
            .collect();
        let read = read_all(&bytes, Dialect::Delimited(b','), Some(3), chunk);
        let cells: Vec<_> = read
            .iter()
            .map(|read| read.split_once(": ").map_or(read.as_str(), |(_, cells)| cells))
            .collect();
        prop_assert_eq!(cells, expected);
    }

    #[test]
    fn chunks_do_not_matter(bytes in nasty_bytes(), chunk in 1usize..32) {
        for dialect in [Dialect::Delimited(b','), Dialect::Whitespace] {
            prop_assert_eq!(
                read_all(&bytes, dialect, Some(2), chunk),
                read_all(&bytes, dialect, Some(2), 4096)
            );
        }
    }
}
