//! Leading consignments through the compiled law.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::eval::Outcome;
use crate::eval::atom::Reader;
use crate::eval::env::{Env, Known, Origin, Slot};
use crate::eval::lists::Lists;
use crate::eval::truth::Truth;
use crate::eval::verdict::{Part, Settled, Verdict};
use crate::eval::{Broken, Evaluator};
use crate::model::{AtomKind, Case, Date, FactId, InForce, Level, PolicyId, Value, World};

use super::column::{Around, Class, FITS, Kind, Says3, Seen, UNKNOWN};
use super::edition::Edition;
use super::run::{Room, Sum, read};

/// The law of a world, compiled for the days for which it is asked.
pub struct Bits<'a> {
    world: &'a World,
    lists: Lists<'a>,
    confirmed: Option<FactId>,
    /// The first days of the editions but the first, in order.
    days: Vec<Date>,
    editions: Vec<OnceLock<Edition<'a>>>,
}

impl std::fmt::Debug for Bits<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bits").field("editions", &self.editions).finish_non_exhaustive()
    }
}

impl<'a> Bits<'a> {
    /// Nothing is compiled before it is asked for.
    pub fn new(world: &'a World) -> Bits<'a> {
        let days = days(world);
        let editions = (0..=days.len()).map(|_| OnceLock::new()).collect();
        let confirmed = world.fact_named("goods.code_confirmed");
        Bits { world, lists: Lists::new(world), confirmed, days, editions }
    }

    fn number(&self, date: Date) -> usize {
        self.days.partition_point(|d| *d <= date)
    }

    fn edition(&self, number: usize, date: Date) -> &Edition<'a> {
        self.editions[number].get_or_init(|| Edition::new(self.world, &self.lists, date, self.confirmed))
    }

    fn reader<'e>(&'e self, date: Date, nothing: &'e Env) -> Reader<'e> {
        Reader { world: self.world, date, env: nothing, lists: &self.lists, code_confirmed: self.confirmed }
    }

    /// The bytes that the law compiled so far takes.
    pub fn bytes(&self) -> usize {
        self.editions.iter().filter_map(OnceLock::get).map(Edition::bytes).sum()
    }

    /// A clerk, who decides for one thread.
    pub fn clerk(&self) -> Clerk<'_, 'a> {
        self.clerk_with(Met { desks: (0..self.editions.len()).map(|_| None).collect() })
    }

    /// A clerk who goes on from what another met under the same law.
    pub fn clerk_with(&self, met: Met) -> Clerk<'_, 'a> {
        Clerk { bits: self, desks: met.desks }
    }
}

