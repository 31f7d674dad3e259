//! Which of several questions tells most: what each answer to it would leave open.
//!
//! The facts that can still change a decision are found exactly elsewhere; this only puts them in order, so it may be
//! rough where that is cheap: it reads the law in three truth values with one fact added, and completes nothing. For
//! each class of a fact's values it counts the facts that open rules and entries would then still wait for.
//!
//! It counts, never measures time, and draws nothing at random: the same consignment gives the same order.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::model::{Atom, AtomKind, Case, Cond, Effect, FactId, Level, Otherwise, PolicyId, RuleId, RuleKind, Value};

use super::atom::Whose;
use super::category;
use super::decide::Evaluator;
use super::decision::Outcome;
use super::env::{Env, Known, Origin, Slot, slots_of};
use super::rules::outcome_of;
use super::truth::Truth;

/// What the answers to one fact would leave open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Worth {
    /// The fact.
    pub fact: FactId,
    /// How many kinds of answer it has: classes of its values that no constraint excludes.
    pub answers: u32,
    /// The facts still waited for, added up over the answers.
    pub left: u64,
}

impl Worth {
    /// Compares what is left on average: less is better.
    pub fn compare(&self, other: &Worth) -> std::cmp::Ordering {
        let (a, b) = (self.left * u64::from(other.answers.max(1)), other.left * u64::from(self.answers.max(1)));
        a.cmp(&b)
    }
}

/// An open rule or entry, and the facts that it waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waits {
    /// The policy, by its number in the world.
    pub policy: PolicyId,
    /// What waits: `rule`, `entry`, or the `policy` itself.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its citation.
    pub cite: Option<String>,
    /// The facts.
    pub facts: BTreeSet<FactId>,
}

impl Evaluator<'_> {
    /// What each of some facts of one goods item (or of the consignment) is worth, in the order given.
    ///
    /// Facts in `closed` will not be answered and count as no question that is left.
    pub fn rank(&self, case: &Case, item: u32, facts: &[FactId], closed: &BTreeSet<FactId>) -> Vec<Worth> {
        let mut env = self.guessed(case);
        let reader = self.reader(&env);
        let slots: Vec<Slot> = facts.iter().map(|f| reader.slot(*f, Whose::item(item))).collect();
        let base = Base::new(self, &env, item);
        let mut out = Vec::new();
        for (fact, slot) in facts.iter().copied().zip(slots) {
            let mut worth = Worth { fact, answers: 0, left: 0 };
            let before = env.get(slot).cloned();
            // What is presumed is taken back, and what it settled with it.
            let stays = before.as_ref().is_none_or(|k| k.origin != Origin::Presumed);
            for known in self.classes.values(&env, slot).iter() {
                env.set(slot, Some(known.clone()));
                if self.allows(&env, fact, item) {
                    let mut open = Survey::changed(self, &env, item, (&base, stays), fact).open();
                    open.retain(|f| *f != fact && !closed.contains(f));
                    worth.answers += 1;
                    worth.left += open.len() as u64;
                }
                env.set(slot, before.clone());
            }
            out.push(worth);
        }
        out
    }

    /// One value of each class of a fact, for one goods item or held licence (by `number`) if it is about those.
    pub fn values_of(&self, case: &Case, fact: FactId, number: u32) -> Vec<Value> {
        let env = Env::new(self.world, case);
        let slot = match self.world.fact(fact).level {
            Level::Consignment => Slot::Shared(fact),
            Level::Goods => Slot::Item(number, fact),
            Level::Licence => Slot::Licence(number, fact),
        };
        self.classes.values(&env, slot).iter().map(|k| k.value.clone()).collect()
    }

    /// The rules and entries that are open for one goods item, each with the facts it waits for.
    pub fn waiting_for(&self, case: &Case, item: u32) -> Vec<Waits> {
        let env = self.guessed(case);
        let base = Base::new(self, &env, item);
        Survey { base: Some((&base, true)), ..Survey::of(self, &env, item) }.waits()
    }

    /// What is given, and what is presumed unless the facts given say otherwise.
    fn guessed(&self, case: &Case) -> Env {
        let mut env = Env::new(self.world, case);
        let given = env.clone();
        let reader = self.reader(&given);
        for (i, fact) in self.world.facts.iter().enumerate() {
            let Some(presumption) = &fact.presumed else { continue };
            for slot in slots_of(fact.level, FactId(i as u32), given.item_count(), given.held.len()) {
                let item = if let Slot::Item(n, _) = slot { n } else { 0 };
                let unless = |c: &Cond| reader.cond(c, Whose::item(item)) == Truth::Yes;
                if given.get(slot).is_none() && !presumption.unless.as_ref().is_some_and(unless) {
                    let known = Known { value: presumption.value.clone(), exact: true, origin: Origin::Presumed };
                    env.set(slot, Some(known));
                }
            }
        }
        env
    }

    /// False if a constraint that reads a fact is broken.
    fn allows(&self, env: &Env, fact: FactId, item: u32) -> bool {
        let reader = self.reader(env);
        let all = self.world.constraints.iter().enumerate();
        let reading = all.filter(|(i, c)| c.in_force.on(env.date) && self.classes.constraint_facts[*i].contains(&fact));
        reading.into_iter().all(|(_, c)| reader.cond(&c.cond, Whose::item(item)).may())
    }
}

