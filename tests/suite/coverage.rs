//! Coverage of the law by its tests: what counts as shown, and the forms in which it is told.

use std::collections::BTreeSet;

use lcov::{Reader, Record};
use portcullis::testing::coverage::{Coverage, Measure};
use portcullis::testing::{alone, chosen, run_covered};

use crate::cli::{Folder, run};
use crate::support::{law, load};

/// Nine measures, each with few goals, so that they can be counted by hand.
const LAW: &str = r#"fact date: date  ask "On which day?"
fact destination: country  ask "Where to?"
fact goods.code: code CN  ask "Under which code?"
fact goods.code_confirmed: yes/no  ask "Is the code confirmed?"
fact goods.kind: one of { spray, whip }  ask "What is it?"
fact goods.length: length  ask "How long?"
fact museum: yes/no  ask "Is it for a museum?"

policy example "Example Act" {
  source "Example Act 2020"
  applies when destination is not FR
  known from 2020-01-01
  otherwise permit
}

category list "Long whips" {
  cite "Annex, old"
  code CN ex 4205
  when goods.kind is whip and goods.length >= 150 mm
  in force from 2020-01-01 to 2024-12-31
}

category list "Whips of any length" {
  cite "Annex, new"
  code CN ex 4205
  when goods.kind is whip
  in force from 2025-01-01
}

rule ban "Listed goods" {
  cite "s. 1"
  when goods in list
  then prohibit
}

exception shown "Museums" to ban {
  cite "s. 2"
  claimed when museum
  when museum
  then permit
}
"#;

fn covered(tests: &str) -> Coverage {
    let policy = load(vec![law("law.gate", LAW), law("law.test.gate", tests)]).unwrap_or_else(|e| panic!("{e}"));
    let files: BTreeSet<_> = policy.sources().iter().map(|(id, _)| id).collect();
    let (outcomes, coverage) = run_covered(&policy, &chosen(&policy, None), &files, &alone, &|_| {});
    assert!(outcomes.iter().all(|o| o.passed()), "{outcomes:?}");
    coverage
}

/// Goals met of a measure.
fn met(coverage: &Coverage, measure: Measure) -> usize {
    coverage.reached().into_iter().find(|r| r.measure == measure).map_or(0, |r| r.met)
}

fn gaps(coverage: &Coverage, measure: Measure) -> Vec<String> {
    coverage.gaps(measure).map(|g| g.text.clone()).collect()
}

fn test(given: &str, expect: &str) -> String {
    format!("test \"t\" {{ given {given} expect {expect} }}\n")
}

const OLD_WHIP: &str = "date 2024-06-01, destination TR, goods { code 4205 00 90, kind whip, length 150 mm }";

#[test]
fn every_sentence_gives_its_goals() {
    let coverage = covered(&test("date 2024-06-01, destination FR", "not_applicable"));
    let of: Vec<(Measure, usize)> = coverage.reached().iter().map(|r| (r.measure, r.of)).collect();
    let wanted = [
        (Measure::Rules, 1),
        (Measure::Defeats, 1),
        (Measure::Exceptions, 1),
        // Two versions of one entry, each on two sides.
        (Measure::Entries, 4),
        // Both sides of: destination; kind, length and codes of the old list; kind and codes of the new one; goods in
        // list; museum as claimed, museum as condition.
        (Measure::Conditions, 18),
        (Measure::Thresholds, 2),
        // Both sides of: known from; the old list from and to; the new one from.
        (Measure::Days, 8),
        (Measure::Boundaries, 5),
        (Measure::Provisions, 4),
    ];
    assert_eq!(of, wanted);
    // Where the policy does not apply, nothing else is asked.
    let shown: usize = coverage.reached().iter().map(|r| r.met).sum();
    assert_eq!((shown, met(&coverage, Measure::Conditions)), (1, 1));
}

