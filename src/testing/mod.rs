//! Runs the tests that gate files declare, and says what differs.

use serde::Serialize;

use crate::consignment::Overlay;
use crate::eval::decision::{Decision, PolicyDecision};
use crate::eval::explain::Node;
use crate::eval::{Evaluator, Options};
use crate::model::{Expect, TestCase};
use crate::policy::Policy;

/// How one test came out.
#[derive(Clone, Debug, Serialize)]
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

/// Runs the tests whose name, policy or file holds `filter`, in the order of their files.
pub fn run(policy: &Policy, filter: Option<&str>) -> Vec<Outcome> {
    let evaluator = policy.evaluator();
    let world = policy.world();
    let place = |t: &TestCase| policy.sources().place(t.span);
    let chosen = world.tests.iter().filter(|t| {
        filter.is_none_or(|f| {
            t.name.contains(f) || world.policies[t.policy.index()].name.contains(f) || place(t).contains(f)
        })
    });
    chosen.map(|t| one(policy, &evaluator, t)).collect()
}

fn one(policy: &Policy, evaluator: &Evaluator<'_>, test: &TestCase) -> Outcome {
    let name = &policy.world().policies[test.policy.index()].name;
    let mut out = Outcome {
        name: test.name.clone(),
        policy: name.clone(),
        place: policy.sources().place(test.span),
        differences: Vec::new(),
        why: Vec::new(),
    };
    let json = test.given.to_string();
    let decided = policy.decide_with(evaluator, &test.name, &json, &Overlay::default(), &Options::default());
    let decision = match decided {
        Ok(d) => d,
        Err(rejected) => {
            let messages: Vec<String> = rejected.problems.iter().map(|d| d.message.clone()).collect();
            out.differences.push(Difference {
                expected: "a decision".to_owned(),
                got: format!("an error: {}", messages.join("; ")),
            });
            return out;
        }
    };
    for expect in &test.expects {
        out.differences.extend(compare(expect, &decision, name));
    }
    if !out.passed() {
        let options = Options { why: true, ..Options::default() };
        if let Ok(d) = policy.decide_with(evaluator, &test.name, &json, &Overlay::default(), &options) {
            out.why = answers(&d, name).into_iter().flat_map(|p| p.why.clone()).collect();
        }
    }
    out
}

/// The answers of one policy, one an item.
fn answers<'d>(decision: &'d Decision, policy: &str) -> Vec<&'d PolicyDecision> {
    let items = decision.items.iter().flat_map(|i| &i.policies);
    decision.policies.iter().chain(items).filter(|p| p.policy == policy).collect()
}

fn compare(e: &Expect, decision: &Decision, policy: &str) -> Vec<Difference> {
    let answers = answers(decision, policy);
    let mut out = Vec::new();
    let single = if let [one] = answers.as_slice() { Some(*one) } else { None };
    let outcome = single.map_or(decision.outcome, |p| p.outcome).as_str();
    if outcome != e.outcome {
        let possible = single.map_or(&decision.possible_outcomes, |p| &p.possible.outcomes);
        let words: Vec<&str> = possible.iter().map(|o| o.as_str()).collect();
        let mut got =
            if words.is_empty() { outcome.to_owned() } else { format!("{outcome} ({} possible)", words.join(" or ")) };
        let by: Vec<&str> = answers.iter().flat_map(|p| p.decided_by.iter().map(|r| r.rule.as_str())).collect();
        if !by.is_empty() {
            got.push_str(&format!(" by {}", by.join(", ")));
        }
        let missing: Vec<&str> = answers.iter().flat_map(|p| p.missing.iter().map(|m| m.fact.as_str())).collect();
        if !missing.is_empty() {
            got.push_str(&format!(", missing {}", missing.join(", ")));
        }
        out.push(Difference { expected: e.outcome.clone(), got });
    }
    let may = single.map_or(decision.may_proceed, |p| p.may_proceed);
    if e.may_proceed.is_some_and(|m| may != Some(m)) {
        let word = |m: Option<bool>| match m {
            Some(true) => "may proceed",
            Some(false) => "may not proceed",
            None => "open whether it may proceed",
        };
        out.push(Difference { expected: word(e.may_proceed).to_owned(), got: word(may).to_owned() });
    }
    let mut list = |what: &str, wanted: &[String], negated: bool, found: Vec<String>| {
        for w in wanted {
            if found.contains(w) == negated {
                let got =
                    if found.is_empty() { format!("{what}: none") } else { format!("{what}: {}", found.join(", ")) };
                out.push(Difference { expected: format!("{}{what} {w}", if negated { "not " } else { "" }), got });
            }
        }
    };
    let all =
        |f: &dyn Fn(&PolicyDecision) -> Vec<String>| -> Vec<String> { answers.iter().flat_map(|p| f(p)).collect() };
    list("under", e.under.as_slice(), false, all(&|p| p.under.iter().cloned().collect()));
    let by = all(&|p| p.decided_by.iter().map(|r| r.rule.clone()).collect());
    list("by", &e.by, false, by.clone());
    list("by", &e.not_by, true, by);
    list("in", &e.categories, false, all(&|p| with_parents(&p.categories)));
    let possible = all(&|p| {
        with_parents(
            &p.possible.categories.iter().map(|w| w.name.clone()).chain(p.categories.clone()).collect::<Vec<_>>(),
        )
    });
    list("in", &e.not_categories, true, possible);
    list("missing", &e.missing, false, all(&|p| p.missing.iter().map(|m| m.fact.clone()).collect()));
    list(
        "requires",
        &e.requires,
        false,
        all(&|p| {
            p.requirements.iter().flat_map(|r| r.licence.split(" or ").map(str::to_owned).collect::<Vec<_>>()).collect()
        }),
    );
    list("document", &e.documents, false, all(&|p| p.documents.clone()));
    let documents =
        all(&|p| p.documents.iter().cloned().chain(p.possible.documents.iter().map(|w| w.name.clone())).collect());
    list("document", &e.not_documents, true, documents);
    list("duty", &e.duties, false, all(&|p| p.duties.iter().map(|d| d.duty.clone()).collect()));
    list("presumes", &e.presumes, false, all(&|p| p.presumed.iter().map(|d| d.fact.clone()).collect()));
    list(
        "near",
        &e.near,
        false,
        all(&|p| with_parents(&p.near.iter().map(|n| n.category.clone()).collect::<Vec<_>>())),
    );
    list("claimable", &e.claimable, false, all(&|p| p.claimable.iter().map(|c| c.rule.clone()).collect()));
    out
}

/// Entries and what they stand in: goods in `annex_II.2.1` are in `annex_II`.
fn with_parents(names: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    for name in names {
        let mut at = name.as_str();
        loop {
            if !out.iter().any(|o| o == at) {
                out.push(at.to_owned());
            }
            match at.rsplit_once('.') {
                Some((parent, _)) => at = parent,
                None => break,
            }
        }
    }
    out
}
