//! The test runner: what expectations say, how failures look, rewriting, watching, JUnit.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use portcullis::Policy;
use portcullis::testing::{Outcome, alone, chosen, run_on};

use crate::cli::{Folder, run};
use crate::support::{law, load};

/// Whips need a licence, unless it is shown that they go to a museum; who gets one has to report.
const LAW: &str = r#"fact date: date  ask "On which day?"
fact destination: country  ask "Where to?"
fact goods.kind: one of { spray, whip }  ask "What is it?"
fact goods.length: length  ask "How long?"
fact museum: yes/no  ask "Is it for a museum?"
fact police: yes/no, presumed no unless destination is FR  ask "Is it for the police?"  because "s. 9"

constraint sprays_have_no_length "A spray has no length" {
  always not (goods.kind is spray and goods.length > 0 mm)
}

policy example "Example Act" {
  source "Example Act 2020"
  applies when destination is not FR
  known from 2020-01-01
  otherwise permit
}

licence individual "Individual licence" {
  document "L100"
}

licence global "Global licence" {
  document "L200"
}

category list "Long whips" {
  cite "Annex"
  when goods.kind is whip and goods.length >= 150 mm
}

rule s_1 "Long whips" {
  cite "s. 1"
  when goods in list
  then require individual
  duty "Report it"
}

rule s_3 "Police" {
  cite "s. 3"
  when goods in list and police
  then prohibit
}

exception s_2 "Museums" to s_1 {
  cite "s. 2"
  claimed when museum
  when museum
  then permit
}
"#;

const WHIP: &str = "given date 2026-03-02, destination TR, goods { kind whip, length 20 cm }";

fn with(tests: &str) -> Policy {
    load(vec![law("law.gate", LAW), law("law.test.gate", tests)]).unwrap_or_else(|e| panic!("{e}"))
}

fn outcomes(tests: &str) -> Vec<Outcome> {
    let policy = with(tests);
    run_on(&policy, &chosen(&policy, None), &alone, &|_| {})
}

/// The differences of one test, as `expected / got`.
fn differences(given: &str, expect: &str) -> Vec<String> {
    let found = outcomes(&format!("test \"t\" {{ {given} expect {expect} }}"));
    found[0].differences.iter().map(|d| format!("{} / {}", d.expected, d.got)).collect()
}

fn problems(test: &str) -> String {
    load(vec![law("law.gate", LAW), law("law.test.gate", test)]).expect_err("it is refused").plain()
}

#[test]
fn what_is_not_so_can_be_expected() {
    let none: Vec<String> = Vec::new();
    let not = "not requires global not duty \"Pay\" not claimable s_1 not presumes museum";
    assert_eq!(differences(WHIP, &format!("licence_required {not}")), none);
    assert_eq!(
        differences(WHIP, "licence_required not requires individual"),
        ["not requires individual / requires: individual"]
    );
    assert_eq!(
        differences(WHIP, "licence_required not duty \"Report it\""),
        ["not duty \"Report it\" / duty: \"Report it\""]
    );
    assert_eq!(differences(WHIP, "licence_required not claimable s_2"), ["not claimable s_2 / claimable: s_2"]);
    // With the police the whip is banned, so the answer leans on its being presumed not for them.
    assert_eq!(differences(WHIP, "licence_required not presumes police"), ["not presumes police / presumes: police"]);
}

#[test]
fn what_is_only_possible_is_not_excluded() {
    let open = "given date 2026-03-02, destination TR, goods.kind whip, police no";
    let got = differences(open, "undetermined not requires individual not duty \"Report it\" not document \"L100\"");
    assert_eq!(
        got,
        [
            "not requires individual / requires: none; possibly individual",
            "not duty \"Report it\" / duty: none; possibly \"Report it\"",
            "not document \"L100\" / document: none; possibly \"L100\"",
        ]
    );
    let not = "not requires global not duty \"Pay\" not document \"L200\"";
    assert!(differences(open, &format!("undetermined {not}")).is_empty());
}

#[test]
fn facts_that_cannot_all_be_so_can_be_expected() {
    let spray = "given date 2026-03-02, destination TR, goods { kind spray, length 1 mm }";
    assert!(differences(spray, "impossible").is_empty());
    assert!(differences(spray, "impossible by sprays_have_no_length").is_empty());
    assert_eq!(differences(spray, "permitted by s_2 may proceed"), ["permitted / impossible by sprays_have_no_length"]);
    assert_eq!(differences(WHIP, "impossible"), ["impossible / licence_required by s_1"]);
    let beside = problems(&format!("test \"t\" {{ {WHIP} expect impossible in list }}"));
    assert!(beside.contains("cannot be expected beside it"), "{beside}");
}

#[test]
fn a_name_that_nobody_declared_is_refused_with_the_nearest() {
    for (part, near) in [
        ("licence_required by s_1x", "s_1"),
        ("licence_required not requires individal", "individual"),
        ("licence_required not claimable s_22", "s_2"),
        ("licence_required not presumes polise", "police"),
        ("impossible by spray_have_no_length", "sprays_have_no_length"),
    ] {
        let said = problems(&format!("test \"t\" {{ {WHIP} expect {part} }}"));
        assert!(said.contains("unknown-name") && said.contains(&format!("`{near}`")), "{part}: {said}");
    }
}

