//! What was met under the law of some days, and how one goods item is decided there.

use rustc_hash::FxHashMap;

use crate::eval::Outcome;
use crate::eval::env::Env;
use crate::eval::verdict::Part;
use crate::model::{Case, FactId, PolicyId, Value};

use super::clerk::Bits;
use super::column::{Class, Says3, Seen, UNKNOWN};
use super::edition::Edition;
use super::reading::{FromClasses, Notes, Reading, Source, Without, class_of_presumed};
use super::run::{Room, Sum};
use super::scope::{Asked, Scope};
use super::tree::{Came, serial};

/// Above this many classes of a column, or answers that were asked for, what was met is forgotten.
const MEMORY: usize = 1 << 16;

/// How many new ways are met between looks at how much that is.
const OFTEN: u32 = 1 << 10;

/// So many choices of policies are kept side by side.
const TREES: usize = 8;

/// Asks whether the answer of a part leans on a presumed fact; none where that takes too much work.
pub type Ask<'q> = &'q mut dyn FnMut(FactId, &Part) -> Option<bool>;

/// What was met under one edition of the law.
#[derive(Debug)]
pub struct Desk {
    /// No two desks have the same: classes of one mean nothing at another.
    pub serial: u64,
    /// A consignment of which nothing is known, for reading tests of one value.
    pub nothing: Env,
    /// Where items are decided.
    pub work: Work,
    /// What came of items, by the policies asked.
    pub trees: Vec<Asked>,
    /// Whether all presumptions can be made together: asked before, by what is known of the facts in constraints.
    pub possible: FxHashMap<Box<[Class]>, bool>,
    /// What came where it had to be asked, by the tree, the item, and all that is given of all items.
    pub asked: FxHashMap<Box<[Class]>, Came>,
}

/// Where items are decided, one after the other.
#[derive(Debug)]
pub struct Work {
    /// By column, the classes that were met.
    pub seen: Vec<Seen>,
    /// By presumption, the class of what is presumed.
    presumed: Vec<Class>,
    /// By presumption, the class of the opposite, where that could be so whatever else is known.
    turned: Vec<Option<Class>>,
    room: Room,
    notes: Notes,
    /// How many items were worked out since it was looked at how much is kept.
    met: u32,
}

impl Desk {
    /// Nothing met yet.
    pub fn new(e: &Edition<'_>, bits: &Bits<'_>) -> Desk {
        let columns = e.columns.iter().enumerate();
        let products = &e.products[..e.indexed];
        let mut seen: Vec<Seen> = columns.map(|(n, c)| Seen::new(c, n as u16, products, &e.full)).collect();
        let nothing = Env::new(e.world, &Case::of_day(e.date));
        let (mut presumed, mut turned) = (Vec::new(), Vec::new());
        for p in &e.presumptions {
            let mut class = |value: &Value| {
                let reader = bits.reader(e.date, &nothing);
                p.column.map(|column| class_of_presumed(e, &mut seen, column, &reader, value))
            };
            presumed.push(class(&p.value).unwrap_or(UNKNOWN));
            turned.push(match p.value {
                Value::Bool(so) if !p.tied => class(&Value::Bool(!so)),
                _ => None,
            });
        }
        Desk {
            serial: serial(),
            nothing,
            work: Work { seen, presumed, turned, room: Room::new(e), notes: Notes::default(), met: 0 },
            trees: Vec::new(),
            possible: FxHashMap::default(),
            asked: FxHashMap::default(),
        }
    }

    /// True if so much was met that it is forgotten before more is; looked at only now and then.
    pub fn is_worn(&mut self) -> bool {
        if self.work.met < OFTEN {
            return false;
        }
        self.work.met = 0;
        self.possible.len().max(self.asked.len()) >= MEMORY
            || self.trees.iter().any(|a| a.tree.is_full())
            || self.work.seen.iter().any(|s| s.len() >= MEMORY)
    }