/// Every day from which anything in a world may be otherwise than on the day before.
fn days(world: &World) -> Vec<Date> {
    let mut out = Vec::new();
    let mut add = |days: &InForce| {
        for i in &days.0 {
            out.extend(i.from);
            out.extend(i.to.and_then(|d| d.tomorrow().ok()));
        }
    };
    world.rules.iter().for_each(|r| add(&r.in_force));
    world.categories.iter().for_each(|c| add(&c.in_force));
    world.licences.iter().for_each(|l| add(&l.in_force));
    world.constraints.iter().for_each(|c| add(&c.in_force));
    world.facts.iter().flat_map(|f| &f.means).for_each(|(days, _)| add(days));
    for group in &world.groups {
        add(&group.in_force);
        if let crate::model::GroupBody::Members(list) = &group.body {
            list.iter().for_each(|(_, days, _)| add(days));
        }
    }
    let known = world.policies.iter().map(|p| &p.known);
    for interval in known.chain(world.charts.iter().flat_map(|c| c.intervals())) {
        add(&InForce(vec![*interval]));
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// The classes of a consignment: all that any condition can tell of it.
///
/// Two consignments of the same classes, both without licences held and on days on which the law of all policies is
/// encoded, have the same decision, but for the values that reasons quote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Classed {
    edition: u32,
    /// For each goods item, for each column: what is known, presumptions included.
    known: Vec<Box<[Class]>>,
    /// The same, without presumptions.
    given: Vec<Box<[Class]>>,
    /// For each goods item, the facts that are presumed.
    made: Vec<Vec<FactId>>,
}

/// One thread's way through the compiled law. It keeps what it has met, so one is used for many consignments.
#[derive(Debug)]
pub struct Clerk<'b, 'a> {
    bits: &'b Bits<'a>,
    desks: Vec<Option<Box<Desk>>>,
}

/// What a clerk has met, to go on from.
#[derive(Debug)]
pub struct Met {
    desks: Vec<Option<Box<Desk>>>,
}

/// What was met under one edition.
#[derive(Debug)]
struct Desk {
    /// A consignment of which nothing is known, for reading tests of one value.
    nothing: Env,
    seen: Vec<Seen>,
    room: Room,
    /// Whether all presumptions can be made together: found out before, by what is known of the facts in constraints.
    possible: FxHashMap<Box<[Class]>, bool>,
    /// Whether an answer leans on a presumption: found out before, by all that is known, the column and the policy.
    leans: FxHashMap<Box<[Class]>, bool>,
}

/// Above this many classes or combinations, what was met is forgotten.
const MEMORY: usize = 1 << 16;

impl Desk {
    fn new(edition: &Edition<'_>) -> Desk {
        let columns = edition.columns.iter().enumerate();
        let products = &edition.products[..edition.indexed];
        let seen = columns.map(|(n, c)| Seen::new(c, n as u16, products, &edition.full)).collect();
        let nothing = Edition::nothing(edition.world, edition.date);
        Desk { nothing, seen, room: Room::new(edition), possible: FxHashMap::default(), leans: FxHashMap::default() }
    }
}

impl<'a> Clerk<'_, 'a> {
    /// Decides a consignment. `None` where that takes more: licences held, facts that break a constraint, or facts
    /// unknown on which the answer hangs.
    pub fn decide(&mut self, evaluator: &Evaluator<'_>, case: &Case, policies: &[PolicyId]) -> Option<Verdict> {
        let classed = self.classify(evaluator, case, policies)?;
        self.verdict_of(evaluator, case, &classed, policies)
    }

    /// Decides a consignment by those of some policies whose law is encoded for its day, and says what was presumed.
    pub fn settle(&mut self, evaluator: &Evaluator<'_>, case: &Case, policies: &[PolicyId]) -> Option<Settled> {
        let known = |p: &&PolicyId| self.bits.world.policies[p.index()].known.contains(case.date);
        let policies: Vec<PolicyId> = policies.iter().filter(known).copied().collect();
        let classed = self.classify(evaluator, case, &policies)?;
        let verdict = self.verdict_of(evaluator, case, &classed, &policies)?;
        Some(Settled { verdict, presumed: self.presumed(&classed) })
    }

    /// The classes of a consignment; `None` where presumptions or constraints take more to find out.
    pub fn classify(&mut self, evaluator: &Evaluator<'_>, case: &Case, policies: &[PolicyId]) -> Option<Classed> {
        if !case.licences.is_empty() {
            return None;
        }
        let bits = self.bits;
        let number = bits.number(case.date);
        let e = bits.edition(number, case.date);
        if e.too_large {
            return None;
        }
        let desk = self.desks.get_mut(number)?;
        if desk
            .as_ref()
            .is_some_and(|d| d.possible.len().max(d.leans.len()) >= MEMORY || d.seen.iter().any(|s| s.len() >= MEMORY))
        {
            *desk = None;
        }
        let desk = desk.get_or_insert_with(|| Box::new(Desk::new(e)));
        let mut out = Classed { edition: number as u32, known: Vec::new(), given: Vec::new(), made: Vec::new() };
        for item in 0..case.items.len() {
            let given = desk.given(bits, e, case, item)?;
            let known = desk.presume(bits, e, &given, &|f| value_of(bits.world, case, item, f).is_some())?;
            out.given.push(given.into());
            out.known.push(known.0.into());
            out.made.push(known.1);
        }
        desk.allowed(e, evaluator, case, &out)?;
        desk.codes(e, &mut out, policies)?;
        Some(out)
    }

    /// The verdict on a class vector, into room that was used before; `None` where it hangs on facts that are unknown,
    /// or on a presumption that no consignment of these classes was asked about before.
    pub fn verdict_into(&mut self, classed: &Classed, policies: &[PolicyId], out: &mut Verdict) -> Option<()> {
        self.verdict_asking(classed, policies, out, &mut |_, _| None)
    }

    fn verdict_of(
        &mut self,
        evaluator: &Evaluator<'_>,
        case: &Case,
        classed: &Classed,
        policies: &[PolicyId],
    ) -> Option<Verdict> {
        let (mut out, presumed) = (Verdict::default(), self.presumed(classed));
        self.verdict_asking(classed, policies, &mut out, &mut |fact, part| {
            evaluator.leans(case, &presumed, fact, part)
        })?;
        Some(out)
    }

    fn verdict_asking(
        &mut self,
        classed: &Classed,
        policies: &[PolicyId],
        out: &mut Verdict,
        ask: &mut dyn FnMut(FactId, &Part) -> Option<bool>,
    ) -> Option<()> {
        let number = classed.edition as usize;
        let e = self.bits.editions.get(number)?.get()?;
        let desk = self.desks.get_mut(number)?.as_mut()?;
        out.parts.truncate(classed.known.len() * policies.len());
        let mut at = 0;
        for (item, (known, given)) in classed.known.iter().zip(&classed.given).enumerate() {
            desk.room.run(e, &desk.seen, known, given);
            for policy in policies {
                if out.parts.len() == at {
                    out.parts.push(Part::nothing());
                }
                let part = &mut out.parts[at];
                at += 1;
                part.clear(*policy, item as u32);
                let Sum { outcome, may_proceed } = desk.room.sum(e, *policy)?;
                (part.outcome, part.may_proceed) = (outcome, may_proceed);
                if outcome != Outcome::NotApplicable {
                    desk.room.entries(e, *policy, &mut part.entries)?;
                    desk.room.standing(e, *policy, &mut part.stands, &mut part.defeated);
                }
            }
            let first = at - policies.len();
            desk.leaning(e, (known, given), &mut out.parts[first..at], ask)?;
        }
        Some(())
    }

    /// What was met so far.
    pub fn met(self) -> Met {
        Met { desks: self.desks }
    }

    /// The presumptions that were made for a consignment.
    pub fn presumed(&self, classed: &Classed) -> Vec<(Slot, Value)> {
        let Some(e) = self.bits.editions.get(classed.edition as usize).and_then(OnceLock::get) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for p in &e.presumptions {
            let each = classed.made.iter().enumerate().filter(|(_, made)| made.contains(&p.fact));
            match e.world.fact(p.fact).level {
                Level::Goods => {
                    out.extend(each.map(|(item, _)| (Slot::Item(item as u32, p.fact), p.value.clone())));
                }
                _ => out.extend(each.take(1).map(|_| (Slot::Shared(p.fact), p.value.clone()))),
            }
        }
        out
    }

    /// The bytes that what was met takes.
    pub fn bytes(&self) -> usize {
        self.desks.iter().flatten().flat_map(|d| &d.seen).map(Seen::bytes).sum()
    }
}

