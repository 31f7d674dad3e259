//! Mutation tests: each kind of mistake is planted in a toy law, once with a test that catches it and once without.
//!
//! A mistake that no test catches is reported with a test. That test is added to the law as printed: it must pass on
//! the law, and then the mistake must be caught.

use portcullis::Policy;
use portcullis::testing::mutate::{Plan, Report, Verdict};

use crate::cli::{Folder, run};
use crate::support::{law, load};

const LAW: &str = r#"
fact date: date
fact a: yes/no
fact b: yes/no
fact c: yes/no
fact d: yes/no
fact e: yes/no
fact shown: yes/no
fact weight: mass
fact share: percent
fact pieces: count
fact destination: country
fact marks: set of one of { red, blue, green }
fact calm: yes/no, presumed yes because "Sec. 9"
fact goods.code: code CN
fact goods.code_confirmed: yes/no
fact goods.kind: one of { whip, spray, bag }
fact goods.heavy: yes/no
fact odd: yes/no means d and not e
fact licence.expires: date

policy toy "Toy Act" { source "Toy Act" applies when destination in abroad known from 2020-01-01 to 2029-12-31 otherwise permit }

group abroad { TR, US, BR from 2022-01-01, NO from 1990-01-01 }
group near = north + south - { JP }
group north { SE, JP }
group south { IT, GR }
chart marked from "marks.csv"

licence single "Single licence" { document "L1" valid 12 months covers when licence.expires >= date }
licence broad "Broad licence" { }
licence open "Open licence" { general document "L9" duty "Register" }

category annex "Things" {
  cite "Annex"
  category 1 "Whips" { code CN ex 4421 99, ex 6602 when goods.kind in {whip, bag} and goods.heavy }
  category 2 "Sprays" { category { when goods.kind is spray } category { whatever code when marks is not empty } }
  in force from 2021-01-01
}

rule basic "Basic" { cite "Sec. 1" when a and b unless c then prohibit duty "Tell the office" document "D1" }
rule mass "Mass" { cite "Sec. 2" when weight >= 150 g or share > 0.3 % then require single or broad }
rule some "Some" { cite "Sec. 3" when pieces in 3 to 5 and goods.kind is bag then prohibit in force from 2022-01-01 to 2025-12-31 }
rule listed "Listed" { cite "Sec. 4" when goods in {annex.1, annex.2} then require single }
rule named "Named" { cite "Sec. 5" when odd then prohibit }
rule tense "Tense" { cite "Sec. 6" when not calm then prohibit }
rule told "Told" { cite "Sec. 6a" when d and e and goods.kind is whip duty "Say so" }
rule column "Column" { cite "Sec. 7" when destination marked X in marked and e then prohibit }
rule twice "Twice" { cite "Sec. 8" when pieces >= 8 and (pieces > 6 or pieces >= 7) then require broad }
rule colour "Colour" { cite "Sec. 8a" when any of marks in {red} and c then prohibit }
rule north_only "North" { cite "Sec. 8b" when any of {origin, via} in near then prohibit }
fact origin: country
fact via: country

constraint fixed "What is a is not e" { always not (a and e) }

exception relief "Relief" to basic, mass { cite "Sec. 10" claimed when shown when shown and d then permit under open }
"#;

const MARKS: &str = "country,X\nTR,x\nUS,\nBR,\nNO,\n";

/// A test with everything harmless but what is said.
fn test(facts: &[(&str, &str)], expect: &str) -> String {
    let usual = [
        ("date", "2024-03-01"),
        ("a", "no"),
        ("b", "no"),
        ("c", "no"),
        ("d", "no"),
        ("e", "no"),
        ("shown", "no"),
        ("weight", "10 g"),
        ("share", "0 %"),
        ("pieces", "1"),
        ("destination", "US"),
        ("marks", "{}"),
        ("goods.code", "9999 99 99"),
        ("goods.code_confirmed", "yes"),
        ("goods.kind", "bag"),
        ("goods.heavy", "no"),
        ("origin", "US"),
        ("via", "US"),
    ];
    let said = |name: &str| facts.iter().find(|(n, _)| *n == name).map(|(_, v)| *v);
    let mut given: Vec<String> = usual
        .iter()
        .map(|(n, v)| (*n, said(n).unwrap_or(v)))
        .filter(|(_, v)| *v != "unknown")
        .map(|(n, v)| format!("{n} {v}"))
        .collect();
    given.extend(facts.iter().filter(|(n, _)| usual.iter().all(|(u, _)| u != n)).map(|(n, v)| format!("{n} {v}")));
    format!("test \"planted\" {{ given {} expect {expect} }}\n", given.join(", "))
}

