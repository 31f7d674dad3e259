//! A text with places where its lines may break, and the printer that decides where they do.
//!
//! The scheme is Wadler's: a [`Doc::Group`] stands on one line if it fits and breaks at each of its own lines if not; a
//! [`Doc::Fill`] breaks only where the next item no longer fits. Two things are added for comments. Breaks are held back
//! until text follows, so that a trailing comment can still go to the end of the line before; and after any comment a
//! break is forced, whatever the document asks for, so that no text is ever swallowed by a comment.

/// The width that lines should not pass. A comment may pass it, and so may what cannot be broken.
pub const WIDTH: usize = 120;

/// A piece of a document.
#[derive(Clone, Debug)]
pub enum Doc {
    /// Text without line breaks.
    Text(String),
    /// A blank that never breaks.
    Space,
    /// A place to break: this text where the group is on one line, a new line where it is not.
    Line(&'static str),
    /// A new line in any case.
    Hard,
    /// A new line with an empty line before it.
    Blank,
    /// A comment at the end of a line.
    Trailing(String),
    /// A comment on a line of its own.
    Own(String),
    /// Further indentation.
    Nest(usize, Vec<Doc>),
    /// On one line if it fits; `forced` breaks it even if it would.
    Group {
        /// Breaks in any case.
        forced: bool,
        /// What is grouped.
        docs: Vec<Doc>,
    },
    /// Items with a blank or a new line between them, as many on a line as fit.
    Fill(Vec<Item>),
}

/// One item of a [`Doc::Fill`].
#[derive(Clone, Debug, Default)]
pub struct Item {
    /// Comments before it.
    pub lead: Vec<Doc>,
    /// The item, with the comma that follows it.
    pub body: Vec<Doc>,
}

/// A group that need not break.
pub fn group(docs: Vec<Doc>) -> Doc {
    Doc::Group { forced: false, docs }
}

/// Text.
pub fn text(s: impl Into<String>) -> Doc {
    Doc::Text(s.into())
}

/// The width of documents on one line; none if they cannot stand on one.
pub fn flat_width(docs: &[Doc]) -> Option<usize> {
    docs.iter().map(flat_width_of).sum()
}

fn flat_width_of(doc: &Doc) -> Option<usize> {
    match doc {
        Doc::Text(s) => Some(s.chars().count()),
        Doc::Space => Some(1),
        Doc::Line(s) => Some(s.len()),
        Doc::Hard | Doc::Blank | Doc::Trailing(_) | Doc::Own(_) | Doc::Group { forced: true, .. } => None,
        Doc::Nest(_, docs) | Doc::Group { docs, .. } => flat_width(docs),
        Doc::Fill(items) => {
            let widths = items.iter().map(|i| if i.lead.is_empty() { flat_width(&i.body) } else { None });
            Some(widths.sum::<Option<usize>>()? + items.len().saturating_sub(1))
        }
    }
}

/// Prints documents, one after the other.
pub fn print(docs: &[Doc]) -> String {
    let mut printer = Printer::default();
    printer.push(docs, 0, false);
    while let Some(todo) = printer.todo.pop() {
        printer.step(todo);
    }
    printer.out
}

/// What is held back until text follows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Pending {
    #[default]
    Nothing,
    Blanks(&'static str),
    /// A new line with that indentation.
    Line(usize),
    /// An empty line, then one with that indentation.
    EmptyLine(usize),
}

/// A document, or the rest of a fill, that is still to be printed.
#[derive(Clone, Copy)]
struct Todo<'d> {
    indent: usize,
    flat: bool,
    what: What<'d>,
}

