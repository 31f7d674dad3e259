//! Expectations that fail, rewritten to what the decision says.
//!
//! Only the words that are wrong are changed: an outcome, or the names of one part. What holds stays as it is written,
//! comments too, and tests that pass are not touched. A file that was in the canonical layout is laid out again;
//! any other keeps its layout. Nothing is written to disk here.

use crate::format::format;
use crate::model::{Expect, Expected, ExpectedPart, IMPOSSIBLE, TestCase};
use crate::policy::Policy;
use crate::span::{FileId, Span};
use crate::syntax::parse_file;

use super::compare::{self, Found};
use super::{Answer, answer};

/// One expectation that is to be rewritten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrite {
    /// The name of the test.
    pub test: String,
    /// `file:line:column` of the expectation.
    pub place: String,
    /// What is written now.
    pub before: String,
    /// What is to be written.
    pub after: String,
}

/// What is to be rewritten, and the texts that result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The expectations, in the order of their places.
    pub rewrites: Vec<Rewrite>,
    /// The whole new text of each file that changes.
    pub texts: Vec<(FileId, String)>,
    /// Tests that fail and cannot be rewritten: the name, the place, and why.
    pub left: Vec<(String, String, String)>,
}

/// What would have to be rewritten so that these tests pass.
pub fn plan(policy: &Policy, tests: &[&TestCase]) -> Plan {
    let (mut plan, mut edits) = (Plan::default(), Vec::new());
    let evaluator = policy.evaluator();
    for test in tests {
        let name = &policy.world().policies[test.policy.index()].name;
        let found = answer(policy, &evaluator, test, false);
        for expect in &test.expects {
            if compare::differences(expect, &found, name).is_empty() {
                continue;
            }
            let place = policy.sources().place(expect.span);
            if let Answer::Rejected(message) = &found {
                plan.left.push((test.name.clone(), place, format!("what is given is no consignment: {message}")));
                break;
            }
            let own = edits_of(policy, expect, &found, name);
            let before = one_line(policy.sources().text(expect.span));
            let after = applied(policy.sources().text(expect.span), expect.span.start, &own);
            plan.rewrites.push(Rewrite { test: test.name.clone(), place, before, after: one_line(&after) });
            edits.extend(own);
        }
    }
    edits.sort_by_key(|(span, _)| *span);
    for (id, source) in policy.sources().iter() {
        let own: Vec<(Span, String)> = edits.iter().filter(|(s, _)| s.file == id).cloned().collect();
        if own.is_empty() {
            continue;
        }
        let canonical = |text: &str| {
            let (tree, problems) = parse_file(id, text);
            problems.is_empty().then(|| format(&tree))
        };
        let edited = applied(&source.text, 0, &own);
        let laid_out = canonical(&source.text).is_some_and(|text| text == source.text);
        let text = if laid_out { canonical(&edited).unwrap_or(edited) } else { edited };
        plan.texts.push((id, text));
    }
    plan
}