impl Part {
    fn nothing() -> Part {
        Part {
            policy: PolicyId(0),
            item: 0,
            outcome: Outcome::NotApplicable,
            may_proceed: None,
            stands: Vec::new(),
            defeated: Vec::new(),
            entries: Vec::new(),
            presumed: Vec::new(),
        }
    }

    fn clear(&mut self, policy: PolicyId, item: u32) {
        (self.policy, self.item) = (policy, item);
        self.stands.clear();
        self.defeated.clear();
        self.entries.clear();
        self.presumed.clear();
    }
}

impl Desk {
    fn class(&mut self, bits: &Bits<'_>, e: &Edition<'_>, column: u16, value: &Value, exact: bool) -> Class {
        let seen = &mut self.seen[usize::from(column)];
        if !exact && let Some(class) = seen.known(value) {
            return class;
        }
        let doubtful = |v: &Value| e.is_doubtful(v);
        let around = around(bits.reader(e.date, &self.nothing), e, column, &doubtful);
        seen.class(&e.columns[usize::from(column)], value, exact, &around)
    }

    /// What is given of an item.
    fn given(&mut self, bits: &Bits<'_>, e: &Edition<'_>, case: &Case, item: usize) -> Option<Vec<Class>> {
        let mut out = vec![UNKNOWN; e.columns.len()];
        for (fact, value) in case.facts.iter().chain(case.items.get(item)?) {
            if let Some(column) = e.column_of.get(fact.index()).copied().flatten() {
                out[usize::from(column)] = self.class(bits, e, column, value, false);
            }
        }
        for column in &e.singles {
            let Kind::Single(kind) = e.columns[usize::from(*column)].kind else { continue };
            let value = |f: FactId| value_of(bits.world, case, item, f);
            let reader = bits.reader(e.date, &self.nothing);
            let truth = single(&reader, kind, &value);
            let doubtful = |v: &Value| match v {
                Value::Set(all) => all.iter().any(|v| e.is_doubtful(v)),
                one => e.is_doubtful(one),
            };
            let about = about(kind).and_then(value).cloned().unwrap_or(Value::Bool(true));
            let around = around(reader, e, *column, &doubtful);
            let class =
                self.seen[usize::from(*column)].answer(&e.columns[usize::from(*column)], truth, &about, &around);
            out[usize::from(*column)] = class;
        }
        Some(out)
    }

