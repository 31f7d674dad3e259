//! From trees to a checked policy: names, types, dates, defeats.
//!
//! The passes run in the order of the files below, and each goes on after a mistake, so that one run shows all:
//! `scope` collects names; `facts` lowers facts, places and groups, `charts` charts, `sets` groups of rules; `lists`
//! lowers categories, `words` vocabularies and what entries say of their words, `links` what is said of pairs of entries;
//! `rules` lowers licences, rules and policies; `cond` lowers the conditions they hold; `order` looks for cycles and
//! overlapping versions; `presume` for presumptions on the milder side; `tests` turns tests into consignments. Every
//! message of this stage is in `messages`. `line` checks one condition against a world that is there already.

mod charts;
mod cond;
mod facts;
mod graph;
mod line;
mod links;
mod lists;
mod messages;
mod order;
mod presume;
mod rules;
mod scope;
mod sets;
mod tests;
mod words;

use std::collections::{BTreeMap, HashSet};

use crate::diagnostic::Diagnostic;
use crate::model::{FactId, Scheme, World};
use crate::span::FileId;
use crate::stack::deep;
use crate::syntax::tree;

pub use line::condition;
use scope::Names;

/// One gate file, with the module it is.
#[derive(Clone, Debug)]
pub struct Module {
    /// The path below the root with dots, `eu.torture.annexes`.
    pub path: String,
    /// The file.
    pub file: FileId,
    /// What it says.
    pub tree: tree::File,
}

/// What the checker works with.
pub(crate) struct Checker<'a> {
    modules: &'a [Module],
    /// Chart files by path below the root, `us/ear/country_chart.csv`.
    tables: &'a BTreeMap<String, String>,
    world: World,
    names: Names,
    /// The facts that are named conditions.
    conditions: HashSet<FactId>,
    /// The schemes for which a module was found to use no fact, so that it is said once.
    schemes_missed: HashSet<(usize, Scheme)>,
    /// What the names of goods begin with whose vocabulary could not be read.
    words_unread: Vec<String>,
    /// The groups of rules, by the number of their name.
    rule_groups: Vec<sets::RuleGroup>,
    problems: Vec<Diagnostic>,
}

/// Checks modules together; `tables` holds the chart files by path below the root.
///
/// # Errors
/// All mistakes found, in the order of their places.
pub fn check(modules: &[Module], tables: &BTreeMap<String, String>) -> Result<World, Vec<Diagnostic>> {
    deep(|| run(modules, tables))
}

fn run(modules: &[Module], tables: &BTreeMap<String, String>) -> Result<World, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let names = Names::collect(modules, &mut problems);
    let mut checker = Checker {
        modules,
        tables,
        world: World::default(),
        names,
        conditions: HashSet::new(),
        schemes_missed: HashSet::new(),
        words_unread: Vec::new(),
        rule_groups: Vec::new(),
        problems,
    };
    checker.policies_first();
    checker.facts();
    checker.conditions = checker.named_conditions();
    checker.places();
    checker.licence_names();
    checker.category_names();
    checker.rule_names();
    checker.rule_groups();
    checker.groups();
    checker.charts();
    checker.vocabularies();
    checker.fact_conditions();
    checker.categories();
    checker.words();
    checker.links();
    checker.constraints();
    checker.licences();
    checker.rules();
    checker.policies();
    checker.check_held();
    checker.order();
    checker.presumptions();
    checker.tests();
    let Checker { world, mut problems, .. } = checker;
    if problems.is_empty() {
        return Ok(world);
    }
    problems.sort_by_key(|d| d.labels.first().map(|l| (l.span.file, l.span.start)));
    problems.dedup();
    Err(problems)
}

impl Checker<'_> {
    fn report(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }
}
