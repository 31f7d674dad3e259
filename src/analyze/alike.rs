//! What two versions of the law say in the same words, or in words that come to the same without looking at any
//! consignment: the parts of a condition in another order, said twice, or twice denied.
//!
//! What is alike here decides alike. The reverse does not hold: what is not seen to be alike has to be compared over all
//! consignments. Most of an amended law is alike, so that only the little that is not costs work.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::diagram::{Id, NO, YES};
use crate::engine::space::View;
use crate::eval::ask::Asked;
use crate::model::{
    Atom, AtomKind, Category, CategoryId, Cond, FactId, GroupBody, GroupId, PolicyId, RuleId, Set, Test, World,
};
use crate::stack::deep;

/// A condition with negations at its questions alone, its parts in order and each once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    /// A question, or its opposite, by what it asks.
    Is(String, bool),
    /// All.
    All(BTreeSet<Form>),
    /// Any.
    Any(BTreeSet<Form>),
}

/// Two versions seen over the same consignments, each on its day, with their facts in one numbering.
pub(super) struct Alike<'v, 's> {
    old: &'v View<'s>,
    new: &'v View<'s>,
    /// True if enumerations and places are the same, so that a value is the same in both.
    values: bool,
    atoms: BTreeMap<String, bool>,
    means: BTreeMap<FactId, bool>,
    /// By entry, whether it is itself alike, once that was asked.
    own: BTreeMap<CategoryId, bool>,
}

impl<'v, 's> Alike<'v, 's> {
    /// Nothing compared yet.
    pub(super) fn new(old: &'v View<'s>, new: &'v View<'s>) -> Self {
        let places = |w: &World| w.places.iter().map(|p| (p.code.clone(), p.within)).collect::<Vec<_>>();
        let values = old.world().enums == new.world().enums && places(old.world()) == places(new.world());
        Alike { old, new, values, atoms: BTreeMap::new(), means: BTreeMap::new(), own: BTreeMap::new() }
    }

    fn worlds(&self) -> [&'v World; 2] {
        [self.old.world(), self.new.world()]
    }

    /// Two conditions.
    pub(super) fn conditions(&mut self, old: &Cond, new: &Cond) -> bool {
        deep(|| {
            let (mut was, mut is) = (BTreeMap::new(), BTreeMap::new());
            form(old, true, &mut was) == form(new, true, &mut is)
                && was.into_iter().zip(is.into_values()).all(|((name, a), b)| self.atom(name, a, b))
        })
    }

    /// A question that both ask.
    fn atom(&mut self, name: String, old: &Atom, new: &Atom) -> bool {
        if let Some(known) = self.atoms.get(&name) {
            return *known;
        }
        let alike = match &old.kind {
            AtomKind::Means(fact) => self.meaning(*fact),
            AtomKind::In(list) | AtomKind::CodedUnder(list) => list.iter().all(|c| self.entry(*c)),
            // What a licence held names is read in the entries of each version.
            AtomKind::Includes(_) => false,
            single if self.is_steady(single) => true,
            _ => {
                let (was, is) = (self.old.question(old), self.new.question(new));
                was == is && self.old.reliable(&[was, is])
            }
        };
        self.atoms.insert(name, alike);
        alike
    }

    /// True if a question about facts, asked in the same words, is answered alike whatever the facts: nothing that it
    /// names is otherwise in the other version, or on the other day.
    fn is_steady(&self, kind: &AtomKind) -> bool {
        let same_day = self.old.day() == self.new.day();
        let date = self.old.world().fact_named("date");
        let dated = |f: &FactId| !same_day && Some(*f) == date;
        self.values
            && match kind {
                AtomKind::Fact(fact, test) | AtomKind::Elements { fact, test, .. } => {
                    !dated(fact)
                        && match test {
                            Test::In(set) => self.set(set),
                            // Its places in the text count as well: where it was moved, its marks are looked at.
                            Test::Marked(chart, _) => {
                                let [old, new] = self.worlds().map(|w| w.charts.get(chart.index()));
                                same_day && old == new
                            }
                            _ => true,
                        }
                }
                AtomKind::Empty(_) => true,
                AtomKind::Facts(a, _, b) => !dated(a) && !dated(b),
                AtomKind::Means(_) | AtomKind::In(_) | AtomKind::CodedUnder(_) | AtomKind::Includes(_) => false,
            }
    }

