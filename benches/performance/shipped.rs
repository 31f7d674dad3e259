//! The shipped policies on the consignments of their own tests.

use std::hint::black_box;

use portcullis::consignment::Overlay;
use portcullis::engine::bits::Bits;
use portcullis::eval::verdict::Verdict;
use portcullis::model::{Case, PolicyId};
use portcullis::{Evaluator, Options};

use crate::sample::Watch;
use crate::{heading, line, load, time, times};

/// At most so many consignments of a policy, evenly over its tests: a whole decision takes long where much is open.
const MOST: usize = 60;

/// The policies whose decisions are measured.
const POLICIES: [&str; 4] = ["eu.torture", "us.ear", "gb.torture", "un.torture"];

/// Decides the consignments of a policy's tests by it alone: verdicts, whole decisions, and by the plain interpreter.
pub fn table(out: &mut String) {
    let columns = [
        "policy",
        "rules",
        "consignments",
        "settled by bits",
        "verdict, once met",
        "decision with all reasons in words",
        "the same by the plain interpreter",
        "plain × verdict",
    ];
    heading(out, "The shipped policies, on the consignments of their tests", &columns);
    let policy = load(portcullis::embedded::files());
    let world = policy.world();
    let (engine, plain) = (policy.evaluator(), policy.plain_evaluator());
    let bits = Bits::new(world);
    for name in POLICIES {
        let found = world.policies.iter().position(|p| p.name == name);
        let id = PolicyId(found.unwrap_or_else(|| panic!("{name} is not shipped")) as u32);
        let options = Options { policies: Some(vec![id]), ..Options::default() };
        let tests: Vec<_> = world.tests.iter().filter(|t| t.policy == id).collect();
        let some = tests.iter().step_by(tests.len().div_ceil(MOST).max(1));
        let read = some.filter_map(|t| policy.read(&t.name, &t.given.to_string(), &Overlay::default()).ok());
        // What breaks a constraint is no consignment, and tests of constraints give such.
        let cases: Vec<Case> = read.filter(|c| engine.decide(c, &options).is_ok()).collect();
        let mut clerk = bits.clerk();
        let settled: Vec<&Case> = cases.iter().filter(|c| clerk.decide(&engine, c, &[id]).is_some()).collect();
        let all = |e: &Evaluator<'_>| {
            for case in &cases {
                let _ = black_box(e.decide(black_box(case), &options));
            }
        };
        let mut watch = Watch::new(&format!("shipped-{}", name.replace('.', "-")));
        let mut verdict = Verdict::default();
        let met = watch.time("verdict", || {
            for case in &settled {
                black_box(clerk.decide_into(&engine, black_box(case), &[id], &mut verdict));
            }
        }) / settled.len().max(1) as f64;
        let [words, by_plain] =
            [watch.long("decision-in-words", || all(&engine)), watch.long("plain-interpreter", || all(&plain))]
                .map(|ns| ns / cases.len().max(1) as f64);
        // Where none is settled there is no verdict to time.
        let [met, ratio] =
            if settled.is_empty() { ["–", "–"].map(str::to_owned) } else { [time(met), times(by_plain, met)] };
        line(
            out,
            &[
                name.to_owned(),
                world.rules.iter().filter(|r| r.policy == id).count().to_string(),
                cases.len().to_string(),
                format!("{} of {}", settled.len(), cases.len()),
                met,
                time(words),
                time(by_plain),
                ratio,
            ],
        );
    }
    out.push('\n');
}
