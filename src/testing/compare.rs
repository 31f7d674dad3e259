//! A decision held against an expectation, part by part.

use crate::eval::decision::{Decision, PolicyDecision};
use crate::model::{Expect, Expected, ExpectedPart, IMPOSSIBLE};

use super::{Answer, Difference, answers};

/// What a decision says of one kind of part.
pub(super) struct Found {
    /// What is certain, as it is reported.
    pub certain: Vec<String>,
    /// What only some completions give.
    pub possible: Vec<String>,
}

/// True if a brief decision holds all that is expected.
pub(super) fn in_brief(expects: &[Expect]) -> bool {
    let kept = |p: &ExpectedPart| match p.what {
        Expected::By | Expected::Missing | Expected::Under | Expected::Proceed => true,
        // What goods cannot be in, or what is not even possibly due, takes a whole decision.
        Expected::In | Expected::Document => !p.negated,
        Expected::Requires | Expected::Duty | Expected::Presumes | Expected::Near | Expected::Claimable => false,
    };
    expects.iter().flat_map(|e| &e.parts).all(kept)
}

/// Everything that is expected and not so.
pub(super) fn differences(expect: &Expect, answer: &Answer, policy: &str) -> Vec<Difference> {
    let mut out = Vec::new();
    let got = outcome(answer, policy);
    if got != expect.outcome {
        out.push(Difference { expected: expect.outcome.clone(), got: told(answer, policy) });
        if expect.outcome == IMPOSSIBLE || !matches!(answer, Answer::Decided(_)) {
            // Of what was not decided, or was decided after all, the rest cannot be compared.
            return out;
        }
    }
    out.extend(expect.parts.iter().flat_map(|part| of_part(part, answer, policy)));
    out
}

/// The word for the outcome.
pub(super) fn outcome(answer: &Answer, policy: &str) -> &'static str {
    match answer {
        Answer::Impossible(_) => IMPOSSIBLE,
        Answer::Rejected(_) => "an error",
        Answer::Decided(d) => single(d, policy).map_or(d.outcome, |p| p.outcome).as_str(),
    }
}

/// The outcome with what it rests on.
fn told(answer: &Answer, policy: &str) -> String {
    let decision = match answer {
        Answer::Rejected(message) => return format!("an error: {message}"),
        Answer::Impossible(constraints) if constraints.is_empty() => return IMPOSSIBLE.to_owned(),
        Answer::Impossible(constraints) => return format!("{IMPOSSIBLE} by {}", constraints.join(", ")),
        Answer::Decided(decision) => decision,
    };
    let possible = single(decision, policy).map_or(&decision.possible_outcomes, |p| &p.possible.outcomes);
    let words: Vec<&str> = possible.iter().map(|o| o.as_str()).collect();
    let mut got = outcome(answer, policy).to_owned();
    if !words.is_empty() {
        got.push_str(&format!(" ({} possible)", words.join(" or ")));
    }
    for what in [Expected::By, Expected::Missing] {
        let names = found(what, answer, policy).certain;
        if !names.is_empty() {
            let comma = if got.contains(" by ") { "," } else { "" };
            got.push_str(&format!("{comma} {} {}", what.word(), names.join(", ")));
        }
    }
    got
}

fn of_part(part: &ExpectedPart, answer: &Answer, policy: &str) -> Vec<Difference> {
    if part.what == Expected::Proceed {
        let word = |m: Option<bool>| match m {
            Some(true) => "may proceed",
            Some(false) => "may not proceed",
            None => "open whether it may proceed",
        };
        let got = proceeds(answer, policy);
        let differs = got != Some(!part.negated);
        let difference = Difference { expected: word(Some(!part.negated)).to_owned(), got: word(got).to_owned() };
        return if differs { vec![difference] } else { Vec::new() };
    }
    let found = found(part.what, answer, policy);
    let word = part.what.word();
    let shown = |name: &str| if part.what.quoted() { format!("\"{name}\"") } else { name.to_owned() };
    let list = |names: &[String]| names.iter().map(|n| shown(n)).collect::<Vec<_>>().join(", ");
    let wrong = part.names.iter().filter(|n| !holds(part, n, &found));
    wrong
        .map(|name| {
            let not = if part.negated { "not " } else { "" };
            let mut got = if found.certain.is_empty() {
                format!("{word}: none")
            } else {
                format!("{word}: {}", list(&found.certain))
            };
            if !found.possible.is_empty() && !part.names.iter().any(|n| found.certain.contains(n)) {
                got.push_str(&format!("; possibly {}", list(&found.possible)));
            }
            Difference { expected: format!("{not}{word} {}", shown(name)), got }
        })
        .collect()
}

