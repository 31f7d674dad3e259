//! What a decision asks about the completions of a consignment, answered with diagrams.

use std::collections::BTreeSet;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::eval::Outcome;
use crate::eval::ask::{Asked, Certainty, Completions, Question, Scope, Setting, Solver, bounds};
use crate::eval::env::{Env, Slot};
use crate::eval::logic::Logic;
use crate::model::PolicyId;

use super::diagram::{Diagrams, Id, NO, Var, YES};
use super::symbolic::Symbolic;

/// Answers by diagrams: exact, however many completions there are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Engine;

impl Solver for Engine {
    fn open<'s>(&self, setting: Setting<'s>, env: &'s Env) -> Box<dyn Completions + 's> {
        let symbolic = Symbolic::new(setting, env, setting.left.get());
        Box::new(Open::new(setting, symbolic))
    }
}

struct Open<'s> {
    setting: Setting<'s>,
    symbolic: Symbolic<'s>,
    /// The constraints, those that share facts taken together.
    care: Option<Rc<[Care]>>,
    /// For each answer as a function: what is needed to ask which facts can change it.
    prepared: FxHashMap<Vec<Id>, Option<Rc<Prepared>>>,
    overflow: bool,
}

/// Constraints that share facts.
struct Care {
    facts: BTreeSet<Var>,
    holds: Id,
}

/// The answers to a question, each as a function of facts, within what the constraints allow.
struct Prepared {
    facts: BTreeSet<Var>,
    answers: Vec<Id>,
}

impl<'s> Open<'s> {
    fn new(setting: Setting<'s>, symbolic: Symbolic<'s>) -> Self {
        Open { setting, symbolic, care: None, prepared: FxHashMap::default(), overflow: false }
    }

    /// Whether some value of a fact narrows the answer, for one that is compared in order: what the others can be is
    /// found anew for each value, since there must be room for them below and above it.
    fn narrows_by_value(&mut self, slot: Slot, scope: Scope<'_>) -> bool {
        let answer = |open: &mut Open<'_>| (open.outcomes(scope), open.certainty(&Asked::Proceeds(scope)));
        let all = answer(self);
        let known = self.symbolic.known(Env::clone);
        let values = self.setting.evaluator.classes.values(&known, slot);
        values.iter().any(|value| {
            let mut env = known.clone();
            env.set(slot, Some(value.clone()));
            let mut open = Open::new(self.setting, Symbolic::new(self.setting, &env, self.setting.left.get()));
            let narrows = open.possible() && answer(&mut open) != all;
            self.overflow |= open.overflow;
            narrows
        }) || self.overflow
    }

    fn diagrams<T>(&self, f: impl FnOnce(&mut Diagrams) -> T) -> T {
        f(&mut self.symbolic.shared.diagrams.borrow_mut())
    }

    fn care(&mut self) -> Rc<[Care]> {
        if let Some(found) = &self.care {
            return Rc::clone(found);
        }
        let mut parts: Vec<Care> = Vec::new();
        for holds in self.symbolic.constraints().into_iter().filter(|c| *c != YES) {
            let mut joined = Care { facts: self.diagrams(|d| d.support(&[holds])), holds };
            let (touching, apart) = parts.into_iter().partition(|p| !p.facts.is_disjoint(&joined.facts));
            parts = apart;
            for part in touching as Vec<Care> {
                joined.facts.extend(part.facts);
                joined.holds = self.diagrams(|d| d.and(joined.holds, part.holds));
            }
            parts.push(joined);
        }
        let parts: Rc<[Care]> = parts.into();
        self.care = Some(Rc::clone(&parts));
        parts
    }

    /// What the constraints allow, as far as they share facts with some functions.
    fn allowed(&mut self, facts: &BTreeSet<Var>) -> Id {
        let care = self.care();
        let touching = care.iter().filter(|c| !c.facts.is_disjoint(facts));
        touching.fold(YES, |t, c| self.diagrams(|d| d.and(t, c.holds)))
    }

    /// `None` where what was found so far cannot be relied on.
    fn reliable<T>(&mut self, facts: &BTreeSet<Var>, found: T) -> Option<T> {
        let bounded = facts.iter().all(|v| self.symbolic.is_bounded(*v));
        if bounded && !self.diagrams(|d| d.full()) {
            return Some(found);
        }
        self.overflow = true;
        None
    }

    /// Which of some functions, exactly one of which holds in each completion, hold in any.
    fn happening(&mut self, answers: &[Id]) -> Option<Vec<bool>> {
        let facts = self.diagrams(|d| d.support(answers));
        let allowed = self.allowed(&facts);
        let found = answers.iter().map(|a| self.diagrams(|d| d.and(*a, allowed)) != NO).collect();
        self.reliable(&facts, found)
    }

    /// Whether something is so and whether it is not, as functions.
    fn both(&self, asked: &Asked<'_>) -> Vec<Id> {
        let yes = asked.answer(&self.symbolic, &self.setting);
        vec![self.diagrams(|d| d.not(yes)), yes]
    }

    fn each_outcome(&self, scope: Scope<'_>) -> Vec<Id> {
        each_outcome(&self.symbolic, &self.setting, scope)
    }

    fn answers(&self, question: &Question<'_>) -> Vec<Id> {
        match question {
            Question::Truth(asked) => self.both(asked),
            Question::Outcome(scope) => self.each_outcome(*scope),
        }
    }

