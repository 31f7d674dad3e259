//! Entries that no rule asks for, facts that change nothing, presumptions that make no difference.
//!
//! Only what a policy declares is told: a shared module serves others too.

use std::collections::BTreeSet;

use crate::engine::diagram::{NO, Var};
use crate::eval::env::Slot;
use crate::model::{CategoryId, Cond, Date, FactId, InForce, Level, PolicyId, Value, World};

use super::day::Day;
use super::reach::Reach;
use super::{Finding, NotAnalysed, Question, Scene};

/// Whether a fact changes any condition that reads it, or what is presumed of it any condition it reaches.
pub(super) struct Idle<'w> {
    fact: FactId,
    /// The conditions, each with when it is in force.
    holders: Vec<(InForce, &'w Cond)>,
    /// For a presumption: its value, and where it is not made.
    presumed: Option<(&'w Value, Option<&'w Cond>)>,
    slot: Slot,
    days: BTreeSet<Date>,
    effect: bool,
    open: Option<NotAnalysed>,
}

/// Every condition of a policy and of what is shared, each with when it is in force; of licences, those that cover.
fn conditions<'w>(scene: &Scene<'w>) -> Vec<(InForce, &'w Cond)> {
    let world = scene.world;
    let mut out: Vec<(InForce, &Cond)> = Vec::new();
    let always = InForce::default;
    out.push((always(), &world.policies[scene.policy.index()].applies));
    for (_, rule) in world.rules_of(scene.policy) {
        out.extend(std::iter::once(&rule.cond).chain(&rule.claimed).map(|c| (rule.in_force.clone(), c)));
    }
    out.extend(world.categories.iter().map(|c| (c.in_force.clone(), &c.cond)));
    for fact in &world.facts {
        out.extend(fact.means.iter().map(|(days, c)| (days.clone(), c)));
        out.extend(fact.presumed.iter().filter_map(|p| p.unless.as_ref()).map(|c| (always(), c)));
    }
    out.extend(world.licences.iter().filter_map(|l| l.covers.as_ref()).map(|c| (always(), c)));
    out
}

/// The facts that a condition reads itself, named conditions not followed.
fn direct(cond: &Cond) -> BTreeSet<FactId> {
    use crate::model::AtomKind;
    let mut out = BTreeSet::new();
    cond.atoms(&mut |atom, _| match &atom.kind {
        AtomKind::Fact(f, _)
        | AtomKind::Elements { fact: f, .. }
        | AtomKind::Empty(f)
        | AtomKind::Includes(f)
        | AtomKind::Means(f) => {
            out.insert(*f);
        }
        AtomKind::Facts(a, _, b) => out.extend([*a, *b]),
        AtomKind::In(_) | AtomKind::CodedUnder(_) => {}
    });
    out
}

/// Facts that constraints, codes or licences read, which is taken as an effect.
fn taken(world: &World) -> BTreeSet<FactId> {
    let mut out: BTreeSet<FactId> = world.constraints.iter().flat_map(|c| direct(&c.cond)).collect();
    out.extend(world.categories.iter().flat_map(|c| c.codes.iter().map(|(f, _)| *f)));
    out.extend(world.licences.iter().filter_map(|l| l.covers.as_ref()).flat_map(direct));
    out
}

pub(super) fn facts<'w>(scene: &Scene<'w>) -> Vec<Idle<'w>> {
    let world = scene.world;
    let (all, taken) = (conditions(scene), taken(world));
    let mut out = Vec::new();
    for (i, fact) in world.facts.iter().enumerate().filter(|(_, f)| f.policy == Some(scene.policy)) {
        let id = FactId(i as u32);
        // The date picks the law, whether or not a condition reads it.
        if taken.contains(&id) || fact.level == Level::Licence || fact.name == "date" {
            continue;
        }
        let holders: Vec<_> = all.iter().filter(|(_, c)| direct(c).contains(&id)).cloned().collect();
        if holders.is_empty() && fact.note.is_some() {
            // Its note says why it is declared all the same.
            continue;
        }
        // That a named condition is read is enough: whether it is ever so is asked elsewhere.
        let effect = fact.is_named_condition() && !holders.is_empty();
        out.push(idle(scene, id, holders, None, effect));
    }
    out
}

pub(super) fn presumptions<'w>(scene: &Scene<'w>) -> Vec<Idle<'w>> {
    let world = scene.world;
    let all = conditions(scene);
    let mut out = Vec::new();
    for (i, fact) in world.facts.iter().enumerate().filter(|(_, f)| f.policy == Some(scene.policy)) {
        let id = FactId(i as u32);
        let Some(p) = fact.presumed.as_ref().filter(|_| fact.level != Level::Licence) else { continue };
        let holders: Vec<_> = all.iter().filter(|(_, c)| Reach::of(world, c).facts.contains(&id)).cloned().collect();
        if !holders.is_empty() {
            out.push(idle(scene, id, holders, Some((&p.value, p.unless.as_ref())), false));
        }
    }
    out
}

