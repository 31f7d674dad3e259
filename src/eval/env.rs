//! What is known while a consignment is decided: facts given, presumed, and chosen for a completion.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::model::{Case, ChartId, Date, FactId, GroupId, Level, PlaceId, PolicyId, Value, World};

/// One thing that can be known or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// A fact of the consignment.
    Shared(FactId),
    /// A fact of a goods item.
    Item(u32, FactId),
    /// A field of a held licence.
    Licence(u32, FactId),
    /// A cell of a chart that says nothing for a place.
    Cell(ChartId, u32, PlaceId),
    /// Membership of a place in a group that is not in force on the day.
    Group(GroupId, PlaceId),
    /// Whether a declared code that fits no entry is right, where no fact can say so.
    CodeRight(u32),
}

impl Slot {
    /// The fact, if it is one.
    pub fn fact(self) -> Option<FactId> {
        match self {
            Slot::Shared(f) | Slot::Item(_, f) | Slot::Licence(_, f) => Some(f),
            _ => None,
        }
    }
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The consignment says so.
    Given,
    /// A presumption.
    Presumed,
    /// Chosen for a completion.
    Chosen,
}

/// A value that is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// The value.
    pub value: Value,
    /// True if nothing narrower is meant: a code or broad value that was given may still be narrowed.
    pub exact: bool,
    /// Where it comes from.
    pub origin: Origin,
}

/// All that is known at one point of the search.
#[derive(Clone, Debug)]
pub struct Env {
    /// The day that picks the law.
    pub date: Date,
    shared: Vec<Option<Known>>,
    items: Vec<Vec<Option<Known>>>,
    licences: Vec<Vec<Option<Known>>>,
    /// The kinds of the licences held.
    pub held: Vec<String>,
    /// The day of issue of each licence held where the last day was not said: how long it runs is told from that,
    /// whatever last day a completion chooses. It is no last day that `covers` could read.
    pub issued_alone: Vec<Option<Date>>,
    /// Answers to what no fact can say.
    others: BTreeMap<Slot, bool>,
    /// For each item, for each policy: true while a description is presumed to fit the codes of its entries, where no
    /// code is given.
    pub code_fits: Vec<Vec<bool>>,
    /// For each fact, its place among the facts of its level.
    place: Vec<u32>,
    /// Values of unknown facts that comparisons must tell from others.
    noteworthy: BTreeMap<Slot, Value>,
    /// Presumed facts that were read, where that is noted.
    noted: Option<RefCell<Vec<Slot>>>,
}

impl Env {
    /// The facts given by a case, and nothing else.
    pub fn new(world: &World, case: &Case) -> Env {
        let mut counts = [0u32; 3];
        let index = |level: Level| match level {
            Level::Consignment => 0,
            Level::Goods => 1,
            Level::Licence => 2,
        };
        let mut place = Vec::with_capacity(world.facts.len());
        for fact in &world.facts {
            let count = &mut counts[index(fact.level)];
            place.push(*count);
            *count += 1;
        }
        let [shared, goods, licence] = counts.map(|n| n as usize);
        let mut env = Env {
            date: case.date,
            shared: vec![None; shared],
            items: vec![vec![None; goods]; case.items.len()],
            licences: vec![vec![None; licence]; case.licences.len()],
            held: case.licences.iter().map(|l| l.licence.clone()).collect(),
            issued_alone: Vec::new(),
            others: BTreeMap::new(),
            code_fits: vec![vec![true; world.policies.len()]; case.items.len()],
            place,
            noteworthy: BTreeMap::new(),
            noted: None,
        };
        let given = |value: &Value| Some(Known { value: value.clone(), exact: false, origin: Origin::Given });
        for (fact, value) in &case.facts {
            env.set(Slot::Shared(*fact), given(value));
        }
        for (i, item) in case.items.iter().enumerate() {
            for (fact, value) in item {
                env.set(Slot::Item(i as u32, *fact), given(value));
            }
        }
        for (i, held) in case.licences.iter().enumerate() {
            for (fact, value) in &held.fields {
                env.set(Slot::Licence(i as u32, *fact), given(value));
            }
        }
        env.issued_alone = env.issued_alone(world);
        env
    }

    /// The day of issue of each licence held of which the last day is not said.
    fn issued_alone(&self, world: &World) -> Vec<Option<Date>> {
        let (issued, expires) = (world.fact_named("licence.issued"), world.fact_named("licence.expires"));
        let given = |held: u32, fact: Option<FactId>| fact.and_then(|f| self.get(Slot::Licence(held, f)));
        let alone = |held: u32| match (given(held, issued).map(|k| &k.value), given(held, expires)) {
            (Some(Value::Date(day)), None) => Some(*day),
            _ => None,
        };
        (0..self.held.len() as u32).map(alone).collect()
    }

    /// How many goods items there are.
    pub fn item_count(&self) -> usize {
        self.items.len()
    }

