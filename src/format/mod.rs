//! The one way to lay out a gate file.
//!
//! A file is printed from its tree and its comments; of the text itself only this is seen: which declarations stood on
//! one line, and where a line was left empty. So two files with the same tree look the same but for those, and a
//! formatted file is its own formatting. Nothing but blanks and line breaks changes, and the commas and semicolons that
//! may be written or left out.
//!
//! Each node is turned into a [`Doc`](doc::Doc) in the order of the text, and takes with it the comments that stand
//! before its first word: so no comment is lost, and none changes places with another or with a declaration.

mod cond;
mod decl;
mod doc;
mod example;

use crate::span::Span;
use crate::syntax::scan::KEYWORDS;
use crate::syntax::tree::*;

use doc::{Doc, Item, flat_width, group, text};

/// How far the inside of a declaration, and a line that goes on, stand to the right.
const STEP: usize = 2;

/// The canonical text of a file. Files with syntax errors must not come here: what could not be read is not in the tree.
pub fn format(file: &File) -> String {
    crate::stack::deep(|| lay_out(file))
}

fn lay_out(file: &File) -> String {
    let mut layout = Layout { file, next: 0, brackets: 0, level: 0, line: 0 };
    let mut body = Body::new(true, "");
    for decl in &file.decls {
        body.entry(&mut layout, decl.span, |layout| (layout.decl(decl), decl_kind(decl)));
    }
    body.finish(&mut layout, u32::MAX);
    let mut out = doc::print(&body.docs);
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// How a declaration or field stands to its neighbours.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `use …`: kept apart from what is no `use`.
    Use,
    /// `fact …`: as close to other facts as it was written.
    Fact,
    /// Any other declaration with a name or title.
    Decl,
    /// A field, a row, an unnamed alternative: as close to its neighbours as it was written.
    Field,
}

fn decl_kind(decl: &Decl) -> Kind {
    match decl.kind {
        DeclKind::Use => Kind::Use,
        DeclKind::Fact { .. } => Kind::Fact,
        DeclKind::Linked(_) => Kind::Field,
        DeclKind::Category if decl.name.is_none() && decl.title.is_none() => Kind::Field,
        _ => Kind::Decl,
    }
}

/// Where the layout of a file has come to.
struct Layout<'f> {
    file: &'f File,
    /// The first comment that is not out yet.
    next: usize,
    /// How many brackets are open.
    brackets: usize,
    /// How many declarations are open.
    level: usize,
    /// The line in the text of the end of what was laid out last in the current body.
    line: usize,
}

impl<'f> Layout<'f> {
    /// The line on which a byte of the text stands.
    fn line_of(&self, offset: u32) -> usize {
        self.file.lines.partition_point(|start| *start <= offset)
    }

    /// True if a node stood on one line.
    fn one_line(&self, span: Span) -> bool {
        self.line_of(span.start) == self.line_of(span.end)
    }

    /// The next comment, if it stands before that byte.
    fn comment_before(&mut self, offset: u32) -> Option<&'f Comment> {
        let comment = self.file.comments.get(self.next).filter(|c| c.span.start < offset)?;
        self.next += 1;
        Some(comment)
    }

    /// The comments before a node that is printed with this word first.
    ///
    /// Outside of all brackets a line may not begin with the keyword of a declaration, which would start a new one; the
    /// comments then wait for the next node. That takes a name such as `test` or `bar`.
    fn lead(&mut self, span: Span, word: &str) -> Vec<Doc> {
        if self.brackets == 0 && KEYWORDS.contains(&word) {
            return Vec::new();
        }
        self.comments_before(span.start)
    }

    fn comments_before(&mut self, offset: u32) -> Vec<Doc> {
        std::iter::from_fn(|| self.comment_before(offset)).map(comment_doc).collect()
    }

    /// Runs `inside` with one more bracket open.
    fn bracketed<T>(&mut self, inside: impl FnOnce(&mut Self) -> T) -> T {
        self.brackets += 1;
        let out = inside(self);
        self.brackets -= 1;
        out
    }

    /// A word with the comments before it.
    fn word(&mut self, word: &Name) -> Vec<Doc> {
        let mut docs = self.lead(word.span, &word.node);
        docs.push(text(&word.node));
        docs
    }

    /// A quoted text with the comments before it.
    fn string(&mut self, string: &Str) -> Vec<Doc> {
        let mut docs = self.comments_before(string.span.start);
        docs.push(text(quote(&string.node)));
        docs
    }

    /// Items with commas between, as many on a line as fit.
    fn commas<T>(&mut self, list: &[T], start: impl Fn(&T) -> Span, body: impl Fn(&mut Self, &T) -> Vec<Doc>) -> Doc {
        let mut items: Vec<Item> = Vec::with_capacity(list.len());
        for (i, element) in list.iter().enumerate() {
            let next = self.next;
            let lead = self.comments_before(start(element).start);
            let mut docs = body(self, element);
            if i + 1 < list.len() {
                docs.push(text(","));
            }
            match (items.last_mut(), docs.first()) {
                // This name must not begin a line; the comments before it wait.
                (Some(last), Some(Doc::Text(word))) if self.brackets == 0 && KEYWORDS.contains(&word.as_str()) => {
                    self.next = next;
                    last.body.push(Doc::Space);
                    last.body.extend(docs);
                }
                _ => items.push(Item { lead, body: docs }),
            }
        }
        Doc::Fill(items)
    }

    /// Names with commas between.
    fn names(&mut self, names: &[Name]) -> Doc {
        self.commas(names, |n| n.span, |_, n| vec![text(&n.node)])
    }

    /// Quoted texts with commas between.
    fn strings(&mut self, strings: &[Str]) -> Doc {
        self.commas(strings, |s| s.span, |_, s| vec![text(quote(&s.node))])
    }

    /// `{ a, b }`, on one line or with what is inside below, with the comments before `end`, where the bracket closes.
    fn block(&mut self, [open, close]: [&str; 2], end: u32, inside: impl FnOnce(&mut Self) -> Vec<Doc>) -> Doc {
        let mut docs = self.bracketed(inside);
        docs.extend(self.comments_before(end));
        if docs.is_empty() {
            return text(format!("{open}{close}"));
        }
        docs.insert(0, Doc::Line(" "));
        group(vec![text(open), Doc::Nest(STEP, docs), Doc::Line(" "), text(close)])
    }

    /// `{a, b}`, with the comments before `end`, where the bracket closes.
    fn tight(&mut self, [open, close]: [&str; 2], end: u32, inside: impl FnOnce(&mut Self) -> Vec<Doc>) -> Vec<Doc> {
        let mut docs = self.bracketed(inside);
        docs.extend(self.comments_before(end));
        docs.insert(0, text(open));
        docs.push(text(close));
        docs
    }
}