    /// What is known once presumptions are made; `None` if one feeds a question about two facts or a set.
    fn presume(
        &mut self,
        bits: &Bits<'_>,
        e: &Edition<'_>,
        given: &[Class],
        is_given: &dyn Fn(FactId) -> bool,
    ) -> Option<(Vec<Class>, Vec<FactId>)> {
        let (mut out, mut made) = (given.to_vec(), Vec::new());
        for p in &e.presumptions {
            if is_given(p.fact) {
                continue;
            }
            if p.unless.as_ref().is_some_and(|c| read(c, &self.seen, given) == Says3::Yes) {
                continue;
            }
            if p.in_single {
                return None;
            }
            made.push(p.fact);
            if let Some(column) = p.column {
                out[usize::from(column)] = self.class(bits, e, column, &p.value, true);
            }
        }
        Some((out, made))
    }

    /// Whether the constraints allow all of it together; `None` if not, or if they allow only part of what is presumed.
    fn allowed(&mut self, e: &Edition<'_>, evaluator: &Evaluator<'_>, case: &Case, classed: &Classed) -> Option<()> {
        let mut open = false;
        for (known, given) in classed.known.iter().zip(&classed.given) {
            for c in &e.constraints {
                match read(&c.holds, &self.seen, known) {
                    Says3::Yes => {}
                    Says3::Open => open = true,
                    Says3::No => return None,
                }
                if read(&c.holds, &self.seen, given) == Says3::No {
                    return None;
                }
            }
        }
        if !open {
            return Some(());
        }
        let of = |known: &[Class]| e.tied.iter().map(|c| known[usize::from(*c)]).collect::<Vec<_>>();
        let key = classed.known.iter().zip(&classed.given).flat_map(|(k, g)| [of(k), of(g)]).flatten();
        let key: Box<[Class]> = key.collect();
        let found = match self.possible.get(&key) {
            Some(found) => *found,
            None => {
                let found = makes_all(e, evaluator, case, classed);
                self.possible.insert(key, found);
                found
            }
        };
        found.then_some(())
    }

    /// Where no code is given, the description is presumed to fit the codes, if that makes no answer milder.
    fn codes(&self, e: &Edition<'_>, classed: &mut Classed, policies: &[PolicyId]) -> Option<()> {
        for (known, given) in classed.known.iter_mut().zip(&classed.given) {
            for column in &e.codes {
                if given[usize::from(*column)] != UNKNOWN || known[usize::from(*column)] != UNKNOWN {
                    continue;
                }
                let fits = |p: &PolicyId| e.instruments.get(p.index()).is_some_and(|i| !i.known || i.never_milder);
                if !policies.iter().all(fits) {
                    return None;
                }
                known[usize::from(*column)] = FITS;
            }
        }
        Some(())
    }

