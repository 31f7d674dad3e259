//! One version of a policy within a region: where its rules stand, and how each outcome is reached.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::diagram::{Diagrams, Id, NO, YES};
use crate::engine::space::View;
use crate::eval::Outcome;
use crate::eval::ask::Asked;
use crate::eval::lists::Leaf;
use crate::eval::rules::outcome_of;
use crate::model::{AtomKind, CategoryId, Cond, Otherwise, PolicyId, RuleId, World};

/// A policy in one version.
pub(super) struct Side<'v> {
    /// All consignments.
    pub(super) whole: &'v View<'v>,
    /// Those in question: outside of them nothing holds.
    pub(super) view: &'v View<'v>,
    pub(super) policy: PolicyId,
    /// Where the policy applies.
    pub(super) applies: Id,
    /// Where each outcome is reached, if that is little enough to be known of both sides.
    pub(super) outcomes: Option<Vec<Id>>,
    /// Where each rule stands; those that stand nowhere are left out.
    pub(super) standing: BTreeMap<RuleId, Id>,
}

/// A way to reach an outcome: where something holds, with one of some rules if any are named, and without others.
pub(super) struct Reach {
    pub(super) core: Id,
    pub(super) one_of: Option<Vec<Id>>,
    pub(super) without: Vec<Id>,
}

impl<'v> Side<'v> {
    pub(super) fn new(whole: &'v View<'v>, view: &'v View<'v>, policy: PolicyId) -> Self {
        let all: Vec<RuleId> = view.world().rules_of(policy).map(|(id, _)| id).collect();
        let standing = all.iter().copied().zip(view.standing(policy, &all)).filter(|(_, s)| *s != NO).collect();
        Side { whole, view, policy, applies: view.asked(&Asked::Applies(policy, 0)), outcomes: None, standing }
    }

    /// Where each outcome is reached within a region.
    pub(super) fn decided(&self, d: &mut Diagrams, within: Id) -> Vec<Id> {
        let applies = d.and(within, self.applies);
        let mut found = vec![NO; Outcome::ALL.len()];
        let mut left = applies;
        for (at, outcome) in Outcome::ALL.into_iter().enumerate().rev() {
            let led = self.where_led(|o| o == outcome).into_iter().fold(NO, |t, stands| d.or(t, stands));
            found[at] = d.and(left, led);
            left = d.but(left, led);
        }
        for (at, outcome) in Outcome::ALL.into_iter().enumerate() {
            if outcome == self.otherwise() {
                found[at] = d.or(found[at], left);
            } else if outcome == Outcome::NotApplicable {
                found[at] = d.but(within, applies);
            }
        }
        found
    }

    fn known(&self, outcome: Outcome) -> Option<Id> {
        let at = Outcome::ALL.iter().position(|o| *o == outcome)?;
        self.outcomes.as_ref()?.get(at).copied()
    }

    /// Where a rule leads to an outcome, of where it stands.
    pub(super) fn led(&self, stands: Id, outcome: Outcome) -> Reach {
        match self.known(outcome) {
            Some(reached) => Reach { core: and(self.view, stands, reached), one_of: None, without: Vec::new() },
            None => Reach { core: stands, one_of: None, without: self.where_led(|o| o > outcome) },
        }
    }

    /// The outcome where no rule says anything.
    fn otherwise(&self) -> Outcome {
        match self.world().policies[self.policy.index()].otherwise {
            Otherwise::Permit => Outcome::Permitted,
            Otherwise::Prohibit => Outcome::Prohibited,
        }
    }

    /// Where the rules stand that lead to outcomes.
    pub(super) fn where_led(&self, which: impl Fn(Outcome) -> bool) -> Vec<Id> {
        self.standing
            .iter()
            .filter(|(id, _)| self.effect(**id).is_some_and(&which))
            .map(|(_, stands)| *stands)
            .collect()
    }

    /// Where an outcome is reached by no rule, if it ever is.
    pub(super) fn unled(&self, outcome: Outcome) -> Option<Reach> {
        if let Some(core) = self.known(outcome) {
            return Some(Reach { core, one_of: None, without: self.where_led(|o| o == outcome) });
        }
        match outcome {
            Outcome::NotApplicable => Some(Reach { core: YES, one_of: None, without: vec![self.applies] }),
            o if o == self.otherwise() => {
                Some(Reach { core: self.applies, one_of: None, without: self.where_led(|_| true) })
            }
            _ => None,
        }
    }

