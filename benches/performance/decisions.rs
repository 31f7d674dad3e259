//! One decision: by the engine in its several forms, by the plain interpreter, and by hand.

use std::hint::black_box;

use portcullis::engine::bits::Bits;
use portcullis::eval::verdict::Verdict;
use portcullis::model::{Case, PolicyId};
use portcullis::{Evaluator, Options, Policy};

use crate::sample::Watch;
use crate::support::{self, SIZES, hand, listed};
use crate::{goal, heading, line, load, time, times};

/// How many rows of a policy of a size are decided in one pass by what walks the law.
fn passes(size: usize) -> usize {
    (20_000 / size).clamp(10, 400)
}

/// Compares every way of deciding on some rows, and says how many were compared.
fn agree(model: &listed::Policy, policy: &Policy, evaluator: &Evaluator<'_>, rows: &[listed::Row]) -> usize {
    let (tables, columns) = (hand::Tables::new(model), hand::Columns::new(rows));
    let mut by_columns = Vec::new();
    hand::Bound::new(model, &columns).decide(&columns, &mut by_columns);
    for (row, by_column) in rows.iter().zip(&by_columns) {
        let wanted = model.decide(row);
        let decision = evaluator.decide(&row.case(policy.world()), &Options::default());
        let said = decision.unwrap_or_else(|_| panic!("it breaks no constraint"));
        assert_eq!(said.outcome.as_str(), wanted.outcome.word(), "{row:?}");
        assert_eq!((tables.decide(row), *by_column), (wanted, wanted), "{row:?}");
        if model.size == 36 {
            assert_eq!(hand::decide(row), wanted, "{row:?}");
        }
    }
    rows.len()
}

/// On so many rows verdicts are measured.
const MANY: usize = 2_000;

pub fn table(out: &mut String) {
    heading(
        out,
        "One decision",
        &[
            "listed items",
            "rows that agree",
            "settled by bits",
            "verdict, from a parsed consignment never met",
            "the same, once met",
            "goal",
            "verdict, from classes",
            "goal",
            "a row of many, as columns",
            "goal",
            "decision with all reasons in words",
            "the same by the plain interpreter",
            "tables by hand",
            "a function by hand",
            "columns by hand",
            "verdict × tables by hand",
            "plain × verdict",
        ],
    );
    for size in SIZES {
        let model = listed::Policy::new(size);
        let policy = load(model.files());
        let (engine, plain) = (policy.evaluator(), policy.plain_evaluator());
        let rows: Vec<listed::Row> = model.rows().take(100_000).collect();
        let few = &rows[..passes(size)];
        let compared = agree(&model, &policy, &engine, few);
        let cases: Vec<Case> = few.iter().map(|r| r.case(policy.world())).collect();
        let options = Options::default();
        let all = |e: &Evaluator<'_>| {
            for case in &cases {
                let _ = black_box(e.decide(black_box(case), &options));
            }
        };
        let (tables, columns) = (hand::Tables::new(&model), hand::Columns::new(&rows));
        let (bound, mut decided) = (hand::Bound::new(&model, &columns), Vec::with_capacity(rows.len()));
        let law: Vec<PolicyId> = (0..policy.world().policies.len() as u32).map(PolicyId).collect();
        let bits = Bits::new(policy.world());
        let (mut first, mut second) = (bits.clerk(), bits.clerk());
        // Verdicts are quick: they are measured on more rows. A clerk who met none before takes them once, the others
        // time and again.
        let many: Vec<Case> = rows[..MANY].iter().map(|r| r.case(policy.world())).collect();
        let mut watch = Watch::new(&format!("decide-{size}"));
        let cold = watch.fresh(
            "verdict-never-met",
            || bits.clerk(),
            |mut beginner| {
                let mut new = Verdict::default();
                for case in &many {
                    black_box(beginner.decide_into(&engine, black_box(case), &law, &mut new));
                }
            },
        );
        let (mut settled, mut classes): (Vec<&Case>, Vec<_>) = (Vec::new(), Vec::new());
        for case in &many {
            if first.decide(&engine, case, &law).is_some() && second.decide(&engine, case, &law).is_some() {
                settled.push(case);
                classes.extend(second.classify(case));
            }
        }
        let (mut verdict, mut other) = (Verdict::default(), Verdict::default());
        let met = watch.time("verdict", || {
            for case in &settled {
                black_box(first.decide_into(&engine, black_box(case), &law, &mut verdict));
            }
        });
        let classed = watch.time("verdict-from-classes", || {
            for found in &classes {
                black_box(second.verdict_into(black_box(found), &law, &mut other));
            }
        });
        // A batch is as long as the columns by hand are.
        let long: Vec<Case> = rows.iter().map(|r| r.case(policy.world())).collect();
        let side_by_side = support::columns::Columns::new(&long, policy.world());
        let (mut third, mut found) = (bits.clerk(), Vec::new());
        let batch = watch.time("row-of-a-batch", || {
            third.batch(black_box(&side_by_side.table()), &law, &mut found);
            black_box(&found);
        });
        let by_tables = watch.time("tables-by-hand", || {
            rows.iter().for_each(|r| {
                black_box(tables.decide(black_box(r)));
            })
        });
        let by_columns = watch.time("columns-by-hand", || {
            bound.decide(black_box(&columns), &mut decided);
            black_box(&decided);
        });
        let by_function = (size == 36).then(|| {
            watch.time("function-by-hand", || {
                rows.iter().for_each(|r| {
                    black_box(hand::decide(black_box(r)));
                })
            })
        });
        let words = watch.long("decision-in-words", || all(&engine));
        let by_plain = watch.long("plain-interpreter", || all(&plain));
        let [cold, met, classed, batch] =
            [(cold, many.len()), (met, settled.len()), (classed, settled.len()), (batch, rows.len())]
                .map(|(ns, n)| ns / n.max(1) as f64);
        let [by_tables, by_columns] = [by_tables, by_columns].map(|ns| ns / rows.len() as f64);
        let [words, by_plain] = [words, by_plain].map(|ns| ns / cases.len() as f64);
        let (aim, classed_aim, batch_aim) = if size == 3_600 { (170.0, 110.0, 20.0) } else { (110.0, 30.0, 10.0) };
        line(
            out,
            &[
                size.to_string(),
                compared.to_string(),
                format!("{} of {}", settled.len(), many.len()),
                time(cold),
                time(met),
                goal(met, aim),
                time(classed),
                goal(classed, classed_aim),
                time(batch),
                goal(batch, batch_aim),
                time(words),
                time(by_plain),
                time(by_tables),
                by_function.map_or("–".to_owned(), |ns| time(ns / rows.len() as f64)),
                time(by_columns),
                times(met, by_tables),
                times(by_plain, met),
            ],
        );
    }
    out.push('\n');
}
