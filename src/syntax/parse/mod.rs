//! From text to tree, with pest. The only folder that names pest rules.
//!
//! Each piece that [`scan`](super::scan) found is parsed on its own, so a mistake costs one declaration. pest accepts
//! or refuses a piece as a whole; past that point the shape of its pairs is the grammar's, and the functions here only
//! rename it. Where a pair that the grammar promises is missing, a [`Broken`] is returned and reported as a bug of ours.

use std::iter::{Filter, Peekable};

use pest::Parser;
use pest::iterators::{Pair, Pairs};

use crate::diagnostic::{Code, Diagnostic};
use crate::span::{FileId, Span};
use crate::stack::deep;

use super::scan;
use super::tree::*;

mod cond;
mod decl;
mod error;
mod example;

mod grammar {
    #![allow(missing_docs, reason = "generated from the grammar, where each rule is documented")]
    /// The parser that pest generates.
    #[derive(pest_derive::Parser)]
    #[grammar = "../grammar/portcullis.pest"]
    pub struct Gate;
}
use error::{line_error, syntax_error};
use grammar::{Gate, Rule};

/// Reads one file: its tree, and every mistake in it.
pub fn parse_file(file: FileId, text: &str) -> (File, Vec<Diagnostic>) {
    deep(|| parse_pieces(file, text))
}

fn parse_pieces(file: FileId, text: &str) -> (File, Vec<Diagnostic>) {
    let found = scan::scan(file, text);
    let mut problems = found.problems;
    let starts = text.bytes().zip(1..).filter(|(b, _)| *b == b'\n').map(|(_, next)| next);
    let lines = std::iter::once(0).chain(starts).collect();
    let mut decls = Vec::new();
    let scanned_badly = problems.iter().any(|d| d.code == Code::NestingTooDeep);
    let mut places: Vec<usize> = problems.iter().flat_map(|d| d.labels.iter().map(|l| l.span.start as usize)).collect();
    places.sort_unstable();
    for range in found.pieces {
        let inner = places.get(places.partition_point(|p| *p < range.start)).is_some_and(|p| *p < range.end);
        let at = At { file, base: range.start, comments: &found.comments };
        match Gate::parse(Rule::declaration, &text[range.clone()]) {
            Ok(mut pairs) => match pairs.next().ok_or(Broken).and_then(|p| at.declaration(p)) {
                Ok(decl) => decls.push(decl),
                Err(Broken) => problems.push(broken(file, range)),
            },
            // A bracket or quote that does not match already has its own message.
            Err(_) if inner || scanned_badly => {}
            Err(error) => problems.push(syntax_error(at, &text[range.clone()], &error)),
        }
    }
    (File { decls, comments: found.comments, lines }, problems)
}

/// Reads one condition on its own, as the REPL and tests do.
pub fn parse_cond(file: FileId, text: &str) -> Result<Cond, Diagnostic> {
    let wrapped = format!("constraint x \"\" {{ always {text}\n}}");
    let (mut tree, problems) = parse_file(file, &wrapped);
    if let Some(first) = problems.into_iter().next() {
        return Err(first);
    }
    match tree.decls.pop().and_then(|d| d.fields.into_iter().next()).map(|f| f.kind) {
        Some(FieldKind::Always(cond)) => Ok(cond),
        _ => Err(Diagnostic::global(Code::SyntaxError, "this is not one condition")),
    }
}

/// Reads a line of the bench: facts that are set, or a condition that is asked.
///
/// # Errors
/// What cannot be read, with its place in the line.
pub fn parse_line(file: FileId, text: &str) -> Result<BenchLine, Vec<Diagnostic>> {
    let found = scan::scan(file, text);
    if !found.problems.is_empty() {
        return Err(found.problems);
    }
    let at = At { file, base: 0, comments: &found.comments };
    deep(|| match Gate::parse(Rule::bench_line, text) {
        Ok(mut pairs) => {
            let line = pairs.next().ok_or(Broken).and_then(|p| at.bench_line(p));
            line.map_err(|Broken| vec![broken(file, 0..text.len())])
        }
        Err(error) => Err(vec![line_error(at, text, &error)]),
    })
}

/// Reads one expectation or value, as the cells of a table hold them.
pub fn parse_cell(file: FileId, base: usize, text: &str) -> Result<Cell, Diagnostic> {
    let at = At { file, base, comments: &[] };
    let fail = |e: pest::error::Error<Rule>| syntax_error(at, text, &e);
    let bug = |_| broken(file, base..base + text.len());
    let whole = |p: &Pair<'_, Rule>| p.as_span().end() == text.trim_end().len();
    if let Ok(mut pairs) = Gate::parse(Rule::expectation, text)
        && let Some(pair) = pairs.next()
        && whole(&pair)
    {
        return at.expectation(pair).map(Cell::Expectation).map_err(bug);
    }
    let pair = Gate::parse(Rule::given_value, text).map_err(fail)?.next().ok_or(Broken).map_err(bug)?;
    if !whole(&pair) {
        let span = at.of(pair.as_span().end(), text.len());
        return Err(Diagnostic::error(Code::SyntaxError, span, "this is not one value").help("write one value a cell"));
    }
    at.given_value(pair).map(Cell::Given).map_err(bug)
}

/// What a cell of a table holds.
#[derive(Clone, Debug)]
pub enum Cell {
    /// `permitted`, `undetermined missing goods.pava`
    Expectation(Expectation),
    /// `0.3 %`, `unknown`
    Given(Given),
}

/// The tree walk met a shape that the grammar does not have: a bug of ours.
struct Broken;
type Walk<T> = Result<T, Broken>;

