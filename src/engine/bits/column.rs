//! Columns: what is known of one fact, as far as any condition can tell.
//!
//! A value is looked up once and becomes a small number, its *class*: what every test of the law says to it, and which
//! products that leaves possible. Values to which all tests say the same, for certain, are one class. A value that
//! leaves a test open (a tariff code that is too short, a broad kind) is a class of its own, since what it may turn out
//! to be is its own.

use rustc_hash::FxHashMap;

use crate::eval::atom::Reader;
use crate::eval::env::Slot;
use crate::eval::truth::Truth;
use crate::model::code::{CodeList, Under};
use crate::model::{AtomKind, FactId, PlaceId, Scheme, Test, Type, Value};

use super::norm::{Literal, Product};
use super::row::{Row, clear, set};

/// A class: what is known of a column. [`UNKNOWN`] is no value at all.
pub type Class = u32;

/// Nothing is known.
pub const UNKNOWN: Class = 0;

/// No code is given, and the description is presumed to fit the codes of each entry that describes its goods.
pub const FITS: Class = 1;

/// What a column holds.
#[derive(Clone, Copy, Debug)]
pub enum Kind<'a> {
    /// The value of a fact.
    Fact(FactId),
    /// The answer to one question about the elements of a set, or about two facts.
    Single(&'a AtomKind),
    /// What no consignment without licences can say.
    Never,
}

/// What is asked of a column.
#[derive(Clone, Copy, Debug)]
pub enum Asks<'a> {
    /// A test of the value.
    Test(&'a Test),
    /// Whether it lies under a list of codes; true: beside a description, which may decide alone.
    Codes(&'a CodeList, bool),
    /// The question that the column is.
    Itself,
}

/// A column of the law of some days.
#[derive(Debug)]
pub struct Column<'a> {
    /// What it holds.
    pub kind: Kind<'a>,
    /// True if the fact that it holds is one of the consignment as a whole.
    pub shared: bool,
    /// The tests asked of it.
    pub asks: Vec<Asks<'a>>,
    /// For each test, the indexed products that ask it.
    asked_by: Vec<Vec<u32>>,
    /// The products that are possible where every test fails.
    base: Vec<u64>,
    /// True if some indexed product reads it.
    pub indexed: bool,
    /// For codes of the tariff: headings, each with the lists in which it stands, and the lists with ranges.
    headings: FxHashMap<&'a str, Vec<u16>>,
    /// Prefixes of headings, each with the lists in which something below it stands.
    above: FxHashMap<&'a str, Vec<u16>>,
    /// Tests that are tried on every value.
    always: Vec<u16>,
    /// The presumption that supplies it where nothing is given.
    pub presumed: Option<u16>,
    /// For a question about a set, or about two facts: the presumptions that supply what it is about.
    pub guards: Box<[u16]>,
    /// True if it holds codes of entries.
    pub coded: bool,
}

impl<'a> Column<'a> {
    /// A column of which nothing is asked yet.
    pub fn new(kind: Kind<'a>) -> Self {
        Column {
            kind,
            shared: false,
            asks: Vec::new(),
            asked_by: Vec::new(),
            base: Vec::new(),
            indexed: false,
            headings: FxHashMap::default(),
            above: FxHashMap::default(),
            always: Vec::new(),
            presumed: None,
            guards: Box::default(),
            coded: false,
        }
    }

    /// Prepares it for the indexed products, which are given with their questions; `full` has a bit for each.
    pub fn index(&mut self, number: u16, products: &[Product], full: &[u64]) {
        self.asked_by = vec![Vec::new(); self.asks.len()];
        self.base = full.to_vec();
        for (p, product) in products.iter().enumerate() {
            for literal in product.literals.iter() {
                let Literal::Test(column, test, not) = *literal else { continue };
                if column != number {
                    continue;
                }
                self.indexed = true;
                self.asked_by[usize::from(test)].push(p as u32);
                if !not {
                    clear(&mut self.base, p);
                }
            }
        }
        for (n, asks) in self.asks.iter().enumerate() {
            let n = n as u16;
            match asks {
                Asks::Codes(list, _) if list.scheme == Scheme::Tariff && list.items.iter().all(|i| i.to.is_none()) => {
                    for heading in list.headings() {
                        push(self.headings.entry(heading).or_default(), n);
                        for end in (2..heading.len()).step_by(2) {
                            push(self.above.entry(&heading[..end]).or_default(), n);
                        }
                    }
                }
                _ => self.always.push(n),
            }
        }
    }

    /// The bytes that it takes.
    pub fn bytes(&self) -> usize {
        let lists = self.asked_by.iter().map(|l| l.len() * 4 + 24).sum::<usize>();
        let of = |m: &FxHashMap<&str, Vec<u16>>| m.values().map(|l| l.len() * 2 + 48).sum::<usize>();
        lists + self.base.len() * 8 + self.asks.len() * 16 + of(&self.headings) + of(&self.above)
    }

