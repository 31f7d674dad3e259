//! The law read as functions of all that is unknown of a consignment.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::eval::ask::Setting;
use crate::eval::atom::{Reader, Whose, cond};
use crate::eval::env::{Env, Known, Slot};
use crate::eval::logic::{Key, Logic};
use crate::eval::truth::Truth;
use crate::model::{Cond, Level, PolicyId};

use super::diagram::{Diagrams, Id, NO, Var};

/// A consignment, its unknown facts left open all at once.
pub(super) struct Symbolic<'s> {
    setting: Setting<'s>,
    start: Reader<'s>,
    /// What is known, and what is supposed while one question is asked.
    env: RefCell<Env>,
    kept: RefCell<FxHashMap<Key, Id>>,
    asked: RefCell<FxHashMap<Key, Asked>>,
    /// The consignments that are looked at: elsewhere nothing holds.
    within: Id,
    pub(super) shared: Rc<Shared>,
}

/// A question about facts as a function.
#[derive(Clone)]
struct Asked {
    holds: Id,
    /// The presumed facts that were read for it.
    presumed: Vec<Slot>,
}

/// What views of one consignment that differ in a supposition have in common.
pub(super) struct Shared {
    pub(super) diagrams: RefCell<Diagrams>,
    domains: RefCell<FxHashMap<Slot, Arc<[Known]>>>,
    /// Questions with an answer that is left free for some values of a fact.
    free: RefCell<FxHashMap<Key, u32>>,
}

impl<'s> Symbolic<'s> {
    /// A consignment as far as it is known, with at most `limit` nodes of diagrams.
    pub(super) fn new(setting: Setting<'s>, env: &'s Env, limit: u32) -> Self {
        let diagrams = RefCell::new(Diagrams::new(limit as usize));
        let mut own = env.clone();
        own.note_presumed();
        Symbolic {
            setting,
            start: setting.evaluator.reader(env),
            env: RefCell::new(own),
            kept: RefCell::default(),
            asked: RefCell::default(),
            within: Diagrams::of(true),
            shared: Rc::new(Shared { diagrams, domains: RefCell::default(), free: RefCell::default() }),
        }
    }

    /// Another world's view of the same consignment, whose facts are those of this one.
    pub(super) fn beside(&self, setting: Setting<'s>, env: &'s Env) -> Self {
        Symbolic { shared: Rc::clone(&self.shared), ..Symbolic::new(setting, env, 0) }
    }

    /// The same with another supposition. What was asked before is kept where it stays the same.
    fn supposing(&self, stays: impl Fn(&Asked) -> bool, suppose: impl FnOnce(&mut Env)) -> Self {
        let mut env = self.env.borrow().clone();
        suppose(&mut env);
        let asked = self.asked.borrow().iter().filter(|(_, a)| stays(a)).map(|(k, a)| (*k, a.clone())).collect();
        Symbolic {
            setting: self.setting,
            start: self.start,
            env: RefCell::new(env),
            kept: RefCell::default(),
            asked: RefCell::new(asked),
            within: self.within,
            shared: Rc::clone(&self.shared),
        }
    }

    /// The same, looking at some consignments only. Every function is one of these alone, so that it depends on no more
    /// than tells them apart: of goods under one code, no entry under another is left.
    pub(super) fn within(&self, region: Id) -> Self {
        Symbolic { within: region, ..self.supposing(|_| true, |_| ()) }
    }

    /// The same, with the code of an item unknown rather than presumed to fit the description.
    pub(super) fn with_open_code(&self, policy: PolicyId, item: u32) -> Self {
        self.supposing(|_| false, |env| env.code_fits[item as usize][policy.index()] = false)
    }

    /// The same, with one presumed fact unknown.
    pub(super) fn without(&self, slot: Slot) -> Self {
        self.supposing(
            |asked| !asked.presumed.contains(&slot),
            |env| {
                env.set(slot, None);
            },
        )
    }

    /// Calls `f` with what is known.
    pub(super) fn known<T>(&self, f: impl FnOnce(&Env) -> T) -> T {
        f(&self.env.borrow())
    }

    /// One value for each class of an unknown fact.
    pub(super) fn domain(&self, slot: Slot) -> Arc<[Known]> {
        if let Some(known) = self.shared.domains.borrow().get(&slot) {
            return Arc::clone(known);
        }
        let found = self.setting.evaluator.classes.domain(&self.env.borrow(), slot);
        self.shared.domains.borrow_mut().insert(slot, Arc::clone(&found));
        found
    }

    /// True if the classes of a fact are all of them.
    pub(super) fn is_bounded(&self, var: Var) -> bool {
        match var {
            Var::Fact(slot) => self.setting.evaluator.classes.is_bounded(&self.env.borrow(), slot),
            Var::Free(_) => false,
        }
    }

