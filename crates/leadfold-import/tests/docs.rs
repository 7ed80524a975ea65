//! The reference of the mapping file says what the code does.

use std::fs;

use leadfold_import::Mapping;

fn docs() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/MAPPING.md");
    fs::read_to_string(path).expect("the reference is there")
}

#[test]
fn every_whole_example_is_a_mapping() {
    let docs = docs();
    let blocks = docs.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let whole: Vec<_> = blocks.filter(|block| block.starts_with("format")).collect();
    assert!(!whole.is_empty());
    for block in whole {
        Mapping::parse(block, "MAPPING.md").unwrap_or_else(|error| panic!("{error}"));
    }
}

/// The parser lists the keys that it knows when it meets one that it does not.
#[test]
fn every_key_is_explained() {
    let docs = docs();
    let sound = "format = \"leadfold-mapping/1\"\nsystem = \"s\"\nlead = \"{id}\"\n";
    for unknown in [
        "nokey = 1",
        "input.nokey = 1",
        "time.nokey = 1",
        "join.a.nokey = 1",
        "event = [{ nokey = 1 }]",
        "ignore = [{ nokey = 1 }]",
        "actor.nokey = 1",
    ] {
        let error = Mapping::parse(&format!("{sound}{unknown}"), "m").expect_err(unknown);
        let (_, keys) = error.message().split_once("expected").expect("it lists the keys");
        let keys: Vec<_> = keys.split('`').skip(1).step_by(2).collect();
        assert!(!keys.is_empty());
        for key in keys {
            let shown = ["`", "`[", "`[[", "{ ", "kind, "]
                .iter()
                .any(|before| docs.contains(&format!("{before}{key}")));
            assert!(shown, "`{key}` is not explained in docs/MAPPING.md");
        }
    }
}
