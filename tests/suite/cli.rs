//! The built program, run as people and scripts run it: exit status, standard output, standard error.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

/// A folder of its own for one test, taken away at the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("edge-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    /// Writes a file and gives the folder back.
    pub fn with(self, name: &str, text: impl AsRef<[u8]>) -> Folder {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// One run of the program: what it is given, and what it must answer.
#[must_use]
pub struct Run<'f> {
    folder: &'f Folder,
    args: Vec<String>,
    stdin: Vec<u8>,
    env: Vec<(String, String)>,
}

/// What it answered.
#[derive(Debug)]
pub struct Answer {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

/// `portcullis ARGS` in a folder; words are split at blanks.
pub fn run<'f>(folder: &'f Folder, args: &str) -> Run<'f> {
    let args = args.split_whitespace().map(str::to_owned).collect();
    Run { folder, args, stdin: Vec::new(), env: Vec::new() }
}

impl Run<'_> {
    /// One more argument, blanks and all.
    pub fn arg(mut self, arg: &str) -> Self {
        self.args.push(arg.to_owned());
        self
    }

    pub fn stdin(mut self, text: impl AsRef<[u8]>) -> Self {
        self.stdin = text.as_ref().to_vec();
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs, and checks the exit status.
    pub fn exits(self, status: i32) -> Answer {
        let said = self.args.join(" ");
        let answer = self.answer();
        assert_eq!(answer.status, status, "portcullis {said}\n{}\n{}", answer.stdout, answer.stderr);
        answer
    }

    /// Runs, whatever the exit status.
    pub fn answer(self) -> Answer {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
        command.args(&self.args).current_dir(&self.folder.0);
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR"] {
            command.env_remove(name);
        }
        command.envs(self.env.iter().map(|(n, v)| (n, v)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let text = self.stdin.clone();
        let writer = std::thread::spawn(move || {
            // A program that ends before it has read all is no mistake of the test.
            let _ = input.write_all(&text);
        });
        let out = child.wait_with_output().unwrap();
        writer.join().unwrap();
        Answer {
            status: out.status.code().unwrap_or(-1),
            stdout: String::from_utf8(out.stdout).unwrap(),
            stderr: String::from_utf8(out.stderr).unwrap(),
        }
    }
}

impl Answer {
    /// Standard output holds each of these.
    pub fn says(self, parts: &[&str]) -> Self {
        parts.iter().for_each(|p| assert!(self.stdout.contains(p), "no `{p}` in\n{}\n{}", self.stdout, self.stderr));
        self
    }

    /// Standard error holds each of these.
    pub fn complains(self, parts: &[&str]) -> Self {
        parts.iter().for_each(|p| assert!(self.stderr.contains(p), "no `{p}` in\n{}\n{}", self.stderr, self.stdout));
        self
    }

    /// Nothing stands on standard output.
    pub fn says_nothing(self) -> Self {
        assert_eq!(self.stdout, "", "{}", self.stderr);
        self
    }

    /// Nothing stands on standard error.
    pub fn complains_of_nothing(self) -> Self {
        assert_eq!(self.stderr, "", "{}", self.stdout);
        self
    }

    /// Standard output as one JSON value a line.
    pub fn lines(&self) -> Vec<Value> {
        self.stdout.lines().map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}"))).collect()
    }
}

pub const TRADE: &str = "\
fact date: date

fact destination: country
  ask \"For which country are the goods meant?\"

fact shown: yes/no

fact goods.kind: one of { whip, baton, rope }
  ask \"What are the goods?\"

fact goods.code: code CN

fact goods.length: length

fact licence.destination: country

fact licence.number: text
";

const ACT: &str = "\
use trade

policy island \"Island Act\" {
  source \"Island Act 2020\"
  applies when destination is not FR
  known from 2020-01-01 to 2029-12-31
  otherwise permit
}

licence single \"Single licence\" {
  document \"L1\"
  covers when licence.destination is destination
}

category list \"Goods that nobody may send\" {
  cite \"Schedule 1\"
  code CN ex 6602 00 00
  when goods.kind is whip
  words en \"scourge\"
        de \"Geißel\"
}

