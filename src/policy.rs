//! Policies loaded and ready to decide: the front door of the library.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sha2::{Digest, Sha256};

use crate::check::{Module, check, condition};
use crate::consignment::messages::{self, Clash};
use crate::consignment::{self, Overlay, Owner, Places};
use crate::diagnostic::{Code, Diagnostic};
use crate::engine::Compiled;
use crate::eval::{Broken, Decision, Evaluator, Options};
use crate::model::{Case, Cond, World};
use crate::source::{SourceFile, Sources};
use crate::span::FileId;
use crate::syntax::scan::KEYWORDS;
use crate::syntax::{parse_file, tree};

/// One file of law, by its path below the root: `eu/torture/policy.gate`, or a chart's CSV file.
#[derive(Clone, Debug)]
pub struct LawFile {
    /// Path below the folder of `trade.gate`, with `/`.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Policies that passed every check.
///
/// A value of this type is `Send + Sync` and never changes, so one can serve any number of threads.
#[derive(Debug)]
pub struct Policy {
    world: World,
    sources: Sources,
    /// The modules, each with its file.
    modules: Vec<(String, FileId)>,
}

/// Loads files of law again and again, as they are edited: what did not change is not parsed again.
///
/// Everything is checked together each time, so the answer is that of [`Policy::load`].
#[derive(Debug, Default)]
pub struct Loader {
    /// The files as they were parsed last, by path.
    kept: HashMap<String, Parsed>,
}

/// A file that was parsed, with its number, its text, and what was wrong in it.
#[derive(Debug)]
struct Parsed {
    file: FileId,
    text: String,
    tree: tree::File,
    problems: Vec<Diagnostic>,
}

impl Loader {
    /// Parses what is new and checks files of law together. Nothing is read from disk.
    ///
    /// # Errors
    /// All mistakes in all files.
    pub fn load(&mut self, files: impl IntoIterator<Item = LawFile>) -> Result<Policy, Box<Rejected>> {
        let mut files: Vec<LawFile> = files.into_iter().collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let mut sources = Sources::new();
        let (mut modules, mut tables, mut problems) = (Vec::new(), BTreeMap::new(), Vec::new());
        let mut found = Vec::new();
        for file in files {
            if let Some(module) = file.path.strip_suffix(".gate") {
                let path = module.replace('/', ".");
                match SourceFile::new(file.path, file.bytes) {
                    Err(e) => problems.push(Diagnostic::global(Code::UnreadableFile, e.to_string())),
                    Ok(source) => {
                        let (name, text) = (source.name.clone(), source.text.clone());
                        let id = sources.add(source);
                        let (tree, wrong) = self.parsed(&name, id, &text);
                        problems.extend(wrong.iter().cloned());
                        found.push((name, text, wrong));
                        modules.push(Module { path, file: id, tree });
                    }
                }
            } else {
                match SourceFile::new(file.path, file.bytes) {
                    Ok(source) => {
                        tables.insert(source.name, source.text);
                    }
                    Err(e) => problems.push(Diagnostic::global(Code::UnreadableFile, e.to_string())),
                }
            }
        }
        let mut checked = check(&modules, &tables);
        if let Ok(world) = &mut checked {
            digest(world, &modules, &sources, &tables);
        }
        let names = modules.iter().map(|m| (m.path.clone(), m.file)).collect();
        let trees = modules.into_iter().map(|m| (m.file, m.tree));
        let kept = trees
            .zip(found)
            .map(|((file, tree), (name, text, problems))| (name, Parsed { file, text, tree, problems }));
        self.kept = kept.collect();
        match checked {
            Ok(world) if problems.is_empty() => Ok(Policy { world, sources, modules: names }),
            Ok(_) => Err(Box::new(Rejected { sources, problems })),
            Err(found) => {
                // A declaration that could not be read is not also reported as missing.
                let unread = Unread::of(&problems, &sources);
                problems.extend(found.into_iter().filter(|d| !unread.explains(d)));
                problems.sort_by_key(|d| d.labels.first().map(|l| (l.span.file, l.span.start)));
                Err(Box::new(Rejected { sources, problems }))
            }
        }
    }

    /// The tree of a file, and what is wrong in it.
    fn parsed(&mut self, name: &str, file: FileId, text: &str) -> (tree::File, Vec<Diagnostic>) {
        match self.kept.remove(name) {
            // Places hold the number of the file, so it has to be the same.
            Some(kept) if kept.file == file && kept.text == text => (kept.tree, kept.problems),
            _ => parse_file(file, text),
        }
    }
}

/// Something is wrong, with the texts it speaks of.
#[derive(Debug)]
pub struct Rejected {
    /// The texts.
    pub sources: Sources,
    /// What is wrong, in the order of the places.
    pub problems: Vec<Diagnostic>,
}

impl Rejected {
    /// All messages as plain text.
    pub fn plain(&self) -> String {
        self.problems.iter().map(|d| d.plain(&self.sources)).collect::<Vec<_>>().join("\n")
    }
}

impl std::fmt::Display for Rejected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.plain())
    }
}

impl std::error::Error for Rejected {}

