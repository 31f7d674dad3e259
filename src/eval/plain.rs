//! The plain way: questions about completions answered by going through them.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use crate::model::PolicyId;

use super::ask::{Asked, Certainty, Completions, Question, Scope, Setting, Solver, bounds};
use super::complete::{Overflow, Search};
use super::decision::Outcome;
use super::env::{Env, Slot};
use super::truth::Truth;

/// The reference: a search through the completions, split only where a fact is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plain;

impl Solver for Plain {
    fn open<'s>(&self, setting: Setting<'s>, env: &'s Env) -> Box<dyn Completions + 's> {
        Box::new(Open { setting, env: env.clone(), overflow: false })
    }
}

struct Open<'s> {
    setting: Setting<'s>,
    env: Env,
    overflow: bool,
}

impl<'s> Open<'s> {
    /// Runs a search with the limit of one question and that of the whole; `None` if it ran into either.
    fn search<T>(&mut self, f: impl FnOnce(&mut Search<'s, '_>, &mut Env) -> Result<T, Overflow>) -> Option<T> {
        let left = self.setting.left.get();
        let allowed = self.setting.question.min(left);
        let mut search = Search { classes: &self.setting.evaluator.classes, left: allowed };
        let found = f(&mut search, &mut self.env).ok();
        self.setting.left.set(left - (allowed - search.left.min(allowed)));
        self.overflow |= found.is_none();
        found
    }

    fn all<T: Ord>(&mut self, most: usize, target: &dyn Fn(&Env) -> Result<T, Slot>) -> Option<BTreeSet<T>> {
        let mut found = BTreeSet::new();
        let done = self.search(|s, env| {
            s.explore(env, &mut |e| target(e), &mut |_, _, value| {
                found.insert(value);
                Ok(if found.len() >= most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            })
        });
        done.map(|_| found)
    }
}

impl Completions for Open<'_> {
    fn possible(&mut self) -> bool {
        self.search(|s, env| s.possible(env)).unwrap_or(true)
    }

    fn certainty(&mut self, asked: &Asked<'_>) -> Certainty {
        let setting = self.setting;
        let found = self.all(2, &|env| truth(&setting, env, asked).known()).unwrap_or_default();
        match (found.len(), found.first()) {
            (1, Some(true)) => Certainty::Always,
            (1, Some(false)) => Certainty::Never,
            _ => Certainty::Sometimes,
        }
    }

    fn outcomes(&mut self, scope: Scope<'_>) -> BTreeSet<Outcome> {
        let setting = self.setting;
        let bounds = bounds(&setting, &self.env, scope);
        let found = self.all(bounds.len(), &|env| outcome(&setting, env, scope));
        found.unwrap_or(bounds)
    }

    fn matters(&mut self, slot: Slot, question: &Question<'_>) -> bool {
        let setting = self.setting;
        let found = self.search(|s, env| match question {
            Question::Truth(asked) => s.matters(env, slot, &mut |e| truth(&setting, e, asked).known()),
            Question::Outcome(scope) => s.matters(env, slot, &mut |e| outcome(&setting, e, *scope)),
        });
        found.unwrap_or(true)
    }

    fn narrows(&mut self, slot: Slot, scope: Scope<'_>) -> bool {
        let both = |open: &mut Self| (open.outcomes(scope), open.certainty(&Asked::Proceeds(scope)));
        let all = both(self);
        let before = self.env.get(slot).cloned();
        let mut narrows = false;
        for known in self.setting.evaluator.classes.values(&self.env, slot).iter() {
            self.env.set(slot, Some(known.clone()));
            let can_be = self.search(|s, env| s.feasible(env)).unwrap_or(true);
            narrows = narrows || can_be && both(self) != all;
            self.env.set(slot, before.clone());
        }
        narrows || self.overflow
    }

    fn without(&mut self, slot: Slot, scope: Scope<'_>) -> (BTreeSet<Outcome>, Certainty) {
        let presumed = self.env.set(slot, None);
        let outcomes = self.outcomes(scope);
        let proceeds = self.certainty(&Asked::Proceeds(scope));
        self.env.set(slot, presumed);
        (outcomes, proceeds)
    }

    fn milder_without_code(&mut self, policy: PolicyId, item: u32) -> bool {
        let setting = self.setting;
        let outcome = |env: &Env| setting.item(&setting.evaluator.reader(env), policy, item).outcome();
        let mut milder = false;
        let done = self.search(|s, env| {
            s.explore(env, &mut |e| outcome(e), &mut |s, env, presumed| {
                if presumed == Outcome::Prohibited {
                    return Ok(ControlFlow::Continue(()));
                }
                env.code_fits[item as usize][policy.index()] = false;
                let flow = s.explore(env, &mut |e| outcome(e), &mut |_, _, real| {
                    milder |= real > presumed;
                    Ok(if milder { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
                });
                env.code_fits[item as usize][policy.index()] = true;
                flow
            })
        });
        milder || done.is_none()
    }

    fn overflowed(&mut self) -> bool {
        std::mem::take(&mut self.overflow)
    }
}

fn truth(setting: &Setting<'_>, env: &Env, asked: &Asked<'_>) -> Truth {
    asked.answer(&setting.evaluator.reader(env), setting)
}

/// The strictest outcome of several policies on several items.
fn outcome(setting: &Setting<'_>, env: &Env, scope: Scope<'_>) -> Result<Outcome, Slot> {
    let reader = setting.evaluator.reader(env);
    let (mut best, mut open) = (Outcome::NotApplicable, None);
    for (policy, item) in scope.each() {
        match setting.item(&reader, policy, item).outcome() {
            Ok(Outcome::Prohibited) => return Ok(Outcome::Prohibited),
            Ok(o) => best = best.max(o),
            Err(slot) => open = open.or(Some(slot)),
        }
    }
    open.map_or(Ok(best), Err)
}