    /// The same values, in groups as they stand on each version's day.
    fn set(&self, set: &Set) -> bool {
        let group = |id: &GroupId| {
            let on = |view: &View<'s>, world: &'v World| {
                let group = world.groups.get(id.index())?;
                group.in_force.on(view.day()).then_some(&group.body)
            };
            let [old, new] = self.worlds();
            match (on(self.old, old), on(self.new, new)) {
                (Some(GroupBody::Members(a)), Some(GroupBody::Members(b))) => {
                    let (was, is) = (self.old.day(), self.new.day());
                    let before = a.iter().filter(|(_, days, _)| days.on(was)).map(|(v, _, doubt)| (v, doubt));
                    let after = b.iter().filter(|(_, days, _)| days.on(is)).map(|(v, _, doubt)| (v, doubt));
                    before.eq(after)
                }
                (Some(GroupBody::Expr(a)), Some(GroupBody::Expr(b))) => a == b && self.set(a),
                (None, None) => true,
                _ => false,
            }
        };
        match set {
            Set::Values(_) => true,
            Set::Group(all) => all.iter().all(group),
            Set::Plus(a, b) | Set::Minus(a, b) | Set::And(a, b) => self.set(a) && self.set(b),
        }
    }

    /// A named condition, as it is meant on each version's day.
    fn meaning(&mut self, fact: FactId) -> bool {
        if let Some(known) = self.means.get(&fact) {
            return *known;
        }
        let on = |view: &View<'s>, world: &'v World| {
            world.fact(fact).means.iter().find(|(days, _)| days.on(view.day())).map(|(_, c)| c)
        };
        let [old, new] = self.worlds();
        let alike = match (on(self.old, old), on(self.new, new)) {
            (Some(old), Some(new)) => self.conditions(old, new),
            (None, None) => true,
            _ => false,
        };
        self.means.insert(fact, alike);
        alike
    }

    /// An entry with all that stands above and below it.
    pub(super) fn entry(&mut self, id: CategoryId) -> bool {
        let [old, new] = self.worlds();
        // Where entries come or go, numbers are not those of the same ones.
        if old.categories.len() != new.categories.len() {
            return false;
        }
        let mut above = Some(id);
        while let Some(at) = above {
            if !self.itself(at) {
                return false;
            }
            above = old.category(at).parent;
        }
        let mut open: Vec<CategoryId> = old.category(id).children.clone();
        while let Some(at) = open.pop() {
            if !self.itself(at) {
                return false;
            }
            open.extend(&old.category(at).children);
        }
        true
    }

    fn itself(&mut self, id: CategoryId) -> bool {
        if let Some(known) = self.own.get(&id) {
            return *known;
        }
        let [old, new] = self.worlds().map(|w| w.category(id));
        let place = |c: &Category| (c.name.clone(), c.unnamed, c.parent, c.children.clone(), c.policy, c.whatever_code);
        let alike = place(old) == place(new)
            && old.codes == new.codes
            && old.in_force.on(self.old.day()) == new.in_force.on(self.new.day())
            && self.conditions(&old.cond, &new.cond);
        self.own.insert(id, alike);
        alike
    }

    /// What a rule itself says, and what it defeats; its effect, duties and documents left aside.
    pub(super) fn rule(&mut self, old: RuleId, new: RuleId) -> bool {
        let [a, b] = [self.old.world().rule(old), self.new.world().rule(new)];
        let forced = (a.in_force.on(self.old.day()), b.in_force.on(self.new.day()));
        if forced == (false, false) {
            return true;
        }
        let claims = match (&a.claimed, &b.claimed) {
            (None, None) => true,
            (Some(x), Some(y)) => self.conditions(x, y),
            _ => false,
        };
        forced.0 == forced.1 && claims && self.defeats(old, new) && self.conditions(&a.cond, &b.cond)
    }