fn broken(file: FileId, range: std::ops::Range<usize>) -> Diagnostic {
    let span = Span::new(file, range.start, range.end);
    Diagnostic::error(Code::SyntaxError, span, "internal error: the parser and the grammar disagree here")
        .help("please report this declaration as a bug")
}

/// Where a piece stands, so that spans are those of the file.
#[derive(Clone, Copy)]
struct At<'c> {
    file: FileId,
    base: usize,
    /// The comments of the file; blanks and comments after an optional part that is not there belong to no node.
    comments: &'c [Comment],
}

/// Keywords that carry nothing: their pairs are dropped.
fn is_noise(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::k_one
            | Rule::k_use
            | Rule::k_policy
            | Rule::k_fact
            | Rule::k_constraint
            | Rule::k_group
            | Rule::k_place
            | Rule::k_chart
            | Rule::k_vocabulary
            | Rule::k_category
            | Rule::k_licence
            | Rule::k_rule
            | Rule::k_exception
            | Rule::k_bar
            | Rule::k_test
            | Rule::k_table
            | Rule::k_given
            | Rule::k_expect
            | Rule::k_of
            | Rule::k_set
            | Rule::k_code
            | Rule::k_money
            | Rule::k_also
            | Rule::k_presumed
            | Rule::k_unless
            | Rule::k_when
            | Rule::k_then
            | Rule::k_to
            | Rule::k_from
            | Rule::k_in
            | Rule::k_is
            | Rule::k_every
            | Rule::k_except
            | Rule::k_cite
            | Rule::k_source
            | Rule::k_note
            | Rule::k_doubt
            | Rule::k_unmodelled
            | Rule::k_ask
            | Rule::k_answered
            | Rule::k_by
            | Rule::k_because
            | Rule::k_means
            | Rule::k_derived
            | Rule::k_applies
            | Rule::k_always
            | Rule::k_claimed
            | Rule::k_covers
            | Rule::k_known
            | Rule::k_otherwise
            | Rule::k_force
            | Rule::k_link
            | Rule::k_general
            | Rule::k_valid
            | Rule::k_document
            | Rule::k_duty
            | Rule::k_before
            | Rule::k_within
            | Rule::k_require
            | Rule::k_under
            | Rule::k_review
            | Rule::k_reason
            | Rule::k_accepts
            | Rule::k_whatever
            | Rule::k_words
            | Rule::k_missing
            | Rule::k_requires
            | Rule::k_presumes
            | Rule::k_near
            | Rule::k_claimable
            | Rule::k_may
            | Rule::k_proceed
    )
}

/// The inner pairs of a pair, without keywords that carry nothing.
fn kids(pair: Pair<'_, Rule>) -> Kids<'_> {
    let carries: fn(&Pair<'_, Rule>) -> bool = |p| !is_noise(p.as_rule());
    pair.into_inner().filter(carries).peekable()
}

type Kids<'i> = Peekable<Filter<Pairs<'i, Rule>, fn(&Pair<'_, Rule>) -> bool>>;

/// The inner pairs of a pair, taken in order.
struct Inner<'i> {
    pairs: Kids<'i>,
}

impl<'i> Inner<'i> {
    fn of(pair: Pair<'i, Rule>) -> Self {
        Self { pairs: kids(pair) }
    }
    fn next(&mut self) -> Walk<Pair<'i, Rule>> {
        self.pairs.next().ok_or(Broken)
    }
    /// The next pair if it is of that rule.
    fn take(&mut self, rule: Rule) -> Option<Pair<'i, Rule>> {
        if self.pairs.peek()?.as_rule() == rule { self.pairs.next() } else { None }
    }
    fn take_all(&mut self, rule: Rule) -> Vec<Pair<'i, Rule>> {
        std::iter::from_fn(|| self.take(rule)).collect()
    }
}

impl At<'_> {
    fn of(self, start: usize, end: usize) -> Span {
        Span::new(self.file, self.base + start, self.base + end)
    }

    fn span(self, pair: &Pair<'_, Rule>) -> Span {
        let (text, start) = (pair.as_str(), pair.as_span().start());
        let mut len = text.trim_end().len();
        while let Ok(i) = self.comments.binary_search_by_key(&(self.base + start + len), |c| c.span.end as usize) {
            let comment = self.comments[i].span.start as usize;
            if comment < self.base + start {
                break;
            }
            len = text[..comment - self.base - start].trim_end().len();
        }
        self.of(start, start + len)
    }

    /// The text of a pair as written.
    fn word(self, pair: Pair<'_, Rule>) -> Str {
        Spanned { span: self.span(&pair), node: pair.as_str().trim_end().to_owned() }
    }

    /// A quoted text without its quotes.
    fn string(self, pair: Pair<'_, Rule>) -> Str {
        let span = self.span(&pair);
        let raw = pair.as_str();
        let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or("");
        let mut node = String::with_capacity(inner.len());
        let mut chars = inner.chars();
        while let Some(c) = chars.next() {
            node.push(if c == '\\' { chars.next().unwrap_or('\\') } else { c });
        }
        Spanned { node, span }
    }

    fn only_string(self, pair: Pair<'_, Rule>) -> Walk<Str> {
        Ok(self.string(Inner::of(pair).next()?))
    }

    fn only_cond(self, pair: Pair<'_, Rule>) -> Walk<Cond> {
        self.cond(Inner::of(pair).next()?)
    }

    fn names(self, pair: Pair<'_, Rule>) -> Vec<Name> {
        kids(pair).map(|p| self.word(p)).collect()
    }
}