fn idle<'w>(
    scene: &Scene<'w>,
    fact: FactId,
    holders: Vec<(InForce, &'w Cond)>,
    presumed: Option<(&'w Value, Option<&'w Cond>)>,
    effect: bool,
) -> Idle<'w> {
    let world = scene.world;
    let mut reach = scene.common();
    for (days, cond) in &holders {
        reach.in_force(days);
        reach.cond(cond);
    }
    presumed.iter().filter_map(|(_, unless)| *unless).for_each(|c| reach.cond(c));
    let licence =
        holders.iter().any(|(_, c)| Reach::of(world, c).facts.iter().any(|f| world.fact(*f).level == Level::Licence));
    let slot = match world.fact(fact).level {
        Level::Goods => Slot::Item(0, fact),
        _ => Slot::Shared(fact),
    };
    let days = if holders.is_empty() { BTreeSet::new() } else { reach.days(&scene.known()) };
    let open = reach.date_compared.then_some(NotAnalysed::Date);
    // A condition on licences cannot be looked at without one; that it reads the fact is taken as an effect.
    Idle { fact, holders, presumed, slot, days, effect: effect || licence, open }
}

impl Question for Idle<'_> {
    fn days(&self) -> &BTreeSet<Date> {
        &self.days
    }

    fn settled(&self) -> bool {
        self.effect || self.open == Some(NotAnalysed::TooLarge)
    }

    fn look(&mut self, day: &Day<'_>) {
        let var = Var::Fact(self.slot);
        for (_, cond) in self.holders.iter().filter(|(days, _)| days.on(day.date())) {
            let holds = day.cond(cond);
            let reads = day.diagrams(|d| d.support(&[holds])).contains(&var);
            let effect = reads
                && self.presumed.is_none_or(|(value, unless)| {
                    let not = day.not(holds);
                    let presumed = day.is(self.slot, value);
                    let other = day.not(presumed);
                    let made = unless.map_or(crate::engine::diagram::YES, |u| {
                        let unless = day.cond(u);
                        day.not(unless)
                    });
                    let part = |f, at| {
                        let f = day.and(f, at);
                        let f = day.and(f, made);
                        let f = day.within(f);
                        day.diagrams(|d| d.some(f, var))
                    };
                    let (a, b) = (part(holds, presumed), part(not, other));
                    let (c, d) = (part(holds, other), part(not, presumed));
                    day.and(a, b) != NO || day.and(c, d) != NO
                });
            if !day.ok() {
                return;
            }
            if effect {
                self.effect = true;
                return;
            }
        }
    }

    fn give_up(&mut self, why: NotAnalysed) {
        self.open = Some(why);
    }
}

pub(super) fn findings(scene: &Scene<'_>, facts: Vec<Idle<'_>>, presumed: Vec<Idle<'_>>, out: &mut Vec<Finding>) {
    let world = scene.world;
    out.extend(unused_entries(world, scene.policy).into_iter().map(Finding::UnusedEntry));
    let mut idle: BTreeSet<FactId> = BTreeSet::new();
    for q in facts.into_iter().filter(|q| !q.effect) {
        let fact = world.fact(q.fact);
        idle.insert(q.fact);
        out.push(match q.open {
            Some(why) => {
                let what = format!("whether fact `{}` changes anything", fact.name);
                Finding::NotAnalysed { span: fact.span, what, why }
            }
            None => Finding::IdleFact { fact: q.fact, read: !q.holders.is_empty() },
        });
    }
    for q in presumed.into_iter().filter(|q| !q.effect && !idle.contains(&q.fact)) {
        let fact = world.fact(q.fact);
        out.push(match q.open {
            Some(why) => {
                let what = format!("whether the presumption of `{}` changes anything", fact.name);
                Finding::NotAnalysed { span: fact.span, what, why }
            }
            None => Finding::IdlePresumption(q.fact),
        });
    }
}

/// The entries that neither are asked for, nor stand in one that is, nor hold one; of each branch the topmost.
fn unused_entries(world: &World, policy: PolicyId) -> Vec<CategoryId> {
    let mut reach = Reach::new(world);
    for (_, rule) in world.rules_of(policy) {
        reach.cond(&rule.cond);
        rule.claimed.iter().for_each(|c| reach.cond(c));
    }
    world.policies.get(policy.index()).into_iter().for_each(|p| reach.cond(&p.applies));
    for c in &world.constraints {
        reach.cond(&c.cond);
    }
    for unless in world.facts.iter().filter_map(|f| f.presumed.as_ref()).filter_map(|p| p.unless.as_ref()) {
        reach.cond(unless);
    }
    world.licences.iter().filter_map(|l| l.covers.as_ref()).for_each(|c| reach.cond(c));
    let mut used: BTreeSet<CategoryId> = BTreeSet::new();
    for id in &reach.named {
        let mut open = vec![*id];
        while let Some(at) = open.pop() {
            used.insert(at);
            open.extend(&world.category(at).children);
        }
        let mut above = world.category(*id).parent;
        while let Some(at) = above {
            used.insert(at);
            above = world.category(at).parent;
        }
    }
    let unused = |id: &CategoryId| !used.contains(id);
    let topmost = |id: &CategoryId| world.category(*id).parent.is_none_or(|p| !unused(&p));
    world.categories_of(policy).map(|(id, _)| id).filter(|id| unused(id) && topmost(id)).collect()
}
