//! `--update`: shows what failing expectations become, and writes it if the tests then pass.

use std::path::Path;

use super::super::load::Loaded;
use super::super::{Context, Format, Status};
use crate::policy::Policy;
use crate::testing::update::Plan;
use crate::testing::{alone, chosen, run_on};

/// Shows the plan, writes the files, and says what is left.
///
/// Nothing is written of shipped policies, of a file that changed meanwhile, or if a rewritten test would still fail.
pub(super) fn run(
    context: &Context,
    policy: &Policy,
    mut loaded: Loaded,
    plan: &Plan,
    failing: usize,
) -> Result<Status, Status> {
    if loaded.named.iter().any(|(_, disk)| disk.is_none()) && !plan.rewrites.is_empty() {
        return Err(context.bad("shipped policies cannot be rewritten; give a path to their files"));
    }
    let text = context.format == Format::Text;
    for r in plan.rewrites.iter().filter(|_| text) {
        context.screen.out(&format!("\n{} {}\n  - {}\n  + {}\n", r.place, r.test, r.before, r.after));
    }
    for (name, place, reason) in &plan.left {
        context.screen.err(&format!("left as it is: {place} {name}: {reason}\n"));
    }
    let mut writes = Vec::new();
    for (id, new) in &plan.texts {
        let Some(source) = policy.sources().get(*id) else { continue };
        let below = source.name.strip_prefix(&loaded.prefix).unwrap_or(&source.name);
        let Some(file) = loaded.files.iter_mut().find(|f| f.path == below) else { continue };
        let path = Path::new(&source.name);
        let now = std::fs::read(path).map_err(|e| context.bad(&format!("`{}`: {e}", source.name)))?;
        if now != file.bytes {
            return Err(context.bad(&format!("`{}` changed meanwhile; nothing is written", source.name)));
        }
        file.bytes = new.clone().into_bytes();
        writes.push((source.name.clone(), new));
    }
    let again = context.load(loaded)?;
    let mut tests = chosen(&again, None);
    tests.retain(|t| plan.rewrites.iter().any(|r| r.test == t.name));
    let outcomes = run_on(&again, &tests, &alone, &|_| {});
    if let Some(bad) = outcomes.iter().find(|o| !o.passed()) {
        return Err(context.bad(&format!("`{}` would still fail; nothing is written", bad.name)));
    }
    for (name, new) in &writes {
        std::fs::write(name, new).map_err(|e| context.bad(&format!("`{name}`: {e}")))?;
    }
    if text {
        let files = if writes.len() == 1 { "file" } else { "files" };
        let count = plan.rewrites.len();
        let word = if count == 1 { "expectation" } else { "expectations" };
        context.screen.out(&format!("\n{count} {word} rewritten in {} {files}\n", writes.len()));
    }
    Ok(if plan.left.is_empty() || failing == 0 { Status::Yes } else { Status::No })
}
