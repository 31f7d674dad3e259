//! Tests and tables.

use crate::span::Span;
use crate::syntax::tree::*;

use super::decl::braces;
use super::doc::{Doc, Item, group, text};
use super::{Body, Kind, Layout, STEP};

impl Layout<'_> {
    pub(super) fn test(&mut self, decl: &Decl, test: &Test) -> Vec<Doc> {
        let head = self.head("test", decl);
        let mut body = Body::new(true, " ");
        self.bracketed(|layout| {
            body.entry(layout, given_span(decl, test), |layout| {
                let mut docs = vec![text("given")];
                if !test.given.is_empty() {
                    let given = layout.assignments(&test.given);
                    docs.extend([Doc::Space, group(vec![Doc::Nest(STEP, given)])]);
                }
                (docs, Kind::Field)
            });
            for expectation in &test.expects {
                body.entry(layout, expectation.span, |layout| (layout.expectation(expectation), Kind::Field));
            }
            body.finish(layout, decl.span.end);
        });
        vec![braces(Doc::Nest(2 * STEP, head), body)]
    }

    pub(super) fn table(&mut self, decl: &Decl, table: &Table) -> Vec<Doc> {
        let mut head = vec![Doc::Nest(2 * STEP, self.head("table", decl)), Doc::Space, text("given"), Doc::Space];
        let given = self.block(["{", "}"], 0, |layout| layout.assignments(&table.given));
        head.push(given);
        let widths = column_widths(&table.rows);
        let mut body = Body::new(true, " ");
        self.bracketed(|layout| {
            for row in &table.rows {
                let first = row.first().map_or(decl.span, |cell| cell.span);
                let span = row.last().map_or(first, |last| first.to(last.span));
                body.entry(layout, span, |_| (vec![text(row_text(row, &widths))], Kind::Field));
            }
            body.finish(layout, decl.span.end);
        });
        vec![braces(group(head), body)]
    }

    /// Assignments with commas between, as many on a line as fit; if one line does not hold them all, records stand on
    /// lines of their own.
    fn assignments(&mut self, list: &[Assignment]) -> Vec<Doc> {
        let mut docs: Vec<Doc> = Vec::new();
        for (i, assignment) in list.iter().enumerate() {
            let lead = self.comments_before(assignment.name.span.start);
            let mut body = self.assignment(assignment);
            if i + 1 < list.len() {
                body.push(text(","));
            }
            let record = matches!(assignment.value, Given::Block(..) | Given::Blocks(..));
            match docs.last_mut() {
                Some(Doc::Fill(items)) if !record => items.push(Item { lead, body }),
                last => {
                    if last.is_some() {
                        docs.push(Doc::Line(" "));
                    }
                    if record {
                        docs.extend(lead);
                        docs.extend(body);
                    } else {
                        docs.push(Doc::Fill(vec![Item { lead, body }]));
                    }
                }
            }
        }
        docs
    }

    /// `name value`, after the comments before it.
    fn assignment(&mut self, assignment: &Assignment) -> Vec<Doc> {
        let mut docs = vec![text(&assignment.name.node), Doc::Space];
        match &assignment.value {
            Given::Value(value) => {
                let value = self.value(value);
                docs.push(Doc::Nest(STEP, value));
            }
            Given::Set(span, values) => {
                let set = self.set(span.end, values);
                docs.push(Doc::Nest(STEP, set));
            }
            Given::Block(span, inner) => docs.push(self.record(span.end, inner)),
            Given::Blocks(span, records) => docs.push(self.block(["[", "]"], span.end, |layout| {
                let mut docs = Vec::new();
                for (i, record) in records.iter().enumerate() {
                    if i > 0 {
                        docs.extend([text(","), Doc::Line(" ")]);
                    }
                    if let Some(first) = record.first() {
                        docs.extend(layout.comments_before(first.name.span.start));
                    }
                    docs.push(layout.record(0, record));
                }
                docs
            })),
        }
        docs
    }

    /// `{ a 1, b 2 }`, on one line or with one assignment a line.
    fn record(&mut self, end: u32, list: &[Assignment]) -> Doc {
        self.block(["{", "}"], end, |layout| {
            let mut docs = Vec::new();
            for (i, assignment) in list.iter().enumerate() {
                if i > 0 {
                    docs.extend([text(","), Doc::Line(" ")]);
                }
                docs.extend(layout.comments_before(assignment.name.span.start));
                docs.extend(layout.assignment(assignment));
            }
            docs
        })
    }

    /// `expect OUTCOME …`, as many parts on a line as fit.
    fn expectation(&mut self, expectation: &Expectation) -> Vec<Doc> {
        let mut items = vec![Item { lead: Vec::new(), body: vec![text(&expectation.outcome.node)] }];
        for part in &expectation.parts {
            let lead = self.comments_before(part.span.start);
            let body = self.expected(part);
            items.push(Item { lead, body });
        }
        vec![text("expect"), Doc::Space, Doc::Nest(STEP, vec![Doc::Fill(items)])]
    }

    fn expected(&mut self, part: &Expected) -> Vec<Doc> {
        let (word, quoted) = match part.kind {
            ExpectedKind::Under => ("under", false),
            ExpectedKind::By => ("by", false),
            ExpectedKind::NotBy => ("not by", false),
            ExpectedKind::In => ("in", false),
            ExpectedKind::NotIn => ("not in", false),
            ExpectedKind::Missing => ("missing", false),
            ExpectedKind::Requires => ("requires", false),
            ExpectedKind::NotRequires => ("not requires", false),
            ExpectedKind::Document => ("document", true),
            ExpectedKind::NotDocument => ("not document", true),
            ExpectedKind::Duty => ("duty", true),
            ExpectedKind::NotDuty => ("not duty", true),
            ExpectedKind::Presumes => ("presumes", false),
            ExpectedKind::NotPresumes => ("not presumes", false),
            ExpectedKind::Near => ("near", false),
            ExpectedKind::Claimable => ("claimable", false),
            ExpectedKind::NotClaimable => ("not claimable", false),
            ExpectedKind::May => return vec![text("may proceed")],
            ExpectedKind::MayNot => return vec![text("may not proceed")],
        };
        let names = if quoted { self.strings(&part.names) } else { self.names(&part.names) };
        vec![text(word), Doc::Space, Doc::Nest(STEP, vec![names])]
    }
}

/// Where the given facts of a test stand; what has none stands between the head and what is expected.
fn given_span(decl: &Decl, test: &Test) -> Span {
    match (test.given.first(), test.given.last(), test.expects.first()) {
        (Some(first), Some(last), _) => first.name.span.to(match &last.value {
            Given::Value(value) => value.span,
            Given::Set(span, _) | Given::Block(span, _) | Given::Blocks(span, _) => *span,
        }),
        (_, _, Some(expectation)) => Span { end: expectation.span.start, ..decl.span },
        _ => decl.span,
    }
}

fn column_widths(rows: &[Vec<Str>]) -> Vec<usize> {
    let mut widths = Vec::new();
    for row in rows {
        for (i, cell) in row.iter().enumerate() {
            let width = cell.node.chars().count();
            match widths.get_mut(i) {
                Some(widest) => *widest = width.max(*widest),
                None => widths.push(width),
            }
        }
    }
    widths
}

/// `| a | b |`, each cell as wide as its column.
fn row_text(row: &[Str], widths: &[usize]) -> String {
    let mut out = String::from("|");
    for (cell, width) in row.iter().zip(widths) {
        out.push_str(&format!(" {:width$} |", cell.node));
    }
    out
}
