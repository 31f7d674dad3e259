//! From a consignment to its decision.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use crate::model::{Case, CategoryId, Effect, FactId, LicenceId, PolicyId, RuleId, RuleKind, Value, World};

use super::atom::{Reader, Whose};
use super::category;
use super::complete::{Classes, Overflow, Search, Unit};
use super::decision::*;
use super::env::{Env, Known, Origin, Slot, slots_of};
use super::explain;
use super::lists::direct_facts;
use super::rules::{Item, outcome_of};
use super::truth::Truth;

/// How a decision is made.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether the reasons are given as a tree.
    pub why: bool,
    /// How many evaluations all questions about unknown facts of one consignment may take together.
    pub limit: u32,
}

impl Default for Options {
    fn default() -> Self {
        Options { why: false, limit: 200_000 }
    }
}

/// The facts of a consignment cannot all be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The constraints, each with its title and the facts given that it reads.
    pub constraints: Vec<(String, String, Vec<String>)>,
}

/// Decides consignments by a world of policies.
pub struct Evaluator<'a> {
    world: &'a World,
    classes: Classes<'a>,
    code_confirmed: Option<FactId>,
    /// For each rule, the exceptions and bars that name it.
    defeaters: Vec<Vec<RuleId>>,
    /// For each rule, the facts that its condition reads itself.
    rule_facts: Vec<BTreeSet<FactId>>,
}

/// One question about a consignment being decided, and all that its answer needs.
struct Desk<'e, 'a> {
    evaluator: &'e Evaluator<'a>,
    /// For each item, for each rule: whether its claim is raised.
    raised: Vec<Vec<bool>>,
    /// How many evaluations are left for all questions.
    left: u32,
    /// Set once any question ran into its limit.
    overflow: bool,
}

/// How many evaluations one question may take.
const QUESTION: u32 = 20_000;

impl<'a> Evaluator<'a> {
    /// An evaluator for a world.
    pub fn new(world: &'a World) -> Self {
        let code_confirmed = world.fact_named("goods.code_confirmed");
        let mut defeaters = vec![Vec::new(); world.rules.len()];
        for (i, rule) in world.rules.iter().enumerate() {
            for target in &rule.targets {
                defeaters[target.index()].push(RuleId(i as u32));
            }
        }
        let facts = |r: &crate::model::Rule| {
            let mut facts = BTreeSet::new();
            direct_facts(world, &r.cond, &mut facts);
            facts
        };
        let rule_facts = world.rules.iter().map(facts).collect();
        Evaluator { world, rule_facts, classes: Classes::new(world, code_confirmed), code_confirmed, defeaters }
    }

    fn reader<'e>(&'e self, env: &'e Env) -> Reader<'e> {
        self.classes.reader(env)
    }

    /// Decides a consignment.
    ///
    /// # Errors
    /// [`Broken`] if its facts break a constraint, so that no consignment can be as it says.
    pub fn decide(&self, case: &Case, options: &Options) -> Result<Decision, Broken> {
        let mut env = Env::new(self.world, case);
        self.check_constraints(&env)?;
        let raised = self.claims(&env);
        self.presume(&mut env);
        let mut desk = Desk { evaluator: self, raised, left: options.limit, overflow: false };
        if !desk.possible(&mut env) {
            return Err(Broken { constraints: self.named_constraints(&env, None) });
        }
        desk.code_presumption(&mut env);
        Ok(desk.decision(&mut env, case, options))
    }

    fn check_constraints(&self, env: &Env) -> Result<(), Broken> {
        let search = Search { classes: &self.classes, left: 0 };
        let broken = search.broken(env);
        if broken.is_empty() { Ok(()) } else { Err(Broken { constraints: self.named_constraints(env, Some(&broken)) }) }
    }

    /// The constraints asked for (or all that read something known), with the known facts that they read.
    fn named_constraints(&self, env: &Env, which: Option<&[usize]>) -> Vec<(String, String, Vec<String>)> {
        let mut out = Vec::new();
        for (i, c) in self.world.constraints.iter().enumerate() {
            if which.is_some_and(|w| !w.contains(&i)) || !c.in_force.on(env.date) {
                continue;
            }
            let mut facts = BTreeSet::new();
            self.classes.facts_of(&c.cond, &mut facts);
            let known = |f: &&FactId| {
                let level = self.world.fact(**f).level;
                slots_of(level, **f, env.item_count(), env.held.len()).into_iter().any(|s| env.is_known(s))
            };
            let names: Vec<String> = facts.iter().filter(known).map(|f| self.world.fact(*f).name.clone()).collect();
            if !names.is_empty() {
                out.push((c.name.clone(), c.title.clone(), names));
            }
        }
        out
    }

