//! The rules of one policy on one goods item: which apply, which defeat which, and what follows.

use std::cell::RefCell;
use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::model::{Duration, Effect, LicenceId, Otherwise, PolicyId, RuleId, RuleKind, Value, World, date};

use super::ask::Claims;
use super::atom::{Reader, Whose, cond};
use super::decision::Outcome;
use super::env::Slot;
use super::logic::{Logic, Piece};
use super::truth::Truth;

/// A policy on an item, read lazily.
pub struct Item<'r, L: Logic> {
    /// What the law is read in.
    pub logic: &'r L,
    /// The policy.
    pub policy: PolicyId,
    /// The goods item.
    pub item: u32,
    /// Which claims are raised.
    claims: Claims<'r>,
    /// For each rule of the world, the exceptions and bars that name it.
    pub defeaters: &'r [Vec<RuleId>],
    applies: RefCell<FxHashMap<RuleId, L::Truth>>,
    stands: RefCell<FxHashMap<RuleId, L::Truth>>,
}

impl<'r, L: Logic> Item<'r, L> {
    /// A policy on an item.
    pub fn new(logic: &'r L, policy: PolicyId, item: u32, claims: Claims<'r>, defeaters: &'r [Vec<RuleId>]) -> Self {
        Item { logic, policy, item, claims, defeaters, applies: RefCell::default(), stands: RefCell::default() }
    }

    /// What was declared.
    pub fn world(&self) -> &World {
        self.logic.start().world
    }

    /// Whether the policy applies at all.
    pub fn policy_applies(&self) -> L::Truth {
        cond(self.logic, &self.world().policies[self.policy.index()].applies, Whose::item(self.item))
    }

    /// Whether a rule applies, defeated or not.
    pub fn applies(&self, id: RuleId) -> L::Truth {
        if let Some(known) = self.applies.borrow().get(&id) {
            return *known;
        }
        let (l, rule) = (self.logic, self.world().rule(id));
        let truth = l.keep(Whose::item(self.item).key(Piece::Applies, id.index()), || {
            let truth = self.own(id);
            match rule.kind {
                RuleKind::Rule => truth,
                _ => l.and(truth, || rule.targets.iter().fold(l.of(false), |t, x| l.or(t, || self.applies(*x)))),
            }
        });
        self.applies.borrow_mut().insert(id, truth);
        truth
    }

    /// Whether what a rule itself says is so: it is in force, its claim is raised, and its condition holds.
    pub fn own(&self, id: RuleId) -> L::Truth {
        let (l, rule) = (self.logic, self.world().rule(id));
        if !rule.in_force.on(l.start().env.date) {
            return l.of(false);
        }
        let whose = Whose::item(self.item);
        l.and(self.raised(id), || {
            l.plainly(&|reader| cond(reader, &rule.cond, whose)).unwrap_or_else(|| cond(l, &rule.cond, whose))
        })
    }

    /// Whether the claim that a rule asks for is raised, if it asks for one.
    fn raised(&self, id: RuleId) -> L::Truth {
        let l = self.logic;
        match (self.claims, &self.world().rule(id).claimed) {
            (Claims::Found(raised), _) => l.of(raised[self.item as usize][id.index()]),
            (Claims::WhereSo, None) => l.of(true),
            (Claims::WhereSo, Some(claim)) => cond(l, claim, Whose::item(self.item)),
        }
    }

    /// Whether a rule applies and nothing undefeated defeats it.
    pub fn stands(&self, id: RuleId) -> L::Truth {
        if let Some(known) = self.stands.borrow().get(&id) {
            return *known;
        }
        let l = self.logic;
        let truth = l.keep(Whose::item(self.item).key(Piece::Stands, id.index()), || {
            let defeaters = &self.defeaters[id.index()];
            defeaters.iter().fold(self.applies(id), |t, d| l.and(t, || l.not(self.stands(*d))))
        });
        self.stands.borrow_mut().insert(id, truth);
        truth
    }

    /// Whether any of some rules stands, in a policy that applies.
    pub fn any_stands(&self, rules: &[RuleId]) -> L::Truth {
        let l = self.logic;
        l.and(self.policy_applies(), || rules.iter().fold(l.of(false), |t, id| l.or(t, || self.stands(*id))))
    }

