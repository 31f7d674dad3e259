//! `portcullis schema`: what a consignment may hold, and what a decision does.

use serde_json::json;

use super::{Context, Status};
use crate::consignment::template;
use crate::report::schema::decision_schema;

/// Print the JSON Schema of a consignment, of the decision, or an empty consignment
///
/// Examples:
///   portcullis schema -p eu.torture
///   portcullis schema -p eu.torture --template csv
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// Policies: gate files, folders, or names of shipped policies
    #[arg(short, long = "policy", required = true, value_name = "PATH")]
    policy: Vec<String>,
    /// The schema of the decision instead
    #[arg(long, conflicts_with = "template")]
    decision: bool,
    /// An empty consignment instead: as JSON, or the header of a CSV file
    #[arg(long, value_enum, num_args = 0..=1, default_missing_value = "json")]
    template: Option<Template>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Template {
    Json,
    Csv,
}

pub(super) fn run(context: &Context, a: &Arguments) -> Result<Status, Status> {
    let policy = context.policy_alone(&a.policy)?;
    let world = policy.world();
    let json = match (a.template, a.decision) {
        (Some(Template::Csv), _) => {
            context.screen.out(&format!("{}\n", template::csv_header(world)));
            return Ok(Status::Yes);
        }
        (Some(Template::Json), _) => template::json(world),
        (None, true) => decision_schema(),
        (None, false) => template::schema(world),
    };
    let text = serde_json::to_string_pretty(&json).unwrap_or_else(|e| json!({ "error": e.to_string() }).to_string());
    context.screen.out(&format!("{text}\n"));
    Ok(Status::Yes)
}
