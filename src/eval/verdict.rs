//! What is decided, in numbers: the whole answer of each policy on each goods item, ready to be put into words.

use crate::model::{CategoryId, Document, Duty, FactId, PolicyId, RuleId, Value, World};

use super::ask::{Asked, Scope};
use super::decision::Outcome;
use super::env::Slot;
use super::rules::outcome_of;

/// A consignment that is settled: what it comes to, and what is presumed for it.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The answer.
    pub verdict: Verdict,
    /// The presumptions that are made.
    pub presumed: Vec<(Slot, Value)>,
}

/// The answer on a consignment: one part a goods item and policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// One part for each policy, item after item.
    pub parts: Vec<Part>,
}

/// The answer of one policy on one goods item. Everything in it is certain.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Part {
    /// The policy.
    pub policy: PolicyId,
    /// The goods item, from 0.
    pub item: u32,
    /// The outcome.
    pub outcome: Outcome,
    /// Whether it may proceed; none where the policy does not apply.
    pub may_proceed: Option<bool>,
    /// The rules that stand.
    pub stands: Vec<RuleId>,
    /// The rules that apply and are defeated, each with what defeats it.
    pub defeated: Vec<(RuleId, RuleId)>,
    /// The entries that the goods are in.
    pub entries: Vec<CategoryId>,
    /// The presumed facts without which the outcome, or whether it may proceed, could be otherwise.
    pub presumed: Vec<FactId>,
}

impl Clone for Part {
    fn clone(&self) -> Part {
        let mut out = Part::of(self.policy, self.item);
        out.clone_from(self);
        out
    }

    /// Keeps the room of the lists, which a derived one does not.
    fn clone_from(&mut self, from: &Part) {
        let Part { policy, item, outcome, may_proceed, stands, defeated, entries, presumed } = from;
        (self.policy, self.item, self.outcome, self.may_proceed) = (*policy, *item, *outcome, *may_proceed);
        self.stands.clone_from(stands);
        self.defeated.clone_from(defeated);
        self.entries.clone_from(entries);
        self.presumed.clone_from(presumed);
    }
}

impl Part {
    /// The part of a policy on an item, of which nothing is found yet.
    pub fn of(policy: PolicyId, item: u32) -> Part {
        Part {
            policy,
            item,
            outcome: Outcome::NotApplicable,
            may_proceed: None,
            stands: Vec::new(),
            defeated: Vec::new(),
            entries: Vec::new(),
            presumed: Vec::new(),
        }
    }

    /// The rules that decide: those that stand and lead to the outcome.
    pub fn decided_by<'w>(&'w self, world: &'w World) -> impl Iterator<Item = RuleId> + 'w {
        let leads = |r: &RuleId| world.rule(*r).effect.as_ref().is_some_and(|e| outcome_of(e) == self.outcome);
        self.stands.iter().copied().filter(leads)
    }

    /// The duties of the rules that stand themselves.
    pub fn duties<'w>(&'w self, world: &'w World) -> impl Iterator<Item = &'w Duty> {
        self.stands.iter().flat_map(|r| &world.rule(*r).duties)
    }

    /// The document codes of the rules that stand themselves.
    pub fn documents<'w>(&'w self, world: &'w World) -> impl Iterator<Item = &'w Document> {
        self.stands.iter().flat_map(|r| &world.rule(*r).documents)
    }
}

impl Verdict {
    /// The strictest outcome of all parts.
    pub fn outcome(&self) -> Outcome {
        self.parts.iter().map(|p| p.outcome).max().unwrap_or(Outcome::NotApplicable)
    }

    /// Whether all may proceed; none where no policy speaks.
    pub fn may_proceed(&self) -> Option<bool> {
        if self.parts.iter().any(|p| p.may_proceed == Some(false)) {
            return Some(false);
        }
        self.parts.iter().any(|p| p.may_proceed.is_some()).then_some(true)
    }

    /// The parts of some policies on some items.
    pub(super) fn within<'v>(&'v self, scope: Scope<'v>) -> impl Iterator<Item = &'v Part> {
        self.parts.iter().filter(move |p| scope.policies.contains(&p.policy) && scope.items.contains(&p.item))
    }

    /// Whether something is so in all completions (true) or in none; `None` where that is not in it.
    pub(super) fn says(&self, asked: &Asked<'_>, world: &World) -> Option<bool> {
        match *asked {
            Asked::Entry(id, item) => Some(self.part(world.category(id).policy?, item)?.entries.contains(&id)),
            Asked::AnyStands(policy, item, rules) => {
                let part = self.part(policy, item)?;
                Some(rules.iter().any(|r| part.stands.contains(r)))
            }
            Asked::Proceeds(scope) => Some(self.within(scope).all(|p| p.may_proceed != Some(false))),
            _ => None,
        }
    }

    /// The part of a policy on an item.
    pub fn part(&self, policy: PolicyId, item: u32) -> Option<&Part> {
        self.parts.iter().find(|p| p.policy == policy && p.item == item)
    }
}
