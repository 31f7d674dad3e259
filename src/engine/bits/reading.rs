//! Reading a goods item on demand: only what deciding asks for is looked up, and what was read is noted in order.

use crate::eval::atom::Reader;
use crate::eval::env::Slot;
use crate::eval::truth::Truth;
use crate::model::{AtomKind, Case, FactId, Level, Value, World};
use crate::stack::deep;

use super::column::{Around, Class, FITS, Kind, Says3, Seen, UNKNOWN};
use super::edition::{Edition, Kleene};

/// Where it stands what is given of a goods item.
pub trait Source {
    /// The class of what is given of a column.
    fn class(&mut self, e: &Edition<'_>, seen: &mut [Seen], column: u16) -> Class;
}

/// A consignment as it was read.
pub struct FromCase<'c> {
    /// The consignment.
    pub case: &'c Case,
    /// The goods item, from 0.
    pub item: usize,
    /// What reads tests of one value.
    pub reader: Reader<'c>,
}

impl Source for FromCase<'_> {
    #[inline]
    fn class(&mut self, e: &Edition<'_>, seen: &mut [Seen], column: u16) -> Class {
        let (case, item) = (self.case, self.item);
        // By far the most columns are facts, and their level is at hand.
        let of = &e.columns[usize::from(column)];
        if let Kind::Fact(fact) = of.kind {
            let facts = if of.shared { Some(&case.facts) } else { case.items.get(item) };
            let Some(value) = facts.and_then(|f| f.get(&fact)) else { return UNKNOWN };
            let known = seen[usize::from(column)].known(value);
            return known.unwrap_or_else(|| class_of_value(e, seen, column, &self.reader, value));
        }
        class_of(e, seen, column, &self.reader, |f| value_of(e.world, case, item, f))
    }
}

/// Classes that were found before, one a column.
pub struct FromClasses<'c>(pub &'c [Class]);

impl Source for FromClasses<'_> {
    #[inline]
    fn class(&mut self, _: &Edition<'_>, _: &mut [Seen], column: u16) -> Class {
        self.0.get(usize::from(column)).copied().unwrap_or(UNKNOWN)
    }
}

/// What a consignment says of a fact, for one of its items.
#[inline]
pub fn value_of<'c>(world: &World, case: &'c Case, item: usize, fact: FactId) -> Option<&'c Value> {
    match world.fact(fact).level {
        Level::Consignment => case.facts.get(&fact),
        Level::Goods => case.items.get(item)?.get(&fact),
        Level::Licence => None,
    }
}

/// The class of what is given of a column, by what is said of facts.
#[inline]
pub fn class_of<'v>(
    e: &Edition<'_>,
    seen: &mut [Seen],
    column: u16,
    reader: &Reader<'_>,
    value: impl Fn(FactId) -> Option<&'v Value>,
) -> Class {
    let at = usize::from(column);
    match e.columns[at].kind {
        Kind::Fact(fact) => match value(fact) {
            Some(value) => seen[at].known(value).unwrap_or_else(|| class_of_value(e, seen, column, reader, value)),
            None => UNKNOWN,
        },
        Kind::Single(kind) => class_of_answer(e, seen, column, kind, reader, &value),
        Kind::Never => UNKNOWN,
    }
}

/// The class of a value that was not met before.
#[cold]
pub fn class_of_value(e: &Edition<'_>, seen: &mut [Seen], column: u16, reader: &Reader<'_>, value: &Value) -> Class {
    let doubtful = |v: &Value| e.is_doubtful(v);
    let around = around(reader, e, column, &doubtful);
    seen[usize::from(column)].class(&e.columns[usize::from(column)], value, false, &around)
}

/// The class of a value that is presumed: nothing narrower is meant.
pub fn class_of_presumed(e: &Edition<'_>, seen: &mut [Seen], column: u16, reader: &Reader<'_>, value: &Value) -> Class {
    let doubtful = |v: &Value| e.is_doubtful(v);
    let around = around(reader, e, column, &doubtful);
    seen[usize::from(column)].class(&e.columns[usize::from(column)], value, true, &around)
}

