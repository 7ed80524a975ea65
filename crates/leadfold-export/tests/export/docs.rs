//! docs/EXPORT.md describes the files as they are.

use leadfold_export::TABLES;

const PAGE: &str = include_str!("../../../../docs/EXPORT.md");

/// Name, type and whether it may be null, of each column that a section describes.
fn described(table: &str) -> Vec<(String, String, bool)> {
    let heading = format!("\n### `{table}`\n");
    let (_, section) = PAGE.split_once(&heading).unwrap_or_else(|| panic!("no section {table}"));
    let section = section.split("\n#").next().expect("a section");
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let (kind, null) = match cells[2].strip_suffix(", null") {
            Some(kind) => (kind, true),
            None => (cells[2], false),
        };
        (cells[1].trim_matches('`').to_owned(), kind.to_owned(), null)
    })
    .collect()
}

#[test]
fn the_page_describes_every_column() {
    for table in TABLES {
        let columns = table.columns.iter();
        let columns: Vec<_> = columns
            .map(|column| {
                (column.name.to_owned(), column.kind.name().to_owned(), column.is_optional)
            })
            .collect();
        assert_eq!(described(table.name), columns, "{}", table.name);
    }
}
