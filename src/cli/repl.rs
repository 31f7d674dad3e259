//! `portcullis repl`: the reviewer's bench at a terminal, or a script of it.
//!
//! The session itself is in `session`; here are the terminal, the files, and Ctrl-C. Where standard input is no
//! terminal, each line is echoed with its prompt, so that what is printed is a transcript.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{BufRead, IsTerminal};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use etcetera::BaseStrategy;
use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::config::BellStyle;
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter};
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{ColorMode, CompletionType, Config, Editor, Helper};

use super::render::{self, Color};
use super::{Context, Format, Status, load};
use crate::session::{Answer, Completion, Files, Law, Paint, Said, Session};

/// Try law out: set facts, ask, look up, compare, and save what you find as tests
///
/// Facts and conditions are written as in a gate file; `:help` lists the commands.
/// What is piped in is followed line by line and echoed: a transcript.
///
/// Examples:
///   portcullis repl policies/eu
///   portcullis repl eu.torture < review.txt
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// Gate files, folders, or names of shipped policies
    #[arg(value_name = "PATH")]
    paths: Vec<String>,
    /// Keep no history of lines
    #[arg(long)]
    no_history: bool,
}

pub(super) fn run(context: &Context, a: &Arguments) -> Result<Status, Status> {
    if context.format != Format::Text {
        return Err(context.bad("the bench speaks text; for programs there are `decide` and the library"));
    }
    let mut session = Session::new(Box::new(Disk { root: context.root.clone() }));
    let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if terminal {
        context.screen.out(concat!(
            "Portcullis ",
            env!("CARGO_PKG_VERSION"),
            ": `:help` lists the commands, Tab completes, Ctrl-D ends.\n"
        ));
    }
    let mut failed = false;
    if !a.paths.is_empty() {
        let answer = session.load(&a.paths);
        failed |= answer.failed;
        show(context, &answer);
    }
    if terminal {
        interactive(context, session, !a.no_history)?;
        return Ok(Status::Yes);
    }
    failed |= script(context, &mut session)?;
    Ok(if failed { Status::Bad } else { Status::Yes })
}

fn show(context: &Context, answer: &Answer) {
    for part in &answer.said {
        match part {
            Said::Lines(lines) => context.screen.report(lines),
            Said::Problems(sources, problems) => {
                for problem in problems {
                    let text = render::diagnostic(sources, problem);
                    context.screen.out(&format!("{}\n", text.trim_matches('\n')));
                }
            }
        }
    }
}

/// Follows what is piped in; true if a line could not be followed.
fn script(context: &Context, session: &mut Session) -> Result<bool, Status> {
    let (mut failed, mut pending) = (false, String::new());
    for (number, line) in std::io::stdin().lock().split(b'\n').enumerate() {
        let bytes = line.map_err(|e| context.bad(&format!("standard input cannot be read: {e}")))?;
        let Ok(line) = String::from_utf8(bytes) else {
            failed = true;
            context.screen.out(&format!("error: line {} is not UTF-8 text\n", number + 1));
            continue;
        };
        let line = line.trim_end_matches('\r');
        let prompt = if pending.is_empty() { session.prompt() } else { CONTINUED };
        context.screen.out(&format!("{}\n", format!("{prompt}{line}").trim_end()));
        pending.push_str(line);
        if session.goes_on(&pending) {
            pending.push('\n');
            continue;
        }
        let answer = session.line(&std::mem::take(&mut pending));
        failed |= answer.failed;
        show(context, &answer);
        if answer.ended {
            return Ok(failed);
        }
    }
    if !pending.is_empty() {
        // A bracket is open at the end: the message says so.
        show(context, &session.line(&pending));
        failed = true;
    }
    Ok(failed)
}

/// What stands before a line that goes on.
const CONTINUED: &str = ".. ";

fn interactive(context: &Context, session: Session, keep: bool) -> Result<(), Status> {
    let painted = !matches!(context.screen.color(), Color::Never) && std::env::var_os("NO_COLOR").is_none();
    // While an answer is being worked out, Ctrl-C does not end the session; all work has a limit of its own.
    let handler = ctrlc::set_handler(|| {});
    handler.map_err(|e| context.bad(&format!("Ctrl-C cannot be caught: {e}")))?;
    let failed = |e: ReadlineError| context.bad(&format!("the terminal cannot be used: {e}"));
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .completion_prompt_limit(100)
        .bell_style(BellStyle::None)
        .color_mode(if painted { ColorMode::Enabled } else { ColorMode::Disabled })
        .history_ignore_space(true)
        .build();
    let session = Rc::new(RefCell::new(session));
    let mut editor: Editor<Desk, FileHistory> = Editor::with_config(config).map_err(failed)?;
    editor.set_helper(Some(Desk { session: session.clone(), files: FilenameCompleter::new(), painted }));
    let history = if keep { history_file() } else { None };
    if let Some(file) = &history {
        // The first time there is none.
        let _ = editor.load_history(file);
    }
    loop {
        let prompt = session.borrow().prompt();
        match editor.readline(prompt) {
            Ok(line) => {
                if keep && !line.trim().is_empty() {
                    editor.add_history_entry(line.as_str()).map_err(failed)?;
                }
                let answer = session.borrow_mut().line(&line);
                show(context, &answer);
                if answer.ended {
                    break;
                }
            }
            Err(ReadlineError::Interrupted) => context.screen.out("(the line is dropped; Ctrl-D ends)\n"),
            Err(ReadlineError::Eof) => break,
            Err(e) => return Err(failed(e)),
        }
    }
    if let Some(file) = &history
        && let Err(e) = editor.append_history(file)
    {
        context.screen.err(&format!("the history cannot be kept in `{}`: {e}\n", file.display()));
    }
    Ok(())
}

