//! Everything these pages show runs: README, ARCHITECTURE, CONTRIBUTING, the guide, the examples.
//!
//! What a block is, its first line says; `docs/guide/README.md` tells the reader the same:
//!
//! - `gate` is law: it is added to the page's file `law.gate`, or to the file named after the word. It must be laid out
//!   as `portcullis fmt` lays it out, and the page's law as a whole must load and pass the tests it holds.
//! - `gate wrong CODE` is a mistake: added to the law above, it must raise that message and no other.
//! - `gate policies/…` is quoted: the shipped file of that name must hold those lines.
//! - `json` is a consignment, decided by the law above it; the line after it that starts with `→` says what must come
//!   out, in the words of `expect`. `json NAME` and `csv NAME` are saved under that name.
//! - `console` is what a terminal shows: each line that starts with `$ ` is run, and what follows must be its output;
//!   a line of `…` stands for any lines left out, and `…` in a line for any text. It is run where the files of the page are saved, or, on a page that
//!   saves none, in the project folder. Where a command or file of a page that saves files speaks of `policies/` or
//!   `examples/`, a copy of that folder of the project stands beside them.
//! - `text NAME` is saved under that name.
//! - `python` is run by `bindings/python/tests/test_guide.py`, in the order of the page.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use portcullis::consignment::Overlay;
use portcullis::eval::decision::PolicyDecision;
use portcullis::format::format;
use portcullis::source::{SourceFile, Sources};
use portcullis::syntax::parse_file;
use portcullis::{Decision, LawFile, Options, Policy, embedded, testing};

use crate::support::{law, load, project, read};

#[path = "../../examples/decide.rs"]
#[allow(dead_code)]
mod decide;
#[path = "../../examples/stream.rs"]
#[allow(dead_code)]
mod stream;

