//! Goes through every combination of classes of the facts that one piece of law reads, and finds those in which two
//! laws differ on it.
//!
//! What a piece asks of other pieces (goods in an entry), and of two facts at once, is taken as free: it may be so or
//! not, whatever the facts. That can only show differences that no consignment has, never hide one.

use std::collections::{BTreeMap, BTreeSet};

use crate::eval::probe::{Env, Known, Leaf, Origin, Reader, Slot, Whose, asked};
use crate::model::code::Under;
use crate::model::{Atom, AtomKind, Case, CategoryId, Cond, Date, FactId, Level, Test, Value};

use super::touch::{Part, Unit};
use super::two::{Two, on_day};
use super::values::{Telling, classes};

/// Values of facts under which two laws differ on a piece.
pub(super) type Facts = BTreeMap<FactId, Value>;

/// A combination of classes.
#[derive(Clone, PartialEq)]
pub(super) struct Combination {
    /// The facts.
    pub(super) facts: Facts,
    /// The entries that the goods have to be in besides.
    pub(super) entries: Vec<CategoryId>,
}

/// What was found.
pub(super) struct Found {
    /// Some of the combinations in which they differ.
    pub(super) differing: Vec<Combination>,
    /// True if all combinations were tried.
    pub(super) complete: bool,
}

/// What a search is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    /// Combinations in which the two laws differ.
    Differ,
    /// Combinations in which the piece holds by the law as it is.
    Holds,
}

/// A question that is taken as free.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Free {
    In(CategoryId),
    Coded(CategoryId),
    Pair(FactId, u8, FactId),
    Includes(FactId),
    /// A group or chart that says nothing for a value, at the place where it is asked.
    Silent(FactId, u32),
}

/// Yes, no, or open until something is known.
type Answer = Result<bool, Open>;

#[derive(Clone, Copy)]
enum Open {
    Fact(FactId),
    Free(Free),
}

/// How many combinations of one kind are kept.
const KEPT: usize = 8;

/// Nothing known but the day.
pub(super) fn nothing_known(two: &Two<'_>, day: Date) -> Env {
    let case = Case::of_day(day);
    let mut env = two.base_evaluator.given(&on_day(two.base, &case, day));
    env.code_fits.iter_mut().flatten().for_each(|fits| *fits = false);
    env
}

/// Searches what is unknown of one piece of law for one item; `left` is how many evaluations are left for all.
pub(super) fn explore(two: &Two<'_>, unit: Unit, env: Env, item: u32, goal: Goal, left: &mut u32) -> Found {
    let mut search = Search {
        two,
        unit,
        goal,
        item,
        env,
        facts: BTreeMap::new(),
        free: BTreeMap::new(),
        kept: BTreeMap::new(),
        found: Found { differing: Vec::new(), complete: true },
        left,
    };
    search.run();
    search.found
}

struct Search<'s, 't> {
    two: &'s Two<'t>,
    unit: Unit,
    goal: Goal,
    item: u32,
    env: Env,
    facts: Facts,
    free: BTreeMap<Free, bool>,
    /// Classes of facts, found once.
    kept: BTreeMap<FactId, Vec<Value>>,
    found: Found,
    left: &'s mut u32,
}

impl Search<'_, '_> {
    fn run(&mut self) {
        if self.found.differing.len() >= KEPT {
            return;
        }
        if *self.left == 0 {
            self.found.complete = false;
            return;
        }
        *self.left -= 1;
        let wanted = match self.goal {
            Goal::Differ => self.differ(),
            Goal::Holds => self.truths(true).map(|t| t.first() == Some(&true)),
        };
        match wanted {
            Ok(true) => {
                let asked = self.free.iter().filter(|(_, so)| **so);
                let entries = asked.filter_map(|(f, _)| if let Free::In(id) = f { Some(*id) } else { None });
                let found = Combination { facts: self.facts.clone(), entries: entries.collect() };
                if !self.found.differing.contains(&found) {
                    self.found.differing.push(found);
                }
            }
            Ok(false) => {}
            Err(Open::Free(question)) => {
                for answer in [true, false] {
                    self.free.insert(question, answer);
                    self.run();
                }
                self.free.remove(&question);
            }
            // Fields of a held licence have no place in a consignment that holds none.
            Err(Open::Fact(fact)) if self.two.base.fact(fact).level == Level::Licence => self.found.complete = false,
            Err(Open::Fact(fact)) => {
                let slot = self.slot(fact);
                for value in self.classes(fact) {
                    let known = Known { value: value.clone(), exact: true, origin: Origin::Chosen };
                    self.env.set(slot, Some(known));
                    // What a constraint rules out is no consignment, unless constraints are what is compared.
                    let compared = matches!(self.unit, Unit::Constraint(_));
                    if compared || self.two.base_evaluator.breaks_nothing(&self.env) {
                        self.facts.insert(fact, value);
                        self.run();
                        self.facts.remove(&fact);
                    } else if self.two.uneven(fact) {
                        // Another value of its class may be possible.
                        self.found.complete = false;
                    }
                }
                self.env.set(slot, None);
            }
        }
    }

