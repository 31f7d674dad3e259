//! What an amendment changes, as text or Markdown for who drafted it.
//!
//! Changes of outcome stand first, each below the rules that cause it; then those that only refreshed codes or gave
//! entries other numbers; then what stays in its outcome and rests on something else.

use crate::analyze::diff::{Diff, Fact, Finding, Flip, Group};
use crate::eval::Outcome;

use super::{Line, Mark, Page};

/// The longest text that is said of one fact; more is in the JSON.
const VALUES: usize = 200;

/// The findings as lines.
pub fn lines(diff: &Diff) -> Vec<Line> {
    let mut page = Page::default();
    if diff.same {
        page.wrap(Mark::Heading, "", "No difference where no licence is held: this is proved for all consignments.");
        return page.lines;
    }
    if diff.findings.is_empty() && diff.resolved {
        page.wrap(Mark::Heading, "", "No consignment is decided otherwise.");
    }
    if diff.findings.is_empty() && !diff.resolved {
        page.wrap(Mark::Heading, "", "No difference was found, but not everything was compared.");
    }
    for what in &diff.not_compared {
        page.wrap(Mark::Plain, "  ! ", &format!("not compared: {what}"));
    }
    for note in &diff.notes {
        page.wrap(Mark::Plain, "  ! ", note);
    }
    for (group, title) in [
        (Group::Meaning, "WHAT IS DECIDED OTHERWISE"),
        (Group::Codes, "ONLY CODES REFRESHED: the description fits before and after"),
        (Group::Numbers, "ONLY RENUMBERED: goods that are described by the number of an entry"),
    ] {
        let found: Vec<&Finding> = diff.findings.iter().filter(|f| f.group == group).collect();
        if found.is_empty() {
            continue;
        }
        page.put(Mark::Plain, "");
        page.wrap(Mark::Heading, "", title);
        let mut rest = found.as_slice();
        while let Some(first) = rest.first() {
            let alike = |f: &&&Finding| (f.from, f.to, &f.rules) == (first.from, first.to, &first.rules);
            let (block, after) = rest.split_at(rest.iter().take_while(alike).count());
            under_rules(block, &mut page);
            rest = after;
        }
    }
    grounds(diff, &mut page);
    page.lines
}

/// The findings of one step by the same rules; what all of them have in common is said once.
fn under_rules(block: &[&Finding], page: &mut Page) {
    let Some(first) = block.first() else { return };
    page.put(Mark::Plain, "");
    page.wrap(Mark::Answer(Some(first.to)), "", &step(first));
    for rule in &first.rules {
        page.wrap(Mark::Plain, "  by ", &format!("{}: {} ({})", rule.name, rule.title, rule.cite));
    }
    let (chance, moved): (Vec<&Finding>, Vec<&Finding>) = block.iter().partition(|f| by_chance(f));
    let common: Vec<Fact> = match moved.as_slice() {
        [one, others @ ..] if !others.is_empty() => {
            one.facts.iter().filter(|x| others.iter().all(|o| o.facts.contains(x))).cloned().collect()
        }
        _ => Vec::new(),
    };
    if !common.is_empty() {
        page.wrap(Mark::Plain, "  in all of these, ", &facts(&common));
    }
    for f in &moved {
        finding(f, &common, page);
    }
    if !chance.is_empty() {
        let names: Vec<String> = chance.iter().map(|f| entries(f)).collect();
        let other = if first.to > first.from { (first.from, "were") } else { (first.to, "are") };
        let text =
            format!("{}; only goods that {} {} on other grounds", names.join("; "), other.1, said(Some(other.0)));
        page.wrap(Mark::Plain, "  - ", &text);
    }
}

/// True if only the entry of one side bears on it, and something else led to the outcome of the other side.
fn by_chance(f: &Finding) -> bool {
    let (other, listed, own) =
        if f.to > f.from { (f.from, &f.was_in, &f.now_in) } else { (f.to, &f.now_in, &f.was_in) };
    other > Outcome::Permitted && listed.is_empty() && !own.is_empty()
}

fn step(f: &Finding) -> String {
    format!("{} -> {}", super::words(Some(f.from)), super::words(Some(f.to)))
}

fn entries(f: &Finding) -> String {
    match (f.was_in.is_empty(), f.now_in.is_empty()) {
        (true, true) => "the rule itself".to_owned(),
        (false, true) => format!("no longer {}", f.was_in.join(", ")),
        (true, false) => format!("now {}", f.now_in.join(", ")),
        (false, false) => format!("{} -> {}", f.was_in.join(", "), f.now_in.join(", ")),
    }
}

fn finding(f: &Finding, common: &[Fact], page: &mut Page) {
    page.wrap(Mark::Plain, "  - ", &entries(f));
    details(f, common, page);
}

