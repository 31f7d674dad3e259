//! Worked cases from the law, where they are at hand: an extra check, skipped with a word where they are not.
//!
//! The folder is `PORTCULLIS_CASES`, or `../shared/cases` beside the project. Each line is a consignment with the
//! outcome, entries and whatever else the law gives. A case that comes out otherwise must stand in the table of
//! the README of its jurisdiction with what the policy answers instead, and why.

use std::collections::BTreeMap;

use portcullis::{LawFile, Policy, embedded};
use serde_json::Value;

use crate::support::{project, read};

pub fn cases(file: &str) -> Option<Vec<Value>> {
    let folder = std::env::var_os("PORTCULLIS_CASES").map_or_else(|| project("../shared/cases"), Into::into);
    let text = std::fs::read_to_string(folder.join(file)).ok()?;
    Some(text.lines().map(|l| serde_json::from_str(l).unwrap()).collect())
}

/// Cases that come out otherwise, with the outcome that the README gives for each: rows `| EU-020 | undetermined | … |`.
fn otherwise(jurisdiction: &str) -> BTreeMap<String, String> {
    let rows = read(&format!("policies/{}/README.md", jurisdiction.to_lowercase()));
    let start = format!("| {jurisdiction}-").to_lowercase();
    let cells = rows
        .lines()
        .filter(|l| l.to_lowercase().starts_with(&start))
        .map(|l| l.split('|').map(str::trim).collect::<Vec<_>>());
    cells.map(|c| (c[1].to_owned(), c[2].to_owned())).collect()
}

fn texts(value: &Value) -> Vec<String> {
    let mut all: Vec<String> =
        value.as_array().into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect();
    all.sort();
    all
}

/// An entry as the policy names it: names hold no slash, and the README of the jurisdiction says what stands for what.
fn as_named_here(entry: &str) -> String {
    entry.strip_prefix("GB-ECO/").map_or_else(|| entry.to_owned(), |rest| format!("order.{rest}"))
}

#[test]
fn eu_cases_come_out_as_the_law_says() {
    check("EU", "eu.jsonl");
}

#[test]
fn gb_cases_come_out_as_the_law_says() {
    check("GB", "eu.jsonl");
}

/// The law of one jurisdiction, and what all share.
fn law_of(jurisdiction: &str) -> Policy {
    let folder = format!("{}/", jurisdiction.to_lowercase());
    let own = |f: &LawFile| f.path == "trade.gate" || f.path.starts_with("alliance/") || f.path.starts_with(&folder);
    Policy::load(embedded::files().into_iter().filter(own)).unwrap_or_else(|r| panic!("{r}"))
}

/// The cases of one jurisdiction, by its own policies and what all share.
fn check(jurisdiction: &str, file: &str) {
    let Some(cases) = cases(file) else {
        println!("skipped: the worked cases are not at hand");
        return;
    };
    let policy = law_of(jurisdiction);
    let otherwise = otherwise(jurisdiction);
    let (mut problems, mut run) = (Vec::new(), 0);
    for case in &cases {
        let id = case["id"].as_str().unwrap_or("?");
        if !case["jurisdiction"].as_str().is_some_and(|j| j.starts_with(jurisdiction)) {
            continue;
        }
        run += 1;
        let decision = match policy.decide(&case["consignment"].to_string()) {
            Ok(d) => serde_json::to_value(d).unwrap(),
            Err(r) => {
                problems.push(format!("{id}: {r}"));
                continue;
            }
        };
        let expect = &case["expect"];
        let answer = &decision["policies"][0];
        if let Some(outcome) = otherwise.get(id) {
            if decision["outcome"] != outcome.as_str() {
                problems.push(format!(
                    "{id}: {} instead of {outcome}, which the README of the policy gives",
                    decision["outcome"]
                ));
            }
            continue;
        }
        let mut differ = |what: &str, expected: &Value, got: &Value| {
            if expected != got {
                problems.push(format!("{id}: {what} {got}, expected {expected} ({})", case["why"]));
            }
        };
        differ("outcome", &expect["outcome"], &decision["outcome"]);
        differ("may_proceed", &expect["may_proceed"], &decision["may_proceed"]);
        let expected: Vec<String> = texts(&expect["categories"]).iter().map(|c| as_named_here(c)).collect();
        differ("categories", &expected.into(), &texts(&answer["categories"]).into());
        if expect["under"].is_string() {
            differ("under", &expect["under"], &answer["under"]);
        }
        let missing = texts(&Value::Array(
            answer["missing"].as_array().into_iter().flatten().map(|m| m["fact"].clone()).collect(),
        ));
        for fact in texts(&expect["missing"]) {
            if !missing.contains(&fact) {
                problems.push(format!("{id}: does not ask for {fact}, but for {missing:?}"));
            }
        }
    }
    assert!(run > 0, "no case was run");
    assert!(problems.is_empty(), "{} of {run} cases:\n{}", problems.len(), problems.join("\n"));
}

