//! Consignments told by what is so of them and what is not, taken together into one function only where that stays small.
//!
//! What an amendment changes is little, but whether it changes an outcome hangs on every other rule that leads as far:
//! one function of all of them would ask for all facts of the law. So a region keeps such rules aside, and whether it has
//! a consignment of some kind is asked of a SAT solver. What is found is there, and where nothing is found there is
//! nothing; a limit that is reached is told to the diagrams.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::clauses::{Clauses, TooMuch};
use crate::engine::diagram::{Diagrams, Id, NO, Var, YES};

/// Two parts that are one function each are made one if that takes at most so many nodes.
const JOINED: usize = 500_000;
/// So many functions are tried in vain before no other is taken in.
const TRIES: usize = 4;
/// Groups of more functions than this are not tried.
const FEW: usize = 24;

/// What a fact costs that is stated.
pub(super) type Cost<'c> = &'c dyn Fn(Var, usize) -> u32;

/// Consignments of any of some parts.
#[derive(Clone, Debug)]
pub(super) struct Region {
    /// A function of more nodes than this is not made of a part by taking another one into it.
    small: usize,
    parts: Vec<Part>,
}

/// The consignments of a core that are in one of each group, and in nothing that is kept out.
#[derive(Clone, Debug)]
struct Part {
    core: Id,
    groups: Vec<Vec<Id>>,
    out: Vec<Id>,
}

impl Region {
    /// No consignments. Of a part no function of more nodes than `small` is made by taking another one into it.
    pub(super) fn none(small: usize) -> Region {
        Region { small, parts: Vec::new() }
    }

    /// The consignments of a core that are in one of each group, and in nothing that is to be kept out.
    pub(super) fn new(d: &mut Diagrams, small: usize, core: Id, groups: Vec<Vec<Id>>, out: Vec<Id>) -> Region {
        Region { small, parts: Part { core, groups, out }.taken_in(d, small).into_iter().collect() }
    }

    /// The consignments of which something holds.
    pub(super) fn of(small: usize, core: Id) -> Region {
        let part = Part { core, groups: Vec::new(), out: Vec::new() };
        Region { small, parts: if core == NO { Vec::new() } else { vec![part] } }
    }

    /// Adds those of another.
    pub(super) fn join(&mut self, d: &mut Diagrams, other: Region) {
        for part in other.parts {
            let mut plain = self.parts.iter_mut().filter(|p| p.is_plain() && part.is_plain());
            let joined = plain.find_map(|p| {
                let both = d.with_few(JOINED, |d| d.or(p.core, part.core))?;
                p.core = both;
                Some(())
            });
            if joined.is_none() {
                self.parts.push(part);
            }
        }
    }

    /// Those of them of which something holds.
    pub(super) fn and(&self, d: &mut Diagrams, holds: Id) -> Region {
        let within = |p: &Part| Part { core: d.and(p.core, holds), ..p.clone() }.taken_in(d, self.small);
        Region { small: self.small, parts: self.parts.iter().filter_map(within).collect() }
    }

    /// Those of them of which something does not hold.
    pub(super) fn but(&self, d: &mut Diagrams, holds: Id) -> Region {
        let not = d.not(holds);
        self.and(d, not)
    }

    /// The one function that they are, where they are kept as one.
    fn whole(&self) -> Option<Id> {
        match &self.parts[..] {
            [] => Some(NO),
            [one] => one.is_plain().then_some(one.core),
            _ => None,
        }
    }

    /// True if there are none.
    pub(super) fn is_empty(&self, d: &mut Diagrams) -> bool {
        self.parts.iter().all(|p| p.is_empty(d))
    }

    /// A part of it as one function: all of it, where it is kept as one, or the facts of one consignment, whatever else
    /// is so of that; nothing if there is none.
    pub(super) fn some(&self, d: &mut Diagrams, cost: Cost<'_>) -> Id {
        let one = || self.parts.iter().map(|p| p.one(d, cost)).find(|way| *way != NO);
        self.whole().or_else(one).unwrap_or(NO)
    }

    /// The functions it is made of.
    pub(super) fn functions(&self) -> Vec<Id> {
        self.parts.iter().flat_map(Part::functions).collect()
    }

    /// For each of some facts, of so many classes each, whether one of the consignments has each class.
    pub(super) fn classes_of(&self, d: &mut Diagrams, facts: &[(Var, usize)]) -> Vec<Vec<bool>> {
        let mut found: Vec<Vec<bool>> = facts.iter().map(|(_, classes)| vec![false; *classes]).collect();
        for part in &self.parts {
            let of_part = part.classes_of(d, facts);
            for (all, some) in found.iter_mut().zip(of_part) {
                all.iter_mut().zip(some).for_each(|(f, s)| *f |= s);
            }
        }
        found
    }
}

impl Part {
    fn is_plain(&self) -> bool {
        self.groups.is_empty() && self.out.is_empty()
    }

