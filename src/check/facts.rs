//! Facts, enumerations, places, groups and constraints.

use std::collections::HashSet;

use crate::model::value::{PlaceId, Type};
use crate::model::{
    Constraint, EnumId, EnumType, EnumValue, Fact, FactId, Group, GroupBody, InForce, Interval, Level, Place, Policy,
    PolicyId, Presumption, Scheme, date, read,
};
use crate::span::Span;
use crate::spelling::nearest;
use crate::syntax::tree::{self, Decl, DeclKind, FieldKind, TypeExpr, TypeKind};

use super::scope::{Kind, Scope, field, joined};
use super::sets::is_of_rules;
use super::{Checker, messages};

/// What a named type is called.
const NAMED_TYPES: &[&str] = &["country", "number", "count", "date", "text", "entry"];

impl Checker<'_> {
    /// All declarations of the modules, with the number of their module. The tree outlives the checker.
    pub(super) fn decls(&self) -> Vec<(usize, &'_ Decl)> {
        self.modules.iter().enumerate().flat_map(|(m, module)| module.tree.decls.iter().map(move |d| (m, d))).collect()
    }

    /// Runs `f` on every declaration that `wanted` picks.
    pub(super) fn each(&mut self, wanted: impl Fn(&DeclKind) -> bool, mut f: impl FnMut(&mut Self, usize, &Decl)) {
        let modules = self.modules;
        for (m, module) in modules.iter().enumerate() {
            for decl in module.tree.decls.iter().filter(|d| wanted(&d.kind)) {
                f(self, m, decl);
            }
        }
    }

    /// Makes an entry for each policy, so that what belongs to it can say so.
    pub(super) fn policies_first(&mut self) {
        for place in self.names.policies.clone() {
            let decl = &self.modules[place.module].tree.decls[place.decl];
            self.world.policies.push(Policy {
                name: place.name,
                title: decl.title.as_ref().map(|t| t.node.clone()).unwrap_or_default(),
                source: String::new(),
                span: decl.name.as_ref().map_or(decl.span, |n| n.span),
                applies: crate::model::Cond::always(),
                known: Interval { from: None, to: None },
                otherwise: crate::model::Otherwise::Permit,
                unmodelled: Vec::new(),
                doubt: None,
                digest: String::new(),
            });
        }
    }

    pub(super) fn facts(&mut self) {
        self.each(|k| matches!(k, DeclKind::Fact { .. }), |c, m, decl| c.fact(m, decl));
    }

    fn fact(&mut self, m: usize, decl: &Decl) {
        let (Some(name), DeclKind::Fact { ty, .. }) = (&decl.name, &decl.kind) else { return };
        let is_condition = decl.fields.iter().any(|f| matches!(f.kind, FieldKind::Means(_)));
        let earlier =
            self.names.in_scope(Kind::Fact, &name.node, self.names.scopes[m]).first().map(|s| (s.span, s.target));
        if let Some((first, target)) = earlier {
            if is_condition && self.has_interval(decl) {
                // A further version of a named condition: lowered with the first.
                self.names.declare(Kind::Fact, &name.node, m, name.span, target);
            } else {
                self.report(messages::declared_twice(Kind::Fact, &name.node, name.span, first));
            }
            return;
        }
        let Some(ty) = self.ty(ty) else { return };
        if is_condition && ty != Type::Bool {
            let help = "write `fact NAME: yes/no means …`";
            self.report(messages::wrong_type(name.span, "a named condition is yes or no".to_owned(), help));
        }
        let known = self.world.fact_named(&name.node);
        if let Some(known) = known {
            // Another scope declares a fact of that name: one and the same thing if the types agree.
            let other = self.world.fact(known);
            let same = !is_condition && !other.is_named_condition() && self.same_type(&other.ty, &ty);
            let presumed = matches!(&decl.kind, DeclKind::Fact { presumed: Some(_), .. });
            let first = other.span;
            let declared_in = self.names.symbols.iter().find(|s| s.kind == Kind::Fact && s.target == known.0);
            if declared_in.is_some_and(|s| self.names.sees(m, s.module) || self.names.sees(s.module, m)) {
                self.report(messages::ambiguous(Kind::Fact, name, first, name.span));
                return;
            }
            if same && !presumed {
                self.names.declare(Kind::Fact, &name.node, m, name.span, known.0);
                return;
            }
            if !is_condition {
                self.report(messages::clashing_facts(&name.node, name.span, first));
                return;
            }
        }
        let level = match name.node.split('.').next() {
            Some("goods") => Level::Goods,
            Some("licence") => Level::Licence,
            _ => Level::Consignment,
        };
        let text = |pick: fn(&FieldKind) -> Option<&tree::Str>| field(decl, pick).map(|s| s.node.clone());
        let fact = Fact {
            name: name.node.clone(),
            span: name.span,
            module: self.modules[m].path.clone(),
            policy: self.names.policy_of(m),
            ty,
            level,
            ask: text(|f| if let FieldKind::Ask(s) = f { Some(s) } else { None }),
            answered_by: text(|f| if let FieldKind::AnsweredBy(s) = f { Some(s) } else { None }),
            presumed: None,
            means: Vec::new(),
            derived: text(|f| if let FieldKind::Derived(s) = f { Some(s) } else { None }),
            doubts: Vec::new(),
            note: joined(decl, |f| if let FieldKind::Note(s) = f { Some(s) } else { None }),
        };
        let id = self.world.facts.len() as u32;
        self.world.facts.push(fact);
        self.names.declare(Kind::Fact, &name.node, m, name.span, id);
    }

    fn has_interval(&self, decl: &Decl) -> bool {
        decl.fields.iter().any(|f| matches!(f.kind, FieldKind::InForce(_)))
    }

    fn same_type(&self, a: &Type, b: &Type) -> bool {
        match (a, b) {
            (Type::Choice(x), Type::Choice(y)) => self.world.enum_type(*x) == self.world.enum_type(*y),
            (Type::Set(x), Type::Set(y)) => self.same_type(x, y),
            _ => a == b,
        }
    }

    /// The facts that are named conditions, whether or not their meaning is lowered yet.
    pub(super) fn named_conditions(&self) -> HashSet<FactId> {
        let mut out = HashSet::new();
        for (m, decl) in self.decls() {
            if let (DeclKind::Fact { .. }, Some(name)) = (&decl.kind, &decl.name)
                && decl.fields.iter().any(|f| matches!(f.kind, FieldKind::Means(_)))
            {
                out.extend(
                    self.names.in_scope(Kind::Fact, &name.node, self.names.scopes[m]).iter().map(|s| FactId(s.target)),
                );
            }
        }
        out
    }

    fn ty(&mut self, ty: &TypeExpr) -> Option<Type> {
        Some(match &ty.kind {
            TypeKind::YesNo => Type::Bool,
            TypeKind::SetOf(inner) => Type::Set(Box::new(self.ty(inner)?)),
            TypeKind::Money(currency) => Type::Money(currency.node.clone()),
            TypeKind::Code(scheme) => match Scheme::by_name(&scheme.node) {
                Some(s) => Type::Code(s),
                None => {
                    self.report(messages::unknown_scheme(scheme.span, &scheme.node));
                    return None;
                }
            },
            TypeKind::OneOf(values) => {
                if values.is_empty() {
                    self.report(messages::empty_group(ty.span));
                }
                let mut out = Vec::new();
                self.enum_values(values, &mut out);
                let id = EnumId(self.world.enums.len() as u32);
                self.world.enums.push(EnumType { values: out });
                Type::Choice(id)
            }
            TypeKind::Named(name) => match name.as_str() {
                "country" => Type::Country,
                "number" => Type::Number,
                "count" => Type::Count,
                "date" => Type::Date,
                "text" => Type::Text,
                "entry" => Type::Entry,
                other => match crate::model::Dimension::by_name(other) {
                    Some(d) => Type::Quantity(d),
                    None => {
                        let dimensions = crate::model::Dimension::ALL.iter().map(|d| d.name());
                        let near = nearest(other, NAMED_TYPES.iter().copied().chain(dimensions));
                        self.report(messages::unknown_type(ty.span, other, near));
                        return None;
                    }
                },
            },
        })
    }

    fn enum_values(&mut self, values: &[tree::EnumValue], out: &mut Vec<EnumValue>) {
        for value in values {
            let spellings = std::iter::once(&value.name).chain(&value.also);
            for spelling in spellings {
                if out.iter().any(|v| v.name == spelling.node || v.also.contains(&spelling.node)) {
                    let message = format!("the value `{}` is listed twice", spelling.node);
                    self.report(
                        crate::diagnostic::Diagnostic::error(
                            crate::diagnostic::Code::DeclaredTwice,
                            spelling.span,
                            message,
                        )
                        .help("list it once"),
                    );
                }
            }
            let at = out.len();
            let also = value.also.iter().map(|a| a.node.clone()).collect();
            out.push(EnumValue { name: value.name.node.clone(), also, end: 0 });
            self.enum_values(&value.narrower, out);
            out[at].end = out.len() as u16;
        }
    }

    /// What facts mean and presume, once all names are known.
    pub(super) fn fact_conditions(&mut self) {
        self.each(
            |k| matches!(k, DeclKind::Fact { .. }),
            |c, m, decl| {
                let (Some(name), DeclKind::Fact { presumed, .. }) = (&decl.name, &decl.kind) else { return };
                let Some(id) = c.names.find(Kind::Fact, &name.node, m).and_then(|f| f.first().map(|t| FactId(*t)))
                else {
                    return;
                };
                let doubt = joined(decl, |f| if let FieldKind::Doubt(s) = f { Some(s) } else { None });
                let means = field(decl, |f| if let FieldKind::Means(x) = f { Some(x) } else { None });
                if doubt.is_some() || means.is_some() {
                    let in_force = c.in_force(decl);
                    c.world.facts[id.index()].doubts.extend(doubt.map(|d| (in_force.clone(), d)));
                    if let Some(cond) = means {
                        let cond = c.cond(m, cond);
                        c.world.facts[id.index()].means.push((in_force, cond));
                    }
                }
                if let Some(p) = presumed {
                    let fact = c.world.fact(id).clone();
                    let Some(value) = c.value(name, fact.span, &fact.ty, &p.value) else { return };
                    let unless = p.unless.as_ref().map(|u| c.cond(m, u));
                    let because =
                        field(decl, |f| if let FieldKind::Because(s) = f { Some(s.node.clone()) } else { None });
                    c.world.facts[id.index()].presumed = Some(Presumption { value, unless, because, milder: false });
                }
            },
        );
    }

    pub(super) fn places(&mut self) {
        // A place may lie in a place that is declared later, so names come first.
        let mut spans: Vec<Span> = Vec::new();
        self.each(
            |k| matches!(k, DeclKind::Place { .. }),
            |c, _, decl| {
                let Some(name) = &decl.name else { return };
                if let Some(i) = c.world.places.iter().position(|p| p.code == name.node) {
                    let first = spans[i];
                    let message = format!("the place `{}` is declared twice", name.node);
                    let d = crate::diagnostic::Diagnostic::error(
                        crate::diagnostic::Code::DeclaredTwice,
                        name.span,
                        message,
                    );
                    c.report(d.also(first, "the first declaration").help("declare it once"));
                    return;
                }
                spans.push(name.span);
                c.world.places.push(Place {
                    code: name.node.clone(),
                    name: decl.title.as_ref().map(|t| t.node.clone()).unwrap_or_default(),
                    within: PlaceId(0),
                    span: name.span,
                    doubt: field(decl, |f| if let FieldKind::Doubt(s) = f { Some(s.node.clone()) } else { None }),
                });
            },
        );
        self.each(
            |k| matches!(k, DeclKind::Place { .. }),
            |c, _, decl| {
                let (Some(name), DeclKind::Place { within }) = (&decl.name, &decl.kind) else { return };
                let text = super::cond::value_text(within);
                let found = read::place(&text, &c.world);
                let Some(i) = c.world.places.iter().position(|p| p.code == name.node) else { return };
                match found {
                    Some(p) => c.world.places[i].within = p,
                    None => c.report(messages::unknown_value(
                        within.span,
                        &text,
                        &name.node,
                        None,
                        "a country code such as IT",
                    )),
                }
            },
        );
        for i in 0..self.world.places.len() {
            let mut at = Some(PlaceId(PlaceId::FIRST_DECLARED + i as u16));
            let mut steps = 0;
            while let Some(p) = at {
                at = p.within(&self.world);
                steps += 1;
                if steps > self.world.places.len() + 1 {
                    let place = self.world.places[i].clone();
                    self.report(messages::cycle(&[(place.span, place.code)], "places lie in each other"));
                    self.world.places[i].within = PlaceId(0);
                    break;
                }
            }
        }
    }

    pub(super) fn groups(&mut self) {
        self.each(
            |k| matches!(k, DeclKind::Group { .. }) && !is_of_rules(k),
            |c, m, decl| {
                let (Some(name), DeclKind::Group { of, .. }) = (&decl.name, &decl.kind) else { return };
                let ty = match of {
                    None => Type::Country,
                    Some(fact) => match c.resolve(Kind::Fact, fact, m).and_then(|f| f.first().copied()) {
                        Some(f) => c.world.fact(FactId(f)).ty.element().clone(),
                        None => return,
                    },
                };
                let in_force = c.in_force(decl);
                let id = c.world.groups.len() as u32;
                let text = |pick: fn(&FieldKind) -> Option<&tree::Str>| field(decl, pick).map(|s| s.node.clone());
                c.world.groups.push(Group {
                    name: name.node.clone(),
                    title: decl.title.as_ref().map(|t| t.node.clone()),
                    cite: text(|f| if let FieldKind::Cite(s) = f { Some(s) } else { None }),
                    span: name.span,
                    body: GroupBody::Members(Vec::new()),
                    in_force,
                    ty,
                    doubt: joined(decl, |f| if let FieldKind::Doubt(s) = f { Some(s) } else { None }),
                });
                c.names.declare(Kind::Group, &name.node, m, name.span, id);
            },
        );
        self.each(
            |k| matches!(k, DeclKind::Group { .. }) && !is_of_rules(k),
            |c, m, decl| {
                let (Some(name), DeclKind::Group { body, .. }) = (&decl.name, &decl.kind) else { return };
                let mine = c.world.groups.iter().position(|g| g.span == name.span);
                let Some(i) = mine else { return };
                let ty = c.world.groups[i].ty.clone();
                let body = match body {
                    tree::GroupBody::Members(members) => {
                        if members.is_empty() {
                            c.report(messages::empty_group(decl.span));
                        }
                        let mut out = Vec::new();
                        for member in members {
                            let Some(value) = c.value(name, name.span, &ty, &member.value) else { continue };
                            let days = member.dated.iter().filter_map(|d| c.dated(d)).collect();
                            out.push((value, InForce(days), member.doubt.as_ref().map(|d| d.node.clone())));
                        }
                        GroupBody::Members(out)
                    }
                    tree::GroupBody::Expr(expr) => match c.set(m, name, name.span, &ty, expr) {
                        Some(set) => GroupBody::Expr(set),
                        None => return,
                    },
                };
                c.world.groups[i].body = body;
            },
        );
    }

    pub(super) fn constraints(&mut self) {
        self.each(
            |k| matches!(k, DeclKind::Constraint),
            |c, m, decl| {
                let Some(name) = &decl.name else { return };
                let scope: Scope = c.names.scopes[m];
                if let Some(first) = c.names.in_scope(Kind::Constraint, &name.node, scope).first().map(|s| s.span) {
                    c.report(messages::declared_twice(Kind::Constraint, &name.node, name.span, first));
                }
                c.names.declare(Kind::Constraint, &name.node, m, name.span, 0);
                let Some(cond) =
                    c.one_cond(m, decl, "always", |f| if let FieldKind::Always(x) = f { Some(x) } else { None })
                else {
                    c.report(messages::missing(name.span, "constraint", "`always`", "always CONDITION"));
                    return;
                };
                let in_force = c.in_force(decl);
                let title = decl.title.as_ref().map(|t| t.node.clone()).unwrap_or_default();
                c.world.constraints.push(Constraint {
                    name: name.node.clone(),
                    title,
                    span: name.span,
                    cond,
                    in_force,
                });
            },
        );
    }

    /// The one condition of a kind of field; a second is an error.
    pub(super) fn one_cond<'t>(
        &mut self,
        m: usize,
        decl: &'t Decl,
        word: &str,
        pick: impl Fn(&'t FieldKind) -> Option<&'t tree::Cond>,
    ) -> Option<crate::model::Cond> {
        let mut found = decl.fields.iter().filter_map(|f| pick(&f.kind).map(|c| (f.span, c)));
        let (first, cond) = found.next()?;
        if let Some((second, _)) = found.next() {
            self.report(messages::repeated(second, first, word));
        }
        Some(self.cond(m, cond))
    }

    /// An interval as written.
    pub(super) fn dated(&mut self, dated: &tree::Dated) -> Option<Interval> {
        let mut day = |text: &Option<tree::Str>| match text {
            None => Ok(None),
            Some(s) => date::parse_date(&s.node).map(Some).ok_or_else(|| {
                self.report(messages::bad_date(s.span, &s.node));
            }),
        };
        let (Ok(from), Ok(to)) = (day(&dated.from), day(&dated.to)) else { return None };
        if let (Some(f), Some(t)) = (from, to)
            && f > t
        {
            self.report(messages::interval_backwards(dated.span));
        }
        Some(Interval { from, to })
    }

    /// The intervals of a declaration.
    pub(super) fn in_force(&mut self, decl: &Decl) -> InForce {
        let mut out: Vec<(Span, Interval)> = Vec::new();
        for field in &decl.fields {
            let FieldKind::InForce(list) = &field.kind else { continue };
            for dated in list {
                let Some(interval) = self.dated(dated) else { continue };
                if let Some((first, _)) = out.iter().find(|(_, i)| i.overlaps(&interval)) {
                    let first = *first;
                    self.report(messages::intervals_overlap(dated.span, first));
                }
                out.push((dated.span, interval));
            }
        }
        InForce(out.into_iter().map(|(_, i)| i).collect())
    }

    /// The policy of a module; a message if there is none.
    pub(super) fn need_policy(&mut self, m: usize, span: Span, what: &str) -> Option<PolicyId> {
        let found = self.names.policy_of(m);
        if found.is_none() {
            self.report(messages::outside_policy(span, what));
        }
        found
    }
}