#[test]
fn the_answers_stand_in_the_order_of_the_files_however_many_run_at_a_time() {
    let tests: String = (0..60)
        .map(|n| format!("test \"t{n}\" {{ {WHIP} expect {} }}\n", ["permitted", "licence_required"][n % 2]))
        .collect();
    let policy = with(&tests);
    let all = chosen(&policy, None);
    let eight = |work: &(dyn Fn() + Sync)| std::thread::scope(|s| (0..8).for_each(|_| drop(s.spawn(work))));
    let counted = std::sync::Mutex::new(Vec::new());
    let one = run_on(&policy, &all, &alone, &|n| counted.lock().unwrap().push(n));
    assert_eq!(counted.into_inner().unwrap(), (1..=60).collect::<Vec<_>>());
    assert_eq!(one, run_on(&policy, &all, &eight, &|_| {}));
    assert_eq!(one.iter().map(|o| o.name.as_str()).take(3).collect::<Vec<_>>(), ["t0", "t1", "t2"]);
    assert_eq!(one.iter().filter(|o| o.passed()).count(), 30);
}

#[test]
fn a_failure_says_what_was_expected_what_came_out_and_why_in_eighty_columns() {
    let folder = Folder::new().with("law.gate", LAW).with(
        "law.test.gate",
        format!("test \"a long whip, with a name that is long enough to be wrapped at the end of the line\" {{ {WHIP} expect permitted document \"L200\" }}"),
    );
    let answer = run(&folder, "test law.gate law.test.gate").exits(1).complains_of_nothing();
    let answer = answer.says(&[
        "  law.test.gate:1:1",
        "  expected: permitted\n  got:      licence_required by s_1\n",
        "  expected: document \"L200\"\n  got:      document: \"L100\"\n",
        "  why:\n  + rule s_1 \"Long whips\" applies [s. 1] law.gate:",
        "goods.length >= 150 mm [goods.length = 200 mm, given]",
        "0 passed, 1 failed\n",
    ]);
    let wide: Vec<&str> = answer.stdout.lines().filter(|l| l.chars().count() > 80).collect();
    assert!(wide.is_empty(), "{wide:?}");
}

const FAILING: &str = r#"# What stands here stays.
test "the outcome" {
  given date 2026-03-02, destination TR, goods { kind whip, length 20 cm }
  # why it is so
  expect permitted
    # the rule
    by s_2 in list
}

test "it passes" {
  given date 2026-03-02, destination TR, goods { kind whip, length 149 mm }
  expect permitted not in list
}

table "by length" given { date 2026-03-02, destination TR, goods.kind whip } {
  | goods.length | expect    |
  | 149 mm       | permitted |
  | 150 mm       | permitted | # the threshold
  | unknown      | permitted |
}

test "a part that is not so" {
  given date 2026-03-02, destination TR, goods { kind whip, length 10 cm }
  expect permitted requires individual not claimable s_2 may not proceed
}

test "nothing can be decided" {
  given date 2026-03-02, destination TR, goods { kind spray, length 10 cm }
  expect permitted may proceed
}
"#;

const REWRITTEN: &str = r#"# What stands here stays.
test "the outcome" {
  given date 2026-03-02, destination TR, goods { kind whip, length 20 cm }
  # why it is so
  expect licence_required
    # the rule
    by s_1 in list
}

test "it passes" {
  given date 2026-03-02, destination TR, goods { kind whip, length 149 mm }
  expect permitted not in list
}

table "by length" given { date 2026-03-02, destination TR, goods.kind whip } {
  | goods.length | expect           |
  | 149 mm       | permitted        |
  | 150 mm       | licence_required | # the threshold
  | unknown      | undetermined     |
}

test "a part that is not so" {
  given date 2026-03-02, destination TR, goods { kind whip, length 10 cm }
  expect permitted not requires individual not claimable s_2 may proceed
}

test "nothing can be decided" {
  given date 2026-03-02, destination TR, goods { kind spray, length 10 cm }
  expect impossible by sprays_have_no_length
}
"#;

#[test]
fn failing_expectations_are_shown_and_rewritten_and_the_rest_stays() {
    let folder = Folder::new().with("law.gate", LAW).with("law.test.gate", FAILING);
    run(&folder, "test --update law.gate law.test.gate").exits(0).says(&[
        "law.test.gate:5:10 the outcome\n  - permitted by s_2 in list\n  + licence_required by s_1 in list\n",
        "law.test.gate:18:20 by length [2]\n  - permitted\n  + licence_required\n",
        "5 expectations rewritten in 1 file\n",
    ]);
    assert_eq!(folder.read("law.test.gate"), REWRITTEN);
    assert_eq!(folder.read("law.gate"), LAW);
    run(&folder, "test law.gate law.test.gate").exits(0).says(&["7 passed, 0 failed"]);
    run(&folder, "test --update law.gate law.test.gate").exits(0).says(&["0 expectations rewritten in 0 files"]);
    assert_eq!(folder.read("law.test.gate"), REWRITTEN);
}

