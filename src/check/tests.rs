//! Tests and tables: each becomes a consignment in JSON and a list of expectations.
//!
//! Values are read here by the types of their facts, so that a mistake in a test is found by `check`, at its place.

use serde_json::{Map, Value as Json, json};

use crate::model::value::Type;
use crate::model::{Expect, Expected, ExpectedPart, Fact, FactId, IMPOSSIBLE, PolicyId, TestCase, read};
use crate::span::Span;
use crate::spelling::counted;
use crate::syntax::parse::{Cell, parse_cell};
use crate::syntax::tree::{self, Assignment, DeclKind, Expectation, ExpectedKind, Given, Name, Str, Table, Test};

use super::cond::value_text;
use super::scope::Kind;
use super::{Checker, messages};

impl Checker<'_> {
    pub(super) fn tests(&mut self) {
        self.each(
            |k| matches!(k, DeclKind::Test(_) | DeclKind::Table(_)),
            |c, m, decl| {
                let Some(policy) = c.need_policy(m, decl.span, "test") else { return };
                let title = decl.title.as_ref().map(|t| t.node.clone()).unwrap_or_default();
                match &decl.kind {
                    DeclKind::Test(test) => c.test(m, policy, title, decl.span, test),
                    DeclKind::Table(table) => c.table(m, policy, &title, table),
                    _ => {}
                }
            },
        );
    }

    fn test(&mut self, m: usize, policy: PolicyId, name: String, span: Span, test: &Test) {
        let mut given = Map::new();
        self.assignments(m, "", &test.given, &mut given);
        let expects = test.expects.iter().map(|e| self.expectation(m, e)).collect();
        self.world.tests.push(TestCase { name, policy, span, given: Json::Object(given), expects });
    }

    fn table(&mut self, m: usize, policy: PolicyId, title: &str, table: &Table) {
        let Some((header, rows)) = table.rows.split_first() else { return };
        let expects = header.iter().position(|c| c.node == "expect");
        let Some(expect_column) = expects else {
            let span = header.first().map(|c| c.span).unwrap_or_default();
            self.report(messages::bad_table(span, "this table has no column `expect`", "name one column `expect`"));
            return;
        };
        if rows.is_empty() {
            let span = header.first().map(|c| c.span).unwrap_or_default();
            self.report(messages::bad_table(span, "this table has no rows, so it tests nothing", "add a row"));
        }
        for (n, row) in rows.iter().enumerate() {
            let span = row.first().map_or(Span::default(), |f| row.iter().fold(f.span, |s, c| s.to(c.span)));
            if row.len() != header.len() {
                let message =
                    format!("this row has {}, the header {}", counted(row.len(), "cell", "cells"), header.len());
                self.report(messages::bad_table(span, &message, "give each column one cell"));
                continue;
            }
            let mut given = Map::new();
            self.assignments(m, "", &table.given, &mut given);
            let mut expects = Vec::new();
            for (i, cell) in row.iter().enumerate() {
                match parse_cell(cell.span.file, cell.span.start as usize, &cell.node) {
                    Err(problem) => self.report(problem),
                    Ok(Cell::Expectation(e)) if i == expect_column => expects.push(self.expectation(m, &e)),
                    Ok(Cell::Given(value)) if i != expect_column => {
                        let name = Name { node: header[i].node.clone(), span: header[i].span };
                        self.assign(m, "", &Assignment { name, value }, &mut given);
                    }
                    Ok(_) => {
                        let help = "under `expect` stand outcomes, under the other columns values";
                        self.report(messages::bad_table(cell.span, "this cell does not fit its column", help));
                    }
                }
            }
            let name = format!("{title} [{}]", n + 1);
            self.world.tests.push(TestCase { name, policy, span, given: Json::Object(given), expects });
        }
    }

    fn assignments(&mut self, m: usize, prefix: &str, list: &[Assignment], out: &mut Map<String, Json>) {
        for assignment in list {
            self.assign(m, prefix, assignment, out);
        }
    }

    /// Puts one assignment at its dotted place.
    fn assign(&mut self, m: usize, prefix: &str, assignment: &Assignment, out: &mut Map<String, Json>) {
        let name = &assignment.name;
        let full = format!("{prefix}{}", name.node);
        match &assignment.value {
            Given::Block(_, inner) => {
                let licence = full == "licences";
                let inner_prefix = if licence { "licence.".to_owned() } else { format!("{full}.") };
                let mut map = Map::new();
                if let Some(Json::Object(existing)) = out.get(&name.node)
                    && !licence
                {
                    map = existing.clone();
                }
                self.assignments(m, &inner_prefix, inner, &mut map);
                let value = if licence { json!([map]) } else { Json::Object(map) };
                out.insert(name.node.clone(), value);
            }
            Given::Blocks(_, items) => {
                let inner_prefix = if full == "licences" { "licence.".to_owned() } else { format!("{full}.") };
                let mut list = Vec::new();
                for item in items {
                    let mut map = Map::new();
                    self.assignments(m, &inner_prefix, item, &mut map);
                    list.push(Json::Object(map));
                }
                out.insert(name.node.clone(), Json::Array(list));
            }
            Given::Value(_) | Given::Set(..) => {
                if full == "licence.licence" {
                    if let Given::Value(v) = &assignment.value {
                        out.insert(name.node.clone(), Json::String(value_text(v)));
                    }
                    return;
                }
                let Some(json) = self.given(m, &full, name, &assignment.value) else { return };
                // `goods.pava` in a table goes below `goods`.
                let mut at = out;
                let mut parts = name.node.split('.').peekable();
                while let Some(part) = parts.next() {
                    if parts.peek().is_none() {
                        at.insert(part.to_owned(), json);
                        return;
                    }
                    let next = at.entry(part.to_owned()).or_insert_with(|| Json::Object(Map::new()));
                    match next {
                        Json::Object(map) => at = map,
                        _ => return,
                    }
                }
            }
        }
    }

    fn given(&mut self, m: usize, full: &str, name: &Name, value: &Given) -> Option<Json> {
        let name = Name { node: full.to_owned(), span: name.span };
        let id = FactId(*self.resolve(Kind::Fact, &name, m)?.first()?);
        let fact = self.world.fact(id).clone();
        match value {
            Given::Value(v) if value_text(v) == "unknown" => Some(Json::Null),
            Given::Value(v) => match &fact.ty {
                Type::Set(inner) => Some(json!([self.one(&fact, inner, v)?])),
                ty => self.one(&fact, ty, v),
            },
            Given::Set(span, values) => match &fact.ty {
                Type::Set(inner) => {
                    let list: Vec<_> = values.iter().map(|v| self.one(&fact, inner, v)).collect();
                    Some(Json::Array(list.into_iter().collect::<Option<_>>()?))
                }
                _ => {
                    self.report(messages::bad_given(*span, &fact.name, "one value is expected, not a list"));
                    None
                }
            },
            _ => None,
        }
    }

    fn one(&mut self, fact: &Fact, ty: &Type, value: &tree::Value) -> Option<Json> {
        let text = value_text(value);
        match read::read(ty, &text, &self.world) {
            Err(problem) => {
                self.report(messages::bad_given(value.span, &fact.name, &problem));
                None
            }
            Ok(_) => Some(match ty {
                Type::Bool => json!(matches!(text.as_str(), "yes" | "true")),
                Type::Number | Type::Count => {
                    text.parse::<serde_json::Number>().map_or(Json::String(text), Json::Number)
                }
                _ => Json::String(text),
            }),
        }
    }

    fn expectation(&mut self, m: usize, e: &Expectation) -> Expect {
        let impossible = e.outcome.node == IMPOSSIBLE;
        let mut out =
            Expect { span: e.span, outcome: e.outcome.node.clone(), outcome_span: e.outcome.span, parts: Vec::new() };
        for part in &e.parts {
            let (what, negated) = what_of(part.kind);
            if impossible && (what, negated) != (Expected::By, false) {
                self.report(messages::beside_impossible(part.span));
                continue;
            }
            let kind = match what {
                Expected::By if impossible => Some(Kind::Constraint),
                Expected::By | Expected::Claimable => Some(Kind::Rule),
                Expected::In | Expected::Near => Some(Kind::Category),
                Expected::Missing | Expected::Presumes => Some(Kind::Fact),
                Expected::Under | Expected::Requires => Some(Kind::Licence),
                Expected::Document | Expected::Duty | Expected::Proceed => None,
            };
            if let Some(kind) = kind {
                part.names.iter().for_each(|n| self.expect_name(m, kind, n));
            }
            let names = part.names.iter().map(|n| n.node.clone()).collect();
            out.parts.push(ExpectedPart { span: part.span, negated, what, names });
        }
        out
    }

    fn expect_name(&mut self, m: usize, kind: Kind, name: &Str) {
        let _ = self.resolve(kind, name, m);
    }
}

