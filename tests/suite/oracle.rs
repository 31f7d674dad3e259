//! Unknown facts against enumeration: on small random policies, what the evaluator says of a partial consignment is
//! what all its completions say one by one.

use std::collections::BTreeSet;

use portcullis::analyze::same::{Same, same};
use portcullis::analyze::whynot::{WhyNot, why_not};
use portcullis::consignment::Overlay;
use portcullis::model::PolicyId;
use portcullis::{Options, Outcome, Policy};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};

use crate::support::{law, load};

pub const FLAGS: [&str; 4] = ["a", "b", "c", "d"];
pub const KINDS: [&str; 3] = ["x", "y", "z"];

/// A random condition over four yes/no facts and one choice of three.
fn condition() -> impl Strategy<Value = String> {
    let atom = prop_oneof![
        prop::sample::select(&FLAGS[..]).prop_map(str::to_owned),
        prop::sample::select(&KINDS[..]).prop_map(|k| format!("k is {k}")),
        prop::sample::subsequence(&KINDS[..], 2).prop_map(|k| format!("k in {{{}}}", k.join(", "))),
        Just("goods in list".to_owned()),
    ];
    atom.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} and {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            inner.prop_map(|a| format!("not ({a})")),
        ]
    })
}

/// A condition that asks for no category, for the category itself and for constraints.
fn plain() -> impl Strategy<Value = String> {
    condition().prop_map(|c| c.replace("goods in list", "a"))
}

#[derive(Clone, Debug)]
pub struct Law {
    pub text: String,
    /// The same law in other words: every condition denied twice.
    otherwise: String,
}

pub fn policy_text() -> impl Strategy<Value = Law> {
    let effect = prop::sample::select(vec!["prohibit", "permit", "require l"]);
    let rules = prop::collection::vec((condition(), effect.clone()), 1..4);
    let exceptions = prop::collection::vec((condition(), effect, any::<prop::sample::Index>()), 0..3);
    let constraints = prop::collection::vec(plain(), 0..2);
    let otherwise = prop::sample::select(vec!["permit", "prohibit"]);
    (rules, exceptions, plain(), constraints, otherwise).prop_map(
        |(rules, exceptions, category, constraints, otherwise)| {
            let mut head = String::from("fact date: date\nfact k: one of { x, y, z }\n");
            for f in FLAGS {
                head.push_str(&format!("fact {f}: yes/no\n"));
            }
            head.push_str("policy p \"P\" { source \"S\" applies when a or not a known from 2020-01-01 otherwise ");
            head.push_str(&format!("{otherwise} }}\nlicence l \"L\" {{ }}\n"));
            let body = |wrap: &dyn Fn(&str) -> String| {
                let mut all = vec![format!("category list \"C\" {{ when {} }}\n", wrap(&category))];
                let mut names = Vec::new();
                for (i, (c, e)) in rules.iter().enumerate() {
                    all.push(format!("rule r{i} \"R\" {{ cite \"r{i}\" when {} then {e} }}\n", wrap(c)));
                    names.push(format!("r{i}"));
                }
                for (i, (c, e, at)) in exceptions.iter().enumerate() {
                    // An exception may name a rule or an earlier exception, so that nothing runs in a circle.
                    let target = names[at.index(names.len())].clone();
                    let c = wrap(c);
                    all.push(format!("exception e{i} \"E\" to {target} {{ cite \"e{i}\" when {c} then {e} }}\n"));
                    names.push(format!("e{i}"));
                }
                for (i, c) in constraints.iter().enumerate() {
                    all.push(format!("constraint c{i} \"C\" {{ always {} }}\n", wrap(c)));
                }
                all
            };
            let text = head.clone() + &body(&str::to_owned).concat();
            let turned = body(&|c| format!("not (not ({c}))"));
            Law { text, otherwise: head + &turned.concat() }
        },
    )
}

/// What is given: for each flag nothing, no or yes; for the choice nothing or a kind.
fn given() -> impl Strategy<Value = (Vec<Option<bool>>, Option<usize>)> {
    (prop::collection::vec(prop::option::of(any::<bool>()), FLAGS.len()), prop::option::of(0..KINDS.len()))
}

pub fn consignment(flags: &[Option<bool>], kind: Option<usize>) -> Value {
    let mut map = Map::new();
    map.insert("date".to_owned(), json!("2026-03-02"));
    for (name, value) in FLAGS.iter().zip(flags) {
        if let Some(v) = value {
            map.insert((*name).to_owned(), json!(v));
        }
    }
    if let Some(k) = kind {
        map.insert("k".to_owned(), json!(KINDS[k]));
    }
    Value::Object(map)
}

type Answer = (String, Option<bool>);

