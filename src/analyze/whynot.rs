//! Why not: what would have to differ for a consignment to get another outcome, the smallest change first.
//!
//! All facts of the consignment are left open at once, and of the ways that lead to the outcome those are taken that
//! differ from it in the fewest facts. Each answer is decided again before it is given.

use std::collections::BTreeMap;

use crate::engine::diagram::{Diagrams, Id, Var};
use crate::engine::space::{View, with_views};
use crate::eval::ask::Scope;
use crate::eval::env::{Slot, slots_of};
use crate::eval::{Evaluator, Options, Outcome};
use crate::model::{AtomKind, Case, FactId, PolicyId, Test, Value, World};

use super::least::Search;
use super::witness;

/// One fact that would have to differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The fact.
    pub fact: FactId,
    /// What it would have to be.
    pub to: Value,
    /// What is given or presumed; nothing: unknown.
    pub from: Option<Value>,
    /// Who can answer for the fact, where the law says.
    pub answered_by: Option<String>,
}

/// One way to another outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct WayOut {
    /// What would have to differ, all of it together.
    pub changes: Vec<Change>,
    /// The consignment with these changes, which has been decided and has the outcome.
    pub case: Case,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub enum WhyNot {
    /// It has that outcome already.
    Already,
    /// The ways of the fewest changes; never empty.
    Ways(Vec<WayOut>),
    /// Nothing that differs leads there, the date and the number of goods and licences being as they are.
    Never,
    /// It took too much work to find out.
    NotShown,
}

/// How many nodes of diagrams it may take.
const LIMIT: u32 = 2_000_000;

/// Finds the smallest changes that give a consignment another outcome under one policy; at most `most` of them.
///
/// Only consignments with one goods item are answered; for others it is [`WhyNot::NotShown`].
pub fn why_not(
    evaluator: &Evaluator<'_>,
    world: &World,
    policy: PolicyId,
    case: &Case,
    outcome: Outcome,
    most: usize,
) -> WhyNot {
    let reached = |case: &Case| {
        let decided = evaluator.decide(case, &Options { policies: Some(vec![policy]), ..Options::default() }).ok();
        decided.is_some_and(|d| outcome_of(&d, world, policy) == Some(outcome))
    };
    if reached(case) {
        return WhyNot::Already;
    }
    if case.items.len() != 1 || !world.policies[policy.index()].known.contains(case.date) {
        return WhyNot::NotShown;
    }
    let date = world.fact_named("date");
    let forget = |slot: Slot| slot.fact() != date;
    let coded = |f: &FactId| world.categories.iter().any(|c| c.codes.iter().any(|(code, _)| code == f));
    let codes = case.items.iter().any(|item| item.keys().any(coded));
    with_views(&[(world, case)], &forget, codes, LIMIT, |views| {
        let Some(view) = views.first() else { return WhyNot::NotShown };
        let scope = Scope { policies: &[policy], items: &[0] };
        let outcomes = view.outcomes(scope);
        let index = Outcome::ALL.iter().position(|o| *o == outcome).unwrap_or_default();
        let allowed = view.allowed();
        // Whatever is not stated may be anything that the constraints allow.
        let mut wanted = view.diagrams(|d| {
            let broken = d.not(allowed);
            d.or(outcomes[index], broken)
        });
        if !view.reliable(&[wanted, allowed]) {
            return WhyNot::NotShown;
        }
        let start = Start::new(view, world, case);
        let mut ways: Vec<WayOut> = Vec::new();
        let mut tried = 0;
        while ways.len() < most && tried < 4 * most.max(1) {
            let Some(way) =
                view.diagrams(|d| Search::new(d, &|v, c| start.cost(v, c), &|v| start.is_set(v)).way(wanted, allowed))
            else {
                break;
            };
            tried += 1;
            let changed: Vec<(Var, usize)> =
                way.into_iter().filter(|(var, class)| start.cost(*var, *class) > 0).collect();
            if ways.first().is_some_and(|first| changed.len() > first.changes.len()) {
                break;
            }
            ways.extend(start.way_out(view, world, case, &changed, &reached));
            // The next way must not need the same changes.
            let same = view.diagrams(|d| cube(d, view, &changed));
            wanted = view.diagrams(|d| {
                let other = d.not(same);
                d.and(wanted, other)
            });
        }
        match (ways.is_empty(), tried) {
            (false, _) => WhyNot::Ways(ways),
            (true, 0) if view.reliable(&[wanted]) => WhyNot::Never,
            (true, _) => WhyNot::NotShown,
        }
    })
}

fn outcome_of(d: &crate::eval::Decision, world: &World, policy: PolicyId) -> Option<Outcome> {
    let policies = if d.items.is_empty() { &d.policies } else { &d.items.first()?.policies };
    policies.iter().find(|p| p.policy == world.policies[policy.index()].name)?.outcome.0
}

