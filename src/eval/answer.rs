//! The answer of each policy on each item, put together from what is certain and what is possible.

use std::collections::BTreeSet;

use indexmap::IndexSet;

use crate::model::{Case, CategoryId, Document, Duty, Effect, LicenceId, PolicyId, RuleId, Value};

use super::ask::{Asked, Certainty, Question, Scope};
use super::category;
use super::decide::Options;
use super::decision::*;
use super::desk::{Desk, word};
use super::doubts;
use super::env::Slot;
use super::explain;
use super::open::Reads;
use super::rules::outcome_of;
use super::truth::Truth;

impl Desk<'_> {
    pub(super) fn decision(&mut self, case: &Case, policies: &[PolicyId], options: &Options) -> Decision {
        let all_items: Vec<u32> = (0..self.env.item_count() as u32).collect();
        let all = Scope { policies, items: &all_items };
        let outcomes = self.outcomes(all);
        let may_proceed = self.may_proceed(all, &outcomes);
        let mut warnings = case.warnings.clone();
        let mut items = Vec::new();
        for item in &all_items {
            let answers: Vec<PolicyDecision> =
                policies.iter().map(|p| self.policy_decision(*p, *item, options)).collect();
            let (joint_outcomes, joint_may) = if all_items.len() == 1 {
                (outcomes.clone(), may_proceed)
            } else {
                let one = Scope { items: &[*item], ..all };
                let o = self.outcomes(one);
                let m = self.may_proceed(one, &o);
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

    fn policy_decision(&mut self, policy: PolicyId, item: u32, options: &Options) -> PolicyDecision {
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
        if !self.is_known(policy) {
            out.possible.outcomes = Outcome::ALL.into_iter().rev().collect();
            out.warnings.push(format!("{} lies outside what is encoded of this law ({})", self.env.date, found.known));
            return out;
        }
        let before = std::mem::replace(&mut self.overflow, false);
        let scope = Scope { policies: &[policy], items: &[item] };
        let outcomes = self.outcomes(scope);
        out.outcome = word(&outcomes);
        out.may_proceed = self.may_proceed(scope, &outcomes);
        if outcomes.len() > 1 {
            out.possible.outcomes = outcomes.iter().rev().copied().collect();
        }
        if outcomes.iter().any(|o| *o != Outcome::NotApplicable) {
            self.categories(policy, item, options.brief, &mut out);
            self.rules(policy, item, options.brief, &mut out);
            self.missing(policy, item, &mut out);
            if !options.brief {
                self.presumptions(policy, item, &mut out);
                self.claimable(policy, item, &mut out);
            }
        }
        if options.why {
            out.why = self.with(policy, item, |i| explain::policy(i, &out));
        }
        let mut seen = BTreeSet::new();
        out.warnings.retain(|w| seen.insert(w.clone()));
        out.resolved = !self.overflow && !self.unsettled.contains(&(policy, item));
        self.overflow |= before;
        out
    }

    fn categories(&mut self, policy: PolicyId, item: u32, brief: bool, out: &mut PolicyDecision) {
        let world = self.world();
        let reader = self.reader();
        // In brief only entries that the goods are in are told, and once all is settled it is known which.
        let found = self.settled.filter(|_| brief).and_then(|v| v.part(policy, item));
        let mut ids: Vec<CategoryId> = match found {
            Some(part) => part.entries.clone(),
            None => (0..world.categories.len()).map(|i| CategoryId(i as u32)).collect(),
        };
        ids.sort_unstable();
        for (id, c) in ids.into_iter().map(|id| (id, world.category(id))) {
            if c.policy != Some(policy) || c.unnamed || reader.lists.reported(id, reader.env.date).next().is_none() {
                continue;
            }
            match self.certainty(&Asked::Entry(id, item)) {
                Certainty::Never if brief => continue,
                Certainty::Never => {
                    let listed = |l: &&super::lists::Leaf<'_>| category::leaf_coded(&reader, l, item) == Truth::Yes;
                    let mut because = Vec::new();
                    let mut any = false;
                    for leaf in reader.lists.reported(id, reader.env.date).filter(listed) {
                        any = true;
                        for c in &leaf.conditions {
                            explain::failing(&reader, c, item, &mut because);
                        }
                    }
                    let mut seen = BTreeSet::new();
                    because.retain(|b: &String| seen.insert(b.clone()));
                    if any {
                        out.excluded.push(Excluded { category: c.name.clone(), because });
                    }
                    continue;
                }
                Certainty::Always => {
                    out.categories.push(c.name.clone());
                    let below = reader.lists.reported(id, reader.env.date).filter(|l| l.id != id);
                    let holding = below.filter(|l| category::leaf_holds(&reader, l, item) == Truth::Yes);
                    let leaf_doubts: Vec<String> = holding.filter_map(|l| world.category(l.id).doubt.clone()).collect();
                    let all = c.doubt.iter().chain(&leaf_doubts);
                    out.warnings.extend(all.map(|d| format!("{}: {d}", c.name)));
                    let holding = reader.lists.reported(id, reader.env.date);
                    let holding = holding.filter(|l| category::leaf_holds(&reader, l, item) == Truth::Yes);
                    let conditions = holding.flat_map(|l| &l.conditions);
                    conditions.for_each(|c| doubts::of(&reader, c, item, &mut out.warnings));
                }
                Certainty::Sometimes if brief => continue,
                Certainty::Sometimes => {
                    let slots = self.open_slots(item, &[Reads::Category(id)]);
                    let waits = self.waits_for(&slots, &Question::Truth(Asked::Entry(id, item)));
                    out.possible.categories.push(Waiting { name: c.name.clone(), waits_for: self.fact_names(&waits) });
                }
            }
            if brief {
                continue;
            }
            let hidden = reader.lists.reported(id, reader.env.date).any(|leaf| {
                let look = category::look(&reader, leaf, item);
                leaf.described() && look.description.may() && look.code == Truth::No
            });
            if hidden {
                out.near.push(Near { category: c.name.clone(), because: "code" });
            }
        }
    }

    fn rules(&mut self, policy: PolicyId, item: u32, brief: bool, out: &mut PolicyDecision) {
        let world = self.world();
        let found = self.settled.filter(|_| brief).and_then(|v| v.part(policy, item));
        let mut ids: Vec<RuleId> = match found {
            Some(part) => part.stands.clone(),
            None => world.rules_of(policy).map(|(id, _)| id).collect(),
        };
        ids.sort_unstable();
        let mut certain = Vec::new();
        let mut sometimes = Vec::new();
        for id in ids {
            match self.certainty(&Asked::AnyStands(policy, item, &[id])) {
                Certainty::Always => certain.push(id),
                Certainty::Sometimes => sometimes.push(id),
                Certainty::Never if brief => {}
                Certainty::Never => {
                    let defeaters = &self.setting.evaluator.defeaters[id.index()];
                    let by = self.with(policy, item, |i| {
                        let by = defeaters.iter().find(|d| i.stands(**d) == Truth::Yes).copied();
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
                doubts::of(&self.reader(), &rule.cond, item, &mut out.warnings);
            }
            if let (Some(Effect::Permit(Some(l))), Some(Outcome::Permitted)) = (&rule.effect, out.outcome.0) {
                // Of several the first by name, so that the order of declarations does not matter.
                let name = world.licence(*l).name.clone();
                out.under = Some(out.under.take().map_or(name.clone(), |u| u.min(name)));
            }
            if let (false, Some(Effect::Require(groups))) = (brief, &rule.effect) {
                for group in groups {
                    let requirement = self.requirement(policy, item, *id, group);
                    out.requirements.push(requirement);
                }
            }
        }
        if !brief {
            self.duties(policy, item, &certain, &sometimes, out);
        }
        self.documents(policy, item, brief, &certain, &sometimes, out);
        if !brief {
            self.possible_requirements(policy, item, &sometimes, out);
        }
    }

    fn deciding(&self, id: RuleId) -> DecidingRule {
        let world = self.world();
        let rule = world.rule(id);
        let (effect, licence) = match &rule.effect {
            None => ("none", None),
            Some(Effect::Prohibit) => ("prohibit", None),
            Some(Effect::Permit(l)) => ("permit", l.map(|l| world.licence(l).name.clone())),
            Some(Effect::Require(groups)) => ("require", Some(world.all_of(groups))),
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

    fn requirement(&mut self, policy: PolicyId, item: u32, id: RuleId, group: &[LicenceId]) -> Requirement {
        let world = self.world();
        let rule = world.rule(id);
        let env = self.env;
        let mut out = Requirement {
            licence: world.any_of(group),
            rule: rule.name.clone(),
            reason: rule.reason.clone(),
            covered_by: None,
            failed: Vec::new(),
            unknown: Vec::new(),
        };
        let (mut failed, mut unknown) = (BTreeSet::new(), BTreeSet::new());
        for held in 0..env.held.len() as u32 {
            for licence in group {
                if !self.with(policy, item, |i| i.is_kind(held, *licence)) {
                    continue;
                }
                let covers = Asked::Covers { policy, item, held, licence: *licence, rule: id };
                if self.certainty(&covers) == Certainty::Always {
                    let number = world.fact_named("licence.number").map(|f| Slot::Licence(held, f));
                    let name = match number.and_then(|s| env.get(s)).map(|k| &k.value) {
                        Some(Value::Text(t)) => format!("{} {t}", env.held[held as usize]),
                        _ => format!("{} (licence {} of those held)", env.held[held as usize], held + 1),
                    };
                    out.covered_by = Some(name);
                    return out;
                }
                let parts = self.with(policy, item, |i| explain::coverage(i, held, *licence));
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

    /// The licences that a rule requires or permits under, as far as they are in force.
    fn licences_of(&self, id: RuleId) -> Vec<LicenceId> {
        let world = self.world();
        let all = match &world.rule(id).effect {
            Some(Effect::Permit(Some(l))) => vec![*l],
            Some(Effect::Require(groups)) => groups.iter().flatten().copied().collect(),
            _ => Vec::new(),
        };
        all.into_iter().filter(|l| world.licence(*l).in_force.on(self.env.date)).collect()
    }

    /// The duties that a rule gives: its own, and those of the licence that it permits under.
    fn duties_of(&self, id: RuleId) -> Vec<DutyDue> {
        let world = self.world();
        let rule = world.rule(id);
        let due =
            |d: &Duty, from: &str| DutyDue { duty: d.text.clone(), when: d.timing.clone(), from: from.to_owned() };
        let mut all: Vec<DutyDue> = rule.duties.iter().map(|d| due(d, &rule.name)).collect();
        if matches!(rule.effect, Some(Effect::Permit(Some(_)))) {
            let licences = self.licences_of(id).into_iter().map(|l| world.licence(l));
            all.extend(licences.flat_map(|l| l.duties.iter().map(|d| due(d, &l.name))));
        }
        all
    }

    /// The documents that a rule gives: its own, and those of its licences.
    fn documents_of(&self, id: RuleId) -> Vec<&Document> {
        let world = self.world();
        let licences = self.licences_of(id).into_iter().flat_map(|l| &world.licence(l).documents);
        world.rule(id).documents.iter().chain(licences).collect()
    }

    /// The rules of a policy for which something holds.
    fn giving(&self, policy: PolicyId, wanted: impl Fn(RuleId) -> bool) -> Vec<RuleId> {
        self.world().rules_of(policy).map(|(id, _)| id).filter(|id| wanted(*id)).collect()
    }

    /// The duties of rules that stand, and of the licences that they permit under.
    fn duties(
        &mut self,
        policy: PolicyId,
        item: u32,
        certain: &[RuleId],
        sometimes: &[RuleId],
        out: &mut PolicyDecision,
    ) {
        let mut all: Vec<DutyDue> = Vec::new();
        for duty in certain.iter().chain(sometimes).flat_map(|id| self.duties_of(*id)) {
            if !all.contains(&duty) {
                all.push(duty);
            }
        }
        for duty in all {
            let rules = self.giving(policy, |id| self.duties_of(id).contains(&duty));
            match self.certainty(&Asked::AnyStands(policy, item, &rules)) {
                Certainty::Always => out.duties.push(duty),
                Certainty::Never => {}
                Certainty::Sometimes => {
                    let waits = self.waiting(policy, item, &rules);
                    out.possible.duties.push(Waiting { name: duty.duty, waits_for: waits });
                }
            }
        }
    }

    /// The documents of rules that stand, and of licences that they require or permit under.
    fn documents(
        &mut self,
        policy: PolicyId,
        item: u32,
        brief: bool,
        certain: &[RuleId],
        sometimes: &[RuleId],
        out: &mut PolicyDecision,
    ) {
        let world = self.world();
        let mut all: IndexSet<Document> =
            certain.iter().chain(sometimes).flat_map(|id| self.documents_of(*id)).cloned().collect();
        // Negative codes of rules that do not stand are named too.
        let in_force = world.rules_of(policy).filter(|(_, r)| r.in_force.on(self.env.date));
        all.extend(in_force.flat_map(|(_, r)| &r.documents).filter(|d| d.negative).cloned());
        for document in all {
            let rules = self.giving(policy, |id| self.documents_of(id).contains(&&document));
            match self.certainty(&Asked::AnyStands(policy, item, &rules)) {
                Certainty::Always => out.documents.push(document.code),
                Certainty::Never if document.negative => out.not_documents.push(document.code),
                Certainty::Never => {}
                Certainty::Sometimes if brief => {}
                Certainty::Sometimes => {
                    let waits = self.waiting(policy, item, &rules);
                    out.possible.documents.push(Waiting { name: document.code, waits_for: waits });
                }
            }
        }
        out.documents.sort();
        out.not_documents.sort();
    }

    fn possible_requirements(&mut self, policy: PolicyId, item: u32, sometimes: &[RuleId], out: &mut PolicyDecision) {
        let world = self.world();
        for id in sometimes {
            if let Some(Effect::Require(groups)) = &world.rule(*id).effect {
                let waits = self.waiting(policy, item, &[*id]);
                for group in groups {
                    let name = format!("{} ({})", world.any_of(group), world.rule(*id).name);
                    out.possible.requirements.push(Waiting { name, waits_for: waits.clone() });
                }
            }
        }
    }

    /// The facts on which an answer that is possible hangs. Where facts are so tied to each other by constraints that none
    /// changes it alone, it hangs on those that are tied.
    fn waits_for(&mut self, slots: &[Slot], question: &Question<'_>) -> Vec<Slot> {
        let found = self.mattering(slots, question);
        if !found.is_empty() {
            return found;
        }
        let constraints = &self.setting.evaluator.classes.constraint_facts;
        let tied = |s: &&Slot| s.fact().is_some_and(|f| constraints.iter().any(|c| c.contains(&f)));
        slots.iter().filter(tied).copied().collect()
    }

    /// The facts on which it hangs whether any of some rules stands.
    fn waiting(&mut self, policy: PolicyId, item: u32, rules: &[RuleId]) -> Vec<String> {
        let reads: Vec<Reads> = rules.iter().map(|r| Reads::Rule(*r)).collect();
        let mut slots = self.open_slots(item, &reads);
        let applies = self.open_applies(policy, item);
        slots.extend(applies.into_iter().filter(|s| !slots.contains(s)).collect::<Vec<_>>());
        let waits = self.waits_for(&slots, &Question::Truth(Asked::AnyStands(policy, item, rules)));
        self.fact_names(&waits)
    }
}
