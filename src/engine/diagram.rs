//! Multi-valued decision diagrams: functions of facts, each written in exactly one way.
//!
//! A diagram asks for one fact at a time, always in the same order, and goes on by the class of its value, until it
//! ends in yes or no. Equal parts are stored once, so two functions are equal exactly if they are the same diagram.
//! The work is bounded by a count of nodes: past it [`Diagrams::full`] is set and nothing further is to be believed.
//!
//! Source: R. E. Bryant, Graph-Based Algorithms for Boolean Function Manipulation, IEEE Trans. Comput. C-35 (1986);
//! A. Srinivasan et al., Algorithms for Discrete Function Manipulation, ICCAD 1990 (more than two values).

use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasherDefault;

use indexmap::IndexSet;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use crate::eval::env::Slot;

/// A function of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(u32);

/// Never.
pub const NO: Id = Id(0);
/// Always.
pub const YES: Id = Id(1);

/// What a diagram asks for, in its order: goods first, since most conditions of a list are about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Var {
    /// A fact.
    Fact(Slot),
    /// The answer to a question, by its number, for values of a fact that are too many to try.
    Free(u32),
}

impl Var {
    fn rank(self) -> (u8, Option<Slot>, u32) {
        match self {
            Var::Free(n) => (5, None, n),
            Var::Fact(slot) => {
                let first = match slot {
                    Slot::Item(..) => 0,
                    Slot::CodeRight(_) => 1,
                    Slot::Shared(_) => 2,
                    Slot::Licence(..) => 3,
                    Slot::Cell(..) | Slot::Group(..) => 4,
                };
                (first, Some(slot), 0)
            }
        }
    }
}

impl PartialOrd for Var {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Var {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank().cmp(&other.rank())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Node {
    var: Var,
    /// One for each class of the fact.
    kids: Box<[Id]>,
}

/// All diagrams of one question or more, sharing their parts.
#[derive(Debug)]
pub struct Diagrams {
    nodes: IndexSet<Node, BuildHasherDefault<FxHasher>>,
    ands: FxHashMap<(Id, Id), Id>,
    nots: FxHashMap<Id, Id>,
    limit: usize,
    full: bool,
}

impl Diagrams {
    /// None yet, and at most `limit` nodes.
    pub fn new(limit: usize) -> Self {
        let (nodes, ands, nots) = (IndexSet::default(), FxHashMap::default(), FxHashMap::default());
        Diagrams { nodes, ands, nots, limit, full: false }
    }

    /// True once the limit was reached: no diagram made since can be relied on.
    pub fn full(&self) -> bool {
        self.full
    }

    /// The diagram that always (or never) holds.
    pub fn of(truth: bool) -> Id {
        if truth { YES } else { NO }
    }

    /// Something made of at most so many nodes more; nothing where that does not do, which is forgotten again.
    pub fn with_few<T>(&mut self, more: usize, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.full {
            return None;
        }
        let limit = self.limit;
        self.limit = limit.min(self.nodes.len() + more);
        let made = make(self);
        self.limit = limit;
        let done = !std::mem::take(&mut self.full);
        done.then_some(made)
    }

    fn node(&self, id: Id) -> Option<&Node> {
        self.nodes.get_index((id.0 as usize).checked_sub(2)?)
    }

    /// What it asks for first.
    pub fn top(&self, id: Id) -> Option<Var> {
        self.node(id).map(|n| n.var)
    }

    /// What is left of it once `var`, which it asks for first or not at all, is of a class.
    pub fn kid(&self, id: Id, var: Var, class: usize) -> Id {
        match self.node(id) {
            Some(n) if n.var == var => n.kids.get(class).copied().unwrap_or(NO),
            _ => id,
        }
    }

    /// How many classes has what it asks for first.
    pub fn classes(&self, id: Id) -> usize {
        self.node(id).map_or(0, |n| n.kids.len())
    }

    /// The node that asks for `var`, where all kids ask only for later facts.
    fn make(&mut self, var: Var, kids: Vec<Id>) -> Id {
        match kids.first() {
            None => return NO,
            Some(first) if kids.iter().all(|k| k == first) => return *first,
            _ => {}
        }
        if self.full || self.nodes.len() >= self.limit {
            self.full = true;
            return NO;
        }
        let (index, _) = self.nodes.insert_full(Node { var, kids: kids.into() });
        Id(index as u32 + 2)
    }

