//! Whether two laws decide every consignment alike: a proof, or a consignment that they decide differently.
//!
//! First every combination of classes of the facts that the changed piece of law reads is tried, on every day on which
//! something can change. Where the piece is the same in all of them, so is every decision. Where it is not, and no
//! consignment near those of the tests shows it, `analyze::same` compares the whole of both laws. Days on which the law of no
//! policy is known are left out: nothing is decided on them. The work is bounded by counts; past them, and where
//! the piece differs but no consignment was found that shows it, the answer is that it is not shown.

use std::collections::BTreeSet;

use crate::eval::Evaluator;
use crate::eval::probe::Whose;
use crate::model::{
    Case, CategoryId, Date, Effect, FactId, GroupBody, Interval, Level, PolicyId, Rule, RuleId, Value, World,
};

use crate::analyze::same::{Same, same};

use super::super::Answer;
use super::days;
use super::explore::{Combination, Facts, Goal, explore, nothing_known};
use super::touch::{Part, Unit};
use super::two::{Look, Seed, Two, on_day};
use super::witness::difference;
use super::{Witness, decide};

/// How many evaluations one proof may take.
const EVALUATIONS: u32 = 20_000;
/// How many evaluations may be taken to find what one combination hangs on.
const SUPPORT: u32 = 5_000;
/// How many consignments are looked at for one combination of facts.
const LOOKS: usize = 24;
/// How many combinations of facts are looked for near the consignments of tests; the whole comparison finds the rest.
const SEARCHES: u32 = 12;
/// How many decisions one search for a consignment may take.
const DECISIONS: u32 = 40;

/// Whether two laws are the same in what they decide.
pub(super) enum Equivalence {
    /// They are: proved.
    Equivalent,
    /// They are not.
    Different(Box<Witness>),
    /// Neither a proof nor a consignment was found.
    NotShown,
}

/// Compares a law with the same law with one mistake in it; `seeds` are consignments to start a search from,
/// and `touched` those of them that the mistake can reach.
pub(super) fn equivalence(two: &Two<'_>, days_only: bool, seeds: &[Seed], touched: &[&Seed]) -> Equivalence {
    let days = days(two, days_only, seeds);
    if days.is_empty() {
        return Equivalence::Equivalent;
    }
    let mut search = Search { two, seeds, searches: SEARCHES, decisions: DECISIONS, open: None };
    if let Some(found) = search.among_seeds(&days, touched) {
        return Equivalence::Different(Box::new(found));
    }
    let mut left = EVALUATIONS;
    // The days on which the piece may differ.
    let mut open: BTreeSet<Date> = BTreeSet::new();
    let (units, goal) = match two.part {
        Part::Follows(rule) => (vec![Unit::Rule(rule)], Goal::Holds),
        Part::Claim(rule) => (vec![Unit::Rule(rule)], Goal::Holds),
        Part::Papers(licence) => {
            let uses = |r: &Rule| match &r.effect {
                Some(Effect::Permit(l)) => *l == Some(licence),
                Some(Effect::Require(groups)) => groups.iter().flatten().any(|l| *l == licence),
                _ => false,
            };
            let rules = two.base.rules.iter().enumerate().filter(|(_, r)| uses(r));
            (rules.map(|(i, _)| Unit::Rule(RuleId(i as u32))).collect(), Goal::Holds)
        }
        Part::Presumption(_) | Part::Known(_) | Part::Valid(_) => (Vec::new(), Goal::Holds),
        _ => (two.units.clone(), Goal::Differ),
    };
    if units.is_empty() && goal == Goal::Holds {
        open.extend(&days);
    }
    for unit in &units {
        for day in &days {
            let found = explore(two, *unit, nothing_known(two, *day), 0, goal, &mut left);
            if !found.complete || !found.differing.is_empty() {
                open.insert(*day);
            }
            for combination in &found.differing {
                if search.searches == 0 {
                    break;
                }
                for facts in supported(two, *unit, *day, combination) {
                    if let Some(found) = search.with(*unit, *day, goal, &facts) {
                        return Equivalence::Different(Box::new(found));
                    }
                }
            }
        }
    }
    if let Some(found) = search.open {
        return Equivalence::Different(found);
    }
    // Where the piece differs and nothing shows it, the whole of both laws is compared on those days, the newest first. A day
    // that takes too much work leaves no proof, so the others are not looked at.
    // What was claimed is compared where nobody says so, which that does not do.
    if matches!(two.part, Part::Claim(_)) && !open.is_empty() {
        return Equivalence::NotShown;
    }
    for day in open.into_iter().rev() {
        match same(two.base, two.mutant, &[Interval { from: Some(day), to: Some(day) }]) {
            Same::Yes => {}
            Same::NotShown => return Equivalence::NotShown,
            Same::No(difference) => {
                search.decisions = DECISIONS;
                let mut policies = (0..two.base.policies.len() as u32).map(PolicyId);
                let mut found = policies.find_map(|p| search.decide(&difference.case, p));
                found = found.or_else(|| search.open.take().map(|w| *w));
                return found.map_or(Equivalence::NotShown, |w| Equivalence::Different(Box::new(w)));
            }
        }
    }
    Equivalence::Equivalent
}

