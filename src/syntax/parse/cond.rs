//! Conditions, sets and values.

use pest::iterators::Pair;

use crate::span::Span;

use super::grammar::Rule;
use super::{At, Broken, Inner, Walk, kids};
use crate::syntax::tree::*;

impl At<'_> {
    pub(super) fn cond(self, pair: Pair<'_, Rule>) -> Walk<Cond> {
        let span = self.span(&pair);
        let mut list = kids(pair).filter(|p| p.as_rule() == Rule::conj).map(|p| self.conj(p));
        let first = list.next().ok_or(Broken)??;
        let rest = list.collect::<Walk<Vec<_>>>()?;
        if rest.is_empty() {
            return Ok(first);
        }
        Ok(Cond { span, kind: CondKind::Or(std::iter::once(first).chain(rest).collect()) })
    }

    pub(super) fn conj(self, pair: Pair<'_, Rule>) -> Walk<Cond> {
        let span = self.span(&pair);
        let mut list = kids(pair).filter(|p| p.as_rule() == Rule::negation).map(|p| self.negation(p));
        let first = list.next().ok_or(Broken)??;
        let rest = list.collect::<Walk<Vec<_>>>()?;
        if rest.is_empty() {
            return Ok(first);
        }
        Ok(Cond { span, kind: CondKind::And(std::iter::once(first).chain(rest).collect()) })
    }

    pub(super) fn negation(self, pair: Pair<'_, Rule>) -> Walk<Cond> {
        let span = self.span(&pair);
        let mut inner = Inner::of(pair);
        let nots = inner.take_all(Rule::k_not);
        let mut cond = self.atom(inner.next()?)?;
        for not in nots.iter().rev() {
            let start = self.span(not).start;
            cond = Cond { span: Span { start, ..span }, kind: CondKind::Not(Box::new(cond)) };
        }
        Ok(cond)
    }

    pub(super) fn atom(self, pair: Pair<'_, Rule>) -> Walk<Cond> {
        let span = self.span(&pair);
        let pair = Inner::of(pair).next()?;
        Ok(match pair.as_rule() {
            Rule::cond => Cond { span, kind: CondKind::Paren(Box::new(self.cond(pair)?)) },
            Rule::comparison => {
                let mut inner = Inner::of(pair);
                let name = self.word(inner.next()?);
                let predicate = inner.take(Rule::predicate).map(|p| self.predicate(p)).transpose()?;
                Cond { span, kind: CondKind::Fact { name, predicate } }
            }
            Rule::quantified => {
                let mut inner = Inner::of(pair);
                let all = inner.next()?.as_rule() == Rule::k_all;
                let list = inner.next()?;
                let predicate = inner.take(Rule::predicate).map(|p| self.predicate(p)).transpose()?;
                let kind = match list.as_rule() {
                    Rule::cond_list => {
                        let conds = kids(list).map(|p| self.cond(p)).collect::<Walk<_>>()?;
                        CondKind::AnyAllConds { all, conds }
                    }
                    Rule::name_list => CondKind::AnyAll { all, names: self.names(list), braces: true, predicate },
                    _ => CondKind::AnyAll { all, names: vec![self.word(list)], braces: false, predicate },
                };
                Cond { span, kind }
            }
            _ => return Err(Broken),
        })
    }

    pub(super) fn predicate(self, pair: Pair<'_, Rule>) -> Walk<Predicate> {
        let pair = Inner::of(pair).next()?;
        let span = self.span(&pair);
        let rule = pair.as_rule();
        let mut inner = Inner::of(pair);
        let kind = match rule {
            Rule::is | Rule::is_not => {
                inner.take(Rule::k_not);
                PredicateKind::Is { negated: rule == Rule::is_not, value: self.value(inner.next()?)? }
            }
            Rule::in_set | Rule::not_in => {
                let negated = rule == Rule::not_in;
                inner.take(Rule::k_not);
                let what = inner.next()?;
                if what.as_rule() == Rule::range {
                    let mut ends = Inner::of(what);
                    let (low, high) = (self.value(ends.next()?)?, self.value(ends.next()?)?);
                    PredicateKind::Range { negated, low, high }
                } else {
                    PredicateKind::In { negated, set: self.set_expr(what)? }
                }
            }
            Rule::compare => {
                let op = inner.next()?;
                let node = match op.as_str() {
                    "=" => CompareOp::Eq,
                    "!=" => CompareOp::Ne,
                    "<" => CompareOp::Lt,
                    "<=" => CompareOp::Le,
                    ">" => CompareOp::Gt,
                    _ => CompareOp::Ge,
                };
                let op = Spanned { node, span: self.span(&op) };
                PredicateKind::Compare { op, value: self.value(inner.next()?)? }
            }
            Rule::coded_under => {
                let list = inner.next()?;
                if list.as_rule() == Rule::name_list {
                    PredicateKind::CodedUnder(self.names(list), true)
                } else {
                    PredicateKind::CodedUnder(vec![self.word(list)], false)
                }
            }
            Rule::marked => PredicateKind::Marked { column: self.word(inner.next()?), chart: self.word(inner.next()?) },
            Rule::includes => PredicateKind::Includes(self.word(inner.next()?)),
            _ => return Err(Broken),
        };
        Ok(Predicate { span, kind })
    }

    pub(super) fn set_expr(self, pair: Pair<'_, Rule>) -> Walk<SetExpr> {
        let span = self.span(&pair);
        let mut inner = Inner::of(pair);
        let first = self.set_term(inner.next()?)?;
        let mut rest = Vec::new();
        while let Some(op) = inner.take(Rule::set_op) {
            let op = match op.as_str() {
                "+" => SetOp::Plus,
                "-" => SetOp::Minus,
                _ => SetOp::And,
            };
            rest.push((op, self.set_term(inner.next()?)?));
        }
        Ok(SetExpr { span, first, rest })
    }

    pub(super) fn set_term(self, pair: Pair<'_, Rule>) -> Walk<SetTerm> {
        let pair = Inner::of(pair).next()?;
        Ok(match pair.as_rule() {
            Rule::set_lit => {
                let span = self.span(&pair);
                SetTerm::Literal(span, kids(pair).map(|p| self.value(p)).collect::<Walk<_>>()?)
            }
            Rule::set_expr => SetTerm::Paren(Box::new(self.set_expr(pair)?)),
            _ => SetTerm::Name(self.word(pair)),
        })
    }

    pub(super) fn value(self, pair: Pair<'_, Rule>) -> Walk<Value> {
        let span = self.span(&pair);
        let pair = Inner::of(pair).next()?;
        let text = pair.as_str().trim_end().to_owned();
        let kind = match pair.as_rule() {
            Rule::string => ValueKind::Text(self.string(pair).node),
            Rule::date => ValueKind::Date(text),
            Rule::cas => ValueKind::Cas(text),
            Rule::quantity => {
                let mut inner = Inner::of(pair);
                let (number, unit) = (inner.next()?.as_str().to_owned(), inner.next()?.as_str().to_owned());
                ValueKind::Quantity(number, unit)
            }
            Rule::code_value => ValueKind::Code(text),
            Rule::number => ValueKind::Number(text),
            Rule::place_name => ValueKind::Place(text),
            Rule::name => ValueKind::Name(text),
            _ => return Err(Broken),
        };
        Ok(Value { span, kind })
    }
}