    fn cell(&self, slot: Slot) -> Option<&Option<Known>> {
        let at = |f: FactId| self.place.get(f.index()).map_or(usize::MAX, |p| *p as usize);
        match slot {
            Slot::Shared(f) => self.shared.get(at(f)),
            Slot::Item(i, f) => self.items.get(i as usize)?.get(at(f)),
            Slot::Licence(i, f) => self.licences.get(i as usize)?.get(at(f)),
            _ => None,
        }
    }

    /// What is known of a fact.
    pub fn get(&self, slot: Slot) -> Option<&Known> {
        let known = self.cell(slot)?.as_ref()?;
        if let Some(noted) = &self.noted
            && known.origin == Origin::Presumed
        {
            noted.borrow_mut().push(slot);
        }
        Some(known)
    }

    /// Forgets what is known of a fact, but for this: that its value is one to be told from others.
    pub fn forget(&mut self, slot: Slot) {
        if let Some(known) = self.set(slot, None) {
            self.noteworthy.insert(slot, known.value);
        }
    }

    /// The facts that were forgotten.
    pub fn forgotten(&self) -> Vec<Slot> {
        self.noteworthy.keys().copied().collect()
    }

    /// The value of a fact that was forgotten.
    pub fn noteworthy(&self, slot: Slot) -> Option<&Value> {
        self.noteworthy.get(&slot)
    }

    /// From now on notes which presumed facts are read.
    pub fn note_presumed(&mut self) {
        self.noted = Some(RefCell::default());
    }

    /// The presumed facts that were read since the last time.
    pub fn take_noted(&self) -> Vec<Slot> {
        self.noted.as_ref().map(RefCell::take).unwrap_or_default()
    }

    /// Sets what is known of a fact, and gives what was known before.
    pub fn set(&mut self, slot: Slot, known: Option<Known>) -> Option<Known> {
        let at = |f: FactId| self.place.get(f.index()).map_or(usize::MAX, |p| *p as usize);
        let cell = match slot {
            Slot::Shared(f) => {
                let i = at(f);
                self.shared.get_mut(i)
            }
            Slot::Item(n, f) => {
                let i = at(f);
                self.items.get_mut(n as usize).and_then(|v| v.get_mut(i))
            }
            Slot::Licence(n, f) => {
                let i = at(f);
                self.licences.get_mut(n as usize).and_then(|v| v.get_mut(i))
            }
            other => {
                let before = self.others.remove(&other);
                if let Some(Known { value: Value::Bool(b), .. }) = known {
                    self.others.insert(other, b);
                }
                return before.map(|b| Known { value: Value::Bool(b), exact: true, origin: Origin::Chosen });
            }
        };
        cell.and_then(|c| std::mem::replace(c, known))
    }

    /// The answer to what no fact can say, if one was chosen.
    pub fn other(&self, slot: Slot) -> Option<bool> {
        self.others.get(&slot).copied()
    }

    /// True if something is known of it.
    pub fn is_known(&self, slot: Slot) -> bool {
        self.get(slot).is_some() || self.others.contains_key(&slot)
    }

    /// Whether the description of an item without a code is presumed to fit the codes of an entry of that policy; of an
    /// entry that all policies share, only while it is for all of them.
    pub fn code_fits(&self, item: u32, policy: Option<PolicyId>) -> bool {
        let Some(of) = self.code_fits.get(item as usize) else { return false };
        policy.map_or_else(|| of.iter().all(|fits| *fits), |p| of.get(p.index()) == Some(&true))
    }

    /// The facts of which something is known.
    pub fn slots(&self, world: &World) -> Vec<Slot> {
        let all = (0..world.facts.len() as u32).map(FactId);
        let slots = all.flat_map(|f| slots_of(world.fact(f).level, f, self.items.len(), self.licences.len()));
        slots.filter(|s| self.cell(*s).is_some_and(Option::is_some)).collect()
    }

    /// All presumed facts.
    pub fn presumed(&self, world: &World) -> Vec<Slot> {
        let mut out = Vec::new();
        for (i, fact) in world.facts.iter().enumerate() {
            if fact.presumed.is_none() {
                continue;
            }
            let id = FactId(i as u32);
            let slots: Vec<Slot> = slots_of(fact.level, id, self.items.len(), self.licences.len());
            out.extend(slots.into_iter().filter(|s| self.get(*s).is_some_and(|k| k.origin == Origin::Presumed)));
        }
        out
    }
}

/// All slots of a fact.
pub fn slots_of(level: Level, fact: FactId, items: usize, licences: usize) -> Vec<Slot> {
    match level {
        Level::Consignment => vec![Slot::Shared(fact)],
        Level::Goods => (0..items as u32).map(|i| Slot::Item(i, fact)).collect(),
        Level::Licence => (0..licences as u32).map(|i| Slot::Licence(i, fact)).collect(),
    }
}