rule s_1 \"Export of whips\" {
  cite \"s. 1\"
  when goods in list
  then prohibit
}

rule s_2 \"Export of batons\" {
  cite \"s. 2\"
  when goods.kind is baton and goods.length >= 30 cm
  then require single
}

exception s_3 \"Goods to be shown\" to s_1 {
  cite \"s. 3\"
  when shown
  then permit
}
";

const TESTS: &str = "\
use trade

test \"whips are banned\" {
  given date 2026-03-02, destination TR, shown no, goods { code 6602 00 00, kind whip }
  expect prohibited by s_1 in list
}

test \"a long baton needs a licence\" {
  given date 2026-03-02, destination TR, goods { kind baton, length 40 cm }
  expect licence_required by s_2 requires single
}
";

/// The toy law on disk.
pub fn island() -> Folder {
    Folder::new().with("law/trade.gate", TRADE).with("law/island/act.gate", ACT).with("law/island/act.test.gate", TESTS)
}

/// `{ "date": …, "destination": "TR", "goods": {…} }` with more at the top.
pub fn case(goods: Value, more: Value) -> String {
    let mut out = json!({ "date": "2026-03-02", "destination": "TR", "goods": goods });
    out.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    out.to_string()
}

pub fn whip() -> String {
    case(json!({ "kind": "whip", "code": "6602 00 00" }), json!({ "shown": false, "id": "W1" }))
}

pub fn rope() -> String {
    case(json!({ "kind": "rope" }), json!({ "id": "R1" }))
}

pub fn baton(licence: Value) -> String {
    case(json!({ "kind": "baton", "length": "40 cm" }), json!({ "id": "B1", "licences": licence }))
}

pub fn open() -> String {
    case(json!({ "kind": "baton" }), json!({ "id": "O1" }))
}

pub const DECIDE: &str = "decide -p law";

// ------------------------------------------------------------------------------------------------------- exit status

