//! Tests, tables, what they give and expect; and the lines of the bench, which give as they do.

use pest::iterators::Pair;

use super::grammar::Rule;
use super::{At, Broken, Inner, Walk, kids};
use crate::syntax::tree::*;

impl At<'_> {
    pub(super) fn table_row(self, pair: Pair<'_, Rule>) -> Vec<Str> {
        kids(pair)
            .map(|cell| {
                let (text, start) = (cell.as_str(), cell.as_span().start());
                let lead = text.len() - text.trim_start().len();
                let node = text.trim().to_owned();
                Spanned { span: self.of(start + lead, start + lead + node.len()), node }
            })
            .collect()
    }

    pub(super) fn assignments(self, pair: Pair<'_, Rule>) -> Walk<Vec<Assignment>> {
        kids(pair).map(|p| self.assignment(p)).collect()
    }

    pub(super) fn assignment(self, pair: Pair<'_, Rule>) -> Walk<Assignment> {
        let mut inner = Inner::of(pair);
        let name = self.word(inner.next()?);
        let pair = inner.next()?;
        let span = self.span(&pair);
        let value = match pair.as_rule() {
            Rule::block => Given::Block(span, self.block(pair)?),
            Rule::blocks => Given::Blocks(span, kids(pair).map(|p| self.block(p)).collect::<Walk<_>>()?),
            _ => self.given_value(pair)?,
        };
        Ok(Assignment { name, value })
    }

    pub(super) fn bench_line(self, pair: Pair<'_, Rule>) -> Walk<BenchLine> {
        let pair = Inner::of(pair).next()?;
        if pair.as_rule() == Rule::settings {
            return Ok(BenchLine::Settings(kids(pair).map(|p| self.setting(p)).collect::<Walk<_>>()?));
        }
        Ok(BenchLine::Cond(self.cond(pair)?))
    }

    fn setting(self, pair: Pair<'_, Rule>) -> Walk<Setting> {
        let mut inner = Inner::of(pair);
        let target = inner.next()?;
        let mut parts = Inner::of(target);
        let mut name = self.word(parts.next()?);
        let number = match parts.take(Rule::item_number) {
            None => None,
            Some(p) => {
                let digits = Inner::of(p).next()?;
                // A number too large to count with is larger than any item's.
                Some(Spanned { node: digits.as_str().parse().unwrap_or(usize::MAX), span: self.span(&digits) })
            }
        };
        if let Some(rest) = parts.take(Rule::name) {
            name = Name { node: format!("{}.{}", name.node, rest.as_str()), span: name.span.to(self.span(&rest)) };
        }
        let pair = inner.next()?;
        let span = self.span(&pair);
        let value = match pair.as_rule() {
            Rule::block => Given::Block(span, self.block(pair)?),
            Rule::blocks => Given::Blocks(span, kids(pair).map(|p| self.block(p)).collect::<Walk<_>>()?),
            _ => self.given_value(pair)?,
        };
        Ok(Setting { name, number, value })
    }

    pub(super) fn block(self, pair: Pair<'_, Rule>) -> Walk<Vec<Assignment>> {
        self.assignments(Inner::of(pair).next()?)
    }

    pub(super) fn given_value(self, pair: Pair<'_, Rule>) -> Walk<Given> {
        let pair = Inner::of(pair).next()?;
        if pair.as_rule() == Rule::given_set {
            let span = self.span(&pair);
            let values = kids(pair).map(|p| self.value(p)).collect::<Walk<_>>()?;
            return Ok(Given::Set(span, values));
        }
        Ok(Given::Value(self.value(pair)?))
    }

    pub(super) fn expectation(self, pair: Pair<'_, Rule>) -> Walk<Expectation> {
        let span = self.span(&pair);
        let mut inner = Inner::of(pair);
        let outcome = self.word(inner.next()?);
        let parts = inner.pairs.map(|p| self.expected(p)).collect::<Walk<_>>()?;
        Ok(Expectation { span, outcome, parts })
    }

    pub(super) fn expected(self, pair: Pair<'_, Rule>) -> Walk<Expected> {
        let pair = Inner::of(pair).next()?;
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::exp_under => ExpectedKind::Under,
            Rule::exp_by => ExpectedKind::By,
            Rule::exp_not_by => ExpectedKind::NotBy,
            Rule::exp_in => ExpectedKind::In,
            Rule::exp_not_in => ExpectedKind::NotIn,
            Rule::exp_missing => ExpectedKind::Missing,
            Rule::exp_requires => ExpectedKind::Requires,
            Rule::exp_not_requires => ExpectedKind::NotRequires,
            Rule::exp_document => ExpectedKind::Document,
            Rule::exp_not_document => ExpectedKind::NotDocument,
            Rule::exp_duty => ExpectedKind::Duty,
            Rule::exp_not_duty => ExpectedKind::NotDuty,
            Rule::exp_presumes => ExpectedKind::Presumes,
            Rule::exp_not_presumes => ExpectedKind::NotPresumes,
            Rule::exp_near => ExpectedKind::Near,
            Rule::exp_claimable => ExpectedKind::Claimable,
            Rule::exp_not_claimable => ExpectedKind::NotClaimable,
            Rule::exp_may => ExpectedKind::May,
            Rule::exp_may_not => ExpectedKind::MayNot,
            _ => return Err(Broken),
        };
        let mut names = Vec::new();
        for p in kids(pair) {
            match p.as_rule() {
                Rule::name => names.push(self.word(p)),
                Rule::names => names.extend(self.names(p)),
                Rule::strings => names.extend(kids(p).map(|s| self.string(s))),
                _ => {}
            }
        }
        Ok(Expected { span, kind, names })
    }
}