/// The answer on a complete consignment; nothing if a constraint forbids it.
fn complete(policy: &Policy, flags: &[Option<bool>], kind: Option<usize>) -> Option<Answer> {
    let decision = policy.decide(&consignment(flags, kind).to_string()).ok()?;
    assert_ne!(decision.outcome.as_str(), "undetermined", "a complete consignment is decided");
    Some((decision.outcome.as_str().to_owned(), decision.may_proceed))
}

/// Every completion, as the values of the four flags and the kind, with its answer.
fn completions(policy: &Policy, flags: &[Option<bool>], kind: Option<usize>) -> Vec<(Vec<usize>, Answer)> {
    let mut out = Vec::new();
    for bits in 0..1usize << FLAGS.len() {
        for k in 0..KINDS.len() {
            let full: Vec<Option<bool>> = (0..FLAGS.len()).map(|i| Some(bits & (1 << i) != 0)).collect();
            let fits = flags.iter().zip(&full).all(|(g, f)| g.is_none() || g == f) && kind.is_none_or(|g| g == k);
            if !fits {
                continue;
            }
            if let Some(answer) = complete(policy, &full, Some(k)) {
                let mut values: Vec<usize> = (0..FLAGS.len()).map(|i| (bits >> i) & 1).collect();
                values.push(k);
                out.push((values, answer));
            }
        }
    }
    out
}

fn check(law_text: &Law, flags: &[Option<bool>], kind: Option<usize>) -> Result<(), TestCaseError> {
    let policy = match load(vec![law("law.gate", &law_text.text)]) {
        Ok(p) => p,
        Err(r) => return Err(TestCaseError::fail(format!("the generated law is refused:\n{r}\n{}", law_text.text))),
    };
    let json = consignment(flags, kind).to_string();
    let all = completions(&policy, flags, kind);
    let context = format!("{}\n{json}", law_text.text);
    let decision = match policy.decide(&json) {
        Ok(d) => d,
        Err(r) => {
            prop_assert!(all.is_empty(), "refused although it can be completed: {r}\n{context}");
            return Ok(());
        }
    };
    let plain =
        policy.decide_with(&policy.plain_evaluator(), "case", &json, &Overlay::default(), &Options::default()).ok();
    prop_assert_eq!(Some(&decision), plain.as_ref(), "engine and interpreter\n{}", context);
    prop_assert!(!all.is_empty(), "decided although nothing completes it\n{context}");
    prop_assert!(decision.resolved, "{context}");
    let answer = &decision.policies[0];
    let outcomes: BTreeSet<&str> = all.iter().map(|(_, (o, _))| o.as_str()).collect();
    let stated: BTreeSet<&str> = match answer.outcome.0 {
        Some(o) => BTreeSet::from([o.as_str()]),
        None => answer.possible.outcomes.iter().map(|o| o.as_str()).collect(),
    };
    prop_assert_eq!(&stated, &outcomes, "outcomes\n{}", context);
    let may: BTreeSet<Option<bool>> = all.iter().map(|(_, (_, m))| *m).collect();
    let expected = if may.len() == 1 { *may.first().unwrap() } else { None };
    prop_assert_eq!(answer.may_proceed, expected, "may_proceed\n{}", context);
    // Categories: certain in all completions, possible in some.
    let missing: BTreeSet<&str> = answer.missing.iter().map(|m| m.fact.as_str()).collect();
    let names: Vec<&str> = FLAGS.iter().copied().chain(["k"]).collect();
    for (i, name) in names.iter().enumerate() {
        let given = if i < FLAGS.len() { flags[i].is_some() } else { kind.is_some() };
        if given {
            prop_assert!(!missing.contains(name), "asks for {} which is given\n{}", name, context);
            continue;
        }
        let others = |v: &[usize]| v.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, x)| *x).collect::<Vec<_>>();
        let changes = all.iter().any(|(v, a)| all.iter().any(|(w, b)| others(v) == others(w) && a != b));
        let answers = |value: usize| all.iter().filter(|(v, _)| v[i] == value).map(|(_, a)| a).collect::<BTreeSet<_>>();
        let whole: BTreeSet<&Answer> = all.iter().map(|(_, a)| a).collect();
        let narrows = (0..3).map(answers).any(|s| !s.is_empty() && s != whole);
        if changes {
            prop_assert!(missing.contains(name), "does not ask for {}, which changes the answer\n{}", name, context);
        }
        if !changes && !narrows {
            prop_assert!(!missing.contains(name), "asks for {}, which changes nothing\n{}", name, context);
        }
    }
    Ok(())
}

/// The whole decision on a complete consignment but for the digest; nothing if a constraint forbids it.
fn whole(policy: &Policy, flags: &[Option<bool>], kind: Option<usize>) -> Option<Value> {
    let decision = policy.decide(&consignment(flags, kind).to_string()).ok()?;
    let mut json = serde_json::to_value(decision).unwrap();
    json["policies"][0]["digest"] = Value::Null;
    Some(json)
}