    /// The rules of the policy.
    pub fn rules(&self) -> impl Iterator<Item = RuleId> {
        self.world().rules_of(self.policy).map(|(id, _)| id)
    }

    /// Whether the outcome is at least that strict, in the order of [`Outcome`].
    pub fn at_least(&self, outcome: Outcome) -> L::Truth {
        let l = self.logic;
        let of = |wanted: &dyn Fn(Outcome) -> bool| {
            let effects =
                self.world().rules_of(self.policy).filter_map(|(id, r)| Some((id, outcome_of(r.effect.as_ref()?))));
            effects.filter(|(_, e)| wanted(*e)).fold(l.of(false), |t, (id, _)| l.or(t, || self.stands(id)))
        };
        match outcome {
            Outcome::NotApplicable => l.of(true),
            Outcome::Permitted => self.policy_applies(),
            stricter => l.and(self.policy_applies(), || {
                let by_rule = of(&|e| e >= stricter);
                match self.world().policies[self.policy.index()].otherwise {
                    Otherwise::Permit => by_rule,
                    Otherwise::Prohibit => l.or(by_rule, || l.not(of(&|_| true))),
                }
            }),
        }
    }

    /// Whether it may proceed: nothing prohibits, and every requirement is covered by a licence held.
    pub fn may_proceed(&self) -> L::Truth {
        let (l, world) = (self.logic, self.world());
        l.or(l.not(self.policy_applies()), || {
            let (mut some_effect, mut all) = (l.of(false), l.of(true));
            for (id, rule) in world.rules_of(self.policy) {
                let Some(effect) = &rule.effect else { continue };
                let stands = self.stands(id);
                some_effect = l.or(some_effect, || stands);
                all = l.and(all, || match effect {
                    Effect::Prohibit => l.not(stands),
                    Effect::Permit(_) => l.of(true),
                    Effect::Require(groups) => l.or(l.not(stands), || {
                        groups.iter().fold(l.of(true), |t, group| l.and(t, || self.covered(id, group)))
                    }),
                });
            }
            let otherwise = world.policies[self.policy.index()].otherwise;
            l.and(all, || if otherwise == Otherwise::Prohibit { some_effect } else { l.of(true) })
        })
    }

    /// Whether some licence held covers a requirement that any of `group` satisfies.
    pub fn covered(&self, rule: RuleId, group: &[LicenceId]) -> L::Truth {
        let l = self.logic;
        (0..l.start().env.held.len() as u32).fold(l.of(false), |t, held| {
            l.or(t, || group.iter().fold(l.of(false), |t, x| l.or(t, || self.covers(held, *x, rule))))
        })
    }

    /// True if a held licence is of that kind, by its name or its name after that of its policy.
    pub fn is_kind(&self, held: u32, licence: LicenceId) -> bool {
        let world = self.world();
        self.logic.start().env.held.get(held as usize).is_some_and(|name| world.is_kind(name, world.licence(licence)))
    }

    /// Whether one held licence covers a requirement, if it is of that kind.
    pub fn covers(&self, held: u32, licence: LicenceId, rule: RuleId) -> L::Truth {
        let l = self.logic;
        if !self.is_kind(held, licence) {
            return l.of(false);
        }
        let whose = Whose { item: self.item, licence: Some(held) };
        let named = l.and(self.valid(held, licence), || self.provision(held, rule));
        l.and(named, || self.world().licence(licence).covers.as_ref().map_or(l.of(true), |c| cond(l, c, whose)))
    }

    /// Whether a held licence is valid on the day: issued, and not run out by its own date or its kind's duration.
    pub fn valid(&self, held: u32, licence: LicenceId) -> L::Truth {
        let key = Whose { item: 0, licence: Some(held) }.key(Piece::Valid, licence.index());
        self.logic.ask(key, &|reader| valid(reader, held, licence))
    }

    /// Whether the provision that a licence names, if it names one, is that of the rule.
    fn provision(&self, held: u32, rule: RuleId) -> L::Truth {
        let key = Whose { item: 0, licence: Some(held) }.key(Piece::Provision, rule.index());
        self.logic.ask(key, &|reader| {
            let rule = reader.world.rule(rule);
            match field(reader, held, "licence.provision").and_then(|s| reader.env.get(s)).map(|k| &k.value) {
                Some(Value::Text(t)) => Truth::of(**t == *rule.name || **t == *rule.cite),
                _ => Truth::Yes,
            }
        })
    }
}