    /// The number of the tree for some policies.
    pub fn tree(&mut self, e: &Edition<'_>, policies: &[PolicyId]) -> usize {
        if let Some(at) = self.trees.iter().position(|a| *a.policies == *policies) {
            return at;
        }
        if self.trees.len() >= TREES {
            self.trees.clear();
            self.asked.clear();
        }
        self.trees.push(Asked::new(e, policies));
        self.trees.len() - 1
    }
}

impl Work {
    fn reading<'r, 'a, S: Source>(
        &'r mut self,
        e: &'r Edition<'a>,
        source: &'r mut S,
    ) -> (Reading<'r, 'a, S>, &'r mut Room) {
        self.notes.clear(e.columns.len());
        let reading = Reading {
            e,
            seen: &mut self.seen,
            source,
            notes: &mut self.notes,
            presumed: &self.presumed,
            turned: &self.turned,
            fits: false,
            without: Without::Nothing,
            used: Vec::new(),
            narrowed: Vec::new(),
            stopped: false,
        };
        (reading, &mut self.room)
    }

    /// The number of what comes of an item: found in the tree, or else worked out and kept there.
    #[inline]
    pub fn end<S: Source>(&mut self, e: &Edition<'_>, asked: &mut Asked, source: &mut S) -> u32 {
        let seen = &mut self.seen;
        match asked.tree.walk(|column| source.class(e, seen, column)) {
            Some(number) => number,
            None => {
                let came = self.come(e, asked, source, 0, None);
                asked.tree.keep(&self.notes.order, came)
            }
        }
    }

    /// What comes of a goods item of this number.
    pub fn come<S: Source>(
        &mut self,
        e: &Edition<'_>,
        Asked { policies, scope, .. }: &Asked,
        source: &mut S,
        item: u32,
        ask: Option<Ask<'_>>,
    ) -> Came {
        self.met += 1;
        let (mut facts, room) = self.reading(e, source);
        let mild = |p: &PolicyId| e.instruments.get(p.index()).is_some_and(|i| !i.known || i.never_milder);
        facts.fits = policies.iter().all(mild);
        let came = decide(room, &mut facts, (policies, scope), item, ask);
        if facts.stopped { Came::Open } else { came }
    }

    /// All that is given of an item.
    pub fn all<S: Source>(&mut self, e: &Edition<'_>, source: &mut S) -> Box<[Class]> {
        (0..e.columns.len()).map(|c| source.class(e, &mut self.seen, c as u16)).collect()
    }

    /// What is given, and what is known, of the columns that constraints read.
    pub fn tied(&mut self, e: &Edition<'_>, given: &[Class]) -> Vec<Class> {
        let mut source = FromClasses(given);
        let (mut facts, _) = self.reading(e, &mut source);
        e.tied.iter().flat_map(|c| [facts.given(*c), facts.known(*c)]).collect()
    }

    /// Whether a presumption is made of an item, its fact not being given.
    pub fn is_made(&mut self, e: &Edition<'_>, given: &[Class], presumption: usize) -> bool {
        let mut source = FromClasses(given);
        let (mut facts, _) = self.reading(e, &mut source);
        facts.is_made(presumption as u16)
    }
}

/// Decides a goods item as far as bits can tell.
fn decide<S: Source>(
    room: &mut Room,
    facts: &mut Reading<'_, '_, S>,
    (policies, scope): (&[PolicyId], &Scope),
    item: u32,
    mut ask: Option<Ask<'_>>,
) -> Came {
    let e = facts.e;
    let mut open = false;
    for c in &e.constraints {
        match facts.read(&c.holds, true) {
            Says3::Yes => {}
            Says3::Open => open = true,
            Says3::No => return Came::Open,
        }
        if facts.read(&c.holds, false) == Says3::No {
            return Came::Open;
        }
    }
    let narrows = !e.narrowing.is_empty();
    let stopped = facts.stopped;
    let first = settle(room, facts, (policies, scope), item, open, if narrows { None } else { ask.take() });
    if !narrows || matches!(first, Came::Settled(..)) && !facts.stopped {
        return first;
    }
    // What constraints leave of facts that are not known may settle it.
    facts.stopped = stopped;
    if facts.narrow().is_none() {
        return Came::Open;
    }
    settle(room, facts, (policies, scope), item, open, ask)
}

