//! Tests that the program proposes for a rule: what they give is worked out from the law, what they expect holds, and the
//! mistakes at the boundaries of the rule are caught by them.

use std::collections::BTreeSet;

use portcullis::Policy;
use portcullis::testing::generate::{Proposal, Verdict, generate};
use portcullis::testing::mutate::Verdict as Judgement;
use portcullis::testing::{self, alone};

use crate::cli::{Folder, run};
use crate::support::{law, load};

const LAW: &str = r#"fact date: date  ask "On which day?"
fact destination: country  ask "Where to?"
fact weight: mass  ask "How heavy?"
fact pieces: count  ask "How many?"
fact museum: yes/no  ask "Is it for a museum?"
fact goods.code: code CN  ask "Which code?"
fact goods.kind: one of { spray, whip, bag }  ask "What is it?"

group near { SE, FI }

policy toy "Toy Act" {
  source "Toy Act"
  applies when destination is not US
  known from 2020-01-01 to 2029-12-31
  otherwise permit
}

licence single "Single licence" {
}

rule heavy "Heavy" {
  cite "s. 1"
  when destination in near and (weight >= 1.5 kg or pieces > 3)
  then require single
  in force from 2022-03-01
}

rule coded "Coded" {
  cite "s. 2"
  when goods in list and goods.kind is whip
  then prohibit
}

category list "List" {
  cite "Annex"
  code CN 4421 99
}

rule never "Never" {
  cite "s. 3"
  when goods.kind is bag and goods.kind is whip
  then prohibit
}

exception museums "Museums" to heavy {
  cite "s. 4"
  when museum
  then permit
}
"#;

fn policy(tests: &str) -> Policy {
    load(vec![law("law.gate", LAW), law("law.test.gate", tests)]).unwrap_or_else(|e| panic!("{e}"))
}

fn proposed(policy: &Policy, name: &str) -> Proposal {
    let files: BTreeSet<_> = policy.sources().iter().map(|(id, _)| id).collect();
    let mut all = generate(policy, name, &files);
    assert_eq!(all.len(), 1, "{name}");
    all.remove(0)
}

fn texts(p: &Proposal) -> String {
    p.tests.iter().map(|t| t.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// Each of these stands in the text.
fn holds(text: &str, parts: &[&str]) {
    parts.iter().for_each(|p| assert!(text.contains(p), "no `{p}` in\n{text}"));
}

#[test]
fn a_rule_is_shown_on_both_sides_of_each_fact() {
    let found = proposed(&policy(""), "heavy");
    assert_eq!((found.verdict, found.file.as_str()), (Verdict::Stands, "law.test.gate"));
    let text = texts(&found);
    // One step below the threshold as it is written (in grams, the base unit), the day before the rule is in force, a country of neither.
    holds(
        &text,
        &[
            "heavy does not apply with date 2022-02-28",
            "given date 2022-03-01, ",
            "heavy does not apply with destination ",
            "heavy does not apply with museum yes instead of no",
            "weight 1500 g, ",
            "heavy does not apply with weight 1400 g instead of 1500 g",
            "heavy does not apply with pieces 3 instead of 4",
        ],
    );
    holds(&texts(&proposed(&policy(""), "coded")), &["goods.code 4422 00 00 00 instead of 4421 99", "instead of whip"]);
}

#[test]
fn what_is_proposed_passes_covers_the_rule_and_catches_mistakes_at_its_boundaries() {
    for name in ["heavy", "coded", "museums"] {
        let text = texts(&proposed(&policy(""), name));
        let with = policy(&text);
        let failed: Vec<_> = testing::run(&with, None).into_iter().filter(|o| !o.passed()).collect();
        assert!(failed.is_empty(), "{failed:#?}\n{text}");
        let files: BTreeSet<_> = with.sources().iter().map(|(id, _)| id).collect();
        let report = testing::mutate::run(&with, Some(&format!("rule {name}")), &files, &alone, &|_, _| {});
        let missed = |v: &Judgement| matches!(v, Judgement::Survived { .. } | Judgement::NotShown);
        let missed: Vec<_> = report.verdicts.iter().filter(|j| missed(&j.verdict)).map(|j| &j.change).collect();
        assert!(missed.is_empty(), "{missed:#?}\n{text}");
        assert!(name == "museums" || report.killed > 0);
    }
}

#[test]
fn a_rule_that_never_applies_says_so() {
    let found = proposed(&policy(""), "never");
    assert_eq!((found.verdict, found.tests.len()), (Verdict::Never, 0));
}

#[test]
fn tests_that_stand_already_are_left_out() {
    let first = proposed(&policy(""), "heavy");
    let second = proposed(&policy(&texts(&first)), "heavy");
    assert_eq!(second.tests.len(), 0);
    assert!(second.present >= first.tests.len() && first.present == 0);
    // The same consignment under another name, with no less expected of it, is the same test.
    let renamed = texts(&first).replace("test \"heavy", "test \"so it is: heavy");
    let third = proposed(&policy(&renamed), "heavy");
    assert_eq!(third.tests.len(), 0, "{}", texts(&third));
}

#[test]
fn the_program_shows_them_and_writes_them_below_what_stands() {
    let own =
        "# Our own tests.\n\ntest \"light\" {\n  given date 2024-01-01, destination US\n  expect not_applicable\n}\n";
    let folder = Folder::new().with("law.gate", LAW).with("trade.gate", "");
    run(&folder, "test --generate=coded law.gate").exits(0).says(&["test \"coded applies\" {\n  given date "]);
    assert!(!folder.path().join("law.test.gate").exists());
    run(&folder, "test --generate law.gate").exits(1).complains(&["rule never applies to no consignment"]);
    run(&folder, "test --generate=nothing law.gate").exits(3).complains(&["no rule is called `nothing`"]);
    run(&folder, "test --write law.gate").exits(3);
    let folder = folder.with("law.test.gate", own);
    run(&folder, "test --generate=coded --write law.gate").exits(0).says(&["added to law.test.gate"]);
    let once = folder.read("law.test.gate");
    assert!(once.starts_with(own), "{once}");
    run(&folder, "test law.gate law.test.gate").exits(0);
    run(&folder, "fmt --check law.test.gate").exits(0);
    run(&folder, "test --generate=coded --write law.gate").exits(0).says(&["nothing to add"]);
    assert_eq!(folder.read("law.test.gate"), once);
    let json = run(&folder, "test --generate=never --format json law.gate").exits(1).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["rules"][0]["verdict"], &json["rules"][0]["rule"]), (&"never".into(), &"never".into()));
    run(&folder, "test --generate --write un").exits(3).complains(&["shipped policies cannot be added to"]);
}
