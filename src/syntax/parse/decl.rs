//! Declarations and their fields.

use pest::iterators::Pair;

use super::grammar::Rule;
use super::{At, Broken, Inner, Walk, kids};
use crate::syntax::tree::*;

impl At<'_> {
    pub(super) fn declaration(self, pair: Pair<'_, Rule>) -> Walk<Decl> {
        self.decl(Inner::of(pair).next()?)
    }

    pub(super) fn decl(self, pair: Pair<'_, Rule>) -> Walk<Decl> {
        let (span, rule) = (self.span(&pair), pair.as_rule());
        let mut inner = Inner::of(pair);
        let relation = inner.take(Rule::relation).map(|p| self.word(p));
        let mut name = None;
        if !matches!(rule, Rule::test | Rule::table) {
            name = inner.take(Rule::name).or_else(|| inner.take(Rule::place_name)).map(|p| self.word(p));
        }
        let mut of = None;
        if rule == Rule::group {
            of = match inner.take(Rule::of_fact) {
                Some(p) => Some(self.word(Inner::of(p).next()?)),
                None => None,
            };
        }
        let title = if rule == Rule::fact { None } else { inner.take(Rule::string).map(|p| self.string(p)) };
        let mut fields = Vec::new();
        let kind = match rule {
            Rule::use_decl => DeclKind::Use,
            Rule::policy => DeclKind::Policy,
            Rule::constraint => DeclKind::Constraint,
            Rule::category => DeclKind::Category,
            Rule::link => DeclKind::Link,
            Rule::linked => DeclKind::Linked(relation.ok_or(Broken)?),
            Rule::licence => DeclKind::Licence,
            Rule::rule_decl => DeclKind::Rule,
            Rule::fact => {
                let ty = self.type_expr(inner.next()?)?;
                let presumed = inner.take(Rule::presumed).map(|p| self.presumed(p)).transpose()?.map(Box::new);
                DeclKind::Fact { ty, presumed }
            }
            Rule::group => {
                let mut members = Vec::new();
                let mut body = None;
                for p in inner.pairs.by_ref() {
                    match p.as_rule() {
                        Rule::member => members.push(self.member(p)?),
                        Rule::set_expr => body = Some(GroupBody::Expr(self.set_expr(p)?)),
                        _ => fields.push(self.field(p)?),
                    }
                }
                DeclKind::Group { of, body: body.unwrap_or(GroupBody::Members(members)) }
            }
            Rule::place => DeclKind::Place { within: self.value(inner.next()?)? },
            Rule::chart | Rule::vocabulary => {
                let mut file = None;
                for p in inner.pairs.by_ref() {
                    match p.as_rule() {
                        Rule::chart_file => file = Some(self.only_string(p)?),
                        _ => fields.push(self.field(p)?),
                    }
                }
                let file = file.ok_or(Broken)?;
                if rule == Rule::chart { DeclKind::Chart { file } } else { DeclKind::Vocabulary { file } }
            }
            Rule::exception => DeclKind::Exception(self.targets(inner.next()?)?),
            Rule::bar => DeclKind::Bar(self.targets(inner.next()?)?),
            Rule::test => {
                let mut test = Test { given: Vec::new(), expects: Vec::new() };
                for p in inner.pairs.by_ref() {
                    match p.as_rule() {
                        Rule::given => {
                            if let Some(a) = kids(p).next() {
                                test.given = self.assignments(a)?;
                            }
                        }
                        Rule::expect => test.expects.push(self.expectation(Inner::of(p).next()?)?),
                        _ => return Err(Broken),
                    }
                }
                DeclKind::Test(test)
            }
            Rule::table => {
                let given = inner.take(Rule::assignments).map(|p| self.assignments(p)).transpose()?.unwrap_or_default();
                let rows = inner.take_all(Rule::table_row).into_iter().map(|p| self.table_row(p)).collect();
                DeclKind::Table(Table { given, rows })
            }
            _ => return Err(Broken),
        };
        for p in inner.pairs {
            fields.push(self.field(p)?);
        }
        Ok(Decl { span, name, title, kind, fields })
    }

    pub(super) fn field(self, pair: Pair<'_, Rule>) -> Walk<Field> {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::cite => FieldKind::Cite(self.only_string(pair)?),
            Rule::source => FieldKind::Source(self.only_string(pair)?),
            Rule::note => FieldKind::Note(self.only_string(pair)?),
            Rule::doubt => FieldKind::Doubt(self.only_string(pair)?),
            Rule::unmodelled => FieldKind::Unmodelled(self.only_string(pair)?),
            Rule::ask => FieldKind::Ask(self.only_string(pair)?),
            Rule::answered_by => FieldKind::AnsweredBy(self.word(Inner::of(pair).next()?)),
            Rule::because => FieldKind::Because(self.only_string(pair)?),
            Rule::means => FieldKind::Means(self.only_cond(pair)?),
            Rule::derived => FieldKind::Derived(self.only_string(pair)?),
            Rule::applies => FieldKind::Applies(self.only_cond(pair)?),
            Rule::always => FieldKind::Always(self.only_cond(pair)?),
            Rule::claimed => FieldKind::Claimed(self.only_cond(pair)?),
            Rule::covers => FieldKind::Covers(self.only_cond(pair)?),
            Rule::when => FieldKind::When(self.only_cond(pair)?),
            Rule::unless => FieldKind::Unless(self.only_cond(pair)?),
            Rule::known => FieldKind::Known(self.dated(Inner::of(pair).next()?)?),
            Rule::otherwise => {
                let word = Inner::of(pair).next()?;
                let node = if word.as_rule() == Rule::k_permit { EffectWord::Permit } else { EffectWord::Prohibit };
                FieldKind::Otherwise(Spanned { node, span: self.span(&word) })
            }
            Rule::in_force => FieldKind::InForce(kids(pair).map(|p| self.dated(p)).collect::<Walk<_>>()?),
            Rule::general => FieldKind::General,
            Rule::valid => FieldKind::Valid(self.duration(Inner::of(pair))?),
            Rule::document => {
                let mut inner = Inner::of(pair);
                let code = self.string(inner.next()?);
                FieldKind::Document { code, negative: inner.take(Rule::k_negative).is_some() }
            }
            Rule::duty => {
                let mut inner = Inner::of(pair);
                let text = self.string(inner.next()?);
                let timing = match inner.take(Rule::timing) {
                    None => None,
                    Some(p) if kids(p.clone()).next().is_none() => Some(Timing::BeforeFirstUse),
                    Some(p) => Some(Timing::Within(self.duration(Inner::of(p))?)),
                };
                FieldKind::Duty { text, timing }
            }
            Rule::then => FieldKind::Then(self.effect(Inner::of(Inner::of(pair).next()?).next()?)?),
            Rule::review => FieldKind::Review(self.only_string(pair)?),
            Rule::reason => FieldKind::Reason(self.only_string(pair)?),
            Rule::codes => {
                let mut inner = Inner::of(pair);
                let scheme = self.word(inner.next()?);
                let items = inner.pairs.map(|p| self.code_item(p)).collect::<Walk<_>>()?;
                FieldKind::Codes { scheme, items }
            }
            Rule::accepts => {
                let mut inner = Inner::of(pair);
                let scheme = self.word(inner.next()?);
                let codes = inner.take_all(Rule::code).into_iter().map(|p| self.word(p)).collect();
                FieldKind::Accepts { scheme, codes, because: self.string(inner.next()?) }
            }
            Rule::whatever_code => FieldKind::WhateverCode,
            Rule::words => {
                let (mut of, mut lists) = (Vec::new(), Vec::new());
                for part in kids(pair) {
                    let is_of = part.as_rule() == Rule::words_of;
                    let mut inner = Inner::of(part);
                    if is_of {
                        of.extend(inner.pairs.map(|p| self.word(p)));
                        continue;
                    }
                    let language = self.word(inner.next()?);
                    lists.push((language, inner.pairs.map(|p| self.string(p)).collect()));
                }
                FieldKind::Words { of, lists }
            }
            Rule::category | Rule::linked => FieldKind::Child(Box::new(self.decl(pair)?)),
            _ => return Err(Broken),
        };
        Ok(Field { span, kind })
    }

    pub(super) fn duration(self, mut inner: Inner<'_>) -> Walk<Duration> {
        let count = self.word(inner.next()?);
        Ok(Duration { count, months: inner.next()?.as_rule() == Rule::k_months })
    }

    pub(super) fn effect(self, pair: Pair<'_, Rule>) -> Walk<Effect> {
        Ok(match pair.as_rule() {
            Rule::prohibit => Effect::Prohibit,
            Rule::permit => {
                let mut inner = Inner::of(pair);
                inner.take(Rule::k_permit);
                Effect::Permit(inner.take(Rule::name).map(|p| self.word(p)))
            }
            Rule::require => {
                let (mut licences, mut ands) = (Vec::new(), Vec::new());
                for p in kids(pair) {
                    match p.as_rule() {
                        Rule::name => licences.push(self.word(p)),
                        _ => ands.push(Inner::of(p).next()?.as_rule() == Rule::k_and),
                    }
                }
                Effect::Require { licences, ands }
            }
            _ => return Err(Broken),
        })
    }

    pub(super) fn dated(self, pair: Pair<'_, Rule>) -> Walk<Dated> {
        let span = self.span(&pair);
        let starts_with_from = pair.as_str().starts_with("from");
        let mut dates = kids(pair).map(|p| self.word(p));
        let from = if starts_with_from { dates.next() } else { None };
        Ok(Dated { span, from, to: dates.next() })
    }

    pub(super) fn code_item(self, pair: Pair<'_, Rule>) -> Walk<CodeItem> {
        let span = self.span(&pair);
        let mut inner = Inner::of(pair);
        let ex = inner.take(Rule::ex).is_some();
        let code = self.word(inner.next()?);
        let to = inner.take(Rule::code_to).map(|p| Inner::of(p).next()).transpose()?.map(|p| self.word(p));
        let except = match inner.take(Rule::code_except) {
            Some(p) => kids(p).filter(|p| p.as_rule() == Rule::code).map(|p| self.word(p)).collect(),
            None => Vec::new(),
        };
        Ok(CodeItem { span, ex, code, to, except })
    }

    pub(super) fn type_expr(self, pair: Pair<'_, Rule>) -> Walk<TypeExpr> {
        let span = self.span(&pair);
        let pair = Inner::of(pair).next()?;
        let kind = match pair.as_rule() {
            Rule::yes_no => TypeKind::YesNo,
            Rule::one_of => match kids(pair).next() {
                Some(values) => TypeKind::OneOf(self.enum_values(values)?),
                None => TypeKind::OneOf(Vec::new()),
            },
            Rule::set_of => TypeKind::SetOf(Box::new(self.type_expr(Inner::of(pair).next()?)?)),
            Rule::code_type => TypeKind::Code(self.word(Inner::of(pair).next()?)),
            Rule::money_type => TypeKind::Money(self.word(Inner::of(pair).next()?)),
            Rule::name => TypeKind::Named(pair.as_str().to_owned()),
            _ => return Err(Broken),
        };
        Ok(TypeExpr { span, kind })
    }

    pub(super) fn enum_values(self, pair: Pair<'_, Rule>) -> Walk<Vec<EnumValue>> {
        kids(pair).map(|p| self.enum_value(p)).collect()
    }

    pub(super) fn enum_value(self, pair: Pair<'_, Rule>) -> Walk<EnumValue> {
        let mut inner = Inner::of(pair);
        let name = self.word(inner.next()?);
        let also = inner.take_all(Rule::also).into_iter().map(|p| self.only_string(p)).collect::<Walk<_>>()?;
        let narrower = inner.take(Rule::enum_values).map(|p| self.enum_values(p)).transpose()?.unwrap_or_default();
        Ok(EnumValue { name, also, narrower })
    }

    pub(super) fn presumed(self, pair: Pair<'_, Rule>) -> Walk<Presumed> {
        let mut inner = Inner::of(pair);
        let value = self.value(inner.next()?)?;
        let unless = inner.take(Rule::cond).map(|p| self.cond(p)).transpose()?;
        Ok(Presumed { value, unless })
    }

    pub(super) fn member(self, pair: Pair<'_, Rule>) -> Walk<Member> {
        let mut inner = Inner::of(pair);
        let value = self.value(inner.next()?)?;
        let dated = inner.take(Rule::dated).map(|p| self.dated(p)).transpose()?;
        let doubt = inner.take(Rule::string).map(|p| self.string(p));
        Ok(Member { value, dated, doubt })
    }

    pub(super) fn targets(self, pair: Pair<'_, Rule>) -> Walk<Targets> {
        let pair = Inner::of(pair).next()?;
        if pair.as_rule() == Rule::names {
            return Ok(Targets::Named(self.names(pair)));
        }
        let span = self.span(&pair);
        // `except NAMES` and `to NAMES` are told apart by the word that stands before each.
        let (text, start) = (pair.as_str().to_owned(), pair.as_span().start());
        let (mut except, mut to) = (Vec::new(), Vec::new());
        for names in kids(pair) {
            let before = text.get(..names.as_span().start() - start).unwrap_or("").trim_end();
            if before.ends_with("except") {
                except = self.names(names);
            } else {
                to = self.names(names);
            }
        }
        Ok(Targets::EveryException { span, except, to })
    }
}
