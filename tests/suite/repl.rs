//! The bench: a transcript for each command, a session driven through a terminal, and what only a test can do to one.
//!
//! `tests/fixtures/repl/*.txt` are transcripts: the lines after a prompt are typed, the rest is what must be printed.
//! Each is run in a folder of its own with the toy law in `toy` and a few consignments. After a change on purpose,
//! `UPDATE_TRANSCRIPTS=1 cargo test repl` writes them anew; read each as a reader would before it is committed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::rc::Rc;

use portcullis::LawFile;
use portcullis::session::{COMMANDS, Candidate, Completion, Files, Law, SCREEN, Session};

use crate::cli::{Folder, run};
use crate::support::{project, read};

const WHIP: &str = r#"{ "id": "whip", "date": "2026-03-02", "activity": "export", "from": "FR", "destination": "DE",
  "goods": { "code": "6602 00 00", "kind": "whip", "length": "90 cm" } }
"#;
const TWO_ITEMS: &str = r#"{ "id": "two-items", "date": "2026-03-02", "activity": "export", "from": "FR", "destination": "US",
  "goods": [ { "kind": "whip", "length": "90 cm" }, { "kind": "baton", "share": "0 %" } ],
  "licences": [ { "licence": "broad", "number": "B1" } ] }
"#;
const BAD: &str = r#"{ "date": "2026-03-02", "goods": { "kind": "whipp", "code": 6602 } }
"#;
const UNDATED: &str = r#"{ "activity": "export", "from": "FR", "destination": "DE", "goods": { "kind": "whip" } }
"#;

/// A folder with the toy law and some consignments.
fn folder() -> Folder {
    let mut folder = Folder::new();
    for file in
        ["trade.gate", "places.gate", "isle/lists.gate", "isle/policy.gate", "isle/rules.gate", "isle/marks.csv"]
    {
        folder = folder.with(&format!("toy/{file}"), read(&format!("tests/fixtures/toy/{file}")));
    }
    let consignments =
        [("whip.json", WHIP), ("two-items.json", TWO_ITEMS), ("bad.json", BAD), ("undated.json", UNDATED)];
    consignments.into_iter().fold(folder, |f, (name, text)| f.with(name, text))
}

/// The arguments of a transcript, and the lines that are typed in it.
fn script(transcript: &str) -> (String, String) {
    let (first, rest) = transcript.split_once('\n').expect("a transcript has lines");
    let args = first.strip_prefix("$ portcullis ").expect("a transcript begins with the command").to_owned();
    let typed = rest.lines().filter_map(|l| {
        let bare = |p: &str| (l == p.trim_end()).then_some("");
        let prompts = ["> ", "? ", ".. "];
        prompts.iter().find_map(|p| l.strip_prefix(p).or_else(|| bare(p)))
    });
    (args, typed.map(|l| format!("{l}\n")).collect())
}

