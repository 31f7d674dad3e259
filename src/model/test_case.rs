//! The tests that stand in the law: a consignment, and what is expected of it.

use crate::span::Span;

use super::world::PolicyId;

/// A test, or one row of a table. Its facts are resolved when it is run, so that a test file cannot hide a policy.
#[derive(Clone, Debug)]
pub struct TestCase {
    /// Its name; a row of a table adds its number.
    pub name: String,
    /// The policy it tests.
    pub policy: PolicyId,
    /// Where it stands.
    pub span: Span,
    /// What is given, as the JSON consignment it stands for.
    pub given: serde_json::Value,
    /// What is expected.
    pub expects: Vec<Expect>,
}

/// One expectation of a test.
#[derive(Clone, Debug, Default)]
pub struct Expect {
    /// Where it stands.
    pub span: Span,
    /// The outcome, or `impossible`.
    pub outcome: String,
    /// Where the outcome stands.
    pub outcome_span: Span,
    /// The rest, in the order in which it is written.
    pub parts: Vec<ExpectedPart>,
}

/// The outcome of an expectation that no decision is made, since the facts given break a constraint.
pub const IMPOSSIBLE: &str = "impossible";

/// One part of an expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedPart {
    /// Where it stands.
    pub span: Span,
    /// True after `not`.
    pub negated: bool,
    /// What it is about.
    pub what: Expected,
    /// The names or texts; none for `may proceed`.
    pub names: Vec<String>,
}

/// What a part of an expectation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// `by`: each decides; after `impossible`, each constraint is broken.
    By,
    /// `in`: the goods are certainly in each; negated: they can be in none.
    In,
    /// `missing`: each still matters.
    Missing,
    /// `requires`; negated: not even possibly.
    Requires,
    /// `under`
    Under,
    /// `document`; negated: not even possibly.
    Document,
    /// `duty`; negated: not even possibly.
    Duty,
    /// `presumes`
    Presumes,
    /// `near`
    Near,
    /// `claimable`
    Claimable,
    /// `may proceed`, `may not proceed`
    Proceed,
}

impl Expected {
    /// The word in the language.
    pub fn word(self) -> &'static str {
        match self {
            Expected::By => "by",
            Expected::In => "in",
            Expected::Missing => "missing",
            Expected::Requires => "requires",
            Expected::Under => "under",
            Expected::Document => "document",
            Expected::Duty => "duty",
            Expected::Presumes => "presumes",
            Expected::Near => "near",
            Expected::Claimable => "claimable",
            Expected::Proceed => "proceed",
        }
    }

    /// True if it is about quoted texts, not names.
    pub fn quoted(self) -> bool {
        matches!(self, Expected::Document | Expected::Duty)
    }
}
