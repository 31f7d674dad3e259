//! Coverage in the LCOV format, so that editors and other tools show it on the lines of the gate files.
//!
//! A rule, exception or entry is a function, called by the tests that show it. A goal is a branch of the line on which
//! its sentence starts. A line counts as executed as often as the best of its goals; what is missing beside it is a
//! branch not taken.

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::Policy;
use crate::span::FileId;

use super::{Coverage, Goal, Measure, line};

/// All files measured, as one LCOV trace.
pub fn lcov(policy: &Policy, coverage: &Coverage) -> String {
    let files: BTreeSet<FileId> = coverage.goals.iter().map(|g| g.span.file).collect();
    files.into_iter().map(|id| file(policy, coverage, id)).collect()
}

fn file(policy: &Policy, coverage: &Coverage, id: FileId) -> String {
    let name = policy.sources().get(id).map_or("", |f| f.name.as_str());
    let mut out = format!("TN:\nSF:{name}\n");
    let mut lines: BTreeMap<usize, Vec<&Goal>> = BTreeMap::new();
    for goal in coverage.goals.iter().filter(|g| g.span.file == id) {
        lines.entry(line(policy, goal.span)).or_default().push(goal);
    }
    let functions = functions(policy, coverage, id);
    for (at, name, _) in &functions {
        out.push_str(&format!("FN:{at},{name}\n"));
    }
    for (_, name, hits) in &functions {
        out.push_str(&format!("FNDA:{hits},{name}\n"));
    }
    let called = functions.iter().filter(|(.., hits)| *hits > 0).count();
    out.push_str(&format!("FNF:{}\nFNH:{called}\n", functions.len()));
    let (mut branches, mut taken) = (0, 0);
    for (at, goals) in &lines {
        for (n, goal) in goals.iter().enumerate() {
            out.push_str(&format!("BRDA:{at},0,{n},{}\n", goal.hits));
            branches += 1;
            taken += usize::from(goal.hits > 0);
        }
    }
    out.push_str(&format!("BRF:{branches}\nBRH:{taken}\n"));
    let mut hit = 0;
    for (at, goals) in &lines {
        let hits = goals.iter().map(|g| g.hits).max().unwrap_or(0);
        out.push_str(&format!("DA:{at},{hits}\n"));
        hit += usize::from(hits > 0);
    }
    out.push_str(&format!("LF:{}\nLH:{hit}\nend_of_record\n", lines.len()));
    out
}

/// Rules, exceptions and entries with their lines and how many tests show them; versions of one name are told apart.
fn functions(policy: &Policy, coverage: &Coverage, id: FileId) -> Vec<(usize, String, u32)> {
    let world = policy.world();
    let rules = world.rules.iter().map(|r| (r.span, r.name.as_str()));
    let entries = world.categories.iter().map(|c| (c.span, c.name.as_str()));
    let names: BTreeMap<_, _> = rules.chain(entries).filter(|(span, _)| span.file == id).collect();
    let declared = [Measure::Rules, Measure::Exceptions, Measure::Entries];
    let mut out: Vec<(usize, String, u32)> = Vec::new();
    for goal in coverage.goals.iter().filter(|g| declared.contains(&g.measure) && g.span.file == id) {
        let (Some(name), at) = (names.get(&goal.span), line(policy, goal.span)) else { continue };
        // The first goal of an entry is that goods are in it.
        if out.iter().any(|(other, ..)| *other == at) {
            continue;
        }
        let taken = out.iter().any(|(_, other, _)| other == name);
        out.push((at, if taken { format!("{name}@{at}") } else { (*name).to_owned() }, goal.hits));
    }
    out.sort();
    out
}