/// The class of the answer to a question about a set, or about two facts.
fn class_of_answer<'v>(
    e: &Edition<'_>,
    seen: &mut [Seen],
    column: u16,
    kind: &AtomKind,
    reader: &Reader<'_>,
    value: &dyn Fn(FactId) -> Option<&'v Value>,
) -> Class {
    let at = usize::from(column);
    let about = match kind {
        AtomKind::Elements { fact, .. } | AtomKind::Empty(fact) => {
            let Some(set) = value(*fact) else { return UNKNOWN };
            if let Some(class) = seen[at].known(set) {
                return class;
            }
            Some(set)
        }
        AtomKind::Facts(fact, ..) => value(*fact),
        _ => None,
    };
    let truth = single(reader, kind, value);
    let doubtful = |v: &Value| match v {
        Value::Set(all) => all.iter().any(|v| e.is_doubtful(v)),
        one => e.is_doubtful(one),
    };
    let around = around(reader, e, column, &doubtful);
    let of = about.unwrap_or(&Value::Bool(true));
    let class = seen[at].answer(&e.columns[at], truth, of, &around);
    if let Some(set @ Value::Set(_)) = about {
        seen[at].remember(set, class);
    }
    class
}

fn around<'e>(
    reader: &Reader<'e>,
    e: &'e Edition<'_>,
    number: u16,
    doubtful: &'e dyn Fn(&Value) -> bool,
) -> Around<'e> {
    Around { reader: *reader, number, products: &e.products[..e.indexed], full: &e.full, doubtful }
}

/// The answer to one question about a set, or about two facts.
fn single<'v>(reader: &Reader<'_>, kind: &AtomKind, value: &dyn Fn(FactId) -> Option<&'v Value>) -> Truth {
    let open = |f: FactId| Truth::Unknown(Slot::Shared(f));
    match kind {
        AtomKind::Elements { fact, all, test } => {
            let Some(Value::Set(elements)) = value(*fact) else { return open(*fact) };
            let ty = reader.world.fact(*fact).ty.element();
            let each = |v: &Value| reader.test(test, v, false, Slot::Shared(*fact), ty);
            if *all {
                elements.iter().fold(Truth::Yes, |t, v| t.and(|| each(v)))
            } else {
                elements.iter().fold(Truth::No, |t, v| t.or(|| each(v)))
            }
        }
        AtomKind::Empty(fact) => match value(*fact) {
            Some(Value::Set(s)) => Truth::of(s.is_empty()),
            _ => open(*fact),
        },
        AtomKind::Facts(a, comparison, b) => match (value(*a), value(*b)) {
            (Some(x), Some(y)) => reader.compare(x, *comparison, y),
            (None, _) => open(*a),
            _ => open(*b),
        },
        _ => Truth::Unknown(Slot::CodeRight(0)),
    }
}

/// What was read of an item. One is used for one item after another.
#[derive(Debug, Default)]
pub struct Notes {
    turn: u32,
    given: Vec<(u32, Class)>,
    /// What was read, in order.
    pub order: Vec<(u16, Class)>,
}

impl Notes {
    /// Nothing read yet, of so many columns.
    pub fn clear(&mut self, columns: usize) {
        if self.given.len() != columns || self.turn == u32::MAX {
            (self.turn, self.given) = (0, vec![(0, UNKNOWN); columns]);
        }
        self.turn += 1;
        self.order.clear();
    }
}

/// What is presumed is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Without {
    /// Nothing is.
    Nothing,
    /// All that is presumed of facts.
    All,
    /// The presumption of this number.
    One(u16),
    /// The presumption of this number, and its opposite is so.
    Turned(u16),
}

/// Reads an item on demand.
pub struct Reading<'r, 'a, S> {
    /// The law.
    pub e: &'r Edition<'a>,
    /// What was met.
    pub seen: &'r mut [Seen],
    /// What is given.
    pub source: &'r mut S,
    /// What was read.
    pub notes: &'r mut Notes,
    /// By presumption, the class of what is presumed.
    pub presumed: &'r [Class],
    /// By presumption, the class of the opposite, where that could be so whatever else is known.
    pub turned: &'r [Option<Class>],
    /// True if a description may be presumed to fit the codes, where no code is given.
    pub fits: bool,
    /// What is left out.
    pub without: Without,
    /// The presumptions that were read, each as often as it was.
    pub used: Vec<u16>,
    /// By column, what constraints leave of what is not known; empty where that was not asked.
    pub narrowed: Vec<Class>,
    /// True once something was read that bits cannot tell.
    pub stopped: bool,
}

