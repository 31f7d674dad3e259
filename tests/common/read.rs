//! A test of one whole value, read once more and as plainly as it can be: a second opinion on the law as checked.
//!
//! Nothing here is taken from the interpreter or the engine.

use std::collections::BTreeSet;

use portcullis::model::{ChartId, Date, GroupBody, GroupId, PlaceId, RowBody, Set, Test, Type, Value, World};

/// What only the law could say and does not: whether a place is marked, or was in a group on that day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Silent {
    /// A column of a chart, for a place.
    Mark(ChartId, usize, PlaceId),
    /// A group, for a place.
    Member(GroupId, PlaceId),
}

/// Yes or no, or what the answer waits for, in the logic of whoever reads.
pub trait Answers {
    /// An answer.
    type Answer: Copy;
    /// One that is known.
    fn of(&mut self, so: bool) -> Self::Answer;
    /// One that the law does not give.
    fn silent(&mut self, what: Silent) -> Self::Answer;
    /// Any of some.
    fn any(&mut self, all: &[Self::Answer]) -> Self::Answer;
    /// The opposite.
    fn not(&mut self, answer: Self::Answer) -> Self::Answer;
}

/// Yes and no alone; what the law does not say is no.
pub struct Plain;

impl Answers for Plain {
    type Answer = bool;
    fn of(&mut self, so: bool) -> bool {
        so
    }
    fn silent(&mut self, _: Silent) -> bool {
        false
    }
    fn any(&mut self, all: &[bool]) -> bool {
        all.contains(&true)
    }
    fn not(&mut self, answer: bool) -> bool {
        !answer
    }
}

/// Whether a value passes a test on a day.
pub fn passes<A: Answers>(a: &mut A, world: &World, day: Date, test: &Test, value: &Value, ty: &Type) -> A::Answer {
    let so = match test {
        Test::Yes => *value == Value::Bool(true),
        Test::Is(other) => is(world, value, other, ty),
        Test::In(set) => return member(a, world, day, set, value, ty),
        Test::Compare(how, other) => how.holds(value.cmp(other)),
        Test::Between(low, high) => low <= value && value <= high,
        Test::Marked(chart, column) => return marked(a, world, day, (*chart, *column), value),
    };
    a.of(so)
}

/// A place and all that it lies in.
pub fn around(world: &World, place: PlaceId) -> Vec<PlaceId> {
    std::iter::successors(Some(place), |p| p.within(world)).collect()
}

fn is(world: &World, value: &Value, other: &Value, ty: &Type) -> bool {
    match (value, other, ty) {
        (Value::Choice(v), Value::Choice(broad), Type::Choice(id)) => {
            let end = world.enum_type(*id).unwrap().values[usize::from(*broad)].end;
            (*broad..end).contains(v)
        }
        (Value::Code(code), Value::Code(heading), Type::Code(scheme)) => scheme.is_under(code, heading),
        (Value::Place(place), Value::Place(outer), _) => around(world, *place).contains(outer),
        _ => value == other,
    }
}

fn member<A: Answers>(a: &mut A, world: &World, day: Date, set: &Set, value: &Value, ty: &Type) -> A::Answer {
    let both = |a: &mut A, x: A::Answer, y: A::Answer| {
        let (x, y) = (a.not(x), a.not(y));
        let either = a.any(&[x, y]);
        a.not(either)
    };
    match set {
        Set::Values(all) => {
            let found = all.iter().any(|v| is(world, value, v, ty));
            a.of(found)
        }
        Set::Group(versions) => {
            let Some(group) = versions.iter().find(|g| world.groups[g.index()].in_force.on(day)) else {
                let Value::Place(place) = value else { panic!("a group of values that is not in force") };
                return a.silent(Silent::Member(versions[0], *place));
            };
            match &world.groups[group.index()].body {
                GroupBody::Members(all) => {
                    let found = all.iter().any(|(v, days, _)| days.on(day) && is(world, value, v, ty));
                    a.of(found)
                }
                GroupBody::Expr(set) => member(a, world, day, set, value, ty),
            }
        }
        Set::Plus(x, y) => {
            let found = [x, y].map(|s| member(a, world, day, s, value, ty));
            a.any(&found)
        }
        Set::Minus(x, y) => {
            let [x, y] = [x, y].map(|s| member(a, world, day, s, value, ty));
            let y = a.not(y);
            both(a, x, y)
        }
        Set::And(x, y) => {
            let [x, y] = [x, y].map(|s| member(a, world, day, s, value, ty));
            both(a, x, y)
        }
    }
}

/// The row of the place, of the place whose row it borrows, or of what it lies in.
fn marked<A: Answers>(
    a: &mut A,
    world: &World,
    day: Date,
    (chart, column): (ChartId, usize),
    value: &Value,
) -> A::Answer {
    let Value::Place(place) = value else { return a.of(false) };
    let table = &world.charts[chart.index()];
    let version = table.versions.iter().find(|v| v.known.contains(day));
    let mut at = version.map(|_| *place);
    let mut mark = None;
    // Rows that borrow from each other in a circle say nothing.
    let mut seen = BTreeSet::new();
    while let Some(here) = at.filter(|p| seen.insert(*p)) {
        let rows = version.map_or(&[][..], |v| &v.rows);
        match rows.iter().find(|r| r.place == here && r.days.contains(day)).map(|r| &r.body) {
            Some(RowBody::Own(marks)) => {
                mark = marks[column];
                break;
            }
            Some(RowBody::As(other)) => at = Some(*other),
            None => at = here.within(world),
        }
    }
    match mark {
        Some(mark) => a.of(mark),
        None => a.silent(Silent::Mark(chart, column, *place)),
    }
}