    fn prepared(&mut self, answers: Vec<Id>) -> Option<Rc<Prepared>> {
        if let Some(found) = self.prepared.get(&answers) {
            return found.clone();
        }
        let facts = self.diagrams(|d| d.support(&answers));
        let allowed = self.allowed(&facts);
        let within = answers.iter().map(|a| self.diagrams(|d| d.and(*a, allowed))).collect();
        let found = Rc::new(Prepared { facts: facts.clone(), answers: within });
        let found = self.reliable(&facts, found);
        self.prepared.insert(answers, found.clone());
        found
    }
}

impl Completions for Open<'_> {
    fn possible(&mut self) -> bool {
        let care = self.care();
        let impossible = care.iter().any(|c| c.holds == NO);
        let facts: BTreeSet<Var> = care.iter().flat_map(|c| c.facts.iter().copied()).collect();
        self.reliable(&facts, !impossible).unwrap_or(true)
    }

    fn certainty(&mut self, asked: &Asked<'_>) -> Certainty {
        let answers = self.both(asked);
        match self.happening(&answers).as_deref() {
            Some([true, false]) => Certainty::Never,
            Some([false, true]) => Certainty::Always,
            _ => Certainty::Sometimes,
        }
    }

    fn outcomes(&mut self, scope: Scope<'_>) -> BTreeSet<Outcome> {
        let bounds = self.symbolic.known(|env| bounds(&self.setting, env, scope));
        if bounds.len() == 1 {
            return bounds;
        }
        let answers = self.each_outcome(scope);
        let Some(found) = self.happening(&answers) else { return bounds };
        Outcome::ALL.into_iter().zip(found).filter(|(_, happens)| *happens).map(|(o, _)| o).collect()
    }

    fn matters(&mut self, slot: Slot, question: &Question<'_>) -> bool {
        let answers = self.answers(question);
        let Some(prepared) = self.prepared(answers) else { return true };
        let var = Var::Fact(slot);
        if !prepared.facts.contains(&var) {
            return false;
        }
        let mut others = NO;
        for answer in &prepared.answers {
            let reached = self.diagrams(|d| d.some(*answer, var));
            if self.diagrams(|d| d.and(reached, others)) != NO {
                return true;
            }
            others = self.diagrams(|d| d.or(others, reached));
        }
        self.reliable(&prepared.facts, false).unwrap_or(true)
    }

    fn narrows(&mut self, slot: Slot, scope: Scope<'_>) -> bool {
        let classes = &self.setting.evaluator.classes;
        if slot.fact().is_some_and(|f| classes.is_compared_in_order(f)) {
            return self.narrows_by_value(slot, scope);
        }
        let mut answers = self.each_outcome(scope);
        let outcomes = answers.len();
        answers.extend(self.both(&Asked::Proceeds(scope)));
        let mut facts = self.diagrams(|d| d.support(&answers));
        facts.insert(Var::Fact(slot));
        let allowed = self.allowed(&facts);
        let happening = |open: &Self, within: Id| -> (Vec<bool>, Vec<bool>) {
            let mut all = answers.iter().map(|a| open.diagrams(|d| d.and(*a, within)) != NO);
            (all.by_ref().take(outcomes).collect(), all.collect())
        };
        let all = happening(self, allowed);
        let classes = self.symbolic.domain(slot).len();
        let narrows = (0..classes).any(|class| {
            let within = self.diagrams(|d| {
                let is = d.is(Var::Fact(slot), class, classes);
                d.and(allowed, is)
            });
            within != NO && happening(self, within) != all
        });
        self.reliable(&facts, narrows).unwrap_or(true)
    }

    fn without(&mut self, slot: Slot, scope: Scope<'_>) -> (BTreeSet<Outcome>, Certainty) {
        let mut open = Open::new(self.setting, self.symbolic.without(slot));
        let found = (open.outcomes(scope), open.certainty(&Asked::Proceeds(scope)));
        self.overflow |= open.overflow;
        found
    }

    fn milder_without_code(&mut self, policy: PolicyId, item: u32) -> bool {
        let open = self.symbolic.with_open_code(policy, item);
        let (policies, items) = ([policy], [item]);
        let scope = Scope { policies: &policies, items: &items };
        let mut milder = NO;
        for outcome in Outcome::ALL {
            let real = scope.at_least(&open, &self.setting, outcome);
            let presumed = scope.at_least(&self.symbolic, &self.setting, outcome);
            milder = self.symbolic.or(milder, || self.symbolic.and(real, || self.symbolic.not(presumed)));
        }
        self.happening(&[milder]).is_none_or(|found| found == [true])
    }

    fn overflowed(&mut self) -> bool {
        std::mem::take(&mut self.overflow)
    }
}

/// Each outcome of [`Outcome::ALL`], as a function.
pub(super) fn each_outcome(symbolic: &Symbolic<'_>, setting: &Setting<'_>, scope: Scope<'_>) -> Vec<Id> {
    let mut out: Vec<Id> = Outcome::ALL.into_iter().map(|o| scope.at_least(symbolic, setting, o)).collect();
    for i in 0..out.len().saturating_sub(1) {
        out[i] = symbolic.and(out[i], || symbolic.not(out[i + 1]));
    }
    out
}
