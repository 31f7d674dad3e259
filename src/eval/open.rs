//! What is still open: facts to be asked, presumptions leaned on, exceptions nobody claimed.

use std::collections::BTreeSet;

use crate::model::{CategoryId, FactId, PolicyId, RuleId, RuleKind, Value};

use super::ask::{Asked, Certainty, Claims, Question, Scope, Setting};
use super::atom::Whose;
use super::category;
use super::decision::*;
use super::desk::Desk;
use super::env::{Origin, Slot};
use super::truth::Truth;

/// Something whose facts are asked for.
pub(super) enum Reads {
    Category(CategoryId),
    Rule(RuleId),
}

impl Desk<'_> {
    /// The unknown facts that some rules or categories read.
    pub(super) fn open_slots(&self, item: u32, of: &[Reads]) -> Vec<Slot> {
        let world = self.world();
        let mut facts = BTreeSet::new();
        let (env, reader) = (self.env, self.reader());
        for what in of {
            match what {
                Reads::Category(id) => {
                    let atom = crate::model::Atom {
                        span: crate::span::Span::default(),
                        kind: crate::model::AtomKind::In(vec![*id]),
                    };
                    self.setting.evaluator.classes.facts_of(&crate::model::Cond::Atom(atom), &mut facts);
                    facts.extend(self.setting.evaluator.code_confirmed);
                    let mut at = world.category(*id).parent;
                    while let Some(parent) = at {
                        self.setting.evaluator.classes.facts_of(&world.category(parent).cond, &mut facts);
                        at = world.category(parent).parent;
                    }
                }
                Reads::Rule(id) => {
                    let mut open = vec![*id];
                    let mut seen = BTreeSet::new();
                    while let Some(id) = open.pop() {
                        if !seen.insert(id) {
                            continue;
                        }
                        let rule = world.rule(id);
                        let dead = !rule.in_force.on(env.date)
                            || !self.raised(item, id)
                            || reader.cond(&rule.cond, Whose::item(item)) == Truth::No;
                        if dead {
                            continue;
                        }
                        self.setting.evaluator.classes.facts_of(&rule.cond, &mut facts);
                        facts.extend(self.setting.evaluator.code_confirmed);
                        open.extend(&self.setting.evaluator.defeaters[id.index()]);
                        open.extend(&rule.targets);
                    }
                }
            }
        }
        // Where no code is given and the description decides, neither the code nor its confirmation is open, unless
        // something asks for the code itself.
        let policy = of.first().and_then(|what| match what {
            Reads::Category(id) => world.category(*id).policy,
            Reads::Rule(id) => Some(world.rule(*id).policy),
        });
        let fits = env.code_fits(item, policy);
        let lists = &self.setting.evaluator.classes.lists;
        let coded = |f: &FactId| lists.leaves.iter().any(|l| l.codes.iter().any(|(c, _)| c == f));
        let any_code = facts.iter().any(|f| coded(f) && env.get(reader.slot(*f, Whose::item(item))).is_some());
        if fits {
            let asked = &self.setting.evaluator.classes.asked;
            let goods =
                |f: &FactId| coded(f) && !asked.contains(f) && env.get(reader.slot(*f, Whose::item(item))).is_none();
            facts.retain(|f| !goods(f) && (any_code || Some(*f) != self.setting.evaluator.code_confirmed));
        }
        let partial = |slot: &Slot| match env.get(*slot) {
            None => true,
            Some(k) => k.origin == Origin::Given && !k.exact && self.may_narrow(*slot),
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
    pub(super) fn may_narrow(&self, slot: Slot) -> bool {
        let narrows = matches!(self.env.get(slot).map(|k| &k.value), Some(Value::Choice(_) | Value::Code(_)));
        narrows && self.setting.evaluator.classes.values(self.env, slot).len() > 1
    }

    pub(super) fn fact_names(&self, slots: &[Slot]) -> Vec<String> {
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

    /// The unknown facts on which it hangs whether a policy applies.
    pub(super) fn open_applies(&self, policy: PolicyId, item: u32) -> Vec<Slot> {
        let world = self.world();
        let mut facts = BTreeSet::new();
        self.setting.evaluator.classes.facts_of(&world.policies[policy.index()].applies, &mut facts);
        let slots = facts.into_iter().filter(|f| !world.fact(*f).is_named_condition());
        let slots = slots.map(|f| self.reader().slot(f, Whose::item(item)));
        slots.filter(|s| self.env.get(*s).is_none()).collect()
    }

    /// The facts that can still change the outcome or whether it may proceed, the best question first.
    pub(super) fn missing(&mut self, policy: PolicyId, item: u32, out: &mut PolicyDecision) {
        let world = self.world();
        if out.outcome.0.is_some() && out.may_proceed.is_some() {
            return;
        }
        let (evaluator, env) = (self.setting.evaluator, self.env);
        let rules: Vec<Reads> = world
            .rules_of(policy)
            .filter(|(_, r)| r.effect.is_some() || r.kind == RuleKind::Bar)
            .map(|(id, _)| Reads::Rule(id))
            .collect();
        let mut slots = self.open_slots(item, &rules);
        slots.extend(self.open_applies(policy, item));
        // What the coverage of licences held asks for; the day of issue is not asked, since the last day settles more.
        let mut covered: BTreeSet<FactId> = BTreeSet::new();
        for licence in world.licences.iter().filter(|l| l.policy == policy && !env.held.is_empty()) {
            licence.covers.iter().for_each(|c| evaluator.classes.facts_of(c, &mut covered));
            covered.extend(licence.valid.and_then(|_| world.fact_named("licence.expires")));
        }
        for f in covered {
            let fact = world.fact(f);
            let all = match fact.level {
                crate::model::Level::Licence => (0..env.held.len() as u32).map(|n| Slot::Licence(n, f)).collect(),
                _ => vec![evaluator.reader(env).slot(f, Whose::item(item))],
            };
            slots.extend(all.into_iter().filter(|s| env.get(*s).is_none() && !fact.is_named_condition()));
        }
        slots.sort_unstable();
        slots.dedup();
        let scope = Scope { policies: &[policy], items: &[item] };
        let proceeds = Question::Truth(Asked::Proceeds(scope));
        let mut found = Vec::new();
        let mut tied = Vec::new();
        for slot in slots {
            let may_change = |desk: &mut Self, q: &Question<'_>| !desk.mattering(&[slot], q).is_empty();
            let is_tied =
                slot.fact().is_some_and(|f| evaluator.classes.constraint_facts.iter().any(|c| c.contains(&f)));
            let matters = out.outcome.0.is_none() && may_change(self, &Question::Outcome(scope))
                || out.may_proceed.is_none() && may_change(self, &proceeds)
                || is_tied && self.narrows(slot, scope);
            let ranked = (std::cmp::Reverse(self.weight(policy, item, slot)), slot);
            if matters {
                found.push(ranked);
            } else if is_tied {
                tied.push(ranked);
            }
        }
        if found.is_empty() {
            // Facts so tied to each other that no single answer narrows anything: only several together do.
            found = tied;
        }
        self.silent_tables(policy, item, out);
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

    /// Warns of charts and groups that say nothing where the answer waits for them: no fact can.
    fn silent_tables(&self, policy: PolicyId, item: u32, out: &mut PolicyDecision) {
        let world = self.world();
        let waits = self
            .with(policy, item, |i| i.rules().map(|id| i.stands(id)).chain([i.policy_applies()]).collect::<Vec<_>>());
        for truth in waits {
            let warning = match truth {
                Truth::Unknown(Slot::Cell(chart, column, place)) => world.charts.get(chart.index()).map(|c| {
                    let column = c.columns.get(column as usize).map_or("?", String::as_str);
                    format!("the chart {} says nothing of {} in column {column}", c.name, place.code(world))
                }),
                Truth::Unknown(Slot::Group(group, place)) => world.groups.get(group.index()).map(|g| {
                    format!("nothing says whether {} belonged to {} on {}", place.code(world), g.name, self.env.date)
                }),
                _ => None,
            };
            if let Some(w) = warning.filter(|w| !out.warnings.contains(w)) {
                out.warnings.push(w);
            }
        }
    }

    /// How many conditions a fact decides by itself: more first.
    pub(super) fn weight(&self, policy: PolicyId, item: u32, slot: Slot) -> usize {
        let world = self.world();
        let reader = self.reader();
        let blamed = |t: Truth| usize::from(t == Truth::Unknown(slot));
        let categories =
            world.categories_of(policy).map(|(id, _)| blamed(category::holds(&reader, id, item))).sum::<usize>();
        let rules = self.with(policy, item, |i| i.rules().map(|id| blamed(i.stands(id))).sum::<usize>());
        categories + rules
    }

    /// Presumptions that the answer leans on: without one, the outcome or whether it may proceed could be otherwise.
    pub(super) fn presumptions(&mut self, policy: PolicyId, item: u32, out: &mut PolicyDecision) {
        let world = self.world();
        let scope = Scope { policies: &[policy], items: &[item] };
        for slot in self.env.presumed(world) {
            if matches!(slot, Slot::Item(n, _) if n != item) {
                continue;
            }
            let Some(f) = slot.fact() else { continue };
            let leans = match self.settled.and_then(|v| v.part(policy, item)) {
                Some(part) => part.presumed.contains(&f),
                None => {
                    // Without it, is anything else possible?
                    let (outcomes, may) = self.without(slot, scope);
                    let stated: BTreeSet<Outcome> = match out.outcome.0 {
                        Some(o) => BTreeSet::from([o]),
                        None => out.possible.outcomes.iter().copied().collect(),
                    };
                    outcomes != stated || may != out.may_proceed
                }
            };
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

    /// Exceptions that nobody raised although what they defeat stands, or may.
    pub(super) fn claimable(&mut self, policy: PolicyId, item: u32, out: &mut PolicyDecision) {
        let world = self.world();
        let (evaluator, env, reader) = (self.setting.evaluator, self.env, self.reader());
        for (id, rule) in world.rules_of(policy) {
            let Some(claimed) = &rule.claimed else { continue };
            if self.raised(item, id) || !rule.in_force.on(env.date) {
                continue;
            }
            let whose = Whose::item(item);
            let may = reader.cond(claimed, whose).may() && reader.cond(&rule.cond, whose).may();
            let bears = may && self.certainty(&Asked::AnyStands(policy, item, &rule.targets)) != Certainty::Never;
            if !bears || !self.could_stand(policy, item, id) {
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

    /// Whether an exception could stand if its claim were raised: nothing that is certain defeats it.
    ///
    /// What defeats it counts where the exception itself applies, which is supposed here.
    fn could_stand(&self, policy: PolicyId, item: u32, id: RuleId) -> bool {
        let Claims::Found(found) = self.setting.claims else { return true };
        let mut raised = found.to_vec();
        raised[item as usize][id.index()] = true;
        let setting = Setting { claims: Claims::Found(&raised), ..self.setting };
        // Nothing that was found under other claims counts here.
        let reader = self.setting.evaluator.reader(self.env);
        let item = setting.item(&reader, policy, item);
        let surely_defeats = |by: &RuleId| {
            item.own(*by) == Truth::Yes && item.defeaters[by.index()].iter().all(|d| item.stands(*d) == Truth::No)
        };
        item.applies(id).may() && !item.defeaters[id.index()].iter().any(surely_defeats)
    }
}
