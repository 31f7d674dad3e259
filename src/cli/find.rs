//! `portcullis find`: law by text or by tariff code.

use super::show::policies;
use super::{Context, Format, Status};
use crate::report::law;

/// Find entries and rules by text, or entries that list a tariff code
///
/// Examples:
///   portcullis find sjambok
///   portcullis find "7326 90 98"
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// A text, or a tariff code
    text: String,
    /// Policies to look in; all shipped ones if none is named
    #[arg(short, long = "policy", value_name = "PATH")]
    policy: Vec<String>,
}

pub(super) fn run(context: &Context, a: &Arguments) -> Result<Status, Status> {
    let policy = context.policy(&policies(&a.policy))?;
    let lines = law::find(&policy, &a.text);
    if lines.is_empty() {
        match context.format {
            Format::Text | Format::Junit | Format::Markdown => {
                context.screen.report(&law::nothing_found(&policy, &a.text))
            }
            Format::Json => context.lines(&lines),
        }
        return Ok(Status::No);
    }
    context.lines(&lines);
    Ok(Status::Yes)
}
