//! Which sentences of the law a consignment reads, for measuring what tests test.
//!
//! A consignment is read once, on the facts given and presumed, with no completion of what is unknown. Conditions are
//! read as the law reads them: of `a and b` the second is asked only if the first holds, of `a or b` only if it does
//! not. Where the first is not known, the second counts only if it settles the whole by itself. So what is masked by
//! something else does not count as read. The condition of an exception is asked only where a rule it names applies,
//! that of a rule only where its policy applies, and a day only counts for a declaration that would hold but for it.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::model::{
    Atom, AtomKind, Case, CategoryId, Cond, Date, Effect, FactId, InForce, PolicyId, RuleId, RuleKind, Test, Value,
};
use crate::span::Span;

use super::ask::Claims;
use super::atom::{self, Reader, Whose};
use super::category;
use super::decide::Evaluator;
use super::env::Env;
use super::lists::Leaf;
use super::rules::Item;
use super::truth::Truth;

/// One thing that a consignment showed of the law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Seen {
    /// An atomic condition, known by its place and its fact, was asked, and held or not.
    Condition(Span, Option<FactId>, bool),
    /// The codes of an entry that describes goods which fit, or may, were compared, and matched or not.
    Codes(CategoryId, bool),
    /// A fact was compared with a constant or another fact, and stood on that side of it. The number tells the two
    /// ends of a range apart.
    Threshold(Span, Option<FactId>, u8, Side),
    /// The date stood on that side of a bound of a declaration, known by its place, that else would hold.
    Day(Span, Date, Side),
    /// A rule, exception or bar stood.
    Stands(RuleId),
    /// A rule applied, and was defeated.
    Defeated(RuleId),
    /// Goods were in an entry; or, though its code or a part of its description fitted, they were not.
    Entry(CategoryId, bool),
}

/// Where a value stands, seen from a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Less, or earlier.
    Below,
    /// The same.
    At,
    /// More, or later.
    Above,
}

impl Side {
    fn of(order: Ordering) -> Side {
        match order {
            Ordering::Less => Side::Below,
            Ordering::Equal => Side::At,
            Ordering::Greater => Side::Above,
        }
    }
}

impl Evaluator<'_> {
    /// What a consignment shows of one policy, and of what is shared by all.
    ///
    /// Of facts that break a constraint only the constraints are read, since nothing is decided from them.
    pub fn trace(&self, case: &Case, policy: PolicyId) -> BTreeSet<Seen> {
        crate::stack::deep(|| self.traced(case, policy))
    }

    fn traced(&self, case: &Case, policy: PolicyId) -> BTreeSet<Seen> {
        let given = Env::new(self.world, case);
        let mut seen = BTreeSet::new();
        let broken = self.check_constraints(&given).is_err();
        let mut env = given.clone();
        if !broken {
            self.presume(&mut env);
        }
        let mut trace = Trace { reader: self.reader(&env), seen: &mut seen };
        trace.constraints();
        if broken {
            return seen;
        }
        let raised = self.claims(&given);
        for item in 0..env.item_count() as u32 {
            let whose = Whose::item(item);
            let reader = self.reader(&env);
            let mut trace = Trace { reader, seen: &mut seen };
            let found = &self.world.policies[policy.index()];
            let applies = trace.cond(&found.applies, whose);
            if applies == Truth::Yes {
                trace.interval(found.span, &InForce(vec![found.known]), env.date);
                trace.days_of_entries(policy, item);
            }
            if applies == Truth::No || !found.known.contains(env.date) {
                continue;
            }
            trace.entries(policy, item);
            let rules = Item::new(&reader, policy, item, Claims::Found(&raised), &self.defeaters);
            trace.rules(&rules, &raised[item as usize], &self.reader(&given));
            trace.licences(&rules);
            Trace { reader: self.reader(&given), seen: &mut seen }.presumptions(policy, whose);
        }
        seen
    }
}

/// What is read, and what was seen so far.
struct Trace<'t, 'a> {
    reader: Reader<'a>,
    seen: &'t mut BTreeSet<Seen>,
}

impl Trace<'_, '_> {
    /// Reads a condition, and notes what it asks.
    fn cond(&mut self, cond: &Cond, whose: Whose) -> Truth {
        match cond {
            Cond::All(list) => self.each(list, whose, Truth::No),
            Cond::Any(list) => self.each(list, whose, Truth::Yes),
            Cond::Not(inner) => self.cond(inner, whose).not(),
            Cond::Atom(atom) => self.atom(atom, whose),
        }
    }

