//! `portcullis show`: an entry or rule as it stands in the law as encoded.

use super::{Context, Status};
use crate::report::law;

/// Show an entry, rule, licence, group or fact: text, citation, dates, tests
///
/// Examples:
///   portcullis show annex_II.2.1
///   portcullis show -p policies art_11_1
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// The name
    name: String,
    /// Policies to look in; all shipped ones if none is named
    #[arg(short, long = "policy", value_name = "PATH")]
    policy: Vec<String>,
}

/// The policies named, or all that are shipped.
pub(super) fn policies(named: &[String]) -> Vec<String> {
    if !named.is_empty() {
        return named.to_vec();
    }
    let shipped = crate::embedded::files();
    let mut tops: Vec<String> =
        shipped.iter().filter_map(|f| f.path.split_once('/').map(|(t, _)| t.to_owned())).collect();
    tops.sort();
    tops.dedup();
    tops
}

pub(super) fn run(context: &Context, a: &Arguments) -> Result<Status, Status> {
    let policy = context.policy(&policies(&a.policy))?;
    let lines = law::show(&policy, &a.name);
    if lines.is_empty() {
        let help = law::nearest_name(&policy, &a.name).map_or(String::new(), |n| format!("; did you mean `{n}`?"));
        return Err(context.bad(&format!("nothing is called `{}`{help}", a.name)));
    }
    context.lines(&lines);
    Ok(Status::Yes)
}