/// All complete consignments of the grid: the four flags and the kind.
pub fn grid() -> Vec<(Vec<Option<bool>>, Option<usize>)> {
    let flags = |bits: usize| (0..FLAGS.len()).map(|i| Some(bits & (1 << i) != 0)).collect::<Vec<_>>();
    (0..1usize << FLAGS.len()).flat_map(|bits| (0..KINDS.len()).map(move |k| (flags(bits), Some(k)))).collect()
}

/// Two laws decide alike exactly if they decide every consignment of the grid alike.
fn check_same(old: &Law, new: &Law) -> Result<(), TestCaseError> {
    let context = format!("{}\n---\n{}", old.text, new.text);
    let (a, b) = (load(vec![law("law.gate", &old.text)]), load(vec![law("law.gate", &new.text)]));
    let (Ok(a), Ok(b)) = (a, b) else { return Err(TestCaseError::fail(context)) };
    let differ = grid().into_iter().any(|(flags, kind)| whole(&a, &flags, kind) != whole(&b, &flags, kind));
    match same(a.world(), b.world(), &[]) {
        Same::Yes => prop_assert!(!differ, "said to be the same\n{context}"),
        Same::No(d) => prop_assert!(differ, "said to differ in {}\n{context}", d.what),
        Same::NotShown => prop_assert!(false, "not shown\n{context}"),
    }
    Ok(())
}

/// The fewest facts that would have to differ, against all consignments of the grid.
fn check_why_not(law_text: &Law, flags: &[Option<bool>], kind: Option<usize>) -> Result<(), TestCaseError> {
    let Ok(policy) = load(vec![law("law.gate", &law_text.text)]) else {
        return Err(TestCaseError::fail(law_text.text.clone()));
    };
    let json = consignment(flags, kind).to_string();
    let (Ok(case), Ok(decision)) = (policy.read("case", &json, &Overlay::default()), policy.decide(&json)) else {
        return Ok(());
    };
    let context = format!("{}\n{json}", law_text.text);
    for outcome in Outcome::ALL {
        let found = why_not(&policy.evaluator(), policy.world(), PolicyId(0), &case, outcome, 3);
        // Facts that are given and would differ, and facts that are unknown and would have to be given.
        let distance = |given: &[Option<bool>], k: Option<usize>| {
            given.iter().zip(flags).filter(|(a, b)| a != b).count() + usize::from(k != kind)
        };
        let mut partial = Vec::new();
        for choice in 0..3usize.pow(FLAGS.len() as u32) {
            let some: Vec<Option<bool>> =
                (0..FLAGS.len()).map(|i| [None, Some(false), Some(true)][choice / 3usize.pow(i as u32) % 3]).collect();
            for k in [None, Some(0), Some(1), Some(2)] {
                // A change gives a fact a value; it never takes one away.
                let gives = some.iter().zip(flags).all(|(s, f)| s.is_some() || f.is_none());
                if gives && (k.is_some() || kind.is_none()) {
                    partial.push((some.clone(), k));
                }
            }
        }
        let reaches = |(f, k): &&(Vec<Option<bool>>, Option<usize>)| {
            policy.decide(&consignment(f, *k).to_string()).is_ok_and(|d| d.policies[0].outcome.0 == Some(outcome))
        };
        let fewest = partial.iter().filter(reaches).map(|(f, k)| distance(f, *k)).min();
        match (found, fewest) {
            (WhyNot::Already, _) => prop_assert_eq!(decision.policies[0].outcome.0, Some(outcome), "{}", context),
            (WhyNot::Never, fewest) => prop_assert_eq!(fewest, None, "{}", context),
            (WhyNot::Ways(ways), fewest) => {
                for way in ways {
                    prop_assert_eq!(Some(way.changes.len()), fewest, "{}", context);
                }
            }
            (WhyNot::NotShown, _) => prop_assert!(false, "not shown\n{context}"),
        }
    }
    Ok(())
}

pub fn run<S: Strategy>(fewer: u32, strategy: S, check: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(400) / fewer;
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    if let Err(e) = runner.run(&strategy, check) {
        panic!("{e}");
    }
}

#[test]
fn two_laws_are_the_same_exactly_if_every_consignment_is_decided_alike() {
    run(4, (policy_text(), policy_text()), |(a, b)| check_same(&a, &b));
}

#[test]
fn a_law_written_otherwise_is_the_same() {
    run(4, policy_text(), |law| check_same(&law, &Law { text: law.otherwise.clone(), ..law.clone() }));
}

#[test]
fn what_would_have_to_differ_is_the_least_that_would() {
    run(8, (policy_text(), given()), |(text, (flags, kind))| check_why_not(&text, &flags, kind));
}

#[test]
fn partial_consignments_are_decided_as_all_their_completions() {
    run(1, (policy_text(), given()), |(text, (flags, kind))| check(&text, &flags, kind));
}
