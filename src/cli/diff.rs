//! `portcullis diff`: what an amendment changes in meaning, with a consignment for each change.

use std::path::Path;

use super::{Context, Format, Status};
use crate::analyze::diff::{self, Diff, Flip};
use crate::consignment::Overlay;
use crate::eval::Options;
use crate::model::Date;
use crate::model::date::parse_date;
use crate::policy::Policy;
use crate::report;

/// Say what an amendment changes: in what is decided, not in the text
///
/// OLD and NEW are two versions of a policy, or one policy on two days.
///
/// Examples:
///   portcullis diff policies/eu/torture@2025-08-19 policies/eu/torture@2025-08-20
///   portcullis diff before/law.gate after/law.gate --on cases.jsonl
///   portcullis diff eu.torture@2025-08-19 eu.torture@2025-08-20 --format markdown
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// A gate file, folder, or name of a shipped policy, perhaps on a day
    #[arg(value_name = "OLD[@DATE]")]
    old: String,
    /// The same, as it is to be compared
    #[arg(value_name = "NEW[@DATE]")]
    new: String,
    /// Recorded consignments, one JSON object a line: which of them are decided otherwise
    #[arg(long, value_name = "CASES")]
    on: Option<String>,
}

pub(super) fn run(context: &Context, a: &Arguments) -> Result<Status, Status> {
    let ((old, old_day), (new, new_day)) = (at(context, &a.old)?, at(context, &a.new)?);
    if old == new && (old_day.is_none() || new_day.is_none()) {
        return Err(context.bad("this is one version; name two days, as `PATH@2025-08-19 PATH@2025-08-20`"));
    }
    let before = context.policy_alone(&[old.to_owned()])?;
    let after = if old == new { None } else { Some(context.policy_alone(&[new.to_owned()])?) };
    let later = after.as_ref().unwrap_or(&before);
    let found = match (&after, old_day, new_day) {
        (None, Some(x), Some(y)) => diff::days(before.world(), x, y),
        (_, None, None) => diff::versions(before.world(), later.world(), diff::LIMIT),
        (_, Some(x), Some(y)) => diff::versions_on((before.world(), x), (later.world(), y), diff::LIMIT),
        _ => return Err(context.bad("name a day for both versions, or for neither")),
    };
    let mut recorded = None;
    if let Some(name) = &a.on {
        recorded = Some(on(context, name, (&before, old_day), (later, new_day))?);
    }
    print(context, &found, recorded.as_ref());
    let flipped = recorded.is_some_and(|(flips, _)| !flips.is_empty());
    Ok(if flipped { Status::No } else { status(&found) })
}

/// Decides each recorded consignment by both versions.
fn on(
    context: &Context,
    name: &str,
    old: (&Policy, Option<Date>),
    new: (&Policy, Option<Date>),
) -> Result<(Vec<Flip>, usize), Status> {
    let bytes = std::fs::read(name).map_err(|e| context.bad(&format!("`{name}` cannot be read: {e}")))?;
    let text = String::from_utf8(bytes).map_err(|_| context.bad(&format!("`{name}` is not UTF-8 text")))?;
    let evaluators = [old, new].map(|(p, day)| (p, p.evaluator(), day));
    let (mut flips, mut all) = (Vec::new(), 0);
    for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let place = format!("{name}:{}", i + 1);
        let mut outcomes = Vec::new();
        let mut id = None;
        for (policy, evaluator, day) in &evaluators {
            let overlay =
                Overlay { as_of: *day, set: day.map(|d| ("date".to_owned(), d.to_string())).into_iter().collect() };
            match policy.decide_with(evaluator, &place, line, &overlay, &Options::default()) {
                Ok(decision) => {
                    outcomes.push((decision.outcome.0, decision.may_proceed));
                    id = decision.id;
                }
                Err(rejected) => return Err(context.reject(&rejected)),
            }
        }
        all += 1;
        if let [(from, was), (to, is)] = outcomes.as_slice()
            && (from, was) != (to, is)
        {
            flips.push(Flip { id: id.unwrap_or(place), from: *from, to: *to, could_proceed: *was, may_proceed: *is });
        }
    }
    Ok((flips, all))
}

fn print(context: &Context, found: &Diff, recorded: Option<&(Vec<Flip>, usize)>) {
    let mut lines = report::diff::lines(found);
    if let Some((flips, of)) = recorded {
        lines.extend(report::diff::flips(flips, *of));
    }
    match context.format {
        Format::Json => {
            let mut json = serde_json::to_value(found).unwrap_or_default();
            if let Some((flips, of)) = recorded {
                json["on"] = serde_json::json!({ "consignments": of, "flips": flips });
            }
            context.json(&json);
        }
        Format::Markdown => context.screen.out(&report::diff::markdown(&lines)),
        _ => context.screen.report(&lines),
    }
}

fn status(found: &Diff) -> Status {
    match (found.same, found.findings.is_empty() && found.notes.is_empty()) {
        (true, _) => Status::Yes,
        (false, true) => Status::Open,
        (false, false) => Status::No,
    }
}

/// A path, and the day after its last `@`; a path may hold an `@` of its own.
fn at<'t>(context: &Context, text: &'t str) -> Result<(&'t str, Option<Date>), Status> {
    match text.rsplit_once('@').map(|(path, day)| (path, day, parse_date(day))) {
        Some((path, _, Some(day))) => Ok((path, Some(day))),
        Some((_, day, None)) if !Path::new(text).exists() => {
            Err(context.bad(&format!("`{day}` is not a date; name a day as in `PATH@2025-08-19`")))
        }
        _ => Ok((text, None)),
    }
}
