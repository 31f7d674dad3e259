//! The reviewer's bench without a terminal: a session takes a line and gives text, so a browser or a test can drive it.
//!
//! A session holds the law that was loaded and one consignment at hand. A line sets facts, asks a condition, or gives a
//! command. It touches nothing outside: files come through [`Files`]. A line that is wrong changes nothing and ends
//! nothing. No answer is longer than a screen; what is left over waits for `:more`.

mod answers;
mod ask;
mod commands;
mod compare;
mod complete;
mod draft;
mod facts;
mod law;
mod paint;
mod question;
mod save;
mod whynot;

use crate::diagnostic::{Code, Diagnostic};
use crate::eval::{Decision, Options};
use crate::model::Case;
use crate::policy::{LawFile, Policy};
use crate::report::{Line, Mark, Page};
use crate::source::{SourceFile, Sources};
use crate::span::FileId;
use crate::syntax::parse::parse_line;
use crate::syntax::tree::{BenchLine, CondKind};

pub use commands::{COMMANDS, Command, Takes};
pub use complete::{Candidate, Completion};
pub use draft::Draft;
pub use paint::Paint;

/// How many lines an answer has at most, so that it fits a screen with the line that asked for it.
pub const SCREEN: usize = 23;

/// How many steps can be undone.
const UNDO: usize = 1000;

/// Where a session gets its files from, and puts them.
pub trait Files {
    /// The files of law that paths or names of shipped policies lead to, with all they need.
    ///
    /// # Errors
    /// A sentence that says what cannot be found or read.
    fn law(&self, paths: &[String]) -> Result<Law, String>;
    /// The text of a file; nothing if there is none.
    ///
    /// # Errors
    /// A sentence that says why it cannot be read.
    fn read(&self, path: &str) -> Result<Option<String>, String>;
    /// Writes a file.
    ///
    /// # Errors
    /// A sentence that says why it cannot be written.
    fn write(&self, path: &str, text: &str) -> Result<(), String>;
}

/// Files of law, and where they come from.
#[derive(Clone, Debug)]
pub struct Law {
    /// The files, by path below their root.
    pub files: Vec<LawFile>,
    /// What stands before such a path, seen from where the user stands.
    pub prefix: String,
    /// True if they are the shipped ones, which nothing can be added to.
    pub shipped: bool,
}

/// What a session answers to a line.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// What it says, in order.
    pub said: Vec<Said>,
    /// True if the line could not be followed.
    pub failed: bool,
    /// True if the session is over.
    pub ended: bool,
}

/// A part of an answer.
#[derive(Clone, Debug)]
pub enum Said {
    /// Text.
    Lines(Vec<Line>),
    /// Messages, with the texts they speak of.
    Problems(Sources, Vec<Diagnostic>),
}

impl Answer {
    /// The answer as plain text, each line ended.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for part in &self.said {
            match part {
                Said::Lines(lines) => lines.iter().for_each(|l| out.push_str(&format!("{}\n", l.text))),
                Said::Problems(sources, problems) => {
                    problems.iter().for_each(|d| out.push_str(&format!("{}\n", d.plain(sources))));
                }
            }
        }
        out
    }
}

/// Why a line could not be followed.
enum Trouble {
    /// In a sentence.
    Text(String),
    /// In messages with places.
    Problems(Sources, Vec<Diagnostic>),
}

impl From<String> for Trouble {
    fn from(text: String) -> Self {
        Trouble::Text(text)
    }
}

impl From<&str> for Trouble {
    fn from(text: &str) -> Self {
        Trouble::Text(text.to_owned())
    }
}

type Reply = Result<Vec<Line>, Trouble>;

/// The law at hand.
struct Loaded {
    law: Law,
    policy: Policy,
}

/// A session at the bench.
pub struct Session {
    files: Box<dyn Files>,
    /// What was asked to be loaded.
    paths: Vec<String>,
    loaded: Option<Loaded>,
    draft: Draft,
    before: Vec<Draft>,
    /// What did not fit the screen.
    rest: Vec<Line>,
    asking: Option<ask::Asking>,
    /// True if the lines of the reply are law, and stay as they are.
    verbatim: bool,
}

impl Session {
    /// A session without law.
    pub fn new(files: Box<dyn Files>) -> Session {
        Session {
            files,
            paths: Vec::new(),
            loaded: None,
            draft: Draft::default(),
            before: Vec::new(),
            rest: Vec::new(),
            asking: None,
            verbatim: false,
        }
    }

    /// Loads law, keeping the facts that it knows.
    pub fn load(&mut self, paths: &[String]) -> Answer {
        let reply = self.load_law(paths);
        self.finish(reply)
    }