impl Policy {
    /// Parses and checks files of law together. Nothing is read from disk.
    ///
    /// # Errors
    /// All mistakes in all files.
    pub fn load(files: impl IntoIterator<Item = LawFile>) -> Result<Policy, Box<Rejected>> {
        Loader::default().load(files)
    }

    /// What was declared.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The texts, for places.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Checks a condition that stands in none of the files; it sees the names of all of them.
    ///
    /// # Errors
    /// All mistakes in it; places may lie in the files as well.
    pub fn condition(&self, cond: &tree::Cond) -> Result<Cond, Vec<Diagnostic>> {
        condition(&self.world, &self.modules, cond)
    }

    /// The folder that each policy governs, below the root: empty, or ended by `/`.
    pub fn folders(&self) -> Vec<(&str, String)> {
        let folder = |p: &crate::model::Policy| {
            let module = self.modules.iter().find(|(_, file)| *file == p.span.file).map_or("", |(m, _)| m.as_str());
            module.rsplit_once('.').map_or(String::new(), |(f, _)| format!("{}/", f.replace('.', "/")))
        };
        self.world.policies.iter().map(|p| (p.name.as_str(), folder(p))).collect()
    }

    /// Gives each file another name in messages, such as its path from where the user stands.
    pub fn rename(&mut self, name: impl Fn(&str) -> String) {
        self.sources.rename(name);
    }

    /// What decides; make one and use it for many consignments.
    pub fn evaluator(&self) -> Evaluator<'_> {
        Evaluator::with(&self.world, Box::new(Compiled::new(&self.world)))
    }

    /// The plain interpreter, which is the reference: slower where much is unknown, and the same in its answers.
    pub fn plain_evaluator(&self) -> Evaluator<'_> {
        Evaluator::new(&self.world)
    }

    /// Reads a consignment from JSON.
    ///
    /// # Errors
    /// All mistakes in it.
    pub fn read(&self, name: &str, json: &str, overlay: &Overlay) -> Result<Case, Box<Rejected>> {
        self.read_placed(name, json, overlay).map(|(_, case, _)| case)
    }

    /// Reads a consignment, with its text and where its facts stand in it.
    fn read_placed(&self, name: &str, json: &str, overlay: &Overlay) -> Result<(Sources, Case, Places), Box<Rejected>> {
        let mut sources = Sources::new();
        let file = match SourceFile::new(name, json.as_bytes()) {
            Ok(f) => f,
            // Text that cannot be a source is too long even for that.
            Err(_) => return Err(Box::new(Rejected { sources, problems: vec![messages::too_long()] })),
        };
        let text = file.text.clone();
        let id = sources.add(file);
        match consignment::read_placed(id, &text, &self.world, overlay) {
            Ok((case, places)) => Ok((sources, case, places)),
            Err(problems) => Err(Box::new(Rejected { sources, problems })),
        }
    }

    /// Decides one consignment given as JSON.
    ///
    /// # Errors
    /// Mistakes in the consignment, or facts in it that cannot all be so.
    pub fn decide(&self, json: &str) -> Result<Decision, Box<Rejected>> {
        self.decide_with(&self.evaluator(), "consignment", json, &Overlay::default(), &Options::default())
    }

    /// Decides one consignment given as JSON, by an evaluator of this policy.
    ///
    /// # Errors
    /// Mistakes in the consignment, or facts in it that cannot all be so.
    pub fn decide_with(
        &self,
        evaluator: &Evaluator<'_>,
        name: &str,
        json: &str,
        overlay: &Overlay,
        options: &Options,
    ) -> Result<Decision, Box<Rejected>> {
        let (sources, case, places) = self.read_placed(name, json, overlay)?;
        evaluator.decide(&case, options).map_err(|broken| {
            let problems = self.clashes(evaluator, &case, &places, &broken);
            Box::new(Rejected { sources, problems })
        })
    }

    /// A message for each constraint that is broken by itself; one for all, if only together they cannot be met.
    fn clashes(&self, evaluator: &Evaluator<'_>, case: &Case, places: &Places, broken: &Broken) -> Vec<Diagnostic> {
        let named = |names: &[String], item: Option<usize>, licence: Option<usize>| {
            let meant = |owner: Owner| match owner {
                Owner::Consignment => true,
                Owner::Item(i) => item.is_none_or(|n| n == i),
                Owner::Licence(i) => licence.is_none_or(|n| n == i),
            };
            let one = |name: &String| self.world.fact_named(name).map(|f| (name.clone(), places.of(f, meant)));
            names.iter().filter_map(one).collect::<Vec<_>>()
        };
        if evaluator.check(case).is_ok() {
            let constraints = broken.constraints.iter().map(|(name, title, _)| (name.clone(), title.clone())).collect();
            let names: BTreeSet<String> = broken.constraints.iter().flat_map(|(.., facts)| facts.clone()).collect();
            let facts = named(&names.into_iter().collect::<Vec<_>>(), None, None);
            return vec![messages::broken(&Clash { constraints, facts, item: None })];
        }
        let one = |(name, title, facts): &(String, String, Vec<String>)| {
            let (item, licence) = first_broken(evaluator, case, name);
            let number = item.map(|i| i + 1).filter(|_| facts.iter().any(|f| f.starts_with("goods.")));
            let mut facts = named(facts, item, licence);
            // What only another item or licence says has no part in it.
            facts.retain(|(_, given)| !given.is_empty());
            messages::broken(&Clash { constraints: vec![(name.clone(), title.clone())], facts, item: number })
        };
        broken.constraints.iter().map(one).collect()
    }
}