    /// The presumptions that the answers lean on: without one, the outcome or whether it may proceed could be otherwise.
    ///
    /// Where bits leave it open whether they could, `ask` is asked, and its answer kept.
    fn leaning(
        &mut self,
        e: &Edition<'_>,
        (known, given): (&[Class], &[Class]),
        parts: &mut [Part],
        ask: &mut dyn FnMut(FactId, &Part) -> Option<bool>,
    ) -> Option<()> {
        if parts.iter().all(|p| p.outcome == Outcome::NotApplicable) {
            return Some(());
        }
        let mut without: Vec<Class> = Vec::new();
        for p in &e.presumptions {
            let Some(column) = p.column.map(usize::from) else { continue };
            if given[column] != UNKNOWN || known[column] == UNKNOWN {
                continue;
            }
            if without.is_empty() {
                without.extend_from_slice(known);
            }
            without[column] = UNKNOWN;
            self.room.run(e, &self.seen, &without, given);
            without[column] = known[column];
            for part in parts.iter_mut().filter(|p| p.outcome != Outcome::NotApplicable) {
                let sum = Sum { outcome: part.outcome, may_proceed: part.may_proceed };
                if self.room.sum(e, part.policy) == Some(sum) {
                    continue;
                }
                let mut key = [known, given].concat();
                key.extend([column as Class, part.policy.0]);
                let leans = match self.leans.get(&*key) {
                    Some(leans) => *leans,
                    None => {
                        let leans = ask(p.fact, part)?;
                        self.leans.insert(key.into(), leans);
                        leans
                    }
                };
                if leans {
                    part.presumed.push(p.fact);
                }
            }
        }
        for part in parts.iter_mut().filter(|p| p.presumed.len() > 1) {
            let milder = |f: &FactId| e.world.fact(*f).presumed.as_ref().is_some_and(|p| p.milder);
            part.presumed.sort_by_key(|f| !milder(f));
        }
        Some(())
    }
}

/// What a consignment says of a fact, for one of its items.
fn value_of<'c>(world: &World, case: &'c Case, item: usize, fact: FactId) -> Option<&'c Value> {
    match world.fact(fact).level {
        Level::Consignment => case.facts.get(&fact),
        Level::Goods => case.items.get(item)?.get(&fact),
        Level::Licence => None,
    }
}

fn around<'e>(reader: Reader<'e>, e: &'e Edition<'_>, number: u16, doubtful: &'e dyn Fn(&Value) -> bool) -> Around<'e> {
    Around { reader, number, products: &e.products[..e.indexed], full: &e.full, doubtful }
}

/// The answer to one question about a set, or about two facts.
fn single<'v>(reader: &Reader<'_>, kind: &AtomKind, value: &dyn Fn(FactId) -> Option<&'v Value>) -> Truth {
    let open = |f: FactId| Truth::Unknown(Slot::Shared(f));
    match kind {
        AtomKind::Elements { fact, all, test } => {
            let Some(Value::Set(elements)) = value(*fact) else { return open(*fact) };
            let ty = reader.world.fact(*fact).ty.element();
            let each = |v: &Value| reader.test(test, v, false, Slot::Shared(*fact), ty);
            if *all {
                elements.iter().fold(Truth::Yes, |t, v| t.and(|| each(v)))
            } else {
                elements.iter().fold(Truth::No, |t, v| t.or(|| each(v)))
            }
        }
        AtomKind::Empty(fact) => match value(*fact) {
            Some(Value::Set(s)) => Truth::of(s.is_empty()),
            _ => open(*fact),
        },
        AtomKind::Facts(a, comparison, b) => match (value(*a), value(*b)) {
            (Some(x), Some(y)) => reader.compare(x, *comparison, y),
            (None, _) => open(*a),
            _ => open(*b),
        },
        _ => Truth::Unknown(Slot::CodeRight(0)),
    }
}

/// A fact that a question about a set, or about two facts, is about.
fn about(kind: &AtomKind) -> Option<FactId> {
    match kind {
        AtomKind::Elements { fact, .. } | AtomKind::Empty(fact) | AtomKind::Facts(fact, ..) => Some(*fact),
        _ => None,
    }
}

/// Whether the interpreter makes just the presumptions that were made here.
fn makes_all(e: &Edition<'_>, evaluator: &Evaluator<'_>, case: &Case, classed: &Classed) -> bool {
    let prepared: Result<_, Broken> = evaluator.prepare(case);
    let Ok(env) = prepared else { return false };
    let made = |slot: Slot, value: &Value| match env.get(slot) {
        Some(Known { value: v, origin: Origin::Presumed, .. }) => v == value,
        _ => false,
    };
    e.presumptions.iter().all(|p| {
        classed.made.iter().enumerate().all(|(item, facts)| {
            let slot = match e.world.fact(p.fact).level {
                Level::Consignment => Slot::Shared(p.fact),
                _ => Slot::Item(item as u32, p.fact),
            };
            made(slot, &p.value) == facts.contains(&p.fact)
        })
    })
}