#[test]
fn one_case_shows_what_it_reads() {
    let coverage = covered(&test(OLD_WHIP, "prohibited by ban claimable shown"));
    assert_eq!(met(&coverage, Measure::Rules), 1);
    assert_eq!(met(&coverage, Measure::Exceptions), 0);
    assert_eq!(met(&coverage, Measure::Defeats), 0);
    // It is in the old list; the new one is not in force.
    assert_eq!(met(&coverage, Measure::Entries), 1);
    // Not FR; a whip; long; its code; in the list. Whether it is for a museum is not known.
    assert_eq!(met(&coverage, Measure::Conditions), 5);
    assert_eq!(gaps(&coverage, Measure::Thresholds), ["never below the threshold: goods.length >= 150 mm"]);
    // From 2020 on, by policy and list; to the end of 2024; before 2025.
    assert_eq!(met(&coverage, Measure::Days), 4);
    // The length alone is met exactly.
    assert_eq!(met(&coverage, Measure::Boundaries), 1);
    // The new annex is cited by nobody; the exception is, as one that may be claimed.
    assert_eq!(gaps(&coverage, Measure::Provisions), ["no decision cites Annex, new"]);
}

#[test]
fn what_is_masked_does_not_count() {
    let spray = "date 2024-06-01, destination TR, goods { code 4205 00 90, kind spray, length 1 m }";
    let coverage = covered(&test(spray, "permitted"));
    let open = gaps(&coverage, Measure::Conditions);
    // A spray is no whip, so its length is not asked, nor its code compared.
    assert!(open.iter().any(|g| g == "never yes: goods.length >= 150 mm"), "{open:?}");
    assert!(open.iter().any(|g| g == "goods described by list never have one of its codes"), "{open:?}");
    assert_eq!(met(&coverage, Measure::Thresholds), 0);
    // Not FR, no whip (old), not in list.
    assert_eq!(met(&coverage, Measure::Conditions), 3);
    // Its code is the entry's, so it is a case that the entry nearly holds; one of another code is not.
    assert_eq!(met(&coverage, Measure::Entries), 1);
    let far = "date 2024-06-01, destination TR, goods { code 9503 00 99, kind spray, length 1 m }";
    assert_eq!(met(&covered(&test(far, "permitted")), Measure::Entries), 0);
}

#[test]
fn beside_what_is_unknown_only_what_settles_it_counts() {
    let open = |length: &str| {
        let given = format!("date 2024-06-01, destination TR, goods {{ code 4205 00 90, length {length} }}");
        let outcome = if length == "1 m" { "undetermined" } else { "permitted" };
        gaps(&covered(&test(&given, outcome)), Measure::Conditions)
    };
    // Whatever the kind, what is short is not listed; what is long may be.
    assert!(!open("1 mm").iter().any(|g| g == "never no: goods.length >= 150 mm"));
    assert!(open("1 m").iter().any(|g| g == "never yes: goods.length >= 150 mm"));
}

#[test]
fn a_day_counts_only_for_goods_that_would_fall_under_it() {
    let on = |date: &str, kind: &str, expect: &str| {
        let given = format!("date {date}, destination TR, goods {{ code 4205 00 90, kind {kind}, length 1 m }}");
        covered(&test(&given, expect))
    };
    // The last day of the old list: from of policy and list, to of the list exactly, before the new one.
    let last = on("2024-12-31", "whip", "prohibited in list");
    assert_eq!((met(&last, Measure::Days), met(&last, Measure::Boundaries)), (4, 1));
    // A spray falls under neither list; the policy alone was tried.
    assert_eq!(met(&on("2024-12-31", "spray", "permitted"), Measure::Days), 1);
    // Before the law is known.
    let before = gaps(&on("2019-12-31", "whip", "undetermined"), Measure::Days);
    assert!(!before.iter().any(|g| g.contains("before 2020-01-01")), "{before:?}");
}

#[test]
fn all_of_it_can_be_reached() {
    let tests = [
        test(OLD_WHIP, "prohibited"),
        test("date 2024-06-01, destination FR", "not_applicable"),
        test("date 2019-12-31, destination TR, goods { code 4205 00 90, kind whip, length 1 m }", "undetermined"),
        test(
            "date 2020-01-01, destination TR, goods { code 4205 00 90, kind whip, length 149 mm }",
            "permitted not in list",
        ),
        test("date 2020-01-01, destination TR, goods { code 4205 00 90, kind whip, length 1 m }", "prohibited"),
        test("date 2024-12-31, destination TR, goods { code 4205 00 90, kind whip, length 1 m }", "prohibited"),
        test("date 2024-12-31, destination TR, goods { code 4205 00 90, kind spray, length 1 m }", "permitted"),
        test(
            "date 2024-12-31, destination TR, goods { code 9503 00 99, code_confirmed yes, kind whip, length 1 m }",
            "permitted",
        ),
        test(
            "date 2025-01-01, destination TR, goods { code 4205 00 90, kind whip, length 1 m }, museum yes",
            "permitted by shown",
        ),
        test(
            "date 2025-01-01, destination TR, goods { code 4205 00 90, kind whip, length 1 m }, museum no",
            "prohibited",
        ),
        test("date 2025-01-01, destination TR, goods { code 4205 00 90, kind spray }", "permitted"),
        test("date 2025-01-01, destination TR, goods { code 9503 00 99, code_confirmed yes, kind whip }", "permitted"),
    ];
    let coverage = covered(&tests.concat());
    // What is claimed when it is so cannot fail once it is claimed.
    let open: Vec<String> = Measure::ALL.iter().flat_map(|m| gaps(&coverage, *m)).collect();
    assert_eq!(open, ["never no: museum"]);
}

