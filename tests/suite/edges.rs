//! The edges as a user meets them: exit statuses, limits, and every kind of bad input, through the program itself.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::support::{project, read};

/// What a run of the program gave.
struct Run {
    status: i32,
    out: String,
    err: String,
}

impl Run {
    fn says(&self, text: &str) -> &Self {
        assert!(self.out.contains(text) || self.err.contains(text), "no `{text}` in\n{}\n{}", self.out, self.err);
        self
    }

    fn exits(&self, status: i32) -> &Self {
        assert_eq!(self.status, status, "{}\n{}", self.out, self.err);
        self
    }
}

fn run_with(args: &[&str], input: &[u8]) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(args)
        .current_dir(project("."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // Written beside, since a program that refuses its arguments reads nothing.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let out = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = |b: Vec<u8>| String::from_utf8(b).unwrap();
    Run { status: out.status.code().unwrap_or(-1), out: text(out.stdout), err: text(out.stderr) }
}

fn run(args: &[&str], input: &str) -> Run {
    run_with(args, input.as_bytes())
}

/// A folder with a small law; each test has its own.
fn folder(name: &str, extra: &[(&str, &[u8])]) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("portcullis-{}-{name}", std::process::id()));
    std::fs::create_dir_all(dir.join("toy")).unwrap();
    std::fs::write(dir.join("trade.gate"), read("docs/diagnostics/prelude.gate")).unwrap();
    std::fs::write(dir.join("toy/law.gate"), LAW).unwrap();
    for (path, bytes) in extra {
        std::fs::write(dir.join(path), bytes).unwrap();
    }
    dir
}

const LAW: &str = r#"use trade

policy toy "Toy Act" {
  source "Toy Act"
  applies when from is FR
  known from 2020-01-01 to 2029-12-31
  otherwise permit
}
fact worth: money EUR  ask "What is it worth?"
group friends { NA, NO, XK, XI }
rule ban "Export of whips" { cite "s. 1" when activity is export and goods.kind is whip then prohibit }
rule need "Export of batons" { cite "s. 2" when goods.kind is baton and not destination in friends then require paper }
licence paper "Paper" { covers when licence.destination is destination and licence.expires >= date }
"#;

const CASE: &str =
    r#"{ "date": "2026-03-02", "activity": "export", "from": "FR", "destination": "TR", "goods": { "kind": KIND } }"#;

fn case(kind: &str) -> String {
    CASE.replace("KIND", kind)
}

fn decide(dir: &std::path::Path, input: &str) -> Run {
    run(&["decide", "-p", dir.join("toy").to_str().unwrap(), "-"], input)
}

#[test]
fn the_exit_status_says_what_the_answer_is() {
    let dir = folder("status", &[]);
    decide(&dir, &case("\"guillotine\"")).exits(0).says("PERMITTED");
    decide(&dir, &case("\"whip\"")).exits(1).says("PROHIBITED");
    decide(&dir, &case("\"baton\"")).exits(1).says("LICENCE REQUIRED");
    decide(&dir, &case("null")).exits(2).says("UNDETERMINED");
    decide(&dir, &case("\"whip\"").replace("\"FR\"", "\"US\"")).exits(2).says("no policy loaded speaks to this");
    decide(&dir, &case("\"wip\"")).exits(3).says("did you mean `whip`");
    let held = case("\"baton\"").replace(" }\n", "").replacen(
        '{',
        r#"{ "licences": [{ "licence": "paper", "destination": "TR", "expires": "2026-03-02" }],"#,
        1,
    );
    decide(&dir, &held).exits(0).says("may proceed");
    run(&["decide", "-p", "nowhere.at.all", "-"], "{}").exits(3).says("there is no file, folder or shipped policy");
    run(&["decide"], "").exits(3);
}

