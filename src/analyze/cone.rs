//! The part of a world that a question reads: everything keeps its number, and what the question cannot read says
//! nothing.
//!
//! Facts fall into classes by all conditions of a world. A question about a pair of entries, or about one policy of
//! several, needs only the classes that its own conditions tell apart, and takes that much less work.

use std::collections::BTreeSet;

use crate::model::{
    AtomKind, Category, CategoryId, Cond, Fact, FactId, InForce, Interval, Otherwise, Policy, PolicyId, Rule, World,
};

/// The part of a world that is read.
pub struct Cone {
    /// The world, with nothing said in it but what is read.
    pub world: World,
    /// The facts that are read; not those that only constraints tie to them.
    pub facts: BTreeSet<FactId>,
}

/// The world as some policies with their rules, and some entries, read it.
pub fn cone(world: &World, policies: &[PolicyId], entries: &[CategoryId]) -> Cone {
    let mut seen = Seen { world, facts: BTreeSet::new(), categories: BTreeSet::new() };
    seen.entries(entries);
    for id in policies {
        seen.cond(&world.policies[id.index()].applies);
        for (_, rule) in world.rules_of(*id) {
            seen.cond(&rule.cond);
            rule.claimed.iter().for_each(|c| seen.cond(c));
        }
        for licence in world.licences.iter().filter(|l| l.policy == *id) {
            licence.covers.iter().for_each(|c| seen.cond(c));
        }
    }
    let read = seen.facts.clone();
    let constraints = seen.constraints();
    let Seen { facts, categories, .. } = seen;
    let world = World {
        words: world.words.clone(),
        facts: (0..).map(FactId).zip(&world.facts).map(|(id, f)| fact(f, facts.contains(&id))).collect(),
        enums: world.enums.clone(),
        places: world.places.clone(),
        groups: world.groups.clone(),
        charts: world.charts.clone(),
        categories: (0..)
            .map(CategoryId)
            .zip(&world.categories)
            .map(|(id, c)| category(c, categories.contains(&id)))
            .collect(),
        links: Vec::new(),
        licences: world.licences.clone(),
        rules: world.rules.iter().map(|r| rule(r, policies.contains(&r.policy))).collect(),
        policies: (0..).map(PolicyId).zip(&world.policies).map(|(id, p)| policy(p, policies.contains(&id))).collect(),
        constraints: constraints.into_iter().map(|i| world.constraints[i].clone()).collect(),
        tests: Vec::new(),
    };
    Cone { world, facts: read }
}

struct Seen<'w> {
    world: &'w World,
    facts: BTreeSet<FactId>,
    categories: BTreeSet<CategoryId>,
}

impl Seen<'_> {
    fn cond(&mut self, cond: &Cond) {
        let (mut facts, mut entries) = (Vec::new(), Vec::new());
        cond.atoms(&mut |atom, _| match &atom.kind {
            AtomKind::Fact(f, _) | AtomKind::Elements { fact: f, .. } | AtomKind::Empty(f) | AtomKind::Includes(f) => {
                facts.push(*f);
            }
            AtomKind::Means(f) => facts.push(*f),
            AtomKind::Facts(a, _, b) => facts.extend([*a, *b]),
            AtomKind::In(list) | AtomKind::CodedUnder(list) => entries.extend(list.iter().copied()),
        });
        facts.into_iter().for_each(|f| self.fact(f));
        self.entries(&entries);
    }

    fn fact(&mut self, id: FactId) {
        if !self.facts.insert(id) {
            return;
        }
        let world = self.world;
        let fact = world.fact(id);
        fact.means.iter().for_each(|(_, c)| self.cond(c));
        fact.presumed.iter().filter_map(|p| p.unless.as_ref()).for_each(|c| self.cond(c));
    }

    /// Entries, with all that they stand in and all that stands in them.
    fn entries(&mut self, entries: &[CategoryId]) {
        let world = self.world;
        for id in entries {
            let mut above = world.category(*id).parent;
            while let Some(parent) = above {
                self.entry(parent);
                above = world.category(parent).parent;
            }
            let mut open = vec![*id];
            while let Some(id) = open.pop() {
                self.entry(id);
                open.extend(&world.category(id).children);
            }
        }
    }

    fn entry(&mut self, id: CategoryId) {
        if !self.categories.insert(id) {
            return;
        }
        let category = self.world.category(id);
        self.cond(&category.cond);
        category.codes.iter().for_each(|(f, _)| self.fact(*f));
        if !category.codes.is_empty() {
            self.world.fact_named("goods.code_confirmed").into_iter().for_each(|f| self.fact(f));
        }
    }

    /// The constraints that read a fact which is seen, and those that share facts with these.
    fn constraints(&mut self) -> BTreeSet<usize> {
        let world = self.world;
        let own = |cond: &Cond| {
            let mut own = Seen { world, facts: BTreeSet::new(), categories: BTreeSet::new() };
            own.cond(cond);
            own.facts
        };
        let all: Vec<BTreeSet<FactId>> = world.constraints.iter().map(|c| own(&c.cond)).collect();
        let mut found = BTreeSet::new();
        loop {
            let before = found.len();
            for (i, facts) in all.iter().enumerate() {
                if !found.contains(&i) && !facts.is_disjoint(&self.facts) {
                    self.cond(&world.constraints[i].cond);
                    found.insert(i);
                }
            }
            if found.len() == before {
                return found;
            }
        }
    }
}

fn fact(fact: &Fact, seen: bool) -> Fact {
    if seen {
        return fact.clone();
    }
    let means = fact.means.iter().map(|_| (InForce::default(), Cond::always())).collect();
    Fact { means, presumed: None, ..fact.clone() }
}

fn category(category: &Category, seen: bool) -> Category {
    let mut out = category.clone();
    if !seen {
        (out.cond, out.in_force, out.codes) = (Cond::always(), InForce::default(), Vec::new());
    }
    out
}

fn rule(rule: &Rule, seen: bool) -> Rule {
    if seen {
        return rule.clone();
    }
    Rule {
        name: String::new(),
        title: String::new(),
        kind: rule.kind,
        span: rule.span,
        policy: rule.policy,
        cite: String::new(),
        cond: Cond::always(),
        claimed: None,
        targets: Vec::new(),
        effect: None,
        review: None,
        reason: None,
        duties: Vec::new(),
        documents: Vec::new(),
        in_force: InForce::default(),
        doubt: None,
        note: None,
    }
}

fn policy(policy: &Policy, seen: bool) -> Policy {
    let mut out = policy.clone();
    if !seen {
        (out.applies, out.otherwise) = (Cond::always(), Otherwise::Permit);
        out.known = Interval { from: None, to: None };
    }
    out
}
