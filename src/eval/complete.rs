//! Completions of what is unknown: the search that makes "undetermined" exact.
//!
//! A fact's domain falls into classes that no atom can tell apart; one value stands for each. The search evaluates,
//! and where a fact decides and is unknown, it goes on once for each class of that fact, as long as no constraint is
//! broken. So only facts that are read are split, and what every completion agrees on is found without trying all.
//!
//! The work is bounded by a count of evaluations, never by time: past it the search stops and says so.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use rust_decimal::Decimal;

use crate::model::value::Type;
use crate::model::{AtomKind, Cond, Date, FactId, Level, PlaceId, Set, Test, Value, World, date};

use super::atom::{Reader, Whose};
use super::env::{Env, Known, Origin, Slot};
use super::lists::Lists;
use super::truth::Truth;

/// The search ran into its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow;

/// What is known about atoms and constraints before any search.
pub struct Classes<'a> {
    world: &'a World,
    code_confirmed: Option<FactId>,
    /// The control lists, laid out.
    pub lists: Lists<'a>,
    /// The tests on each fact.
    tests: Vec<Vec<&'a Test>>,
    /// The facts that each fact is compared with.
    partners: Vec<BTreeSet<FactId>>,
    /// Tariff and other headings compared with facts that hold codes.
    headings: Vec<BTreeSet<&'a str>>,
    /// Facts read by each constraint.
    constraint_facts: Vec<BTreeSet<FactId>>,
    /// Classes found before, by fact and day.
    kept: Mutex<HashMap<(FactId, Date), Arc<[Known]>>>,
}

impl<'a> Classes<'a> {
    /// Collects them once for a world.
    pub fn new(world: &'a World, code_confirmed: Option<FactId>) -> Self {
        let n = world.facts.len();
        let mut out = Classes {
            world,
            code_confirmed,
            lists: Lists::new(world),
            tests: vec![Vec::new(); n],
            partners: vec![BTreeSet::new(); n],
            headings: vec![BTreeSet::new(); n],
            constraint_facts: Vec::new(),
            kept: Mutex::new(HashMap::new()),
        };
        for cond in all_conditions(world) {
            cond.atoms(&mut |atom, _| match &atom.kind {
                AtomKind::Fact(f, t) | AtomKind::Elements { fact: f, test: t, .. } => out.tests[f.index()].push(t),
                AtomKind::Facts(a, _, b) => {
                    out.partners[a.index()].insert(*b);
                    out.partners[b.index()].insert(*a);
                }
                _ => {}
            });
        }
        for category in &world.categories {
            for (fact, list) in &category.codes {
                out.headings[fact.index()].extend(list.headings());
            }
        }
        for constraint in &world.constraints {
            let mut facts = BTreeSet::new();
            out.facts_of(&constraint.cond, &mut facts);
            out.constraint_facts.push(facts);
        }
        out
    }

    /// What reads conditions on what is known.
    pub fn reader<'e>(&'e self, env: &'e Env) -> Reader<'e> {
        Reader { world: self.world, env, lists: &self.lists, code_confirmed: self.code_confirmed }
    }