/// The function that all of some facts are of their classes.
fn cube(d: &mut Diagrams, view: &View<'_>, choices: &[(Var, usize)]) -> Id {
    choices.iter().fold(Diagrams::of(true), |t, (var, class)| {
        let Var::Fact(slot) = var else { return t };
        let is = d.is(*var, *class, view.domain(*slot).len());
        d.and(t, is)
    })
}

/// What the consignment is from the start: the class of each fact given or presumed.
struct Start {
    classes: BTreeMap<Slot, usize>,
}

impl Start {
    fn new(view: &View<'_>, world: &World, case: &Case) -> Self {
        let mut classes = BTreeMap::new();
        for slot in view.forgotten() {
            classes.extend(view.class_forgotten(slot).map(|class| (slot, class)));
        }
        for (i, fact) in world.facts.iter().enumerate() {
            let Some(presumption) = &fact.presumed else { continue };
            let id = FactId(i as u32);
            for slot in slots_of(fact.level, id, case.items.len(), case.licences.len()) {
                if !classes.contains_key(&slot) {
                    classes.extend(view.class_of(slot, &presumption.value).map(|class| (slot, class)));
                }
            }
        }
        // Nobody relies on an exception that has to be claimed before its ground is shown.
        for claimed in world.rules.iter().filter_map(|r| r.claimed.as_ref()) {
            claimed.atoms(&mut |atom, positive| {
                let AtomKind::Fact(f, Test::Yes) = &atom.kind else { return };
                for slot in slots_of(world.fact(*f).level, *f, case.items.len(), case.licences.len()) {
                    if positive && !classes.contains_key(&slot) {
                        classes.extend(view.class_of(slot, &Value::Bool(false)).map(|class| (slot, class)));
                    }
                }
            });
        }
        Start { classes }
    }

    /// True if something is known of a fact, given or presumed.
    fn is_set(&self, var: Var) -> bool {
        matches!(var, Var::Fact(slot) if self.classes.contains_key(&slot))
    }

    /// A fact that stays costs nothing; one that is not known yet a little less than one that would have to change.
    fn cost(&self, var: Var, class: usize) -> u32 {
        let Var::Fact(slot) = var else { return 1_000_000 };
        match self.classes.get(&slot) {
            _ if slot.fact().is_none() => 1_000_000,
            Some(is) if *is == class => 0,
            Some(_) => 1_001,
            None => 1_000,
        }
    }

    /// The consignment with the changes, if deciding it gives the outcome.
    ///
    /// A presumed fact raises no claim, so where that is what is wanting, what is presumed is stated too.
    fn way_out(
        &self,
        view: &View<'_>,
        world: &World,
        case: &Case,
        changed: &[(Var, usize)],
        reached: &dyn Fn(&Case) -> bool,
    ) -> Option<WayOut> {
        let with = |choices: &[(Var, usize)]| {
            let mut out = case.clone();
            for (var, class) in choices {
                let Var::Fact(slot) = var else { return None };
                witness::set(&mut out, *slot, witness::value(view, *slot, *class)?);
            }
            Some(out)
        };
        let presumed = self.classes.iter().filter(|(slot, _)| given(case, **slot).is_none());
        let unchanged = presumed.filter(|(slot, _)| !changed.iter().any(|(var, _)| *var == Var::Fact(**slot)));
        let mut stated = changed.to_vec();
        stated.extend(unchanged.map(|(slot, class)| (Var::Fact(*slot), *class)));
        let mut found = (with(changed)?, changed.to_vec());
        if !reached(&found.0) {
            found = (with(&stated)?, stated);
            if !reached(&found.0) {
                return None;
            }
            // Of what was stated, only what is needed.
            for (var, class) in found.1.clone() {
                let fewer: Vec<(Var, usize)> = found.1.iter().copied().filter(|c| *c != (var, class)).collect();
                let Some(case) = with(&fewer).filter(|c| !changed.contains(&(var, class)) && reached(c)) else {
                    continue;
                };
                found = (case, fewer);
            }
        }
        let (out, changed) = found;
        let changes = changed.iter().filter_map(|(var, class)| {
            let Var::Fact(slot) = var else { return None };
            let id = slot.fact()?;
            let fact = world.fact(id);
            let presumed = fact.presumed.as_ref().filter(|_| self.classes.contains_key(slot)).map(|p| p.value.clone());
            Some(Change {
                fact: id,
                to: witness::value(view, *slot, *class)?,
                from: given(case, *slot).cloned().or(presumed),
                answered_by: fact.answered_by.clone(),
            })
        });
        Some(WayOut { changes: changes.collect(), case: out })
    }
}

fn given(case: &Case, slot: Slot) -> Option<&Value> {
    match slot {
        Slot::Shared(f) => case.facts.get(&f),
        Slot::Item(n, f) => case.items.get(n as usize)?.get(&f),
        Slot::Licence(n, f) => case.licences.get(n as usize)?.fields.get(&f),
        _ => None,
    }
}
