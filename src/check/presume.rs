//! Presumptions that lean to the milder side.
//!
//! A presumed value leans to the milder side if, somewhere, its being so can make an outcome milder: it keeps a strict
//! rule from applying, or helps an exception that is milder than what it defeats. The direction of each condition is
//! followed through named conditions and categories. Such a presumption needs a ground in law, and the goods
//! themselves are never presumed to be harmless.

use std::collections::HashMap;

use crate::model::{Atom, AtomKind, CategoryId, Cond, Effect, FactId, RuleKind, Set, Test, Value};
use crate::span::Span;

use super::rules::severity;
use super::{Checker, messages};

/// Where a fact is asked for, and whether its atom being true makes the outcome stricter (true) or milder (false).
type Uses = HashMap<FactId, Vec<(Span, Atom, bool)>>;

impl Checker<'_> {
    pub(super) fn presumptions(&mut self) {
        if self.world.facts.iter().all(|f| f.presumed.is_none()) || !self.problems.is_empty() {
            return;
        }
        let uses = self.uses();
        let mut problems = Vec::new();
        for i in 0..self.world.facts.len() {
            let fact = &self.world.facts[i];
            let Some(presumed) = &fact.presumed else { continue };
            let id = FactId(i as u32);
            let milder = uses.get(&id).into_iter().flatten().find(|(_, atom, stricter)| {
                // The presumed value makes the atom true or false; where it cannot be told, it may lean to either side.
                match self.atom_under(atom, &presumed.value) {
                    Some(value) => value != *stricter,
                    None => true,
                }
            });
            let Some((at, ..)) = milder else { continue };
            if fact.name.starts_with("goods.") {
                problems.push(messages::mild_goods(fact.span, &fact.name, *at));
            } else if presumed.because.is_none() {
                problems.push(messages::mild_without_ground(fact.span, &fact.name, *at));
            }
            if let Some(p) = &mut self.world.facts[i].presumed {
                p.milder = true;
            }
        }
        problems.into_iter().for_each(|p| self.report(p));
    }

    /// What an atom says if its fact has that value, where that is plain.
    fn atom_under(&self, atom: &Atom, value: &Value) -> Option<bool> {
        let (AtomKind::Fact(fact, test) | AtomKind::Elements { fact, test, .. }) = &atom.kind else { return None };
        let ty = self.world.fact(*fact).ty.element();
        match test {
            Test::Yes => Some(*value == Value::Bool(true)),
            Test::Is(v) => match (ty, v, value) {
                (crate::model::Type::Choice(id), Value::Choice(broad), Value::Choice(narrow)) => {
                    self.world.enum_type(*id).map(|e| e.is_within(*narrow, *broad))
                }
                _ => Some(v == value),
            },
            Test::In(Set::Values(list)) => Some(list.contains(value)),
            Test::Compare(c, v) => Some(c.holds(value.cmp(v))),
            Test::Between(a, b) => Some(a <= value && value <= b),
            Test::In(_) | Test::Marked(..) => None,
        }
    }

    /// Every use of a fact that can move an outcome.
    fn uses(&self) -> Uses {
        let mut uses = Uses::new();
        let mut seen = std::collections::HashSet::new();
        for rule in &self.world.rules {
            // Being applied makes the outcome stricter for a prohibition or requirement, milder for what defeats one.
            let stricter = match (rule.kind, &rule.effect) {
                (RuleKind::Rule, Some(Effect::Permit(_)) | None) => continue,
                (RuleKind::Rule, _) => true,
                (RuleKind::Exception, effect) => {
                    let defeated = rule.targets.iter().map(|t| severity(self.world.rule(*t).effect.as_ref())).max();
                    severity(effect.as_ref()) > defeated.unwrap_or(0)
                }
                // A bar closes exceptions, which is stricter, unless it defeats rules too.
                (RuleKind::Bar, _) => rule.targets.iter().all(|t| self.world.rule(*t).kind != RuleKind::Rule),
            };
            self.follow(&rule.cond, stricter, &mut uses, &mut seen);
            if let Some(claimed) = &rule.claimed {
                self.follow(claimed, stricter, &mut uses, &mut seen);
            }
        }
        for policy in &self.world.policies {
            // A policy that does not apply asks for nothing.
            self.follow(&policy.applies, true, &mut uses, &mut seen);
        }
        uses
    }

    fn follow(
        &self,
        cond: &Cond,
        stricter: bool,
        uses: &mut Uses,
        seen: &mut std::collections::HashSet<(u32, bool, bool)>,
    ) {
        cond.atoms(&mut |atom, positive| {
            let stricter = stricter == positive;
            match &atom.kind {
                AtomKind::Fact(f, _) | AtomKind::Elements { fact: f, .. } | AtomKind::Empty(f) => {
                    uses.entry(*f).or_default().push((atom.span, atom.clone(), stricter));
                }
                AtomKind::Facts(a, _, b) => {
                    for f in [a, b] {
                        uses.entry(*f).or_default().push((atom.span, atom.clone(), stricter));
                    }
                }
                AtomKind::Means(f) => {
                    if seen.insert((f.0, true, stricter)) {
                        for (_, c) in &self.world.fact(*f).means {
                            self.follow(c, stricter, uses, seen);
                        }
                    }
                }
                AtomKind::In(cats) => cats.iter().for_each(|c| self.follow_category(*c, stricter, uses, seen)),
                AtomKind::CodedUnder(_) | AtomKind::Includes(_) => {}
            }
        });
    }

    fn follow_category(
        &self,
        id: CategoryId,
        stricter: bool,
        uses: &mut Uses,
        seen: &mut std::collections::HashSet<(u32, bool, bool)>,
    ) {
        if !seen.insert((id.0, false, stricter)) {
            return;
        }
        let category = self.world.category(id);
        self.follow(&category.cond, stricter, uses, seen);
        if let Some(parent) = category.parent {
            // What binds the parent binds the child; its other children do not.
            self.follow(&self.world.category(parent).cond, stricter, uses, seen);
        }
        for child in &category.children {
            self.follow_category(*child, stricter, uses, seen);
        }
    }
}