#[derive(Clone, Copy)]
enum What<'d> {
    Doc(&'d Doc),
    /// The items left, and the line on which the item before them began.
    Rest(&'d [Item], usize),
    /// The same, but the comments before the first item are out.
    Body(&'d [Item]),
}

#[derive(Default)]
struct Printer<'d> {
    out: String,
    column: usize,
    /// How many lines are finished.
    line: usize,
    /// A comment ends the current line, so that nothing more may stand on it.
    commented: bool,
    pending: Pending,
    /// The last is printed next.
    todo: Vec<Todo<'d>>,
}

impl<'d> Printer<'d> {
    fn push(&mut self, docs: &'d [Doc], indent: usize, flat: bool) {
        self.todo.extend(docs.iter().rev().map(|doc| Todo { indent, flat, what: What::Doc(doc) }));
    }

    fn step(&mut self, Todo { indent, flat, what }: Todo<'d>) {
        let doc = match what {
            What::Doc(doc) => doc,
            What::Rest(items, began) => return self.rest(items, began, indent),
            What::Body(items) => return self.body(items, indent),
        };
        match doc {
            Doc::Text(s) => self.text(s, indent),
            Doc::Space => self.hold(Pending::Blanks(" ")),
            Doc::Line(s) if flat => self.hold(Pending::Blanks(s)),
            Doc::Line(_) | Doc::Hard => self.hold(Pending::Line(indent)),
            Doc::Blank => self.hold(Pending::EmptyLine(indent)),
            Doc::Trailing(s) if self.commented || self.out.is_empty() => self.own(s, indent),
            Doc::Trailing(s) => {
                self.out.push(' ');
                self.write(s);
                self.commented = true;
            }
            Doc::Own(s) => self.own(s, indent),
            Doc::Nest(by, docs) => self.push(docs, indent + by, flat),
            Doc::Group { forced, docs } => {
                let flat = flat || (!forced && self.fits(docs, indent, 0));
                self.push(docs, indent, flat);
            }
            Doc::Fill(items) if flat => {
                for (i, item) in items.iter().enumerate().rev() {
                    self.push(&item.body, indent, true);
                    self.push(&item.lead, indent, true);
                    if i > 0 {
                        self.todo.push(Todo { indent, flat, what: What::Doc(&Doc::Space) });
                    }
                }
            }
            Doc::Fill(items) => {
                if let [first, ..] = items.as_slice() {
                    self.todo.push(Todo { indent, flat, what: What::Body(items) });
                    self.push(&first.lead, indent, false);
                }
            }
        }
    }

    /// The next items of a fill, on this line or the next.
    fn rest(&mut self, items: &'d [Item], began: usize, indent: usize) {
        let [first, rest @ ..] = items else { return };
        self.todo.push(Todo { indent, flat: false, what: What::Rest(rest, self.line) });
        let stays = began == self.line && !self.commented && first.lead.is_empty() && self.fits(&first.body, indent, 1);
        self.todo.pop();
        self.hold(if stays { Pending::Blanks(" ") } else { Pending::Line(indent) });
        self.todo.push(Todo { indent, flat: false, what: What::Body(items) });
        self.push(&first.lead, indent, false);
    }

    /// The first item of a fill, at its place.
    fn body(&mut self, items: &'d [Item], indent: usize) {
        let [first, rest @ ..] = items else { return };
        self.release(indent);
        self.todo.push(Todo { indent, flat: false, what: What::Rest(rest, self.line) });
        let flat = self.fits(&first.body, indent, 0);
        self.push(&first.body, indent, flat);
    }

    /// Whether documents, and what follows them up to the next place to break, fit on the current line.
    fn fits(&self, docs: &[Doc], indent: usize, blanks: usize) -> bool {
        let column = match self.pending {
            Pending::Nothing | Pending::Blanks(_) if self.commented => indent,
            Pending::Nothing => self.column,
            Pending::Blanks(s) => self.column + s.len(),
            Pending::Line(indent) | Pending::EmptyLine(indent) => indent,
        };
        let Some(width) = flat_width(docs) else { return false };
        let mut left = match WIDTH.checked_sub(column + blanks + width) {
            Some(left) => left,
            None => return false,
        };
        let mut after: Vec<Todo<'_>> = Vec::new();
        let mut todo = self.todo.iter().rev();
        while let Some(next) = after.pop().or_else(|| todo.next().copied()) {
            let doc = match next.what {
                What::Doc(doc) => doc,
                What::Rest([], _) | What::Body([]) => continue,
                What::Rest(..) | What::Body(_) => return true,
            };
            let width = match doc {
                Doc::Text(s) => s.chars().count(),
                Doc::Space => 1,
                Doc::Line(_) | Doc::Hard | Doc::Blank | Doc::Trailing(_) | Doc::Own(_) => return true,
                Doc::Nest(_, docs) | Doc::Group { docs, .. } => {
                    after.extend(docs.iter().rev().map(|d| Todo { what: What::Doc(d), ..next }));
                    0
                }
                Doc::Fill(items) => match items.first() {
                    Some(item) if item.lead.is_empty() => {
                        if items.len() > 1 {
                            after.push(Todo { what: What::Rest(&items[1..], 0), ..next });
                        }
                        after.extend(item.body.iter().rev().map(|d| Todo { what: What::Doc(d), ..next }));
                        0
                    }
                    Some(_) => return true,
                    None => 0,
                },
            };
            left = match left.checked_sub(width) {
                Some(left) => left,
                None => return false,
            };
        }
        true
    }

    /// Holds a blank or a break back, except before all text. A break is never weakened to a blank, nor an empty line to a break.
    fn hold(&mut self, new: Pending) {
        self.pending = match (self.pending, new) {
            _ if self.out.is_empty() => Pending::Nothing,
            (old @ (Pending::Line(_) | Pending::EmptyLine(_)), Pending::Blanks(_)) => old,
            (Pending::EmptyLine(_), Pending::Line(indent)) => Pending::EmptyLine(indent),
            _ => new,
        };
    }

    /// Writes what was held back; after a comment that is a break in any case.
    fn release(&mut self, indent: usize) {
        let breaks = matches!(self.pending, Pending::Line(_) | Pending::EmptyLine(_));
        if self.commented && !breaks {
            self.pending = Pending::Line(indent);
        }
        match std::mem::take(&mut self.pending) {
            Pending::Nothing => {}
            Pending::Blanks(s) => self.write(s),
            Pending::Line(indent) => self.new_line(indent),
            Pending::EmptyLine(indent) => {
                self.out.push('\n');
                self.line += 1;
                self.new_line(indent);
            }
        }
    }

    fn new_line(&mut self, indent: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.column = indent;
        self.line += 1;
        self.commented = false;
    }

    fn text(&mut self, s: &str, indent: usize) {
        self.release(indent);
        self.write(s);
    }

    /// A comment on a line of its own.
    fn own(&mut self, s: &str, indent: usize) {
        if !self.out.is_empty() {
            if !matches!(self.pending, Pending::Line(_) | Pending::EmptyLine(_)) {
                self.pending = Pending::Line(indent);
            }
            self.release(indent);
        }
        self.write(s);
        self.commented = true;
    }

    fn write(&mut self, s: &str) {
        self.out.push_str(s);
        self.column += s.chars().count();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(n: usize) -> Vec<Item> {
        (0..n).map(|i| Item { lead: vec![], body: vec![text(format!("word{i:04},"))] }).collect()
    }

    #[test]
    fn a_group_breaks_only_if_it_does_not_fit() {
        let of = |n: usize| {
            let a = text("a".repeat(n));
            print(&[group(vec![text("{"), Doc::Nest(2, vec![Doc::Line(" "), a]), Doc::Line(" "), text("}")])])
        };
        assert_eq!(of(116), format!("{{ {} }}", "a".repeat(116)));
        assert_eq!(of(117), format!("{{\n  {}\n}}", "a".repeat(117)));
    }

    #[test]
    fn what_follows_a_group_counts_up_to_the_next_place_to_break() {
        let doc = |tail: Doc| print(&[group(vec![text("a".repeat(60)), Doc::Line(" "), text("b".repeat(58))]), tail]);
        assert_eq!(doc(text("c")).lines().count(), 1);
        assert_eq!(doc(text("cc")).lines().count(), 2);
        assert_eq!(doc(Doc::Hard).lines().count(), 1);
    }

    #[test]
    fn a_fill_holds_as_many_as_fit() {
        let lines = print(&[Doc::Nest(2, vec![text("in "), Doc::Fill(words(30))])]);
        let widths: Vec<_> = lines.lines().map(str::len).collect();
        assert_eq!(widths, [112, 111, 81], "{lines}");
    }

    #[test]
    fn nothing_is_swallowed_by_a_comment() {
        let (trailing, own) = (Doc::Trailing("# t".into()), Doc::Own("# o".into()));
        assert_eq!(print(&[text("a"), trailing.clone(), text("b")]), "a # t\nb");
        assert_eq!(print(&[text("a"), trailing.clone(), Doc::Space, text("b")]), "a # t\nb");
        assert_eq!(print(&[text("a"), Doc::Hard, trailing.clone(), text("b")]), "a # t\nb");
        assert_eq!(print(&[text("a"), trailing.clone(), trailing.clone(), text("b")]), "a # t\n# t\nb");
        assert_eq!(print(&[text("a"), own.clone(), own.clone(), text("b")]), "a\n# o\n# o\nb");
        assert_eq!(print(&[text("a"), Doc::Blank, own, Doc::Hard, text("b")]), "a\n\n# o\nb");
        assert_eq!(print(&[trailing, text("b")]), "# t\nb");
    }
}