/// Where the lines typed are kept, by the convention of the system; none where it has no place for it.
fn history_file() -> Option<PathBuf> {
    let places = etcetera::choose_base_strategy().ok()?;
    let folder = places.state_dir().unwrap_or_else(|| places.data_dir()).join("portcullis");
    std::fs::create_dir_all(&folder).ok()?;
    Some(folder.join("repl-history"))
}

/// Files of the disk, and the shipped policies.
struct Disk {
    root: Option<PathBuf>,
}

impl Files for Disk {
    fn law(&self, paths: &[String]) -> Result<Law, String> {
        let loaded = load::load(paths, self.root.as_deref())?;
        let shipped = loaded.named.iter().all(|(_, disk)| disk.is_none());
        Ok(Law { files: loaded.files, prefix: loaded.prefix, shipped })
    }

    fn read(&self, path: &str) -> Result<Option<String>, String> {
        match std::fs::metadata(path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(format!("`{path}` cannot be read: {e}")),
            Ok(m) if m.is_dir() => return Err(format!("`{path}` is a folder")),
            Ok(m) if m.len() > crate::source::MAX_FILE as u64 => {
                return Err(format!("`{path}` has {} bytes; at most {} are read", m.len(), crate::source::MAX_FILE));
            }
            Ok(_) => {}
        }
        std::fs::read_to_string(path).map(Some).map_err(|e| format!("`{path}` cannot be read: {e}"))
    }

    fn write(&self, path: &str, text: &str) -> Result<(), String> {
        let path = Path::new(path);
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty() && !f.is_dir()) {
            return Err(format!("there is no folder `{}`", folder.display()));
        }
        std::fs::write(path, text).map_err(|e| format!("`{}` cannot be written: {e}", path.display()))
    }
}

/// What helps while a line is typed.
struct Desk {
    session: Rc<RefCell<Session>>,
    files: FilenameCompleter,
    painted: bool,
}

impl Helper for Desk {}

impl Completer for Desk {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &rustyline::Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        match self.session.borrow().complete(line, pos) {
            Completion::Path(_) => self.files.complete_path(line, pos),
            Completion::Here(start, found) => {
                // What is shown beside a name is cut, so that each stands on a line.
                let pair = |c: crate::session::Candidate| {
                    let mut display: String = c.shown.chars().take(WIDE).collect();
                    if c.shown.chars().count() > WIDE {
                        display.push('…');
                    }
                    Pair { display, replacement: c.text }
                };
                Ok((start, found.into_iter().map(pair).collect()))
            }
        }
    }
}

/// How wide a line of a list of candidates is.
const WIDE: usize = 76;

/// A hint is read, and never put into the line.
struct Shown(String);

impl Hint for Shown {
    fn display(&self) -> &str {
        &self.0
    }
    fn completion(&self) -> Option<&str> {
        None
    }
}

impl Hinter for Desk {
    type Hint = Shown;

    fn hint(&self, line: &str, pos: usize, _: &rustyline::Context<'_>) -> Option<Shown> {
        if pos < line.len() {
            return None;
        }
        let hint = self.session.borrow().hint(line)?;
        // What does not fit the rest of the line would wrap and only be in the way.
        let room = 76usize.saturating_sub(line.chars().count());
        (hint.chars().count() <= room).then_some(Shown(hint))
    }
}

impl Highlighter for Desk {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if !self.painted {
            return Cow::Borrowed(line);
        }
        let mut out = String::new();
        let mut at = 0;
        for (range, paint) in self.session.borrow().paint(line) {
            let code = match paint {
                Paint::Command => "1;36",
                Paint::Fact => "36",
                Paint::Name => "32",
                Paint::Keyword => "1",
                Paint::Literal => "33",
                Paint::Unknown => "31",
            };
            out.push_str(&line[at..range.start]);
            out.push_str(&format!("\u{1b}[{code}m{}\u{1b}[0m", &line[range.clone()]));
            at = range.end;
        }
        out.push_str(&line[at..]);
        Cow::Owned(out)
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        if self.painted { Cow::Owned(format!("\u{1b}[2m{hint}\u{1b}[0m")) } else { Cow::Borrowed(hint) }
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.painted && kind != CmdKind::MoveCursor
    }
}

impl Validator for Desk {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let goes_on = self.session.borrow().goes_on(context.input());
        Ok(if goes_on { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}