    /// Where an outcome is reached: by the strictest of the rules that stand, or by none.
    pub(super) fn reaches(&self, outcome: Outcome) -> Vec<Reach> {
        if let Some(core) = self.known(outcome) {
            return vec![Reach { core, one_of: None, without: Vec::new() }];
        }
        let without = self.where_led(|o| o > outcome);
        // Nothing is milder than what applies and is permitted, so what permits besides does not matter.
        if outcome == Outcome::Permitted && self.otherwise() == outcome {
            return vec![Reach { core: self.applies, one_of: None, without }];
        }
        let led = self.where_led(|o| o == outcome);
        let led = (!led.is_empty()).then_some(Reach { core: YES, one_of: Some(led), without });
        led.into_iter().chain(self.unled(outcome)).collect()
    }

    pub(super) fn world(&self) -> &'v World {
        self.view.world()
    }

    pub(super) fn stands(&self, rule: RuleId) -> Id {
        self.standing.get(&rule).copied().unwrap_or(NO)
    }

    /// The rules whose effect leads to an outcome, each with where it stands.
    pub(super) fn leading_to(&self, outcome: Outcome) -> Vec<(RuleId, Id)> {
        let leads = |id: &RuleId| self.effect(*id) == Some(outcome);
        self.standing.iter().filter(|(id, _)| leads(id)).map(|(id, stands)| (*id, *stands)).collect()
    }

    /// The version of a rule that stands somewhere, or else any.
    pub(super) fn named(&self, name: &str) -> Option<RuleId> {
        let standing = self.standing.keys().copied();
        let mut all = standing.chain(self.world().rules_of(self.policy).map(|(id, _)| id));
        all.find(|id| self.world().rule(*id).name == name)
    }

    /// The outcome that a rule leads to.
    pub(super) fn effect(&self, rule: RuleId) -> Option<Outcome> {
        self.world().rule(rule).effect.as_ref().map(outcome_of)
    }

    /// The ways down entries that a rule asks for, itself or by a rule that it is an exception to.
    pub(super) fn leaves(&self, rule: RuleId) -> Vec<&'v Leaf<'v>> {
        let world = self.world();
        let (mut cats, mut seen, mut open) = (BTreeSet::new(), BTreeSet::new(), vec![rule]);
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                let rule = world.rule(id);
                entries_of(world, &rule.cond, &mut cats, &mut BTreeSet::new());
                open.extend(&rule.targets);
            }
        }
        let below = |leaf: &&Leaf<'_>| {
            let mut at = Some(leaf.id);
            while let Some(id) = at {
                if cats.contains(&id) {
                    return true;
                }
                at = world.category(id).parent;
            }
            false
        };
        self.view.leaves().filter(below).collect()
    }

    pub(super) fn entry(&self, leaf: &Leaf<'_>) -> String {
        self.world().category(leaf.reported).name.clone()
    }
}

/// The entries that a condition asks for, named conditions followed.
fn entries_of(world: &World, cond: &Cond, out: &mut BTreeSet<CategoryId>, seen: &mut BTreeSet<u32>) {
    cond.atoms(&mut |atom, _| match &atom.kind {
        AtomKind::In(list) | AtomKind::CodedUnder(list) => out.extend(list),
        AtomKind::Means(f) if seen.insert(f.0) => {
            world.fact(*f).means.iter().for_each(|(_, c)| entries_of(world, c, out, seen));
        }
        _ => {}
    });
}

pub(super) fn and(view: &View<'_>, a: Id, b: Id) -> Id {
    view.diagrams(|d: &mut Diagrams| d.and(a, b))
}

pub(super) fn but(view: &View<'_>, a: Id, b: Id) -> Id {
    view.diagrams(|d| d.but(a, b))
}

pub(super) fn or(view: &View<'_>, a: Id, b: Id) -> Id {
    view.diagrams(|d: &mut Diagrams| d.or(a, b))
}