#[test]
fn decide_answers_by_its_exit_status() {
    let f = island();
    let decide = |case: &str| run(&f, DECIDE).stdin(case);
    decide(&rope()).exits(0).says(&["PERMITTED - may proceed"]).complains_of_nothing();
    decide(&whip()).exits(1).says(&["PROHIBITED - may not proceed"]).complains_of_nothing();
    decide(&baton(json!([]))).exits(1).says(&["LICENCE REQUIRED - may not proceed"]);
    let held = json!([{ "licence": "single", "destination": "TR" }]);
    decide(&baton(held)).exits(0).says(&["LICENCE REQUIRED - may proceed"]);
    // Held, but not said for where: open.
    decide(&baton(json!([{ "licence": "single" }]))).exits(2).says(&["licence.destination"]);
    decide(&open()).exits(2).says(&["UNDETERMINED", "goods.length"]).complains_of_nothing();
    let france = r#"{ "date": "2026-03-02", "destination": "FR" }"#;
    decide(france).exits(2).says(&["NOT APPLICABLE", "no clearance", "no policy loaded speaks to this"]);
    let before = r#"{ "date": "2019-12-31", "destination": "TR", "goods": { "kind": "rope" } }"#;
    decide(before).exits(2).says(&["UNDETERMINED"]);
    decide("{").exits(3).says_nothing().complains(&["this is not JSON"]);
    decide(r#"{ "destination": "TR" }"#).exits(3).says_nothing().complains(&["missing-date"]);
}

#[test]
fn prohibited_or_not_held_is_no_even_where_the_outcome_is_open() {
    // A whip shown or a whip: prohibited, or permitted; a baton or a whip: prohibited, or a licence that is not held.
    let f = island();
    let listed = json!([{ "kind": "whip", "code": "6602 00 00" }, { "kind": "baton", "length": "40 cm" }]);
    let case = json!({ "date": "2026-03-02", "destination": "TR", "goods": listed }).to_string();
    run(&f, DECIDE).stdin(&case).exits(1).says(&["UNDETERMINED - may not proceed"]);
}

#[test]
fn several_answers_give_the_worst_exit_status() {
    let f = island();
    let status = |lines: &[String]| run(&f, "decide -p law --format json").stdin(lines.join("\n")).answer().status;
    assert_eq!(status(&[rope(), rope()]), 0);
    assert_eq!(status(&[rope(), open()]), 2);
    assert_eq!(status(&[open(), whip(), rope()]), 1);
    assert_eq!(status(&[rope(), whip(), "{ \"date\": 1 }".to_owned(), open()]), 3);
}

// ------------------------------------------------------------------------------------------------------------ decide

#[test]
fn decide_reads_files_lines_and_standard_input() {
    let f = island()
        .with("rope.json", rope())
        .with("whip.json", whip())
        .with("day.jsonl", [rope(), open(), whip()].join("\n"))
        .with("day.ndjson", [rope(), rope()].join("\r\n") + "\r\n");
    let ids = |a: &Answer| a.lines().iter().map(|l| l["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let json = "decide -p law --format json";
    assert_eq!(ids(&run(&f, &format!("{json} rope.json")).exits(0)), ["R1"]);
    assert_eq!(ids(&run(&f, &format!("{json} whip.json rope.json")).exits(1)), ["W1", "R1"]);
    assert_eq!(ids(&run(&f, &format!("{json} day.jsonl")).exits(1)), ["R1", "O1", "W1"]);
    assert_eq!(ids(&run(&f, &format!("{json} day.ndjson rope.json")).exits(0)), ["R1", "R1", "R1"]);
    let lines = [whip(), rope()].join("\n");
    assert_eq!(ids(&run(&f, &format!("{json} -")).stdin(&lines).exits(1)), ["W1", "R1"]);
    assert_eq!(ids(&run(&f, json).stdin(format!("{lines}\n\n")).exits(1)), ["W1", "R1"]);
    // One object over many lines.
    let pretty = serde_json::to_string_pretty(&serde_json::from_str::<Value>(&whip()).unwrap()).unwrap();
    assert_eq!(ids(&run(&f, json).stdin(&pretty).exits(1)), ["W1"]);
    assert_eq!(ids(&run(&f, &format!("{json} rope.json -")).stdin(&pretty).exits(1)), ["R1", "W1"]);
    // Objects in a list over many lines are one consignment still.
    let items = json!({ "id": "I1", "date": "2026-03-02", "destination": "TR", "goods": [{ "kind": "rope" }, { "kind": "rope" }] });
    let text = "{ \"id\": \"I1\", \"date\": \"2026-03-02\", \"destination\": \"TR\", \"goods\": [\n{ \"kind\": \"rope\" },\n{ \"kind\": \"rope\" }\n] }\n";
    let (a, b) = (run(&f, json).stdin(text).exits(0), run(&f, json).stdin(items.to_string()).exits(0));
    assert_eq!(a.stdout, b.stdout);
    run(&f, &format!("{json} nowhere.json rope.json")).exits(3).complains(&["nowhere.json"]);
}

#[test]
fn a_bad_line_ends_nothing_and_keeps_its_place() {
    let f = island();
    let long = format!("{{ \"id\": \"{}\" }}", "x".repeat(1024 * 1024));
    let lines = [
        rope(),
        "{ \"date\": ".to_owned(),
        whip(),
        r#"{ "id": "U1", "date": "2026-03-02", "goods": { "knd": "whip" } }"#.to_owned(),
        "[1, 2]".to_owned(),
        long,
        "null".to_owned(),
        rope(),
    ];
    let f = f.with("day.jsonl", lines.join("\n"));
    let answer = run(&f, "decide -p law --format json day.jsonl").exits(3);
    let found: Vec<(Value, String)> =
        answer.lines().iter().map(|l| (l["id"].clone(), l["outcome"].as_str().unwrap().to_owned())).collect();
    let outcomes: Vec<&str> = found.iter().map(|(_, o)| o.as_str()).collect();
    let wanted = ["permitted", "error", "prohibited", "error", "error", "error", "error", "permitted"];
    assert_eq!(outcomes, wanted);
    assert_eq!(found[3].0, json!("U1"), "an answer in error keeps its identifier");
    assert!(answer.lines().iter().all(|l| l["schema"] == "portcullis.decision/1"));
    assert!(answer.lines().iter().filter(|l| l["outcome"] == "error").all(|l| l["may_proceed"].is_null()));
    answer.complains(&["day.jsonl:2", "day.jsonl:4", "did you mean `goods.kind`?", "1048576"]);
}

#[test]
fn a_first_line_that_is_bad_ends_nothing_either() {
    let f = island();
    for first in ["{ \"date\": ", "nonsense", ""] {
        let input = [first.to_owned(), rope(), whip()].join("\n");
        let answer = run(&f, "decide -p law --format json").stdin(&input).exits(if first.is_empty() { 1 } else { 3 });
        let outcomes: Vec<String> = answer.lines().iter().map(|l| l["outcome"].as_str().unwrap().to_owned()).collect();
        let bad: &[&str] = if first.is_empty() { &[] } else { &["error"] };
        assert_eq!(outcomes, [bad, &["permitted", "prohibited"]].concat(), "after `{first}`");
        assert_eq!(answer.stderr.contains("-:1:"), !first.is_empty(), "{}", answer.stderr);
    }
}

#[test]
fn facts_and_the_date_are_set_on_top() {
    let f = island();
    run(&f, "decide -p law --set goods.kind=baton").arg("--set").arg("goods.length = 30 cm").stdin(rope()).exits(1);
    run(&f, "decide -p law --set goods.kind=unknown").stdin(rope()).exits(2);
    run(&f, "decide -p law --set destination=FR").stdin(rope()).exits(2).says(&["NOT APPLICABLE"]);
    run(&f, "decide -p law --set goods.knd=whip").stdin(rope()).exits(3).says_nothing().complains(&["goods.kind"]);
    run(&f, "decide -p law --set goods.kind=wip").stdin(rope()).exits(3).complains(&["did you mean `whip`?"]);
    run(&f, "decide -p law --set goods.kind").stdin(rope()).exits(3).complains(&["FACT=VALUE"]);
    let undated = r#"{ "destination": "TR", "goods": { "kind": "rope" } }"#;
    run(&f, "decide -p law --as-of 2026-03-02").stdin(undated).exits(0).says(&["law of 2026-03-02"]);
    run(&f, "decide -p law --as-of 2019-03-02").stdin(undated).exits(2);
    // The consignment's own date comes first.
    run(&f, "decide -p law --as-of 2019-03-02").stdin(rope()).exits(0).says(&["law of 2026-03-02"]);
    run(&f, "decide -p law --as-of 2026-02-30").stdin(rope()).exits(3).says_nothing().complains(&["2026-02-30"]);
}

#[test]
fn why_gives_the_trace_and_json_one_object_a_line() {
    let f = island();
    let plain = run(&f, DECIDE).stdin(whip()).exits(1);
    let why = run(&f, "decide -p law --why").stdin(whip()).exits(1);
    assert!(!plain.stdout.contains("goods.kind = whip") && why.stdout.contains("goods.kind = whip"), "{}", why.stdout);
    why.says(&["s_1", "act.gate:", "s. 1"]);
    let json = run(&f, "decide -p law --format json").stdin(whip()).exits(1);
    assert_eq!(json.stdout.lines().count(), 1);
    let answer = &json.lines()[0];
    assert_eq!(
        (&answer["id"], &answer["outcome"], &answer["may_proceed"]),
        (&json!("W1"), &json!("prohibited"), &json!(false))
    );
    assert_eq!(answer["policies"][0]["categories"], json!(["list"]));
    assert!(answer["policies"][0].get("why").is_none());
    let traced = run(&f, "decide -p law --why --format json").stdin(whip()).exits(1);
    assert!(!traced.lines()[0]["policies"][0]["why"].as_array().unwrap().is_empty());
}

#[test]
fn every_text_answer_ends_with_what_is_known_and_that_it_is_no_advice() {
    let f = island();
    for case in [rope(), whip(), open(), r#"{ "date": "2026-03-02", "destination": "FR" }"#.to_owned()] {
        let answer = run(&f, DECIDE).stdin(&case).answer();
        let last = answer.stdout.trim_end().lines().last().unwrap().to_owned();
        assert!(last.contains("island to 2029-12-31") && last.contains("not legal advice"), "{last}");
    }
    let found = ["show s_1", "show list", "show single", "show goods.kind", "find whips", "find 6602", "find nothing"];
    for args in found {
        let answer = run(&f, &format!("{args} -p law")).answer();
        let last = answer.stdout.trim_end().lines().last().unwrap().to_owned();
        assert_eq!(last, "Law known: island to 2029-12-31. This is not legal advice.", "{args}");
    }
}

#[test]
fn the_same_input_gives_the_same_bytes_whatever_the_locale() {
    let f = island();
    let input = [whip(), open(), rope()].join("\n");
    let one = run(&f, "decide -p law --why --format json").stdin(&input).exits(1);
    let turkish =
        run(&f, "decide -p law --why --format json").stdin(&input).env("LC_ALL", "tr_TR.UTF-8").env("TZ", "Asia/Tokyo");
    assert_eq!(one.stdout, turkish.exits(1).stdout);
}

// --------------------------------------------------------------------------------------------------- output, manners

#[test]
fn nothing_but_the_answer_stands_on_standard_output() {
    let f = island();
    for args in [
        "decide -p nowhere",
        "check nowhere",
        "show -p nowhere x",
        "find -p nowhere x",
        "schema -p nowhere",
        "test nowhere",
    ] {
        run(&f, args).stdin(rope()).exits(3).says_nothing().complains(&["nowhere"]);
    }
    for args in ["", "decide", "frobnicate", "decide -p law --format yaml", "--color sometimes decide -p law"] {
        run(&f, args).stdin(rope()).exits(3).says_nothing();
    }
    run(&f, "--help").exits(0).complains_of_nothing().says(&["decide", "check"]);
    for verb in ["check", "fmt", "decide", "show", "find", "explain", "test", "schema", "completions"] {
        run(&f, &format!("{verb} --help")).exits(0).complains_of_nothing().says(&["Example"]);
    }
}

#[test]
fn nothing_is_painted_unless_asked() {
    let f = island();
    let runs = |more: &str| {
        [
            run(&f, &format!("{DECIDE} {more}")).stdin(whip()).exits(1),
            run(&f, &format!("decide -p law --why {more}")).stdin(open()).exits(2),
            run(&f, &format!("{DECIDE} {more}")).stdin("{").exits(3),
            run(&f, &format!("show -p law s_1 {more}")).exits(0),
            run(&f, &format!("show -p law s_11 {more}")).exits(3),
            run(&f, &format!("check nowhere {more}")).exits(3),
        ]
    };
    for more in ["", "--color never", "--color auto"] {
        for answer in runs(more) {
            assert!(!answer.stdout.contains('\u{1b}') && !answer.stderr.contains('\u{1b}'), "{more}: {answer:?}");
        }
    }
    let painted = run(&f, &format!("{DECIDE} --color always")).stdin(whip()).exits(1);
    assert!(painted.stdout.contains("\u{1b}["), "{painted:?}");
    let complaint = run(&f, &format!("{DECIDE} --color always")).stdin("{").exits(3);
    assert!(complaint.stderr.contains("\u{1b}["), "{complaint:?}");
    // Paint changes nothing else.
    let plain = run(&f, DECIDE).stdin(whip()).exits(1).stdout;
    let mut bare = String::new();
    let mut rest = painted.stdout.as_str();
    while let Some(i) = rest.find('\u{1b}') {
        bare.push_str(&rest[..i]);
        rest = &rest[i + rest[i..].find('m').unwrap() + 1..];
    }
    assert_eq!(bare + rest, plain);
    // JSON is never painted.
    let json = run(&f, "decide -p law --format json --color always").stdin(whip()).exits(1);
    assert!(!json.stdout.contains('\u{1b}'));
}

#[test]
fn no_line_of_a_report_is_wider_than_eighty_columns() {
    let f = island();
    for args in ["decide -p law --why", "show -p law s_1", "show -p law list", "find -p law whips"] {
        let answer = run(&f, args).stdin([whip(), open()].join("\n")).answer();
        let wide: Vec<&str> = answer.stdout.lines().filter(|l| l.chars().count() > 80).collect();
        // A path may be as long as it is.
        assert!(wide.iter().all(|l| l.contains(".gate:")), "{wide:?}");
    }
}

#[test]
fn a_reader_that_stops_early_is_no_error() {
    let f = island();
    let input = vec![rope(); 2_000].join("\n");
    let mut child = Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(["decide", "-p", "law", "--format", "json"])
        .current_dir(&f.0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let out = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&out.stderr), "");
}

// ---------------------------------------------------------------------------------------------------- files on disk

#[test]
fn the_root_is_the_nearest_folder_above_that_holds_trade_gate() {
    let f = island().with("other/trade.gate", TRADE);
    run(&f, "check law/island/act.gate").exits(0);
    run(&f, "check --root law law/island").exits(0);
    run(&f, "check --root other law/island").exits(3).says_nothing().complains(&["not below the root"]);
    run(&f, "decide -p law/island").stdin(rope()).exits(0);
    run(&f, "check law other").exits(3).complains(&["different roots"]);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_change_nothing() {
    let windows = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let f = Folder::new()
        .with("law/trade.gate", windows(TRADE))
        .with("law/island/act.gate", windows(ACT))
        .with("law/island/act.test.gate", windows(TESTS))
        .with("whip.json", windows(&whip()))
        .with("day.jsonl", windows(&[whip(), rope()].join("\n")));
    run(&f, "check law/island/act.gate").exits(0).complains_of_nothing();
    run(&f, "test law").exits(0).says(&["2 passed"]);
    run(&f, "decide -p law/island whip.json").exits(1).says(&["PROHIBITED"]);
    assert_eq!(run(&f, "decide -p law --format json day.jsonl").exits(1).lines().len(), 2);
    let bytes = whip().into_bytes();
    run(&f, DECIDE).stdin([b"\xef\xbb\xbf", bytes.as_slice()].concat()).exits(1);
}

#[test]
fn tests_that_fail_to_check_do_not_keep_a_policy_from_deciding() {
    let f = island().with("law/island/bad.test.gate", "test \"t\" { given nonsense 1 expect permitted }");
    run(&f, "check law").exits(3).complains(&["nonsense"]);
    run(&f, DECIDE).stdin(rope()).exits(0);
}

// ----------------------------------------------------------------------------------------------------- shipped law

#[test]
fn the_shipped_policy_decides_anywhere() {
    let f = Folder::new();
    let guillotine = r#"{ "date": "2026-03-02", "activity": "export", "from": "FR", "destination": "US",
        "goods": { "code": "4421 99", "kind": "guillotine", "designed_for_execution_of_humans": true } }"#;
    run(&f, "decide -p eu.torture").stdin(guillotine).exits(1).says(&["PROHIBITED", "Art. 3(1)", "annex_II.1.1"]);
    run(&f, "find sjambok").exits(0).says(&["annex_II"]);
    run(&f, "show annex_II.1.1").exits(0).says(&["4421 99"]);
    run(&f, "show annex_II.4.3").exits(0).says(&["Sjamboks", "Annex II, item 4.3", "art_3_1"]);
    run(&f, "find").arg("7326 90 98").exits(0).says(&["annex_II.2.2", "in part"]);
    run(&f, "schema -p eu.torture --template csv").exits(0).says(&[",goods.kind,"]);
    run(&f, "fmt eu.torture").exits(3).says_nothing().complains(&["shipped policy"]);
    run(&f, "decide -p eu.tortur").stdin(guillotine).exits(3).says_nothing().complains(&["eu.tortur"]);
}
