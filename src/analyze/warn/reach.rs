//! What a condition reads, through named conditions, entries, groups and charts, and the days on which any of it changes.
//!
//! A question about one rule looks at one day of each span in which nothing changes that the rule reads.

use std::collections::BTreeSet;

use crate::model::{
    AtomKind, CategoryId, ChartId, Cond, Date, FactId, GroupBody, GroupId, InForce, Interval, Level, RuleId, Set, Test,
    Value, World,
};

/// What was read so far.
#[derive(Clone, Debug)]
pub(super) struct Reach<'w> {
    world: &'w World,
    /// The facts, named conditions among them.
    pub(super) facts: BTreeSet<FactId>,
    /// The entries that are named.
    pub(super) named: BTreeSet<CategoryId>,
    /// The entries, with those that they stand in and those below.
    pub(super) entries: BTreeSet<CategoryId>,
    groups: BTreeSet<GroupId>,
    charts: BTreeSet<ChartId>,
    rules: BTreeSet<RuleId>,
    /// The first days of spans.
    cuts: BTreeSet<Date>,
    /// True if the date is compared with another fact, so that no day stands for others.
    pub(super) date_compared: bool,
}

impl<'w> Reach<'w> {
    /// Nothing yet.
    pub(super) fn new(world: &'w World) -> Self {
        Reach {
            world,
            facts: BTreeSet::new(),
            named: BTreeSet::new(),
            entries: BTreeSet::new(),
            groups: BTreeSet::new(),
            charts: BTreeSet::new(),
            rules: BTreeSet::new(),
            cuts: BTreeSet::new(),
            date_compared: false,
        }
    }

    /// Of one condition.
    pub(super) fn of(world: &'w World, cond: &'w Cond) -> Self {
        let mut out = Reach::new(world);
        out.cond(cond);
        out
    }

    /// A time in which something is in force.
    pub(super) fn in_force(&mut self, days: &InForce) {
        days.0.iter().for_each(|i| self.interval(i));
    }

    fn interval(&mut self, interval: &Interval) {
        self.cuts.extend(interval.from);
        self.cuts.extend(interval.to.and_then(|d| d.tomorrow().ok()));
    }

    /// A rule, with what it names and what names it, and so on: all that settles whether it stands.
    pub(super) fn rule(&mut self, id: RuleId, defeaters: &[Vec<RuleId>]) {
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            if self.rules.insert(id) {
                let rule = self.world.rule(id);
                self.in_force(&rule.in_force);
                self.cond(&rule.cond);
                rule.claimed.iter().for_each(|c| self.cond(c));
                open.extend(&rule.targets);
                open.extend(defeaters.get(id.index()).into_iter().flatten());
            }
        }
    }

    /// An entry, with what it stands in and what stands below it.
    pub(super) fn entry(&mut self, id: CategoryId) {
        let world = self.world;
        let mut above = world.category(id).parent;
        while let Some(parent) = above {
            self.one_entry(parent);
            above = world.category(parent).parent;
        }
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            self.one_entry(id);
            open.extend(&world.category(id).children);
        }
    }

    fn one_entry(&mut self, id: CategoryId) {
        if self.entries.insert(id) {
            let category = self.world.category(id);
            self.in_force(&category.in_force);
            self.facts.extend(category.codes.iter().map(|(f, _)| *f));
            self.cond(&category.cond);
        }
    }

    /// A condition.
    pub(super) fn cond(&mut self, cond: &'w Cond) {
        let world = self.world;
        let date = world.fact_named("date");
        let mut atoms = Vec::new();
        cond.atoms(&mut |atom, _| atoms.push(&atom.kind));
        for kind in atoms {
            match kind {
                AtomKind::Fact(f, test) | AtomKind::Elements { fact: f, test, .. } => {
                    self.facts.insert(*f);
                    self.test(test);
                    if Some(*f) == date {
                        self.days_of(test);
                    }
                }
                AtomKind::Empty(f) | AtomKind::Includes(f) => {
                    self.facts.insert(*f);
                }
                AtomKind::Facts(a, _, b) => {
                    self.facts.extend([*a, *b]);
                    let other = |f: &FactId| world.fact(*f).level != Level::Licence;
                    self.date_compared |= Some(*a) == date && other(b) || Some(*b) == date && other(a);
                }
                AtomKind::Means(f) => {
                    if self.facts.insert(*f) {
                        for (days, meant) in &world.fact(*f).means {
                            self.in_force(days);
                            self.cond(meant);
                        }
                    }
                }
                AtomKind::In(list) | AtomKind::CodedUnder(list) => {
                    for id in list {
                        self.named.insert(*id);
                        self.entry(*id);
                    }
                }
            }
        }
    }

    fn days_of(&mut self, test: &Test) {
        let ends = match test {
            Test::Is(v) | Test::Compare(_, v) => vec![v],
            Test::Between(a, b) => vec![a, b],
            Test::In(Set::Values(all)) => all.iter().collect(),
            _ => Vec::new(),
        };
        for value in ends {
            let Value::Date(d) = value else { continue };
            self.cuts.extend([Some(*d), d.tomorrow().ok()].into_iter().flatten());
        }
    }

    fn test(&mut self, test: &'w Test) {
        match test {
            Test::In(set) => self.set(set),
            Test::Marked(chart, _) => {
                if self.charts.insert(*chart)
                    && let Some(chart) = self.world.charts.get(chart.index())
                {
                    chart.intervals().for_each(|days| self.interval(days));
                }
            }
            _ => {}
        }
    }

    fn set(&mut self, set: &'w Set) {
        match set {
            Set::Values(_) => {}
            Set::Group(ids) => {
                for id in ids {
                    let Some(group) = self.world.groups.get(id.index()) else { continue };
                    if self.groups.insert(*id) {
                        self.in_force(&group.in_force);
                        match &group.body {
                            GroupBody::Members(all) => all.iter().for_each(|(_, days, _)| self.in_force(days)),
                            GroupBody::Expr(set) => self.set(set),
                        }
                    }
                }
            }
            Set::Plus(a, b) | Set::Minus(a, b) | Set::And(a, b) => {
                self.set(a);
                self.set(b);
            }
        }
    }

    /// One day of each span of a time in which nothing that was read changes: the last, or the first of an open end.
    pub(super) fn days(&self, within: &Interval) -> BTreeSet<Date> {
        let mut starts = self.cuts.clone();
        starts.extend(within.from);
        starts.extend(within.to.and_then(|d| d.tomorrow().ok()));
        let mut out: BTreeSet<Date> = starts.iter().filter_map(|d| d.yesterday().ok()).collect();
        out.extend(starts.last());
        if starts.is_empty() {
            out.insert(Date::constant(2000, 1, 1));
        }
        out.retain(|d| within.contains(*d));
        out
    }
}