fn comment_doc(comment: &Comment) -> Doc {
    if comment.own_line { Doc::Own(comment.text.clone()) } else { Doc::Trailing(comment.text.clone()) }
}

/// A text in quotes.
fn quote(s: &str) -> String {
    let mut out = String::with_capacity(s.len() + 2);
    out.push('"');
    for c in s.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// Entries below each other: the declarations of a file, the fields of a declaration, the rows of a table.
struct Body {
    docs: Vec<Doc>,
    /// Whether each entry has to begin a line.
    own_lines: bool,
    /// What stands before the first entry if it does not begin a line.
    before_first: &'static str,
    /// The last entry: how it stands to others, and whether it takes one line.
    last: Option<(Kind, bool)>,
    /// True once something stands in the body.
    begun: bool,
}

impl Body {
    /// An empty body; if not `own_lines`, its entries may stand on one line if they fit.
    fn new(own_lines: bool, before_first: &'static str) -> Self {
        Self { docs: Vec::new(), own_lines, before_first, last: None, begun: false }
    }

    /// Adds an entry with the comments before it.
    fn entry<'f>(
        &mut self,
        layout: &mut Layout<'f>,
        span: Span,
        lay_out: impl FnOnce(&mut Layout<'f>) -> (Vec<Doc>, Kind),
    ) {
        // Comments before it, each with the line on which it stands.
        let mut comments = Vec::new();
        while let Some(comment) = layout.comment_before(span.start) {
            comments.push((layout.line_of(comment.span.start), comment));
        }
        let before = layout.line;
        let (docs, kind) = lay_out(layout);
        let room = doc::WIDTH.saturating_sub(layout.level * STEP);
        let short = flat_width(&docs).is_some_and(|width| width <= room);

        let (mut line, mut gaps) = (before, Vec::new());
        for at in comments.iter().map(|(at, _)| *at).chain([layout.line_of(span.start)]) {
            gaps.push(at > line + 1);
            line = line.max(at);
        }
        let apart = self.last.is_some_and(|last| must_stand_apart(last, (kind, short)));
        let mut missing = apart && !gaps.contains(&true);
        for ((_, comment), gap) in comments.iter().zip(&gaps) {
            if comment.own_line {
                self.between(*gap || missing);
                missing = false;
            }
            self.docs.push(comment_doc(comment));
            self.begun = true;
        }
        self.between(gaps.last() == Some(&true) || missing);
        self.docs.extend(docs);
        self.begun = true;
        self.last = Some((kind, short));
        layout.line = layout.line_of(span.end).max(line);
    }

    /// The comments after the last entry, up to the end of the body.
    fn finish(&mut self, layout: &mut Layout<'_>, end: u32) {
        while let Some(comment) = layout.comment_before(end) {
            let at = layout.line_of(comment.span.start);
            if comment.own_line {
                self.between(at > layout.line + 1);
            }
            self.docs.push(comment_doc(comment));
            self.begun = true;
            layout.line = layout.line.max(at);
        }
    }

    /// What stands between two entries.
    fn between(&mut self, gap: bool) {
        self.docs.push(match (self.begun, gap, self.own_lines) {
            (false, ..) => Doc::Line(self.before_first),
            (true, true, _) => Doc::Blank,
            (true, false, true) => Doc::Hard,
            (true, false, false) => Doc::Line("  "),
        });
    }
}

/// Whether an empty line has to stand between two entries, of which each takes one line or more.
fn must_stand_apart((last, last_short): (Kind, bool), (next, next_short): (Kind, bool)) -> bool {
    match (last, next) {
        (Kind::Use, Kind::Use) | (Kind::Fact, Kind::Fact) | (Kind::Field, Kind::Field) => false,
        (Kind::Use, _) | (_, Kind::Use) => true,
        (Kind::Field, _) => !next_short,
        (_, Kind::Field) => !last_short,
        _ => !(last_short && next_short),
    }
}
