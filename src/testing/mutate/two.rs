//! Two laws side by side, and whether they can differ on a consignment.
//!
//! A piece of law that is certainly true, or certainly not, by both laws stays so in every completion of what is
//! unknown. So a test is run on a mutant only if some piece that the mistake touches is open or comes out differently.

use std::collections::BTreeSet;

use crate::eval::Evaluator;
use crate::eval::probe::{Env, Truth, Whose, asked, leaf_coded, look};
use crate::model::{Atom, AtomKind, Case, Cond, Date, Effect, FactId, Level, PolicyId, RuleId, RuleKind, World};

use super::explore::{Goal, explore};
use super::touch::{Part, Unit, asks_for_codes, asks_for_entries};

/// How many completions of one piece of law are tried to see whether a test can be touched.
const COMPLETIONS: u32 = 400;

/// How far it is looked whether a piece of law that is open can differ.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Not: what is open stays so.
    AtOnce,
    /// Through the completions of the facts that it reads.
    Through,
}

/// A consignment that a test gives, with what is given and what is presumed.
pub(super) struct Seed {
    pub(super) case: Case,
    /// The policy that the test is of.
    pub(super) policy: PolicyId,
    pub(super) given: Env,
    pub(super) presumed: Env,
    /// True if what is given cannot all be so.
    broken: bool,
    /// True if its test expects what could be claimed, which an exception that nobody raised can change.
    claimable: bool,
}

impl Seed {
    pub(super) fn new(evaluator: &Evaluator<'_>, case: Case, policy: PolicyId, claimable: bool) -> Seed {
        let given = evaluator.given(&case);
        let presumed = evaluator.with_presumptions(&given);
        let broken = !evaluator.breaks_nothing(&given);
        Seed { case, policy, given, presumed, broken, claimable }
    }
}

/// The law as it is, and the law with a mistake.
pub(super) struct Two<'t> {
    pub(super) base: &'t World,
    pub(super) base_evaluator: &'t Evaluator<'t>,
    pub(super) mutant: &'t World,
    pub(super) mutant_evaluator: &'t Evaluator<'t>,
    pub(super) part: Part,
    pub(super) units: Vec<Unit>,
    /// The questions that ask for the group or chart changed.
    questions: Vec<Atom>,
    /// The one policy that the change can touch; none: any.
    pub(super) owner: Option<PolicyId>,
    /// True if some rule asks under which codes goods lie, whatever they are.
    pub(super) codes_asked: bool,
    /// True if what is claimed, presumed or always so asks for entries.
    given_reads_entries: bool,
    /// True if a constraint asks for entries.
    constraints_ask_entries: bool,
    /// The facts that a constraint compares with each other.
    compared: BTreeSet<FactId>,
    /// True if whether an entry holds can make an answer milder in only one of the two.
    milder_differs: bool,
}

