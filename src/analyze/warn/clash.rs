//! Goods that are in two entries at once, where rules that rest on the one say something else than those on the other.
//!
//! Only goods count whose declared code is right: two entries with codes that cannot meet hold the same goods only by
//! mistake. What an entry holds `whatever code`, for what is built in, is left aside, and so are exceptions. The strictest
//! rule decides, so a clash is no contradiction; but the milder entry does not clear the goods. Where the law is so, a
//! `note` of the one entry, or of what it stands in, names the other or what that stands in, and nothing is reported.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::diagram::{Id, NO};
use crate::eval::Outcome;
use crate::eval::ask::Asked;
use crate::eval::env::Slot;
use crate::eval::lists::Leaf;
use crate::eval::rules::outcome_of;
use crate::model::code::{CodeItem, CodeList};
use crate::model::{CategoryId, Date, FactId, PolicyId, RuleId, RuleKind, Value, World};

use super::day::{Day, Example};
use super::reach::Reach;
use super::{Beside, Finding, NotAnalysed, Question, Scene};

/// The entries that may clash with one entry.
pub(super) struct Clash {
    policy: PolicyId,
    entry: CategoryId,
    days: BTreeSet<Date>,
    /// For each other entry: pairs of rules that would say different things.
    others: Vec<Pair>,
    open: Option<NotAnalysed>,
    confirmed: Slot,
}

struct Pair {
    other: CategoryId,
    rules: Vec<(RuleId, RuleId)>,
    found: Option<((RuleId, RuleId), Example)>,
    /// True if a clash was seen and no consignment could be made to show it.
    unseen: bool,
}

pub(super) fn questions(scene: &Scene<'_>) -> Vec<Clash> {
    let world = scene.world;
    let lists = &scene.plain.classes.lists;
    let mut resting: BTreeMap<CategoryId, BTreeMap<RuleId, Outcome>> = BTreeMap::new();
    for (id, rule) in world.rules_of(scene.policy).filter(|(_, r)| r.kind == RuleKind::Rule) {
        let Some(effect) = rule.effect.as_ref().map(outcome_of) else { continue };
        let mut open: Vec<CategoryId> = Reach::of(world, &rule.cond).named.into_iter().collect();
        while let Some(entry) = open.pop() {
            resting.entry(entry).or_default().insert(id, effect);
            open.extend(&world.category(entry).children);
        }
    }
    let entries: BTreeSet<CategoryId> =
        lists.leaves.iter().filter(|l| l.policy == Some(scene.policy)).map(|l| l.reported).collect();
    let none = BTreeMap::new();
    let mut out = Vec::new();
    for a in &entries {
        let rules = resting.get(a).unwrap_or(&none);
        let mut others = Vec::new();
        for b in entries.range(a..).skip(1) {
            let beside = resting.get(b).unwrap_or(&none);
            let mut pairs = Vec::new();
            for (x, effect) in rules.iter().filter(|(r, _)| !beside.contains_key(r)) {
                let differs = |(r, other): &(&RuleId, &Outcome)| !rules.contains_key(r) && *other != effect;
                pairs.extend(beside.iter().filter(differs).map(|(y, _)| (*x, *y)));
            }
            if !pairs.is_empty() && !noted(world, *a, *b) && !noted(world, *b, *a) && may_meet(scene, *a, *b) {
                others.push(Pair { other: *b, rules: pairs, found: None, unseen: false });
            }
        }
        if others.is_empty() {
            continue;
        }
        let mut reach = scene.common();
        reach.entry(*a);
        for pair in &others {
            reach.entry(pair.other);
            for (x, y) in &pair.rules {
                reach.in_force(&world.rule(*x).in_force);
                reach.in_force(&world.rule(*y).in_force);
            }
        }
        let days = reach.days(&scene.known());
        let confirmed = match world.fact_named("goods.code_confirmed") {
            Some(fact) => Slot::Item(0, fact),
            None => Slot::CodeRight(0),
        };
        let open = reach.date_compared.then_some(NotAnalysed::Date);
        out.push(Clash { policy: scene.policy, entry: *a, days, others, open, confirmed });
    }
    out
}

/// A cheap necessary condition: some way down the one and some way down the other have codes that can meet.
fn may_meet(scene: &Scene<'_>, a: CategoryId, b: CategoryId) -> bool {
    let lists = &scene.plain.classes.lists;
    let of = |id: CategoryId| lists.leaves.iter().filter(move |l| l.reported == id && by_code(scene.world, l));
    of(a).any(|x| {
        of(b).any(|y| {
            let days = match (&x.in_force, &y.in_force) {
                (Some(s), Some(t)) => s.intersect(t).is_some(),
                _ => false,
            };
            days && x
                .codes
                .iter()
                .all(|(f, l)| y.codes.iter().all(|(g, m)| f != g || set(scene, *f) || codes_meet(l, m)))
        })
    })
}