#[test]
fn the_readme_is_true() {
    check(&["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]);
}

#[test]
fn the_guide_is_true() {
    let pages = pages("docs/guide");
    check(&pages.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(pages.len() >= 13, "the guide has {} pages", pages.len());
}

/// With `UPDATE_FINDINGS=1` the page is brought up to date: what its commands print is written below them.
#[test]
fn the_findings_are_what_the_commands_show() {
    const PAGE: &str = "docs/findings.md";
    if std::env::var_os("UPDATE_FINDINGS").is_some() {
        std::fs::write(project(PAGE), regenerated(PAGE)).expect("the page can be written");
    }
    check(&[PAGE]);
}

/// A page without files of its own, with what each of its commands prints now.
fn regenerated(name: &str) -> String {
    let page = Page::new(name);
    let (mut out, mut open, mut said) = (String::new(), false, false);
    for line in read(name).lines() {
        if let Some(info) = line.strip_prefix("```") {
            (open, said) = (info.trim() == "console", false);
        }
        // What a command printed before is left out.
        if open && said && !line.starts_with("$ ") {
            continue;
        }
        out.push_str(&format!("{line}\n"));
        if let Some(command) = line.strip_prefix("$ ").filter(|_| open) {
            page.run(command).iter().for_each(|l| out.push_str(&format!("{l}\n")));
            said = true;
        }
    }
    out
}

#[test]
fn links_lead_somewhere() {
    let mut all: Vec<String> = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/findings.md"]
        .map(str::to_owned)
        .to_vec();
    all.extend(pages("docs/guide"));
    let mut problems = Vec::new();
    for page in &all {
        let folder = Path::new(page).parent().unwrap_or(Path::new(""));
        for link in read(page).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or_default();
            if !target.is_empty() && !target.contains("://") && !project("").join(folder).join(target).exists() {
                problems.push(format!("{page}: `{link}` leads nowhere"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_grammar_on_one_page_has_the_words_of_the_grammar() {
    // Words in quotes in either; other names are lists that the page gives as they are.
    let words = |text: &str| -> BTreeSet<String> {
        let parts: Vec<&str> = text.split('"').collect();
        let word = |w: &&&str| w.len() > 1 && w.bytes().all(|b| b.is_ascii_lowercase());
        parts.iter().filter(word).map(|w| (*w).to_owned()).collect()
    };
    let grammar = read("grammar/portcullis.pest");
    let code: Vec<&str> = grammar.lines().filter(|l| !l.trim_start().starts_with("//")).collect();
    let defined = code.iter().flat_map(|l| l.split("k_").skip(1)).filter_map(|d| d.split_once(" = @{ \""));
    let keywords: BTreeSet<String> =
        defined.filter_map(|(_, rest)| rest.split('"').next()).map(str::to_owned).collect();
    assert!(keywords.len() > 50, "{} keywords were found in the grammar", keywords.len());
    let page = read("docs/guide/grammar.md");
    let block = page.split("```").nth(1).expect("the page has a block");
    let shown = words(block);
    let known = words(&code.join("\n"));
    let unsaid: Vec<&String> = keywords.difference(&shown).collect();
    assert!(unsaid.is_empty(), "the page does not say {unsaid:?}");
    let invented: Vec<&String> = shown.difference(&known).collect();
    assert!(invented.is_empty(), "the grammar does not know {invented:?}");
}

#[test]
fn the_guide_names_the_reserved_words_the_limits_and_the_fields() {
    let grammar = read("grammar/portcullis.pest");
    let reserved = grammar.split("reserved = {").nth(1).and_then(|r| r.split('}').next()).expect("the rule is there");
    let page = read("docs/guide/grammar.md");
    let prose = page.rsplit("```").next().expect("text follows the block");
    for word in reserved.split('"').skip(1).step_by(2) {
        assert!(prose.contains(&format!("`{word}`")), "grammar.md does not name the reserved word `{word}`");
    }

    let page = read("docs/guide/11-deciding.md");
    let mib = |bytes: usize| format!("{} MiB", bytes / 1024 / 1024);
    for limit in [
        format!("| a file of law | {} |", mib(portcullis::source::MAX_FILE)),
        format!("| a consignment | {} |", mib(portcullis::consignment::MAX_BYTES)),
        format!("| goods items in it | {},000 |", portcullis::consignment::MAX_ITEMS / 1000),
        format!("| nesting, in law and in JSON | {} |", portcullis::consignment::MAX_NESTING),
        format!("| digits of a number | {} |", portcullis::model::unit::MAX_DIGITS),
    ] {
        assert!(page.contains(&limit), "11-deciding.md does not say `{limit}`");
    }

    let policy = load(vec![law("law.gate", EXAMPLE)]).expect("it loads");
    let options = Options { why: true, ..Options::default() };
    let case = r#"{ "date": "2026-03-02", "goods": { "heavy": true } }"#;
    let several = case.replace("{ \"heavy\": true }", "[{ \"heavy\": true }]");
    let decided = |json: &str| {
        let answer = policy.decide_with(&policy.evaluator(), "case", json, &Overlay::default(), &options);
        serde_json::to_value(answer.expect("it decides")).expect("it is JSON")
    };
    let tables: Vec<&str> =
        page.split("| field | says |").skip(1).map(|t| t.split("\n\n").next().unwrap_or_default()).collect();
    let named = |table: &str| -> BTreeSet<String> {
        let first = table.lines().filter_map(|l| l.strip_prefix("| ")).filter_map(|l| l.split('|').next());
        first.flat_map(|c| c.split('`').skip(1).step_by(2).map(str::to_owned)).collect()
    };
    let keys =
        |v: &serde_json::Value| -> BTreeSet<String> { v.as_object().expect("an object").keys().cloned().collect() };
    let (one, many) = (decided(case), decided(&several));
    assert_eq!(named(tables[0]), &keys(&one) | &keys(&many), "the fields of a decision");
    assert_eq!(named(tables[1]), keys(&one["policies"][0]), "the fields of the answer of a policy");
}

/// The least law there can be.
const EXAMPLE: &str = r#"
fact date: date
fact goods.heavy: yes/no
policy example "Example Act" {
  source "Example Act"
  applies when goods.heavy
  known from 2020-01-01
  otherwise permit
}
rule sec_1 "Export of heavy goods" { cite "Sec. 1" when goods.heavy then prohibit }
"#;

#[test]
fn every_consignment_to_try_is_decided() {
    let mut expected = BTreeMap::from([
        ("gang-chain-first-day-of-the-new-lists", "prohibited"),
        ("gang-chain-last-day-of-the-old-lists", "licence_required"),
        ("guillotine-for-a-museum", "licence_required"),
        ("hyperbaric-chamber", "permitted"),
        ("leg-cuffs-adjustability-unknown", "undetermined"),
        ("ordinary-handcuffs", "permitted"),
        ("pava-mixture-0.29-percent", "permitted"),
        ("pentobarbital-to-japan", "licence_required"),
        ("pentobarbital-to-switzerland", "permitted"),
        ("sjambok", "prohibited"),
        ("stun-belts", "prohibited"),
    ]);
    for entry in std::fs::read_dir(project("examples/consignments")).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        let name = path.file_stem().expect("a file").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("it is text");
        let answer = decide::answer(&text).unwrap_or_else(|e| panic!("{name}:\n{e}"));
        let wanted = expected.remove(name.as_str()).unwrap_or_else(|| panic!("{name} has no expectation here"));
        assert_eq!(answer.split(' ').next(), Some(wanted), "{name}: {answer}");
    }
    assert!(expected.is_empty(), "not there: {expected:?}");
}

#[test]
fn the_consignments_to_try_show_the_negative_answer_and_the_general_licence() {
    let needed = |f: &LawFile| ["trade.gate", "alliance/", "eu/"].iter().any(|p| f.path.starts_with(p));
    let policy = load(embedded::files().into_iter().filter(needed).collect()).expect("the shipped law loads");
    let decided = |name: &str| {
        let decision = policy.decide(&read(&format!("examples/consignments/{name}.json"))).expect("it decides");
        decision.policies.into_iter().next().expect("one policy speaks")
    };
    let chamber = decided("hyperbaric-chamber");
    assert_eq!((chamber.documents, chamber.categories), (vec!["Y904".to_owned()], Vec::new()));
    let medicine = decided("pentobarbital-to-switzerland");
    assert_eq!((medicine.under.as_deref(), medicine.documents), (Some("eu_gea"), vec!["C068".to_owned()]));
    let cuffs = decided("leg-cuffs-adjustability-unknown");
    assert_eq!(cuffs.missing.first().map(|m| m.fact.as_str()), Some("goods.adjustable"));
}

#[test]
fn the_decide_example_names_the_ground() {
    let answer = decide::answer(&read("examples/consignments/sjambok.json")).expect("it decides");
    assert_eq!(answer, "prohibited on 2025-08-20; Art. 3(1): Export of Annex II goods is prohibited");
}

#[test]
fn the_stream_example_answers_every_line() {
    let mut out = Vec::new();
    let stopped = stream::decide(stream::sample().as_bytes(), &mut out).expect("it decides");
    let text = String::from_utf8(out).expect("it is text");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(stopped, 1, "{text}");
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines[0].starts_with("1: prohibited"), "{text}");
    assert!(lines[1].starts_with("2: undetermined") && lines[1].contains("goods.lash_count"), "{text}");
    assert!(lines[2].starts_with("3: permitted"), "{text}");
    assert!(lines[3].starts_with("line 5: error:"), "{text}");
}

/// The pages of a folder, in order.
fn pages(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(project(folder)).unwrap_or_else(|e| panic!("{folder}: {e}"));
    let names = entries.map(|e| e.expect("it can be read").file_name().to_string_lossy().into_owned());
    let mut all: Vec<String> = names.filter(|n| n.ends_with(".md")).map(|n| format!("{folder}/{n}")).collect();
    all.sort();
    all
}

fn check(pages: &[&str]) {
    let problems: Vec<String> = pages.iter().flat_map(|p| Page::new(p).check()).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

/// A page being checked from top to bottom.
struct Page {
    name: String,
    /// The files it has built up so far.
    files: BTreeMap<String, String>,
    folder: PathBuf,
    problems: Vec<String>,
}

/// A piece of a page.
enum Part {
    Block { line: usize, info: String, text: String },
    Arrow { line: usize, text: String },
}

impl Page {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("docs").join(name.replace('/', "-"));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        Page { name: name.to_owned(), files: BTreeMap::new(), folder, problems: Vec::new() }
    }

    fn problem(&mut self, line: usize, text: &str) {
        self.problems.push(format!("{}:{line}: {text}", self.name));
    }

    fn check(mut self) -> Vec<String> {
        let mut decided: Option<(usize, Result<Decision, String>)> = None;
        for part in parts(&read(&self.name)) {
            if let Part::Arrow { line, text } = part {
                match decided.take() {
                    Some((_, Ok(decision))) => {
                        for p in differences(&text, &decision) {
                            self.problem(line, &p);
                        }
                    }
                    Some((_, Err(message))) if text == "error" => drop(message),
                    Some((at, Err(message))) => self.problem(at, &message),
                    None => self.problem(line, "this `→` follows no consignment"),
                }
                continue;
            }
            if let Some((line, _)) = decided.take() {
                self.problem(line, "no `→` line says what comes out of this consignment");
            }
            let Part::Block { line, info, text } = part else { continue };
            let words: Vec<&str> = info.split_whitespace().collect();
            match words.as_slice() {
                ["gate"] => self.gate(line, "law.gate", &text),
                ["gate", "wrong", code] => self.wrong(line, code, &text),
                ["gate", path] if path.starts_with("policies/") => {
                    if !read(path).contains(&text) {
                        self.problem(line, &format!("{path} does not hold these lines"));
                    }
                }
                ["gate", file] => self.gate(line, file, &text),
                ["csv" | "json" | "text", file] => self.save(file, &text),
                ["json"] => {
                    let answer = self.policy().and_then(|p| p.decide(&text).map_err(|r| r.plain()));
                    decided = Some((line, answer));
                }
                ["console"] => self.console(line, &text),
                ["text"] | ["rust"] | ["toml"] | ["python"] => {}
                _ => self.problem(line, &format!("a block of an unknown kind: `{info}`")),
            }
        }
        if let Some((line, _)) = decided {
            self.problem(line, "no `→` line says what comes out of this consignment");
        }
        self.whole();
        self.problems
    }

    fn save(&mut self, file: &str, text: &str) {
        let whole = self.files.entry(file.to_owned()).or_default();
        if !whole.is_empty() {
            whole.push('\n');
        }
        whole.push_str(text);
        let path = self.folder.join(file);
        let parent = path.parent().expect("it has a folder");
        std::fs::create_dir_all(parent).and_then(|()| std::fs::write(&path, whole)).expect("it can be written");
    }

    fn gate(&mut self, line: usize, file: &str, text: &str) {
        let source = SourceFile::new(file, text.as_bytes()).expect("the block is short");
        let mut sources = Sources::new();
        let id = sources.add(source);
        let (tree, problems) = parse_file(id, text);
        if problems.is_empty() && format(&tree) != text {
            self.problem(line, &format!("this is laid out otherwise:\n{}", format(&tree)));
        }
        self.save(file, text);
    }

    fn policy(&self) -> Result<Policy, String> {
        load(self.files.iter().map(|(n, t)| law(n, t)).filter(|f| !f.path.ends_with(".json")).collect())
            .map_err(|r| r.plain())
    }

    fn wrong(&mut self, line: usize, code: &str, text: &str) {
        let mut files: Vec<_> = self.files.iter().filter(|(n, _)| *n != "law.gate").map(|(n, t)| law(n, t)).collect();
        let above = self.files.get("law.gate").cloned().unwrap_or_default();
        files.push(law("law.gate", &format!("{above}\n{text}")));
        let mut codes: Vec<String> = match load(files) {
            Ok(_) => Vec::new(),
            Err(rejected) => rejected.problems.iter().map(|d| d.code.to_string()).collect(),
        };
        codes.dedup();
        if codes != [code] {
            self.problem(line, &format!("raises {codes:?}, expected {code}"));
        }
    }

    /// The law of the page as a whole loads and passes its tests.
    fn whole(&mut self) {
        if !self.files.keys().any(|f| f.ends_with(".gate")) {
            return;
        }
        match self.policy() {
            Err(message) => self.problem(1, &format!("the law of this page does not load:\n{message}")),
            Ok(policy) => {
                for outcome in testing::run(&policy, None).into_iter().filter(|o| !o.passed()) {
                    self.problem(1, &format!("the test `{}` fails: {:?}", outcome.name, outcome.differences));
                }
            }
        }
    }

    /// What a command prints, run where the files of the page are saved.
    fn run(&self, command: &str) -> Vec<String> {
        let folder = if self.files.is_empty() { project("") } else { self.folder.clone() };
        for beside in ["policies", "examples"] {
            let to = self.folder.join(beside);
            let named = |text: &str| text.contains(&format!("{beside}/"));
            let wanted = named(command) || self.files.values().any(|text| named(text));
            if !self.files.is_empty() && wanted && !to.exists() {
                copy(&project(beside), &to);
            }
        }
        let program = Path::new(env!("CARGO_BIN_EXE_portcullis"));
        let mut path = program.parent().expect("it has a folder").as_os_str().to_owned();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("({command}) 2>&1")]).current_dir(folder).env("PATH", path);
        let out = shell.env_remove("NO_COLOR").output().expect("a shell is there");
        let got = String::from_utf8_lossy(&out.stdout).into_owned();
        got.trim_end().lines().map(|l| l.trim_end().to_owned()).collect()
    }

    fn console(&mut self, line: usize, text: &str) {
        let mut sessions: Vec<(usize, &str, Vec<&str>)> = Vec::new();
        for (i, l) in text.lines().enumerate() {
            match (l.strip_prefix("$ "), sessions.last_mut()) {
                (Some(command), _) => sessions.push((line + 1 + i, command, Vec::new())),
                (None, Some((.., expected))) => expected.push(l.trim_end()),
                (None, None) => self.problem(line, "a console block starts with a command"),
            }
        }
        for (at, command, expected) in sessions {
            // What the README tells to run from a checkout is run with the program that was built for this test.
            let command = command.replacen("cargo run --release --", "portcullis", 1);
            if command == "cargo test" {
                continue;
            }
            let got = self.run(&command);
            let got: Vec<&str> = got.iter().map(String::as_str).collect();
            let end = expected.iter().rposition(|l| !l.is_empty()).map_or(0, |i| i + 1);
            if !matches(&expected[..end], &got) {
                self.problem(at, &format!("`{command}` prints\n{}", got.join("\n")));
            }
        }
    }
}

/// Copies a folder and what is in it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder can be made");
    for entry in std::fs::read_dir(from).expect("it is a folder") {
        let path = entry.expect("it can be read").path();
        let target = to.join(path.file_name().expect("it has a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("it can be copied");
        }
    }
}

/// Whether lines are as expected, where a line of `…` stands for any number of them.
fn matches(expected: &[&str], got: &[&str]) -> bool {
    match expected.split_first() {
        None => got.is_empty(),
        Some((first, rest)) if first.trim() == "…" => (0..=got.len()).any(|n| matches(rest, &got[n..])),
        Some((first, rest)) => got.first().is_some_and(|g| line_matches(first, g)) && matches(rest, &got[1..]),
    }
}

/// Whether a line is as expected, where `…` stands for any text.
fn line_matches(expected: &str, got: &str) -> bool {
    match expected.split_once('…') {
        None => expected == got,
        Some((head, tail)) => got.starts_with(head) && got[head.len()..].ends_with(tail),
    }
}

/// The blocks of a page and the lines that start with `→`.
fn parts(page: &str) -> Vec<Part> {
    let (mut out, mut open) = (Vec::new(), None::<(usize, String, String)>);
    for (i, line) in page.lines().enumerate() {
        if let Some((at, info, mut text)) = open.take() {
            if line.trim_end() == "```" {
                out.push(Part::Block { line: at, info, text });
            } else {
                text.push_str(line);
                text.push('\n');
                open = Some((at, info, text));
            }
        } else if let Some(info) = line.strip_prefix("```") {
            open = Some((i + 1, info.trim().to_owned(), String::new()));
        } else if let Some(text) = line.strip_prefix("→ `").and_then(|rest| rest.split('`').next()) {
            out.push(Part::Arrow { line: i + 1, text: text.to_owned() });
        }
    }
    assert!(open.is_none(), "a block is not closed");
    out
}

/// What a decision does not say although an expectation in the words of `expect` says it.
fn differences(expectation: &str, decision: &Decision) -> Vec<String> {
    let mut out = Vec::new();
    let all = |f: &dyn Fn(&PolicyDecision) -> Vec<String>| -> Vec<String> {
        let items = decision.items.iter().flat_map(|i| &i.policies);
        decision.policies.iter().chain(items).flat_map(f).collect()
    };
    let mut words = expectation.split_whitespace();
    let outcome = words.next().unwrap_or_default();
    if decision.outcome.as_str() != outcome {
        out.push(format!("expected {outcome}, got {}", decision.outcome.as_str()));
    }
    let mut part = "";
    for word in words {
        let named = word.trim_end_matches(',').trim_matches('"').to_owned();
        let found = match part {
            _ if ["by", "in", "missing", "near", "under", "presumes", "requires", "claimable", "document", "may"]
                .contains(&word) =>
            {
                part = word;
                continue;
            }
            "may" => {
                let expected = word != "not";
                if decision.may_proceed != Some(expected) {
                    out.push(format!("may_proceed is {:?}", decision.may_proceed));
                }
                part = "proceed";
                continue;
            }
            "proceed" => continue,
            "by" => all(&|p| p.decided_by.iter().map(|r| r.rule.clone()).collect()),
            "in" => all(&|p| p.categories.clone()),
            "missing" => all(&|p| p.missing.iter().map(|m| m.fact.clone()).collect()),
            "near" => all(&|p| p.near.iter().map(|n| n.category.clone()).collect()),
            "under" => all(&|p| p.under.iter().cloned().collect()),
            "presumes" => all(&|p| p.presumed.iter().map(|x| x.fact.clone()).collect()),
            "requires" => all(&|p| p.requirements.iter().map(|r| r.licence.clone()).collect()),
            "claimable" => all(&|p| p.claimable.iter().map(|c| c.rule.clone()).collect()),
            "document" => all(&|p| p.documents.clone()),
            _ => {
                out.push(format!("`{word}` is no word of an expectation"));
                continue;
            }
        };
        if !found.contains(&named) {
            out.push(format!("expected {part} {named}, got {found:?}"));
        }
    }
    out
}