impl<'t> Two<'t> {
    pub(super) fn new(
        base: &'t World,
        base_evaluator: &'t Evaluator<'t>,
        mutant: &'t World,
        mutant_evaluator: &'t Evaluator<'t>,
        part: &Part,
    ) -> Two<'t> {
        let units = part.units(base_evaluator, base);
        let claims = base.rules.iter().filter_map(|r| r.claimed.as_ref());
        let unless = base.facts.iter().filter_map(|f| f.presumed.as_ref()?.unless.as_ref());
        let mut early = claims.chain(unless).chain(base.constraints.iter().map(|c| &c.cond));
        let given_reads_entries = early.any(|c| asks_for_entries(base, c));
        let codes_asked = base.rules.iter().any(|r| asks_for_codes(base, &r.cond));
        let milder_differs = base_evaluator.lists().never_milder != mutant_evaluator.lists().never_milder;
        Two {
            base,
            base_evaluator,
            mutant,
            mutant_evaluator,
            part: *part,
            units,
            questions: part.questions(base),
            owner: part.owner(base),
            codes_asked,
            given_reads_entries,
            compared: compared(base),
            constraints_ask_entries: base.constraints.iter().any(|c| asks_for_entries(base, &c.cond)),
            milder_differs,
        }
    }

    /// Whether the two can decide a consignment differently: not, surely by some piece of law, or it is open.
    pub(super) fn differs(&self, seed: &Seed, far: Look) -> Option<bool> {
        let day = seed.case.date;
        // A test asks its own policy alone.
        if self.owner.is_some_and(|o| o != seed.policy) {
            return Some(false);
        }
        let known = |w: &World| w.policies[seed.policy.index()].known.contains(day);
        if !matches!(self.part, Part::Constraint(_)) && !known(self.base) && !known(self.mutant) {
            return Some(false);
        }
        if seed.broken && !self.units.iter().any(|u| matches!(u, Unit::Constraint(_))) {
            return Some(false);
        }
        if self.milder_differs {
            return None;
        }
        if !self.questions.is_empty() && self.answered_alike(seed) {
            return Some(false);
        }
        match self.part {
            Part::Known(p) => {
                let (b, m) = (&self.base.policies[p.index()], &self.mutant.policies[p.index()]);
                (b.known.contains(day) == m.known.contains(day) && b.otherwise == m.otherwise).then_some(false)
            }
            Part::Follows(rule) => self.rule_may_apply(rule, seed),
            Part::Claim(rule) => {
                let (base, mutant) = (self.base.rule(rule), self.mutant.rule(rule));
                let raised = |c: Option<&Cond>, e: &Evaluator<'_>| {
                    c.is_none_or(|c| {
                        (0..items(&seed.given)).all(|i| e.reads(&seed.given).cond(c, Whose::item(i)) == Truth::Yes)
                    })
                };
                let same = raised(base.claimed.as_ref(), self.base_evaluator)
                    == raised(mutant.claimed.as_ref(), self.mutant_evaluator);
                if same { Some(false) } else { self.rule_may_apply(rule, seed) }
            }
            Part::Presumption(fact) => self.lacks(fact, seed).then_some(()).map_or(Some(false), |()| None),
            Part::Licence(_) | Part::Valid(_) => {
                if seed.case.licences.is_empty() {
                    Some(false)
                } else {
                    None
                }
            }
            Part::Papers(licence) => {
                let uses = |r: &crate::model::Rule| match &r.effect {
                    Some(Effect::Permit(l)) => *l == Some(licence),
                    Some(Effect::Require(groups)) => groups.iter().flatten().any(|l| *l == licence),
                    _ => false,
                };
                let rules = self.base.rules.iter().enumerate().filter(|(_, r)| uses(r));
                let mut may = rules.map(|(i, _)| self.rule_may_apply(RuleId(i as u32), seed));
                if may.all(|m| m == Some(false)) { Some(false) } else { None }
            }
            _ => self.units_differ(seed, far),
        }
    }

    /// True if a consignment answers every question that asks for what is changed, and both laws answer it alike.
    fn answered_alike(&self, seed: &Seed) -> bool {
        let (base, mutant) = (self.base_evaluator.reads(&seed.given), self.mutant_evaluator.reads(&seed.given));
        (0..items(&seed.given)).map(Whose::item).all(|whose| {
            self.questions.iter().all(|q| match (asked(&base, q, whose).known(), asked(&mutant, q, whose).known()) {
                (Ok(b), Ok(m)) => b == m,
                _ => false,
            })
        })
    }

    fn rule_may_apply(&self, id: RuleId, seed: &Seed) -> Option<bool> {
        let rule = self.base.rule(id);
        let day = seed.case.date;
        if !rule.in_force.on(day) && !self.mutant.rule(id).in_force.on(day) {
            return Some(false);
        }
        // A negative document is named where its rule does not stand, too.
        if rule.documents.iter().any(|d| d.negative) {
            return None;
        }
        if !self.can_defeat(id, seed) {
            return Some(false);
        }
        let reader = self.base_evaluator.reads(&seed.presumed);
        let may = (0..items(&seed.presumed)).any(|i| reader.cond(&rule.cond, Whose::item(i)).may());
        if may { None } else { Some(false) }
    }

    fn lacks(&self, fact: FactId, seed: &Seed) -> bool {
        match self.base.fact(fact).level {
            Level::Consignment => !seed.case.facts.contains_key(&fact),
            Level::Goods => seed.case.items.iter().any(|i| !i.contains_key(&fact)),
            Level::Licence => seed.case.licences.iter().any(|l| !l.fields.contains_key(&fact)),
        }
    }

    /// False if an exception or bar surely changes nothing that the test expects, whatever its own condition says: nobody
    /// raised its claim, or nothing that it names can apply.
    fn can_defeat(&self, id: RuleId, seed: &Seed) -> bool {
        let rule = self.base.rule(id);
        if rule.kind == RuleKind::Rule {
            return true;
        }
        let (given, presumed) = (self.base_evaluator.reads(&seed.given), self.base_evaluator.reads(&seed.presumed));
        let day = seed.case.date;
        (0..items(&seed.given)).map(Whose::item).any(|whose| {
            let raised = |c: &Option<Cond>| {
                c.as_ref().is_none_or(|c| match given.cond(c, whose) {
                    Truth::Yes => true,
                    open => seed.claimable && open.may(),
                })
            };
            (raised(&rule.claimed) || raised(&self.mutant.rule(id).claimed))
                && rule.targets.iter().any(|t| {
                    let target = self.base.rule(*t);
                    target.in_force.on(day) && presumed.cond(&target.cond, whose).may()
                })
        })
    }

    /// True if a constraint may rule out one value of a class and not another: it compares the fact with others, or asks
    /// for entries.
    pub(super) fn uneven(&self, fact: FactId) -> bool {
        self.constraints_ask_entries || self.compared.contains(&fact)
    }

    fn units_differ(&self, seed: &Seed, far: Look) -> Option<bool> {
        let mut answer = Some(false);
        for unit in &self.units {
            // With one piece changed, all others are as they are; with several, those it hangs on may be among them.
            if let (Unit::Rule(id), [_]) = (unit, self.units.as_slice())
                && !self.can_defeat(*id, seed)
            {
                continue;
            }
            let found = match unit {
                Unit::Claim(_) | Unit::Unless(_) | Unit::Constraint(_) => self.unit_differs(*unit, &seed.given, far),
                Unit::Leaf(_) if self.given_reads_entries || !seed.case.licences.is_empty() => {
                    match self.unit_differs(*unit, &seed.given, far) {
                        Some(false) => self.unit_differs(*unit, &seed.presumed, far),
                        other => other,
                    }
                }
                _ => self.unit_differs(*unit, &seed.presumed, far),
            };
            match found {
                Some(false) => {}
                Some(true) => return Some(true),
                None => answer = None,
            }
        }
        answer
    }

    /// Whether a unit is the same by both laws, surely differs, or is open.
    ///
    /// Where it is open, the completions of the facts that it reads itself are tried: often a constraint leaves only
    /// those in which it is the same.
    pub(super) fn unit_differs(&self, unit: Unit, env: &Env, far: Look) -> Option<bool> {
        let mut answer = Some(false);
        for item in 0..items(env) {
            match self.item_differs(unit, env, item, far) {
                Some(false) => {}
                Some(true) => return Some(true),
                None => answer = None,
            }
        }
        answer
    }

    fn item_differs(&self, unit: Unit, env: &Env, item: u32, far: Look) -> Option<bool> {
        let (b, m) = (self.truths(unit, env, item, true)?, self.truths(unit, env, item, false)?);
        let differ = |x: &Truth, y: &Truth| match (x.known(), y.known()) {
            (Ok(x), Ok(y)) => Some(x != y),
            _ => None,
        };
        let mut found: Vec<Option<bool>> = Vec::new();
        if let (Unit::Leaf(_), [b_fits, b_code, b_coded], [m_fits, m_code, m_coded]) = (unit, &b[..], &m[..]) {
            found.push(differ(b_fits, m_fits));
            // What the codes are does not matter to goods that do not fit, unless it is asked for by itself.
            if *b_fits != Truth::No && *m_fits != Truth::No {
                found.push(differ(b_code, m_code));
            }
            if self.codes_asked {
                found.push(differ(b_coded, m_coded));
            }
        } else {
            found.extend(b.iter().zip(&m).map(|(x, y)| differ(x, y)));
        }
        if found.contains(&Some(true)) {
            return Some(true);
        }
        if found.iter().all(|f| *f == Some(false)) {
            return Some(false);
        }
        if far == Look::AtOnce {
            return None;
        }
        let mut left = COMPLETIONS;
        let completions = explore(self, unit, env.clone(), item, Goal::Differ, &mut left);
        if completions.complete && completions.differing.is_empty() { Some(false) } else { None }
    }

    /// What a unit is by one of the laws: one truth, or description and code of an entry; `None` if it hangs on
    /// licences held.
    fn truths(&self, unit: Unit, env: &Env, item: u32, base: bool) -> Option<Vec<Truth>> {
        let (world, evaluator) =
            if base { (self.base, self.base_evaluator) } else { (self.mutant, self.mutant_evaluator) };
        let reader = evaluator.reads(env);
        let whose = Whose::item(item);
        let cond = |c: &Cond| vec![reader.cond(c, whose)];
        Some(match unit {
            Unit::Leaf(i) => {
                let leaf = evaluator.lists().leaves.get(i)?;
                if !leaf.on(env.date) {
                    return Some(vec![Truth::No, Truth::No, Truth::No]);
                }
                let found = look(&reader, leaf, item);
                vec![found.description, found.code, leaf_coded(&reader, leaf, item)]
            }
            Unit::Rule(id) => in_force(world.rule(id).in_force.on(env.date), || cond(&world.rule(id).cond)),
            Unit::Claim(id) => match &world.rule(id).claimed {
                Some(c) => cond(c),
                None => vec![Truth::Yes],
            },
            Unit::Applies(id) => cond(&world.policies[id.index()].applies),
            Unit::Unless(id) => match world.fact(id).presumed.as_ref().and_then(|p| p.unless.as_ref()) {
                Some(c) => vec![Truth::of(reader.cond(c, whose) == Truth::Yes)],
                None => vec![Truth::No],
            },
            Unit::Constraint(i) => {
                let constraint = world.constraints.get(i)?;
                let licence = |f: &FactId| world.fact(*f).level == Level::Licence;
                if evaluator.facts_read(&constraint.cond).iter().any(licence) {
                    return if env.held.is_empty() { Some(vec![Truth::Yes]) } else { None };
                }
                in_force(constraint.in_force.on(env.date), || cond(&constraint.cond))
            }
            Unit::Covers(_) => return if env.held.is_empty() { Some(vec![Truth::No]) } else { None },
        })
    }
}

/// The facts that a constraint compares with each other, itself or through named conditions.
fn compared(world: &World) -> BTreeSet<FactId> {
    let (mut out, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let mut open: Vec<&Cond> = world.constraints.iter().map(|c| &c.cond).collect();
    while let Some(cond) = open.pop() {
        cond.atoms(&mut |atom, _| match &atom.kind {
            AtomKind::Facts(a, _, b) => out.extend([*a, *b]),
            AtomKind::Means(f) if seen.insert(*f) => open.extend(world.fact(*f).means.iter().map(|(_, c)| c)),
            _ => {}
        });
    }
    out
}

fn in_force(on: bool, truth: impl FnOnce() -> Vec<Truth>) -> Vec<Truth> {
    if on { truth() } else { vec![Truth::No] }
}

pub(super) fn items(env: &Env) -> u32 {
    env.item_count() as u32
}

/// A consignment on another day.
pub(super) fn on_day(world: &World, case: &Case, day: Date) -> Case {
    let mut out = case.clone();
    out.date = day;
    if let Some(fact) = world.fact_named("date") {
        out.facts.insert(fact, crate::model::Value::Date(day));
    }
    out
}