/// True if a note of an entry, or of what it stands in, names another or what that stands in.
fn noted(world: &World, a: CategoryId, b: CategoryId) -> bool {
    let way = |id: CategoryId| std::iter::successors(Some(id), |id| world.category(*id).parent);
    let words = |text: &'_ str| -> BTreeSet<String> {
        let part = |c: char| !(c.is_alphanumeric() || c == '_' || c == '.');
        text.split(part).map(|w| w.trim_end_matches('.').to_owned()).collect()
    };
    let notes: BTreeSet<String> = way(a).filter_map(|id| world.category(id).note.as_deref()).flat_map(words).collect();
    way(b).any(|id| notes.contains(&world.category(id).name))
}

/// True if a way down a list minds the code.
fn by_code(world: &World, leaf: &Leaf<'_>) -> bool {
    let mut at = Some(leaf.id);
    while let Some(id) = at {
        if world.category(id).whatever_code {
            return false;
        }
        at = world.category(id).parent;
    }
    true
}

/// Where goods are in an entry by a way that minds the code.
fn holds(day: &Day<'_>, entry: CategoryId) -> Id {
    day.leaves(entry, &|leaf| by_code(day.world(), leaf))
}

/// True if a fact holds several codes, which need not be the same one.
fn set(scene: &Scene<'_>, fact: FactId) -> bool {
    matches!(scene.world.fact(fact).ty, crate::model::Type::Set(_))
}

/// True if some code may lie under both lists; false only if none does.
fn codes_meet(a: &CodeList, b: &CodeList) -> bool {
    let all = |l: &CodeList| -> Vec<(String, String)> {
        let one = |i: &CodeItem| (i.from.clone(), i.to.clone().unwrap_or_else(|| i.from.clone()));
        l.items.iter().map(one).chain(l.accepts.iter().map(|(c, _)| (c.clone(), c.clone()))).collect()
    };
    let (a, b) = (all(a), all(b));
    // Two ranges of headings meet if they overlap, cut to the shorter headings.
    a.iter().any(|(from, to)| {
        b.iter().any(|(low, high)| {
            let n = from.len().min(low.len());
            let cut = |s: &str| s.get(..n).unwrap_or(s).to_owned();
            cut(from) <= cut(high) && cut(low) <= cut(to)
        })
    })
}

impl Question for Clash {
    fn days(&self) -> &BTreeSet<Date> {
        &self.days
    }

    fn settled(&self) -> bool {
        self.open.is_some() || self.others.iter().all(|p| p.found.is_some())
    }

    fn look(&mut self, day: &Day<'_>) {
        let policy = self.policy;
        let mine = holds(day, self.entry);
        let right = day.is(self.confirmed, &Value::Bool(true));
        let mine = day.and(mine, right);
        if mine == NO {
            return;
        }
        let met = |rule: RuleId| -> Id { day.asked(&Asked::Met(policy, 0, rule)) };
        let stands = |rule: RuleId| -> Id { day.asked(&Asked::AnyStands(policy, 0, &[rule])) };
        for pair in self.others.iter_mut().filter(|p| p.found.is_none()) {
            let other = holds(day, pair.other);
            let goods = day.and(mine, other);
            if goods == NO || !day.possible(goods) {
                continue;
            }
            for (x, y) in &pair.rules {
                let first = day.and(goods, met(*x));
                let apply = if first == NO { NO } else { day.and(first, met(*y)) };
                if !day.possible(apply) || !day.ok() {
                    continue;
                }
                let so = [
                    Asked::Entry(self.entry, 0),
                    Asked::Entry(pair.other, 0),
                    Asked::AnyStands(policy, 0, &[*x]),
                    Asked::AnyStands(policy, 0, &[*y]),
                ];
                // Most often both rules stand where both apply; only else is it asked of all.
                if let Some(example) = day.example(apply, &so) {
                    pair.found = Some(((*x, *y), example));
                    break;
                }
                let first = day.and(apply, stands(*x));
                let both = if first == NO { NO } else { day.and(first, stands(*y)) };
                if !day.possible(both) || !day.ok() {
                    continue;
                }
                match day.example(both, &so) {
                    Some(example) => {
                        pair.found = Some(((*x, *y), example));
                        break;
                    }
                    None => pair.unseen |= day.ok(),
                }
            }
            if !day.ok() {
                return;
            }
        }
    }

    fn give_up(&mut self, why: NotAnalysed) {
        self.open = Some(why);
    }
}

pub(super) fn findings(scene: &Scene<'_>, questions: Vec<Clash>, out: &mut Vec<Finding>) {
    for q in questions {
        let entry = scene.world.category(q.entry);
        let mut not = |what: String, why| out.push(Finding::NotAnalysed { span: entry.span, what, why });
        if let Some(why) = q.open {
            not(format!("whether entry `{}` clashes with others", entry.name), why);
        }
        for pair in &q.others {
            if pair.found.is_none() && pair.unseen {
                let other = &scene.world.category(pair.other).name;
                not(format!("whether entries `{}` and `{other}` clash", entry.name), NotAnalysed::NotShown);
            }
        }
        let found = |p: Pair| p.found.map(|(rules, example)| Beside { entry: p.other, rules, example });
        let others: Vec<Beside> = q.others.into_iter().filter_map(found).collect();
        if !others.is_empty() {
            out.push(Finding::Clash { entry: q.entry, others });
        }
    }
}
