//! `portcullis check`: parse, resolve and type gate files; all problems at once.

use serde_json::json;

use super::{Context, Format, Status};
use crate::diagnostic::Diagnostic;
use crate::policy::{Policy, Rejected};
use crate::spelling::counted;

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
    let loaded = context.files(&a.paths)?;
    let from_here = |name: &str| format!("{}{name}", loaded.prefix);
    let policy = match Policy::load(loaded.files) {
        Ok(policy) => policy,
        Err(mut rejected) => {
            rejected.sources.rename(from_here);
            let status = context.reject(&rejected);
            if context.format == Format::Json {
                context.json(&json!({ "errors": problems(&rejected) }));
            }
            return Err(status);
        }
    };
    let world = policy.world();
    let wrong = crate::report::links::problems(world);
    if !wrong.is_empty() {
        let mut rejected = Rejected { sources: policy.sources().clone(), problems: wrong };
        rejected.sources.rename(from_here);
        let status = context.reject(&rejected);
        if context.format == Format::Json {
            context.json(&json!({ "errors": problems(&rejected) }));
        }
        return Err(status);
    }
    let links = world.links.len();
    let (rules, facts, tests) = (world.rules.len(), world.facts.len(), world.tests.len());
    let entries = world.categories.iter().filter(|c| !c.unnamed).count();
    let policies = world.policies.len();
    if context.format == Format::Json {
        let digests: Vec<_> = world.policies.iter().map(|p| json!({ "policy": p.name, "digest": p.digest })).collect();
        context.json(&json!({ "errors": [], "policies": digests, "rules": rules, "entries": entries, "links": links, "facts": facts, "tests": tests }));
    } else {
        let mut all = vec![
            counted(policies, "policy", "policies"),
            counted(rules, "rule", "rules"),
            counted(entries, "entry", "entries"),
            counted(facts, "fact", "facts"),
            counted(tests, "test", "tests"),
        ];
        if links > 0 {
            all.push(counted(links, "link", "links"));
        }
        context.screen.out(&format!("{}: no errors\n", all.join(", ")));
    }
    Ok(Status::Yes)
}

/// Messages for programs.
pub(super) fn problems(rejected: &Rejected) -> Vec<serde_json::Value> {
    let one = |d: &Diagnostic| {
        let places: Vec<_> =
            d.labels.iter().map(|l| json!({ "place": rejected.sources.place(l.span), "text": l.text })).collect();
        let place = d.labels.first().map(|l| rejected.sources.place(l.span));
        json!({ "code": d.code.as_str(), "message": d.message, "place": place, "places": places, "help": d.help })
    };
    rejected.problems.iter().map(one).collect()
}
