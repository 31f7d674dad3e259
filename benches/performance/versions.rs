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
            "one edited rule: what changed, on a day",
            "all found",
            "goal",
            "on every day",
            "all found",
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
        let (on_a_day, found) = part("diff_on_a_day");
        let (on_all, found_on_all) = part("diff");
        let (proof, proved) = part("same");
        let aims = |measured: f64, aim| match (size, measured.is_nan()) {
            (3_600, false) => goal(measured, aim),
            (3_600, true) => format!("{} (missed)", time(aim)),
            _ => "–".to_owned(),
        };
        let edited = [time(on_a_day), found, aims(on_a_day, 3e8), time(on_all), found_on_all];
        let rewritten = [time(proof), proved, aims(proof, 9e8)];
        line(out, &[&[name.clone()][..], &edited, &rewritten].concat());
    }
    out.push('\n');
}
