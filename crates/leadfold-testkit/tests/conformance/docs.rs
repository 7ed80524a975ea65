//! docs/STORES.md lists the clauses that there are. `LEADFOLD_UPDATE=1` redraws the list.

use leadfold_testkit::conformance::draw;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/STORES.md");
const BEGIN: &str = "<!-- clauses -->\n";
const END: &str = "<!-- end of clauses -->";

#[test]
fn the_page_lists_the_clauses() {
    let page = std::fs::read_to_string(FILE).expect("the page is there");
    let (before, rest) = page.split_once(BEGIN).expect("a mark where the list begins");
    let (listed, after) = rest.split_once(END).expect("a mark where it ends");
    if std::env::var_os("LEADFOLD_UPDATE").is_some() {
        let drawn = format!("{before}{BEGIN}{}{END}{after}", draw());
        return std::fs::write(FILE, drawn).expect("the page can be written");
    }
    assert_eq!(listed, draw(), "LEADFOLD_UPDATE=1 redraws docs/STORES.md");
}