fn with(tests: &str) -> Policy {
    let text = format!("{LAW}\n{tests}");
    load(vec![law("law.gate", &text), law("marks.csv", MARKS)]).unwrap_or_else(|r| panic!("{r}\n{tests}"))
}

/// The verdict on the one mutant of a declaration that reads like this.
fn verdict(policy: &Policy, declaration: &str, sentence: &str) -> Verdict {
    let report = all(policy, declaration);
    let found: Vec<_> =
        report.verdicts.iter().filter(|v| v.declaration == declaration && v.change.contains(sentence)).collect();
    let [one] = found.as_slice() else {
        let all: Vec<String> = report.verdicts.iter().map(|v| format!("{}: {}", v.declaration, v.change)).collect();
        panic!("{} mutants of {declaration} with `{sentence}` among\n{}", found.len(), all.join("\n"));
    };
    one.verdict.clone()
}

fn all(policy: &Policy, filter: &str) -> Report {
    let plan = Plan::new(policy, Some(filter), None);
    assert_eq!(plan.failing, 0, "all planted tests pass on the law");
    let judge = plan.judge();
    plan.report((0..plan.len()).map(|i| judge.verdict(i)).collect())
}

/// The mistake is caught by the test, not without it, and by the test that is then proposed.
fn protects(declaration: &str, sentence: &str, facts: &[(&str, &str)], expect: &str) {
    beside(&test(&[], "permitted"), declaration, sentence, facts, expect);
}

/// The mistake is caught by the test; any test that is decided would catch it.
fn caught(declaration: &str, sentence: &str, facts: &[(&str, &str)], expect: &str) {
    let found = verdict(&with(&test(facts, expect)), declaration, sentence);
    assert!(matches!(found, Verdict::Killed { .. }), "{declaration}: {sentence}: {found:?}");
}

/// The same, beside another test than the usual one, which would catch it.
fn beside(neutral: &str, declaration: &str, sentence: &str, facts: &[(&str, &str)], expect: &str) {
    let caught = verdict(&with(&format!("{neutral}{}", test(facts, expect))), declaration, sentence);
    assert!(matches!(caught, Verdict::Killed { .. }), "{declaration}: {sentence}: {caught:?}");
    let missed = verdict(&with(neutral), declaration, sentence);
    let Verdict::Survived { test } = missed else { panic!("{declaration}: {sentence}: {missed:?}") };
    let replayed = verdict(&with(&format!("{neutral}{test}")), declaration, sentence);
    assert!(matches!(replayed, Verdict::Killed { .. }), "{declaration}: {sentence}: not caught by\n{test}");
}

#[test]
fn parts_of_conditions_left_out_turned_or_joined_otherwise() {
    let basic: &[(&str, &str)] = &[("a", "yes"), ("b", "yes")];
    protects("rule basic", "without `b`", &[("a", "yes")], "permitted");
    protects("rule basic", "without its `unless c`", &[("a", "yes"), ("b", "yes"), ("c", "yes")], "permitted");
    protects("rule basic", "`b` read as `not b`", basic, "prohibited");
    let calm = test(&[("c", "yes")], "permitted");
    beside(&calm, "rule basic", "`and` read as `or`", &[("a", "yes")], "permitted");
    protects("rule mass", "without `share > 0.3 %`", &[("share", "1 %")], "licence_required");
    protects("rule mass", "`or` read as `and`", &[("share", "1 %")], "licence_required");
    protects("fact odd", "without `not e`", &[("d", "yes"), ("e", "yes")], "permitted");
    caught("rule named", "`odd` read as `not odd`", &[("d", "yes")], "prohibited");
    protects("rule colour", "read as `all of", &[("marks", "{red, blue}"), ("c", "yes")], "prohibited");
    protects("rule north_only", "without `via in near`", &[("via", "IT")], "prohibited");
}

