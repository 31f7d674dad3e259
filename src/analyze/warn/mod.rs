//! What an author should know of a law that can be read: rules that never apply or never count, entries and facts that
//! nothing uses, conditions that are always or never so, goods that two entries treat differently, gaps.
//!
//! One file a question: `stands` rules that never apply or are always defeated; `constant` conditions; `clash` entries;
//! `unmet` entries and activities; `gap` versions; `idle` entries, facts and presumptions. Each policy is looked at by
//! itself, rule by rule and entry by entry, never as one function of the whole outcome; `reach` says on which days a
//! rule has to be looked at, `day` holds one of them. `messages` puts a finding into words.
//!
//! What is said to be never so is so of no consignment with one goods item, whatever it states; claims count as raised.
//! What is said to be so is shown by a consignment that the plain interpreter has read. Where a limit is reached, what
//! was not looked at is named, and nothing is claimed of it. Conditions on licences held are not looked at.

mod clash;
mod constant;
mod day;
mod gap;
mod idle;
mod messages;
mod reach;
mod stands;
mod unmet;

use std::collections::BTreeSet;

use crate::eval::Evaluator;
use crate::model::{CategoryId, Date, FactId, Interval, PolicyId, RuleId, World};
use crate::span::Span;

pub use day::Example;
pub use messages::diagnostic;

use day::Day;
use reach::Reach;

/// How many nodes of diagrams the questions about one day may take together; a question that alone takes more is not
/// answered.
pub const LIMIT: u32 = 400_000;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Warnings {
    /// The findings, in the order of the places.
    pub findings: Vec<Finding>,
}

/// One thing to know.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// A rule applies to no consignment.
    NeverApplies {
        /// The rule.
        rule: RuleId,
        /// Why.
        because: Because,
        /// The parts of its condition that are never so by themselves.
        never: Vec<Part>,
    },
    /// A rule applies to some consignments, and never counts.
    AlwaysDefeated {
        /// The rule.
        rule: RuleId,
        /// What defeats it, each at some time.
        by: Vec<RuleId>,
        /// A consignment to which it applies.
        example: Example,
    },
    /// No rule of the policy asks for an entry.
    UnusedEntry(CategoryId),
    /// A condition is always so, or never.
    Constant(Part),
    /// Goods are in two entries at once, and what rests on the one says something else than what rests on the other.
    Clash {
        /// The one entry.
        entry: CategoryId,
        /// The others; never empty.
        others: Vec<Beside>,
    },
    /// Between two versions of one declaration there are days on which neither is in force.
    Gap {
        /// What it is: `rule`, `entry`, `named condition`, `group`, `licence`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// The version before.
        before: Span,
        /// The version after.
        after: Span,
        /// The days between.
        days: Interval,
    },
    /// Rules that rest on a list speak of an activity for some of its entries, and for these entries not.
    Unmet {
        /// The list, or the part of it in which they stand.
        list: CategoryId,
        /// The entries.
        entries: Vec<CategoryId>,
        /// The activities.
        activities: Vec<String>,
        /// A day on which it is so.
        day: Date,
        /// A rule that speaks of the first of the activities for another entry.
        other: RuleId,
    },
    /// A fact that a policy declares changes nothing that it says.
    IdleFact {
        /// The fact.
        fact: FactId,
        /// True if something reads it all the same.
        read: bool,
    },
    /// What is presumed of a fact changes nothing.
    IdlePresumption(FactId),
    /// A question was not answered.
    NotAnalysed {
        /// Where what it is about stands.
        span: Span,
        /// What it is about.
        what: String,
        /// Why not.
        why: NotAnalysed,
    },
}

/// An entry beside another that holds some of the same goods.
#[derive(Clone, Debug, PartialEq)]
pub struct Beside {
    /// The entry.
    pub entry: CategoryId,
    /// A rule that rests on the one, and a rule that rests on this one and says something else.
    pub rules: (RuleId, RuleId),
    /// A consignment of which both say something.
    pub example: Example,
}

/// Why a rule never applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    /// It is in force on no day for which the policy is encoded.
    NotInForce,
    /// What it says itself is never so.
    Own,
    /// What it says is so only of consignments that constraints exclude.
    Constraints,
    /// Where it is so, the policy does not apply.
    Policy,
    /// Where it is so, none of the rules that it names applies.
    Targets,
}

/// A part of a condition that is always so, or never.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Where it stands.
    pub span: Span,
    /// What it stands in.
    pub holder: String,
    /// The condition, in words.
    pub text: String,
    /// True if it is always so.
    pub always: bool,
}

/// Why a question was not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAnalysed {
    /// It took more nodes than the limit.
    TooLarge,
    /// The date is compared with another fact, so that no day stands for others.
    Date,
    /// It could not be shown by a consignment.
    NotShown,
}

