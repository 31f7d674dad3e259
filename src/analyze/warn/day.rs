//! All consignments of one day, as one policy sees them, and examples from among them.
//!
//! Constraints are taken in only as far as they share facts with what is asked, directly or through each other. An
//! example is read once more by the plain interpreter, with every fact stated, before it is given.

use std::cell::{Cell, OnceCell};
use std::collections::BTreeSet;

use crate::engine::diagram::{Diagrams, Id, NO, Var, YES};
use crate::engine::space::{View, with_views};
use crate::eval::Evaluator;
use crate::eval::ask::{Asked, Claims, Setting};
use crate::eval::env::{Env, Slot, slots_of};
use crate::eval::lists::Leaf;
use crate::eval::truth::Truth;
use crate::model::{Case, CategoryId, Cond, Date, FactId, Level, Type, Value, World};

use super::super::witness;

/// A consignment to show for a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// The facts that it takes; whatever else is so of it, the finding holds of it.
    pub case: Case,
    /// These facts in words, in the order of their declaration.
    pub facts: Vec<(String, String)>,
    /// Facts among them that are computed outside: the example is one only if they can be so.
    pub if_achievable: Vec<String>,
}

/// One day.
pub(super) struct Day<'v> {
    view: &'v View<'v>,
    /// The plain interpreter of the same law.
    plain: &'v Evaluator<'v>,
    start: &'v Case,
    care: OnceCell<Vec<(BTreeSet<Var>, Id)>>,
}

/// Calls `f` with the consignments of a day, seen in the law of a plain interpreter, which reads examples again.
pub(super) fn on<T>(plain: &Evaluator<'_>, date: Date, limit: u32, f: impl FnOnce(&Day<'_>) -> T) -> T {
    let world = plain.world;
    let start = Case {
        facts: world.fact_named("date").map(|f| (f, Value::Date(date))).into_iter().collect(),
        ..Case::of_day(date)
    };
    with_views(&[(world, &start)], &|_| false, true, limit, |views| {
        let view = &views[0];
        f(&Day { view, plain, start: &start, care: OnceCell::new() })
    })
}

