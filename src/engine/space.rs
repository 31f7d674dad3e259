//! All consignments at once: for questions about the law itself rather than about one consignment.
//!
//! A space has one goods item, and licences of given kinds held. What a starting consignment leaves unknown is open. All
//! facts count as given, so that an exception which has to be claimed is raised wherever its ground is so.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::eval::Evaluator;
use crate::eval::ask::{Asked, Claims, Scope, Setting};
use crate::eval::atom::{Reader, Whose, atom, cond};
use crate::eval::category;
use crate::eval::env::{Env, Known, Slot};
use crate::eval::lists::Leaf;
use crate::eval::logic::Logic;
use crate::eval::truth::Truth;
use crate::model::{Atom, Case, CategoryId, Cond, Date, PolicyId, RuleId, Test, Type, Value, World};

use super::diagram::{Diagrams, Id, Var, Way};
use super::solve::{Engine, each_outcome};
use super::symbolic::Symbolic;

/// One world, seen over all consignments of a space.
pub struct View<'s> {
    symbolic: Symbolic<'s>,
    setting: Setting<'s>,
    /// Whether what is presumed of codes was settled: otherwise more is left open than need be.
    settled: bool,
}

/// Calls `f` with a view of each world over the consignments that complete its starting one.
///
/// The worlds must declare the same facts, enumerations and places in the same order; the starting consignments may
/// differ in their day and must not in anything else. `forget` says which facts of them are left open after all, their
/// values told apart from others. With `codes`, a code that is not given is open; otherwise the description is presumed
/// to fit the codes, as where a consignment is decided.
pub fn with_views<T>(
    seen: &[(&World, &Case)],
    forget: &dyn Fn(Slot) -> bool,
    codes: bool,
    limit: u32,
    f: impl FnOnce(&[View<'_>]) -> T,
) -> T {
    let others = |n: usize| {
        let others = seen.iter().enumerate().filter(|(i, _)| *i != n);
        others.map(|(_, (w, start))| (*w, start.date)).collect::<Vec<_>>()
    };
    let each = seen.iter().enumerate();
    let evaluators: Vec<Evaluator<'_>> =
        each.map(|(n, (w, _))| Evaluator::joint(w, &others(n), Box::new(Engine))).collect();
    let left = Cell::new(limit);
    let envs: Vec<Env> = seen
        .iter()
        .map(|(w, start)| {
            let mut env = Env::new(w, start);
            env.slots(w).into_iter().filter(|s| forget(*s)).for_each(|s| env.forget(s));
            if codes {
                env.code_fits.iter_mut().for_each(|of| of.fill(false));
            }
            env
        })
        .collect();
    let mut views: Vec<View<'_>> = Vec::new();
    for (evaluator, env) in evaluators.iter().zip(&envs) {
        let setting = Setting { evaluator, claims: Claims::WhereSo, left: &left, question: limit };
        let symbolic = match views.first() {
            None => Symbolic::new(setting, env, limit),
            Some(first) => first.symbolic.beside(setting, env),
        };
        views.push(View { symbolic, setting, settled: true });
    }
    f(&views)
}

/// Calls `f` with a view of one world over each of some starting consignments, as far as it would be decided: what is
/// presumed of it is presumed, only the claims that its facts raise are raised, and its description is presumed to fit
/// the codes where that makes no outcome of the policies beside it milder.
///
/// The starting consignments must state the same facts, but for those that `open` names: these settle what is presumed
/// and raised, and are left open after that.
pub fn with_decided<T>(
    world: &World,
    starts: &[(&Case, &[PolicyId])],
    open: &dyn Fn(Slot) -> bool,
    limit: u32,
    f: impl FnOnce(&[View<'_>]) -> T,
) -> T {
    let evaluator = Evaluator::with(world, Box::new(Engine));
    let left = Cell::new(limit);
    let mut known: Vec<(Env, Vec<Vec<bool>>, bool)> = Vec::new();
    for (case, policies) in starts {
        let mut env = Env::new(world, case);
        let raised = evaluator.claims(&env);
        evaluator.presume(&mut env);
        let setting = Setting { evaluator: &evaluator, claims: Claims::Found(&raised), left: &left, question: limit };
        let settled = evaluator.presume_codes(&setting, policies, &mut env).is_empty();
        for slot in env.slots(world).into_iter().filter(|s| open(*s)) {
            env.set(slot, None);
        }
        known.push((env, raised, settled));
    }
    let mut views: Vec<View<'_>> = Vec::new();
    for (env, raised, settled) in &known {
        let setting = Setting { evaluator: &evaluator, claims: Claims::Found(raised), left: &left, question: limit };
        let symbolic = match views.first() {
            None => Symbolic::new(setting, env, limit),
            Some(first) => first.symbolic.beside(setting, env),
        };
        views.push(View { symbolic, setting, settled: *settled });
    }
    f(&views)
}

impl<'s> View<'s> {
    /// The same, looking at some consignments only: every function is one of these alone.
    pub fn narrowed(&self, region: Id) -> View<'s> {
        View { symbolic: self.symbolic.within(region), ..*self }
    }

    /// One question of a condition of the world, as a function.
    pub fn question(&self, question: &Atom) -> Id {
        atom(&self.symbolic, question, Whose::item(0))
    }

    /// The world.
    pub fn world(&self) -> &World {
        self.setting.evaluator.world
    }

    /// The day of the consignments.
    pub fn day(&self) -> Date {
        self.symbolic.known(|env| env.date)
    }

    /// Calls `f` with the diagrams, which all views of a space share.
    pub fn diagrams<T>(&self, f: impl FnOnce(&mut Diagrams) -> T) -> T {
        f(&mut self.symbolic.shared.diagrams.borrow_mut())
    }

    /// Something about the consignments, as a function of their facts.
    pub fn asked(&self, asked: &Asked<'_>) -> Id {
        asked.answer(&self.symbolic, &self.setting)
    }

    /// Where each of some rules of a policy stands, as functions.
    pub fn standing(&self, policy: PolicyId, rules: &[RuleId]) -> Vec<Id> {
        let item = self.setting.item(&self.symbolic, policy, 0);
        rules.iter().map(|id| item.any_stands(&[*id])).collect()
    }

    /// Each outcome of `Outcome::ALL`, as a function.
    pub fn outcomes(&self, scope: Scope<'_>) -> Vec<Id> {
        each_outcome(&self.symbolic, &self.setting, scope)
    }

    /// A condition on the consignment and its goods, as a function.
    pub fn condition(&self, condition: &Cond) -> Id {
        cond(&self.symbolic, condition, Whose::item(0))
    }

    /// The constraints in force, each as a function.
    pub fn constraints(&self) -> Vec<Id> {
        self.symbolic.constraints()
    }

    /// What the constraints allow.
    pub fn allowed(&self) -> Id {
        let all = self.symbolic.constraints();
        all.into_iter().fold(self.symbolic.of(true), |t, c| self.symbolic.and(t, || c))
    }

    /// A function as far as the constraints allow. Where it leaves few goods, this is less work than to take what the
    /// constraints allow first.
    pub fn within(&self, f: Id) -> Id {
        self.symbolic.constraints().into_iter().fold(f, |t, c| self.symbolic.and(t, || c))
    }

    /// One value for each class of a fact.
    pub fn domain(&self, slot: Slot) -> Arc<[Known]> {
        self.symbolic.domain(slot)
    }

    /// The class of a value that was forgotten.
    pub fn class_forgotten(&self, slot: Slot) -> Option<usize> {
        self.symbolic.known(|env| {
            let value = env.noteworthy(slot)?;
            self.setting.evaluator.classes.class_of(env, slot, value)
        })
    }

    /// The facts that were forgotten.
    pub fn forgotten(&self) -> Vec<Slot> {
        self.symbolic.known(Env::forgotten)
    }

    /// The class of a value of a fact.
    pub fn class_of(&self, slot: Slot, value: &Value) -> Option<usize> {
        self.symbolic.known(|env| self.setting.evaluator.classes.class_of(env, slot, value))
    }

    /// The classes of many values of a fact.
    pub fn classes_of(&self, slot: Slot, values: &[Value]) -> Vec<Option<usize>> {
        self.symbolic.known(|env| self.setting.evaluator.classes.classes_of(env, slot, values))
    }

    /// Whether functions can be relied on: no limit was reached, what is presumed of codes was settled, and no fact has
    /// more classes than were tried.
    pub fn reliable(&self, functions: &[Id]) -> bool {
        let facts: BTreeSet<Var> = self.diagrams(|d| d.support(functions));
        self.settled && !self.diagrams(|d| d.full()) && facts.iter().all(|v| self.symbolic.is_bounded(*v))
    }

    /// The ways down the control lists that are in force on the day.
    pub fn leaves(&self) -> impl Iterator<Item = &Leaf<'_>> {
        let day = self.start().env.date;
        self.setting.evaluator.classes.lists.leaves.iter().filter(move |l| l.on(day))
    }

    /// Where goods are in an entry by one way down: by description and code.
    pub fn leaf(&self, leaf: &Leaf<'_>) -> Id {
        category::leaf_holds(&self.symbolic, leaf, 0)
    }

    /// Where goods are in any version of an entry, by description and code.
    pub fn entry(&self, ids: &[CategoryId]) -> Id {
        let l = &self.symbolic;
        ids.iter().fold(l.of(false), |t, id| l.or(t, || category::holds(l, *id, 0)))
    }

    /// Where goods fit the description of one way down an entry, whatever their code.
    pub fn described(&self, leaf: &Leaf<'_>) -> Id {
        let l = &self.symbolic;
        leaf.conditions.iter().fold(l.of(true), |t, c| l.and(t, || cond(l, c, Whose::item(0))))
    }

    /// Whether a value passes a test on the day.
    pub fn passes(&self, slot: Slot, test: &Test, value: &Value, ty: &Type) -> bool {
        self.start().test(test, value, true, slot, ty) == Truth::Yes
    }

    fn start(&self) -> &Reader<'_> {
        self.symbolic.start()
    }

    /// The cheapest way in which a function holds.
    pub fn cheapest(&self, id: Id, cost: &dyn Fn(Var, usize) -> u32) -> Option<Way> {
        self.diagrams(|d| d.cheapest(id, cost))
    }
}