/// The facts of a combination, as they are and with what it hangs on: the entries that it asks for, and for an
/// exception one of the rules that it names.
fn supported(two: &Two<'_>, unit: Unit, day: Date, combination: &Combination) -> Vec<Facts> {
    let mut left = SUPPORT;
    let mut holds = |unit: Unit| explore(two, unit, nothing_known(two, day), 0, Goal::Holds, &mut left).differing;
    let lists = two.base_evaluator.lists();
    let leaf = |id: CategoryId| lists.leaves.iter().position(|l| lists.below(id, day).any(|b| b.id == l.id));
    // One choice for each rule that may be defeated, or one without.
    let mut choices = vec![(Facts::new(), combination.entries.clone())];
    if let Unit::Rule(id) = unit {
        for target in &two.base.rule(id).targets {
            let found = holds(Unit::Rule(*target)).into_iter().next();
            choices.extend(found.map(|f| (f.facts, [f.entries, combination.entries.clone()].concat())));
        }
    }
    let mut out = vec![combination.facts.clone()];
    for (mut with, entries) in choices {
        for entry in entries.into_iter().filter_map(leaf) {
            with.extend(holds(Unit::Leaf(entry)).into_iter().next().map(|f| f.facts).unwrap_or_default());
        }
        with.extend(combination.facts.clone());
        if !out.contains(&with) {
            out.push(with);
        }
    }
    out
}

/// One day of each period on which law that can read the change is known: a day that tests use, where there is one.
fn days(two: &Two<'_>, days_only: bool, seeds: &[Seed]) -> Vec<Date> {
    let mut starts = Vec::new();
    days::starts(two.base, &mut starts);
    days::starts(two.mutant, &mut starts);
    starts.sort();
    starts.dedup();
    let used: BTreeSet<Date> = seeds.iter().map(|s| s.case.date).collect();
    let known = |day: &Date| {
        let on = |w: &World| {
            let all = w.policies.iter().enumerate();
            all.filter(|(i, _)| two.owner.is_none_or(|o| o.index() == *i)).any(|(_, p)| p.known.contains(*day))
        };
        on(two.base) || on(two.mutant)
    };
    let mut out: Vec<Date> = Vec::new();
    for (i, start) in starts.iter().enumerate() {
        let end = starts.get(i + 1);
        let inside = |d: &&Date| *d >= start && end.is_none_or(|e| *d < e);
        out.push(used.iter().rev().find(inside).copied().unwrap_or(*start));
    }
    // Before the first change, and where nothing ever changes.
    out.extend(used.iter().find(|d| starts.first().is_none_or(|s| *d < s)));
    out.retain(known);
    if days_only {
        out.retain(|d| in_force(two.base, two.part, *d) != in_force(two.mutant, two.part, *d));
    }
    // The newest law first, and days that tests use before others.
    out.sort_by_key(|d| (!used.contains(d), std::cmp::Reverse(*d)));
    out
}

/// What of a part is in force on a day.
fn in_force(world: &World, part: Part, day: Date) -> Vec<bool> {
    match part {
        Part::Category(id) => vec![world.category(id).in_force.on(day)],
        Part::Rule(id) => vec![world.rule(id).in_force.on(day)],
        Part::Means(id) => world.fact(id).means.iter().map(|(days, _)| days.on(day)).collect(),
        Part::Group(id) => {
            let Some(group) = world.groups.get(id.index()) else { return Vec::new() };
            let members = match &group.body {
                GroupBody::Members(list) => list.iter().map(|(_, days, _)| days.on(day)).collect(),
                GroupBody::Expr(_) => Vec::new(),
            };
            [vec![group.in_force.on(day)], members].concat()
        }
        Part::Chart(id) => {
            world.charts.get(id.index()).into_iter().flat_map(|c| c.intervals()).map(|i| i.contains(day)).collect()
        }
        Part::Known(id) => vec![world.policies[id.index()].known.contains(day)],
        Part::Papers(id) => vec![world.licence(id).in_force.on(day)],
        Part::Constraint(i) => world.constraints.get(i).map(|c| c.in_force.on(day)).into_iter().collect(),
        _ => Vec::new(),
    }
}