/// What is found of one way down a list.
#[derive(Clone)]
struct Found {
    truth: Truth,
    /// The facts it waits for, where it is open.
    open: BTreeSet<FactId>,
}

/// What is found before any fact is added.
struct Base {
    /// Of all ways down all lists.
    leaves: Vec<Found>,
    /// Of the condition of each rule, where it is settled.
    rules: Vec<Option<Truth>>,
}

impl Base {
    fn new(evaluator: &Evaluator<'_>, env: &Env, item: u32) -> Base {
        let bare = Survey::of(evaluator, env, item);
        let leaves = (0..evaluator.classes.lists.leaves.len()).map(|i| bare.leaf(i)).collect();
        let mut base = Base { leaves, rules: Vec::new() };
        let survey = Survey { base: Some((&base, false)), ..bare };
        let settled = |c: &Cond| Some(survey.truth(c)).filter(|t| !matches!(t, Truth::Unknown(_)));
        base.rules = evaluator.world.rules.iter().map(|r| settled(&r.cond)).collect();
        base
    }
}

/// One reading of the law for one item.
struct Survey<'s, 'a> {
    evaluator: &'s Evaluator<'a>,
    env: &'s Env,
    item: u32,
    /// What was found before, once the lists were read; true if what it settled stays as it is.
    base: Option<(&'s Base, bool)>,
    /// The ways down that are otherwise now.
    changed: FxHashMap<usize, Found>,
}

impl<'s, 'a> Survey<'s, 'a> {
    /// A reading of which nothing is found yet.
    fn of(evaluator: &'s Evaluator<'a>, env: &'s Env, item: u32) -> Self {
        Survey { evaluator, env, item, base: None, changed: FxHashMap::default() }
    }

    /// A reading with one more fact known: only what reads it, and was not settled without it, is read anew.
    fn changed(
        evaluator: &'s Evaluator<'a>,
        env: &'s Env,
        item: u32,
        (base, stays): (&'s Base, bool),
        fact: FactId,
    ) -> Self {
        let mut survey = Survey { base: Some((base, stays)), ..Survey::of(evaluator, env, item) };
        for (i, leaf) in evaluator.classes.lists.leaves.iter().enumerate() {
            let open = !stays || matches!(base.leaves[i].truth, Truth::Unknown(_));
            if open && (leaf.facts.contains(&fact) || Some(fact) == evaluator.code_confirmed) {
                let found = survey.leaf(i);
                survey.changed.insert(i, found);
            }
        }
        survey
    }

    /// What is found of a way down; none while the lists themselves are read.
    fn found(&self, index: usize) -> Option<&Found> {
        self.changed.get(&index).or_else(|| self.base?.0.leaves.get(index))
    }

    /// True while the lists themselves are read.
    fn is_bare(&self) -> bool {
        self.base.is_none_or(|(base, _)| base.leaves.is_empty())
    }

    /// Whether the condition of a rule holds.
    fn rule(&self, id: RuleId) -> Truth {
        let before = self.base.filter(|(_, stays)| *stays).and_then(|(base, _)| *base.rules.get(id.index())?);
        before.unwrap_or_else(|| self.truth(&self.evaluator.world.rule(id).cond))
    }

    fn leaf(&self, index: usize) -> Found {
        let leaf = &self.evaluator.classes.lists.leaves[index];
        let reader = self.evaluator.reader(self.env);
        let mut open = BTreeSet::new();
        if !leaf.on(self.env.date) {
            return Found { truth: Truth::No, open };
        }
        let truth = category::leaf_holds(&reader, leaf, self.item);
        if let Truth::Unknown(_) = truth {
            for c in &leaf.conditions {
                self.facts(c, &mut open);
            }
            match category::look(&reader, leaf, self.item).code {
                Truth::Yes => {}
                Truth::No => open.extend(self.evaluator.code_confirmed),
                Truth::Unknown(slot) => open.extend(slot.fact()),
            }
        }
        Found { truth, open }
    }

    /// A condition, with entries taken from what was found of them.
    fn truth(&self, cond: &Cond) -> Truth {
        let whose = Whose::item(self.item);
        match cond {
            Cond::All(list) => list.iter().fold(Truth::Yes, |t, c| t.and(|| self.truth(c))),
            Cond::Any(list) => list.iter().fold(Truth::No, |t, c| t.or(|| self.truth(c))),
            Cond::Not(inner) => self.truth(inner).not(),
            Cond::Atom(Atom { kind: AtomKind::In(_), .. }) => {
                self.found_below(cond).fold(Truth::No, |t, f| t.or(|| f.truth))
            }
            Cond::Atom(Atom { kind: AtomKind::Means(f), .. }) => self.means(*f).map_or(Truth::No, |c| self.truth(c)),
            other => self.evaluator.reader(self.env).cond(other, whose),
        }
    }

    fn means(&self, fact: FactId) -> Option<&'a Cond> {
        let versions = &self.evaluator.world.fact(fact).means;
        versions.iter().find(|(days, _)| days.on(self.env.date)).map(|(_, c)| c)
    }