    /// What stands before the next line.
    pub fn prompt(&self) -> &'static str {
        if self.asking.is_some() { "? " } else { "> " }
    }

    /// True if a line goes on: a bracket is open in it.
    pub fn goes_on(&self, text: &str) -> bool {
        !text.trim_start().starts_with(':') && paint::open_brackets(text) > 0
    }

    /// Follows one line.
    pub fn line(&mut self, text: &str) -> Answer {
        let text = text.trim();
        if text == ":quit" {
            return Answer { ended: true, ..Answer::default() };
        }
        let reply = match text.strip_prefix(':') {
            _ if text.is_empty() || text.starts_with('#') => Ok(Vec::new()),
            Some(rest) => {
                // A question that waits is put again after the command.
                let asking = self.asking.is_some();
                let reply = self.command(rest);
                match (asking && self.asking.is_some(), reply) {
                    (true, Ok(lines)) if rest.trim() != "ask" => self.again(lines),
                    (_, reply) => reply,
                }
            }
            None if self.asking.is_some() => self.answer(text),
            None => self.said(text),
        };
        self.finish(reply)
    }

    /// Cuts a reply to a screen.
    fn finish(&mut self, reply: Reply) -> Answer {
        match reply {
            Ok(lines) => Answer { said: vec![Said::Lines(self.screen(lines))], ..Answer::default() },
            Err(Trouble::Text(text)) => {
                let mut page = Page::default();
                page.wrap(Mark::Plain, "error: ", &text);
                Answer { said: vec![Said::Lines(page.lines)], failed: true, ended: false }
            }
            Err(Trouble::Problems(sources, mut problems)) => {
                const MOST: usize = 4;
                let more = problems.len().saturating_sub(MOST);
                problems.truncate(MOST);
                let mut said = vec![Said::Problems(sources, problems)];
                if more > 0 {
                    let text = format!("and {more} more; `portcullis check` shows all");
                    said.push(Said::Lines(vec![Line { mark: Mark::Small, text }]));
                }
                Answer { said, failed: true, ended: false }
            }
        }
    }

    /// The lines that fit a screen, none wider than it; the others wait. How far the law is known is always said.
    fn screen(&mut self, lines: Vec<Line>) -> Vec<Line> {
        self.rest.clear();
        let mut page = Page::default();
        let verbatim = std::mem::take(&mut self.verbatim);
        for line in lines {
            if verbatim || line.text.chars().count() <= 80 {
                page.lines.push(line);
            } else {
                let indent = line.text.len() - line.text.trim_start().len();
                let (lead, text) = line.text.split_at(indent);
                page.wrap(line.mark, lead, text);
            }
        }
        let mut lines = page.lines;
        if lines.len() > SCREEN {
            let last = lines.pop_if(|l| l.text.starts_with("Law known:"));
            self.rest = lines.split_off(SCREEN - 1 - usize::from(last.is_some()));
            let text = format!("… {} more lines: `:more`", self.rest.len());
            lines.push(Line { mark: Mark::Small, text });
            lines.extend(last);
        }
        lines
    }

    /// A line that is no command: facts, or a condition.
    fn said(&mut self, text: &str) -> Reply {
        let (id, parsed) = self.parse(text)?;
        match parsed {
            BenchLine::Settings(settings) => {
                let Some(loaded) = &self.loaded else { return Err(no_law()) };
                let mut next = self.draft.clone();
                let changes = next.set(loaded.policy.world(), &settings).map_err(|d| self.problems(text, vec![d]))?;
                self.remember(next);
                Ok(facts::changed(&changes))
            }
            BenchLine::Cond(cond) => {
                if let CondKind::Fact { name, predicate: None } = &cond.kind
                    && let Some(lines) = self.named(&name.node, name.span, text)?
                {
                    return Ok(lines);
                }
                let policy = self.policy()?;
                let checked = policy.condition(&cond).map_err(|p| self.problems(text, p))?;
                let case = self.case()?;
                debug_assert_eq!(id, cond.span.file);
                let asked = question::ask(policy, &case, &checked).map_err(|b| broken(&b))?;
                Ok(question::report(policy, &asked))
            }
        }
    }

    /// Reads a line; its place is in a text of its own, after those of the law.
    fn parse(&self, text: &str) -> Result<(FileId, BenchLine), Trouble> {
        let count = self.loaded.as_ref().map_or(0, |l| l.policy.sources().iter().count());
        let id = FileId(u32::try_from(count).unwrap_or(u32::MAX));
        let parsed = parse_line(id, text).map_err(|p| self.problems(text, p))?;
        Ok((id, parsed))
    }

    /// Messages about a line, with the texts of the law in case they speak of those too.
    fn problems(&self, text: &str, problems: Vec<Diagnostic>) -> Trouble {
        let mut sources = self.loaded.as_ref().map_or_else(Sources::new, |l| l.policy.sources().clone());
        if let Ok(file) = SourceFile::new("line", text) {
            sources.add(file);
        }
        Trouble::Problems(sources, problems)
    }

    /// Makes a draft the consignment at hand; the one before can be had back.
    fn remember(&mut self, next: Draft) {
        if next != self.draft {
            self.before.push(std::mem::replace(&mut self.draft, next));
            if self.before.len() > UNDO {
                self.before.remove(0);
            }
        }
    }

    fn policy(&self) -> Result<&Policy, Trouble> {
        self.loaded.as_ref().map(|l| &l.policy).ok_or_else(no_law)
    }

    fn case(&self) -> Result<Case, Trouble> {
        let policy = self.policy()?;
        self.draft.case(policy).map_err(|p| Trouble::Problems(Sources::new(), p))
    }

    fn decide(&self, case: &Case, why: bool) -> Result<Decision, Trouble> {
        let options = Options { why, ..Options::default() };
        self.policy()?.evaluator().decide(case, &options).map_err(|b| broken(&b))
    }
}

fn no_law() -> Trouble {
    Trouble::Text("no law is loaded; say `:load PATH`, for example `:load eu.torture`".to_owned())
}

/// That the facts at hand cannot all be so.
fn broken(broken: &crate::eval::Broken) -> Trouble {
    let mut problems = Vec::new();
    for (name, title, facts) in &broken.constraints {
        let message = format!("these facts cannot all be so: {} - {title} ({name})", facts.join(", "));
        let help = "correct the one that is wrong, or set it to `unknown`; `:undo` takes the last line back";
        problems.push(Diagnostic::global(Code::ConstraintBroken, message).help(help));
    }
    Trouble::Problems(Sources::new(), problems)
}
