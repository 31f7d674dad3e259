//! Leading consignments through the compiled law.

use std::sync::OnceLock;

use crate::eval::atom::Reader;
use crate::eval::env::{Env, Known, Origin, Slot};
use crate::eval::lists::Lists;
use crate::eval::verdict::{Part, Settled, Verdict};
use crate::eval::{Broken, Evaluator};
use crate::model::{Case, Date, FactId, InForce, Level, PolicyId, Value, World};

use super::column::{Class, Seen};
use super::desk::{Ask, Desk};
use super::edition::{Edition, Presumption};
use super::reading::{FromCase, FromClasses, value_of};
use super::tree::Came;

/// The law of a world, compiled for the days for which it is asked.
pub struct Bits<'a> {
    pub(super) world: &'a World,
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

    pub(super) fn number(&self, date: Date) -> usize {
        self.days.partition_point(|d| *d <= date)
    }

    pub(super) fn edition(&self, number: usize, date: Date) -> &Edition<'a> {
        self.editions[number].get_or_init(|| Edition::new(self.world, &self.lists, date, self.confirmed))
    }

    pub(super) fn reader<'e>(&'e self, date: Date, nothing: &'e Env) -> Reader<'e> {
        Reader { world: self.world, date, env: nothing, lists: &self.lists, code_confirmed: self.confirmed, kept: None }
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
    world.policies.iter().for_each(|p| add(&InForce(vec![p.known])));
    out.extend(world.days_of_places());
    out.sort_unstable();
    out.dedup();
    out
}

/// The classes of a consignment: all that any condition can tell of what is given.
///
/// Two consignments of the same classes, both without licences held and on days on which the law of all policies is
/// encoded, have the same decision, but for the values that reasons quote.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Classed {
    edition: usize,
    /// The desk whose classes they are.
    serial: u64,
    /// For each goods item, for each column: what is given.
    items: Vec<Box<[Class]>>,
}

/// One thread's way through the compiled law. It keeps what it has met, so one is used for many consignments.
#[derive(Debug)]
pub struct Clerk<'b, 'a> {
    pub(super) bits: &'b Bits<'a>,
    pub(super) desks: Vec<Option<Box<Desk>>>,
}

/// What a clerk has met, to go on from.
#[derive(Debug)]
pub struct Met {
    desks: Vec<Option<Box<Desk>>>,
}

impl<'b, 'a> Clerk<'b, 'a> {
    /// The desk for the law of a day; none where that law is too large to be decided by bits.
    pub(super) fn desk(&mut self, date: Date) -> Option<(&'b Edition<'a>, &mut Desk)> {
        let bits = self.bits;
        let number = bits.number(date);
        let e = bits.edition(number, date);
        if e.too_large {
            return None;
        }
        let desk = self.desks.get_mut(number)?;
        if desk.as_mut().is_some_and(|d| d.is_worn()) {
            *desk = None;
        }
        let desk = desk.get_or_insert_with(|| Box::new(Desk::new(e, bits)));
        Some((e, desk))
    }

    /// Decides a consignment. `None` where that takes more: licences held, facts that break a constraint, or facts
    /// unknown on which the answer hangs.
    pub fn decide(&mut self, evaluator: &Evaluator<'_>, case: &Case, policies: &[PolicyId]) -> Option<Verdict> {
        let mut out = Verdict::default();
        self.decide_into(evaluator, case, policies, &mut out)?;
        Some(out)
    }

