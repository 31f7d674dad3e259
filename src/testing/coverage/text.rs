//! Coverage as text: a table by measure, then the first gaps, each with its place.

use crate::policy::Policy;

use super::{Coverage, place};

/// How wide a line is.
const WIDTH: usize = 80;

/// A table by measure, and of each measure the first `gaps` gaps.
pub fn text(policy: &Policy, coverage: &Coverage, gaps: usize) -> String {
    let mut out = String::from("measure       met    of       %\n");
    for r in coverage.reached() {
        let (name, meaning) = (r.measure.name(), r.measure.meaning());
        out.push_str(&format!("{name:<11} {:>5} {:>5}  {:>6}  {meaning}\n", r.met, r.of, r.percent()));
    }
    for r in coverage.reached().into_iter().filter(|r| r.met < r.of) {
        out.push_str(&format!("\n{}: {} not tested\n", r.measure.name(), r.of - r.met));
        for gap in coverage.gaps(r.measure).take(gaps) {
            let text = format!("{} {}", place(policy, gap.span), gap.text);
            let options = textwrap::Options::new(WIDTH).initial_indent("  ").subsequent_indent("      ");
            // A date or a path is one word.
            let options = options.break_words(false).word_splitter(textwrap::WordSplitter::NoHyphenation);
            for line in textwrap::wrap(&text, options) {
                out.push_str(line.trim_end());
                out.push('\n');
            }
        }
        if r.of - r.met > gaps {
            out.push_str(&format!("  and {} more; --gaps {} shows all\n", r.of - r.met - gaps, r.of - r.met));
        }
    }
    out
}
