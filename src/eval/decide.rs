//! From a consignment to its decision.

use std::cell::Cell;
use std::collections::BTreeSet;

use crate::model::{Case, Date, FactId, Level, PolicyId, RuleId, Value, World};

use super::ask::{Claims, Scope, Setting, Solver};
use super::atom::{Reader, Whose};
use super::classes::Classes;
use super::complete::Search;
use super::decision::Decision;
use super::desk::Desk;
use super::env::{Env, Known, Origin, Slot, slots_of};
use super::logic::Kept;
use super::plain::Plain;
use super::truth::Truth;
use super::verdict::Part;

/// How a decision is made.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether the reasons are given as a tree.
    pub why: bool,
    /// Only what a table of many decisions holds: outcomes, whether it may proceed, the entries, the rules that decide,
    /// the documents, what is missing, and the warnings. All else is left empty, and saves most of the work.
    pub brief: bool,
    /// The policies that are asked; none: every one.
    pub policies: Option<Vec<PolicyId>>,
    /// How many evaluations all questions about unknown facts of one consignment may take together.
    pub limit: u32,
}

impl Default for Options {
    fn default() -> Self {
        Options { why: false, brief: false, policies: None, limit: 200_000 }
    }
}

/// How many evaluations one question about unknown facts may take.
const QUESTION: u32 = 20_000;

/// The facts of a consignment cannot all be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The constraints, each with its title and the facts given that it reads.
    pub constraints: Vec<(String, String, Vec<String>)>,
}

/// Decides consignments by a world of policies.
pub struct Evaluator<'a> {
    pub(crate) world: &'a World,
    pub(crate) classes: Classes<'a>,
    pub(super) code_confirmed: Option<FactId>,
    /// For each rule, the exceptions and bars that name it.
    pub(crate) defeaters: Vec<Vec<RuleId>>,
    solver: Box<dyn Solver + 'a>,
}

impl<'a> Evaluator<'a> {
    /// An evaluator for a world: the plain interpreter, which is the reference.
    pub fn new(world: &'a World) -> Self {
        Evaluator::with(world, Box::new(Plain))
    }

    /// An evaluator that has questions about unknown facts answered by `solver`.
    pub(crate) fn with(world: &'a World, solver: Box<dyn Solver + 'a>) -> Self {
        Evaluator::joint(world, &[], solver)
    }

