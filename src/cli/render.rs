//! Messages for a terminal, by miette, and paint for reports. The only file that knows how things look.

use std::io::Write;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report, ThemeStyles};

use crate::diagnostic::{Diagnostic, Severity};
use crate::eval::Outcome;
use crate::report::{Line, Mark};
use crate::source::Sources;
use crate::spelling::counted;

/// When to paint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// If it is a terminal and `NO_COLOR` is not set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    fn choice(self) -> anstream::ColorChoice {
        match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
    }
}

/// Standard output and standard error, painted or not.
pub struct Screen {
    color: Color,
}

impl Screen {
    /// A screen.
    pub fn new(color: Color) -> Self {
        Screen { color }
    }

    /// When it paints.
    #[cfg(feature = "repl")]
    pub fn color(&self) -> Color {
        self.color
    }

    /// Writes to standard output; a closed pipe ends the program quietly.
    pub fn out(&self, text: &str) {
        let mut stream = anstream::AutoStream::new(std::io::stdout().lock(), self.color.choice());
        if stream.write_all(text.as_bytes()).and_then(|()| stream.flush()).is_err() {
            std::process::exit(0);
        }
    }

    /// Writes to standard error.
    pub fn err(&self, text: &str) {
        let mut stream = anstream::AutoStream::new(std::io::stderr().lock(), self.color.choice());
        let _ = stream.write_all(text.as_bytes());
    }

    /// Writes a report, painted.
    pub fn report(&self, lines: &[Line]) {
        let mut text = String::new();
        for line in lines {
            let code = match line.mark {
                Mark::Answer(Some(Outcome::Prohibited)) => "1;31",
                Mark::Answer(Some(Outcome::LicenceRequired)) => "1;33",
                Mark::Answer(Some(Outcome::Permitted)) => "1;32",
                Mark::Answer(_) => "1;35",
                Mark::Heading => "1",
                Mark::Small => "2",
                Mark::Plain => "",
            };
            if code.is_empty() {
                text.push_str(&line.text);
            } else {
                text.push_str(&format!("\u{1b}[{code}m{}\u{1b}[0m", line.text));
            }
            text.push('\n');
        }
        self.out(&text);
    }

    /// Writes messages to standard error, and how many there are.
    pub fn diagnostics(&self, sources: &Sources, problems: &[Diagnostic]) {
        for problem in problems {
            self.err(&diagnostic(sources, problem));
            self.err("\n");
        }
        let errors = problems.iter().filter(|d| d.severity == Severity::Error).count();
        if errors > 0 {
            self.err(&format!("{}\n", counted(errors, "error", "errors")));
        }
    }
}

/// One message with the places it speaks of.
pub fn diagnostic(sources: &Sources, d: &Diagnostic) -> String {
    let main = d.labels.first().map(|l| l.span.file);
    let label = |l: &crate::diagnostic::Label| {
        let text = if l.text.is_empty() { None } else { Some(l.text.clone()) };
        let (start, end) = (l.span.start as usize, l.span.end as usize);
        LabeledSpan::new(text, start, end.saturating_sub(start).max(1))
    };
    let mut out = MietteDiagnostic::new(d.message.clone()).with_code(d.code.as_str());
    out = out.with_severity(match d.severity {
        Severity::Error => miette::Severity::Error,
        Severity::Warning => miette::Severity::Warning,
    });
    out = out.with_labels(d.labels.iter().filter(|l| Some(l.span.file) == main).map(label));
    if let Some(help) = &d.help {
        out = out.with_help(help.clone());
    }
    let mut text = String::new();
    let theme = GraphicalTheme { styles: ThemeStyles::ansi(), ..GraphicalTheme::unicode() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(80).with_links(false);
    let source = main.and_then(|f| sources.get(f));
    let report = match source {
        Some(s) => Report::new(out).with_source_code(NamedSource::new(s.name.clone(), s.text.clone())),
        None => Report::new(out),
    };
    if handler.render_report(&mut text, report.as_ref()).is_err() {
        return d.plain(sources);
    }
    // Places in other files, each with its line.
    for other in d.labels.iter().filter(|l| Some(l.span.file) != main) {
        let word = if other.text.is_empty() { "see also" } else { other.text.as_str() };
        text.push_str(&format!("  {word}: {}\n", sources.place(other.span)));
    }
    text
}
