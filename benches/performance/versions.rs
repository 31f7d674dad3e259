//! Two versions of a policy: what an edit changed, and the proof that a rewriting changed nothing.
//!
//! Each is done once, in a process of its own, for a minute at most.

use crate::support::SIZES;
use crate::{child, goal, heading, line, time};

pub fn table(out: &mut String) {
    heading(
        out,
        "Two versions compared (the broad policy)",
        &[
            "rules",
            "one edited rule: what changed",
            "all found",
            "goal",
            "rewritten: proof that nothing did",
            "proved",
            "goal",
        ],
    );
    for size in SIZES {
        let name = size.to_string();
        let part = |what: &str| {
            let said = child::spawn(&[what, &name]).unwrap_or_default();
            let mut words = said.split_whitespace();
            let ns = words.next().and_then(|n| n.parse().ok()).unwrap_or(f64::NAN);
            (ns, words.next().unwrap_or("not within a minute").to_owned())
        };
        let (changed, found) = part("diff");
        let (proof, proved) = part("same");
        let aims = |measured: f64, aim| match (size, measured.is_nan()) {
            (3_600, false) => goal(measured, aim),
            (3_600, true) => format!("{} (missed)", time(aim)),
            _ => "–".to_owned(),
        };
        line(out, &[name.clone(), time(changed), found, aims(changed, 3e8), time(proof), proved, aims(proof, 9e8)]);
    }
    out.push('\n');
}
