//! Mistakes in rules, licences, policies and facts.

use indexmap::IndexSet;

use crate::model::{Duration, Effect, FactId, LicenceId, Otherwise, PolicyId, RuleId, RuleKind, Value, World};
use crate::source::Sources;
use crate::span::Span;

use super::conds::mistakes;
use super::days;
use super::text::{cut, find, short, start};
use super::touch::Part;
use super::{Edit, Mutant};

/// Where the mutants of one declaration go.
pub(super) struct Into<'o> {
    pub(super) out: &'o mut Vec<Mutant>,
    pub(super) declaration: String,
}

impl Into<'_> {
    pub(super) fn add(&mut self, part: Part, span: Span, sentence: impl std::fmt::Display, edit: Edit) {
        let (declaration, sentence) = (self.declaration.clone(), sentence.to_string());
        self.out.push(Mutant { span, declaration, sentence, part, days: false, edit });
    }

    pub(super) fn days(&mut self, part: Part, span: Span, sentence: String, edit: Edit) {
        self.add(part, span, sentence, edit);
        if let Some(last) = self.out.last_mut() {
            last.days = true;
        }
    }
}

pub(super) fn rules(world: &World, sources: &Sources, out: &mut Vec<Mutant>) {
    for (i, rule) in world.rules.iter().enumerate() {
        let id = RuleId(i as u32);
        let kind = match rule.kind {
            RuleKind::Rule => "rule",
            RuleKind::Exception => "exception",
            RuleKind::Bar => "bar",
        };
        let mut to = Into { out, declaration: format!("{kind} {}", rule.name) };
        let at = |word: &str| find(sources, rule.span, word);
        if rule.kind != RuleKind::Rule {
            to.add(
                Part::Rule(id),
                rule.span,
                format!("left out ({})", rule.title),
                Box::new(move |w| {
                    w.rules[i].cond = crate::model::Cond::Any(Vec::new());
                }),
            );
            // A name stands for all versions of a rule.
            let names: IndexSet<&String> = rule.targets.iter().map(|t| &world.rule(*t).name).collect();
            for name in names.iter().filter(|_| names.len() > 1) {
                let target = (*name).clone();
                to.add(
                    Part::Follows(id),
                    at(name),
                    format!("no longer to `{name}`"),
                    Box::new(move |w| {
                        let named = |w: &World, t: RuleId| w.rule(t).name == target;
                        let targets = w.rules[i].targets.clone();
                        w.rules[i].targets = targets.into_iter().filter(|t| !named(w, *t)).collect();
                    }),
                );
            }
        }
        for m in mistakes(world, sources, rule.span, &rule.cond) {
            to.add(Part::Rule(id), m.span, m.sentence, Box::new(move |w| w.rules[i].cond = m.cond.clone()));
        }
        if let Some(claimed) = &rule.claimed {
            let sentence = format!("without `claimed when {}`", short(claimed, world));
            to.add(
                Part::Claim(id),
                start(claimed).unwrap_or(rule.span),
                sentence,
                Box::new(move |w| {
                    w.rules[i].claimed = None;
                }),
            );
        }
        if let Some(effect) = &rule.effect {
            for other in other_effects(world, rule.policy, effect) {
                let sentence = format!("`{}` read as `{}`", effect_text(world, effect), effect_text(world, &other));
                to.add(
                    Part::Follows(id),
                    at("then"),
                    sentence,
                    Box::new(move |w| {
                        w.rules[i].effect = Some(other.clone());
                    }),
                );
            }
        }
        for (n, duty) in rule.duties.iter().enumerate() {
            to.add(
                Part::Follows(id),
                at(&duty.text),
                format!("without the duty \"{}\"", cut(&duty.text)),
                Box::new(move |w| {
                    w.rules[i].duties.remove(n);
                }),
            );
        }
        for (n, document) in rule.documents.iter().enumerate() {
            to.add(
                Part::Follows(id),
                at(&document.code),
                format!("without the document \"{}\"", document.code),
                Box::new(move |w| {
                    w.rules[i].documents.remove(n);
                }),
            );
        }
        for (word, sentence, in_force) in days::moved(&rule.in_force) {
            to.days(Part::Rule(id), at(&word), sentence, Box::new(move |w| w.rules[i].in_force = in_force.clone()));
        }
    }
}