    /// Which claims are raised, on the facts given alone: presumptions raise nothing.
    fn claims(&self, env: &Env) -> Vec<Vec<bool>> {
        let reader = self.reader(env);
        let one = |item: u32| {
            let raised = |r: &crate::model::Rule| match &r.claimed {
                None => true,
                Some(c) => reader.cond(c, Whose::item(item)) == Truth::Yes,
            };
            self.world.rules.iter().map(raised).collect()
        };
        (0..env.item_count() as u32).map(one).collect()
    }

    /// Supplies presumed values: each on the facts given alone, and none that a constraint excludes.
    fn presume(&self, env: &mut Env) {
        let given = env.clone();
        let reader = self.reader(&given);
        for (i, fact) in self.world.facts.iter().enumerate() {
            let Some(presumption) = &fact.presumed else { continue };
            let id = FactId(i as u32);
            for slot in slots_of(fact.level, id, env.item_count(), env.held.len()) {
                if given.get(slot).is_some() {
                    continue;
                }
                let items = match slot {
                    Slot::Item(n, _) => n..n + 1,
                    _ => 0..given.item_count() as u32,
                };
                let unless =
                    |n: u32| presumption.unless.as_ref().is_some_and(|c| reader.cond(c, Whose::item(n)) == Truth::Yes);
                if items.into_iter().any(unless) {
                    continue;
                }
                let known = Known { value: presumption.value.clone(), exact: true, origin: Origin::Presumed };
                let mut tried = given.clone();
                tried.set(slot, Some(known.clone()));
                let search = Search { classes: &self.classes, left: 0 };
                if search.allowed(&tried, slot) {
                    env.set(slot, Some(known));
                }
            }
        }
    }
}