    /// What the tests say to a value: those that do not fail, in order.
    fn says(&self, reader: &Reader<'_>, value: &Value, exact: bool) -> Says {
        let Kind::Fact(fact) = self.kind else { return Says::default() };
        let mut tried = self.always.clone();
        if let Value::Code(code) = value {
            for end in (2..=code.len()).step_by(2) {
                tried.extend(code.get(..end).and_then(|c| self.headings.get(c)).into_iter().flatten());
            }
            tried.extend(self.above.get(&**code).into_iter().flatten());
        } else {
            tried.extend(self.headings.values().flatten());
        }
        tried.sort_unstable();
        tried.dedup();
        let one = |test: u16| -> Option<(u16, Truth)> {
            let truth = match self.asks.get(usize::from(test))? {
                Asks::Test(t) => reader.test(t, value, exact, Slot::Shared(fact), &reader.world.fact(fact).ty),
                Asks::Codes(list, _) => covers(list, value, exact, fact),
                Asks::Itself => Truth::Unknown(Slot::Shared(fact)),
            };
            (truth != Truth::No).then_some((test, truth))
        };
        Says(tried.into_iter().filter_map(one).map(|(n, t)| (n, t == Truth::Yes)).collect())
    }

    /// What the tests say where a description is presumed to fit the codes.
    fn says_where_it_fits(&self) -> Says {
        let all = self.asks.iter().enumerate();
        Says(all.map(|(n, a)| (n as u16, matches!(a, Asks::Codes(_, true)))).collect())
    }

    /// The indexed products that are left possible.
    pub fn row(&self, number: u16, says: &Says, products: &[Product], full: &[u64]) -> Row {
        let mut bits = self.base.clone();
        for (test, _) in says.0.iter() {
            for p in self.asked_by.get(usize::from(*test)).into_iter().flatten() {
                let fails = products[*p as usize].literals.iter().any(|l| match *l {
                    Literal::Test(column, test, not) if column == number => match says.to(test) {
                        Some(true) => not,
                        Some(false) => false,
                        None => !not,
                    },
                    _ => false,
                });
                if fails { clear(&mut bits, *p as usize) } else { set(&mut bits, *p as usize) }
            }
        }
        Row::new(&bits, full)
    }
}

fn push(list: &mut Vec<u16>, n: u16) {
    if list.last() != Some(&n) {
        list.push(n);
    }
}

fn covers(list: &CodeList, value: &Value, exact: bool, fact: FactId) -> Truth {
    let one = |v: &Value| match v {
        Value::Code(c) => match list.covers(c, exact) {
            Under::Yes => Truth::Yes,
            Under::No => Truth::No,
            Under::Unclear => Truth::Unknown(Slot::Shared(fact)),
        },
        _ => Truth::No,
    };
    match value {
        Value::Set(all) => all.iter().fold(Truth::No, |t, v| t.or(|| one(v))),
        v => one(v),
    }
}

/// The tests that do not fail, in order: true for those that pass, false for those left open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Says(Box<[(u16, bool)]>);

impl Says {
    /// Whether a test passes (true), is left open (false) or fails.
    #[inline]
    fn to(&self, test: u16) -> Option<bool> {
        if self.0.len() <= 8 {
            return self.0.iter().find(|(n, _)| *n == test).map(|(_, yes)| *yes);
        }
        self.0.binary_search_by_key(&test, |(n, _)| *n).ok().map(|at| self.0[at].1)
    }
}

/// A class that was met.
#[derive(Debug)]
struct Met {
    says: Says,
    row: Row,
}

/// The classes of one column that were met, by one thread.
#[derive(Debug, Default)]
pub struct Seen {
    met: Vec<Met>,
    /// Classes by what the tests say, and by the value where they leave something open.
    alike: FxHashMap<(Says, Option<Value>), Class>,
    /// Classes of values that were given: by number for yes/no, choices and places, else by value.
    numbered: Vec<Class>,
    /// By how a number is written: `1.0` and `1.00` are two keys, and have one class.
    measured: FxHashMap<(i128, u32), Class>,
    given: FxHashMap<Value, Class>,
    presumed: FxHashMap<Value, Class>,
    /// By the values that constraints leave.
    narrowed: FxHashMap<Box<[u64]>, Class>,
}

/// Where a value is looked up, and where its class is worked out the first time.
pub struct Around<'e> {
    /// What reads tests.
    pub reader: Reader<'e>,
    /// The number of the column.
    pub number: u16,
    /// The indexed products.
    pub products: &'e [Product],
    /// A bit for each of them.
    pub full: &'e [u64],
    /// Values that are told apart from all others, since an answer may quote a doubt about them.
    pub doubtful: &'e dyn Fn(&Value) -> bool,
}

/// Above this many values of a column are looked up anew.
const VALUES: usize = 1 << 16;

impl Seen {
    /// Nothing met yet but what is unknown, and what is presumed.
    pub fn new(column: &Column<'_>, number: u16, products: &[Product], full: &[u64]) -> Seen {
        let says = column.says_where_it_fits();
        let fits = Met { row: column.row(number, &says, products, full), says };
        let unknown = Met { says: Says::default(), row: Row::new(full, full) };
        Seen { met: vec![unknown, fits], ..Seen::default() }
    }

