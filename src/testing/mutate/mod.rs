//! Mutation tests of a policy: which sentences of the law would no test miss?
//!
//! A *mutant* is the law with one small mistake in it. If a test fails on it, the mutant is killed. If none does, either
//! the mistake changes nothing, which has to be proved (see `equivalence`), or the sentence is unprotected: then there
//! is a consignment that tells the two laws apart, and it is given as a test to paste.
//!
//! A plan is made once; its mutants can be judged on any number of threads and in any order, and the verdict on each is
//! the same.

mod conds;
mod days;
mod equivalence;
mod explore;
mod lists;
mod rules;
pub(super) mod text;
mod touch;
mod two;
mod values;
pub(super) mod witness;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::consignment::Overlay;
use crate::engine::Compiled;
use crate::eval::{Evaluator, Options};
use crate::model::{Case, Expect, Expected, ExpectedPart, PolicyId, RuleKind, World};
use crate::policy::Policy;
use crate::span::{FileId, Span};

use super::{Answer, Crew, compare};

use equivalence::Equivalence;
use touch::Part;
use two::{Look, Seed, Two};

/// One small mistake in the law.
pub struct Mutant {
    /// Where the sentence stands.
    pub span: Span,
    /// What is changed: `rule art_3_1`.
    pub declaration: String,
    /// How: `without its unless`.
    pub sentence: String,
    part: Part,
    /// True if only days were moved.
    days: bool,
    edit: Edit,
}

/// How a mutant is made of the law.
type Edit = Box<dyn Fn(&mut World) + Send + Sync>;

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum Verdict {
    /// A test fails on it.
    Killed {
        /// The test.
        test: String,
    },
    /// Proved to decide everything alike.
    Equivalent,
    /// No test fails, and this test would.
    Survived {
        /// A test to paste.
        test: String,
    },
    /// No test fails, and neither a proof nor a consignment was found; it counts as a survivor.
    NotShown,
}

/// The mutants of a policy, and the tests that are run on them.
pub struct Plan<'p> {
    policy: &'p Policy,
    /// The law without its tests, which no mutant needs.
    law: World,
    mutants: Vec<Mutant>,
    tests: Vec<Runnable<'p>>,
    /// The consignments of the tests, each with its policy.
    cases: Vec<(Case, PolicyId)>,
    /// How many tests fail on the law as it is; they cannot kill anything.
    pub failing: usize,
}

/// A test that passes on the law as it is.
struct Runnable<'p> {
    name: &'p str,
    expects: &'p [Expect],
    seed: usize,
    /// True if a brief decision holds all that it expects.
    brief: bool,
    /// True if it expects papers, which is all that a rule without an effect can change.
    papers: bool,
    /// How much the answer leaves open: such answers take longer.
    open: usize,
}