    /// Decides a consignment, into room that was used before.
    pub fn decide_into(
        &mut self,
        evaluator: &Evaluator<'_>,
        case: &Case,
        policies: &[PolicyId],
        out: &mut Verdict,
    ) -> Option<()> {
        if !case.licences.is_empty() {
            return None;
        }
        let bits = self.bits;
        let (e, desk) = self.desk(case.date)?;
        let tree = desk.tree(e, policies);
        out.parts.truncate(case.items.len() * policies.len());
        let (mut at, mut open) = (0, false);
        for item in 0..case.items.len() {
            let reader = bits.reader(e.date, &desk.nothing);
            let end = desk.work.end(e, desk.trees.get_mut(tree)?, &mut FromCase { case, item, reader });
            let found = match desk.trees.get(tree)?.tree.end(end)? {
                Came::Settled(parts, unsure) => {
                    open |= unsure;
                    put(parts, item, &mut at, out);
                    continue;
                }
                Came::Open => return None,
                Came::Asks => {
                    let given = all(bits, e, desk, case);
                    let presumed = presumed(e, desk, case, &given);
                    let mut ask = |fact, part: &Part| evaluator.leans(case, &presumed, fact, part);
                    asked(e, desk, tree, &given, item, &mut ask)
                }
            };
            let Came::Settled(parts, unsure) = found else { return None };
            open |= unsure;
            put(&parts, item, &mut at, out);
        }
        if open {
            let given = all(bits, e, desk, case);
            let key = tied(e, desk, &given);
            let found = match desk.possible.get(&key) {
                Some(found) => *found,
                None => {
                    let found = makes_all(e, evaluator, case, &presumed(e, desk, case, &given));
                    desk.possible.insert(key, found);
                    found
                }
            };
            return found.then_some(());
        }
        Some(())
    }

    /// Decides a consignment by those of some policies whose law is encoded for its day, and says what was presumed.
    pub fn settle(&mut self, evaluator: &Evaluator<'_>, case: &Case, policies: &[PolicyId]) -> Option<Settled> {
        let known = |p: &&PolicyId| self.bits.world.policies[p.index()].known.contains(case.date);
        let policies: Vec<PolicyId> = policies.iter().filter(known).copied().collect();
        let verdict = self.decide(evaluator, case, &policies)?;
        let bits = self.bits;
        let (e, desk) = self.desk(case.date)?;
        let given = all(bits, e, desk, case);
        Some(Settled { verdict, presumed: presumed(e, desk, case, &given) })
    }

    /// The classes of a consignment; `None` where licences are held, or the law is too large.
    pub fn classify(&mut self, case: &Case) -> Option<Classed> {
        if !case.licences.is_empty() {
            return None;
        }
        let bits = self.bits;
        let edition = bits.number(case.date);
        let (e, desk) = self.desk(case.date)?;
        Some(Classed { edition, serial: desk.serial, items: all(bits, e, desk, case) })
    }

    /// The verdict on what was classed, into room that was used before; `None` where it hangs on facts that are
    /// unknown, or on something that no consignment of these classes was asked about before.
    pub fn verdict_into(&mut self, classed: &Classed, policies: &[PolicyId], out: &mut Verdict) -> Option<()> {
        let e = self.bits.editions.get(classed.edition)?.get()?;
        let desk = self.desks.get_mut(classed.edition)?.as_mut().filter(|d| d.serial == classed.serial)?;
        let tree = desk.tree(e, policies);
        out.parts.truncate(classed.items.len() * policies.len());
        let (mut at, mut open) = (0, false);
        for (item, given) in classed.items.iter().enumerate() {
            let end = desk.work.end(e, desk.trees.get_mut(tree)?, &mut FromClasses(given));
            match desk.trees.get(tree)?.tree.end(end)? {
                Came::Settled(parts, unsure) => {
                    open |= unsure;
                    put(parts, item, &mut at, out);
                }
                Came::Open => return None,
                Came::Asks => {
                    let Some(Came::Settled(parts, unsure)) = desk.asked.get(&key(tree, item, &classed.items)) else {
                        return None;
                    };
                    open |= unsure;
                    put(parts, item, &mut at, out);
                }
            }
        }
        if open {
            let key = tied(e, desk, &classed.items);
            return desk.possible.get(&key)?.then_some(());
        }
        Some(())
    }

    /// What was met so far.
    pub fn met(self) -> Met {
        Met { desks: self.desks }
    }

