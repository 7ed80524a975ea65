//! `LEADFOLD_UPDATE`: what is found is written below `expect:`, and nothing else is touched.

use leadfold_testkit::scenario::Scenario;

const HEAD: &str = "\
scenario: a lead   # with odd spaces
# and a comment
2024-03-01 09:00   L1 is captured from web
2024-03-01 10:00   ann accepts L1

";

const FOUND: &str = "  accepted_without_handoff L1: Lead L1 was accepted in state new, but nobody had handed it off.\n";

fn updated(text: &str) -> String {
    Scenario::parse(text, "x.scenario", None).expect("sound").updated().expect("memory")
}

#[test]
fn the_expected_part_is_written_anew_and_the_rest_is_kept() {
    let whole = format!("{HEAD}expect:\n{FOUND}");
    assert_eq!(updated(&format!("{HEAD}expect:\n")), whole);
    assert_eq!(updated(&format!("{HEAD}expect:")), whole);
    assert_eq!(updated(HEAD), whole);
    assert_eq!(updated(HEAD.trim_end()), format!("{}\nexpect:\n{FOUND}", HEAD.trim_end()));
    assert_eq!(updated(&format!("{HEAD}expect:\n  leaked L1: no\n\n  x\n")), whole);
    assert_eq!(updated(&whole), whole);
    Scenario::parse(&whole, "x.scenario", None).expect("sound").check().expect("it holds");
}

#[test]
fn the_file_is_written_in_place() {
    let name = format!("leadfold-scenario-{}.scenario", std::process::id());
    let file = std::env::temp_dir().join(name);
    std::fs::write(&file, HEAD).expect("a file");
    let scenario = Scenario::read(&file).expect("sound");
    scenario.check().expect_err("nothing is expected yet");
    scenario.update().expect("it can be written");
    Scenario::read(&file).expect("sound").check().expect("it holds");
    std::fs::remove_file(&file).expect("the file is ours");
}
