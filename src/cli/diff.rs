//! `portcullis diff`: what an amendment changes in meaning, with a consignment for each change.

use super::{Context, Format, Status};
use crate::analyze::diff::{self, Diff};
use crate::model::Date;
use crate::model::date::parse_date;
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
}

pub(super) fn run(context: &Context, a: &Arguments) -> Result<Status, Status> {
    let ((old, old_day), (new, new_day)) = (at(&a.old), at(&a.new));
    let found = match (old_day, new_day) {
        (Some(x), Some(y)) if old == new => {
            let policy = context.policy_alone(&[old.to_owned()])?;
            diff::days(policy.world(), x, y)
        }
        (None, None) if old == new => {
            return Err(context.bad("this is one version; name two days, as `PATH@2025-08-19 PATH@2025-08-20`"));
        }
        _ => return Err(context.bad("not yet")),
    };
    print(context, &found);
    Ok(status(&found))
}

fn print(context: &Context, found: &Diff) {
    match context.format {
        Format::Json => context.screen.out(&format!("{}\n", serde_json::to_string(found).unwrap_or_default())),
        Format::Markdown => context.screen.out(&report::diff::markdown(&report::diff::lines(found))),
        _ => context.screen.report(&report::diff::lines(found)),
    }
}

fn status(found: &Diff) -> Status {
    match (found.same, found.findings.is_empty() && found.notes.is_empty()) {
        (true, _) => Status::Yes,
        (false, true) => Status::Open,
        (false, false) => Status::No,
    }
}

/// A path, and the day after its last `@`.
fn at(text: &str) -> (&str, Option<Date>) {
    match text.rsplit_once('@').map(|(path, day)| (path, parse_date(day))) {
        Some((path, Some(day))) => (path, Some(day)),
        _ => (text, None),
    }
}
