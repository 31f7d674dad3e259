//! What is asked of all completions of one consignment, and who answers it.
//!
//! A decision on a consignment with unknown facts is put together from a few questions: what the outcome can be, what
//! is certain, which facts still matter. `plain` answers them by going through the completions; an engine may answer
//! them otherwise, and has to give the same answers.

use std::cell::Cell;
use std::collections::BTreeSet;

use crate::model::{Case, CategoryId, LicenceId, PolicyId, RuleId};

use super::category;
use super::decide::Evaluator;
use super::decision::Outcome;
use super::env::{Env, Slot};
use super::logic::Logic;
use super::rules::Item;
use super::verdict::Settled;

/// Answers questions about the completions of consignments.
pub trait Solver: std::fmt::Debug + Send + Sync {
    /// Opens one consignment, as far as it is known.
    fn open<'s>(&self, setting: Setting<'s>, env: &'s Env) -> Box<dyn Completions + 's>;

    /// The whole answer of some policies at once, where all completions are found to agree on it; `None` says nothing.
    fn settle(&self, _evaluator: &Evaluator<'_>, _case: &Case, _policies: &[PolicyId]) -> Option<Settled> {
        None
    }
}

/// All completions of one consignment.
pub trait Completions {
    /// Whether there is any: whether all constraints can be met together. True where that could not be found out.
    fn possible(&mut self) -> bool;

