//! What the conditions of a law say on the facts of a consignment, without deciding it.
//!
//! For tools that compare two laws piece by piece: which entries, rules and claims are true, false or open. Nothing
//! here decides anything.

use std::collections::BTreeSet;

use crate::model::{Atom, Case, Cond, FactId};

pub use super::atom::{Reader, Whose};
pub use super::category::{leaf_coded, look};
pub use super::env::{Env, Known, Origin, Slot};
pub use super::lists::{Leaf, Lists};
pub use super::truth::Truth;

use super::decide::Evaluator;

/// One question.
pub fn asked(reader: &Reader<'_>, atom: &Atom, whose: Whose) -> Truth {
    super::atom::atom(reader, atom, whose)
}

impl<'a> Evaluator<'a> {
    /// What is given, and nothing else.
    pub fn given(&self, case: &Case) -> Env {
        Env::new(self.world, case)
    }

    /// What is given, and what is presumed on it. Where an entry that holds could make an answer milder, the
    /// description of goods without a code is not presumed to fit the codes.
    pub fn with_presumptions(&self, given: &Env) -> Env {
        let mut env = given.clone();
        self.presume(&mut env);
        for (policy, never) in self.classes.lists.never_milder.iter().enumerate() {
            env.code_fits.iter_mut().filter_map(|item| item.get_mut(policy)).for_each(|fits| *fits &= *never);
        }
        env
    }

    /// Reads conditions on what is known.
    pub fn reads<'e>(&'e self, env: &'e Env) -> Reader<'e> {
        self.reader(env)
    }

    /// The control lists, laid out.
    pub fn lists(&self) -> &Lists<'a> {
        &self.classes.lists
    }

    /// The facts that a condition can read, named conditions and categories followed.
    pub fn facts_read(&self, cond: &Cond) -> BTreeSet<FactId> {
        let mut out = BTreeSet::new();
        self.classes.facts_of(cond, &mut out);
        out
    }

    /// True if the facts given break no constraint by themselves.
    pub fn breaks_nothing(&self, env: &Env) -> bool {
        self.check_constraints(env).is_ok()
    }
}