/// The reason of a rule by its name: a decision names the rules that an exception defeats, but not their reasons.
fn reason_of(policy: &Policy, rule: &str) -> Option<String> {
    policy.world().rules.iter().find(|r| r.name == rule).and_then(|r| r.reason.clone())
}

/// `CC CC1` for a rule named after a column of the chart, `CC` for any other.
fn reason_and_column(reason: &str, rule: &str) -> String {
    let column = rule.strip_prefix(&format!("{}_column_", reason.to_lowercase()));
    let digit = column.and_then(|c| c.chars().next());
    digit.map_or_else(|| reason.to_owned(), |d| format!("{reason} {reason}{d}"))
}

#[test]
fn us_cases_come_out_as_the_law_says() {
    let Some(cases) = cases("us.jsonl") else {
        println!("skipped: the worked cases are not at hand");
        return;
    };
    let policy = law_of("US");
    let otherwise = otherwise("US");
    let (mut problems, mut run) = (Vec::new(), 0);
    for case in cases.iter().filter(|c| c["jurisdiction"] == "US") {
        let id = case["id"].as_str().unwrap_or("?");
        run += 1;
        let decision = match policy.decide(&case["consignment"].to_string()) {
            Ok(d) => serde_json::to_value(d).unwrap(),
            Err(r) => {
                problems.push(format!("{id}: {r}"));
                continue;
            }
        };
        let (expect, answer) = (&case["expect"], &decision["policies"][0]);
        let listed = |key: &str| answer[key].as_array().into_iter().flatten();
        let mut differ = |what: &str, expected: Value, got: Value| {
            if expected != got {
                problems.push(format!("{id}: {what} {got}, expected {expected} ({})", case["why"]));
            }
        };
        if let Some(outcome) = otherwise.get(id) {
            differ(
                "outcome as the README of the policy gives it",
                outcome.as_str().into(),
                decision["outcome"].clone(),
            );
            continue;
        }
        differ("outcome", expect["outcome"].clone(), decision["outcome"].clone());
        differ("categories", texts(&expect["categories"]).into(), texts(&answer["categories"]).into());

        // Reasons that bite: of what is required, and under an exception of what it cures.
        let required =
            listed("requirements").filter_map(|r| Some((r["reason"].as_str()?.to_owned(), r["rule"].as_str()?)));
        let cured =
            listed("defeated").filter_map(|r| Some((reason_of(&policy, r["rule"].as_str()?)?, r["rule"].as_str()?)));
        let banned = listed("decided_by").filter_map(|r| Some((r["reason"].as_str()?.to_owned(), r["rule"].as_str()?)));
        let got: std::collections::BTreeSet<String> =
            required.chain(cured).chain(banned).map(|(reason, rule)| reason_and_column(&reason, rule)).collect();
        let expected: std::collections::BTreeSet<String> = expect["reasons"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|r| {
                let reason = r["reason"].as_str()?;
                Some(r["column"].as_str().map_or_else(|| reason.to_owned(), |c| format!("{reason} {c}")))
            })
            .collect();
        if decision["outcome"] != "undetermined" {
            differ("reasons", expected.into_iter().collect(), got.into_iter().collect());
        }
        if let Some(under) = expect["under"].as_str() {
            let exceptions: Vec<String> = listed("decided_by")
                .map(|r| format!("{} {}", answer["under"].as_str().unwrap_or("?"), r["cite"].as_str().unwrap_or("?")))
                .collect();
            differ("under", vec![under].into(), exceptions.into());
        }
        if let Some(review) = expect["review"].as_str() {
            let denied = listed("decided_by").any(|r| r["review"].as_str().is_some_and(|text| text.contains(review)));
            differ("review names the policy", true.into(), denied.into());
        }
        if let Some(filed) = expect["eei_required"].as_bool() {
            let due = listed("duties").any(|d| d.to_string().contains("EEI"));
            differ("filing is due", filed.into(), due.into());
        }
        let missing: Vec<&str> = listed("missing").filter_map(|m| m["fact"].as_str()).collect();
        for fact in texts(&expect["missing"]) {
            if !missing.contains(&fact.as_str()) {
                problems.push(format!("{id}: does not ask for {fact}, but for {missing:?}"));
            }
        }
    }
    assert!(run > 0, "no case was run");
    assert!(problems.is_empty(), "{} of {run} cases:\n{}", problems.len(), problems.join("\n"));
}