impl<S: Source> Reading<'_, '_, S> {
    /// What is given of a column.
    pub fn given(&mut self, column: u16) -> Class {
        let (turn, class) = self.notes.given[usize::from(column)];
        if turn == self.notes.turn {
            return class;
        }
        let class = self.source.class(self.e, self.seen, column);
        self.notes.given[usize::from(column)] = (self.notes.turn, class);
        self.notes.order.push((column, class));
        class
    }

    /// Whether a presumption is made, where its fact is not given.
    pub fn is_made(&mut self, presumption: u16) -> bool {
        let unless = &self.e.presumptions[usize::from(presumption)].unless;
        unless.as_ref().is_none_or(|c| self.read(c, false) != Says3::Yes)
    }

    /// What is known of a column: what is given, or else presumed.
    pub fn known(&mut self, column: u16) -> Class {
        let given = self.given(column);
        let at = usize::from(column);
        let e = self.e;
        for guard in &e.columns[at].guards {
            // A question about a set, or about two facts, is not asked of what is presumed.
            let of = e.presumptions[usize::from(*guard)].column;
            if of.is_some_and(|c| self.given(c) == UNKNOWN) && self.is_made(*guard) {
                self.stopped = true;
            }
        }
        if given != UNKNOWN {
            return given;
        }
        if let Some(p) = e.columns[at].presumed
            && self.is_made(p)
        {
            self.used.push(p);
            return match self.without {
                Without::Nothing => self.presumed[usize::from(p)],
                Without::One(other) | Without::Turned(other) if other != p => self.presumed[usize::from(p)],
                Without::Turned(_) => self.turned[usize::from(p)].unwrap_or(UNKNOWN),
                _ => self.left(at),
            };
        }
        if !e.columns[at].coded {
            return self.left(at);
        }
        // Where no code is given, the description is presumed to fit the codes, if that makes no answer milder.
        self.stopped |= !self.fits;
        if self.fits { FITS } else { UNKNOWN }
    }

    fn left(&self, column: usize) -> Class {
        self.narrowed.get(column).copied().unwrap_or(UNKNOWN)
    }

    /// Finds what constraints leave of what is not known; none if what is known breaks one.
    pub fn narrow(&mut self) -> Option<()> {
        self.narrowed.clear();
        let e = self.e;
        self.narrowed = e.narrowing.narrow(self)?;
        Some(())
    }

    /// What a test says to a class of its column.
    #[inline]
    pub fn says(&self, column: u16, class: Class, test: u16) -> Says3 {
        self.seen[usize::from(column)].says(class, test)
    }

    /// A condition in three truth values; `known`: of what is known, or else of what is given alone.
    pub fn read(&mut self, kleene: &Kleene, known: bool) -> Says3 {
        match kleene {
            Kleene::Test(column, test) => {
                let class = if known { self.known(*column) } else { self.given(*column) };
                self.says(*column, class, *test)
            }
            Kleene::Not(inner) => match deep(|| self.read(inner, known)) {
                Says3::Yes => Says3::No,
                Says3::No => Says3::Yes,
                Says3::Open => Says3::Open,
            },
            Kleene::All(parts) => self.several(parts, known, Says3::No, Says3::Yes),
            Kleene::Any(parts) => self.several(parts, known, Says3::Yes, Says3::No),
        }
    }

    fn several(&mut self, parts: &[std::sync::Arc<Kleene>], known: bool, settling: Says3, otherwise: Says3) -> Says3 {
        let mut out = otherwise;
        for part in parts {
            match deep(|| self.read(part, known)) {
                says if says == settling => return settling,
                Says3::Open => out = Says3::Open,
                _ => {}
            }
        }
        out
    }
}
