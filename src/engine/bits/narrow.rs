//! What constraints leave of facts that are not known: where the kind of goods is known, much else about them is.
//!
//! Each constraint is laid out as *bars*: questions that cannot all be answered one way. Where all questions of a bar
//! but those to one column are answered, the values of that column that would complete it fall away, and what every
//! value left says to a test is known. This is carried on until nothing more falls away. It finds less than the
//! decision diagrams do, and nothing that they do not.
//!
//! Source: D. Waltz, Understanding line drawings of scenes with shadows, 1975 (values of a domain that no longer fit
//! fall away); for clauses, unit propagation: M. Davis, H. Putnam, J. ACM 7(3), 1960.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::eval::atom::Reader;
use crate::eval::env::Slot;
use crate::eval::truth::Truth;
use crate::model::{Type, Value, World};
use crate::stack::deep;

use super::column::{Asks, Class, Column, Kind, Says, Says3, UNKNOWN};
use super::compile::column_of;
use super::edition::{Constraint, Kleene};
use super::norm::{Formula, Literal, Literals, StepId, products};
use super::reading::{Reading, Source};
use super::row::{BITS, clear, is_set, set};

/// Values of a column, as bits.
type Values = Box<[u64]>;

/// The values that a column may have, and what its tests say to them.
#[derive(Debug)]
struct Domain {
    all: Values,
    /// By test, the values that pass it.
    yes: Vec<Values>,
    /// By test, the values that fail it.
    no: Vec<Values>,
}

/// The constraints of some days, as bars.
#[derive(Debug, Default)]
pub struct Narrowing {
    bars: Vec<Literals>,
    /// The columns of bars whose values are few.
    domains: FxHashMap<u16, Domain>,
}

impl Narrowing {
    /// Lays out constraints on columns. What would take too many bars is left out, which finds less.
    pub fn new(constraints: &[Constraint], columns: &[Column<'_>], reader: &Reader<'_>) -> Narrowing {
        let mut bars: Vec<Literals> = constraints.iter().flat_map(|c| deep(|| bars(&c.holds))).collect();
        bars.sort();
        bars.dedup();
        let mut domains = FxHashMap::default();
        for column in bars.iter().flatten().filter_map(column_of) {
            if !domains.contains_key(&column)
                && let Some(domain) = Domain::of(&columns[usize::from(column)], reader)
            {
                domains.insert(column, domain);
            }
        }
        Narrowing { bars, domains }
    }

    /// True if no constraint leaves anything to be found.
    pub fn is_empty(&self) -> bool {
        self.domains.is_empty()
    }

    /// What is left of the columns that are not known, by column; [`UNKNOWN`] where that is nothing new. None if what
    /// is known breaks a constraint.
    pub fn narrow<S: Source>(&self, facts: &mut Reading<'_, '_, S>) -> Option<Vec<Class>> {
        let mut left: FxHashMap<u16, Values> = FxHashMap::default();
        let mut again = true;
        while again {
            again = false;
            for bar in &self.bars {
                again |= self.apply(bar, facts, &mut left)?;
            }
        }
        let e = facts.e;
        let mut out = vec![UNKNOWN; e.columns.len()];
        for (column, values) in left {
            let Some(domain) = self.domains.get(&column) else { continue };
            let number = usize::from(column);
            let says = |test: u16| domain.says(&values, test);
            let of = &e.columns[number];
            let row = |says: &Says| of.row(column, says, &e.products[..e.indexed], &e.full);
            out[number] = facts.seen[number].narrowed(of, &values, says, row);
        }
        Some(out)
    }

    /// Lets the values fall away that would complete a bar; true if there were any.
    fn apply<S: Source>(
        &self,
        bar: &Literals,
        facts: &mut Reading<'_, '_, S>,
        left: &mut FxHashMap<u16, Values>,
    ) -> Option<bool> {
        let mut of: Option<u16> = None;
        let mut open = Vec::new();
        for literal in bar {
            let Literal::Test(column, test, not) = *literal else { return Some(false) };
            let class = facts.known(column);
            let says = match (class, left.get(&column), self.domains.get(&column)) {
                (UNKNOWN, Some(values), Some(domain)) => domain.says(values, test),
                _ => facts.says(column, class, test),
            };
            match says {
                Says3::Yes if not => return Some(false),
                Says3::No if !not => return Some(false),
                Says3::Yes | Says3::No => {}
                Says3::Open if class != UNKNOWN || of.is_some_and(|o| o != column) => return Some(false),
                Says3::Open => {
                    of = Some(column);
                    open.push((test, not));
                }
            }
        }
        // All are answered so that it is complete.
        let column = of?;
        let Some(domain) = self.domains.get(&column) else { return Some(false) };
        let values = left.entry(column).or_insert_with(|| domain.all.clone());
        let before = values.clone();
        let completes = |v: usize| {
            open.iter().all(|(t, not)| is_set(&if *not { &domain.no } else { &domain.yes }[usize::from(*t)], v))
        };
        for v in (0..values.len() * BITS).filter(|v| is_set(&before, *v) && completes(*v)) {
            clear(values, v);
        }
        if values.iter().all(|w| *w == 0) { None } else { Some(*values != before) }
    }
}

impl Domain {
    /// None of a column whose values are not few.
    fn of(column: &Column<'_>, reader: &Reader<'_>) -> Option<Domain> {
        let values = match column.kind {
            Kind::Fact(fact) => values_of(reader.world, &reader.world.fact(fact).ty)?,
            Kind::Single(_) => vec![Value::Bool(false), Value::Bool(true)],
            Kind::Never => return None,
        };
        let none = || vec![0u64; values.len().div_ceil(BITS)];
        let mut all = none();
        (0..values.len()).for_each(|v| set(&mut all, v));
        let (mut yes, mut no) = (Vec::new(), Vec::new());
        for asks in &column.asks {
            let (mut passing, mut failing) = (none(), none());
            for (v, value) in values.iter().enumerate() {
                let truth = match (column.kind, asks) {
                    (Kind::Fact(fact), Asks::Test(t)) => {
                        reader.test(t, value, true, Slot::Shared(fact), &reader.world.fact(fact).ty)
                    }
                    (Kind::Single(_), _) => Truth::of(*value == Value::Bool(true)),
                    _ => continue,
                };
                match truth {
                    Truth::Yes => set(&mut passing, v),
                    Truth::No => set(&mut failing, v),
                    Truth::Unknown(_) => {}
                }
            }
            yes.push(passing.into());
            no.push(failing.into());
        }
        Some(Domain { all: all.into(), yes, no })
    }