#[test]
fn comparisons_off_by_one_step() {
    protects("rule mass", "read as `weight > 150 g`", &[("weight", "150 g")], "licence_required");
    let other = test(&[("share", "1 %")], "licence_required");
    beside(&other, "rule mass", "read as `weight < 150 g`", &[], "permitted");
    protects("rule mass", "read as `weight >= 151 g`", &[("weight", "150 g")], "licence_required");
    protects("rule mass", "read as `weight >= 149 g`", &[("weight", "149 g")], "permitted");
    protects("rule mass", "read as `share > 0.4 %`", &[("share", "0.4 %")], "licence_required");
    protects("rule some", "read as `pieces in 2 to 5`", &[("pieces", "2")], "permitted");
    protects("rule some", "read as `pieces in 3 to 4`", &[("pieces", "5")], "prohibited");
}

#[test]
fn effects_papers_targets_and_claims() {
    let basic: &[(&str, &str)] = &[("a", "yes"), ("b", "yes")];
    protects("rule basic", "`prohibit` read as `require single`", basic, "prohibited");
    protects("rule mass", "read as `permit`", &[("weight", "1 kg")], "licence_required");
    protects("rule mass", "read as `prohibit`", &[("weight", "1 kg")], "licence_required");
    protects("rule mass", "read as `require single`", &[("weight", "1 kg")], "licence_required requires broad");
    protects("rule basic", "without the duty", basic, "prohibited duty \"Tell the office\"");
    protects("rule basic", "without the document", basic, "prohibited document \"D1\"");
    protects(
        "licence open",
        "without the duty",
        &[("weight", "1 kg"), ("shown", "yes"), ("d", "yes"), ("e", "yes")],
        "permitted duty \"Register\"",
    );
    protects("licence single", "without the document", &[("weight", "1 kg")], "licence_required document \"L1\"");
    let relief: &[(&str, &str)] = &[("weight", "1 kg"), ("shown", "yes"), ("d", "yes"), ("e", "yes")];
    protects("exception relief", "left out", relief, "permitted");
    protects("exception relief", "no longer to `mass`", relief, "permitted");
    protects("exception relief", "read as `require single`", relief, "permitted");
    protects(
        "exception relief",
        "without `claimed when",
        &[("weight", "1 kg"), ("shown", "unknown"), ("d", "yes"), ("e", "yes")],
        "licence_required claimable relief",
    );
    caught("policy toy", "`otherwise permit`", &[("pieces", "2")], "permitted");
}

#[test]
fn days_moved_by_one() {
    let some: &[(&str, &str)] = &[("pieces", "4")];
    let on = |day: &'static str| [some, &[("date", day)]].concat();
    protects("rule some", "read as `from 2021-12-31`", &on("2021-12-31"), "permitted");
    protects("rule some", "read as `from 2022-01-02`", &on("2022-01-01"), "prohibited");
    protects("rule some", "read as `to 2025-12-30`", &on("2025-12-31"), "prohibited");
    protects("rule some", "read as `to 2026-01-01`", &on("2026-01-01"), "permitted");
    protects(
        "group abroad",
        "BR `from 2022-01-01` read as `from 2022-01-02`",
        &[("destination", "BR"), ("date", "2022-01-01")],
        "permitted",
    );
    protects("policy toy", "read as `to 2029-12-30`", &[("date", "2029-12-31")], "permitted");
    protects(
        "category annex",
        "read as `from 2021-01-02`",
        &[("date", "2021-01-01"), ("goods.kind", "spray")],
        "licence_required",
    );
}

#[test]
fn lists_groups_charts_and_presumptions() {
    let whip: &[(&str, &str)] = &[("goods.kind", "whip"), ("goods.heavy", "yes")];
    let coded = |code: &'static str| [whip, &[("goods.code", code)]].concat();
    protects("category annex.1", "without the code 6602", &coded("6602 00 00"), "licence_required");
    protects("category annex.1", "so that the code alone lists", &[("goods.code", "6602 00 00")], "permitted");
    protects("category annex.1", "without `whip`", &coded("6602 00 00"), "licence_required");
    protects(
        "category annex.2",
        "without its alternative `goods.kind is spray`",
        &[("goods.kind", "spray")],
        "licence_required",
    );
    protects("rule listed", "without `annex.2`", &[("goods.kind", "spray")], "licence_required by listed");
    protects("group abroad", "without TR", &[("destination", "TR")], "permitted");
    protects("group near", "without `south`", &[("origin", "IT")], "prohibited");
    protects("group near", "without `{JP}`", &[("origin", "JP")], "permitted");
    protects("chart marked", "without the mark X of TR", &[("destination", "TR"), ("e", "yes")], "prohibited");
    caught("fact calm", "without `presumed yes`", &[("pieces", "2")], "permitted");
    caught("fact calm", "read as `presumed no`", &[("pieces", "2")], "permitted");
}

