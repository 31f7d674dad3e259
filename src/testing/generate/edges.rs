//! The consignments on both sides of what a rule rests on.
//!
//! All consignments of a day are seen at once as a diagram, from which one is taken for which the rule stands. Then one
//! fact at a time is moved to the nearest value at which the rule does not stand, all other facts being as they were.
//! Whether it stands is always asked of the plain interpreter, with every fact stated; the diagrams only propose.

use std::cell::Cell;
use std::collections::BTreeSet;

use crate::analyze::same::boundaries;
use crate::analyze::witness;
use crate::engine::diagram::{Id, NO, Var, Way};
use crate::engine::space::{View, with_views};
use crate::eval::Evaluator;
use crate::eval::Outcome;
use crate::eval::ask::{Asked, Claims, Scope, Setting};
use crate::eval::classes::all_conditions;
use crate::eval::env::{Env, Slot};
use crate::eval::truth::Truth;
use crate::model::{
    AtomKind, Case, Cond, Date, Effect, FactId, Level, RuleId, Scheme, Set, Test, Type, Value, World, date,
};
use crate::source::Sources;

use super::super::mutate::text::step;

/// How many nodes of diagrams a day may take.
const LIMIT: u32 = 2_000_000;

/// A consignment, with every fact stated, and what it shows.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    /// What it shows.
    pub(super) shows: Shows,
    /// Every fact of it.
    pub(super) full: Case,
    /// The consignment from which it differs in one fact; none: it is the first of its kind.
    pub(super) of: Option<usize>,
}

/// What a consignment shows of a rule.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shows {
    /// The rule stands.
    Stands,
    /// The rule stands, and this fact has a part in it that it has not elsewhere.
    StandsBy(Slot),
    /// The rule still stands at the last value of a fact.
    Still(Slot),
    /// The rule does not stand: of this fact, the value is the nearest at which it does not.
    Not(Slot),
}

/// What was found of a rule.
pub(super) enum Found {
    /// Consignments; the first is one for which it stands.
    Edges(Vec<Edge>),
    /// There is no consignment with one goods item for which it stands.
    Never,
    /// It took too much work, or could not be shown.
    NotShown,
}

/// Looks for the consignments on both sides of what a rule rests on.
///
/// `cone` is the law as far as the policy of the rule reads it, all numbers the same; `plain` is the interpreter of the
/// whole law; `rests` says which facts what is decided on a consignment rests on.
pub(super) fn edges(
    cone: &World,
    plain: &Evaluator<'_>,
    sources: &Sources,
    rule: RuleId,
    rests: &dyn Fn(&Case, &[Slot]) -> BTreeSet<Slot>,
) -> Found {
    let world = plain.world;
    let declared = world.rule(rule);
    let known = world.policies.get(declared.policy.index()).map(|p| p.known);
    let mut days = boundaries(cone, cone);
    days.extend(known.and_then(|k| k.from));
    days.extend(declared.in_force.0.iter().filter_map(|i| i.from));
    if days.is_empty() {
        days.insert(Date::constant(2000, 1, 1));
    }
    let counts = |d: &Date| declared.in_force.on(*d) && known.is_none_or(|k| k.contains(*d));
    let mut shown = !compares_date(cone);
    for day in days.iter().rev().copied().filter(counts) {
        let start = Case {
            facts: world.fact_named("date").map(|f| (f, Value::Date(day))).into_iter().collect(),
            ..Case::of_day(day)
        };
        let found = with_views(&[(cone, &start)], &|_| false, true, LIMIT, |views| {
            let view = views.first()?;
            let desk = Desk { view, plain, sources, rule, days: &days, start: &start };
            desk.look(rests)
        });
        match found {
            Some(edges) if !edges.is_empty() => return Found::Edges(edges),
            Some(_) => {}
            None => shown = false,
        }
    }
    if shown { Found::Never } else { Found::NotShown }
}

/// True if the date is compared with another fact, so that no day stands for others.
fn compares_date(world: &World) -> bool {
    let date = world.fact_named("date");
    let mut found = false;
    for cond in all_conditions(world) {
        cond.atoms(&mut |atom, _| {
            if let AtomKind::Facts(a, _, b) = &atom.kind {
                let other = |f: &FactId| world.fact(*f).level != Level::Licence;
                found |= Some(*a) == date && other(b) || Some(*b) == date && other(a);
            }
        });
    }
    found
}

/// One rule on one day.
struct Desk<'d> {
    view: &'d View<'d>,
    plain: &'d Evaluator<'d>,
    sources: &'d Sources,
    rule: RuleId,
    days: &'d BTreeSet<Date>,
    start: &'d Case,
}

