//! What a consignment can come to, without the reasons: for questions that are asked of many consignments.
//!
//! The outcomes are those that a whole decision states.

use std::collections::BTreeSet;

use crate::model::Case;

use super::ask::Scope;
use super::decide::{Broken, Evaluator, Options};
use super::decision::Outcome;

/// The outcomes over all completions of what is unknown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outlook {
    /// Of each policy, in the order of the world.
    pub policies: Vec<BTreeSet<Outcome>>,
    /// Of all policies together.
    pub joint: BTreeSet<Outcome>,
    /// False if a limit was reached: then these outcomes are possible at most.
    pub resolved: bool,
}

impl Evaluator<'_> {
    /// What a consignment can come to, found with at most `limit` evaluations.
    ///
    /// # Errors
    /// [`Broken`] if its facts break a constraint.
    pub fn outlook(&self, case: &Case, limit: u32) -> Result<Outlook, Broken> {
        crate::stack::deep(|| {
            self.open(case, &Options { limit, ..Options::default() }, |desk, policies| {
                let items: Vec<u32> = (0..desk.env.item_count() as u32).collect();
                let each = policies.iter().map(|p| desk.outcomes(Scope { policies: &[*p], items: &items })).collect();
                let joint = desk.outcomes(Scope { policies, items: &items });
                Outlook { policies: each, joint, resolved: !desk.overflow }
            })
        })
    }
}
