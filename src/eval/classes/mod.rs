//! Classes of facts: one value for each part of a fact's domain that no atom can tell apart.
//!
//! Conditions compare facts with constants, so a domain falls into finitely many classes: intervals between the
//! constants, headings of a code tree, places in the same groups and chart rows. Two facts compared with each other
//! cut each other's domain once one of them is known.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use crate::model::code::CodeList;
use crate::model::value::Type;
use crate::model::{AtomKind, Cond, Date, FactId, PlaceId, Test, Value, World, date};

mod numbers;
mod signatures;

use numbers::numbers;

use super::atom::Reader;
use super::env::{Env, Known, Origin, Slot, slots_of};
use super::lists::{Lists, direct_facts};

/// Classes by fact and span of days, and by what is given that they are narrower than.
type Kept = BTreeMap<(FactId, Option<Date>, Option<(Value, Origin)>), Arc<[Known]>>;

/// The most classes of given values that are kept; they are found again beyond that.
const MAX_KEPT: usize = 10_000;

/// A test, with the world whose groups and charts it names, and the day on which it asks; none: that of the consignment.
type Tested<'a> = (&'a World, Option<Date>, &'a Test);

/// What is known about atoms and constraints before any search.
pub struct Classes<'a> {
    pub(super) world: &'a World,
    pub(super) code_confirmed: Option<FactId>,
    /// The day of issue of a licence held: not said, it is one that has come.
    issued: Option<FactId>,
    /// The control lists, laid out.
    pub lists: Lists<'a>,
    /// The tests on each fact.
    tests: Vec<Vec<Tested<'a>>>,
    /// Days besides that of the consignment on which values must be told apart.
    days: Vec<Date>,
    /// The facts that each fact is compared with, directly or through others, itself among them; none: none.
    partners: Vec<BTreeSet<FactId>>,
    /// The places that lie in another or have another in them: where countries are compared, each is one of its own.
    nested: BTreeSet<PlaceId>,
    /// Tariff and other headings compared with facts that hold codes.
    headings: Vec<BTreeSet<&'a str>>,
    /// The lists of codes that each such fact is looked up in.
    code_lists: Vec<Vec<&'a CodeList>>,
    /// The facts that conditions read themselves, and those with codes of entries that describe nothing: a code among
    /// them is open although what entries describe is presumed to fit theirs.
    pub(crate) asked: BTreeSet<FactId>,
    /// Codes that stand for those in a range of such a list that no heading names.
    between: Vec<BTreeSet<String>>,
    /// Facts read by each constraint.
    pub(crate) constraint_facts: Vec<BTreeSet<FactId>>,
    /// The days from which groups and charts may be otherwise.
    changes: Vec<Date>,
    /// Classes found before.
    kept: Mutex<Kept>,
    /// Whether all sets of a fact can be tried, as found before.
    bounded: Mutex<BTreeMap<(FactId, Option<Date>), bool>>,
}