    /// Reads conditions up to the first that settles the whole.
    fn each(&mut self, list: &[Cond], whose: Whose, settles: Truth) -> Truth {
        let mut whole = settles.not();
        for c in list {
            if whole == settles {
                break;
            }
            let open = matches!(whole, Truth::Unknown(_));
            if open && self.reader.cond(c, whose) != settles {
                continue;
            }
            let truth = self.cond(c, whose);
            whole = if open { settles } else { truth };
        }
        whole
    }

    fn atom(&mut self, atom: &Atom, whose: Whose) -> Truth {
        let truth = atom::atom(&self.reader, atom, whose);
        let fact = fact_of(atom);
        match truth {
            Truth::Yes => self.seen.insert(Seen::Condition(atom.span, fact, true)),
            Truth::No => self.seen.insert(Seen::Condition(atom.span, fact, false)),
            Truth::Unknown(_) => false,
        };
        match &atom.kind {
            AtomKind::Fact(f, test) => {
                if let Some(known) = self.reader.env.get(self.reader.slot(*f, whose)) {
                    self.threshold(atom, fact, test, &known.value);
                }
            }
            AtomKind::Elements { fact: f, test, .. } => {
                if let Some(Value::Set(all)) = self.reader.env.get(self.reader.slot(*f, whose)).map(|k| &k.value) {
                    all.iter().for_each(|v| self.threshold(atom, fact, test, v));
                }
            }
            AtomKind::Facts(a, _, b) => {
                let value = |f: FactId| self.reader.env.get(self.reader.slot(f, whose)).map(|k| &k.value);
                if let (Some(x), Some(y)) = (value(*a), value(*b)) {
                    let side = Side::of(x.cmp(y));
                    self.seen.insert(Seen::Threshold(atom.span, fact, 0, side));
                }
            }
            AtomKind::Means(f) => {
                let world = self.reader.world;
                let found = world.fact(*f);
                for (days, c) in &found.means {
                    self.interval(found.span, days, self.reader.env.date);
                    if days.on(self.reader.env.date) {
                        self.cond(c, whose);
                    }
                }
            }
            // Entries are read by themselves.
            AtomKind::In(_) | AtomKind::CodedUnder(_) | AtomKind::Empty(_) | AtomKind::Includes(_) => {}
        }
        truth
    }

    fn threshold(&mut self, atom: &Atom, fact: Option<FactId>, test: &Test, value: &Value) {
        let ends: &[&Value] = match test {
            Test::Compare(_, with) => &[with],
            Test::Between(low, high) => &[low, high],
            _ => return,
        };
        for (end, with) in (0..).zip(ends) {
            self.seen.insert(Seen::Threshold(atom.span, fact, end, Side::of(value.cmp(with))));
        }
    }

    /// Where the date stands, seen from each bound of a declaration.
    fn interval(&mut self, span: Span, days: &InForce, date: Date) {
        for bound in days.0.iter().flat_map(|i| [i.from, i.to]).flatten() {
            self.seen.insert(Seen::Day(span, bound, Side::of(date.cmp(&bound))));
        }
    }

    fn constraints(&mut self) {
        let env = self.reader.env;
        for c in self.reader.world.constraints.iter().filter(|c| c.in_force.on(env.date)) {
            for item in 0..env.item_count() as u32 {
                let held = (0..env.held.len() as u32).map(Some);
                for licence in held.chain(env.held.is_empty().then_some(None)) {
                    self.cond(&c.cond, Whose { item, licence });
                }
            }
        }
    }

    fn presumptions(&mut self, policy: PolicyId, whose: Whose) {
        for (i, fact) in self.reader.world.facts.iter().enumerate() {
            let open = fact.policy.is_none_or(|p| p == policy)
                && self.reader.env.get(self.reader.slot(FactId(i as u32), whose)).is_none();
            if let (true, Some(c)) = (open, fact.presumed.as_ref().and_then(|p| p.unless.as_ref())) {
                self.cond(c, whose);
            }
        }
    }

    /// The days of entries that the goods fit, or would on another day.
    fn days_of_entries(&mut self, policy: PolicyId, item: u32) {
        let (world, whose) = (self.reader.world, Whose::item(item));
        let of = |l: &&Leaf<'_>| world.category(l.id).policy == Some(policy);
        for leaf in self.reader.lists.leaves.iter().filter(of) {
            let fits = leaf.conditions.iter().all(|c| self.reader.cond(c, whose) == Truth::Yes);
            if fits && (leaf.described() || category::leaf_coded(&self.reader, leaf, item) == Truth::Yes) {
                let mut at = Some(leaf.id);
                while let Some(id) = at {
                    let entry = world.category(id);
                    self.interval(entry.span, &entry.in_force, self.reader.env.date);
                    at = entry.parent;
                }
            }
        }
    }