#[test]
fn an_entry_with_one_condition_and_no_code_cannot_be_nearly_met() {
    let law_of = |entry: &str| {
        let head = LAW.split("category list").next().expect("there is a head");
        let rule = "rule ban \"Listed goods\" { cite \"s. 1\" when goods in list then prohibit }";
        format!("{head}category list \"Goods\" {{\n cite \"Annex\"\n {entry}\n}}\n{rule}\n")
    };
    let goals = |entry: &str| {
        let policy = load(vec![law("law.gate", &law_of(entry))]).unwrap_or_else(|e| panic!("{e}"));
        let files: BTreeSet<_> = policy.sources().iter().map(|(id, _)| id).collect();
        let coverage = run_covered(&policy, &chosen(&policy, None), &files, &alone, &|_| {}).1;
        gaps(&coverage, Measure::Entries).len()
    };
    assert_eq!(goals("when goods.kind is whip"), 1);
    assert_eq!(goals("category { when goods.kind is whip } category { when goods.kind is spray }"), 1);
    assert_eq!(goals("code CN ex 4205 when goods.kind is whip"), 2);
    assert_eq!(goals("when goods.kind is whip and goods.length >= 150 mm"), 2);
    assert_eq!(goals("when goods.kind is whip unless goods.length < 150 mm"), 2);
    assert_eq!(goals("when goods.kind is whip category { when museum } category { when destination is TR }"), 2);
}

#[test]
fn constraints_are_measured_by_what_they_refuse() {
    let bound = format!(
        "{LAW}\nconstraint short \"Sprays are short\" {{ always not (goods.kind is spray and goods.length > 1500 mm) }}\n"
    );
    let count = |tests: String| {
        let policy =
            load(vec![law("law.gate", &bound), law("law.test.gate", &tests)]).unwrap_or_else(|e| panic!("{e}"));
        let files: BTreeSet<_> = policy.sources().iter().map(|(id, _)| id).collect();
        let (outcomes, coverage) = run_covered(&policy, &chosen(&policy, None), &files, &alone, &|_| {});
        assert!(outcomes.iter().all(|o| o.passed()), "{outcomes:?}");
        gaps(&coverage, Measure::Conditions).iter().filter(|g| g.contains("goods.length > 1500 mm")).count()
    };
    let long = test("date 2024-06-01, destination TR, goods { kind spray, length 2 m }", "impossible by short");
    let fine = test("date 2024-06-01, destination TR, goods { kind spray, length 1 m }", "permitted");
    assert_eq!((count(long.clone()), count(fine.clone()), count(long + &fine)), (1, 1, 0));
}