/// What the rules come to; `open` if it is not certain that all presumptions can be made.
fn settle<S: Source>(
    room: &mut Room,
    facts: &mut Reading<'_, '_, S>,
    (policies, scope): (&[PolicyId], &Scope),
    item: u32,
    open: bool,
    ask: Option<Ask<'_>>,
) -> Came {
    let e = facts.e;
    (facts.without, facts.used) = (Without::Nothing, Vec::new());
    room.run(facts, scope);
    let mut parts = Vec::with_capacity(policies.len());
    for policy in policies {
        let mut part = Part::of(*policy, item);
        let Some(Sum { outcome, may_proceed }) = room.sum(e, *policy) else { return Came::Open };
        (part.outcome, part.may_proceed) = (outcome, may_proceed);
        if outcome != Outcome::NotApplicable {
            if room.entries(e, *policy, &mut part.entries).is_none() {
                return Came::Open;
            }
            room.standing(e, *policy, &mut part.stands, &mut part.defeated);
        }
        parts.push(part);
    }
    match lean(room, facts, scope, &mut parts, ask) {
        Some(()) => Came::Settled(parts.into(), open),
        None => Came::Asks,
    }
}

/// Finds out anew what holds, with something left out.
fn again<S: Source>(room: &mut Room, facts: &mut Reading<'_, '_, S>, scope: &Scope) -> Option<()> {
    if !facts.narrowed.is_empty() {
        facts.narrow()?;
    }
    room.run(facts, scope);
    Some(())
}

/// The presumptions that the answers lean on: without one, the outcome or whether it may proceed could be otherwise.
///
/// A presumption that was not read bears on nothing. Where bits leave it open whether one does, `ask` is asked; none if
/// it is not there, or does not know.
fn lean<S: Source>(
    room: &mut Room,
    facts: &mut Reading<'_, '_, S>,
    scope: &Scope,
    parts: &mut [Part],
    mut ask: Option<Ask<'_>>,
) -> Option<()> {
    let e = facts.e;
    let mut used = std::mem::take(&mut facts.used);
    used.sort_unstable();
    used.dedup();
    if used.is_empty() || parts.iter().all(|p| p.outcome == Outcome::NotApplicable) {
        return Some(());
    }
    let sum = |p: &Part| Some(Sum { outcome: p.outcome, may_proceed: p.may_proceed });
    let spoken = |p: &Part| p.outcome != Outcome::NotApplicable;
    // What is settled without any of them is settled without each.
    facts.without = Without::All;
    again(room, facts, scope)?;
    if parts.iter().filter(|p| spoken(p)).all(|p| room.sum(e, p.policy) == sum(p)) {
        return Some(());
    }
    for p in used {
        facts.without = Without::One(p);
        again(room, facts, scope)?;
        let mut unsure: Vec<&mut Part> =
            parts.iter_mut().filter(|p| spoken(p) && room.sum(e, p.policy) != sum(p)).collect();
        if unsure.is_empty() {
            continue;
        }
        let fact = e.presumptions[usize::from(p)].fact;
        // Where the opposite could be so, and leads elsewhere, that is enough.
        if facts.turned[usize::from(p)].is_some() {
            facts.without = Without::Turned(p);
            again(room, facts, scope)?;
            let elsewhere = |p: &Part| room.sum(e, p.policy).is_some_and(|s| Some(s) != sum(p));
            for part in unsure.extract_if(.., |p| elsewhere(p)) {
                part.presumed.push(fact);
            }
        }
        for part in unsure {
            if ask.as_mut()?(fact, part)? {
                part.presumed.push(fact);
            }
        }
    }
    for part in parts.iter_mut().filter(|p| p.presumed.len() > 1) {
        let milder = |f: &FactId| e.world.fact(*f).presumed.as_ref().is_some_and(|p| p.milder);
        part.presumed.sort_by_key(|f| !milder(f));
    }
    Some(())
}
