//! One small consignment for a region, decided again before it is shown.
//!
//! The fewest facts are looked for that put a consignment into the region whatever else is so. The engine decides that
//! consignment on both sides; the plain interpreter decides it with every other fact stated too. Unless all of them
//! give the outcomes of the finding, it is not shown.

use crate::engine::Engine;
use crate::engine::diagram::{Id, Var};
use crate::engine::space::View;
use crate::eval::env::Slot;
use crate::eval::{Evaluator, Options, Outcome, PolicyDecision};
use crate::model::{Case, FactId, PolicyId, Value};

use super::super::least::Search;
use super::super::witness;
use super::region::Region;
use super::{Witness, words};

/// What decides on both sides.
pub struct Replay<'v> {
    view: &'v View<'v>,
    starts: [&'v Case; 2],
    policies: [PolicyId; 2],
    allowed: Id,
    /// On each side, by diagrams and by the plain interpreter.
    engines: [Evaluator<'v>; 2],
    plain: [Evaluator<'v>; 2],
    /// The facts that are presumed alike on both sides, each with its class.
    presumed: Vec<(Slot, usize)>,
}

impl<'v> Replay<'v> {
    /// For a policy on two sides.
    pub fn new(
        old: &'v View<'v>,
        new: &'v View<'v>,
        starts: (&'v Case, &'v Case),
        policies: (PolicyId, PolicyId),
        allowed: Id,
    ) -> Self {
        let worlds = [old.world(), new.world()];
        let mut presumed = Vec::new();
        for (i, (a, b)) in worlds[0].facts.iter().zip(&worlds[1].facts).enumerate() {
            let (Some(x), Some(y)) = (&a.presumed, &b.presumed) else { continue };
            let id = FactId(i as u32);
            if x.value == y.value {
                for slot in crate::eval::env::slots_of(a.level, id, 1, 0) {
                    presumed.extend(old.class_of(slot, &x.value).map(|class| (slot, class)));
                }
            }
        }
        Replay {
            view: old,
            starts: [starts.0, starts.1],
            policies: [policies.0, policies.1],
            allowed,
            engines: worlds.map(|w| Evaluator::with(w, Box::new(Engine))),
            plain: worlds.map(Evaluator::new),
            presumed,
        }
    }

    /// A consignment of a region that goes from one outcome to another.
    pub fn witness(&self, region: &Region, from: Outcome, to: Outcome) -> Option<Witness> {
        let region = self.view.diagrams(|d| region.some(d, &|v, c| self.cost(v, c)));
        let least = self.fewest(region)?;
        // With what is presumed left out; else with all that is needed.
        let unsaid: Vec<(Var, usize)> = least.iter().copied().filter(|c| !self.is_presumed(*c)).collect();
        for choices in [&unsaid, &least] {
            if let Some(found) = self.shown(choices, region, from, to) {
                return Some(found);
            }
        }
        let way = self.view.cheapest(region, &|v, c| self.cost(v, c))?;
        self.shown(&way.choices, region, from, to)
    }

    fn cost(&self, var: Var, class: usize) -> u32 {
        witness::cost(self.view, var, class)
    }

    fn is_presumed(&self, (var, class): (Var, usize)) -> bool {
        matches!(var, Var::Fact(slot) if self.presumed.contains(&(slot, class)))
    }

    /// The fewest facts that put a consignment into a region, presumed ones not counted.
    fn fewest(&self, region: Id) -> Option<Vec<(Var, usize)>> {
        let weigh = |var: Var, class: usize| if self.is_presumed((var, class)) { 1 } else { self.cost(var, class) };
        let way = self.view.diagrams(|d| {
            let broken = d.not(self.allowed);
            let wanted = d.or(region, broken);
            Search::new(d, &weigh, &|_| false).way(wanted, self.allowed)
        });
        way.or_else(|| self.view.cheapest(region, &|v, c| self.cost(v, c)).map(|w| w.choices))
    }

    /// The consignment with some facts, if all that decide it agree.
    fn shown(&self, choices: &[(Var, usize)], region: Id, from: Outcome, to: Outcome) -> Option<Witness> {
        let mut cases = Vec::new();
        let full = self.complete(choices, region)?;
        for start in self.starts {
            cases.push((witness::stated(self.view, start, choices)?, witness::stated(self.view, start, &full)?));
        }
        let mut decided = Vec::new();
        for (side, outcome) in [from, to].into_iter().enumerate() {
            let options = Options { policies: Some(vec![self.policies[side]]), ..Options::default() };
            let found = |evaluator: &Evaluator<'_>, case: &Case| -> Option<PolicyDecision> {
                let decision = evaluator.decide(case, &options).ok()?;
                let policy = decision.policies.into_iter().next()?;
                (policy.outcome.0 == Some(outcome)).then_some(policy)
            };
            found(&self.plain[side], &cases[side].1)?;
            decided.push(found(&self.engines[side], &cases[side].0)?);
        }
        let rules = |d: &PolicyDecision| d.decided_by.iter().map(|r| r.rule.clone()).collect::<Vec<_>>();
        let case = cases.pop()?.0;
        let world = self.view.world();
        let date = world.fact_named("date");
        let own = |values: &std::collections::BTreeMap<FactId, Value>| {
            let mut all: Vec<(FactId, Value)> = values.iter().map(|(f, v)| (*f, v.clone())).collect();
            all.retain(|(f, _)| Some(*f) != date);
            all
        };
        let mut all = own(&case.facts);
        all.extend(case.items.first().map(own).unwrap_or_default());
        let facts = all.iter().map(|(f, v)| words::value(world, *f, v)).collect();
        Some(Witness { case, facts, before: rules(&decided[0]), after: rules(&decided[1]) })
    }

    /// The same with every fact stated that the outcome may hang on.
    fn complete(&self, choices: &[(Var, usize)], region: Id) -> Option<Vec<(Var, usize)>> {
        let date = self.view.world().fact_named("date");
        witness::complete(self.view, self.allowed, choices, region, &|slot| {
            slot.fact().is_some_and(|f| Some(f) == date)
        })
    }
}