impl Desk<'_> {
    /// The edges; empty: the rule never stands on the day. `None` where that could not be found out.
    fn look(&self, rests: &dyn Fn(&Case, &[Slot]) -> BTreeSet<Slot>) -> Option<Vec<Edge>> {
        let view = self.view;
        let declared = self.plain.world.rule(self.rule);
        let rules = [self.rule];
        let stands = view.asked(&Asked::AnyStands(declared.policy, 0, &rules));
        let region = view.within(stands);
        if !view.reliable(&[region]) {
            return None;
        }
        if region == NO {
            return Some(Vec::new());
        }
        let allowed = view.allowed();
        let mut full = self.case(allowed, region)?;
        // Best is one whose outcome is that of the rule.
        let wanted = match declared.effect {
            Some(Effect::Prohibit) => Some(Outcome::Prohibited),
            Some(Effect::Require(_)) => Some(Outcome::LicenceRequired),
            Some(Effect::Permit(_)) => Some(Outcome::Permitted),
            None => None,
        };
        if let Some(at) = wanted.and_then(|w| Outcome::ALL.iter().position(|o| *o == w)) {
            let outcomes = view.outcomes(Scope { policies: &[declared.policy], items: &[0] });
            let both = outcomes.get(at).map_or(NO, |o| view.diagrams(|d| d.and(region, *o)));
            if both != NO && view.reliable(&[both]) {
                full = self.case(allowed, both).unwrap_or(full);
            }
        }
        let support = self.slots(region);
        let first = rests(&full, &support);
        self.move_to_edges(&mut full, &first);
        let mut out = vec![Edge { shows: Shows::Stands, full: full.clone(), of: None }];
        let date = self.plain.world.fact_named("date").map(Slot::Shared);
        for slot in date.into_iter().chain(rests(&full, &support)) {
            self.sides(0, slot, &full, &mut out);
        }
        // What the rule itself names has a part in it somewhere.
        for slot in self.named() {
            if out.iter().any(|e| e.shows == Shows::Not(slot)) {
                continue;
            }
            let counts = view.diagrams(|d| {
                let not = d.but(allowed, stands);
                let elsewhere = d.some(not, Var::Fact(slot));
                d.and(region, elsewhere)
            });
            if counts == NO || !view.reliable(&[counts]) {
                continue;
            }
            let Some(mut full) = self.case(allowed, counts) else { continue };
            self.move_to_edges(&mut full, &BTreeSet::from([slot]));
            let at = out.len();
            out.push(Edge { shows: Shows::StandsBy(slot), full: full.clone(), of: None });
            self.sides(at, slot, &full, &mut out);
            if out.len() == at + 1 {
                out.pop();
            }
        }
        Some(out)
    }

    /// A consignment of a region with every fact stated, if the rule stands for the plain interpreter as well.
    fn case(&self, allowed: Id, region: Id) -> Option<Case> {
        let date = self.plain.world.fact_named("date");
        let choices = witness::complete(self.view, allowed, &[], region, &|slot| slot.fact() == date)?;
        let case = witness::consignment(self.view, self.start, &Way { cost: 0, choices }, &|_| false)?;
        self.stands(&case)?.then_some(case)
    }

    /// Whether the rule stands; `None` where the facts break a constraint, or leave it open.
    fn stands(&self, full: &Case) -> Option<bool> {
        self.plain.check(full).ok()?;
        let left = Cell::new(0);
        let setting = Setting { evaluator: self.plain, claims: Claims::WhereSo, left: &left, question: 0 };
        let env = Env::new(self.plain.world, full);
        let reader = self.plain.reader(&env);
        let rules = [self.rule];
        let asked = Asked::AnyStands(self.plain.world.rule(self.rule).policy, 0, &rules);
        match crate::stack::deep(|| asked.answer(&reader, &setting)) {
            Truth::Yes => Some(true),
            Truth::No => Some(false),
            Truth::Unknown(_) => None,
        }
    }

    /// The facts that a function depends on.
    fn slots(&self, id: Id) -> Vec<Slot> {
        let facts = self.view.diagrams(|d| d.support(&[id]));
        let slot = |v: Var| if let Var::Fact(slot) = v { Some(slot) } else { None };
        facts.into_iter().filter_map(slot).filter(|s| s.fact().is_some()).collect()
    }

    /// The facts that the rule names itself, or through named conditions.
    fn named(&self) -> Vec<Slot> {
        let world = self.plain.world;
        let rule = world.rule(self.rule);
        let (mut facts, mut seen) = (BTreeSet::new(), BTreeSet::new());
        let mut open: Vec<&Cond> = std::iter::once(&rule.cond).chain(&rule.claimed).collect();
        while let Some(cond) = open.pop() {
            let mut means = Vec::new();
            cond.atoms(&mut |atom, _| match &atom.kind {
                AtomKind::Fact(f, _) | AtomKind::Elements { fact: f, .. } | AtomKind::Empty(f) => {
                    facts.insert(*f);
                }
                AtomKind::Facts(a, _, b) => facts.extend([*a, *b]),
                AtomKind::Means(f) => means.push(*f),
                _ => {}
            });
            let new = means.into_iter().filter(|f| seen.insert(*f)).collect::<Vec<_>>();
            open.extend(new.into_iter().flat_map(|f| world.fact(f).means.iter().map(|(_, c)| c)));
        }
        let date = world.fact_named("date");
        facts.into_iter().filter(|f| Some(*f) != date).filter_map(|f| slot_of(world, f)).collect()
    }

    /// Moves numbers and days to the last value at which the rule stands, where there is one.
    fn move_to_edges(&self, full: &mut Case, slots: &BTreeSet<Slot>) {
        for slot in slots.iter().filter(|s| self.is_ordered(**s)) {
            if let Some((inside, _)) = self.turns(full, *slot).into_iter().next() {
                set(self.plain.world, full, *slot, inside);
            }
        }
    }

    /// Adds the nearest consignments at which the rule does not stand for another value of a fact.
    fn sides(&self, of: usize, slot: Slot, full: &Case, out: &mut Vec<Edge>) {
        let world = self.plain.world;
        let with = |value: Value| {
            let mut other = full.clone();
            set(world, &mut other, slot, value);
            other
        };
        if self.is_ordered(slot) {
            for (inside, outside) in self.turns(full, slot) {
                if get(full, slot) != Some(&inside) {
                    out.push(Edge { shows: Shows::Still(slot), full: with(inside), of: Some(of) });
                }
                out.push(Edge { shows: Shows::Not(slot), full: with(outside), of: Some(of) });
            }
            return;
        }
        let found = self.near(full, slot).into_iter().map(with).find(|case| self.stands(case) == Some(false));
        out.extend(found.map(|full| Edge { shows: Shows::Not(slot), full, of: Some(of) }));
    }

    fn is_ordered(&self, slot: Slot) -> bool {
        let ty = slot.fact().map(|f| &self.plain.world.fact(f).ty);
        matches!(ty, Some(Type::Number | Type::Count | Type::Quantity(_) | Type::Money(_) | Type::Date))
    }

    /// Going from the value of a number or a day both ways: the last at which the rule stands, and the next, at which it
    /// does not.
    fn turns(&self, full: &Case, slot: Slot) -> Vec<(Value, Value)> {
        let Some(now) = get(full, slot).cloned() else { return Vec::new() };
        let mut probes = self.probes(slot);
        probes.insert(now.clone());
        let world = self.plain.world;
        let stands = |value: &Value| {
            let mut other = full.clone();
            set(world, &mut other, slot, value.clone());
            self.stands(&other)
        };
        let turn = |way: &mut dyn Iterator<Item = &Value>| {
            let mut last = now.clone();
            for value in way {
                match stands(value) {
                    Some(true) => last = value.clone(),
                    Some(false) => return Some((last, value.clone())),
                    None => return None,
                }
            }
            None
        };
        let below = turn(&mut probes.range(..now.clone()).rev());
        let above = turn(&mut probes.range(now.clone()..).skip(1));
        below.into_iter().chain(above).collect()
    }

    /// The values of a number or day at which anything can change: constants, and one step beside each.
    fn probes(&self, slot: Slot) -> BTreeSet<Value> {
        let world = self.view.world();
        let Some(fact) = slot.fact() else { return BTreeSet::new() };
        if Some(fact) == world.fact_named("date") {
            let known = world.policies.get(world.rule(self.rule).policy.index()).map(|p| p.known);
            let near = self.days.iter().flat_map(|d| [d.yesterday().ok(), Some(*d)]).flatten();
            return near.filter(|d| known.is_none_or(|k| k.contains(*d))).map(Value::Date).collect();
        }
        let (ty, mut out) = (&world.fact(fact).ty, BTreeSet::new());
        let signed = matches!(ty, Type::Number | Type::Money(_));
        for cond in all_conditions(world) {
            cond.atoms(&mut |atom, _| {
                let AtomKind::Fact(f, test) = &atom.kind else { return };
                if *f != fact {
                    return;
                }
                for (value, first) in constants(test) {
                    out.insert(value.clone());
                    match value {
                        Value::Number(n) => {
                            let by = step(self.sources, atom.span, *n, first);
                            let down = n.checked_sub(by).filter(|d| signed || !d.is_sign_negative());
                            let near = down.into_iter().chain(n.checked_add(by));
                            out.extend(near.map(|d| Value::Number(d.normalize())));
                        }
                        Value::Date(d) => {
                            let near = d.yesterday().ok().into_iter().chain(date::add_days(*d, 1));
                            out.extend(near.map(Value::Date));
                        }
                        _ => {}
                    }
                }
            });
        }
        out.extend(self.of_classes(slot));
        out
    }

    /// One value of each class of a fact, such as a consignment gives.
    fn of_classes(&self, slot: Slot) -> Vec<Value> {
        (0..self.view.domain(slot).len()).filter_map(|class| witness::value(self.view, slot, class)).collect()
    }

    /// Other values of a fact without an order, the nearest first.
    fn near(&self, full: &Case, slot: Slot) -> Vec<Value> {
        let world = self.view.world();
        let (Some(fact), Some(now)) = (slot.fact(), get(full, slot)) else { return Vec::new() };
        let mut all = self.of_classes(slot);
        match (&world.fact(fact).ty, now) {
            (Type::Choice(id), Value::Choice(is)) => {
                let values = world.enum_type(*id).map_or(&[][..], |e| &e.values);
                let narrow = |v: &u16| values.get(usize::from(*v)).is_some_and(|x| x.end <= *v + 1);
                let mut near: Vec<u16> = (0..values.len() as u16).filter(narrow).collect();
                near.sort_by_key(|v| v.abs_diff(*is));
                all = near.into_iter().map(Value::Choice).collect();
            }
            (Type::Code(Scheme::Tariff), Value::Code(code)) => {
                let mut near = self.beside(fact, code);
                near.append(&mut all);
                all = near;
            }
            (_, Value::Set(is)) => all.sort_by_key(|v| match v {
                Value::Set(other) => is.symmetric_difference(other).count(),
                _ => usize::MAX,
            }),
            _ => {}
        }
        all.retain(|v| v != now);
        all
    }

    /// The codes next to the headings under which a code lies, the longest heading first.
    fn beside(&self, fact: FactId, code: &str) -> Vec<Value> {
        let lists = self.view.world().categories.iter().flat_map(|c| &c.codes).filter(|(f, _)| *f == fact);
        let headings: BTreeSet<&str> = lists.flat_map(|(_, l)| l.headings()).filter(|h| code.starts_with(h)).collect();
        let mut headings: Vec<&str> = headings.into_iter().collect();
        headings.sort_by_key(|h| std::cmp::Reverse(h.len()));
        let mut out = Vec::new();
        for heading in headings {
            let Ok(number) = heading.parse::<u64>() else { continue };
            for next in [number.checked_add(1), number.checked_sub(1)].into_iter().flatten() {
                let next = format!("{next:0width$}", width = heading.len());
                if next.len() == heading.len() {
                    out.push(Value::Code(format!("{next:0<10}").as_str().into()));
                }
            }
        }
        out
    }
}