#[test]
fn a_file_in_another_layout_keeps_it() {
    let loose = "test   \"t\"{given date 2026-03-02,destination TR,goods{kind whip,length 20 cm}\n\n\n   expect   permitted  by s_2}\n";
    let folder = Folder::new().with("law.gate", LAW).with("law.test.gate", loose);
    run(&folder, "test --update law.gate law.test.gate").exits(0);
    let wanted = loose.replace("permitted  by s_2", "licence_required  by s_1");
    assert_eq!(folder.read("law.test.gate"), wanted);
}

#[test]
fn what_cannot_be_rewritten_is_left_and_said() {
    let undated = "test \"undated\" { given destination TR expect permitted }\n";
    let folder = Folder::new().with("law.gate", LAW).with("law.test.gate", undated);
    run(&folder, "test --update law.gate law.test.gate").exits(1).complains(&["left as it is: law.test.gate:1:"]);
    assert_eq!(folder.read("law.test.gate"), undated);
    let shipped = run(&folder, "test --update --filter sjambok eu.torture");
    shipped.exits(0).says(&["0 expectations rewritten in 0 files"]);
}

#[test]
fn junit_is_read_back_with_every_name_count_and_failure() {
    let folder = Folder::new()
        .with("law.gate", LAW)
        .with("a.test.gate", FAILING)
        .with("b.test.gate", format!("test \"<of> & \\\"quotes\\\"\" {{ {WHIP} expect licence_required }}"));
    let answer = run(&folder, "test --format junit law.gate a.test.gate b.test.gate").exits(1).complains_of_nothing();
    let again = run(&folder, "test --format junit --jobs 3 law.gate a.test.gate b.test.gate").exits(1);
    assert_eq!(answer.stdout, again.stdout, "the same tests give the same bytes");
    let document = roxmltree::Document::parse(&answer.stdout).expect("it is XML");
    let root = document.root_element();
    let number = |node: &roxmltree::Node<'_, '_>, name: &str| node.attribute(name).map(|n| n.parse::<u32>().unwrap());
    assert_eq!(
        (number(&root, "tests"), number(&root, "failures"), number(&root, "errors")),
        (Some(8), Some(5), Some(0))
    );
    let suites: Vec<_> = root.children().filter(|n| n.has_tag_name("testsuite")).collect();
    let named: Vec<_> =
        suites.iter().map(|s| (s.attribute("name").unwrap(), number(s, "tests"), number(s, "failures"))).collect();
    assert_eq!(named, [("a.test.gate", Some(7), Some(5)), ("b.test.gate", Some(1), Some(0))]);
    let cases: Vec<_> = root.descendants().filter(|n| n.has_tag_name("testcase")).collect();
    let names: Vec<&str> = cases.iter().map(|c| c.attribute("name").unwrap()).collect();
    let wanted = [
        "the outcome",
        "it passes",
        "by length [1]",
        "by length [2]",
        "by length [3]",
        "a part that is not so",
        "nothing can be decided",
        "<of> & \"quotes\"",
    ];
    assert_eq!(names, wanted);
    assert!(cases.iter().all(|c| c.attribute("classname") == Some("example")));
    assert_eq!((cases[1].attribute("file"), cases[1].attribute("line")), (Some("a.test.gate"), Some("10")));
    let failure = |n: usize| cases[n].children().find(|c| c.has_tag_name("failure"));
    let first = failure(0).expect("it failed");
    assert_eq!(first.attribute("message"), Some("expected permitted, got licence_required by s_1"));
    let body = first.text().expect("a failure has a body");
    assert!(body.contains("expected: permitted") && body.contains("why:") && body.contains("goods in list"), "{body}");
    assert!(failure(1).is_none() && failure(7).is_none());
    run(&folder, "check --format junit law.gate").exits(3).complains(&["only `test` writes `--format junit`"]);
}

#[test]
fn watching_runs_again_when_a_file_changes() {
    let passing = format!("test \"t\" {{ {WHIP} expect licence_required }}\n");
    let folder = Folder::new().with("law.gate", LAW).with("law.test.gate", &passing);
    let mut child = Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(["test", "--watch", "--watch-runs", "3", "."])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    // The program says that it waits before it does; only then is a file changed.
    let mut until = |wanted: &str| {
        let mut line = String::new();
        while !line.contains(wanted) {
            line.clear();
            assert!(errors.read_line(&mut line).unwrap() > 0, "it ended before `{wanted}`");
        }
    };
    until("watching");
    // As editors do: written beside it and put in its place in one step.
    let replace = |text: String| {
        std::fs::write(folder.path().join("new.tmp"), text).unwrap();
        std::fs::rename(folder.path().join("new.tmp"), folder.path().join("law.test.gate")).unwrap();
    };
    replace(passing.replace("licence_required", "licence_required by nobody"));
    until("unknown-name");
    until("watching");
    replace(passing.replace("licence_required", "permitted"));
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{out}");
    assert!(out.starts_with("1 passed, 0 failed\n") && out.ends_with("0 passed, 1 failed\n"), "{out}");
}