    fn entries(&mut self, policy: PolicyId, item: u32) {
        let (world, date) = (self.reader.world, self.reader.env.date);
        let of = |l: &&Leaf<'_>| world.category(l.id).policy == Some(policy);
        for leaf in self.reader.lists.leaves.iter().filter(of).filter(|l| l.on(date)) {
            let whose = Whose::item(item);
            let touched = self.touched(leaf.conditions.iter().copied(), whose);
            let coded = category::leaf_coded(&self.reader, leaf, item) == Truth::Yes;
            let mut description = Truth::Yes;
            for c in &leaf.conditions {
                description = description.and(|| self.cond(c, whose));
            }
            let slots = leaf.codes.iter().map(|(f, _)| self.reader.slot(*f, whose));
            let given = !leaf.codes.is_empty() && slots.clone().all(|s| self.reader.env.is_known(s));
            if description.may() && given {
                let code = category::leaf_coded(&self.reader, leaf, item);
                if let Ok(matches) = code.known() {
                    let own = leaf_codes_at(&self.reader, leaf);
                    self.seen.insert(Seen::Codes(own, matches));
                }
            }
            match category::holds_itself(&self.reader, leaf.reported, item) {
                Truth::Yes => self.seen.insert(Seen::Entry(leaf.reported, true)),
                Truth::No if coded || touched => self.seen.insert(Seen::Entry(leaf.reported, false)),
                _ => false,
            };
        }
    }

    /// True if some part of a condition holds that is asked before another settles that the whole does not.
    fn touched<'c>(&self, conds: impl IntoIterator<Item = &'c Cond>, whose: Whose) -> bool {
        for c in conds {
            let held = match c {
                Cond::All(list) => self.touched(list, whose),
                Cond::Any(list) => list.iter().any(|c| self.touched([c], whose)),
                Cond::Not(_) => false,
                Cond::Atom(atom) => atom::atom(&self.reader, atom, whose) == Truth::Yes,
            };
            if held || self.reader.cond(c, whose) == Truth::No {
                return held;
            }
        }
        false
    }

    fn rules(&mut self, item: &Item<'_, Reader<'_>>, raised: &[bool], given: &Reader<'_>) {
        let world = self.reader.world;
        let whose = Whose::item(item.item);
        for id in item.rules() {
            let rule = world.rule(id);
            let named = rule.kind == RuleKind::Rule || rule.targets.iter().any(|t| item.applies(*t).may());
            let raised = raised[id.index()];
            if named && raised && self.reader.cond(&rule.cond, whose) == Truth::Yes {
                self.interval(rule.span, &rule.in_force, self.reader.env.date);
            }
            if !named || !rule.in_force.on(self.reader.env.date) {
                continue;
            }
            if let Some(claimed) = &rule.claimed {
                Trace { reader: *given, seen: &mut *self.seen }.cond(claimed, whose);
            }
            if raised {
                self.cond(&rule.cond, whose);
            }
            match (item.applies(id), item.stands(id)) {
                (_, Truth::Yes) => self.seen.insert(Seen::Stands(id)),
                (Truth::Yes, Truth::No) => self.seen.insert(Seen::Defeated(id)),
                _ => false,
            };
        }
    }

    /// What licences held cover, where a rule that stands requires one of their kind.
    fn licences(&mut self, item: &Item<'_, Reader<'_>>) {
        let world = self.reader.world;
        for id in item.rules().filter(|id| item.stands(*id) == Truth::Yes) {
            let Some(Effect::Require(groups)) = &world.rule(id).effect else { continue };
            for licence in groups.iter().flatten() {
                for held in (0..self.reader.env.held.len() as u32).filter(|h| item.is_kind(*h, *licence)) {
                    if let Some(c) = &world.licence(*licence).covers {
                        self.cond(c, Whose { item: item.item, licence: Some(held) });
                    }
                }
            }
        }
    }
}

/// The fact that an atom asks about, which tells atoms at one place apart.
pub fn fact_of(atom: &Atom) -> Option<FactId> {
    match &atom.kind {
        AtomKind::Fact(f, _)
        | AtomKind::Elements { fact: f, .. }
        | AtomKind::Empty(f)
        | AtomKind::Means(f)
        | AtomKind::Facts(f, ..)
        | AtomKind::Includes(f) => Some(*f),
        AtomKind::In(_) | AtomKind::CodedUnder(_) => None,
    }
}

/// The entry on the way down to a leaf that states the last codes that bind it.
fn leaf_codes_at(reader: &Reader<'_>, leaf: &Leaf<'_>) -> CategoryId {
    let mut at = leaf.id;
    while reader.world.category(at).codes.is_empty() {
        match reader.world.category(at).parent {
            Some(parent) => at = parent,
            None => break,
        }
    }
    at
}