struct Search<'s, 't> {
    two: &'s Two<'t>,
    seeds: &'s [Seed],
    /// How many more combinations of facts are looked for.
    searches: u32,
    /// How many more consignments are decided.
    decisions: u32,
    /// A consignment whose outcome is open, kept in case no better one is found.
    open: Option<Box<Witness>>,
}

impl Search<'_, '_> {
    /// Consignments that tests give already, as they are or without what a presumption or a claim hangs on.
    fn among_seeds(&mut self, days: &[Date], touched: &[&Seed]) -> Option<Witness> {
        let two = self.two;
        for seed in touched.iter().take(self.decisions as usize / 2) {
            if let Some(found) = self.decide(&seed.case, seed.policy) {
                return Some(found);
            }
        }
        // A day that no test uses.
        if let (Part::Known(_) | Part::Papers(_), Some(day)) = (two.part, days.last()) {
            let mut cases: Vec<&Seed> = self.seeds.iter().collect();
            cases.sort_by_key(|s| size(&s.case));
            for seed in cases.into_iter().take(8) {
                if let Some(found) = self.decide(&on_day(two.base, &seed.case, *day), seed.policy) {
                    return Some(found);
                }
            }
        }
        let left_out = match two.part {
            Part::Presumption(fact) => BTreeSet::from([fact]),
            _ => self.claimed()?,
        };
        let mut cases: Vec<(Case, PolicyId)> = Vec::new();
        for seed in self.seeds {
            let mut case = seed.case.clone();
            leave_out(&mut case, &left_out);
            if case != seed.case && !cases.iter().any(|(c, _)| *c == case) {
                cases.push((case, seed.policy));
            }
        }
        cases.sort_by_key(|(c, _)| size(c));
        for (case, policy) in cases.into_iter().take(40) {
            if let Some(found) = self.decide(&case, policy) {
                return Some(found);
            }
        }
        None
    }

    /// The facts that a claim asks for, where a claim was left out.
    fn claimed(&self) -> Option<BTreeSet<FactId>> {
        let Part::Claim(rule) = self.two.part else { return None };
        self.two.base.rule(rule).claimed.as_ref().map(|c| self.two.base_evaluator.facts_read(c))
    }

    /// Consignments with these facts, each otherwise like one of a test.
    fn with(&mut self, unit: Unit, day: Date, goal: Goal, facts: &Facts) -> Option<Witness> {
        let two = self.two;
        if self.searches == 0 || self.decisions == 0 {
            return None;
        }
        self.searches -= 1;
        // A decision asks one policy alone, and no other than its owner can change.
        let asked = |s: &&Seed| !s.case.listed && two.owner.is_none_or(|o| o == s.policy);
        let mut order: Vec<&Seed> = self.seeds.iter().filter(asked).collect();
        order.sort_by_cached_key(|s| (far(two.base, &s.case, facts) + usize::from(s.case.date != day), size(&s.case)));
        let mut tried: Vec<Case> = Vec::new();
        for seed in order {
            if tried.len() >= LOOKS || self.decisions == 0 {
                return None;
            }
            let mut case = on_day(two.base, &seed.case, day);
            overlay(two.base, &mut case, facts);
            // A claim is told from its absence where nobody raised it.
            if let Some(claimed) = self.claimed() {
                leave_out(&mut case, &claimed);
            }
            if tried.contains(&case) {
                continue;
            }
            tried.push(case.clone());
            if self.shows(unit, goal, &case)
                && let Some(found) = self.decide(&case, seed.policy)
            {
                return Some(self.closer(found, seed, facts));
            }
        }
        None
    }

    /// What the test itself says is kept where that shows it too.
    fn closer(&self, mut found: Witness, seed: &Seed, facts: &Facts) -> Witness {
        for fact in facts.keys() {
            let mut case = found.case.clone();
            restore(self.two.base, &mut case, &seed.case, *fact);
            if case != found.case
                && let Some((witness, true)) = self.compare(&case, seed.policy)
            {
                found = witness;
            }
        }
        found
    }

