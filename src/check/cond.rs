//! Conditions: each name resolved, each value read by the type of the fact beside it.

use crate::model::unit;
use crate::model::value::Type;
use crate::model::{Atom, AtomKind, CategoryId, ChartId, Comparison, Cond, FactId, GroupId, Set, Test, Value, read};
use crate::span::Span;
use crate::spelling::nearest;
use crate::syntax::tree::{self, CondKind, Name, Predicate, PredicateKind, SetExpr, SetOp, SetTerm, ValueKind};

use super::scope::{Kind, Unresolved};
use super::{Checker, messages};

/// From how many parts a set may be put together by operators in one expression.
pub(super) const MAX_PARTS: usize = 200;

impl Checker<'_> {
    /// All versions of a name; a message and nothing if it cannot be resolved.
    pub(super) fn resolve(&mut self, kind: Kind, name: &Name, from: usize) -> Option<Vec<u32>> {
        match self.names.resolve(kind, name, from) {
            Ok(found) => Some(found),
            Err(Unresolved::Unknown(problem)) => {
                self.report(problem);
                None
            }
        }
    }

    fn resolve_fact(&mut self, name: &Name, from: usize) -> Option<FactId> {
        self.resolve(Kind::Fact, name, from)?.first().map(|t| FactId(*t))
    }

    pub(super) fn resolve_categories(&mut self, names: &[Name], from: usize) -> Vec<CategoryId> {
        let found: Vec<_> = names.iter().filter_map(|n| self.resolve(Kind::Category, n, from)).collect();
        found.into_iter().flatten().map(CategoryId).collect()
    }

    /// Lowers a condition. Where something is wrong, that part becomes one that never holds, and a message is kept.
    pub(super) fn cond(&mut self, m: usize, cond: &tree::Cond) -> Cond {
        match &cond.kind {
            CondKind::Or(list) => Cond::Any(list.iter().map(|c| self.cond(m, c)).collect()),
            CondKind::And(list) => Cond::All(list.iter().map(|c| self.cond(m, c)).collect()),
            CondKind::Not(inner) => Cond::Not(Box::new(self.cond(m, inner))),
            CondKind::Paren(inner) => self.cond(m, inner),
            CondKind::AnyAllConds { all, conds } => {
                let list = conds.iter().map(|c| self.cond(m, c)).collect();
                if *all { Cond::All(list) } else { Cond::Any(list) }
            }
            CondKind::Fact { name, predicate: Some(p) } if name.node == "goods" => self.goods(m, cond.span, name, p),
            CondKind::Fact { name, predicate } => {
                let Some(fact) = self.resolve_fact(name, m) else { return Cond::Any(vec![]) };
                self.of_fact(m, cond.span, name, fact, predicate.as_ref(), None)
            }
            CondKind::AnyAll { all, names, predicate, .. } => {
                let mut list = Vec::new();
                for name in names {
                    let Some(fact) = self.resolve_fact(name, m) else { continue };
                    list.push(self.of_fact(m, cond.span, name, fact, predicate.as_ref(), Some(*all)));
                }
                match list.len() {
                    1 => list.remove(0),
                    _ if *all => Cond::All(list),
                    _ => Cond::Any(list),
                }
            }
        }
    }

    /// `goods in …`, `goods coded under …`.
    fn goods(&mut self, m: usize, span: Span, name: &Name, p: &Predicate) -> Cond {
        let atom = |kind| Cond::Atom(Atom { span, kind });
        match &p.kind {
            PredicateKind::In { negated, set } => {
                let names = self.category_list(set);
                let cats = self.resolve_categories(&names, m);
                negate(atom(AtomKind::In(cats)), *negated)
            }
            PredicateKind::CodedUnder(names, _) => {
                let cats = self.resolve_categories(names, m);
                atom(AtomKind::CodedUnder(cats))
            }
            _ => {
                let help = "write `goods in CATEGORY` or `goods coded under CATEGORY`";
                self.report(messages::wrong_type(name.span, "`goods` alone is no fact".to_owned(), help));
                Cond::Any(vec![])
            }
        }
    }

    /// `annex_II`, or `{annex_II, annex_III}`.
    fn category_list(&mut self, set: &SetExpr) -> Vec<Name> {
        let mut names = Vec::new();
        let terms = std::iter::once(&set.first).chain(set.rest.iter().map(|(_, t)| t));
        for term in terms {
            match term {
                SetTerm::Name(name) => names.push(name.clone()),
                SetTerm::Literal(span, values) => {
                    if values.is_empty() {
                        self.report(messages::empty_group(*span));
                    }
                    for value in values {
                        match &value.kind {
                            ValueKind::Name(n) | ValueKind::Number(n) => {
                                names.push(Name { node: n.clone(), span: value.span })
                            }
                            _ => {
                                let help = "name categories, as `goods in {annex_II.2.1, annex_III}`";
                                self.report(messages::wrong_type(value.span, "this is no category".to_owned(), help));
                            }
                        }
                    }
                }
                SetTerm::Paren(inner) => names.extend(self.category_list(inner)),
            }
        }
        if set.rest.iter().any(|(op, _)| *op != SetOp::Plus) {
            let help = "write `goods in A and not goods in B`";
            self.report(messages::wrong_type(
                set.span,
                "categories cannot be subtracted or intersected here".to_owned(),
                help,
            ));
        }
        names
    }

    /// What is said of one fact; `quantifier` is `any of` (false) or `all of` (true) for facts that are sets.
    fn of_fact(
        &mut self,
        m: usize,
        span: Span,
        name: &Name,
        fact: FactId,
        p: Option<&Predicate>,
        quantifier: Option<bool>,
    ) -> Cond {
        let (ty, declared) = (self.world.fact(fact).ty.clone(), self.world.fact(fact).span);
        let atom = |kind| Cond::Atom(Atom { span, kind });
        let Some(p) = p else {
            if !matches!(ty.element(), Type::Bool) {
                let message = format!("`{}` is not yes or no, so it needs a comparison", name.node);
                let problem = messages::wrong_type(name.span, message, "write `is`, `in` or `>=` and a value after it");
                self.report(problem.also(declared, "declared here"));
                return Cond::Any(vec![]);
            }
            let kind =
                if self.is_named_condition(fact) { AtomKind::Means(fact) } else { AtomKind::Fact(fact, Test::Yes) };
            return atom(kind);
        };
        if let (Type::Set(_), PredicateKind::Is { negated, value }) = (&ty, &p.kind)
            && value.kind == ValueKind::Name("empty".to_owned())
        {
            return negate(atom(AtomKind::Empty(fact)), *negated);
        }
        if let PredicateKind::Includes(what) = &p.kind {
            if what.node != "goods" || !matches!(ty.element(), Type::Entry) {
                let help = "only `licence.goods includes goods` can be said, of a fact that is a `set of entry`";
                self.report(messages::wrong_type(p.span, "`includes` cannot be said of this".to_owned(), help));
            }
            return atom(AtomKind::Includes(fact));
        }
        let is_set = matches!(ty, Type::Set(_));
        if is_set && quantifier.is_none() {
            let message = format!("`{}` is a set, and this compares one value", name.node);
            let help = format!("write `any of {} …` or `all of {} …`", name.node, name.node);
            self.report(messages::wrong_type(span, message, &help).also(declared, "declared here"));
            return Cond::Any(vec![]);
        }
        let element = ty.element().clone();
        let (test, negated) = match &p.kind {
            PredicateKind::Is { value, .. } | PredicateKind::Compare { value, .. } if !is_set => {
                if let Some(other) = self.other_fact(m, &element, value) {
                    return self.two_facts(span, fact, p, other, value.span);
                }
                match self.predicate(m, name, declared, &element, p) {
                    Some(t) => t,
                    None => return Cond::Any(vec![]),
                }
            }
            _ => match self.predicate(m, name, declared, &element, p) {
                Some(t) => t,
                None => return Cond::Any(vec![]),
            },
        };
        let kind = match quantifier {
            Some(all) if is_set => AtomKind::Elements { fact, all, test },
            _ => AtomKind::Fact(fact, test),
        };
        negate(atom(kind), negated)
    }

    fn is_named_condition(&self, fact: FactId) -> bool {
        self.conditions.contains(&fact)
    }

    /// The test that a predicate makes, and whether it is negated.
    fn predicate(&mut self, m: usize, name: &Name, declared: Span, ty: &Type, p: &Predicate) -> Option<(Test, bool)> {
        let ordered = |c: &mut Self| {
            if !ty.is_ordered() {
                let message = format!("`{}` has no order, so `<` and `>` mean nothing for it", name.node);
                c.report(messages::wrong_type(p.span, message, "write `is` or `in`").also(declared, "declared here"));
            }
            ty.is_ordered()
        };
        match &p.kind {
            PredicateKind::Is { negated, value } => {
                let value = self.value(name, declared, ty, value)?;
                Some((Test::Is(value), *negated))
            }
            PredicateKind::Compare { op, value } => {
                use tree::CompareOp as Op;
                let comparison = match op.node {
                    Op::Eq => Comparison::Eq,
                    Op::Ne => Comparison::Ne,
                    Op::Lt => Comparison::Lt,
                    Op::Le => Comparison::Le,
                    Op::Gt => Comparison::Gt,
                    Op::Ge => Comparison::Ge,
                };
                if matches!(op.node, Op::Eq | Op::Ne) && !ty.is_ordered() {
                    let value = self.value(name, declared, ty, value)?;
                    return Some((Test::Is(value), op.node == Op::Ne));
                }
                if !ordered(self) {
                    return None;
                }
                let value = self.value(name, declared, ty, value)?;
                Some((Test::Compare(comparison, value), false))
            }
            PredicateKind::Range { negated, low, high } => {
                if !ordered(self) {
                    return None;
                }
                let (low_value, high_value) =
                    (self.value(name, declared, ty, low)?, self.value(name, declared, ty, high)?);
                if low_value > high_value {
                    let help = "write the lower end first; both ends are included";
                    self.report(messages::wrong_type(p.span, "this range is empty".to_owned(), help));
                    return None;
                }
                Some((Test::Between(low_value, high_value), *negated))
            }
            PredicateKind::In { negated, set } => Some((Test::In(self.set(m, name, declared, ty, set)?), *negated)),
            PredicateKind::Marked { column, chart } => {
                if *ty != Type::Country {
                    let help = "only a country is marked in a chart";
                    self.report(messages::wrong_type(name.span, format!("`{}` is no country", name.node), help));
                    return None;
                }
                let id = ChartId(*self.resolve(Kind::Chart, chart, m)?.first()?);
                let found = self.world.charts.get(id.index())?;
                match found.columns.iter().position(|c| *c == column.node) {
                    Some(i) => Some((Test::Marked(id, i), false)),
                    None => {
                        let near = nearest(&column.node, found.columns.iter().map(String::as_str));
                        let problem = messages::unknown_column(column, found.span, near);
                        self.report(problem);
                        None
                    }
                }
            }
            PredicateKind::CodedUnder(..) | PredicateKind::Includes(_) => {
                let help = "write `goods coded under CATEGORY`";
                self.report(messages::wrong_type(p.span, "only goods are coded under a category".to_owned(), help));
                None
            }
        }
    }

    /// A set of values of a type.
    pub(super) fn set(&mut self, m: usize, name: &Name, declared: Span, ty: &Type, set: &SetExpr) -> Option<Set> {
        let parts = set.rest.len() + 1;
        if parts > MAX_PARTS {
            self.report(messages::long_set(set.span, parts));
            return None;
        }
        let mut out = self.set_term(m, name, declared, ty, &set.first);
        for (op, term) in &set.rest {
            let next = self.set_term(m, name, declared, ty, term);
            if let (Some(left), Some(right)) = (out.take(), next) {
                let (left, right) = (Box::new(left), Box::new(right));
                out = Some(match op {
                    SetOp::Plus => Set::Plus(left, right),
                    SetOp::Minus => Set::Minus(left, right),
                    SetOp::And => Set::And(left, right),
                });
            }
        }
        out
    }

    fn set_term(&mut self, m: usize, name: &Name, declared: Span, ty: &Type, term: &SetTerm) -> Option<Set> {
        match term {
            SetTerm::Literal(span, values) => {
                if values.is_empty() {
                    self.report(messages::empty_group(*span));
                }
                let values: Vec<_> = values.iter().map(|v| self.value(name, declared, ty, v)).collect();
                Some(Set::Values(values.into_iter().collect::<Option<_>>()?))
            }
            SetTerm::Paren(inner) => self.set(m, name, declared, ty, inner),
            SetTerm::Name(group) => {
                let ids = self.resolve(Kind::Group, group, m)?;
                let first = self.world.groups.get(*ids.first()? as usize)?;
                if first.ty != *ty {
                    let message = format!("the members of `{}` are no values of `{}`", group.node, name.node);
                    let problem = messages::wrong_type(group.span, message, "name a group of the same kind of value");
                    let problem = problem.also(first.span, "the group").also(declared, "the fact");
                    self.report(problem);
                    return None;
                }
                Some(Set::Group(ids.into_iter().map(GroupId).collect()))
            }
        }
    }

    /// A value as written, read by a type.
    pub(super) fn value(&mut self, name: &Name, declared: Span, ty: &Type, value: &tree::Value) -> Option<Value> {
        let text = value_text(value);
        let kind_fits = match (&value.kind, ty) {
            (ValueKind::Date(_), Type::Date) => true,
            (ValueKind::Text(_), Type::Text | Type::Entry | Type::Code(_) | Type::Choice(_)) => true,
            (ValueKind::Text(_) | ValueKind::Date(_), _) => false,
            (ValueKind::Quantity(..), Type::Quantity(_) | Type::Money(_)) => true,
            (ValueKind::Quantity(..), _) => false,
            (ValueKind::Cas(_) | ValueKind::Code(_), ty) => matches!(ty, Type::Code(_)),
            (ValueKind::Number(_), ty) => !matches!(ty, Type::Bool | Type::Country | Type::Date | Type::Text),
            (ValueKind::Place(_), ty) => matches!(ty, Type::Country),
            (ValueKind::Name(_), ty) => {
                matches!(ty, Type::Bool | Type::Choice(_) | Type::Country | Type::Entry | Type::Code(_))
            }
        };
        if kind_fits && let Ok(found) = read::read(ty, &text, &self.world) {
            return Some(found);
        }
        let expects = ty.expects(&self.world);
        let dimension = matches!(ty, Type::Quantity(_) | Type::Money(_))
            && matches!(value.kind, ValueKind::Quantity(..) | ValueKind::Number(_));
        let problem = match (&value.kind, ty) {
            (ValueKind::Date(text), Type::Date) => messages::bad_date(value.span, text),
            (ValueKind::Quantity(n, _) | ValueKind::Number(n), _)
                if unit::parse_number(n).is_none() && ty.is_ordered() =>
            {
                messages::bad_number(
                    value.span,
                    &format!("`{n}` cannot be held exactly: it has more than {} digits", unit::MAX_DIGITS),
                )
            }
            _ if dimension => {
                let problem = read::read(ty, &text, &self.world).err().unwrap_or_default();
                messages::wrong_dimension(value.span, &name.node, declared, &expects, &problem)
            }
            (_, Type::Code(scheme)) if kind_fits => {
                let problem = read::read(ty, &text, &self.world).err().unwrap_or_default();
                messages::bad_code(value.span, &text, scheme.name(), &problem)
            }
            (ValueKind::Name(text), Type::Choice(id)) => {
                let names: Vec<String> = self
                    .world
                    .enum_type(*id)
                    .map(|e| e.values.iter().map(|v| v.name.clone()).collect())
                    .unwrap_or_default();
                let near = nearest(text, names.iter().map(String::as_str));
                messages::unknown_value(value.span, text, &name.node, near, &expects).also(declared, "declared here")
            }
            (ValueKind::Name(text) | ValueKind::Place(text), Type::Country) => {
                let codes: Vec<String> =
                    crate::model::PlaceId::all(&self.world).map(|p| p.code(&self.world).to_owned()).collect();
                let near = nearest(text, codes.iter().map(String::as_str));
                messages::unknown_value(value.span, text, &name.node, near, &expects)
            }
            _ => messages::types_differ(name.span, &name.node, &expects, value.span, declared),
        };
        self.report(problem);
        None
    }

    /// The fact that a value names, where it is no value of the type itself.
    fn other_fact(&self, m: usize, ty: &Type, value: &tree::Value) -> Option<FactId> {
        let ValueKind::Name(text) = &value.kind else { return None };
        if read::read(ty, text, &self.world).is_ok() && !matches!(ty, Type::Text | Type::Entry) {
            return None;
        }
        self.names.find(Kind::Fact, text, m)?.first().map(|t| FactId(*t))
    }

    fn two_facts(&mut self, span: Span, left: FactId, p: &Predicate, right: FactId, at: Span) -> Cond {
        let (a, b) = (self.world.fact(left).clone(), self.world.fact(right).clone());
        if a.ty != b.ty {
            let message = format!("`{}` and `{}` are of different types", a.name, b.name);
            let problem = messages::wrong_type(at, message, "compare facts of one type");
            self.report(problem.also(a.span, "one").also(b.span, "the other"));
            return Cond::Any(vec![]);
        }
        if matches!(a.ty, Type::Code(_)) {
            // One may be given in part and the other lie under it, so that equal is not all there is to ask.
            let message = format!("`{}` and `{}` hold codes, of which one may lie under the other", a.name, b.name);
            let help = format!("say for each under which codes it lies: `{} in {{7326}}`", a.name);
            let problem = messages::wrong_type(at, message, &help);
            self.report(problem.also(a.span, "one").also(b.span, "the other"));
            return Cond::Any(vec![]);
        }
        use tree::CompareOp as Op;
        let (comparison, negated) = match &p.kind {
            PredicateKind::Is { negated, .. } => (Comparison::Eq, *negated),
            PredicateKind::Compare { op, .. } => {
                let comparison = match op.node {
                    Op::Eq => Comparison::Eq,
                    Op::Ne => Comparison::Ne,
                    Op::Lt => Comparison::Lt,
                    Op::Le => Comparison::Le,
                    Op::Gt => Comparison::Gt,
                    Op::Ge => Comparison::Ge,
                };
                (comparison, false)
            }
            _ => (Comparison::Eq, false),
        };
        if !matches!(comparison, Comparison::Eq | Comparison::Ne) && !a.ty.is_ordered() {
            let message = format!("`{}` has no order, so `<` and `>` mean nothing for it", a.name);
            self.report(messages::wrong_type(p.span, message, "write `is`").also(a.span, "declared here"));
        }
        negate(Cond::Atom(Atom { span, kind: AtomKind::Facts(left, comparison, right) }), negated)
    }
}

/// The text of a value, as `read` takes it.
pub(super) fn value_text(value: &tree::Value) -> String {
    match &value.kind {
        ValueKind::Text(t)
        | ValueKind::Date(t)
        | ValueKind::Cas(t)
        | ValueKind::Code(t)
        | ValueKind::Number(t)
        | ValueKind::Place(t)
        | ValueKind::Name(t) => t.clone(),
        ValueKind::Quantity(n, unit) => format!("{n} {unit}"),
    }
}

fn negate(cond: Cond, negated: bool) -> Cond {
    if negated { Cond::Not(Box::new(cond)) } else { cond }
}