    /// The ways down of the categories that an atom names; while the lists themselves are read there are none.
    fn below(&self, cond: &Cond) -> impl Iterator<Item = usize> {
        let mut out = Vec::new();
        if let Cond::Atom(Atom { kind: AtomKind::In(cats), .. }) = cond
            && !self.is_bare()
        {
            for id in cats {
                out.extend(self.evaluator.classes.lists.indices(*id));
            }
        }
        out.into_iter()
    }

    fn found_below(&self, cond: &Cond) -> impl Iterator<Item = &Found> {
        self.below(cond).filter_map(|i| self.found(i))
    }

    /// The facts that keep a condition open.
    fn facts(&self, cond: &Cond, out: &mut BTreeSet<FactId>) {
        let reader = self.evaluator.reader(self.env);
        let whose = Whose::item(self.item);
        let whole = if self.is_bare() { reader.cond(cond, whose) } else { self.truth(cond) };
        let Truth::Unknown(_) = whole else { return };
        match cond {
            Cond::All(list) | Cond::Any(list) => list.iter().for_each(|c| self.facts(c, out)),
            Cond::Not(inner) => self.facts(inner, out),
            Cond::Atom(atom) => match &atom.kind {
                AtomKind::Fact(f, _)
                | AtomKind::Elements { fact: f, .. }
                | AtomKind::Empty(f)
                | AtomKind::Includes(f) => {
                    out.insert(*f);
                }
                AtomKind::Facts(a, _, b) => {
                    out.extend([*a, *b].into_iter().filter(|f| !self.env.is_known(reader.slot(*f, whose))));
                }
                AtomKind::Means(f) => self.means(*f).into_iter().for_each(|c| self.facts(c, out)),
                AtomKind::In(_) => {
                    self.found_below(cond).for_each(|f| out.extend(&f.open));
                    if let (true, Truth::Unknown(slot)) = (self.is_bare(), whole) {
                        out.extend(slot.fact());
                    }
                }
                AtomKind::CodedUnder(_) => {
                    if let Truth::Unknown(slot) = whole {
                        out.extend(slot.fact());
                    }
                }
            },
        }
    }

    /// The facts that anything still waits for which can change an outcome.
    fn open(&self) -> BTreeSet<FactId> {
        self.waits().into_iter().flat_map(|w| w.facts).collect()
    }

    fn waits(&self) -> Vec<Waits> {
        let world = self.evaluator.world;
        let policies = (0..world.policies.len() as u32).map(PolicyId);
        let known = policies.filter(|p| world.policies[p.index()].known.contains(self.env.date));
        known.flat_map(|p| self.policy(p)).collect()
    }