/// Constants of a test, each with whether it is the first of two.
fn constants(test: &Test) -> Vec<(&Value, bool)> {
    match test {
        Test::Is(v) | Test::Compare(_, v) => vec![(v, false)],
        Test::Between(a, b) => vec![(a, true), (b, false)],
        Test::In(Set::Values(all)) => all.iter().map(|v| (v, false)).collect(),
        _ => Vec::new(),
    }
}

/// Where a fact of a consignment with one goods item stands.
pub(super) fn slot_of(world: &World, fact: FactId) -> Option<Slot> {
    match world.fact(fact).level {
        Level::Consignment => Some(Slot::Shared(fact)),
        Level::Goods => Some(Slot::Item(0, fact)),
        Level::Licence => None,
    }
}

/// Sets a fact; the date picks the law as well.
pub(super) fn set(world: &World, case: &mut Case, slot: Slot, value: Value) {
    if let (Value::Date(day), true) = (&value, slot.fact() == world.fact_named("date")) {
        case.date = *day;
    }
    witness::set(case, slot, value);
}

/// What is said of a fact.
pub(super) fn get(case: &Case, slot: Slot) -> Option<&Value> {
    match slot {
        Slot::Shared(f) => case.facts.get(&f),
        Slot::Item(n, f) => case.items.get(n as usize)?.get(&f),
        _ => None,
    }
}
