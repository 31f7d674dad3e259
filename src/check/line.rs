//! One condition that stands in no file, such as one asked at the bench, checked against a world that passed its checks.
//!
//! It sees the names of every module. Where two policies use one name, the policy's name goes before it.

use std::collections::{BTreeMap, HashSet};

use crate::diagnostic::Diagnostic;
use crate::model::{Cond, FactId, World};
use crate::span::FileId;
use crate::stack::deep;
use crate::syntax::tree;

use super::Checker;
use super::scope::Names;

/// Checks a condition; `modules` are the modules of the world, each with its file.
///
/// # Errors
/// All mistakes in it: names, types, dimensions.
pub fn condition(world: &World, modules: &[(String, FileId)], cond: &tree::Cond) -> Result<Cond, Vec<Diagnostic>> {
    let tables = BTreeMap::new();
    let (names, from) = Names::of_world(world, modules);
    let named = |i: &usize| world.facts[*i].is_named_condition();
    let conditions: HashSet<FactId> = (0..world.facts.len()).filter(named).map(|i| FactId(i as u32)).collect();
    let mut checker = Checker {
        modules: &[],
        tables: &tables,
        world: world.clone(),
        names,
        conditions,
        schemes_missed: Default::default(),
        words_unread: Vec::new(),
        rule_groups: Vec::new(),
        problems: Vec::new(),
    };
    let checked = deep(|| checker.cond(from, cond));
    if checker.problems.is_empty() { Ok(checked) } else { Err(checker.problems) }
}
