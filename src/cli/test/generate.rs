//! `--generate`: shows boundary tests of rules, and with `--write` adds them to the test files beside the law.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::json;

use super::super::load::Loaded;
use super::super::{Context, Format, Status};
use crate::policy::{LawFile, Policy};
use crate::span::FileId;
use crate::spelling::counted;
use crate::testing::generate::{Proposal, Proposed, Verdict, added, generate};
use crate::testing::{alone, chosen, run_on};

/// Shows the tests, writes them if that is wanted, and says of which rules there are none.
pub(super) fn run(
    context: &Context,
    policy: &Policy,
    loaded: Loaded,
    name: &str,
    files: &BTreeSet<FileId>,
    write: bool,
) -> Result<Status, Status> {
    let shipped = loaded.named.iter().any(|(_, disk)| disk.is_none());
    if write && shipped {
        return Err(context.bad("shipped policies cannot be added to; give a path to their files"));
    }
    let found = generate(policy, name, files);
    if found.is_empty() {
        let what = if name.is_empty() { "there is no rule".to_owned() } else { format!("no rule is called `{name}`") };
        return Err(context.bad(&format!("{what} in the paths")));
    }
    let text = matches!(context.format, Format::Text | Format::Markdown);
    if context.format == Format::Json {
        context.json(&json!({ "rules": found }));
    }
    let mut between = "";
    for test in found.iter().flat_map(|p| &p.tests).filter(|_| text && !write) {
        context.screen.out(&format!("{between}{}", test.text));
        between = "\n";
    }
    for p in &found {
        match p.verdict {
            Verdict::Stands => {}
            Verdict::Never => context.screen.err(&format!("{}: rule {} applies to no consignment\n", p.place, p.rule)),
            Verdict::NotShown => {
                context.screen.err(&format!("{}: no consignment was found that shows rule {}\n", p.place, p.rule));
            }
        }
    }
    let present = found.iter().map(|p| p.present).sum::<usize>();
    if present > 0 {
        context.screen.err(&format!("left out: {}, which the law has already\n", counted(present, "test", "tests")));
    }
    if write {
        let done = write_all(context, loaded, &found)?;
        done.iter().filter(|_| text).for_each(|line| context.screen.out(line));
    }
    let any = |verdict| found.iter().any(|p| p.verdict == verdict);
    Ok(match () {
        () if any(Verdict::Never) => Status::No,
        () if any(Verdict::NotShown) => Status::Open,
        () => Status::Yes,
    })
}

/// Adds the tests to their files, once all of them have passed there; what was done, a line a file.
fn write_all(context: &Context, mut loaded: Loaded, found: &[Proposal]) -> Result<Vec<String>, Status> {
    let mut by_file: BTreeMap<&str, Vec<&Proposed>> = BTreeMap::new();
    for p in found.iter().filter(|p| !p.tests.is_empty()) {
        by_file.entry(p.file.as_str()).or_default().extend(&p.tests);
    }
    let (mut writes, mut names) = (Vec::new(), BTreeSet::new());
    for (name, tests) in by_file {
        let bad = |e: &dyn std::fmt::Display| context.bad(&format!("`{name}`: {e}"));
        let below = name.strip_prefix(&loaded.prefix).unwrap_or(name).to_owned();
        let before = match std::fs::read(Path::new(name)) {
            Ok(bytes) => Some(bytes),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
            Err(e) => return Err(bad(&e)),
        };
        let at = loaded.files.iter().position(|f| f.path == below);
        if at.and_then(|i| loaded.files.get(i)).is_some_and(|f| before.as_ref() != Some(&f.bytes)) {
            return Err(bad(&"changed meanwhile; nothing is written"));
        }
        let text = String::from_utf8(before.unwrap_or_default()).map_err(|e| bad(&e))?;
        let (text, count) = added(&text, &tests);
        if count == 0 {
            continue;
        }
        let bytes = text.clone().into_bytes();
        match at.and_then(|i| loaded.files.get_mut(i)) {
            Some(file) => file.bytes = bytes,
            None => loaded.files.push(LawFile { path: below, bytes }),
        }
        names.extend(tests.iter().map(|t| t.name.clone()));
        writes.push((name.to_owned(), text, count));
    }
    let again = context.load(loaded)?;
    let mut tests = chosen(&again, None);
    tests.retain(|t| names.contains(&t.name));
    let outcomes = run_on(&again, &tests, &alone, &|_| {});
    if let Some(wrong) = outcomes.iter().find(|o| !o.passed()) {
        return Err(context.bad(&format!("`{}` would fail; nothing is written", wrong.name)));
    }
    for (name, text, _) in &writes {
        std::fs::write(name, text).map_err(|e| context.bad(&format!("`{name}`: {e}")))?;
    }
    let line =
        |(name, _, count): &(String, String, usize)| format!("{} added to {name}\n", counted(*count, "test", "tests"));
    Ok(if writes.is_empty() { vec!["nothing to add\n".to_owned()] } else { writes.iter().map(line).collect() })
}