    fn defeats(&self, old: RuleId, new: RuleId) -> bool {
        let of = |w: &World, id: RuleId| {
            let rule = w.rule(id);
            (rule.kind, rule.targets.iter().map(|t| w.rule(*t).name.clone()).collect::<BTreeSet<_>>())
        };
        of(self.old.world(), old) == of(self.new.world(), new)
    }

    /// The consignments on which two versions of a policy may say something else: where it applies in one of them only,
    /// where a rule says something itself in one only, or says something else. Elsewhere every rule says in both what
    /// it says, so that what stands and what follows is the same. `None` where that took too much work, or hangs on a
    /// fact with too many values.
    pub(super) fn region(
        &mut self,
        (old, new): (PolicyId, PolicyId),
        follows: &dyn Fn(RuleId, RuleId) -> bool,
    ) -> Option<Id> {
        let [was, is] = [(self.old, old), (self.new, new)].map(|(v, p)| &v.world().policies[p.index()]);
        if was.otherwise != is.otherwise {
            return Some(YES);
        }
        let (a, b) = (self.old, self.new);
        let (mut compared, mut out) = (Vec::new(), NO);
        let mut differ = |x: Id, y: Id| {
            compared.extend([x, y]);
            out = a.diagrams(|d| {
                let differ = d.differ(x, y);
                d.or(out, differ)
            });
        };
        if !self.conditions(&was.applies, &is.applies) {
            differ(a.asked(&Asked::Applies(old, 0)), b.asked(&Asked::Applies(new, 0)));
        }
        let mut rules: BTreeMap<&str, [Vec<RuleId>; 2]> = BTreeMap::new();
        for (n, (view, policy)) in [(a, old), (b, new)].into_iter().enumerate() {
            for (id, rule) in view.world().rules_of(policy).filter(|(_, r)| r.in_force.on(view.day())) {
                rules.entry(&rule.name).or_default()[n].push(id);
            }
        }
        let own = |id: &RuleId| a.asked(&Asked::Own(old, 0, *id));
        let own_new = |id: &RuleId| b.asked(&Asked::Own(new, 0, *id));
        for [was, is] in rules.into_values() {
            let pairs = || was.iter().zip(&is);
            if was.len() == is.len() && pairs().all(|(x, y)| follows(*x, *y) && self.defeats(*x, *y)) {
                for (x, y) in pairs() {
                    if !self.rule(*x, *y) {
                        differ(own(x), own_new(y));
                    }
                }
            } else {
                was.iter().map(own).chain(is.iter().map(own_new)).for_each(|says| differ(says, NO));
            }
        }
        a.reliable(&compared).then_some(out)
    }
}

/// The form of a condition, or of its opposite; every question goes into `atoms` by its name.
fn form<'c>(cond: &'c Cond, truth: bool, atoms: &mut BTreeMap<String, &'c Atom>) -> Form {
    match cond {
        Cond::Not(inner) => form(inner, !truth, atoms),
        Cond::Atom(atom) => {
            let name = format!("{:?}", atom.kind);
            atoms.insert(name.clone(), atom);
            Form::Is(name, truth)
        }
        Cond::All(list) | Cond::Any(list) => {
            let all = matches!(cond, Cond::All(_)) == truth;
            let mut parts = BTreeSet::new();
            for part in list {
                match form(part, truth, atoms) {
                    Form::All(inner) if all => parts.extend(inner),
                    Form::Any(inner) if !all => parts.extend(inner),
                    one => {
                        parts.insert(one);
                    }
                }
            }
            match (parts.len(), all) {
                (1, _) => parts.pop_first().unwrap_or(Form::All(BTreeSet::new())),
                (_, true) => Form::All(parts),
                (_, false) => Form::Any(parts),
            }
        }
    }
}