#[test]
fn one_bad_line_ends_nothing_and_keeps_its_place() {
    let dir = folder("lines", &[]);
    let lines = [case("\"whip\""), "{ not json".to_owned(), case("\"guillotine\""), case("\"guilotine\"")].join("\n");
    let policy = dir.join("toy");
    let found = run(&["decide", "-p", policy.to_str().unwrap(), "--format", "json", "-"], &lines);
    found.exits(3);
    let outcomes: Vec<String> = found
        .out
        .lines()
        .map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap()["outcome"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(outcomes, ["prohibited", "error", "permitted", "error"]);
    assert!(found.err.contains("-:2:") && found.err.contains("-:4:"), "{}", found.err);
}

#[test]
fn one_object_over_many_lines_is_one_consignment() {
    let dir = folder("pretty", &[]);
    let pretty = case("\"whip\"").replace(", ", ",\n  ");
    let policy = dir.join("toy");
    let found = run(&["decide", "-p", policy.to_str().unwrap(), "--format", "json"], &pretty);
    found.exits(1);
    assert_eq!(found.out.lines().count(), 1);
}

#[test]
fn facts_and_a_date_are_set_on_top() {
    let dir = folder("set", &[]);
    let policy = dir.join("toy");
    let at = policy.to_str().unwrap();
    let undated = r#"{ "activity": "export", "from": "FR", "goods": {} }"#;
    run(&["decide", "-p", at, "-"], undated).exits(3).says("no date");
    run(&["decide", "-p", at, "--as-of", "2026-03-02", "--set", "goods.kind=whip", "-"], undated).exits(1);
    run(&["decide", "-p", at, "--as-of", "2026-03-02", "--set", "goods.knd=whip", "-"], undated)
        .exits(3)
        .says("goods.kind");
    run(&["decide", "-p", at, "--as-of", "2026-02-30", "-"], undated).exits(3).says("2026-03-02");
    run(&["decide", "-p", at, "--set", "goods.kind", "-"], undated).exits(3).says("FACT=VALUE");
    run(&["decide", "-p", at, "--set", "goods.kind=unknown", "-"], &case("\"whip\"")).exits(2);
}

#[test]
fn bad_consignments_are_refused_with_their_place() {
    let dir = folder("bad", &[]);
    let whole = case("\"whip\"");
    let of = |from: &str, to: &str| decide(&dir, &whole.replace(from, to));
    of("\"kind\"", "\"code\": 94010000, \"kind\"").exits(3).says("leading zeros");
    of("\"kind\"", "\"length\": \"12345678901.1234567 mm\", \"kind\"").exits(3).says("16 digits");
    of("\"kind\"", "\"length\": 12, \"kind\"").exits(3).says("value and unit in quotes");
    of("\"kind\"", "\"length\": \"12 kg\", \"kind\"").exits(3).says("`kg` measures mass");
    of("\"kind\"", "\"length\": \"12 furlongs\", \"kind\"").exits(3).says("no known unit");
    of("\"TR\"", "\"QQ\"").exits(3).says("no country code");
    of("\"TR\"", "\"tr\"").exits(3).says("no country code");
    of("\"2026-03-02\"", "\"2026-02-30\"").exits(3).says("2026-03-02");
    of("\"kind\"", "\"kind\": \"whip\", \"kind\"").exits(3).says("stands twice");
    of("\"kind\"", "\"kimd\"").exits(3).says("did you mean `goods.kind`");
    of("\"from\"", "\"goods.kind\": \"whip\", \"from\"").exits(3).says("does not belong here");
    of("\"kind\": \"whip\"", "\"worn\": \"yes\"").exits(3).says("without quotes");
    decide(&dir, "").exits(3);
    decide(&dir, "[]").exits(3).says("one JSON object");
    run_with(&["decide", "-p", dir.join("toy").to_str().unwrap(), "-"], b"{ \"date\": \"\xff\" }")
        .exits(3)
        .says("UTF-8");
    // Several mistakes are all said at once.
    let all = decide(&dir, &whole.replace("\"TR\"", "\"QQ\"").replace("\"export\"", "\"exprt\""));
    all.exits(3).says("`destination`").says("did you mean `export`");
}

#[test]
fn what_looks_odd_but_is_right_is_taken() {
    let dir = folder("odd", &[]);
    let whole = case("\"baton\"");
    for friend in ["NA", "NO", "XK", "XI"] {
        decide(&dir, &whole.replace("\"TR\"", &format!("\"{friend}\""))).exits(0).says("PERMITTED");
    }
    // A code that ISO has withdrawn is a place, and in no group.
    decide(&dir, &whole.replace("\"TR\"", "\"AN\"")).exits(1).says("LICENCE REQUIRED");
    decide(&dir, &format!("\u{feff}{}", whole.replace(", ", ",\r\n"))).exits(1);
    decide(&dir, &case("\"guillotine\"").replace("\"from\"", "\"worth\": \"5 USD\", \"from\""))
        .exits(0)
        .says("another currency");
    decide(&dir, &case("\"guillotine\"").replace("\"TR\"", "null")).exits(0);
}

#[test]
fn limits_are_kept_and_named() {
    let dir = folder("limits", &[]);
    let policy = dir.join("toy");
    let at = policy.to_str().unwrap();
    let long = case("\"whip\"").replace("\"TR\"", &format!("\"{}\"", "x".repeat(1024 * 1024)));
    run(&["decide", "-p", at, "-"], &long).exits(3).says("1048576");
    // A line that is too long is one error, and the next line is decided.
    let lines = format!("{}\n{long}\n{}\n", case("\"whip\""), case("\"whip\""));
    let found = run(&["decide", "-p", at, "--format", "json", "-"], &lines);
    found.exits(3);
    assert_eq!(found.out.lines().count(), 3, "{}", found.err);
    let deep = format!("{{ \"date\": {}1{} }}", "[".repeat(200), "]".repeat(200));
    run(&["decide", "-p", at, "-"], &deep).exits(3).says("deeper than 200");
    let items = |n: usize| {
        format!("{{ \"date\": \"2026-03-02\", \"from\": \"US\", \"goods\": [{}] }}", vec!["{}"; n].join(","))
    };
    run(&["decide", "-p", at, "-"], &items(10_001)).exits(3).says("at most 10000");
    run(&["decide", "-p", at, "-"], &items(3)).exits(2);
    std::fs::write(dir.join("toy/large.gate"), vec![b' '; 4 * 1024 * 1024 + 1]).unwrap();
    run(&["check", at], "").exits(3).says("4194304");
    std::fs::write(dir.join("toy/large.gate"), vec![b' '; 4 * 1024 * 1024]).unwrap();
    run(&["check", at], "").exits(0);
}

#[test]
fn bad_law_is_refused_all_at_once() {
    let two: &[u8] = b"use trade\n\nrule x \"X\" { cite \"1\" wen a then prohibit }\n\nrule y \"Y\" { cite \"2\" when goods.knd is whip then prohibit }\n";
    let dir = folder("law", &[("toy/more.gate", two)]);
    let at = dir.join("toy");
    let found = run(&["check", at.to_str().unwrap()], "");
    found.exits(3).says("did you mean `when`").says("did you mean `goods.kind`").says("2 errors");
    assert!(found.out.is_empty(), "nothing but the answer goes to standard output");
    std::fs::write(dir.join("toy/more.gate"), b"fact \xff: yes/no").unwrap();
    run(&["check", at.to_str().unwrap()], "").exits(3).says("not UTF-8");
    std::fs::write(dir.join("toy/more.gate"), b"").unwrap();
    run(&["check", at.to_str().unwrap()], "").exits(0);
    std::fs::write(dir.join("toy/more.gate"), "\u{feff}# only a comment\r\n".as_bytes()).unwrap();
    run(&["check", at.to_str().unwrap()], "").exits(0);
}

#[test]
fn nothing_is_painted_where_nobody_looks() {
    let dir = folder("paint", &[]);
    let policy = dir.join("toy");
    let at = policy.to_str().unwrap();
    let args = |when: &'static str| ["decide", "-p", at, "--color", when, "-"];
    assert!(!run(&args("auto"), &case("\"whip\"")).out.contains('\u{1b}'));
    assert!(!run(&args("never"), &case("\"whip\"")).out.contains('\u{1b}'));
    assert!(run(&args("always"), &case("\"whip\"")).out.contains('\u{1b}'));
    let wide = run(&args("never"), &case("\"whip\"")).out;
    assert!(wide.lines().all(|l| l.chars().count() <= 80), "{wide}");
}

#[test]
fn tests_of_law_say_what_was_expected_and_what_came() {
    let text: &[u8] = b"use trade\n\ntest \"a whip\" { given date 2026-03-02, activity export, from FR, goods { kind whip } expect prohibited by ban }\n\
        test \"a baton\" { given date 2026-03-02, activity export, from FR, destination TR, goods { kind baton } expect permitted }\n";
    let dir = folder("tests", &[("toy/law.test.gate", text)]);
    let at = dir.join("toy");
    let at = at.to_str().unwrap();
    run(&["test", at], "")
        .exits(1)
        .says("expected: permitted")
        .says("licence_required by need")
        .says("1 passed, 1 failed");
    run(&["test", "--filter", "whip", at], "").exits(0).says("1 passed, 0 failed");
    run(&["test", "--filter", "nothing", at], "").exits(1).says("no test was found");
    let json = run(&["test", "--format", "json", at], "");
    let found: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((found["passed"].as_u64(), found["failed"].as_u64()), (Some(1), Some(1)));
}

#[test]
fn law_is_laid_out_and_stays_so() {
    let dir = folder("layout", &[]);
    let at = dir.join("toy");
    let at = at.to_str().unwrap();
    run(&["fmt", "--check", at], "").exits(1).says("is not laid out");
    run(&["fmt", at], "").exits(0);
    run(&["fmt", "--check", at], "").exits(0);
    run(&["check", at], "").exits(0);
}

#[test]
fn law_is_looked_up() {
    run(&["show", "annex_II.4.3"], "").exits(0).says("Sjamboks").says("Annex II, item 4.3").says("art_3_1");
    run(&["show", "annex_II.4.33"], "").exits(3).says("did you mean");
    run(&["find", "7326 90 98"], "").exits(0).says("annex_II.2.2").says("in part");
    run(&["find", "sjambok"], "").exits(0).says("annex_II.4.3");
    run(&["find", "nothing of the kind"], "").exits(1).says("no clearance");
    run(&["explain", "ex-without-condition"], "").exits(0).says("# ex-without-condition");
    run(&["explain", "ex-without-conditon"], "").exits(3).says("did you mean `ex-without-condition`");
    run(&["--version"], "").exits(0).says("eu.torture sha256:");
    run(&["completions", "bash"], "").exits(0).says("portcullis");
}

#[test]
fn the_schema_and_the_template_fit_what_is_read() {
    let schema = run(&["schema", "-p", "eu.torture"], "");
    let parsed: serde_json::Value = serde_json::from_str(&schema.exits(0).out).unwrap();
    assert_eq!(parsed["properties"]["from"]["type"][0], "string");
    let template = run(&["schema", "-p", "eu.torture", "--template", "json"], "");
    template.exits(0);
    assert!(template.out.contains("\"kind\": null"), "{}", template.out);
    run(&["schema", "-p", "eu.torture", "--template", "csv"], "").exits(0).says(",goods.kind,");
    // With the date alone nothing is known, and nothing is cleared.
    let dir = folder("template", &[]);
    let at = dir.join("toy");
    let at = at.to_str().unwrap();
    let empty = run(&["schema", "-p", at, "--template"], "").out;
    run(&["decide", "-p", at, "--as-of", "2026-03-02", "-"], &empty).exits(2).says("UNDETERMINED");
    run(&["schema", "-p", "eu.torture", "--decision"], "").exits(0).says("portcullis.decision/1");
}

/// Messages and answers as they look, kept beside what causes them.
#[test]
fn messages_and_answers_look_as_they_did() {
    let dir = folder("looks", &[]);
    let at = dir.join("toy");
    let shown =
        |run: Run| format!("{}{}", run.out, run.err).replace(dir.to_str().unwrap(), "LAW").replace("/private", "");
    let text = "use trade\n\ncategory list \"List\" {\n  category 1 \"Whips\" { code CN ex 6602 00 00 }\n}\nexception e \"E\" to list.1 {\n  cite \"1\"\n  when goods.length > 12 kg\n  then permit\n}\n";
    std::fs::write(dir.join("toy/more.gate"), text).unwrap();
    let found = run(&["check", "--color", "never", at.to_str().unwrap()], "");
    insta::assert_snapshot!("law_with_mistakes", format!("{text}\n----\n{}", shown(found)));
    std::fs::remove_file(dir.join("toy/more.gate")).unwrap();
    let input = case("\"wip\"");
    insta::assert_snapshot!("consignment_with_a_mistake", format!("{input}\n----\n{}", shown(decide(&dir, &input))));
    for (name, kind) in [("prohibited", "\"whip\""), ("licence_required", "\"baton\""), ("undetermined", "null")] {
        let input = case(kind);
        insta::assert_snapshot!(format!("decision_{name}"), format!("{input}\n----\n{}", shown(decide(&dir, &input))));
    }
    let args = ["decide", "-p", at.to_str().unwrap(), "--format", "json", "-"];
    insta::assert_snapshot!("decision_json", shown(run(&args, &case("\"whip\""))).replace(",\"", ",\n\""));
}