fn details(f: &Finding, common: &[Fact], page: &mut Page) {
    for days in &f.days {
        let (from, to) = (days.from.as_deref(), days.to.as_deref());
        let said = match (from, to) {
            (Some(a), Some(b)) => format!("from {a} to {b}"),
            (Some(a), None) => format!("from {a}"),
            (None, Some(b)) => format!("to {b}"),
            (None, None) => "on every day".to_owned(),
        };
        page.wrap(Mark::Plain, "      days: ", &said);
    }
    let own: Vec<Fact> = f.facts.iter().filter(|x| !common.contains(x)).cloned().collect();
    if !own.is_empty() {
        page.wrap(Mark::Plain, "      where ", &facts(&own));
    }
    if !f.except.is_empty() {
        page.wrap(Mark::Plain, "      except where it was so already: ", &f.except.join(", "));
    }
    match &f.witness {
        Some(w) => {
            let facts: Vec<String> = w.facts.iter().map(|(n, v)| format!("{n} {v}")).collect();
            page.wrap(Mark::Plain, "      e.g. ", &facts.join(", "));
        }
        None => page.put(Mark::Small, "      (no consignment could be made to show it)"),
    }
}

/// Facts with their values; a long list is cut, and says so.
fn facts(all: &[Fact]) -> String {
    let one = |x: &Fact| {
        let values = match x.values.char_indices().nth(VALUES) {
            Some((at, _)) => {
                let whole = x.values[..at].rfind(", ").unwrap_or(at);
                format!("{} … (all with --format json)", &x.values[..whole])
            }
            None => x.values.clone(),
        };
        let sure = if x.where_confirmed { " (where the code is confirmed)" } else { "" };
        format!("{}{sure}: {values}", x.fact)
    };
    all.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// What stays in its outcome, one line each; the rest is in the JSON.
fn grounds(diff: &Diff, page: &mut Page) {
    let found: Vec<&Finding> = diff.findings.iter().filter(|f| f.group == Group::Grounds).collect();
    if found.is_empty() {
        return;
    }
    page.put(Mark::Plain, "");
    page.wrap(Mark::Heading, "", "WHERE THE OUTCOME STAYS (facts and consignments with --format json)");
    let mut by: Vec<(&str, bool, Vec<&str>)> = Vec::new();
    for about in found.iter().filter_map(|f| f.about.as_ref()) {
        match by.iter_mut().find(|(what, added, _)| (*what, *added) == (about.what, about.added)) {
            Some((.., names)) => {
                if !names.contains(&about.name.as_str()) {
                    names.push(&about.name);
                }
            }
            None => by.push((about.what, about.added, vec![&about.name])),
        }
    }
    for (what, added, names) in by {
        let verb = if added { "for more consignments than before" } else { "for fewer consignments than before" };
        page.wrap(Mark::Plain, "  - ", &format!("{what}, {verb}: {}", names.join("; ")));
    }
}

/// Which recorded consignments are decided otherwise.
pub fn flips(flips: &[Flip], of: usize) -> Vec<Line> {
    let mut page = Page::default();
    page.put(Mark::Plain, "");
    page.wrap(Mark::Heading, "", &format!("RECORDED CONSIGNMENTS: {} of {of} decided otherwise", flips.len()));
    for f in flips {
        page.wrap(Mark::Plain, "  - ", &format!("{}: {}", f.id, flip(f)));
    }
    page.lines
}

fn said(outcome: Option<Outcome>) -> String {
    super::words(outcome).to_lowercase()
}

/// Lines as Markdown.
pub fn markdown(lines: &[Line]) -> String {
    let mut out = String::new();
    for line in lines {
        let text = line.text.replace('_', "\\_").replace('*', "\\*").replace('<', "\\<");
        match line.mark {
            Mark::Heading => out.push_str(&format!("\n# {text}\n\n")),
            Mark::Answer(_) => out.push_str(&format!("\n## {}\n\n", text.replace("->", "→"))),
            _ => match text.strip_prefix("  - ").or(text.strip_prefix("  ! ")) {
                Some(item) => out.push_str(&format!("- {item}\n")),
                None if text.starts_with("  by ") => out.push_str(&format!("- {}\n", text.trim())),
                None if ["where ", "e.g. ", "days: ", "except ", "(no "].iter().any(|p| text.trim().starts_with(p)) => {
                    out.push_str(&format!("  - {}\n", text.trim()));
                }
                None if text.is_empty() => {}
                None => out.push_str(&format!("    {}\n", text.trim())),
            },
        }
    }
    out.trim_start().to_owned()
}

fn flip(f: &Flip) -> String {
    if f.from != f.to {
        return format!("{} -> {}", said(f.from), said(f.to));
    }
    let may = |m: Option<bool>| match m {
        Some(true) => "may proceed",
        Some(false) => "may not proceed",
        None => "open whether it may proceed",
    };
    format!("{}: {} -> {}", said(f.from), may(f.could_proceed), may(f.may_proceed))
}
