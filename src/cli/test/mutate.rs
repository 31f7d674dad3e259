//! `--mutate`: which sentences of the law no test would miss.

use crate::testing::mutate::{Report, Verdict};

/// What became of the mistakes, for people: those that no test catches, and the totals.
pub(super) fn text(report: &Report) -> String {
    let mut out = String::new();
    for judged in &report.verdicts {
        let what = match &judged.verdict {
            Verdict::Survived { test } => format!("no test protects this; this one would:\n{test}"),
            Verdict::NotShown => "no test protects this, and no consignment was found that shows it\n".to_owned(),
            Verdict::Killed { .. } | Verdict::Equivalent => continue,
        };
        out.push_str(&format!("{}\n  {}: {}\n{what}\n", judged.place, judged.declaration, judged.change));
    }
    let Report { mutants, killed, equivalent, survived, not_shown, .. } = report;
    out.push_str(&format!(
        "{mutants} mistakes made in the law: {killed} caught, {equivalent} change nothing (proved), {survived} missed, {not_shown} not shown\n\
         {} % of those that change something are caught\n",
        report.percent()
    ));
    out
}