/// A text that stands from byte `start` of its file on, with edits made.
fn applied(text: &str, start: u32, edits: &[(Span, String)]) -> String {
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for (span, new) in edits {
        let (from, to) = ((span.start - start) as usize, (span.end - start) as usize);
        out.push_str(text.get(at..from).unwrap_or_default());
        out.push_str(new);
        at = to;
        if new.is_empty() {
            // The blanks after what is dropped go with it; never a line end, which may end a comment.
            at += text.get(at..).map_or(0, |rest| rest.len() - rest.trim_start_matches([' ', '\t']).len());
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// As one line, comments left out, for showing.
fn one_line(text: &str) -> String {
    let code = |line: &str| {
        let mut quoted = false;
        let end = line.char_indices().find(|(_, c)| {
            quoted ^= *c == '"';
            *c == '#' && !quoted
        });
        end.map_or(line, |(i, _)| &line[..i]).to_owned()
    };
    let words: Vec<String> =
        text.lines().flat_map(|l| code(l).split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect();
    words.join(" ")
}

fn edits_of(policy: &Policy, expect: &Expect, answer: &Answer, name: &str) -> Vec<(Span, String)> {
    let outcome = compare::outcome(answer, name);
    if (expect.outcome == IMPOSSIBLE) != (outcome == IMPOSSIBLE) {
        // Nothing of what was expected has a meaning any more.
        let rests = [Expected::By, Expected::Missing].map(|what| (what, compare::found(what, answer, name).certain));
        let parts = rests.iter().filter(|(_, names)| !names.is_empty()).map(|(w, names)| written(*w, false, names));
        let text = std::iter::once(outcome.to_owned()).chain(parts).collect::<Vec<_>>().join(" ");
        let comments = policy.sources().text(expect.span).lines().filter(|l| l.trim_start().starts_with('#'));
        let comments: String = comments.map(|c| format!("\n{c}")).collect();
        let end = if comments.is_empty() { String::new() } else { format!("{comments}\n") };
        return vec![(expect.span, format!("{text}{end}"))];
    }
    let mut out = Vec::new();
    if expect.outcome != outcome {
        out.push((expect.outcome_span, outcome.to_owned()));
    }
    for part in &expect.parts {
        if let Some(text) = of_part(part, answer, name) {
            out.push((part.span, text));
        }
    }
    out
}

/// What is to stand in place of a part; nothing if it holds.
fn of_part(part: &ExpectedPart, answer: &Answer, policy: &str) -> Option<String> {
    if part.what == Expected::Proceed {
        return match compare::proceeds(answer, policy) {
            got if got == Some(!part.negated) => None,
            Some(true) => Some("may proceed".to_owned()),
            Some(false) => Some("may not proceed".to_owned()),
            None => Some(String::new()),
        };
    }
    let found = compare::found(part.what, answer, policy);
    let (right, wrong): (Vec<String>, Vec<String>) =
        part.names.iter().cloned().partition(|n| compare::holds(part, n, &found));
    if wrong.is_empty() {
        return None;
    }
    Some(if part.negated { negated(part, &right, &wrong, &found) } else { positive(part, right, &found) })
}

/// `by a, b`: of the names those that are right; else what is so; else that it is not so.
fn positive(part: &ExpectedPart, right: Vec<String>, found: &Found) -> String {
    if !right.is_empty() {
        return written(part.what, false, &right);
    }
    if !found.certain.is_empty() {
        let names = if part.what == Expected::Under { &found.certain[..1] } else { &found.certain[..] };
        return written(part.what, false, names);
    }
    let opposite = ExpectedPart { negated: true, ..part.clone() };
    let sayable = !matches!(part.what, Expected::Under | Expected::Missing | Expected::Near);
    if sayable && part.names.iter().all(|n| compare::holds(&opposite, n, found)) {
        return written(part.what, true, &part.names);
    }
    String::new()
}

/// `not by a, b`: the names that are right stay, those that are certain after all are expected now.
fn negated(part: &ExpectedPart, right: &[String], wrong: &[String], found: &Found) -> String {
    let opposite = ExpectedPart { negated: false, ..part.clone() };
    let certain: Vec<String> = wrong.iter().filter(|n| compare::holds(&opposite, n, found)).cloned().collect();
    let mut texts = Vec::new();
    if !right.is_empty() {
        texts.push(written(part.what, true, right));
    }
    if !certain.is_empty() {
        texts.push(written(part.what, false, &certain));
    }
    texts.join(" ")
}

/// A part as the language spells it.
fn written(what: Expected, negated: bool, names: &[String]) -> String {
    let quote = |n: &String| {
        if what.quoted() { format!("\"{}\"", n.replace('\\', "\\\\").replace('"', "\\\"")) } else { n.clone() }
    };
    let list: Vec<String> = names.iter().map(quote).collect();
    format!("{}{} {}", if negated { "not " } else { "" }, what.word(), list.join(", "))
}
