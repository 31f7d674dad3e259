//! Decisions on consignments of which much is unknown, and the question that is best asked next.

use std::hint::black_box;

use portcullis::Options;
use portcullis::consignment::{Overlay, write};
use portcullis::interview::Interview;
use portcullis::model::Case;

use crate::sample::Watch;
use crate::support::{SIZES, broad};
use crate::{goal, heading, line, load, time, times};

pub fn table(out: &mut String) {
    heading(
        out,
        "Sixty of a hundred facts unknown, code and day known (the broad policy)",
        &[
            "rules",
            "consignments",
            "whole decision",
            "goal",
            "next question",
            "goal",
            "nothing unknown",
            "× nothing unknown",
        ],
    );
    for size in SIZES {
        let model = broad::Policy::new(size);
        let policy = load(model.files());
        let evaluator = policy.evaluator();
        // The larger the law, the fewer consignments: how many were measured is said.
        let count = if size == 3_600 { 4 } else { 40 };
        let known = broad::cases(&model, policy.world(), count);
        let open = broad::partly_unknown(&known, policy.world(), 60);
        let texts: Vec<String> = open.iter().map(|c| write::line(c, policy.world())).collect();
        let options = Options::default();
        let decide = |cases: &[Case]| {
            for case in cases {
                let _ = black_box(evaluator.decide(black_box(case), &options));
            }
        };
        let mut watch = Watch::new(&format!("unknown-{size}"));
        let whole = watch.long("decision", || decide(&open)) / count as f64;
        let complete = watch.long("nothing-unknown", || decide(&known)) / count as f64;
        // An interview begins with a decision; what it takes beyond that finds the question.
        let begun = watch.long("interview-begun", || {
            for text in &texts {
                let _ =
                    black_box(Interview::new(&policy, "open", text, &Overlay::default()).map(|i| i.next().is_some()));
            }
        });
        let made = watch.long("evaluator-made", || policy.evaluator());
        let questions = (begun / count as f64 - whole - made).max(0.0);
        let aims = |measured, aim| if size == 3_600 { goal(measured, aim) } else { "–".to_owned() };
        line(
            out,
            &[
                size.to_string(),
                count.to_string(),
                time(whole),
                aims(whole, 1.3e5),
                time(questions),
                aims(questions, 7.5e4),
                time(complete),
                times(whole, complete),
            ],
        );
    }
    out.push('\n');
}