/// The first goods item, and the first licence held with it, of which a constraint is broken; none where there is one.
fn first_broken(evaluator: &Evaluator<'_>, case: &Case, constraint: &str) -> (Option<usize>, Option<usize>) {
    let breaks =
        |case: &Case| evaluator.check(case).is_err_and(|b| b.constraints.iter().any(|(name, ..)| name == constraint));
    let mut part = case.clone();
    let mut item = None;
    if case.items.len() > 1 {
        item = case.items.iter().position(|facts| {
            part.items = vec![facts.clone()];
            breaks(&part)
        });
    }
    let mut licence = None;
    if case.licences.len() > 1 {
        licence = case.licences.iter().position(|held| {
            part.licences = vec![held.clone()];
            breaks(&part)
        });
    }
    (item, licence)
}

/// What could not be read, and so is not also reported as missing.
struct Unread {
    /// True if a whole file could not be read, or brackets that do not match leave open what it declares.
    anything: bool,
    /// The words that follow a keyword in a file with a mistake: what a declaration there may be called.
    names: BTreeSet<String>,
}

impl Unread {
    fn of(problems: &[Diagnostic], sources: &Sources) -> Unread {
        let anything = problems.iter().any(|d| d.labels.is_empty());
        let files: BTreeSet<_> = problems.iter().flat_map(|d| d.labels.iter().map(|l| l.span.file)).collect();
        let mut names = BTreeSet::new();
        for file in files.into_iter().filter_map(|f| sources.get(f)) {
            let words = || file.text.split(|c: char| c.is_whitespace() || ":{".contains(c)).filter(|w| !w.is_empty());
            let pairs = words().zip(words().skip(1)).filter(|(keyword, _)| KEYWORDS.contains(keyword));
            names.extend(pairs.map(|(_, name)| name.to_owned()));
        }
        Unread { anything, names }
    }

    /// True if a message may follow only from what could not be read.
    fn explains(&self, d: &Diagnostic) -> bool {
        if !self.anything && self.names.is_empty() {
            return false;
        }
        let missing = d.message.starts_with("no ") && d.message.ends_with(" is declared");
        if d.code == Code::UnknownName && missing && d.help.as_deref().is_some_and(|h| h.starts_with("declare")) {
            let name = d.message.split('`').nth(1).unwrap_or_default();
            // An entry is declared by the last part of its name, within the others.
            let last = name.rsplit('.').next().unwrap_or_default();
            return self.anything || self.names.contains(name) || self.names.contains(last);
        }
        d.code == Code::OutsidePolicy || d.message.starts_with("no fact in use here ")
    }
}

/// Gives each policy the digest of the files it is made of: its own and the shared modules, tests left out.
fn digest(world: &mut World, modules: &[Module], sources: &Sources, tables: &BTreeMap<String, String>) {
    let own: Vec<BTreeSet<&str>> = (0..world.policies.len())
        .map(|p| {
            let of = |policy: Option<crate::model::PolicyId>| policy.is_none_or(|id| id.index() == p);
            let facts = world.facts.iter().filter(|f| of(f.policy)).map(|f| f.module.as_str());
            let categories = world.categories.iter().filter(|c| of(c.policy)).map(|c| c.module.as_str());
            let spans = world.rules.iter().filter(|r| r.policy.index() == p).map(|r| r.span);
            let spans = spans.chain(world.licences.iter().filter(|l| l.policy.index() == p).map(|l| l.span));
            let spans = spans.chain([world.policies[p].span]).chain(world.groups.iter().map(|g| g.span));
            let by_file = spans.filter_map(|s| modules.iter().find(|m| m.file == s.file)).map(|m| m.path.as_str());
            facts.chain(categories).chain(by_file).collect()
        })
        .collect();
    for (policy, own) in world
        .policies
        .iter_mut()
        .zip(own.iter().map(|o| o.iter().map(|s| (*s).to_owned()).collect::<BTreeSet<_>>()).collect::<Vec<_>>())
    {
        let mut hash = Sha256::new();
        let law = |m: &&Module| own.contains(&m.path) && !m.path.ends_with(".test");
        for module in modules.iter().filter(law) {
            let text = sources.get(module.file).map_or("", |f| f.text.as_str());
            hash.update(module.path.as_bytes());
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        }
        // A table that no chart is made of is no law.
        let is_named = |path: &String| world.charts.iter().flat_map(|c| &c.versions).any(|v| v.file == *path);
        for (path, text) in tables.iter().filter(|(path, _)| is_named(path)) {
            hash.update(path.as_bytes());
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        }
        let hex: String = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
        policy.digest = format!("sha256:{hex}");
    }
}