impl<'a> Classes<'a> {
    /// Collects them once for a world, fine enough for others too, each on its day, that declare the same facts with the
    /// same values.
    pub fn joint(world: &'a World, others: &[(&'a World, Date)], code_confirmed: Option<FactId>) -> Self {
        let n = world.facts.len();
        let mut out = Classes {
            world,
            code_confirmed,
            issued: world.fact_named("licence.issued"),
            lists: Lists::new(world),
            tests: vec![Vec::new(); n],
            days: others.iter().map(|(_, day)| *day).collect(),
            partners: vec![BTreeSet::new(); n],
            nested: PlaceId::all(world).filter_map(|p| Some([p, p.within(world)?])).flatten().collect(),
            headings: vec![BTreeSet::new(); n],
            code_lists: vec![Vec::new(); n],
            asked: BTreeSet::new(),
            between: vec![BTreeSet::new(); n],
            constraint_facts: Vec::new(),
            changes: Vec::new(),
            kept: Mutex::new(BTreeMap::new()),
            bounded: Mutex::default(),
        };
        let all = std::iter::once(world).chain(others.iter().map(|(w, _)| *w));
        out.changes = all.flat_map(World::days_of_places).collect::<BTreeSet<Date>>().into_iter().collect();
        for (world, day) in [(world, None)].into_iter().chain(others.iter().map(|(w, day)| (*w, Some(*day)))) {
            for cond in all_conditions(world) {
                cond.atoms(&mut |atom, _| match &atom.kind {
                    AtomKind::Fact(f, t) | AtomKind::Elements { fact: f, test: t, .. } => {
                        out.tests[f.index()].push((world, day, t));
                    }
                    AtomKind::Facts(a, _, b) => {
                        let of = |f: &FactId| out.partners[f.index()].iter().copied().chain([*f]).collect::<Vec<_>>();
                        let joined: BTreeSet<FactId> = of(a).into_iter().chain(of(b)).collect();
                        joined.iter().for_each(|f| out.partners[f.index()] = joined.clone());
                    }
                    _ => {}
                });
            }
            for (fact, list) in world.categories.iter().flat_map(|c| &c.codes) {
                out.headings[fact.index()].extend(list.headings());
                out.code_lists[fact.index()].push(list);
            }
        }
        for (fact, lists) in out.code_lists.iter().enumerate() {
            let mut constants = BTreeSet::new();
            out.tests[fact].iter().for_each(|(.., t)| t.constants(&mut constants));
            let mut headings: BTreeSet<&str> = out.headings[fact].clone();
            for constant in &constants {
                if let Value::Code(code) = constant {
                    headings.insert(code);
                }
            }
            let parts = lists.iter().flat_map(|l| l.parts(&headings));
            out.between[fact].extend(parts.map(|(first, _)| first));
        }
        let undescribed = out.lists.leaves.iter().filter(|l| !l.described());
        out.asked = undescribed.flat_map(|l| &l.codes).map(|(fact, _)| *fact).collect();
        all_conditions(world).for_each(|c| direct_facts(world, c, &mut out.asked));
        for constraint in &world.constraints {
            let mut facts = BTreeSet::new();
            out.facts_of(&constraint.cond, &mut facts);
            out.constraint_facts.push(facts);
        }
        out
    }

    /// What reads conditions on what is known.
    pub fn reader<'e>(&'e self, env: &'e Env) -> Reader<'e> {
        Reader {
            world: self.world,
            date: env.date,
            env,
            lists: &self.lists,
            code_confirmed: self.code_confirmed,
            kept: None,
        }
    }

    /// The facts that a condition can read, named conditions and categories followed; of what goods are coded under, only
    /// the codes.
    pub fn facts_of(&self, cond: &Cond, out: &mut BTreeSet<FactId>) {
        let (mut means, mut cats, mut coded) = (Vec::new(), Vec::new(), Vec::new());
        cond.atoms(&mut |atom, _| match &atom.kind {
            AtomKind::Fact(f, _) | AtomKind::Elements { fact: f, .. } | AtomKind::Empty(f) | AtomKind::Includes(f) => {
                out.insert(*f);
            }
            AtomKind::Facts(a, _, b) => out.extend([*a, *b]),
            AtomKind::Means(f) => means.push(*f),
            AtomKind::In(list) => cats.extend(list.iter().copied()),
            AtomKind::CodedUnder(list) => coded.extend(list.iter().copied()),
        });
        for id in coded {
            let mut all: Vec<_> = std::iter::successors(Some(id), |c| self.world.category(*c).parent).collect();
            let mut open = self.world.category(id).children.clone();
            while let Some(child) = open.pop() {
                open.extend(&self.world.category(child).children);
                all.push(child);
            }
            out.extend(all.into_iter().flat_map(|c| &self.world.category(c).codes).map(|(f, _)| *f));
        }
        for f in means {
            if out.insert(f) {
                self.world.fact(f).means.iter().for_each(|(_, c)| self.facts_of(c, out));
            }
        }
        for id in cats {
            let mut open = vec![id];
            // What an entry stands in binds it.
            let mut above = self.world.category(id).parent;
            while let Some(parent) = above {
                let category = self.world.category(parent);
                self.facts_of(&category.cond, out);
                out.extend(category.codes.iter().map(|(f, _)| *f));
                above = category.parent;
            }
            while let Some(id) = open.pop() {
                let category = self.world.category(id);
                self.facts_of(&category.cond, out);
                out.extend(category.codes.iter().map(|(f, _)| *f));
                open.extend(&category.children);
            }
        }
    }

    /// One value for each class of a fact, given what is already known of it.
    ///
    /// Where it is compared with no other fact, the classes depend on the day and on what is given alone, and are kept.
    pub fn values(&self, env: &Env, slot: Slot) -> Arc<[Known]> {
        let Some(fact) = slot.fact().filter(|f| self.partners[f.index()].is_empty()) else {
            return self.find_values(env, slot).into();
        };
        let key = (fact, self.span(fact, env.date), env.get(slot).map(|k| (k.value.clone(), k.origin)));
        let Ok(mut all) = self.kept.lock() else { return self.find_values(env, slot).into() };
        if let Some(found) = all.get(&key) {
            return Arc::clone(found);
        }
        let found: Arc<[Known]> = self.find_values(env, slot).into();
        if key.2.is_none() || all.len() < MAX_KEPT {
            all.insert(key, Arc::clone(&found));
        }
        found
    }

    /// The classes of a fact whatever else is or becomes known of those it is compared with.
    ///
    /// Where nothing is compared with it, they are those of [`Classes::values`]. Otherwise there must be room in each
    /// part of the domain for all that are compared with each other; and in an order, for one value on either side of
    /// each, so that two values of the fact can be told apart by one of another that lies between.
    pub fn domain(&self, env: &Env, slot: Slot) -> Arc<[Known]> {
        let compared = slot.fact().filter(|f| !self.partners[f.index()].is_empty());
        let Some(fact) = compared.filter(|_| env.get(slot).is_none()) else { return self.values(env, slot) };
        let ty = &self.world.fact(fact).ty;
        let others = self.partner_slots(env, slot, fact);
        let room = others.len() as u32 + 1;
        let values = match ty {
            Type::Country => self.places(env, slot, fact, room as usize),
            Type::Text | Type::Entry => {
                let fresh = (1..=room as usize).map(|n| Value::Text("\u{0}".repeat(n).as_str().into()));
                self.compared_constants(env, slot, fact).into_iter().chain(fresh).collect()
            }
            _ => self.candidates(env, slot, fact, ty, room + 1).into_iter().collect::<BTreeSet<_>>(),
        };
        values.into_iter().map(|value| Known { value, exact: true, origin: Origin::Chosen }).collect()
    }

    /// Places for countries that are compared: of each class as many as can be told apart by comparison, and all that
    /// are named, lie in another, or have another in them.
    fn places(&self, env: &Env, slot: Slot, fact: FactId, room: usize) -> BTreeSet<Value> {
        let mut out = self.compared_constants(env, slot, fact);
        out.extend(self.nested.iter().copied().map(Value::Place));
        let partners = &self.partners[fact.index()];
        let tests: Vec<&Tested<'_>> = partners.iter().flat_map(|f| &self.tests[f.index()]).collect();
        let mut seen: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
        for place in PlaceId::all(self.world) {
            let value = Value::Place(place);
            let sign = |t: &&Tested<'_>| self.sign(env, t, &value, slot, &Type::Country);
            let known = seen.entry(tests.iter().map(sign).collect()).or_default();
            if *known < room && out.insert(value) {
                *known += 1;
            }
        }
        out
    }

    /// The constants that a fact, and those it is compared with, are compared with; and what is known of those.
    fn compared_constants(&self, env: &Env, slot: Slot, fact: FactId) -> BTreeSet<Value> {
        let mut out: BTreeSet<Value> = env.noteworthy(slot).cloned().into_iter().collect();
        self.tests[fact.index()].iter().for_each(|(.., t)| t.constants(&mut out));
        for partner in self.partner_slots(env, slot, fact) {
            out.extend(env.get(partner).map(|k| &k.value).or(env.noteworthy(partner)).cloned());
            let tests = partner.fact().map_or(&[][..], |f| &self.tests[f.index()]);
            tests.iter().for_each(|(.., t)| t.constants(&mut out));
        }
        out
    }

    /// What stands for the days on which the classes of a fact are those of a day: of a fact that holds days the day
    /// itself, of others the first day from which groups and charts are as they are then; none: from the beginning.
    fn span(&self, fact: FactId, day: Date) -> Option<Date> {
        if *self.world.fact(fact).ty.element() == Type::Date {
            return Some(day);
        }
        let before = self.changes.partition_point(|d| *d <= day);
        before.checked_sub(1).and_then(|last| self.changes.get(last)).copied()
    }

    fn find_values(&self, env: &Env, slot: Slot) -> Vec<Known> {
        // What is given and only narrowed stays given.
        let origin = env.get(slot).map_or(Origin::Chosen, |k| k.origin);
        let chosen = |value: Value| Known { value, exact: true, origin };
        let Some(fact) = slot.fact() else {
            return vec![chosen(Value::Bool(true)), chosen(Value::Bool(false))];
        };
        let ty = &self.world.fact(fact).ty;
        let room = self.room(fact);
        let candidates = match (ty, env.get(slot).map(|k| &k.value)) {
            (Type::Set(_), Some(Value::Set(given))) => {
                return self.narrowed(env, slot, fact, given).into_iter().map(Value::Set).map(chosen).collect();
            }
            (Type::Set(inner), _) => return self.sets(env, slot, fact, inner).into_iter().map(chosen).collect(),
            (ty, Some(given @ (Value::Choice(_) | Value::Code(_)))) => self.within(fact, ty, given),
            (ty, _) => self.candidates(env, slot, fact, ty, room),
        };
        self.one_each(env, slot, fact, ty, candidates).into_iter().map(chosen).collect()
    }

    /// For how many values there must be room between two whole numbers, or two days: all that are compared.
    fn room(&self, fact: FactId) -> u32 {
        self.partners[fact.index()].len().max(1) as u32
    }

    /// Values of a type that together meet every class of a fact, with room for some numbers or days in each part.
    fn candidates(&self, env: &Env, slot: Slot, fact: FactId, ty: &Type, room: u32) -> Vec<Value> {
        let constants = self.compared_constants(env, slot, fact);
        match ty {
            Type::Bool => vec![Value::Bool(true), Value::Bool(false)],
            Type::Choice(id) => {
                let n = self.world.enum_type(*id).map_or(0, |e| e.values.len());
                (0..n as u16).map(Value::Choice).collect()
            }
            Type::Country => PlaceId::all(self.world).map(Value::Place).collect(),
            Type::Code(_) => {
                let mut all: Vec<Value> = constants.into_iter().collect();
                all.extend(self.headings_of(fact));
                all.push(Value::Code("".into()));
                all
            }
            Type::Date => {
                let mut all = BTreeSet::new();
                for value in constants.into_iter().chain(self.days(env).map(Value::Date)) {
                    let Value::Date(d) = value else { continue };
                    let before = std::iter::successors(d.yesterday().ok(), |d| d.yesterday().ok()).take(room as usize);
                    let after = (1..=room).filter_map(|n| date::add_days(d, n));
                    all.extend(before.chain([d]).chain(after).map(Value::Date));
                }
                if Some(fact) == self.issued {
                    // A licence that is held without a day of issue has been issued, as `rules::valid` takes it.
                    all.insert(Value::Date(env.date));
                    all.retain(|day| *day <= Value::Date(env.date));
                }
                all.into_iter().collect()
            }
            Type::Number | Type::Count | Type::Quantity(_) | Type::Money(_) => {
                numbers(ty, &constants, room).into_iter().collect()
            }
            Type::Text | Type::Entry => {
                // And one that is none of these, nor what a fact that it is compared with was taken to be.
                let fresh = (1..).map(|n| Value::Text("\u{0}".repeat(n).as_str().into()));
                let fresh = fresh.take(constants.len() + 1).find(|v| !constants.contains(v));
                constants.into_iter().chain(fresh).collect()
            }
            Type::Set(_) => Vec::new(),
        }
    }

    /// The headings that the law names for a fact, and codes that stand for those between.
    fn headings_of(&self, fact: FactId) -> impl Iterator<Item = Value> {
        let between = self.between[fact.index()].iter().map(String::as_str);
        self.headings[fact.index()].iter().copied().chain(between).map(|h| Value::Code(h.into()))
    }

    /// Where the values stand that a fact is compared with, directly or through others.
    fn partner_slots(&self, env: &Env, slot: Slot, fact: FactId) -> Vec<Slot> {
        let partners = &self.partners[fact.index()];
        let level = |f: &FactId| self.world.fact(*f).level;
        // Facts of one item, or of one licence, are compared with those of another only through a shared one.
        let apart = partners.iter().all(|f| level(f) == level(&fact));
        let of = |f: &FactId| match slot {
            Slot::Item(i, _) if apart => vec![Slot::Item(i, *f)],
            Slot::Licence(i, _) if apart => vec![Slot::Licence(i, *f)],
            _ => slots_of(level(f), *f, env.item_count(), env.held.len()),
        };
        partners.iter().flat_map(of).filter(|s| *s != slot).collect()
    }

    /// A given set, each element narrowed in every way, to one narrower value or to several; what is given stays given.
    fn narrowed(&self, env: &Env, slot: Slot, fact: FactId, given: &BTreeSet<Value>) -> Vec<BTreeSet<Value>> {
        let inner = self.world.fact(fact).ty.element();
        let mut all = vec![BTreeSet::new()];
        for element in given {
            let ways = self.one_each(env, slot, fact, inner, self.within(fact, inner, element));
            if ways.len() > MAX_SET_CLASSES {
                return vec![given.clone(); MAX_SETS + 1];
            }
            let picks = (1..1u32 << ways.len()).map(|bits| {
                let picked = ways.iter().enumerate().filter(|(i, _)| bits & (1 << i) != 0);
                picked.map(|(_, v)| v.clone()).collect::<BTreeSet<_>>()
            });
            let picks: Vec<BTreeSet<Value>> = picks.collect();
            let with = |set: &BTreeSet<Value>, pick: &BTreeSet<Value>| set.union(pick).cloned().collect();
            all = all.iter().flat_map(|set| picks.iter().map(move |p| with(set, p))).take(MAX_SETS + 1).collect();
        }
        all
    }

    /// The values within one that is given, itself included.
    fn within(&self, fact: FactId, ty: &Type, given: &Value) -> Vec<Value> {
        match (ty, given) {
            (Type::Choice(id), Value::Choice(broad)) => {
                let value = self.world.enum_type(*id).and_then(|e| e.values.get(usize::from(*broad)));
                (*broad..value.map_or(*broad + 1, |v| v.end)).map(Value::Choice).collect()
            }
            (Type::Code(scheme), Value::Code(code)) => {
                let mut all: BTreeSet<Value> = BTreeSet::new();
                self.tests[fact.index()].iter().for_each(|(.., t)| t.constants(&mut all));
                all.extend(self.headings_of(fact));
                let below = |v: &Value| matches!(v, Value::Code(c) if scheme.is_under(c, code));
                all.into_iter().filter(below).chain([given.clone()]).collect()
            }
            _ => vec![given.clone()],
        }
    }

    /// Sets that together meet every class: all subsets of one element a class.
    fn sets(&self, env: &Env, slot: Slot, fact: FactId, inner: &Type) -> Vec<Value> {
        if matches!(inner, Type::Entry) {
            let any = Value::Set(BTreeSet::from([Value::Text("*".into())]));
            return vec![any, Value::Set(BTreeSet::new())];
        }
        let elements = self.one_each(env, slot, fact, inner, self.candidates(env, slot, fact, inner, self.room(fact)));
        // Beyond this many classes the subsets are too many; single elements, none and all still bound the answer.
        if elements.len() > MAX_SET_CLASSES {
            let mut all: Vec<Value> = elements.iter().map(|e| Value::Set(BTreeSet::from([e.clone()]))).collect();
            all.push(Value::Set(BTreeSet::new()));
            all.push(Value::Set(elements.into_iter().collect()));
            return all;
        }
        let subset = |bits: u32| {
            let picked = elements.iter().enumerate().filter(|(i, _)| bits & (1 << i) != 0).map(|(_, e)| e.clone());
            Value::Set(picked.collect())
        };
        (0..1u32 << elements.len()).map(subset).collect()
    }

    /// True if the classes of a set fact are too many to try all its values.
    pub fn is_bounded(&self, env: &Env, slot: Slot) -> bool {
        let Some(fact) = slot.fact() else { return true };
        if let Some(Value::Set(given)) = env.get(slot).map(|k| &k.value) {
            return self.narrowed(env, slot, fact, given).len() <= MAX_SETS;
        }
        if !matches!(self.world.fact(fact).ty, Type::Set(_)) {
            return true;
        }
        match &self.world.fact(fact).ty {
            Type::Set(inner) if !matches!(**inner, Type::Entry) => {
                let find = || {
                    let elements =
                        self.one_each(env, slot, fact, inner, self.candidates(env, slot, fact, inner, self.room(fact)));
                    elements.len() <= MAX_SET_CLASSES
                };
                // What it is compared with may have become known.
                if !self.partners[fact.index()].is_empty() {
                    return find();
                }
                let Ok(mut all) = self.bounded.lock() else { return find() };
                *all.entry((fact, self.span(fact, env.date))).or_insert_with(find)
            }
            _ => true,
        }
    }

    /// The facts that a fact is compared with, directly or through others; itself among them, where there are any.
    pub(crate) fn compared(&self, fact: FactId) -> &BTreeSet<FactId> {
        &self.partners[fact.index()]
    }

    /// True if a fact is compared with others, or with itself elsewhere, and its values have an order.
    pub(crate) fn is_compared_in_order(&self, fact: FactId) -> bool {
        self.world.fact(fact).ty.is_ordered() && !self.partners[fact.index()].is_empty()
    }

    /// The days on which values must be told apart.
    fn days(&self, env: &Env) -> impl Iterator<Item = Date> {
        std::iter::once(env.date).chain(self.days.iter().copied())
    }
}

/// Above this many classes of elements, not all sets are tried, and the answer is only a bound.
const MAX_SET_CLASSES: usize = 8;

/// Above this many ways to narrow a given set, not all are tried.
const MAX_SETS: usize = 256;

/// Every condition of a world.
pub fn all_conditions(world: &World) -> impl Iterator<Item = &Cond> {
    let rules = world.rules.iter().flat_map(|r| std::iter::once(&r.cond).chain(&r.claimed));
    let facts = world
        .facts
        .iter()
        .flat_map(|f| f.means.iter().map(|(_, c)| c).chain(f.presumed.iter().filter_map(|p| p.unless.as_ref())));
    rules
        .chain(facts)
        .chain(world.categories.iter().map(|c| &c.cond))
        .chain(world.policies.iter().map(|p| &p.applies))
        .chain(world.constraints.iter().map(|c| &c.cond))
        .chain(world.licences.iter().filter_map(|l| l.covers.as_ref()))
}
