//! `portcullis decide`: consignments decided, as text or JSON.

use std::io::{BufRead, BufReader, Read};

use serde_json::json;

use super::{Context, Format, Status};
use crate::consignment::{MAX_BYTES, Overlay};
use crate::eval::decision::{Decision, SCHEMA};
use crate::eval::explain;
use crate::eval::{Evaluator, Options, Outcome};
use crate::model::date::parse_date;
use crate::policy::{Policy, Rejected};
use crate::report;

/// Decide consignments: outcome, reasons, what is still to be asked, which papers
///
/// Examples:
///   portcullis decide -p eu.torture consignment.json
///   portcullis decide -p eu.torture --why --format markdown consignment.json
///   portcullis decide -p eu.torture --format json day.jsonl
///   echo '{"date":"2026-03-02"}' | portcullis decide -p eu.torture --set activity=export -
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// Policies: gate files, folders, or names of shipped policies
    #[arg(short, long = "policy", required = true, value_name = "PATH")]
    policy: Vec<String>,
    /// Consignments: JSON files, JSON lines (`.jsonl`, `.ndjson`), or `-`; standard input if none
    #[arg(value_name = "CONSIGNMENT")]
    consignments: Vec<String>,
    /// Give the reasons as a tree, from rules to entries to facts and where those come from; `--why=full` gives every
    /// step
    #[arg(long, value_enum, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "short")]
    why: Option<Why>,
    /// The date where a consignment has none
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// Set a fact on top of every consignment; `unknown` takes it away
    #[arg(long, value_name = "FACT=VALUE")]
    set: Vec<String>,
    /// What decides; both give the same answers
    #[arg(long, value_enum, value_name = "ENGINE", default_value_t = Engine::Compiled)]
    engine: Engine,
}

/// What decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Engine {
    /// The law compiled, and decision diagrams for what is unknown.
    Compiled,
    /// The plain interpreter, which is the reference: slower where much is unknown.
    Plain,
}

/// How many of the reasons are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Why {
    /// What settles each rule.
    Short,
    /// Every step.
    Full,
}

pub(super) fn run(context: &Context, a: &Arguments) -> Result<Status, Status> {
    let overlay = overlay(context, a.as_of.as_deref(), &a.set)?;
    let policy = context.policy_alone(&a.policy)?;
    let evaluator = match a.engine {
        Engine::Compiled => policy.evaluator(),
        Engine::Plain => policy.plain_evaluator(),
    };
    let options = Options { why: a.why.is_some(), ..Options::default() };
    let mut run = Run {
        context,
        policy: &policy,
        evaluator: &evaluator,
        overlay,
        options,
        format: context.format,
        short: a.why == Some(Why::Short),
        status: Status::Yes,
        shown: 0,
    };
    let stdin = vec!["-".to_owned()];
    let inputs = if a.consignments.is_empty() { &stdin } else { &a.consignments };
    for input in inputs {
        run.input(input);
    }
    Ok(run.status)
}

/// What `--as-of` and `--set` lay over a consignment.
pub(super) fn overlay(context: &Context, as_of: Option<&str>, facts: &[String]) -> Result<Overlay, Status> {
    let as_of = match as_of {
        None => None,
        Some(text) => Some(
            parse_date(text)
                .ok_or_else(|| context.bad(&format!("--as-of {text}: expected a day such as 2026-03-02")))?,
        ),
    };
    let mut set = Vec::new();
    for pair in facts {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(context.bad(&format!("--set {pair}: expected FACT=VALUE")));
        };
        set.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    Ok(Overlay { as_of, set })
}

/// What a decision answers, as an exit status.
pub(super) fn status(decision: &Decision) -> Status {
    match (decision.outcome.0, decision.may_proceed) {
        (_, Some(false)) => Status::No,
        (Some(Outcome::Permitted | Outcome::LicenceRequired), Some(true)) => Status::Yes,
        _ => Status::Open,
    }
}

struct Run<'r> {
    context: &'r Context,
    policy: &'r Policy,
    evaluator: &'r Evaluator<'r>,
    overlay: Overlay,
    options: Options,
    format: Format,
    /// Whether reasons are cut to what settles them.
    short: bool,
    status: Status,
    shown: usize,
}

/// What is read at once: a consignment at the limit with the end of its line, so that more is noticed.
const READ: u64 = MAX_BYTES as u64 + 2;

