//! Completions of what is unknown: the search that makes "undetermined" exact.
//!
//! The search evaluates, and where a fact decides and is unknown, it goes on once for each class of that fact, as long
//! as no constraint is broken. So only facts that are read are split, and what every completion agrees on is found
//! without trying all. The work is bounded by a count of evaluations, never by time: past it the search stops and says
//! so.

use std::cell::RefCell;
use std::ops::ControlFlow;

use crate::model::Level;

use super::atom::Whose;
use super::classes::Classes;
use super::env::{Env, Slot};
use super::truth::Truth;

/// The search ran into its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow;

/// What is done with the value of a target in one completion.
pub type Visit<'v, S, T> = dyn FnMut(&mut S, &mut Env, T) -> Result<ControlFlow<()>, Overflow> + 'v;

/// A search, and what is left of its limit.
pub struct Search<'a, 'c> {
    /// Classes and constraints.
    pub classes: &'c Classes<'a>,
    /// How many more evaluations are allowed.
    pub left: u32,
}

impl<'a> Search<'a, '_> {
    /// Calls `visit` with the value of `target` in every completion, until it breaks.
    ///
    /// # Errors
    /// [`Overflow`] if the limit is reached before the search is done.
    pub fn explore<T>(
        &mut self,
        env: &mut Env,
        target: &mut dyn FnMut(&mut Env) -> Result<T, Slot>,
        visit: &mut Visit<'_, Self, T>,
    ) -> Result<ControlFlow<()>, Overflow> {
        self.spend()?;
        let slot = match target(env) {
            Ok(value) => {
                if self.feasible(env)? {
                    return visit(self, env, value);
                }
                return Ok(ControlFlow::Continue(()));
            }
            Err(slot) => slot,
        };
        let before = env.get(slot).cloned();
        if !self.classes.is_bounded(env, slot) {
            return Err(Overflow);
        }
        for known in self.classes.values(env, slot).iter() {
            env.set(slot, Some(known.clone()));
            let allowed = self.allowed(env, slot);
            let flow = if allowed { self.explore(env, target, visit) } else { Ok(ControlFlow::Continue(())) };
            if !matches!(flow, Ok(ControlFlow::Continue(()))) {
                env.set(slot, before);
                return flow;
            }
        }
        env.set(slot, before);
        Ok(ControlFlow::Continue(()))
    }

    fn spend(&mut self) -> Result<(), Overflow> {
        self.left = self.left.checked_sub(1).ok_or(Overflow)?;
        Ok(())
    }

    fn constraint_truths<'e>(&'e self, env: &'e Env, only: Option<Slot>) -> impl Iterator<Item = (usize, Truth)> + 'e {
        let world = self.classes.world;
        let reader = self.classes.reader(env);
        world.constraints.iter().enumerate().filter(move |(_, c)| c.in_force.on(env.date)).flat_map(move |(i, c)| {
            let facts = &self.classes.constraint_facts[i];
            let touched = only.is_none_or(|s| s.fact().is_none_or(|f| facts.contains(&f)));
            let goods = facts.iter().any(|f| world.fact(*f).level == Level::Goods);
            let items = match only {
                _ if !touched => 0..0,
                Some(Slot::Item(n, _)) => n..n + 1,
                _ if goods => 0..env.item_count() as u32,
                _ => 0..1,
            };
            // One that reads fields of a licence is so of each licence held.
            let of_licence = facts.iter().any(|f| world.fact(*f).level == Level::Licence);
            let held = if of_licence { 0..env.held.len() as u32 } else { 0..1 };
            items.flat_map(move |item| held.clone().map(move |l| (item, l))).map(move |(item, l)| {
                let whose = Whose { item, licence: of_licence.then_some(l) };
                (i, reader.cond(&c.cond, whose))
            })
        })
    }

    /// False if a constraint is broken; only those that read `slot` are asked.
    pub fn allowed(&self, env: &Env, slot: Slot) -> bool {
        self.constraint_truths(env, Some(slot)).all(|(_, t)| t.may())
    }

    /// The constraints that are broken.
    pub fn broken(&self, env: &Env) -> Vec<usize> {
        let mut out: Vec<usize> = self.constraint_truths(env, None).filter(|(_, t)| !t.may()).map(|(i, _)| i).collect();
        out.dedup();
        out
    }

    /// Whether what is still unknown can be completed without breaking a constraint.
    ///
    /// A constraint of which nothing is known is not asked: that all can be met together was asked at the start, and
    /// what meets it there meets it here.
    pub fn feasible(&mut self, env: &mut Env) -> Result<bool, Overflow> {
        self.complete(env, false)
    }

    /// Whether all constraints can be met together, those of which nothing is known too.
    pub fn possible(&mut self, env: &mut Env) -> Result<bool, Overflow> {
        self.complete(env, true)
    }

    fn complete(&mut self, env: &mut Env, all: bool) -> Result<bool, Overflow> {
        let mut open = None;
        for (i, truth) in self.constraint_truths(env, None) {
            match truth {
                Truth::No => return Ok(false),
                Truth::Unknown(slot) if open.is_none() && (all || self.touched(env, i)) => open = Some(slot),
                _ => {}
            }
        }
        let Some(slot) = open else { return Ok(true) };
        self.spend()?;
        let before = env.get(slot).cloned();
        let mut found = Ok(false);
        for known in self.classes.values(env, slot).iter() {
            env.set(slot, Some(known.clone()));
            found = if self.allowed(env, slot) { self.complete(env, all) } else { Ok(false) };
            if found != Ok(false) {
                break;
            }
        }
        env.set(slot, before);
        // Where not all values could be tried, none that fits says nothing.
        if found == Ok(false) && !self.classes.is_bounded(env, slot) {
            return Err(Overflow);
        }
        found
    }

    fn touched(&self, env: &Env, constraint: usize) -> bool {
        let world = self.classes.world;
        self.classes.constraint_facts[constraint].iter().any(|f| {
            let level = world.fact(*f).level;
            super::env::slots_of(level, *f, env.item_count(), env.held.len()).into_iter().any(|s| env.is_known(s))
        })
    }

    /// Whether some value of `slot` can change `target`, everything else that it reads being equal.
    ///
    /// # Errors
    /// [`Overflow`] if the limit is reached first.
    pub fn matters<T: PartialEq>(
        &mut self,
        env: &mut Env,
        slot: Slot,
        target: &mut dyn FnMut(&Env) -> Result<T, Slot>,
    ) -> Result<bool, Overflow> {
        if !self.classes.is_bounded(env, slot) {
            return Err(Overflow);
        }
        let classes = self.classes;
        let target = RefCell::new(target);
        let mut target_differs = |env: &mut Env| differs(classes, env, slot, &mut |e| (target.borrow_mut())(e));
        self.explore(env, &mut target_differs, &mut |search, env, differ| {
            let hit = differ && search.both_happen(env, slot, &mut |e| (target.borrow_mut())(e))?;
            Ok(if hit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })
        .map(|flow| flow.is_break())
    }

    /// Whether two values of `slot` that give different answers can both be completed.
    fn both_happen<T: PartialEq>(
        &mut self,
        env: &mut Env,
        slot: Slot,
        target: &mut dyn FnMut(&Env) -> Result<T, Slot>,
    ) -> Result<bool, Overflow> {
        let before = env.get(slot).cloned();
        let (mut first, mut both) = (None, Ok(false));
        for known in self.classes.values(env, slot).iter() {
            env.set(slot, Some(known.clone()));
            let value = if self.allowed(env, slot) { target(env).ok() } else { None };
            let Some(value) = value else { continue };
            match self.feasible(env) {
                Ok(true) => {}
                Ok(false) => continue,
                Err(Overflow) => {
                    both = Err(Overflow);
                    break;
                }
            }
            match &first {
                None => first = Some(value),
                Some(f) if *f != value => {
                    both = Ok(true);
                    break;
                }
                Some(_) => {}
            }
        }
        env.set(slot, before);
        both
    }
}

/// Whether the values of a fact give a target different answers; `Err` with another fact while that is open.
fn differs<T: PartialEq>(
    classes: &Classes<'_>,
    env: &mut Env,
    slot: Slot,
    target: &mut dyn FnMut(&Env) -> Result<T, Slot>,
) -> Result<bool, Slot> {
    let before = env.get(slot).cloned();
    let (mut first, mut open, mut answer): (Option<T>, Option<Slot>, bool) = (None, None, false);
    // Found anew: what it is compared with may have become known.
    for known in classes.values(env, slot).iter() {
        env.set(slot, Some(known.clone()));
        let search = Search { classes, left: 0 };
        if !search.allowed(env, slot) {
            continue;
        }
        match target(env) {
            Err(s) => open = open.or(Some(s)),
            Ok(v) => match &first {
                None => first = Some(v),
                Some(f) if *f != v => {
                    answer = true;
                    break;
                }
                Some(_) => {}
            },
        }
    }
    env.set(slot, before);
    match (answer, open) {
        (false, Some(s)) => Err(s),
        (answer, _) => Ok(answer),
    }
}
