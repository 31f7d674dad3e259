//! Entries for which no rule speaks of an activity, while rules do so for others that stand in the same list or part.
//!
//! Each entry is looked at on the last day on which it is in force, beside the others on that day. Rules
//! that rest on the list count, defeated or not; exceptions, and rules on other grounds, do not.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::diagram::NO;
use crate::eval::ask::Asked;
use crate::eval::env::Slot;
use crate::model::{CategoryId, Date, PolicyId, RuleId, RuleKind, Type, Value, World};

use super::day::Day;
use super::reach::Reach;
use super::{Finding, NotAnalysed, Question, Scene};

/// The entries of one list on one day.
pub(super) struct Unmet {
    policy: PolicyId,
    list: CategoryId,
    days: BTreeSet<Date>,
    rules: Vec<RuleId>,
    entries: Vec<CategoryId>,
    activity: Slot,
    /// For each entry that was looked at: the activities that rules speak of, each with one that does.
    met: BTreeMap<CategoryId, BTreeMap<Value, RuleId>>,
    done: bool,
    open: Option<NotAnalysed>,
}

fn top(world: &World, mut id: CategoryId) -> CategoryId {
    while let Some(parent) = world.category(id).parent {
        id = parent;
    }
    id
}

pub(super) fn questions(scene: &Scene<'_>) -> Vec<Unmet> {
    let world = scene.world;
    let Some(activity) = world.fact_named("activity").filter(|f| matches!(world.fact(*f).ty, Type::Choice(_))) else {
        return Vec::new();
    };
    // The rules that rest on each list.
    let mut resting: BTreeMap<CategoryId, Vec<RuleId>> = BTreeMap::new();
    for (id, _) in world.rules_of(scene.policy).filter(|(_, r)| r.effect.is_some() && r.kind == RuleKind::Rule) {
        let lists: BTreeSet<CategoryId> =
            Reach::of(world, &world.rule(id).cond).named.iter().map(|c| top(world, *c)).collect();
        lists.into_iter().for_each(|l| resting.entry(l).or_default().push(id));
    }
    let mut by_day: BTreeMap<(CategoryId, Date), (Vec<CategoryId>, bool)> = BTreeMap::new();
    let reported: BTreeSet<CategoryId> = scene
        .plain
        .classes
        .lists
        .leaves
        .iter()
        .filter(|l| l.policy == Some(scene.policy))
        .map(|l| l.reported)
        .collect();
    for entry in reported {
        let Some(list) = world.category(entry).parent else { continue };
        let Some(rules) = resting.get(&top(world, list)) else { continue };
        let mut reach = scene.common();
        reach.entry(list);
        rules.iter().for_each(|r| reach.in_force(&world.rule(*r).in_force));
        let in_force = |d: &Date| scene.plain.classes.lists.reported(entry, *d).next().is_some();
        if let Some(day) = reach.days(&scene.known()).into_iter().rev().find(in_force) {
            let (entries, compared) = by_day.entry((list, day)).or_default();
            entries.push(entry);
            *compared |= reach.date_compared;
        }
    }
    let question = |((list, day), (entries, compared)): (_, (Vec<CategoryId>, bool))| Unmet {
        policy: scene.policy,
        list,
        days: BTreeSet::from([day]),
        rules: resting.get(&top(world, list)).cloned().unwrap_or_default(),
        entries,
        activity: Slot::Shared(activity),
        met: BTreeMap::new(),
        done: false,
        open: compared.then_some(NotAnalysed::Date),
    };
    by_day.into_iter().map(question).collect()
}

impl Question for Unmet {
    fn days(&self) -> &BTreeSet<Date> {
        &self.days
    }

    fn settled(&self) -> bool {
        self.done || self.open.is_some()
    }

    fn look(&mut self, day: &Day<'_>) {
        let met: Vec<_> = self.rules.iter().map(|r| (*r, day.asked(&Asked::Met(self.policy, 0, *r)))).collect();
        let all: BTreeSet<CategoryId> = day
            .world()
            .categories_of(self.policy)
            .filter(|(_, c)| !c.unnamed && c.parent == Some(self.list))
            .map(|(id, _)| id)
            .collect();
        let mut found = BTreeMap::new();
        for entry in all {
            let goods = day.asked(&Asked::Entry(entry, 0));
            if goods == NO || !day.possible(goods) {
                continue;
            }
            let mut speaks: BTreeMap<Value, RuleId> = BTreeMap::new();
            for (rule, applies) in &met {
                let both = day.and(goods, *applies);
                let both = day.within(both);
                if both == NO {
                    continue;
                }
                for (value, so) in day.values_in(both, self.activity) {
                    if so {
                        speaks.entry(value).or_insert(*rule);
                    }
                }
            }
            if !day.ok() {
                return;
            }
            found.insert(entry, speaks);
        }
        (self.met, self.done) = (found, true);
    }

    fn give_up(&mut self, why: NotAnalysed) {
        self.open = Some(why);
    }
}

pub(super) fn findings(scene: &Scene<'_>, questions: Vec<Unmet>, out: &mut Vec<Finding>) {
    let world = scene.world;
    for q in questions {
        let list = world.category(q.list);
        if let Some(why) = q.open {
            let what = format!("whether rules meet each entry of `{}` for each activity", list.name);
            out.push(Finding::NotAnalysed { span: list.span, what, why });
            continue;
        }
        let Some(day) = q.days.first().copied() else { continue };
        let mut spoken: BTreeMap<&Value, RuleId> = BTreeMap::new();
        for speaks in q.met.values() {
            speaks.iter().for_each(|(v, r)| {
                spoken.entry(v).or_insert(*r);
            });
        }
        let mut groups: BTreeMap<Vec<&Value>, Vec<CategoryId>> = BTreeMap::new();
        for entry in &q.entries {
            let Some(speaks) = q.met.get(entry) else { continue };
            let missing: Vec<&Value> = spoken.keys().filter(|v| !speaks.contains_key(v)).copied().collect();
            // An entry that no rule asks for at all is told as such.
            if !missing.is_empty() && (!speaks.is_empty() || used(scene, *entry)) {
                groups.entry(missing).or_default().push(*entry);
            }
        }
        let ty = q.activity.fact().map(|f| &world.fact(f).ty);
        for (missing, entries) in groups {
            let say = |v: &&Value| ty.map_or_else(String::new, |t| v.display(t, world));
            let activities: Vec<String> = missing.iter().map(say).collect();
            let Some(other) = missing.first().and_then(|v| spoken.get(v)).copied() else { continue };
            out.push(Finding::Unmet { list: q.list, entries, activities, day, other });
        }
    }
}

fn used(scene: &Scene<'_>, entry: CategoryId) -> bool {
    let mut at = Some(entry);
    let named: BTreeSet<CategoryId> =
        scene.world.rules_of(scene.policy).flat_map(|(_, r)| Reach::of(scene.world, &r.cond).named).collect();
    while let Some(id) = at {
        if named.contains(&id) {
            return true;
        }
        at = scene.world.category(id).parent;
    }
    false
}
