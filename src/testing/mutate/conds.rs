//! Mistakes in conditions: a part left out, `and` for `or`, a comparison or its constant off by one, `not` forgotten.

use rust_decimal::Decimal;

use crate::model::{Atom, AtomKind, Comparison, Cond, FactId, Set, Test, Type, Value, World, date, display};
use crate::source::Sources;
use crate::span::Span;

use super::text::{cut, find, is_unless, short, start, step};

/// A condition with one mistake in it.
pub(super) struct Mistake {
    pub(super) cond: Cond,
    pub(super) span: Span,
    pub(super) sentence: String,
}

/// All single mistakes in a condition; `declaration` is where what it belongs to is declared.
pub(super) fn mistakes(world: &World, sources: &Sources, declaration: Span, cond: &Cond) -> Vec<Mistake> {
    let mut out: Vec<Mistake> = Vec::new();
    let walk = Walk { world, sources, declaration };
    walk.cond(cond, &mut |replaced, span, sentence| {
        // Two mistakes that read alike are one.
        if replaced != *cond && !out.iter().any(|m| m.cond == replaced) {
            out.push(Mistake { cond: replaced, span: span.unwrap_or(declaration), sentence });
        }
    });
    out
}

/// Takes a condition with a mistake, its place, and what the mistake is.
type Found<'f> = &'f mut dyn FnMut(Cond, Option<Span>, String);

struct Walk<'w> {
    world: &'w World,
    sources: &'w Sources,
    declaration: Span,
}

impl Walk<'_> {
    fn cond(&self, cond: &Cond, found: Found<'_>) {
        match cond {
            Cond::All(list) => self.list(list, true, found),
            Cond::Any(list) => self.list(list, false, found),
            Cond::Not(inner) => {
                self.cond(inner, &mut |c, span, sentence| found(Cond::Not(Box::new(c)), span, sentence));
            }
            Cond::Atom(atom) => self.atom(atom, found),
        }
    }

    fn list(&self, list: &[Cond], all: bool, found: Found<'_>) {
        let made = |list: Vec<Cond>| if all { Cond::All(list) } else { Cond::Any(list) };
        if list.len() > 1 {
            for (i, part) in list.iter().enumerate() {
                let rest: Vec<Cond> =
                    list.iter().enumerate().filter(|(n, _)| *n != i).map(|(_, c)| c.clone()).collect();
                let left_out = match part {
                    Cond::Not(inner) if all && is_unless(self.sources, self.declaration, inner) => {
                        format!("without its `unless {}`", short(inner, self.world))
                    }
                    other => format!("without `{}`", short(other, self.world)),
                };
                found(made(rest), start(part), left_out);
            }
            let (from, to) = if all { ("and", "or") } else { ("or", "and") };
            let swapped = if all { Cond::Any(list.to_vec()) } else { Cond::All(list.to_vec()) };
            let text =
                cut(&list.iter().map(|c| display::cond(c, self.world)).collect::<Vec<_>>().join(&format!(" {from} ")));
            found(swapped, list.first().and_then(start), format!("`{from}` read as `{to}` in `{text}`"));
        }
        for (i, part) in list.iter().enumerate() {
            self.cond(part, &mut |c, span, sentence| {
                let mut list = list.to_vec();
                list[i] = c;
                found(made(list), span, sentence);
            });
        }
    }

    fn atom(&self, atom: &Atom, found: Found<'_>) {
        let with = |kind: AtomKind| Cond::Atom(Atom { span: atom.span, kind });
        let negated = || Cond::Not(Box::new(Cond::Atom(atom.clone())));
        let text = display::atom(atom, self.world);
        let read = |kind: &AtomKind| {
            let other = display::atom(&Atom { span: atom.span, kind: kind.clone() }, self.world);
            format!("`{}` read as `{}`", cut(&text), cut(&other))
        };
        let mut one = |kind: AtomKind, span: Option<Span>, sentence: Option<String>| {
            let sentence = sentence.unwrap_or_else(|| read(&kind));
            found(with(kind), span.or(Some(atom.span)), sentence);
        };
        match &atom.kind {
            AtomKind::Fact(fact, test) => {
                if *test == Test::Yes {
                    found(negated(), Some(atom.span), format!("`{text}` read as `not {text}`"));
                    return;
                }
                self.test(atom, *fact, test, &mut |t, span, sentence| one(AtomKind::Fact(*fact, t), span, sentence));
            }
            AtomKind::Elements { fact, all, test } => {
                one(AtomKind::Elements { fact: *fact, all: !all, test: test.clone() }, None, None);
                self.test(atom, *fact, test, &mut |t, span, sentence| {
                    one(AtomKind::Elements { fact: *fact, all: *all, test: t }, span, sentence);
                });
            }
            AtomKind::Empty(_) | AtomKind::Means(_) | AtomKind::Includes(_) => {
                found(negated(), Some(atom.span), format!("`{text}` read as `not {text}`"));
            }
            AtomKind::In(cats) | AtomKind::CodedUnder(cats) => {
                let mut names: Vec<&str> = cats.iter().map(|c| self.world.category(*c).name.as_str()).collect();
                names.dedup();
                for name in if names.len() > 1 { names } else { Vec::new() } {
                    let rest = cats.iter().copied().filter(|c| self.world.category(*c).name != name).collect();
                    let kind = if matches!(atom.kind, AtomKind::In(_)) {
                        AtomKind::In(rest)
                    } else {
                        AtomKind::CodedUnder(rest)
                    };
                    one(kind, None, Some(format!("`{}` without `{name}`", cut(&text))));
                }
            }
            AtomKind::Facts(a, comparison, b) => {
                for other in misread(*comparison) {
                    one(AtomKind::Facts(*a, other, *b), None, None);
                }
            }
        }
    }

    fn test(&self, atom: &Atom, fact: FactId, test: &Test, found: &mut dyn FnMut(Test, Option<Span>, Option<String>)) {
        let (span, ty) = (atom.span, self.world.fact(fact).ty.element());
        let moved = |v: &Value, first: bool| steps(self.sources, span, v, ty, first);
        match test {
            Test::Compare(comparison, value) => {
                for other in misread(*comparison) {
                    found(Test::Compare(other, value.clone()), None, None);
                }
                for other in moved(value, false) {
                    found(Test::Compare(*comparison, other), None, None);
                }
            }
            Test::Between(low, high) => {
                let ends = moved(low, true).into_iter().map(|l| (l, high.clone()));
                let ends = ends.chain(moved(high, false).into_iter().map(|h| (low.clone(), h)));
                for (l, h) in ends.filter(|(l, h)| l <= h) {
                    found(Test::Between(l, h), None, None);
                }
            }
            Test::In(set) => {
                sets(set, &mut |other, left_out| {
                    let (word, at) = match &left_out {
                        Left::Value(v) => {
                            let word = v.display(ty, self.world);
                            (word.clone(), find(self.sources, Span { end: span.start + 1, ..span }, &word))
                        }
                        Left::Set(s) => (display_set(s, ty, self.world), span),
                    };
                    let what = display::atom(atom, self.world);
                    found(Test::In(other), Some(at), Some(format!("`{}` without `{}`", cut(&what), cut(&word))));
                });
            }
            Test::Yes | Test::Is(_) | Test::Marked(..) => {}
        }
    }
}

