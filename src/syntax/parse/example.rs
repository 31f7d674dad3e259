//! Tests, tables, what they give and expect.

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