#[test]
fn constraints_and_papers_that_must_not_be_named() {
    let both: &[(&str, &str)] = &[("a", "yes"), ("e", "yes")];
    protects("constraint fixed", "left out", both, "impossible by fixed");
    protects("constraint fixed", "without `e`", &[("a", "yes")], "permitted");
    protects(
        "rule told",
        "without `goods.kind is whip`",
        &[("d", "yes"), ("e", "yes")],
        "permitted not duty \"Say so\"",
    );
}

#[test]
fn what_a_licence_covers() {
    let held = |expires: &str| {
        test(
            &[("weight", "1 kg"), ("licences", &format!("{{ licence single, expires {expires} }}"))],
            "licence_required may proceed",
        )
    };
    let lax = verdict(&with(&held("2024-03-01")), "licence single", "read as `licence.expires > date`");
    assert!(matches!(lax, Verdict::Killed { .. }), "{lax:?}");
    let survives = verdict(&with(&held("2024-05-01")), "licence single", "read as `licence.expires > date`");
    assert!(!matches!(survives, Verdict::Killed { .. } | Verdict::Equivalent), "{survives:?}");
}

#[test]
fn what_changes_nothing_is_proved_and_nothing_else() {
    let policy = with(&test(&[], "permitted"));
    // Norway's day lies before the law is known; the two halves of `twice` hold of whatever is 8 or more; Japan is
    // taken out again; no code binds the second entry; what is claimed is so; a paper's own last day counts anyway, and
    // there is no fact for the day of its issue.
    for (declaration, sentence) in [
        ("group abroad", "NO `from 1990-01-01` read as `from 1990-01-02`"),
        ("rule twice", "without `pieces > 6 or pieces >= 7`"),
        ("rule twice", "without `pieces > 6`"),
        ("rule twice", "`pieces > 6` read as `pieces > 7`"),
    ] {
        assert_eq!(verdict(&policy, declaration, sentence), Verdict::Equivalent, "{declaration}: {sentence}");
    }
    let report = all(&policy, "");
    let dead: Vec<_> = report
        .verdicts
        .iter()
        .filter(|v| v.verdict == Verdict::Equivalent)
        .map(|v| format!("{}: {}", v.declaration, v.change))
        .collect();
    let known =
        ["group north: without JP", "category annex.2: without `whatever code`", "exception relief: without `shown`"];
    let expected = |d: &String| {
        d.starts_with("rule twice")
            || d.contains("NO `from 1990-01-01`")
            || d.starts_with("licence single: `valid")
            || d == "licence single: without `covers when licence.expires >= date`"
            || known.contains(&d.as_str())
    };
    assert!(dead.iter().all(expected), "{dead:#?}");
}

#[test]
fn the_same_law_gives_the_same_report_in_any_order() {
    let policy = with(&format!("{}{}", test(&[], "permitted"), test(&[("a", "yes"), ("b", "yes")], "prohibited")));
    let plan = Plan::new(&policy, None, None);
    let judge = plan.judge();
    let forward: Vec<Verdict> = (0..plan.len()).map(|i| judge.verdict(i)).collect();
    let mut backward: Vec<Verdict> = (0..plan.len()).rev().map(|i| plan.judge().verdict(i)).collect();
    backward.reverse();
    let bytes = |v: Vec<Verdict>| serde_json::to_string(&plan.report(v)).unwrap();
    assert_eq!(bytes(forward), bytes(backward));
}