    /// How many classes were met.
    pub fn len(&self) -> usize {
        self.met.len()
    }

    /// The class of a value that was given, where it was met before.
    #[inline]
    pub fn known(&self, value: &Value) -> Option<Class> {
        match value {
            Value::Number(n) => self.measured.get(&(n.mantissa(), n.scale())).copied(),
            _ => match numbered(value) {
                Some(n) => self.numbered.get(n).copied().filter(|c| *c != UNKNOWN),
                None => self.given.get(value).copied(),
            },
        }
    }

    /// The class of a value; `exact` if nothing narrower can be meant.
    pub fn class(&mut self, column: &Column<'_>, value: &Value, exact: bool, around: &Around<'_>) -> Class {
        let before = if exact { self.presumed.get(value).copied() } else { self.known(value) };
        if let Some(known) = before {
            return known;
        }
        let says = column.says(&around.reader, value, exact);
        let class = self.meet(column, says, value, around);
        match numbered(value) {
            _ if exact => {
                self.presumed.insert(value.clone(), class);
            }
            Some(n) => {
                if self.numbered.len() <= n {
                    self.numbered.resize(n + 1, UNKNOWN);
                }
                self.numbered[n] = class;
            }
            None => {
                self.remember(value, class);
            }
        }
        class
    }

    /// The class of the answer to the one question that a column is.
    ///
    /// `about` is a value that it is about.
    pub fn answer(&mut self, column: &Column<'_>, truth: Truth, about: &Value, around: &Around<'_>) -> Class {
        let says = match truth {
            Truth::Yes => Says(Box::new([(0, true)])),
            Truth::No => Says::default(),
            Truth::Unknown(_) => return UNKNOWN,
        };
        self.meet(column, says, about, around)
    }

    /// The class of what is not known but as far as constraints leave only some values, of which the tests say that.
    pub fn narrowed(
        &mut self,
        column: &Column<'_>,
        values: &[u64],
        says: impl Fn(u16) -> Says3,
        row: impl FnOnce(&Says) -> Row,
    ) -> Class {
        if let Some(known) = self.narrowed.get(values) {
            return *known;
        }
        let one = |test: u16| (says(test) != Says3::No).then(|| (test, says(test) == Says3::Yes));
        let says = Says((0..column.asks.len() as u16).filter_map(one).collect());
        let class = self.met.len() as Class;
        self.met.push(Met { row: row(&says), says });
        self.narrowed.insert(values.into(), class);
        class
    }

    /// Keeps the class of a value that was given.
    pub fn remember(&mut self, value: &Value, class: Class) {
        if self.given.len() + self.measured.len() >= VALUES {
            self.given.clear();
            self.measured.clear();
        }
        match value {
            Value::Number(n) => self.measured.insert((n.mantissa(), n.scale()), class),
            _ => self.given.insert(value.clone(), class),
        };
    }

    fn meet(&mut self, column: &Column<'_>, says: Says, value: &Value, around: &Around<'_>) -> Class {
        let own = says.0.iter().any(|(_, yes)| !yes) || (around.doubtful)(value);
        let key = (says, own.then(|| value.clone()));
        if let Some(known) = self.alike.get(&key) {
            return *known;
        }
        let class = self.met.len() as Class;
        let row = column.row(around.number, &key.0, around.products, around.full);
        self.met.push(Met { says: key.0.clone(), row });
        self.alike.insert(key, class);
        class
    }

    /// What a test says to a class: it passes, fails, or is left open.
    #[inline]
    pub fn says(&self, class: Class, test: u16) -> Says3 {
        if class == UNKNOWN {
            return Says3::Open;
        }
        match self.met[class as usize].says.to(test) {
            Some(true) => Says3::Yes,
            Some(false) => Says3::Open,
            None => Says3::No,
        }
    }

    /// The products that a class leaves possible.
    #[inline]
    pub fn row(&self, class: Class) -> &Row {
        &self.met[class as usize].row
    }

    /// The bytes that its rows take.
    pub fn bytes(&self) -> usize {
        self.met.iter().map(|m| m.row.bytes() + m.says.0.len() * 4 + 32).sum()
    }
}

/// What a test says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says3 {
    /// It passes.
    Yes,
    /// It fails.
    No,
    /// It is not known.
    Open,
}

/// The number of a value among few.
#[inline]
fn numbered(value: &Value) -> Option<usize> {
    match value {
        Value::Bool(b) => Some(usize::from(*b)),
        Value::Choice(n) => Some(usize::from(*n)),
        Value::Place(PlaceId(n)) => Some(usize::from(*n)),
        _ => None,
    }
}

/// True if values of a type are told apart by their number.
pub fn is_indexable(ty: &Type) -> bool {
    matches!(ty, Type::Code(_) | Type::Choice(_) | Type::Country | Type::Text)
}
