//! How two entries of control lists relate: the same goods, more, fewer, others as well, or none in common.
//!
//! What is compared is goods. Every fact about them is open. What else is so of the consignment is left open too, and an
//! entry holds goods if it holds them in any consignment; but what is presumed of the consignment as a whole is so. No
//! tariff code is given, and a description is taken to fit the codes of its entry, since codes differ from country to
//! country and the goods are the same. The answer is proved for all goods there can be.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::diagram::{Id, NO, Var};
use crate::engine::space::{View, with_views};
use crate::eval::Evaluator;
use crate::eval::category;
use crate::eval::classes::all_conditions;
use crate::eval::env::{Env, Slot};
use crate::eval::truth::Truth;
use crate::model::{AtomKind, Case, CategoryId, Date, FactId, Level, Relation, Value, World};

use super::cone::{Cone, cone};
use super::witness;

/// How many nodes of diagrams a pair may take.
const LIMIT: u32 = 2_000_000;

/// Two entries on a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Related {
    /// How the second relates to the first; nothing: it took too much work to find out, or hangs on which of a fact of the
    /// goods and one of the consignment is greater.
    pub relation: Option<Relation>,
    /// True if the first, and the second, hold any goods on that day.
    pub holds: [bool; 2],
    /// Goods that are in the first and not in the second; none where there are none, or none could be shown.
    pub first_alone: Option<Goods>,
    /// Goods that are in both.
    pub both: Option<Goods>,
    /// Goods that are in the second and not in the first.
    pub second_alone: Option<Goods>,
}

/// Goods to show for something; whatever else is so of them, they are in the one entry and not in the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Goods {
    /// The consignment.
    pub case: Case,
    /// Its facts in words, in the order of their declaration; the day left out.
    pub facts: Vec<(String, String)>,
}

/// How `second` relates to `first` on a day; both hold the numbers of all versions of an entry.
///
/// With `show`, goods of each part are looked for, and read again by the plain interpreter in the whole of the law.
pub fn relate(world: &World, first: &[CategoryId], second: &[CategoryId], day: Date, show: bool) -> Related {
    let both: Vec<CategoryId> = first.iter().chain(second).copied().collect();
    relate_in(&cone(world, &[], &both), world, first, second, day, show)
}

/// The same, where the part of the world that the pair reads is known.
pub(super) fn relate_in(
    cone: &Cone,
    world: &World,
    first: &[CategoryId],
    second: &[CategoryId],
    day: Date,
    show: bool,
) -> Related {
    let start = start(cone, day);
    with_views(&[(&cone.world, &start)], &|_| false, false, LIMIT, |views| {
        let unknown = Related { relation: None, holds: [true; 2], first_alone: None, both: None, second_alone: None };
        let [view] = views else { return unknown };
        let [a, b] = [first, second].map(|ids| view.within(view.entry(ids)));
        let [goods_a, goods_b] = [a, b].map(|f| goods(view, f));
        if !view.reliable(&[a, b]) || ordered_across(view, &[a, b]) {
            return unknown;
        }
        let only = |x: Id, y: Id| view.diagrams(|d| d.but(x, y));
        let (first_alone, second_alone) = (only(goods_a, goods_b), only(goods_b, goods_a));
        let common = view.diagrams(|d| d.and(goods_a, goods_b));
        let relation = match (first_alone != NO, common != NO, second_alone != NO) {
            (_, false, _) => Relation::Apart,
            (false, true, false) => Relation::Same,
            (false, true, true) => Relation::Wider,
            (true, true, false) => Relation::Narrower,
            (true, true, true) => Relation::Overlaps,
        };
        if view.diagrams(|d| d.full()) {
            return unknown;
        }
        let mut out = Related { relation: Some(relation), holds: [goods_a != NO, goods_b != NO], ..unknown };
        if show {
            let (plain, allowed) = (Evaluator::new(world), view.allowed());
            let shows = Shows { view, plain: &plain, start: &start, allowed, entries: [first, second] };
            let within = |x: Id, y: Id| view.diagrams(|d| d.and(x, y));
            out.first_alone = shows.goods(within(a, first_alone), [true, false]);
            out.second_alone = shows.goods(within(b, second_alone), [false, true]);
            let together = within(a, b);
            out.both = shows.goods(together, [true, true]);
        }
        out
    })
}

