//! A toy world for tests of meaning: facts of every type, one policy that always applies, and short ways to ask.

use portcullis::consignment::Overlay;
use portcullis::{Options, Policy};
use serde_json::{Value, json};

use crate::support::{law, load};

/// The facts and licences that every test of meaning may use; the law under test is written below them.
pub const FACTS: &str = r#"
fact date: date
fact a: yes/no
fact b: yes/no
fact c: yes/no
fact d: yes/no
fact n: number
fact m: number
fact holders: count
fact made: date
fact destination: country
fact origin: country
fact transit: set of country
fact worth: money EUR
fact goods.code: code CN
fact goods.code_confirmed: yes/no
fact goods.kind: one of { whip, electric { stun_gun, shield }, baton also "truncheon" }
fact goods.length: length
fact goods.heavy: yes/no
fact licence.number: text
fact licence.issued: date
fact licence.expires: date
fact licence.destination: country
"#;

/// A policy that applies to everything.
pub const ACT: &str = r#"
policy toy "Toy Act" { source "Toy Act" applies when date >= 2000-01-01 known from 2020-01-01 to 2029-12-31 otherwise permit }
licence single "Single licence" { covers when licence.destination is destination }
licence broad "Broad licence" { }
licence open "Open general licence" { general document "G1" duty "Register" }
"#;

/// Law below the facts and the policy of the toy world.
pub fn toy(text: &str) -> Policy {
    files(vec![law("law.gate", &format!("{FACTS}{ACT}{text}"))])
}

/// Law as files, or a panic with the messages.
pub fn files(files: Vec<portcullis::LawFile>) -> Policy {
    load(files).unwrap_or_else(|r| panic!("{r}"))
}

/// The codes of the messages about a law of the toy world; none if it is right.
pub fn problems(text: &str) -> Vec<&'static str> {
    match load(vec![law("law.gate", &format!("{FACTS}{ACT}{text}"))]) {
        Ok(_) => Vec::new(),
        Err(r) => r.problems.iter().map(|d| d.code.as_str()).collect(),
    }
}

/// A decision as the JSON that is published.
pub struct Answer(pub Value);

/// Decides; the date is 2 March 2026 where the facts give none.
pub fn decide(policy: &Policy, facts: Value) -> Answer {
    decide_with(policy, facts, &Options::default())
}

/// Decides with options.
pub fn decide_with(policy: &Policy, mut facts: Value, options: &Options) -> Answer {
    if facts.get("date").is_none() {
        facts["date"] = json!("2026-03-02");
    }
    let found = policy.decide_with(&policy.evaluator(), "case", &facts.to_string(), &Overlay::default(), options);
    let decision = found.unwrap_or_else(|r| panic!("{r}"));
    Answer(serde_json::to_value(decision).unwrap())
}

/// The message with which a consignment is refused.
pub fn refusal(policy: &Policy, mut facts: Value) -> String {
    if facts.get("date").is_none() {
        facts["date"] = json!("2026-03-02");
    }
    match policy.decide(&facts.to_string()) {
        Ok(d) => panic!("decided: {}", d.outcome.as_str()),
        Err(r) => r.plain(),
    }
}

fn names(list: &Value, key: &str) -> Vec<String> {
    let one = |v: &Value| v.as_str().or_else(|| v[key].as_str()).unwrap_or("?").to_owned();
    let mut all: Vec<String> = list.as_array().into_iter().flatten().map(one).collect();
    all.sort();
    all
}

impl Answer {
    /// The joint outcome.
    pub fn outcome(&self) -> &str {
        self.0["outcome"].as_str().unwrap()
    }

    /// Whether it may proceed.
    pub fn may(&self) -> Option<bool> {
        self.0["may_proceed"].as_bool()
    }

    /// The answer of the one policy.
    pub fn policy(&self) -> &Value {
        &self.0["policies"][0]
    }

    /// A list of the one policy's answer, sorted; of objects, the names in them.
    pub fn list(&self, what: &str) -> Vec<String> {
        let key = match what {
            "decided_by" | "defeated" | "claimable" => "rule",
            "near" | "excluded" => "category",
            "missing" | "presumed" => "fact",
            "requirements" => "licence",
            "duties" => "duty",
            _ => "name",
        };
        names(&self.policy()[what], key)
    }

    /// A list of what is possible, sorted.
    pub fn possible(&self, what: &str) -> Vec<String> {
        names(&self.policy()["possible"][what], "name")
    }

    /// The facts that something possible waits for.
    pub fn waits_for(&self, what: &str, name: &str) -> Vec<String> {
        let list = self.policy()["possible"][what].as_array().unwrap();
        let found =
            list.iter().find(|w| w["name"] == name).unwrap_or_else(|| panic!("{name} is not possible: {list:?}"));
        names(&found["waits_for"], "")
    }
}

/// Says which outcome each consignment must have.
pub fn outcomes(policy: &Policy, cases: &[(Value, &str)]) {
    let found: Vec<(String, String)> = cases
        .iter()
        .map(|(facts, _)| (facts.to_string(), decide(policy, facts.clone()).outcome().to_owned()))
        .collect();
    let wanted: Vec<(String, String)> = cases.iter().map(|(f, o)| (f.to_string(), (*o).to_owned())).collect();
    assert_eq!(found, wanted);
}