/// Milder and stricter effects, licences left out of a requirement, `or` for `and`.
fn other_effects(world: &World, policy: PolicyId, effect: &Effect) -> Vec<Effect> {
    let own: Vec<LicenceId> = (0..world.licences.len() as u32).map(LicenceId).collect();
    // A name stands for all versions of a licence.
    let name = |l: &LicenceId| &world.licence(*l).name;
    let versions = |l: &LicenceId, of: &[LicenceId]| -> Vec<LicenceId> {
        of.iter().copied().filter(|o| name(o) == name(l)).collect()
    };
    let usual = own.iter().find(|l| world.licence(**l).policy == policy && !world.licence(**l).general);
    let require = usual.map(|l| Effect::Require(vec![versions(l, &own)]));
    match effect {
        Effect::Prohibit => vec![require.unwrap_or(Effect::Permit(None))],
        Effect::Permit(under) => {
            let plain = under.map(|_| Effect::Permit(None));
            require.into_iter().chain([Effect::Prohibit]).chain(plain).collect()
        }
        Effect::Require(groups) => {
            let mut out = vec![Effect::Permit(None), Effect::Prohibit];
            // Each licence of each group, with all its versions.
            let mut apart: Vec<(usize, Vec<LicenceId>)> = Vec::new();
            for (g, group) in groups.iter().enumerate() {
                for l in group {
                    if !apart.iter().any(|(of, known)| *of == g && known.contains(l)) {
                        apart.push((g, versions(l, group)));
                    }
                }
            }
            if apart.len() > 1 {
                for (g, left_out) in &apart {
                    let mut fewer = groups.clone();
                    fewer[*g].retain(|l| !left_out.contains(l));
                    fewer.retain(|l| !l.is_empty());
                    out.push(Effect::Require(fewer));
                }
                let apart = apart.into_iter().map(|(_, l)| l).collect();
                out.push(Effect::Require(if groups.len() > 1 { vec![groups.concat()] } else { apart }));
            }
            out
        }
    }
}

fn effect_text(world: &World, effect: &Effect) -> String {
    let name = |l: &LicenceId| world.licence(*l).name.clone();
    match effect {
        Effect::Prohibit => "prohibit".to_owned(),
        Effect::Permit(None) => "permit".to_owned(),
        Effect::Permit(Some(l)) => format!("permit under {}", name(l)),
        Effect::Require(groups) => format!("require {}", world.all_of(groups)),
    }
}

pub(super) fn licences(world: &World, sources: &Sources, out: &mut Vec<Mutant>) {
    for (i, licence) in world.licences.iter().enumerate() {
        let id = LicenceId(i as u32);
        let mut to = Into { out, declaration: format!("licence {}", licence.name) };
        let at = |word: &str| find(sources, licence.span, word);
        for (n, duty) in licence.duties.iter().enumerate() {
            to.add(
                Part::Papers(id),
                at(&duty.text),
                format!("without the duty \"{}\"", cut(&duty.text)),
                Box::new(move |w| {
                    w.licences[i].duties.remove(n);
                }),
            );
        }
        for (n, document) in licence.documents.iter().enumerate() {
            to.add(
                Part::Papers(id),
                at(&document.code),
                format!("without the document \"{}\"", document.code),
                Box::new(move |w| {
                    w.licences[i].documents.remove(n);
                }),
            );
        }
        if let Some(covers) = &licence.covers {
            let sentence = format!("without `covers when {}`", short(covers, world));
            to.add(
                Part::Licence(id),
                start(covers).unwrap_or(licence.span),
                sentence,
                Box::new(move |w| {
                    w.licences[i].covers = None;
                }),
            );
            for m in mistakes(world, sources, licence.span, covers) {
                to.add(
                    Part::Licence(id),
                    m.span,
                    m.sentence,
                    Box::new(move |w| w.licences[i].covers = Some(m.cond.clone())),
                );
            }
        }
        if let Some(valid) = licence.valid {
            let (n, unit) = match valid {
                Duration::Days(n) => (n, "days"),
                Duration::Months(n) => (n, "months"),
            };
            for other in n.checked_sub(1).into_iter().chain([n + 1]) {
                let sentence = format!("`valid {n} {unit}` read as `valid {other} {unit}`");
                to.add(
                    Part::Valid(id),
                    at("valid"),
                    sentence,
                    Box::new(move |w| {
                        let moved = if unit == "days" { Duration::Days(other) } else { Duration::Months(other) };
                        w.licences[i].valid = Some(moved);
                    }),
                );
            }
        }
        for (word, sentence, in_force) in days::moved(&licence.in_force) {
            to.days(
                Part::Papers(id),
                at(&word),
                sentence,
                Box::new(move |w| w.licences[i].in_force = in_force.clone()),
            );
        }
    }
}