impl Run<'_> {
    fn input(&mut self, name: &str) {
        let reader: Box<dyn Read> = if name == "-" {
            Box::new(std::io::stdin())
        } else {
            match std::fs::File::open(name) {
                Ok(f) => Box::new(f),
                Err(e) => {
                    self.fail(name, 1, &format!("`{name}` cannot be read: {e}"));
                    return;
                }
            }
        };
        let mut reader = BufReader::new(reader);
        if name.ends_with(".jsonl") || name.ends_with(".ndjson") {
            self.lines(name, &mut reader, Vec::new());
            return;
        }
        let mut begun = Vec::new();
        if let Err(e) = (&mut reader).take(READ).read_to_end(&mut begun) {
            self.fail(name, 1, &format!("`{name}` cannot be read: {e}"));
            return;
        }
        if is_lines(&begun) { self.lines(name, &mut reader, begun) } else { self.one(name, &begun) }
    }

    /// One consignment a line; a bad line is reported and ends nothing.
    fn lines(&mut self, name: &str, reader: &mut dyn BufRead, begun: Vec<u8>) {
        let mut reader = BufReader::new(std::io::Cursor::new(begun).chain(reader));
        let mut number = 0;
        loop {
            number += 1;
            let mut line = Vec::new();
            match (&mut reader).take(READ).read_until(b'\n', &mut line) {
                Ok(0) => return,
                Ok(_) => {}
                Err(e) => {
                    self.fail(name, number, &format!("cannot be read: {e}"));
                    return;
                }
            }
            let ended = line.last() == Some(&b'\n');
            let text = line.strip_suffix(b"\n").unwrap_or(&line);
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            if text.len() > MAX_BYTES {
                self.fail(name, number, &format!("this line is longer than {MAX_BYTES} bytes"));
                if ended {
                    continue;
                }
                if let Err(e) = skip_line(&mut reader) {
                    self.fail(name, number, &format!("cannot be read: {e}"));
                    return;
                }
                continue;
            }
            if text.trim_ascii().is_empty() {
                continue;
            }
            self.one(&format!("{name}:{number}"), text);
        }
    }

    fn one(&mut self, name: &str, bytes: &[u8]) {
        let Ok(text) = std::str::from_utf8(bytes) else {
            self.fail(name, 1, "this is not UTF-8 text");
            return;
        };
        match self.policy.decide_with(self.evaluator, name, text, &self.overlay, &self.options) {
            Ok(mut decision) => {
                let all = decision.policies.iter_mut().chain(decision.items.iter_mut().flat_map(|i| &mut i.policies));
                all.filter(|_| self.short).for_each(|p| p.why = explain::short(p));
                self.show(&decision);
            }
            Err(rejected) => self.reject(name, text, &rejected),
        }
    }

    fn show(&mut self, decision: &Decision) {
        self.status = self.status.max(status(decision));
        match self.format {
            Format::Json => {
                let line =
                    serde_json::to_string(decision).unwrap_or_else(|e| json!({ "error": e.to_string() }).to_string());
                self.context.screen.out(&format!("{line}\n"));
            }
            Format::Markdown => {
                if self.shown > 0 {
                    self.context.screen.out("\n");
                }
                self.context.screen.out(&report::markdown::decision(self.policy, decision));
            }
            Format::Text | Format::Junit => {
                if self.shown > 0 {
                    self.context.screen.out(&format!("\n{}\n", "-".repeat(80)));
                }
                self.context.screen.report(&report::decision(self.policy, decision));
            }
        }
        self.shown += 1;
    }

    fn reject(&mut self, name: &str, text: &str, rejected: &Rejected) {
        self.status = Status::Bad;
        self.context.screen.diagnostics(&rejected.sources, &rejected.problems);
        if self.format == Format::Json {
            let id = serde_json::from_str::<serde_json::Value>(text).ok().and_then(|v| v.get("id").cloned());
            let errors = super::check::problems(&rejected.sources, &rejected.problems);
            self.error_line(name, id, &json!(errors));
        }
        self.shown += 1;
    }

    fn fail(&mut self, name: &str, line: usize, message: &str) {
        self.status = Status::Bad;
        self.context.screen.err(&format!("error: {name}:{line}: {message}\n"));
        if self.format == Format::Json {
            self.error_line(name, None, &json!([{ "code": "unreadable-file", "message": message, "place": format!("{name}:{line}"), "help": null }]));
        }
        self.shown += 1;
    }

    /// A consignment in error keeps its place among the answers.
    fn error_line(&self, name: &str, id: Option<serde_json::Value>, errors: &serde_json::Value) {
        let line = json!({ "schema": SCHEMA, "id": id, "outcome": "error", "may_proceed": null, "input": name, "errors": errors });
        self.context.screen.out(&format!("{line}\n"));
    }
}

/// Whether a text is one consignment a line: it is not one JSON value, and some line by itself is an object.
fn is_lines(text: &[u8]) -> bool {
    let is_json = |t: &[u8]| serde_json::from_slice::<serde::de::IgnoredAny>(t).is_ok();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    !is_json(text) && text.split(|b| *b == b'\n').any(|line| line.starts_with(b"{") && is_json(line))
}

/// Reads past the end of a line that is too long, without keeping it.
fn skip_line(reader: &mut dyn BufRead) -> std::io::Result<()> {
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        match buffer.iter().position(|b| *b == b'\n') {
            Some(i) => {
                reader.consume(i + 1);
                return Ok(());
            }
            None => {
                let n = buffer.len();
                reader.consume(n);
            }
        }
    }
}
