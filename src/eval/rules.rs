//! The rules of one policy on one goods item: which apply, which defeat which, and what follows.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::model::{Date, Duration, Effect, LicenceId, Otherwise, PolicyId, RuleId, RuleKind, Value, date};

use super::atom::{Reader, Whose};
use super::decision::Outcome;
use super::env::Slot;
use super::truth::Truth;

/// A policy on an item, read lazily.
pub struct Item<'r, 'a> {
    /// What reads conditions.
    pub reader: &'r Reader<'a>,
    /// The policy.
    pub policy: PolicyId,
    /// The goods item.
    pub item: u32,
    /// For each rule of the world, whether its claim is raised for this item; true where nothing need be claimed.
    pub raised: &'r [bool],
    /// For each rule of the world, the exceptions and bars that name it.
    pub defeaters: &'r [Vec<RuleId>],
    applies: RefCell<Vec<Option<Truth>>>,
    stands: RefCell<Vec<Option<Truth>>>,
}

impl<'r, 'a> Item<'r, 'a> {
    /// A policy on an item.
    pub fn new(
        reader: &'r Reader<'a>,
        policy: PolicyId,
        item: u32,
        raised: &'r [bool],
        defeaters: &'r [Vec<RuleId>],
    ) -> Self {
        let n = reader.world.rules.len();
        let (applies, stands) = (RefCell::new(vec![None; n]), RefCell::new(vec![None; n]));
        Item { reader, policy, item, raised, defeaters, applies, stands }
    }

    /// Whether the policy applies at all.
    pub fn policy_applies(&self) -> Truth {
        self.reader.cond(&self.reader.world.policies[self.policy.index()].applies, Whose::item(self.item))
    }

    /// Whether a rule applies, defeated or not.
    pub fn applies(&self, id: RuleId) -> Truth {
        if let Some(known) = self.applies.borrow()[id.index()] {
            return known;
        }
        let rule = self.reader.world.rule(id);
        let mut truth = Truth::No;
        if rule.in_force.on(self.reader.env.date) && self.raised[id.index()] {
            truth = self.reader.cond(&rule.cond, Whose::item(self.item));
            if rule.kind != RuleKind::Rule && truth.may() {
                truth = truth.and(|| rule.targets.iter().fold(Truth::No, |t, target| t.or(|| self.applies(*target))));
            }
        }
        self.applies.borrow_mut()[id.index()] = Some(truth);
        truth
    }

    /// Whether a rule applies and nothing undefeated defeats it.
    pub fn stands(&self, id: RuleId) -> Truth {
        if let Some(known) = self.stands.borrow()[id.index()] {
            return known;
        }
        let mut truth = self.applies(id);
        for defeater in &self.defeaters[id.index()] {
            if !truth.may() {
                break;
            }
            truth = truth.and(|| self.stands(*defeater).not());
        }
        self.stands.borrow_mut()[id.index()] = Some(truth);
        truth
    }

    /// The rules of the policy.
    pub fn rules(&self) -> impl Iterator<Item = RuleId> {
        self.reader.world.rules_of(self.policy).map(|(id, _)| id)
    }

