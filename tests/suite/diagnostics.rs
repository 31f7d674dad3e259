//! Every diagnostic code has a page; its wrong example raises that code and no other, its right example none.

use portcullis::Policy;
use portcullis::diagnostic::Code;

use crate::support::{blocks, law, load, read};

fn codes_of_law(text: &str) -> Vec<Code> {
    let files = vec![law("trade.gate", &read("docs/diagnostics/prelude.gate")), law("policies/example/law.gate", text)];
    match load(files) {
        Ok(_) => Vec::new(),
        Err(rejected) => distinct(rejected.problems.iter().map(|d| d.code)),
    }
}

fn codes_of_consignment(policy: &Policy, text: &str) -> Vec<Code> {
    match policy.decide(text) {
        Ok(_) => Vec::new(),
        Err(rejected) => distinct(rejected.problems.iter().map(|d| d.code)),
    }
}

fn distinct(codes: impl Iterator<Item = Code>) -> Vec<Code> {
    let mut all: Vec<Code> = codes.collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[test]
fn every_page_shows_its_mistake_and_the_way_out() {
    let files = vec![
        law("trade.gate", &read("docs/diagnostics/prelude.gate")),
        law("policies/example/policy.gate", &read("docs/diagnostics/policy.gate")),
    ];
    let policy = load(files).unwrap_or_else(|r| panic!("the fixed policy of the pages:\n{r}"));
    let mut problems = Vec::new();
    for code in Code::ALL {
        let page = code.page();
        let found = blocks(page);
        for heading in ["Wrong", "Right"] {
            if !found.iter().any(|(h, ..)| h == heading) {
                problems.push(format!("{code}: no example under `{heading}`"));
            }
        }
        for (heading, info, text) in found {
            let codes = match info.as_str() {
                "gate" => codes_of_law(&text),
                "json" => codes_of_consignment(&policy, &text),
                _ => continue,
            };
            let expected = if heading == "Wrong" { vec![*code] } else { Vec::new() };
            if codes != expected {
                problems.push(format!("{code}, {heading}: raises {codes:?}, expected {expected:?}"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn codes_read_back() {
    for code in Code::ALL {
        assert_eq!(code.as_str().parse(), Ok(*code));
    }
}
