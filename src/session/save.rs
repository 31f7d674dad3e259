//! `:save test`: the consignment at hand and what is decided on it, as a test that passes as it stands.

use std::collections::BTreeSet;

use crate::eval::Decision;
use crate::eval::decision::PolicyDecision;
use crate::format::format;
use crate::model::World;
use crate::model::value::Type;
use crate::policy::{LawFile, Policy};
use crate::report::{Line, Mark, Page};
use crate::span::FileId;
use crate::syntax::{parse_file, tree};
use crate::testing;

use super::draft::{Draft, Facts};
use super::{Reply, Session, Trouble, compare};
use crate::consignment::one::Written;

impl Session {
    /// `:save test "NAME" [FILE]`
    pub(super) fn save(&mut self, text: &str) -> Reply {
        let how = "say `:save test \"NAME\" FILE`; without a file the test is shown";
        let rest = text.strip_prefix("test").map(str::trim_start).ok_or(how)?;
        let rest = rest.strip_prefix('"').ok_or(how)?;
        let (name, file) = rest.split_once('"').ok_or(how)?;
        let (name, file) = (name.trim(), file.trim());
        if name.is_empty() || name.contains('\\') {
            return Err("a test needs a name that says what it shows, without `\\`".into());
        }
        let loaded = self.loaded.as_ref().ok_or_else(super::no_law)?;
        let world = loaded.policy.world();
        let decision = self.decide(&self.case()?, false)?;
        let (path, before) = if file.is_empty() { (None, None) } else { self.target(file)? };
        let folders = loaded.policy.folders();
        let found = match &path {
            Some(path) => folders.iter().filter(|(_, f)| path.starts_with(f.as_str())).max_by_key(|(_, f)| f.len()),
            None => folders.first(),
        };
        let Some((governing, folder)) = found else {
            let all: Vec<String> = folders.iter().map(|(_, f)| format!("`{}{f}`", loaded.law.prefix)).collect();
            return Err(format!("a test belongs to a policy: put `{file}` into {}", all.join(" or ")).into());
        };
        let governing = *governing;
        let stands = before.as_deref().is_some_and(|text| {
            let titles = |d: &tree::Decl| d.title.as_ref().is_some_and(|t| t.node == name);
            parse_file(FileId(0), text).0.decls.iter().any(titles)
        });
        if stands || world.tests.iter().any(|t| t.name == name && world.policies[t.policy.index()].name == governing) {
            return Err(format!("a test of {governing} is called \"{name}\" already").into());
        }
        let test = written(&self.draft, world, &decision, governing, name);
        let test = canonical(&test)?;
        // What is saved is first run, as `portcullis test` runs it.
        let path = path.unwrap_or_else(|| format!("{folder}bench.test.gate"));
        let text = match &before {
            Some(before) if before.trim().is_empty() => format!("{}{test}", head(&self.draft, world)),
            Some(before) => format!("{}\n\n{test}", before.trim_end()),
            None => format!("{}{test}", head(&self.draft, world)),
        };
        self.passes(&loaded.law.files, &path, &text, name)?;
        let mut page = Page::default();
        if file.is_empty() {
            // It is law: no line is broken anew.
            self.verbatim = true;
            test.lines().for_each(|l| page.put(Mark::Plain, l));
            page.put(Mark::Small, "It passes. `:save test \"NAME\" FILE` keeps it.");
            return Ok(page.lines);
        }
        self.files.write(file, &text)?;
        let outcome = compare::outcome(&decision);
        page.put(Mark::Plain, format!("Saved in {file}; it passes ({outcome})."));
        let lines: Vec<Line> = page.lines;
        // The law at hand holds the test from now on.
        if let Some(loaded) = &mut self.loaded {
            loaded.law.files.retain(|f| f.path != path);
            loaded.law.files.push(LawFile { path, bytes: text.into_bytes() });
        }
        Ok(lines)
    }

    /// The path of a file below the root of the law, and what stands in it.
    fn target(&self, file: &str) -> Result<(Option<String>, Option<String>), Trouble> {
        let loaded = self.loaded.as_ref().ok_or_else(super::no_law)?;
        if loaded.law.shipped {
            let help = "copy them and load the copy, or leave the file out to see the test";
            return Err(format!("the shipped policies cannot be added to; {help}").into());
        }
        if !file.ends_with(".gate") {
            return Err(format!("`{file}` is no gate file; call it for example `review.test.gate`").into());
        }
        let file = file.strip_prefix("./").unwrap_or(file);
        let Some(path) = file.strip_prefix(loaded.law.prefix.as_str()) else {
            return Err(format!("`{file}` does not lie below `{}`, where the law is", loaded.law.prefix).into());
        };
        if path.split('/').any(|part| part.is_empty() || part == "..") {
            return Err(format!("`{file}` is no path below `{}`", loaded.law.prefix).into());
        }
        Ok((Some(path.to_owned()), self.files.read(file)?))
    }

    /// Runs the test as it would stand.
    fn passes(&self, files: &[LawFile], path: &str, text: &str, name: &str) -> Result<(), Trouble> {
        let others = files.iter().filter(|f| f.path != path && !f.path.ends_with(".test.gate")).cloned();
        let new = LawFile { path: path.to_owned(), bytes: text.as_bytes().to_vec() };
        let policy = Policy::load(others.chain([new])).map_err(|r| Trouble::Problems(r.sources, r.problems))?;
        let outcomes = testing::run(&policy, Some(name));
        match outcomes.iter().find(|o| o.name == name) {
            Some(o) if o.passed() => Ok(()),
            Some(o) => {
                let all: Vec<String> =
                    o.differences.iter().map(|d| format!("expected {}, got {}", d.expected, d.got)).collect();
                Err(format!("the test would not pass, so it is not saved: {}", all.join("; ")).into())
            }
            None => Err("the test was not found where it was written, so it is not saved".into()),
        }
    }
}

