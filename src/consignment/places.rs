//! Where each given fact stands, so that a message about facts can point at them.
//!
//! Kept beside the case and not in it: what a decision says never depends on where a fact was written.

use crate::model::FactId;
use crate::span::Span;

/// Whose fact it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The consignment's.
    Consignment,
    /// A goods item's, by its number from 0.
    Item(usize),
    /// A held licence's, by its number from 0.
    Licence(usize),
}

/// How a fact was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// In the text, name and value.
    At(Span),
    /// Set on top of it, by an overlay.
    OnTop,
    /// The date of an overlay, where the text has none.
    AsOf,
}

/// How each fact of a consignment was given.
#[derive(Clone, Debug, Default)]
pub struct Places(Vec<(FactId, Owner, Given)>);

impl Places {
    pub(super) fn put(&mut self, fact: FactId, owner: Owner, given: Given) {
        self.0.push((fact, owner, given));
    }

    /// The ways in which one of some facts was given, in the order of the text; what was set on top counts alone.
    pub fn of(&self, fact: FactId, mut wanted: impl FnMut(Owner) -> bool) -> Vec<Given> {
        let all = self.0.iter().filter(|(f, owner, _)| *f == fact && wanted(*owner)).map(|(.., given)| *given);
        let all: Vec<Given> = all.collect();
        match all.last() {
            Some(Given::OnTop) => vec![Given::OnTop],
            _ => all,
        }
    }
}