    fn shows(&self, unit: Unit, goal: Goal, case: &Case) -> bool {
        let two = self.two;
        let given = two.base_evaluator.given(case);
        if matches!(unit, Unit::Constraint(_)) {
            return two.unit_differs(unit, &given, Look::Through) != Some(false);
        }
        if !two.base_evaluator.breaks_nothing(&given) {
            return false;
        }
        let presumed = two.base_evaluator.with_presumptions(&given);
        match (goal, unit) {
            (Goal::Holds, Unit::Rule(rule)) => may_hold(two.base_evaluator, two.base, rule, &presumed),
            _ => two.unit_differs(unit, &presumed, Look::Through) != Some(false),
        }
    }

    /// Decides by both laws; a difference that a test can expect is a witness.
    fn decide(&mut self, case: &Case, policy: PolicyId) -> Option<Witness> {
        if self.decisions == 0 {
            return None;
        }
        self.decisions -= 1;
        let (found, determined) = self.compare(case, policy)?;
        if determined {
            return Some(found);
        }
        if self.open.is_none() {
            self.open = Some(Box::new(found));
        }
        None
    }

    fn compare(&self, case: &Case, policy: PolicyId) -> Option<(Witness, bool)> {
        let (base, mutant) = (
            decide(self.two.base_evaluator, case, policy, false),
            decide(self.two.mutant_evaluator, case, policy, false),
        );
        // A bound is no answer to expect.
        if [&base, &mutant].into_iter().any(|a| matches!(a, Answer::Decided(d) if !d.resolved)) {
            return None;
        }
        let (expect, determined) = difference(&base, &mutant, &self.two.base.policies[policy.index()].name)?;
        Some((Witness { case: case.clone(), expect }, determined))
    }
}

fn may_hold(evaluator: &Evaluator<'_>, world: &World, rule: RuleId, env: &crate::eval::probe::Env) -> bool {
    let rule = world.rule(rule);
    rule.in_force.on(env.date) && evaluator.reads(env).cond(&rule.cond, Whose::item(0)).may()
}

/// Gives a fact the value that it has in another case, if it has one there.
fn restore(world: &World, case: &mut Case, other: &Case, fact: FactId) {
    match world.fact(fact).level {
        Level::Consignment => {
            if let Some(value) = other.facts.get(&fact) {
                case.facts.insert(fact, value.clone());
            }
        }
        Level::Goods => {
            for (item, from) in case.items.iter_mut().zip(&other.items) {
                if let Some(value) = from.get(&fact) {
                    item.insert(fact, value.clone());
                }
            }
        }
        Level::Licence => {}
    }
}

fn leave_out(case: &mut Case, facts: &BTreeSet<FactId>) {
    case.facts.retain(|f, _| !facts.contains(f));
    case.items.iter_mut().for_each(|i| i.retain(|f, _| !facts.contains(f)));
}

fn overlay(world: &World, case: &mut Case, facts: &Facts) {
    for (fact, value) in facts {
        match world.fact(*fact).level {
            Level::Consignment => {
                if let (Value::Date(day), "date") = (value, world.fact(*fact).name.as_str()) {
                    *case = on_day(world, case, *day);
                }
                case.facts.insert(*fact, value.clone());
            }
            Level::Goods => case.items.iter_mut().for_each(|i| {
                i.insert(*fact, value.clone());
            }),
            Level::Licence => case.licences.iter_mut().for_each(|l| {
                l.fields.insert(*fact, value.clone());
            }),
        }
    }
}

/// How many of some facts a consignment says otherwise, or not at all.
fn far(world: &World, case: &Case, facts: &Facts) -> usize {
    let other = |(fact, value): &(&FactId, &Value)| match world.fact(**fact).level {
        Level::Consignment => case.facts.get(fact) != Some(value),
        Level::Goods => case.items.first().is_none_or(|i| i.get(fact) != Some(value)),
        Level::Licence => case.licences.first().is_none_or(|l| l.fields.get(fact) != Some(value)),
    };
    facts.iter().filter(other).count()
}

/// How much there is to read in a consignment.
fn size(case: &Case) -> usize {
    let items: usize = case.items.iter().map(|i| i.len()).sum();
    let licences: usize = case.licences.iter().map(|l| l.fields.len() + 1).sum();
    case.facts.len() + items + licences
}