impl Day<'_> {
    /// The day.
    pub(super) fn date(&self) -> Date {
        self.start.date
    }

    /// The law as it is analysed.
    pub(super) fn world(&self) -> &World {
        self.view.world()
    }

    /// False once a limit was reached: nothing found on this day since it began can be relied on.
    pub(super) fn ok(&self) -> bool {
        !self.view.diagrams(|d| d.full())
    }

    /// Works on functions.
    pub(super) fn diagrams<T>(&self, f: impl FnOnce(&mut Diagrams) -> T) -> T {
        self.view.diagrams(f)
    }

    /// Where something is so.
    pub(super) fn asked(&self, asked: &Asked<'_>) -> Id {
        self.view.asked(asked)
    }

    /// Where a condition holds.
    pub(super) fn cond(&self, cond: &Cond) -> Id {
        self.view.condition(cond)
    }

    /// Where goods are in an entry itself, by those ways down to it that are wanted.
    pub(super) fn leaves(&self, entry: CategoryId, wanted: &dyn Fn(&Leaf<'_>) -> bool) -> Id {
        let ways = self.view.leaves().filter(|l| l.reported == entry && wanted(l));
        ways.fold(NO, |t, leaf| {
            let holds = self.view.leaf(leaf);
            self.diagrams(|d| d.or(t, holds))
        })
    }

    /// Both.
    pub(super) fn and(&self, a: Id, b: Id) -> Id {
        self.diagrams(|d| d.and(a, b))
    }

    /// Not.
    pub(super) fn not(&self, a: Id) -> Id {
        self.diagrams(|d| d.not(a))
    }

    /// Where a fact has a value.
    pub(super) fn is(&self, slot: Slot, value: &Value) -> Id {
        let domain = self.view.domain(slot);
        let class = match slot.fact() {
            Some(_) => self.view.class_of(slot, value),
            None => domain.iter().position(|k| k.value == *value),
        };
        class.map_or(NO, |class| self.diagrams(|d| d.is(Var::Fact(slot), class, domain.len())))
    }

    /// The values that stand for the classes of a fact, each with whether it occurs where a function holds.
    pub(super) fn values_in(&self, id: Id, slot: Slot) -> Vec<(Value, bool)> {
        let domain = self.view.domain(slot);
        let found = self.diagrams(|d| d.classes_of(id, Var::Fact(slot), domain.len()));
        domain.iter().map(|k| k.value.clone()).zip(found).collect()
    }

    fn care(&self) -> &[(BTreeSet<Var>, Id)] {
        self.care.get_or_init(|| {
            let mut parts: Vec<(BTreeSet<Var>, Id)> = Vec::new();
            for holds in self.view.constraints().into_iter().filter(|c| *c != YES) {
                let mut joined = (self.diagrams(|d| d.support(&[holds])), holds);
                let (touching, apart): (Vec<_>, Vec<_>) =
                    parts.into_iter().partition(|(facts, _)| !facts.is_disjoint(&joined.0));
                parts = apart;
                for (facts, id) in touching {
                    joined.0.extend(facts);
                    joined.1 = self.and(joined.1, id);
                }
                parts.push(joined);
            }
            parts
        })
    }

    /// A function within what the constraints allow that share facts with it.
    pub(super) fn within(&self, id: Id) -> Id {
        if id == NO {
            return NO;
        }
        let facts = self.diagrams(|d| d.support(&[id]));
        let touching = self.care().iter().filter(|(own, holds)| *holds == NO || !own.is_disjoint(&facts));
        touching.fold(id, |t, (_, holds)| self.and(t, *holds))
    }

    /// Whether something is so of any consignment.
    pub(super) fn possible(&self, id: Id) -> bool {
        self.within(id) != NO
    }

    /// A consignment of which a function holds, if each of some things is so of it for the plain interpreter as well.
    pub(super) fn example(&self, id: Id, so: &[Asked<'_>]) -> Option<Example> {
        let region = self.within(id);
        let way = self.view.cheapest(region, &|v, c| self.cost(v, c))?;
        let case = witness::consignment(self.view, self.start, &way, &|_| false)?;
        let full = self.complete(&case, &way.choices)?;
        if !self.ok() || !self.so(&full, so) {
            return None;
        }
        let world = self.world();
        let date = world.fact_named("date");
        let (mut facts, mut if_achievable) = (Vec::new(), Vec::new());
        for (f, value) in case.facts.iter().chain(case.items.iter().flatten()).filter(|(f, _)| Some(**f) != date) {
            let fact = world.fact(*f);
            facts.push((fact.name.clone(), value.display(&fact.ty, world)));
            if fact.derived.is_some() {
                if_achievable.push(fact.name.clone());
            }
        }
        Some(Example { case, facts, if_achievable })
    }

    /// Whether each of some things is so of a consignment, every fact stated, for the plain interpreter.
    fn so(&self, full: &Case, so: &[Asked<'_>]) -> bool {
        if self.plain.check(full).is_err() {
            return false;
        }
        let left = Cell::new(0);
        let setting = Setting { evaluator: self.plain, claims: Claims::WhereSo, left: &left, question: 0 };
        let env = Env::new(self.plain.world, full);
        let reader = self.plain.reader(&env);
        crate::stack::deep(|| so.iter().all(|asked| asked.answer(&reader, &setting) == Truth::Yes))
    }

    /// What stating a fact costs: what nobody can state costs most, and a broad value leaves open what is meant.
    fn cost(&self, var: Var, class: usize) -> u32 {
        let Var::Fact(slot) = var else { return 1_000_000 };
        let Some(fact) = slot.fact() else { return 100_000 };
        let world = self.world();
        match (self.view.domain(slot).get(class).map(|k| &k.value), &world.fact(fact).ty) {
            (Some(Value::Choice(v)), Type::Choice(id)) => {
                let value = world.enum_type(*id).and_then(|e| e.values.get(usize::from(*v)));
                if value.is_some_and(|x| x.end > *v + 1) { 3 } else { 1 }
            }
            _ => 1,
        }
    }

    /// The consignment with every other fact stated, within the constraints.
    fn complete(&self, case: &Case, choices: &[(Var, usize)]) -> Option<Case> {
        let given = |parts: &[Id], var: Var, class: usize| -> Vec<Id> {
            parts.iter().map(|p| self.diagrams(|d| d.given(*p, var, class))).collect()
        };
        let mut parts: Vec<Id> = self.care().iter().map(|(_, id)| *id).collect();
        for (var, class) in choices {
            parts = given(&parts, *var, *class);
        }
        let mut full = case.clone();
        let world = self.world();
        let date = world.fact_named("date");
        for (i, fact) in world.facts.iter().enumerate() {
            let id = FactId(i as u32);
            if fact.is_named_condition() || fact.level == Level::Licence || Some(id) == date {
                continue;
            }
            for slot in slots_of(fact.level, id, 1, 0) {
                let var = Var::Fact(slot);
                if choices.iter().any(|(v, _)| *v == var) {
                    continue;
                }
                let found = (0..self.view.domain(slot).len()).rev().find_map(|class| {
                    let value = witness::value(self.view, slot, class)?;
                    let left = given(&parts, var, class);
                    (!left.contains(&NO)).then_some((value, left))
                });
                let (value, left) = found?;
                witness::set(&mut full, slot, value);
                parts = left;
            }
        }
        Some(full)
    }
}