/// What a part is about, and whether it is negated.
fn what_of(kind: ExpectedKind) -> (Expected, bool) {
    match kind {
        ExpectedKind::Under => (Expected::Under, false),
        ExpectedKind::By => (Expected::By, false),
        ExpectedKind::NotBy => (Expected::By, true),
        ExpectedKind::In => (Expected::In, false),
        ExpectedKind::NotIn => (Expected::In, true),
        ExpectedKind::Missing => (Expected::Missing, false),
        ExpectedKind::Requires => (Expected::Requires, false),
        ExpectedKind::NotRequires => (Expected::Requires, true),
        ExpectedKind::Document => (Expected::Document, false),
        ExpectedKind::NotDocument => (Expected::Document, true),
        ExpectedKind::Duty => (Expected::Duty, false),
        ExpectedKind::NotDuty => (Expected::Duty, true),
        ExpectedKind::Presumes => (Expected::Presumes, false),
        ExpectedKind::NotPresumes => (Expected::Presumes, true),
        ExpectedKind::Near => (Expected::Near, false),
        ExpectedKind::Claimable => (Expected::Claimable, false),
        ExpectedKind::NotClaimable => (Expected::Claimable, true),
        ExpectedKind::May => (Expected::Proceed, false),
        ExpectedKind::MayNot => (Expected::Proceed, true),
    }
}
