//! `portcullis ask`: an interview, at a terminal, from a file of answers, or one question at a time for programs.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, IsTerminal};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Context, Format, Status, decide};
use crate::consignment::MAX_BYTES;
use crate::interview::{Interview, SCHEMA};
use crate::policy::Policy;
use crate::report;

/// Ask only what can still change the outcome, the most telling question first
///
/// At a terminal an answer is a value as in a consignment (yes, whip, TR, 12 in, a list with commas), or one of
///   unknown  it is not known, and is not asked again
///   back     take the last answer back
///   why      what waits for this answer
///   stop     end here with what is known
/// Without a terminal the lines of the standard input are the answers, in order.
///
/// Examples:
///   portcullis ask -p eu.torture --as-of 2026-03-02
///   portcullis ask -p eu.torture --save cuffs.json cuffs.json
///   portcullis ask -p eu.torture --answers answers.txt consignment.json
///   portcullis ask -p eu.torture --format json --unknown goods.code_confirmed consignment.json
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// Policies: gate files, folders, or names of shipped policies
    #[arg(short, long = "policy", required = true, value_name = "PATH")]
    policy: Vec<String>,
    /// What is known already: a JSON file
    #[arg(value_name = "CONSIGNMENT")]
    consignment: Option<PathBuf>,
    /// The date, where the consignment has none
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// Set a fact on top of the consignment
    #[arg(long, value_name = "FACT=VALUE")]
    set: Vec<String>,
    /// Do not ask for this; `licences` for which licences are held
    #[arg(long, value_name = "FACT")]
    unknown: Vec<String>,
    /// Answers, a line each: `goods.length = 12 in`; what has no line is taken as unknown
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// Write the consignment to a file when the interview ends
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
}

pub(super) fn run(context: &Context, a: &Arguments) -> Result<Status, Status> {
    let overlay = decide::overlay(context, a.as_of.as_deref(), &a.set)?;
    let policy = context.policy_alone(&a.policy)?;
    let (name, text) = match &a.consignment {
        Some(path) => (path.display().to_string(), read(context, path)?),
        None => ("consignment".to_owned(), "{}".to_owned()),
    };
    let mut interview = Interview::new(&policy, &name, &text, &overlay).map_err(|r| context.reject(&r))?;
    for fact in &a.unknown {
        interview.close(fact).map_err(|e| context.bad(&format!("--unknown: {e}")))?;
    }
    let answers = a.answers.as_deref().map(|path| Answers::read(context, path, &interview)).transpose()?;
    let mut session = Session { context, policy: &policy, interview, answers };
    match context.format {
        Format::Json => session.next_for_programs()?,
        _ => session.talk()?,
    }
    session.end(a.save.as_deref())
}