    /// What is open of one policy.
    fn policy(&self, policy: PolicyId) -> Vec<Waits> {
        let world = self.evaluator.world;
        let found = &world.policies[policy.index()];
        let applies = self.truth(&found.applies);
        let mut out = Vec::new();
        if applies == Truth::No {
            return out;
        }
        let mut facts = BTreeSet::new();
        self.facts(&found.applies, &mut facts);
        if !facts.is_empty() {
            let (name, title) = (found.name.clone(), found.title.clone());
            out.push(Waits { policy, kind: "policy", name, title, cite: None, facts });
        }
        let rules = Rules::new(self);
        let (mut floor, mut open) = (None, Vec::new());
        for (id, rule) in world.rules_of(policy) {
            let Some(effect) = rule.effect.as_ref().map(outcome_of) else { continue };
            match rules.stands(id) {
                Truth::Yes => floor = floor.max(Some(effect)),
                Truth::No => {}
                Truth::Unknown(_) => open.push((id, effect)),
            }
        }
        let settled = floor.unwrap_or(match found.otherwise {
            Otherwise::Permit => Outcome::Permitted,
            Otherwise::Prohibit => Outcome::Prohibited,
        });
        let matters = |e: Outcome| if floor.is_some() { e > settled } else { e != settled };
        // What may still change the outcome, and everything that may defeat it.
        let mut wanted: Vec<RuleId> = open.into_iter().filter(|(_, e)| matters(*e)).map(|(id, _)| id).collect();
        let mut seen: BTreeSet<RuleId> = BTreeSet::new();
        let mut categories = BTreeSet::new();
        while let Some(id) = wanted.pop() {
            if !rules.applies(id).may() || !seen.insert(id) {
                continue;
            }
            wanted.extend(&self.evaluator.defeaters[id.index()]);
            if world.rule(id).kind != RuleKind::Rule {
                wanted.extend(&world.rule(id).targets);
            }
        }
        for id in seen {
            let rule = world.rule(id);
            let mut facts = BTreeSet::new();
            self.facts(&rule.cond, &mut facts);
            self.entries(&rule.cond, &mut categories);
            if !facts.is_empty() {
                let (name, title, cite) = (rule.name.clone(), rule.title.clone(), Some(rule.cite.clone()));
                out.push(Waits { policy, kind: "rule", name, title, cite, facts });
            }
        }
        for index in categories {
            let entry = world.category(self.evaluator.classes.lists.leaves[index].reported);
            let title = entry.title.clone().unwrap_or_else(|| entry.name.clone());
            let facts = self.found(index).map_or_else(BTreeSet::new, |f| f.open.clone());
            let (name, cite) = (entry.name.clone(), entry.cite.clone());
            out.push(Waits { policy, kind: "entry", name, title, cite, facts });
        }
        out
    }

    /// The open ways down of the entries that a condition asks for.
    fn entries(&self, cond: &Cond, out: &mut BTreeSet<usize>) {
        cond.atoms(&mut |atom, _| match &atom.kind {
            AtomKind::In(_) => {
                let open = |i: &usize| self.found(*i).is_some_and(|f| matches!(f.truth, Truth::Unknown(_)));
                out.extend(self.below(&Cond::Atom(atom.clone())).filter(open));
            }
            AtomKind::Means(f) => self.means(*f).into_iter().for_each(|c| self.entries(c, out)),
            _ => {}
        });
    }
}

/// Which rules apply and stand, each found once.
struct Rules<'r, 's, 'a> {
    survey: &'r Survey<'s, 'a>,
    applies: std::cell::RefCell<Vec<Option<Truth>>>,
    stands: std::cell::RefCell<Vec<Option<Truth>>>,
}

impl<'r, 's, 'a> Rules<'r, 's, 'a> {
    fn new(survey: &'r Survey<'s, 'a>) -> Self {
        let none = || std::cell::RefCell::new(vec![None; survey.evaluator.world.rules.len()]);
        Rules { survey, applies: none(), stands: none() }
    }

    fn applies(&self, id: RuleId) -> Truth {
        if let Some(known) = self.applies.borrow()[id.index()] {
            return known;
        }
        let rule = self.survey.evaluator.world.rule(id);
        let raised = rule.claimed.as_ref().is_none_or(|c| self.survey.truth(c) == Truth::Yes);
        let mut truth = Truth::No;
        if rule.in_force.on(self.survey.env.date) && raised {
            truth = self.survey.rule(id);
            if rule.kind != RuleKind::Rule && truth.may() {
                truth = truth.and(|| rule.targets.iter().fold(Truth::No, |t, r| t.or(|| self.applies(*r))));
            }
        }
        self.applies.borrow_mut()[id.index()] = Some(truth);
        truth
    }

    fn stands(&self, id: RuleId) -> Truth {
        if let Some(known) = self.stands.borrow()[id.index()] {
            return known;
        }
        let mut truth = self.applies(id);
        for defeater in &self.survey.evaluator.defeaters[id.index()] {
            if !truth.may() {
                break;
            }
            truth = truth.and(|| self.stands(*defeater).not());
        }
        self.stands.borrow_mut()[id.index()] = Some(truth);
        truth
    }
}

/// Whether an effect lets goods go sooner than an outcome does.
pub fn is_milder(effect: Option<&Effect>, outcome: Outcome) -> bool {
    effect.is_none_or(|e| outcome_of(e) < outcome)
}
