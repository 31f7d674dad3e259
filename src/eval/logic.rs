//! What a logic must give so that the law can be read in it.
//!
//! Conditions, entries and rules are combinations of single questions about facts. How they combine is written once,
//! for any logic: three truth values on what is known ([`Truth`]), in which the law is read for one consignment as it
//! stands; or functions of all unknown facts at once, with which an engine computes.

use std::cell::RefCell;

use rustc_hash::FxHashMap;

use super::atom::Reader;
use super::truth::Truth;

/// A logic: truth values, and how they combine.
pub trait Logic {
    /// A truth value.
    type Truth: Copy;

    /// What is known before anything is supposed. Only what no supposition changes may be read from it directly.
    fn start(&self) -> &Reader<'_>;

    /// The answer to one question about facts.
    fn ask(&self, key: Key, question: &dyn Fn(&Reader<'_>) -> Truth) -> Self::Truth;

    /// A truth value that is known.
    fn of(&self, truth: bool) -> Self::Truth;

    /// The opposite.
    fn not(&self, t: Self::Truth) -> Self::Truth;

    /// Both; the second need not be asked if the first settles it.
    fn and(&self, t: Self::Truth, other: impl FnOnce() -> Self::Truth) -> Self::Truth;

    /// Either; the second need not be asked if the first settles it.
    fn or(&self, t: Self::Truth, other: impl FnOnce() -> Self::Truth) -> Self::Truth {
        self.not(self.and(self.not(t), || self.not(other())))
    }

    /// Any of so many, each asked for by its number; the others need not be asked if one settles it.
    fn any(&self, count: usize, each: impl Fn(usize) -> Self::Truth) -> Self::Truth {
        (0..count).fold(self.of(false), |t, i| self.or(t, || each(i)))
    }

    /// The answer to something that is read in three truth values first, where that settles it.
    fn plainly(&self, _read: &dyn Fn(&Reader<'_>) -> Truth) -> Option<Self::Truth> {
        None
    }

    /// An answer that may be kept, since the same is asked in several places.
    fn keep(&self, _key: Key, find: impl FnOnce() -> Self::Truth) -> Self::Truth {
        find()
    }
}

/// What an answer belongs to: a piece of the model, and whose facts are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// What kind of piece.
    pub piece: Piece,
    /// Which one: its number, or its address while the model stands.
    pub at: usize,
    /// The goods item.
    pub item: u32,
    /// The held licence.
    pub licence: Option<u32>,
}

/// Kinds of pieces of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Piece {
    /// An atom of a condition.
    Atom,
    /// A named condition.
    Means,
    /// One way down a control list.
    Leaf,
    /// A list of codes.
    Codes,
    /// A list of codes beside a description, which may decide alone.
    DescribedCodes,
    /// A heading that a held licence names.
    Heading,
    /// Whether the declared code is confirmed.
    Confirmed,
    /// Whether a rule applies.
    Applies,
    /// Whether a rule stands.
    Stands,
    /// Whether a held licence is valid, by its kind.
    Valid,
    /// Whether a held licence names a rule.
    Provision,
}

/// Answers that were found of what is known of one consignment, under the claims of one setting.
#[derive(Debug, Default)]
pub struct Kept(RefCell<FxHashMap<Key, Truth>>);

impl Logic for Reader<'_> {
    type Truth = Truth;

    fn start(&self) -> &Reader<'_> {
        self
    }

    fn ask(&self, _key: Key, question: &dyn Fn(&Reader<'_>) -> Truth) -> Truth {
        question(self)
    }

    fn of(&self, truth: bool) -> Truth {
        Truth::of(truth)
    }

    fn not(&self, t: Truth) -> Truth {
        t.not()
    }

    fn and(&self, t: Truth, other: impl FnOnce() -> Truth) -> Truth {
        t.and(other)
    }

    fn keep(&self, key: Key, find: impl FnOnce() -> Truth) -> Truth {
        let Some(Kept(kept)) = self.kept else { return find() };
        if let Some(known) = kept.borrow().get(&key) {
            return *known;
        }
        let found = find();
        kept.borrow_mut().insert(key, found);
        found
    }
}