    fn slot(&self, fact: FactId) -> Slot {
        self.two.base_evaluator.reads(&self.env).slot(fact, Whose::item(self.item))
    }

    fn differ(&self) -> Answer {
        let (b, m) = (self.truths(true), self.truths(false));
        match (b, m) {
            (Ok(b), Ok(m)) => Ok(b != m),
            (Err(open), _) | (_, Err(open)) => Err(open),
        }
    }

    /// What a piece is by one of the laws: for an entry description and code, else one truth.
    fn truths(&self, base: bool) -> Result<Vec<bool>, Open> {
        let two = self.two;
        let (world, evaluator) = if base { (two.base, two.base_evaluator) } else { (two.mutant, two.mutant_evaluator) };
        let day = self.env.date;
        let reader = evaluator.reads(&self.env);
        let one = |on: bool, c: &Cond| if on { self.cond(&reader, c).map(|t| vec![t]) } else { Ok(vec![false]) };
        match self.unit {
            Unit::Leaf(i) => {
                let leaf = evaluator.lists().leaves.get(i).filter(|l| l.on(day));
                leaf.map_or(Ok(vec![false, false]), |l| self.leaf(&reader, l, base))
            }
            Unit::Rule(id) => {
                // It counts only where its policy applies, and what has to be claimed is so.
                let rule = world.rule(id);
                let claim = rule.claimed.as_ref().filter(|_| two.part != Part::Claim(id));
                let applies = &world.policies[rule.policy.index()].applies;
                let mut open = None;
                for c in claim.into_iter().chain([&rule.cond, applies]).filter(|_| rule.in_force.on(day)) {
                    match self.cond(&reader, c) {
                        Ok(true) => {}
                        Ok(false) => return Ok(vec![false]),
                        Err(o) => open = open.or(Some(o)),
                    }
                }
                open.map_or(Ok(vec![rule.in_force.on(day)]), Err)
            }
            Unit::Claim(id) => world.rule(id).claimed.as_ref().map_or(Ok(vec![true]), |c| one(true, c)),
            Unit::Applies(id) => one(true, &world.policies[id.index()].applies),
            Unit::Unless(id) => {
                let unless = world.fact(id).presumed.as_ref().and_then(|p| p.unless.as_ref());
                unless.map_or(Ok(vec![false]), |c| one(true, c))
            }
            Unit::Constraint(i) => {
                let found = world.constraints.get(i);
                found.map_or(Ok(vec![true]), |c| if c.in_force.on(day) { one(true, &c.cond) } else { Ok(vec![true]) })
            }
            Unit::Covers(id) => world.licence(id).covers.as_ref().map_or(Ok(vec![true]), |c| one(true, c)),
        }
    }

    /// Whether the description of a way down a list fits, and whether its code does.
    fn leaf(&self, reader: &Reader<'_>, leaf: &Leaf<'_>, base: bool) -> Result<Vec<bool>, Open> {
        let mut open = None;
        for c in &leaf.conditions {
            match self.cond(reader, c) {
                Ok(true) => {}
                // Whatever its codes are, it does not hold; by code alone it is asked for separately.
                Ok(false) if self.two.codes_asked => {
                    return self.codes(leaf, false, base).map(|c| vec![false, c]);
                }
                Ok(false) => return Ok(vec![false, false]),
                Err(o) => open = open.or(Some(o)),
            }
        }
        if let Some(open) = open {
            return Err(open);
        }
        self.codes(leaf, leaf.described(), base).map(|c| vec![true, c])
    }

    fn codes(&self, leaf: &Leaf<'_>, described: bool, base: bool) -> Answer {
        let policy = self.two.base.category(leaf.id).policy;
        let presumed = described && self.env.code_fits(self.item, policy);
        let mut open = None;
        for (fact, list) in &leaf.codes {
            let under = |v: &Value| matches!(v, Value::Code(c) if list.covers(c, true) == Under::Yes);
            let unclear = |v: &Value| matches!(v, Value::Code(c) if list.covers(c, false) == Under::Unclear);
            let known = self.env.get(self.slot(*fact));
            let each: Vec<&Value> = match known.map(|k| &k.value) {
                Some(Value::Set(all)) => all.iter().collect(),
                Some(value) => vec![value],
                None if presumed => continue,
                None => Vec::new(),
            };
            match known {
                Some(_) if each.iter().any(|v| under(v)) => {}
                // A code that is given in part may be any below it.
                Some(k) if !k.exact && each.iter().any(|v| unclear(v)) => {
                    let question = Free::Silent(*fact, u32::from(base));
                    match self.free.get(&question) {
                        Some(true) => {}
                        Some(false) => return Ok(false),
                        None => open = open.or(Some(Open::Free(question))),
                    }
                }
                Some(_) => return Ok(false),
                None => open = open.or(Some(Open::Fact(*fact))),
            }
        }
        open.map_or(Ok(true), Err)
    }

