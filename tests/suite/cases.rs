//! Worked cases from the law, where they are at hand: an extra check, skipped with a word where they are not.
//!
//! The folder is `PORTCULLIS_CASES`, or `../shared/cases` beside the project. Each line is a consignment with the
//! outcome, entries and `may_proceed` that the law gives. A case that comes out otherwise must stand in the table of
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
    let start = format!("| {jurisdiction}-");
    let cells = rows.lines().filter(|l| l.starts_with(&start)).map(|l| l.split('|').map(str::trim).collect::<Vec<_>>());
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

/// The cases of one jurisdiction, by its own policies and what all share.
fn check(jurisdiction: &str, file: &str) {
    let Some(cases) = cases(file) else {
        println!("skipped: the worked cases are not at hand");
        return;
    };
    let folder = format!("{}/", jurisdiction.to_lowercase());
    let own = |f: &LawFile| f.path == "trade.gate" || f.path.starts_with("alliance/") || f.path.starts_with(&folder);
    let policy = Policy::load(embedded::files().into_iter().filter(own)).unwrap_or_else(|r| panic!("{r}"));
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
