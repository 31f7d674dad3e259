//! One consignment, decided by the shipped law of the European Union: `cargo run --example decide`.

use std::error::Error;

use portcullis::{LawFile, Policy, embedded};

/// What the law says of a consignment, and on what ground.
pub fn answer(consignment: &str) -> Result<String, Box<dyn Error>> {
    let needed = |f: &LawFile| ["trade.gate", "alliance/", "eu/"].iter().any(|p| f.path.starts_with(p));
    let policy = Policy::load(embedded::files().into_iter().filter(needed))?;
    let decision = policy.decide(consignment)?;
    let mut text = format!("{} on {}", decision.outcome.as_str(), decision.as_of);
    for rule in decision.policies.iter().flat_map(|p| &p.decided_by) {
        text.push_str(&format!("; {}: {}", rule.cite, rule.title));
    }
    Ok(text)
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("{}", answer(include_str!("consignments/sjambok.json"))?);
    Ok(())
}