/// Something to find out, day by day.
trait Question {
    /// The days on which to look.
    fn days(&self) -> &BTreeSet<Date>;
    /// True if no further day can change the answer.
    fn settled(&self) -> bool;
    /// Looks at a day. What is found after a limit was reached must not be kept.
    fn look(&mut self, day: &Day<'_>);
    /// Gives up: what was found stands, what was not is open.
    fn give_up(&mut self, why: NotAnalysed);
}

/// Analyses a law, each of its policies by itself. `limit` is how many nodes a question may take, see [`LIMIT`].
pub fn warnings(world: &World, limit: u32) -> Warnings {
    let mut findings = Vec::new();
    for p in 0..world.policies.len() as u32 {
        crate::stack::deep(|| one_policy(world, PolicyId(p), limit, &mut findings));
    }
    findings.extend(gap::gaps(world));
    findings.sort_by_key(|f| (f.span(world), f.order()));
    Warnings { findings }
}

fn one_policy(world: &World, policy: PolicyId, limit: u32, out: &mut Vec<Finding>) {
    let world = reach::alone(world, policy);
    let plain = Evaluator::new(&world);
    let scene = Scene { world: &world, policy, plain: &plain };
    let mut rules = stands::questions(&scene);
    let mut parts = constant::questions(&scene);
    let mut clashes = clash::questions(&scene);
    let mut lists = unmet::questions(&scene);
    let mut facts = idle::facts(&scene);
    let mut presumed = idle::presumptions(&scene);
    let mut all: Vec<&mut dyn Question> = Vec::new();
    all.extend(rules.iter_mut().map(|q| q as &mut dyn Question));
    all.extend(parts.iter_mut().map(|q| q as &mut dyn Question));
    all.extend(clashes.iter_mut().map(|q| q as &mut dyn Question));
    all.extend(lists.iter_mut().map(|q| q as &mut dyn Question));
    all.extend(facts.iter_mut().map(|q| q as &mut dyn Question));
    all.extend(presumed.iter_mut().map(|q| q as &mut dyn Question));
    ask(&plain, limit, &mut all);
    stands::findings(&scene, rules, constant::findings(&scene, parts), out);
    clash::findings(&scene, clashes, out);
    unmet::findings(&scene, lists, out);
    idle::findings(&scene, facts, presumed, out);
}

/// A policy by itself.
struct Scene<'w> {
    world: &'w World,
    policy: PolicyId,
    plain: &'w Evaluator<'w>,
}

impl<'w> Scene<'w> {
    /// The days for which the policy is encoded.
    fn known(&self) -> Interval {
        self.world.policies[self.policy.index()].known
    }

    /// What every question about the policy hangs on: when it applies, and the constraints.
    fn common(&self) -> Reach<'w> {
        let mut out = Reach::new(self.world);
        out.cond(&self.world.policies[self.policy.index()].applies);
        for c in &self.world.constraints {
            out.in_force(&c.in_force);
            out.cond(&c.cond);
        }
        // Constraints on licences say nothing where none is held, so what they compare the date with is no matter.
        out
    }
}

/// Puts questions day by day, the latest first; each as long as it is not settled.
fn ask(plain: &Evaluator<'_>, limit: u32, questions: &mut [&mut dyn Question]) {
    let days: BTreeSet<Date> = questions.iter().flat_map(|q| q.days().iter().copied()).collect();
    for date in days.into_iter().rev() {
        let open: Vec<usize> =
            (0..questions.len()).filter(|i| !questions[*i].settled() && questions[*i].days().contains(&date)).collect();
        let mut from = 0;
        while from < open.len() {
            let done = day::on(plain, date, limit, |day| {
                for (n, i) in open[from..].iter().enumerate() {
                    questions[*i].look(day);
                    if !day.ok() {
                        return n;
                    }
                }
                open.len() - from
            });
            // What did not find room beside others is asked again alone, and given up only then.
            if done == 0 {
                questions[open[from]].give_up(NotAnalysed::TooLarge);
            }
            from += done.max(1);
        }
    }
}

impl Finding {
    /// Where it stands.
    pub fn span(&self, world: &World) -> Span {
        match self {
            Finding::NeverApplies { rule, .. } | Finding::AlwaysDefeated { rule, .. } => world.rule(*rule).span,
            Finding::UnusedEntry(id) => world.category(*id).span,
            Finding::Constant(part) => part.span,
            Finding::Clash { entry, .. } => world.category(*entry).span,
            Finding::Gap { after, .. } => *after,
            Finding::Unmet { entries, list, .. } => world.category(entries.first().copied().unwrap_or(*list)).span,
            Finding::IdleFact { fact, .. } | Finding::IdlePresumption(fact) => world.fact(*fact).span,
            Finding::NotAnalysed { span, .. } => *span,
        }
    }

    /// The consignment that shows it, where one does.
    pub fn example(&self) -> Option<&Example> {
        match self {
            Finding::AlwaysDefeated { example, .. } => Some(example),
            Finding::Clash { others, .. } => others.first().map(|o| &o.example),
            _ => None,
        }
    }

    fn order(&self) -> u8 {
        match self {
            Finding::NeverApplies { .. } => 0,
            Finding::AlwaysDefeated { .. } => 1,
            Finding::UnusedEntry(_) => 2,
            Finding::Constant(_) => 3,
            Finding::Clash { .. } => 4,
            Finding::Gap { .. } => 5,
            Finding::Unmet { .. } => 6,
            Finding::IdleFact { .. } => 7,
            Finding::IdlePresumption(_) => 8,
            Finding::NotAnalysed { .. } => 9,
        }
    }
}
