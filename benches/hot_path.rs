//! One piece of the hot path, run once: what `.ci/hot_path` counts the instructions of.
//!
//! `hot_path PIECE SIZE COUNT`: `start` does nothing; `load` parses and checks the policy of [`listed`](support::listed)
//! with so many items, `load-broad` the one of [`broad`](support::broad) with so many rules; `decide` decides so many
//! consignments that were parsed before; `decide-plain` does so by the plain interpreter. A piece without the work that
//! is counted, such as `decide SIZE 0`, is what has to be taken off.

use std::hint::black_box;
use std::process::ExitCode;

use portcullis::{Options, Policy};

#[path = "support/mod.rs"]
mod support;
use support::{broad, listed};

fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let number = |i: usize, otherwise: usize| given.get(i).and_then(|t| t.parse().ok()).unwrap_or(otherwise);
    let (size, count) = (number(1, 36), number(2, 1));
    match given.first().map(String::as_str) {
        None | Some("start") => {}
        Some("load") => {
            let files = listed::Policy::new(size).files();
            for _ in 0..count {
                black_box(Policy::load(files.clone())).unwrap_or_else(|r| panic!("{r}"));
            }
        }
        Some("load-broad") => {
            let files = broad::Policy::new(size).files();
            for _ in 0..count {
                black_box(Policy::load(files.clone())).unwrap_or_else(|r| panic!("{r}"));
            }
        }
        Some(piece @ ("decide" | "decide-plain")) => {
            let model = listed::Policy::new(size);
            let policy = Policy::load(model.files()).unwrap_or_else(|r| panic!("{r}"));
            let evaluator = if piece == "decide" { policy.evaluator() } else { policy.plain_evaluator() };
            let options = Options::default();
            for row in model.rows().take(count) {
                let case = row.case(policy.world());
                black_box(evaluator.decide(&case, &options)).unwrap_or_else(|_| panic!("it breaks no constraint"));
            }
        }
        Some(other) => {
            eprintln!("no piece `{other}`");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
