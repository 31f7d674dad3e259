//! One piece of the hot path, run once: what `.ci/hot_path` counts the instructions of.
//!
//! `hot_path PIECE SIZE COUNT [ROUNDS]`: `start` does nothing; `load` parses and checks the policy of
//! [`listed`](support::listed) with so many items, `load-broad` the one of [`broad`](support::broad) with so many rules.
//! `decide` decides so many consignments that were parsed before, `decide-plain` does so by the plain interpreter;
//! `verdict`, `classed` and `batch` decide them in numbers, from values, from classes and as columns, so many rounds
//! over. `unknown` decides consignments of which much is unknown; `diff` and `same` compare versions of the broad
//! policy. A piece without the work that is counted, such as `decide SIZE 0`, is what has to be taken off.

use std::hint::black_box;
use std::process::ExitCode;

use portcullis::analyze::{diff, same};
use portcullis::engine::bits::Bits;
use portcullis::eval::verdict::Verdict;
use portcullis::model::{Case, PolicyId};
use portcullis::{Options, Policy};

#[path = "support/mod.rs"]
mod support;
use support::columns::Columns;
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
        Some(piece @ ("verdict" | "classed" | "batch")) => {
            let model = listed::Policy::new(size);
            let policy = Policy::load(model.files()).unwrap_or_else(|r| panic!("{r}"));
            let (world, evaluator) = (policy.world(), policy.evaluator());
            let law: Vec<PolicyId> = (0..world.policies.len() as u32).map(PolicyId).collect();
            let bits = Bits::new(world);
            let (mut clerk, mut verdict) = (bits.clerk(), Verdict::default());
            let rounds = number(3, 1);
            let cases: Vec<Case> = model.rows().take(count).map(|r| r.case(world)).collect();
            // What no class was met for before is asked of the interpreter here, once.
            cases.iter().for_each(|c| drop(black_box(clerk.decide(&evaluator, c, &law))));
            if piece == "batch" {
                let columns = Columns::new(&cases, world);
                let mut found = Vec::new();
                for _ in 0..rounds {
                    clerk.batch(black_box(&columns.table()), &law, &mut found);
                }
                black_box(found);
            } else if piece == "verdict" {
                for case in (0..rounds).flat_map(|_| &cases) {
                    let found = clerk.decide_into(&evaluator, black_box(case), &law, &mut verdict);
                    black_box(found);
                }
            } else {
                let classed: Vec<_> = cases.iter().filter_map(|c| clerk.classify(c)).collect();
                for found in (0..rounds).flat_map(|_| &classed) {
                    black_box(clerk.verdict_into(black_box(found), &law, &mut verdict));
                }
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
        Some("unknown") => {
            let model = broad::Policy::new(size);
            let policy = Policy::load(model.files()).unwrap_or_else(|r| panic!("{r}"));
            let (evaluator, options) = (policy.evaluator(), Options::default());
            let known = broad::cases(&model, policy.world(), count);
            for case in broad::partly_unknown(&known, policy.world(), 60) {
                black_box(evaluator.decide(&case, &options)).unwrap_or_else(|_| panic!("it breaks no constraint"));
            }
        }
        Some(piece @ ("diff" | "same")) => {
            let model = broad::Policy::new(size);
            let load = |files| Policy::load(files).unwrap_or_else(|r| panic!("{r}"));
            let other = if piece == "diff" { model.amended() } else { model.rewritten() };
            let (old, new) = (load(model.files()), load(other));
            for _ in 0..count {
                if piece == "diff" {
                    black_box(diff::versions(old.world(), new.world(), diff::LIMIT));
                } else {
                    black_box(same::same(old.world(), new.world(), &[]));
                }
            }
        }
        Some(other) => {
            eprintln!("no piece `{other}`");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