    /// What a test says to each of some values.
    fn says(&self, values: &[u64], test: u16) -> Says3 {
        let within = |outer: &[u64]| values.iter().zip(outer).all(|(v, o)| v & !o == 0);
        if within(&self.yes[usize::from(test)]) {
            Says3::Yes
        } else if within(&self.no[usize::from(test)]) {
            Says3::No
        } else {
            Says3::Open
        }
    }
}

/// All values of a type of few.
fn values_of(world: &World, ty: &Type) -> Option<Vec<Value>> {
    match ty {
        Type::Bool => Some(vec![Value::Bool(false), Value::Bool(true)]),
        Type::Choice(id) => Some((0..world.enum_type(*id)?.values.len() as u16).map(Value::Choice).collect()),
        _ => None,
    }
}

/// Above this many questions, each counted as often as it is reached, a constraint narrows nothing: named conditions
/// that name each other several times over would be written out again and again.
const QUESTIONS: usize = 1 << 12;

/// The bars of a condition that holds.
fn bars(holds: &Kleene) -> Vec<Literals> {
    let mut left = QUESTIONS;
    let Some(formula) = formula(holds, &mut left) else { return Vec::new() };
    // What would be found out by a step is left out.
    let found = products(&formula.not(), &mut |_| StepId::MAX);
    found.into_iter().filter(|bar| bar.iter().all(|l| column_of(l).is_some())).collect()
}

/// None where it would be too large.
fn formula(kleene: &Kleene, left: &mut usize) -> Option<Formula> {
    *left = left.checked_sub(1)?;
    let mut each = |parts: &[Arc<Kleene>]| parts.iter().map(|p| formula(p, left)).collect::<Option<Vec<_>>>();
    Some(match kleene {
        Kleene::Test(column, test) => Formula::Is(Literal::Test(*column, *test, false)),
        Kleene::Not(inner) => formula(inner, left)?.not(),
        Kleene::All(parts) => Formula::All(each(parts)?),
        Kleene::Any(parts) => Formula::Any(each(parts)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constraint_of_named_conditions_that_double_at_each_step_narrows_nothing_and_ends() {
        let mut both = Arc::new(Kleene::Test(0, 0));
        assert_eq!(bars(&both), [vec![Literal::Test(0, 0, true)]]);
        for _ in 0..60 {
            both = Arc::new(Kleene::Any(vec![Arc::clone(&both), Arc::new(Kleene::Not(Arc::clone(&both)))]));
        }
        assert_eq!(bars(&both), Vec::<Literals>::new());
    }
}
