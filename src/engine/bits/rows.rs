//! Consignments as rows of numbers, one after the other: a number stands for one value of a fact as long as it is kept,
//! so each value is classed once, and what comes of a row is found by looking into tables.

use crate::eval::atom::Reader;
use crate::model::{Date, FactId, PolicyId, Value};

use super::batch::{Found, fact_of};
use super::clerk::Clerk;
use super::column::{Class, Seen, UNKNOWN};
use super::edition::Edition;
use super::reading::{Source, class_of};

/// A consignment of one goods item without licences held, by the numbers of what it says.
pub trait Row {
    /// The number of what is said of a fact; none where nothing is.
    fn number(&self, fact: FactId) -> Option<u32>;
    /// What is said of a fact; none where that is unknown.
    fn value(&self, fact: FactId) -> Option<&Value>;
}

/// The classes of numbered values.
#[derive(Debug, Default)]
pub struct Lanes(Vec<Option<Kept>>);

/// Those of one edition of the law.
#[derive(Debug)]
struct Kept {
    /// The desk whose classes they are.
    serial: u64,
    columns: Vec<Lane>,
}

/// A column of the law.
#[derive(Debug)]
struct Lane {
    /// The one fact that it hangs on.
    fact: Option<FactId>,
    /// By number of a value, its class.
    classes: Vec<Class>,
}

/// No class yet.
const NONE: Class = Class::MAX;

impl Lanes {
    /// Forgets all: numbers that were given out mean nothing from here on.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

struct FromRow<'s, R> {
    lanes: &'s mut [Lane],
    reader: Reader<'s>,
    row: &'s R,
}

impl<R: Row> Source for FromRow<'_, R> {
    #[inline]
    fn class(&mut self, e: &Edition<'_>, seen: &mut [Seen], column: u16) -> Class {
        let lane = &mut self.lanes[usize::from(column)];
        let value = |f: FactId| self.row.value(f);
        let Some(fact) = lane.fact else { return class_of(e, seen, column, &self.reader, value) };
        let Some(number) = self.row.number(fact) else { return UNKNOWN };
        let number = number as usize;
        if let Some(class) = lane.classes.get(number).filter(|c| **c != NONE) {
            return *class;
        }
        let class = class_of(e, seen, column, &self.reader, value);
        if lane.classes.len() <= number {
            lane.classes.resize(number + 1, NONE);
        }
        lane.classes[number] = class;
        class
    }
}

impl Clerk<'_, '_> {
    /// Decides a row. What was found means something to [`Clerk::parts`].
    pub fn row(&mut self, lanes: &mut Lanes, day: Date, policies: &[PolicyId], row: &impl Row) -> Found {
        let bits = self.bits;
        let edition = bits.number(day);
        let Some((e, desk)) = self.desk(day) else { return Found::OPEN };
        if lanes.0.len() <= edition {
            lanes.0.resize_with(edition + 1, || None);
        }
        let Some(kept) = lanes.0.get_mut(edition) else { return Found::OPEN };
        let kept = match kept {
            Some(kept) if kept.serial == desk.serial => kept,
            _ => {
                let lane = |c: &super::column::Column<'_>| Lane { fact: fact_of(c.kind), classes: Vec::new() };
                kept.insert(Kept { serial: desk.serial, columns: e.columns.iter().map(lane).collect() })
            }
        };
        let number = desk.tree(e, policies);
        let Some(asked) = desk.trees.get_mut(number) else { return Found::OPEN };
        let reader = bits.reader(e.date, &desk.nothing);
        let end = desk.work.end(e, asked, &mut FromRow { lanes: &mut kept.columns, reader, row });
        Found { edition: edition as u32, serial: asked.tree.serial, end }
    }
}
