//! `portcullis test`: runs the tests that gate files declare.

use serde_json::json;

use super::{Context, Format, Status};
use crate::{report, testing};

/// Run the tests and tables of gate files
///
/// Examples:
///   portcullis test policies
///   portcullis test --filter "sjambok" eu.torture
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// Gate files, folders, or names of shipped policies
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
    /// Only tests whose name, policy or place holds this text
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
}

pub(super) fn run(context: &Context, a: &Arguments) -> Result<Status, Status> {
    let policy = context.policy(&a.paths)?;
    let outcomes = testing::run(&policy, a.filter.as_deref());
    let failed = outcomes.iter().filter(|o| !o.passed()).count();
    if context.format == Format::Json {
        let text = json!({ "passed": outcomes.len() - failed, "failed": failed, "tests": outcomes });
        context.screen.out(&format!("{text}\n"));
    } else {
        for outcome in outcomes.iter().filter(|o| !o.passed()) {
            context.screen.out(&format!("FAILED {} ({})\n  {}\n", outcome.name, outcome.policy, outcome.place));
            for d in &outcome.differences {
                context.screen.out(&format!("  expected: {}\n  got:      {}\n", d.expected, d.got));
            }
            context.screen.out("  why:\n");
            context.screen.report(&report::why(&policy, &outcome.why));
            context.screen.out("\n");
        }
        context.screen.out(&format!("{} passed, {failed} failed\n", outcomes.len() - failed));
    }
    if outcomes.is_empty() {
        context.screen.err("no test was found\n");
        return Ok(Status::No);
    }
    Ok(if failed == 0 { Status::Yes } else { Status::No })
}