/// Whether a name of a part is as the part says: certain, or after `not` not even possible.
pub(super) fn holds(part: &ExpectedPart, name: &str, found: &Found) -> bool {
    let within = |names: &[String]| match part.what {
        // Goods in `annex_II.2.1` are in `annex_II`.
        Expected::In | Expected::Near => names.iter().any(|n| below(n, name)),
        _ => names.iter().any(|n| n == name),
    };
    let certain = within(&found.certain);
    if part.negated { !certain && !within(&found.possible) } else { certain }
}

/// True if an entry is another, or stands in it.
fn below(entry: &str, list: &str) -> bool {
    entry.strip_prefix(list).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether it may proceed.
pub(super) fn proceeds(answer: &Answer, policy: &str) -> Option<bool> {
    match answer {
        Answer::Decided(d) => single(d, policy).map_or(d.may_proceed, |p| p.may_proceed),
        _ => None,
    }
}

/// What a decision says of one kind of part.
pub(super) fn found(what: Expected, answer: &Answer, policy: &str) -> Found {
    let decision = match answer {
        Answer::Decided(decision) => decision,
        Answer::Impossible(constraints) if what == Expected::By => {
            return Found { certain: constraints.clone(), possible: Vec::new() };
        }
        _ => return Found { certain: Vec::new(), possible: Vec::new() },
    };
    let all = |f: &dyn Fn(&PolicyDecision) -> Vec<String>| -> Vec<String> {
        let mut out = Vec::new();
        for name in answers(decision, policy).into_iter().flat_map(f) {
            if !out.contains(&name) {
                out.push(name);
            }
        }
        out
    };
    // What is possible names the rule behind its licences: `individual or global (art_11_1)`.
    let alternatives = |licence: &str| {
        let licences = licence.split(" (").next().unwrap_or_default();
        licences.split(" or ").map(str::to_owned).collect::<Vec<_>>()
    };
    let certain = match what {
        Expected::Under => all(&|p| p.under.iter().cloned().collect()),
        Expected::By => all(&|p| p.decided_by.iter().map(|r| r.rule.clone()).collect()),
        Expected::In => all(&|p| p.categories.clone()),
        Expected::Missing => all(&|p| p.missing.iter().map(|m| m.fact.clone()).collect()),
        Expected::Requires => all(&|p| p.requirements.iter().flat_map(|r| alternatives(&r.licence)).collect()),
        Expected::Document => all(&|p| p.documents.clone()),
        Expected::Duty => all(&|p| p.duties.iter().map(|d| d.duty.clone()).collect()),
        Expected::Presumes => all(&|p| p.presumed.iter().map(|d| d.fact.clone()).collect()),
        Expected::Near => all(&|p| p.near.iter().map(|n| n.category.clone()).collect()),
        Expected::Claimable => all(&|p| p.claimable.iter().map(|c| c.rule.clone()).collect()),
        Expected::Proceed => Vec::new(),
    };
    let possible = match what {
        Expected::In => all(&|p| p.possible.categories.iter().map(|w| w.name.clone()).collect()),
        Expected::Requires => all(&|p| p.possible.requirements.iter().flat_map(|w| alternatives(&w.name)).collect()),
        Expected::Document => all(&|p| p.possible.documents.iter().map(|w| w.name.clone()).collect()),
        Expected::Duty => all(&|p| p.possible.duties.iter().map(|w| w.name.clone()).collect()),
        _ => Vec::new(),
    };
    Found { certain, possible }
}

/// The answer of the policy, where there is one goods item.
fn single<'d>(decision: &'d Decision, policy: &str) -> Option<&'d PolicyDecision> {
    match answers(decision, policy).as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}
