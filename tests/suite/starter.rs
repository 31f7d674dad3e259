//! A country's first files: they pass their own check, format and tests, and overwrite nothing.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use portcullis::starter::{Start, country};
use portcullis::{LawFile, Policy, embedded, testing};

fn shared() -> impl Iterator<Item = LawFile> {
    let used = ["trade.gate", "alliance/words.gate", "alliance/words.csv"];
    embedded::files().into_iter().filter(move |f| used.contains(&f.path.as_str()))
}

fn made(name: &str, start: Start) -> Vec<LawFile> {
    let files = country(name, start).unwrap_or_else(|e| panic!("{name}: {e}"));
    files.into_iter().map(|(path, text)| LawFile { path, bytes: text.into_bytes() }).collect()
}

#[test]
fn what_is_made_loads_and_passes_its_tests() {
    // The countries that the model's tests name as the other end are among them, and the one that stands in.
    for name in ["ch", "br", "cn", "us", "za", "aq", "no.goods"] {
        for start in [Start::Blank, Start::Un] {
            let files = made(name, start).into_iter().filter(|f| f.path.ends_with(".gate"));
            let policy = Policy::load(shared().chain(files)).unwrap_or_else(|r| panic!("{name} {start:?}:\n{r}"));
            let outcomes = testing::run(&policy, None);
            assert!(outcomes.len() > 10, "{name} {start:?} has {} tests", outcomes.len());
            if let Some(o) = outcomes.iter().find(|o| !o.passed()) {
                panic!("{name} {start:?}: `{}` fails: {:?}", o.name, o.differences);
            }
        }
    }
}

#[test]
fn a_start_from_the_model_has_the_whole_list_and_is_the_countrys_own() {
    let policy = Policy::load(shared().chain(made("ch", Start::Un).into_iter().filter(|f| f.path.ends_with(".gate"))));
    let policy = policy.expect("it loads");
    let model: Vec<String> = {
        let files = embedded::files().into_iter().filter(|f| f.path.starts_with("un/")).chain(shared());
        let world = Policy::load(files).expect("the model loads");
        world.world().categories.iter().map(|c| c.name.clone()).collect()
    };
    let ours: Vec<String> = policy.world().categories.iter().map(|c| c.name.clone()).collect();
    assert_eq!(ours, model);
    // Nobody has to say that it was taken over.
    let thumb_cuffs = r#"{ "date": "2026-03-02", "activity": "export", "from": "CH", "destination": "US",
        "goods": { "kind": "thumb_cuffs" } }"#;
    let decision = policy.decide(thumb_cuffs).expect("it decides");
    assert_eq!((decision.outcome.as_str(), decision.policies[0].policy.as_str()), ("prohibited", "ch.torture"));
    assert!(policy.world().fact_named("model_taken_over").is_none());
    let texts: Vec<String> = country("ch", Start::Un).expect("it is made").into_iter().map(|(_, text)| text).collect();
    assert!(texts.iter().all(|t| !t.contains("un.torture") && !t.contains("AQ") && !t.contains('@')), "{texts:?}");
}

#[test]
fn a_blank_start_clears_nothing() {
    let files = made("ch", Start::Blank).into_iter().filter(|f| f.path.ends_with(".gate"));
    let policy = Policy::load(shared().chain(files)).expect("it loads");
    let cable_ties = r#"{ "date": "2026-03-02", "activity": "export", "from": "CH", "destination": "US", "transit": [],
        "goods": { "kind": "cable_tie" } }"#;
    let decision = policy.decide(cable_ties).expect("it decides");
    assert_eq!((decision.outcome.as_str(), decision.may_proceed), ("undetermined", None));
}

#[test]
fn a_country_stands_beside_the_shipped_law() {
    let ours =
        made("ch", Start::Un).into_iter().filter(|f| f.path.ends_with(".gate") && !f.path.ends_with(".test.gate"));
    let shipped = embedded::files().into_iter().filter(|f| !f.path.ends_with(".test.gate"));
    Policy::load(shipped.chain(ours)).unwrap_or_else(|r| panic!("{r}"));
}

#[test]
fn names_that_are_no_country_are_refused() {
    for (name, message) in [
        ("xx", "no country's code"),
        ("CH", "did you mean `ch`?"),
        ("switzerland", "did you mean `ch`?"),
        ("uk", "did you mean `gb`?"),
        ("dd", "until 1990"),
        ("ch.", "no name for an instrument"),
        ("ch./etc", "no name for an instrument"),
        ("../ch", "no country's code"),
        ("", "no country's code"),
    ] {
        let refused = country(name, Start::Blank).expect_err(name);
        assert!(refused.contains(message), "{name}: {refused}");
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    program.args(arguments).current_dir(folder).output().expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_folder_passes_its_own_check_format_and_tests() {
    for from in [&[][..], &["--from", "un"][..]] {
        let here = folder(if from.is_empty() { "blank" } else { "un" });
        let made = run(&here, &[&["new", "ch"], from].concat());
        assert!(made.status.success(), "{}", text(&made.stderr));
        for verb in [&["check", "ch"][..], &["fmt", "--check", "ch"], &["test", "ch"]] {
            let out = run(&here, verb);
            assert!(out.status.success(), "{verb:?}: {}{}", text(&out.stdout), text(&out.stderr));
        }
        // A second time nothing is touched.
        std::fs::write(here.join("ch/torture/policy.gate"), "# mine\n").expect("it can be written");
        let again = run(&here, &["new", "ch"]);
        assert_eq!(again.status.code(), Some(3));
        assert!(text(&again.stderr).contains("`ch` is there already; nothing was written"), "{}", text(&again.stderr));
        let mine = std::fs::read_to_string(here.join("ch/torture/policy.gate")).expect("it is there");
        assert_eq!(mine, "# mine\n");
    }
}

#[test]
fn it_is_made_beside_the_facts_that_are_there() {
    let here = folder("beside");
    std::fs::create_dir_all(here.join("policies")).expect("a folder can be made");
    std::fs::write(here.join("policies/trade.gate"), "fact date: date\n").expect("it can be written");
    let made = run(&here, &["new", "no", "--format", "json"]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    assert!(
        text(&made.stdout).starts_with("{\"files\":[\"policies/no/README.md\"")
            || text(&made.stdout).starts_with("{\"folder\":\"policies/no\""),
        "{}",
        text(&made.stdout)
    );
    let facts = std::fs::read_to_string(here.join("policies/trade.gate")).expect("it is there");
    assert_eq!(facts, "fact date: date\n");
    assert!(here.join("policies/no/torture/policy.gate").is_file() && !here.join("trade.gate").exists());
}
