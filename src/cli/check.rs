//! `portcullis check`: parse, resolve and type gate files, all problems at once; then what an author should know.

use serde_json::json;

use super::{Context, Format, Status};
use crate::analyze::warn;
use crate::consignment::write::to_json;
use crate::diagnostic::Diagnostic;
use crate::policy::Policy;
use crate::policy::Rejected;
use crate::source::Sources;
use crate::spelling::counted;

/// Check gate files: names, types, dates, defeats; and warn of what is probably not meant
///
/// Warnings come from exact analysis of the whole law: rules that never count,
/// entries that nothing uses, conditions that are always so. They do not change
/// the exit status unless `--deny-warnings` is given; then it is 1.
///
/// Examples:
///   portcullis check policies
///   portcullis check --quick policies/eu/torture/policy.gate
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// Gate files, folders, or names of shipped policies
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
    /// Leave the analysis out: errors only
    #[arg(long)]
    quick: bool,
    /// Exit with 1 if there is any warning
    #[arg(long, conflicts_with = "quick")]
    deny_warnings: bool,
}

pub(super) fn run(context: &Context, a: &Arguments) -> Result<Status, Status> {
    let loaded = context.files(&a.paths)?;
    let from_here = |name: &str| format!("{}{name}", loaded.prefix);
    let policy = match Policy::load(loaded.files) {
        Ok(mut policy) => {
            policy.rename(from_here);
            policy
        }
        Err(mut rejected) => {
            rejected.sources.rename(from_here);
            let status = context.reject(&rejected);
            if context.format == Format::Json {
                context.json(&json!({ "errors": problems(&rejected.sources, &rejected.problems) }));
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
            context.json(&json!({ "errors": problems(&rejected.sources, &rejected.problems) }));
        }
        return Err(status);
    }
    let links = world.links.len();
    let found = if a.quick { warn::Warnings::default() } else { warn::warnings(world, warn::LIMIT) };
    let warnings: Vec<Diagnostic> = found.findings.iter().map(|f| warn::diagnostic(world, f)).collect();
    let (rules, facts, tests) = (world.rules.len(), world.facts.len(), world.tests.len());
    let entries = world.categories.iter().filter(|c| !c.unnamed).count();
    let policies = world.policies.len();
    if context.format == Format::Json {
        let digests: Vec<_> = world.policies.iter().map(|p| json!({ "policy": p.name, "digest": p.digest })).collect();
        let mut all = problems(policy.sources(), &warnings);
        for (finding, warning) in found.findings.iter().zip(&mut all) {
            if let Some(example) = finding.example() {
                warning["example"] = to_json(&example.case, world);
            }
        }
        let analysed = !a.quick;
        context.json(&json!({
            "errors": [], "warnings": all, "analysed": analysed, "policies": digests, "rules": rules,
            "entries": entries, "links": links, "facts": facts, "tests": tests
        }));
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
        context.screen.diagnostics(policy.sources(), &warnings);
        let warned = if warnings.is_empty() {
            String::new()
        } else {
            format!(", {}", counted(warnings.len(), "warning", "warnings"))
        };
        context.screen.out(&format!("{}: no errors{warned}\n", all.join(", ")));
    }
    Ok(if a.deny_warnings && !warnings.is_empty() { Status::No } else { Status::Yes })
}

/// Messages for programs.
pub(super) fn problems(sources: &Sources, problems: &[Diagnostic]) -> Vec<serde_json::Value> {
    let one = |d: &Diagnostic| {
        let places: Vec<_> =
            d.labels.iter().map(|l| json!({ "place": sources.place(l.span), "text": l.text })).collect();
        let place = d.labels.first().map(|l| sources.place(l.span));
        json!({ "code": d.code.as_str(), "message": d.message, "place": place, "places": places, "help": d.help })
    };
    problems.iter().map(one).collect()
}