    /// The same, with all in its core that leaves it small; `None` where that leaves nothing.
    fn taken_in(mut self, d: &mut Diagrams, small: usize) -> Option<Part> {
        let mut groups = Vec::new();
        for group in std::mem::take(&mut self.groups) {
            match &met(d, self.core, &group)[..] {
                [] => return None,
                [one] => self.core = *one,
                several => groups.push(several.to_vec()),
            }
        }
        let out = met(d, self.core, &std::mem::take(&mut self.out));
        if self.core == NO || out.contains(&self.core) {
            return None;
        }
        for kept in out {
            if self.out.len() < TRIES {
                let less = d.but(self.core, kept);
                if d.is_small(less, small) {
                    self.core = less;
                    continue;
                }
            }
            self.out.push(kept);
        }
        for group in groups {
            let mut union = NO;
            let group = met(d, self.core, &group);
            let fits = group.len() <= FEW
                && group.iter().all(|member| {
                    union = d.or(union, *member);
                    d.is_small(union, small)
                });
            if fits { self.core = union } else { self.groups.push(group) }
        }
        (self.core != NO).then_some(self)
    }

    fn clauses(&self, d: &Diagrams) -> Clauses {
        Clauses::new(d, self.core, &self.groups, &self.out)
    }

    /// A class of each fact, of one consignment of it; nothing where that takes too much work, which the diagrams are told.
    fn example(&self, d: &mut Diagrams) -> Option<BTreeMap<Var, usize>> {
        self.clauses(d).one(None).unwrap_or_else(|TooMuch| {
            d.give_up();
            None
        })
    }

    /// True if it has no consignment; also where that takes too much work, which the diagrams are told.
    fn is_empty(&self, d: &mut Diagrams) -> bool {
        !self.is_plain() && self.example(d).is_none()
    }

    /// Facts that put a consignment into it, whatever else is so, as a function; nothing if there are none.
    fn one(&self, d: &mut Diagrams, cost: Cost<'_>) -> Id {
        let Some(example) = self.example(d) else { return NO };
        let mut facts: Vec<(Var, usize)> = example.into_iter().collect();
        let widths = d.widths(&self.functions());
        // Each fact that does not matter is left out, the dearest first.
        facts.sort_by_key(|(var, class)| (cost(*var, *class), *var));
        for at in (0..facts.len()).rev() {
            let left_out = facts.remove(at);
            let stated = stated(d, &facts, &widths);
            if !self.holds(d, stated) {
                facts.insert(at, left_out);
            }
        }
        stated(d, &facts, &widths)
    }

    fn functions(&self) -> Vec<Id> {
        [&[self.core][..], &self.groups.concat()[..], &self.out[..]].concat()
    }

    /// True if all consignments of a function are in it.
    fn holds(&self, d: &mut Diagrams, f: Id) -> bool {
        d.but(f, self.core) == NO
            && self.out.iter().all(|kept| d.and(f, *kept) == NO)
            && self.groups.iter().all(|group| group.iter().any(|m| d.but(f, *m) == NO))
    }

    fn classes_of(&self, d: &mut Diagrams, facts: &[(Var, usize)]) -> Vec<Vec<bool>> {
        if self.is_plain() {
            return facts.iter().map(|(var, classes)| d.classes_of(self.core, *var, *classes)).collect();
        }
        self.classes_found(d, facts).unwrap_or_else(|TooMuch| {
            d.give_up();
            facts.iter().map(|(_, classes)| vec![true; *classes]).collect()
        })
    }

    /// One consignment after the other, each with what else one fact of it may be.
    fn classes_found(&self, d: &Diagrams, facts: &[(Var, usize)]) -> Result<Vec<Vec<bool>>, TooMuch> {
        let mut found: Vec<Vec<bool>> = facts.iter().map(|(_, classes)| vec![false; *classes]).collect();
        let mut clauses = self.clauses(d);
        let of_core: Vec<Vec<bool>> = facts.iter().map(|(var, n)| d.classes_of(self.core, *var, *n)).collect();
        let Some(first) = clauses.one(None)? else { return Ok(found) };
        let mut open = vec![first];
        let mut next = (0..facts.len()).flat_map(|n| (0..facts[n].1).map(move |class| (n, class)));
        loop {
            while let Some(example) = open.pop() {
                for (n, (var, classes)) in facts.iter().enumerate() {
                    for class in (0..*classes).filter(|c| of_core[n][*c]) {
                        if !found[n][class] {
                            found[n][class] =
                                self.has(d, &|v| if v == *var { Some(class) } else { example.get(&v).copied() });
                        }
                    }
                }
            }
            let Some((n, class)) = next.find(|(n, class)| of_core[*n][*class] && !found[*n][*class]) else {
                return Ok(found);
            };
            open.extend(clauses.one(Some((facts[n].0, class)))?);
        }
    }

    /// True if a consignment is in it.
    fn has(&self, d: &Diagrams, classes: &dyn Fn(Var) -> Option<usize>) -> bool {
        d.holds(self.core, classes)
            && !self.out.iter().any(|kept| d.holds(*kept, classes))
            && self.groups.iter().all(|group| group.iter().any(|m| d.holds(*m, classes)))
    }
}

/// What holds where facts are of some classes.
fn stated(d: &mut Diagrams, facts: &[(Var, usize)], widths: &BTreeMap<Var, usize>) -> Id {
    facts.iter().fold(YES, |t, (var, class)| {
        let is = d.is(*var, *class, widths.get(var).copied().unwrap_or(0));
        d.and(t, is)
    })
}

/// Of each of some functions what is within another; each once, and none that is nothing.
fn met(d: &mut Diagrams, within: Id, all: &[Id]) -> Vec<Id> {
    let met: BTreeSet<Id> = all.iter().map(|f| d.and(within, *f)).filter(|m| *m != NO).collect();
    met.into_iter().collect()
}
