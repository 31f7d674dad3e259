//! What the law can tell apart: values of facts as classes, days as spans in which nothing changes.
//!
//! Two rows whose facts have the same classes on days of the same span have the same flat decision, so it is worked out
//! once. A class is a number given to what the tests of the law answer (`eval`'s classes); a value that must be told
//! from every other is a class of its own. Numbers are given as they come and have no meaning but to be equal or not.

use std::collections::BTreeSet;
use std::sync::Mutex;

use rustc_hash::FxHashMap;

use crate::analyze::same::boundaries;
use crate::eval::Evaluator;
use crate::eval::classes::all_conditions;
use crate::eval::env::Env;
use crate::model::{Case, Date, FactId, Held, Value, World};

/// The most classes that are kept; what comes after is decided by itself, which is slow and right.
const MAX_CLASSES: usize = 200_000;

/// What is kept in place of a number where there are too many.
pub(super) const NONE: u32 = u32::MAX;

/// What has a number.
#[derive(PartialEq, Eq, Hash)]
enum Token {
    /// A value told from all others.
    Own(FactId, Value),
    /// What the tests of the law answer.
    Alike(FactId, Vec<u8>),
    /// A day.
    Day(Date),
    /// A held licence.
    Held(String, Vec<(FactId, Value)>),
}

/// The law, asked only what it can tell apart.
pub(super) struct Law {
    /// For each fact, whether a condition reads it.
    read: Vec<bool>,
    /// For each fact, those it is compared with.
    compared: Vec<Vec<FactId>>,
    /// The days on which something changes.
    turns: Vec<Date>,
    numbers: Mutex<FxHashMap<Token, u32>>,
}

impl Law {
    pub(super) fn new(evaluator: &Evaluator<'_>) -> Law {
        let world = evaluator.world;
        let classes = &evaluator.classes;
        let mut read = vec![false; world.facts.len()];
        let mut facts = BTreeSet::new();
        all_conditions(world).for_each(|c| classes.facts_of(c, &mut facts));
        facts.extend(world.categories.iter().flat_map(|c| c.codes.iter().map(|(f, _)| *f)));
        facts.extend(["goods.code_confirmed", "date"].iter().filter_map(|n| world.fact_named(n)));
        facts.iter().for_each(|f| read[f.index()] = true);
        let ids = || (0..world.facts.len() as u32).map(FactId);
        Law {
            read,
            compared: ids().map(|f| classes.compared(f).iter().copied().collect()).collect(),
            turns: boundaries(world, world).into_iter().collect(),
            numbers: Mutex::new(FxHashMap::default()),
        }
    }

    /// Whether any condition reads a fact.
    pub(super) fn reads(&self, fact: FactId) -> bool {
        self.read[fact.index()]
    }

    /// The facts that one is compared with.
    pub(super) fn compared(&self, fact: FactId) -> &[FactId] {
        &self.compared[fact.index()]
    }

    /// The span of days in which nothing changes; even numbers, so that they are no class of another kind.
    pub(super) fn span(&self, day: Date) -> u32 {
        self.turns.partition_point(|d| *d <= day) as u32
    }

    fn number(&self, token: Token) -> u32 {
        let Ok(mut numbers) = self.numbers.lock() else { return NONE };
        if let Some(n) = numbers.get(&token) {
            return *n;
        }
        let n = numbers.len();
        if n >= MAX_CLASSES {
            return NONE;
        }
        numbers.insert(token, n as u32);
        n as u32
    }

    /// The number of a value by itself.
    pub(super) fn own(&self, fact: FactId, value: &Value) -> u32 {
        self.number(Token::Own(fact, value.clone()))
    }

    /// The number of a day by itself.
    pub(super) fn day(&self, day: Date) -> u32 {
        self.number(Token::Day(day))
    }

    /// The number of a held licence.
    pub(super) fn held(&self, held: &Held) -> u32 {
        self.number(Token::Held(held.licence.clone(), held.fields.iter().map(|(f, v)| (*f, v.clone())).collect()))
    }

    /// The number of the class of a value on a day.
    pub(super) fn class(&self, evaluator: &Evaluator<'_>, fact: FactId, value: &Value, day: Date) -> u32 {
        let env = Env::new(evaluator.world, &empty(day));
        match evaluator.classes.as_given(&env, fact, value) {
            Some(alike) => self.number(Token::Alike(fact, alike)),
            None => self.own(fact, value),
        }
    }
}

/// A consignment of which nothing is known but the day.
pub(super) fn empty(day: Date) -> Case {
    Case::of_day(day)
}

/// The facts of a world by name.
pub(super) fn by_name(world: &World) -> FxHashMap<&str, FactId> {
    world.facts.iter().enumerate().map(|(i, f)| (f.name.as_str(), FactId(i as u32))).collect()
}
