//! `portcullis check`: parse, resolve and type gate files; all problems at once.

use super::{Context, Status};

/// Check gate files: names, types, dates, defeats
///
/// Example: portcullis check policies
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// Gate files, folders, or names of shipped policies
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
}

pub(super) fn run(context: &Context, a: &Arguments) -> Result<Status, Status> {
    let policy = context.policy(&a.paths)?;
    let world = policy.world();
    let rules = world.rules.len();
    let entries = world.categories.iter().filter(|c| !c.unnamed).count();
    context.screen.out(&format!(
        "{} policies, {rules} rules, {entries} entries, {} facts, {} tests: no errors\n",
        world.policies.len(),
        world.facts.len(),
        world.tests.len()
    ));
    Ok(Status::Yes)
}
