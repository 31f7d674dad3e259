//! Conditions, with every name resolved.
//!
//! A condition is a tree of `and`, `or` and `not` over atoms. Nearly every atom compares one fact with constants, which
//! is what makes each fact's domain fall into finitely many classes.

use std::collections::BTreeSet;

use crate::span::Span;

use super::value::Value;
use super::world::{CategoryId, ChartId, FactId, GroupId};

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Cond {
    /// All hold; nothing: it always holds.
    All(Vec<Cond>),
    /// Any holds; nothing: it never holds.
    Any(Vec<Cond>),
    /// It does not hold.
    Not(Box<Cond>),
    /// One question about the consignment.
    Atom(Atom),
}

impl Cond {
    /// The condition that always holds.
    pub fn always() -> Cond {
        Cond::All(Vec::new())
    }

    /// Both hold.
    pub fn and(self, other: Cond) -> Cond {
        match self {
            Cond::All(mut list) => {
                list.push(other);
                Cond::All(list)
            }
            first => Cond::All(vec![first, other]),
        }
    }

    /// True if nothing is asked.
    pub fn is_always(&self) -> bool {
        matches!(self, Cond::All(list) if list.is_empty())
    }

    /// Calls `f` on every atom, with false under an odd number of `not`.
    pub fn atoms<'a>(&'a self, f: &mut impl FnMut(&'a Atom, bool)) {
        self.walk(true, f);
    }

    /// How many levels it nests, those of its sets counted.
    pub fn levels(&self) -> u64 {
        match self {
            Cond::All(list) | Cond::Any(list) => 1 + list.iter().map(Cond::levels).max().unwrap_or(0),
            Cond::Not(inner) => 1 + inner.levels(),
            Cond::Atom(Atom { kind: AtomKind::Fact(_, test) | AtomKind::Elements { test, .. }, .. }) => match test {
                Test::In(set) => 1 + set.levels(),
                _ => 1,
            },
            Cond::Atom(_) => 1,
        }
    }

    fn walk<'a>(&'a self, positive: bool, f: &mut impl FnMut(&'a Atom, bool)) {
        match self {
            Cond::All(list) | Cond::Any(list) => list.iter().for_each(|c| c.walk(positive, f)),
            Cond::Not(inner) => inner.walk(!positive, f),
            Cond::Atom(atom) => f(atom, positive),
        }
    }
}

/// One question, and where it is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Atom {
    /// Where it stands in the text.
    pub span: Span,
    /// The question.
    pub kind: AtomKind,
}

/// The kinds of question.
#[derive(Clone, Debug, PartialEq)]
pub enum AtomKind {
    /// A fact passes a test.
    Fact(FactId, Test),
    /// Any (or all) elements of a fact that is a set pass a test.
    Elements {
        /// The fact.
        fact: FactId,
        /// True for all, false for any.
        all: bool,
        /// The test.
        test: Test,
    },
    /// A fact that is a set has no element.
    Empty(FactId),
    /// A named condition.
    Means(FactId),
    /// The goods are in any of these categories.
    In(Vec<CategoryId>),
    /// The code of the goods lies under any of these categories.
    CodedUnder(Vec<CategoryId>),
    /// Two facts of one type compared.
    Facts(FactId, Comparison, FactId),
    /// The entries that a held licence names include the goods.
    Includes(FactId),
}

/// A test of one value against constants.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// It is yes.
    Yes,
    /// It is that value.
    Is(Value),
    /// It is in that set.
    In(Set),
    /// It compares so with that value.
    Compare(Comparison, Value),
    /// It lies between the two, both included.
    Between(Value, Value),
    /// The place is marked in that column of that chart.
    Marked(ChartId, usize),
}

impl Test {
    /// Adds the values that it names; of a group or chart none.
    pub fn constants(&self, out: &mut BTreeSet<Value>) {
        match self {
            Test::Is(v) | Test::Compare(_, v) => {
                out.insert(v.clone());
            }
            Test::Between(a, b) => out.extend([a.clone(), b.clone()]),
            Test::In(set) => set.constants(out),
            Test::Yes | Test::Marked(..) => {}
        }
    }
}

/// How two values compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
}

impl Comparison {
    /// Whether it holds of two values that stand in that order.
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        use std::cmp::Ordering::*;
        match self {
            Comparison::Eq => order == Equal,
            Comparison::Ne => order != Equal,
            Comparison::Lt => order == Less,
            Comparison::Le => order != Greater,
            Comparison::Gt => order == Greater,
            Comparison::Ge => order != Less,
        }
    }

    /// The operator as written.
    pub fn as_str(self) -> &'static str {
        match self {
            Comparison::Eq => "=",
            Comparison::Ne => "!=",
            Comparison::Lt => "<",
            Comparison::Le => "<=",
            Comparison::Gt => ">",
            Comparison::Ge => ">=",
        }
    }
}

/// A set of values.
#[derive(Clone, Debug, PartialEq)]
pub enum Set {
    /// These values.
    Values(Vec<Value>),
    /// A declared group, in any of its versions.
    Group(Vec<GroupId>),
    /// In either.
    Plus(Box<Set>, Box<Set>),
    /// In the first and not in the second.
    Minus(Box<Set>, Box<Set>),
    /// In both.
    And(Box<Set>, Box<Set>),
}

impl Set {
    /// How many levels it nests.
    pub fn levels(&self) -> u64 {
        match self {
            Set::Values(_) | Set::Group(_) => 1,
            Set::Plus(a, b) | Set::Minus(a, b) | Set::And(a, b) => 1 + a.levels().max(b.levels()),
        }
    }

    /// Calls `f` with the versions of each group that it names, as often as it names it.
    pub fn groups(&self, f: &mut impl FnMut(&[GroupId])) {
        match self {
            Set::Values(_) => {}
            Set::Group(ids) => f(ids),
            Set::Plus(a, b) | Set::Minus(a, b) | Set::And(a, b) => {
                a.groups(f);
                b.groups(f);
            }
        }
    }

    fn constants(&self, out: &mut BTreeSet<Value>) {
        match self {
            Set::Values(list) => out.extend(list.iter().cloned()),
            Set::Group(_) => {}
            Set::Plus(a, b) | Set::Minus(a, b) | Set::And(a, b) => {
                a.constants(out);
                b.constants(out);
            }
        }
    }
}
