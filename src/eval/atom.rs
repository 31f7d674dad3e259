//! Conditions on what is known: the three-valued reading of every atom.

use std::cmp::Ordering;

use crate::model::{
    Atom, AtomKind, ChartId, Comparison, Cond, Date, FactId, GroupBody, GroupId, InForce, Level, PlaceId, Set, Test,
    Type, Value, World,
};

use super::category;
use super::env::{Env, Known, Slot};
use super::lists::{Leaf, Lists};
use super::logic::{Kept, Key, Logic, Piece};
use super::truth::Truth;

/// Whose facts a condition asks for.
#[derive(Clone, Copy, Debug)]
pub struct Whose {
    /// The goods item.
    pub item: u32,
    /// The held licence, inside `covers`.
    pub licence: Option<u32>,
}

impl Whose {
    /// The facts of a goods item.
    pub fn item(item: u32) -> Self {
        Whose { item, licence: None }
    }

    /// What the answer about a piece of the model belongs to.
    pub fn key(self, piece: Piece, at: usize) -> Key {
        Key { piece, at, item: self.item, licence: self.licence }
    }
}

/// What reads conditions: the world, what is known, and the few facts with a meaning of their own.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// The declarations.
    pub world: &'a World,
    /// The day that picks versions of groups and charts.
    pub date: Date,
    /// What is known.
    pub env: &'a Env,
    /// The control lists, laid out.
    pub lists: &'a Lists<'a>,
    /// The fact that says whether a declared code is confirmed.
    pub code_confirmed: Option<FactId>,
    /// Where answers are kept that are asked for again.
    pub kept: Option<&'a Kept>,
}

/// A condition, in any logic.
pub fn cond<L: Logic>(l: &L, condition: &Cond, whose: Whose) -> L::Truth {
    match condition {
        Cond::All(list) => list.iter().fold(l.of(true), |t, c| l.and(t, || cond(l, c, whose))),
        Cond::Any(list) => list.iter().fold(l.of(false), |t, c| l.or(t, || cond(l, c, whose))),
        Cond::Not(inner) => l.not(cond(l, inner, whose)),
        Cond::Atom(a) => atom(l, a, whose),
    }
}

/// One atom, in any logic.
pub fn atom<L: Logic>(l: &L, atom: &Atom, whose: Whose) -> L::Truth {
    let start = l.start();
    match &atom.kind {
        AtomKind::Means(fact) => {
            let version = start.world.fact(*fact).means.iter().find(|(days, _)| days.on(start.env.date));
            let Some((_, meant)) = version else { return l.of(false) };
            l.keep(whose.key(Piece::Means, fact.index()), || cond(l, meant, whose))
        }
        AtomKind::In(cats) => {
            let below: Vec<&Leaf<'_>> = cats.iter().flat_map(|c| start.lists.below(*c, start.env.date)).collect();
            l.any(below.len(), |i| category::leaf_holds(l, below[i], whose.item))
        }
        AtomKind::CodedUnder(cats) => {
            cats.iter().fold(l.of(false), |t, c| l.or(t, || category::coded_under(l, *c, whose.item)))
        }
        single => {
            if let AtomKind::Includes(fact) = single
                && let Some(Known { value: Value::Set(entries), .. }) = start.env.get(start.slot(*fact, whose))
            {
                return entries.iter().fold(l.of(false), |t, e| l.or(t, || category::named(l, e, whose.item)));
            }
            let key = whose.key(Piece::Atom, std::ptr::from_ref(atom).addr());
            l.ask(key, &|reader| reader.single(single, whose))
        }
    }
}

impl<'a> Reader<'a> {
    /// The slot of a fact.
    pub fn slot(&self, fact: FactId, whose: Whose) -> Slot {
        match self.world.fact(fact).level {
            Level::Consignment => Slot::Shared(fact),
            Level::Goods => Slot::Item(whose.item, fact),
            Level::Licence => Slot::Licence(whose.licence.unwrap_or(u32::MAX), fact),
        }
    }

    /// A condition.
    pub fn cond(&self, cond: &Cond, whose: Whose) -> Truth {
        self::cond(self, cond, whose)
    }

    /// One question about facts of the consignment alone; those about entries and named conditions are put together
    /// from such.
    fn single(&self, kind: &AtomKind, whose: Whose) -> Truth {
        match kind {
            AtomKind::Fact(fact, test) => {
                let slot = self.slot(*fact, whose);
                match self.env.get(slot) {
                    Some(known) => self.test(test, &known.value, known.exact, slot, &self.world.fact(*fact).ty),
                    None => Truth::Unknown(slot),
                }
            }
            AtomKind::Elements { fact, all, test } => {
                let slot = self.slot(*fact, whose);
                let Some(Known { value: Value::Set(elements), exact, .. }) = self.env.get(slot) else {
                    return Truth::Unknown(slot);
                };
                let ty = self.world.fact(*fact).ty.element();
                let each = |v: &Value| self.test(test, v, *exact, slot, ty);
                if *all {
                    elements.iter().fold(Truth::Yes, |t, v| t.and(|| each(v)))
                } else {
                    elements.iter().fold(Truth::No, |t, v| t.or(|| each(v)))
                }
            }
            AtomKind::Empty(fact) => {
                let slot = self.slot(*fact, whose);
                match self.env.get(slot) {
                    Some(Known { value: Value::Set(s), .. }) => Truth::of(s.is_empty()),
                    _ => Truth::Unknown(slot),
                }
            }
            AtomKind::Facts(a, comparison, b) => self.two(*a, *comparison, *b, whose),
            // A licence of which no entries are known is for any goods, or for none.
            AtomKind::Includes(fact) => {
                let slot = self.slot(*fact, whose);
                match self.env.get(slot) {
                    Some(Known { value: Value::Set(entries), .. }) => Truth::of(!entries.is_empty()),
                    _ => Truth::Unknown(slot),
                }
            }
            AtomKind::Means(_) | AtomKind::In(_) | AtomKind::CodedUnder(_) => Truth::No,
        }
    }