fn field(reader: &Reader<'_>, held: u32, name: &str) -> Option<Slot> {
    reader.world.fact_named(name).map(|f| Slot::Licence(held, f))
}

/// A day of issue that is not said has come, since the licence is held.
fn valid(reader: &Reader<'_>, held: u32, licence: LicenceId) -> Truth {
    let day = |slot: Slot| match reader.env.get(slot).map(|k| &k.value) {
        Some(Value::Date(d)) => Some(*d),
        _ => None,
    };
    let today = reader.env.date;
    if field(reader, held, "licence.issued").and_then(day).is_some_and(|d| d > today) {
        return Truth::No;
    }
    // Law with durations and no fact for the last day is refused.
    let (Some(duration), Some(slot)) = (reader.world.licence(licence).valid, field(reader, held, "licence.expires"))
    else {
        return Truth::Yes;
    };
    let last = match reader.env.issued_alone.get(held as usize).copied().flatten() {
        Some(issued) => match duration {
            Duration::Days(n) => date::add_days(issued, n),
            Duration::Months(n) => date::add_months(issued, n),
        },
        None => day(slot),
    };
    last.map_or(Truth::Unknown(slot), |last| Truth::of(today <= last))
}

/// In three truth values, where a fact that is waited for has a name.
impl Item<'_, Reader<'_>> {
    /// The outcome, or the fact that it waits for.
    ///
    /// The strictest effect of the rules that stand; where no rule with an effect does, what the policy says otherwise.
    pub fn outcome(&self) -> Result<Outcome, Slot> {
        match self.policy_applies() {
            Truth::Yes => {}
            Truth::No => return Ok(Outcome::NotApplicable),
            Truth::Unknown(slot) => return Err(slot),
        }
        let world = self.logic.world;
        let (mut floor, mut open): (Option<Outcome>, Vec<(Outcome, Slot)>) = (None, Vec::new());
        for id in self.rules() {
            let Some(effect) = world.rule(id).effect.as_ref().map(outcome_of) else { continue };
            match self.stands(id) {
                Truth::Yes => floor = floor.max(Some(effect)),
                Truth::No => {}
                Truth::Unknown(slot) => open.push((effect, slot)),
            }
        }
        let settled = floor.unwrap_or(match world.policies[self.policy.index()].otherwise {
            Otherwise::Permit => Outcome::Permitted,
            Otherwise::Prohibit => Outcome::Prohibited,
        });
        // With no rule standing for certain, any rule that may stand replaces what holds otherwise.
        let matters = |e: Outcome| if floor.is_some() { e > settled } else { e != settled };
        match open.into_iter().filter(|(e, _)| matters(*e)).max_by_key(|(e, _)| *e) {
            Some((_, slot)) => Err(slot),
            None => Ok(settled),
        }
    }

    /// The outcomes that cannot be ruled out by what is known.
    pub fn outcome_bounds(&self) -> BTreeSet<Outcome> {
        let world = self.logic.world;
        let applies = self.policy_applies();
        let mut out = BTreeSet::new();
        if applies != Truth::Yes {
            out.insert(Outcome::NotApplicable);
        }
        if applies == Truth::No {
            return out;
        }
        let (mut floor, mut open): (Option<Outcome>, BTreeSet<Outcome>) = (None, BTreeSet::new());
        for id in self.rules() {
            let Some(effect) = world.rule(id).effect.as_ref().map(outcome_of) else { continue };
            match self.stands(id) {
                Truth::Yes => floor = floor.max(Some(effect)),
                Truth::No => {}
                Truth::Unknown(_) => {
                    open.insert(effect);
                }
            }
        }
        let settled = floor.unwrap_or(match world.policies[self.policy.index()].otherwise {
            Otherwise::Permit => Outcome::Permitted,
            Otherwise::Prohibit => Outcome::Prohibited,
        });
        out.insert(settled);
        out.extend(open.into_iter().filter(|e| floor.is_none_or(|f| *e > f)));
        out
    }
}

/// The outcome that an effect leads to.
pub fn outcome_of(effect: &Effect) -> Outcome {
    match effect {
        Effect::Prohibit => Outcome::Prohibited,
        Effect::Require(_) => Outcome::LicenceRequired,
        Effect::Permit(_) => Outcome::Permitted,
    }
}