/// A consignment of that day of which only is known what is presumed of it as a whole, as far as the entries read it.
fn start(cone: &Cone, day: Date) -> Case {
    let date = cone.world.fact_named("date").map(|f| (f, Value::Date(day)));
    let read = cone.facts.iter().map(|id| (*id, cone.world.fact(*id)));
    let whole = read.filter(|(_, f)| f.level == Level::Consignment);
    let presumed = whole.filter_map(|(id, f)| Some((id, f.presumed.as_ref()?.value.clone())));
    Case { facts: presumed.chain(date).collect(), ..Case::of_day(day) }
}

/// Whether functions hang on which of a fact of the goods and one of the consignment is greater. The values that stand for
/// all have a least and a greatest, so it cannot be seen from them that there is always one beyond.
fn ordered_across(view: &View<'_>, functions: &[Id]) -> bool {
    let support = view.diagrams(|d| d.support(functions));
    let facts: BTreeSet<FactId> =
        support.iter().filter_map(|v| if let Var::Fact(slot) = v { slot.fact() } else { None }).collect();
    let world = view.world();
    let date = world.fact_named("date");
    let mut found = false;
    for cond in all_conditions(world) {
        cond.atoms(&mut |atom, _| {
            if let AtomKind::Facts(x, _, y) = &atom.kind {
                let apart = world.fact(*x).level != world.fact(*y).level && Some(*x) != date && Some(*y) != date;
                found |= apart && world.fact(*x).ty.is_ordered() && facts.contains(x) && facts.contains(y);
            }
        });
    }
    found
}

/// The goods of which something is so in any consignment.
fn goods(view: &View<'_>, f: Id) -> Id {
    let others = view.diagrams(|d| d.support(&[f]));
    let others = others.into_iter().filter(|v| !matches!(v, Var::Fact(Slot::Item(..))));
    others.fold(f, |t, var| view.diagrams(|d| d.some(t, var)))
}

/// What shows goods.
struct Shows<'v> {
    view: &'v View<'v>,
    plain: &'v Evaluator<'v>,
    start: &'v Case,
    allowed: Id,
    entries: [&'v [CategoryId]; 2],
}

impl Shows<'_> {
    /// Goods of a region, read again by the plain interpreter with all facts stated.
    fn goods(&self, region: Id, expected: [bool; 2]) -> Option<Goods> {
        let (view, allowed) = (self.view, self.allowed);
        if region == NO {
            return None;
        }
        let least = witness::fewest(view, region, allowed)?;
        let stated = |slot: Slot| slot.fact().is_some_and(|f| self.start.facts.contains_key(&f));
        let full = witness::complete(view, allowed, &least, region, &stated)?;
        let whole = witness::stated(view, self.start, &full)?;
        let env = Env::new(self.plain.world, &whole);
        let reader = self.plain.reader(&env);
        for (ids, expected) in self.entries.iter().zip(expected) {
            let read = ids.iter().fold(Truth::No, |t, id| t.or(|| category::holds(&reader, *id, 0)));
            if read != Truth::of(expected) {
                return None;
            }
        }
        let case = witness::stated(view, self.start, &least)?;
        let world = view.world();
        let own = |values: &BTreeMap<FactId, Value>| {
            let stated = values.iter().filter(|(f, _)| !self.start.facts.contains_key(f));
            stated.map(|(f, v)| (*f, v.clone())).collect::<Vec<_>>()
        };
        let mut all = own(&case.facts);
        all.extend(case.items.first().map(own).unwrap_or_default());
        let facts = all.iter().map(|(f, v)| witness::words(world, *f, v)).collect();
        Some(Goods { case, facts })
    }
}
