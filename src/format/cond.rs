//! Conditions, sets and values.

use crate::syntax::tree::*;

use super::doc::{Doc, Item, group, text};
use super::{Layout, STEP, quote};

/// The brackets of a set.
const BRACES: [&str; 2] = ["{", "}"];

impl Layout<'_> {
    /// `keyword C`; a condition that does not fit breaks before its outermost `or` or `and`.
    pub(super) fn cond_field(&mut self, keyword: &str, cond: &Cond) -> Vec<Doc> {
        vec![text(keyword), Doc::Space, self.indented(cond)]
    }

    /// A condition whose further lines stand to the right; the lines of a `{ a; b }` already do.
    fn indented(&mut self, cond: &Cond) -> Doc {
        let mut inner = cond;
        while let CondKind::Not(next) = &inner.kind {
            inner = next;
        }
        let step = if matches!(inner.kind, CondKind::AnyAllConds { .. }) { 0 } else { STEP };
        Doc::Nest(step, self.cond(cond))
    }

    pub(super) fn cond(&mut self, cond: &Cond) -> Vec<Doc> {
        match &cond.kind {
            CondKind::Or(conds) => self.chain("or", conds),
            CondKind::And(conds) => self.chain("and", conds),
            CondKind::Not(inner) => {
                let mut docs = self.lead(cond.span, "not");
                docs.extend([text("not"), Doc::Space]);
                docs.extend(self.cond(inner));
                docs
            }
            CondKind::Paren(inner) => {
                let mut docs = self.lead(cond.span, "(");
                docs.extend(self.tight(["(", ")"], cond.span.end, |layout| layout.cond(inner)));
                docs
            }
            CondKind::AnyAllConds { all, conds } => {
                let mut docs = self.lead(cond.span, "any");
                docs.extend([text(if *all { "all of" } else { "any of" }), Doc::Space]);
                docs.push(self.block(BRACES, cond.span.end, |layout| layout.alternatives(conds)));
                docs
            }
            CondKind::AnyAll { all, names, braces, predicate } => {
                let mut docs = self.lead(cond.span, "any");
                docs.extend([text(if *all { "all of" } else { "any of" }), Doc::Space]);
                docs.extend(self.one_or_more(names, *braces));
                docs.extend(predicate.as_ref().map(|p| self.predicate(p)).unwrap_or_default());
                docs
            }
            CondKind::Fact { name, predicate } => {
                let mut docs = self.word(name);
                docs.extend(predicate.as_ref().map(|p| self.predicate(p)).unwrap_or_default());
                docs
            }
        }
    }

    /// `a and b and c`.
    fn chain(&mut self, operator: &'static str, conds: &[Cond]) -> Vec<Doc> {
        let mut docs = Vec::new();
        for (i, cond) in conds.iter().enumerate() {
            if i > 0 {
                docs.push(Doc::Line(" "));
                docs.extend(self.lead(cond.span, operator));
                docs.extend([text(operator), Doc::Space]);
            }
            docs.push(self.indented(cond));
        }
        vec![group(docs)]
    }

    /// `a; b; c`; one alone keeps its semicolon, which tells it from a list of names.
    fn alternatives(&mut self, conds: &[Cond]) -> Vec<Doc> {
        let mut docs = Vec::new();
        for (i, cond) in conds.iter().enumerate() {
            if i > 0 {
                docs.push(Doc::Line(" "));
            }
            docs.extend(self.lead(cond.span, ""));
            docs.push(self.indented(cond));
            if i + 1 < conds.len() || i == 0 {
                docs.push(text(";"));
            }
        }
        docs
    }

    /// `{a, b}` or `a`.
    fn one_or_more(&mut self, names: &[Name], braces: bool) -> Vec<Doc> {
        if braces {
            self.tight(BRACES, 0, |layout| vec![layout.names(names)])
        } else {
            names.iter().flat_map(|name| self.word(name)).collect()
        }
    }

    /// What is said of a fact, with the blank before it.
    fn predicate(&mut self, predicate: &Predicate) -> Vec<Doc> {
        let mut docs = vec![Doc::Space];
        docs.extend(self.lead(predicate.span, ""));
        let not = |negated: bool, word: &str| text(if negated { format!("not {word}") } else { word.to_owned() });
        match &predicate.kind {
            PredicateKind::Is { negated, value } => {
                docs.extend([text(if *negated { "is not" } else { "is" }), Doc::Space]);
                docs.extend(self.value(value));
            }
            PredicateKind::In { negated, set } => {
                docs.extend([not(*negated, "in"), Doc::Space]);
                docs.push(self.set_expr(set));
            }
            PredicateKind::Range { negated, low, high } => {
                docs.extend([not(*negated, "in"), Doc::Space]);
                docs.extend(self.value(low));
                docs.push(Doc::Space);
                docs.extend(self.lead(high.span, "to"));
                docs.push(text(format!("to {}", value_text(high))));
            }
            PredicateKind::Compare { op, value } => {
                docs.extend([text(operator_text(op.node)), Doc::Space]);
                docs.extend(self.value(value));
            }
            PredicateKind::CodedUnder(names, braces) => {
                docs.extend([text("coded under"), Doc::Space]);
                docs.extend(self.one_or_more(names, *braces));
            }
            PredicateKind::Marked { column, chart } => {
                docs.extend([text("marked"), Doc::Space]);
                docs.extend(self.word(column));
                docs.push(Doc::Space);
                docs.extend(self.lead(chart.span, "in"));
                docs.push(text(format!("in {}", chart.node)));
            }
            PredicateKind::Includes(name) => {
                docs.extend([text("includes"), Doc::Space]);
                docs.extend(self.word(name));
            }
        }
        docs
    }

    /// `a + b - {X}`, as many terms on a line as fit.
    pub(super) fn set_expr(&mut self, set: &SetExpr) -> Doc {
        let first = Item { lead: self.lead(set.span, first_word(&set.first)), body: self.set_term(&set.first) };
        let mut items = vec![first];
        for (op, term) in &set.rest {
            let op = match op {
                SetOp::Plus => "+",
                SetOp::Minus => "-",
                SetOp::And => "&",
            };
            let start = match term {
                SetTerm::Name(name) => name.span,
                SetTerm::Literal(span, _) => *span,
                SetTerm::Paren(inner) => inner.span,
            };
            let lead = self.lead(start, op);
            let mut body = vec![text(op), Doc::Space];
            body.extend(self.set_term(term));
            items.push(Item { lead, body });
        }
        Doc::Fill(items)
    }

    fn set_term(&mut self, term: &SetTerm) -> Vec<Doc> {
        match term {
            SetTerm::Name(name) => self.word(name),
            SetTerm::Literal(span, values) => self.set(span.end, values),
            SetTerm::Paren(inner) => self.tight(["(", ")"], 0, |layout| vec![layout.set_expr(inner)]),
        }
    }

    /// `{a, b}` that closes before `end`.
    pub(super) fn set(&mut self, end: u32, values: &[Value]) -> Vec<Doc> {
        self.tight(BRACES, end, |layout| vec![layout.values(values)])
    }

    fn values(&mut self, values: &[Value]) -> Doc {
        self.commas(values, |v| v.span, |_, v| vec![text(value_text(v))])
    }

    /// A value with the comments before it.
    pub(super) fn value(&mut self, value: &Value) -> Vec<Doc> {
        let word = value_text(value);
        let mut docs = self.lead(value.span, &word);
        docs.push(text(word));
        docs
    }
}

/// The word that a term begins with.
fn first_word(term: &SetTerm) -> &str {
    match term {
        SetTerm::Name(name) => &name.node,
        SetTerm::Literal(..) => "{",
        SetTerm::Paren(_) => "(",
    }
}

fn operator_text(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => "=",
        CompareOp::Ne => "!=",
        CompareOp::Lt => "<",
        CompareOp::Le => "<=",
        CompareOp::Gt => ">",
        CompareOp::Ge => ">=",
    }
}

/// A value as it is written.
pub(super) fn value_text(value: &Value) -> String {
    match &value.kind {
        ValueKind::Text(s) => quote(s),
        ValueKind::Quantity(number, unit) => format!("{number} {unit}"),
        ValueKind::Date(s)
        | ValueKind::Cas(s)
        | ValueKind::Code(s)
        | ValueKind::Number(s)
        | ValueKind::Place(s)
        | ValueKind::Name(s) => s.clone(),
    }
}