#[test]
fn it_is_told_as_text_json_lcov_and_a_page() {
    let folder = Folder::new().with("law.gate", LAW).with("law.test.gate", test(OLD_WHIP, "prohibited"));
    let answer =
        run(&folder, "test --coverage --gaps 1 --lcov law.info --html law.html law.gate law.test.gate").exits(0);
    let answer = answer.complains_of_nothing().says(&[
        "measure       met    of       %\nrules           1     1   100.0  each rule stands once\n",
        "conditions      5    18    27.7  each condition holds and fails when asked\n",
        "\nthresholds: 1 not tested\n  law.gate:19 never below the threshold: goods.length >= 150 mm\n",
        "\nconditions: 13 not tested\n  law.gate:11 never yes: destination is FR\n  and 12 more; --gaps 13 shows all\n",
    ]);
    assert!(answer.stdout.lines().all(|l| l.chars().count() <= 80), "{}", answer.stdout);

    let json = run(&folder, "test --coverage --format json law.gate law.test.gate").exits(0).lines();
    let coverage = json[0]["coverage"].as_array().expect("a list of measures").clone();
    assert_eq!(coverage.len(), 9);
    let thresholds = coverage.iter().find(|m| m["measure"] == "thresholds").expect("it is there");
    let gap =
        serde_json::json!([{ "place": "law.gate:19", "text": "never below the threshold: goods.length >= 150 mm" }]);
    assert_eq!(
        (&thresholds["met"], &thresholds["of"], &thresholds["percent"], &thresholds["gaps"]),
        (&1.into(), &2.into(), &"50.0".into(), &gap)
    );

    let text = folder.read("law.info");
    let records: Vec<Record> = Reader::new(text.as_bytes()).map(|r| r.expect("an LCOV reader reads it")).collect();
    assert!(records.contains(&Record::SourceFile { path: "law.gate".into() }));
    assert_eq!(records.last(), Some(&Record::EndOfRecord));
    let functions: Vec<(String, u32, u64)> = records
        .iter()
        .filter_map(|r| match r {
            Record::FunctionName { name, start_line } => Some((name.clone(), *start_line)),
            _ => None,
        })
        .map(|(name, line)| {
            let count = records.iter().find_map(|r| match r {
                Record::FunctionData { name: n, count } if *n == name => Some(*count),
                _ => None,
            });
            (name, line, count.expect("each function has a count"))
        })
        .collect();
    let wanted = [("list", 16, 1), ("list@23", 23, 0), ("ban", 30, 1), ("shown", 36, 0)];
    assert_eq!(functions, wanted.map(|(n, l, c)| (n.to_owned(), l, c)));
    let taken: Vec<u64> = records
        .iter()
        .filter_map(|r| match r {
            Record::BranchData { line: 19, taken, .. } => Some(taken.expect("a count")),
            _ => None,
        })
        .collect();
    // Kind yes and no, length yes and no, below and above, exactly: four of seven.
    assert_eq!((taken.len(), taken.iter().filter(|t| **t > 0).count()), (7, 4));
    let totals = |want: fn(&Record) -> Option<u32>| records.iter().find_map(want);
    let branches = records.iter().filter(|r| matches!(r, Record::BranchData { .. })).count();
    let lines = records.iter().filter(|r| matches!(r, Record::LineData { .. })).count();
    assert_eq!(
        totals(|r| if let Record::BranchesFound { found } = r { Some(*found) } else { None }),
        Some(branches as u32)
    );
    assert_eq!(totals(|r| if let Record::LinesFound { found } = r { Some(*found) } else { None }), Some(lines as u32));

    let page = folder.read("law.html");
    for part in [
        "<td>rules<td class=\"n\">1<td class=\"n\">1<td class=\"n\">100.0",
        "<div class=\"part\" id=\"f0-19\"><a href=\"#f0-19\">19</a><pre>  when goods.kind is whip and goods.length &gt;= 150 mm</pre></div>\n<p>",
        "<p>thresholds: never below the threshold: goods.length &gt;= 150 mm</p>",
    ] {
        assert!(page.contains(part), "no {part} in\n{page}");
    }
    assert!(!page.contains("<script") && !page.contains("http"), "the page stands by itself");
}

#[test]
fn less_than_was_asked_for_is_a_failure() {
    let folder = Folder::new().with("law.gate", LAW).with("law.test.gate", test(OLD_WHIP, "prohibited"));
    run(&folder, "test --at-least 27 law.gate law.test.gate")
        .exits(1)
        .complains(&["exceptions: 0.0 % is less than the 27 % asked for"]);
    run(&folder, "test --at-least 0 law.gate law.test.gate").exits(0).complains_of_nothing();
    // Only the files named are measured: the tests themselves state no law.
    let below = Folder::new().with("trade.gate", "").with("ex/law.gate", LAW);
    let below = below.with("ex/law.test.gate", test(OLD_WHIP, "prohibited"));
    run(&below, "test --at-least 100 ex/law.test.gate").exits(0).says(&["1 passed, 0 failed"]);
    run(&below, "test --at-least 100 ex").exits(1);
    run(&below, "test --at-least 101 ex").exits(3).complains(&["101"]);
}
