//! docs/CRM.md says what the code does.

use std::fs;

use leadfold_import::{CrmSystem, StatusMap};

fn text(path: &str) -> String {
    fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).expect("the file is there")
}

fn docs() -> String {
    text("../../docs/CRM.md")
}

/// The words in backticks of what follows `expected` in a message.
fn expected_words(message: &str) -> Vec<String> {
    let (_, words) = message.split_once("expected").expect("it says what it expected");
    let words = words.split(", found").next().unwrap_or_default();
    words.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect()
}

#[test]
fn every_mapping_of_the_page_is_one() {
    let docs = docs();
    let blocks = docs.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let mut n = 0;
    for block in blocks {
        let system = match block.contains("leadfold-amocrm/1") {
            true => CrmSystem::Amocrm,
            false => CrmSystem::Bitrix24,
        };
        StatusMap::parse(block, "CRM.md", system).unwrap_or_else(|error| panic!("{error}"));
        n += 1;
    }
    assert!(n >= 2);
}

#[test]
fn every_key_and_every_word_is_explained() {
    let docs = docs();
    let error = |text: &str| {
        let text = format!("format = \"leadfold-bitrix24/1\"\n{text}");
        StatusMap::parse(&text, "m", CrmSystem::Bitrix24).expect_err("a fault").to_string()
    };
    for message in [error("nokey = 1"), error("deal.X = \"noword\"")] {
        let words = expected_words(&message);
        assert!(words.len() > 5, "{message}");
        for word in words {
            let is_there =
                ["`", "`["].iter().any(|before| docs.contains(&format!("{before}{word}")));
            assert!(is_there, "`{word}` is not explained in docs/CRM.md");
        }
    }
}

#[test]
fn every_code_and_everything_left_out_is_explained() {
    let docs = docs();
    let errors = text("src/crm/error.rs");
    let codes: Vec<_> =
        errors.split("=> \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let is_code =
        |text: &&str| text.bytes().all(|byte| byte.is_ascii_lowercase() || b"_8".contains(&byte));
    let codes: Vec<_> = codes.into_iter().filter(is_code).collect();
    assert!(codes.len() > 10);
    let mut whats = Vec::new();
    for file in [
        "amocrm",
        "amocrm/hook",
        "amocrm/page",
        "bitrix24/activity",
        "bitrix24/deal",
        "bitrix24/lead",
        "bitrix24/merge",
        "bitrix24/moves",
    ] {
        let code = text(&format!("src/{file}.rs"));
        for call in ["left_out.count(\"", "left_out.push((\""] {
            let found = code.split(call).skip(1).filter_map(|rest| rest.split('"').next());
            whats.extend(found.map(ToOwned::to_owned));
        }
    }
    assert!(whats.len() > 8, "{whats:?}");
    for word in codes.into_iter().map(ToOwned::to_owned).chain(whats) {
        assert!(docs.contains(&format!("`{word}`")), "`{word}` is not explained in docs/CRM.md");
    }
}