impl<'p> Plan<'p> {
    /// Plans the mutants of all declarations whose name holds `filter`, in the order of the files.
    ///
    /// Only the law in the files of those numbers is changed, where they are given.
    pub fn new(policy: &'p Policy, filter: Option<&str>, files: Option<&BTreeSet<FileId>>) -> Plan<'p> {
        let mut law = policy.world().clone();
        law.tests.clear();
        let mut mutants = all(policy);
        mutants.retain(|m| files.is_none_or(|f| f.contains(&m.span.file)));
        mutants.retain(|m| filter.is_none_or(|f| m.declaration.contains(f)));
        let (mut tests, mut cases, mut bare, mut failing) = (Vec::new(), Vec::new(), Vec::new(), 0);
        {
            let evaluator = Evaluator::with(&law, Box::new(Compiled::new(&law)));
            for test in &policy.world().tests {
                let name = &policy.world().policies[test.policy.index()].name;
                let case = policy.read(&test.name, &test.given.to_string(), &Overlay::default());
                let Ok(case) = case else {
                    failing += 1;
                    continue;
                };
                let brief = compare::in_brief(&test.expects);
                let answer = decide(&evaluator, &case, test.policy, brief);
                if !passes(&test.expects, &answer, name) {
                    failing += 1;
                    continue;
                }
                let of_papers =
                    |p: &ExpectedPart| matches!(p.what, Expected::Duty | Expected::Document | Expected::Presumes);
                let papers = test.expects.iter().any(|e| e.parts.iter().any(of_papers));
                let open = compare::found(Expected::Missing, &answer, name).certain.len();
                tests.push(Runnable {
                    name: &test.name,
                    expects: &test.expects,
                    seed: cases.len(),
                    brief,
                    papers,
                    open,
                });
                cases.push((case, test.policy));
            }
            // Where a policy has no test, a search starts from nothing.
            for (i, of) in policy.world().policies.iter().enumerate() {
                let id = PolicyId(i as u32);
                if cases.iter().any(|(_, p)| *p == id) {
                    continue;
                }
                let json = of.known.from.or(of.known.to).map(|day| format!(r#"{{ "date": "{day}" }}"#));
                let case = json.and_then(|j| policy.read("nothing", &j, &Overlay::default()).ok());
                bare.extend(case.map(|c| (c, id)));
            }
        }
        cases.extend(bare);
        Plan { policy, law, mutants, tests, cases, failing }
    }

    /// How many mutants there are.
    pub fn len(&self) -> usize {
        self.mutants.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.mutants.is_empty()
    }

    /// What judges mutants; make one a thread.
    pub fn judge(&self) -> Judge<'_, 'p> {
        let evaluator = Evaluator::with(&self.law, Box::new(Compiled::new(&self.law)));
        let claimable = |seed: usize| {
            let tests = self.tests.iter().filter(|t| t.seed == seed).flat_map(|t| t.expects);
            tests.flat_map(|e| &e.parts).any(|p| p.what == Expected::Claimable)
        };
        let seed = |(n, (case, policy)): (usize, &(Case, PolicyId))| {
            Seed::new(&evaluator, case.clone(), *policy, claimable(n))
        };
        let seeds = self.cases.iter().enumerate().map(seed).collect();
        Judge { plan: self, evaluator, seeds }
    }

    /// The report on all mutants, given the verdict on each.
    pub fn report(&self, verdicts: Vec<Verdict>) -> Report {
        let count = |f: fn(&Verdict) -> bool| verdicts.iter().filter(|v| f(v)).count();
        let mut out = Report {
            mutants: verdicts.len(),
            killed: count(|v| matches!(v, Verdict::Killed { .. })),
            equivalent: count(|v| *v == Verdict::Equivalent),
            survived: count(|v| matches!(v, Verdict::Survived { .. })),
            not_shown: count(|v| *v == Verdict::NotShown),
            tests: self.tests.len(),
            failing: self.failing,
            verdicts: Vec::new(),
        };
        out.verdicts = self
            .mutants
            .iter()
            .zip(verdicts)
            .map(|(m, verdict)| Judged {
                place: self.policy.sources().place(m.span),
                declaration: m.declaration.clone(),
                change: m.sentence.clone(),
                verdict,
            })
            .collect();
        out
    }
}

/// Judges mutants one by one.
pub struct Judge<'j, 'p> {
    plan: &'j Plan<'p>,
    evaluator: Evaluator<'j>,
    seeds: Vec<Seed>,
}

impl Judge<'_, '_> {
    /// What becomes of one mutant.
    pub fn verdict(&self, index: usize) -> Verdict {
        let plan = self.plan;
        let Some(mutant) = plan.mutants.get(index) else { return Verdict::NotShown };
        let mut world = plan.law.clone();
        (mutant.edit)(&mut world);
        let changed = Evaluator::with(&world, Box::new(Compiled::new(&world)));
        let two = Two::new(&plan.law, &self.evaluator, &world, &changed, &mutant.part);
        let papers_only = match mutant.part {
            // A bar has no effect of its own either, but what it closes has.
            Part::Rule(id) | Part::Follows(id) => [&plan.law, &world].iter().all(|w| {
                let rule = w.rule(id);
                rule.kind == RuleKind::Rule && rule.effect.is_none()
            }),
            _ => false,
        };
        let fails = |test: &Runnable<'_>| {
            let seed = &self.seeds[test.seed];
            let name = &plan.law.policies[seed.policy.index()].name;
            !passes(test.expects, &decide(&changed, &seed.case, seed.policy, test.brief), name)
        };
        // What is sure to change comes first: it is the likeliest to fail, and soonest seen.
        let (mut reached, mut unclear) = (Vec::new(), Vec::new());
        for test in plan.tests.iter().filter(|t| t.papers || !papers_only) {
            match two.differs(&self.seeds[test.seed], Look::AtOnce) {
                Some(true) if fails(test) => return Verdict::Killed { test: test.name.to_owned() },
                Some(true) => reached.push(test),
                Some(false) => {}
                None => unclear.push(test),
            }
        }
        let mut open = Vec::new();
        for test in unclear {
            match two.differs(&self.seeds[test.seed], Look::Through) {
                Some(true) if fails(test) => return Verdict::Killed { test: test.name.to_owned() },
                Some(true) => reached.push(test),
                Some(false) => {}
                None => open.push(test),
            }
        }
        open.sort_by_key(|t| t.open);
        if let Some(test) = open.iter().find(|t| fails(t)) {
            return Verdict::Killed { test: test.name.to_owned() };
        }
        reached.extend(open);
        let touched: Vec<&Seed> = reached.iter().map(|t| &self.seeds[t.seed]).collect();
        match equivalence::equivalence(&two, mutant.days, &self.seeds, &touched) {
            Equivalence::Equivalent => Verdict::Equivalent,
            Equivalence::NotShown => Verdict::NotShown,
            Equivalence::Different(found) => {
                let title = format!("{}: {}", mutant.declaration, mutant.sentence);
                Verdict::Survived { test: witness::test(&plan.law, &title, &found.case, &found.expect) }
            }
        }
    }
}

/// A consignment that two laws decide differently.
struct Witness {
    case: Case,
    /// What the law as it is says, and the other does not.
    expect: Expect,
}

/// What one policy says to a consignment.
fn decide(evaluator: &Evaluator<'_>, case: &Case, policy: PolicyId, brief: bool) -> Answer {
    match evaluator.decide(case, &Options { brief, policies: Some(vec![policy]), ..Options::default() }) {
        Ok(decision) => Answer::Decided(Box::new(decision)),
        Err(broken) => Answer::Impossible(broken.constraints.into_iter().map(|(name, ..)| name).collect()),
    }
}

fn passes(expects: &[Expect], answer: &Answer, policy: &str) -> bool {
    expects.iter().all(|e| compare::differences(e, answer, policy).is_empty())
}

/// Judges the mutants of the law in the files of those numbers; `done` is told how many are done, of how many.
pub fn run(
    policy: &Policy,
    filter: Option<&str>,
    files: &BTreeSet<FileId>,
    crew: Crew<'_>,
    done: &(dyn Fn(usize, usize) + Sync),
) -> Report {
    let plan = Plan::new(policy, filter, Some(files));
    let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let verdicts = Mutex::new(vec![Verdict::NotShown; plan.len()]);
    let work = || {
        let judge = plan.judge();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= plan.len() {
                return;
            }
            let verdict = judge.verdict(index);
            verdicts.lock().unwrap_or_else(PoisonError::into_inner)[index] = verdict;
            done(finished.fetch_add(1, Ordering::Relaxed) + 1, plan.len());
        }
    };
    crew(&work);
    plan.report(verdicts.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// What mutation testing found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// How many mutants there are.
    pub mutants: usize,
    /// How many a test fails on.
    pub killed: usize,
    /// How many are proved to change nothing.
    pub equivalent: usize,
    /// How many no test fails on, though a test could.
    pub survived: usize,
    /// How many no test fails on, with neither a proof nor a consignment.
    pub not_shown: usize,
    /// How many tests were there to kill them.
    pub tests: usize,
    /// How many tests fail on the law as it is, and so were left out.
    pub failing: usize,
    /// The verdict on each mutant, in the order of the files.
    pub verdicts: Vec<Judged>,
}

/// The verdict on one mutant.
#[derive(Clone, Debug, Serialize)]
pub struct Judged {
    /// `file:line:column` of the sentence.
    pub place: String,
    /// What is changed.
    pub declaration: String,
    /// How.
    pub change: String,
    /// What became of it.
    #[serde(flatten)]
    pub verdict: Verdict,
}

impl Report {
    /// Mutants that are not proved to change nothing.
    pub fn live(&self) -> usize {
        self.mutants - self.equivalent
    }

    /// True if at least that many percent of the mutants that change something are killed.
    pub fn reaches(&self, percent: u32) -> bool {
        self.killed * 100 >= self.live() * percent as usize
    }

    /// Percent killed of the mutants that change something, to one decimal, cut off.
    pub fn percent(&self) -> String {
        let tenths = (self.killed * 1000).checked_div(self.live()).unwrap_or(1000);
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

/// All mutants, in the order of the files.
fn all(policy: &Policy) -> Vec<Mutant> {
    let (world, sources) = (policy.world(), policy.sources());
    let mut out = Vec::new();
    rules::rules(world, sources, &mut out);
    rules::licences(world, sources, &mut out);
    rules::policies(world, sources, &mut out);
    rules::facts(world, sources, &mut out);
    rules::constraints(world, sources, &mut out);
    lists::categories(world, sources, &mut out);
    lists::groups(world, sources, &mut out);
    lists::charts(world, sources, &mut out);
    let name = |m: &Mutant| sources.get(m.span.file).map_or(String::new(), |f| f.name.clone());
    // Stable: of mutants at one place, those of one declaration stay in the order in which they were made.
    out.sort_by_cached_key(|m| (name(m), m.span.start));
    out
}