#[test]
fn transcripts() {
    let update = std::env::var_os("UPDATE_TRANSCRIPTS").is_some();
    let mut problems = Vec::new();
    let mut names = Vec::new();
    let mut all: Vec<_> =
        std::fs::read_dir(project("tests/fixtures/repl")).unwrap().map(|e| e.unwrap().path()).collect();
    all.sort();
    for path in all {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let expected = std::fs::read_to_string(&path).unwrap();
        let (args, typed) = script(&expected);
        let folder = folder();
        // A script in which a line cannot be followed ends with status 3.
        let fails = ["error", "  ×"].iter().any(|sign| expected.lines().any(|l| l.starts_with(sign)));
        let run = run(&folder, &args).stdin(&typed);
        let answer = if update { run.answer() } else { run.exits(if fails { 3 } else { 0 }) };
        assert_eq!(answer.stderr, "", "{name}");
        let got = format!("$ portcullis {args}\n{}", answer.stdout);
        for line in got.lines().filter(|l| l.chars().count() > 80 && !l.starts_with(['>', '$']) && !as_it_is(l)) {
            problems.push(format!("{name}: wider than a screen: {line}"));
        }
        let longest =
            answer.stdout.replace("\n? ", "\n> ").split("\n> ").map(|part| part.lines().count()).max().unwrap_or(0);
        // The line that is typed, and the answer.
        if longest > SCREEN + 1 {
            problems.push(format!("{name}: an answer of {longest} lines"));
        }
        if update {
            std::fs::write(&path, &got).unwrap();
        } else if got != expected {
            problems.push(format!("{name}: the transcript differs:\n{got}"));
        }
        names.push(name);
    }
    for command in COMMANDS {
        assert!(names.iter().any(|n| n == command.name), "no transcript shows `:{}`", command.name);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

/// Lines that are not broken: those of a saved test, and what points at a place in a line.
fn as_it_is(line: &str) -> bool {
    line.starts_with("  given ") || line.contains("╰──")
}

/// Files in memory, which a test can change while a session goes on.
#[derive(Clone, Default)]
struct Memory(Rc<RefCell<BTreeMap<String, String>>>);

impl Files for Memory {
    fn law(&self, _: &[String]) -> Result<Law, String> {
        let all = self.0.borrow();
        let law = all.iter().filter(|(p, _)| p.ends_with(".gate"));
        let files = law.map(|(p, t)| LawFile { path: p.clone(), bytes: t.clone().into_bytes() }).collect();
        Ok(Law { files, prefix: String::new(), shipped: false })
    }
    fn read(&self, path: &str) -> Result<Option<String>, String> {
        Ok(self.0.borrow().get(path).cloned())
    }
    fn write(&self, path: &str, text: &str) -> Result<(), String> {
        self.0.borrow_mut().insert(path.to_owned(), text.to_owned());
        Ok(())
    }
}

const LAW: &str = "\
fact date: date
fact destination: country
fact goods.kind: one of { whip, baton, rope }  ask \"What are the goods?\"
fact goods.length: length

policy example \"Example Act\" {
  source \"Example Act 2020\"
  applies when destination is not FR
  known from 2020-01-01
  otherwise permit
}

rule ban \"Export of whips\" { cite \"s. 1\" when goods.kind is whip then prohibit }
";

fn memory() -> (Memory, Session) {
    let files = Memory::default();
    files.write("law.gate", LAW).unwrap();
    let mut session = Session::new(Box::new(files.clone()));
    let answer = session.load(&["law.gate".to_owned()]);
    assert!(!answer.failed, "{}", answer.text());
    (files, session)
}

fn says(session: &mut Session, line: &str) -> String {
    session.line(line).text()
}

#[test]
fn a_reload_keeps_the_facts_and_shows_what_has_changed() {
    let (files, mut session) = memory();
    says(&mut session, "date 2026-03-02, destination TR, goods.kind = whip, goods.length = 1 m");
    assert!(says(&mut session, ":decide").starts_with("PROHIBITED"));
    files.write("law.gate", &LAW.replace("is whip", "is baton")).unwrap();
    let answer = says(&mut session, ":reload");
    let row = answer.lines().find(|l| l.starts_with("* outcome")).unwrap_or_else(|| panic!("{answer}"));
    assert_eq!(row.split_whitespace().collect::<Vec<_>>(), ["*", "outcome", "prohibited", "permitted"]);
    assert!(says(&mut session, "goods.kind").starts_with("goods.kind is whip (given)"));

    // A fact that the new law does not know is named, and the others are kept.
    files.write("law.gate", &LAW.replace("fact goods.length: length\n", "")).unwrap();
    assert!(says(&mut session, ":reload").contains("does not know goods.length 1 m"));
    assert!(says(&mut session, ":decide").starts_with("PROHIBITED"));
}

#[test]
fn law_that_does_not_load_leaves_the_session_as_it_was() {
    let (files, mut session) = memory();
    says(&mut session, "date 2026-03-02, destination TR, goods.kind = whip");
    files.write("law.gate", &LAW.replace("is whip", "is whipp")).unwrap();
    let answer = session.line(":reload");
    assert!(answer.failed && answer.text().contains("whipp"), "{}", answer.text());
    assert!(says(&mut session, ":decide").starts_with("PROHIBITED"));
    files.write("law.gate", LAW).unwrap();
    assert!(!session.line(":reload").failed);
    assert!(says(&mut session, ":decide").starts_with("PROHIBITED"));
}

#[test]
fn a_line_that_is_wrong_in_part_sets_nothing() {
    let (_, mut session) = memory();
    assert!(session.line("destination = TR, goods.kind = whipp").failed);
    assert!(says(&mut session, "destination").starts_with("destination is unknown"));
}

#[test]
fn a_question_hangs_on_what_can_change_its_answer_and_nothing_else() {
    let (_, mut session) = memory();
    says(&mut session, "date 2026-03-02");
    let answer = says(&mut session, "goods.kind is whip and goods.length > 1 m and destination in {TR, US}");
    for fact in ["goods.kind:", "goods.length:", "destination:"] {
        assert!(answer.contains(&format!("- {fact}")), "{answer}");
    }
    says(&mut session, "goods.kind = rope");
    assert!(says(&mut session, "goods.kind is whip and goods.length > 1 m").starts_with("no"));
    says(&mut session, "goods.kind = whip");
    let answer = says(&mut session, "goods.kind is whip and goods.length > 1 m");
    assert!(answer.contains("- goods.length:") && !answer.contains("- goods.kind:"), "{answer}");
}

#[test]
fn what_is_saved_is_law_in_its_one_layout_and_passes_from_then_on() {
    let (files, mut session) = memory();
    says(&mut session, "date 2026-03-02, destination TR, goods.kind = whip");
    assert!(!session.line(":save test \"a whip\" whips.test.gate").failed);
    says(&mut session, "goods.kind = rope");
    assert!(!session.line(":save test \"a rope\" whips.test.gate").failed);
    assert!(session.line(":save test \"a rope\" whips.test.gate").failed, "the name is taken");
    let text = files.read("whips.test.gate").unwrap().unwrap();
    let (tree, problems) = portcullis::syntax::parse_file(portcullis::span::FileId(0), &text);
    assert!(problems.is_empty());
    assert_eq!(portcullis::format::format(&tree), text);
    let law = files.law(&[]).unwrap();
    let policy = portcullis::Policy::load(law.files).unwrap_or_else(|r| panic!("{r}"));
    let outcomes = portcullis::testing::run(&policy, None);
    assert_eq!(outcomes.len(), 2);
    assert!(outcomes.iter().all(|o| o.passed()), "{outcomes:?}");
}

#[test]
fn whatever_is_typed_the_session_goes_on() {
    let (_, mut session) = memory();
    let deep = "(".repeat(10_000);
    let long = format!("goods.kind = {}", "x".repeat(100_000));
    let lines = [
        "\u{0}",
        "\u{feff}",
        "{",
        "}",
        "\"",
        "a = \"",
        ":",
        ": ",
        "::",
        ":load ,",
        "goods[",
        "goods[0].kind = whip",
        "goods[99999999999999999999].kind = whip",
        "=",
        "= =",
        "#",
        "goods",
        "goods = 1",
        "licences",
        "licences[1] = 2",
        "licence.number = 1",
        "destination = unknown",
        ":save",
        ":save test \"",
        ":compare",
        ":why \u{e9}",
        &deep,
        &long,
    ];
    for line in lines {
        session.line(line);
        session.complete(line, line.len());
        session.hint(line);
        for (range, _) in session.paint(line) {
            assert!(line.get(range).is_some(), "{line}");
        }
        session.goes_on(line);
    }
    assert!(says(&mut session, "destination = TR").contains("destination is TR"));
}

#[test]
fn completion_knows_what_the_cursor_stands_on() {
    let (_, session) = memory();
    let at = |line: &str| match session.complete(line, line.len()) {
        Completion::Here(start, found) => (start, found.into_iter().map(|c: Candidate| c.text).collect::<Vec<_>>()),
        Completion::Path(start) => (start, vec!["PATH".to_owned()]),
    };
    assert_eq!(at("goods.k"), (0, vec!["goods.kind".to_owned()]));
    assert_eq!(at("goods.kind = w"), (13, vec!["whip".to_owned()]));
    assert_eq!(at("goods.kind is not b"), (18, vec!["baton".to_owned()]));
    assert_eq!(at("goods.kind in {whip, r"), (21, vec!["rope".to_owned()]));
    assert_eq!(at("goods { kind w"), (13, vec!["whip".to_owned()]));
    assert_eq!(at("destination = TR, goods.l"), (18, vec!["goods.length".to_owned()]));
    assert_eq!(at("destination = Türki"), (14, vec!["TR".to_owned()]));
    assert_eq!(at("destination = Turkiye"), (14, vec!["TR".to_owned()]));
    assert_eq!(at(":wha"), (1, vec!["what-if".to_owned()]));
    assert_eq!(at(":whynot per"), (8, vec!["permitted".to_owned()]));
    assert_eq!(at(":why b"), (5, vec!["ban".to_owned()]));
    assert_eq!(at(":what-if goods.kind = r"), (22, vec!["rope".to_owned()]));
    assert_eq!(at(":open cons").1, ["PATH"]);
    assert_eq!(at(":save test \"x\" pol").1, ["PATH"]);
}

/// What the terminal shows, driven as by hand.
#[cfg(unix)]
#[test]
fn a_terminal_completes_drops_a_line_goes_on_and_recovers() -> Result<(), Box<dyn std::error::Error>> {
    let folder = folder();
    let state = folder.path().join("state");
    let session = || -> Result<rexpect::session::PtySession, Box<dyn std::error::Error>> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
        command.args(["repl", "toy"]).current_dir(folder.path()).env("TERM", "xterm").env("NO_COLOR", "1");
        command.env("XDG_STATE_HOME", &state).env("HOME", folder.path());
        let mut terminal = rexpect::session::spawn_command(command, Some(60_000))?;
        terminal.exp_string("9 rules")?;
        terminal.exp_string("> ")?;
        Ok(terminal)
    };
    let mut terminal = session()?;
    // Tab completes a fact, and then its value.
    terminal.send("goods.ki\t = wh\t")?;
    terminal.flush()?;
    terminal.exp_string("goods.kind = whip")?;
    terminal.send("\r")?;
    terminal.flush()?;
    terminal.exp_string("  goods.kind is whip")?;
    terminal.exp_string("> ")?;
    // Ctrl-C drops the line that is being typed and nothing else.
    terminal.send("destination = T")?;
    terminal.send_control('c')?;
    terminal.exp_string("the line is dropped")?;
    terminal.exp_string("> ")?;
    // An open bracket goes on over lines.
    terminal.send("goods {\rlength 90 cm\r}\r")?;
    terminal.flush()?;
    terminal.exp_string("  goods.length is 90 cm")?;
    terminal.exp_string("> ")?;
    // A mistake ends nothing.
    terminal.send("goods.kind = whipp\r")?;
    terminal.flush()?;
    terminal.exp_string("did you mean `whip`?")?;
    terminal.exp_string("> ")?;
    terminal.send("goods.kind\r")?;
    terminal.flush()?;
    terminal.exp_string("goods.kind is whip (given)")?;
    terminal.exp_string("> ")?;
    // Ctrl-D ends.
    terminal.send_control('d')?;
    terminal.exp_eof()?;
    // The lines are there again the next time.
    assert!(Path::new(&state).join("portcullis/repl-history").is_file());
    let mut again = session()?;
    again.send("\x1b[A")?;
    again.flush()?;
    again.exp_string("goods.kind")?;
    again.send_control('c')?;
    again.exp_string("the line is dropped")?;
    again.exp_string("> ")?;
    again.send_control('d')?;
    again.exp_eof()?;
    Ok(())
}