pub(super) fn policies(world: &World, sources: &Sources, out: &mut Vec<Mutant>) {
    for (i, policy) in world.policies.iter().enumerate() {
        let id = PolicyId(i as u32);
        let mut to = Into { out, declaration: format!("policy {}", policy.name) };
        for m in mistakes(world, sources, policy.span, &policy.applies) {
            to.add(Part::Applies(id), m.span, m.sentence, Box::new(move |w| w.policies[i].applies = m.cond.clone()));
        }
        let at = |word: &str| find(sources, policy.span, word);
        for (word, sentence, known) in days::interval(&policy.known) {
            to.days(Part::Known(id), at(&word), sentence, Box::new(move |w| w.policies[i].known = known));
        }
        let (now, other, then) = match policy.otherwise {
            Otherwise::Permit => ("permit", "prohibit", Otherwise::Prohibit),
            Otherwise::Prohibit => ("prohibit", "permit", Otherwise::Permit),
        };
        let sentence = format!("`otherwise {now}` read as `otherwise {other}`");
        to.add(Part::Known(id), at("otherwise"), sentence, Box::new(move |w| w.policies[i].otherwise = then));
    }
}

pub(super) fn facts(world: &World, sources: &Sources, out: &mut Vec<Mutant>) {
    for (i, fact) in world.facts.iter().enumerate() {
        let id = FactId(i as u32);
        let mut to = Into { out, declaration: format!("fact {}", fact.name) };
        for (v, (in_force, means)) in fact.means.iter().enumerate() {
            for m in mistakes(world, sources, fact.span, means) {
                to.add(Part::Means(id), m.span, m.sentence, Box::new(move |w| w.facts[i].means[v].1 = m.cond.clone()));
            }
            for (word, sentence, moved) in days::moved(in_force) {
                let span = find(sources, start(means).unwrap_or(fact.span), &word);
                to.days(Part::Means(id), span, sentence, Box::new(move |w| w.facts[i].means[v].0 = moved.clone()));
            }
        }
        let Some(presumption) = &fact.presumed else { continue };
        let value = presumption.value.display(&fact.ty, world);
        let at = find(sources, fact.span, "presumed");
        to.add(
            Part::Presumption(id),
            at,
            format!("without `presumed {value}`"),
            Box::new(move |w| w.facts[i].presumed = None),
        );
        if let Value::Bool(b) = presumption.value {
            let other = if b { "no" } else { "yes" };
            to.add(
                Part::Presumption(id),
                at,
                format!("`presumed {value}` read as `presumed {other}`"),
                Box::new(move |w| {
                    if let Some(p) = &mut w.facts[i].presumed {
                        p.value = Value::Bool(!b);
                    }
                }),
            );
        }
        if let Some(unless) = &presumption.unless {
            let mut set = |span: Option<Span>, sentence: String, cond: Option<crate::model::Cond>| {
                to.add(
                    Part::Unless(id),
                    span.unwrap_or(at),
                    sentence,
                    Box::new(move |w| {
                        if let Some(p) = &mut w.facts[i].presumed {
                            p.unless = cond.clone();
                        }
                    }),
                );
            };
            set(start(unless), format!("`presumed {value}` without its `unless {}`", short(unless, world)), None);
            for m in mistakes(world, sources, fact.span, unless) {
                set(Some(m.span), m.sentence, Some(m.cond));
            }
        }
    }
}

pub(super) fn constraints(world: &World, sources: &Sources, out: &mut Vec<Mutant>) {
    for (i, constraint) in world.constraints.iter().enumerate() {
        let mut to = Into { out, declaration: format!("constraint {}", constraint.name) };
        to.add(
            Part::Constraint(i),
            constraint.span,
            format!("left out ({})", constraint.title),
            Box::new(move |w| w.constraints[i].cond = crate::model::Cond::always()),
        );
        for m in mistakes(world, sources, constraint.span, &constraint.cond) {
            to.add(Part::Constraint(i), m.span, m.sentence, Box::new(move |w| w.constraints[i].cond = m.cond.clone()));
        }
        for (word, sentence, in_force) in days::moved(&constraint.in_force) {
            let span = find(sources, constraint.span, &word);
            to.days(
                Part::Constraint(i),
                span,
                sentence,
                Box::new(move |w| w.constraints[i].in_force = in_force.clone()),
            );
        }
    }
}
