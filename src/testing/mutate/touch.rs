//! What a mistake touches: the pieces of law whose truth can change with it.

use std::collections::BTreeSet;

use crate::eval::Evaluator;
use crate::model::{
    Atom, AtomKind, CategoryId, ChartId, Cond, FactId, GroupBody, GroupId, LicenceId, PolicyId, RuleId, Set, Test,
    World,
};

/// What of a declaration is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// An entry: its codes, condition or days.
    Category(CategoryId),
    /// When a rule applies.
    Rule(RuleId),
    /// What follows from a rule.
    Follows(RuleId),
    /// What has to be claimed.
    Claim(RuleId),
    /// A named condition.
    Means(FactId),
    /// A presumption itself.
    Presumption(FactId),
    /// What keeps a presumption from being made.
    Unless(FactId),
    /// A group.
    Group(GroupId),
    /// A chart.
    Chart(ChartId),
    /// Marks in one column of a chart.
    Column(ChartId, usize),
    /// When a policy applies.
    Applies(PolicyId),
    /// What a policy knows, and what holds otherwise.
    Known(PolicyId),
    /// What a held licence covers.
    Licence(LicenceId),
    /// How long a held licence is valid.
    Valid(LicenceId),
    /// The papers of a licence.
    Papers(LicenceId),
    /// What is always so.
    Constraint(usize),
}

/// A piece of law that is true, false or open for a consignment. All else a decision is made of follows from these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unit {
    /// A rule applies, as far as its own condition goes.
    Rule(RuleId),
    /// A way down a list, by its number: whether description and code fit.
    Leaf(usize),
    /// A policy applies.
    Applies(PolicyId),
    /// A claim is raised.
    Claim(RuleId),
    /// A presumption is kept off.
    Unless(FactId),
    /// A constraint holds.
    Constraint(usize),
    /// A held licence covers.
    Covers(LicenceId),
}

impl Part {
    /// The one policy that the part belongs to; none where it is shared, or others may read it.
    pub(super) fn owner(self, world: &World) -> Option<PolicyId> {
        match self {
            Part::Rule(id) | Part::Follows(id) | Part::Claim(id) => Some(world.rule(id).policy),
            Part::Applies(id) | Part::Known(id) => Some(id),
            Part::Licence(id) | Part::Valid(id) | Part::Papers(id) => Some(world.licence(id).policy),
            _ => None,
        }
    }

    /// What is looked for in the conditions that a change can reach; nothing where it is in one place only.
    fn reading(self) -> Option<Reads> {
        Some(match self {
            Part::Means(id) => Reads::Means(id),
            Part::Group(id) => Reads::Group(id),
            Part::Chart(id) => Reads::Chart(id, None),
            Part::Column(id, column) => Reads::Chart(id, Some(column)),
            _ => return None,
        })
    }

    /// The questions that ask for a group or a chart, each once. Where all are answered alike, nothing differs.
    pub(super) fn questions(self, world: &World) -> Vec<Atom> {
        let mut out: Vec<Atom> = Vec::new();
        let Some(reading @ (Reads::Group(_) | Reads::Chart(..))) = self.reading() else { return out };
        let mut add = |c: &Cond| {
            c.atoms(&mut |atom, _| {
                let asks = match &atom.kind {
                    AtomKind::Fact(_, test) | AtomKind::Elements { test, .. } => reading.in_test(world, test),
                    _ => false,
                };
                if asks && !out.iter().any(|a| a.kind == atom.kind) {
                    out.push(atom.clone());
                }
            });
        };
        for rule in &world.rules {
            add(&rule.cond);
            rule.claimed.iter().for_each(&mut add);
        }
        world.categories.iter().for_each(|c| add(&c.cond));
        world.policies.iter().for_each(|p| add(&p.applies));
        for fact in &world.facts {
            fact.means.iter().for_each(|(_, c)| add(c));
            fact.presumed.iter().filter_map(|p| p.unless.as_ref()).for_each(&mut add);
        }
        world.constraints.iter().for_each(|c| add(&c.cond));
        world.licences.iter().filter_map(|l| l.covers.as_ref()).for_each(&mut add);
        out
    }

