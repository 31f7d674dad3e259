//! Many consignments at once, as columns with dictionaries: each value is classed once, and each row walks the tree of
//! what was met before.

use crate::eval::atom::Reader;
use crate::eval::verdict::Part;
use crate::model::{AtomKind, Date, FactId, PolicyId, Value};

use super::clerk::Clerk;
use super::column::{Class, Column, Kind, Seen, UNKNOWN};
use super::edition::Edition;
use super::reading::{Source, class_of};
use super::tree::Came;

/// A column of values: each stands once in the dictionary, and rows have its number.
#[derive(Debug)]
pub struct Dictionary<'c, T> {
    /// The values; none: unknown.
    pub values: &'c [T],
    /// By row, the number of its value.
    pub numbers: &'c [u32],
}

impl<T> Clone for Dictionary<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Dictionary<'_, T> {}

impl<'c, T> Dictionary<'c, T> {
    fn value(&self, row: usize) -> Option<&'c T> {
        self.values.get(*self.numbers.get(row)? as usize)
    }
}

/// Consignments of one goods item each, without licences held, as columns.
///
/// Every dictionary has a number for each row. A fact without a column is unknown in all rows.
#[derive(Clone, Debug)]
pub struct Table<'c> {
    /// How many rows there are.
    pub rows: usize,
    /// The days that pick the law.
    pub days: Dictionary<'c, Date>,
    /// The facts.
    pub facts: Vec<(FactId, Dictionary<'c, Option<Value>>)>,
}

/// What was found of a row. Rows of one call that found the same have the same answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Found {
    pub(super) edition: u32,
    /// Which of the edition's trees it was found in.
    pub(super) serial: u64,
    pub(super) end: u32,
}

impl Found {
    /// Not settled by what is given alone: the row is to be decided as a consignment.
    pub const OPEN: Found = Found { edition: u32::MAX, serial: u64::MAX, end: u32::MAX };
}

/// A column of the law, over the columns of a table.
struct Lane<'c> {
    /// By row, the number of the value of the one fact that it hangs on; empty where there is not just one.
    numbers: &'c [u32],
    /// By number of a value, its class.
    classes: Vec<Class>,
    /// True if it hangs on one fact, of which the table says nothing.
    silent: bool,
}

/// No class yet.
const NONE: Class = Class::MAX;

/// A row of a table.
struct FromTable<'s, 'c> {
    lanes: &'s mut [Lane<'c>],
    by_fact: &'s [Option<Dictionary<'c, Option<Value>>>],
    reader: Reader<'s>,
    row: usize,
}

impl Source for FromTable<'_, '_> {
    #[inline]
    fn class(&mut self, e: &Edition<'_>, seen: &mut [Seen], column: u16) -> Class {
        let lane = &self.lanes[usize::from(column)];
        if let Some(number) = lane.numbers.get(self.row)
            && let Some(class) = lane.classes.get(*number as usize)
            && *class != NONE
        {
            return *class;
        }
        if lane.silent { UNKNOWN } else { self.first(e, seen, column) }
    }
}

impl FromTable<'_, '_> {
    /// The class of a value that was not met in this table.
    #[cold]
    fn first(&mut self, e: &Edition<'_>, seen: &mut [Seen], column: u16) -> Class {
        let (row, by_fact) = (self.row, self.by_fact);
        let value = |f: FactId| by_fact.get(f.index())?.as_ref()?.value(row)?.as_ref();
        let class = class_of(e, seen, column, &self.reader, value);
        let lane = &mut self.lanes[usize::from(column)];
        if let Some(place) = lane.numbers.get(row).and_then(|n| lane.classes.get_mut(*n as usize)) {
            *place = class;
        }
        class
    }
}

/// The fact that a column hangs on; none if there are two, or none.
pub(super) fn fact_of(kind: Kind<'_>) -> Option<FactId> {
    match kind {
        Kind::Fact(f) => Some(f),
        Kind::Single(AtomKind::Elements { fact, .. } | AtomKind::Empty(fact)) => Some(*fact),
        _ => None,
    }
}

impl Clerk<'_, '_> {
    /// Decides the rows of a table. `out` gets what was found of each, in order; what it means is read by
    /// [`Clerk::parts`].
    pub fn batch(&mut self, table: &Table<'_>, policies: &[PolicyId], out: &mut Vec<Found>) {
        out.clear();
        let facts = self.bits.world.facts.len();
        let mut by_fact = vec![None; facts];
        for (fact, dictionary) in &table.facts {
            if let Some(place) = by_fact.get_mut(fact.index()) {
                *place = Some(*dictionary);
            }
        }
        // Rows of one edition after the other: each has its classes.
        let editions: Vec<usize> = table.days.values.iter().map(|d| self.bits.number(*d)).collect();
        let mut rows: Vec<Vec<usize>> = vec![Vec::new(); editions.iter().max().map_or(0, |most| most + 1)];
        for (row, day) in table.days.numbers.iter().take(table.rows).enumerate() {
            if let Some(edition) = editions.get(*day as usize) {
                rows[*edition].push(row);
            }
        }
        out.resize(table.rows, Found::OPEN);
        for (edition, rows) in rows.into_iter().enumerate().filter(|(_, rows)| !rows.is_empty()) {
            let day = editions.iter().position(|e| *e == edition).and_then(|at| table.days.values.get(at));
            let bits = self.bits;
            let Some((e, desk)) = day.and_then(|day| self.desk(*day)) else { continue };
            let tree = desk.tree(e, policies);
            let lane = |c: &Column<'_>| {
                let fact = fact_of(c.kind);
                let of = fact.and_then(|f| by_fact.get(f.index()).copied().flatten());
                let (numbers, values) = of.map_or((&[][..], 0), |d| (d.numbers, d.values.len()));
                Lane { numbers, classes: vec![NONE; values], silent: fact.is_some() && of.is_none() }
            };
            let mut lanes: Vec<Lane<'_>> = e.columns.iter().map(lane).collect();
            let reader = bits.reader(e.date, &desk.nothing);
            let mut source = FromTable { lanes: &mut lanes, by_fact: &by_fact, reader, row: 0 };
            let Some(asked) = desk.trees.get_mut(tree) else { continue };
            for row in rows {
                source.row = row;
                let end = desk.work.end(e, asked, &mut source);
                if let Some(found) = out.get_mut(row) {
                    *found = Found { edition: edition as u32, serial: asked.tree.serial, end };
                }
            }
        }
    }

    /// What was found of a row of a batch: one part for each policy asked about. None where that is not settled by what is
    /// given alone, or was let go since: then the row is to be decided as a consignment.
    pub fn parts(&self, found: Found) -> Option<&[Part]> {
        let desk = self.desks.get(found.edition as usize)?.as_ref()?;
        let tree = desk.trees.iter().map(|a| &a.tree).find(|t| t.serial == found.serial)?;
        match tree.end(found.end)? {
            Came::Settled(parts, false) => Some(parts),
            _ => None,
        }
    }
}
