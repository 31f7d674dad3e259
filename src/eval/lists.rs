//! Control lists laid out for reading: for each entry its ways down, each with all conditions and codes on it.

use std::collections::BTreeSet;

use crate::model::code::CodeList;
use crate::model::{AtomKind, CategoryId, Cond, Date, FactId, InForce, PolicyId, World};

/// One way down a list, from the top to an entry without children.
pub struct Leaf<'a> {
    /// The entry it ends in.
    pub id: CategoryId,
    /// The narrowest named entry on the way, as which the leaf is reported.
    pub reported: CategoryId,
    /// When all entries on the way are in force; nothing: never.
    pub in_force: Option<InForce>,
    /// The policy it belongs to; none: it is shared.
    pub policy: Option<PolicyId>,
    /// All conditions on the way.
    pub conditions: Vec<&'a Cond>,
    /// All codes on the way that bind the leaf, each with the fact that holds such a code.
    pub codes: Vec<(FactId, &'a CodeList)>,
    /// The facts that its conditions read themselves, and those that hold its codes.
    pub facts: BTreeSet<FactId>,
}

impl Leaf<'_> {
    /// True if something besides a code describes the goods.
    pub fn described(&self) -> bool {
        !self.conditions.is_empty()
    }

    /// True if in force on that day.
    pub fn on(&self, day: Date) -> bool {
        self.in_force.as_ref().is_some_and(|f| f.on(day))
    }
}

/// All lists of a world.
pub struct Lists<'a> {
    /// All leaves.
    pub leaves: Vec<Leaf<'a>>,
    /// For each category, the leaves at or below it.
    below: Vec<Vec<usize>>,
    /// True if an entry that holds never makes an outcome milder: no rule asks that goods be in no entry, and no
    /// exception to a stricter rule asks that they be in one.
    /// For each policy.
    pub never_milder: Vec<bool>,
}

impl<'a> Lists<'a> {
    /// Lays them out.
    pub fn new(world: &'a World) -> Self {
        let mut lists =
            Lists { leaves: Vec::new(), below: vec![Vec::new(); world.categories.len()], never_milder: Vec::new() };
        for (i, category) in world.categories.iter().enumerate() {
            if !category.children.is_empty() {
                continue;
            }
            let mut way = vec![CategoryId(i as u32)];
            while let Some(parent) = way.last().and_then(|id| world.category(*id).parent) {
                way.push(parent);
            }
            way.reverse();
            let mut leaf = Leaf {
                id: CategoryId(i as u32),
                reported: way.iter().rev().find(|id| !world.category(**id).unnamed).copied().unwrap_or(way[0]),
                in_force: Some(InForce::default()),
                policy: category.policy,
                conditions: Vec::new(),
                codes: Vec::new(),
                facts: BTreeSet::new(),
            };
            for id in &way {
                let c = world.category(*id);
                leaf.in_force = leaf.in_force.and_then(|f| f.intersect(&c.in_force));
                if !c.cond.is_always() {
                    leaf.conditions.push(&c.cond);
                    direct_facts(world, &c.cond, &mut leaf.facts);
                }
                if c.whatever_code {
                    leaf.codes.clear();
                }
                leaf.codes.extend(c.codes.iter().map(|(f, l)| (*f, l)));
            }
            leaf.facts.extend(leaf.codes.iter().map(|(f, _)| *f));
            for id in &way {
                lists.below[id.index()].push(lists.leaves.len());
            }
            lists.leaves.push(leaf);
        }
        lists.never_milder = (0..world.policies.len() as u32).map(|p| never_milder(world, PolicyId(p))).collect();
        lists
    }

    /// The leaves that are reported as an entry and in force on a day.
    pub fn reported(&self, id: CategoryId, day: Date) -> impl Iterator<Item = &Leaf<'a>> {
        self.below(id, day).filter(move |l| l.reported == id)
    }

    /// The numbers of the leaves at or below a category, in force or not.
    pub fn indices(&self, id: CategoryId) -> &[usize] {
        &self.below[id.index()]
    }

    /// The leaves at or below a category that are in force on a day.
    pub fn below(&self, id: CategoryId, day: Date) -> impl Iterator<Item = &Leaf<'a>> {
        self.below[id.index()].iter().map(|i| &self.leaves[*i]).filter(move |l| l.on(day))
    }
}

/// The facts that a condition reads itself: named conditions are followed, categories are not, codes are.
pub fn direct_facts(world: &World, cond: &Cond, out: &mut BTreeSet<FactId>) {
    let (mut means, mut coded) = (Vec::new(), Vec::new());
    cond.atoms(&mut |atom, _| match &atom.kind {
        AtomKind::Fact(f, _) | AtomKind::Elements { fact: f, .. } | AtomKind::Empty(f) | AtomKind::Includes(f) => {
            out.insert(*f);
        }
        AtomKind::Facts(a, _, b) => out.extend([*a, *b]),
        AtomKind::Means(f) => means.push(*f),
        AtomKind::CodedUnder(list) => coded.extend(list.iter().copied()),
        AtomKind::In(_) => {}
    });
    for f in means {
        if out.insert(f) {
            world.fact(f).means.iter().for_each(|(_, c)| direct_facts(world, c, out));
        }
    }
    for id in coded.clone() {
        let mut above = world.category(id).parent;
        while let Some(parent) = above {
            out.extend(world.category(parent).codes.iter().map(|(f, _)| *f));
            above = world.category(parent).parent;
        }
    }
    while let Some(id) = coded.pop() {
        out.extend(world.category(id).codes.iter().map(|(f, _)| *f));
        coded.extend(&world.category(id).children);
    }
}

/// Whether no category that holds can make any outcome milder.
fn never_milder(world: &World, policy: PolicyId) -> bool {
    use crate::model::{Effect, RuleKind};
    let severity = |e: &Option<Effect>| match e {
        None => 0,
        Some(Effect::Permit(_)) => 1,
        Some(Effect::Require(_)) => 2,
        Some(Effect::Prohibit) => 3,
    };
    fn asks(world: &World, cond: &Cond, stricter: bool, seen: &mut BTreeSet<(bool, u32, bool)>) -> bool {
        let mut milder = false;
        cond.atoms(&mut |atom, positive| {
            let stricter = stricter == positive;
            match &atom.kind {
                AtomKind::In(list) => {
                    milder |= !stricter;
                    for id in list {
                        let mut open = vec![*id];
                        while let Some(id) = open.pop() {
                            if seen.insert((true, id.0, stricter)) {
                                milder |= asks(world, &world.category(id).cond, stricter, seen);
                                open.extend(&world.category(id).children);
                                open.extend(world.category(id).parent);
                            }
                        }
                    }
                }
                AtomKind::Means(f) if seen.insert((false, f.0, stricter)) => {
                    for (_, c) in &world.fact(*f).means {
                        milder |= asks(world, c, stricter, seen);
                    }
                }
                _ => {}
            }
        });
        milder
    }
    let mut seen = BTreeSet::new();
    world.rules_of(policy).all(|(_, rule)| {
        let stricter = match rule.kind {
            RuleKind::Rule if severity(&rule.effect) < 2 => return true,
            RuleKind::Rule => true,
            _ => {
                let defeated = rule.targets.iter().map(|t| severity(&world.rule(*t).effect)).max().unwrap_or(0);
                severity(&rule.effect) > defeated
            }
        };
        !asks(world, &rule.cond, stricter, &mut seen)
    })
}
