//! A decision as Markdown: to paste into a file, an issue or a mail.
//!
//! It says what the report for a terminal says, and gives the reasons as a nested list.

use crate::eval::Decision;
use crate::eval::explain::Node;
use crate::policy::Policy;

use super::{Mark, decision as lines_of, source};

/// A decision as Markdown, with the reasons where they were asked for.
pub fn decision(policy: &Policy, decision: &Decision) -> String {
    let mut bare = decision.clone();
    let all = bare.policies.iter_mut().chain(bare.items.iter_mut().flat_map(|i| &mut i.policies));
    all.for_each(|p| p.why.clear());
    let mut out = String::new();
    // The heading of a policy stands below an empty line, those of its sections do not.
    let (mut last, mut blank) = (None, false);
    for line in lines_of(policy, &bare) {
        let text = escaped(&line.text);
        // A list is set off from what stands before it; headings stand alone.
        let level = match (line.mark, last) {
            (Mark::Answer(_), None) => "# ",
            (Mark::Answer(_), Some(_)) => "## ",
            (Mark::Heading, _) if blank => "## ",
            (Mark::Heading, _) => "### ",
            _ => "",
        };
        if !level.is_empty() && !out.is_empty() && !out.ends_with("\n\n") {
            out.push('\n');
        }
        // A heading that was wrapped stays one.
        if line.mark == Mark::Heading && last == Some(Mark::Heading) && line.text.starts_with("  ") {
            out.truncate(out.trim_end().len());
            out.push(' ');
            out.push_str(text.trim_start());
        } else {
            out.push_str(level);
            out.push_str(text.strip_prefix("  ").unwrap_or(&text));
        }
        blank = line.text.is_empty();
        if blank && out.ends_with("\n\n") {
            continue;
        }
        out.push('\n');
        if !level.is_empty() {
            out.push('\n');
        }
        last = Some(line.mark);
    }
    let with_items = decision.items.iter().flat_map(|i| i.policies.iter().map(move |p| (Some(i.item), p)));
    for (item, answer) in decision.policies.iter().map(|p| (None, p)).chain(with_items) {
        if answer.why.is_empty() {
            continue;
        }
        let which = item.map_or(String::new(), |n| format!(", item {n}"));
        out.push_str(&format!("\n## Why: {}{which}\n\n", answer.policy));
        answer.why.iter().for_each(|n| node(policy, n, 0, &mut out));
    }
    out
}

fn node(policy: &Policy, n: &Node, depth: usize, out: &mut String) {
    let truth = match n.truth {
        "unknown" => "open",
        settled => settled,
    };
    let because = n.because.as_deref().map_or(String::new(), |b| format!(" ({}{})", escaped(b), source(n)));
    let place = if depth == 0 { format!(", `{}`", policy.sources().place(n.span)) } else { String::new() };
    out.push_str(&format!("{}- **{truth}**: {}{because}{place}\n", "  ".repeat(depth), escaped(&n.text)));
    n.children.iter().for_each(|c| node(policy, c, depth + 1, out));
}

/// Text in which nothing is taken for a mark of Markdown.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if matches!(c, '*' | '`' | '<' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
