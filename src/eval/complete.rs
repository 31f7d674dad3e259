//! Completions of what is unknown: the search that makes "undetermined" exact.
//!
//! The search evaluates, and where a fact decides and is unknown, it goes on once for each class of that fact, as long
//! as no constraint is broken. So only facts that are read are split, and what every completion agrees on is found
//! without trying all. The work is bounded by a count of evaluations, never by time: past it the search stops and says
//! so.

use std::ops::ControlFlow;

use crate::model::Level;

use super::atom::Whose;
use super::classes::Classes;
use super::env::{Env, Known, Slot};
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

    /// Whether some value of `slot` can change `target`, everything else being equal.
    ///
    /// # Errors
    /// [`Overflow`] if the limit is reached first.
    pub fn matters<T: PartialEq + Clone>(
        &mut self,
        env: &mut Env,
        slot: Slot,
        target: &mut dyn FnMut(&Env) -> Result<T, Slot>,
    ) -> Result<bool, Overflow> {
        if !self.classes.is_bounded(env, slot) {
            return Err(Overflow);
        }
        let classes = self.classes;
        let mut answers = |env: &mut Env| answers(classes, env, slot, target);
        self.explore(env, &mut answers, &mut |search, env, answers| {
            for (i, (a, first)) in answers.iter().enumerate() {
                for (b, second) in &answers[i + 1..] {
                    if first != second && search.both_happen(env, slot, [a, b])? {
                        return Ok(ControlFlow::Break(()));
                    }
                }
            }
            Ok(ControlFlow::Continue(()))
        })
        .map(|flow| flow.is_break())
    }

    /// Whether two values of `slot` can both be completed, all else being the same.
    fn both_happen(&mut self, env: &mut Env, slot: Slot, values: [&Known; 2]) -> Result<bool, Overflow> {
        self.spend()?;
        let before = env.get(slot).cloned();
        let (mut open, mut broken, mut classes) = (None, false, Vec::new());
        for value in values {
            env.set(slot, Some(value.clone()));
            for (i, truth) in self.constraint_truths(env, None) {
                match truth {
                    Truth::No => broken = true,
                    Truth::Unknown(s) if open.is_none() && self.touched(env, i) => open = Some(s),
                    _ => {}
                }
            }
        }
        if let Some(other) = open {
            for value in values {
                env.set(slot, Some(value.clone()));
                classes.extend(self.classes.values(env, other).iter().cloned());
            }
        }
        env.set(slot, before);
        let Some(other) = open.filter(|_| !broken) else { return Ok(!broken) };
        let known_before = env.get(other).cloned();
        let mut found = Ok(false);
        for known in classes {
            env.set(other, Some(known));
            found = self.both_happen(env, slot, values);
            if found != Ok(false) {
                break;
            }
        }
        env.set(other, known_before);
        if found == Ok(false) && !self.classes.is_bounded(env, other) {
            return Err(Overflow);
        }
        found
    }
}

/// The answers of a target to the values of a fact that are allowed; `Err` with another fact while any is open.
fn answers<T>(
    classes: &Classes<'_>,
    env: &mut Env,
    slot: Slot,
    target: &mut dyn FnMut(&Env) -> Result<T, Slot>,
) -> Result<Vec<(Known, T)>, Slot> {
    let before = env.get(slot).cloned();
    let mut out = Ok(Vec::new());
    // Found anew: what it is compared with may have become known.
    for known in classes.values(env, slot).iter() {
        env.set(slot, Some(known.clone()));
        let search = Search { classes, left: 0 };
        if !search.allowed(env, slot) {
            continue;
        }
        match (target(env), &mut out) {
            (Ok(value), Ok(all)) => all.push((known.clone(), value)),
            (Err(open), Ok(_)) => out = Err(open),
            (_, Err(_)) => break,
        }
    }
    env.set(slot, before);
    out
}