    /// The facts that a condition can read, named conditions and categories followed.
    pub fn facts_of(&self, cond: &Cond, out: &mut BTreeSet<FactId>) {
        let (mut means, mut cats) = (Vec::new(), Vec::new());
        cond.atoms(&mut |atom, _| match &atom.kind {
            AtomKind::Fact(f, _) | AtomKind::Elements { fact: f, .. } | AtomKind::Empty(f) | AtomKind::Includes(f) => {
                out.insert(*f);
            }
            AtomKind::Facts(a, _, b) => out.extend([*a, *b]),
            AtomKind::Means(f) => means.push(*f),
            AtomKind::In(list) | AtomKind::CodedUnder(list) => cats.extend(list.iter().copied()),
        });
        for f in means {
            if out.insert(f) {
                self.world.fact(f).means.iter().for_each(|(_, c)| self.facts_of(c, out));
            }
        }
        for id in cats {
            let mut open = vec![id];
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
    /// Where nothing is known of it and it is compared with no other fact, the classes depend on the day alone and are
    /// kept.
    pub fn values(&self, env: &Env, slot: Slot) -> Arc<[Known]> {
        let kept = slot.fact().filter(|f| env.get(slot).is_none() && self.partners[f.index()].is_empty());
        let Some(fact) = kept else { return self.find_values(env, slot).into() };
        let key = (fact, env.date);
        let Ok(mut all) = self.kept.lock() else { return self.find_values(env, slot).into() };
        all.entry(key).or_insert_with(|| self.find_values(env, slot).into()).clone()
    }

    fn find_values(&self, env: &Env, slot: Slot) -> Vec<Known> {
        let chosen = |value: Value| Known { value, exact: true, origin: Origin::Chosen };
        let Some(fact) = slot.fact() else {
            return vec![chosen(Value::Bool(true)), chosen(Value::Bool(false))];
        };
        let ty = &self.world.fact(fact).ty;
        let candidates = match (ty, env.get(slot).map(|k| &k.value)) {
            (Type::Choice(id), Some(Value::Choice(broad))) => {
                let end = self
                    .world
                    .enum_type(*id)
                    .and_then(|e| e.values.get(usize::from(*broad)))
                    .map_or(*broad + 1, |v| v.end);
                (*broad..end).map(Value::Choice).collect()
            }
            (Type::Code(scheme), Some(Value::Code(given))) => {
                let below = self.headings[fact.index()].iter().filter(|h| scheme.is_under(h, given));
                let mut all: Vec<Value> = below.map(|h| Value::Code((*h).into())).collect();
                all.push(Value::Code(given.clone()));
                all
            }
            (Type::Set(inner), _) => return self.sets(env, slot, fact, inner).into_iter().map(chosen).collect(),
            (ty, _) => self.candidates(env, slot, fact, ty),
        };
        self.one_each(env, slot, fact, ty, candidates).into_iter().map(chosen).collect()
    }

    /// Values of a type that together meet every class of a fact.
    fn candidates(&self, env: &Env, slot: Slot, fact: FactId, ty: &Type) -> Vec<Value> {
        let mut constants: BTreeSet<Value> = BTreeSet::new();
        for test in &self.tests[fact.index()] {
            constants_of(test, &mut constants);
        }
        for partner in &self.partners[fact.index()] {
            let other = match slot {
                Slot::Item(i, _) if self.world.fact(*partner).level == Level::Goods => Slot::Item(i, *partner),
                Slot::Licence(i, _) if self.world.fact(*partner).level == Level::Licence => Slot::Licence(i, *partner),
                _ => Slot::Shared(*partner),
            };
            match env.get(other) {
                Some(k) => {
                    constants.insert(k.value.clone());
                }
                None => self.tests[partner.index()].iter().for_each(|t| constants_of(t, &mut constants)),
            }
        }
        match ty {
            Type::Bool => vec![Value::Bool(true), Value::Bool(false)],
            Type::Choice(id) => {
                let n = self.world.enum_type(*id).map_or(0, |e| e.values.len());
                (0..n as u16).map(Value::Choice).collect()
            }
            Type::Country => PlaceId::all(self.world).map(Value::Place).collect(),
            Type::Code(_) => {
                let mut all: Vec<Value> = constants.into_iter().collect();
                all.extend(self.headings[fact.index()].iter().map(|h| Value::Code((*h).into())));
                all.push(Value::Code("".into()));
                all
            }
            Type::Date => {
                let mut all = BTreeSet::new();
                for value in constants.into_iter().chain([Value::Date(env.date)]) {
                    let Value::Date(d) = value else { continue };
                    all.extend(
                        [d.yesterday().ok(), Some(d), date::add_days(d, 1)].into_iter().flatten().map(Value::Date),
                    );
                }
                all.into_iter().collect()
            }
            Type::Number | Type::Count | Type::Quantity(_) | Type::Money(_) => numbers(ty, &constants),
            Type::Text | Type::Entry => {
                let mut all: Vec<Value> = constants.into_iter().collect();
                all.push(Value::Text("\u{0}".into()));
                all
            }
            Type::Set(_) => Vec::new(),
        }
    }

    /// Sets that together meet every class: all subsets of one element a class.
    fn sets(&self, env: &Env, slot: Slot, fact: FactId, inner: &Type) -> Vec<Value> {
        if matches!(inner, Type::Entry) {
            let any = Value::Set(BTreeSet::from([Value::Text("*".into())]));
            return vec![any, Value::Set(BTreeSet::new())];
        }
        let elements = self.one_each(env, slot, fact, inner, self.candidates(env, slot, fact, inner));
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
        if !matches!(self.world.fact(fact).ty, Type::Set(_)) {
            return true;
        }
        match &self.world.fact(fact).ty {
            Type::Set(inner) if !matches!(**inner, Type::Entry) => {
                self.one_each(env, slot, fact, inner, self.candidates(env, slot, fact, inner)).len() <= MAX_SET_CLASSES
            }
            _ => true,
        }
    }

    /// Keeps one value of each class: those that every test answers alike are one.
    fn one_each(&self, env: &Env, slot: Slot, fact: FactId, ty: &Type, candidates: Vec<Value>) -> Vec<Value> {
        if *ty == Type::Bool {
            // Both count: some yes/no facts are read by no atom (whether a code is confirmed).
            return candidates;
        }
        let reader = self.reader(env);
        let element = ty.element();
        let mut seen: BTreeSet<Vec<u8>> = BTreeSet::new();
        let mut out = Vec::new();
        for value in candidates {
            let mut signature = Vec::new();
            for test in &self.tests[fact.index()] {
                signature.push(match reader.test(test, &value, true, slot, element) {
                    Truth::Yes => 1,
                    Truth::No => 0,
                    Truth::Unknown(_) => 2,
                });
            }
            if let Value::Date(day) = &value {
                // A licence runs out on its own day, whatever else is compared with it.
                signature.push((day.cmp(&env.date) as i8 + 2) as u8);
            }
            if let Value::Code(code) = &value {
                for category in &self.world.categories {
                    for (_, list) in category.codes.iter().filter(|(f, _)| *f == fact) {
                        signature.push(list.covers(code, true) as u8);
                    }
                }
            }
            for partner in &self.partners[fact.index()] {
                for other in [Slot::Shared(*partner), Slot::Item(0, *partner), Slot::Licence(0, *partner)] {
                    let against = env.get(other).map(|k| value.cmp(&k.value) as i8);
                    signature.push(against.map_or(9, |o| (o + 2) as u8));
                }
            }
            if seen.insert(signature) {
                out.push(value);
            }
        }
        out
    }
}

/// Above this many classes of elements, not all sets are tried, and the answer is only a bound.
const MAX_SET_CLASSES: usize = 8;

/// Numbers that meet every interval between the constants, and the constants themselves.
fn numbers(ty: &Type, constants: &BTreeSet<Value>) -> Vec<Value> {
    let cuts: Vec<Decimal> =
        constants.iter().filter_map(|v| if let Value::Number(n) = v { Some(*n) } else { None }).collect();
    let (one, two) = (Decimal::ONE, Decimal::TWO);
    let mut out: BTreeSet<Decimal> = BTreeSet::new();
    if *ty == Type::Count {
        out.extend(cuts.iter().flat_map(|c| [c.floor() - one, c.floor(), c.floor() + one]));
    } else {
        out.extend(cuts.iter().copied());
        out.extend(cuts.windows(2).map(|w| (w[0] + w[1]) / two));
        let below_zero = matches!(ty, Type::Number | Type::Money(_));
        if let Some(first) = cuts.first() {
            out.insert(if below_zero || first.is_zero() { *first - one } else { *first / two });
        }
        if let Some(last) = cuts.last() {
            out.insert(*last + one);
        }
    }
    let percent = *ty == Type::Quantity(crate::model::Dimension::Percent);
    let signed = matches!(ty, Type::Number | Type::Money(_));
    let inside =
        |n: &Decimal| (signed || !n.is_sign_negative() || n.is_zero()) && !(percent && *n > Decimal::ONE_HUNDRED);
    let mut all: Vec<Value> = out.into_iter().filter(inside).map(Value::Number).collect();
    if percent && cuts.iter().all(|c| *c < Decimal::ONE_HUNDRED) {
        all.push(Value::Number(Decimal::ONE_HUNDRED));
    }
    if all.is_empty() {
        all.push(Value::Number(one));
    }
    all
}

fn constants_of(test: &Test, out: &mut BTreeSet<Value>) {
    match test {
        Test::Is(v) | Test::Compare(_, v) => {
            out.insert(v.clone());
        }
        Test::Between(a, b) => out.extend([a.clone(), b.clone()]),
        Test::In(set) => values_of(set, out),
        Test::Yes | Test::Marked(..) => {}
    }
}

fn values_of(set: &Set, out: &mut BTreeSet<Value>) {
    match set {
        Set::Values(list) => out.extend(list.iter().cloned()),
        Set::Group(_) => {}
        Set::Plus(a, b) | Set::Minus(a, b) | Set::And(a, b) => {
            values_of(a, out);
            values_of(b, out);
        }
    }
}

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

/// What is done with the value of a target in one completion.
pub type Visit<'v, S, T> = dyn FnMut(&mut S, &mut Env, T) -> Result<ControlFlow<()>, Overflow> + 'v;

/// A search, and what is left of its limit.
pub struct Search<'a, 'c> {
    /// Classes and constraints.
    pub classes: &'c Classes<'a>,
    /// How many more evaluations are allowed.
    pub left: u32,
}

impl<'a> Search<'a, '_> {
    /// Calls `visit` with the value of `target` in every completion, until it breaks.
    ///
    /// # Errors
    /// [`Overflow`] if the limit is reached before the search is done.
    pub fn explore<T>(
        &mut self,
        env: &mut Env,
        target: &mut dyn FnMut(&mut Env) -> Result<T, Slot>,
        visit: &mut Visit<'_, Self, T>,
    ) -> Result<ControlFlow<()>, Overflow> {
        self.spend()?;
        let slot = match target(env) {
            Ok(value) => {
                if self.feasible(env)? {
                    return visit(self, env, value);
                }
                return Ok(ControlFlow::Continue(()));
            }
            Err(slot) => slot,
        };
        let before = env.get(slot).cloned();
        if !self.classes.is_bounded(env, slot) {
            return Err(Overflow);
        }
        for known in self.classes.values(env, slot).iter() {
            env.set(slot, Some(known.clone()));
            let allowed = self.allowed(env, slot);
            let flow = if allowed { self.explore(env, target, visit) } else { Ok(ControlFlow::Continue(())) };
            if !matches!(flow, Ok(ControlFlow::Continue(()))) {
                env.set(slot, before);
                return flow;
            }
        }
        env.set(slot, before);
        Ok(ControlFlow::Continue(()))
    }

    fn spend(&mut self) -> Result<(), Overflow> {
        self.left = self.left.checked_sub(1).ok_or(Overflow)?;
        Ok(())
    }

    fn constraint_truths<'e>(&'e self, env: &'e Env, only: Option<Slot>) -> impl Iterator<Item = (usize, Truth)> + 'e {
        let world = self.classes.world;
        let reader = self.classes.reader(env);
        world.constraints.iter().enumerate().filter(move |(_, c)| c.in_force.on(env.date)).flat_map(move |(i, c)| {
            let facts = &self.classes.constraint_facts[i];
            let touched = only.is_none_or(|s| s.fact().is_none_or(|f| facts.contains(&f)));
            let goods = facts.iter().any(|f| world.fact(*f).level == Level::Goods);
            let items = match only {
                _ if !touched => 0..0,
                Some(Slot::Item(n, _)) => n..n + 1,
                _ if goods => 0..env.item_count() as u32,
                _ => 0..1,
            };
            items.map(move |n| (i, reader.cond(&c.cond, Whose::item(n))))
        })
    }

    /// False if a constraint is broken; only those that read `slot` are asked.
    pub fn allowed(&self, env: &Env, slot: Slot) -> bool {
        self.constraint_truths(env, Some(slot)).all(|(_, t)| t.may())
    }

    /// The constraints that are broken.
    pub fn broken(&self, env: &Env) -> Vec<usize> {
        let mut out: Vec<usize> = self.constraint_truths(env, None).filter(|(_, t)| !t.may()).map(|(i, _)| i).collect();
        out.dedup();
        out
    }

    /// Whether what is still unknown can be completed without breaking a constraint.
    ///
    /// A constraint of which nothing is known is not asked: it can be met by itself.
    pub fn feasible(&mut self, env: &mut Env) -> Result<bool, Overflow> {
        let mut open = None;
        for (i, truth) in self.constraint_truths(env, None) {
            match truth {
                Truth::No => return Ok(false),
                Truth::Unknown(slot) if open.is_none() && self.touched(env, i) => open = Some(slot),
                _ => {}
            }
        }
        let Some(slot) = open else { return Ok(true) };
        self.spend()?;
        let before = env.get(slot).cloned();
        let mut found = Ok(false);
        for known in self.classes.values(env, slot).iter() {
            env.set(slot, Some(known.clone()));
            found = if self.allowed(env, slot) { self.feasible(env) } else { Ok(false) };
            if found != Ok(false) {
                break;
            }
        }
        env.set(slot, before);
        found
    }

    fn touched(&self, env: &Env, constraint: usize) -> bool {
        let world = self.classes.world;
        self.classes.constraint_facts[constraint].iter().any(|f| {
            let level = world.fact(*f).level;
            super::env::slots_of(level, *f, env.item_count(), env.held.len()).into_iter().any(|s| env.is_known(s))
        })
    }

    /// Whether some value of `slot` can change `target`, everything else being equal.
    ///
    /// A change comes through some unit that reads the fact (an entry, a rule): so first the completions are sought in
    /// which a unit changes with the fact, and from each of those the ones in which the target does.
    ///
    /// # Errors
    /// [`Overflow`] if the limit is reached first.
    pub fn matters<T: PartialEq>(
        &mut self,
        env: &mut Env,
        slot: Slot,
        units: &[Unit<'_>],
        target: &mut dyn FnMut(&mut Env) -> Result<T, Slot>,
    ) -> Result<bool, Overflow> {
        if !self.classes.is_bounded(env, slot) {
            return Err(Overflow);
        }
        let values = self.classes.values(env, slot);
        let before = env.get(slot).cloned();
        let classes = self.classes;
        let mut found = Ok(false);
        for unit in units {
            let target = RefCell::new(&mut *target);
            let mut unit_differs = |env: &mut Env| differs(classes, env, slot, &values, &mut |e| unit(e).known());
            let mut search = Search { classes, left: self.left };
            let flow = search.explore(env, &mut unit_differs, &mut |search, env, differ| {
                if !differ {
                    return Ok(ControlFlow::Continue(()));
                }
                let mut hit = false;
                let mut target_differs =
                    |env: &mut Env| differs(classes, env, slot, &values, &mut |e| (target.borrow_mut())(e));
                let mut inner = Search { classes, left: search.left };
                let flow = inner.explore(env, &mut target_differs, &mut |inner, env, differ| {
                    hit |= differ && inner.both_happen(env, slot, &values, &mut |e| (target.borrow_mut())(e))?;
                    Ok(if hit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
                });
                search.left = inner.left;
                flow
            });
            self.left = search.left;
            match flow {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => {
                    found = Ok(true);
                    break;
                }
                Err(Overflow) => {
                    found = Err(Overflow);
                    break;
                }
            }
        }
        env.set(slot, before);
        found
    }

    /// Whether two values of `slot` that give different answers can both be completed.
    fn both_happen<T: PartialEq>(
        &mut self,
        env: &mut Env,
        slot: Slot,
        values: &[Known],
        target: &mut dyn FnMut(&mut Env) -> Result<T, Slot>,
    ) -> Result<bool, Overflow> {
        let before = env.get(slot).cloned();
        let (mut first, mut both) = (None, Ok(false));
        for known in values {
            env.set(slot, Some(known.clone()));
            let value = if self.allowed(env, slot) { target(env).ok() } else { None };
            let Some(value) = value else { continue };
            match self.feasible(env) {
                Ok(true) => {}
                Ok(false) => continue,
                Err(Overflow) => {
                    both = Err(Overflow);
                    break;
                }
            }
            match &first {
                None => first = Some(value),
                Some(f) if *f != value => {
                    both = Ok(true);
                    break;
                }
                Some(_) => {}
            }
        }
        env.set(slot, before);
        both
    }
}

/// A part of the law that reads facts: an entry, or a rule.
pub type Unit<'u> = Box<dyn Fn(&Env) -> Truth + 'u>;

/// Whether the values of a fact give a target different answers; `Err` with another fact while that is open.
fn differs<T: PartialEq>(
    classes: &Classes<'_>,
    env: &mut Env,
    slot: Slot,
    values: &[Known],
    target: &mut dyn FnMut(&mut Env) -> Result<T, Slot>,
) -> Result<bool, Slot> {
    let before = env.get(slot).cloned();
    let (mut first, mut open, mut answer): (Option<T>, Option<Slot>, bool) = (None, None, false);
    for known in values {
        env.set(slot, Some(known.clone()));
        let search = Search { classes, left: 0 };
        if !search.allowed(env, slot) {
            continue;
        }
        match target(env) {
            Err(s) => open = open.or(Some(s)),
            Ok(v) => match &first {
                None => first = Some(v),
                Some(f) if *f != v => {
                    answer = true;
                    break;
                }
                Some(_) => {}
            },
        }
    }
    env.set(slot, before);
    match (answer, open) {
        (false, Some(s)) => Err(s),
        (answer, _) => Ok(answer),
    }
}