    fn two(&self, a: FactId, comparison: Comparison, b: FactId, whose: Whose) -> Truth {
        let (left, right) = (self.slot(a, whose), self.slot(b, whose));
        let Some(x) = self.env.get(left) else { return Truth::Unknown(left) };
        let Some(y) = self.env.get(right) else { return Truth::Unknown(right) };
        self.compare(&x.value, comparison, &y.value)
    }

    /// Two values compared.
    pub fn compare(&self, x: &Value, comparison: Comparison, y: &Value) -> Truth {
        if let (Value::Place(p), Value::Place(q)) = (x, y) {
            // A licence for a country covers the places in it.
            let mut at = Some(*q);
            let mut within = p == q;
            while let Some(place) = at {
                within |= place == *p;
                at = place.within(self.world);
            }
            return Truth::of(within == (comparison == Comparison::Eq));
        }
        Truth::of(comparison.holds(x.cmp(y)))
    }

    /// A test of one value.
    pub fn test(&self, test: &Test, value: &Value, exact: bool, slot: Slot, ty: &Type) -> Truth {
        match test {
            Test::Yes => Truth::of(*value == Value::Bool(true)),
            Test::Is(other) => self.is(value, other, exact, slot, ty),
            Test::In(set) => self.in_set(set, value, exact, slot, ty),
            Test::Compare(comparison, other) => Truth::of(comparison.holds(value.cmp(other))),
            Test::Between(low, high) => Truth::of(low <= value && value <= high),
            Test::Marked(chart, column) => match value {
                Value::Place(place) => self.marked(*chart, *column, *place),
                _ => Truth::No,
            },
        }
    }

    /// Whether a value is another: a narrower one is; a broader one leaves it open.
    fn is(&self, value: &Value, other: &Value, exact: bool, slot: Slot, ty: &Type) -> Truth {
        match (value, other, ty) {
            (Value::Choice(v), Value::Choice(wanted), Type::Choice(id)) => match self.world.enum_type(*id) {
                Some(e) if e.is_within(*v, *wanted) => Truth::Yes,
                Some(e) if !exact && e.is_within(*wanted, *v) => Truth::Unknown(slot),
                _ => Truth::No,
            },
            (Value::Code(v), Value::Code(wanted), Type::Code(scheme)) => {
                if scheme.is_under(v, wanted) {
                    Truth::Yes
                } else if !exact && scheme.is_under(wanted, v) {
                    Truth::Unknown(slot)
                } else {
                    Truth::No
                }
            }
            (Value::Place(p), Value::Place(wanted), _) => {
                let mut at = Some(*p);
                while let Some(place) = at {
                    if place == *wanted {
                        return Truth::Yes;
                    }
                    at = place.within(self.world);
                }
                Truth::No
            }
            _ => Truth::of(value.cmp(other) == Ordering::Equal),
        }
    }

    fn in_set(&self, set: &Set, value: &Value, exact: bool, slot: Slot, ty: &Type) -> Truth {
        match set {
            Set::Values(list) => list.iter().fold(Truth::No, |t, v| t.or(|| self.is(value, v, exact, slot, ty))),
            Set::Group(ids) => self.in_group(ids, value, exact, slot, ty),
            Set::Plus(a, b) => self.in_set(a, value, exact, slot, ty).or(|| self.in_set(b, value, exact, slot, ty)),
            Set::Minus(a, b) => {
                self.in_set(a, value, exact, slot, ty).and(|| self.in_set(b, value, exact, slot, ty).not())
            }
            Set::And(a, b) => self.in_set(a, value, exact, slot, ty).and(|| self.in_set(b, value, exact, slot, ty)),
        }
    }

    fn in_group(&self, ids: &[GroupId], value: &Value, exact: bool, slot: Slot, ty: &Type) -> Truth {
        let date = self.date;
        let version = ids.iter().find(|g| self.world.groups[g.index()].in_force.on(date));
        let Some(id) = version else {
            // Nothing says who belonged to it on that day.
            let place = if let Value::Place(p) = value { *p } else { PlaceId(0) };
            let other = Slot::Group(ids.first().copied().unwrap_or(GroupId(0)), place);
            return self.env.other(other).map_or(Truth::Unknown(other), Truth::of);
        };
        let on = |days: &InForce| days.on(date);
        match &self.world.groups[id.index()].body {
            GroupBody::Members(members) => members
                .iter()
                .filter(|(_, days, _)| on(days))
                .fold(Truth::No, |t, (v, ..)| t.or(|| self.is(value, v, exact, slot, ty))),
            GroupBody::Expr(set) => self.in_set(set, value, exact, slot, ty),
        }
    }

    /// A mark in a chart: of the place itself, of the row it borrows, or of what it lies in.
    fn marked(&self, chart: ChartId, column: usize, place: PlaceId) -> Truth {
        let silent = || {
            let other = Slot::Cell(chart, column as u32, place);
            self.env.other(other).map_or(Truth::Unknown(other), Truth::of)
        };
        let table = self.world.charts.get(chart.index());
        table.and_then(|c| c.mark(self.world, self.date, column, place)).map_or_else(silent, Truth::of)
    }
}