    /// The units that can change, those first that show best.
    pub(super) fn units(self, evaluator: &Evaluator<'_>, world: &World) -> Vec<Unit> {
        match self {
            Part::Category(id) => {
                let leaves = evaluator.lists().leaves.iter().enumerate();
                return leaves.filter(|(_, l)| is_within(world, l.id, id)).map(|(i, _)| Unit::Leaf(i)).collect();
            }
            Part::Rule(id) => return vec![Unit::Rule(id)],
            Part::Claim(id) => return vec![Unit::Claim(id)],
            Part::Unless(id) => return vec![Unit::Unless(id)],
            Part::Applies(id) => return vec![Unit::Applies(id)],
            Part::Licence(id) => return vec![Unit::Covers(id)],
            Part::Constraint(i) => return vec![Unit::Constraint(i)],
            _ => {}
        }
        let Some(reading) = self.reading() else { return Vec::new() };
        let reads = |c: &Cond| reading.in_cond(world, c, &mut BTreeSet::new());
        let mut out = Vec::new();
        for (i, rule) in world.rules.iter().enumerate() {
            let id = RuleId(i as u32);
            out.extend(reads(&rule.cond).then_some(Unit::Rule(id)));
            out.extend(rule.claimed.as_ref().is_some_and(reads).then_some(Unit::Claim(id)));
        }
        let leaves = evaluator.lists().leaves.iter().enumerate();
        out.extend(leaves.filter(|(_, l)| l.conditions.iter().any(|c| reads(c))).map(|(i, _)| Unit::Leaf(i)));
        let policies = world.policies.iter().enumerate().filter(|(_, p)| reads(&p.applies));
        out.extend(policies.map(|(i, _)| Unit::Applies(PolicyId(i as u32))));
        let unless = |f: &crate::model::Fact| f.presumed.as_ref().and_then(|p| p.unless.as_ref()).is_some_and(reads);
        let facts = world.facts.iter().enumerate().filter(|(_, f)| unless(f));
        out.extend(facts.map(|(i, _)| Unit::Unless(FactId(i as u32))));
        let constraints = world.constraints.iter().enumerate().filter(|(_, c)| reads(&c.cond));
        out.extend(constraints.map(|(i, _)| Unit::Constraint(i)));
        let licences = world.licences.iter().enumerate().filter(|(_, l)| l.covers.as_ref().is_some_and(reads));
        out.extend(licences.map(|(i, _)| Unit::Covers(LicenceId(i as u32))));
        out.sort();
        out
    }
}

fn is_within(world: &World, inner: CategoryId, outer: CategoryId) -> bool {
    let mut at = Some(inner);
    while let Some(id) = at {
        if id == outer {
            return true;
        }
        at = world.category(id).parent;
    }
    false
}

/// What is looked for in conditions.
#[derive(Clone, Copy)]
enum Reads {
    Means(FactId),
    Group(GroupId),
    /// A chart, in one column or any.
    Chart(ChartId, Option<usize>),
    Entries,
    Codes,
}

/// True if a condition asks, itself or through named conditions, under which codes goods lie, whatever they are.
pub(super) fn asks_for_codes(world: &World, cond: &Cond) -> bool {
    Reads::Codes.in_cond(world, cond, &mut BTreeSet::new())
}

/// True if a condition asks, itself or through named conditions, whether goods are in an entry.
pub(super) fn asks_for_entries(world: &World, cond: &Cond) -> bool {
    Reads::Entries.in_cond(world, cond, &mut BTreeSet::new())
}

impl Reads {
    fn in_cond(self, world: &World, cond: &Cond, seen: &mut BTreeSet<FactId>) -> bool {
        let mut found = false;
        let mut named = Vec::new();
        cond.atoms(&mut |atom, _| match &atom.kind {
            AtomKind::Means(f) => named.push(*f),
            AtomKind::In(_) => found |= matches!(self, Reads::Entries),
            AtomKind::CodedUnder(_) => found |= matches!(self, Reads::Entries | Reads::Codes),
            AtomKind::Fact(_, test) | AtomKind::Elements { test, .. } => found |= self.in_test(world, test),
            _ => {}
        });
        for f in named {
            found |= matches!(self, Reads::Means(wanted) if wanted == f);
            if !found && seen.insert(f) {
                found = world.fact(f).means.iter().any(|(_, c)| self.in_cond(world, c, seen));
            }
        }
        found
    }

    fn in_test(self, world: &World, test: &Test) -> bool {
        match (self, test) {
            (Reads::Chart(wanted, column), Test::Marked(chart, asked)) => {
                wanted == *chart && column.is_none_or(|c| c == *asked)
            }
            (Reads::Group(wanted), Test::In(set)) => in_set(world, set, wanted),
            _ => false,
        }
    }
}

fn in_set(world: &World, set: &Set, wanted: GroupId) -> bool {
    match set {
        Set::Values(_) => false,
        // Groups that name each other in a circle were refused when they were checked.
        Set::Group(ids) => ids.iter().any(|id| {
            *id == wanted
                || world.groups.get(id.index()).is_some_and(|g| match &g.body {
                    GroupBody::Expr(inner) => in_set(world, inner, wanted),
                    GroupBody::Members(_) => false,
                })
        }),
        Set::Plus(a, b) | Set::Minus(a, b) | Set::And(a, b) => in_set(world, a, wanted) || in_set(world, b, wanted),
    }
}