    /// Whether something is certain, possible or impossible over the completions.
    fn certainty(&mut self, asked: &Asked<'_>) -> Certainty;

    /// The outcomes over the completions.
    fn outcomes(&mut self, scope: Scope<'_>) -> BTreeSet<Outcome>;

    /// Whether some value of a fact can change the answer, everything else being equal.
    fn matters(&mut self, slot: Slot, question: &Question<'_>) -> bool;

    /// Whether some value of a fact leaves fewer outcomes, or settles whether it may proceed.
    fn narrows(&mut self, slot: Slot, scope: Scope<'_>) -> bool;

    /// The outcomes, and how certain it is that all may proceed, if one presumed fact were unknown.
    fn without(&mut self, slot: Slot, scope: Scope<'_>) -> (BTreeSet<Outcome>, Certainty);

    /// Whether an item without a code could get a milder outcome by its description being presumed to fit the codes
    /// than it would get under some code.
    fn milder_without_code(&mut self, policy: PolicyId, item: u32) -> bool;

    /// Whether any answer since the last time was only a bound, because it took too much work.
    fn overflowed(&mut self) -> bool;
}

/// What questions are asked about besides what is known.
#[derive(Clone, Copy)]
pub struct Setting<'s> {
    /// What decides.
    pub evaluator: &'s Evaluator<'s>,
    /// Which claims are raised.
    pub claims: Claims<'s>,
    /// How much work is left for all questions about the consignment.
    pub left: &'s Cell<u32>,
    /// How much work one question may take.
    pub question: u32,
}

/// Which claims are raised: who relies on an exception that must be claimed has to have shown its ground.
#[derive(Clone, Copy, Debug)]
pub enum Claims<'s> {
    /// For each item, for each rule of the world: whether it is; true where nothing need be claimed.
    Found(&'s [Vec<bool>]),
    /// All facts are taken as given, so a claim is raised wherever its ground is so.
    WhereSo,
}

impl<'s> Setting<'s> {
    /// A policy on an item, in some logic.
    pub fn item<'r, L: Logic>(&'r self, logic: &'r L, policy: PolicyId, item: u32) -> Item<'r, L> {
        Item::new(logic, policy, item, self.claims, &self.evaluator.defeaters)
    }
}

/// Policies on goods items, taken together.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'q> {
    /// The policies.
    pub policies: &'q [PolicyId],
    /// The goods items.
    pub items: &'q [u32],
}

impl Scope<'_> {
    /// Each policy with each item.
    pub fn each(&self) -> impl Iterator<Item = (PolicyId, u32)> {
        self.policies.iter().flat_map(|p| self.items.iter().map(|i| (*p, *i)))
    }

    /// Whether the strictest outcome is at least that strict.
    pub fn at_least<L: Logic>(&self, l: &L, setting: &Setting<'_>, outcome: Outcome) -> L::Truth {
        let none = l.of(outcome == Outcome::NotApplicable);
        self.each().fold(none, |t, (p, i)| l.or(t, || setting.item(l, p, i).at_least(outcome)))
    }
}

/// Something that is so or not.
#[derive(Clone, Copy, Debug)]
pub enum Asked<'q> {
    /// The goods are in an entry itself.
    Entry(CategoryId, u32),
    /// What a rule itself says is so, whatever else stands or applies.
    Own(PolicyId, u32, RuleId),
    /// A policy applies at all.
    Applies(PolicyId, u32),
    /// A rule applies, defeated or not, in a policy that applies.
    Met(PolicyId, u32, RuleId),
    /// Any of some rules stands.
    AnyStands(PolicyId, u32, &'q [RuleId]),
    /// A rule applies and is defeated by another, which is the first of those that are given.
    Defeated {
        /// The policy.
        policy: PolicyId,
        /// The goods item.
        item: u32,
        /// What is defeated.
        rule: RuleId,
        /// What defeats it.
        by: RuleId,
        /// What would be named instead of it.
        before: &'q [RuleId],
    },
    /// A licence held covers what a rule requires.
    Covers {
        /// The policy.
        policy: PolicyId,
        /// The goods item.
        item: u32,
        /// The licence held.
        held: u32,
        /// As which kind.
        licence: LicenceId,
        /// What requires it.
        rule: RuleId,
    },
    /// Every policy lets every item proceed.
    Proceeds(Scope<'q>),
}

impl Asked<'_> {
    /// The answer, in some logic.
    pub fn answer<L: Logic>(&self, l: &L, setting: &Setting<'_>) -> L::Truth {
        match *self {
            Asked::Entry(id, item) => category::holds_itself(l, id, item),
            Asked::Own(policy, item, rule) => setting.item(l, policy, item).own(rule),
            Asked::Applies(policy, item) => setting.item(l, policy, item).policy_applies(),
            Asked::Met(policy, item, rule) => {
                let i = setting.item(l, policy, item);
                l.and(i.policy_applies(), || i.applies(rule))
            }
            Asked::AnyStands(policy, item, rules) => setting.item(l, policy, item).any_stands(rules),
            Asked::Defeated { policy, item, rule, by, before } => {
                let i = setting.item(l, policy, item);
                let applies = l.and(i.policy_applies(), || l.and(i.applies(rule), || i.stands(by)));
                l.and(applies, || before.iter().fold(l.of(true), |t, r| l.and(t, || l.not(i.stands(*r)))))
            }
            Asked::Covers { policy, item, held, licence, rule } => {
                setting.item(l, policy, item).covers(held, licence, rule)
            }
            Asked::Proceeds(scope) => {
                scope.each().fold(l.of(true), |t, (p, i)| l.and(t, || setting.item(l, p, i).may_proceed()))
            }
        }
    }
}

/// A question whose answer a fact may change.
#[derive(Clone, Copy, Debug)]
pub enum Question<'q> {
    /// Whether something is so.
    Truth(Asked<'q>),
    /// Which outcome it is.
    Outcome(Scope<'q>),
}

/// How sure something is over the completions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// In all of them.
    Always,
    /// In some of them, or it could not be found out.
    Sometimes,
    /// In none of them.
    Never,
}

/// Outcomes that cannot be ruled out without completing anything: a sound bound.
pub fn bounds(setting: &Setting<'_>, env: &Env, scope: Scope<'_>) -> BTreeSet<Outcome> {
    let reader = setting.evaluator.reader(env);
    let mut joint = BTreeSet::from([Outcome::NotApplicable]);
    for (policy, item) in scope.each() {
        let one = setting.item(&reader, policy, item).outcome_bounds();
        joint = joint.iter().flat_map(|a| one.iter().map(move |b| *a.max(b))).collect();
    }
    joint
}