    /// What holds if, for each class of `var`, the kid of that class does; kids may ask for earlier facts too.
    pub fn case(&mut self, var: Var, kids: Vec<Id>) -> Id {
        let earliest =
            kids.iter().copied().filter(|k| self.top(*k).is_some_and(|v| v <= var)).min_by_key(|k| self.top(*k));
        let Some((first, top)) = earliest.and_then(|k| Some((k, self.top(k)?))) else { return self.make(var, kids) };
        let mut out = Vec::new();
        for class in 0..self.classes(first) {
            let below: Vec<Id> = kids.iter().map(|k| self.kid(*k, top, class)).collect();
            // The kid of a class that asks for `var` again stands for the one class that it is the kid of.
            out.push(if top == var { below.get(class).copied().unwrap_or(NO) } else { self.case(var, below) });
        }
        self.make(top, out)
    }

    /// True if `var` is of a class.
    pub fn is(&mut self, var: Var, class: usize, classes: usize) -> Id {
        self.make(var, (0..classes).map(|c| Diagrams::of(c == class)).collect())
    }

    /// Not.
    pub fn not(&mut self, id: Id) -> Id {
        match id {
            NO => return YES,
            YES => return NO,
            _ => {}
        }
        if let Some(known) = self.nots.get(&id) {
            return *known;
        }
        if self.full {
            return NO;
        }
        let Some(Node { var, kids }) = self.node(id).cloned() else { return NO };
        let kids = kids.iter().map(|k| self.not(*k)).collect();
        let out = self.make(var, kids);
        if !self.full {
            self.nots.insert(id, out);
            self.nots.insert(out, id);
        }
        out
    }

    /// Both.
    pub fn and(&mut self, a: Id, b: Id) -> Id {
        match (a.min(b), a.max(b)) {
            (NO, _) => NO,
            (YES, other) => other,
            (a, b) if a == b => a,
            (a, b) => {
                if let Some(known) = self.ands.get(&(a, b)) {
                    return *known;
                }
                if self.full {
                    return NO;
                }
                let (Some(x), Some(y)) = (self.top(a), self.top(b)) else { return NO };
                let var = x.min(y);
                let classes = if x == var { self.classes(a) } else { self.classes(b) };
                let kids = (0..classes).map(|c| self.and(self.kid(a, var, c), self.kid(b, var, c))).collect::<Vec<_>>();
                let out = self.make(var, kids);
                if !self.full {
                    self.ands.insert((a, b), out);
                }
                out
            }
        }
    }

    /// Either.
    pub fn or(&mut self, a: Id, b: Id) -> Id {
        let (a, b) = (self.not(a), self.not(b));
        let neither = self.and(a, b);
        self.not(neither)
    }

    /// The first and not the second.
    pub fn but(&mut self, a: Id, b: Id) -> Id {
        let not = self.not(b);
        self.and(a, not)
    }

    /// Whether it holds for some value of a fact.
    pub fn some(&mut self, id: Id, var: Var) -> Id {
        self.some_kept(id, var, &mut FxHashMap::default())
    }

    fn some_kept(&mut self, id: Id, var: Var, kept: &mut FxHashMap<Id, Id>) -> Id {
        let Some(Node { var: top, kids }) = self.node(id).cloned() else { return id };
        if top > var {
            return id;
        }
        if let Some(known) = kept.get(&id) {
            return *known;
        }
        let out = if top == var {
            kids.iter().fold(NO, |t, k| self.or(t, *k))
        } else {
            let kids = kids.iter().map(|k| self.some_kept(*k, var, kept)).collect();
            self.make(top, kids)
        };
        kept.insert(id, out);
        out
    }

    /// The facts on which it depends.
    pub fn support(&self, ids: &[Id]) -> BTreeSet<Var> {
        let mut seen = BTreeSet::new();
        let mut open = ids.to_vec();
        let mut out = BTreeSet::new();
        while let Some(id) = open.pop() {
            let Some(node) = self.node(id) else { continue };
            if seen.insert(id) {
                out.insert(node.var);
                open.extend(&node.kids);
            }
        }
        out
    }

    /// The facts on which some functions depend, each with the number of its classes.
    pub fn widths(&self, ids: &[Id]) -> BTreeMap<Var, usize> {
        let (mut out, mut seen, mut open) = (BTreeMap::new(), FxHashSet::default(), ids.to_vec());
        while let Some(id) = open.pop() {
            if let Some(node) = self.node(id)
                && seen.insert(id)
            {
                let width = out.entry(node.var).or_insert(0);
                *width = node.kids.len().max(*width);
                open.extend(&node.kids);
            }
        }
        out
    }

