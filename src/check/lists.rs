//! Control lists: categories, their codes and their conditions.

use crate::model::code::{CodeItem, CodeList};
use crate::model::value::Type;
use crate::model::{Category, CategoryId, Cond, FactId, Scheme};
use crate::syntax::tree::{self, Decl, DeclKind, FieldKind};

use super::scope::{Kind, field, joined};
use super::{Checker, messages};

impl Checker<'_> {
    /// Numbers all categories, parents before children, so that conditions may name any of them.
    pub(super) fn category_names(&mut self) {
        self.each(
            |k| matches!(k, DeclKind::Category),
            |c, m, decl| {
                if decl.name.is_none() {
                    c.report(messages::missing(decl.span, "category", "a name", "category NAME \"…\" { … }"));
                    return;
                }
                c.category_name(m, decl, None);
            },
        );
    }

    fn category_name(&mut self, m: usize, decl: &Decl, parent: Option<CategoryId>) {
        let id = CategoryId(self.world.categories.len() as u32);
        let prefix = parent.map(|p| self.world.category(p).name.clone());
        let name = match (&prefix, &decl.name) {
            (Some(p), Some(n)) => format!("{p}.{}", n.node),
            (Some(p), None) => p.clone(),
            (None, Some(n)) => n.node.clone(),
            (None, None) => return,
        };
        let in_force = self.in_force(decl);
        let text = |pick: fn(&FieldKind) -> Option<&tree::Str>| field(decl, pick).map(|s| s.node.clone());
        let category = Category {
            name: name.clone(),
            unnamed: decl.name.is_none(),
            title: decl.title.as_ref().map(|t| t.node.clone()),
            cite: text(|f| if let FieldKind::Cite(s) = f { Some(s) } else { None }),
            source: text(|f| if let FieldKind::Source(s) = f { Some(s) } else { None }),
            span: decl.name.as_ref().map_or(decl.span, |n| n.span),
            policy: self.names.policy_of(m),
            module: self.modules[m].path.clone(),
            parent,
            children: Vec::new(),
            codes: Vec::new(),
            whatever_code: decl.fields.iter().any(|f| matches!(f.kind, FieldKind::WhateverCode)),
            cond: Cond::always(),
            in_force,
            words: Vec::new(),
            words_of: Vec::new(),
            doubt: joined(decl, |f| if let FieldKind::Doubt(s) = f { Some(s) } else { None }),
            note: joined(decl, |f| if let FieldKind::Note(s) = f { Some(s) } else { None }),
        };
        let span = category.span;
        self.world.categories.push(category);
        if let Some(parent) = parent {
            self.world.categories[parent.index()].children.push(id);
        }
        if decl.name.is_some() {
            self.names.declare(Kind::Category, &name, m, span, id.0);
        }
        for child in decl.fields.iter().filter_map(|f| if let FieldKind::Child(c) = &f.kind { Some(c) } else { None }) {
            self.category_name(m, child, Some(id));
        }
    }

    /// Codes and conditions of all categories, in the same order in which they were numbered.
    pub(super) fn categories(&mut self) {
        let mut next = 0;
        self.each(
            |k| matches!(k, DeclKind::Category),
            |c, m, decl| {
                if decl.name.is_some() {
                    c.category(m, decl, &mut next);
                }
            },
        );
        self.check_ex();
    }

    fn category(&mut self, m: usize, decl: &Decl, next: &mut usize) {
        let id = *next;
        *next += 1;
        let when = self.one_cond(m, decl, "when", |f| if let FieldKind::When(c) = f { Some(c) } else { None });
        let mut cond = when.unwrap_or_else(Cond::always);
        for f in &decl.fields {
            if let FieldKind::Unless(c) = &f.kind {
                let unless = self.cond(m, c);
                cond = cond.and(Cond::Not(Box::new(unless)));
            }
        }
        let codes = self.codes(m, decl);
        let category = &mut self.world.categories[id];
        category.cond = cond;
        category.codes = codes;
        // What is said and could not be read was reported there.
        let says = |f: &tree::Field| {
            use FieldKind::{Accepts, Child, Codes, Unless, When};
            matches!(f.kind, Accepts { .. } | Child(_) | Codes { .. } | Unless(_) | When(_))
        };
        if !decl.fields.iter().any(says) {
            let span = category.span;
            self.report(messages::missing(span, "category", "which goods it holds", "when CONDITION"));
        }
        for child in decl.fields.iter().filter_map(|f| if let FieldKind::Child(c) = &f.kind { Some(c) } else { None }) {
            self.category(m, child, next);
        }
    }

    fn codes(&mut self, m: usize, decl: &Decl) -> Vec<(FactId, CodeList)> {
        let mut lists: Vec<(FactId, CodeList)> = Vec::new();
        for f in &decl.fields {
            let (scheme, items, accepts) = match &f.kind {
                FieldKind::Codes { scheme, items } => (scheme, items.as_slice(), None),
                FieldKind::Accepts { scheme, codes, because } => (scheme, &[][..], Some((codes, because))),
                _ => continue,
            };
            let Some(of) = Scheme::by_name(&scheme.node) else {
                self.report(messages::unknown_scheme(scheme.span, &scheme.node));
                continue;
            };
            let Some(fact) = self.fact_for(of, m) else {
                // One cause, however many entries of the file list codes.
                if self.schemes_missed.insert((m, of)) {
                    self.report(messages::no_fact_for_scheme(scheme.span, of.name()));
                }
                continue;
            };
            let mut new_items = Vec::new();
            for item in items {
                new_items.extend(self.code_item(of, item));
            }
            let mut new_accepts = Vec::new();
            if let Some((codes, because)) = accepts {
                for code in codes {
                    if let Some(c) = self.code(of, code) {
                        new_accepts.push((c, because.node.clone()));
                    }
                }
            }
            match lists.iter_mut().find(|(f, l)| *f == fact && l.scheme == of) {
                Some((_, list)) => {
                    list.items.extend(new_items);
                    list.accepts.extend(new_accepts);
                }
                None => lists.push((fact, CodeList { scheme: of, items: new_items, accepts: new_accepts })),
            }
        }
        lists
    }

    /// The fact visible here that holds a code of that scheme; the first declared, if there are several.
    fn fact_for(&self, scheme: Scheme, m: usize) -> Option<FactId> {
        let fits = |(_, f): &(usize, &crate::model::Fact)| *f.ty.element() == Type::Code(scheme);
        let visible = |(i, f): &(usize, &crate::model::Fact)| {
            self.names.find(Kind::Fact, &f.name, m).is_some_and(|found| found.contains(&(*i as u32)))
        };
        let mut found = self.world.facts.iter().enumerate().filter(fits).filter(visible);
        found.next().map(|(i, _)| FactId(i as u32))
    }

    fn code(&mut self, scheme: Scheme, code: &tree::Str) -> Option<String> {
        match scheme.normalise(&code.node) {
            Ok(c) => Some(c),
            Err(problem) => {
                self.report(messages::bad_code(code.span, &code.node, scheme.name(), &problem));
                None
            }
        }
    }

    fn code_item(&mut self, scheme: Scheme, item: &tree::CodeItem) -> Option<CodeItem> {
        let from = self.code(scheme, &item.code)?;
        let to = match &item.to {
            None => None,
            Some(to) => {
                let last = self.code(scheme, to)?;
                if last.len() != from.len() || last < from {
                    self.report(messages::bad_code_range(item.span));
                    return None;
                }
                Some(last)
            }
        };
        let mut except = Vec::new();
        for code in &item.except {
            let Some(c) = self.code(scheme, code) else { continue };
            let inside = match &to {
                None => scheme.is_under(&c, &from) && c != from,
                Some(last) => c.len() >= from.len() && (from.as_str()..=last.as_str()).contains(&&c[..from.len()]),
            };
            if !inside {
                self.report(messages::except_outside(code.span, &code.node));
            }
            except.push(c);
        }
        Some(CodeItem { ex: item.ex, from, to, except })
    }

    /// `ex` needs a condition on every way down through the entry.
    fn check_ex(&mut self) {
        let mut found = Vec::new();
        for (i, category) in self.world.categories.iter().enumerate() {
            let has_ex = category.codes.iter().any(|(_, l)| l.items.iter().any(|item| item.ex));
            if has_ex && !self.conditioned_above(i) && !self.conditioned_below(i) {
                found.push((i, category.span, category.name.clone()));
            }
        }
        for (i, span, name) in found {
            let code = self.ex_span(i).unwrap_or(span);
            self.report(messages::ex_without_condition(code, span, &name));
        }
    }

    fn conditioned_above(&self, i: usize) -> bool {
        let mut at = Some(CategoryId(i as u32));
        while let Some(id) = at {
            let c = self.world.category(id);
            if !c.cond.is_always() {
                return true;
            }
            at = c.parent;
        }
        false
    }

    fn conditioned_below(&self, i: usize) -> bool {
        let children = &self.world.categories[i].children;
        let conditioned =
            |id: &CategoryId| !self.world.category(*id).cond.is_always() || self.conditioned_below(id.index());
        !children.is_empty() && children.iter().all(conditioned)
    }

    /// The place of the first `ex` of a category.
    fn ex_span(&self, i: usize) -> Option<crate::span::Span> {
        let wanted = self.world.categories[i].span;
        fn search(decl: &Decl, wanted: crate::span::Span) -> Option<crate::span::Span> {
            let mine = decl.name.as_ref().map_or(decl.span, |n| n.span) == wanted;
            decl.fields.iter().find_map(|f| match &f.kind {
                FieldKind::Codes { items, .. } if mine => items.iter().find(|i| i.ex).map(|i| i.span),
                FieldKind::Child(child) => search(child, wanted),
                _ => None,
            })
        }
        self.decls().into_iter().find_map(|(_, d)| search(d, wanted))
    }
}