    /// An evaluator whose classes are fine enough for other worlds too, each on its day, that declare the same facts.
    pub(crate) fn joint(world: &'a World, others: &[(&'a World, Date)], solver: Box<dyn Solver + 'a>) -> Self {
        let code_confirmed = world.fact_named("goods.code_confirmed");
        let defeaters = world.defeaters();
        Evaluator { world, classes: Classes::joint(world, others, code_confirmed), code_confirmed, defeaters, solver }
    }

    pub(crate) fn reader<'e>(&'e self, env: &'e Env) -> Reader<'e> {
        self.classes.reader(env)
    }

    /// Decides a consignment.
    ///
    /// # Errors
    /// [`Broken`] if its facts break a constraint, so that no consignment can be as it says.
    pub fn decide(&self, case: &Case, options: &Options) -> Result<Decision, Broken> {
        crate::stack::deep(|| self.run(case, options))
    }

    /// Whether the facts given break a constraint by themselves, nothing unknown completed.
    ///
    /// # Errors
    /// [`Broken`] with the constraints that they break.
    pub fn check(&self, case: &Case) -> Result<(), Broken> {
        crate::stack::deep(|| self.check_constraints(&Env::new(self.world, case)))
    }

    fn run(&self, case: &Case, options: &Options) -> Result<Decision, Broken> {
        self.open(case, options, |desk, policies| desk.decision(case, policies, options))
    }

    /// Calls `f` with a consignment that is opened, and the policies that are asked.
    pub(super) fn open<T>(
        &self,
        case: &Case,
        options: &Options,
        f: impl FnOnce(&mut Desk<'_>, &[PolicyId]) -> T,
    ) -> Result<T, Broken> {
        let all = (0..self.world.policies.len() as u32).map(PolicyId);
        let policies: Vec<PolicyId> =
            all.filter(|p| options.policies.as_ref().is_none_or(|only| only.contains(p))).collect();
        let (left, kept) = (Cell::new(options.limit), Kept::default());
        let mut env = Env::new(self.world, case);
        let raised = self.claims(&env);
        let setting = Setting { evaluator: self, claims: Claims::Found(&raised), left: &left, question: QUESTION };
        if let Some(settled) = self.solver.settle(self, case, &policies) {
            for (slot, value) in settled.presumed {
                env.set(slot, Some(Known { value, exact: true, origin: Origin::Presumed }));
            }
            return Ok(f(&mut Desk::new(setting, (&env, &kept), &*self.solver, Some(&settled.verdict)), &policies));
        }
        self.check_constraints(&env)?;
        self.presume(&mut env);
        let mut start = self.solver.open(setting, &env);
        if !start.possible() {
            return Err(Broken { constraints: self.named_constraints(&env, None) });
        }
        let everything = start.overflowed();
        drop(start);
        let mut unsettled = self.presume_codes(&setting, &policies, &mut env);
        if everything {
            unsettled.extend((0..env.item_count() as u32).flat_map(|item| policies.iter().map(move |p| (*p, item))));
        }
        Ok(f(&mut Desk::new(setting, (&env, &kept), &*self.solver, None).with_unsettled(unsettled), &policies))
    }

    /// Where no code is given, the description alone decides, as long as that makes no decision milder.
    ///
    /// For each item without a code, for each policy: if in some completion the outcome with its description presumed to
    /// fit is milder than it would be under some code, the code is treated as unknown instead. Where to find that out
    /// took too much work it is treated so as well; these are given back, since what is said of them is a bound.
    pub(crate) fn presume_codes(
        &self,
        setting: &Setting<'_>,
        policies: &[PolicyId],
        env: &mut Env,
    ) -> BTreeSet<(PolicyId, u32)> {
        let mut unsettled = BTreeSet::new();
        let codes: BTreeSet<FactId> =
            self.world.categories.iter().flat_map(|c| c.codes.iter().map(|(f, _)| *f)).collect();
        for item in 0..env.item_count() as u32 {
            if codes.iter().all(|f| env.get(Slot::Item(item, *f)).is_some()) {
                continue;
            }
            for policy in policies {
                let known = self.world.policies[policy.index()].known.contains(env.date);
                if !known || self.classes.lists.never_milder[policy.index()] {
                    continue;
                }
                let mut open = self.solver.open(*setting, env);
                let (milder, overflowed) = (open.milder_without_code(*policy, item), open.overflowed());
                drop(open);
                if milder {
                    env.code_fits[item as usize][policy.index()] = false;
                }
                if overflowed {
                    unsettled.insert((*policy, item));
                }
            }
        }
        unsettled
    }

    /// What is known of a consignment once presumptions are made.
    ///
    /// # Errors
    /// [`Broken`] if the facts given cannot all be so.
    pub(crate) fn prepare(&self, case: &Case) -> Result<Env, Broken> {
        let mut env = Env::new(self.world, case);
        self.check_constraints(&env)?;
        self.presume(&mut env);
        let left = Cell::new(QUESTION);
        let setting = Setting { evaluator: self, claims: Claims::WhereSo, left: &left, question: QUESTION };
        if !self.solver.open(setting, &env).possible() {
            return Err(Broken { constraints: self.named_constraints(&env, None) });
        }
        Ok(env)
    }

    /// Whether the answer of a policy on an item could be otherwise if a fact that is presumed were unknown; `None` where
    /// that takes too much work.
    pub(crate) fn leans(&self, case: &Case, presumed: &[(Slot, Value)], fact: FactId, part: &Part) -> Option<bool> {
        let mut env = Env::new(self.world, case);
        let raised = self.claims(&env);
        for (slot, value) in presumed {
            env.set(*slot, Some(Known { value: value.clone(), exact: true, origin: Origin::Presumed }));
        }
        let (left, kept) = (Cell::new(Options::default().limit), Kept::default());
        let setting = Setting { evaluator: self, claims: Claims::Found(&raised), left: &left, question: QUESTION };
        let slot = match self.world.fact(fact).level {
            Level::Goods => Slot::Item(part.item, fact),
            _ => Slot::Shared(fact),
        };
        let mut desk = Desk::new(setting, (&env, &kept), &*self.solver, None);
        let (policies, items) = ([part.policy], [part.item]);
        let (outcomes, may) = desk.without(slot, Scope { policies: &policies, items: &items });
        (!desk.overflow).then(|| outcomes != BTreeSet::from([part.outcome]) || may != part.may_proceed)
    }

    pub(super) fn check_constraints(&self, env: &Env) -> Result<(), Broken> {
        let search = Search { classes: &self.classes, left: 0 };
        let broken = search.broken(env);
        if broken.is_empty() { Ok(()) } else { Err(Broken { constraints: self.named_constraints(env, Some(&broken)) }) }
    }

    /// The constraints asked for (or all that read something known), with the known facts that they read.
    fn named_constraints(&self, env: &Env, which: Option<&[usize]>) -> Vec<(String, String, Vec<String>)> {
        let mut out = Vec::new();
        for (i, c) in self.world.constraints.iter().enumerate() {
            if which.is_some_and(|w| !w.contains(&i)) || !c.in_force.on(env.date) {
                continue;
            }
            let mut facts = BTreeSet::new();
            self.classes.facts_of(&c.cond, &mut facts);
            let known = |f: &&FactId| {
                let level = self.world.fact(**f).level;
                slots_of(level, **f, env.item_count(), env.held.len()).into_iter().any(|s| env.is_known(s))
            };
            let names: Vec<String> = facts.iter().filter(known).map(|f| self.world.fact(*f).name.clone()).collect();
            if !names.is_empty() {
                out.push((c.name.clone(), c.title.clone(), names));
            }
        }
        out
    }

    /// Which claims are raised, on the facts given alone: presumptions raise nothing.
    pub(crate) fn claims(&self, env: &Env) -> Vec<Vec<bool>> {
        let reader = self.reader(env);
        let one = |item: u32| {
            let raised = |r: &crate::model::Rule| match &r.claimed {
                None => true,
                Some(c) => reader.cond(c, Whose::item(item)) == Truth::Yes,
            };
            self.world.rules.iter().map(raised).collect()
        };
        (0..env.item_count() as u32).map(one).collect()
    }

    /// Supplies presumed values: each on the facts given alone, and none that a constraint excludes.
    pub(crate) fn presume(&self, env: &mut Env) {
        let given = env.clone();
        let reader = self.reader(&given);
        let mut presumed = Vec::new();
        for (i, fact) in self.world.facts.iter().enumerate() {
            let Some(presumption) = &fact.presumed else { continue };
            let id = FactId(i as u32);
            for slot in slots_of(fact.level, id, env.item_count(), env.held.len()) {
                if given.get(slot).is_some() {
                    continue;
                }
                let items = match slot {
                    Slot::Item(n, _) => n..n + 1,
                    _ => 0..given.item_count() as u32,
                };
                let unless =
                    |n: u32| presumption.unless.as_ref().is_some_and(|c| reader.cond(c, Whose::item(n)) == Truth::Yes);
                if items.into_iter().any(unless) {
                    continue;
                }
                let known = Known { value: presumption.value.clone(), exact: true, origin: Origin::Presumed };
                let mut tried = given.clone();
                tried.set(slot, Some(known.clone()));
                let mut search = Search { classes: &self.classes, left: QUESTION };
                if search.allowed(&tried, slot) && search.possible(&mut tried).unwrap_or(false) {
                    env.set(slot, Some(known));
                    presumed.push(slot);
                }
            }
        }
        let mut search = Search { classes: &self.classes, left: QUESTION };
        if !presumed.is_empty() && !search.possible(env).unwrap_or(false) {
            // Each could be so, but not all together: none that a constraint reads is made.
            let tied = |s: &Slot| {
                s.fact().is_some_and(|f| self.classes.constraint_facts.iter().any(|facts| facts.contains(&f)))
            };
            for slot in presumed.into_iter().filter(tied) {
                env.set(slot, None);
            }
        }
    }
}
