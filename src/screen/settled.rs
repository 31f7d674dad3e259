//! Rows that are settled by what they say: decided by the compiled law, which reads only the facts that it needs.
//!
//! The engine finds which rules stand and which entries hold; rows of which it finds the same have the same flat
//! decision, which is worked out in full for the first of them. Two things in a flat decision could hang on more than
//! that: what is still to be asked, which is nothing once a row is settled, and doubts that a decision quotes. Where the
//! rules and entries found could quote one, the row is decided by all its classes, as are rows that are not settled.

use std::sync::Arc;

use crate::engine::bits::{Found, Row};
use crate::eval::Evaluator;
use crate::eval::doubts::may_rest;
use crate::eval::verdict::Part;
use crate::model::{Date, FactId, Value};

use super::desk::{Desk, Given};
use super::dict::Dict;
use super::flat::Flat;
use super::law::NONE;
use super::layout::Style;
use super::memo::BY_PARTS;

/// The number of the day that holds for rows without one; other numbers begin after it.
const AS_OF: u32 = 0;

/// A row by the numbers of its values.
struct Numbered<'r> {
    dicts: &'r [Vec<Dict>; 2],
    /// By fact.
    numbers: &'r [u32],
    as_of: Value,
}

impl Row for Numbered<'_> {
    #[inline]
    fn number(&self, fact: FactId) -> Option<u32> {
        self.numbers.get(fact.index()).copied().filter(|n| *n != NONE)
    }

    fn value(&self, fact: FactId) -> Option<&Value> {
        let number = self.number(fact)?;
        if number == AS_OF {
            return Some(&self.as_of);
        }
        let style = (number - 1) as usize & 1;
        self.dicts[style].get(fact.index())?.entry((number - 1) >> 1)?.value.as_ref()
    }
}

impl Desk<'_, '_> {
    /// The decision on a row without licences held, if it is settled by what the row says and quotes no doubt.
    pub(super) fn settled(&mut self, given: &[Given], date: Date, span: u32) -> Option<Arc<Flat>> {
        let screener = self.screener;
        let mut numbers = std::mem::take(&mut self.memo.numbers);
        numbers.clear();
        numbers.resize(screener.world().facts.len(), NONE);
        let day = screener.known.date.and_then(|d| numbers.get_mut(d.index()));
        if let Some(place) = day {
            *place = AS_OF;
        }
        // A day that the row does not know is that of all rows.
        let known = |g: &&Given| Some(g.fact) != screener.known.date || self.state(**g).is_some_and(|s| s.known);
        for g in given.iter().filter(|g| screener.law.reads(g.fact)).filter(known) {
            if let Some(place) = numbers.get_mut(g.fact.index()) {
                *place = (g.entry << 1 | u32::from(g.style == Style::List)) + 1;
            }
        }
        let row = Numbered { dicts: &self.dicts, numbers: &numbers, as_of: Value::Date(date) };
        let found = self.clerk.row(&mut self.memo.lanes, date, &screener.policies, &row);
        self.memo.numbers = numbers;
        match self.memo.found.get(&(found, span)) {
            Some(flat) => flat.clone(),
            None => self.first(found, given, date, span),
        }
    }

    /// The decision on the first row of which something was found.
    #[cold]
    fn first(&mut self, found: Found, given: &[Given], date: Date, span: u32) -> Option<Arc<Flat>> {
        let parts = self.clerk.parts(found).filter(|parts| parts.iter().all(|p| is_quiet(&self.screener.evaluator, p)));
        let key = parts.map(|parts| {
            let mut key = vec![BY_PARTS, span];
            for part in parts {
                key.extend([part.outcome as u32, part.may_proceed.map_or(NONE, u32::from), part.entries.len() as u32]);
                key.extend(part.entries.iter().map(|e| e.0));
                key.push(part.stands.len() as u32);
                key.extend(part.stands.iter().map(|r| r.0));
            }
            key
        });
        let flat = key.map(|mut key| self.remembered(&mut key, given, &[], date)).filter(|flat| !flat.dated);
        self.memo.found.insert((found, span), flat.clone());
        flat
    }
}

/// True if an answer quotes no doubts but those of its rules and entries themselves.
fn is_quiet(evaluator: &Evaluator<'_>, part: &Part) -> bool {
    let world = evaluator.world;
    let lists = &evaluator.classes.lists;
    let entries = part.entries.iter().all(|entry| {
        let mut leaves = lists.indices(*entry).iter().filter_map(|i| lists.leaves.get(*i));
        leaves.all(|leaf| {
            let own = leaf.id == *entry || world.category(leaf.id).doubt.is_none();
            own && leaf.conditions.iter().all(|c| !may_rest(world, c))
        })
    });
    entries && part.decided_by(world).all(|rule| !may_rest(world, &world.rule(rule).cond))
}