    /// The constraints in force, each for each item and licence that it speaks of.
    pub(super) fn constraints(&self) -> Vec<Id> {
        let (world, env) = (self.start.world, self.start.env);
        let mut out = Vec::new();
        for (i, c) in world.constraints.iter().enumerate().filter(|(_, c)| c.in_force.on(env.date)) {
            let reads = |level: Level| {
                self.setting.evaluator.classes.constraint_facts[i].iter().any(|f| world.fact(*f).level == level)
            };
            let items = if reads(Level::Goods) { env.item_count() as u32 } else { 1 };
            let licences: Vec<Option<u32>> = match reads(Level::Licence) {
                true => (0..env.held.len() as u32).map(Some).collect(),
                false => vec![None],
            };
            for item in 0..items {
                out.extend(licences.iter().map(|l| self.condition(&c.cond, Whose { item, licence: *l })));
            }
        }
        out
    }

    fn condition(&self, condition: &Cond, whose: Whose) -> Id {
        cond(self, condition, whose)
    }

    /// A question as a function: asked once for each class of each fact that it waits for.
    ///
    /// Where the classes are too many to try all, the answer for the rest is left free.
    fn split(&self, key: Key, question: &dyn Fn(&Reader<'_>) -> Truth) -> Id {
        let answer = question(&self.setting.evaluator.reader(&self.env.borrow()));
        let slot = match answer {
            Truth::Yes => return Diagrams::of(true),
            Truth::No => return Diagrams::of(false),
            Truth::Unknown(slot) => slot,
        };
        let before = self.env.borrow().get(slot).cloned();
        let mut kids = Vec::new();
        for known in self.domain(slot).iter() {
            self.env.borrow_mut().set(slot, Some(known.clone()));
            kids.push(self.split(key, question));
        }
        self.env.borrow_mut().set(slot, before);
        let var = Var::Fact(slot);
        let mut diagrams = self.shared.diagrams.borrow_mut();
        if !self.is_bounded(var) {
            let mut free = self.shared.free.borrow_mut();
            let number = free.len() as u32;
            let number = *free.entry(key).or_insert(number);
            kids.push(diagrams.is(Var::Free(number), 0, 2));
        }
        diagrams.case(var, kids)
    }
}

impl Logic for Symbolic<'_> {
    type Truth = Id;

    fn start(&self) -> &Reader<'_> {
        &self.start
    }

    fn ask(&self, key: Key, question: &dyn Fn(&Reader<'_>) -> Truth) -> Id {
        let within = |holds: Id| self.shared.diagrams.borrow_mut().and(self.within, holds);
        let known = self.asked.borrow().get(&key).map(|known| known.holds);
        if let Some(holds) = known {
            return within(holds);
        }
        self.env.borrow().take_noted();
        let holds = self.split(key, question);
        let mut presumed = self.env.borrow().take_noted();
        presumed.sort_unstable();
        presumed.dedup();
        self.asked.borrow_mut().insert(key, Asked { holds, presumed });
        within(holds)
    }

    fn of(&self, truth: bool) -> Id {
        if truth { self.within } else { Diagrams::of(false) }
    }

    fn not(&self, t: Id) -> Id {
        let mut diagrams = self.shared.diagrams.borrow_mut();
        let not = diagrams.not(t);
        diagrams.and(self.within, not)
    }

    fn and(&self, t: Id, other: impl FnOnce() -> Id) -> Id {
        if t == Diagrams::of(false) {
            return t;
        }
        let other = other();
        self.shared.diagrams.borrow_mut().and(t, other)
    }

    /// One that holds of all consignments that are looked at settles it, whatever the others are; else they are taken
    /// together two by two, so that few functions of many facts are made.
    fn any(&self, count: usize, each: impl Fn(usize) -> Id) -> Id {
        let mut parts: Vec<Id> = (0..count).map(each).filter(|id| *id != Diagrams::of(false)).collect();
        if parts.contains(&self.within) {
            return self.within;
        }
        parts.sort_unstable();
        parts.dedup();
        let mut diagrams = self.shared.diagrams.borrow_mut();
        while parts.len() > 1 {
            parts = parts.chunks(2).map(|pair| pair.iter().fold(NO, |t, p| diagrams.or(t, *p))).collect();
            if parts.contains(&self.within) {
                return self.within;
            }
        }
        parts.first().copied().unwrap_or(Diagrams::of(false))
    }

    fn plainly(&self, read: &dyn Fn(&Reader<'_>) -> Truth) -> Option<Id> {
        match read(&self.setting.evaluator.reader(&self.env.borrow())) {
            Truth::Yes => Some(self.of(true)),
            Truth::No => Some(self.of(false)),
            Truth::Unknown(_) => None,
        }
    }

    fn keep(&self, key: Key, find: impl FnOnce() -> Id) -> Id {
        if let Some(known) = self.kept.borrow().get(&key) {
            return *known;
        }
        let found = find();
        self.kept.borrow_mut().insert(key, found);
        found
    }
}
