//! Law in other words decides as before: declarations in another order, conditions denied twice or by De Morgan's laws,
//! named conditions written out, groups and rules split.

use portcullis::analyze::diff::{LIMIT, versions};
use portcullis::analyze::same::{Same, same};
use portcullis::consignment::Overlay;
use portcullis::{Evaluator, Options, Policy};
use serde_json::{Value, json};

use crate::common::cases::case;
use crate::common::choices::Choices;
use crate::common::law::{Law, Scale, law};
use crate::common::rewrite::{HALF, REWRITES, Rewrite, rewrite};
use crate::judge::{in_parallel, load, wanted};

/// Law that can be compared as a whole.
const SMALL: Scale = Scale { facts: (3, 6), without: &[], policies: 1, rules: (2, 5), settled: false };

/// A decision without what another wording may change: digests, which part of a condition fails, the order of lists.
fn plainly(value: &Value) -> Value {
    match value {
        Value::Array(list) => {
            let mut all: Vec<Value> = list.iter().map(plainly).collect();
            all.sort_by_key(Value::to_string);
            all.dedup();
            Value::Array(all)
        }
        Value::Object(map) => {
            let excluded = map.contains_key("category") && map.get("because").is_some_and(Value::is_array);
            let covered = map.contains_key("covered_by");
            let worded = |k: &str| match k {
                "digest" => true,
                "because" => excluded,
                "failed" | "unknown" => covered,
                _ => false,
            };
            let kept = map.iter().filter(|(k, _)| !worded(k));
            Value::Object(kept.map(|(k, v)| (k.clone(), plainly(v))).collect())
        }
        // The halves of a rule are the rule.
        Value::String(s) => json!(s.replace(HALF, "")),
        other => other.clone(),
    }
}

fn decide(policy: &Policy, evaluator: &Evaluator<'_>, json: &Value) -> Value {
    match policy.decide_with(evaluator, "case", &json.to_string(), &Overlay::default(), &Options::default()) {
        Ok(d) => plainly(&serde_json::to_value(d).unwrap()),
        Err(r) => json!(r.problems.iter().map(|d| d.code.as_str()).collect::<Vec<_>>()),
    }
}

/// One law in all other words. Gives how often it was shown that nothing differs, and how often that took too much.
fn reworded(seed: u64) -> [usize; 2] {
    let mut c = Choices::seeded(seed);
    let old: Law = law(&mut c, &SMALL);
    let policy = load(&old, seed);
    let evaluator = policy.evaluator();
    let mut cases = Vec::new();
    for n in 0..40 {
        let unknown = if n < 30 { 0 } else { 1 + n % 4 };
        let json = case(&mut c, &old, unknown, if n < 30 { 0 } else { 20 });
        let answer = decide(&policy, &evaluator, &json);
        cases.push((json, answer, n >= 30));
    }
    let mut shown = [0, 0];
    for how in REWRITES {
        let new = rewrite(&old, how, &mut c);
        let other = load(&new, seed);
        let evaluator = other.evaluator();
        for (json, answer, partial) in &cases {
            // Half a rule is certain where the rule is, but not always: each alone waits for what splits it.
            if how == Rewrite::Split && *partial {
                continue;
            }
            let now = decide(&other, &evaluator, json);
            if *answer != now {
                let (was, is) = (format!("{answer:#}"), format!("{now:#}"));
                let lines: Vec<_> = was.lines().zip(is.lines()).filter(|(a, b)| a != b).take(10).collect();
                panic!("seed {seed}, {how:?}: {lines:#?}\n{}\n----- now\n{}\n{json}", old.text(), new.text());
            }
        }
        if how == Rewrite::Split {
            continue;
        }
        // Declarations in another order have other numbers.
        let found = if how == Rewrite::Order {
            let found = versions(policy.world(), other.world(), LIMIT);
            match (found.resolved, found.same) {
                (false, _) => None,
                (true, true) => Some(Ok(())),
                (true, false) => Some(Err(format!("{:#?}", found.findings))),
            }
        } else {
            match same(policy.world(), other.world(), &[]) {
                Same::Yes => Some(Ok(())),
                Same::No(d) => Some(Err(d.what)),
                Same::NotShown => None,
            }
        };
        match found {
            Some(Ok(())) => shown[0] += 1,
            None => shown[1] += 1,
            Some(Err(what)) => {
                panic!("seed {seed}, {how:?} said to differ: {what}\n{}\n----- now\n{}", old.text(), new.text())
            }
        }
    }
    shown
}

#[test]
fn law_in_other_words_decides_as_before() {
    let (first, laws) = (wanted("ORACLE_SEED", 0), wanted("ORACLE_CASES", 2_000).div_ceil(400));
    let (mut yes, mut not_shown) = (0, 0);
    in_parallel(first..first + laws, reworded, |[y, n]| (yes, not_shown) = (yes + y, not_shown + n));
    assert!(yes > 4 * not_shown, "shown to be the same: {yes}; not shown: {not_shown}");
}
