//! The totals and the work list, for people and for programs.

use serde_json::json;

use super::Explain;
use super::run::{Plan, rows};
use crate::cli::{Context, Format};
use crate::model::Scheme;
use crate::screen::rank::Ranked;
use crate::screen::{FlagKind, Screener, Totals};

/// How many of the facts still to be asked a line names; the output file has all of them.
const ASKED: usize = 3;

/// The order in which outcomes are counted up.
const OUTCOMES: [&str; 6] = ["prohibited", "licence_required", "undetermined", "permitted", "not_applicable", "error"];

pub(super) fn print(
    context: &Context,
    screener: &Screener<'_>,
    plan: &Plan<'_>,
    totals: &Totals,
    ranked: &[Ranked],
    stopped: bool,
) {
    let text = match context.format {
        Format::Json => as_json(plan, totals, ranked, stopped),
        _ => as_text(screener, plan, totals, ranked),
    };
    // Where the decisions go to standard output, nothing else does.
    if plan.arguments.output.as_deref() == Some("-") {
        context.screen.err(&text);
    } else {
        context.screen.out(&text);
    }
}

fn as_json(plan: &Plan<'_>, totals: &Totals, ranked: &[Ranked], stopped: bool) -> String {
    let list: Vec<serde_json::Value> = ranked
        .iter()
        .map(|r| {
            json!({
                "points": r.points, "input": name(plan, r), "line": r.row.line, "id": r.row.id,
                "outcome": r.row.outcome, "code": r.row.code, "destination": r.row.destination,
                "description": r.row.description, "entries": r.row.entries, "rules": r.row.rules,
                "missing": r.row.missing,
                "flags": r.row.flags.iter().map(|f| json!({ "flag": f.kind.as_str(), "because": f.text })).collect::<Vec<_>>(),
            })
        })
        .collect();
    let flags: serde_json::Map<String, serde_json::Value> =
        FlagKind::ALL.iter().filter_map(|k| Some((k.as_str().to_owned(), (*totals.flags.get(k)?).into()))).collect();
    let outcomes: serde_json::Map<String, serde_json::Value> =
        OUTCOMES.iter().filter_map(|o| Some(((*o).to_owned(), (*totals.outcomes.get(o)?).into()))).collect();
    let answer = json!({
        "schema": "portcullis.screen/1", "rows": totals.read, "complete": !stopped, "outcomes": outcomes,
        "flags": flags, "codes_not_looked_up": totals.unchecked, "list": list,
    });
    format!("{answer}\n")
}

fn name<'a>(plan: &Plan<'a>, r: &Ranked) -> &'a str {
    plan.inputs.get(r.row.input as usize).map_or("?", String::as_str)
}

fn as_text(screener: &Screener<'_>, plan: &Plan<'_>, totals: &Totals, ranked: &[Ranked]) -> String {
    let mut out = format!("{} decided\n", rows(totals.read));
    for outcome in OUTCOMES {
        if let Some(n) = totals.outcomes.get(outcome) {
            out.push_str(&format!("  {:<18}{n:>10}\n", outcome.replace('_', " ")));
        }
    }
    if !totals.flags.is_empty() {
        out.push_str("flagged\n");
        for kind in FlagKind::ALL {
            if let Some(n) = totals.flags.get(&kind) {
                out.push_str(&format!("  {:<18}{n:>10}\n", kind.as_str().replace('_', " ")));
            }
        }
    }
    if totals.unchecked > 0 {
        let n = rows(totals.unchecked);
        out.push_str(&format!("not looked up: the codes of {n}, since no nomenclature of their year is given\n"));
    }
    if !ranked.is_empty() {
        out.push_str("\nLook at these first\n");
    }
    for (i, r) in ranked.iter().enumerate() {
        let row = &r.row;
        let mut what = format!("{:>3}. {}:{}", i + 1, name(plan, r), row.line);
        if let Some(id) = &row.id {
            what.push_str(&format!("  {id}"));
        }
        what.push_str(&format!("  {}", row.outcome.to_uppercase().replace('_', " ")));
        if let Some(code) = &row.code {
            what.push_str(&format!("  {}", Scheme::Tariff.display(code)));
        }
        if let Some(to) = &row.destination {
            what.push_str(&format!("  to {to}"));
        }
        if let Some(text) = &row.description {
            what.push_str(&format!("  {}", clean(text)));
        }
        out.push_str(&format!("{what}\n"));
        let mut because: Vec<String> =
            row.flags.iter().map(|f| format!("{}: {}", f.kind.as_str().replace('_', " "), clean(&f.text))).collect();
        if !row.rules.is_empty() && row.outcome != "permitted" {
            because.insert(0, format!("by {}", row.rules.join(", ")));
        }
        if !row.entries.is_empty() {
            because.push(format!("in {}", row.entries.join(", ")));
        }
        if !row.missing.is_empty() {
            let first = row.missing.iter().take(ASKED).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = row.missing.len().saturating_sub(ASKED);
            let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
            because.push(format!("still to be asked: {first}{rest}"));
        }
        let shown = if plan.arguments.explain == Explain::Full { because.len() } else { 1 };
        because.iter().take(shown).for_each(|b| out.push_str(&format!("     - {b}\n")));
    }
    let known: Vec<String> = screener
        .policy()
        .world()
        .policies
        .iter()
        .filter_map(|p| Some(format!("{} to {}", p.name, p.known.to?)))
        .collect();
    let known = if known.is_empty() { String::new() } else { format!("Law known: {}. ", known.join(", ")) };
    out.push_str(&format!("\n{known}Words flag and decide nothing. This is not legal advice.\n"));
    out
}

/// A text of the input without what would move a terminal.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