#[test]
fn the_program_says_which_sentences_no_test_protects() {
    let folder = Folder::new().with("law.gate", format!("{LAW}\n{}", test(&[], "permitted"))).with("marks.csv", MARKS);
    let folder = folder.with("trade.gate", "");
    run(&folder, "test --mutate=basic law.gate").exits(0).says(&[
        "1 passed, 0 failed\n\nlaw.gate:",
        "  rule basic: without its `unless c`\nno test protects this; this one would:\ntest \"rule basic: without its `unless c`\" {\n  given date ",
        "10 mistakes made in the law: 1 caught, 0 change nothing (proved), 9 missed, 0 not shown\n10.0 % of those",
        " % of those that change something are caught\n",
    ]);
    run(&folder, "test --mutate=basic --at-least 90 law.gate")
        .exits(1)
        .complains(&[" % caught is less than the 90 % asked for"]);
    run(&folder, "test --mutate=basic --at-least 0 law.gate").exits(0);
    run(&folder, "test --mutate=nothing_of_this_name law.gate").exits(0).says(&["0 mistakes made in the law"]);
    let json = run(&folder, "test --mutate=basic --format json law.gate").exits(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let json = &json["mutation"];
    let verdicts = json["verdicts"].as_array().unwrap();
    assert_eq!(json["mutants"], verdicts.len());
    assert!(verdicts.iter().all(|v| v["place"].as_str().unwrap().starts_with("law.gate:")));
}

/// A constraint may rule out one value of a class and leave another. The class as a whole was left out then, so that a test
/// which catches the mistake was never run on it, and what differs could pass for proved to change nothing.
#[test]
fn a_class_is_not_left_out_for_one_value_that_a_constraint_rules_out() {
    let text = r#"
fact date: date
fact p: yes/no
fact goods.kind: one of { plain, filled }
fact goods.agent: one of { other, nothing, gas }
constraint plain_is_empty "Plain goods hold nothing" { always not (goods.kind is plain and not goods.agent is nothing) }
policy toy "Toy" { source "S" applies when p or not p known from 2020-01-01 otherwise permit }
rule r "R" { cite "1" when p and not goods.agent is gas then prohibit }
"#;
    let without_p = |tests: &str| {
        let policy = load(vec![law("law.gate", &format!("{text}{tests}"))]).unwrap_or_else(|r| panic!("{r}"));
        verdict(&policy, "rule r", "without `p`")
    };
    let test = "test \"plain goods\" { given date 2025-01-01, p no, goods.kind plain expect permitted }\n";
    assert_eq!(without_p(test), Verdict::Killed { test: "plain goods".to_owned() });
    let yes = "test \"plain goods\" { given date 2025-01-01, p yes, goods.kind plain expect prohibited }\n";
    assert!(matches!(without_p(yes), Verdict::Survived { .. }), "{:?}", without_p(yes));
}

/// A name in a rule stands for all versions of a licence or a rule: leaving out one of them is no mistake that a drafter
/// can make, leaving out the name is one.
#[test]
fn a_name_stands_for_all_its_versions() {
    let text = "fact date: date\nfact a: yes/no\nfact b: yes/no\nfact shown: yes/no\n\
        policy toy \"Toy\" { source \"Toy\" applies when a or not a known from 2020-01-01 to 2029-12-31 otherwise permit }\n\
        licence paper \"Paper\" { in force to 2023-12-31 }\nlicence paper \"Paper\" { in force from 2024-01-01 }\n\
        rule one \"One\" { cite \"1\" when a then require paper in force to 2023-12-31 }\n\
        rule one \"One\" { cite \"1\" when b then require paper in force from 2024-01-01 }\n\
        rule two \"Two\" { cite \"2\" when a then require paper }\n\
        exception free \"Free\" to one, two { cite \"3\" claimed when shown when shown then permit }\n\
        exception some \"Some\" to one { cite \"4\" claimed when shown when shown then permit }\n";
    let policy = load(vec![law("law.gate", text)]).unwrap_or_else(|r| panic!("{r}"));
    let changes = |declaration: &str, word: &str| -> Vec<String> {
        let all = all(&policy, declaration).verdicts.into_iter().map(|v| v.change);
        all.filter(|c| c.contains(word)).collect()
    };
    assert_eq!(changes("exception free", "no longer to"), ["no longer to `one`", "no longer to `two`"]);
    assert_eq!(changes("exception some", "no longer to"), [""; 0], "the last name cannot be left out");
    assert_eq!(
        changes("rule two", "`require paper`"),
        ["`require paper` read as `permit`", "`require paper` read as `prohibit`"]
    );
}
