//! Conditions, and parts of conditions, that are always so or never so.
//!
//! A part is told by itself: what only follows from what stands beside it is not reported. Where a larger part is
//! constant, the smaller ones in it are not told as well. That a named condition or an entry is not in force on some
//! days is no finding.

use std::collections::BTreeSet;

use crate::model::{Atom, AtomKind, Cond, Date, InForce, Level, RuleId, display};
use crate::span::Span;

use super::day::Day;
use super::reach::Reach;
use super::{Finding, NotAnalysed, Part, Question, Scene};

/// Whether the parts of one condition are so of some consignments and not of others.
pub(super) struct Constant<'w> {
    rule: Option<RuleId>,
    holder: String,
    span: Span,
    in_force: InForce,
    days: BTreeSet<Date>,
    parts: Vec<Seen<'w>>,
    open: Option<NotAnalysed>,
}

struct Seen<'w> {
    cond: &'w Cond,
    /// One past the last of the parts within it.
    end: usize,
    yes: bool,
    no: bool,
    looked: bool,
}

pub(super) fn questions<'w>(scene: &Scene<'w>) -> Vec<Constant<'w>> {
    let world = scene.world;
    let mut out = Vec::new();
    let mut add = |rule: Option<RuleId>, holder: String, span: Span, in_force: &InForce, cond: &'w Cond| {
        let mut reach = scene.common();
        reach.in_force(in_force);
        reach.cond(cond);
        let licence = Reach::of(world, cond).facts.iter().any(|f| world.fact(*f).level == Level::Licence);
        if cond.is_always() || licence {
            return;
        }
        let mut days = reach.days(&scene.known());
        days.retain(|d| in_force.on(*d));
        let mut parts = Vec::new();
        flatten(cond, &mut parts);
        let open = reach.date_compared.then_some(NotAnalysed::Date);
        out.push(Constant { rule, holder, span, in_force: in_force.clone(), days, parts, open });
    };
    let policy = &world.policies[scene.policy.index()];
    add(None, format!("policy `{}`", policy.name), policy.span, &InForce::default(), &policy.applies);
    for (id, rule) in world.rules_of(scene.policy) {
        let holder = format!("rule `{}`", rule.name);
        add(Some(id), holder.clone(), rule.span, &rule.in_force, &rule.cond);
        // A claim is mostly part of the condition, and told there.
        if let Some(claim) = rule.claimed.as_ref().filter(|_| rule.cond.is_always()) {
            add(Some(id), holder, rule.span, &rule.in_force, claim);
        }
    }
    for (_, c) in world.categories_of(scene.policy) {
        add(None, format!("entry `{}`", c.name), c.span, &c.in_force, &c.cond);
    }
    for fact in world.facts.iter().filter(|f| f.policy == Some(scene.policy)) {
        for (days, meant) in &fact.means {
            add(None, format!("named condition `{}`", fact.name), fact.span, days, meant);
        }
        if let Some(unless) = fact.presumed.as_ref().and_then(|p| p.unless.as_ref()) {
            add(None, format!("the presumption of `{}`", fact.name), fact.span, &InForce::default(), unless);
        }
    }
    out
}

/// A condition and its parts, each before those within it. What only names another condition is told there.
fn flatten<'w>(cond: &'w Cond, out: &mut Vec<Seen<'w>>) {
    let names = |c: &Cond| matches!(c, Cond::Atom(Atom { kind: AtomKind::Means(_), .. }));
    match cond {
        Cond::Not(inner) if names(inner) => return,
        one if names(one) => return,
        Cond::All(list) | Cond::Any(list) if list.is_empty() => return,
        _ => {}
    }
    let at = out.len();
    out.push(Seen { cond, end: 0, yes: false, no: false, looked: false });
    match cond {
        Cond::All(list) | Cond::Any(list) => list.iter().for_each(|c| flatten(c, out)),
        Cond::Not(inner) => match &**inner {
            Cond::Atom(_) => {}
            inner => flatten(inner, out),
        },
        Cond::Atom(_) => {}
    }
    out[at].end = out.len();
}

impl Question for Constant<'_> {
    fn days(&self) -> &BTreeSet<Date> {
        &self.days
    }

    fn settled(&self) -> bool {
        self.open.is_some() || self.parts.iter().all(|p| p.yes && p.no)
    }

    fn look(&mut self, day: &Day<'_>) {
        if !self.in_force.on(day.date()) {
            return;
        }
        for part in &mut self.parts {
            if part.yes && part.no {
                continue;
            }
            let holds = day.cond(part.cond);
            let not = day.not(holds);
            let (yes, no) = (day.possible(holds), day.possible(not));
            if !day.ok() {
                return;
            }
            part.yes |= yes;
            part.no |= no;
            part.looked = true;
        }
    }

    fn give_up(&mut self, why: NotAnalysed) {
        self.open = Some(why);
    }
}

/// What was found, each with the rule in whose condition it stands, if it is a rule.
pub(super) fn findings(scene: &Scene<'_>, questions: Vec<Constant<'_>>) -> Vec<(Option<RuleId>, Finding)> {
    let mut out = Vec::new();
    for q in questions {
        if let Some(why) = q.open {
            let what = format!("whether a part of {} is always or never so", q.holder);
            out.push((q.rule, Finding::NotAnalysed { span: q.span, what, why }));
            continue;
        }
        let mut next = 0;
        for (i, part) in q.parts.iter().enumerate() {
            if i < next || !part.looked || part.yes && part.no || !part.yes && !part.no {
                continue;
            }
            next = part.end;
            // Why a whole rule never applies is told of the rule.
            let whole = i == 0 && q.rule.is_some() && !part.yes && q.parts.len() > 1;
            if whole {
                next = 0;
                continue;
            }
            let mut span = None;
            part.cond.atoms(&mut |atom, _| span = Some(span.map_or(atom.span, |s: Span| join(s, atom.span))));
            let text = display::cond(part.cond, scene.world);
            let part = Part { span: span.unwrap_or(q.span), holder: q.holder.clone(), text, always: part.yes };
            out.push((q.rule, Finding::Constant(part)));
        }
    }
    out
}

fn join(a: Span, b: Span) -> Span {
    if a.file == b.file { a.to(b) } else { a }
}
