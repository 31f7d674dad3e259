//! Runs the tests that gate files declare, and says what differs.
//!
//! Tests are independent of each other, so a [`Crew`] may run several at a time; what is said of them stands in the order
//! of their files all the same. This module starts no threads itself. `compare` holds a decision against an expectation;
//! `update` writes what a decision says into the text of a failing one; `coverage` measures which sentences of the law
//! the tests read, `mutate` which they protect; `generate` proposes tests on both sides of what a rule rests on.

mod compare;
pub mod coverage;
pub mod generate;
pub mod mutate;
pub mod update;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;

use crate::consignment::Overlay;
use crate::eval::decision::{Decision, PolicyDecision};
use crate::eval::explain::Node;
use crate::eval::{Evaluator, Options};
use crate::model::TestCase;
use crate::policy::Policy;
use crate::span::FileId;

use coverage::Coverage;

/// How one test came out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// The name of the test.
    pub name: String,
    /// The policy it tests.
    pub policy: String,
    /// `file:line:column`.
    pub place: String,
    /// What differs; nothing: it passed.
    pub differences: Vec<Difference>,
    /// The reasons of the decision, where it failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<Node>,
}

impl Outcome {
    /// True if nothing differs.
    pub fn passed(&self) -> bool {
        self.differences.is_empty()
    }
}

/// One thing that was expected and is not so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What was expected.
    pub expected: String,
    /// What the decision says.
    pub got: String,
}

/// What comes of the facts of a test.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// A decision.
    Decided(Box<Decision>),
    /// The constraints that the facts break.
    Impossible(Vec<String>),
    /// What is wrong with the facts as a consignment.
    Rejected(String),
}

/// Who does the work: it is handed what each worker has to do, and returns once all of them have done it.
pub type Crew<'c> = &'c dyn Fn(&(dyn Fn() + Sync));

/// A crew of one.
pub fn alone(work: &(dyn Fn() + Sync)) {
    work();
}

/// Runs the tests whose name, policy or file holds `filter`, in the order of their files.
pub fn run(policy: &Policy, filter: Option<&str>) -> Vec<Outcome> {
    run_on(policy, &chosen(policy, filter), &alone, &|_| {})
}

/// The tests whose name, policy or file holds `filter`, in the order of their files.
pub fn chosen<'p>(policy: &'p Policy, filter: Option<&str>) -> Vec<&'p TestCase> {
    let world = policy.world();
    let place = |t: &TestCase| policy.sources().place(t.span);
    let wanted = |t: &&TestCase| {
        filter.is_none_or(|f| {
            t.name.contains(f) || world.policies[t.policy.index()].name.contains(f) || place(t).contains(f)
        })
    };
    world.tests.iter().filter(wanted).collect()
}

/// Runs tests; `done` is told how many are done. The answers stand in the order of `tests`.
pub fn run_on(policy: &Policy, tests: &[&TestCase], crew: Crew<'_>, done: &(dyn Fn(usize) + Sync)) -> Vec<Outcome> {
    each(policy, tests, crew, done, &|evaluator, test| one(policy, evaluator, test, compare::in_brief(&test.expects)).0)
}

/// Runs tests as [`run_on`] does, and measures what they show of the law in the files of those numbers.
pub fn run_covered(
    policy: &Policy,
    tests: &[&TestCase],
    files: &BTreeSet<FileId>,
    crew: Crew<'_>,
    done: &(dyn Fn(usize) + Sync),
) -> (Vec<Outcome>, Coverage) {
    let both = each(policy, tests, crew, done, &|evaluator, test| {
        let (outcome, answer) = one(policy, evaluator, test, false);
        (outcome, coverage::show(policy, evaluator, test, &answer))
    });
    let (outcomes, shown): (Vec<_>, Vec<_>) = both.into_iter().unzip();
    (outcomes, Coverage::of(policy, shown, files))
}

/// Calls `f` with each test; the answers stand in the order of `tests`.
fn each<T: Send>(
    policy: &Policy,
    tests: &[&TestCase],
    crew: Crew<'_>,
    done: &(dyn Fn(usize) + Sync),
    f: &(dyn Fn(&Evaluator<'_>, &TestCase) -> T + Sync),
) -> Vec<T> {
    let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let found: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::with_capacity(tests.len()));
    let work = || {
        let evaluator = policy.evaluator();
        while let Some((i, test)) = Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| Some((i, tests.get(i)?))) {
            let answer = f(&evaluator, test);
            found.lock().unwrap_or_else(|e| e.into_inner()).push((i, answer));
            done(finished.fetch_add(1, Ordering::Relaxed) + 1);
        }
    };
    crew(&work);
    let mut found = found.into_inner().unwrap_or_else(|e| e.into_inner());
    found.sort_by_key(|(i, _)| *i);
    found.into_iter().map(|(_, answer)| answer).collect()
}

/// What comes of the facts of a test.
pub(crate) fn answer(policy: &Policy, evaluator: &Evaluator<'_>, test: &TestCase, why: bool) -> Answer {
    answered(policy, evaluator, test, Options { why, ..Options::default() })
}

fn answered(policy: &Policy, evaluator: &Evaluator<'_>, test: &TestCase, options: Options) -> Answer {
    let case = match policy.read(&test.name, &test.given.to_string(), &Overlay::default()) {
        Ok(case) => case,
        Err(rejected) => {
            let messages: Vec<&str> = rejected.problems.iter().map(|d| d.message.as_str()).collect();
            return Answer::Rejected(messages.join("; "));
        }
    };
    match evaluator.decide(&case, &Options { policies: Some(vec![test.policy]), ..options }) {
        Ok(decision) => Answer::Decided(Box::new(decision)),
        Err(broken) => Answer::Impossible(broken.constraints.into_iter().map(|(name, ..)| name).collect()),
    }
}

/// How one test comes out, and what came of its facts; decided in brief where that is all that is asked.
fn one(policy: &Policy, evaluator: &Evaluator<'_>, test: &TestCase, brief: bool) -> (Outcome, Answer) {
    let name = &policy.world().policies[test.policy.index()].name;
    let found = answered(policy, evaluator, test, Options { brief, ..Options::default() });
    let differences: Vec<Difference> =
        test.expects.iter().flat_map(|e| compare::differences(e, &found, name)).collect();
    let mut why = Vec::new();
    if !differences.is_empty()
        && let Answer::Decided(decision) = answer(policy, evaluator, test, true)
    {
        why = answers(&decision, name).into_iter().flat_map(|p| p.why.clone()).map(settled).collect();
    }
    let place = policy.sources().place(test.span);
    (Outcome { name: test.name.clone(), policy: name.clone(), place, differences, why }, found)
}

/// A reason without what is still open below something that is settled: of thirty entries the one that holds.
fn settled(mut node: Node) -> Node {
    if node.truth == "yes" && node.children.iter().any(|c| c.truth == "yes") {
        node.children.retain(|c| c.truth != "unknown");
    }
    node.children = node.children.into_iter().map(settled).collect();
    node
}

/// The answers of one policy, one an item.
fn answers<'d>(decision: &'d Decision, policy: &str) -> Vec<&'d PolicyDecision> {
    let items = decision.items.iter().flat_map(|i| &i.policies);
    decision.policies.iter().chain(items).filter(|p| p.policy == policy).collect()
}