    /// Sets [`Diagrams::full`]: a question about these diagrams took too much work.
    pub fn give_up(&mut self) {
        self.full = true;
    }

    /// True if it is made of at most so many nodes.
    pub fn is_small(&self, id: Id, most: usize) -> bool {
        let (mut seen, mut open) = (FxHashSet::default(), vec![id]);
        while let Some(at) = open.pop() {
            if let Some(node) = self.node(at)
                && seen.insert(at)
            {
                if seen.len() > most {
                    return false;
                }
                open.extend(&node.kids);
            }
        }
        true
    }

    /// Whether it holds where each fact is of a class; one that has none does not matter.
    pub fn holds(&self, id: Id, classes: &dyn Fn(Var) -> Option<usize>) -> bool {
        let mut at = id;
        while let Some(node) = self.node(at) {
            at = classes(node.var).and_then(|class| node.kids.get(class)).copied().unwrap_or(NO);
        }
        at == YES
    }

    /// For each of the classes of a fact, whether it holds for some values of all other facts.
    pub fn classes_of(&self, id: Id, var: Var, classes: usize) -> Vec<bool> {
        let mut out = vec![false; classes];
        let mut seen = FxHashSet::default();
        let mut open = vec![id];
        while let Some(at) = open.pop() {
            if at == NO || !seen.insert(at) {
                continue;
            }
            match self.node(at) {
                Some(node) if node.var < var => open.extend(&node.kids),
                Some(node) if node.var == var => {
                    node.kids.iter().zip(&mut out).for_each(|(kid, o)| *o |= *kid != NO);
                }
                _ => out.fill(true),
            }
        }
        out
    }

    /// What is left of it once `var` is of a class.
    pub fn given(&mut self, id: Id, var: Var, class: usize) -> Id {
        self.given_kept(id, var, class, &mut FxHashMap::default())
    }

    fn given_kept(&mut self, id: Id, var: Var, class: usize, kept: &mut FxHashMap<Id, Id>) -> Id {
        let Some(Node { var: top, kids }) = self.node(id).cloned() else { return id };
        if top >= var {
            return self.kid(id, var, class);
        }
        if let Some(known) = kept.get(&id) {
            return *known;
        }
        let kids = kids.iter().map(|k| self.given_kept(*k, var, class, kept)).collect();
        let out = self.make(top, kids);
        kept.insert(id, out);
        out
    }

    /// Exactly one of the two.
    pub fn differ(&mut self, a: Id, b: Id) -> Id {
        let (first, second) = (self.but(a, b), self.but(b, a));
        self.or(first, second)
    }

    /// Of the ways in which it holds, one that costs least: for each fact asked for on the way, the class of its
    /// value. Of several the one with the earliest classes. `None` if it never holds.
    pub fn cheapest(&self, id: Id, cost: &dyn Fn(Var, usize) -> u32) -> Option<Way> {
        let mut kept: FxHashMap<Id, Option<(u32, usize)>> = FxHashMap::default();
        let total = self.least(id, cost, &mut kept)?;
        let mut way = Way { cost: total, choices: Vec::new() };
        let mut at = id;
        while let Some(node) = self.node(at) {
            let (_, class) = kept.get(&at).copied().flatten()?;
            way.choices.push((node.var, class));
            at = *node.kids.get(class)?;
        }
        Some(way)
    }

    fn least(
        &self,
        id: Id,
        cost: &dyn Fn(Var, usize) -> u32,
        kept: &mut FxHashMap<Id, Option<(u32, usize)>>,
    ) -> Option<u32> {
        let Some(node) = self.node(id) else { return if id == YES { Some(0) } else { None } };
        if let Some(known) = kept.get(&id) {
            return known.map(|(cost, _)| cost);
        }
        let each = node.kids.iter().enumerate();
        let each = each.filter_map(|(class, kid)| Some((self.least(*kid, cost, kept)? + cost(node.var, class), class)));
        let best = each.min();
        kept.insert(id, best);
        best.map(|(cost, _)| cost)
    }
}

/// One way in which a function holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// What it costs.
    pub cost: u32,
    /// The facts asked for, each with the class of its value.
    pub choices: Vec<(Var, usize)>,
}