/// A copy of a world in which one policy alone says anything, the numbers of all declarations the same.
///
/// What other policies declare and this one does not read would only cut the facts into more classes. Constraints on
/// facts of other policies are left aside too: what is so of every consignment without them is so with them.
pub(super) fn alone(world: &World, policy: crate::model::PolicyId) -> World {
    let mut reach = Reach::new(world);
    for (_, rule) in world.rules_of(policy) {
        reach.cond(&rule.cond);
        rule.claimed.iter().for_each(|c| reach.cond(c));
    }
    world.categories_of(policy).for_each(|(id, _)| reach.entry(id));
    world.policies.get(policy.index()).into_iter().for_each(|p| reach.cond(&p.applies));
    for licence in world.licences.iter().filter(|l| l.policy == policy) {
        licence.covers.iter().for_each(|c| reach.cond(c));
    }
    let foreign = |f: &FactId| world.fact(*f).policy.is_some_and(|p| p != policy);
    for fact in world.facts.iter().filter(|f| f.policy.is_none_or(|p| p == policy)) {
        fact.means.iter().for_each(|(_, c)| reach.cond(c));
        fact.presumed.iter().filter_map(|p| p.unless.as_ref()).for_each(|c| reach.cond(c));
    }
    let mut out = world.clone();
    out.tests.clear();
    let mut read = reach.clone();
    for (old, new) in world.constraints.iter().zip(&mut out.constraints) {
        let own = Reach::of(world, &old.cond);
        if own.facts.iter().any(|f| foreign(f) && !reach.facts.contains(f)) {
            new.cond = Cond::always();
        } else {
            read.cond(&old.cond);
        }
    }
    let never = || Cond::Any(Vec::new());
    for rule in out.rules.iter_mut().filter(|r| r.policy != policy) {
        (rule.cond, rule.claimed) = (never(), None);
        rule.targets.clear();
    }
    for (i, category) in out.categories.iter_mut().enumerate() {
        if category.policy != Some(policy) && !read.entries.contains(&CategoryId(i as u32)) {
            category.cond = Cond::always();
            category.codes.clear();
        }
    }
    for (i, fact) in out.facts.iter_mut().enumerate() {
        if fact.policy.is_some_and(|p| p != policy) && !read.facts.contains(&FactId(i as u32)) {
            fact.means.iter_mut().for_each(|(_, c)| *c = Cond::always());
            fact.presumed = None;
        }
    }
    for (i, other) in out.policies.iter_mut().enumerate() {
        if i != policy.index() {
            other.applies = never();
        }
    }
    out.licences.iter_mut().filter(|l| l.policy != policy).for_each(|l| l.covers = None);
    out
}
