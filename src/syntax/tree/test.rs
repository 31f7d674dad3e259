//! Tests and lines at the bench, as written.

use crate::span::Span;

use super::*;

/// A test.
#[derive(Clone, Debug)]
pub struct Test {
    /// The facts.
    pub given: Vec<Assignment>,
    /// What is expected.
    pub expects: Vec<Expectation>,
}

/// A table of tests: columns are facts, and `expect`.
#[derive(Clone, Debug)]
pub struct Table {
    /// Facts common to all rows.
    pub given: Vec<Assignment>,
    /// Rows of cells, the header first; each cell trimmed.
    pub rows: Vec<Vec<Str>>,
}

/// One fact given in a test.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// Which fact, or which record.
    pub name: Name,
    /// Its value.
    pub value: Given,
}

/// A value given in a test.
#[derive(Clone, Debug)]
pub enum Given {
    /// A single value.
    Value(Value),
    /// `{ a, b }`
    Set(Span, Vec<Value>),
    /// `goods { … }`
    Block(Span, Vec<Assignment>),
    /// `goods [ { … }, { … } ]`
    Blocks(Span, Vec<Vec<Assignment>>),
}

/// A line at the bench: what is said or asked about the consignment at hand.
#[derive(Clone, Debug)]
pub enum BenchLine {
    /// `goods.kind = whip, destination TR`
    Settings(Vec<Setting>),
    /// `goods.length > 1 m`
    Cond(Cond),
}

/// One fact that a line at the bench sets.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The fact; in `goods[2].kind` the number left out.
    pub name: Name,
    /// Which goods item or licence, from 1, if it is said.
    pub number: Option<Spanned<usize>>,
    /// What it is set to.
    pub value: Given,
}

/// What a decision must say.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// The whole expectation.
    pub span: Span,
    /// The outcome word.
    pub outcome: Str,
    /// The rest.
    pub parts: Vec<Expected>,
}

/// One part of an expectation.
#[derive(Clone, Debug)]
pub struct Expected {
    /// Where.
    pub span: Span,
    /// Which.
    pub kind: ExpectedKind,
    /// The names or texts.
    pub names: Vec<Str>,
}

/// The parts of an expectation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedKind {
    /// `under l`
    Under,
    /// `by r`
    By,
    /// `not by r`
    NotBy,
    /// `in c`
    In,
    /// `not in c`
    NotIn,
    /// `missing f`
    Missing,
    /// `requires l`
    Requires,
    /// `not requires l`
    NotRequires,
    /// `document "C064"`
    Document,
    /// `not document "Y904"`
    NotDocument,
    /// `duty "…"`
    Duty,
    /// `not duty "…"`
    NotDuty,
    /// `presumes f`
    Presumes,
    /// `not presumes f`
    NotPresumes,
    /// `near c`
    Near,
    /// `claimable e`
    Claimable,
    /// `not claimable e`
    NotClaimable,
    /// `may proceed`
    May,
    /// `may not proceed`
    MayNot,
}