/// The `use` lines that the facts of a draft need.
fn head(draft: &Draft, world: &World) -> String {
    let maps = std::iter::once(&draft.shared).chain(&draft.items).chain(draft.licences.iter().map(|h| &h.fields));
    let modules: BTreeSet<&str> = maps
        .flat_map(Facts::keys)
        .filter_map(|n| world.fact_named(n))
        .map(|id| world.fact(id))
        .filter(|f| f.policy.is_none())
        .map(|f| f.module.as_str())
        .collect();
    let mut out: String = modules.iter().map(|m| format!("use {m}\n")).collect();
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// The test in the layout of gate files.
fn canonical(text: &str) -> Result<String, Trouble> {
    let (tree, problems) = parse_file(FileId(0), text);
    if problems.is_empty() {
        return Ok(format(&tree));
    }
    let mut sources = crate::source::Sources::new();
    if let Ok(file) = crate::source::SourceFile::new("test", text) {
        sources.add(file);
    }
    Err(Trouble::Problems(sources, problems))
}

fn written(draft: &Draft, world: &World, decision: &Decision, policy: &str, name: &str) -> String {
    let mut given: Vec<String> = assignments(&draft.shared, "", world);
    let items: Vec<String> =
        draft.items.iter().map(|i| format!("{{ {} }}", assignments(i, "goods.", world).join(", "))).collect();
    match items.as_slice() {
        _ if draft.items.iter().all(Facts::is_empty) && !draft.listed => {}
        [one] if !draft.listed => given.push(format!("goods {one}")),
        many => given.push(format!("goods [ {} ]", many.join(", "))),
    }
    if !draft.licences.is_empty() {
        let held = draft.licences.iter().map(|h| {
            let mut all = vec![format!("licence {}", h.kind)];
            all.extend(assignments(&h.fields, "licence.", world));
            format!("{{ {} }}", all.join(", "))
        });
        given.push(format!("licences [ {} ]", held.collect::<Vec<_>>().join(", ")));
    }
    let expect = expectation(decision, policy);
    format!("test \"{}\" {{\n  given {}\n  expect {expect}\n}}\n", name.replace('"', "\\\""), given.join(", "))
}

fn assignments(facts: &Facts, prefix: &str, world: &World) -> Vec<String> {
    let one = |(name, text): (&String, &Written)| {
        let ty = world.fact_named(name).map_or(&Type::Text, |id| &world.fact(id).ty);
        let short = name.strip_prefix(prefix).unwrap_or(name);
        match text {
            Written::One(t) => format!("{short} {}", value(t, ty.element())),
            Written::Many(all) => {
                let all: Vec<String> = all.iter().map(|t| value(t, ty.element())).collect();
                format!("{short} {{{}}}", all.join(", "))
            }
        }
    };
    facts.iter().map(one).collect()
}

/// A value as a gate file spells it: in quotes where it is a text, or no single word.
fn value(text: &str, ty: &Type) -> String {
    let words = |t: &str| t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let plain = match ty {
        Type::Text | Type::Entry => false,
        Type::Choice(_) => words(text),
        _ => true,
    };
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
}

/// What a decision says, in the words of `expect`.
fn expectation(decision: &Decision, policy: &str) -> String {
    let items = decision.items.iter().flat_map(|i| &i.policies);
    let answers: Vec<&PolicyDecision> = decision.policies.iter().chain(items).filter(|p| p.policy == policy).collect();
    let (outcome, may) = match answers.as_slice() {
        [one] => (one.outcome, one.may_proceed),
        _ => (decision.outcome, decision.may_proceed),
    };
    let mut out = outcome.as_str().to_owned();
    let mut part = |word: &str, names: Vec<String>, quoted: bool| {
        let mut all: Vec<String> = Vec::new();
        for name in names {
            let name = if quoted { format!("\"{name}\"") } else { name };
            if !all.contains(&name) {
                all.push(name);
            }
        }
        if !all.is_empty() {
            out.push_str(&format!(" {word} {}", all.join(", ")));
        }
    };
    let all =
        |f: &dyn Fn(&PolicyDecision) -> Vec<String>| -> Vec<String> { answers.iter().flat_map(|p| f(p)).collect() };
    part("under", all(&|p| p.under.iter().cloned().collect()).into_iter().take(1).collect(), false);
    part("by", all(&|p| p.decided_by.iter().map(|r| r.rule.clone()).collect()), false);
    part("in", all(&|p| p.categories.clone()), false);
    part("missing", all(&|p| p.missing.iter().map(|m| m.fact.clone()).collect()), false);
    part(
        "requires",
        all(&|p| {
            p.requirements.iter().flat_map(|r| r.licence.split(" or ").map(str::to_owned).collect::<Vec<_>>()).collect()
        }),
        false,
    );
    part("document", all(&|p| p.documents.clone()), true);
    match may {
        Some(true) => out.push_str(" may proceed"),
        Some(false) => out.push_str(" may not proceed"),
        None => {}
    }
    out
}
