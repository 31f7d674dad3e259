//! One consignment being decided: what is asked of its completions, and how much work is left.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use crate::model::{FactId, PolicyId, World};

use super::atom::Whose;
use super::category;
use super::complete::{Overflow, Search, Unit};
use super::decide::Evaluator;
use super::decision::{Outcome, Word};
use super::env::{Env, Slot};
use super::lists::direct_facts;
use super::rules::Item;
use super::truth::Truth;

/// One question about a consignment being decided, and all that its answer needs.
pub(super) struct Desk<'e, 'a> {
    pub(super) evaluator: &'e Evaluator<'a>,
    /// For each item, for each rule: whether its claim is raised.
    pub(super) raised: Vec<Vec<bool>>,
    /// How many evaluations are left for all questions.
    pub(super) left: u32,
    /// How many evaluations one question may take.
    pub(super) question: u32,
    /// Set once any question ran into its limit.
    pub(super) overflow: bool,
}

impl<'a> Desk<'_, 'a> {
    pub(super) fn world(&self) -> &'a World {
        self.evaluator.world
    }

    /// Runs a search with a limit of its own and that of the whole; `None` if it ran into either.
    pub(super) fn search<T>(&mut self, f: impl FnOnce(&mut Search<'a, '_>) -> Result<T, Overflow>) -> Option<T> {
        let allowed = self.question.min(self.left);
        let mut search = Search { classes: &self.evaluator.classes, left: allowed };
        let found = f(&mut search).ok();
        self.left -= allowed - search.left.min(allowed);
        self.overflow |= found.is_none();
        found
    }

    /// Asks with a smaller limit, for what is worth less; running into it leaves the answer as a whole resolved.
    pub(super) fn briefly<T>(&mut self, limit: u32, f: impl FnOnce(&mut Self) -> T) -> T {
        let (question, overflow) = (self.question, self.overflow);
        self.question = limit.min(question);
        let found = f(self);
        (self.question, self.overflow) = (question, overflow);
        found
    }

    /// Calls `f` with one policy on one item.
    pub(super) fn with<T>(
        evaluator: &Evaluator<'a>,
        raised: &[Vec<bool>],
        env: &Env,
        policy: PolicyId,
        item: u32,
        f: impl FnOnce(&Item<'_, '_>) -> T,
    ) -> T {
        let reader = evaluator.reader(env);
        f(&Item::new(&reader, policy, item, &raised[item as usize], &evaluator.defeaters))
    }

    /// Whether any consignment can be as the facts say.
    pub(super) fn possible(&mut self, env: &mut Env) -> bool {
        self.search(|s| s.possible(env)).unwrap_or(true)
    }

    pub(super) fn policies(&self) -> Vec<PolicyId> {
        (0..self.world().policies.len() as u32).map(PolicyId).collect()
    }

    /// True if the law of a policy is encoded for the day.
    pub(super) fn is_known(&self, env: &Env, policy: PolicyId) -> bool {
        self.world().policies[policy.index()].known.contains(env.date)
    }

    /// Where no code is given, the description alone decides, as long as that makes no decision milder.
    ///
    /// For each item without a code: if in some completion the outcome with its description presumed to fit is milder
    /// than it would be under some code, the code is treated as unknown instead.
    pub(super) fn code_presumption(&mut self, env: &mut Env) {
        let world = self.world();
        if self.evaluator.classes.lists.never_milder {
            return;
        }
        let codes: BTreeSet<FactId> = world.categories.iter().flat_map(|c| c.codes.iter().map(|(f, _)| *f)).collect();
        for item in 0..env.item_count() as u32 {
            if codes.iter().all(|f| env.get(Slot::Item(item, *f)).is_some()) {
                continue;
            }
            for policy in self.policies() {
                if !self.is_known(env, policy) {
                    continue;
                }
                let (evaluator, raised) = (self.evaluator, self.raised.clone());
                let outcome = |env: &Env| Self::with(evaluator, &raised, env, policy, item, |i| i.outcome());
                let mut milder = false;
                let done = self.search(|s| {
                    s.explore(env, &mut |e| outcome(e), &mut |s, env, presumed| {
                        if presumed == Outcome::Prohibited {
                            return Ok(ControlFlow::Continue(()));
                        }
                        env.code_fits[item as usize] = false;
                        let flow = s.explore(env, &mut |e| outcome(e), &mut |_, _, real| {
                            milder |= real > presumed;
                            Ok(if milder { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
                        });
                        env.code_fits[item as usize] = true;
                        flow
                    })
                });
                if milder || done.is_none() {
                    env.code_fits[item as usize] = false;
                }
            }
        }
        self.overflow = false;
    }

    /// The outcomes of one policy on one item over all completions, and whether each is certain to be all of them.
    pub(super) fn outcomes(&mut self, env: &mut Env, policies: &[PolicyId], items: &[u32]) -> BTreeSet<Outcome> {
        let unknown = policies.iter().any(|p| !self.is_known(env, *p));
        let known: Vec<PolicyId> = policies.iter().copied().filter(|p| self.is_known(env, *p)).collect();
        let (evaluator, raised) = (self.evaluator, self.raised.clone());
        let bounds = bounds(evaluator, &raised, env, &known, items);
        let mut found = BTreeSet::new();
        let mut target = |env: &mut Env| joint(evaluator, &raised, env, &known, items);
        let done = self.search(|s| {
            s.explore(env, &mut target, &mut |_, _, outcome| {
                found.insert(outcome);
                Ok(if found == bounds { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            })
        });
        if done.is_none() {
            found = bounds;
        }
        if unknown {
            // A policy whose law is not encoded for the day may say anything.
            let least = found.iter().next().copied().unwrap_or(Outcome::NotApplicable);
            found.extend(Outcome::ALL.into_iter().filter(|o| *o >= least));
        }
        found
    }

    /// Whether it may proceed over all completions; `None` where they differ or nobody speaks.
    pub(super) fn may_proceed(
        &mut self,
        env: &mut Env,
        policies: &[PolicyId],
        items: &[u32],
        outcomes: &BTreeSet<Outcome>,
    ) -> Option<bool> {
        if outcomes.contains(&Outcome::NotApplicable) && outcomes.len() == 1 {
            return None;
        }
        let known: Vec<PolicyId> = policies.iter().copied().filter(|p| self.is_known(env, *p)).collect();
        let (evaluator, raised) = (self.evaluator, self.raised.clone());
        let mut found = BTreeSet::new();
        let mut target = |env: &mut Env| proceeds(evaluator, &raised, env, &known, items).known();
        let done = self.search(|s| {
            s.explore(env, &mut target, &mut |_, _, value| {
                found.insert(value);
                Ok(if found.len() == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            })
        });
        let all_known = known.len() == policies.len();
        match (done, found.len(), found.first()) {
            // A refusal stands whatever else is said; a clearance needs every policy known, and someone to speak.
            (Some(_), 1, Some(false)) => Some(false),
            (Some(_), 1, Some(true)) if all_known && !outcomes.contains(&Outcome::NotApplicable) => Some(true),
            _ => None,
        }
    }

    /// Whether a truth is certain, possible or impossible over the completions.
    pub(super) fn certainty(&mut self, env: &mut Env, target: &dyn Fn(&Env) -> Truth) -> Certainty {
        match target(env) {
            Truth::No => return Certainty::Never,
            // Certain as long as any completion exists, which was checked at the start.
            Truth::Yes => return Certainty::Always,
            Truth::Unknown(_) => {}
        }
        let mut found = BTreeSet::new();
        let done = self.search(|s| {
            s.explore(env, &mut |e| target(e).known(), &mut |_, _, value| {
                found.insert(value);
                Ok(if found.len() == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            })
        });
        match (done, found.len(), found.first()) {
            (Some(_), 1, Some(true)) => Certainty::Always,
            (Some(_), 1, Some(false)) => Certainty::Never,
            _ => Certainty::Sometimes,
        }
    }

    /// Of some facts, those that can still change a target; all of them where the limit was reached.
    pub(super) fn mattering<T: PartialEq>(
        &mut self,
        env: &mut Env,
        (policy, item): (PolicyId, u32),
        slots: &[Slot],
        target: &dyn Fn(&Env) -> Result<T, Slot>,
    ) -> Vec<Slot> {
        let (evaluator, raised) = (self.evaluator, self.raised.clone());
        let mut out = Vec::new();
        for slot in slots {
            let units = units(evaluator, &raised, env, policy, item, *slot);
            let answer = self.search(|s| s.matters(env, *slot, &units, &mut |e| target(e)));
            if answer.unwrap_or(true) {
                out.push(*slot);
            }
        }
        out
    }
}

/// How sure something is over the completions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Certainty {
    Always,
    Sometimes,
    Never,
}

pub(super) fn word(outcomes: &BTreeSet<Outcome>) -> Word {
    Word(if outcomes.len() == 1 { outcomes.first().copied() } else { None })
}

/// The strictest outcome of several policies on several items.
pub(super) fn joint(
    evaluator: &Evaluator<'_>,
    raised: &[Vec<bool>],
    env: &Env,
    policies: &[PolicyId],
    items: &[u32],
) -> Result<Outcome, Slot> {
    let (mut best, mut open) = (Outcome::NotApplicable, None);
    for policy in policies {
        for item in items {
            match Desk::with(evaluator, raised, env, *policy, *item, |i| i.outcome()) {
                Ok(Outcome::Prohibited) => return Ok(Outcome::Prohibited),
                Ok(o) => best = best.max(o),
                Err(slot) => open = open.or(Some(slot)),
            }
        }
    }
    open.map_or(Ok(best), Err)
}

/// Whether every policy lets every item proceed.
pub(super) fn proceeds(
    evaluator: &Evaluator<'_>,
    raised: &[Vec<bool>],
    env: &Env,
    policies: &[PolicyId],
    items: &[u32],
) -> Truth {
    let mut truth = Truth::Yes;
    for policy in policies {
        for item in items {
            truth = truth.and(|| Desk::with(evaluator, raised, env, *policy, *item, |i| i.may_proceed()));
        }
    }
    truth
}

/// Outcomes that cannot be ruled out without completing anything: a sound bound.
pub(super) fn bounds(
    evaluator: &Evaluator<'_>,
    raised: &[Vec<bool>],
    env: &Env,
    policies: &[PolicyId],
    items: &[u32],
) -> BTreeSet<Outcome> {
    let mut joint = BTreeSet::from([Outcome::NotApplicable]);
    for policy in policies {
        for item in items {
            let one = Desk::with(evaluator, raised, env, *policy, *item, |i| i.outcome_bounds());
            joint = joint.iter().flat_map(|a| one.iter().map(move |b| *a.max(b))).collect();
        }
    }
    joint
}

/// The parts of the law that read a fact: entries, rules, the policy's own condition, and what held licences cover.
pub(super) fn units<'u>(
    evaluator: &'u Evaluator<'_>,
    raised: &'u [Vec<bool>],
    env: &Env,
    policy: PolicyId,
    item: u32,
    slot: Slot,
) -> Vec<Unit<'u>> {
    let world = evaluator.world;
    let Some(fact) = slot.fact() else { return vec![Box::new(move |_| Truth::Unknown(slot))] };
    let mut out: Vec<Unit<'u>> = Vec::new();
    for leaf in &evaluator.classes.lists.leaves {
        let by_code = Some(fact) == evaluator.code_confirmed && leaf.described() && !leaf.codes.is_empty();
        if leaf.on(env.date) && (by_code || leaf.facts.contains(&fact)) {
            out.push(Box::new(move |env| category::leaf_holds(&evaluator.reader(env), leaf, item)));
        }
    }
    for (id, rule) in world.rules_of(policy) {
        if rule.in_force.on(env.date) && evaluator.rule_facts[id.index()].contains(&fact) {
            out.push(Box::new(move |env| evaluator.reader(env).cond(&rule.cond, Whose::item(item))));
        }
    }
    let mut facts = BTreeSet::new();
    direct_facts(world, &world.policies[policy.index()].applies, &mut facts);
    if facts.contains(&fact) {
        let applies = &world.policies[policy.index()].applies;
        out.push(Box::new(move |env| evaluator.reader(env).cond(applies, Whose::item(item))));
    }
    let mut covered = BTreeSet::new();
    world.licences.iter().filter_map(|l| l.covers.as_ref()).for_each(|c| direct_facts(world, c, &mut covered));
    let by_licence = matches!(slot, Slot::Licence(..)) || covered.contains(&fact);
    if by_licence && !env.held.is_empty() {
        out.push(Box::new(move |env| proceeds(evaluator, raised, env, &[policy], &[item])));
    }
    out
}
