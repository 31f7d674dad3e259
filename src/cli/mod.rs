//! The command line: one file a verb.
//!
//! Exit status: 3 bad input or a bad policy; else 1 the answer is "no" (a test failed, something is prohibited or needs
//! a licence that is not held, files differ); else 2 something is undetermined or no policy speaks to it; else 0.

mod ask;
mod check;
mod compare;
mod decide;
mod diff;
mod explain;
mod find;
mod fmt;
mod load;
mod new;
pub mod render;
#[cfg(feature = "repl")]
mod repl;
mod routes;
mod schema;
mod screen;
mod show;
mod test;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::policy::{Policy, Rejected};
use render::{Color, Screen};

/// Export-control law as text: check it, test it, decide consignments by it.
#[derive(Parser)]
#[command(name = "portcullis", about, max_term_width = 80, disable_version_flag = true, arg_required_else_help = true)]
struct Arguments {
    /// When to paint the output
    #[arg(long, value_enum, default_value = "auto", global = true)]
    color: Color,
    /// Text for people, JSON for programs; Markdown of `decide`, `diff`, `compare` and `routes`, and JUnit of `test`
    #[arg(long, value_enum, default_value = "text", global = true)]
    format: Format,
    /// The folder that holds `trade.gate`, where it is not above the paths
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Print the version, and the digests of the shipped policies
    #[arg(long, short = 'V')]
    version: bool,
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Subcommand)]
enum Verb {
    Check(check::Arguments),
    Fmt(fmt::Arguments),
    Decide(decide::Arguments),
    Ask(ask::Arguments),
    Diff(diff::Arguments),
    Compare(compare::Arguments),
    Routes(routes::Arguments),
    Show(show::Arguments),
    Find(find::Arguments),
    Explain(explain::Arguments),
    Test(test::Arguments),
    New(new::Arguments),
    #[cfg(feature = "repl")]
    Repl(repl::Arguments),
    Schema(schema::Arguments),
    Screen(screen::Arguments),
    /// Print a completion script for a shell
    ///
    /// Example: portcullis completions bash > /etc/bash_completion.d/portcullis
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// What a verb answers, as an exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Everything asked for is so.
    Yes,
    /// Something is undetermined, or no policy speaks to it.
    Open,
    /// The answer is no.
    No,
    /// The input or a policy is bad.
    Bad,
}

impl Status {
    /// The exit status.
    pub fn code(self) -> u8 {
        match self {
            Status::Yes => 0,
            Status::No => 1,
            Status::Open => 2,
            Status::Bad => 3,
        }
    }
}

/// How answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For what reads test results; only `test` writes it.
    Junit,
    /// To paste elsewhere; of `decide`, `diff`, `compare` and `routes` alone.
    Markdown,
}

/// What every verb is given.
struct Context {
    screen: Screen,
    format: Format,
    root: Option<PathBuf>,
}

impl Context {
    /// Loads policies to decide by: their tests are left aside.
    fn policy_alone(&self, paths: &[String]) -> Result<Policy, Status> {
        let mut loaded = self.files(paths)?;
        loaded.files.retain(|f| !f.path.ends_with(".test.gate"));
        self.load(loaded)
    }

    /// Loads policies with their tests, or says what is wrong.
    fn policy(&self, paths: &[String]) -> Result<Policy, Status> {
        let loaded = self.files(paths)?;
        self.load(loaded)
    }

    /// Checks files of law, or says what is wrong.
    fn load(&self, loaded: load::Loaded) -> Result<Policy, Status> {
        let from_here = |name: &str| format!("{}{name}", loaded.prefix);
        match Policy::load(loaded.files) {
            Ok(mut policy) => {
                policy.rename(from_here);
                Ok(policy)
            }
            Err(mut rejected) => {
                rejected.sources.rename(from_here);
                Err(self.reject(&rejected))
            }
        }
    }

    fn files(&self, paths: &[String]) -> Result<load::Loaded, Status> {
        load::load(paths, self.root.as_deref()).map_err(|message| self.bad(&message))
    }

    /// Writes an answer for programs.
    fn json(&self, answer: &serde_json::Value) {
        self.screen.out(&format!("{answer}\n"));
    }

    /// Writes a report, or its lines for programs.
    fn lines(&self, lines: &[crate::report::Line]) {
        match self.format {
            Format::Text | Format::Junit | Format::Markdown => self.screen.report(lines),
            Format::Json => {
                let texts: Vec<&str> = lines.iter().map(|l| l.text.as_str()).collect();
                self.json(&serde_json::json!({ "lines": texts }));
            }
        }
    }

    fn reject(&self, rejected: &Rejected) -> Status {
        self.screen.diagnostics(&rejected.sources, &rejected.problems);
        Status::Bad
    }

    fn bad(&self, message: &str) -> Status {
        self.screen.err(&format!("error: {message}\n"));
        Status::Bad
    }
}

/// Runs the program on its arguments.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(a) => a,
        Err(e) => {
            let _ = e.print();
            return ExitCode::from(if e.use_stderr() { Status::Bad.code() } else { 0 });
        }
    };
    let context = Context { screen: Screen::new(arguments.color), format: arguments.format, root: arguments.root };
    if arguments.version {
        context.screen.out(&version());
        return ExitCode::SUCCESS;
    }
    let Some(verb) = arguments.verb else {
        return ExitCode::from(context.bad("say what to do; see `portcullis --help`").code());
    };
    if context.format == Format::Junit && !matches!(verb, Verb::Test(_)) {
        return ExitCode::from(context.bad("only `test` writes `--format junit`; take `text` or `json`").code());
    }
    let marked = matches!(verb, Verb::Decide(_) | Verb::Diff(_) | Verb::Compare(_) | Verb::Routes(_));
    if context.format == Format::Markdown && !marked {
        return ExitCode::from(context.bad("--format markdown is for `decide`, `diff`, `compare` and `routes`").code());
    }
    let status = match verb {
        Verb::Check(a) => check::run(&context, &a),
        Verb::Fmt(a) => fmt::run(&context, &a),
        Verb::Decide(a) => decide::run(&context, &a),
        Verb::Ask(a) => ask::run(&context, &a),
        Verb::Diff(a) => diff::run(&context, &a),
        Verb::Compare(a) => compare::run(&context, &a),
        Verb::Routes(a) => routes::run(&context, &a),
        Verb::Show(a) => show::run(&context, &a),
        Verb::Find(a) => find::run(&context, &a),
        Verb::Explain(a) => explain::run(&context, &a),
        Verb::Test(a) => test::run(&context, &a),
        Verb::New(a) => new::run(&context, &a),
        #[cfg(feature = "repl")]
        Verb::Repl(a) => repl::run(&context, &a),
        Verb::Schema(a) => schema::run(&context, &a),
        Verb::Screen(a) => screen::run(&context, &a),
        Verb::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "portcullis", &mut script);
            context.screen.out(&String::from_utf8_lossy(&script));
            Ok(Status::Yes)
        }
    };
    ExitCode::from(status.unwrap_or_else(|s| s).code())
}

/// The version, and what the shipped policies are.
fn version() -> String {
    let mut out = format!("portcullis {}\n", env!("CARGO_PKG_VERSION"));
    if let Ok(policy) = Policy::load(crate::embedded::files()) {
        for p in &policy.world().policies {
            out.push_str(&format!("{} {}\n", p.name, p.digest));
        }
    }
    out
}