impl<'a> Desk<'_, 'a> {
    fn world(&self) -> &'a World {
        self.evaluator.world
    }

    /// Runs a search with a limit of its own and that of the whole; `None` if it ran into either.
    fn search<T>(&mut self, f: impl FnOnce(&mut Search<'a, '_>) -> Result<T, Overflow>) -> Option<T> {
        let allowed = QUESTION.min(self.left);
        let mut search = Search { classes: &self.evaluator.classes, left: allowed };
        let found = f(&mut search).ok();
        self.left -= allowed - search.left.min(allowed);
        self.overflow |= found.is_none();
        found
    }

    /// Calls `f` with one policy on one item.
    fn with<T>(
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
    fn possible(&mut self, env: &mut Env) -> bool {
        self.search(|s| s.feasible(env)).unwrap_or(true)
    }

    fn policies(&self) -> Vec<PolicyId> {
        (0..self.world().policies.len() as u32).map(PolicyId).collect()
    }

    /// True if the law of a policy is encoded for the day.
    fn is_known(&self, env: &Env, policy: PolicyId) -> bool {
        self.world().policies[policy.index()].known.contains(env.date)
    }

    /// Where no code is given, the description alone decides, as long as that makes no decision milder.
    ///
    /// For each item without a code: if in some completion the outcome with its description presumed to fit is milder
    /// than it would be under some code, the code is treated as unknown instead.
    fn code_presumption(&mut self, env: &mut Env) {
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
    fn outcomes(&mut self, env: &mut Env, policies: &[PolicyId], items: &[u32]) -> BTreeSet<Outcome> {
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
    fn may_proceed(
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
    fn certainty(&mut self, env: &mut Env, target: &dyn Fn(&Env) -> Truth) -> Certainty {
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
    fn mattering<T: PartialEq>(
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

    fn decision(&mut self, env: &mut Env, case: &Case, options: &Options) -> Decision {
        let policies = self.policies();
        let all_items: Vec<u32> = (0..env.item_count() as u32).collect();
        let outcomes = self.outcomes(env, &policies, &all_items);
        let may_proceed = self.may_proceed(env, &policies, &all_items, &outcomes);
        let mut warnings = case.warnings.clone();
        let mut items = Vec::new();
        for item in &all_items {
            let answers: Vec<PolicyDecision> =
                policies.iter().map(|p| self.policy_decision(env, *p, *item, options)).collect();
            let (joint_outcomes, joint_may) = if all_items.len() == 1 {
                (outcomes.clone(), may_proceed)
            } else {
                let o = self.outcomes(env, &policies, &[*item]);
                let m = self.may_proceed(env, &policies, &[*item], &o);
                (o, m)
            };
            items.push(ItemDecision {
                item: item + 1,
                outcome: word(&joint_outcomes),
                may_proceed: joint_may,
                policies: answers,
            });
        }
        if outcomes.len() == 1 && outcomes.contains(&Outcome::NotApplicable) {
            warnings.push("no policy loaded speaks to this; that is no clearance".to_owned());
        }
        let resolved = !self.overflow;
        let possible_outcomes = if outcomes.len() > 1 { outcomes.iter().rev().copied().collect() } else { Vec::new() };
        let policies = if case.listed { Vec::new() } else { items.pop().map(|i| i.policies).unwrap_or_default() };
        Decision {
            schema: SCHEMA,
            id: case.id.clone(),
            as_of: case.date.to_string(),
            outcome: word(&outcomes),
            may_proceed,
            policies,
            items,
            possible_outcomes,
            resolved,
            warnings,
        }
    }

    fn policy_decision(&mut self, env: &mut Env, policy: PolicyId, item: u32, options: &Options) -> PolicyDecision {
        let world = self.world();
        let found = &world.policies[policy.index()];
        let mut out = PolicyDecision {
            policy: found.name.clone(),
            digest: found.digest.clone(),
            outcome: Word(None),
            may_proceed: None,
            under: None,
            categories: Vec::new(),
            decided_by: Vec::new(),
            defeated: Vec::new(),
            requirements: Vec::new(),
            duties: Vec::new(),
            documents: Vec::new(),
            not_documents: Vec::new(),
            presumed: Vec::new(),
            excluded: Vec::new(),
            near: Vec::new(),
            claimable: Vec::new(),
            possible: Possible::default(),
            missing: Vec::new(),
            resolved: true,
            warnings: Vec::new(),
            unmodelled: found.unmodelled.clone(),
            known_to: found.known.to.map(|d| d.to_string()),
            why: Vec::new(),
        };
        if !self.is_known(env, policy) {
            out.possible.outcomes = Outcome::ALL.into_iter().rev().collect();
            out.warnings.push(format!("{} lies outside what is encoded of this law ({})", env.date, found.known));
            return out;
        }
        let before = std::mem::replace(&mut self.overflow, false);
        let outcomes = self.outcomes(env, &[policy], &[item]);
        out.outcome = word(&outcomes);
        out.may_proceed = self.may_proceed(env, &[policy], &[item], &outcomes);
        if outcomes.len() > 1 {
            out.possible.outcomes = outcomes.iter().rev().copied().collect();
        }
        if outcomes.iter().any(|o| *o != Outcome::NotApplicable) {
            self.categories(env, policy, item, &mut out);
            self.rules(env, policy, item, &mut out);
            self.missing(env, policy, item, &mut out);
            self.presumptions(env, policy, item, &mut out);
            self.claimable(env, policy, item, &mut out);
        }
        if options.why {
            let (evaluator, raised) = (self.evaluator, &self.raised);
            out.why = Self::with(evaluator, raised, env, policy, item, |i| explain::policy(i, &out));
        }
        out.resolved = !self.overflow;
        self.overflow |= before;
        out
    }

    fn categories(&mut self, env: &mut Env, policy: PolicyId, item: u32, out: &mut PolicyDecision) {
        let world = self.world();
        let evaluator = self.evaluator;
        for (id, c) in world.categories.iter().enumerate().map(|(i, c)| (CategoryId(i as u32), c)) {
            let named_child = |child: &CategoryId| !world.category(*child).unnamed;
            if c.policy != Some(policy) || c.unnamed || c.children.iter().any(named_child) {
                continue;
            }
            let holds = move |env: &Env| category::holds(&evaluator.reader(env), id, item);
            match self.certainty(env, &holds) {
                Certainty::Never => {
                    let reader = evaluator.reader(env);
                    let listed = |l: &&super::lists::Leaf<'_>| category::leaf_coded(&reader, l, item) == Truth::Yes;
                    let mut because = Vec::new();
                    let mut any = false;
                    for leaf in reader.lists.below(id, env.date).filter(listed) {
                        any = true;
                        for c in &leaf.conditions {
                            explain::failing(&reader, c, item, &mut because);
                        }
                    }
                    because.dedup();
                    if any {
                        out.excluded.push(Excluded { category: c.name.clone(), because });
                    }
                    continue;
                }
                Certainty::Always => {
                    out.categories.push(c.name.clone());
                    let reader = evaluator.reader(env);
                    let below = reader.lists.below(id, env.date).filter(|l| l.id != id);
                    let holding = below.filter(|l| category::leaf_holds(&reader, l, item) == Truth::Yes);
                    let leaf_doubts: Vec<String> = holding.filter_map(|l| world.category(l.id).doubt.clone()).collect();
                    let all = c.doubt.iter().chain(&leaf_doubts);
                    out.warnings.extend(all.map(|d| format!("{}: {d}", c.name)));
                }
                Certainty::Sometimes => {
                    let slots = self.open_slots(env, item, &[&Cond1::Category(id)]);
                    let waits = self.waits_of_entry(env, id, item, &slots);
                    out.possible.categories.push(Waiting { name: c.name.clone(), waits_for: self.fact_names(&waits) });
                }
            }
            let reader = evaluator.reader(env);
            let hidden = reader.lists.below(id, env.date).any(|leaf| {
                let look = category::look(&reader, leaf, item);
                leaf.described() && look.description.may() && look.code == Truth::No
            });
            if hidden {
                out.near.push(Near { category: c.name.clone(), because: "code" });
            }
        }
    }

    /// The facts that an entry waits for: only its own ways down can change it, unless they ask for other entries.
    fn waits_of_entry(&mut self, env: &mut Env, id: CategoryId, item: u32, slots: &[Slot]) -> Vec<Slot> {
        let evaluator = self.evaluator;
        let mut out = Vec::new();
        for slot in slots {
            let units: Vec<Unit<'_>> = vec![Box::new(move |env| category::holds(&evaluator.reader(env), id, item))];
            let answer = self.search(|s| {
                s.matters(env, *slot, &units, &mut |e| category::holds(&evaluator.reader(e), id, item).known())
            });
            if answer.unwrap_or(true) {
                out.push(*slot);
            }
        }
        out
    }

    fn rules(&mut self, env: &mut Env, policy: PolicyId, item: u32, out: &mut PolicyDecision) {
        let world = self.world();
        let (evaluator, raised) = (self.evaluator, self.raised.clone());
        let stands = |env: &Env, id: RuleId| {
            Self::with(evaluator, &raised, env, policy, item, |i| i.policy_applies().and(|| i.stands(id)))
        };
        let ids: Vec<RuleId> = world.rules_of(policy).map(|(id, _)| id).collect();
        let mut certain = Vec::new();
        let mut sometimes = Vec::new();
        for id in ids {
            let quick = stands(env, id);
            let certainty = if quick == Truth::No { Certainty::Never } else { self.certainty(env, &|e| stands(e, id)) };
            match certainty {
                Certainty::Always => certain.push(id),
                Certainty::Sometimes => sometimes.push(id),
                Certainty::Never => {
                    let by = Self::with(evaluator, &raised, env, policy, item, |i| {
                        let defeater = |d: &&RuleId| i.stands(**d) == Truth::Yes;
                        let by = evaluator.defeaters[id.index()].iter().find(defeater).copied();
                        if i.applies(id) == Truth::Yes { by } else { None }
                    });
                    if let Some(by) = by {
                        let rule = world.rule(id);
                        let by = world.rule(by).name.clone();
                        out.defeated.push(DefeatedRule { rule: rule.name.clone(), by, cite: rule.cite.clone() });
                    }
                }
            }
        }
        for id in &certain {
            let rule = world.rule(*id);
            let deciding = rule.effect.as_ref().is_some_and(|e| out.outcome.0 == Some(outcome_of(e)));
            if deciding {
                out.decided_by.push(self.deciding(*id));
                out.warnings.extend(rule.doubt.iter().map(|d| format!("{}: {d}", rule.name)));
            }
            if let (Some(Effect::Permit(Some(l))), Some(Outcome::Permitted)) = (&rule.effect, out.outcome.0) {
                out.under = Some(world.licence(*l).name.clone());
            }
            if let Some(Effect::Require(groups)) = &rule.effect {
                for group in groups {
                    let requirement = self.requirement(env, policy, item, *id, group);
                    out.requirements.push(requirement);
                }
            }
        }
        self.papers(env, policy, item, &certain, &sometimes, out);
    }

    fn deciding(&self, id: RuleId) -> DecidingRule {
        let world = self.world();
        let rule = world.rule(id);
        let (effect, licence) = match &rule.effect {
            None => ("none", None),
            Some(Effect::Prohibit) => ("prohibit", None),
            Some(Effect::Permit(l)) => ("permit", l.map(|l| world.licence(l).name.clone())),
            Some(Effect::Require(groups)) => {
                ("require", Some(groups.iter().map(|g| self.group_name(g)).collect::<Vec<_>>().join(" and ")))
            }
        };
        DecidingRule {
            rule: rule.name.clone(),
            title: rule.title.clone(),
            cite: rule.cite.clone(),
            effect,
            licence,
            review: rule.review.clone(),
            reason: rule.reason.clone(),
        }
    }

    fn group_name(&self, group: &[LicenceId]) -> String {
        group.iter().map(|l| self.world().licence(*l).name.as_str()).collect::<Vec<_>>().join(" or ")
    }

    fn requirement(
        &mut self,
        env: &mut Env,
        policy: PolicyId,
        item: u32,
        id: RuleId,
        group: &[LicenceId],
    ) -> Requirement {
        let world = self.world();
        let rule = world.rule(id);
        let (evaluator, raised) = (self.evaluator, self.raised.clone());
        let mut out = Requirement {
            licence: self.group_name(group),
            rule: rule.name.clone(),
            reason: rule.reason.clone(),
            covered_by: None,
            failed: Vec::new(),
            unknown: Vec::new(),
        };
        let (mut failed, mut unknown) = (BTreeSet::new(), BTreeSet::new());
        for held in 0..env.held.len() as u32 {
            for licence in group {
                let covers =
                    |env: &Env| Self::with(evaluator, &raised, env, policy, item, |i| i.covers(held, *licence, id));
                let of_kind = Self::with(evaluator, &raised, env, policy, item, |i| i.is_kind(held, *licence));
                if !of_kind {
                    continue;
                }
                if self.certainty(env, &covers) == Certainty::Always {
                    let number = world.fact_named("licence.number").map(|f| Slot::Licence(held, f));
                    let name = match number.and_then(|s| env.get(s)).map(|k| &k.value) {
                        Some(Value::Text(t)) => format!("{} {t}", env.held[held as usize]),
                        _ => format!("{} (licence {} of those held)", env.held[held as usize], held + 1),
                    };
                    out.covered_by = Some(name);
                    return out;
                }
                let parts = Self::with(evaluator, &raised, env, policy, item, |i| explain::coverage(i, held, *licence));
                for (facts, truth) in parts {
                    match truth {
                        Truth::Yes => {}
                        Truth::No => failed.extend(facts),
                        Truth::Unknown(slot) => unknown.extend(slot.fact().map(|f| world.fact(f).name.clone())),
                    }
                }
            }
        }
        (out.failed, out.unknown) = (failed.into_iter().collect(), unknown.into_iter().collect());
        out
    }

    /// Duties and documents, of rules that stand and of licences they require or permit under.
    fn papers(
        &mut self,
        env: &mut Env,
        policy: PolicyId,
        item: u32,
        certain: &[RuleId],
        sometimes: &[RuleId],
        out: &mut PolicyDecision,
    ) {
        let world = self.world();
        let (evaluator, raised) = (self.evaluator, self.raised.clone());
        let date = env.date;
        let licences = |id: &RuleId| -> Vec<LicenceId> {
            match &world.rule(*id).effect {
                Some(Effect::Permit(Some(l))) => vec![*l],
                Some(Effect::Require(groups)) => groups.iter().flatten().copied().collect(),
                _ => Vec::new(),
            }
            .into_iter()
            .filter(|l| world.licence(*l).in_force.on(date))
            .collect()
        };
        // What each rule gives: duties of its own and of the licence it permits under; documents of its own and of its licences.
        let duties = |id: &RuleId| {
            let rule = world.rule(*id);
            let due = |d: &crate::model::Duty, from: &str| DutyDue {
                duty: d.text.clone(),
                when: d.timing.clone(),
                from: from.to_owned(),
            };
            let mut all: Vec<DutyDue> = rule.duties.iter().map(|d| due(d, &rule.name)).collect();
            if matches!(rule.effect, Some(Effect::Permit(Some(_)))) {
                all.extend(
                    licences(id)
                        .iter()
                        .flat_map(|l| world.licence(*l).duties.iter().map(|d| due(d, &world.licence(*l).name))),
                );
            }
            all
        };
        let documents = |id: &RuleId| {
            let own = world.rule(*id).documents.iter().cloned();
            own.chain(licences(id).iter().flat_map(|l| world.licence(*l).documents.clone())).collect::<Vec<_>>()
        };
        let mut all_duties: Vec<DutyDue> = Vec::new();
        let mut all_documents = Vec::new();
        for id in certain.iter().chain(sometimes) {
            for d in duties(id) {
                if !all_duties.contains(&d) {
                    all_duties.push(d);
                }
            }
            for d in documents(id) {
                if !all_documents.contains(&d) {
                    all_documents.push(d);
                }
            }
        }
        // Negative codes of rules that do not stand are named too.
        for (id, _) in world.rules_of(policy) {
            for d in world.rule(id).documents.iter().filter(|d| d.negative && world.rule(id).in_force.on(date)) {
                if !all_documents.contains(d) {
                    all_documents.push(d.clone());
                }
            }
        }
        let giving = |wanted: &dyn Fn(&RuleId) -> bool| -> Vec<RuleId> {
            world.rules_of(policy).map(|(id, _)| id).filter(|id| wanted(id)).collect()
        };
        let any_stands = |env: &Env, rules: &[RuleId]| {
            Self::with(evaluator, &raised, env, policy, item, |i| {
                i.policy_applies().and(|| rules.iter().fold(Truth::No, |t, id| t.or(|| i.stands(*id))))
            })
        };
        for duty in all_duties {
            let rules = giving(&|id| duties(id).contains(&duty));
            match self.certainty(env, &|e| any_stands(e, &rules)) {
                Certainty::Always => out.duties.push(duty),
                Certainty::Never => {}
                Certainty::Sometimes => {
                    let waits = self.waiting(env, (policy, item), &rules, &|e| any_stands(e, &rules).known());
                    out.possible.duties.push(Waiting { name: duty.duty, waits_for: waits });
                }
            }
        }
        for document in all_documents {
            let rules = giving(&|id| documents(id).contains(&document));
            match self.certainty(env, &|e| any_stands(e, &rules)) {
                Certainty::Always => out.documents.push(document.code),
                Certainty::Never if document.negative => out.not_documents.push(document.code),
                Certainty::Never => {}
                Certainty::Sometimes => {
                    let waits = self.waiting(env, (policy, item), &rules, &|e| any_stands(e, &rules).known());
                    out.possible.documents.push(Waiting { name: document.code, waits_for: waits });
                }
            }
        }
        for id in sometimes {
            if let Some(Effect::Require(groups)) = &world.rule(*id).effect {
                let waits = self.waiting(env, (policy, item), &[*id], &|e| any_stands(e, &[*id]).known());
                for group in groups {
                    let name = format!("{} ({})", self.group_name(group), world.rule(*id).name);
                    out.possible.requirements.push(Waiting { name, waits_for: waits.clone() });
                }
            }
        }
        out.documents.sort();
        out.not_documents.sort();
    }

    fn waiting(
        &mut self,
        env: &mut Env,
        (policy, item): (PolicyId, u32),
        rules: &[RuleId],
        target: &dyn Fn(&Env) -> Result<bool, Slot>,
    ) -> Vec<String> {
        let conds: Vec<Cond1> = rules.iter().map(|r| Cond1::Rule(*r)).collect();
        let refs: Vec<&Cond1> = conds.iter().collect();
        let slots = self.open_slots(env, item, &refs);
        let waits = self.mattering(env, (policy, item), &slots, target);
        self.fact_names(&waits)
    }

    /// The unknown facts that some rules or categories read.
    fn open_slots(&self, env: &Env, item: u32, of: &[&Cond1]) -> Vec<Slot> {
        let world = self.world();
        let mut facts = BTreeSet::new();
        let reader = self.evaluator.reader(env);
        for what in of {
            match what {
                Cond1::Category(id) => {
                    let atom = crate::model::Atom {
                        span: crate::span::Span::default(),
                        kind: crate::model::AtomKind::In(vec![*id]),
                    };
                    self.evaluator.classes.facts_of(&crate::model::Cond::Atom(atom), &mut facts);
                    facts.extend(self.evaluator.code_confirmed);
                    let mut at = world.category(*id).parent;
                    while let Some(parent) = at {
                        self.evaluator.classes.facts_of(&world.category(parent).cond, &mut facts);
                        at = world.category(parent).parent;
                    }
                }
                Cond1::Rule(id) => {
                    let mut open = vec![*id];
                    let mut seen = BTreeSet::new();
                    while let Some(id) = open.pop() {
                        if !seen.insert(id) {
                            continue;
                        }
                        let rule = world.rule(id);
                        let dead = !rule.in_force.on(env.date)
                            || !self.raised[item as usize][id.index()]
                            || reader.cond(&rule.cond, Whose::item(item)) == Truth::No;
                        if dead {
                            continue;
                        }
                        self.evaluator.classes.facts_of(&rule.cond, &mut facts);
                        facts.extend(self.evaluator.code_confirmed);
                        open.extend(&self.evaluator.defeaters[id.index()]);
                        open.extend(&rule.targets);
                    }
                }
            }
        }
        // Where no code is given and the description decides, neither the code nor its confirmation is open.
        let fits = env.code_fits.get(item as usize) == Some(&true);
        let lists = &self.evaluator.classes.lists;
        let coded = |f: &FactId| lists.leaves.iter().any(|l| l.codes.iter().any(|(c, _)| c == f));
        let any_code = facts.iter().any(|f| coded(f) && env.get(reader.slot(*f, Whose::item(item))).is_some());
        if fits {
            let goods = |f: &FactId| coded(f) && env.get(reader.slot(*f, Whose::item(item))).is_none();
            facts.retain(|f| !goods(f) && (any_code || Some(*f) != self.evaluator.code_confirmed));
        }
        let partial = |slot: &Slot| match env.get(*slot) {
            None => true,
            Some(k) => k.origin == Origin::Given && !k.exact && self.may_narrow(env, *slot),
        };
        let slots = facts.into_iter().filter(|f| !world.fact(*f).is_named_condition()).flat_map(|f| {
            match world.fact(f).level {
                crate::model::Level::Consignment => vec![Slot::Shared(f)],
                crate::model::Level::Goods => vec![Slot::Item(item, f)],
                crate::model::Level::Licence => (0..env.held.len() as u32).map(|i| Slot::Licence(i, f)).collect(),
            }
        });
        slots.filter(partial).collect()
    }

    /// True if what is given leaves more than one class open.
    fn may_narrow(&self, env: &Env, slot: Slot) -> bool {
        let narrows = matches!(env.get(slot).map(|k| &k.value), Some(Value::Choice(_) | Value::Code(_)));
        narrows && self.evaluator.classes.values(env, slot).len() > 1
    }

    fn fact_names(&self, slots: &[Slot]) -> Vec<String> {
        let mut out = Vec::new();
        for slot in slots {
            if let Some(f) = slot.fact() {
                let name = self.world().fact(f).name.clone();
                if !out.contains(&name) {
                    out.push(name);
                }
            }
        }
        out
    }

    /// The facts that can still change the outcome or whether it may proceed, the best question first.
    fn missing(&mut self, env: &mut Env, policy: PolicyId, item: u32, out: &mut PolicyDecision) {
        let world = self.world();
        if out.outcome.0.is_some() && out.may_proceed.is_some() {
            return;
        }
        let (evaluator, raised) = (self.evaluator, self.raised.clone());
        let rules: Vec<Cond1> = world
            .rules_of(policy)
            .filter(|(_, r)| r.effect.is_some() || r.kind == RuleKind::Bar)
            .map(|(id, _)| Cond1::Rule(id))
            .collect();
        let refs: Vec<&Cond1> = rules.iter().collect();
        let mut slots = self.open_slots(env, item, &refs);
        let mut applies = BTreeSet::new();
        evaluator.classes.facts_of(&world.policies[policy.index()].applies, &mut applies);
        for f in applies {
            let slot = evaluator.reader(env).slot(f, Whose::item(item));
            if env.get(slot).is_none() && !slots.contains(&slot) {
                slots.push(slot);
            }
        }
        for (f, fact) in world.facts.iter().enumerate().filter(|(_, f)| f.level == crate::model::Level::Licence) {
            for n in 0..env.held.len() as u32 {
                let slot = Slot::Licence(n, FactId(f as u32));
                if env.get(slot).is_none() && !fact.is_named_condition() {
                    slots.push(slot);
                }
            }
        }
        let outcome = |e: &Env| Self::with(evaluator, &raised, e, policy, item, |i| i.outcome());
        let may = |e: &Env| proceeds(evaluator, &raised, e, &[policy], &[item]).known();
        let mut found = Vec::new();
        for slot in slots {
            let for_outcome =
                out.outcome.0.is_none() && !self.mattering(env, (policy, item), &[slot], &outcome).is_empty();
            let matters = for_outcome
                || (out.may_proceed.is_none() && !self.mattering(env, (policy, item), &[slot], &may).is_empty());
            if matters {
                found.push((std::cmp::Reverse(self.weight(env, policy, item, slot)), slot));
            }
        }
        found.sort();
        for (_, slot) in found {
            let Some(f) = slot.fact() else { continue };
            let fact = world.fact(f);
            let which = match slot {
                Slot::Item(n, _) if env.item_count() > 1 => Some(n + 1),
                Slot::Licence(n, _) if env.held.len() > 1 => Some(n + 1),
                _ => None,
            };
            out.missing.push(Missing {
                fact: fact.name.clone(),
                item: which,
                ask: fact.question(),
                answered_by: fact.answered_by.clone(),
            });
        }
    }

    /// How many conditions a fact decides by itself: more first.
    fn weight(&self, env: &Env, policy: PolicyId, item: u32, slot: Slot) -> usize {
        let world = self.world();
        let reader = self.evaluator.reader(env);
        let blamed = |t: Truth| usize::from(t == Truth::Unknown(slot));
        let categories =
            world.categories_of(policy).map(|(id, _)| blamed(category::holds(&reader, id, item))).sum::<usize>();
        let rules = Self::with(self.evaluator, &self.raised, env, policy, item, |i| {
            i.rules().map(|id| blamed(i.stands(id))).sum::<usize>()
        });
        categories + rules
    }

    /// Presumptions that the answer leans on: without one, the outcome or whether it may proceed could be otherwise.
    fn presumptions(&mut self, env: &mut Env, policy: PolicyId, item: u32, out: &mut PolicyDecision) {
        let world = self.world();
        let (evaluator, raised) = (self.evaluator, self.raised.clone());
        for slot in env.presumed(world) {
            if matches!(slot, Slot::Item(n, _) if n != item) {
                continue;
            }
            let Some(f) = slot.fact() else { continue };
            if units(evaluator, &raised, env, policy, item, slot).is_empty() {
                continue;
            }
            let was = env.get(slot).cloned();
            let mut otherwise = false;
            let (stated, may) = (out.outcome.0, out.may_proceed);
            let seen = |answer: Result<(Outcome, bool), Slot>| {
                answer.map(|(o, m)| stated.is_some_and(|s| s != o) || may.is_some_and(|s| s != m))
            };
            let mut target = |env: &mut Env| {
                let outcome = Self::with(evaluator, &raised, env, policy, item, |i| i.outcome());
                let proceed = proceeds(evaluator, &raised, env, &[policy], &[item]).known();
                seen(outcome.and_then(|o| proceed.map(|m| (o, m))))
            };
            // Of an open answer every presumption that a rule reads is named: what it settles cannot be told apart.
            let mut leans = stated.is_none();
            if !leans {
                env.set(slot, None);
                let done = self.search(|s| {
                    s.explore(env, &mut target, &mut |_, _, differs| {
                        otherwise |= differs;
                        Ok(if otherwise { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
                    })
                });
                env.set(slot, was);
                leans = otherwise || done.is_none();
            }
            let fact = world.fact(f);
            if let (true, Some(p)) = (leans, &fact.presumed) {
                let value = match &p.value {
                    Value::Bool(b) => serde_json::Value::Bool(*b),
                    other => serde_json::Value::String(other.display(&fact.ty, world)),
                };
                out.presumed.push(Presumed {
                    fact: fact.name.clone(),
                    value,
                    because: p.because.clone(),
                    milder: p.milder,
                });
            }
        }
        out.presumed.sort_by_key(|p| !p.milder);
    }

    /// Exceptions that nobody raised although what they defeat applies, or may.
    fn claimable(&mut self, env: &Env, policy: PolicyId, item: u32, out: &mut PolicyDecision) {
        let world = self.world();
        let evaluator = self.evaluator;
        let reader = evaluator.reader(env);
        for (id, rule) in world.rules_of(policy) {
            let Some(claimed) = &rule.claimed else { continue };
            if self.raised[item as usize][id.index()] || !rule.in_force.on(env.date) {
                continue;
            }
            let whose = Whose::item(item);
            let may = reader.cond(claimed, whose).may() && reader.cond(&rule.cond, whose).may();
            let named = Self::with(evaluator, &self.raised, env, policy, item, |i| {
                i.policy_applies().may() && rule.targets.iter().any(|t| i.stands(*t).may())
            });
            if !may || !named {
                continue;
            }
            let mut facts = BTreeSet::new();
            evaluator.classes.facts_of(claimed, &mut facts);
            let mut own = BTreeSet::new();
            evaluator.classes.facts_of(&rule.cond, &mut own);
            let order = facts.iter().chain(own.difference(&facts));
            let open = order.filter(|f| !world.fact(**f).is_named_condition());
            let open = open.filter(|f| env.get(reader.slot(**f, whose)).is_none_or(|k| k.origin == Origin::Presumed));
            let names = open.map(|f| world.fact(*f).name.clone()).collect();
            out.claimable.push(Claimable { rule: rule.name.clone(), cite: rule.cite.clone(), facts: names });
        }
    }
}

/// Something whose facts are asked for.
enum Cond1 {
    Category(CategoryId),
    Rule(RuleId),
}

/// How sure something is over the completions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Certainty {
    Always,
    Sometimes,
    Never,
}

fn word(outcomes: &BTreeSet<Outcome>) -> Word {
    Word(if outcomes.len() == 1 { outcomes.first().copied() } else { None })
}

/// The strictest outcome of several policies on several items.
fn joint(
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
fn proceeds(evaluator: &Evaluator<'_>, raised: &[Vec<bool>], env: &Env, policies: &[PolicyId], items: &[u32]) -> Truth {
    let mut truth = Truth::Yes;
    for policy in policies {
        for item in items {
            truth = truth.and(|| Desk::with(evaluator, raised, env, *policy, *item, |i| i.may_proceed()));
        }
    }
    truth
}

/// Outcomes that cannot be ruled out without completing anything: a sound bound.
fn bounds(
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
fn units<'u>(
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