/// What is left out of a set.
pub(super) enum Left {
    /// A value.
    Value(Value),
    /// An operand.
    Set(Set),
}

/// A set with one value or operand less, in every way.
pub(super) fn sets(set: &Set, found: &mut dyn FnMut(Set, Left)) {
    match set {
        Set::Values(list) if list.len() > 1 => {
            for (i, value) in list.iter().enumerate() {
                let rest = list.iter().enumerate().filter(|(n, _)| *n != i).map(|(_, v)| v.clone()).collect();
                found(Set::Values(rest), Left::Value(value.clone()));
            }
        }
        Set::Values(_) | Set::Group(_) => {}
        Set::Plus(a, b) | Set::Minus(a, b) | Set::And(a, b) => {
            let made = |x: Set, y: Set| match set {
                Set::Plus(..) => Set::Plus(Box::new(x), Box::new(y)),
                Set::Minus(..) => Set::Minus(Box::new(x), Box::new(y)),
                _ => Set::And(Box::new(x), Box::new(y)),
            };
            found((**a).clone(), Left::Set((**b).clone()));
            if !matches!(set, Set::Minus(..)) {
                found((**b).clone(), Left::Set((**a).clone()));
            }
            sets(a, &mut |x, left| found(made(x, (**b).clone()), left));
            sets(b, &mut |y, left| found(made((**a).clone(), y), left));
        }
    }
}

/// A set as text.
pub(super) fn display_set(set: &Set, ty: &Type, world: &World) -> String {
    let both = |a: &Set, op: &str, b: &Set| format!("{} {op} {}", display_set(a, ty, world), display_set(b, ty, world));
    match set {
        Set::Values(list) => {
            format!("{{{}}}", list.iter().map(|v| v.display(ty, world)).collect::<Vec<_>>().join(", "))
        }
        Set::Group(ids) => {
            ids.first().and_then(|g| world.groups.get(g.index())).map_or("?", |g| g.name.as_str()).to_owned()
        }
        Set::Plus(a, b) => both(a, "+", b),
        Set::Minus(a, b) => both(a, "-", b),
        Set::And(a, b) => both(a, "&", b),
    }
}

/// What a comparison is easily mistaken for: the end in or out, and the other side.
fn misread(comparison: Comparison) -> Vec<Comparison> {
    use Comparison::*;
    match comparison {
        Eq => vec![Ne, Ge, Le],
        Ne => vec![Eq],
        Lt => vec![Le, Ge],
        Le => vec![Lt, Gt],
        Gt => vec![Ge, Le],
        Ge => vec![Gt, Lt],
    }
}

/// A constant moved by one step either way.
fn steps(sources: &Sources, span: Span, value: &Value, ty: &Type, first: bool) -> Vec<Value> {
    match value {
        Value::Number(n) => {
            let by = step(sources, span, *n, first);
            let down = n.checked_sub(by).filter(|d| matches!(ty, Type::Number | Type::Money(_)) || *d >= Decimal::ZERO);
            down.into_iter().chain(n.checked_add(by)).map(|d| Value::Number(d.normalize())).collect()
        }
        Value::Date(d) => d.yesterday().ok().into_iter().chain(date::add_days(*d, 1)).map(Value::Date).collect(),
        _ => Vec::new(),
    }
}
