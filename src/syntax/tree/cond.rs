//! Conditions, sets and values, as written.

use crate::span::Span;

use super::*;

/// A condition.
#[derive(Clone, Debug)]
pub struct Cond {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: CondKind,
}

/// The kinds of condition.
#[derive(Clone, Debug)]
pub enum CondKind {
    /// `a or b`
    Or(Vec<Cond>),
    /// `a and b`
    And(Vec<Cond>),
    /// `not a`
    Not(Box<Cond>),
    /// `( a )`, kept so that the formatter prints it back.
    Paren(Box<Cond>),
    /// `any of { a; b }`
    AnyAllConds {
        /// True for `all of`.
        all: bool,
        /// The conditions.
        conds: Vec<Cond>,
    },
    /// `any of { a, b } in S`, `any of set in S`
    AnyAll {
        /// True for `all of`.
        all: bool,
        /// The facts.
        names: Vec<Name>,
        /// True if written in braces.
        braces: bool,
        /// What is said of them; nothing: each is `yes`.
        predicate: Option<Predicate>,
    },
    /// `name`, `name PREDICATE`
    Fact {
        /// The fact.
        name: Name,
        /// What is said of it; nothing: it is `yes`.
        predicate: Option<Predicate>,
    },
}

/// What a comparison says of a fact.
#[derive(Clone, Debug)]
pub struct Predicate {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: PredicateKind,
}

/// The kinds of predicate.
#[derive(Clone, Debug)]
pub enum PredicateKind {
    /// `is v`, `is not v`
    Is {
        /// True for `is not`.
        negated: bool,
        /// The value.
        value: Value,
    },
    /// `in S`, `not in S`
    In {
        /// True for `not in`.
        negated: bool,
        /// The set.
        set: SetExpr,
    },
    /// `in a to b`, both included
    Range {
        /// True for `not in`.
        negated: bool,
        /// The lower end.
        low: Value,
        /// The upper end.
        high: Value,
    },
    /// `>= v`
    Compare {
        /// The operator as written.
        op: Spanned<CompareOp>,
        /// The value.
        value: Value,
    },
    /// `coded under c`
    CodedUnder(Vec<Name>, bool),
    /// `marked CC1 in chart`
    Marked {
        /// The column.
        column: Name,
        /// The chart.
        chart: Name,
    },
    /// `includes goods`
    Includes(Name),
}

/// A comparison of two values of one ordered type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// `=`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// A set expression.
#[derive(Clone, Debug)]
pub struct SetExpr {
    /// Where.
    pub span: Span,
    /// The first term.
    pub first: SetTerm,
    /// Further terms with the operator before each, from left to right.
    pub rest: Vec<(SetOp, SetTerm)>,
}

/// `+`, `-`, `&`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetOp {
    /// Either.
    Plus,
    /// The first without the second.
    Minus,
    /// Both.
    And,
}

/// A term of a set expression.
#[derive(Clone, Debug)]
pub enum SetTerm {
    /// A group, category or fact.
    Name(Name),
    /// `{ a, b }`
    Literal(Span, Vec<Value>),
    /// `( a + b )`
    Paren(Box<SetExpr>),
}

/// A value as written.
#[derive(Clone, Debug)]
pub struct Value {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: ValueKind,
}

/// The kinds of value, told apart by their spelling alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// `"text"`
    Text(String),
    /// `2026-03-02`
    Date(String),
    /// `57-33-0`
    Cas(String),
    /// `241 mm`
    Quantity(String, String),
    /// `4421 99`
    Code(String),
    /// `0.3`
    Number(String),
    /// `IT-livigno`
    Place(String),
    /// `shock_belt`, `yes`, `TR`
    Name(String),
}