    /// The bytes that what was met takes.
    pub fn bytes(&self) -> usize {
        let desk = |d: &Desk| {
            let seen = d.work.seen.iter().map(Seen::bytes).sum::<usize>();
            seen + d.trees.iter().map(|a| a.tree.bytes()).sum::<usize>()
        };
        self.desks.iter().flatten().map(|d| desk(d)).sum()
    }
}

/// All that is given of each item.
fn all(bits: &Bits<'_>, e: &Edition<'_>, desk: &mut Desk, case: &Case) -> Vec<Box<[Class]>> {
    let reader = bits.reader(e.date, &desk.nothing);
    let work = &mut desk.work;
    (0..case.items.len()).map(|item| work.all(e, &mut FromCase { case, item, reader })).collect()
}

/// What tells apart all that is given of a consignment, asked about an item for the policies of a tree.
fn key(tree: usize, item: usize, given: &[Box<[Class]>]) -> Box<[Class]> {
    [tree as Class, item as Class].into_iter().chain(given.iter().flatten().copied()).collect()
}

/// What tells apart all that constraints can tell of a consignment.
fn tied(e: &Edition<'_>, desk: &mut Desk, given: &[Box<[Class]>]) -> Box<[Class]> {
    given.iter().flat_map(|g| desk.work.tied(e, g)).collect()
}

/// What comes of an item where it has to be asked; kept.
fn asked(e: &Edition<'_>, desk: &mut Desk, tree: usize, given: &[Box<[Class]>], item: usize, ask: Ask<'_>) -> Came {
    let key = key(tree, item, given);
    if let Some(came) = desk.asked.get(&key) {
        return came.clone();
    }
    let came = desk.work.come(e, &desk.trees[tree], &mut FromClasses(&given[item]), item as u32, Some(ask));
    desk.asked.insert(key, came.clone());
    came
}

/// Puts the parts of an item after those that are there.
fn put(parts: &[Part], item: usize, at: &mut usize, out: &mut Verdict) {
    for part in parts {
        match out.parts.get_mut(*at) {
            Some(room) => room.clone_from(part),
            None => out.parts.push(part.clone()),
        }
        out.parts[*at].item = item as u32;
        *at += 1;
    }
}

/// The presumptions that are made for a consignment.
fn presumed(e: &Edition<'_>, desk: &mut Desk, case: &Case, given: &[Box<[Class]>]) -> Vec<(Slot, Value)> {
    let mut out = Vec::new();
    for (n, p) in e.presumptions.iter().enumerate() {
        for (item, given) in given.iter().enumerate() {
            if value_of(e.world, case, item, p.fact).is_some() || !desk.work.is_made(e, given, n) {
                continue;
            }
            let shared = e.world.fact(p.fact).level == Level::Consignment;
            out.push((if shared { Slot::Shared(p.fact) } else { Slot::Item(item as u32, p.fact) }, p.value.clone()));
            if shared {
                break;
            }
        }
    }
    out
}

/// Whether the interpreter makes just the presumptions that are made here.
fn makes_all(e: &Edition<'_>, evaluator: &Evaluator<'_>, case: &Case, made: &[(Slot, Value)]) -> bool {
    let prepared: Result<_, Broken> = evaluator.prepare(case);
    let Ok(env) = prepared else { return false };
    let presumed = |slot: Slot| match env.get(slot) {
        Some(Known { value, origin: Origin::Presumed, .. }) => Some(value),
        _ => None,
    };
    let slots = |p: &Presumption| match e.world.fact(p.fact).level {
        Level::Consignment => vec![Slot::Shared(p.fact)],
        _ => (0..case.items.len() as u32).map(|item| Slot::Item(item, p.fact)).collect(),
    };
    e.presumptions.iter().flat_map(slots).all(|slot| {
        let here = made.iter().find(|(s, _)| *s == slot).map(|(_, v)| v);
        presumed(slot) == here
    })
}