fn read(context: &Context, path: &Path) -> Result<String, Status> {
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(|e| context.bad(&format!("`{shown}` cannot be read: {e}")))?;
    if bytes.len() > MAX_BYTES {
        return Err(context.bad(&format!("`{shown}` is longer than {MAX_BYTES} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| context.bad(&format!("`{shown}` is not UTF-8 text")))
}

/// Answers from a file, by the name of what is asked; of several for one name, the first that is left.
struct Answers {
    shown: String,
    by_name: BTreeMap<String, VecDeque<String>>,
}

impl Answers {
    fn read(context: &Context, path: &Path, interview: &Interview<'_>) -> Result<Self, Status> {
        let shown = path.display().to_string();
        let text = read(context, path)?;
        let mut by_name: BTreeMap<String, VecDeque<String>> = BTreeMap::new();
        for (i, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let at = format!("{shown}:{}", i + 1);
            let Some((name, value)) = line.split_once('=') else {
                return Err(context.bad(&format!("{at}: expected `FACT = VALUE`")));
            };
            let name = name.trim();
            if !interview.knows(name) {
                return Err(context.bad(&format!("{at}: `{name}` is nothing that can be asked")));
            }
            by_name.entry(name.to_owned()).or_default().push_back(value.trim().to_owned());
        }
        Ok(Answers { shown, by_name })
    }

    fn take(&mut self, name: &str) -> Option<String> {
        self.by_name.get_mut(name).and_then(VecDeque::pop_front)
    }

    fn left(&self) -> Vec<&str> {
        self.by_name.iter().filter(|(_, all)| !all.is_empty()).map(|(n, _)| n.as_str()).collect()
    }
}

struct Session<'s> {
    context: &'s Context,
    policy: &'s Policy,
    interview: Interview<'s>,
    answers: Option<Answers>,
}

impl Session<'_> {
    /// Uses the answers at hand, as long as they last.
    fn next_for_programs(&mut self) -> Result<(), Status> {
        let Some(answers) = &mut self.answers else { return Ok(()) };
        while let Some(question) = self.interview.next() {
            let name = question.name.clone();
            let Some(text) = answers.take(&name) else { break };
            let bad = |e: String| self.context.bad(&format!("{}: {name}: {e}", answers.shown));
            self.interview.answer(&text).map_err(bad)?;
        }
        Ok(())
    }

    /// Puts every question, and prints what is answered where nobody types it.
    fn talk(&mut self) -> Result<(), Status> {
        let screen = &self.context.screen;
        let stdin = std::io::stdin();
        let typed = stdin.is_terminal();
        let mut lines = stdin.lock().lines();
        let mut asked: Option<(usize, String)> = None;
        while let Some(question) = self.interview.next().cloned() {
            let number = self.interview.answered() + 1;
            let this = (number, question.name.clone());
            // After a mistake or a `why` the question is not put in full again.
            if asked.as_ref() != Some(&this) {
                screen.report(&report::interview::question(number, &question));
                asked = Some(this);
            }
            screen.out("> ");
            let text = match &mut self.answers {
                Some(answers) => answers.take(&question.name).unwrap_or_else(|| "unknown".to_owned()),
                None => match lines.next() {
                    Some(Ok(line)) => line.trim().to_owned(),
                    Some(Err(e)) => return Err(self.context.bad(&format!("the answer cannot be read: {e}"))),
                    None => "stop".to_owned(),
                },
            };
            if !typed || self.answers.is_some() {
                screen.out(&format!("{text}\n"));
            }
            match text.to_lowercase().as_str() {
                "stop" | "quit" | "exit" => break,
                "why" => screen.report(&report::interview::why(&question)),
                "help" | "?" => screen.out(HELP),
                _ => {
                    let answer = self.interview.answer(&text);
                    if let Err(e) = answer {
                        if let Some(answers) = &self.answers {
                            return Err(self.context.bad(&format!("{}: {}: {e}", answers.shown, question.name)));
                        }
                        screen.out(&format!("{}\n", textwrap::fill(&e, 78)));
                    } else {
                        screen.out("\n");
                    }
                }
            }
        }
        Ok(())
    }

    /// The decision, and the consignment to keep.
    fn end(self, save: Option<&Path>) -> Result<Status, Status> {
        let screen = &self.context.screen;
        if let Some(path) = save {
            let text = self.interview.consignment(true);
            std::fs::write(path, text)
                .map_err(|e| self.context.bad(&format!("`{}` cannot be written: {e}", path.display())))?;
        }
        let finished = self.interview.next().is_none();
        let decision = self.interview.decision();
        match self.context.format {
            Format::Json => self.object(finished)?,
            _ => {
                if let Some(decision) = decision {
                    if finished {
                        screen.out("Nothing that is still open could change the answer.\n\n");
                    }
                    screen.report(&report::decision(self.policy, decision));
                }
                match save {
                    Some(path) => screen.out(&format!("\nThe consignment is in {}.\n", path.display())),
                    None => screen.out(&format!("\nThe consignment:\n{}", self.interview.consignment(true))),
                }
            }
        }
        if let Some(answers) = self.answers.as_ref().filter(|a| finished && !a.left().is_empty()) {
            let left = answers.left().join(", ");
            screen.err(&format!("note: {}: not asked, since it changes nothing: {left}\n", answers.shown));
        }
        // A question that is left open leaves the answer open.
        Ok(match decision {
            Some(decision) if finished => decide::status(decision),
            Some(decision) => decide::status(decision).max(Status::Open),
            None => Status::Open,
        })
    }

    /// One object for programs: the next question, or the decision; and what to come back with.
    fn object(&self, finished: bool) -> Result<(), Status> {
        let text = |e: serde_json::Error| self.context.bad(&e.to_string());
        let question = serde_json::to_string(&self.interview.next()).map_err(text)?;
        let decision = match self.interview.decision().filter(|_| finished) {
            Some(decision) => serde_json::to_string(decision).map_err(text)?,
            None => "null".to_owned(),
        };
        let unknown = json!(self.interview.closed());
        // The consignment is written by itself, since its numbers keep all their digits.
        let consignment = self.interview.consignment(false);
        self.context.screen.out(&format!(
            "{{\"schema\":{},\"question\":{question},\"consignment\":{consignment},\"unknown\":{unknown},\"decision\":{decision}}}\n",
            json!(SCHEMA)
        ));
        Ok(())
    }
}

const HELP: &str = "\
A value as in a consignment (yes, whip, TR, 12 in, a list with commas), or:
  unknown  it is not known, and is not asked again
  back     take the last answer back
  why      what waits for this answer
  stop     end here with what is known
";
