//! Rows on random law: each has the decision that the plain interpreter gives on it alone, whatever was screened before.

use portcullis::consignment::Overlay;
use portcullis::screen::lines::Names;
use portcullis::screen::{Flat, Form, Output, Screener, Settings};
use portcullis::{Options, eval::Broken, eval::Decision};

use crate::common::cases::case;
use crate::common::choices::Choices;
use crate::common::law::{FULL, law};
use crate::judge::{in_parallel, load, wanted};

/// What is in the columns of a decision; warnings in no order, since those of the row come last.
fn columns(flat: &Flat) -> (&'static str, Option<bool>, [&Vec<String>; 4], Vec<&String>) {
    let mut warnings: Vec<&String> = flat.warnings.iter().collect();
    warnings.sort();
    (flat.outcome, flat.may_proceed, [&flat.entries, &flat.rules, &flat.documents, &flat.missing], warnings)
}

/// How many rows were settled, left open and in error.
#[derive(Default)]
struct Came {
    settled: usize,
    open: usize,
    error: usize,
    doubted: usize,
}

fn rows(seed: u64) -> Came {
    let mut c = Choices::seeded(seed);
    let law = law(&mut c, &FULL);
    let policy = load(&law, seed);
    let (plain, several) = (policy.plain_evaluator(), policy.world().policies.len() > 1);
    let cases: Vec<String> =
        (0..90).map(|n| case(&mut c, &law, if n % 3 == 0 { 2 } else { 0 }, 5).to_string()).collect();
    let wanted: Vec<Result<Decision, Broken>> = cases
        .iter()
        .map(|json| plain.decide(&policy.read("case", json, &Overlay::default()).unwrap(), &Options::default()))
        .collect();
    let screener = Screener::new(&policy, Settings::default()).unwrap();
    let (names, mut warm) = (Names::new(&screener), screener.desk(Form::Rows, 0));
    let mut came = Came::default();
    // Twice at one desk, so that what was kept is used; and once by one who shares it.
    for round in 0..3 {
        let mut other = screener.desk(Form::Rows, 0);
        let desk = if round < 2 { &mut warm } else { &mut other };
        let out: Output = names.rows(desk, 0, "day", 1, cases.join("\n").as_bytes());
        assert_eq!((out.totals.read, out.totals.written(), out.rows.len()), (90, 90, 90), "seed {seed}");
        for ((row, json), wanted) in out.rows.iter().zip(&cases).zip(&wanted) {
            let flat = match wanted {
                Err(_) => {
                    assert_eq!(row.flat.outcome, "error", "seed {seed}: {json}\n{}", law.text());
                    came.error += 1;
                    continue;
                }
                // What is only a bound may be another one.
                Ok(decision) if !decision.resolved => continue,
                Ok(decision) => Flat::of(decision, several),
            };
            assert_eq!(columns(&row.flat), columns(&flat), "seed {seed}, round {round}: {json}\n{}", law.text());
            *if flat.outcome == "undetermined" { &mut came.open } else { &mut came.settled } += 1;
            came.doubted += usize::from(!flat.warnings.is_empty());
        }
    }
    came
}

#[test]
fn every_row_has_the_decision_of_the_interpreter_on_it_alone() {
    let (first, laws) = (wanted("ORACLE_SEED", 0), wanted("ORACLE_CASES", 2_000).div_ceil(200).max(1));
    let mut all = Came::default();
    in_parallel(first..first + laws, rows, |one| {
        all.settled += one.settled;
        all.open += one.open;
        all.error += one.error;
        all.doubted += one.doubted;
    });
    let laws = laws as usize;
    assert!(all.settled > 60 * laws && all.open > 5 * laws && all.doubted > 5 * laws, "too little happens");
}