    /// The outcome, or the fact that it waits for.
    ///
    /// The strictest effect of the rules that stand; where no rule with an effect does, what the policy says otherwise.
    pub fn outcome(&self) -> Result<Outcome, Slot> {
        match self.policy_applies() {
            Truth::Yes => {}
            Truth::No => return Ok(Outcome::NotApplicable),
            Truth::Unknown(slot) => return Err(slot),
        }
        let world = self.reader.world;
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
        let world = self.reader.world;
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

    /// Whether it may proceed: nothing prohibits, and every requirement is covered by a licence held.
    pub fn may_proceed(&self) -> Truth {
        let world = self.reader.world;
        self.policy_applies().not().or(|| {
            let mut some_effect = Truth::No;
            let mut all = Truth::Yes;
            for id in self.rules() {
                let Some(effect) = &world.rule(id).effect else { continue };
                let stands = self.stands(id);
                some_effect = some_effect.or(|| stands);
                all = all.and(|| match effect {
                    Effect::Prohibit => stands.not(),
                    Effect::Permit(_) => Truth::Yes,
                    Effect::Require(groups) => {
                        stands.not().or(|| groups.iter().fold(Truth::Yes, |t, group| t.and(|| self.covered(id, group))))
                    }
                });
            }
            let otherwise = world.policies[self.policy.index()].otherwise;
            all.and(|| if otherwise == Otherwise::Prohibit { some_effect } else { Truth::Yes })
        })
    }

    /// Whether some licence held covers a requirement that any of `group` satisfies.
    pub fn covered(&self, rule: RuleId, group: &[LicenceId]) -> Truth {
        (0..self.reader.env.held.len() as u32).fold(Truth::No, |t, held| {
            t.or(|| group.iter().fold(Truth::No, |t, l| t.or(|| self.covers(held, *l, rule))))
        })
    }

    /// True if a held licence is of that kind, by its name or its name after that of its policy.
    pub fn is_kind(&self, held: u32, licence: LicenceId) -> bool {
        let world = self.reader.world;
        let (licence, name) = (world.licence(licence), self.reader.env.held.get(held as usize));
        name.is_some_and(|n| {
            *n == licence.name || *n == format!("{}.{}", world.policies[licence.policy.index()].name, licence.name)
        })
    }

    /// Whether one held licence covers a requirement, if it is of that kind.
    pub fn covers(&self, held: u32, licence: LicenceId, rule: RuleId) -> Truth {
        if !self.is_kind(held, licence) {
            return Truth::No;
        }
        let found = self.reader.world.licence(licence);
        let whose = Whose { item: self.item, licence: Some(held) };
        let conditions = found.covers.as_ref().map_or(Truth::Yes, |c| self.reader.cond(c, whose));
        self.valid(held, licence).and(|| self.provision(held, rule)).and(|| conditions)
    }

    fn field(&self, held: u32, name: &str) -> Option<Slot> {
        self.reader.world.fact_named(name).map(|f| Slot::Licence(held, f))
    }

    fn day(&self, slot: Option<Slot>) -> Option<Date> {
        match self.reader.env.get(slot?).map(|k| &k.value) {
            Some(Value::Date(d)) => Some(*d),
            _ => None,
        }
    }

    /// Whether a held licence is valid on the day: issued, and not run out by its own date or its kind's duration.
    pub fn valid(&self, held: u32, licence: LicenceId) -> Truth {
        let today = self.reader.env.date;
        let (issued, expires) = (self.field(held, "licence.issued"), self.field(held, "licence.expires"));
        let issued_day = self.day(issued);
        if issued_day.is_some_and(|d| d > today) {
            return Truth::No;
        }
        let Some(duration) = self.reader.world.licence(licence).valid else { return Truth::Yes };
        if let Some(last) = self.day(expires) {
            return Truth::of(today <= last);
        }
        match (issued_day, expires) {
            (Some(day), _) => {
                let last = match duration {
                    Duration::Days(n) => date::add_days(day, n),
                    Duration::Months(n) => date::add_months(day, n),
                };
                Truth::of(last.is_none_or(|l| today <= l))
            }
            (None, Some(slot)) => Truth::Unknown(slot),
            (None, None) => Truth::Yes,
        }
    }

    /// Whether the provision that a licence names, if it names one, is that of the rule.
    fn provision(&self, held: u32, rule: RuleId) -> Truth {
        let rule = self.reader.world.rule(rule);
        match self.field(held, "licence.provision").and_then(|s| self.reader.env.get(s)).map(|k| &k.value) {
            Some(Value::Text(t)) => Truth::of(**t == *rule.name || **t == *rule.cite),
            _ => Truth::Yes,
        }
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
