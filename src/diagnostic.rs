//! The one diagnostic type, its codes, and nothing about terminals.
//!
//! Every stage raises the same [`Diagnostic`]: a stable code, a headline in the law's words, the places it speaks of,
//! and one way out. Rendering for a terminal is done at the edge (`cli`); [`Diagnostic::plain`] gives text without it.

use crate::source::Sources;
use crate::span::Span;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// The stable codes. Each has a page under `docs/diagnostics`, which `portcullis explain CODE` prints.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// All codes, in the order of the pages.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The code as written in messages.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)* }
            }

            /// The page of the code, as Markdown.
            pub fn page(self) -> &'static str {
                match self { $(Code::$name => include_str!(concat!("../docs/diagnostics/", $text, ".md")),)* }
            }
        }
    };
}

codes! {
    /// The text does not follow the grammar.
    SyntaxError = "syntax-error",
    /// Brackets, conditions or lists are nested deeper than the limit.
    NestingTooDeep = "nesting-too-deep",
    /// A condition, group or exception rests on more others than can be followed.
    TooInvolved = "too-involved",
    /// A bracket or quote is opened and not closed, or closed and not opened.
    Unbalanced = "unbalanced",
    /// The file cannot be read as text: too large, not UTF-8, not there.
    UnreadableFile = "unreadable-file",
    /// A name that nothing visible here declares.
    UnknownName = "unknown-name",
    /// A name that two visible declarations share.
    AmbiguousName = "ambiguous-name",
    /// A module named by `use` that does not exist.
    UnknownModule = "unknown-module",
    /// One name declared twice in one place.
    DeclaredTwice = "declared-twice",
    /// Two versions of one declaration in force on the same day.
    OverlappingVersions = "overlapping-versions",
    /// A declaration that belongs to a policy stands outside any.
    OutsidePolicy = "outside-policy",
    /// A field that must be there is not.
    MissingField = "missing-field",
    /// A field that may stand once stands twice.
    RepeatedField = "repeated-field",
    /// A rule or exception without a citation.
    MissingCitation = "missing-citation",
    /// A value or fact of another type than what stands beside it.
    WrongType = "wrong-type",
    /// A quantity of another dimension.
    WrongDimension = "wrong-dimension",
    /// A number that cannot be held exactly.
    BadNumber = "bad-number",
    /// A date that is not a day of the calendar.
    BadDate = "bad-date",
    /// An interval that ends before it starts, or two of one declaration that overlap.
    BadInterval = "bad-interval",
    /// A code that its scheme does not allow.
    BadCode = "bad-code",
    /// Search words that no description can have, or a vocabulary that cannot be read.
    BadWords = "bad-words",
    /// `ex` before a code without a condition that says which part.
    ExWithoutCondition = "ex-without-condition",
    /// A group with no member.
    EmptyGroup = "empty-group",
    /// A chart file that cannot be read.
    BadChart = "bad-chart",
    /// Declarations that depend on themselves.
    Cycle = "cycle",
    /// An exception to something that is not a rule.
    NotARule = "not-a-rule",
    /// `claimed` where the burden of proof cannot lie on who relies on it.
    MisplacedClaim = "misplaced-claim",
    /// A presumption on the milder side without a ground in law, or on the goods themselves.
    MildPresumption = "mild-presumption",
    /// A link whose entries do not relate as it says.
    WrongLink = "wrong-link",
    /// Two policies give one fact different types.
    ClashingFacts = "clashing-facts",
    /// A consignment that is not JSON of the expected form.
    ConsignmentSyntax = "consignment-syntax",
    /// A consignment beyond a limit of size, nesting or number of items.
    ConsignmentLimit = "consignment-limit",
    /// A key that stands twice in one object.
    DuplicateKey = "duplicate-key",
    /// A fact of a consignment that no loaded policy declares.
    UndeclaredFact = "undeclared-fact",
    /// A value outside the type of its fact.
    BadFactValue = "bad-fact-value",
    /// A consignment without a date, and no date was set.
    MissingDate = "missing-date",
    /// Facts of a consignment that cannot all be so.
    ConstraintBroken = "constraint-broken",
    /// A rule that applies to no consignment.
    RuleNeverApplies = "rule-never-applies",
    /// A rule that is defeated wherever it applies.
    RuleAlwaysDefeated = "rule-always-defeated",
    /// An entry that no rule asks for.
    EntryUnused = "entry-unused",
    /// A condition that is always so, or never.
    ConstantCondition = "constant-condition",
    /// Goods that two entries hold and treat differently.
    ClashingEntries = "clashing-entries",
    /// Days between two versions on which neither is in force.
    VersionGap = "version-gap",
    /// An entry for which no rule speaks of an activity that rules name for the rest of its list.
    EntryUnmet = "entry-unmet",
    /// A fact that changes nothing.
    FactWithoutEffect = "fact-without-effect",
    /// A presumption that changes nothing.
    PresumptionWithoutEffect = "presumption-without-effect",
    /// A question about the law that was not answered.
    NotAnalysed = "not-analysed",
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Code {
    type Err = ();
    fn from_str(s: &str) -> Result<Self, ()> {
        Code::ALL.iter().copied().find(|c| c.as_str() == s).ok_or(())
    }
}

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The policy or consignment cannot be used.
    Error,
    /// It can, but something is probably not meant.
    Warning,
}

/// A place a diagnostic speaks of, and what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is said of it; may be empty.
    pub text: String,
}

/// One message about a policy or a consignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// One line, lower case, no full stop.
    pub message: String,
    /// The places, the main one first.
    pub labels: Vec<Label>,
    /// One way out.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at one place.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        let label = Label { span, text: String::new() };
        Self { code, severity: Severity::Error, message: message.into(), labels: vec![label], help: None }
    }

    /// A warning at one place.
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// An error of a whole text, without a place in it.
    pub fn global(code: Code, message: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, message: message.into(), labels: Vec::new(), help: None }
    }

    /// Says what stands at the main place.
    pub fn here(mut self, text: impl Into<String>) -> Self {
        if let Some(first) = self.labels.first_mut() {
            first.text = text.into();
        }
        self
    }

    /// Adds another place.
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds the way out.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// The message as plain lines: `file:line:column: error[code]: message`, further places and help indented.
    pub fn plain(&self, sources: &Sources) -> String {
        let word = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let mut out = String::new();
        if let Some(first) = self.labels.first() {
            out.push_str(&sources.place(first.span));
            out.push_str(": ");
        }
        out.push_str(&format!("{word}[{}]: {}", self.code, self.message));
        for (i, label) in self.labels.iter().enumerate() {
            if i == 0 && label.text.is_empty() {
                continue;
            }
            out.push_str(&format!("\n  {}: {}", sources.place(label.span), label.text));
        }
        if let Some(help) = &self.help {
            out.push_str(&format!("\n  help: {help}"));
        }
        out
    }
}
