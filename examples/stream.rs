//! A stream of consignments, one JSON object a line, decided as they come: `cargo run --example stream < day.jsonl`.
//!
//! One answer a line, in the same order, and none dropped: a line that cannot be decided is answered with its error.
//! At a terminal, where nothing is piped in, it decides a small sample.

use std::error::Error;
use std::io::{self, BufRead, IsTerminal, Write};

use portcullis::consignment::Overlay;
use portcullis::{LawFile, Options, Policy, embedded};

const SAMPLE: &str = r#"
{ "id": "1", "date": "2026-03-02", "activity": "export", "from": "ES", "destination": "SG", "goods": { "code": "6602 00 00", "kind": "whip", "lash_count": 9 } }
{ "id": "2", "date": "2026-03-02", "activity": "export", "from": "ES", "destination": "SG", "goods": { "code": "6602 00 00", "kind": "whip" } }
{ "id": "3", "date": "2026-03-02", "activity": "intra_union_supply", "from": "ES", "destination": "FR", "goods": { "kind": "whip", "lash_count": 9 } }
{ "id": "4", "activity": "export", "goods": { "code": 66020000 } }
"#;

/// Answers each line of `input` on `output`, and returns how many may not proceed.
pub fn decide(input: impl BufRead, mut output: impl Write) -> Result<usize, Box<dyn Error>> {
    let needed = |f: &LawFile| ["trade.gate", "alliance/", "eu/"].iter().any(|p| f.path.starts_with(p));
    let policy = Policy::load(embedded::files().into_iter().filter(needed))?;
    // One evaluator serves the whole stream; it is `Sync`, so it could serve many threads.
    let (evaluator, overlay, options) = (policy.evaluator(), Overlay::default(), Options::default());
    let mut stopped = 0;
    for (number, line) in input.lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let name = format!("line {}", number + 1);
        match policy.decide_with(&evaluator, &name, &line, &overlay, &options) {
            Ok(decision) => {
                stopped += usize::from(decision.may_proceed == Some(false));
                let id = decision.id.as_deref().unwrap_or(&name);
                let missing: Vec<&str> =
                    decision.policies.iter().flat_map(|p| &p.missing).map(|m| m.fact.as_str()).collect();
                writeln!(output, "{id}: {} {}", decision.outcome.as_str(), missing.join(", "))?;
            }
            Err(rejected) => {
                let problems: Vec<&str> = rejected.problems.iter().map(|p| p.message.as_str()).collect();
                writeln!(output, "{name}: error: {}", problems.join("; "))?;
            }
        }
    }
    Ok(stopped)
}

/// The sample.
pub fn sample() -> &'static str {
    SAMPLE
}

fn main() -> Result<(), Box<dyn Error>> {
    let stdin = io::stdin();
    let stopped = if stdin.is_terminal() {
        decide(SAMPLE.as_bytes(), io::stdout().lock())?
    } else {
        decide(stdin.lock(), io::stdout().lock())?
    };
    eprintln!("{stopped} may not proceed");
    Ok(())
}