    fn cond(&self, reader: &Reader<'_>, cond: &Cond) -> Answer {
        match cond {
            Cond::All(list) => self.list(reader, list, true),
            Cond::Any(list) => self.list(reader, list, false),
            Cond::Not(inner) => self.cond(reader, inner).map(|t| !t),
            Cond::Atom(atom) => self.atom(reader, atom),
        }
    }

    fn list(&self, reader: &Reader<'_>, list: &[Cond], all: bool) -> Answer {
        let mut open = None;
        for c in list {
            match self.cond(reader, c) {
                Ok(t) if t == all => {}
                Ok(_) => return Ok(!all),
                Err(o) => open = open.or(Some(o)),
            }
        }
        open.map_or(Ok(all), Err)
    }

    fn atom(&self, reader: &Reader<'_>, atom: &Atom) -> Answer {
        let free = |question: Free| self.free.get(&question).copied().ok_or(Open::Free(question));
        let any = |list: &[CategoryId], question: fn(CategoryId) -> Free| {
            let mut open = None;
            for id in list.iter().filter(|id| reader.lists.below(**id, self.env.date).next().is_some()) {
                match free(question(*id)) {
                    Ok(true) => return Ok(true),
                    Ok(false) => {}
                    Err(o) => open = open.or(Some(o)),
                }
            }
            open.map_or(Ok(false), Err)
        };
        match &atom.kind {
            AtomKind::In(list) => any(list, Free::In),
            AtomKind::CodedUnder(list) => any(list, Free::Coded),
            AtomKind::Includes(fact) => free(Free::Includes(*fact)),
            AtomKind::Facts(a, comparison, b) => free(Free::Pair(*a, *comparison as u8, *b)),
            AtomKind::Means(fact) => {
                let version = reader.world.fact(*fact).means.iter().find(|(days, _)| days.on(self.env.date));
                version.map_or(Ok(false), |(_, c)| self.cond(reader, c))
            }
            AtomKind::Fact(fact, _) | AtomKind::Elements { fact, .. } | AtomKind::Empty(fact) => {
                if let Ok(known) = asked(reader, atom, Whose::item(self.item)).known() {
                    return Ok(known);
                }
                if self.env.get(self.slot(*fact)).is_some() {
                    return free(Free::Silent(*fact, atom.span.start));
                }
                Err(Open::Fact(*fact))
            }
        }
    }

    /// One value for each class of a fact that this piece, or a constraint, tells apart, by either law.
    fn classes(&mut self, fact: FactId) -> Vec<Value> {
        if let Some(kept) = self.kept.get(&fact) {
            return kept.clone();
        }
        let two = self.two;
        let mut telling = Telling { tests: Vec::new(), codes: Vec::new() };
        let env = &self.env;
        for base in [true, false] {
            let evaluator = if base { two.base_evaluator } else { two.mutant_evaluator };
            let world = if base { two.base } else { two.mutant };
            let reader = evaluator.reads(env);
            let mut conds: Vec<&Cond> = Vec::new();
            match self.unit {
                Unit::Leaf(i) => {
                    if let Some(leaf) = evaluator.lists().leaves.get(i) {
                        conds.extend(leaf.conditions.iter().copied());
                        telling.codes.extend(leaf.codes.iter().filter(|(f, _)| *f == fact).map(|(_, l)| *l));
                    }
                }
                Unit::Rule(id) => {
                    conds.push(&world.rule(id).cond);
                    conds.extend(&world.rule(id).claimed);
                    conds.push(&world.policies[world.rule(id).policy.index()].applies);
                }
                Unit::Claim(id) => conds.extend(&world.rule(id).claimed),
                Unit::Applies(id) => conds.push(&world.policies[id.index()].applies),
                Unit::Unless(id) => conds.extend(world.fact(id).presumed.as_ref().and_then(|p| p.unless.as_ref())),
                Unit::Constraint(i) => conds.extend(world.constraints.get(i).map(|c| &c.cond)),
                Unit::Covers(id) => conds.extend(&world.licence(id).covers),
            }
            // What a constraint rules out is left out by the class, so it has to be all of the class.
            if !matches!(self.unit, Unit::Constraint(_)) {
                conds.extend(world.constraints.iter().filter(|c| c.in_force.on(env.date)).map(|c| &c.cond));
            }
            let mut seen = BTreeSet::new();
            while let Some(cond) = conds.pop() {
                cond.atoms(&mut |atom, _| match &atom.kind {
                    AtomKind::Fact(f, t) | AtomKind::Elements { fact: f, test: t, .. } if *f == fact => {
                        telling.tests.push((reader, t as &Test));
                    }
                    AtomKind::Means(f) if seen.insert(*f) => {
                        conds.extend(world.fact(*f).means.iter().map(|(_, c)| c));
                    }
                    _ => {}
                });
            }
        }
        let (values, all) = classes(two.base, &two.base.fact(fact).ty, self.slot(fact), &telling);
        self.found.complete &= all;
        self.kept.insert(fact, values.clone());
        values
    }
}
